/** Objects of ours in a place of another name: said, counted, never touched, never taken for gone. */
import { describe, expect, it } from 'vitest';
import type { Owner } from '../../src/core/owner.js';
import type { Elsewhere } from '../../src/core/types.js';
import { bindingFor, type Backend } from '../support/binding.js';
import { sha256 } from '../../src/files/digest.js';
import type { UsHere } from '../../src/engine/who-we-are.js';
import { makePlan } from '../../src/engine/plan.js';
import type { Org } from '../../src/simulator/org.js';
import { load } from '../support/manifests.js';
import { bench, type Bench } from '../support/org.js';
import { BACKEND, OTHER, own, OWNER } from '../support/owned.js';
import { carryOut, live, manifest, ORG, plan } from '../support/reconcile.js';
import { applyRows, ROWS, tableIn } from '../support/rows.js';

const FILES = {
  'a.yaml': manifest('a', 'Alpha'),
  'b.yaml': manifest('b', 'Beta'),
  'c.yaml': manifest('c', 'Gamma'),
};
const RENAMED: Backend = {
  name: 'datatable',
  tables: { objects: 'routing strategies', state: 'routing strategies (strategos)' },
};
const OLD = {
  place: 'the data table "Routing Strategies"',
  records: 'Routing Strategies (strategos)',
  whose: '',
};

/** An org in which three strategies are applied as rows of the usual table. */
async function applied(owner: Owner = OWNER): Promise<Bench> {
  const on = bench(ORG);
  const { outcomes } = await applyRows(on, FILES, { owner });
  expect(outcomes).toHaveLength(3);
  return on;
}

async function behind(
  on: Bench,
  backend: Backend,
  { owner = OWNER, environments = [] }: { owner?: UsHere; environments?: readonly string[] } = {},
): Promise<readonly Elsewhere[]> {
  const { plan: made } = await planAs(on, backend, owner, environments);
  expect(made.counts.delete).toBe(0);
  return made.elsewhere ?? [];
}

async function planAs(
  on: Bench,
  backend: Backend,
  owner: UsHere,
  environments: readonly string[],
): ReturnType<typeof makePlan> {
  const environment = JSON.stringify({
    apiVersion: 'strategos/v1',
    kind: 'Environment',
    metadata: { name: 'test' },
    spec: { host: 'http://127.0.0.1:9', backend: backend.name },
  });
  const { manifests, ...loaded } = load({ ...FILES, 'environment.yaml': environment });
  return makePlan(
    { reader: on.reader(), events: on.events, clock: on.clock, hash: sha256 },
    {
      manifests,
      binding: bindingFor(backend),
      owner,
      environments,
      environment: { name: 'test', backend: backend.name, host: 'http://127.0.0.1:9' },
      prune: true,
      adopt: false,
      scope: null,
      commit: null,
      version: '0.0.0',
      guards: { ...loaded.environment.guards, at: () => loaded.environment.at('/spec') },
    },
  );
}

function rename(org: Org, from: string, to: string): void {
  const table = tableIn(org, from);
  table.name = to;
  org.tableNames.delete(from);
  org.tableNames.set(to, table.id);
}

