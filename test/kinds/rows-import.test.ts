/** Rows of data tables in files: the end of one by one in a few requests, whatever goes wrong. */
import { describe, expect, it } from 'vitest';
import { openRunOf, verifyChain } from '../../src/core/audit.js';
import { foundBy } from '../../src/core/rollback.js';
import type { JsonObject } from '../../src/core/json.js';
import { IntentCloser } from '../../src/engine/open-intents.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import { sha256 } from '../../src/files/digest.js';
import { NO_IMPORT_FAULTS } from '../../src/simulator/model.js';
import type { ImportFaults } from '../../src/simulator/model.js';
import { bindingFor } from '../support/binding.js';
import { faulty, refusal, silentAfter, type Fault, type Sent } from '../support/faults.js';
import { many, manifestOf, type Many, type Run } from '../support/many.js';
import { bench } from '../support/org.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

type Row = Readonly<Record<string, string | number | boolean>>;

const COLUMNS = [
  { name: 'site', type: 'string' },
  { name: 'queue', type: 'string' },
  { name: 'agents', type: 'integer', default: 2 },
  { name: 'open', type: 'boolean' },
];
const UPLOAD = /^\/uploads\//;
const JOBS = /\/import\/csv\/jobs$/;
const JOB = /\/import\/jobs\//;

const files = (rows: readonly Row[]): Record<string, string> => ({
  'table.yaml': manifestOf('DataTable', 'Sites', {
    columns: COLUMNS,
    rows: { mode: 'owned', items: rows },
  }),
});

const sites = (count: number, queue = 'Alpha', from = 0): Row[] =>
  Array.from({ length: count }, (_, n) => ({
    site: `Site ${String(n + from).padStart(4, '0')}`,
    queue,
    agents: n,
    open: n % 2 === 0,
  }));

function asKept(rows: readonly Row[]): Record<string, JsonObject> {
  return Object.fromEntries(
    rows.map(({ site, ...cells }) => [
      String(site),
      { queue: '', agents: 2, open: false, ...cells },
    ]),
  );
}

function table({ bench: { org } }: Many) {
  const found = org.tables.get(org.tableNames.get('Sites') ?? '');
  if (found === undefined) throw new Error('there is no table');
  return found;
}

function rowsIn(place: Many): Record<string, JsonObject> {
  return Object.fromEntries(
    [...table(place).rows].map(([key, cells]) => [
      key,
      Object.fromEntries([...cells].filter(([name]) => name !== 'key')),
    ]),
  );
}

interface Ran extends Run {
  readonly sent: readonly Sent[];
  readonly log: MemoryLog;
}

async function run(
  place: Many,
  rows: readonly Row[],
  { faults = [] }: { readonly faults?: readonly Fault[] } = {},
): Promise<Ran> {
  const planned = await place.plan(files(rows));
  const { exchange, sent } = faulty(place.bench.exchange, faults);
  const log = new MemoryLog();
  const ran = await place.carryOut(planned, { bulk: true, exchange, audit: log });
  return { ...ran, sent, log };
}

async function started(rows: readonly Row[] = []): Promise<Many> {
  const place = many(bench(ORG), 'datatable');
  await run(place, rows);
  place.bench.events.events.length = 0;
  return place;
}

/** What was sent about the table, its files too. */
const about = (sent: readonly Sent[], place: Many): readonly Sent[] =>
  sent.filter(({ path }) => path.includes(table(place).id) || UPLOAD.test(path));
const writes = (sent: readonly Sent[], place: Many): string[] =>
  about(sent, place)
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path }) =>
      UPLOAD.test(path) ? 'the file' : `${method} ${path.replace(/.*datatables\/[^/]+/, '')}`,
    );
const endings = ({ outcomes }: Ran): [string, string][] =>
  outcomes.map(({ state, message }) => [state, message]);
const reasons = (place: Many): string[] =>
  place.bench.events.events.flatMap((one) => (one.type === 'not-imported' ? [one.reason] : []));
const inImport = (place: Many, faults: Partial<ImportFaults>): Fault => ({
  path: UPLOAD,
  does: {
    meanwhile: () => {
      place.bench.org.importFaults = { ...NO_IMPORT_FAULTS, ...faults };
    },
  },
});

async function expectConverged(place: Many, rows: readonly Row[]): Promise<void> {
  const { plan, chores } = await place.plan(files(rows));
  expect(rowsIn(place)).toEqual(asKept(rows));
  expect([plan.changes, chores]).toEqual([[], []]);
}

