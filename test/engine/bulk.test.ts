/** Rows in one file: the same end as one by one, with fewer requests, whatever goes wrong. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifyChain, type AuditEntry } from '../../src/core/audit.js';
import { textOf, type JsonObject } from '../../src/core/json.js';
import { requestsFor } from '../../src/engine/bulk-load.js';
import type { Planned } from '../../src/engine/planning.js';
import { sha256 } from '../../src/files/digest.js';
import { NO_IMPORT_FAULTS } from '../../src/simulator/model.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import type { HttpResponse } from '../../src/genesys/transport.js';
import { faulty, refusal, type Fault, type Sent } from '../support/faults.js';
import { bench, type Bench } from '../support/org.js';
import { keyOf } from '../support/owned.js';
import {
  manifest,
  MemoryLog,
  ORG,
  states,
  weighing,
  type Applied,
  type ExecuteOptions,
} from '../support/reconcile.js';
import {
  addColumn,
  applyRows,
  carryOutRows,
  editRow,
  planRows,
  rememberedIn,
  ROWS,
  stateRows,
  strategyRows,
  tableIn,
} from '../support/rows.js';

type Files = Record<string, string>;

const UPLOAD = /^\/uploads\//;
const JOBS = /\/import\/csv\/jobs$/;
const JOB = /\/import\/jobs\//;
const OUTSIDER = { id: 'outsider', secret: 'outsider' };

const numbered = (count: number, prefix = 'n'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(3, '0')}`);

function filesOf(names: readonly string[], of = (name: string) => manifest(name, 'Alpha')): Files {
  return Object.fromEntries(names.map((name) => [`${name}.yaml`, of(name)]));
}

const halved = (name: string): string => weighing(name, 'Beta', 0.5);
const addresses = (names: readonly string[], state: string): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`RoutingStrategy/${name}`, state]));

/** An org with its tables, and strategies of ours in them. */
async function started(names: readonly string[] = ['z'], file: OrgFile = ORG): Promise<Bench> {
  const on = bench(file);
  await applyRows(on, filesOf(names), { bulk: false, run: 'before' });
  on.events.events.length = 0;
  return on;
}

/** As `started`, with one strategy that no other has to wait for, or to be waited for. */
async function lonely(): Promise<Bench> {
  const on = bench(ORG);
  await applyRows(on, { 'old.yaml': manifest('old', 'Gamma') }, { bulk: false, run: 'before' });
  return on;
}

interface Ran extends Applied {
  readonly sent: readonly Sent[];
  readonly planned: Planned;
}

/** Plan and apply, with faults on the way of the apply. */
async function run(
  on: Bench,
  files: Files,
  { faults = [], ...options }: ExecuteOptions & { readonly faults?: readonly Fault[] } = {},
): Promise<Ran> {
  const planned = await planRows(on, files, { client: options.client ?? 'demo' });
  const { exchange, sent } = faulty(on.exchange, faults);
  const applied = await carryOutRows(on, planned, { exchange, ...options });
  return { ...applied, sent, planned };
}

const uploads = (sent: readonly Sent[]): number =>
  sent.filter(({ path }) => UPLOAD.test(path)).length;
const withoutLogin = (sent: readonly Sent[]): readonly Sent[] =>
  sent.filter(({ path }) => path !== '/oauth/token');
const importing = (on: Bench): string[] =>
  on.events.events.flatMap((one) => (one.type === 'importing' ? [`${one.rows} ${one.what}`] : []));
const reasons = (on: Bench): string[] =>
  on.events.events.flatMap((one) => (one.type === 'not-imported' ? [one.reason] : []));

/** Nothing is left to do, and nothing is anybody's but ours. */
async function expectConverged(on: Bench, files: Files): Promise<void> {
  const { plan, chores } = await planRows(on, files);
  expect([plan.changes.map(({ action, address }) => [action, address]), chores]).toEqual([[], []]);
  const { records } = rememberedIn(on.org);
  for (const record of records.values()) expect(record.id).not.toBeNull();
}

describe('the number of requests', () => {
  it('is told by a formula', () => {
    expect(requestsFor({ there: 0, creates: 100, others: 0 })).toEqual({ singly: 300, inBulk: 17 });
    expect(requestsFor({ there: 0, creates: 1000, others: 0 })).toEqual({
      singly: 3000,
      inBulk: 17,
    });
    // Without new rows there are no claims.
    expect(requestsFor({ there: 1000, creates: 0, others: 1000 })).toEqual({
      singly: 3000,
      inBulk: 13,
    });
    // The rows of a few changes are looked at one by one, those of many by pages.
    expect(requestsFor({ there: 5000, creates: 0, others: 36 })).toEqual({
      singly: 108,
      inBulk: 21,
    });
    expect(requestsFor({ there: 5000, creates: 0, others: 4000 })).toEqual({
      singly: 12_000,
      inBulk: 21,
    });
  });

  it.each([
    [0, 100],
    [100, 100],
    [250, 120],
    [1100, 10],
  ])('is exactly that with %d rows there and %d new ones', async (there, count) => {
    const on = await started(numbered(there, 'there'));
    // The third look at a job is 1.75 s after its file was sent.
    on.org.importMs = 1500;
    const files = { ...filesOf(numbered(there, 'there')), ...filesOf(numbered(count)) };
    const { sent, exitCode } = await run(on, files, {});
    const load = { there, creates: count, others: 0 };
    expect([exitCode, withoutLogin(sent).length]).toEqual([0, requestsFor(load).inBulk]);
  });

  it('is exactly that with new rows, updates and adoptions', async () => {
    const [news, ours, strangers] = [numbered(20, 'new'), numbered(20, 'our'), numbered(20, 'far')];
    const on = await started([...ours, ...strangers]);
    for (const name of strangers) {
      tableIn(on.org, ROWS.tables.state).rows.delete(keyOf(`RoutingStrategy/${name}`, ROWS));
    }
    on.org.importMs = 1500;
    const files = filesOf([...news, ...ours, ...strangers], halved);
    const { sent, planned, outcomes } = await run(on, files);
    expect(planned.plan.counts).toMatchObject({ create: 20, update: 20, adopt: 20 });
    const load = { there: 40, creates: 20, others: 40 };
    expect(withoutLogin(sent)).toHaveLength(requestsFor(load).inBulk);
    expect(states({ outcomes, exitCode: 0, fault: null })).toEqual({
      ...addresses(news, 'created'),
      ...addresses(ours, 'updated'),
      ...addresses(strangers, 'adopted'),
    });
    await expectConverged(on, files);
  });

  it.each([
    [5, 0],
    [6, 3],
  ])('decides: %d new rows are sent in %d files', async (count, jobs) => {
    const on = await started([]);
    const { sent, exitCode } = await run(on, filesOf(numbered(count)));
    expect([exitCode, uploads(sent)]).toEqual([0, jobs]);
  });
});

