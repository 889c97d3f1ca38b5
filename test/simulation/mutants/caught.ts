/** A safety check taken out has to be noticed: by the invariant that it is there for. */
import { drawHistory } from '../history.js';
import { play } from '../play.js';

const MOST_SEEDS = 400;

/** True when some history violates this invariant; false when the mutant lives. */
export async function isCaughtBy(invariant: string): Promise<boolean> {
  for (let seed = 1; seed <= MOST_SEEDS; seed += 1) {
    const { violations } = await play(drawHistory(seed));
    if (violations.some((one) => one.invariant === invariant)) return true;
  }
  return false;
}
