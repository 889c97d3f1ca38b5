/**
 * Does the org have the agents that a strategy needs? Members, skills and loads of many queues are
 * read at one go, whatever number of strategies name them; see `Reader.staff`.
 */
import { referenceKey, type Catalog } from '../core/catalog.js';
import { addressOfDeclared } from '../core/declared.js';
import { PlatformError } from '../core/errors.js';
import type { Json } from '../core/json.js';
import type { CheckRequest } from '../core/kind.js';
import { plural } from '../core/plural.js';
import type { CheckName, CheckResult } from '../core/types.js';
import { steadyMs, type Clock, type Member, type QueueLoad, type Reader } from './ports.js';

export interface Staffing {
  readonly membersByQueue: ReadonlyMap<string, readonly Member[]>;
  readonly loadByQueue: ReadonlyMap<string, QueueLoad>;
  /** `null` where the org's settings do not speak of calls. */
  readonly callsPerAgent: number | null;
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
  ) {}

  /**
   * The same for a second plan of the run, whose catalog is another where it makes what is named:
   * `null` where queues were still to be made.
   */
  of(catalog: Catalog): Staff | null {
    if (this.kept !== null && this.kept.unmade.length > 0) return null;
    const staff = new Staff(this.reader, catalog, this.clock);
    staff.kept = this.kept;
    return staff;
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
    const staffing = await fetchStaffing(this.reader, distinct(requests), this.catalog);
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

function askedIn({ check, queue, skills }: CheckRequest): string {
  return JSON.stringify([check, queue, skills]);
}

async function fetchStaffing(
  reader: Reader,
  requests: readonly CheckRequest[],
  catalog: Catalog,
): Promise<Staffing> {
  const skillQueues = idsOf(requests, 'skills', catalog);
  const loadQueues = idsOf(requests, 'capacity', catalog);
  const [members, capacity] = await Promise.all([
    orDenied(membersFor(reader, requests, skillQueues, catalog)),
    orDenied(
      Promise.all(
        loadQueues.length === 0 ? [] : [reader.loads(loadQueues), reader.callsPerAgent()],
      ),
    ),
  ]);
  const [loadByQueue = new Map<string, QueueLoad>(), callsPerAgent = null] = capacity.found ?? [];
  return {
    membersByQueue: members.found ?? new Map<string, readonly Member[]>(),
    loadByQueue,
    callsPerAgent,
    unread: {
      ...(members.why === null ? {} : { skills: members.why }),
      ...(capacity.why === null ? {} : { capacity: capacity.why }),
    },
  };
}

/** Read at one go it says for sure who is there, and not who is missing: that is looked up. */
async function membersFor(
  reader: Reader,
  requests: readonly CheckRequest[],
  queueIds: readonly string[],
  catalog: Catalog,
): Promise<ReadonlyMap<string, readonly Member[]>> {
  if (queueIds.length === 0) return new Map();
  const { byQueue, exact } = await reader.staff(queueIds);
  if (exact) return byQueue;
  const inDoubt = requests.filter((request) => {
    if (request.check !== 'skills') return false;
    const id = isUnmade(request.queue, catalog) ? null : queueId(request, catalog);
    return id !== null && !skillsResult(request, byQueue.get(id) ?? [], catalog).passed;
  });
  const again = idsOf(inDoubt, 'skills', catalog);
  const found = await Promise.all(again.map(async (id) => [id, await reader.members(id)] as const));
  return new Map([...byQueue, ...found]);
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
): (request: CheckRequest) => CheckResult {
  const known = new Map<string, CheckResult>();
  return (request) => {
    const key = `${request.level} ${askedIn(request)}`;
    const found = known.get(key) ?? answer(request, staffing, catalog);
    known.set(key, found);
    return found;
  };
}

/** Answers one request from what was fetched. The message carries the numbers. */
export function answer(request: CheckRequest, staffing: Staffing, catalog: Catalog): CheckResult {
  const id = queueId(request, catalog);
  const subject = nameOf(request.queue, 'queue', catalog);
  const base = { check: request.check, level: request.level, subject };
  if (id === null) return { ...base, passed: false, message: 'the org has no such queue' };
  if (isUnmade(request.queue, catalog)) {
    return {
      ...base,
      passed: true,
      message: 'made by the same plan: asked about once it is there',
    };
  }
  const denied = staffing.unread?.[request.check];
  if (denied !== undefined) {
    return { ...base, passed: false, message: `not known: ${denied.message}` };
  }
  return request.check === 'skills'
    ? { ...base, ...skillsResult(request, staffing.membersByQueue.get(id) ?? [], catalog) }
    : { ...base, ...capacityResult(staffing.loadByQueue.get(id), staffing.callsPerAgent) };
}

type CheckOutcome = Pick<CheckResult, 'passed' | 'message'>;

function skillsResult(
  request: CheckRequest,
  members: readonly Member[],
  catalog: Catalog,
): CheckOutcome {
  const needed = request.skills.flatMap((skill) => {
    const resolution = catalog.resolve('skill', skill);
    return resolution.found ? [resolution.id] : [];
  });
  const names = request.skills.map((skill) => `"${nameOf(skill, 'skill', catalog)}"`).join(' and ');
  if (members.length === 0) return { passed: false, message: 'the queue has no members' };
  const present = members.filter((member) => member.joined);
  const unknown = present.filter((member) => member.skills === null).length;
  const fitting =
    needed.length < request.skills.length
      ? 0
      : present.filter((member) => needed.every((id) => member.skills?.includes(id))).length;
  const unread = unknown === 0 ? '' : `; the skills of ${unknown} could not be read`;
  const verb = fitting === 1 ? 'has' : 'have';
  return {
    passed: fitting > 0,
    message: `${fitting} of ${plural(present.length, 'agent')} ${verb} ${names}${unread}`,
  };
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
