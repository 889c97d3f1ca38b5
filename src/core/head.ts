/**
 * The anchor of the audit log: the org keeps, for each owner, the number of its runs that wrote and
 * the digest of the last one's log. Whoever can write the folder of runs can compute every chain
 * anew; the head in the org they cannot.
 *
 * A run learns the head while it holds the lock, has the next number, and leaves its own head right
 * before it gives the lock back. So runs of one owner are one chain, on whatever machine they were
 * made. A run that was killed, or whose lock a person has released, leaves none: the next one
 * follows the head that is there.
 */
import type { AuditRecord } from './audit.js';
import { isObject, textOf, type Json, type JsonObject } from './json.js';
import type { Owner } from './owner.js';
import type { Digest } from './types.js';

export interface HeadPlace {
  /** Id of the run that the chain began with: another one where the org's head was lost. */
  readonly chain: string;
  /** From 1. */
  readonly number: number;
}

/** A record of the log of a run, by which everything before it in that log is fixed. */
export interface HeadRecord extends HeadPlace {
  readonly run: string;
  readonly seq: number;
  readonly digest: Digest;
}

/** What the org has. */
export interface Head extends HeadRecord {
  readonly owner: Owner;
  /** RFC 3339, UTC. */
  readonly at: string;
}

/** What a run says of its place: the record `chained`. */
export interface Chained extends HeadPlace {
  readonly owner: Owner;
  /** The head that the run found; `null` where the org had none. */
  readonly previous: HeadRecord | null;
}

/** The place behind a head, of the run `self`. */
export function behind(previous: HeadRecord | null, self: string): HeadPlace {
  if (previous === null) return { chain: self, number: 1 };
  return { chain: previous.chain, number: previous.number + 1 };
}

export function headDetail({ chain, number, run, seq, digest }: HeadRecord): JsonObject {
  return { chain, number, run, seq, digest };
}

export function chainedDetail({ owner, chain, number, previous }: Chained): JsonObject {
  return {
    owner: { name: owner.name, environment: owner.environment },
    chain,
    number,
    previous: previous === null ? null : headDetail(previous),
  };
}

/** Of a detail or a cell; `null` for what is no head. */
export function headRecordOf(value: Json | undefined): HeadRecord | null {
  if (!isObject(value)) return null;
  const { chain, number, run, seq, digest } = value;
  const texts = [chain, run, digest].every((text) => typeof text === 'string' && text !== '');
  if (!texts || !isPositive(number) || !isPositive(seq)) return null;
  return {
    chain: textOf(chain),
    number,
    run: textOf(run),
    seq,
    digest: textOf(digest) as Digest,
  };
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

/** What a log says of its place in the chain of its owner, and of the head that it left. */
export interface HeadStanding {
  readonly chained: Chained | null;
  /** The record before the head was left; `null` where none was to be left. */
  readonly left: HeadRecord | null;
  /** Number of the record that says that it is being left. */
  readonly leftAt: number;
  /** Whether it took effect: `open` where nobody has said. */
  readonly effect: 'took effect' | 'did not' | 'open';
}

export const HEAD_STEP = 'head';

export function isAboutHead({ type, detail }: AuditRecord): boolean {
  return type === 'chained' || detail?.['step'] === HEAD_STEP;
}

export function headStandingOf(records: readonly AuditRecord[]): HeadStanding {
  let chained: Chained | null = null;
  let left: HeadRecord | null = null;
  let leftAt = 0;
  let effect: HeadStanding['effect'] = 'open';
  for (const { type, detail, outcome, seq } of records) {
    if (type === 'chained') chained = chainedOf(detail);
    // What a run says of another run is not about itself.
    if (detail?.['step'] !== HEAD_STEP || detail['run'] !== undefined) continue;
    if (type === 'intent') {
      left = headRecordOf(detail['head']);
      if (leftAt === 0) leftAt = seq;
    }
    if (type === 'outcome') effect = effectOf(outcome?.state);
    if (type === 'settled' && outcome?.state === 'took effect') effect = 'took effect';
  }
  return { chained, left, leftAt, effect };
}

function effectOf(state: string | undefined): HeadStanding['effect'] {
  if (state === 'sent') return 'took effect';
  return state === 'failed' ? 'did not' : 'open';
}

function chainedOf(detail: JsonObject | null): Chained | null {
  const owner = ownerOf(detail);
  const { chain, number, previous } = detail ?? {};
  if (owner === null || typeof chain !== 'string' || !isPositive(number)) return null;
  return { owner, chain, number, previous: headRecordOf(previous) };
}

/** Steps of writes while the lock is given back. */
const AT_THE_END: ReadonlySet<string> = new Set([
  HEAD_STEP,
  'move head',
  'unlock',
  'take over the lock',
]);

type Entry = Pick<AuditRecord, 'type'> & { readonly detail?: JsonObject | null };

/** A record of something that is done before the head is left: behind it, it would be a finding. */
export function isWork({ type, detail }: Entry): boolean {
  if (type === 'planned' || type === 'chained' || type === 'checked' || type === 'forced') {
    return true;
  }
  return type === 'intent' && !AT_THE_END.has(textOf(detail?.['step']));
}

/** From here on a log takes no work any more. */
export function leavesHead({ type, detail }: Entry): boolean {
  return type === 'intent' && detail?.['step'] === HEAD_STEP;
}

export interface LeftHead {
  readonly owner: Owner;
  readonly head: HeadRecord;
  /** False: its run never knew whether the head had come to be in the org. */
  readonly sure: boolean;
}

/** The later of two; of one number, the one that is sure: the other was settled and followed. */
export function laterHead(a: LeftHead | null, b: LeftHead | null): LeftHead | null {
  if (a === null || b === null) return a ?? b;
  const [one, other] = [a.head.number, b.head.number];
  if (one === other) return b.sure ? b : a;
  return one > other ? a : b;
}

/** What the end of a log says of the head that its run has left. */
export function leftAtEnd({ type, run, detail }: AuditRecord): LeftHead | null {
  const owner = ownerOf(detail);
  const head = headRecordOf(detail?.['head']);
  return type === 'run-ended' && owner !== null && head?.run === run
    ? { owner, head, sure: true }
    : null;
}

/** The same of a log without an end: that of a killed run, whose head may be in the org. */
export function leftOpen(records: readonly AuditRecord[]): LeftHead | null {
  const { chained, left, effect } = headStandingOf(records);
  if (chained === null || left === null || effect === 'did not') return null;
  if (left.run !== records[0]?.run) return null;
  return { owner: chained.owner, head: left, sure: effect === 'took effect' };
}

/** The owner that a record names in its detail. */
export function ownerOf(detail: JsonObject | null): Owner | null {
  const owner = detail?.['owner'];
  return isObject(owner) && typeof owner['name'] === 'string' ? (owner as unknown as Owner) : null;
}
