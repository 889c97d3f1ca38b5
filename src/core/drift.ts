/** A plan, told from the side of the org: what changed there since the last apply, and by whom. */
import { byText } from './issue.js';
import type { JsonObject } from './json.js';
import type { AuditedEvent, AuditSubject, IdOf } from './resource.js';
import { objectName } from './outcome.js';
import { plural } from './plural.js';
import { isRollback } from './rollback.js';
import type { StateRecord } from './state.js';
import { isByClient } from './trail.js';
import type { Address, Change, Exact, FieldChange, Plan } from './types.js';

export interface Drift {
  readonly address: Address;
  /** `null` where what was last applied, and to which object, is not known. */
  readonly record: StateRecord | null;
  readonly how: 'changed' | 'deleted';
  /** The object as it is now; `null` where it is gone. */
  readonly live: JsonObject | null;
  /** The same to the last cell, where the fields do not say it. */
  readonly found?: Exact;
  readonly remarks?: readonly string[];
  readonly fields: readonly FieldChange[];
}

export interface FoundDrift {
  readonly drifts: readonly Drift[];
  readonly pending: readonly Address[];
  readonly takenBack: ReadonlyMap<Address, string>;
  /** Of what has no record: our last run, a rollback, which may have taken it back. */
  readonly perhaps: ReadonlyMap<Address, string>;
}

/**
 * What drifted; changes that git alone asks for are `pending`, an apply makes them. Where a
 * rollback was last, git says nothing new: the run in `takenBack` took back what it says. What it
 * wrote back of somebody else's making, which no manifest can say, has drifted. `last`: our last
 * run.
 */
export function driftIn(
  plan: Plan,
  records: ReadonlyMap<string, StateRecord>,
  last = '',
): FoundDrift {
  const drifts: Drift[] = [];
  const pending: Address[] = [];
  const takenBack = new Map<Address, string>();
  const perhaps = new Map<Address, string>();
  for (const change of plan.changes) {
    const record = records.get(change.address);
    const back = record !== undefined && isRollback(record.run) ? record.run : '';
    const isOdd = back !== '' && change.action === 'update' && change.found !== undefined;
    const fields = isOdd ? change.fields : [...drifted(change), ...gone(change, record)];
    if (fields.length === 0) {
      pending.push(change.address);
      if (back !== '') takenBack.set(change.address, back);
      const isUnknown = record === undefined && change.action === 'create';
      if (isUnknown && isRollback(last)) perhaps.set(change.address, last);
      continue;
    }
    const { address, action, found } = change;
    const remarks = isOdd
      ? [`rollback ${back} wrote it back so, as it had found it`, ...(change.remarks ?? [])]
      : change.remarks;
    const how = action === 'create' ? 'deleted' : 'changed';
    const odd = {
      ...(found === undefined ? {} : { found }),
      ...(remarks === undefined ? {} : { remarks }),
    };
    drifts.push({ address, record: record ?? null, how, live: change.before, ...odd, fields });
  }
  return { drifts, pending: pending.sort(byText), takenBack, perhaps };
}

/** What was made, is gone and has no field that says so: a skill is its name. */
function gone({ action, address, fields }: Change, record: StateRecord | undefined): FieldChange[] {
  if (action !== 'create' || fields.length > 0 || (record?.id ?? '') === '') return [];
  return [{ path: 'name', place: ['name'], after: objectName(address), at: null, cause: 'drift' }];
}

/** The fields that somebody changed in the org; of an update also those that nobody can explain. */
export function drifted({ action, fields }: Change): FieldChange[] {
  // Nobody's: whether git or the org has moved is not known, and silence would say it is.
  if (action === 'adopt') return [...fields];
  // Of what git no longer declares, only what somebody edited since is drift.
  if (action === 'delete') return fields.filter(({ cause }) => cause === 'both');
  return fields.filter(
    ({ cause }) => cause === 'drift' || cause === 'both' || (cause === null && action === 'update'),
  );
}

/** Who changed a field, as far as the platform's audit tells. */
export type Attribution =
  | {
      readonly known: true;
      /** RFC 3339, UTC. */
      readonly at: string;
      /** Name of the person, else the OAuth client. */
      readonly who: string;
      readonly from: readonly string[];
      readonly action: string;
      /** The property that the audit names; `null` of a delete, or where it names none. */
      readonly property: string | null;
      /** The event left the value that is there now; another one has only come close. */
      readonly certain: boolean;
    }
  | { readonly known: false; readonly why: string };

export interface Attributed extends Drift {
  /** One for each of `fields`. */
  readonly by: readonly Attribution[];
}

/** Our own writes reach the audit under our client, around the time of the record of them. */
const OWN_WRITES_MS = 300_000;

