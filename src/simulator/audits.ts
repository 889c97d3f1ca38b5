/** The platform's own record of who changed what, and the two ways to query it. */
import type platformClient from 'purecloud-platform-client-v2';
import { isObject, type Json, type JsonObject } from '../core/json.js';
import { bodyOf, field, listAt, listOf, nextId, ok, param, wholeNumber } from './call.js';
import type { Call, Caller, Reply } from './call.js';
import { readInterval } from './interval.js';
import { instant, type AuditLogMessage, type AuditQuery, type AuditQueryFilter } from './model.js';
import type { Org } from './model.js';
import { badRequest, notFound } from './refusal.js';

type DomainEntityRef = platformClient.Models.DomainEntityRef;
type PropertyChange = platformClient.Models.PropertyChange;
type StatusResponse = platformClient.Models.AuditQueryExecutionStatusResponse;
type ResultsResponse = platformClient.Models.AuditQueryExecutionResultsResponse;
type RealtimeResponse = platformClient.Models.AuditRealtimeQueryResultsResponse;

const QUEUED_MS = 100;
const RUNNING_MS = 200;
const DEFAULT_PAGE_SIZE = 25;
const MAX_PAGE = 500;
const DAY_MS = 86_400_000;
const MAX_INTERVAL_DAYS = 30;
const REALTIME_DAYS = 14;
/** A query is forgotten after this long. */
const KEEP_QUERY_MS = DAY_MS;

export interface Event {
  readonly serviceName: 'Routing' | 'Architect' | 'Datatables';
  readonly entityType: string;
  readonly action: 'Create' | 'Update' | 'Activate' | 'Delete';
  readonly entity: DomainEntityRef;
  readonly propertyChanges: PropertyChange[];
  readonly context?: Record<string, string>;
}

/** Who did it and when: a call, or a job that remembers who asked for it. */
interface Deed {
  readonly org: Org;
  readonly at: number;
  readonly caller: Pick<Caller, 'client' | 'user'>;
}

/**
 * Records a write that has taken effect. A client that acts for itself is its own user; the client
 * behind a person's work in the user interface has no id.
 */
export function witness({ org, at, caller }: Deed, event: Event): void {
  if (!isAudited(org, event)) return;
  const { user } = caller;
  const client = { id: caller.client.id, selfUri: `/api/v2/oauth/clients/${caller.client.id}` };
  const itself = (id: string): DomainEntityRef => ({ id, selfUri: `/api/v2/users/${id}` });
  const message: AuditLogMessage = {
    id: nextId(org, 'audit'),
    userHomeOrgId: org.id,
    ...(user === null
      ? ownUser(org, caller.client.id, itself)
      : { user: { ...itself(user.id), name: user.name } }),
    client: user === null ? client : { id: '' },
    remoteIp: ['127.0.0.1'],
    serviceName: event.serviceName,
    level: 'USER',
    eventDate: instant(at),
    message: { message: `${event.action} ${event.entityType} ${event.entity.name ?? ''}`.trim() },
    action: event.action,
    entity: event.entity,
    entityType: event.entityType,
    status: 'SUCCESS',
    transactionInitiator: true,
    propertyChanges: event.propertyChanges,
    context: event.context ?? {},
  };
  org.audits.push(message);
}

/** Whose a record of a client that acts for itself says that it is. */
function ownUser(
  { manners: { auditOfRows } }: Org,
  id: string,
  itself: (id: string) => DomainEntityRef,
): Pick<AuditLogMessage, 'user'> {
  if (auditOfRows === undefined || auditOfRows.events === 'none') return { user: itself(id) };
  if (auditOfRows.self === 'nobody') return {};
  return { user: itself(auditOfRows.self === 'user' ? `user-of-${id}` : id) };
}

const FILTERS: Readonly<Record<string, (message: AuditLogMessage) => string | undefined>> = {
  UserId: (message) => message.user?.id,
  ClientId: (message) => message.client?.id,
  TrusteeOrganizationId: () => undefined,
  Action: (message) => message.action,
  EntityType: (message) => message.entityType,
  EntityId: (message) => message.entity?.id,
};

interface Asked {
  readonly interval: string;
  readonly from: number;
  readonly to: number;
  readonly serviceName: string | null;
  readonly filters: readonly AuditQueryFilter[];
  readonly ascending: boolean;
}

function readQuery(body: JsonObject): Asked {
  const interval = field(body, 'interval');
  if (typeof interval !== 'string') throw badRequest('interval is required');
  const serviceName = field(body, 'serviceName') ?? null;
  if (serviceName !== null && typeof serviceName !== 'string') {
    throw badRequest('serviceName must be a text');
  }
  const [from, to] = readInterval(interval, MAX_INTERVAL_DAYS);
  const filters = listAt(body, 'filters').map(readFilter);
  const sort = listAt(body, 'sort')[0];
  const ascending = isObject(sort) && field(sort, 'sortOrder') === 'ascending';
  return { interval, from, to, serviceName, filters, ascending };
}

function readFilter(filter: Json): AuditQueryFilter {
  const property = isObject(filter) ? field(filter, 'property') : undefined;
  const value = isObject(filter) ? field(filter, 'value') : undefined;
  if (typeof property !== 'string' || typeof value !== 'string') {
    throw badRequest('A filter needs a property and a value');
  }
  if (!Object.hasOwn(FILTERS, property)) {
    throw badRequest(`Unknown filter property '${property}'`, 'invalid.value');
  }
  return { property, value };
}

