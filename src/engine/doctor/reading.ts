/** What reading an org tells of its manners. Nothing is written, and nothing here could be. */
import { PlatformError } from '../../core/errors.js';
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../../core/json.js';
import { covers } from '../../core/permission.js';
import { rowPath, rowsPath, tableNamed, TABLES_PATH } from '../../core/table.js';
import { NEEDS } from '../../doctor/needs.js';
import { pageSizeOf, SAFE_PAGE } from '../../doctor/reading.js';
import type { OrgObserved, OrgPage } from '../../generated/types.js';
import type { Exchanged, Organization } from '../ports.js';
import { answerOf, isFine, refusal, type Bench } from './bench.js';

/** What is read in an org. */
export interface Subject {
  /** Names of our tables, of which nothing but reading is done. */
  readonly tables: readonly string[];
  /** Milliseconds since 1970 UTC. */
  readonly nowMs: number;
}

export interface Looked {
  /** `null` where it cannot be read, or nobody was let in. */
  readonly organization: Organization | null;
  /** Every data table that can be seen, with its schema; `null` where they cannot be listed. */
  readonly tables: readonly JsonObject[] | null;
}

/** Rejects where the org is not to be reached at all. */
export async function lookAt(bench: Bench, subject: Subject): Promise<Looked> {
  const organization = await enter(bench);
  if (bench.observed.login?.status !== 200) return { organization, tables: null };
  await roles(bench);
  await limits(bench);
  await absent(bench);
  await audited(bench);
  await listings(bench, subject);
  const tables = await ourTables(bench, subject);
  return { organization, tables };
}

async function enter(bench: Bench): Promise<Organization | null> {
  const { examiner } = bench.ports;
  try {
    const organization = await examiner.organization();
    bench.observed.login = { status: 200, code: '' };
    return organization;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    const { request, code, fault } = error;
    const isLogin = request?.path === '/oauth/token';
    if (fault === 'unavailable' || (isLogin && fault !== 'denied')) throw error;
    if (isLogin) {
      bench.observed.login = { status: request.status ?? 0, code };
      bench.gap([''], { because: 'not tried', why: 'nobody was let in' });
      return null;
    }
    bench.observed.login = { status: 200, code: '' };
    return null;
  }
}

/** Role by role, what the client may do, as far as it concerns us. */
async function roles(bench: Bench): Promise<void> {
  await bench.trial(['permission', 'rate-limit'], async () => {
    const answer = await bench.ask({ method: 'GET', path: ROLES_PATH });
    const allowed = Number(answer.headers['inin-ratelimit-allowed']);
    const isTold = Number.isSafeInteger(allowed) && allowed > 0;
    bench.observed.rateLimit = { allowedPerMinute: isTold ? allowed : null };
    if (!isFine(answer) || !isObject(answer.body)) throw refusal(answer);
    bench.observed.roles = rolesIn(answer.body);
  });
}

type Roles = NonNullable<OrgObserved['roles']>;

/** Whose token it is may ask for its own. */
export const ROLES_PATH = '/api/v2/authorization/subjects/me';

export function rolesIn(subject: JsonObject): Roles {
  const wanted = NEEDS.flatMap(({ anyOf }) => anyOf);
  const found = new Map<string, { divisions: Set<string>; permissions: Set<string> }>();
  for (const grant of objectsIn(subject['grants'])) {
    const role = partOf(grant, 'role');
    const division = partOf(grant, 'division');
    const name = textOf(role['name']) || textOf(role['id']);
    const one = found.get(name) ?? { divisions: new Set(), permissions: new Set() };
    found.set(name, one);
    const id = textOf(division['id']);
    one.divisions.add(id === '*' ? id : textOf(division['name']) || id);
    for (const held of objectsIn(role['policies']).flatMap(permissionsIn)) {
      if (wanted.some((needed) => covers(held, needed))) one.permissions.add(held);
    }
  }
  return [...found].map(([name, { divisions, permissions }]) => ({
    name,
    divisions: [...divisions].sort(),
    permissions: [...permissions].sort(),
  }));
}

