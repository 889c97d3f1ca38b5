import { expect, it } from 'vitest';
import { planDocument } from '../../src/core/plan-document.js';
import type { Plan } from '../../src/core/types.js';

/** Nothing of a plan but what is counted. */
const planOf = (count: number): Plan =>
  ({ changes: Array.from({ length: count }, (_, index) => ({ index })) }) as unknown as Plan;

it.each([
  [0, 4],
  [1, 8],
  [500, 1505],
  [501, 2],
  [5000, 2],
])('a plan of %i changes has %i lines, and says the same', (count, lines) => {
  const text = planDocument(planOf(count));
  expect(text.split('\n').length).toBe(lines);
  expect(text.endsWith('}\n')).toBe(true);
  expect(JSON.parse(text)).toEqual(planOf(count));
});
