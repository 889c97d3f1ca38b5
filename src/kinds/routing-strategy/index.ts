/** RoutingStrategy: where interactions go, in which order, under which conditions. */
import { same } from '../../core/canonical.js';
import { referenceKey } from '../../core/catalog.js';
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../../core/json.js';
import type { About, CheckRequest, Destination, Kind, Traffic } from '../../core/kind.js';
import type { IdOf } from '../../core/resource.js';
import { specOf } from '../../core/manifest.js';
import type { CheckLevel, Manifest } from '../../core/types.js';
import { fields } from './fields.js';
import { routes } from './routes.js';
import { leaveWeights, startOf, tunable } from './optimizer.js';
import { rules } from './rules.js';
import { datatable } from './datatable.js';
import { strategiesApi } from './strategies-api.js';

export const routingStrategy = {
  name: 'RoutingStrategy',
  noun: { one: 'strategy', many: 'strategies' },
  fields,
  identity: ['selection', 'targets', 'fallback'],
  toSpec,
  rules,
  resources: { 'strategies-api': strategiesApi, datatable },
  lifecycle: { field: 'status', leaveLive: leaveFailure },
  readiness: { checks },
  tuning: { leaveLive: leaveWeights, start: startOf, tunable },
  succession: { serves },
  traffic: { routes, metadata, destinations, isOpen, demands },
} satisfies Kind;

/**
 * A manifest asks for `active` or `draft`. What failed to become active is not active, which is all
 * that `draft` asks for; anything in between was on its way to active.
 */
function toSpec(fields: JsonObject, { state, checks: level }: About): JsonObject {
  const { status } = fields;
  const rests = status === 'draft' || status === 'failed';
  const on = state === undefined ? !rests : state === 'active' || state === 'processing';
  const spec = { ...fields, status: on ? 'active' : 'draft' };
  return level === undefined ? spec : { ...spec, checks: { skills: level, capacity: level } };
}

/** One that failed to become active is not active: `draft` asks for no more than that. */
function leaveFailure(desired: JsonObject, live: JsonObject): JsonObject {
  const rests = desired['status'] === 'draft' && live['status'] === 'failed';
  return rests ? { ...desired, status: 'failed' } : desired;
}

/**
 * Every target is checked for agents with all required skills and for a free slot. A target that
 * gets calls already is only warned of: weights have to be movable while a queue is full.
 */
function checks(manifest: Manifest, wanted: JsonObject, before: JsonObject | null): CheckRequest[] {
  if (wanted['status'] !== 'active') return [];
  const levels = specOf(manifest)['checks'];
  const level = (name: string): CheckLevel =>
    isObject(levels) ? ((levels[name] as CheckLevel | undefined) ?? 'error') : 'error';
  const skills = demands(wanted);
  const inUse = queuesInUse(before, wanted);
  return objectsIn(wanted['targets'])
    .map((target) => target['queue'] ?? null)
    .flatMap((queue): CheckRequest[] => [
      // Without a required skill every agent will do, and the capacity check says all there is.
      ...(skills.length === 0
        ? []
        : [{ check: 'skills' as const, level: level('skills'), queue, skills }]),
      { check: 'capacity', level: level('capacity'), queue, skills: [] },
    ])
    .filter((request) => request.level !== 'off')
    .map((request) => (inUse.has(referenceKey(request.queue)) ? softened(request) : request));
}

/** Queues that an active strategy sends calls to, under the same requirements as it would after. */
function queuesInUse(before: JsonObject | null, wanted: JsonObject): ReadonlySet<string> {
  const continues =
    before?.['status'] === 'active' && same(before['selection'], wanted['selection']);
  return new Set(continues ? serves(before) : []);
}

function softened(request: CheckRequest): CheckRequest {
  return { ...request, level: 'warn' };
}

/** Queues are what a strategy takes from callers. */
function serves(fields: JsonObject): string[] {
  return objectsIn(fields['targets']).map((one) => referenceKey(one['queue'] ?? null));
}

/** Told as the strategies API has it, whichever backend the strategy lives in. */
function metadata(wanted: JsonObject, idOf: IdOf): ReturnType<Traffic['metadata']> {
  // Only queues are told of, so nothing else has to have an id.
  const { status, targets: named = [] } = wanted;
  const { targets = [] } = strategiesApi.entity('', { targets: named }, idOf);
  return { status: textOf(status), targets };
}

function isOpen({ status }: JsonObject): boolean {
  return status === 'active';
}

/** The skills that are required. */
function demands({ selection }: JsonObject): Json[] {
  return objectsIn(isObject(selection) ? selection['skills'] : undefined)
    .filter((one) => one['required'] === true)
    .map((one) => one['skill'] ?? null);
}

function destinations({ targets, fallback = null }: JsonObject): Destination[] {
  const of = (role: Destination['role'], one: JsonObject): Destination => ({
    queue: one['queue'] ?? null,
    role,
    weight: Number(one['weight'] ?? 0),
    tier: role === 'fallback' ? 0 : Number(one['priority'] ?? 0),
    capacity: typeof one['capacity'] === 'number' ? one['capacity'] : null,
  });
  return [
    ...objectsIn(targets).map((target) => of('target', target)),
    ...(isObject(fallback) ? [of('fallback', fallback)] : []),
  ];
}
