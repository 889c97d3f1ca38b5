/** Very many changes: those that move most are played, the others are said by the books. */
import { describe, expect, it } from 'vitest';
import type { Asked, Flow, MeasuredQueue } from '../../src/prediction/measured.js';
import { predict } from '../../src/prediction/predict.js';
import { AGENTS, bookedQueue, books, HANDLE } from './booked.js';
import { flowOf, waysOf } from './ways.js';

const NOW = 8 / HANDLE;

/** Of the first the change is the smallest. */
function many(shared = false): Asked {
  const flows: Flow[] = [];
  const queues: MeasuredQueue[] = [];
  for (let at = 0; at < 42; at += 1) {
    const ids = [`a${at}`, `b${at}`];
    const members = ids.map((id) => Array.from({ length: AGENTS }, (_, one) => `${id} ${one}`));
    if (shared && at === 0) members[1]![0] = members[0]![0]!;
    queues.push(
      ...ids.map((id, index) =>
        bookedQueue(id, { perSecond: NOW, quarters: 100, members: members[index]! }),
      ),
    );
    const after = waysOf(ids, [1, 0.8 - 0.001 * at]);
    flows.push(flowOf(waysOf(ids, [1, 1]), after, { address: `RoutingStrategy/${at}` }));
  }
  return { queues, flows, seed: 'x' };
}

describe('of 42 changes', () => {
  const found = predict(many());

  it('the two that move least are said by the books, and marked', () => {
    expect(found.map(({ byBooks }) => byBooks === true)).toEqual(
      found.map((_, index) => index < 2),
    );
  });

  it('what the books say is what is played, and what they are', () => {
    const [said, played] = [found[0]!, found[2]!];
    expect(said.refused).toBeNull();
    const truth = books(AGENTS, (NOW * 2) / 1.8).served - books(AGENTS, NOW).served;
    expect(Math.abs(said.queues[0]!.served.difference - truth)).toBeLessThan(0.02);
    said.queues.forEach(({ served }, index) => {
      const other = played.queues[index]!.served;
      expect(Math.abs(served.difference - other.difference)).toBeLessThan(0.04);
      expect(served.hourHigh - served.hourLow).toBeGreaterThan(0.1);
      expect(served.differenceHigh - served.differenceLow).toBeLessThan(
        served.hourHigh - served.hourLow,
      );
    });
  });

  it('where agents are in two queues nothing is said beyond those that are played', () => {
    const [first] = predict({ ...many(true), mostRuns: 8 });
    expect(first?.refused).toBe('40 changes are played, those that move most');
  });
});
