/** `POST /api/v2/analytics/conversations/aggregates/query`: what became of conversations. */
import type platformClient from 'purecloud-platform-client-v2';
import { isObject, type Json, type JsonObject } from '../core/json.js';
import { bodyOf, field, listAt, ok, type Call, type Reply } from './call.js';
import { readInterval } from './interval.js';
import { instant, type Org } from './model.js';
import { badRequest } from './refusal.js';

type AggregateMetricData = platformClient.Models.AggregateMetricData;
type ConversationAggregateDataContainer = platformClient.Models.ConversationAggregateDataContainer;
type ConversationAggregateQueryResponse = platformClient.Models.ConversationAggregateQueryResponse;
type StatisticalResponse = platformClient.Models.StatisticalResponse;
type StatisticalSummary = platformClient.Models.StatisticalSummary;

const MAX_INTERVAL_DAYS = 31;
const MAX_PREDICATES = 100;
/** Of an interval: a month of quarters of an hour, and some. */
const MOST_PARTS = 3000;
/** Everything simulated is a call. */
const MEDIA_TYPE = 'voice';
/** Part of the calls that every queue means to answer in time. */
const PROMISED_PART = 0.8;

/** Of a conversation that may be under way: what has happened of it so far. */
interface Happened {
  readonly queueId: string;
  readonly offeredAt: number;
  /** `null` while it waits. */
  readonly waitMs: number | null;
  /** `null` until it is over; `at` is then. */
  readonly handleMs: number | null;
  readonly at: number;
  readonly gaveUp: boolean;
  /** The promise of its queue. */
  readonly withinMs: number;
}

interface Emitted {
  readonly at: number;
  readonly ms?: number;
}

/** When a conversation counts for a metric, and with how many milliseconds; `null`: never. */
type Emission = (one: Happened) => Emitted | null;

const waited: Emission = ({ offeredAt, waitMs }) =>
  waitMs === null ? null : { at: offeredAt + waitMs, ms: waitMs };
const handled: Emission = ({ gaveUp, at, handleMs }) =>
  gaveUp || handleMs === null ? null : { at, ms: handleMs };

const EMISSIONS: Readonly<Record<string, Emission>> = {
  nOffered: ({ offeredAt }) => ({ at: offeredAt }),
  nOverSla: (one) => (isOverSla(one) ? counted(waited(one)) : null),
  tWait: waited,
  tAcd: waited,
  tAnswered: (one) => (one.gaveUp ? null : waited(one)),
  tAbandon: (one) => (one.gaveUp ? waited(one) : null),
  tHandle: handled,
  tTalk: handled,
  // No duration: it is counted by itself below.
  oServiceLevel: (one) => counted(waited(one)),
};

function counted(emitted: Emitted | null): Emitted | null {
  return emitted === null ? null : { at: emitted.at };
}

function isOverSla({ gaveUp, waitMs, withinMs }: Happened): boolean {
  return !gaveUp && (waitMs ?? 0) > withinMs;
}

/** What a queue of Genesys Cloud promises unless it says something else. */
const USUAL_MS = 20_000;

function* happened({ conversations, flow, queues }: Org): Generator<Happened> {
  const within = (id: string): number => queues.get(id)?.answerWithinMs ?? USUAL_MS;
  for (const one of conversations) {
    yield { ...one, gaveUp: one.end === 'abandoned', withinMs: within(one.queueId) };
  }
  for (const { strategy, queueId, offeredAt, waitedUntil } of flow?.underWay ?? []) {
    if (strategy === null) continue;
    const waitMs = waitedUntil === null ? null : waitedUntil - offeredAt;
    const withinMs = within(queueId);
    yield { queueId, offeredAt, waitMs, handleMs: null, at: Infinity, gaveUp: false, withinMs };
  }
}

interface Asked {
  readonly interval: string;
  readonly from: number;
  readonly to: number;
  /** Milliseconds of each part of the interval; the last may be shorter. */
  readonly partMs: number;
  readonly metrics: readonly string[];
  readonly groupBy: readonly string[];
  /** Whether a conversation of this queue is asked for. */
  readonly wanted: (queueId: string) => boolean;
}

