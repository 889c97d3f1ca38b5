/**
 * One table has the records of an environment, whatever its backend is; and what is in others of what
 * has an endpoint is ours as well: that of another table of strategies, and the one in which older
 * versions kept the records of strategies with an endpoint. It is merged without loss.
 */
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/types.js';
import { plainStyle } from '../../src/render/style.js';
import { planText } from '../../src/render/text.js';
import { faulty, silentAfter } from '../support/faults.js';
import { many, manifestOf, SKILL, STRATEGY, type Many } from '../support/many.js';
import { bench, type Bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

const OLD = 'Routing Strategies (strategos)';
const NEW = 'Other Strategies (strategos)';
/** Of older versions. */
const FORMER = 'Routing Strategies API (strategos)';
const FILES = {
  'skill.yaml': SKILL('Refunds'),
  'language.yaml': manifestOf('Language', 'Klingon', {}),
  'code.yaml': manifestOf('WrapupCode', 'Tier 1/2', { description: 'x' }),
};
const KEYS = ['Language~Klingon', 'Skill~Refunds', 'WrapupCode~Tier~201~2F2'];
const BOTH = { ...FILES, 'strategy.yaml': STRATEGY('refunds', 'Refunds') };

function rowsIn({ org }: Bench, name: string): Map<string, Map<string, unknown>> {
  const table = org.tables.get(org.tableNames.get(name) ?? '');
  return (table?.rows ?? new Map()) as Map<string, Map<string, unknown>>;
}
const keysIn = (on: Bench, name: string): string[] => [...rowsIn(on, name).keys()].sort();
const lines = ({ changes }: Plan): string[] => changes.map((one) => `${one.action} ${one.address}`);
const ids = ({ org }: Bench): string[] =>
  [...org.things.values()].flatMap((of) =>
    [...of.values()].map(({ id, name, state }) => `${name} ${id} ${state}`),
  );

/** An org into which the files were applied with strategies as rows of a data table. */
async function applied(files: Record<string, string> = BOTH): Promise<Bench> {
  const on = bench(ORG);
  await many(on, 'datatable', OLD).apply(files);
  return on;
}

const moved = (on: Bench): Many => many(on, 'strategies-api', NEW);

describe('with another backend and another name of the table', () => {
  it('skills, languages and codes are ours as before, and their records come along', async () => {
    const on = await applied();
    const before = ids(on);
    const place = moved(on);
    const { plan, chores } = await place.plan(BOTH);
    expect(lines(plan)).toEqual(['create RoutingStrategy/refunds']);
    expect([plan.counts.unchanged, plan.leftAlone?.unowned]).toEqual([3, []]);
    expect(chores.map((one) => `${one.do} ${one.address}`).sort()).toEqual([
      'move Language/Klingon',
      'move Skill/Refunds',
      'move WrapupCode/Tier 1/2',
    ]);
    const rows = new Map(rowsIn(on, OLD));
    await place.apply(BOTH);
    // As they were written: when, by which run, and what was applied.
    for (const key of KEYS) expect(rowsIn(on, NEW).get(key)).toEqual(rows.get(key));
    expect(keysIn(on, NEW)).toEqual(['RoutingStrategy.strategies-api~refunds', ...KEYS].sort());
    expect(keysIn(on, OLD)).toEqual(['RoutingStrategy~refunds']);
    expect(ids(on)).toEqual(before);
    const again = await place.plan(BOTH);
    expect([lines(again.plan), again.chores]).toEqual([[], []]);
  });

  it('what stays behind is said of strategies alone', async () => {
    const on = await applied();
    const { plan } = await moved(on).plan(BOTH);
    expect(plan.elsewhere).toEqual([
      {
        place: 'the data table "Routing Strategies"',
        records: OLD,
        whose: '',
        recorded: 1,
        live: 1,
      },
    ]);
  });

  it('a skill without a manifest is deleted, and its record with it', async () => {
    const on = await applied(FILES);
    const place = moved(on);
    const rest = { 'language.yaml': FILES['language.yaml'], 'code.yaml': FILES['code.yaml'] };
    const { outcomes } = await place.apply(rest);
    expect(outcomes.map(({ address, state }) => `${state} ${address}`)).toEqual([
      'deleted Skill/Refunds',
    ]);
    expect(keysIn(on, OLD)).toEqual([]);
    expect(keysIn(on, NEW)).toEqual(KEYS.filter((key) => !key.startsWith('Skill')));
  });

  it('a change writes the record here, and removes it there', async () => {
    const on = await applied(FILES);
    const place = moved(on);
    const code = manifestOf('WrapupCode', 'Tier 1/2', { description: 'y' });
    const { outcomes } = await place.apply({ ...FILES, 'code.yaml': code });
    expect(outcomes.map(({ state }) => state)).toEqual(['updated']);
    expect([keysIn(on, OLD), keysIn(on, NEW)]).toEqual([[], KEYS]);
  });

  it('what is another owner’s there is theirs here', async () => {
    const on = bench(ORG);
    await many(on, 'datatable', OLD).apply(FILES, { owner: 'github.com/acme/other//strategies' });
    const { plan } = await moved(on).plan(FILES);
    expect(lines(plan)).toEqual([]);
    expect(plan.guards.find(({ guard }) => guard === 'ownership')?.message).toContain(
      'Language/Klingon, Skill/Refunds, WrapupCode/Tier 1/2 belong to github.com/acme/other//strategies',
    );
    const adopting = await moved(on).plan(FILES, { adopt: true });
    expect(lines(adopting.plan)).toEqual([]);
  });

  it('costs no request that was not needed to know what stays behind', async () => {
    const on = await applied(FILES);
    const { exchange, sent } = faulty(on.exchange);
    await moved(on).plan(FILES, { exchange });
    const rows = sent.filter(({ path }) => path.includes('/rows?'));
    expect(rows).toHaveLength(1);
  });

  it('the other way round as well', async () => {
    const on = bench(ORG);
    await moved(on).apply(FILES);
    const place = many(on, 'datatable', OLD);
    expect(lines((await place.plan(FILES)).plan)).toEqual([]);
    await place.apply(FILES);
    expect([keysIn(on, NEW), keysIn(on, OLD)]).toEqual([[], KEYS]);
  });
});

/** As a version before this one left it: strategies with an endpoint in a table of their own. */
async function former(files: Record<string, string> = BOTH): Promise<Bench> {
  const on = bench(ORG);
  await many(on, 'strategies-api', FORMER).apply(files);
  const rows = rowsIn(on, FORMER);
  for (const [key, row] of [...rows]) {
    const plain = key.replace('.strategies-api', '');
    rows.delete(key);
    rows.set(plain, new Map([...row, ['key', plain]]));
  }
  return on;
}

const API_KEYS = ['RoutingStrategy.strategies-api~refunds', ...KEYS].sort();
const rowOf = (row: Map<string, unknown> | undefined): unknown[] =>
  [...(row ?? [])].filter(([name]) => name !== 'key');
const strategiesOf = ({ org }: Bench): string =>
  JSON.stringify([[...org.strategies], [...rowsOfStrategies(org)]]);
const rowsOfStrategies = (org: Bench['org']): [string, unknown][] =>
  [...(org.tables.get(org.tableNames.get('Routing Strategies') ?? '')?.rows ?? [])].map(
    ([key, row]) => [key, [...row]],
  );

describe('one table of records', () => {
  it('has those of both backends, and neither takes an object of the other for its own', async () => {
    const on = await applied();
    const rows = many(on, 'datatable');
    const api = many(on, 'strategies-api');
    const first = await api.plan(BOTH);
    expect([lines(first.plan), first.chores, first.plan.leftAlone?.unowned ?? []]).toEqual([
      ['create RoutingStrategy/refunds'],
      [],
      [],
    ]);
    await api.apply(BOTH);
    expect(keysIn(on, OLD)).toEqual(['RoutingStrategy~refunds', ...API_KEYS].sort());
    expect([...on.org.tableNames.keys()].filter((name) => name.endsWith('(strategos)'))).toEqual([
      OLD,
    ]);
    const before = strategiesOf(on);
    for (const place of [rows, api, rows, api]) {
      const { plan, chores } = await place.plan(BOTH);
      expect([lines(plan), chores, plan.counts.unchanged]).toEqual([[], [], 4]);
      expect(plan.elsewhere).toMatchObject([{ records: OLD, recorded: 1, live: 1 }]);
      await place.apply(BOTH);
    }
    expect(strategiesOf(on)).toBe(before);
  });

  it('says where what stays behind is, each way', async () => {
    const on = await applied();
    await many(on, 'strategies-api').apply(BOTH);
    const placeOf = async (name: 'datatable' | 'strategies-api'): Promise<unknown> =>
      (await many(on, name).plan(BOTH)).plan.elsewhere?.map(({ place }) => place);
    expect(await placeOf('strategies-api')).toEqual(['the data table "Routing Strategies"']);
    expect(await placeOf('datatable')).toEqual(['/api/v2/routing/strategies']);
  });

  it('without its manifest, deletes the strategy of its backend and no other', async () => {
    const on = await applied();
    await many(on, 'strategies-api').apply(BOTH);
    const { outcomes } = await many(on, 'strategies-api').apply(FILES);
    expect(outcomes.map(({ state }) => state)).toEqual(['deleted']);
    expect(on.org.strategies.size).toBe(0);
    expect(rowsOfStrategies(on.org).map(([key]) => key)).toEqual(['refunds']);
    expect(keysIn(on, OLD)).toEqual(['RoutingStrategy~refunds', ...KEYS].sort());
    expect(lines((await many(on, 'datatable').plan(BOTH)).plan)).toEqual([]);
  });

  it('has one lock: two runs of an environment stop each other, whatever their backends', async () => {
    const on = await applied();
    rowsIn(on, OLD).set(
      'lock',
      new Map([...(rowsIn(on, OLD).get(KEYS[0] ?? '') ?? []), ['key', 'lock'], ['run', 'theirs']]),
    );
    for (const name of ['datatable', 'strategies-api'] as const) {
      const { observation } = await many(on, name).plan(BOTH);
      expect(observation.state.lock?.run).toBe('theirs');
    }
  });
});

describe('an org that has the two tables of older versions', () => {
  it('is read as it is, and merged into the one without loss', async () => {
    const on = await former();
    const before = [strategiesOf(on), ids(on)];
    const place = many(on, 'strategies-api');
    const { plan, chores } = await place.plan(BOTH);
    expect([lines(plan), plan.counts.unchanged, plan.elsewhere]).toEqual([[], 4, undefined]);
    expect(chores.every((one) => one.do === 'move')).toBe(true);
    const rows = new Map(rowsIn(on, FORMER));
    await place.apply(BOTH);
    expect([keysIn(on, FORMER), keysIn(on, OLD)]).toEqual([[], API_KEYS]);
    for (const key of API_KEYS) {
      const was = rows.get(key.replace('.strategies-api', ''));
      expect(rowOf(rowsIn(on, OLD).get(key))).toEqual(rowOf(was));
    }
    expect([strategiesOf(on), ids(on)]).toEqual(before);
    const again = await place.plan(BOTH);
    expect([lines(again.plan), again.chores]).toEqual([[], []]);
  });

  it('both of them in use: each strategy stays with its backend', async () => {
    const on = await former();
    // An older version had the strategies of the other backend beside them.
    await many(on, 'datatable').apply(BOTH);
    expect(keysIn(on, FORMER)).toEqual(['RoutingStrategy~refunds']);
    const behind = (await many(on, 'datatable').plan(BOTH)).plan.elsewhere;
    expect(behind).toMatchObject([
      { place: '/api/v2/routing/strategies', records: FORMER, recorded: 1, live: 1 },
    ]);
    const before = strategiesOf(on);
    const { plan } = await many(on, 'strategies-api').plan(BOTH);
    expect([lines(plan), plan.counts.unchanged]).toEqual([[], 4]);
    await many(on, 'strategies-api').apply(BOTH);
    expect([keysIn(on, FORMER), keysIn(on, OLD)]).toEqual([
      [],
      ['RoutingStrategy~refunds', ...API_KEYS].sort(),
    ]);
    expect(lines((await many(on, 'datatable').plan(BOTH)).plan)).toEqual([]);
    expect(strategiesOf(on)).toBe(before);
  });

  it('is merged whichever request of that was the last of a run', async () => {
    for (let nth = 1, isOver = false; !isOver; nth += 1) {
      expect(nth).toBeLessThan(60);
      const on = await former();
      const before = [strategiesOf(on), ids(on)];
      const place = many(on, 'strategies-api');
      const planned = await place.plan(BOTH);
      const { exchange, sent } = faulty(silentAfter(on.exchange, { nth }, 'after'));
      await place.carryOut(planned, { exchange }).catch(() => null);
      isOver = sent.length < nth;
      expect([nth, lines((await place.plan(BOTH)).plan)]).toEqual([nth, []]);
      await place.apply(BOTH);
      expect([nth, keysIn(on, FORMER), keysIn(on, OLD)]).toEqual([nth, [], API_KEYS]);
      expect([strategiesOf(on), ids(on)]).toEqual(before);
    }
  });

  it('keeps the records of others where they are', async () => {
    const on = await former();
    for (const row of rowsIn(on, FORMER).values()) row.set('owner', 'github.com/acme/other');
    const place = many(on, 'strategies-api');
    const { plan, chores } = await place.plan(BOTH);
    expect([lines(plan), chores, plan.counts.foreign]).toEqual([[], [], 4]);
    const before = structuredClone(rowsIn(on, FORMER));
    await place.apply({});
    expect(rowsIn(on, FORMER)).toEqual(before);
  });
});

describe('rows in both', () => {
  it('ours goes by the one of the environment, and the other goes', async () => {
    const on = await applied(FILES);
    const place = moved(on);
    await place.apply(FILES);
    const row = rowsIn(on, NEW).get('Skill~Refunds') ?? new Map();
    rowsIn(on, OLD).set('Skill~Refunds', new Map([...row, ['object', 'another'], ['at', '2099']]));
    const { plan, chores } = await place.plan(FILES);
    expect([lines(plan), chores]).toEqual([[], [{ do: 'tidy', address: 'Skill/Refunds' }]]);
    await place.apply(FILES);
    expect([keysIn(on, OLD), keysIn(on, NEW)]).toEqual([[], KEYS]);
    expect(rowsIn(on, NEW).get('Skill~Refunds')).toEqual(row);
  });

  it('of another owner in the other table, that row stays as it is', async () => {
    const on = await applied(FILES);
    const place = moved(on);
    await place.apply(FILES);
    const row = rowsIn(on, NEW).get('Skill~Refunds') ?? new Map();
    const theirs = new Map([...row, ['owner', 'github.com/acme/other//strategies']]);
    rowsIn(on, OLD).set('Skill~Refunds', theirs);
    expect((await place.plan(FILES)).chores).toEqual([]);
    await place.apply({});
    expect(rowsIn(on, OLD).get('Skill~Refunds')).toEqual(theirs);
  });
});

describe('a run that ends in the middle of it', () => {
  it('loses no record and makes nothing twice, whichever request was the last', async () => {
    const files = { ...FILES, 'late.yaml': SKILL('Late') };
    for (let nth = 1, isOver = false; !isOver; nth += 1) {
      expect(nth).toBeLessThan(100);
      const on = await applied(FILES);
      const before = ids(on);
      const place = moved(on);
      const planned = await place.plan(files);
      const { exchange, sent } = faulty(silentAfter(on.exchange, { nth }, 'after'));
      await place.carryOut(planned, { exchange }).catch(() => null);
      isOver = sent.length < nth;
      for (const key of KEYS) {
        const rows = [OLD, NEW].flatMap((name) => rowsIn(on, name).get(key) ?? []);
        expect(rows.length, `${key} at ${nth}`).toBeGreaterThan(0);
      }
      await place.apply(files);
      const again = await place.plan(files);
      expect([nth, lines(again.plan), again.chores]).toEqual([nth, [], []]);
      expect([nth, keysIn(on, OLD)]).toEqual([nth, []]);
      expect(ids(on).filter((one) => before.includes(one))).toEqual(before);
      expect([nth, ids(on).length]).toEqual([nth, before.length + 1]);
    }
  });
});

describe('records of a kind that this version does not know', () => {
  it('are left alone, here and in other tables', async () => {
    const on = await applied(FILES);
    for (const name of [OLD, NEW]) {
      if (name === NEW) await moved(on).apply(FILES);
      const [row = new Map()] = [...rowsIn(on, NEW).values(), ...rowsIn(on, OLD).values()];
      rowsIn(on, name).set('Holiday~Easter', new Map([...row, ['key', 'Holiday~Easter']]));
    }
    const place = moved(on);
    const { plan, chores } = await place.plan(FILES);
    expect([lines(plan), chores]).toEqual([[], []]);
    await place.apply({});
    expect([keysIn(on, OLD), keysIn(on, NEW)]).toEqual([['Holiday~Easter'], ['Holiday~Easter']]);
  });
});

describe('an Environment that is called otherwise now', () => {
  it('is told how many of what are of the one of before', async () => {
    const on = await applied(BOTH);
    const place = many(on, 'datatable', OLD);
    for (const row of rowsIn(on, OLD).values()) row.set('environment', 'before');
    const { plan } = await place.plan(BOTH);
    expect(planText(plan, plainStyle)).toContain(
      '1 strategy, 1 skill, 1 language and 1 wrap-up code in this place ' +
        `(records in "${OLD}") belong to`,
    );
  });
});
