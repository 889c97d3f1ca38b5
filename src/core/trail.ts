/**
 * One timeline of what the platform has on record about our objects and what our own runs have on
 * record themselves.
 *
 * The platform knows the OAuth client behind our writes and nobody behind the client; a run knows
 * who started it. So an event of our client is held against the records of the runs (`deeds.ts`),
 * and one that is a write of a run gets that run and a person. What a run says of that deed itself
 * is then left out, everything else that it says is kept: that it began, was refused or forced,
 * failed, told others, ended.
 *
 * The clocks of two machines need not agree. Every entry keeps the time that it came with; how far
 * the clocks of a run and of the platform are apart is told beside the timeline.
 */
import type { AuditRecord } from './audit.js';
import { deedsBehind } from './deeds.js';
import type { OwnRecord, Skew, Whose, Witnessed } from './deeds.js';
import { byText } from './issue.js';
import { isObject, textOf, type Json, type JsonObject } from './json.js';
import { leavesMoved } from './leaves.js';
import type { AuditedEvent } from './resource.js';
import { workflowTexts } from './workflow.js';

export interface TimelineEntry {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly source: 'platform' | 'run';
  /** Unique within its source. */
  readonly id: string;
  readonly action: string;
  readonly what: string;
  /** A person where one is known, else the OAuth client. */
  readonly who: string;
  readonly userId: string | null;
  readonly client: string | null;
  readonly from: readonly string[];
  /** The run of ours that did it, or whose record it is. */
  readonly run: string | null;
  /** Of an event of our client: whether a run of ours did it. `null` for everything else. */
  readonly whose: Whose | null;
  readonly changes: AuditedEvent['properties'];
  /** Empty where it succeeded and there is nothing more to say. */
  readonly outcome: string;
}

export interface Timeline {
  /** Oldest first. */
  readonly entries: readonly TimelineEntry[];
  readonly skews: readonly Skew[];
}

export interface TimelineFilter {
  readonly fromMs: number;
  readonly toMs: number;
  /** Name or id of a person, a client or an actor, in any case. */
  readonly user: string | null;
  /** Of an event or a record, in any case. */
  readonly action: string | null;
  /** Of what our runs did: these alone. Absent for everything. */
  readonly addresses?: ReadonlySet<string>;
}

/** `isWhole`: every log that was looked for could be read as a whole. */
export function timelineOf(
  events: readonly Witnessed[],
  runs: readonly (readonly OwnRecord[])[],
  ownClient: string,
  filter: TimelineFilter,
  isWhole = true,
): Timeline {
  const own = events.filter((event) => isByClient(event, ownClient));
  const { whose, recordOf, skews } = deedsBehind(own, runs, isWhole);
  const seen = new Set([...recordOf.values()].map(deedKey));
  const timed = [
    ...events.map((event) => ({
      atMs: event.atMs,
      entry: platformEntry(event, whose.get(event) ?? null, recordOf.get(event) ?? null),
    })),
    ...runs
      .filter((run) => didSomething(run) && isAbout(run, filter))
      .flat()
      .flatMap(({ record, atMs }) => {
        if (!isWanted(record, filter)) return [];
        const entry = runEntry(record, seen);
        return entry === null ? [] : [{ atMs, entry }];
      }),
  ];
  const wanted = timed.filter(({ atMs, entry }) => passes(entry, atMs, filter));
  wanted.sort((a, b) => a.atMs - b.atMs || byText(a.entry.source, b.entry.source));
  return { entries: wanted.map(({ entry }) => entry), skews };
}

/**
 * Whether a client did it for itself. Its id is that of the client, of the user, or of both: orgs
 * differ. A person who signed in through the same client is not the client.
 */
export function isByClient(
  { client, userId }: Pick<AuditedEvent, 'client' | 'userId'>,
  own: string,
): boolean {
  return client === own ? userId === null || userId === own : userId === own;
}

/** Runs that only looked are nothing that anybody did to an object. */
function didSomething(records: readonly OwnRecord[]): boolean {
  return records.some(({ record }) => !LOOKING.has(record.type));
}

/**
 * One that has named no object may have been about any where it was refused or stopped, and was
 * about none where it is done, as a round that moves nothing.
 */
function isAbout(records: readonly OwnRecord[], { addresses }: TimelineFilter): boolean {
  if (addresses === undefined) return true;
  const named = records.flatMap(({ record }) => record.address ?? []);
  return named.length === 0 ? !isDone(records) : named.some((address) => addresses.has(address));
}

