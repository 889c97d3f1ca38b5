/** Runs that are killed at a request: nothing of them goes on, and their log ends there. */
import { openRunOf, type OpenIntent } from '../../src/core/audit.js';
import type { Planned } from '../../src/engine/planning.js';
import type { Exchange } from '../../src/genesys/transport.js';
import { MemoryLog, type ExecuteOptions } from './reconcile.js';
import type { Many } from './many.js';

export type When = 'before' | 'after';

export interface Killed {
  /** False: the run ended by itself before its `at`-th request. */
  readonly died: boolean;
  /** What the run has left open. */
  readonly open: readonly OpenIntent[];
  /** The request at which it died: `POST /api/…`. */
  readonly request: string;
  /** As far as the run came. */
  readonly log: MemoryLog;
}

/** Carries out the plan until its `at`-th request, from 1, has or has not (`when`) taken effect. */
export async function killedAt(
  place: Many,
  planned: Planned,
  { at, when }: { readonly at: number; readonly when: When },
  options: ExecuteOptions = {},
): Promise<Killed> {
  const log = new MemoryLog();
  let count = 0;
  let request = '';
  let die = (): void => undefined;
  const death = new Promise<boolean>((resolve) => {
    die = (): void => {
      resolve(true);
    };
  });
  const exchange: Exchange = async (sent) => {
    count += 1;
    if (count < at) return place.bench.exchange(sent);
    if (count === at) {
      request = `${sent.method} ${new URL(sent.url).pathname}`;
      if (when === 'after') await place.bench.exchange(sent);
      die();
    }
    // Nobody is there any more who would take the answer.
    return new Promise(() => undefined);
  };
  const run = place.carryOut(planned, { ...options, exchange, audit: log });
  const died = await Promise.race([death, run.then(() => false)]);
  return { died, open: openRunOf(log.records, true)?.intents ?? [], request, log };
}
