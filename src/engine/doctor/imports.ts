/** What the doctor's own table tells of the import of rows from CSV files. */
import { PlatformError } from '../../core/errors.js';
import { isObject, textOf, type JsonObject } from '../../core/json.js';
import { csvOf, importPath, importsPath } from '../../core/table.js';
import type { OrgObserved } from '../../generated/types.js';
import { steadyMs } from '../ports.js';
import { uploadIn } from '../row-import.js';
import { answerOf, isFine, refusal } from './bench.js';
import { PRESETS, type OwnTable } from './own-table.js';
import { rowOf } from './rows.js';

type Imports = NonNullable<OrgObserved['imports']>;
type Mode = 'Append' | 'ReplaceAll';

interface Ended {
  readonly status: 'Succeeded' | 'Failed';
  readonly written: number | null;
  readonly failed: number | null;
  /** Every row of the table, by key. */
  readonly rows: ReadonlyMap<string, JsonObject>;
}

const PATIENCE_MS = 120_000;
const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 5000;
/** Rows of a file may be in the listing later than their job is over. */
const LISTING_PATIENCE_MS = 60_000;

export async function tryImports(own: OwnTable): Promise<void> {
  const trials: readonly (readonly [readonly string[], (own: OwnTable) => Promise<void>])[] = [
    [['import'], whole],
    [['import.second-file'], secondFile],
    [['import.bad-record', 'import.duplicate', 'import.wrong-type', 'import.short'], bad],
    [['import.empty-line'], emptyLine],
    [['import.empty-number'], emptyNumber],
    [['import.line-feed'], file('lineFeed', 'key,text\nlf,a\n', 'lf')],
    [['import.title'], file('title', 'key,A text\r\ntitle,a\r\n', 'title')],
    [['import.mark'], file('mark', '\ufeffkey,text\r\nmark,a\r\n', 'mark')],
    [['import.unknown-column'], file('unknownColumn', 'key,nobody\r\nunknown,a\r\n', 'unknown')],
    [['import.double-column'], file('doubleColumn', 'key,text,text\r\ndouble,a,b\r\n', 'double')],
    [['import.no-key'], file('noKey', 'text,count\r\na,1\r\n', null)],
    [['import.replace-all'], replaceAll],
    [['import.header-alone'], headerAlone],
  ];
  for (const [ids, act] of trials) {
    // Where no file is taken at all, that is all that there is to find out.
    if (own.bench.observed.imports?.ended !== 'Succeeded' && act !== whole) return;
    await own.bench.trial(ids, async () => act(own));
  }
}

function note({ bench: { observed } }: OwnTable, found: Imports): void {
  observed.imports = { ...observed.imports, ...found };
}

/** A job and the way to bring it its file; rejects where there is none. */
async function begin(
  own: OwnTable,
  mode: Mode,
): Promise<{ readonly id: string; readonly upload: (text: string) => Promise<number> }> {
  const { examiner } = own.bench.ports;
  const answer = await own.write({
    method: 'POST',
    path: importsPath(own.rows),
    body: { importMode: mode },
  });
  if (answer.request.status === 403) throw refusal(answer);
  note(own, { begun: answerOf(answer) });
  const { body } = answer;
  if (!isFine(answer) || !isObject(body)) throw refusal(answer);
  const { address, headers } = uploadIn(body);
  const upload = async (text: string): Promise<number> => {
    own.bench.goOn();
    const sent = examiner.upload(address, headers, text);
    return sent.then(({ request }) => request.status ?? 0, refusedStatus);
  };
  return { id: textOf(body['id']), upload };
}

/** The status of a storage that did not want a file; rejects where there was none. */
function refusedStatus(error: unknown): number {
  const status = error instanceof PlatformError ? (error.request?.status ?? null) : null;
  if (status === null || status >= 500) throw error;
  return status;
}

/** One file from its job to its end; `marker`: the key of a row that it brings for certain. */
async function imported(
  own: OwnTable,
  text: string,
  {
    mode = 'Append',
    marker = null,
  }: { readonly mode?: Mode; readonly marker?: string | null } = {},
): Promise<Ended> {
  const { id, upload } = await begin(own, mode);
  const status = await upload(text);
  note(own, { upload: { status, code: '' } });
  if (status > 299) throw unended(own, id, `its file was answered ${status}`);
  return ending(own, id, marker);
}