/** `domain:entity:action` for every action of a policy. */
function permissionsIn(policy: JsonObject): string[] {
  const actions = Array.isArray(policy['actions'])
    ? policy['actions'].map((one) => textOf(one))
    : [];
  const [domain, entity] = [textOf(policy['domain']), textOf(policy['entityName'])];
  return actions.map((action) => `${domain}:${entity || '*'}:${action}`);
}

function partOf(object: Json | undefined, name: string): JsonObject {
  const part = isObject(object) ? object[name] : null;
  return isObject(part) ? part : {};
}

const NAMESPACES = ['platform.api', 'datatables', 'analytics.realtime', 'audit'] as const;
const LIMITS = '/api/v2/organizations/limits/namespaces';

async function limits(bench: Bench): Promise<void> {
  await bench.trial(['limits'], async () => {
    const found: NonNullable<OrgObserved['limits']> = {};
    for (const namespace of NAMESPACES) {
      const answer = await bench.ask({ method: 'GET', path: `${LIMITS}/${namespace}` });
      // Which namespaces an org has is its own business.
      if (answer.request.status === 404) continue;
      if (!isFine(answer) || !isObject(answer.body)) throw refusal(answer);
      const entries = objectsIn(answer.body['entities']).flatMap(({ key, value }) =>
        typeof key === 'string' && typeof value === 'number' ? [[key, value] as const] : [],
      );
      found[namespace] = Object.fromEntries(entries);
    }
    bench.observed.limits = found;
  });
}

/** An id in the form of the platform's that nothing has. */
const NOBODY = '00000000-0000-4000-8000-000000000000';

async function absent(bench: Bench): Promise<void> {
  await bench.trial(['absent'], async () => {
    const answer = await bench.ask({ method: 'GET', path: `${TABLES_PATH}/${NOBODY}` });
    if (answer.request.status === 403) throw refusal(answer);
    bench.observed.absent = answerOf(answer);
  });
}

const OF_INTEREST = /^(row|queue|routingstrategy)$/i;
const SERVICES: ReadonlySet<string> = new Set(['Datatables', 'Routing']);

async function audited(bench: Bench): Promise<void> {
  await bench.trial(['audit'], async () => {
    const body = await bench.read('/api/v2/audits/query/servicemapping');
    const texts = (value: Json | undefined): string[] =>
      Array.isArray(value) ? value.map((one) => textOf(one)) : [];
    bench.observed.audit = objectsIn(body['services']).flatMap((service) =>
      objectsIn(service['entities'])
        .map((entity) => ({
          service: textOf(service['name']),
          entityType: textOf(entity['name']),
          actions: texts(entity['actions']),
        }))
        .filter((one) => SERVICES.has(one.service) || OF_INTEREST.test(one.entityType)),
    );
  });
}

type Listing = keyof NonNullable<OrgObserved['pages']>;

/** The first page of a listing, as large as the org serves one. */
export async function firstPage(
  bench: Bench,
  listing: Listing,
  path: string,
): Promise<JsonObject[]> {
  const wanted = pageSizeOf(listing);
  const sizes = [wanted, SAFE_PAGE, 25].filter((size, at, all) => all.indexOf(size) === at);
  let refused: Exchanged | null = null;
  for (const pageSize of sizes.filter((size) => size <= wanted)) {
    const mark = path.includes('?') ? '&' : '?';
    const full = `${path}${mark}pageSize=${pageSize}&pageNumber=1`;
    const answer = await bench.ask({ method: 'GET', path: full });
    if (!isFine(answer) && answer.request.status !== 400) throw refusal(answer);
    if (!isFine(answer) || !isObject(answer.body)) {
      refused = answer;
      continue;
    }
    const entities = objectsIn(answer.body['entities']);
    const served = servedBy(answer.body, pageSize, entities.length);
    const above = served < pageSize ? 'cut' : refused === null ? 'not tried' : 'refused';
    note(bench, listing, { largest: served, above });
    return entities;
  }
  note(bench, listing, { largest: 0, above: 'refused' });
  return [];
}

/** Some listings say what size they took, others only show fewer than there are. */
function servedBy({ pageSize, total }: JsonObject, asked: number, shown: number): number {
  if (typeof pageSize === 'number' && pageSize > 0 && pageSize < asked) return pageSize;
  return typeof total === 'number' && total > shown && shown < asked && shown > 0 ? shown : asked;
}

