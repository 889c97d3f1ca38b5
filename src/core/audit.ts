/**
 * The audit log: records that each carry the digest of the one before, so that a record changed,
 * removed or moved is found by anyone who has the file, without any secret.
 *
 * What a chain alone cannot show is that its last records are missing. Two things do: a run that
 * ended has a `run-ended` record, and the first record of a run names the last digest of the run
 * before it in the same folder.
 */
import { digestOf, isCanonicalisable, measuredDigest, type Measured } from './canonical.js';
import { endOfValue, isBounded, isObject, objectsIn, textOf, type JsonObject } from './json.js';
import type { Address, Digest, Hash, RequestRecord } from './types.js';

/**
 * `intent` is on disk before its request is sent, `outcome` after; both carry the same `address`
 * and `detail.step`. An outcome with the state `open` is none yet: the answer was lost, or told
 * nothing. `settled` says what a look at the org found of a write that was open; with `detail.run`
 * and `detail.seq` of the intent where an earlier run left it so. `checked` holds the live numbers
 * behind an activation. `chained` is what the org had as the head of the owner's log when the run
 * took the lock: see `head.ts`. `notified` tells what became of a message to workforce management.
 */
export type AuditType =
  | 'run-started'
  | 'chained'
  | 'planned'
  | 'refused'
  | 'forced'
  | 'checked'
  | 'intent'
  | 'outcome'
  | 'notified'
  | 'settled'
  | 'run-ended';

export interface AuditRecord {
  /** From 1. */
  readonly seq: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string;
  readonly run: string;
  readonly type: AuditType;
  readonly actor: string;
  readonly environment: string;
  readonly address: string | null;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  readonly request: RequestRecord | null;
  readonly outcome: { readonly state: string; readonly message: string } | null;
  readonly detail: JsonObject | null;
  readonly previous: Digest | null;
  readonly digest: Digest;
}

/** What a writer says; the log adds number, time, run and chain. */
export type AuditEntry = Pick<AuditRecord, 'type'> &
  Partial<Pick<AuditRecord, 'address' | 'before' | 'after' | 'request' | 'outcome' | 'detail'>>;

export interface AuditContext {
  readonly run: string;
  readonly actor: string;
  readonly environment: string;
}

export function recordOf(
  entry: AuditEntry,
  context: AuditContext,
  previous: Pick<AuditRecord, 'seq' | 'digest'> | null,
  at: string,
  hash: Hash,
): AuditRecord {
  const body = {
    seq: (previous?.seq ?? 0) + 1,
    at,
    run: context.run,
    type: entry.type,
    actor: context.actor,
    environment: context.environment,
    address: entry.address ?? null,
    before: entry.before ?? null,
    after: entry.after ?? null,
    request: entry.request ?? null,
    outcome: entry.outcome ?? null,
    detail: entry.detail ?? null,
    previous: previous?.digest ?? null,
  };
  return { ...body, digest: digestOf(hash, body as unknown as JsonObject) };
}

/** Where a run stands in the chain of its folder. */
export interface FolderPlace {
  /** Id of the run that the chain began with. */
  readonly chain: string;
  /** From 1; 0 for a run of a time when runs had no numbers. */
  readonly number: number;
}

/** A record of an earlier run, as a later one names it: the last that it had by then. */
export interface FolderLink extends FolderPlace {
  readonly run: string;
  readonly seq: number;
  readonly digest: Digest;
  /** That run had ended: it says no more. */
  readonly ended: boolean;
}

/** What the first record of a run says of its place; `null` where runs had no numbers yet. */
export function chainPlaceOf(first: AuditRecord): FolderPlace | null {
  const folder = first.detail?.['folder'];
  if (!isObject(folder)) return null;
  const { chain, number } = folder;
  if (typeof chain !== 'string' || !isCount(number) || number === 0) return null;
  return { chain, number };
}