async function ending(own: OwnTable, id: string, marker: string | null): Promise<Ended> {
  const { clock } = own.bench.ports;
  const deadline = steadyMs(clock) + PATIENCE_MS;
  for (let waitMs = FIRST_POLL_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_POLL_MS)) {
    await clock.sleep(waitMs);
    const job = await own.bench.read(importPath(own.rows, id));
    const status = textOf(job['status']);
    if (status === 'Succeeded' || status === 'Failed') {
      const rows = await listedWith(own, status === 'Succeeded' ? marker : null);
      const count = (name: string): number | null => {
        const value = job[name];
        return typeof value === 'number' ? value : null;
      };
      const [written, failed] = ['countRecordsUpdated', 'countRecordsFailed'].map(count);
      return { status, written: written ?? null, failed: failed ?? null, rows };
    }
    if (steadyMs(clock) >= deadline) throw unended(own, id, `it is still ${status}`);
  }
}

function unended(own: OwnTable, id: string, why: string): PlatformError {
  const request = {
    method: 'GET',
    path: importPath(own.rows, id),
    status: null,
    correlationId: null,
  };
  const message = `the import did not come to its end: ${why}`;
  return new PlatformError('unavailable', 'import-unfinished', message, { request });
}

/** The listing, once it has this row. */
async function listedWith(own: OwnTable, marker: string | null): Promise<Ended['rows']> {
  const { clock } = own.bench.ports;
  const deadline = steadyMs(clock) + LISTING_PATIENCE_MS;
  for (;;) {
    const rows = await own.listed();
    if (marker === null || rows.has(marker) || steadyMs(clock) >= deadline) return rows;
    await clock.sleep(1000);
  }
}

/** As strategos writes files, with everything that a cell may have. */
const CELLS: readonly (readonly [string, string])[] = [
  ['quotes', 'say "a", or ""'],
  ['commas', 'a,b,,c'],
  ['line breaks', 'a\nb\r\nc'],
  ['letters beyond ASCII', 'Zürich 東京 🙂'],
  ['JSON', '{"a":[1,2.50,null]}'],
];

async function whole(own: OwnTable): Promise<void> {
  const made = [rowOf('other'), rowOf('old', { preset: 'mine', text: 'before' })];
  for (const row of made) {
    const answer = await own.insert(row);
    if (!isFine(answer)) throw refusal(answer);
  }
  // In another order than that of the table, and without one of its columns.
  const columns = ['text', 'key', 'count', 'ratio', 'flag'];
  const rows = [
    ...CELLS.map(([, text], index) => rowOf(`cell-${index}`, { text })),
    rowOf('old', { text: 'after' }),
    rowOf('spaces', { text: '  a  ' }),
    rowOf('marker', { count: -7, ratio: 0.25, flag: false }),
  ];
  const {
    status,
    written,
    failed,
    rows: found,
  } = await imported(own, csvOf(columns, rows), {
    marker: 'marker',
  });
  const marker = found.get('marker');
  if (status === 'Succeeded' && marker === undefined) {
    const why = 'the listing does not show what was imported';
    own.bench.gap(['import'], { because: 'not answered', why });
    return;
  }
  note(own, { ended: status });
  if (status === 'Failed') return;
  const isTyped = marker?.['count'] === -7 && marker['ratio'] === 0.25 && marker['flag'] === false;
  const isRight = written === rows.length && failed === 0;
  note(own, {
    cells: [
      ...CELLS.filter(([, text], at) => found.get(`cell-${at}`)?.['text'] !== text).map(
        ([what]) => what,
      ),
      ...(isTyped ? [] : ['numbers and truth']),
    ],
    others: found.has('other') ? 'kept' : 'gone',
    replaced: found.get('old')?.['text'] === 'after' ? 'replaced' : 'kept',
    omitted: omittedIn(found.get('old')),
    spaces: found.get('spaces')?.['text'] === '  a  ' ? 'kept' : 'trimmed',
    counts: written === null || failed === null ? 'absent' : isRight ? 'right' : 'wrong',
  });
  await emptyText(own);
}

