/** The platform's own records about our objects, their tables, and the queues that they name. */
import type { Catalog } from '../core/catalog.js';
import { PlatformError } from '../core/errors.js';
import type { PlatformEvent, Witnessed } from '../core/deeds.js';
import { formerIn, sought } from '../core/former.js';
import { byText } from '../core/issue.js';
import { kindName, objectName } from '../core/outcome.js';
import type { State } from '../core/state.js';
import type { Live } from '../core/types.js';
import { rootOf, type Homes } from './homes.js';
import type { Binding, Bound } from './bind.js';
import type { AuditedAction, Reader } from './ports.js';

export interface TrailRequest {
  readonly fromMs: number;
  readonly toMs: number;
  /** In any case; `null` for all. */
  readonly action: string | null;
  readonly patienceMs: number;
  readonly binding: Binding;
  readonly homes: Homes;
  readonly catalog: Catalog;
  /** What was renamed or deleted is looked for by the id that it has, or had. */
  readonly records: State['records'];
  /** Those whose queues are looked at. */
  readonly shown: readonly Live[];
  /** Addresses of ours, also of what is deleted by now. */
  readonly addresses: ReadonlySet<string>;
}

/** What could not be found out, why, and the error behind it where there is one. */
export interface Gap {
  readonly what: string;
  readonly why: string;
  readonly error: PlatformError | null;
}

export interface Trail {
  readonly events: readonly Witnessed[];
  readonly gaps: readonly Gap[];
  /** What the platform calls what may be done to any of it: `Create`. */
  readonly actions: readonly string[];
}

/** What is searched for: where its records are, and which of them are about something of ours. */
interface Subject {
  readonly what: string;
  /** For people: `Row (service Datatables)`. */
  readonly type: string;
  /** Something of ours is of this type: that the platform has no such records is then a gap. */
  readonly isWanted: boolean;
  readonly isOf: (action: AuditedAction) => boolean;
  readonly about: (event: PlatformEvent) => Pick<Witnessed, 'address' | 'what'> | null;
}

/** One search for each service and entity type, side by side. What fails leaves a gap. */
export async function trailOf(reader: Reader, request: TrailRequest): Promise<Trail> {
  let audited: readonly AuditedAction[];
  try {
    audited = await reader.auditedActions();
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    const gap = { what: "the platform's audit", why: error.message, error };
    return { events: [], gaps: [gap], actions: [] };
  }
  const subjects = subjectsOf(request);
  const ofThem = audited.filter((one) => subjects.some(({ isOf }) => isOf(one)));
  const found = await Promise.all(
    subjects.map(async (subject) => searched(reader, request, subject, audited)),
  );
  const events = found.flatMap((one) => one.events);
  // A queue of ours is looked for as an object and as a target: the first to find an event has it.
  const once = new Map([...events].reverse().map((event) => [event.id, event]));
  return {
    events: events.filter((event) => once.get(event.id) === event),
    gaps: found.flatMap(({ gaps }) => gaps),
    actions: [...new Set(ofThem.map(({ action }) => action))].sort(byText),
  };
}

type Found = Omit<Trail, 'actions'>;

async function searched(
  reader: Reader,
  request: TrailRequest,
  subject: Subject,
  audited: readonly AuditedAction[],
): Promise<Found> {
  const { fromMs, toMs, patienceMs } = request;
  const wanted = request.action?.toLowerCase();
  const places = new Map<string, AuditedAction>();
  const ofIt = audited.filter(subject.isOf);
  if (ofIt.length === 0 && subject.isWanted) {
    const why = `the platform audits no ${subject.type}, so that nothing of it can be here`;
    return { events: [], gaps: [{ what: subject.what, why, error: null }] };
  }
  for (const one of ofIt) {
    if (wanted !== undefined && one.action.toLowerCase() !== wanted) continue;
    places.set(`${one.service} ${one.entityType}`, one);
  }
  const parts = await Promise.all(
    [...places.values()].map(async ({ service, entityType, action }): Promise<Found> => {
      const asked = wanted === undefined ? null : action;
      try {
        const search = { fromMs, toMs, service, entityType, action: asked, patienceMs };
        const events = await reader.auditTrail(search);
        return {
          events: events.flatMap((event) => {
            const about = subject.about(event);
            return about === null ? [] : [{ ...event, ...about }];
          }),
          gaps: [],
        };
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error;
        return { events: [], gaps: [{ what: subject.what, why: error.message, error }] };
      }
    }),
  );
  return { events: parts.flatMap((one) => one.events), gaps: parts.flatMap((one) => one.gaps) };
}

