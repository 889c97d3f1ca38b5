/**
 * The fewest requests that can answer a question, as docs/performance.md derives them: everything
 * that has to be known once, by the largest pages that the platform is known to serve.
 */

/** Largest pages. Sources: BEHAVIOUR.md. */
const PAGE = {
  rows: 500,
  tables: 100,
  queues: 500,
  skills: 500,
  users: 500,
  members: 100,
  observed: 100,
  attended: 100,
};

/** A listing has one page at least, which says that there are no more. */
const pages = (count: number, size: number): number => Math.max(1, Math.ceil(count / size));

export interface Org {
  readonly queues: number;
  readonly skills: number;
  readonly users: number;
  /** Strategies in the org, and records of them. */
  readonly strategies: number;
  /** Our tables are there. */
  readonly tables: boolean;
}

/** What is looked at beside the listings. */
export interface Checked {
  /** Distinct queues whose members and skills are asked for, with so many members each. */
  readonly skillQueues: number;
  readonly membersEach: number;
  /** Distinct queues whose loads are asked for. */
  readonly loadQueues: number;
}

/** Token, organization, data tables, queues and skills; rows and records where there are tables. */
export function observation(org: Org, lockHeld = false): number {
  // Rows of the state table: the head of the owner's log is one of them, and so is a lock.
  const records = org.strategies + (lockHeld ? 2 : 1);
  const rows = org.tables ? pages(org.strategies, PAGE.rows) + pages(records, PAGE.rows) : 0;
  return 3 + pages(org.queues, PAGE.queues) + pages(org.skills, PAGE.skills) + rows;
}

/** Members with their skills by the cheaper of two ways; loads, and the calls of an agent. */
export function checks({ skillQueues, membersEach, loadQueues }: Checked, { users }: Org): number {
  // Without a total, a page that is full says nothing of the next.
  const singly = skillQueues * (Math.floor(membersEach / PAGE.members) + 1);
  const atOnce = Math.ceil(skillQueues / PAGE.attended) + pages(users, PAGE.users);
  const skills = skillQueues === 0 ? 0 : Math.min(singly, atOnce);
  return skills + (loadQueues === 0 ? 0 : Math.ceil(loadQueues / PAGE.observed) + 1);
}

/** Taken, looked at and given back; the head of the log is read by itself, and left in the org. */
export const LOCK = 5;

/** A job of the platform: asked for, its file sent, and looked at at least this often. */
const job = (looks: number): number => 2 + looks;

/**
 * Writes of changed rows: a look, the row and its record each, or everything in files, of which
 * new rows need one more for the claims before them, with looks at the rows before and at one after.
 * `requestsFor` of engine/bulk-load.ts says the same, and is not asked: this is what it is held against.
 */
export function writes(creates: number, others: number, rowsBefore: number, looks: number): number {
  const count = creates + others;
  if (count === 0) return 0;
  const jobs = creates > 0 ? 3 : 2;
  const listing = pages(rowsBefore, PAGE.rows);
  const before = others === 0 ? listing : Math.min(count, listing);
  const inBulk = before + 1 + jobs * job(looks);
  return Math.min(3 * count, inBulk);
}

/** Both tables made, and found among the others. */
export const TABLES_MADE = 3;

/** Loads, members and the last hour of so many queues, and the calls of an agent, under the lock. */
export function round(org: Org, queues: number): number {
  return observation(org, true) + LOCK + 3 * Math.ceil(queues / PAGE.observed) + 1;
}
