/** Queues; their members and wrap-up codes are in `queue-parts.ts`. */
import type platformClient from 'purecloud-platform-client-v2';
import { witness } from './audits.js';
import { bodyOf, field, listOf, NO_CONTENT, nextId, ok, param } from './call.js';
import type { Call, Reply } from './call.js';
import { isObject, textOf, type Json, type JsonObject } from '../core/json.js';
import { countedPage, nameFilter, sortedByName } from './listing.js';
import { shownSingly } from './manners.js';
import { instant, type Division, type Org, type Queue } from './model.js';
import { divisionsOf } from './named-things.js';
import { queueOf } from './queue-parts.js';
import { checkRings, promiseMsIn, settingsIn, shownSettings } from './queue-settings.js';
import { badRequest, invalidFields, notFound } from './refusal.js';

type QueueModel = platformClient.Models.Queue;
type QueueEntityListing = platformClient.Models.QueueEntityListing;
type PropertyChange = platformClient.Models.PropertyChange;

const MAX_PAGE = 500;
const MAX_NAME = 256;

/** `GET /api/v2/routing/queues`: `name` with `*` at either end, `id` and `divisionId` as lists. */
export function listQueues(call: Call): Reply {
  const named = nameFilter(call.query.get('name'));
  const ids = new Set(listOf(call.query, 'id'));
  const divisions = new Set(listOf(call.query, 'divisionId'));
  const peered = peeredIn(call);
  const found = sortedByName(call, call.org.queues.values()).filter(
    (queue) =>
      named(queue.name) &&
      (peered === null || peered === (textOf(queue.settings['peerId']) !== '')) &&
      (ids.size === 0 || ids.has(queue.id)) &&
      (divisions.size === 0 || divisions.has(queue.division.id)),
  );
  const body: QueueEntityListing = countedPage(call, found, MAX_PAGE, (queue) =>
    showQueue(call.org, queue),
  );
  return ok(body);
}

/** Whether only queues with a peer are asked for, or only those without; `null`: both. */
function peeredIn({ query, org }: Call): boolean | null {
  const asked = query.get('hasPeer');
  if (asked !== null) return asked === 'true';
  return org.manners.peers === 'left out' ? false : null;
}

/** `GET /api/v2/routing/queues/{queueId}` */
export function showOneQueue(call: Call): Reply {
  return ok(shownSingly(call, 'queue', showQueue(call.org, queueOf(call))));
}

/** `POST /api/v2/routing/queues`: in the home division, unless the body says another. */
export function createQueue(call: Call): Reply {
  const { org, at } = call;
  const body = bodyOf(call);
  const name = nameIn(call, body, null);
  const settings = settingsIn(body);
  const description = field(body, 'description');
  const id = nextId(org, 'queue');
  const queue: Queue = {
    id,
    name,
    description: typeof description === 'string' ? description : null,
    division: divisionIn(org, body),
    memberIds: [],
    ringOf: new Map(),
    wrapupCodeIds: new Set(),
    settings,
    disabled: false,
    answerWithinMs: promiseMsIn(settings) ?? 20_000,
    interacting: 0,
    waiting: 0,
    dateCreated: instant(at),
    dateModified: instant(at),
    modifiedBy: call.caller.user?.id ?? call.caller.client.id,
  };
  org.queues.set(id, queue);
  witnessQueue(call, queue, 'Create', changed('name', null, name));
  return ok(showQueue(org, queue));
}

/** 400 for none, and for one that another queue has. */
function nameIn(call: Call, body: JsonObject, self: Queue | null): string {
  const name = field(body, 'name');
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME) {
    const text = `name must be a text of 1 to ${MAX_NAME} characters`;
    throw invalidFields([{ errorCode: 'invalid.value', fieldName: 'name', text }]);
  }
  if (name !== self?.name && findQueueNamed(call.org, name) !== null) {
    throw badRequest(`A queue named '${name}' exists already`, 'duplicate.name');
  }
  return name;
}

/** `PUT /api/v2/routing/queues/{queueId}`: whole, and without moving it to another division. */
export function replaceQueue(call: Call): Reply {
  const queue = queueOf(call);
  const body = bodyOf(call);
  const name = nameIn(call, body, queue);
  const settings = settingsIn(body);
  checkRings(queue.settings, settings);
  const description = field(body, 'description');
  const before = { name: queue.name, description: queue.description };
  const earlier = queue.settings;
  queue.settings = settings;
  queue.answerWithinMs = promiseMsIn(settings) ?? queue.answerWithinMs;
  queue.name = name;
  queue.description = typeof description === 'string' ? description : null;
  queue.dateModified = instant(call.at);
  queue.modifiedBy = call.caller.user?.id ?? call.caller.client.id;
  witnessQueue(call, queue, 'Update', [
    ...changed('name', before.name, queue.name),
    ...changed('description', before.description, queue.description),
    ...settingsChanged(earlier, settings),
  ]);
  return ok(showQueue(call.org, queue));
}

