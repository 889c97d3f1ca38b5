/** Histories of objects that refer to each other, from seeds: a failure prints its story. */
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { tellStory } from './references.js';

const FIXED = 30;
const FRESH = 10;
const TOGETHER = 10;

async function failuresFrom(first: number): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (let seed = first; seed < first + TOGETHER; seed += 1) {
    const story = await tellStory(seed);
    if (story.violations.length > 0) failures.push(story);
  }
  return failures;
}

const count = Number(process.env['STRATEGOS_STORIES'] ?? FIXED);
it.each(Array.from({ length: count / TOGETHER }, (_, index) => 1 + index * TOGETHER))(
  'every promise holds in the stories from seed %d',
  async (first) => {
    expect(await failuresFrom(first)).toEqual([]);
  },
);

const begin = randomInt(1_000_000, 1_000_000_000);
it.each(Array.from({ length: FRESH / TOGETHER }, (_, index) => begin + index * TOGETHER))(
  'and in those from seed %d, which nobody has seen before',
  async (first) => {
    expect(await failuresFrom(first)).toEqual([]);
  },
);
