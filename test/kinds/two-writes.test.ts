/**
 * Changes of a queue that take two writes of the queue itself: whatever becomes of the answer to one
 * of them, the other is made, and nobody else is said to have been at work.
 */
import { describe, expect, it } from 'vitest';
import { faulty, html, type Fault, type Mishap } from '../support/faults.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

type Files = Readonly<Record<string, string>>;

const queue = (spec: object, name = 'Bills', previously?: string): string => {
  const text = manifestOf('Queue', name, spec);
  return previously === undefined
    ? text
    : text.replace('metadata:', `metadata:\n  previously: ${previously}`);
};
const GROUP = manifestOf('SkillGroup', 'Voices', {
  skillConditions: [
    {
      operation: 'And',
      routingSkillConditions: [{ routingSkill: 'Voice', comparator: 'EqualTo', proficiency: 5 }],
    },
  ],
});
const RING = { expandAfterSeconds: 5 };
const CASES: Readonly<Record<string, readonly [before: Files, after: Files]>> = {
  'moves to another division': [
    { 'q.yaml': queue({ division: 'Home' }) },
    { 'q.yaml': queue({ division: 'North' }) },
  ],
  'moves to another division, and is described otherwise': [
    { 'q.yaml': queue({ division: 'Home', description: 'a' }) },
    { 'q.yaml': queue({ division: 'North', description: 'b' }) },
  ],
  'moves to another division, and gets another name': [
    { 'q.yaml': queue({ division: 'Home' }) },
    { 'q.yaml': queue({ division: 'North' }, 'Invoices', 'Bills') },
  ],
  'loses a ring that has groups': [
    {
      's.yaml': GROUP,
      'q.yaml': queue({ rings: [RING, RING, { ...RING, skillGroups: ['Voices'] }] }),
    },
    { 's.yaml': GROUP, 'q.yaml': queue({ rings: [RING, { expandAfterSeconds: 8 }] }) },
  ],
};
const MISHAPS: Readonly<Record<string, Mishap>> = {
  'never arrives': { lost: 'before' },
  'gets no answer': { lost: 'after' },
  'is answered by a proxy': { mangle: () => html(503) },
};

async function started(before: Files): Promise<Many> {
  const north = { name: 'Northern', division: 'North' };
  const place = many(bench({ ...ORG, queues: [...(ORG.queues ?? []), north] }), 'datatable');
  await place.apply(before);
  return place;
}

describe.each(Object.entries(CASES))('a queue that %s', (_, [before, after]) => {
  it.each(Object.entries(MISHAPS))('is as it was to be where a write %s', async (__, does) => {
    for (const nth of [1, 2]) {
      const place = await started(before);
      // The second is a PUT as well, or the move to a division.
      const faults: Fault[] = [
        { method: 'PUT', path: /\/routing\/queues\/[^/]+$/, nth, does },
        ...(nth === 1 ? [] : [{ method: 'POST', path: /\/objects\/QUEUE$/, does }]),
      ];
      const { exchange } = faulty(place.bench.exchange, faults);
      const { outcomes } = await place.apply(after, { exchange });
      expect(outcomes.map(({ state, message }) => [state, message])).toEqual([['updated', '']]);
      const { plan, chores } = await place.plan(after);
      expect([plan.changes, chores]).toEqual([[], []]);
    }
  });

  it('is left where somebody has been at work between the two', async () => {
    const place = await started(before);
    let puts = 0;
    const { outcomes } = await place.carryOut(await place.plan(after), {
      exchange: async (request) => {
        if (request.method !== 'PUT' || !/\/routing\/queues\//.test(request.url) || puts > 0) {
          return place.bench.exchange(request);
        }
        puts += 1;
        await place.bench.exchange(request);
        const path = new URL(request.url).pathname;
        const { body } = await place.bench.reader().get(path);
        await place.send('PUT', path, { ...body, enableTranscription: true });
        return html(503);
      },
    });
    expect(outcomes.map(({ state }) => state)).toEqual(['stale']);
  });
});