/** `POST /api/v2/authorization/divisions/{divisionId}/objects/{objectType}`: of queues alone. */
export function moveToDivision(call: Call): Reply {
  const type = param(call, 'objectType');
  if (type !== 'QUEUE') throw badRequest(`objectType '${type}' is not simulated`);
  const division = divisionIn(call.org, { division: { id: param(call, 'divisionId') } });
  const queues = idsIn(call).map((id) => {
    const queue = call.org.queues.get(id);
    if (queue === undefined) throw notFound('Queue', id);
    return queue;
  });
  for (const queue of queues) {
    const before = queue.division;
    call.org.queues.set(queue.id, { ...queue, division, dateModified: instant(call.at) });
    witnessQueue(call, queue, 'Update', changed('division', before.id, division.id));
  }
  return NO_CONTENT;
}

function idsIn({ text }: Call): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest('The request body is not valid JSON');
  }
  if (!Array.isArray(value)) throw badRequest('The request body must be a list');
  return value.map((one) => textOf(one as Json));
}

/** `DELETE /api/v2/routing/queues/{queueId}`: 400 `active.queue` while in use, unless forced. */
export function deleteQueue(call: Call): Reply {
  const queue = queueOf(call);
  const forced = call.query.get('forceDelete') === 'true';
  if (!forced && inUse(call.org, queue)) {
    throw badRequest(`Queue '${queue.name}' is in use; forceDelete is needed`, 'active.queue');
  }
  call.org.queues.delete(queue.id);
  witnessQueue(call, queue, 'Delete', changed('name', queue.name, null));
  return NO_CONTENT;
}

function inUse(org: Org, queue: Queue): boolean {
  if (queue.interacting + queue.waiting > 0) return true;
  for (const { status, content } of org.strategies.values()) {
    if (status === 'draft') continue;
    if (content.fallback?.id === queue.id) return true;
    if (content.targets.some((target) => target.id === queue.id)) return true;
  }
  return false;
}

function findQueueNamed(org: Org, name: string): Queue | null {
  for (const queue of org.queues.values()) if (queue.name === name) return queue;
  return null;
}

function showQueue(org: Org, queue: Queue): QueueModel {
  const { id, name, division } = queue;
  return {
    id,
    name,
    division: { ...division, selfUri: `/api/v2/authorization/divisions/${division.id}` },
    ...(queue.description === null ? {} : { description: queue.description }),
    dateCreated: queue.dateCreated,
    dateModified: queue.dateModified,
    ...(queue.modifiedBy === null ? {} : { modifiedBy: queue.modifiedBy }),
    ...(shownSettings(org, queue) as Partial<QueueModel>),
    memberCount: queue.memberIds.length,
    userMemberCount: queue.memberIds.length,
    joinedMemberCount: queue.memberIds.length,
    selfUri: queueUri(id),
  };
}

function queueUri(id: string): string {
  return `/api/v2/routing/queues/${id}`;
}

function changed(property: string, before: string | null, after: string | null): PropertyChange[] {
  if (before === after) return [];
  const list = (value: string | null): string[] => (value === null ? [] : [value]);
  return [{ property, oldValues: list(before), newValues: list(after) }];
}

/** One line a setting: the platform names properties by their paths. */
function settingsChanged(before: JsonObject, after: JsonObject): PropertyChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const said = (settings: JsonObject, key: string): string | null =>
    settings[key] === undefined ? null : JSON.stringify(settings[key]);
  return keys.flatMap((key) => changed(key, said(before, key), said(after, key)));
}

function divisionIn(org: Org, body: JsonObject): Division {
  const asked = field(body, 'division');
  const id = isObject(asked) ? textOf(asked['id']) : '';
  const all = divisionsOf(org);
  const found = id === '' ? all[0] : all.find((one) => one.id === id);
  if (found === undefined) throw notFound('Division', id);
  return found;
}

function witnessQueue(
  call: Call,
  queue: Queue,
  action: 'Create' | 'Update' | 'Delete',
  propertyChanges: PropertyChange[],
): void {
  witness(call, {
    serviceName: 'Routing',
    entityType: 'Queue',
    action,
    entity: { id: queue.id, name: queue.name, selfUri: queueUri(queue.id) },
    propertyChanges,
  });
}
