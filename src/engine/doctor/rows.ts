/** What the doctor's own table tells of tables and rows. */
import { isObject, type JsonObject } from '../../core/json.js';
import type { PlatformEvent } from '../../core/deeds.js';
import { KEY, TABLE_LIMITS, TABLE_PAGE, tableNamed, TABLES_PATH } from '../../core/table.js';
import { KEY_TRIALS } from '../../doctor/tables.js';
import type { OrgKey, OrgLength, OrgObserved } from '../../generated/types.js';
import { steadyMs, type Exchanged } from '../ports.js';
import { answerOf, isFine, refusal } from './bench.js';
import { PRESETS, type OwnTable } from './own-table.js';
import { differing, firstPage, noteSingle, singleTable } from './reading.js';

/** A row in all of its columns. */
export function rowOf(key: string, cells: JsonObject = {}): JsonObject {
  return { [KEY]: key, text: 'a', preset: 'b', count: 1, ratio: 0.5, flag: true, ...cells };
}

/** True where the table is there to be written to. */
export async function tryTable(own: OwnTable): Promise<boolean> {
  const { bench } = own;
  await bench.trial(['table'], async () => {
    const answer = await own.make();
    if (answer.request.status === 403) throw refusal(answer);
    note(own, 'table', { made: answerOf(answer) });
  });
  if (own.id === '') return false;
  const { clock } = bench.ports;
  await bench.trial(['table.listed'], async () => {
    const listedMs = await bench.delay(steadyMs(clock), async () => {
      const tables = await bench.ports.examiner.list(`${TABLES_PATH}?expand=schema`, TABLE_PAGE);
      return tableNamed(tables, own.name) !== null;
    });
    note(own, 'table', { listedMs });
  });
  await bench.trial(['single.table'], async () => {
    const tables = await bench.ports.examiner.list(`${TABLES_PATH}?expand=schema`, TABLE_PAGE);
    const listed = tableNamed(tables, own.name);
    if (listed !== null) await singleTable(bench, listed);
  });
  await bench.trial(['table.taken'], async () => {
    note(own, 'table', { taken: answerOf(await own.make()) });
  });
  return true;
}

export async function tryTableGone(own: OwnTable, id: string): Promise<void> {
  await own.bench.trial(['table.gone'], async () => {
    const answer = await own.bench.ask({
      method: 'GET',
      path: `${TABLES_PATH}/${encodeURIComponent(id)}`,
    });
    note(own, 'table', { gone: answerOf(answer) });
  });
}

type Part = 'table' | 'row' | 'keys';

function note<P extends Part>(
  { bench: { observed } }: OwnTable,
  part: P,
  found: OrgObserved[P],
): void {
  observed[part] = { ...observed[part], ...found };
}

/** The key of the row that is made first, changed, and looked for in the audit. */
const FIRST = 'first';

export async function tryRows(own: OwnTable): Promise<void> {
  await tryDelays(own);
  await tryCells(own);
  await tryOmitted(own);
  await tryDuplicate(own);
  await tryRace(own);
  await tryGone(own);
  for (const trial of KEY_TRIALS) {
    await own.bench.trial([`key.${trial.name}`], async () => {
      note(own, 'keys', { [trial.name]: await keyTried(own, trial.key) });
    });
  }
  await tryLengths(own);
}

async function tryDelays(own: OwnTable): Promise<void> {
  const { bench } = own;
  const { clock } = bench.ports;
  await bench.trial(['row', 'page.rows', 'single.row'], async () => {
    await done(own.insert(rowOf(FIRST)));
    const isShown = async (): Promise<boolean> => isFine(await own.shown(FIRST));
    note(own, 'row', { readMs: await bench.delay(steadyMs(clock), isShown) });
    await done(own.insert(rowOf('listed')));
    const isListed = async (): Promise<boolean> => (await own.listed()).has('listed');
    note(own, 'row', { listedMs: await bench.delay(steadyMs(clock), isListed) });
    await done(own.replace(FIRST, rowOf(FIRST, { text: 'changed' })));
    const changedMs = await bench.delay(
      steadyMs(clock),
      async () => (await own.listed()).get(FIRST)?.['text'] === 'changed',
    );
    note(own, 'row', { changedMs });
    const [row] = await firstPage(bench, 'rows', `${own.rows}?showbrief=false`);
    const single = await own.shown(FIRST);
    if (row === undefined || !isFine(single) || !isObject(single.body)) return;
    noteSingle(bench, 'row', differing(row, single.body, Object.keys(rowOf(FIRST))));
  });
}