/** The runs that the first record of a run names, the one right before it first. */
export function linksOf(first: AuditRecord): FolderLink[] {
  const besides = first.detail?.['besides'];
  const named = [first.detail?.['previousRun'], ...(Array.isArray(besides) ? besides : [])];
  return named.flatMap((link) => {
    if (!isObject(link)) return [];
    const { run, seq, digest, chain, number, ended } = link;
    if (typeof run !== 'string' || !isCount(seq) || typeof digest !== 'string') return [];
    // A link of a time without numbers was always to the run before, which had ended or died.
    const place =
      typeof chain === 'string' && isCount(number) ? { chain, number } : { chain: run, number: 0 };
    return [{ run, seq, digest: digest as Digest, ...place, ended: ended !== false }];
  });
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export interface ChainProblem {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly message: string;
}

export interface Chain {
  readonly records: readonly AuditRecord[];
  readonly problems: readonly ChainProblem[];
  /** Intents of which nobody said how they ended: under way when the run was killed, or open. */
  readonly unfinished: readonly AuditRecord[];
  /** The run said that it ended. */
  readonly ended: boolean;
  /** The run was killed while it wrote a record, of which there is half a line. */
  readonly cut: boolean;
}

/** A log with more is not worth reading on: a megabyte of line ends has a million. */
const MAX_PROBLEMS = 1000;

/** What is kept of a record that was read: all of it, or what tells where its run stands. */
export type Kept = 'everything' | 'what stands';

/** Reads and checks the text of an `audit.jsonl`. Never throws on bad input. */
export function verifyChain(text: string, hash: Hash, kept: Kept = 'everything'): Chain {
  const records: AuditRecord[] = [];
  const problems: ChainProblem[] = [];
  let start = 0;
  let cut = false;
  for (let number = 1; start < text.length; number += 1) {
    const add = (message: string): number => problems.push({ line: number, message });
    if (problems.length >= MAX_PROBLEMS) {
      add('and what follows was not read: there are too many problems before it');
      break;
    }
    const end = text.indexOf('\n', start);
    if (end === -1) {
      cut = isHalfOf(text.slice(start), records);
      if (!cut) add('has no line end, and is not as a run that is killed leaves its next record');
      break;
    }
    const line = text.slice(start, end);
    start = end + 1;
    const record = recordIn(line);
    const said = record === null ? null : saidIn(record, hash);
    if (record === null || said === null) {
      add('is not an audit record');
      continue;
    }
    const previous = records.at(-1) ?? null;
    const problem = linkProblem(record, said.digest, previous) ?? textProblem(record, line, said);
    if (problem !== null) add(problem);
    records.push(kept === 'everything' ? record : standing(record, previous));
  }
  const ended = records.at(-1)?.type === 'run-ended';
  return { records, problems, unfinished: unfinishedIn(records), ended, cut };
}

/** In a word, how the run of this log ended. */
export function endStateIn(chain: Pick<Chain, 'records' | 'ended' | 'cut'>): string {
  const { records, ended, cut } = chain;
  if (!ended) return cut ? 'cut off' : 'did not end';
  return records.at(-1)?.outcome?.state ?? 'ended';
}

/**
 * Without what it says of an object of the org, which is most of it; what it says as the record
 * before it does is kept once for both.
 */
function standing(record: AuditRecord, before: AuditRecord | null): AuditRecord {
  const { seq, at, run, type, actor, environment, address, outcome, previous, digest } = record;
  const { body, ...detail } = record.detail ?? {};
  return {
    seq,
    at: at === before?.at ? before.at : at,
    run: run === before?.run ? before.run : run,
    type,
    actor: actor === before?.actor ? before.actor : actor,
    environment: environment === before?.environment ? before.environment : environment,
    address: address === before?.address ? before.address : address,
    before: null,
    after: null,
    request: null,
    outcome,
    detail: body === undefined ? record.detail : detail,
    previous: previous === before?.digest ? before.digest : previous,
    digest,
  };
}

/** The beginning of the record that comes next: its run was killed while it wrote it. */
function isHalfOf(line: string, records: readonly AuditRecord[]): boolean {
  const beginning = `{"seq":${records.length + 1},`;
  const isNext = line.startsWith(beginning) || beginning.startsWith(line);
  const end = endOfValue(line);
  const goesOn = end !== -1 && end < line.length - 1;
  return isNext && !goesOn && records.at(-1)?.type !== 'run-ended';
}

/** `digest`: of what the record says. */
function linkProblem(
  record: AuditRecord,
  digest: Digest,
  previous: AuditRecord | null,
): string | null {
  if (digest !== record.digest) {
    return `${nameOf(record)} was changed after it was written: its digest does not match`;
  }
  if (record.seq !== (previous?.seq ?? 0) + 1) {
    const place = previous === null ? 'comes first' : `follows record ${previous.seq}`;
    return `${nameOf(record)} ${place}: records were removed, inserted or reordered`;
  }
  if (record.previous !== (previous?.digest ?? null)) {
    return `${nameOf(record)} does not carry the digest of the record before it`;
  }
  if (previous !== null && record.run !== previous.run) {
    return `${nameOf(record)} belongs to another run`;
  }
  return null;
}

function nameOf({ seq, type, address }: AuditRecord): string {
  return `record ${seq} (${type}${address ? ` ${address}` : ''})`;
}

/**
 * The digest is over what a record says; this is how it is said, down to the byte. `said`
 * measures the canonical text of all but its digest.
 *
 * No text says the same in fewer characters than `JSON.stringify`, and few say it in as many: with
 * escapes by number, whose letters can be large; with numbers that have an exponent (`1e2` is 100)
 * or more than 15 digits, of which several stand for one value; with keys that look like numbers,
 * which it puts first. Where the length is right and there is none of them, it need not be written
 * again.
 */
function textProblem(record: AuditRecord, line: string, said: Measured): string | null {
  const isAsLong = line.length === said.length + DIGEST_AROUND + record.digest.length;
  const mayBeOther = !said.isPlain || SHORT_SIGNS.some((one) => line.includes(one));
  if (isAsLong && !mayBeOther && !RARE_NUMBER.test(line)) return null;
  if (JSON.stringify(record) === line) return null;
  return `record ${record.seq} was rewritten: it says the same in other characters`;
}

const DIGEST_AROUND = ',"digest":""'.length;

/** An escape by number; and blanks beside a number, for which a short one can make up. */
const SHORT_SIGNS = ['\\u', '\t', '\r', ' :'];

/** After a key: what is plain has no number in a list. */
const RARE_NUMBER = /": *-?(?:[\d.]+[eE]|[\d.]{16})/;

/** A record holds one object of the org, before and after. */
const MAX_DEPTH = 100;
const MAX_VALUES = 1_000_000;

/** Keys of an audit record; no more and no fewer are accepted. */
const KEYS = [
  ...['seq', 'at', 'run', 'type', 'actor', 'environment', 'address', 'before', 'after'],
  ...['request', 'outcome', 'detail', 'previous', 'digest'],
] as const;

/** Every key with its quotes, a colon, a comma and a value. */
const SHORTEST = KEYS.join('').length + KEYS.length * 5;

/** One line of an `audit.jsonl`; `null` for what is no record. Its digest is not checked. */
export function parseRecord(line: string): AuditRecord | null {
  const record = recordIn(line);
  return record !== null && hasDigest(record) ? record : null;
}

/** What cannot be hashed (a lone surrogate, nesting without end) is no record that we wrote. */
function hasDigest(record: AuditRecord): boolean {
  try {
    return isCanonicalisable(record as unknown as JsonObject);
  } catch {
    return false;
  }
}

/** As `parseRecord`, for whoever finds out by hashing it whether that can be done. */
function recordIn(line: string): AuditRecord | null {
  // Told without parsing, which takes an error for every line of a file that is no log at all.
  if (line.length < SHORTEST || !isBounded(line, MAX_DEPTH, MAX_VALUES)) return null;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isObject(value) || !hasKeys(value)) return null;
  const { seq, at, run, type, actor, environment, address, before, after } = value;
  const { request, outcome, detail, previous, digest } = value;
  const wellTyped =
    typeof seq === 'number' &&
    isText(at) &&
    isText(run) &&
    isText(type) &&
    isText(actor) &&
    isText(environment) &&
    isText(digest) &&
    isTextOrNull(address) &&
    isTextOrNull(previous) &&
    isObjectOrNull(before) &&
    isObjectOrNull(after) &&
    isObjectOrNull(detail) &&
    (outcome === null ||
      (isObject(outcome) && isText(outcome['state']) && isText(outcome['message']))) &&
    (request === null || isRequest(request));
  return wellTyped ? (value as unknown as AuditRecord) : null;
}

