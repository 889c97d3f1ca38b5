/**
 * How an org was seen to behave, where that is not as BEHAVIOUR.md has it: what `doctor` observed,
 * read from its report. An org without a profile has no manners of its own: every function here
 * then says what it was given, or nothing.
 */
import { KEY_KINDS } from '../core/odd-keys.js';
import type { Json } from '../core/json.js';
import type { OrgAnswer, OrgDelay, OrgObserved } from '../generated/types.js';
import { ok, type Call, type Reply } from './call.js';
import type { CellValue, Org } from './model.js';
import { Refusal } from './refusal.js';

/** What has no property here was not observed. */
export type Manners = OrgObserved;

export function refuseAs({ status, code }: OrgAnswer): Refusal {
  const said = 'As the org of the profile answered';
  return new Refusal(status, code, said);
}

export function isSuccess({ status }: OrgAnswer): boolean {
  return status >= 200 && status <= 299;
}

/** Throws the refusal that was observed; passes for a success, and where nothing was. */
export function heed(answer: OrgAnswer | undefined): void {
  if (answer !== undefined && !isSuccess(answer)) throw refuseAs(answer);
}

/** Milliseconds that something stays unseen which was seen at this instant, and not before. */
export function lagMs(delay: OrgDelay | undefined): number {
  if (delay === undefined || delay === 0) return 0;
  if (delay === null) return FOR_EVER_MS;
  const before = INSTANTS_MS.filter((ms) => ms < delay).at(-1) ?? 0;
  return Math.ceil((before + delay) / 2);
}

/** When a doctor looks, so that one that looks again sees it at the same instant. */
const INSTANTS_MS = [0, 250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000];
const FOR_EVER_MS = 3_600_000;

/** What is answered before the org itself is asked; `null`: nothing, it is asked. */
export function answeredBefore(call: Call, method: string, pattern: string): Reply | null {
  const { manners } = call.org;
  refuseForbidden(call, `${method} ${pattern.replace(/\{\w+\}/g, '{}')}`);
  const query = QUERIES[pattern];
  const answer = query === undefined ? undefined : manners.queries?.[query];
  if (answer?.status === 200 && answer.code !== '') return ok({ results: [{}] });
  heed(answer);
  return pattern.includes('/rows') ? answeredOfKey(call, method) : null;
}

const QUERIES: Readonly<Record<string, keyof NonNullable<Manners['queries']>>> = {
  '/api/v2/analytics/queues/observations/query': 'observation',
  '/api/v2/analytics/routing/activity/query': 'activity',
  '/api/v2/analytics/conversations/aggregates/query': 'aggregate',
};

/** Who doctor was: the others of an org file are its administrators. */
export function isObservedClient({ clients }: Org, id: string): boolean {
  const [first] = clients.keys();
  return first === id;
}

function refuseForbidden({ org, caller }: Call, endpoint: string): void {
  if (org.manners.forbidden?.includes(endpoint) !== true) return;
  if (!isObservedClient(org, caller.client.id)) return;
  const text = 'Unable to perform the requested action.';
  throw new Refusal(403, 'missing.any.permissions', text);
}

const STEPS = { POST: 'create', GET: 'read', PUT: 'replace', DELETE: 'delete' } as const;
const ORDER: readonly string[] = Object.values(STEPS);

/** A key that the way to the org does not let pass; from the step on at which it was stopped. */
function answeredOfKey({ org: { manners }, params, text }: Call, method: string): Reply | null {
  const step = STEPS[method as keyof typeof STEPS];
  const key = params.get('rowId') ?? keyIn(text);
  if (manners.keys === undefined || key === null) return null;
  for (const [kind, pattern] of Object.entries(KEY_KINDS)) {
    const seen = manners.keys[kind as keyof typeof KEY_KINDS];
    if (seen === undefined || seen === 'works' || !pattern.test(key)) continue;
    if (ORDER.indexOf(step) < ORDER.indexOf(seen.step)) continue;
    if (isSuccess(seen)) return ok({ key: `${key}?` });
    throw refuseAs(seen);
  }
  return null;
}

