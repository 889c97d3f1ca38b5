/** How many requests changes of rows take one by one, and in files. */
import { IMPORT_REQUESTS, pagesOf } from '../core/row-traffic.js';
import type { Change } from '../core/types.js';

export interface BulkLoad {
  /** Rows of the table before. */
  readonly there: number;
  readonly creates: number;
  /** Updates and adoptions. */
  readonly others: number;
  /** How many of the others are adoptions; absent: none. */
  readonly adopts?: number;
}

/** One row by itself: claim, POST and record, or GET, PUT and record; an adoption is claimed. */
const PER_ROW = 3;

/**
 * Requests that so many changes take. In bulk: a look at the rows before and at one of them after,
 * and three jobs: claims where rows are new or nobody's, rows, records. Checks take the same either
 * way.
 */
export function requestsFor(load: BulkLoad): { readonly singly: number; readonly inBulk: number } {
  return {
    singly: PER_ROW * (load.creates + load.others) + (load.adopts ?? 0),
    inBulk: looksBefore(load) + 1 + IMPORT_REQUESTS * jobsFor(load),
  };
}

/** Whether files take fewer requests. */
export function pays(load: BulkLoad): boolean {
  const { singly, inBulk: inFiles } = requestsFor(load);
  return inFiles < singly;
}

export function loadOf(changes: readonly Change[], there: number): BulkLoad {
  const creates = changes.filter(({ action }) => action === 'create').length;
  const adopts = changes.filter(({ action }) => action === 'adopt').length;
  return { there, creates, others: changes.length - creates, adopts };
}

/**
 * Each row by itself, or the whole table by pages. A row that is there also shows which columns the
 * table has by now; where only new ones are to come, the listing has to.
 */
export function looksBefore({ there, creates, others }: BulkLoad): number {
  return others === 0 ? pagesOf(there) : Math.min(creates + others, pagesOf(there));
}

/** Files that go to the platform: claims where rows are new or nobody's, rows, records. */
export function jobsFor({ creates, adopts = 0 }: Pick<BulkLoad, 'creates' | 'adopts'>): number {
  return creates + adopts > 0 ? 3 : 2;
}