describe('what is shown and kept', () => {
  it('tells of files and of what ends badly, not of every row', async () => {
    const on = await started([]);
    await run(on, filesOf(numbered(10)));
    expect(importing(on)).toEqual(['10 claim', '10 row', '10 record']);
    expect(on.events.events.some(({ type }) => type === 'change-started')).toBe(false);
    expect(reasons(on)).toEqual([]);
  });

  it('has an intent and an outcome for every claim, row and record', async () => {
    const on = await started(['z', 'y']);
    const names = numbered(10);
    const files = { ...filesOf(names), ...filesOf(['z', 'y'], halved) };
    let sentSoFar = 0;
    const log = new MemoryLog(() => sentSoFar);
    const counted: ExecuteOptions['exchange'] = async (request) => {
      if (UPLOAD.test(new URL(request.url).pathname)) sentSoFar += 1;
      return on.exchange(request);
    };
    const { exitCode } = await run(on, files, { exchange: counted, audit: log });
    expect(exitCode).toBe(0);
    const of = (address: string) =>
      log.records.flatMap((record, index) =>
        record.address === address
          ? [[record.type, textOf(record.detail?.['step']), log.reachedAt[index]].join(' ')]
          : [],
      );
    // The number says how many files had been sent when the record was written.
    expect(of('RoutingStrategy/n003')).toEqual([
      ...['intent claim 0', 'outcome claim 1', 'checked  1', 'intent create 1'],
      ...['outcome create 2', 'intent record 2', 'outcome record 3', 'outcome change 3'],
    ]);
    expect(of('RoutingStrategy/z')).toEqual([
      ...['checked  1', 'intent update 1'],
      ...['outcome update 2', 'intent record 2', 'outcome record 3', 'outcome change 3'],
    ]);
    const intent = log.records.find(
      ({ type, address, detail }) =>
        type === 'intent' && address === 'RoutingStrategy/z' && detail?.['step'] === 'update',
    );
    expect(intent?.before).toMatchObject({ targets: [{ queue: 'Alpha', weight: 1 }] });
    expect(intent?.after).toMatchObject({ targets: [{ queue: 'Beta', weight: 0.5 }] });
    expect(intent?.detail?.['body']).toMatchObject({ key: 'z', target_01_queue: 'Beta' });
    const text = log.records.map((record) => `${JSON.stringify(record)}\n`).join('');
    expect(verifyChain(text, sha256)).toMatchObject({ problems: [], unfinished: [] });
  });

  it('has no secret of an upload, and the upload has no token of ours', async () => {
    const on = await started([]);
    const headers: string[][] = [];
    const { log } = await run(on, filesOf(numbered(10)), {
      exchange: (request) => {
        if (UPLOAD.test(new URL(request.url).pathname)) headers.push(Object.keys(request.headers));
        return on.exchange(request);
      },
    });
    expect(headers).toEqual(Array(3).fill(['Content-Type', 'x-amz-tagging']));
    const secrets = [...on.org.imports.values()].map(({ uploadSecret }) => uploadSecret);
    expect(secrets).toHaveLength(3);
    const kept = JSON.stringify(log.records) + JSON.stringify(on.events.events);
    expect(secrets.filter((secret) => kept.includes(secret))).toEqual([]);
    const put = on.events.events.find((one) => one.type === 'request' && one.method === 'PUT');
    expect(put).toMatchObject({
      path: expect.stringMatching(/^\/uploads\/datatables\/.*\/\*{3}$/),
    });
  });

  it('has no secret of an upload when half an answer or a failed job shows it', async () => {
    const on = await started([]);
    const half: Fault['does'] = {
      mangle: (response) => {
        const part = /"uploadURI":"[^"]*/.exec(response.body)?.[0] ?? '';
        return { ...response, body: `{${part}` };
      },
    };
    const failJob = 'cannot read HTTPS://files.example/job/s3cr3t?sig=s3cr3t';
    const files = filesOf(numbered(10));
    const first = await run(on, files, { faults: [onImport(on, 2, { failJob })] });
    expect(first.outcomes[0]?.message).toMatch(/: cannot read \(an address\)$/);
    const faults = [{ method: 'POST', path: JOBS, nth: 2, does: half }];
    const second = await run(on, files, { faults });
    expect(second.exitCode).toBe(0);
    expect(reasons(on)).toEqual([expect.stringContaining('"uploadURI":"***')]);
    const kept = JSON.stringify([first.log.records, second.log.records, on.events.events]);
    const secrets = [...on.org.imports.values()].map(({ uploadSecret }) => uploadSecret);
    expect([...secrets, 's3cr3t'].filter((secret) => kept.includes(secret))).toEqual([]);
  });

  it('never asks for a job that deletes', async () => {
    const on = await started();
    const { sent } = await run(on, filesOf(numbered(10)), {});
    const modes = sent.filter(({ path }) => JOBS.test(path)).map(({ body }) => body);
    expect(modes).toEqual(Array(3).fill('{"importMode":"Append"}'));
    expect([...on.org.imports.values()].map(({ counts }) => counts.deleted)).toEqual([0, 0, 0]);
  });
});

