/** Entities of the platform as it sends them → what the ports speak of. */
import type { NamedEntity } from '../core/catalog.js';
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../core/json.js';
import type { AuditedEvent, Held } from '../core/resource.js';
import type { Consumer } from '../core/types.js';
import { NO_FIGURES, sumOf, type Figures } from '../core/metrics.js';
import type { PlatformEvent } from '../core/deeds.js';
import type {
  Agent,
  Attendant,
  AuditedAction,
  Holders,
  Member,
  PartFigures,
  QueueLoad,
  QueuePromise,
} from '../engine/ports.js';

export function servicesIn(body: JsonObject | null): Map<string, readonly string[]> {
  return new Map(
    objectsIn(body?.['services']).map((service) => [
      textOf(service['name']),
      objectsIn(service['entities']).map((entity) => textOf(entity['name'])),
    ]),
  );
}

export function actionsIn(body: JsonObject | null): AuditedAction[] {
  return objectsIn(body?.['services']).flatMap((service) =>
    objectsIn(service['entities']).flatMap((entity) =>
      textsIn(entity['actions']).map((action) => ({
        service: textOf(service['name']),
        entityType: textOf(entity['name']),
        action,
      })),
    ),
  );
}

export function platformEvent(message: JsonObject): PlatformEvent {
  return {
    ...auditedEvent(message),
    id: textOf(message['id']),
    service: textOf(message['serviceName']),
    status: textOf(message['status']),
  };
}

export function auditedEvent(message: JsonObject): AuditedEvent {
  const part = (name: string): JsonObject => {
    const value = message[name];
    return isObject(value) ? value : {};
  };
  const context = Object.entries(part('context')).map(([key, value]) => [key, textOf(value)]);
  const userId = textOf(part('user')['id']) || null;
  const client = textOf(part('client')['id']) || null;
  // A client that acts for itself may be named as its own user.
  const isPerson = userId !== null && userId !== client;
  return {
    at: textOf(message['eventDate']),
    atMs: Date.parse(textOf(message['eventDate'])),
    action: textOf(message['action']),
    entityType: textOf(message['entityType']),
    entityId: textOf(part('entity')['id']),
    entityName: textOf(part('entity')['name']),
    entityUri: textOf(part('entity')['selfUri']),
    user: isPerson ? textOf(part('user')['name']) || userId : null,
    userId,
    client,
    remoteIp: textsIn(message['remoteIp']),
    properties: objectsIn(message['propertyChanges']).map((change) => ({
      property: textOf(change['property']),
      before: textsIn(change['oldValues']),
      after: textsIn(change['newValues']),
    })),
    context: Object.fromEntries(context) as Record<string, string>,
  };
}