function isDone(records: readonly OwnRecord[]): boolean {
  const last = records.at(-1)?.record;
  return last?.type === 'run-ended' && last.detail?.['exitCode'] === 0;
}

function isWanted({ address }: AuditRecord, { addresses }: TimelineFilter): boolean {
  return addresses === undefined || address === null || addresses.has(address);
}

const LOOKING: ReadonlySet<string> = new Set(['run-started', 'planned', 'run-ended']);

function deedKey({ run, address }: AuditRecord): string {
  return `${run} ${address ?? ''}`;
}

function platformEntry(
  event: Witnessed,
  whose: Whose | null,
  deed: AuditRecord | null,
): TimelineEntry {
  const { at, id, action, what, user, client, remoteIp: from, properties, status } = event;
  const byClient = client ?? event.userId;
  const unnamed = byClient === null ? 'unknown' : `client ${byClient}`;
  return {
    at,
    source: 'platform',
    id,
    action,
    what,
    who: user ?? deed?.actor ?? unnamed,
    userId: event.userId,
    client,
    from,
    run: deed?.run ?? null,
    whose,
    changes: properties,
    outcome: status === 'SUCCESS' || status === '' ? '' : status,
  };
}

/** `null` for what says nothing to others, or is on the platform's record already. */
function runEntry(record: AuditRecord, seen: ReadonlySet<string>): TimelineEntry | null {
  const told = tellOf(record);
  if (told === null || (told.isDeed && seen.has(deedKey(record)))) return null;
  const { at, run, seq, actor, environment, address } = record;
  return {
    at,
    source: 'run',
    id: `${run}/${seq}`,
    action: told.action,
    what: address ?? `environment ${environment}`,
    who: actor,
    userId: null,
    client: null,
    from: [],
    run,
    whose: null,
    changes: told.isDeed ? movedIn(record) : [],
    outcome: told.outcome,
  };
}

/** Where the platform has no record of it, ours is the only one that says what was before. */
function movedIn({ before, after }: AuditRecord): TimelineEntry['changes'] {
  // What was made or removed as a whole is what its name says.
  if (before === null || after === null) return [];
  return leavesMoved(before, after).map((leaf) => ({
    property: leaf.path,
    before: textsOf(leaf.before),
    after: textsOf(leaf.after),
  }));
}

function textsOf(value: Json | undefined): string[] {
  if (value === undefined) return [];
  return [typeof value === 'string' ? value : JSON.stringify(value)];
}

interface Told {
  readonly action: string;
  readonly outcome: string;
  /** A change that was made: the platform has it as well. */
  readonly isDeed: boolean;
}

const MADE: ReadonlySet<string> = new Set(['created', 'updated', 'deleted', 'adopted', 'replaced']);

function tellOf({ type, outcome, detail }: AuditRecord): Told | null {
  const { state = '', message = '' } = outcome ?? {};
  const said = [state, message].filter((part) => part !== '').join(': ');
  switch (type) {
    case 'run-started':
      return { action: 'started', outcome: startText(detail), isDeed: false };
    case 'refused':
    case 'forced':
    case 'settled':
    case 'notified':
      return { action: type, outcome: said, isDeed: false };
    case 'outcome':
      if (detail?.['step'] === 'transfer') {
        return {
          action: state === 'sent' ? 'transferred' : state,
          outcome: message,
          isDeed: false,
        };
      }
      if (detail?.['step'] !== 'change') return null;
      return { action: state, outcome: message, isDeed: MADE.has(state) };
    case 'run-ended':
      return { action: 'ended', outcome: said, isDeed: false };
    case 'chained':
    case 'planned':
    case 'checked':
    case 'intent':
      return null;
  }
}

/** With what led to it, where a workflow did. */
function startText(detail: JsonObject | null): string {
  const { command, workflow } = detail ?? {};
  return [textOf(command), ...(isObject(workflow) ? workflowTexts(workflow) : [])].join(', ');
}

function passes(entry: TimelineEntry, atMs: number, filter: TimelineFilter): boolean {
  if (!(atMs >= filter.fromMs && atMs < filter.toMs)) return false;
  const is = (one: string | null, wanted: string): boolean =>
    one?.toLowerCase() === wanted.toLowerCase();
  const { user, action } = filter;
  if (action !== null && !is(entry.action, action)) return false;
  return user === null || [entry.who, entry.userId, entry.client].some((one) => is(one, user));
}
