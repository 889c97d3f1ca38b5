/** A plan, told from the side of the org: what changed there since the last apply, and by whom. */
import { referenceKey } from './catalog.js';
import type { Json } from './json.js';
import type { AuditedEvent, AuditSubject } from './kind.js';
import type { StateRecord } from './state.js';
import type { Address, Change, FieldChange, Plan } from './types.js';

export interface Drift {
  readonly address: Address;
  /** `null` where what was last applied, and to which object, is not known. */
  readonly record: StateRecord | null;
  readonly how: 'changed' | 'deleted';
  readonly fields: readonly FieldChange[];
}

/** What drifted; changes that git alone asks for are `pending`, an apply makes them. */
export function driftIn(
  plan: Plan,
  records: ReadonlyMap<string, StateRecord>,
): { readonly drifts: readonly Drift[]; readonly pending: readonly Address[] } {
  const drifts: Drift[] = [];
  const pending: Address[] = [];
  for (const change of plan.changes) {
    const fields = drifted(change);
    if (fields.length === 0) {
      pending.push(change.address);
      continue;
    }
    const { address, action } = change;
    const how = action === 'create' ? 'deleted' : 'changed';
    drifts.push({ address, record: records.get(address) ?? null, how, fields });
  }
  return { drifts, pending };
}

/** The fields that somebody changed in the org; of an update also those that nobody can explain. */
export function drifted({ action, fields }: Change): FieldChange[] {
  if (action === 'adopt' || action === 'delete') return [];
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
      /** The property that the audit names; `null` where it names none that is this field. */
      readonly property: string | null;
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
  /** When the drifted object was last applied, milliseconds since 1970. */
  readonly sinceMs: number;
  /** Where the objects live; `null` where there is no such place any more. */
  readonly root: string | null;
}

/** For every drifted field the newest event that explains it. */
export function attribute(drift: Drift, subject: AuditSubject, testimony: Testimony): Attributed {
  const id = drift.record?.id ?? null;
  const relevant = testimony.events
    .filter((event) => isAbout(event, id, subject, testimony.root))
    .filter((event) => isForeign(event, testimony))
    .sort((a, b) => b.atMs - a.atMs);
  const by = drift.fields.map((field): Attribution => {
    const found = explaining(field, drift.how, relevant, subject);
    return found ?? { known: false, why: testimony.otherwise };
  });
  return { ...drift, by };
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
  { atMs, client, user }: AuditedEvent,
  { sinceMs, ownClient }: Testimony,
): boolean {
  const ours = client === ownClient && user === null;
  return atMs - sinceMs > (ours ? OWN_WRITES_MS : -OWN_WRITES_MS);
}

function explaining(
  field: FieldChange,
  how: Drift['how'],
  newestFirst: readonly AuditedEvent[],
  subject: AuditSubject,
): Attribution | null {
  if (how === 'deleted') {
    const gone = newestFirst.find((event) => /delete/i.test(event.action));
    return gone === undefined ? null : told(gone, null);
  }
  let close: Attribution | null = null;
  for (const event of newestFirst) {
    const named = event.properties.filter(({ property }) =>
      subject.concerns(property, pathPointer(field.path)),
    );
    // The event that left the value that is there now is the one; another one may have come close.
    const exact = named.find(({ after }) =>
      after.some((text) => text === scalarText(field.before)),
    );
    if (exact !== undefined) return told(event, exact.property);
    const [first] = named;
    if (first !== undefined) close ??= told(event, first.property);
  }
  return close;
}

function told(event: AuditedEvent, property: string | null): Attribution {
  const who = event.user ?? (event.client === null ? 'unknown' : `client ${event.client}`);
  const { at, remoteIp: from, action } = event;
  return { known: true, at, who, from, action, property };
}

/** `/targets/0/weight` of `targets["Sales"].weight`: which item does not matter to an audit. */
function pathPointer(path: string): string {
  return `/${path
    .replace(/ \(order\)$/, '')
    .replace(/\["(?:[^"\\]|\\.)*"\](?: #\d+)?/g, '/0')
    .replaceAll('.', '/')}`;
}

function scalarText(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? referenceKey(value) : String(value);
}
