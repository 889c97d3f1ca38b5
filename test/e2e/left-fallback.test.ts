/** A fallback that the manifest leaves as the org has it, and that becomes a target. */
import { afterEach, describe, expect, it } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { Workplace, type OpenOptions } from '../support/cli.js';

let place: Workplace;
afterEach(() => place.close());

const FILE = 'strategies/one.yaml';

function one(queue: string, fallback?: string | null): string {
  const last = fallback === null ? null : { queue: fallback };
  const spec = {
    checks: { skills: 'off', capacity: 'off' },
    targets: [{ queue, capacity: 3 }],
    ...(fallback === undefined ? {} : { fallback: last }),
  };
  const metadata = { name: 'one' };
  return JSON.stringify({ apiVersion: 'strategos/v1', kind: 'RoutingStrategy', metadata, spec });
}

/** What calls are routed by. */
function world(): string {
  const { tables, tableNames, strategies } = place.simulator.org;
  const row = tables.get(tableNames.get('Routing Strategies') ?? '')?.rows.get('one');
  const found = [...strategies.values()].find(({ content }) => content.name === 'one');
  return JSON.stringify(row === undefined ? found?.content : [...row]);
}

describe.each(['strategies-api', 'datatable'] as const)('%s', (backend) => {
  const options: OpenOptions = { backend };

  it('is said by the plan, with what to write, and nothing is sent', async () => {
    place = await Workplace.open(DEMO_ORG, options);
    await place.write(FILE, one('Sales', 'Billing'));
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    await place.write(FILE, one('Billing'));
    const before = world();
    const planned = await place.strategos(['plan', '--detailed-exitcode']);
    expect([planned.code, planned.stdout]).toEqual([
      5,
      expect.stringMatching(
        /RoutingStrategy\/one could not be compared\n.*"Billing" is the fallback in the org.*one\.yaml:1\n.*fallback: null/,
      ),
    ]);
    expect((await place.strategos(['apply', '--yes'])).code).toBe(5);
    expect(world()).toBe(before);
    await place.write(FILE, one('Billing', null));
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    expect((await place.strategos(['plan', '--detailed-exitcode'])).code).toBe(0);
  });
});

it('a row that somebody has made so keeps nothing from being changed, nor from going back', async () => {
  place = await Workplace.open(DEMO_ORG, { backend: 'datatable' });
  await place.write(FILE, one('Sales', 'Billing'));
  await place.strategos(['apply', '--yes']);
  const { tables, tableNames } = place.simulator.org;
  const table = tables.get(tableNames.get('Routing Strategies') ?? '');
  const row = table?.rows.get('one') ?? new Map<string, string>();
  table?.rows.set('one', new Map([...row, ['fallback_queue', 'Sales']]));
  const found = world();
  expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
  expect(world()).not.toBe(found);
  expect((await place.strategos(['rollback', 'latest', '--yes', '--force'])).code).toBe(0);
  expect(world()).toBe(found);
  await place.write(FILE, one('Sales'));
  expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
});