/** Values of one property are alternatives; different properties must all hold. */
function search(org: Org, asked: Asked): AuditLogMessage[] {
  const wanted = new Map<string, Set<string>>();
  for (const { property, value } of asked.filters) {
    wanted.set(property, (wanted.get(property) ?? new Set()).add(value));
  }
  const found = org.audits.filter((message) => {
    const at = Date.parse(message.eventDate ?? '');
    if (at < asked.from || at > asked.to) return false;
    if (asked.serviceName !== null && message.serviceName !== asked.serviceName) return false;
    return [...wanted].every(([property, values]) => {
      const value = FILTERS[property]?.(message);
      return value !== undefined && values.has(value);
    });
  });
  return asked.ascending ? found : found.reverse();
}

/** `POST /api/v2/audits/query`: takes the query in; its state follows from the time since. */
export function submitQuery(call: Call): Reply {
  const { org, at } = call;
  const asked = readQuery(bodyOf(call));
  for (const [id, old] of org.auditQueries) {
    if (old.submittedAt + KEEP_QUERY_MS < at) org.auditQueries.delete(id);
  }
  const query: AuditQuery = {
    id: nextId(org, 'audit-query'),
    submittedAt: at,
    interval: asked.interval,
    serviceName: asked.serviceName,
    filters: asked.filters,
    found: search(org, asked),
  };
  org.auditQueries.set(query.id, query);
  return ok(showStatus(query, call));
}

/** `GET /api/v2/audits/query/{transactionId}` */
export function showQuery(call: Call): Reply {
  return ok(showStatus(queryOf(call), call));
}

/** `GET /api/v2/audits/query/{transactionId}/results`: without `cursor` in the answer: the end. */
export function showResults(call: Call): Reply {
  const query = queryOf(call);
  if (queryStateOf(query, call) !== 'Succeeded')
    throw badRequest('The query has not succeeded yet');
  const pageSize = wholeNumber(call.query, 'pageSize', DEFAULT_PAGE_SIZE, [1, MAX_PAGE]);
  const start = readCursor(call.query.get('cursor'), query.found.length);
  const end = start + pageSize;
  const body: ResultsResponse = {
    id: query.id,
    pageSize,
    ...(end < query.found.length ? { cursor: `after-${end}` } : {}),
    entities: query.found.slice(start, end).map((message) => shown(call, message)),
  };
  return ok(body);
}

/** `POST /api/v2/audits/query/realtime`: at once, the last 14 days, numbered pages. */
export function queryRealtime(call: Call): Reply {
  const body = bodyOf(call);
  const asked = readQuery(body);
  if (asked.from < call.at - REALTIME_DAYS * DAY_MS) {
    throw badRequest(`Realtime queries reach back ${REALTIME_DAYS} days`, 'invalid.date');
  }
  const pageSize = numberAt(body, 'pageSize', DEFAULT_PAGE_SIZE, MAX_PAGE);
  const pageNumber = numberAt(body, 'pageNumber', 1, Number.MAX_SAFE_INTEGER);
  const found = search(call.org, asked);
  const start = (pageNumber - 1) * pageSize;
  const response: RealtimeResponse = {
    entities: found.slice(start, start + pageSize).map((message) => shown(call, message)),
    pageSize,
    pageNumber,
    total: found.length,
    pageCount: Math.ceil(found.length / pageSize),
  };
  return ok(response);
}

/** An org that does not audit something has no record of it. */
function isAudited({ manners: { audit } }: Org, { serviceName, entityType }: Event): boolean {
  if (audit === undefined) return true;
  return audit.some((one) => one.service === serviceName && one.entityType === entityType);
}

function numberAt(body: JsonObject, name: string, fallback: number, max: number): number {
  const value = field(body, name) ?? fallback;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > max) {
    throw badRequest(`${name} must be a whole number from 1 to ${max}`, 'invalid.value');
  }
  return value;
}

function queryOf(call: Call): AuditQuery {
  const id = param(call, 'transactionId');
  const query = call.org.auditQueries.get(id);
  if (query === undefined) throw notFound('Audit query', id);
  return query;
}

function queryStateOf(
  query: AuditQuery,
  { org, at }: Pick<Call, 'org' | 'at'>,
): 'Queued' | 'Running' | 'Succeeded' {
  const age = at - query.submittedAt;
  if (age < QUEUED_MS) return 'Queued';
  if (org.auditsStall) return 'Running';
  return age < QUEUED_MS + RUNNING_MS ? 'Running' : 'Succeeded';
}

function showStatus(query: AuditQuery, call: Pick<Call, 'org' | 'at'>): StatusResponse {
  return {
    id: query.id,
    state: queryStateOf(query, call),
    startDate: instant(query.submittedAt),
    interval: query.interval,
    ...(query.serviceName === null ? {} : { serviceName: query.serviceName }),
    filters: [...query.filters],
  };
}

function readCursor(text: string | null, count: number): number {
  if (text === null || text === '') return 0;
  const start = Number(/^after-(\d{1,9})$/.exec(text)?.[1] ?? NaN);
  if (!(start < count)) throw badRequest(`The cursor '${text}' is not one of this query`);
  return start;
}

/** A user's name is shown with `expand=user` only. */
function shown(call: Call, message: AuditLogMessage): AuditLogMessage {
  const { user } = message;
  if (user === undefined || listOf(call.query, 'expand').includes('user')) return message;
  const { id = '', selfUri = '' } = user;
  return { ...message, user: { id, selfUri } };
}
