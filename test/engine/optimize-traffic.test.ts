/** The whole loop: calls come, a round looks, weights move, and the next calls go elsewhere. */
import { describe, expect, it } from 'vitest';
import type { Backend } from '../support/binding.js';
import { Known } from '../../src/engine/optimize.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { bench, type Bench } from '../support/org.js';
import { BACKEND } from '../support/owned.js';
import { applied, round, weightsIn } from '../support/rounds.js';
import { ROWS } from '../support/rows.js';

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix} ${index}`);

/** Sixteen agents and four, and calls for sixteen of them, shared evenly at first. */
const ORG: OrgFile = {
  users: [...names('Large', 16), ...names('Small', 4)].map((name) => ({ name })),
  queues: [
    { name: 'Large', members: names('Large', 16) },
    { name: 'Small', members: names('Small', 4) },
  ],
  traffic: [{ strategy: 's', arrivalsPerHour: 240, handleSeconds: 240, patienceSeconds: 180 }],
};

const FILES = {
  's.yaml': JSON.stringify({
    apiVersion: 'strategos/v1',
    kind: 'RoutingStrategy',
    metadata: { name: 's' },
    spec: {
      targets: [
        { queue: 'Large', capacity: 500 },
        { queue: 'Small', capacity: 500 },
      ],
      checks: { capacity: 'warn' },
      optimizer: {},
    },
  }),
};

const HOURS = 3;

/** Part of the callers of the later hours who gave up, and where the calls went. */
async function lost(backend: Backend, optimized: boolean) {
  const on: Bench = bench(ORG);
  await applied(on, FILES, backend);
  const known = new Known();
  const startedAt = on.clock.now();
  for (let minute = 0; minute < HOURS * 60; minute += 1) {
    if (optimized) await round(on, FILES, { backend, known });
    await on.clock.sleep(60_000);
  }
  await on.reader().organization();
  const late = on.org.conversations.filter(({ at }) => at > startedAt + 3_600_000);
  const [large] = on.org.queues.keys();
  return {
    abandoned: late.filter(({ end }) => end === 'abandoned').length / late.length,
    toLarge: late.filter(({ queueId }) => queueId === large).length / late.length,
    weights: weightsIn(on, 's', backend),
  };
}

describe.each<[string, Backend]>([
  ['datatable', ROWS],
  ['strategies-api', BACKEND],
])('a strategy with traffic on %s', (_, backend) => {
  it('loses far fewer callers once its weights have followed its agents', async () => {
    const still = await lost(backend, false);
    const moved = await lost(backend, true);
    expect(still.weights).toEqual([1, 1]);
    expect(still.toLarge).toBeCloseTo(0.5, 1);
    expect(moved.toLarge).toBeGreaterThan(0.7);
    expect(moved.abandoned * 3).toBeLessThan(still.abandoned);
  });
});