/** Names in which a file of commas and quotes could come apart. */
const QUEUES = ['Alpha', 'Beta', 'a,b', 'say "hi"', ' blank ', 'two\nlines', "d'été", '=1+1'];
const HARD: OrgFile = {
  ...ORG,
  queues: QUEUES.map((name) => ({ name, members: ['Ada', 'Ben'] })),
};

interface Version {
  readonly queue: string;
  readonly weight: number;
  readonly status: 'active' | 'draft';
  readonly skill: boolean;
}

const version: fc.Arbitrary<Version> = fc.record({
  queue: fc.constantFrom(...QUEUES),
  weight: fc.constantFrom(0.1, 0.25, 1 / 3, 1),
  status: fc.constantFrom('active' as const, 'draft' as const),
  skill: fc.boolean(),
});
/** How a strategy is before the apply, and what the manifest asks for. */
const fate = fc.record({
  before: fc.option(version, { nil: null }),
  isOurs: fc.boolean(),
  after: fc.oneof(
    { weight: 4, arbitrary: version },
    fc.constant('the same' as const),
    fc.constant(null),
  ),
});
type Fate = typeof fate extends fc.Arbitrary<infer T> ? T : never;

function written(name: string, { queue, weight, status, skill }: Version): string {
  return manifest(name, queue, {
    status,
    targets: [
      { queue, priority: 1, weight, capacity: 5 },
      { queue: queue === 'Beta' ? 'Alpha' : 'Beta', priority: 1, weight: 0.5, capacity: 2 },
    ],
    selection: { skills: skill ? [{ skill: 'Voice' }] : [] },
  });
}

async function lived(fates: readonly Fate[], bulk: boolean): Promise<{ on: Bench; ran: Ran }> {
  const on = bench(HARD);
  const files = (of: (fate: Fate) => Version | null): Files =>
    Object.fromEntries(
      fates.flatMap((one, index) => {
        const name = `s${index}`;
        const said = of(one);
        return said === null ? [] : [[`${name}.yaml`, written(name, said)] as const];
      }),
    );
  await applyRows(
    on,
    files(({ before }) => before),
    { bulk: false, run: 'before' },
  );
  addColumn(on.org, 'note', 'string', 'tbd');
  addColumn(on.org, 'id', 'string', '');
  addColumn(on.org, 'rank', 'integer', 7);
  const { state } = ROWS.tables;
  addColumn(on.org, 'note', 'string', 'tbd', state);
  addColumn(on.org, 'rank', 'integer', 7, state);
  fates.forEach(({ before, isOurs }, index) => {
    if (before === null) return;
    editRow(on.org, `s${index}`, { note: `note, "${index}"`, rank: index, id: '' });
    const key = keyOf(`RoutingStrategy/s${index}`, ROWS);
    editRow(on.org, key, { note: `note, "${index}"`, rank: index }, state);
    if (isOurs) return;
    tableIn(on.org, state).rows.delete(key);
  });
  const wanted = files(({ before, after }) => (after === 'the same' ? before : after));
  return { on, ran: await run(on, wanted, { bulk }) };
}

