/**
 * Small histories in which a promise once did not hold, at every moment and fault around the one
 * that found it: seeds draw other histories as soon as a run sends one request more.
 */
import { expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import { headKey } from '../../src/core/state.js';
import { sha256 } from '../../src/files/digest.js';
import type { FaultRule } from '../../src/generated/types.js';
import { FOLDERS } from './folders.js';
import { drawHistory, type History, type Runner, type Setting, type Step } from './history.js';
import { play } from './play.js';
import { tell } from './tell.js';

const SETTING: Setting = {
  backend: 'strategies-api',
  imports: false,
  rateLimit: 0,
  activationMs: 0,
  latencyMs: 1,
  maxDeletes: 10,
  settled: false,
};
const TARGET = { priority: 1, weight: 1, capacity: 3 };

function specOf(...queues: readonly string[]): JsonObject {
  return { status: 'active', targets: queues.map((queue) => ({ queue, ...TARGET })) };
}

function commit(specs: Record<string, JsonObject>): Step {
  return { do: 'commit', specs };
}

function apply(killAt: number | null = null, machine: Runner['machine'] = 'A'): Step {
  const misfortune = killAt === null ? {} : { killAt };
  return { do: 'apply', runner: { misfortune, patienceMs: 0, force: true, machine }, rival: null };
}

async function failuresIn(
  steps: readonly Step[],
  setting: Partial<Setting> = {},
  rules: readonly FaultRule[] = [],
): Promise<readonly string[]> {
  const history: History = { seed: 1, setting: { ...SETTING, ...setting }, steps, rules };
  const played = await play(history);
  return played.violations.length === 0 ? [] : [tell(history, played)];
}

function moments(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** Around the create of the one strategy, and its record. */
it('a strategy is ours although a queue was renamed before its record was written', async () => {
  for (const killAt of moments(68, 82)) {
    const steps: Step[] = [
      commit({ c: specOf('Beta', 'Delta') }),
      apply(killAt),
      commit({ c: specOf('Alpha', 'Delta') }),
      { do: 'rename', queue: 'Beta', to: 'Renamed' },
    ];
    expect(await failuresIn(steps)).toEqual([]);
  }
});

/** Around the head that the second run leaves: the third follows it, or the one before. */
it('of two heads with one number the one that was followed counts', async () => {
  const specs = { r: specOf('Alpha') };
  for (const killAt of moments(38, 50)) {
    const steps: Step[] = [commit(specs), apply(), apply(killAt), apply()];
    expect(await failuresIn([...steps, { do: 'lose head', how: 'broken' }])).toEqual([]);
  }
});

it('a head that neither a listing nor a read shows as it is, is not left twice', async () => {
  const table = '/api/v2/flows/datatables/0274b2fe-f889-44c3-a0d7-eb12681888f6/rows';
  const head = `${table}/${headKey(FOLDERS.ours, sha256)}`;
  const specs = { p: specOf('Alpha'), q: specOf('Beta', 'Delta'), g: specOf('Gamma') };
  const lag = { times: 1, fromMs: 9000, toMs: 9000 };
  for (const nth of moments(1, 5)) {
    const rules: FaultRule[] = [
      { fault: 'listing-lag', method: 'POST', path: table, nth: 4, ...lag, times: 4 },
      { fault: 'stale-read', method: 'GET', path: head, nth, ...lag },
    ];
    const steps = [commit(specs), apply(), apply(null, 'B'), apply()];
    expect(await failuresIn(steps, { backend: 'datatable' }, rules)).toEqual([]);
  }
});

/** As they were drawn: two kills around one object; an org that lags, and clocks that jump. */
it.each([12_000_415, 12_002_133])('seed %i, in which a promise once did not hold', async (seed) => {
  const history = drawHistory(seed);
  const played = await play(history);
  expect(played.violations.length === 0 ? '' : tell(history, played)).toBe('');
});