function keyIn(text: string): string | null {
  const key = /"key"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  return key === undefined ? null : (JSON.parse(key) as string);
}

type Listing = keyof NonNullable<Manners['pages']>;

const LISTINGS: readonly (readonly [RegExp, Listing])[] = [
  [/\/routing\/queues$/, 'queues'],
  [/\/members$/, 'members'],
  [/\/routing\/skills$/, 'skills'],
  [/\/users$/, 'users'],
  [/\/flows\/datatables$/, 'tables'],
  [/\/rows$/, 'rows'],
];

export interface PageManner {
  /** Larger ones are refused. */
  readonly most: number;
  /** Larger ones get no more than this. */
  readonly served: number;
}

export function pageManner({ org: { manners }, path }: Call, usual: number): PageManner {
  const listing = LISTINGS.find(([pattern]) => pattern.test(path))?.[1];
  const page = listing === undefined ? undefined : manners.pages?.[listing];
  if (page === undefined || page.above === 'not tried') return { most: usual, served: usual };
  if (page.above === 'refused') return { most: page.largest, served: page.largest };
  return { most: usual, served: page.largest };
}

/** Something else of the same type. */
function other<T extends Json | CellValue | undefined>(value: T): T {
  if (typeof value === 'string') return `${value}~` as T;
  if (typeof value === 'number') return (value + 1) as T;
  return typeof value === 'boolean' ? (!value as T) : value;
}

/** An object as it is shown by itself, where that is otherwise than in its listing. */
export function shownSingly<T extends object>(
  { org: { manners } }: Pick<Call, 'org'>,
  what: keyof NonNullable<Manners['single']>,
  object: T,
): T {
  const changed = manners.single?.[what] ?? [];
  if (changed.length === 0) return object;
  const entries = Object.entries(object) as [string, Json][];
  return Object.fromEntries(
    entries.map(([name, value]) => [name, changed.includes(name) ? other(value) : value]),
  ) as T;
}

const ROUND: Readonly<Record<string, (value: CellValue) => CellValue>> = {
  'blanks at the ends': ofText((text) => text.trim()),
  'line breaks': ofText((text) => text.replace(/[\r\n\t]+/g, ' ')),
  'quotes and backslashes': ofText((text) => text.replace(/["'\\]/g, '')),
  quotes: ofText((text) => text.replaceAll('"', '')),
  commas: ofText((text) => text.replaceAll(',', ' ')),
  'letters beyond ASCII': ofText((text) => text.replace(/[^\0-\x7f]/g, '?')),
  'an empty text': ofText((text) => (text === '' ? '-' : text)),
  JSON: ofText((text) => (text.startsWith('{') ? text.replace(/\.?0*,/g, ',') : text)),
  fractions: ofNumber((number) => Math.fround(number)),
  'small numbers': ofNumber((number) => (Math.abs(number) < 0.001 ? 0 : number)),
  'negative numbers': ofNumber((number) => Math.abs(number)),
  'numbers and truth': ofNumber((number) => Math.abs(number)),
};

function ofText(change: (text: string) => string): (value: CellValue) => CellValue {
  return (value) => (typeof value === 'string' ? change(value) : value);
}

function ofNumber(change: (number: number) => number): (value: CellValue) => CellValue {
  return (value) => (typeof value === 'number' ? change(value) : value);
}

/** A cell as the org keeps it, where it keeps some otherwise than they were written. */
export function keptAs(changed: readonly string[] | undefined, value: CellValue): CellValue {
  return (changed ?? []).reduce((kept, name) => ROUND[name]?.(kept) ?? kept, value);
}

/** A text that is too long for this org: cut, or `null` where it is refused. */
export function fitted({ row }: Manners, text: string): string | null {
  const length = row?.longestCell;
  if (length === undefined || length.above === 'not tried' || text.length <= length.longest) {
    return text;
  }
  return length.above === 'cut' ? text.slice(0, length.longest) : null;
}

export function longestKey({ row }: Manners, usual: number): number {
  const length = row?.longestKey;
  if (length === undefined) return usual;
  return length.above === 'not tried' ? Math.max(usual, length.longest) : length.longest;
}
