/** A safety check taken out has to be noticed: by the invariant that it is there for. */
import { drawHistory } from '../history.js';
import { play } from '../play.js';

const MOST_SEEDS = 400;

/**
 * True when some history violates this invariant; false when the mutant lives. `first`: the seed to
 * begin with, where those before are known to take a minute and to show nothing.
 */
export async function isCaughtBy(invariant: string, first = 1): Promise<boolean> {
  for (let seed = first; seed < first + MOST_SEEDS; seed += 1) {
    const { violations } = await play(drawHistory(seed));
    if (violations.some((one) => one.invariant === invariant)) return true;
  }
  return false;
}