export interface Testimony {
  readonly events: readonly AuditedEvent[];
  /** The OAuth client that this tool writes with. */
  readonly ownClient: string;
  /** Why nothing more is known: `not in the audit window, …`. */
  readonly otherwise: string;
  readonly idOf: IdOf;
  /** The object with these fields as the platform shows it. */
  readonly entityOf: (name: string, fields: JsonObject) => JsonObject;
  /** When the drifted object was last applied, milliseconds since 1970. */
  readonly sinceMs: number;
  /** The same of all that was applied to it, where that was before; others may have edited it. */
  readonly wholeSinceMs?: number;
  /** Where the objects live; `null` where there is no such place any more. */
  readonly root: string | null;
}

/** For every drifted field the newest event that explains it. */
export function attribute(drift: Drift, subject: AuditSubject, testimony: Testimony): Attributed {
  const id = drift.record?.id ?? null;
  const relevant = testimony.events
    .filter((event) => isAbout(event, id, subject, testimony.root))
    .filter((event) => isForeign(event, testimony, drift.record))
    .sort((a, b) => b.atMs - a.atMs);
  const explain =
    drift.how === 'deleted' ? deleting(relevant) : leaving(drift, relevant, subject, testimony);
  // What is in the window names something else, which is not the same as nothing being there.
  const why =
    relevant.length === 0
      ? whyNone(id, subject, testimony, drift.record)
      : `${plural(relevant.length, 'event')} of it in the audit, none of which names this field`;
  const by = drift.fields.map((field): Attribution => explain(field) ?? { known: false, why });
  return { ...drift, by };
}

/** Events of our own client around the apply are its own, as far as anybody can tell. */
function whyNone(
  id: string | null,
  subject: AuditSubject,
  testimony: Testimony,
  record: StateRecord | null,
): string {
  const own = testimony.events.filter(
    (event) =>
      isAbout(event, id, subject, testimony.root) && isByClient(event, testimony.ownClient),
  );
  const isLater = own.some((event) => event.atMs > testimony.sinceMs);
  // What such a run left as it was may be of any time, and what is there of it is all our client's.
  if (!isLater && own.length > 0 && leavesOthers(record)) {
    return 'the audit has only what this client wrote';
  }
  if (!isLater) return testimony.otherwise;
  const minutes = OWN_WRITES_MS / 60_000;
  return `the audit has only what this client wrote, within ${minutes} minutes of the last apply`;
}

type Explain = (field: FieldChange) => Attribution | null;

function deleting(newestFirst: readonly AuditedEvent[]): Explain {
  const gone = newestFirst.find(({ action }) => /delete/i.test(action));
  return () => (gone === undefined ? null : told(gone, null, true));
}

/** The event that left the value that is there now is the one; another may have come close. */
function leaving(
  { address, live, found }: Drift,
  newestFirst: readonly AuditedEvent[],
  subject: AuditSubject,
  { idOf, entityOf }: Testimony,
): Explain {
  const fields = live ?? {};
  const entity = found?.entity ?? entityOf(objectName(address), fields);
  return (field) => {
    const holds = subject.holding(field.place ?? [], entity, idOf);
    let close: Attribution | null = null;
    for (const event of newestFirst) {
      const named = event.properties.filter(({ property }) => holds(property));
      const exact = named.find(({ property, after }) => {
        const now = subject.valueIn(entity, property);
        return now === null ? after.length === 0 : after.includes(now);
      });
      if (exact !== undefined) return told(event, exact.property, true);
      const [first] = named;
      // An org may tell that an object was changed, and nothing of what.
      const isSilent = event.properties.length === 0;
      if (first !== undefined || isSilent) close ??= told(event, first?.property ?? null, false);
    }
    return close;
  };
}

function isAbout(
  event: AuditedEvent,
  id: string | null,
  subject: AuditSubject,
  root: string | null,
): boolean {
  return id !== null && subject.idOf(event, root ?? '') === id;
}

/** After the last apply. The clocks of this machine and the platform need not agree. */
function isForeign(
  event: AuditedEvent,
  { sinceMs, wholeSinceMs = sinceMs, ownClient }: Testimony,
  record: StateRecord | null,
): boolean {
  if (isByClient(event, ownClient)) return event.atMs - sinceMs > OWN_WRITES_MS;
  return leavesOthers(record) || event.atMs - wholeSinceMs > -OWN_WRITES_MS;
}

/** What they do not write stays as it is: somebody may have edited it long before. */
const LEAVING_OTHERS: ReadonlySet<string> = new Set(['optimize', 'rollback']);

/** The run that wrote the object last has not overwritten what others had made of it. */
export function leavesOthers(record: { readonly command?: string | undefined } | null): boolean {
  return LEAVING_OTHERS.has(record?.command ?? '');
}

function told(event: AuditedEvent, property: string | null, certain: boolean): Attribution {
  const client = event.client ?? event.userId;
  const who = event.user ?? (client === null ? 'unknown' : `client ${client}`);
  const { at, remoteIp: from, action } = event;
  return { known: true, at, who, from, action, property, certain };
}
