/** Members and wrap-up codes of queues, at endpoints of their own. */
import type platformClient from 'purecloud-platform-client-v2';
import { isObject, textOf } from '../core/json.js';
import { bodyOf, listOf, NO_CONTENT, ok, param, type Call, type Reply } from './call.js';
import { routingStatus, showRoutingStatus, showUser } from './directory.js';
import { countedPage, plainPage } from './listing.js';
import { instant, type MembersBefore, type Queue, type Thing } from './model.js';
import { badRequest, notFound } from './refusal.js';
import { ringsIn } from './queue-settings.js';

type QueueMember = platformClient.Models.QueueMember;
type QueueMemberEntityListing = platformClient.Models.QueueMemberEntityListing;
type WrapupCode = platformClient.Models.WrapupCode;
type WrapupCodeEntityListing = platformClient.Models.WrapupCodeEntityListing;

const MAX_MEMBER_PAGE = 100;
const MAX_ITEMS = 100;
const CODES = '/api/v2/routing/wrapupcodes';

export function queueOf(call: Call): Queue {
  const id = param(call, 'queueId');
  const queue = call.org.queues.get(id);
  if (queue === undefined) throw notFound('Queue', id, 'resource.not.found');
  return queue;
}

/** `GET /api/v2/routing/queues/{queueId}/members`: no totals, pages of at most 100. */
export function listMembers(call: Call): Reply {
  const { org, query } = call;
  const queue = queueOf(call);
  const expand = new Set(listOf(query, 'expand'));
  const statuses = new Set(listOf(query, 'routingStatus'));
  // Everybody has joined, and by himself: the other half of a filter on either is empty.
  const some = query.get('joined') !== 'false' && query.get('memberBy') !== 'group';
  const { memberIds, ringOf } = shownMembers(call, queue);
  const users = memberIds
    .flatMap((id) => (some ? (org.users.get(id) ?? []) : []))
    .filter((user) => statuses.size === 0 || statuses.has(routingStatus(user)));
  const body: QueueMemberEntityListing = plainPage(
    call,
    users,
    MAX_MEMBER_PAGE,
    (user): QueueMember => ({
      id: user.id,
      name: user.name,
      user: showUser(org, user, new Set(expand.has('skills') ? ['skills'] : [])),
      ringNumber: ringOf.get(user.id) ?? 1,
      joined: true,
      memberBy: 'user',
      ...(expand.has('routingStatus') ? { routingStatus: showRoutingStatus(user) } : {}),
      selfUri: `/api/v2/routing/queues/${queue.id}/members/${user.id}`,
    }),
  );
  return ok(body);
}

/** `POST …/members`: up to 100, who all become members, or with `delete=true` cease to be. */
export function writeMembers(call: Call): Reply {
  const queue = queueOf(call);
  const ids = idsIn(call);
  for (const id of ids) if (!call.org.users.has(id)) throw notFound('User', id);
  lagBehind(call, queue);
  const asked = new Set(ids);
  const others = queue.memberIds.filter((id) => !asked.has(id));
  if (call.query.get('delete') === 'true') {
    queue.memberIds = others;
    for (const id of asked) queue.ringOf.delete(id);
  } else {
    const known = new Set(queue.memberIds);
    queue.memberIds = [...queue.memberIds, ...[...asked].filter((id) => !known.has(id))];
  }
  touched(call, queue);
  return NO_CONTENT;
}

/** As whoever asks sees them: what was written a moment ago may not be among them. */
function shownMembers(
  { org, at }: Call,
  queue: Queue,
): Pick<MembersBefore, 'memberIds' | 'ringOf'> {
  return (org.lately.members.get(queue.id) ?? []).find(({ until }) => until > at) ?? queue;
}

/** What is seen until the write that follows is. */
function lagBehind({ org, at }: Call, queue: Queue): void {
  if (org.memberLagMs <= 0) return;
  const waiting = (org.lately.members.get(queue.id) ?? []).filter(({ until }) => until > at);
  const { memberIds } = queue;
  const before = { until: at + org.memberLagMs, memberIds, ringOf: new Map(queue.ringOf) };
  org.lately.members.set(queue.id, [...waiting, before]);
}

/** `PATCH …/members/{memberId}`: the ring that a member is in. */
export function changeMember(call: Call): Reply {
  const queue = queueOf(call);
  const id = param(call, 'memberId');
  if (!shownMembers(call, queue).memberIds.includes(id)) throw notFound('Member', id);
  const { ringNumber } = bodyOf(call);
  const most = Math.max(1, ringsIn(queue.settings).length);
  if (typeof ringNumber === 'number') {
    if (ringNumber < 1 || ringNumber > most) {
      throw badRequest(`The queue has ${most} rings`, 'invalid.ring.number');
    }
    lagBehind(call, queue);
    queue.ringOf.set(id, ringNumber);
    touched(call, queue);
  }
  return NO_CONTENT;
}

/** `GET …/wrapupcodes`: pages of at most 100. */
export function listQueueCodes(call: Call): Reply {
  const queue = queueOf(call);
  const codes = [...queue.wrapupCodeIds].flatMap((id) => codeOf(call, id) ?? []);
  const body: WrapupCodeEntityListing = countedPage(call, codes, MAX_ITEMS, ({ id, name }) => ({
    id,
    name,
    selfUri: `${CODES}/${id}`,
  }));
  return ok(body);
}

/** `POST …/wrapupcodes`: up to 100, beside those that the queue has. */
export function addQueueCodes(call: Call): Reply {
  const queue = queueOf(call);
  for (const id of idsIn(call)) {
    if (codeOf(call, id) === undefined) throw notFound('Wrap-up code', id);
    queue.wrapupCodeIds.add(id);
  }
  touched(call, queue);
  const body: WrapupCode[] = [...queue.wrapupCodeIds].flatMap((id) => {
    const code = codeOf(call, id);
    return code === undefined ? [] : [{ id, name: code.name, selfUri: `${CODES}/${id}` }];
  });
  return ok(body);
}

/** `DELETE …/wrapupcodes/{codeId}` */
export function removeQueueCode(call: Call): Reply {
  const queue = queueOf(call);
  const id = param(call, 'codeId');
  if (!queue.wrapupCodeIds.delete(id)) throw notFound('Wrap-up code', id);
  touched(call, queue);
  return NO_CONTENT;
}

function codeOf({ org }: Call, id: string): Thing | undefined {
  return org.things.get(CODES)?.get(id);
}

function touched(call: Call, queue: Queue): void {
  queue.dateModified = instant(call.at);
  queue.modifiedBy = call.caller.user?.id ?? call.caller.client.id;
}

/** The ids of a body that is a list of what has one. */
function idsIn(call: Call): string[] {
  let value: unknown;
  try {
    value = JSON.parse(call.text);
  } catch {
    throw badRequest('The request body is not valid JSON');
  }
  if (!Array.isArray(value)) throw badRequest('The request body must be a list');
  if (value.length > MAX_ITEMS) {
    throw badRequest(`At most ${MAX_ITEMS} may be given`, 'bad.request');
  }
  return (value as unknown[]).map((one) => textOf(isObject(one) ? one['id'] : null));
}