describe('the end state', () => {
  it('is that of one by one', async () => {
    let files = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { minLength: 15, maxLength: 40 }), async (fates) => {
        const [one, other] = [await lived(fates, true), await lived(fates, false)];
        files += uploads(one.ran.sent);
        expect(strategyRows(one.on.org)).toEqual(strategyRows(other.on.org));
        expect(stateRows(one.on.org)).toEqual(stateRows(other.on.org));
        expect(states(one.ran)).toEqual(states(other.ran));
        expect(one.ran.outcomes).toEqual(other.ran.outcomes);
        expect([one.ran.exitCode, one.ran.fault]).toEqual([other.ran.exitCode, other.ran.fault]);
        expect(uploads(other.ran.sent)).toBe(0);
        expect(one.ran.sent.length).toBeLessThanOrEqual(other.ran.sent.length);
      }),
      { numRuns: 40 },
    );
    expect(files).toBeGreaterThan(0);
  });

  it('keeps what somebody else keeps in the table: rows and columns', async () => {
    const on = await started(['z', 'far']);
    tableIn(on.org, ROWS.tables.state).rows.delete(keyOf('RoutingStrategy/far', ROWS));
    addColumn(on.org, 'note', 'string', 'tbd');
    // A listing must not take a column of this name for what tells rows apart.
    addColumn(on.org, 'id', 'string', '');
    addColumn(on.org, 'flag', 'boolean', true);
    editRow(on.org, 'z', { note: 'mind the "gap", please\n', id: 'x', flag: false });
    editRow(on.org, 'far', { note: 'mine', id: 'x' });
    const far = strategyRows(on.org)['far'];
    const names = numbered(10);
    const ran = await run(on, { ...filesOf(names), ...filesOf(['z'], halved) });
    expect([ran.exitCode, uploads(ran.sent)]).toEqual([0, 3]);
    const rows = strategyRows(on.org);
    expect(rows['far']).toEqual(far);
    expect(rows['z']).toMatchObject({
      target_01_queue: 'Beta',
      note: 'mind the "gap", please\n',
      id: 'x',
      flag: false,
    });
    expect(rows['n000']).toMatchObject({ note: 'tbd', id: '', flag: true });
  });

  it('does not send a file for a table that has got a column in between', async () => {
    const on = await started(['z']);
    const files = { ...filesOf(numbered(10)), ...filesOf(['z'], halved) };
    const planned = await planRows(on, files);
    addColumn(on.org, 'note', 'string', 'tbd');
    editRow(on.org, 'z', { note: 'mine' });
    const { exchange, sent } = faulty(on.exchange);
    const { exitCode } = await carryOutRows(on, planned, { exchange });
    // The claims went in a file of their own.
    expect([exitCode, uploads(sent)]).toEqual([0, 1]);
    expect(reasons(on)).toEqual(['the table has a column "note" that it did not have before']);
    expect(strategyRows(on.org)['z']).toMatchObject({ target_01_queue: 'Beta', note: 'mine' });
    await expectConverged(on, files);
  });

  it('leaves a draft where a check fails, and the others go in the file', async () => {
    const on = await started([]);
    const names = numbered(10);
    const files = {
      ...filesOf(names),
      'empty.yaml': manifest('empty', 'Nobody', { selection: { skills: [{ skill: 'Voice' }] } }),
    };
    const ran = await run(on, files);
    expect(states(ran)).toEqual({
      ...addresses(names, 'created'),
      ...addresses(['empty'], 'failed'),
    });
    expect([ran.exitCode, uploads(ran.sent), importing(on)[1]]).toEqual([5, 3, '10 row']);
    expect(strategyRows(on.org)['empty']).toMatchObject({ status: 'draft' });
  });

  it('has what waits for others after them, by itself', async () => {
    const on = await started([]);
    const names = numbered(10);
    const planned = await planRows(on, filesOf(names));
    const changes = planned.plan.changes.map((change) =>
      change.address === 'RoutingStrategy/n000'
        ? { ...change, waitsFor: ['RoutingStrategy/n005' as const] }
        : change,
    );
    const { exitCode } = await carryOutRows(on, { ...planned, plan: { ...planned.plan, changes } });
    expect([exitCode, importing(on)]).toEqual([0, ['9 claim', '9 row', '9 record']]);
    expect(Object.keys(strategyRows(on.org))).toEqual(names);
  });

  it('has deletes after whatever takes over, in the file or not', async () => {
    const on = await started(['old']);
    const names = numbered(10);
    const ran = await run(on, filesOf(names));
    expect(states(ran)).toEqual({
      ...addresses(names, 'created'),
      ...addresses(['old'], 'deleted'),
    });
    expect(Object.keys(strategyRows(on.org))).toEqual(names);
  });
});

describe('what moved after the plan', () => {
  const ours = numbered(20);
  const files = { ...filesOf(ours, halved), ...filesOf(numbered(10, 'new')) };

  /** Applied while somebody does something as the job for the rows is asked for. */
  async function meanwhile(act: (on: Bench) => void): Promise<{ on: Bench; ran: Ran }> {
    const on = await started(ours);
    const list = { method: 'GET', path: /\/rows$/, does: { meanwhile: () => act(on) } };
    return { on, ran: await run(on, files, { faults: [list] }) };
  }

  it.each([
    [
      'was changed in the org',
      (on: Bench) => editRow(on.org, 'n003', { target_01_queue: 'Gamma' }),
    ],
    [
      'was deleted in the org',
      (on: Bench) => void tableIn(on.org, ROWS.tables.objects).rows.delete('n003'),
    ],
  ])('%s: is left alone, and nothing else is', async (words, act) => {
    const { on, ran } = await meanwhile(act);
    expect(states(ran)).toEqual({
      ...addresses(ours, 'updated'),
      ...addresses(numbered(10, 'new'), 'created'),
      ...addresses(['n003'], 'stale'),
    });
    expect([ran.exitCode, uploads(ran.sent)]).toEqual([5, 3]);
    const stale = ran.outcomes.find(({ state }) => state === 'stale');
    expect(stale).toMatchObject({
      message: `${words} after the plan was made; nothing was overwritten`,
      hint: 'plan again and look at what moved',
    });
    expect(strategyRows(on.org)['n003']?.['target_01_queue'] ?? 'Gamma').toBe('Gamma');
    expect((await run(on, files)).exitCode).toBe(0);
    await expectConverged(on, files);
  });

  it('was created by somebody else: it stays theirs', async () => {
    const { on, ran } = await meanwhile(({ org }) => {
      const { rows } = tableIn(org, ROWS.tables.objects);
      rows.set('new004', new Map([...(rows.get('n000') ?? []), ['key', 'new004']]));
      editRow(org, 'new004', { target_01_queue: 'Gamma' });
    });
    expect(ran.outcomes.filter(({ state }) => state === 'stale')).toMatchObject([
      {
        address: 'RoutingStrategy/new004',
        message: expect.stringMatching(/^was created in the org by somebody else after the plan/),
      },
    ]);
    expect(strategyRows(on.org)['new004']).toMatchObject({ target_01_queue: 'Gamma' });
    expect(rememberedIn(on.org).records.has('RoutingStrategy/new004')).toBe(false);
    expect((await planRows(on, files)).plan.counts).toMatchObject({ adopt: 1, create: 0 });
  });

  it('is everything: 4, and no job is asked for', async () => {
    const on = await started(ours);
    const planned = await planRows(on, filesOf(ours, halved));
    for (const name of ours) editRow(on.org, name, { target_01_queue: 'Gamma' });
    const { exchange, sent } = faulty(on.exchange);
    const ran = await carryOutRows(on, planned, { exchange });
    expect([ran.exitCode, states(ran)]).toEqual([4, addresses(ours, 'stale')]);
    expect(sent.filter(({ method }) => method !== 'GET').map(({ path }) => path)).toEqual([
      '/oauth/token',
    ]);
  });
});

