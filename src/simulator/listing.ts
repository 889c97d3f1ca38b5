/** Paging as Genesys Cloud does it: numbered pages with totals and links, or without totals. */
import { byText } from '../core/issue.js';
import { wholeNumber, type Call } from './call.js';
import { pageManner } from './manners.js';

const DEFAULT_PAGE_SIZE = 25;
const LAST_PAGE_NUMBER = 999_999_999;

export interface Page<T> {
  readonly entities: T[];
  readonly pageSize: number;
  readonly pageNumber: number;
  readonly selfUri: string;
  readonly firstUri: string;
  readonly nextUri?: string;
  readonly previousUri?: string;
}

export interface CountedPage<T> extends Page<T> {
  readonly total: number;
  readonly pageCount: number;
  readonly lastUri: string;
}

/** One page of `all`, each item shown by `show`. 400 when pageSize exceeds `maxPageSize`. */
export function countedPage<S, T>(
  call: Call,
  all: readonly S[],
  maxPageSize: number,
  show: (item: S) => T,
): CountedPage<T> {
  const page = plainPage(call, all, maxPageSize, show);
  const pageCount = Math.ceil(all.length / page.pageSize);
  return {
    ...page,
    total: all.length,
    pageCount,
    lastUri: pageUri(call, page.pageSize, Math.max(1, pageCount)),
  };
}

/** The same without `total`, `pageCount` and `lastUri`, as the members of a queue are listed. */
export function plainPage<S, T>(
  call: Call,
  all: readonly S[],
  maxPageSize: number,
  show: (item: S) => T,
): Page<T> {
  const { most, served } = pageManner(call, maxPageSize);
  const usual = Math.min(DEFAULT_PAGE_SIZE, most);
  const asked = wholeNumber(call.query, 'pageSize', usual, [1, most]);
  const pageSize = Math.min(asked, served);
  const pageNumber = wholeNumber(call.query, 'pageNumber', 1, [1, LAST_PAGE_NUMBER]);
  const start = (pageNumber - 1) * pageSize;
  const uri = (number: number): string => pageUri(call, pageSize, number);
  return {
    entities: all.slice(start, start + pageSize).map(show),
    pageSize,
    pageNumber,
    selfUri: uri(pageNumber),
    firstUri: uri(1),
    ...(start + pageSize < all.length ? { nextUri: uri(pageNumber + 1) } : {}),
    ...(pageNumber > 1 ? { previousUri: uri(pageNumber - 1) } : {}),
  };
}

export interface CursorPage<T> {
  readonly entities: T[];
  readonly selfUri: string;
  readonly nextUri?: string;
}

/** A page that begins after the item which `after` stands for, and says nothing of the others. */
export function cursorPage<S extends { readonly id: string }, T>(
  call: Call,
  all: readonly S[],
  maxPageSize: number,
  show: (item: S) => T,
): CursorPage<T> {
  const { most, served } = pageManner(call, maxPageSize);
  const usual = Math.min(DEFAULT_PAGE_SIZE, most);
  const pageSize = Math.min(wholeNumber(call.query, 'pageSize', usual, [1, most]), served);
  const after = call.query.get('after');
  const start = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const page = all.slice(start, start + pageSize);
  const uri = (cursor: string | null): string => {
    const query = new URLSearchParams({ pageSize: String(pageSize) });
    if (cursor !== null) query.set('after', cursor);
    return `${call.path}?${query.toString()}`;
  };
  const isMore = start + pageSize < all.length;
  return {
    entities: page.map(show),
    selfUri: uri(after),
    ...(isMore ? { nextUri: uri(page.at(-1)?.id ?? '') } : {}),
  };
}

function pageUri(call: Call, pageSize: number, pageNumber: number): string {
  const query = new URLSearchParams(call.query);
  query.set('pageSize', String(pageSize));
  query.set('pageNumber', String(pageNumber));
  return `${call.path}?${query.toString()}`;
}

/** Whether a listing shows this already; a fault lets one lag behind what was created. */
export function isListed({ org, at }: Call, id: string): boolean {
  return (org.unlisted.get(id) ?? -Infinity) <= at;
}

/** By name, `sortOrder=desc` (any case) the other way round. */
export function sortedByName<T extends { readonly name: string }>(
  call: Call,
  items: Iterable<T>,
): T[] {
  const direction = call.query.get('sortOrder')?.toLowerCase().startsWith('desc') ? -1 : 1;
  return [...items].sort((a, b) => direction * byText(a.name, b.name));
}

/** A name filter with `*` at either end; without one the whole name. Case does not count. */
export function nameFilter(text: string | null): (name: string) => boolean {
  if (text === null || text === '') return () => true;
  const open = text.startsWith('*');
  const close = text.length > 1 && text.endsWith('*');
  const needle = text.slice(open ? 1 : 0, close ? -1 : undefined).toLowerCase();
  return (name) => {
    const hay = name.toLowerCase();
    if (open && close) return hay.includes(needle);
    if (open) return hay.endsWith(needle);
    return close ? hay.startsWith(needle) : hay === needle;
  };
}
