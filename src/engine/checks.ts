/**
 * Does the org have the agents that a strategy needs? Members, skills and loads of many queues are
 * read at one go, whatever number of strategies name them; see `Reader.staff`. What the same plan
 * makes of a queue's agents counts as done: see `core/crew.ts`.
 */
import { referenceKey, type Catalog } from '../core/catalog.js';
import { NOBODY_MOVES, takes, type CrewMove, type CrewMoves } from '../core/crew.js';
import { addressOfDeclared } from '../core/declared.js';
import type { Left } from '../core/deserted.js';
import { PlatformError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { CheckRequest } from '../core/kind.js';
import { plural } from '../core/plural.js';
import type { CheckName, CheckResult } from '../core/types.js';
import {
  steadyMs,
  type Agent,
  type Attendant,
  type Clock,
  type Member,
  type QueueLoad,
  type Reader,
} from './ports.js';

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

/** What was read so long ago still says what is so; what is older is asked for again. */
export const FRESH_MS = 60_000;

/** What checks are answered from, kept so that an apply right after its plan does not ask again. */
export class Staff {
  private kept: Kept | null = null;

  constructor(
    private readonly reader: Reader,
    private readonly catalog: Catalog,
    private readonly clock: Clock,
    private readonly moves: CrewMoves = NOBODY_MOVES,
  ) {}

  /** As the org has it now, whatever a plan was to make of it. */
  private readonly seen = new Map<string, Promise<CheckResult>>();

  /**
   * The same for a second plan of the run, whose catalog is another where it makes what is named:
   * `null` where queues were still to be made.
   */
  of(catalog: Catalog, moves: CrewMoves): Staff | null {
    if (this.kept !== null && this.kept.unmade.length > 0) return null;
    if (!this.moves.isLike(moves)) return null;
    const staff = new Staff(this.reader, catalog, this.clock, moves);
    staff.kept = this.kept;
    return staff;
  }

  /** Of whom only the platform can tell, once it is done: asked once in a run. */
  async now(request: CheckRequest): Promise<CheckResult> {
    const key = `${request.level} ${askedIn(request)}`;
    const known = this.seen.get(key) ?? this.ask(request);
    this.seen.set(key, known);
    return known;
  }

  private async ask(request: CheckRequest): Promise<CheckResult> {
    const staffing = await fetchStaffing(this.reader, [request], this.catalog, NOBODY_MOVES);
    const denied = staffing.unread?.[request.check];
    if (denied !== undefined) throw denied;
    return answer(request, staffing, this.catalog);
  }

  /** What was read last, for whoever can do with it; `null` where nothing was. */
  last(): Staffing | null {
    return this.kept?.staffing ?? null;
  }

  /** Staffing for all of `requests`, fetched in parallel where it is not fresh. */
  async for(requests: readonly CheckRequest[]): Promise<Staffing> {
    const now = steadyMs(this.clock);
    const { kept } = this;
    // What is made meanwhile was among what was not.
    const queues = kept?.requests === requests ? kept.unmade : queuesOf(requests);
    const unmade = queues.filter((queue) => isUnmade(queue, this.catalog));
    const isOfToday = kept?.unmade.length === unmade.length && now - kept.atMs <= FRESH_MS;
    if (kept !== null && isOfToday && answers(kept, requests)) {
      // The same list comes again for every change.
      this.kept = { ...kept, requests };
      return kept.staffing;
    }
    const staffing = await fetchStaffing(
      this.reader,
      distinct(requests),
      this.catalog,
      this.moves,
      kept?.staffing.newcomers,
    );
    this.kept = { staffing, requests, unmade, atMs: now };
    return staffing;
  }
}

interface Kept {
  readonly staffing: Staffing;
  readonly requests: readonly CheckRequest[];
  /** Queues that the run is still to make: as one is, nothing that was read says who is there. */
  readonly unmade: readonly string[];
  readonly atMs: number;
}

function queuesOf(requests: readonly CheckRequest[]): string[] {
  return [...new Set(requests.map(({ queue }) => referenceKey(queue)))];
}

/** What was read for other requests may have left out what these are about. */
function answers(kept: Kept, requests: readonly CheckRequest[]): boolean {
  if (kept.requests === requests) return true;
  const asked = new Set(kept.requests.map(askedIn));
  return requests.every((request) => asked.has(askedIn(request)));
}

/** Thousands of strategies lead to a few hundred queues: what is asked alike is asked once. */
function distinct(requests: readonly CheckRequest[]): CheckRequest[] {
  return [...new Map(requests.map((request) => [askedIn(request), request])).values()];
}

/** The lengths tell where each name ends, for a fifth of what it takes to make JSON of them. */
function askedIn({ check, queue, skills }: CheckRequest): string {
  let asked: string = check;
  for (const one of [queue, ...skills]) {
    const name = typeof one === 'string' ? one : JSON.stringify(one);
    asked += ` ${typeof one} ${name.length} ${name}`;
  }
  return asked;
}

async function fetchStaffing(
  reader: Reader,
  requests: readonly CheckRequest[],
  catalog: Catalog,
  moves: CrewMoves,
  met: ReadonlyMap<string, Agent> = new Map(),
): Promise<Staffing> {
  const loadQueues = idsOf(requests, 'capacity', catalog);
  const [members, capacity, newcomers, attendance] = await Promise.all([
    orDenied(membersFor(reader, requests, catalog, moves)),
    orDenied(
      Promise.all(
        loadQueues.length === 0 && !requests.some(({ check }) => check === 'capacity')
          ? []
          : [
              loadQueues.length === 0
                ? Promise.resolve(new Map<string, QueueLoad>())
                : reader.loads(loadQueues),
              reader.callsPerAgent(),
            ],
      ),
    ),
    orDenied(newcomersFor(reader, requests, moves, met)),
    orDenied(attendanceFor(reader, requests, catalog, moves)),
  ]);
  const [loadByQueue = new Map<string, QueueLoad>(), callsPerAgent = null] = capacity.found ?? [];
  const noSkills = members.why ?? newcomers.why;
  const noSlots = capacity.why ?? newcomers.why ?? attendance.why;
  return {
    membersByQueue: members.found ?? new Map<string, readonly Member[]>(),
    loadByQueue,
    callsPerAgent,
    newcomers: newcomers.found ?? new Map<string, Agent>(),
    attendance: attendance.found ?? new Map<string, readonly Attendant[]>(),
    unread: {
      ...(noSkills === null ? {} : { skills: noSkills }),
      ...(noSlots === null ? {} : { capacity: noSlots }),
    },
  };
}

async function newcomersFor(
  reader: Reader,
  requests: readonly CheckRequest[],
  moves: CrewMoves,
  met: ReadonlyMap<string, Agent>,
): Promise<ReadonlyMap<string, Agent>> {
  const come = new Set(requests.flatMap(({ queue }) => moves.of(queue)?.come ?? []));
  const unmet = [...come].filter((id) => !met.has(id));
  return unmet.length === 0 ? met : new Map([...met, ...(await reader.agents(unmet))]);
}

/** Counts of who is on queue do not say who that is. */
async function attendanceFor(
  reader: Reader,
  requests: readonly CheckRequest[],
  catalog: Catalog,
  moves: CrewMoves,
): Promise<ReadonlyMap<string, readonly Attendant[]>> {
  const ids = idsOf(requests.filter(isTakenFrom(moves)), 'capacity', catalog);
  return ids.length === 0 ? new Map<string, readonly Attendant[]>() : reader.attendance(ids);
}

function isTakenFrom(moves: CrewMoves): (request: CheckRequest) => boolean {
  return ({ queue }) => {
    const move = moves.of(queue);
    return move !== null && takes(move);
  };
}

/** Read at one go it says for sure who is there, and not who is missing: that is looked up. */
async function membersFor(
  reader: Reader,
  requests: readonly CheckRequest[],
  catalog: Catalog,
  moves: CrewMoves,
): Promise<ReadonlyMap<string, readonly Member[]>> {
  // Who is there through a group only the queue itself says.
  const singly = requests.filter(({ queue }) => moves.of(queue)?.groupsStay === false);
  const one = new Set([...idsOf(singly, 'skills', catalog), ...idsOf(singly, 'capacity', catalog)]);
  const queueIds = idsOf(requests, 'skills', catalog).filter((id) => !one.has(id));
  const listed = listedBy(reader, [...one]);
  if (queueIds.length === 0) return new Map(await listed);
  const { byQueue, exact } = await reader.staff(queueIds);
  if (exact) return new Map([...byQueue, ...(await listed)]);
  const inDoubt = requests.filter((request) => {
    if (request.check !== 'skills') return false;
    const id = isUnmade(request.queue, catalog) ? null : queueId(request, catalog);
    const there = after(byQueue.get(id ?? '') ?? [], moves.of(request.queue));
    return id !== null && !one.has(id) && !skillsResult(request, there, catalog, null).passed;
  });
  const again = idsOf(inDoubt, 'skills', catalog);
  return new Map([...byQueue, ...(await listed), ...(await listedBy(reader, again))]);
}

async function listedBy(
  reader: Reader,
  ids: readonly string[],
): Promise<(readonly [string, readonly Member[]])[]> {
  return Promise.all(ids.map(async (id) => [id, await reader.members(id)] as const));
}

/** Those who are there once the plan is applied, as far as anybody can tell. */
function after(
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

/** A missing permission fails the check that needs it, and not the plan of everything else. */
async function orDenied<T>(
  asked: Promise<T>,
): Promise<{ readonly found: T | null; readonly why: PlatformError | null }> {
  try {
    return { found: await asked, why: null };
  } catch (error) {
    if (!(error instanceof PlatformError) || error.request?.status !== 403) throw error;
    return { found: null, why: error };
  }
}

function idsOf(
  requests: readonly CheckRequest[],
  check: CheckRequest['check'],
  catalog: Catalog,
): string[] {
  const ids = requests
    .filter((request) => request.check === check)
    .filter(({ queue }) => !isUnmade(queue, catalog))
    .flatMap((request) => queueId(request, catalog) ?? []);
  return [...new Set(ids)];
}

function queueId(request: CheckRequest, catalog: Catalog): string | null {
  const resolution = catalog.resolve('queue', request.queue);
  return resolution.found ? resolution.id : null;
}

/** Declared by a manifest, and not there yet. */
function isUnmade(queue: Json, catalog: Catalog): boolean {
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
      ? skillsResult(request, after(now, move, staffing.newcomers), catalog, move)
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

function skillsResult(
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
  const left = fittingIn(request, after(now, move, staffing.newcomers), catalog);
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