function note({ observed }: Bench, listing: Listing, page: OrgPage): void {
  observed.pages = { ...observed.pages, [listing]: page };
}

async function listings(bench: Bench, { nowMs }: Subject): Promise<void> {
  const found = new Map<Listing, JsonObject[]>();
  for (const [listing, path] of [
    ['queues', '/api/v2/routing/queues'],
    ['skills', '/api/v2/routing/skills'],
    ['users', '/api/v2/users'],
  ] as const) {
    await bench.trial([`page.${listing}`], async () => {
      found.set(listing, await firstPage(bench, listing, path));
    });
  }
  await bench.trial(['listed.peers'], () => peers(bench));
  const queues = found.get('queues') ?? [];
  const [queue] = queues;
  if (queue === undefined) {
    const why = 'no queue was seen that it could be tried on';
    bench.gap(['page.members', 'single.queue', 'query'], { because: 'nothing there', why });
  } else {
    await ofQueue(bench, queue);
    await queries(bench, queues.slice(0, QUEUES_OF_A_QUERY).map(idOf), nowMs);
  }
  await bench.trial(['utilization'], async () => {
    const body = await bench.read('/api/v2/routing/utilization');
    const capacity = partOf(body['utilization'], 'call')['maximumCapacity'];
    bench.observed.callsPerAgent = typeof capacity === 'number' ? capacity : null;
  });
}

/** The platform's own tools list queues twice, with a peer and without one. */
async function peers(bench: Bench): Promise<void> {
  const all = await queuesOf(bench, '');
  const having = await queuesOf(bench, 'true');
  if (having === 0) bench.observed.peers = 'none';
  if (all === null || having === null || having === 0) return;
  const without = await queuesOf(bench, 'false');
  if (without === null) return;
  // Where all three are one number, the parameter is passed over, or nobody can tell.
  if (all === having + without) bench.observed.peers = 'shown';
  else if (all === without && all !== having) bench.observed.peers = 'left out';
}

async function queuesOf(bench: Bench, hasPeer: string): Promise<number | null> {
  const query = hasPeer === '' ? '' : `&hasPeer=${hasPeer}`;
  const { total } = await bench.read(`/api/v2/routing/queues?pageSize=1&pageNumber=1${query}`);
  return typeof total === 'number' ? total : null;
}

function idOf(entity: JsonObject): string {
  return textOf(entity['id']);
}

async function ofQueue(bench: Bench, queue: JsonObject): Promise<void> {
  const path = `/api/v2/routing/queues/${encodeURIComponent(idOf(queue))}`;
  await bench.trial(['page.members'], async () => {
    await firstPage(bench, 'members', `${path}/members`);
  });
  await bench.trial(['single.queue'], async () => {
    const single = await bench.read(path);
    noteSingle(bench, 'queue', differing(queue, single, ['id', 'name']));
  });
}

type Single = keyof NonNullable<OrgObserved['single']>;

export function noteSingle({ observed }: Bench, what: Single, changed: string[]): void {
  observed.single = { ...observed.single, [what]: changed };
}

/** The names under which two objects have different values. */
export function differing(a: JsonObject, b: JsonObject, names: readonly string[]): string[] {
  return names.filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
}

/** As many as strategos asks for at once. */
const QUEUES_OF_A_QUERY = 100;
const DAYS_MS = 30 * 86_400_000;

