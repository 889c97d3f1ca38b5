/**
 * Does the org have the agents that a strategy needs? Members, skills and loads of many queues are
 * read at one go, whatever number of strategies name them; see `Reader.staff`. What the same plan
 * makes of a queue's agents counts as done: see `core/crew.ts`.
 */
import { referenceKey, type Catalog } from '../core/catalog.js';
import { NOBODY_MOVES, type CrewMove, type CrewMoves } from '../core/crew.js';
import { addressOfDeclared } from '../core/declared.js';
import type { Left } from '../core/deserted.js';
import type { PlatformError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { CheckRequest } from '../core/kind.js';
import { plural } from '../core/plural.js';
import type { CheckName, CheckResult } from '../core/types.js';
import { type Agent, type Attendant, type Member, type QueueLoad } from './ports.js';

export interface Staffing {
  readonly membersByQueue: ReadonlyMap<string, readonly Member[]>;
  readonly loadByQueue: ReadonlyMap<string, QueueLoad>;
  /** `null` where the org's settings do not speak of calls. */
  readonly callsPerAgent: number | null;
  /** Those whom the plan brings to a queue, by their ids. */
  readonly newcomers?: ReadonlyMap<string, Agent>;
  /** Of queues that the plan takes somebody from: who takes calls there now. */
  readonly attendance?: ReadonlyMap<string, readonly Attendant[]>;
  /** What kept the numbers of a check from being read: a missing permission. */
  readonly unread?: Partial<Record<CheckName, PlatformError>>;
}

/** The lengths tell where each name ends, for a fifth of what it takes to make JSON of them. */
export function askedIn({ check, queue, skills }: CheckRequest): string {
  let asked: string = check;
  for (const one of [queue, ...skills]) {
    const name = typeof one === 'string' ? one : JSON.stringify(one);
    asked += ` ${typeof one} ${name.length} ${name}`;
  }
  return asked;
}

/** Those who are there once the plan is applied, as far as anybody can tell. */
export function membersAfter(
  now: readonly Member[],
  move: CrewMove | null,
  newcomers: ReadonlyMap<string, Agent> = new Map(),
): readonly Member[] {
  if (move === null) return now;
  const stay = move.isMade
    ? []
    : now.filter(({ userId, byGroup }) =>
        byGroup === true ? move.groupsStay : !move.go.has(userId),
      );
  const there = new Set(stay.map(({ userId }) => userId));
  const come = move.come.filter((id) => !there.has(id));
  const added = come.map((userId): Member => {
    return { userId, joined: true, skills: newcomers.get(userId)?.skills ?? null };
  });
  return [...stay, ...added];
}

export function queueId(request: CheckRequest, catalog: Catalog): string | null {
  const resolution = catalog.resolve('queue', request.queue);
  return resolution.found ? resolution.id : null;
}

/** Declared by a manifest, and not there yet. */
export function isUnmade(queue: Json, catalog: Catalog): boolean {
  const resolution = catalog.resolve('queue', queue);
  return resolution.found && addressOfDeclared(resolution.id) !== null;
}

/** In a plan that nobody will carry out. */
export function unasked({ check, level, queue }: CheckRequest, catalog: Catalog): CheckResult {
  const subject = nameOf(queue, 'queue', catalog);
  return { check, level, subject, passed: false, message: 'not asked' };
}

/** Answers from what was fetched; the same question is thought about once. */
export function answering(
  staffing: Staffing,
  catalog: Catalog,
  moves: CrewMoves = NOBODY_MOVES,
): (request: CheckRequest) => CheckResult {
  const known = new Map<string, CheckResult>();
  return (request) => {
    const key = `${request.level} ${askedIn(request)}`;
    const found = known.get(key) ?? answer(request, staffing, catalog, moves);
    known.set(key, found);
    return found;
  };
}

/** Answers one request from what was fetched. The message carries the numbers. */
export function answer(
  request: CheckRequest,
  staffing: Staffing,
  catalog: Catalog,
  moves: CrewMoves = NOBODY_MOVES,
): CheckResult {
  const id = queueId(request, catalog);
  const subject = nameOf(request.queue, 'queue', catalog);
  const base = { check: request.check, level: request.level, subject };
  if (id === null) return { ...base, passed: false, message: 'the org has no such queue' };
  const denied = staffing.unread?.[request.check];
  if (denied !== undefined) {
    return { ...base, passed: false, message: `not known: ${denied.message}` };
  }
  const move = moves.of(request.queue);
  const now = staffing.membersByQueue.get(id) ?? [];
  const outcome =
    request.check === 'skills'
      ? skillsResult(request, membersAfter(now, move, staffing.newcomers), catalog, move)
      : slotsResult(id, staffing, move);
  return { ...base, ...outcome };
}

type CheckOutcome = Pick<CheckResult, 'passed' | 'message'>;

/** A count of what a plan makes says so. */
function counted({ passed, message }: CheckOutcome, move: CrewMove | null): CheckOutcome {
  if (move === null) return { passed, message };
  const then = `${message}, once this plan is applied`;
  if (passed || !move.mayCome) return { passed, message: then };
  // Whoever activates it asks again.
  return { passed: true, message: `${then}; who comes through groups is asked about then` };
}

export function skillsResult(
  request: CheckRequest,
  members: readonly Member[],
  catalog: Catalog,
  move: CrewMove | null,
): CheckOutcome {
  const { agents, text } = fittingIn(request, members, catalog);
  return counted({ passed: agents > 0, message: text }, move);
}

/** Those who have joined, with every skill that is asked for. */
function fittingIn(request: CheckRequest, members: readonly Member[], catalog: Catalog): Left {
  const needed = request.skills.flatMap((skill) => {
    const resolution = catalog.resolve('skill', skill);
    return resolution.found ? [resolution.id] : [];
  });
  const names = request.skills.map((skill) => `"${nameOf(skill, 'skill', catalog)}"`).join(' and ');
  if (members.length === 0) return { agents: 0, isLeast: false, text: 'the queue has no members' };
  const present = members.filter((member) => member.joined);
  const unknown = names === '' ? 0 : present.filter((member) => member.skills === null).length;
  const agents =
    needed.length < request.skills.length
      ? 0
      : present.filter((member) => needed.every((id) => member.skills?.includes(id))).length;
  const unread = unknown === 0 ? '' : `; the skills of ${unknown} could not be read`;
  const isLeast = unknown > 0;
  if (names === '') return { agents, isLeast, text: `${plural(agents, 'agent')} in the queue` };
  const verb = agents === 1 ? 'has' : 'have';
  return {
    agents,
    isLeast,
    text: `${agents} of ${plural(present.length, 'agent')} ${verb} ${names}${unread}`,
  };
}

/** `leftFor`, and the same question is thought about once: thousands may lead to one queue. */
export function leaving(
  staffing: Staffing,
  catalog: Catalog,
  moves: CrewMoves,
): (request: CheckRequest) => Left | null {
  const known = new Map<string, Left | null>();
  return (request) => {
    const key = askedIn(request);
    const found = known.get(key);
    if (found !== undefined) return found;
    const left = leftFor(request, staffing, catalog, moves);
    known.set(key, left);
    return left;
  };
}

/** Who is left for what is asked, as the plan leaves the queue; `null` where that was not read. */
function leftFor(
  request: CheckRequest,
  staffing: Staffing,
  catalog: Catalog,
  moves: CrewMoves,
): Left | null {
  const id = queueId(request, catalog);
  if (id === null || staffing.unread?.skills !== undefined) return null;
  const move = moves.of(request.queue);
  const now = staffing.membersByQueue.get(id) ?? [];
  const left = fittingIn(request, membersAfter(now, move, staffing.newcomers), catalog);
  const mayCome = move?.mayCome === true;
  return { ...left, isLeast: left.isLeast || mayCome };
}

/** The load of a queue as the plan leaves it. */
function slotsResult(id: string, staffing: Staffing, move: CrewMove | null): CheckOutcome {
  const { callsPerAgent } = staffing;
  const load = staffing.loadByQueue.get(id);
  if (move === null) return capacityResult(load, callsPerAgent);
  const members = staffing.membersByQueue.get(id) ?? [];
  const throughGroups = members.flatMap(({ userId, byGroup }) => (byGroup ? userId : []));
  const leave = new Set(move.groupsStay ? move.go : [...move.go, ...throughGroups]);
  const there = staffing.attendance?.get(id);
  const onQueue = there?.filter((one) => one.joined && one.onQueue);
  const before = move.isMade ? 0 : (load?.onQueue ?? 0);
  // Told of only in part: nobody is counted who may have gone.
  const gone = onQueue?.filter(({ userId }) => leave.has(userId)).length ?? leave.size;
  const known = new Set(there?.map(({ userId }) => userId));
  const come = move.come.filter((one) => {
    return !known.has(one) && staffing.newcomers?.get(one)?.onQueue === true;
  }).length;
  const then = { waiting: 0, interacting: 0, ...load, onQueue: Math.max(0, before - gone) + come };
  if (then.onQueue === 0) return counted({ passed: false, message: 'nobody is on queue' }, move);
  return counted(capacityResult(then, callsPerAgent), move);
}

/** Whether an interaction more would find a free slot: agents on queue × calls of each. */
export function capacityResult(
  load: QueueLoad | undefined,
  callsPerAgent: number | null,
): CheckOutcome {
  if (load === undefined) {
    return { passed: false, message: 'the platform reports no agents and no calls for this queue' };
  }
  if (callsPerAgent === null) {
    const message = "the org's utilization settings have no calls: slots cannot be counted";
    return { passed: false, message };
  }
  const slots = load.onQueue * callsPerAgent;
  const free = Math.max(0, slots - load.interacting);
  const why = load.onQueue === 0 ? 'nobody is on queue' : 'agents may have 0 calls at a time';
  const because = slots === 0 ? `: ${why}` : '';
  return { passed: free > 0, message: `${free} of ${plural(slots, 'slot')} free${because}` };
}

function nameOf(reference: Json, to: 'queue' | 'skill', catalog: Catalog): string {
  const resolution = catalog.resolve(to, reference);
  return resolution.found ? catalog.nameOf(to, resolution.id) : referenceKey(reference);
}
