/** `POST /api/v2/analytics/conversations/aggregates/query`: what became of conversations. */
import type platformClient from 'purecloud-platform-client-v2';
import { isObject, type Json, type JsonObject } from '../core/json.js';
import { bodyOf, field, listAt, ok, type Call, type Reply } from './call.js';
import { readInterval } from './interval.js';
import type { FinishedConversation } from './model.js';
import { badRequest } from './refusal.js';

type AggregateMetricData = platformClient.Models.AggregateMetricData;
type ConversationAggregateDataContainer = platformClient.Models.ConversationAggregateDataContainer;
type ConversationAggregateQueryResponse = platformClient.Models.ConversationAggregateQueryResponse;
type StatisticalSummary = platformClient.Models.StatisticalSummary;

const MAX_INTERVAL_DAYS = 31;
const MAX_PREDICATES = 100;
/** Everything simulated is a call. */
const MEDIA_TYPE = 'voice';
/** What a queue of Genesys Cloud promises unless it says something else: 80 % within 20 s. */
const SERVICE_LEVEL = { target: 0.8, withinMs: 20_000 } as const;

/** When a conversation counts for a metric, and with how many milliseconds; `null`: never. */
type Emission = (one: FinishedConversation) => { readonly at: number; readonly ms?: number } | null;

const leftQueueAt = (one: FinishedConversation): number => one.offeredAt + one.waitMs;

const EMISSIONS: Readonly<Record<string, Emission>> = {
  nOffered: ({ offeredAt }) => ({ at: offeredAt }),
  nOverSla: (one) => (isOverSla(one) ? { at: leftQueueAt(one) } : null),
  tWait: (one) => ({ at: leftQueueAt(one), ms: one.waitMs }),
  tAcd: (one) => ({ at: leftQueueAt(one), ms: one.waitMs }),
  tAnswered: (one) => (wasAnswered(one) ? { at: leftQueueAt(one), ms: one.waitMs } : null),
  tAbandon: (one) => (wasAnswered(one) ? null : { at: one.at, ms: one.waitMs }),
  tHandle: (one) => (wasAnswered(one) ? { at: one.at, ms: one.handleMs } : null),
  tTalk: (one) => (wasAnswered(one) ? { at: one.at, ms: one.handleMs } : null),
  // No duration: it is counted by itself below.
  oServiceLevel: (one) => ({ at: leftQueueAt(one) }),
};

function wasAnswered({ end }: FinishedConversation): boolean {
  return end === 'answered';
}

function isOverSla(one: FinishedConversation): boolean {
  return wasAnswered(one) && one.waitMs > SERVICE_LEVEL.withinMs;
}

interface Asked {
  readonly interval: string;
  readonly from: number;
  readonly to: number;
  readonly metrics: readonly string[];
  readonly groupBy: readonly string[];
  /** Whether a conversation of this queue is asked for. */
  readonly wanted: (queueId: string) => boolean;
}

