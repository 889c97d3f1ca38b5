/** The one question before something is written, and no writing where it cannot be asked. */
import { WrongUsage } from '../core/errors.js';
import { visible } from '../core/visible.js';
import type { Run } from '../engine/run.js';
import type { World } from './world.js';

const DRY_RUN = 'the same with --dry-run shows what it would do';

/** Where there is no `--dry-run`: what shows it before. */
const HINTS: Readonly<Record<string, string>> = {
  apply: 'strategos plan shows what it would do; then pass --yes',
  cycle: 'strategos plan shows what it would apply; then pass --yes',
  'doctor --write': 'it writes into a data table of its own alone: pass --yes',
  'export --prune': 'the same without --prune shows what would go; then pass --yes',
  unlock: 'who was refused for the lock was told who holds it; once that run is gone, pass --yes',
};

/** Throws `WrongUsage` where nobody can be asked and nobody has agreed beforehand. */
export function refuseUnasked(
  command: string,
  { yes }: { readonly yes?: boolean },
  world: World,
): void {
  if (yes || world.interactive) return;
  throw new WrongUsage(`${command} cannot ask here, because there is no terminal`, {
    hint: HINTS[command] ?? `${DRY_RUN}; then pass --yes`,
  });
}

/** Only "yes" is a yes. */
export async function agreed(question: string, world: World): Promise<boolean> {
  const answer = await world.ask(`\n${visible(question)} Only "yes" is taken as a yes: `);
  return answer.trim() === 'yes';
}

/** How long the lock is kept for somebody who thinks. */
const PATIENCE_MS = 60_000;

/** The same of a run that holds the lock, and gives it back to others after a while. */
export async function agreedWithin(
  question: string,
  run: Pick<Run, 'pause'>,
  world: World,
): Promise<{ readonly yes: boolean; readonly paused: boolean }> {
  const pauses: Promise<void>[] = [];
  const keepWaiting = world.every(PATIENCE_MS, () => {
    keepWaiting();
    world.err(GIVEN_BACK);
    const pause = run.pause();
    // Told once there is an answer.
    pause.catch(() => undefined);
    pauses.push(pause);
  });
  try {
    const yes = await agreed(question, world);
    return { yes, paused: pauses.length > 0 };
  } finally {
    keepWaiting();
    await Promise.all(pauses);
  }
}

const GIVEN_BACK =
  '\nThe lock is given back while you think; a yes is held against the org as it is then. ';