function textsIn(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

export function named(entity: JsonObject): NamedEntity {
  return { id: textOf(entity['id']), name: textOf(entity['name']) };
}

export function consumer(entity: JsonObject): Consumer {
  const { version, type } = entity;
  return { ...named(entity), version: textOf(version), type: textOf(type) };
}

/** How a queue means to answer what comes, by medium as its settings call it. */
export function promisesIn(queue: JsonObject): ReadonlyMap<string, QueuePromise> {
  const settings = isObject(queue['mediaSettings']) ? queue['mediaSettings'] : {};
  const found = Object.entries(settings).flatMap(([medium, of]) => {
    const promise = isObject(of) && isObject(of['serviceLevel']) ? of['serviceLevel'] : {};
    const { durationMs, percentage } = promise;
    if (typeof durationMs !== 'number' || durationMs <= 0) return [];
    const part = typeof percentage === 'number' ? percentage : null;
    return [[medium, { withinMs: durationMs, part }] as const];
  });
  return new Map(found);
}

export function member(entity: JsonObject): Member {
  const user = isObject(entity['user']) ? entity['user'] : {};
  return {
    userId: userIdOf(entity),
    joined: entity['joined'] !== false,
    skills: skillsIn(user),
    ...(entity['memberBy'] === 'group' ? { byGroup: true } : {}),
  };
}

export function agent(user: JsonObject): Agent {
  const { routingStatus } = user;
  const status = isObject(routingStatus) ? textOf(routingStatus['status'] ?? '') : '';
  return { skills: skillsIn(user), onQueue: status === '' ? null : status !== 'OFF_QUEUE' };
}

export function userIdOf(user: JsonObject): string {
  return textOf(user['id']);
}

/** Ids of the skills of a user as the directory shows it; `null` where it does not say. */
export function skillsIn(user: JsonObject): string[] | null {
  return heldIn(user, 'skills');
}

/** The same of whatever the directory shows of people. */
function heldIn(user: JsonObject, held: Held): string[] | null {
  const all = user[held];
  return Array.isArray(all) ? objectsIn(all).map((one) => textOf(one['id'])) : null;
}

/** `isWhole`: these are all there are. */
export function holdersIn(
  users: readonly JsonObject[],
  of: readonly Held[],
  isWhole: boolean,
): Holders {
  const counts = new Map<string, number>();
  let isSaid = true;
  for (const user of users) {
    for (const held of of) {
      const ids = heldIn(user, held);
      if (ids === null) isSaid = false;
      for (const id of ids ?? []) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  return { counts, isWhole: isWhole && isSaid };
}

/** By queue; one that is told of only in part is left out, and so is who has no id. */
export function attendanceIn(results: readonly JsonObject[]): Map<string, Attendant[]> {
  const whole = results.filter((result) => result['truncated'] !== true);
  return new Map(
    whole.map((result) => [
      textOf(isObject(result['group']) ? result['group']['queueId'] : null),
      objectsIn(result['entities'])
        .map((entity) => ({
          userId: textOf(entity['userId']),
          joined: entity['queueMembershipStatus'] === 'active',
          onQueue: entity['routingStatus'] !== 'OFF_QUEUE',
        }))
        .filter(({ userId }) => userId !== ''),
    ]),
  );
}

/** `nowMs`: by the clock of the platform. */
export function loadsOf(results: readonly JsonObject[], nowMs: number): Map<string, QueueLoad> {
  const loads = new Map<string, QueueLoad>();
  for (const result of results) {
    const group = isObject(result['group']) ? result['group'] : {};
    const id = textOf(group['queueId']);
    // Calls are what a slot is counted for; chats and messages have slots of their own.
    const isCall = group['mediaType'] === undefined || group['mediaType'] === 'voice';
    const before = loads.get(id) ?? { onQueue: 0, interacting: 0, waiting: 0 };
    const sum = (metric: string): number =>
      objectsIn(result['data'])
        .filter((one) => one['metric'] === metric)
        .reduce((total, one) => {
          const stats = isObject(one['stats']) ? one['stats'] : {};
          return total + Number(stats['count'] ?? 0);
        }, 0);
    loads.set(id, {
      onQueue: Math.max(before.onQueue, sum('oOnQueueUsers')),
      interacting: before.interacting + (isCall ? sum('oInteracting') : 0),
      waiting: before.waiting + (isCall ? sum('oWaiting') : 0),
      ...longestWaitIn(isCall ? result : {}, before, nowMs),
    });
  }
  return loads;
}

/** A later number would be a wait of thirty years, an earlier one an instant in 2001. */
const LEAST_INSTANT_MS = 1e12;

/**
 * Whoever has read it from an org found the instant since which is waited; what its name says is a
 * duration, and the platform's documents say neither. The two cannot be taken for one another.
 */
function longestWaitIn(
  result: JsonObject,
  before: QueueLoad,
  nowMs: number,
): Pick<QueueLoad, 'longestWaitMs'> {
  const told = objectsIn(result['data'])
    .filter((one) => one['metric'] === 'oLongestWaiting')
    .map(({ stats }) => Number(isObject(stats) ? (stats['calculatedMetricValue'] ?? 0) : 0))
    .filter((value) => value > 0)
    .map((value) => (value < LEAST_INSTANT_MS ? value : Math.max(0, nowMs - value)));
  const known = before.longestWaitMs ?? null;
  const all = known === null ? told : [...told, known];
  return all.length === 0 ? {} : { longestWaitMs: Math.max(...all) };
}

/** What `figuresOf` reads. Durations are milliseconds, averages are sum ÷ count. */
export const FIGURE_METRICS = [
  ...['nOffered', 'tAnswered', 'tAbandon', 'tHandle', 'oServiceLevel'],
] as const;

/** By queue, over all intervals and media types of the results. */
export function figuresOf(results: readonly JsonObject[]): Map<string, Figures> {
  const figures = new Map<string, Figures>();
  for (const result of results) {
    const group = isObject(result['group']) ? result['group'] : {};
    const id = textOf(group['queueId']);
    const metrics = objectsIn(result['data']).flatMap((one) => objectsIn(one['metrics']));
    figures.set(id, sumOf([figures.get(id) ?? NO_FIGURES, ...metrics.map(figureOf)]));
  }
  return figures;
}

/** The same by parts of the interval, each with its start; milliseconds since 1970. */
export function figuresByPart(results: readonly JsonObject[]): Map<string, PartFigures[]> {
  const figures = new Map<string, Map<number, Figures>>();
  for (const result of results) {
    const group = isObject(result['group']) ? result['group'] : {};
    const id = textOf(group['queueId']);
    const parts = figures.get(id) ?? new Map<number, Figures>();
    figures.set(id, parts);
    for (const part of objectsIn(result['data'])) {
      const fromMs = Date.parse(textOf(part['interval']).split('/', 1)[0] ?? '');
      if (Number.isNaN(fromMs)) continue;
      const metrics = objectsIn(part['metrics']).map(figureOf);
      parts.set(fromMs, sumOf([parts.get(fromMs) ?? NO_FIGURES, ...metrics]));
    }
  }
  const inOrder = (parts: ReadonlyMap<number, Figures>): PartFigures[] =>
    [...parts].map(([fromMs, of]) => ({ fromMs, of })).sort((a, b) => a.fromMs - b.fromMs);
  return new Map([...figures].map(([id, parts]) => [id, inOrder(parts)]));
}

function figureOf(data: JsonObject): Figures {
  const stats = isObject(data['stats']) ? data['stats'] : {};
  const of = (name: string): number => finite(stats[name]);
  switch (textOf(data['metric'])) {
    case 'nOffered':
      return { ...NO_FIGURES, offered: of('count') };
    case 'tAnswered':
      return { ...NO_FIGURES, answered: of('count'), waitMs: of('sum') };
    case 'tAbandon':
      return { ...NO_FIGURES, abandoned: of('count'), gaveUpMs: of('sum') };
    case 'tHandle':
      return { ...NO_FIGURES, handled: of('count'), handleMs: of('sum') };
    case 'oServiceLevel':
      return { ...NO_FIGURES, inTime: of('numerator'), judged: of('denominator') };
    default:
      return NO_FIGURES;
  }
}

/** Nothing is averaged with what is no number. */
function finite(value: Json | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
