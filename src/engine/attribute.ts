/** Asks the platform's own audit who changed what drifted. */
import {
  attribute,
  leavesOthers,
  type Attributed,
  type Attribution,
  type Drift,
  type Testimony,
} from '../core/drift.js';
import { PlatformError } from '../core/errors.js';
import { isObject, type Json, type JsonObject } from '../core/json.js';
import type { PlaceStep } from '../core/place.js';
import type { AuditedEvent, AuditSubject, IdOf, PartAudit, Resource } from '../core/resource.js';
import type { FieldChange } from '../core/types.js';
import { kindName } from '../core/outcome.js';
import { rootOf, type Homes } from './homes.js';
import type { Binding } from './bind.js';
import type { Reader } from './ports.js';

export interface AttributionRequest {
  readonly drifts: readonly Drift[];
  readonly binding: Binding;
  readonly homes: Homes;
  readonly ownClient: string;
  readonly idOf: IdOf;
  /** How far back the audit is searched, in milliseconds. */
  readonly windowMs: number;
}

/** Clocks differ: an edit right after an apply may be dated before it. */
const SKEW_MS = 300_000;

/** One search a kind. What cannot be found out is said in the attribution, it fails nothing. */
export async function attributed(
  reader: Reader,
  request: AttributionRequest,
): Promise<Attributed[]> {
  const kinds = [...new Set(request.drifts.map(({ address }) => kindName(address)))];
  const found = await Promise.all(
    kinds.map(async (name) => {
      const drifts = request.drifts.filter(({ address }) => kindName(address) === name);
      const bound = request.binding.of(name);
      const { resource } = bound;
      const subject = resource.audit;
      const root = rootOf(bound, request.homes);
      // The audit is dated by the platform's clock, and so are our records.
      const toMs = reader.nowMs();
      const fromMs = Math.max(toMs - request.windowMs, earliest(drifts) - SKEW_MS);
      const testimony = await search(reader, { fromMs, toMs, ...subject });
      const { ownClient, idOf } = request;
      const entityOf: Testimony['entityOf'] = (object, fields) =>
        resource.entity(object, fields, idOf);
      const shared = { ...testimony, ownClient, idOf, entityOf, root };
      const whole = drifts.map((drift) =>
        attribute(drift, subject, { ...shared, ...timesOf(drift) }),
      );
      const within = { toMs, fromMs };
      return withEntries(reader, resource, within, whole, { ...shared, root: null });
    }),
  );
  const byAddress = new Map(found.flat().map((one) => [one.address, one]));
  return request.drifts.flatMap(({ address }) => byAddress.get(address) ?? []);
}

type Shared = Omit<Testimony, 'sinceMs' | 'wholeSinceMs'>;

/** Of entries of parts, as rows of a table, the platform keeps records of their own. */
async function withEntries(
  reader: Reader,
  { parts = [] }: Pick<Resource, 'parts'>,
  within: { readonly fromMs: number; readonly toMs: number },
  drifts: readonly Attributed[],
  shared: Shared,
): Promise<Attributed[]> {
  let all = [...drifts];
  for (const { field, audit } of parts) {
    const isOf = ({ place = [] }: FieldChange): boolean => place[0] === field && place.length > 1;
    if (audit === undefined || !all.some(({ fields }) => fields.some(isOf))) continue;
    const { service, entityType } = audit;
    const testimony = await search(reader, { ...within, service, entityType });
    all = all.map((drift) => {
      const of = { ...shared, ...testimony, ...timesOf(drift) };
      const by = drift.by.map((one, index) => {
        const change = drift.fields[index];
        if (change === undefined || !isOf(change)) return one;
        return entryAttribution(drift, change, audit, of) ?? one;
      });
      return { ...drift, by };
    });
  }
  return all;
}

/** Who changed one cell, or all of an entry; `null` where the object has no id on record. */
function entryAttribution(
  drift: Attributed,
  change: FieldChange,
  audit: PartAudit,
  testimony: Testimony,
): Attribution | null {
  const [, entry, cell] = change.place ?? [];
  const id = drift.record?.id ?? null;
  if (id === null || drift.record === null) return null;
  const key = keyIn(entry);
  const property = keyIn(cell);
  const before = change.before ?? null;
  const entity: JsonObject =
    property !== null ? { [property]: before } : isObject(before) ? before : {};
  const subject: AuditSubject = {
    service: audit.service,
    entityType: audit.entityType,
    idOf: (record) => audit.keyOf(record, id),
    holding: () => (one) => property === null || one === property,
    valueIn: (of, one) => (of[one] === undefined ? null : cellText(of[one] ?? null)),
  };
  const isGone = change.before === undefined && property === null;
  const one = {
    ...drift,
    record: { ...drift.record, id: key },
    how: isGone ? ('deleted' as const) : ('changed' as const),
    fields: [change],
    found: { entity, unknown: [] },
  };
  return attribute(one, subject, testimony).by[0] ?? null;
}

/** By its name or its key; `null` for no step. */
function keyIn(step: PlaceStep | undefined): string | null {
  if (typeof step === 'string') return step;
  return step !== undefined && 'key' in step ? step.key : null;
}

/** As audits write a cell. */
function cellText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function earliest(drifts: readonly Drift[]): number {
  return Math.min(
    ...drifts.map((one) => (leavesOthers(one.record) ? 0 : timesOf(one).wholeSinceMs)),
  );
}

function timesOf({ record }: Drift): Required<Pick<Testimony, 'sinceMs' | 'wholeSinceMs'>> {
  const { at = '', wholeAt = at } = record ?? {};
  return { sinceMs: msOf(at), wholeSinceMs: msOf(wholeAt) };
}

/** The beginning of time where nobody knows. */
function msOf(at: string): number {
  const ms = Date.parse(at);
  return Number.isFinite(ms) ? ms : 0;
}

async function search(
  reader: Reader,
  query: { fromMs: number; toMs: number; service: string; entityType: string },
): Promise<{ events: readonly AuditedEvent[]; otherwise: string }> {
  const since = new Date(query.fromMs).toISOString();
  try {
    const services = await reader.auditServices();
    if (!(services.get(query.service)?.includes(query.entityType) ?? false)) {
      const otherwise = `the platform audits no ${query.entityType} (service ${query.service})`;
      return { events: [], otherwise };
    }
    const events = await reader.audits(query);
    return { events, otherwise: `not in the audit window, which begins ${since}` };
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return { events: [], otherwise: `the audit could not be read: ${error.message}` };
  }
}