/** The answer, which has to be a success: what comes next rests on it. */
async function done(sent: Promise<Exchanged>): Promise<Exchanged> {
  const answer = await sent;
  if (!isFine(answer)) throw refusal(answer);
  return answer;
}

/** A row that is there to be read: orgs differ in how soon that is. */
async function make(own: OwnTable, row: JsonObject): Promise<void> {
  await done(own.insert(row));
  await own.bench.ports.clock.sleep(own.bench.observed.row?.readMs ?? 0);
}

/** Cells of which each has something that a store or a hop might change. */
const CELLS: readonly (readonly [string, JsonObject])[] = [
  ['blanks at the ends', { text: '  a  ' }],
  ['line breaks', { text: 'a\nb\r\nc\td' }],
  ['quotes and backslashes', { text: '"a" \\ \'b\' <c> &amp; %41' }],
  ['letters beyond ASCII', { text: 'Zürich 東京 🙂 e\u0301' }],
  ['an empty text', { text: '', preset: '' }],
  ['JSON', { text: '{"a":[1,2.50,null]}' }],
  ['fractions', { ratio: 0.1 }],
  ['small numbers', { ratio: 0.000001 }],
  ['negative numbers', { count: -3, ratio: -0.25 }],
  ['zero and false', { count: 0, ratio: 0, flag: false }],
];

async function tryCells(own: OwnTable): Promise<void> {
  await own.bench.trial(['row.cells'], async () => {
    const changed: string[] = [];
    await make(own, rowOf('cells'));
    for (const [what, cells] of CELLS) {
      const row = rowOf('cells', cells);
      await done(own.replace('cells', row));
      const { body } = await done(own.shown('cells'));
      const isSame = isObject(body) && differing(row, body, Object.keys(row)).length === 0;
      if (!isSame) changed.push(what);
    }
    note(own, 'row', { cells: changed });
  });
}

async function tryOmitted(own: OwnTable): Promise<void> {
  await own.bench.trial(['row.omitted'], async () => {
    await make(own, rowOf('omitted', { preset: 'mine', count: 9 }));
    const answer = await own.replace('omitted', { [KEY]: 'omitted', text: 'a' });
    if (!isFine(answer)) {
      note(own, 'row', { omitted: 'refused' });
      return;
    }
    const { body } = await done(own.shown('omitted'));
    const preset = isObject(body) ? body['preset'] : undefined;
    const omitted = preset === PRESETS.preset ? 'default' : preset === 'mine' ? 'kept' : 'empty';
    note(own, 'row', { omitted });
  });
}

/** So long that insertions one after the other are not taken for ones at once. */
const APART_MS = 1500;
const AT_ONCE = 20;

async function tryDuplicate(own: OwnTable): Promise<void> {
  await own.bench.trial(['row.duplicate'], async () => {
    await own.bench.ports.clock.sleep(APART_MS);
    note(own, 'row', { duplicate: answerOf(await own.insert(rowOf(FIRST))) });
  });
}

async function tryRace(own: OwnTable): Promise<void> {
  await own.bench.trial(['row.race'], async () => {
    const sent = Array.from({ length: AT_ONCE }, async (_, index) =>
      own.insert(rowOf('race', { count: index })),
    );
    const ended = await Promise.allSettled(sent);
    const lost = ended.find(({ status }) => status === 'rejected');
    if (lost?.status === 'rejected') throw lost.reason as Error;
    const answers = ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const accepted = answers.filter(isFine).length;
    const conflicts = answers.filter(({ request }) => request.status === 409).length;
    const others = AT_ONCE - accepted - conflicts;
    note(own, 'row', { race: { accepted, conflicts, others } });
  });
}

async function tryGone(own: OwnTable): Promise<void> {
  await own.bench.trial(['row.gone'], async () => {
    await make(own, rowOf('gone'));
    await done(own.write({ method: 'DELETE', path: own.row('gone') }));
    note(own, 'row', { gone: answerOf(await own.shown('gone')) });
  });
}

/** Where a row of this key fails first. */
async function keyTried(own: OwnTable, key: string): Promise<OrgKey> {
  const row = rowOf(key);
  const steps = [
    ['create', async () => own.insert(row)],
    ['read', async () => own.shown(key)],
    ['replace', async () => own.replace(key, row)],
    ['delete', async () => own.write({ method: 'DELETE', path: own.row(key) })],
  ] as const;
  for (const [step, act] of steps) {
    if (step === 'read') await own.bench.ports.clock.sleep(own.bench.observed.row?.readMs ?? 0);
    const answer = await act();
    const { status, code } = answerOf(answer);
    if (!isFine(answer)) return { step, status, code };
    // Some hop has read the key as that of another row.
    const isOther = step === 'read' && (!isObject(answer.body) || answer.body[KEY] !== key);
    if (isOther) return { step, status, code: 'another row' };
  }
  return 'works';
}

