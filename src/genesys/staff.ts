/**
 * Who works in which queues, with which skills, in as few requests as the platform allows. There
 * are two ways: every queue's own listing of its members, by hundreds; or one query for who is a
 * member of which of a hundred queues, and the directory with everybody's skills, by five hundreds.
 * Which of them takes fewer depends on the org: docs/performance.md has the formulae.
 */
import { PlatformError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import type { Attendant, Member, Staffed } from '../engine/ports.js';
import { skillsIn, userIdOf } from './entities.js';
import { pagesFrom } from './pages.js';

export interface UsersPage {
  readonly users: readonly JsonObject[];
  readonly pageCount: number;
}

/** What can be asked of the platform, one request or many. */
export interface Sources {
  /** How many requests `members` takes, as far as that is known. */
  readonly memberPages: (queueId: string) => number;
  readonly members: (queueId: string) => Promise<Member[]>;
  /** How many requests `attendance` takes for so many queues. */
  readonly attendanceQueries: (queues: number) => number;
  /** A queue that the platform is silent about, or tells only a part of, is absent. */
  readonly attendance: (
    queueIds: readonly string[],
  ) => Promise<ReadonlyMap<string, readonly Attendant[]>>;
  /** A page of the directory, each user with their skills. */
  readonly users: (pageNumber: number) => Promise<UsersPage>;
}

/**
 * How long the directory is only its first page tells, which is one request and one round trip more
 * for whoever goes the other way: not for saving two.
 */
const WORTH_A_LOOK = 2;

export async function staffOf(from: Sources, queueIds: readonly string[]): Promise<Staffed> {
  const queries = from.attendanceQueries(queueIds.length);
  const singly = queueIds.reduce((sum, id) => sum + from.memberPages(id), 0);
  if (singly <= queries + 1 + WORTH_A_LOOK) return oneByOne(from, queueIds);
  try {
    const first = await from.users(1);
    if (singly <= queries + first.pageCount) return await oneByOne(from, queueIds);
    return await allAtOnce(from, queueIds, first);
  } catch (error) {
    if (!(error instanceof PlatformError) || isDown(error)) throw error;
    // A client that may not ask, a query that the platform does not take, or an answer that is
    // none: the other way is left.
    return oneByOne(from, queueIds);
  }
}

/** Nothing else that is asked now would be answered either. */
function isDown({ fault, code }: PlatformError): boolean {
  return fault === 'unavailable' && code !== 'unreadable-answer';
}

async function oneByOne(from: Sources, queueIds: readonly string[]): Promise<Staffed> {
  const members = await Promise.all(
    queueIds.map(async (id) => [id, await from.members(id)] as const),
  );
  return { byQueue: new Map(members), exact: true };
}

async function allAtOnce(
  from: Sources,
  queueIds: readonly string[],
  first: UsersPage,
): Promise<Staffed> {
  const [attendance, rest] = await Promise.all([
    from.attendance(queueIds),
    pagesFrom(2, first.pageCount, from.users),
  ]);
  const users = [first, ...rest].flatMap((page) => page.users);
  const skills = new Map(users.map((user) => [userIdOf(user), skillsIn(user)]));
  const byQueue = [...attendance].map(([id, present]): [string, Member[]] => [
    id,
    present.map(({ userId, joined }) => {
      const known = skills.get(userId) ?? null;
      return { userId, joined, skills: known };
    }),
  ]);
  return { byQueue: new Map(byQueue), exact: false };
}
