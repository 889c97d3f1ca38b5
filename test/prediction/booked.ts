/** Queues whose counts are those of the books, over so many quarters of an hour that chance is small. */
import { NO_FIGURES } from '../../src/core/metrics.js';
import { erlangA } from '../../src/prediction/erlang.js';
import type { MeasuredQueue } from '../../src/prediction/measured.js';

export const HANDLE = 240;
export const AGENTS = 10;
const [PATIENCE, WITHIN] = [180, 20];

export const books = (agents: number, perSecond: number) =>
  erlangA({ agents, handleSeconds: HANDLE, callsPerSecond: perSecond }, PATIENCE, WITHIN);

interface Booked {
  readonly perSecond: number;
  readonly quarters: number;
  readonly members?: readonly string[] | null;
}

export function bookedQueue(
  id: string,
  { perSecond, quarters, members = null }: Booked,
): MeasuredQueue {
  const { served, abandoned, waitSeconds } = books(AGENTS, perSecond);
  const offered = perSecond * 900;
  const handled = offered * (1 - abandoned);
  const part = {
    ...NO_FIGURES,
    offered,
    handled,
    answered: handled,
    abandoned: offered - handled,
    handleMs: handled * HANDLE * 1000,
    waitMs: offered * waitSeconds * 1000,
    judged: offered,
    inTime: offered * served,
  };
  const parts = Array.from({ length: quarters }, () => part);
  return { id, name: id, withinSeconds: WITHIN, slots: AGENTS, parts, members };
}
