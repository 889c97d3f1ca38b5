/** `POST /api/v2/analytics/routing/activity/query`: the members of queues, and what they do. */
import type platformClient from 'purecloud-platform-client-v2';
import { isObject, type JsonObject } from '../core/json.js';
import { MAX_QUEUES, queuesOf } from './analytics.js';
import { bodyOf, field, listAt, ok, wholeNumber, type Call, type Reply } from './call.js';
import { routingStatus } from './directory.js';
import { instant, SEED_DATE, type User } from './model.js';
import { badRequest } from './refusal.js';

type RoutingActivityData = platformClient.Models.RoutingActivityData;
type RoutingActivityEntityData = platformClient.Models.RoutingActivityEntityData;
type RoutingActivityMetricValue = platformClient.Models.RoutingActivityMetricValue;
type RoutingActivityResponse = platformClient.Models.RoutingActivityResponse;

/** Users that one group tells of. */
const MAX_ENTITIES = 1000;
const LAST_PAGE = 999_999_999;

const isOnQueue = (user: User): boolean => user.status !== 'offQueue';

interface Counting {
  readonly of: (user: User) => boolean;
  readonly byStatus?: true;
}

/** Which members of a queue a metric counts, and whether it counts them by routing status. */
const METRICS: ReadonlyMap<string, Counting> = new Map<string, Counting>([
  ['oActiveUsers', { of: () => true }],
  ['oMemberUsers', { of: () => true }],
  ['oOffQueueUsers', { of: (user) => !isOnQueue(user) }],
  ['oOnQueueUsers', { of: isOnQueue, byStatus: true }],
  ['oUserPresences', { of: () => false }],
  ['oUserRoutingStatuses', { of: () => true, byStatus: true }],
]);

interface Asked {
  readonly metric: string;
  readonly details: boolean;
}

export function queryActivity(call: Call): Reply {
  const body = bodyOf(call);
  const metrics = metricsOf(body);
  const groupBy = field(body, 'groupBy');
  if (!Array.isArray(groupBy) || groupBy.length !== 1 || groupBy[0] !== 'queueId') {
    throw badRequest('groupBy must be queueId', 'invalid.value');
  }
  const groups = [...queuesOf(body)].flatMap((id) => groupOf(call, id, metrics) ?? []);
  const pageSize = wholeNumber(call.query, 'pageSize', MAX_QUEUES, [1, MAX_QUEUES]);
  const pageNumber = wholeNumber(call.query, 'pageNumber', 1, [1, LAST_PAGE]);
  const start = (pageNumber - 1) * pageSize;
  const results = groups.slice(start, start + pageSize);
  const response: RoutingActivityResponse = { results, entityIdDimension: 'userId' };
  return ok(response);
}

function metricsOf(body: JsonObject): Asked[] {
  const metrics = listAt(body, 'metrics').map((one): Asked => {
    const metric = isObject(one) ? field(one, 'metric') : null;
    if (!isObject(one) || typeof metric !== 'string' || !METRICS.has(metric)) {
      throw badRequest(`Unknown metric ${JSON.stringify(one)}`, 'invalid.value');
    }
    return { metric, details: field(one, 'details') === true };
  });
  if (metrics.length === 0) throw badRequest('metrics are required');
  return metrics;
}

function groupOf(
  call: Call,
  queueId: string,
  metrics: readonly Asked[],
): RoutingActivityData | null {
  const { org } = call;
  const members = (org.queues.get(queueId)?.memberIds ?? []).flatMap(
    (id) => org.users.get(id) ?? [],
  );
  if (members.length === 0) return null;
  const truncated = members.length > MAX_ENTITIES;
  const half = MAX_ENTITIES / 2;
  const told = truncated ? [...members.slice(0, half), ...members.slice(-half)] : members;
  const data = metrics.flatMap((asked) => valuesOf(asked, members, new Set(told)));
  const detailed = metrics
    .filter(({ details }) => details)
    .map(({ metric }) => METRICS.get(metric));
  const shown = told.filter((user) => detailed.some((metric) => metric?.of(user)));
  const entities = shown.map((user) => entityOf(call, queueId, user));
  return { group: { queueId }, data, truncated, ...(entities.length === 0 ? {} : { entities }) };
}

function valuesOf(
  { metric, details }: Asked,
  members: readonly User[],
  told: ReadonlySet<User>,
): RoutingActivityMetricValue[] {
  const { of, byStatus } = METRICS.get(metric) ?? { of: () => false };
  const counted = members.filter(of);
  const qualifiers = byStatus === undefined ? [null] : [...new Set(counted.map(routingStatus))];
  return qualifiers.flatMap((qualifier): RoutingActivityMetricValue[] => {
    const users = counted.filter((user) => qualifier === null || routingStatus(user) === qualifier);
    if (users.length === 0) return [];
    const ids = users.filter((user) => told.has(user)).map(({ id }) => id);
    return [
      {
        metric,
        ...(qualifier === null ? {} : { qualifier }),
        ...(details ? { entityIds: ids } : {}),
        count: users.length,
      },
    ];
  });
}

function entityOf({ at }: Call, queueId: string, user: User): RoutingActivityEntityData {
  return {
    activityDate: instant(at),
    userId: user.id,
    queueId,
    queueMembershipStatus: 'active',
    routingStatus: routingStatus(user),
    routingStatusDate: SEED_DATE,
  };
}
