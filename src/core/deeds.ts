/**
 * Which events of the platform are writes of our own runs.
 *
 * The platform knows the OAuth client that wrote and nobody behind it, and more than one checkout
 * may write with a client. That an event is near a write of ours in time proves nothing: it is that
 * write where it is of the same object, of an action that such a write has, and between the record
 * that the request was about to be sent and the record of its answer. Clocks are taken to be apart
 * by no more than `CLOCKS_MS`. One write is behind one event.
 *
 * What is left over was somebody else's write with the same client, unless there is a reason for
 * doubt: a write of ours of that object that no event is found for (clocks may be further apart, or
 * the platform has no record of it yet), one that was under way at that very time, or a log that
 * cannot be read as a whole.
 */
import type { AuditRecord } from './audit.js';
import { addTo, groupedBy } from './grouped.js';
import { textOf } from './json.js';
import { partOfStep } from './part.js';
import type { AuditedEvent } from './resource.js';

/** One record of the platform's audit, with what tells it from others. */
export interface PlatformEvent extends AuditedEvent {
  readonly id: string;
  readonly service: string;
  /** `SUCCESS`, or how it ended otherwise. */
  readonly status: string;
}

/** An event about something of ours. */
export interface Witnessed extends PlatformEvent {
  /** `RoutingStrategy/billing`, `Queue/Support`; `null` for a table of our own. */
  readonly address: string | null;
  /** For people: the address, `queue Support`, `table Routing Strategies`. */
  readonly what: string;
}

/** A record of a run; `atMs` is its time in milliseconds since 1970. */
export interface OwnRecord {
  readonly record: AuditRecord;
  readonly atMs: number;
}

/** How far the clock of a run seems ahead of the platform's (negative: behind), milliseconds. */
export interface Skew {
  readonly run: string;
  readonly aheadMs: number;
}

/** `not ours`: of our client, and of none of the writes of the runs that are looked at. */
export type Whose = 'ours' | 'not ours' | 'unknown';

/** How far the clocks of a run and of the platform may be apart for one deed to be known. */
export const CLOCKS_MS = 5000;
/** A write without an event casts doubt on events that are no further from it. */
const DOUBT_MS = 600_000;
/** A request of which no answer is on record was given up by then. */
const UNANSWERED_MS = 60_000;
/** That many writes, all of them off by the same, are a clock and no chance. */
const FEWEST_OF_A_SKEW = 3;

export interface Deeds {
  readonly whose: ReadonlyMap<Witnessed, Whose>;
  /** The record of the write behind an event, of those that are ours. */
  readonly recordOf: ReadonlyMap<Witnessed, AuditRecord>;
  readonly skews: readonly Skew[];
}

/** A request that changed something of a strategy, a queue, a table, or was to. */
interface Write {
  /** The intent. */
  readonly record: AuditRecord;
  readonly fromMs: number;
  readonly toMs: number;
  /** `null`: nobody knows. */
  readonly succeeded: boolean | null;
}

/** `events`: those of our client. `isWhole`: all logs could be read, to the last record. */
export function deedsBehind(
  events: readonly Witnessed[],
  runs: readonly (readonly OwnRecord[])[],
  isWhole: boolean,
): Deeds {
  const settled = settledIn(runs.flat());
  const writes = runs.flatMap((records) => writesOf(records, settled));
  const writesAt = placesOf(writes);
  // The rest is no match and no doubt: kept, it would grow with the square of a long watch.
  const near = events.flatMap((event) =>
    writesAt(event).flatMap((write) => {
      const off = offOf(event, write);
      return Math.abs(off) <= DOUBT_MS ? [{ event, write, off }] : [];
    }),
  );
  const { found, taken } = matched(near);
  const doubts = near.filter(
    ({ event, write, off }) =>
      !found.has(event) &&
      (Math.abs(off) <= CLOCKS_MS || (!taken.has(write) && fits(event, write))),
  );
  const doubtful = new Set(doubts.map(({ event }) => event));
  const whoseIs = (event: Witnessed): Whose => {
    if (found.has(event)) return 'ours';
    return doubtful.has(event) || !isWhole ? 'unknown' : 'not ours';
  };
  return {
    whose: new Map(events.map((event) => [event, whoseIs(event)])),
    recordOf: new Map([...found].map(([event, { record }]) => [event, record])),
    skews: skewsIn(
      writes,
      taken,
      doubts.filter(({ event, write }) => fits(event, write)),
    ),
  };
}

interface Pair {
  readonly event: Witnessed;
  readonly write: Write;
  /** From the write to the event, milliseconds; 0 within the write. */
  readonly off: number;
}

/** The nearest find each other first. */
function matched(near: readonly Pair[]): {
  readonly found: ReadonlyMap<Witnessed, Write>;
  readonly taken: ReadonlySet<Write>;
} {
  const found = new Map<Witnessed, Write>();
  const taken = new Set<Write>();
  const within = near.filter(
    ({ event, write, off }) => Math.abs(off) <= CLOCKS_MS && fits(event, write),
  );
  within.sort((a, b) => Math.abs(a.off) - Math.abs(b.off));
  for (const { event, write } of within) {
    if (found.has(event) || taken.has(write)) continue;
    found.set(event, write);
    taken.add(write);
  }
  return { found, taken };
}

