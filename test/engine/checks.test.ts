/** What checks are answered from: read once while it is fresh, and again for what was not asked. */
import { describe, expect, it } from 'vitest';
import type { CheckRequest } from '../../src/core/kind.js';
import { Staff } from '../../src/engine/staffing.js';
import { catalogIn } from '../../src/engine/observe.js';
import { openReader } from '../../src/genesys/sdk.js';
import { faulty, type Sent } from '../support/faults.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

const ask = (queue: string, skill = 'Voice'): CheckRequest => ({
  check: 'skills',
  level: 'error',
  queue,
  skills: [skill],
});

async function staffOf(): Promise<{
  readonly on: ReturnType<typeof bench>;
  readonly staff: Staff;
  readonly listings: () => number;
}> {
  const on = bench(ORG);
  const { exchange, sent } = faulty(on.exchange);
  const reader = openReader(on.connection('demo', exchange));
  const staff = new Staff(reader, await catalogIn(reader), on.clock);
  const isListing = ({ path }: Sent): boolean => path.includes('/members');
  return { on, staff, listings: () => sent.filter(isListing).length };
}

describe('staff', () => {
  it('is read once in a minute, and then again', async () => {
    const { on, staff, listings } = await staffOf();
    const requests = [ask('Alpha'), ask('Beta')];
    await staff.for(requests);
    await staff.for([ask('Beta')]);
    expect(listings()).toBe(2);
    await on.clock.sleep(60_001);
    await staff.for(requests);
    expect(listings()).toBe(4);
  });

  it.each([
    ['another queue', ask('Gamma')],
    ['another skill, of which nobody was looked for', ask('Alpha', 'Billing')],
  ])('is read again for %s', async (_, other) => {
    const { staff, listings } = await staffOf();
    await staff.for([ask('Alpha')]);
    const { membersByQueue } = await staff.for([ask('Alpha'), other]);
    expect([...membersByQueue.values()].every((members) => members.length > 0)).toBe(true);
    expect(listings()).toBeGreaterThan(1);
  });

  it('is held against a list of requests once, however often it comes', async () => {
    const { staff } = await staffOf();
    await staff.for([ask('Alpha')]);
    let walks = 0;
    const again = Object.assign([ask('Alpha')], {
      every: (): boolean => {
        walks += 1;
        return true;
      },
    });
    for (let change = 0; change < 100; change += 1) await staff.for(again);
    expect(walks).toBe(1);
  });
});