describe('strategies of ours in a place of another name', () => {
  it('stay in the table that the environment had before', async () => {
    const on = await applied();
    const before = structuredClone(on.org.tables);
    expect(await behind(on, RENAMED)).toEqual([{ ...OLD, recorded: 3, live: 3 }]);
    expect(on.org.tables).toEqual(before);
  });

  it('are counted as they are there, not as the records have them', async () => {
    const on = await applied();
    tableIn(on.org, 'Routing Strategies').rows.delete('b');
    expect(await behind(on, RENAMED)).toEqual([{ ...OLD, recorded: 3, live: 2 }]);
  });

  it('are still said once the new table is made, and neither apply nor prune touches them', async () => {
    const on = await applied();
    const old = ['Routing Strategies', 'Routing Strategies (strategos)'];
    const before = structuredClone(old.map((name) => tableIn(on.org, name)));
    const first = await plan(on, FILES, { backend: RENAMED, owned: false });
    expect((await carryOut(on, first, { backend: RENAMED })).outcomes).toHaveLength(3);
    expect(await behind(on, RENAMED)).toEqual([{ ...OLD, recorded: 3, live: 3 }]);
    const none = await plan(on, {}, { backend: RENAMED, owned: false });
    await carryOut(on, none, { backend: RENAMED });
    expect(old.map((name) => tableIn(on.org, name))).toEqual(before);
  });

  it('stay when the backend changes, either way', async () => {
    expect(await behind(await applied(), BACKEND)).toEqual([{ ...OLD, recorded: 3, live: 3 }]);
    const on = bench({ ...ORG, strategies: [live('a', 'Alpha'), live('b', 'Beta')] });
    own(on.org);
    on.org.strategies.delete(on.org.strategyNames.get('b') ?? '');
    expect(await behind(on, ROWS)).toEqual([
      {
        place: '/api/v2/routing/strategies',
        records: BACKEND.tables.state,
        whose: '',
        recorded: 2,
        live: 1,
      },
    ]);
  });

  it('are found by records whose table a person renamed, or whose own table', async () => {
    const on = await applied();
    rename(on.org, 'Routing Strategies (strategos)', 'old records');
    expect(await behind(on, ROWS)).toEqual([
      { ...OLD, place: 'this place', records: 'old records', recorded: 3, live: 3 },
    ]);
    const other = await applied();
    rename(other.org, 'Routing Strategies', 'Our routing');
    expect(await behind(other, ROWS)).toEqual([
      { ...OLD, place: 'the data table "Our routing"', recorded: 3, live: 3 },
    ]);
    const third = await applied();
    rename(third.org, 'Routing Strategies', 'Our routing');
    expect(await behind(third, RENAMED)).toEqual([
      { ...OLD, place: 'a place that is not known', recorded: 3, live: null },
    ]);
  });

  it('are those of an environment that was renamed, in the same table and in another', async () => {
    const before = { ...OWNER, environment: 'live' };
    const on = await applied(before);
    const whose = 'test (environment live)';
    expect(await behind(on, ROWS)).toEqual([
      { ...OLD, place: 'this place', whose, recorded: 3, live: 3 },
    ]);
    expect(await behind(on, RENAMED)).toEqual([{ ...OLD, whose, recorded: 3, live: 3 }]);
    // It is declared: it goes on, and nothing of it is ours.
    expect(await behind(on, RENAMED, { environments: ['live'] })).toEqual([]);
  });

  it('are those of a folder that was moved, and not those of one that is there', async () => {
    const before: Owner = { name: 'github.com/acme/routing//old', environment: 'test' };
    const on = await applied(before);
    const owner = { ...before, name: 'github.com/acme/routing//new' };
    const has = (...folders: string[]): UsHere => ({
      ...owner,
      hasFolder: (folder) => Promise.resolve(folders.includes(folder)),
    });
    const whose = 'github.com/acme/routing//old (environment test)';
    const found = [{ ...OLD, place: 'this place', whose, recorded: 3, live: 3 }];
    expect(await behind(on, ROWS, { owner: has('new') })).toEqual(found);
    expect(await behind(on, RENAMED, { owner: has('new') })).toEqual([
      { ...OLD, whose, recorded: 3, live: 3 },
    ]);
    expect(await behind(on, ROWS, { owner: has('new', 'old') })).toEqual([]);
    // Nobody can say.
    expect(await behind(on, ROWS, { owner })).toEqual([]);
    const elsewhere = { ...has('new'), name: 'github.com/acme/other//new' };
    expect(await behind(on, ROWS, { owner: elsewhere })).toEqual([]);
  });

  it('are not those of others', async () => {
    const on = await applied(OTHER);
    expect(await behind(on, RENAMED)).toEqual([]);
  });

  it('may be in records that this client may not read, which is said and stops nothing', async () => {
    const on = await applied();
    const { id } = tableIn(on.org, 'Routing Strategies (strategos)');
    const exchange: typeof on.exchange = async (request) =>
      request.url.includes(`${id}/rows`)
        ? { status: 403, headers: {}, body: '{"message":"missing permission"}' }
        : on.exchange(request);
    const { plan: made } = await plan(on, FILES, { backend: RENAMED, owned: false, exchange });
    expect(made.elsewhere).toEqual([
      {
        place: 'the data table "Routing Strategies (strategos)"',
        recorded: null,
        live: null,
        records: 'Routing Strategies (strategos)',
        whose: '',
      },
    ]);
  });

  it('costs nothing where there is no other table', async () => {
    const on = await applied();
    const { plan: made } = await plan(on, FILES, { backend: ROWS, owned: false });
    expect(made).not.toHaveProperty('elsewhere');
  });
});
