/** That what passes through the three seams of the tests is looked at, and that a finding fails. */
import { describe, expect, it } from 'vitest';
import type { Org } from '../../src/simulator/org.js';
import { worldOf, SMALL } from '../simulator/client.js';
import { Workplace } from '../support/cli.js';
import { bench } from '../support/org.js';
import { drain, report } from './findings.js';

/** Makes every queue of an org unfit for the typings. */
function spoil(org: Org): void {
  for (const [id, queue] of org.queues) org.queues.set(id, { ...queue, name: 5 as never });
}

const FINDING = 'answer/entities/0/name must be string';

describe('a finding is made', () => {
  it('in memory, behind the SDK', async () => {
    const here = bench();
    spoil(here.org);
    await here.reader().queues();
    expect(drain().join('\n')).toContain(FINDING);
  });

  it('in memory, without the SDK', () => {
    const world = worldOf(SMALL);
    spoil(world.org);
    world.send('GET', '/api/v2/routing/queues');
    expect(drain().join('\n')).toContain(FINDING);
  });

  it('over HTTP', async () => {
    const workplace = await Workplace.open();
    spoil(workplace.simulator.org);
    await workplace.request('GET', '/api/v2/routing/queues');
    await workplace.close();
    expect(drain().join('\n')).toContain(FINDING);
  });
});

describe('a finding is told', () => {
  it.fails('by the test that made it', () => {
    report(['this finding is part of a test']);
  });

  it('once', () => {
    expect(drain()).toEqual([]);
  });
});
