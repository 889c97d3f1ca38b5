/**
 * Rollbacks of a run whose objects are gone by now, while others have their names: what a later run
 * or a person has made since is not what the run made, and stays.
 */
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/types.js';
import { planBack } from '../support/back.js';
import { many, manifestOf, sites, SKILL, STRATEGY, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

type Files = Readonly<Record<string, string>>;
type Backend = 'datatable' | 'strategies-api';

/** So that none of the runs deletes all there is. */
const KEPT: Files = { 'kept.yaml': SKILL('Kept') };

async function run(place: Many, files: Files, id = 'run'): Promise<MemoryLog> {
  const log = new MemoryLog();
  const { outcomes } = await place.carryOut(await place.plan({ ...KEPT, ...files }), {
    audit: log,
    run: id,
  });
  expect(outcomes.map(({ message }) => message)).toEqual(outcomes.map(() => ''));
  return log;
}

const held = ({ blocked = [] }: Plan): string[] =>
  blocked.map(({ address, obstacles: [first] }) => `${address}: ${first?.message ?? ''}`);
const names = ({ bench: { org } }: Many): string[] =>
  [org.queues, org.skills, org.strategies, org.tables]
    .flatMap((all) => [...all.values()] as { name?: string; content?: { name: string } }[])
    .map(({ name, content }) => name ?? content?.name ?? '');

const CASES: [string, string, Backend, string][] = [
  ['Queue', 'Bills', 'datatable', manifestOf('Queue', 'Bills', { description: 'x' })],
  ['Skill', 'Refunds', 'datatable', SKILL('Refunds')],
  ['DataTable', 'Sites', 'datatable', sites({ Bonn: 1 })],
  ['RoutingStrategy', 'calls', 'strategies-api', STRATEGY('calls', 'Voice')],
];

describe('a rollback of a run that has made what was deleted since', () => {
  it.each(CASES)('leaves the %s %s (%s) that a later run has made', async (...one) => {
    const [kind, name, backend, text] = one;
    const place = many(bench(ORG), backend);
    await run(place, {});
    const log = await run(place, { 'a.yaml': text });
    await run(place, {});
    const later = await run(place, { 'a.yaml': text });
    // What a guard is overruled for is another matter.
    const { plan } = await planBack(place, log, [], {}, backend, true);
    expect(plan.changes).toEqual([]);
    expect(held(plan)).toEqual([
      expect.stringMatching(
        new RegExp(`^${kind}/${name}: what the run made \\(id .*\\) is gone: the org has another`),
      ),
    ]);
    await place.carryOut(await planBack(place, log, [], {}, backend));
    expect(names(place)).toContain(name);
    // The way that it says.
    await place.carryOut(await planBack(place, later, [], {}, backend));
    expect(names(place)).not.toContain(name);
    const after = await planBack(place, log, [], {}, backend);
    expect([after.plan.changes, after.plan.blocked]).toEqual([[], undefined]);
  });

  it.each(CASES)('never takes the %s %s (%s) that a person has made', async (...one) => {
    const [kind, name, backend, text] = one;
    const place = many(bench(ORG), backend);
    await run(place, {});
    const log = await run(place, { 'a.yaml': text });
    await run(place, {});
    await run(place, { 'a.yaml': text });
    place.forget(`${kind}/${name}`);
    for (const asFound of [false, true]) {
      const back = await planBack(place, log, [], {}, backend, asFound);
      expect([back.plan.changes, back.plan.blocked]).toEqual([[], undefined]);
    }
  });

  it.each(CASES)('takes the %s %s (%s) that a rollback has given back', async (...one) => {
    const [, name, backend, text] = one;
    const place = many(bench(ORG), backend);
    await run(place, {});
    const log = await run(place, { 'a.yaml': text });
    const later = await run(place, {});
    const back = await planBack(place, later, [], {}, backend);
    await place.carryOut(back, { run: '20261126T090000000Z-rollback-1f2e3d4c' });
    expect(names(place)).toContain(name);
    await place.carryOut(await planBack(place, log, [], {}, backend));
    expect(names(place)).not.toContain(name);
  });
});