describe('many rows', () => {
  it('5,000 are made, changed and read in a few requests', async () => {
    const place = many(bench(ORG), 'datatable');
    place.bench.org.importMs = 1500;
    const rows = sites(5000);
    const made = await run(place, rows);
    expect(endings(made)).toEqual([['created', '']]);
    expect(writes(made.sent, place)).toEqual(['POST /import/csv/jobs', 'the file']);
    // A claim, the table, the import with its three looks and one at the longest row, a record.
    expect(about(made.sent, place)).toHaveLength(6);
    await expectConverged(place, rows);

    const half = sites(2500, 'Beta');
    const changed = [...half, ...rows.slice(2500)];
    const moved = await run(place, changed);
    expect(endings(moved)).toEqual([['updated', '']]);
    // The look before the write: the table, and its rows by pages.
    const pages = moved.sent.filter(({ path }) => path.includes('/rows?'));
    expect([pages.length, about(moved.sent, place).length]).toEqual([10, 10 + 1 + 6]);
    await expectConverged(place, changed);
  });

  it('take as many requests as the plan has reckoned', async () => {
    const place = many(bench(ORG), 'datatable');
    place.bench.org.importMs = 600;
    const planned = await place.plan(files(sites(1200)));
    const { estimate } = planned.plan;
    expect(estimate?.requests).toBeLessThan(40);
  });

  it('few go one by one, and rows that go are removed last', async () => {
    const place = await started(sites(12));
    const rows = [...sites(3, 'Beta'), ...sites(3, 'Beta', 100)];
    const few = await run(place, rows);
    expect(writes(few.sent, place)).toEqual([
      ...Array<string>(3).fill('POST /rows'),
      ...[0, 1, 2].map((n) => `PUT /rows/Site%20000${n}`),
      ...[3, 4, 5, 6, 7, 8, 9, 10, 11].map(
        (n) => `DELETE /rows/Site%20${String(n).padStart(4, '0')}`,
      ),
    ]);
    await expectConverged(place, rows);
  });

  it('go in a file, the others after it', async () => {
    const place = await started(sites(12));
    const rows = sites(10, 'Beta');
    const ran = await run(place, rows);
    expect(writes(ran.sent, place)).toEqual([
      'POST /import/csv/jobs',
      'the file',
      'DELETE /rows/Site%200010',
      'DELETE /rows/Site%200011',
    ]);
    await expectConverged(place, rows);
  });

  it('of any text come out as they went in', async () => {
    const hard = ['a,b', 'say "hi"', ' blank ', 'two\nlines', "d'été", '=1+1', '', 'a/b %', '\t'];
    const place = await started();
    const rows = hard.flatMap((queue, n): Row[] => {
      const site = queue === '' ? 'nothing' : queue;
      return [
        { site, queue, agents: n - 4, open: false },
        { site: `${site}2`, queue: 'Alpha', agents: n, open: true },
      ];
    });
    const ran = await run(place, rows);
    expect([ran.exitCode, ran.sent.filter(({ path }) => UPLOAD.test(path)).length]).toEqual([0, 1]);
    await expectConverged(place, rows);
  });

  it('are on record as one write, before the file is sent and after what came of it', async () => {
    const place = await started(sites(1));
    const { log, planned } = await run(place, sites(9, 'Beta'));
    const own = log.records.filter(({ detail }) => detail?.['step'] === 'part rows');
    expect(own.map(({ type, outcome }) => [type, outcome?.state ?? ''])).toEqual([
      ['intent', ''],
      ['outcome', 'sent'],
    ]);
    expect(own[0]?.detail?.['body']).toHaveLength(9);
    expect(own[0]?.before).toEqual(planned.plan.changes[0]?.before);
    expect(foundBy(log.records).map(({ address }) => address)).toEqual(['DataTable/Sites']);
    const text = log.records.map((record) => `${JSON.stringify(record)}\n`).join('');
    expect(verifyChain(text, sha256)).toMatchObject({ problems: [], unfinished: [] });
  });
});

