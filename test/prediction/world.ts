/** A centre that is really played, by the simulator, and what a prediction is asked of it. */
import { NO_FIGURES, type Figures } from '../../src/core/metrics.js';
import type { Asked, Flow } from '../../src/prediction/measured.js';
import { createOrg, advance, type Org } from '../../src/simulator/org.js';
import type { Scenario } from '../bench/scenarios.js';

export const START_MS = Date.UTC(2026, 10, 2, 8);
export const HOUR_MS = 3_600_000;
const PART_MS = 900_000;

export interface Played {
  readonly org: Org;
  readonly ids: readonly string[];
}

export function opened(scenario: Scenario, seed: number): Played {
  const org = createOrg(scenario.org, { seed });
  advance(org, START_MS);
  return { org, ids: [...org.queues.keys()] };
}

/** Plays on until so many hours after the start; `weights` are those of our strategy from then on. */
export function playTo({ org }: Played, hours: number, weights?: readonly number[]): void {
  advance(org, START_MS + hours * HOUR_MS);
  if (weights === undefined) return;
  const id = org.strategyNames.get('shared') ?? '';
  const strategy = org.strategies.get(id)!;
  const targets = strategy.content.targets.map((one, index) => ({
    ...one,
    weight: weights[index] ?? one.weight,
  }));
  org.strategies.set(id, { ...strategy, content: { ...strategy.content, targets } });
}

/** What aggregates would say of a span, in hours after the start. */
export function figuresIn({ org }: Played, id: string, from: number, to: number): Figures[] {
  const count = Math.round(((to - from) * HOUR_MS) / PART_MS);
  const parts = Array.from({ length: count }, () => ({ ...NO_FIGURES }));
  const start = START_MS + from * HOUR_MS;
  const at = (ms: number): Mutable =>
    parts[Math.floor((ms - start) / PART_MS)] ?? { ...NO_FIGURES };
  for (const one of org.conversations) {
    if (one.queueId !== id) continue;
    const left = at(one.offeredAt + one.waitMs);
    at(one.offeredAt).offered += 1;
    left.judged += 1;
    if (one.end === 'abandoned') {
      left.abandoned += 1;
      left.gaveUpMs += one.waitMs;
      continue;
    }
    left.answered += 1;
    left.waitMs += one.waitMs;
    if (one.waitMs <= 20_000) left.inTime += 1;
    at(one.at).handled += 1;
    at(one.at).handleMs += one.handleMs;
  }
  return parts;
}

type Mutable = { -readonly [K in keyof Figures]: Figures[K] };

export function askedOf(
  played: Played,
  flows: readonly Flow[],
  [from, to]: readonly [number, number],
  seed = 'x',
): Asked {
  const { org, ids } = played;
  const queues = ids.map((id) => {
    const queue = org.queues.get(id)!;
    const present = queue.memberIds.filter((one) => org.users.get(one)?.status !== 'offQueue');
    return {
      id,
      name: queue.name,
      withinSeconds: 20,
      slots: present.length,
      parts: figuresIn(played, id, from, to),
      members: [...queue.memberIds],
    };
  });
  return { queues, flows, seed };
}