const CELL_LENGTHS = [262_144, 131_072, 36_000, TABLE_LIMITS.cellCharacters, 16_000, 4000, 1000];
const KEY_LENGTHS = [257, TABLE_LIMITS.keyCharacters, 128, 64];

async function tryLengths(own: OwnTable): Promise<void> {
  await own.bench.trial(['row.longest-cell'], async () => {
    await make(own, rowOf('long'));
    const longestCell = await longest(CELL_LENGTHS, async (text) => {
      const answer = await own.replace('long', rowOf('long', { text }));
      if (!isFine(answer)) return 'refused';
      const { body } = await done(own.shown('long'));
      return isObject(body) && body['text'] === text ? 'whole' : 'cut';
    });
    note(own, 'row', { longestCell });
  });
  await own.bench.trial(['row.longest-key'], async () => {
    const longestKey = await longest(KEY_LENGTHS, async (key) => {
      const answer = await own.insert(rowOf(key));
      if (!isFine(answer)) return 'refused';
      await own.bench.ports.clock.sleep(own.bench.observed.row?.readMs ?? 0);
      return isFine(await own.shown(key)) ? 'whole' : 'cut';
    });
    note(own, 'row', { longestKey });
  });
}

/** Tries ever shorter texts until one is kept whole. */
async function longest(
  lengths: readonly number[],
  tried: (text: string) => Promise<'whole' | 'refused' | 'cut'>,
): Promise<OrgLength> {
  let above: OrgLength['above'] = 'not tried';
  for (const length of lengths) {
    const became = await tried('x'.repeat(length));
    if (became === 'whole') return { longest: length, above };
    above = became;
  }
  return { longest: 0, above };
}

const AUDIT_LOOKS_MS = [0, 1000, 5000, 15_000, 30_000];
const AUDIT_PATIENCE_MS = 60_000;
const SKEW_MS = 300_000;

/** Whether the platform's audit has what was just done to the first row. */
export async function tryAudit(own: OwnTable, sinceMs: number): Promise<void> {
  const { bench } = own;
  const { audit } = bench.observed;
  const isAudited = audit?.some(
    ({ service, entityType }) => service === 'Datatables' && entityType === 'Row',
  );
  if (isAudited === undefined) return;
  await bench.trial(['audit.of-rows'], async () => {
    const events = isAudited ? await eventsOf(own, sinceMs) : [];
    const found = events.find(({ action }) => action === 'Update') ?? events[0];
    bench.observed.auditOfRows =
      found === undefined
        ? { events: 'none', key: 'nowhere', self: 'nobody' }
        : { events: columnsIn(found), key: keyIn(found), self: selfIn(found) };
  });
}

async function eventsOf(own: OwnTable, sinceMs: number): Promise<PlatformEvent[]> {
  const { examiner, clock } = own.bench.ports;
  for (const waitMs of AUDIT_LOOKS_MS) {
    own.bench.goOn();
    await clock.sleep(waitMs);
    const events = await examiner.auditTrail({
      fromMs: sinceMs - SKEW_MS,
      toMs: clock.now() + SKEW_MS,
      service: 'Datatables',
      entityType: 'Row',
      action: null,
      patienceMs: AUDIT_PATIENCE_MS,
    });
    const ours = events.filter((event) => isAbout(event, own.id));
    if (ours.some(({ action }) => action === 'Update')) return ours;
  }
  return [];
}

function isAbout(event: PlatformEvent, tableId: string): boolean {
  const { entityId, entityUri, context } = event;
  return entityId === tableId || entityUri.includes(tableId) || inContext(context, tableId);
}

function inContext(context: Readonly<Record<string, string>>, text: string): boolean {
  return Object.values(context).includes(text);
}

type Audited = NonNullable<OrgObserved['auditOfRows']>;

function columnsIn({ properties }: PlatformEvent): Audited['events'] {
  return properties.length > 0 ? 'with columns' : 'without columns';
}

function keyIn({ context, entityName, entityUri }: PlatformEvent): Audited['key'] {
  if (inContext(context, FIRST)) return 'context';
  if (entityName === FIRST) return 'name';
  return entityUri.endsWith(`/rows/${FIRST}`) ? 'address' : 'nowhere';
}

function selfIn({ userId, client }: PlatformEvent): Audited['self'] {
  if (userId === null) return 'nobody';
  return userId === client ? 'client' : 'user';
}