/** Makes the import that ends after `ends` others suffer. */
function onImport(on: Bench, number: 1 | 2 | 3, faults: Partial<typeof NO_IMPORT_FAULTS>): Fault {
  const set = () => {
    on.org.importFaults = { ...NO_IMPORT_FAULTS, ...faults };
  };
  return { method: 'PUT', path: UPLOAD, nth: number, does: { meanwhile: set } };
}

describe('rows that the platform does not take', () => {
  const names = numbered(10);
  const files = filesOf(names);

  it('fail, alone, with what the job said; the next apply makes them', async () => {
    const on = await started([]);
    const failing = onImport(on, 2, { failKeys: new Set(['n002', 'n007']) });
    const ran = await run(on, files, { faults: [failing] });
    expect(states(ran)).toEqual({
      ...addresses(names, 'created'),
      ...addresses(['n002', 'n007'], 'failed'),
    });
    expect([ran.exitCode, ran.fault]).toEqual([5, null]);
    const job = [...on.org.imports.keys()][1] ?? '';
    expect(ran.outcomes[2]).toMatchObject({
      message: `not written by import job ${job}: Succeeded, 8 rows written, 2 failed`,
      hint: expect.stringContaining('--target'),
      request: { method: 'GET', status: 200 },
    });
    // Where nothing was made nothing is ours.
    expect([...rememberedIn(on.org).records.keys()]).not.toContain('RoutingStrategy/n002');
    expect(Object.keys(strategyRows(on.org))).toHaveLength(8);
    const again = await run(on, files);
    expect([again.exitCode, again.planned.plan.counts.create]).toEqual([0, 2]);
    await expectConverged(on, files);
  });

  it('fail all when the job fails; the claims stay, and the next apply makes them', async () => {
    const on = await started(['z']);
    const wanted = { ...files, ...filesOf(['z'], halved) };
    const ran = await run(on, wanted, { faults: [onImport(on, 2, { failJob: 'it broke' })] });
    expect(states(ran)).toEqual(addresses([...names, 'z'], 'failed'));
    const job = [...on.org.imports.keys()][1] ?? '';
    expect(ran.outcomes[0]?.message).toBe(
      `not written by import job ${job}: Failed, 0 rows written, 0 failed: ` +
        'internal.server.error: it broke',
    );
    expect([ran.exitCode, uploads(ran.sent)]).toEqual([5, 2]);
    expect(rememberedIn(on.org).records.get('RoutingStrategy/n000')?.id).toBeNull();
    const again = await run(on, wanted);
    expect([again.exitCode, again.planned.plan.counts]).toMatchObject([
      0,
      { create: 10, adopt: 0 },
    ]);
    await expectConverged(on, wanted);
  });

  it('are claimed one by one where claims fail', async () => {
    const on = await started([]);
    const failKeys = new Set([keyOf('RoutingStrategy/n001', ROWS)]);
    const ran = await run(on, files, { faults: [onImport(on, 1, { failKeys })] });
    expect([ran.exitCode, states(ran)]).toEqual([0, addresses(names, 'created')]);
    expect(importing(on)).toEqual(['10 claim', '9 row', '9 record']);
    expect(reasons(on)).toEqual([expect.stringContaining('9 rows written, 1 failed')]);
    await expectConverged(on, files);
  });

  it('are recorded one by one where records fail', async () => {
    const on = await started([]);
    const ran = await run(on, files, { faults: [onImport(on, 3, { failJob: 'it broke' })] });
    expect([ran.exitCode, states(ran)]).toEqual([0, addresses(names, 'created')]);
    await expectConverged(on, files);
  });

  it('are said to be made but not recorded where no record can be written', async () => {
    const on = await started([]);
    const faults = [
      onImport(on, 3, { failJob: 'it broke' }),
      // The claims are there, so that records are PUT over them.
      { method: 'PUT', path: /n004$/, does: { answer: refusal(400, 'bad.request', 'no') } },
    ];
    const ran = await run(on, files, { faults });
    const [failed, ...others] = ran.outcomes.filter(({ state }) => state === 'failed');
    expect([ran.exitCode, others]).toEqual([5, []]);
    expect(failed?.message).toMatch(/^created, but not recorded as ours: PUT .* answered 400/);
    expect((await run(on, files)).planned.chores).toMatchObject([{ do: 'refresh' }]);
    await expectConverged(on, files);
  });
});

