/** `strategos unlock`: releases a lock whose holder is gone. */
import path from 'node:path';
import { EXIT, Refused, type ExitCode } from '../../core/errors.js';
import type { LockRecord } from '../../core/state.js';
import { visible } from '../../core/visible.js';
import { attemptText, type AttemptState } from '../../core/workflow.js';
import { findHomes } from '../../engine/homes.js';
import { Ledger } from '../../engine/ledger.js';
import { holderText, lockSeenIn, release } from '../../engine/lock.js';
import type { Writer } from '../../engine/ports.js';
import { processAtWork } from '../../files/open-runs.js';
import { jsonText } from '../../render/json.js';
import { agreed, refuseUnasked } from '../consent.js';
import type { CommonOptions, UnlockOptions } from '../options.js';
import {
  bindingOf,
  inSession,
  type Ending,
  type Session,
  type SessionRequest,
} from '../session.js';
import { stopOf } from '../stop.js';
import type { World } from '../world.js';
import { attemptStateIn } from '../writing.js';

export async function unlock(
  options: CommonOptions & UnlockOptions,
  world: World,
): Promise<ExitCode> {
  refuseUnasked('unlock', options, world);
  const request: SessionRequest<Writer> = {
    command: 'unlock',
    environment: options.env,
    open: (sdk, connection) => sdk.openWriter(connection),
  };
  return inSession(request, options, world, async (session) => {
    const homes = await findHomes(session.client, bindingOf(session));
    const rows = homes.state?.rows ?? null;
    const patience = { clock: stopOf(world).clock(), random: world.random };
    const ledger = new Ledger(session.client, session.run, patience);
    const lock = rows === null ? null : await lockSeenIn(ledger, rows);
    if (rows === null || lock === null) return told('not locked', null, options, world);
    world.err(`${visible(holderText(lock, session.client.nowMs()))}\n`);
    await refuseAtWork(lock, options, world);
    await refuseRunning(lock, options, session, world);
    if (!options.yes && !(await agreed(QUESTION, world))) {
      return { ...told('kept', lock, options, world), exitCode: EXIT.refused };
    }
    session.deferInterrupt();
    // The lock that was shown, and no other: a new run may have taken it while we asked.
    const released = await release(ledger, rows, lock.run);
    return told(released ? 'released' : 'gone already', lock, options, world);
  });
}

/** What is known to be at work keeps its lock: nobody has to guess, and it ends by itself. */
async function refuseAtWork(
  { run }: LockRecord,
  { runs }: CommonOptions,
  world: World,
): Promise<void> {
  const pid = await processAtWork(path.resolve(world.cwd, runs), run);
  if (pid === null) return;
  throw new Refused('lock-held', `not released: that run is at work here, as process ${pid}`, {
    hint:
      `wait for it, or end it: after kill ${pid} it gives its lock back; ` +
      `where it does not end, kill -9 ${pid}, and unlock again`,
  });
}

/**
 * A workflow run goes on, for days where a job waits to be approved, when the job that had the lock
 * is gone: a person who knows that may say so.
 */
async function refuseRunning(
  { attempt }: LockRecord,
  { force }: UnlockOptions,
  { run }: Session,
  world: World,
): Promise<void> {
  if (attempt === undefined) return;
  const state = await attemptStateIn(attempt, world);
  if (state.is === 'running') {
    const message = `GitHub says that ${attemptText(attempt)}, has not ended`;
    if (force !== true) {
      throw new Refused('lock-held', `not released: ${message}`, {
        hint: 'wait for it, or cancel it there; --force releases where that job of it is gone',
      });
    }
    await run.append({ type: 'forced', outcome: { state: 'forced', message } });
  }
  world.err(`${visible(endedText(state))}\n`);
}

function endedText(state: AttemptState): string {
  switch (state.is) {
    case 'ended':
      return 'GitHub says that its workflow run has ended.';
    case 'running':
      return 'GitHub says that its workflow run has not ended.';
    case 'unknown':
      return `Whether its workflow run has ended is not known: ${state.why}.`;
  }
}

const QUESTION =
  'Release it? Two runs at once can undo each other: do it only when that run is gone.';

const SAID = {
  'not locked': 'No run holds the lock.',
  kept: 'The lock was left as it is.',
  released: 'Released.',
  'gone already': 'The lock that was shown is gone already; nothing was released.',
} as const;

function told(
  state: keyof typeof SAID,
  lock: LockRecord | null,
  { format }: CommonOptions,
  world: World,
): Ending {
  world.out(format === 'json' ? jsonText({ state, lock }) : `${SAID[state]}\n`);
  return { exitCode: EXIT.done, state, plan: null, outcomes: [] };
}
