/** Asks the platform's own audit who changed what drifted. */
import { attribute, type Attributed, type Drift, type Testimony } from '../core/drift.js';
import { PlatformError } from '../core/errors.js';
import type { AuditedEvent, IdOf } from '../core/resource.js';
import { kindName } from '../core/outcome.js';
import { rootOf, type Homes } from './homes.js';
import type { Binding } from './bind.js';
import type { Clock, Reader } from './ports.js';

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
  clock: Clock,
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
      const toMs = clock.now();
      const fromMs = Math.max(toMs - request.windowMs, earliest(drifts) - SKEW_MS);
      const testimony = await search(reader, { fromMs, toMs, ...subject });
      const { ownClient, idOf } = request;
      const entityOf: Testimony['entityOf'] = (object, fields) =>
        resource.entity(object, fields, idOf);
      const shared = { ...testimony, ownClient, idOf, entityOf, root };
      return drifts.map((drift) =>
        attribute(drift, subject, { ...shared, sinceMs: appliedAtMs(drift) }),
      );
    }),
  );
  const byAddress = new Map(found.flat().map((one) => [one.address, one]));
  return request.drifts.flatMap(({ address }) => byAddress.get(address) ?? []);
}

function earliest(drifts: readonly Drift[]): number {
  return Math.min(...drifts.map(appliedAtMs));
}

/** The beginning of time where nobody knows. */
function appliedAtMs({ record }: Drift): number {
  const ms = Date.parse(record?.at ?? '');
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