describe('what goes wrong with a file', () => {
  it.each<[string, (place: Many) => Fault]>([
    ['no job', () => ({ path: JOBS, does: { answer: refusal(403, 'missing.permissions', 'No') } })],
    ['a refused file', () => ({ path: UPLOAD, does: { answer: refusal(403, 'denied', 'No') } })],
    ['a failed job', (place) => inImport(place, { failJob: 'the disk is full' })],
    ['a file that nobody gets', () => ({ path: UPLOAD, does: { lost: 'before' } })],
  ])('%s: the rows go one by one', async (_, fault) => {
    const place = await started(sites(2));
    const rows = sites(9, 'Beta');
    const ran = await run(place, rows, { faults: [fault(place)] });
    expect([ran.exitCode, reasons(place).length]).toEqual([0, 1]);
    await expectConverged(place, rows);
    const singly = writes(ran.sent, place).filter((one) => one.includes('/rows'));
    expect(singly).toHaveLength(9);
  });

  it('rows that the job did not write go by themselves, the others do not', async () => {
    const place = await started(sites(2));
    const rows = sites(20, 'Beta');
    const failKeys = new Set(['Site 0001', 'Site 0007']);
    const ran = await run(place, rows, { faults: [inImport(place, { failKeys })] });
    expect(ran.exitCode).toBe(0);
    expect(writes(ran.sent, place).slice(2)).toEqual(['POST /rows', 'PUT /rows/Site%200001']);
    await expectConverged(place, rows);
    expect(reasons(place)).toEqual([expect.stringContaining('2 rows of 20: Succeeded')]);
  });

  it('a row that the platform does not take is told, and the next run needs no file', async () => {
    const place = await started(sites(2));
    const rows = sites(20, 'Beta');
    const failKeys = new Set(['Site 0007']);
    const no = refusal(400, 'schema.exception', 'agents is too small');
    const faults = [
      inImport(place, { failKeys }),
      { method: 'POST', path: /\/rows$/, does: { answer: no } },
    ];
    const ran = await run(place, rows, { faults });
    const [outcome] = ran.outcomes;
    expect([outcome?.state, outcome?.message]).toEqual([
      'failed',
      expect.stringContaining('agents is too small'),
    ]);
    expect(outcome?.message).toContain('rows: 19 by import');
    const again = await run(place, rows);
    expect(writes(again.sent, place)).toEqual(['POST /rows']);
    await expectConverged(place, rows);
  });

  it('an import that goes on is not waited for for ever, and nothing is sent twice', async () => {
    const place = await started(sites(2));
    place.bench.org.importMs = 3_600_000;
    const rows = sites(20, 'Beta');
    const ran = await run(place, rows);
    const [outcome] = ran.outcomes;
    expect([outcome?.state, outcome?.message]).toEqual([
      'failed',
      expect.stringContaining('still being imported'),
    ]);
    expect(writes(ran.sent, place)).toEqual(['POST /import/csv/jobs', 'the file']);
    await place.bench.clock.sleep(3_600_000);
    const again = await run(place, rows);
    expect(writes(again.sent, place)).toEqual([]);
    await expectConverged(place, rows);
  });

  it('a person at the rows between plan and file makes the change stale', async () => {
    const place = await started(sites(2));
    const planned = await place.plan(files(sites(20, 'Beta')));
    const path = `/api/v2/flows/datatables/${table(place).id}/rows/Site%200001`;
    await place.send('PUT', path, { key: 'Site 0001', queue: 'Gamma', agents: 1, open: true });
    const { exchange, sent } = faulty(place.bench.exchange);
    const { outcomes } = await place.carryOut(planned, { bulk: true, exchange });
    expect(outcomes.map(({ state }) => state)).toEqual(['stale']);
    expect(writes(sent, place)).toEqual([]);
  });

  it('a listing that lags makes no row twice', async () => {
    const place = await started(sites(2));
    place.bench.org.importFaults = { ...NO_IMPORT_FAULTS, failKeys: new Set(['Site 0009']) };
    const hidden: Fault = {
      method: 'GET',
      path: /\/rows$/,
      nth: 2,
      does: {
        mangle: (response) => {
          const page = JSON.parse(response.body) as { entities: { key: string }[]; total: number };
          const entities = page.entities.filter(({ key }) => key !== 'Site 0005');
          return {
            ...response,
            body: JSON.stringify({ ...page, entities, total: page.total - 1 }),
          };
        },
      },
    };
    const rows = sites(20, 'Beta');
    const ran = await run(place, rows, { faults: [hidden] });
    expect([ran.exitCode, writes(ran.sent, place)]).toEqual([
      0,
      ['POST /import/csv/jobs', 'the file', 'POST /rows'],
    ]);
    await expectConverged(place, rows);
  });
});

describe('a run that is killed at an import', () => {
  const moments: [string, { readonly method: string; readonly path: RegExp }][] = [
    ['its job', { method: 'POST', path: JOBS }],
    ['its file', { method: 'PUT', path: UPLOAD }],
    ['a look at it', { method: 'GET', path: JOB }],
  ];
  const cases = moments.flatMap(([name, at]) =>
    (['before', 'after'] as const).map((when) => [name, when, at] as const),
  );

  it.each(cases)('at %s, %s: the next run says so and ends it', async (_, when, at) => {
    const place = await started(sites(3));
    const rows = [...sites(2, 'Beta'), ...sites(10, 'Gamma', 100)];
    const planned = await place.plan(files(rows));
    const log = new MemoryLog();
    const exchange = silentAfter(place.bench.exchange, at, when);
    await place.carryOut(planned, { bulk: true, exchange, audit: log });
    await place.bench.clock.sleep(120_000);
    const { observation } = await place.plan(files(rows));
    const isWritten = 'Site 0105' in rowsIn(place);
    const open = openRunOf(log.records, true);
    const mine = (open?.intents ?? []).filter(({ step }) => step === 'part rows');
    const backend = {
      name: 'datatable' as const,
      tables: { objects: 'Routing Strategies', state: 'Routing Strategies (strategos)' },
    };
    for (const intent of mine) {
      const closer = new IntentCloser(
        place.bench.reader(),
        observation,
        bindingFor(backend, reconciledKinds, { uses: ['DataTable'] }),
        place.bench.clock.now(),
      );
      const { state } = await closer.effectOf(intent, 'run');
      expect(state).toBe(isWritten ? 'took effect' : 'did not');
    }
    await run(place, rows);
    await expectConverged(place, rows);
  });
});