function subjectsOf(request: TrailRequest): Subject[] {
  return [
    ...request.binding.all.map((bound) => objectsOf(bound, request)),
    ...tablesOf(request),
    queuesOf(request),
  ];
}

function objectsOf(bound: Bound, { homes, shown, addresses, records }: TrailRequest): Subject {
  const { kind, resource } = bound;
  const { audit } = resource;
  const root = rootOf(bound, homes);
  const known = [...records.values()].filter(({ address }) => kindName(address) === kind.name);
  const names = new Map([
    ...known.flatMap(({ id, address }) =>
      id === null ? [] : [[id, objectName(address)] as const],
    ),
    ...shown.map(({ id, name }) => [id, name] as const),
  ]);
  return {
    what: `records of ${kind.name}`,
    type: `${audit.entityType} (service ${audit.service})`,
    isWanted: root !== null && [...addresses].some((one) => one.startsWith(`${kind.name}/`)),
    isOf: ({ service, entityType }) =>
      service === audit.service && entityType === audit.entityType && root !== null,
    about: (event) => {
      const id = audit.idOf(event, root ?? '');
      if (id === '') return null;
      const address = `${kind.name}/${names.get(id) ?? (event.entityName || id)}`;
      return addresses.has(address) ? { address, what: address } : null;
    },
  };
}

type Named = Pick<TrailRequest, 'shown' | 'binding' | 'catalog' | 'records'>;

/** Of the queues that `shown` name: where our own runs have them on record. */
export function queueAddresses(request: Named): string[] {
  const kind = queueKindOf(request.binding);
  if (kind === undefined) return [];
  const { catalog } = request;
  return [...queueIdsOf(request)].map((id) => `${kind}/${catalog.nameOf('queue', id)}`);
}

function queueIdsOf({ shown, binding, catalog, records }: Named): ReadonlySet<string> {
  const former = formerIn(records);
  return new Set(
    shown.flatMap(({ address, kind, fields }) =>
      (binding.kindOf(kind).traffic?.destinations(fields) ?? []).flatMap(
        ({ queue }) => sought('queue', queue, address, catalog, former).id ?? [],
      ),
    ),
  );
}

function queueKindOf(binding: Binding): string | undefined {
  return binding.all.find((one) => one.kind.refType === 'queue')?.kind.name;
}

/** A table as a whole: made, changed, or filled from a file, which leaves no record of its rows. */
function tablesOf({ homes, binding }: TrailRequest): Subject[] {
  const names = binding.tables;
  const tables = new Map([...homes.tables.values()].map(({ id }) => [id, names.objects]));
  if (homes.state !== null) tables.set(homes.state.id, names.state);
  if (tables.size === 0) return [];
  return [
    {
      what: 'records of data tables',
      type: 'Schema or Bulk (service Datatables)',
      isWanted: true,
      isOf: ({ service, entityType }) =>
        service === 'Datatables' && (entityType === 'Schema' || entityType === 'Bulk'),
      about: ({ entityId }) => {
        const name = tables.get(entityId);
        return name === undefined ? null : { address: null, what: `table ${name}` };
      },
    },
  ];
}

/** Under which service the platform has its queues is not published: wherever it says. */
function queuesOf(request: Named): Subject {
  const { binding, catalog } = request;
  const queues = queueIdsOf(request);
  const kind = queueKindOf(binding);
  return {
    what: 'records of queues',
    type: 'Queue',
    isWanted: queues.size > 0,
    isOf: ({ entityType }) => entityType === 'Queue' && queues.size > 0,
    about: ({ entityId, entityName }) => {
      if (!queues.has(entityId)) return null;
      const known = catalog.nameOf('queue', entityId);
      const name = known === entityId ? entityName || known : known;
      const address = kind === undefined ? null : `${kind}/${name}`;
      return { address, what: `queue ${name}` };
    },
  };
}
