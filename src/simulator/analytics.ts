/** `POST /api/v2/analytics/queues/observations/query`: what happens in queues right now. */
import type platformClient from 'purecloud-platform-client-v2';
import { isObject, type Json, type JsonObject } from '../core/json.js';
import { bodyOf, field, listAt, ok, type Call, type Reply } from './call.js';
import { routingStatus } from './directory.js';
import type { Org, Queue } from './model.js';
import { badRequest } from './refusal.js';

type ObservationMetricData = platformClient.Models.ObservationMetricData;
type QueueObservationDataContainer = platformClient.Models.QueueObservationDataContainer;
type QueueObservationQueryResponse = platformClient.Models.QueueObservationQueryResponse;

export const MAX_QUEUES = 100;
/** Everything simulated is a call. */
const MEDIA_TYPE = 'voice';

const METRICS: ReadonlySet<string> = new Set([
  'oActiveUsers',
  'oAlerting',
  'oInteracting',
  'oLongestInteracting',
  'oLongestWaiting',
  'oMemberUsers',
  'oOffQueueUsers',
  'oOnQueueUsers',
  'oUserPresences',
  'oUserRoutingStatuses',
  'oWaiting',
]);

/** Counts of 0 are left out, and so is a group without any count. */
export function queryObservations(call: Call): Reply {
  const body = bodyOf(call);
  const metrics = metricsOf(body);
  const results: QueueObservationDataContainer[] = [];
  for (const queueId of queuesOf(body)) {
    const queue = call.org.queues.get(queueId);
    if (queue === undefined) continue;
    const interactions = [
      ...select(interactionCounts(queue), metrics),
      ...longest(call.org, queue, metrics),
    ];
    if (interactions.length > 0) {
      results.push({ group: { queueId, mediaType: MEDIA_TYPE }, data: interactions });
    }
    const users = select(userCounts(call.org, queue), metrics);
    if (users.length > 0) results.push({ group: { queueId }, data: users });
  }
  const response: QueueObservationQueryResponse = { systemToOrganizationMappings: {}, results };
  return ok(response);
}

function metricsOf(body: JsonObject): ReadonlySet<string> {
  const metrics = field(body, 'metrics');
  if (!Array.isArray(metrics) || metrics.length === 0) throw badRequest('metrics are required');
  const names = metrics.map((metric) => {
    if (typeof metric === 'string' && METRICS.has(metric)) return metric;
    throw badRequest(`Unknown metric ${JSON.stringify(metric)}`, 'invalid.value');
  });
  return new Set(names);
}

/** The queue ids of the filter, its clauses included, each once; at least one, at most 100. */
export function queuesOf(body: JsonObject): ReadonlySet<string> {
  const filter = field(body, 'filter');
  if (!isObject(filter)) throw badRequest('filter is required');
  const clauses = listAt(filter, 'clauses').flatMap((clause) => {
    if (!isObject(clause)) throw badRequest('A clause must be an object');
    return listAt(clause, 'predicates');
  });
  const values = [...listAt(filter, 'predicates'), ...clauses].flatMap(queueIdOf);
  if (values.length === 0) throw badRequest('The filter must name at least one queueId');
  if (values.length > MAX_QUEUES) {
    throw badRequest(`At most ${MAX_QUEUES} queueId predicates are allowed`, 'invalid.value');
  }
  return new Set(values);
}

function queueIdOf(predicate: Json): string[] {
  if (!isObject(predicate)) throw badRequest('A predicate must be an object');
  const dimension = field(predicate, 'dimension');
  const value = field(predicate, 'value');
  if (dimension === 'mediaType') return [];
  if (dimension !== 'queueId') throw badRequest('The dimension must be queueId or mediaType');
  if (typeof value !== 'string' || value === '') throw badRequest('A predicate needs a value');
  return [value];
}

interface Counted {
  readonly metric: string;
  readonly qualifier?: string;
  readonly count: number;
}

function interactionCounts(queue: Queue): Counted[] {
  return [
    { metric: 'oInteracting', count: queue.interacting },
    { metric: 'oWaiting', count: queue.waiting },
  ];
}

/** Since when the first of the line waits; nothing of those that the org file has waiting. */
function longest(
  { flow }: Org,
  { id }: Queue,
  metrics: ReadonlySet<string>,
): ObservationMetricData[] {
  const first = flow?.lines.get(id)?.[0];
  if (first === undefined || !metrics.has('oLongestWaiting')) return [];
  return [{ metric: 'oLongestWaiting', stats: { calculatedMetricValue: first.offeredAt } }];
}

function userCounts(org: Org, queue: Queue): Counted[] {
  const byStatus = new Map<string, number>();
  for (const id of queue.memberIds) {
    const user = org.users.get(id);
    if (user === undefined) continue;
    const status = routingStatus(user);
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
  }
  const of = (qualifier: string): number => byStatus.get(qualifier) ?? 0;
  const members = queue.memberIds.length;
  const onQueue = ['IDLE', 'INTERACTING'] as const;
  return [
    { metric: 'oActiveUsers', count: members },
    { metric: 'oMemberUsers', count: members },
    { metric: 'oOffQueueUsers', count: of('OFF_QUEUE') },
    ...onQueue.map((qualifier) => ({ metric: 'oOnQueueUsers', qualifier, count: of(qualifier) })),
    ...[...onQueue, 'OFF_QUEUE'].map((qualifier) => ({
      metric: 'oUserRoutingStatuses',
      qualifier,
      count: of(qualifier),
    })),
  ];
}

function select(counts: readonly Counted[], metrics: ReadonlySet<string>): ObservationMetricData[] {
  return counts
    .filter(({ metric, count }) => count > 0 && metrics.has(metric))
    .map(({ count, ...rest }) => ({ ...rest, stats: { count } }));
}