/** A metric that nothing counts for is left out, and so is a group without any. */
export function queryAggregates(call: Call): Reply {
  const asked = readQuery(bodyOf(call));
  const groups = new Map<string, FinishedConversation[]>();
  for (const one of call.org.conversations) {
    if (!asked.wanted(one.queueId)) continue;
    const key = asked.groupBy.includes('queueId') ? one.queueId : '';
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  const results: ConversationAggregateDataContainer[] = [];
  for (const [queueId, conversations] of groups) {
    const metrics = asked.metrics.flatMap((name) => metricOf(name, conversations, asked));
    if (metrics.length === 0) continue;
    const group = {
      ...(asked.groupBy.includes('queueId') ? { queueId } : {}),
      mediaType: MEDIA_TYPE,
    };
    results.push({ group, data: [{ interval: asked.interval, metrics }] });
  }
  const response: ConversationAggregateQueryResponse = { results };
  return ok(response);
}

function metricOf(
  metric: string,
  conversations: readonly FinishedConversation[],
  { from, to }: Asked,
): AggregateMetricData[] {
  const emission = EMISSIONS[metric];
  const counted = conversations.flatMap((one) => {
    const emitted = emission?.(one) ?? null;
    return emitted !== null && emitted.at >= from && emitted.at < to ? [{ one, ...emitted }] : [];
  });
  if (counted.length === 0) return [];
  if (metric === 'oServiceLevel') {
    return [{ metric, stats: serviceLevelOf(counted.map(({ one }) => one)) }];
  }
  const durations = counted.flatMap(({ ms }) => ms ?? []);
  if (durations.length === 0) return [{ metric, stats: { count: counted.length } }];
  const extremes = durations.reduce(
    ({ min, max }, ms) => ({ min: Math.min(min, ms), max: Math.max(max, ms) }),
    { min: Infinity, max: 0 },
  );
  const sum = durations.reduce((total, ms) => total + ms, 0);
  return [{ metric, stats: { ...extremes, count: counted.length, sum } }];
}

function serviceLevelOf(conversations: readonly FinishedConversation[]): StatisticalSummary {
  const numerator = conversations.filter((one) => wasAnswered(one) && !isOverSla(one)).length;
  const denominator = conversations.length;
  const { target } = SERVICE_LEVEL;
  return { ratio: numerator / denominator, numerator, denominator, target };
}

function readQuery(body: JsonObject): Asked {
  const interval = field(body, 'interval');
  if (typeof interval !== 'string') throw badRequest('interval is required');
  const [from, to] = readInterval(interval, MAX_INTERVAL_DAYS);
  const metrics = textsAt(body, 'metrics');
  if (metrics.length === 0) throw badRequest('metrics are required');
  for (const metric of metrics) {
    if (Object.hasOwn(EMISSIONS, metric)) continue;
    throw badRequest(`Unknown metric ${JSON.stringify(metric)}`, 'invalid.value');
  }
  const groupBy = textsAt(body, 'groupBy');
  for (const name of groupBy) knownDimension(name);
  if (field(body, 'granularity') !== undefined) throw badRequest('granularity is not simulated');
  return { interval, from, to, metrics, groupBy, wanted: readFilter(body) };
}

/** Predicates and clauses, joined as their `type` says. */
function readFilter(body: JsonObject): Asked['wanted'] {
  const filter = field(body, 'filter');
  if (filter === undefined) return () => true;
  if (!isObject(filter)) throw badRequest('filter must be an object');
  const budget = { left: MAX_PREDICATES };
  const clauses = listAt(filter, 'clauses').map((clause) => {
    if (!isObject(clause)) throw badRequest('A clause must be an object');
    return joined(clause, predicatesOf(clause, budget));
  });
  return joined(filter, [...predicatesOf(filter, budget), ...clauses]);
}

function joined(of: JsonObject, tests: readonly Asked['wanted'][]): Asked['wanted'] {
  const type = field(of, 'type');
  if (type === 'and') return (queueId) => tests.every((test) => test(queueId));
  if (type === 'or') return (queueId) => tests.some((test) => test(queueId));
  throw badRequest('The type of a filter must be and or or');
}

function predicatesOf(of: JsonObject, budget: { left: number }): Asked['wanted'][] {
  return listAt(of, 'predicates').map((predicate) => {
    if (!isObject(predicate)) throw badRequest('A predicate must be an object');
    const dimension = field(predicate, 'dimension');
    const value = field(predicate, 'value');
    if (typeof value !== 'string' || value === '') throw badRequest('A predicate needs a value');
    if (knownDimension(dimension) === 'mediaType') return () => value === MEDIA_TYPE;
    budget.left -= 1;
    if (budget.left < 0) {
      const message = `At most ${MAX_PREDICATES} queueId predicates are allowed`;
      throw badRequest(message, 'invalid.value');
    }
    return (queueId) => queueId === value;
  });
}

function knownDimension(name: Json | undefined): string {
  if (name === 'queueId' || name === 'mediaType') return name;
  throw badRequest('Only the dimensions queueId and mediaType are simulated', 'invalid.value');
}

function textsAt(body: JsonObject, name: string): string[] {
  const texts = listAt(body, name).filter((one) => typeof one === 'string');
  if (texts.length !== listAt(body, name).length) throw badRequest(`${name} must hold texts`);
  return [...new Set(texts)];
}
