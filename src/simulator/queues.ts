/** Queues and their members. */
import type platformClient from 'purecloud-platform-client-v2';
import { witness } from './audits.js';
import { bodyOf, field, listOf, NO_CONTENT, ok, param, type Call, type Reply } from './call.js';
import { routingStatus, showRoutingStatus, showUser } from './directory.js';
import { countedPage, nameFilter, plainPage, sortedByName } from './listing.js';
import { shownSingly } from './manners.js';
import { instant, type Org, type Queue } from './model.js';
import { badRequest, invalidFields, notFound } from './refusal.js';

type QueueModel = platformClient.Models.Queue;
type QueueEntityListing = platformClient.Models.QueueEntityListing;
type QueueMember = platformClient.Models.QueueMember;
type QueueMemberEntityListing = platformClient.Models.QueueMemberEntityListing;
type PropertyChange = platformClient.Models.PropertyChange;

const MAX_PAGE = 500;
const MAX_MEMBER_PAGE = 100;
const MAX_NAME = 256;

/** `GET /api/v2/routing/queues`: `name` with `*` at either end, `id` and `divisionId` as lists. */
export function listQueues(call: Call): Reply {
  const named = nameFilter(call.query.get('name'));
  const ids = new Set(listOf(call.query, 'id'));
  const divisions = new Set(listOf(call.query, 'divisionId'));
  const found = sortedByName(call, call.org.queues.values()).filter(
    (queue) =>
      named(queue.name) &&
      (ids.size === 0 || ids.has(queue.id)) &&
      (divisions.size === 0 || divisions.has(queue.division.id)),
  );
  const body: QueueEntityListing = countedPage(call, found, MAX_PAGE, showQueue);
  return ok(body);
}

/** `GET /api/v2/routing/queues/{queueId}` */
export function showOneQueue(call: Call): Reply {
  return ok(shownSingly(call, 'queue', showQueue(queueOf(call))));
}

/** `PUT /api/v2/routing/queues/{queueId}`: only name and description are simulated. */
export function replaceQueue(call: Call): Reply {
  const queue = queueOf(call);
  const body = bodyOf(call);
  const name = field(body, 'name');
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME) {
    const text = `name must be a text of 1 to ${MAX_NAME} characters`;
    throw invalidFields([{ errorCode: 'invalid.value', fieldName: 'name', text }]);
  }
  if (name !== queue.name && findQueueNamed(call.org, name) !== null) {
    throw badRequest(`A queue named '${name}' exists already`, 'duplicate.name');
  }
  const description = field(body, 'description');
  const before = { name: queue.name, description: queue.description };
  queue.name = name;
  queue.description = typeof description === 'string' ? description : null;
  queue.dateModified = instant(call.at);
  queue.modifiedBy = call.caller.user?.id ?? call.caller.client.id;
  witnessQueue(call, queue, 'Update', [
    ...changed('name', before.name, queue.name),
    ...changed('description', before.description, queue.description),
  ]);
  return ok(showQueue(queue));
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

/** `GET /api/v2/routing/queues/{queueId}/members`: no totals, pages of at most 100. */
export function listMembers(call: Call): Reply {
  const { org, query } = call;
  const queue = queueOf(call);
  const expand = new Set(listOf(query, 'expand'));
  const statuses = new Set(listOf(query, 'routingStatus'));
  // Everybody has joined: the other half of a filter on `joined` is empty.
  const joined = query.get('joined') !== 'false';
  const users = queue.memberIds
    .flatMap((id) => (joined ? (org.users.get(id) ?? []) : []))
    .filter((user) => statuses.size === 0 || statuses.has(routingStatus(user)));
  const body: QueueMemberEntityListing = plainPage(
    call,
    users,
    MAX_MEMBER_PAGE,
    (user): QueueMember => ({
      id: user.id,
      name: user.name,
      user: showUser(org, user, new Set(expand.has('skills') ? ['skills'] : [])),
      ringNumber: 1,
      joined: true,
      memberBy: 'user',
      ...(expand.has('routingStatus') ? { routingStatus: showRoutingStatus(user) } : {}),
      selfUri: `/api/v2/routing/queues/${queue.id}/members/${user.id}`,
    }),
  );
  return ok(body);
}

function queueOf(call: Call): Queue {
  const id = param(call, 'queueId');
  const queue = call.org.queues.get(id);
  if (queue === undefined) throw notFound('Queue', id, 'resource.not.found');
  return queue;
}

function findQueueNamed(org: Org, name: string): Queue | null {
  for (const queue of org.queues.values()) if (queue.name === name) return queue;
  return null;
}

function showQueue(queue: Queue): QueueModel {
  const { id, name, division } = queue;
  return {
    id,
    name,
    division: { ...division, selfUri: `/api/v2/authorization/divisions/${division.id}` },
    ...(queue.description === null ? {} : { description: queue.description }),
    dateCreated: queue.dateCreated,
    dateModified: queue.dateModified,
    ...(queue.modifiedBy === null ? {} : { modifiedBy: queue.modifiedBy }),
    mediaSettings: { call: { serviceLevel: promiseOf(queue) } },
    memberCount: queue.memberIds.length,
    userMemberCount: queue.memberIds.length,
    joinedMemberCount: queue.memberIds.length,
    skillEvaluationMethod: 'ALL',
    scoringMethod: 'TimestampAndPriority',
    selfUri: queueUri(id),
  };
}

/** 80 % of all: what a queue of Genesys Cloud promises unless it says something else. */
function promiseOf({ answerWithinMs }: Queue): platformClient.Models.ServiceLevel {
  return { percentage: 0.8, durationMs: answerWithinMs };
}

function queueUri(id: string): string {
  return `/api/v2/routing/queues/${id}`;
}

function changed(property: string, before: string | null, after: string | null): PropertyChange[] {
  if (before === after) return [];
  const list = (value: string | null): string[] => (value === null ? [] : [value]);
  return [{ property, oldValues: list(before), newValues: list(after) }];
}

function witnessQueue(
  call: Call,
  queue: Queue,
  action: 'Update' | 'Delete',
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