function omittedIn(row: JsonObject | undefined): 'default' | 'kept' | 'empty' {
  const preset = row?.['preset'];
  return preset === PRESETS.preset ? 'default' : preset === 'mine' ? 'kept' : 'empty';
}

async function emptyText(own: OwnTable): Promise<void> {
  const text = 'key,text,preset\r\nempty-text,,\r\nempty-marker,a,b\r\n';
  const { status, rows } = await imported(own, text, { marker: 'empty-marker' });
  const preset = status === 'Failed' ? undefined : rows.get('empty-text')?.['preset'];
  const became = preset === '' ? 'empty' : preset === PRESETS.preset ? 'default' : 'left out';
  note(own, { emptyText: became });
}

async function emptyNumber(own: OwnTable): Promise<void> {
  const text = 'key,count\r\nempty-number,\r\nnumber-marker,1\r\n';
  const { rows } = await imported(own, text, { marker: 'number-marker' });
  note(own, { emptyNumber: rows.has('empty-number') ? 'default' : 'left out' });
}

async function secondFile(own: OwnTable): Promise<void> {
  const { id, upload } = await begin(own, 'Append');
  const text = 'key,text\r\nsecond,a\r\n';
  const first = await upload(text);
  if (first > 299) throw unended(own, id, `its file was answered ${first}`);
  note(own, { secondFile: { status: await upload(text), code: '' } });
  await ending(own, id, 'second');
}

/** Several records that are wrong, beside one that is not. */
async function bad(own: OwnTable): Promise<void> {
  const lines = [
    'key,text,count',
    ...['twice,first,1', 'twice,last,1', 'wrong,a,seven', 'short,a', 'good,a,1'],
  ];
  const { status, rows } = await imported(own, `${lines.join('\r\n')}\r\n`, { marker: 'good' });
  if (status === 'Failed') {
    note(own, { badRecord: 'fails the job' });
    untold(own, ['import.duplicate', 'import.wrong-type', 'import.short']);
    return;
  }
  const twice = rows.get('twice')?.['text'];
  note(own, {
    badRecord: 'left out',
    duplicate: twice === 'first' ? 'first' : twice === 'last' ? 'last' : 'neither',
    wrongType: rows.has('wrong') ? 'taken' : 'left out',
    short: rows.has('short') ? 'taken' : 'left out',
  });
}

/** Where one wrong record fails the job, what becomes of each of them is not to be seen. */
function untold(own: OwnTable, ids: readonly string[]): void {
  const why = 'a job with a record that is wrong fails here';
  own.bench.gap(ids, { because: 'nothing there', why });
}

async function emptyLine(own: OwnTable): Promise<void> {
  const text = 'key,text\r\nbefore-line,a\r\n\r\nafter-line,b\r\n';
  const { status, failed } = await imported(own, text, { marker: 'after-line' });
  if (status === 'Failed') {
    untold(own, ['import.empty-line']);
    return;
  }
  note(own, { emptyLine: failed === 0 ? 'ignored' : 'left out' });
}

type Taken = 'lineFeed' | 'title' | 'mark' | 'unknownColumn' | 'doubleColumn' | 'noKey';

/** A file that is taken or refused as a whole. */
function file(rule: Taken, text: string, marker: string | null): (own: OwnTable) => Promise<void> {
  return async (own) => {
    const { status, written } = await imported(own, text, { marker });
    note(own, { [rule]: status === 'Succeeded' && written !== 0 ? 'taken' : 'refused' });
  };
}

async function replaceAll(own: OwnTable): Promise<void> {
  const { status, rows } = await imported(own, 'key,text\r\nalone,a\r\n', {
    mode: 'ReplaceAll',
    marker: 'alone',
  });
  note(own, { replaceAll: status === 'Succeeded' && rows.size === 1 ? 'gone' : 'kept' });
}

async function headerAlone(own: OwnTable): Promise<void> {
  const { status, rows } = await imported(own, 'key,text\r\n', { mode: 'ReplaceAll' });
  const became = status === 'Failed' ? 'refused' : rows.size === 0 ? 'empties' : 'keeps';
  note(own, { headerAlone: became });
}