describe('a file', () => {
  const names = numbered(10);
  const files = filesOf(names);

  it.each([1, 2, 3])('whose answer is lost was sent all the same (file %d)', async (nth) => {
    const on = await started([]);
    const faults = [{ method: 'PUT', path: UPLOAD, nth, does: { lost: 'after' as const } }];
    const ran = await run(on, files, { faults });
    expect([ran.exitCode, states(ran)]).toEqual([0, addresses(names, 'created')]);
    expect([uploads(ran.sent), reasons(on)]).toEqual([3, []]);
    await expectConverged(on, files);
  });

  it('that is there already, by what its storage says, may well be ours', async () => {
    const on = await started([]);
    const mangle = () => refusal(409, 'conflict', 'There is a file');
    const ran = await run(on, files, {
      faults: [{ method: 'PUT', path: UPLOAD, nth: 2, does: { mangle } }],
    });
    expect([ran.exitCode, states(ran)]).toEqual([0, addresses(names, 'created')]);
    expect([uploads(ran.sent), reasons(on)]).toEqual([3, []]);
  });

  it.each([
    [1, 'lost on its way', { lost: 'before' as const }],
    [2, 'lost on its way', { lost: 'before' as const }],
    [3, 'lost on its way', { lost: 'before' as const }],
    [1, 'for which nobody is there', { lost: 'before' as const, code: 'ECONNREFUSED' }],
    [2, 'for which nobody is there', { lost: 'before' as const, code: 'ENOTFOUND' }],
    [2, 'that is refused', { answer: refusal(403, 'access.denied', 'Expired') }],
    [3, 'that is too large', { answer: refusal(413, 'request.entity.too.large', 'Too large') }],
  ])('%d %s leaves its rows to go one by one', async (nth, _words, does) => {
    const on = await started([]);
    const ran = await run(on, files, { faults: [{ method: 'PUT', path: UPLOAD, nth, does }] });
    expect([ran.exitCode, states(ran)]).toEqual([0, addresses(names, 'created')]);
    expect([uploads(ran.sent), reasons(on)]).toEqual([nth, [expect.stringMatching(/^PUT \/up/)]]);
    const text = ran.log.records.map((record) => `${JSON.stringify(record)}\n`).join('');
    expect(verifyChain(text, sha256).unfinished).toEqual([]);
    await expectConverged(on, files);
  });

  it.each([1, 2, 3])('is not sent where its job is refused (job %d)', async (nth) => {
    const on = await started([]);
    const does = { answer: refusal(403, 'missing.permissions', 'No') };
    const ran = await run(on, files, { faults: [{ method: 'POST', path: JOBS, nth, does }] });
    expect([ran.exitCode, uploads(ran.sent)]).toEqual([0, nth - 1]);
    expect(reasons(on)).toEqual([expect.stringContaining('answered 403 missing.permissions')]);
    await expectConverged(on, files);
  });

  it('is not sent by a client that may write rows and not import them', async () => {
    const permissions = [
      ...['routing:*', 'analytics:*', 'architect:datatable:add', 'architect:datatable:view'],
      ...['architect:datatableRow:view', 'architect:datatableRow:edit'],
      'architect:datatableRow:delete',
    ];
    const clients = [...(ORG.clients ?? []), { ...OUTSIDER, permissions }];
    const on = await started([], { ...ORG, clients });
    const ran = await run(on, files, { client: 'outsider' });
    expect([ran.exitCode, uploads(ran.sent)]).toEqual([0, 0]);
    expect(reasons(on)).toEqual([expect.stringContaining('missing')]);
    await expectConverged(on, files);
  });

  it('is not sent to where the platform should not send us', async () => {
    const on = await started([]);
    const does = {
      mangle: (response: { status: number; headers: Record<string, string>; body: string }) => ({
        ...response,
        body: response.body.replace('http://127.0.0.1/', 'http://files.example/'),
      }),
    };
    const faults = [{ method: 'POST', path: JOBS, does: does as Fault['does'] }];
    const ran = await run(on, files, { faults });
    expect([ran.exitCode, uploads(ran.sent)]).toEqual([0, 0]);
    expect(reasons(on)).toEqual([expect.stringContaining('it is not https; nothing was sent')]);
  });
});