async function queries(bench: Bench, queueIds: readonly string[], nowMs: number): Promise<void> {
  const predicates = queueIds.map((value) => ({ dimension: 'queueId', value }));
  const filter = { type: 'or', predicates };
  const interval = [nowMs - DAYS_MS, nowMs].map((ms) => new Date(ms).toISOString()).join('/');
  const counts = ['oOnQueueUsers', 'oMemberUsers', 'oInteracting', 'oWaiting', 'oLongestWaiting'];
  const asked = [
    ['observation', '/api/v2/analytics/queues/observations/query', { filter, metrics: counts }],
    [
      'activity',
      '/api/v2/analytics/routing/activity/query?pageSize=100&pageNumber=1',
      { filter, groupBy: ['queueId'], metrics: [{ metric: 'oMemberUsers', details: true }] },
    ],
    [
      'aggregate',
      '/api/v2/analytics/conversations/aggregates/query',
      { interval, filter, groupBy: ['queueId'], metrics: ['nOffered', 'tAnswered'] },
    ],
  ] as const;
  for (const [name, path, body] of asked) {
    await bench.trial([`query.${name}`], async () => {
      const sent = body as unknown as JsonObject;
      const answer = await bench.ask({ method: 'POST', path, body: sent });
      if (answer.request.status === 403) throw refusal(answer);
      const code = isFine(answer) && !isOfQueues(answer.body) ? UNREADABLE : answerOf(answer).code;
      bench.observed.queries = {
        ...bench.observed.queries,
        [name]: { status: answer.request.status, code },
      };
    });
  }
}

/** Stands for an answer that is none to what was asked. */
export const UNREADABLE = 'unreadable';

/** Every result says of which queue it is; none at all is an answer as well. */
function isOfQueues(body: Json): boolean {
  if (!isObject(body)) return false;
  const results = body['results'] ?? [];
  return (
    Array.isArray(results) &&
    objectsIn(results).every((one) => textOf(partOf(one, 'group')['queueId']) !== '')
  );
}

async function ourTables(bench: Bench, subject: Subject): Promise<JsonObject[] | null> {
  const path = `${TABLES_PATH}?expand=schema`;
  const found: JsonObject[][] = [];
  await bench.trial(['page.tables', 'single.table', 'single.row', 'page.rows'], async () => {
    await firstPage(bench, 'tables', path);
    found.push(await bench.ports.examiner.list(path, pageSizeOf('tables')));
  });
  const [tables] = found;
  if (tables === undefined) return null;
  const ours = subject.tables
    .map((name) => tableNamed(tables, name))
    .filter((table) => table !== null);
  const [table] = ours;
  const none = {
    because: 'nothing there',
    why: 'the tables of strategos are not there yet',
  } as const;
  if (table === undefined) bench.gap(['single.table', 'single.row', 'page.rows'], none);
  else await bench.trial(['single.table'], async () => singleTable(bench, table));
  for (const one of ours) await bench.trial(['single.row'], async () => singleRow(bench, one));
  const why = 'the tables of strategos have no row yet';
  bench.gap(['single.row'], { because: 'nothing there', why });
  return tables;
}

export async function singleTable(bench: Bench, table: JsonObject): Promise<void> {
  const path = `${TABLES_PATH}/${encodeURIComponent(idOf(table))}?expand=schema`;
  const single = await bench.read(path);
  const columns = (of: JsonObject): JsonObject => {
    const properties = partOf(of['schema'], 'properties');
    const types = Object.entries(properties).map(([name, column]): [string, string] => [
      name,
      isObject(column) ? textOf(column['type']) : '',
    ]);
    return Object.fromEntries(types.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  const core = (of: JsonObject): JsonObject => ({
    id: of['id'] ?? null,
    name: of['name'] ?? null,
    columns: columns(of),
  });
  noteSingle(bench, 'table', differing(core(table), core(single), ['id', 'name', 'columns']));
}

/** Of the first table that has a row. */
async function singleRow(bench: Bench, table: JsonObject, isLast = false): Promise<void> {
  const rows = rowsPath(idOf(table));
  const [row] = await firstPage(bench, 'rows', `${rows}?showbrief=false`);
  if (row === undefined || bench.observed.single?.row !== undefined) return;
  // The key of a row may have what some hop on the way refuses: that is tried elsewhere.
  const key = textOf(row['key']);
  if (!/^[\w.~-]+$/.test(key)) return;
  const single = await bench.read(`${rowPath(rows, key)}?showbrief=false`);
  const names = [...new Set([...Object.keys(row), ...Object.keys(single)])].sort();
  const changed = differing(row, single, names);
  // Somebody may be applying just now.
  if (changed.length > 0 && !isLast) return singleRow(bench, table, true);
  noteSingle(bench, 'row', changed);
}
