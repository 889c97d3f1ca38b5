/** A listing from its first page to its last, and whether it is whole. */
import { textOf, type JsonObject } from '../core/json.js';
import type { Paged } from '../core/resource.js';
import type { Answer } from '../engine/ports.js';
import { incomplete } from './errors.js';
import { pagesFrom } from './pages.js';
import { saysPages, pageCountOf, cursorIn, entitiesIn } from './answers.js';

export interface PageOptions {
  readonly pageSize: number;
  readonly pageNumber?: number;
  /** Of a listing that is read on from a cursor, and counts no pages. */
  readonly after?: string;
}

/** Of a listing that changes each time that it is read. */
const MOST_PASSES = 3;

interface Pass {
  readonly byId: ReadonlyMap<string, JsonObject>;
  /** How many more the platform says that there are. */
  readonly missing: number;
  /**
   * Some came or went while it was read, so that others may have moved to a page that was read
   * before: one that went and one that came leave the total as it was.
   */
  readonly shifted: boolean;
  /** The last page. */
  readonly answer: Answer;
}

/** What is asked for one page, of what the platform knows of such a listing. */
export function queryOf(
  { pageSize, ...at }: PageOptions,
  paged?: Paged,
): Record<string, number | string> {
  if (paged === undefined) return { pageSize, ...at };
  if (paged === 'not at all') return {};
  return at.after === undefined ? { pageSize } : { pageSize, after: at.after };
}

/** A listing that does not say how long it is ends with a page that is not full. */
async function readOn(pages: Answer[], page: PageAt, pageSize: number): Promise<void> {
  const seen = new Set<string>();
  for (let last = pages.at(-1); last !== undefined; last = pages.at(-1)) {
    const ids = entitiesIn(last).map(({ id }) => textOf(id));
    const after = cursorIn(last.body, 'after');
    // One that always answers the same has no pages.
    const isLast = after === undefined ? ids.length < pageSize : ids.length === 0;
    if (isLast || ids.every((id) => seen.has(id))) return;
    for (const id of ids) seen.add(id);
    pages.push(await page(pages.length + 1, after));
  }
}

type PageAt = (pageNumber: number, after?: string) => Promise<Answer>;

/** Every page of a listing once. */
async function onePass(page: PageAt, pageSize: number): Promise<Pass> {
  const first = await page(1);
  const pages = [first, ...(await pagesFrom(2, pageCountOf(first), page))];
  if (!saysPages(first)) await readOn(pages, page, pageSize);
  // An object that moves between pages while they are read may come twice.
  const byId = new Map<string, JsonObject>();
  const all = pages.flatMap(entitiesIn);
  for (const entity of all) {
    // Rows of data tables have a key in the place of an id, and perhaps a column of that name.
    const id = textOf(entity['key'] ?? entity['id']);
    // What has none is not told apart from another without one, and each of them is there.
    byId.set(id === '' ? `${byId.size} without an id` : id, entity);
  }
  // What was deleted while the pages were read is in the total of the earlier ones.
  const totals = pages.flatMap(({ body }) =>
    typeof body?.['total'] === 'number' ? body['total'] : [],
  );
  const [least, most] = [Math.min(...totals, Infinity), Math.max(...totals, 0)];
  const missing = totals.length === 0 ? 0 : Math.max(0, least - byId.size);
  const isTwice = saysPages(first) && byId.size < all.length;
  const shifted = totals.length > 0 && (least < most || isTwice || byId.size < most);
  return { byId, missing, shifted, answer: pages.at(-1) ?? first };
}

/**
 * The first page says how many there are; the others are fetched side by side. A listing of
 * which a part is missing is read once more, as objects may have moved between its pages, and
 * then given up: what is missing from it would be taken for gone. Of one that never stood still
 * everything is given that any reading has shown: what has gone since is found out when it is
 * asked for, and what was left out would not be.
 */
export async function wholeListing(page: PageAt, pageSize: number): Promise<JsonObject[]> {
  const seen = new Map<string, JsonObject>();
  for (let passes = 1; ; passes += 1) {
    const { byId, missing, shifted, answer } = await onePass(page, pageSize);
    if (missing === 0 && !shifted) return [...byId.values()];
    for (const [id, entity] of byId) seen.set(id, entity);
    if (missing === 0 && passes >= MOST_PASSES) return [...seen.values()];
    if (missing > 0 && passes > 1) throw incomplete(answer, missing);
  }
}