describe('a job that does not end', () => {
  const names = numbered(10);
  const files = filesOf(names);

  it.each([
    [1, 'not created, because its claim is open: still being imported'],
    [2, 'still being imported'],
    [3, 'created, but not recorded as ours: still being imported'],
  ])('(job %d) stops the run: %s', async (nth, words) => {
    const on = await lonely();
    const slow = () => {
      on.org.importMs = 300_000;
    };
    const faults = [{ method: 'PUT', path: UPLOAD, nth, does: { meanwhile: slow } }];
    const startedAt = on.clock.now();
    const ran = await run(on, files, { faults, activationTimeoutMs: 1000 });
    expect(states(ran)).toEqual({
      ...addresses(names, 'failed'),
      ...addresses(['old'], 'blocked'),
    });
    expect(ran.exitCode).toBe(5);
    for (const { message, state } of ran.outcomes) {
      if (state === 'failed') expect(message.startsWith(words)).toBe(true);
    }
    const waitedMs = on.clock.now() - startedAt;
    expect(waitedMs).toBeGreaterThanOrEqual(60_000);
    expect(waitedMs).toBeLessThan(62_000);
    on.org.importMs = 200;
    await on.clock.sleep(300_000);
    const again = await run(on, files);
    expect([again.exitCode, again.planned.plan.counts.adopt]).toEqual([0, 0]);
    await expectConverged(on, files);
  });

  it('for all we know stops the run with the exit code of what kept us from knowing', async () => {
    const on = await lonely();
    const does = { answer: refusal(503, 'service.unavailable', 'Down') };
    const faults = [{ path: JOB, nth: 2, times: 10, does }];
    const ran = await run(on, files, { faults });
    expect([ran.exitCode, states(ran)]).toEqual([
      ...[7, { ...addresses(names, 'failed'), ...addresses(['old'], 'blocked') }],
    ]);
    expect(ran.outcomes[0]?.message).toMatch(/^whether it was imported is not known/);
    await on.clock.sleep(1000);
    // The rows are there by now, and the claims say whose they are.
    const { plan, chores } = await planRows(on, files);
    expect([plan.counts, chores.length]).toMatchObject([{ create: 0, adopt: 0, delete: 1 }, 10]);
    expect((await run(on, files)).exitCode).toBe(0);
    await expectConverged(on, files);
  });

  it('is as good as that when the rows cannot be listed afterwards', async () => {
    const on = await lonely();
    const does = { answer: refusal(403, 'missing.permissions', 'No more') };
    // A job that does not count: what it wrote has to be looked at.
    const silent = { mangle: withoutCounts };
    const ran = await run(on, files, {
      faults: [
        { path: JOB, nth: 2, does: silent },
        { path: /\/rows$/, nth: 2, times: 10, does },
      ],
    });
    expect([ran.exitCode, states(ran)]).toEqual([
      ...[6, { ...addresses(names, 'failed'), ...addresses(['old'], 'blocked') }],
    ]);
    expect((await run(on, files)).exitCode).toBe(0);
    await expectConverged(on, files);
  });
});

/** An answer about a job, which ends without a word of how many rows it wrote. */
function withoutCounts(response: HttpResponse): HttpResponse {
  const body = JSON.parse(response.body) as JsonObject;
  const kept = Object.entries(body).filter(([name]) => !name.startsWith('count'));
  return { ...response, body: JSON.stringify(Object.fromEntries(kept)) };
}

describe('rows that are looked at one by one', () => {
  it('are not overwritten where the platform says nothing of one', async () => {
    // More pages than changes, one of which is of a row that is there.
    const there = numbered(1300, 'there');
    const on = await started(there);
    const files = { ...filesOf(numbered(10)), ...filesOf(there), ...filesOf(['there001'], halved) };
    const planned = await planRows(on, files);
    const { rows } = tableIn(on.org, ROWS.tables.objects);
    const theirs = new Map([...(rows.get('there000') ?? []), ['key', 'n003']]);
    rows.set('n003', theirs);
    const { exchange } = faulty(on.exchange, [
      { method: 'GET', path: /\/rows\/n003$/, does: { answer: { status: 200 } } },
    ]);
    const ran = await carryOutRows(on, planned, { exchange });
    expect(rows.get('n003')).toBe(theirs);
    const made = numbered(10).filter((name) => name !== 'n003');
    expect(states(ran)).toMatchObject(addresses(made, 'created'));
  });

  it('are listed where all are new: nothing else shows a column that was added', async () => {
    const there = numbered(1300, 'there');
    const on = await started(there);
    const planned = await planRows(on, { ...filesOf(numbered(10)), ...filesOf(there) });
    addColumn(on.org, 'note', 'string', 'tbd');
    const { exchange, sent } = faulty(on.exchange);
    const ran = await carryOutRows(on, planned, { exchange });
    expect(states(ran)).toEqual(addresses(numbered(10), 'created'));
    expect(reasons(on)).toEqual([expect.stringContaining('a column "note"')]);
    // The claims went in a file, the rows by themselves.
    expect([uploads(sent), strategyRows(on.org)['n004']?.['note']]).toEqual([1, 'tbd']);
  });
});