/** A metric that nothing counts for is left out, and so is a group without any. */
export function queryAggregates(call: Call): Reply {
  const asked = readQuery(bodyOf(call));
  const groups = new Map<string, Happened[]>();
  for (const one of happened(call.org)) {
    if (!asked.wanted(one.queueId)) continue;
    const key = asked.groupBy.includes('queueId') ? one.queueId : '';
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  const results: ConversationAggregateDataContainer[] = [];
  for (const [queueId, conversations] of groups) {
    const data = dataOf(conversations, asked);
    if (data.length === 0) continue;
    const group = {
      ...(asked.groupBy.includes('queueId') ? { queueId } : {}),
      mediaType: MEDIA_TYPE,
    };
    results.push({ group, data });
  }
  const response: ConversationAggregateQueryResponse = { results };
  return ok(response);
}

/** By part of the interval, those in which nothing counted left out. */
function dataOf(
  conversations: readonly Happened[],
  { interval, from, to, partMs, metrics }: Asked,
): StatisticalResponse[] {
  const parts = new Map<number, AggregateMetricData[]>();
  for (const metric of metrics) {
    const emission = EMISSIONS[metric];
    const byPart = new Map<number, Counted[]>();
    for (const one of conversations) {
      const emitted = emission?.(one) ?? null;
      if (emitted === null || emitted.at < from || emitted.at >= to) continue;
      const part = Math.floor((emitted.at - from) / partMs);
      const others = byPart.get(part);
      if (others === undefined) byPart.set(part, [{ one, ...emitted }]);
      else others.push({ one, ...emitted });
    }
    for (const [part, all] of byPart) {
      parts.set(part, [...(parts.get(part) ?? []), metricOf(metric, all)]);
    }
  }
  return [...parts]
    .sort(([a], [b]) => a - b)
    .map(([part, found]) => {
      const [start, end] = [from + part * partMs, Math.min(from + (part + 1) * partMs, to)];
      const whole = start === from && end === to;
      return { interval: whole ? interval : `${instant(start)}/${instant(end)}`, metrics: found };
    });
}

interface Counted extends Emitted {
  readonly one: Happened;
}

function metricOf(metric: string, counted: readonly Counted[]): AggregateMetricData {
  if (metric === 'oServiceLevel') {
    return { metric, stats: serviceLevelOf(counted.map(({ one }) => one)) };
  }
  const durations = counted.flatMap(({ ms }) => ms ?? []);
  if (durations.length === 0) return { metric, stats: { count: counted.length } };
  const extremes = durations.reduce(
    ({ min, max }, ms) => ({ min: Math.min(min, ms), max: Math.max(max, ms) }),
    { min: Infinity, max: 0 },
  );
  const sum = durations.reduce((total, ms) => total + ms, 0);
  return { metric, stats: { ...extremes, count: counted.length, sum } };
}

function serviceLevelOf(conversations: readonly Happened[]): StatisticalSummary {
  const numerator = conversations.filter((one) => !one.gaveUp && !isOverSla(one)).length;
  const denominator = conversations.length;
  const ratio = numerator / denominator;
  return { ratio, numerator, denominator, target: PROMISED_PART };
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
  const partMs = readGranularity(field(body, 'granularity'), to - from);
  return { interval, from, to, partMs, metrics, groupBy, wanted: readFilter(body) };
}

const GRANULARITY = /^P(?:(?<days>\d+)D)?(?:T(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?)?$/;

/** Milliseconds; all of the interval where nothing is said. */
function readGranularity(written: Json | undefined, wholeMs: number): number {
  if (written === undefined) return Math.max(wholeMs, 1);
  const parts = GRANULARITY.exec(typeof written === 'string' ? written : '')?.groups;
  const { days = '0', hours = '0', minutes = '0' } = parts ?? {};
  const ms = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000;
  if (parts !== undefined && ms > 0 && wholeMs / ms <= MOST_PARTS) return ms;
  const message = `The granularity ${JSON.stringify(written)} is no period that fits the interval`;
  throw badRequest(message, 'invalid.value');
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
