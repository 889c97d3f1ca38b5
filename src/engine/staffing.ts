/** Who works where: what checks are answered from, read at one go for all of them. */
import { referenceKey, type Catalog } from '../core/catalog.js';
import { NOBODY_MOVES, takes, type CrewMoves } from '../core/crew.js';
import { PlatformError } from '../core/errors.js';
import type { CheckRequest } from '../core/kind.js';
import type { CheckResult } from '../core/types.js';
import {
  steadyMs,
  type Agent,
  type Attendant,
  type Clock,
  type Member,
  type QueueLoad,
  type Reader,
} from './ports.js';
import { answer, askedIn, isUnmade, membersAfter, queueId, skillsResult } from './checks.js';
import type { Staffing } from './checks.js';

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
  const asked = listedBy(reader, [...one]);
  if (queueIds.length === 0) return new Map(await asked);
  const [{ byQueue, exact }, listed] = await Promise.all([reader.staff(queueIds), asked]);
  if (exact) return new Map([...byQueue, ...listed]);
  const inDoubt = requests.filter((request) => {
    if (request.check !== 'skills') return false;
    const id = isUnmade(request.queue, catalog) ? null : queueId(request, catalog);
    const there = membersAfter(byQueue.get(id ?? '') ?? [], moves.of(request.queue));
    return id !== null && !one.has(id) && !skillsResult(request, there, catalog, null).passed;
  });
  const again = idsOf(inDoubt, 'skills', catalog);
  return new Map([...byQueue, ...listed, ...(await listedBy(reader, again))]);
}

async function listedBy(
  reader: Reader,
  ids: readonly string[],
): Promise<(readonly [string, readonly Member[]])[]> {
  return Promise.all(ids.map(async (id) => [id, await reader.members(id)] as const));
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