describe('what a finished job has written', () => {
  const names = numbered(10);
  const files = filesOf(names);
  const looks = (sent: readonly { method: string; path: string }[]): number =>
    sent.filter(({ method, path }) => method === 'GET' && /\/rows(\?|$)/.test(path)).length;

  it('is not listed where it counts every row, and is on record all the same', async () => {
    const on = await started([]);
    const ran = await run(on, files);
    expect([ran.exitCode, looks(ran.sent)]).toEqual([0, 1]);
    await expectConverged(on, files);
  });

  it('is listed where the longest row does not read as it was sent', async () => {
    const long = `n000-${'x'.repeat(100)}`;
    const more = { ...files, ...filesOf([long]) };
    const on = await started([]);
    const cut = { meanwhile: () => editRow(on.org, long, { target_01_queue: 'Gamma' }) };
    const path = new RegExp(`/rows/${long}$`);
    const ran = await run(on, more, { faults: [{ method: 'GET', path, does: cut }] });
    expect([ran.exitCode, looks(ran.sent)]).toEqual([5, 2]);
    expect(states(ran)).toEqual({
      ...addresses(names, 'created'),
      ...addresses([long], 'failed'),
    });
    expect((await run(on, more)).exitCode).toBe(0);
    await expectConverged(on, more);
  });

  /** A page of the listing of a table without these rows. */
  const hiding = (table: string, nth: number, keys: readonly string[]): Fault => ({
    method: 'GET',
    path: new RegExp(`/${table}/rows$`),
    nth,
    does: {
      mangle: (response) => {
        const page = JSON.parse(response.body) as { entities: { key: string }[]; total: number };
        const entities = page.entities.filter(({ key }) => !keys.includes(key));
        const total = page.total - keys.length;
        return { ...response, body: JSON.stringify({ ...page, entities, total }) };
      },
    },
  });

  it('is claimed where the listing of claims lags', async () => {
    const on = await started([]);
    const keys = ['n001', 'n005'].map((name) => keyOf(`RoutingStrategy/${name}`, ROWS));
    const failing = onImport(on, 1, { failKeys: new Set(keys.slice(0, 1)) });
    const hidden = hiding(tableIn(on.org, ROWS.tables.state).id, 1, keys.slice(1));
    const ran = await run(on, files, { faults: [failing, hidden] });
    expect([ran.exitCode, states(ran)]).toEqual([0, addresses(names, 'created')]);
    await expectConverged(on, files);
  });

  it('is asked for by its key where the listing lags, and is ours', async () => {
    const on = await started([]);
    const failing = onImport(on, 2, { failKeys: new Set(['n002']) });
    const hidden = hiding(tableIn(on.org, ROWS.tables.objects).id, 2, ['n005', 'n006']);
    const ran = await run(on, files, { faults: [failing, hidden] });
    expect(states(ran)).toEqual({
      ...addresses(names, 'created'),
      ...addresses(['n002'], 'failed'),
    });
    const again = await run(on, files);
    expect(again.planned.plan.counts).toMatchObject({ create: 1, adopt: 0, unchanged: 9 });
    await expectConverged(on, files);
  });

  it('is looked at where it does not say', async () => {
    const on = await started([]);
    const does = { mangle: withoutCounts };
    const ran = await run(on, files, { faults: [{ path: JOB, nth: 2, does }] });
    expect([ran.exitCode, looks(ran.sent)]).toEqual([0, 2]);
    await expectConverged(on, files);
  });
});

describe('a run that is cut off', () => {
  const names = numbered(10);
  const files = { ...filesOf(names), ...filesOf(['z'], halved) };
  const cutAt = (type: AuditEntry['type'], step: string): MemoryLog =>
    new MemoryLog(
      () => 0,
      (entry) =>
        entry.type === type && entry.detail?.['step'] === step
          ? new Error('the disk is full')
          : null,
    );

  it.each([
    ['before the claims are sent', 'intent', 'claim', 10],
    ['once they are there', 'outcome', 'claim', 10],
    ['before the rows are sent', 'intent', 'create', 10],
    ['once they are there', 'outcome', 'create', 0],
    ['before the records are sent', 'intent', 'record', 0],
    ['once they are there', 'outcome', 'record', 0],
    ['at the very end', 'outcome', 'change', 0],
  ] as const)('%s (%s of %s) takes up where it ended', async (_when, type, step, left) => {
    const on = await started(['z']);
    const ran = await run(on, files, { audit: cutAt(type, step) });
    expect([ran.exitCode, ran.fault?.message]).toEqual([1, 'the disk is full']);
    expect(new Set(Object.values(states(ran)))).toEqual(new Set(['failed']));
    const { plan } = await planRows(on, files);
    expect(plan.counts).toMatchObject({ create: left, adopt: 0, delete: 0 });
    expect((await run(on, files)).exitCode).toBe(0);
    await expectConverged(on, files);
  });

  it.each([1, 2, 3])('by a bug as file %d goes out takes up where it ended', async (nth) => {
    const on = await started(['z']);
    let seen = 0;
    const ran = await run(on, files, {
      exchange: async (request) => {
        const isFile = UPLOAD.test(new URL(request.url).pathname);
        if (isFile) seen += 1;
        const answer = await on.exchange(request);
        if (isFile && seen === nth) throw new Error('killed');
        return answer;
      },
    });
    expect([ran.exitCode, ran.fault?.message]).toEqual([1, 'killed']);
    await on.clock.sleep(1000);
    const { plan } = await planRows(on, files);
    expect(plan.counts).toMatchObject({ create: nth === 1 ? 10 : 0, adopt: 0, delete: 0 });
    expect((await run(on, files)).exitCode).toBe(0);
    await expectConverged(on, files);
  });
});

describe('a run that is to end', () => {
  const names = numbered(10);
  const files = filesOf(names);

  it('before it began sends nothing', async () => {
    const on = await started([]);
    const ran = await run(on, files, { interrupted: () => true });
    expect([ran.exitCode, states(ran)]).toEqual([130, addresses(names, 'blocked')]);
    expect(strategyRows(on.org)).toEqual({});
  });

  it('while it claims sends no row', async () => {
    const on = await started([]);
    let isOver = false;
    const stop = () => {
      isOver = true;
    };
    const faults = [{ method: 'PUT', path: UPLOAD, does: { meanwhile: stop } }];
    const ran = await run(on, files, { faults, interrupted: () => isOver });
    expect([ran.exitCode, states(ran)]).toEqual([130, addresses(names, 'blocked')]);
    expect(strategyRows(on.org)).toEqual({});
    expect((await run(on, files)).exitCode).toBe(0);
    await expectConverged(on, files);
  });

  it('while it sends rows ends once they are recorded', async () => {
    const on = await lonely();
    let isOver = false;
    const stop = () => {
      isOver = true;
    };
    const faults = [{ method: 'PUT', path: UPLOAD, nth: 2, does: { meanwhile: stop } }];
    const ran = await run(on, files, { faults, interrupted: () => isOver });
    expect([ran.exitCode, states(ran)]).toEqual([
      ...[130, { ...addresses(names, 'created'), ...addresses(['old'], 'blocked') }],
    ]);
  });
});