function offOf({ atMs }: Witnessed, { fromMs, toMs }: Write): number {
  return atMs < fromMs ? atMs - fromMs : Math.max(0, atMs - toMs);
}

/** The writes of what an event is about. */
function placesOf(writes: readonly Write[]): (event: Witnessed) => readonly Write[] {
  const byAddress = groupedBy(writes, ({ record }) => record.address);
  const byTable = new Map<string, Write[]>();
  for (const write of writes) {
    const { request, detail } = write.record;
    const made = textOf(detail?.['table']);
    if (made !== '') addTo(byTable, made, write);
    // A row of a table has records of its own.
    const [, id, rest = ''] = /\/datatables\/([^/?]+)(.*)$/.exec(request?.path ?? '') ?? [];
    if (id !== undefined && !rest.startsWith('/rows')) addTo(byTable, id, write);
  }
  return ({ address, entityId, entityName }) =>
    address !== null
      ? (byAddress.get(address) ?? [])
      : [...(byTable.get(entityId) ?? []), ...(byTable.get(entityName) ?? [])];
}

/** Of the same action, and ended in the same way. */
function fits({ action, status }: Witnessed, { record, succeeded }: Write): boolean {
  const isFailure = status.toUpperCase() === 'FAILURE';
  if (succeeded === isFailure) return false;
  const step = textOf(record.detail?.['step']);
  return actionOf(action) === stepAction(step, record.request?.method);
}

type Deed = 'create' | 'delete' | 'change';

function actionOf(action: string): Deed {
  const word = action.toLowerCase();
  return word === 'create' || word === 'delete' ? word : 'change';
}

function stepAction(step: string, method: string | undefined): Deed {
  if (step === 'create' || step === 'delete') return step;
  return step === TABLE_STEP && method === 'POST' ? 'create' : 'change';
}

const TABLE_STEP = 'table';
const OBJECT_STEPS: ReadonlySet<string> = new Set(['create', 'update', 'activate', 'delete']);

/** Other writes are of what is kept beside the objects: records, the lock, the head. */
function isOfObject(step: string): boolean {
  if (OBJECT_STEPS.has(step) || partOfStep(step) !== null) return true;
  return step === TABLE_STEP || step.startsWith('import ');
}

/** What later runs found of writes that were left open, by `RUN SEQ` of the intent. */
function settledIn(records: readonly OwnRecord[]): ReadonlyMap<string, string> {
  return new Map(
    records.flatMap(({ record: { type, detail, outcome } }): [string, string][] => {
      const run = textOf(detail?.['run']);
      if (type !== 'settled' || run === '') return [];
      return [[`${run} ${Number(detail?.['seq'])}`, outcome?.state ?? '']];
    }),
  );
}

/** Each intent with what became of it: both have the same address and step. */
function writesOf(
  records: readonly OwnRecord[],
  settled: ReadonlyMap<string, string>,
): readonly Write[] {
  const open = new Map<string, { readonly intent: OwnRecord; ended: OwnRecord | null }[]>();
  const all: { readonly intent: OwnRecord; ended: OwnRecord | null }[] = [];
  for (const one of records) {
    const { type, address, detail } = one.record;
    const step = textOf(detail?.['step']);
    if (!isOfObject(step)) continue;
    const key = `${address ?? ''} ${step}`;
    if (type === 'intent') {
      const begun = { intent: one, ended: null };
      all.push(begun);
      addTo(open, key, begun);
    } else if (type === 'outcome' || type === 'settled') {
      const [first] = open.get(key) ?? [];
      if (first === undefined) continue;
      first.ended = one;
      // An answer that was lost says nothing: a look that comes after it does.
      if (one.record.outcome?.state !== 'open') open.get(key)?.shift();
    }
  }
  return all.map(({ intent, ended }) => {
    const { run, seq } = intent.record;
    const state = settled.get(`${run} ${seq}`) ?? ended?.record.outcome?.state ?? '';
    const toMs = Math.max(intent.atMs, ended?.atMs ?? intent.atMs + UNANSWERED_MS);
    return {
      record: intent.record,
      fromMs: intent.atMs,
      toMs,
      succeeded: SUCCEEDED[state] ?? null,
    };
  });
}

/** What is not in it is known of nobody: `open`, or a killed run. */
const SUCCEEDED: Readonly<Record<string, boolean>> = {
  sent: true,
  'took effect': true,
  failed: false,
  'did not': false,
};

/**
 * Runs whose clock was apart from the platform's: no write of theirs has an event at its time, and
 * all of them have one that is off by the same.
 */
function skewsIn(
  writes: readonly Write[],
  taken: ReadonlySet<Write>,
  doubts: readonly Pair[],
): Skew[] {
  const done = writes.filter(({ succeeded }) => succeeded !== false);
  const doubtsOf = groupedBy(doubts, ({ write }) => write);
  return [...groupedBy(done, ({ record }) => record.run)].flatMap(([run, own]) => {
    if (own.length < FEWEST_OF_A_SKEW || own.some((write) => taken.has(write))) return [];
    const offs = own.map((write) => doubtsOf.get(write) ?? []);
    const common = offs[0]?.find(({ off }) =>
      offs.every((pairs) => pairs.some((other) => Math.abs(other.off - off) <= CLOCKS_MS)),
    );
    return common === undefined ? [] : [{ run, aheadMs: common.off === 0 ? 0 : -common.off }];
  });
}
