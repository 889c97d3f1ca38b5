/** However a run ends, its lock is given back if that can be done at all. */
import { bindingFor } from '../support/binding.js';
import { describe, expect, it } from 'vitest';
import { AppError, EXIT } from '../../src/core/errors.js';
import { Run } from '../../src/engine/run.js';
import { sha256 } from '../../src/files/digest.js';
import { openWriter } from '../../src/genesys/sdk.js';
import { faulty, refusal, type Fault } from '../support/faults.js';
import { bench, half, START_MS, type Bench } from '../support/org.js';
import { BACKEND, stateIn, stateTable } from '../support/owned.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

const LOCK = /\/rows\/lock$/;

/** Takes the lock, fails to plan, ends. */
async function ended(
  faults: readonly Fault[],
  log = new MemoryLog(),
): Promise<{ readonly on: Bench; readonly lock: unknown; readonly warnings: string[] }> {
  const on = bench(ORG);
  stateTable(on.org);
  const { exchange } = faulty(on.exchange, faults);
  const { clock, events } = on;
  const writer = openWriter(on.connection('demo', exchange));
  const run = new Run(
    { writer, audit: log, events, clock, random: half, hash: sha256 },
    {
      binding: bindingFor(BACKEND),
      me: { holder: 'ben', host: 'laptop', command: 'apply', run: 'mine', at: '' },
      patienceMs: 0,
      activationTimeoutMs: 1000,
      plan: () => Promise.reject(new Error('no plan')),
      leftOpen: () => Promise.resolve([]),
      isGone: () => Promise.resolve(false),
    },
  );
  await run.plan().catch(() => undefined);
  expect(stateIn(on.org).lock?.run).toBe('mine');
  await run.end();
  const warnings = events.events.flatMap((one) => (one.type === 'warning' ? [one.text] : []));
  return { on, lock: stateIn(on.org).lock, warnings };
}

function limited(seconds: string, times: number): Fault {
  const answer = refusal(429, 'too.many.requests', 'slow down', { 'retry-after': seconds });
  return { path: LOCK, times, does: { answer } };
}

describe('a lock is given back', () => {
  it('after a limit that outlasted every repetition', async () => {
    const { lock, warnings } = await ended([limited('60', 4)]);
    expect([lock, warnings]).toEqual([null, []]);
  });

  it('when the platform wants to be left alone for minutes, and not before', async () => {
    const { on, lock } = await ended([limited('300', 1)]);
    expect(lock).toBeNull();
    expect(on.clock.now() - START_MS).toBeGreaterThanOrEqual(300_000);
  });

  it('is not asked for within ten hours in which nothing may be sent', async () => {
    const { on, lock, warnings } = await ended([limited('36000', 99)]);
    expect(lock).not.toBeNull();
    expect(warnings.join()).toMatch(/the lock could not be released/);
    expect(on.clock.now() - START_MS).toBeLessThan(60_000);
  });

  it('without an audit log, and says that it could not be recorded', async () => {
    const unwritable = new AppError('audit-unwritable', EXIT.unexpected, 'user', 'no room');
    const log = new MemoryLog(
      () => 0,
      ({ detail }) => (detail?.['step'] === 'unlock' ? unwritable : null),
    );
    const { lock, warnings } = await ended([], log);
    expect([lock, warnings]).toEqual([null, ['the lock is released; that could not be recorded']]);
  });

  it('without an audit log, although a read of it lags behind', async () => {
    const unwritable = new AppError('audit-unwritable', EXIT.unexpected, 'user', 'no room');
    const log = new MemoryLog(
      () => 0,
      ({ detail }) => (detail?.['step'] === 'unlock' ? unwritable : null),
    );
    const answer = refusal(404, 'not.found', 'no such row');
    const late = { method: 'GET', path: LOCK, nth: 2, does: { answer } };
    const { lock, warnings } = await ended([late], log);
    expect([lock, warnings]).toEqual([null, ['the lock is released; that could not be recorded']]);
  });

  it('and blames nobody where the log is full between the release and its outcome', async () => {
    const unwritable = new AppError('audit-unwritable', EXIT.unexpected, 'user', 'no room');
    const log = new MemoryLog(
      () => 0,
      ({ type, detail }) =>
        type === 'outcome' && detail?.['step'] === 'unlock' ? unwritable : null,
    );
    const { lock, warnings } = await ended([], log);
    expect([lock, warnings]).toEqual([null, ['the lock is released; that could not be recorded']]);
  });

  it('although a read of it lags behind', async () => {
    const answer = refusal(404, 'not.found', 'no such row');
    const { lock, warnings } = await ended([{ method: 'GET', path: LOCK, does: { answer } }]);
    expect([lock, warnings]).toEqual([null, []]);
  });
});
