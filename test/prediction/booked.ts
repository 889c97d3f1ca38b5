/** Queues whose counts are those of the books, over so many quarters of an hour that chance is small. */
import { NO_FIGURES } from '../../src/core/metrics.js';
import { erlangA } from '../../src/prediction/erlang.js';
import type { MeasuredQueue } from '../../src/prediction/measured.js';

export const HANDLE = 240;
export const AGENTS = 10;
export const [PATIENCE, WITHIN] = [180, 20];

export const books = (agents: number, perSecond: number) =>
  erlangA({ agents, handleSeconds: HANDLE, callsPerSecond: perSecond }, PATIENCE, WITHIN);

interface Booked {
  readonly perSecond: number;
  readonly quarters: number;
  readonly members?: readonly string[] | null;
  /** As above unless said. */
  readonly agents?: number;
  readonly handleSeconds?: number;
}

export function bookedQueue(
  id: string,
  { perSecond, quarters, members = null, agents = AGENTS, handleSeconds = HANDLE }: Booked,
): MeasuredQueue {
  const line = { agents, handleSeconds, callsPerSecond: perSecond };
  const { served, abandoned, waitSeconds } = erlangA(line, PATIENCE, WITHIN);
  const offered = perSecond * 900;
  const handled = offered * (1 - abandoned);
  const part = {
    ...NO_FIGURES,
    offered,
    handled,
    answered: handled,
    abandoned: offered - handled,
    handleMs: handled * handleSeconds * 1000,
    waitMs: offered * waitSeconds * 1000,
    judged: offered,
    inTime: offered * served,
  };
  const parts = Array.from({ length: quarters }, () => part);
  return { id, name: id, withinSeconds: WITHIN, slots: agents, parts, members };
}