function hasKeys(value: JsonObject): boolean {
  const keys = Object.keys(value);
  if (keys.length !== KEYS.length) return false;
  return (
    keys.every((key, at) => key === KEYS[at]) || KEYS.every((key) => Object.hasOwn(value, key))
  );
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTextOrNull(value: unknown): boolean {
  return value === null || isText(value);
}

function isObjectOrNull(value: unknown): boolean {
  return value === null || isObject(value);
}

function isRequest(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { method, path, status, correlationId } = value;
  const answered = status === null || typeof status === 'number';
  return isText(method) && isText(path) && answered && isTextOrNull(correlationId);
}

/** Of what a record says; `null` where that cannot be hashed. */
function saidIn(record: AuditRecord, hash: Hash): Measured | null {
  const { seq, at, run, type, actor, environment, address, before, after } = record;
  const { request, outcome, detail, previous } = record;
  const body = {
    seq,
    at,
    run,
    type,
    actor,
    environment,
    address,
    before,
    after,
    request,
    outcome,
    detail,
    previous,
  };
  if (!record.digest.isWellFormed()) return null;
  try {
    return measuredDigest(hash, body as unknown as JsonObject);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The state of an outcome that is none yet. */
export const OPEN = 'open';

/** The state of the record that closes the settling of a run. */
export const ALL_SETTLED = 'all';

/** What a log amounts to, record by record. */
export class Tally {
  private readonly open = new Map<string, AuditRecord>();
  private readonly closed = new Set<string>();

  note(record: AuditRecord): void {
    const { type, address, detail, outcome } = record;
    if (type !== 'intent' && type !== 'outcome' && type !== 'settled') return;
    const key = `${address ?? ''} ${textOf(detail?.['step'])}`;
    const otherRun = textOf(detail?.['run']);
    if (type === 'intent') this.open.set(key, record);
    else if (type === 'outcome' && outcome?.state !== OPEN) this.open.delete(key);
    else if (type === 'outcome') return;
    else if (otherRun === '') this.open.delete(key);
    else if (outcome?.state === ALL_SETTLED) this.closed.add(otherRun);
  }

  /** Intents without an outcome, or with one that left them open, that the run has not settled. */
  unfinished(): AuditRecord[] {
    return [...this.open.values()];
  }

  /** Ids of earlier runs whose open intents this run has settled, every one. */
  settledRuns(): string[] {
    return [...this.closed];
  }
}

function unfinishedIn(records: readonly AuditRecord[]): AuditRecord[] {
  const tally = new Tally();
  for (const record of records) tally.note(record);
  return tally.unfinished();
}

/** An intent that a run has left open. */
export interface OpenIntent {
  readonly seq: number;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly address: Address | null;
  readonly step: string;
  readonly request: { readonly method: string; readonly path: string };
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  readonly body: JsonObject | null;
  /** A body that is a list; absent for any other. */
  readonly items?: readonly JsonObject[];
}

export interface OpenRun {
  readonly run: string;
  /** Id of the org that it planned for; `null` where it had not come so far. */
  readonly organization: string | null;
  readonly intents: readonly OpenIntent[];
  /** It has said that it ended, or its process is known to be gone. */
  readonly isOver: boolean;
}

/** A change of fields that a run set out to make, whatever became of it. */
export interface LoggedUpdate {
  readonly run: string;
  readonly address: Address;
  /** By the clock of the machine that the run was on. RFC 3339. */
  readonly at: string;
  readonly after: JsonObject;
}

export function updatesIn(records: readonly AuditRecord[]): LoggedUpdate[] {
  return records.flatMap(({ type, run, at, address, after, detail }) =>
    type === 'intent' && detail?.['step'] === 'update' && address !== null && after !== null
      ? [{ run, at, address: address as Address, after }]
      : [],
  );
}

/** What the run with these records has left open; `null` where it is nothing. */
export function openRunOf(records: readonly AuditRecord[], isOver: boolean): OpenRun | null {
  const unfinished = unfinishedIn(records);
  const run = records[0]?.run;
  if (unfinished.length === 0 || run === undefined) return null;
  const planned = records.findLast(({ type }) => type === 'planned');
  const intents = unfinished.map(({ seq, at, address, before, after, request, detail }) => {
    const body = detail?.['body'];
    return {
      seq,
      at,
      address: address as Address | null,
      before,
      after,
      step: textOf(detail?.['step']),
      body: isObject(body) ? body : null,
      ...(Array.isArray(body) ? { items: objectsIn(body) } : {}),
      request: { method: request?.method ?? '', path: request?.path ?? '' },
    };
  });
  const organization = textOf(planned?.detail?.['organization']) || null;
  return { run, organization, intents, isOver };
}
