/** The flow skeleton picks what the row of the data table asks for. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { JsonObject } from '../../src/core/json.js';
import { COLUMNS, rowOf } from '../../src/kinds/routing-strategy/row.js';
import { callFlow, DEFAULT_QUEUE, MOST_SKILLS } from '../../src/starter/flow.js';
import { problems, typeOf } from './architect.js';
import { call, type Row, type Transfer, type World } from './call.js';

const TEXT = callFlow({ table: 'Routing Strategies', strategy: 'example' });
const FLOW = parse(TEXT);
const QUEUES = Array.from({ length: 12 }, (_, index) => `Queue ${index + 1}`);

interface Target {
  readonly queue: string;
  readonly priority: number;
  readonly weight: number;
}

function row(targets: readonly Target[], more: JsonObject = {}): Row {
  const skills = { skills: [{ skill: 'Billing', required: true }] };
  const fields = { status: 'active', selection: skills, fallback: { queue: 'Queue 12' }, ...more };
  return rowOf('example', { ...fields, targets: targets.map((one) => ({ ...one })) }) as Row;
}

function world(one: Row | null, more: Partial<World> = {}): World {
  const rows = one === null ? {} : { example: one };
  return { rows, queues: QUEUES, skills: ['Billing'], draws: [0], ...more };
}

const queuesOf = (transfers: readonly Transfer[]): string[] => transfers.map(({ queue }) => queue);

/** The example of docs/call-flow.md. */
const TIERS: Target[] = [
  { queue: 'Queue 1', priority: 1, weight: 0.5 },
  { queue: 'Queue 2', priority: 1, weight: 0.3 },
  { queue: 'Queue 3', priority: 1, weight: 0.2 },
  { queue: 'Queue 4', priority: 2, weight: 1 },
];

const TWO_TIERS: Target[] = [
  ...TIERS.slice(0, 3),
  { queue: 'Queue 4', priority: 2, weight: 1 },
  { queue: 'Queue 5', priority: 2, weight: 1 },
];

describe('the call flow', () => {
  it('reads the columns that strategos writes, but for those that are not for flows', () => {
    const [route] = FLOW.inboundCall.tasks;
    const { dataTable } = route.task.actions[0].dataTableLookup;
    const read = Object.keys(dataTable['Routing Strategies'].foundOutputs);
    const written = COLUMNS.map(({ name }) => name);
    expect(written.filter((name) => !read.includes(name))).toEqual(['fallback_priority', 'spec']);
    expect(read.filter((name) => !written.includes(name))).toEqual([]);
  });

  it('says at its top that no org has seen it', () => {
    expect(TEXT.split('\n').slice(0, 12).join('\n')).toContain('not tried on a live org');
  });

  it('says everything in its place: no anchors, and no key that YAML 1.1 takes for a boolean', () => {
    expect(TEXT).not.toMatch(/[&*]a\d/);
    expect(TEXT).not.toMatch(/^ *(yes|no):/m);
  });

  it('picks the first target of the first tier whose share is above the draw', () => {
    const picked = (draw: number): string[] =>
      queuesOf(call(FLOW, world(row(TIERS), { draws: [draw] })));
    expect(picked(0)).toEqual(['Queue 1']);
    expect(picked(4999)).toEqual(['Queue 1']);
    expect(picked(5000)).toEqual(['Queue 2']);
    expect(picked(7999)).toEqual(['Queue 2']);
    expect(picked(8000)).toEqual(['Queue 3']);
    expect(picked(9999)).toEqual(['Queue 3']);
  });

  it('gives every queue of every tier its weight, also where queues above it are closed', () => {
    // The draw of a tier says nothing of the next: every pair of twentieths, 400 calls.
    const twentieths = Array.from({ length: 20 }, (_, part) => part * 500);
    const counted = (closed: readonly string[]): Record<string, number> => {
      const counts: Record<string, number> = {};
      for (const first of twentieths) {
        for (const second of twentieths) {
          const taken = call(FLOW, world(row(TWO_TIERS), { draws: [first, second], closed })).at(
            -1,
          );
          const queue = taken?.queue ?? '';
          counts[queue] = (counts[queue] ?? 0) + 1;
        }
      }
      return counts;
    };
    expect(counted([])).toEqual({ 'Queue 1': 200, 'Queue 2': 120, 'Queue 3': 80 });
    expect(counted(['Queue 1'])).toEqual({
      'Queue 2': 120,
      'Queue 3': 80,
      'Queue 4': 100,
      'Queue 5': 100,
    });
    expect(counted(['Queue 1', 'Queue 2', 'Queue 3'])).toEqual({
      'Queue 4': 200,
      'Queue 5': 200,
    });
  });

  it('goes on to the next tier, the fallback and its own queue when a transfer fails', () => {
    const closed = ['Queue 2', 'Queue 4', 'Queue 12'];
    const tried = call(FLOW, world(row(TIERS), { draws: [6000], closed }));
    expect(queuesOf(tried)).toEqual(['Queue 2', 'Queue 4', 'Queue 12', DEFAULT_QUEUE]);
    expect(tried.map(({ skills }) => skills)).toEqual([['Billing'], ['Billing'], ['Billing'], []]);
  });

  it('goes on in the same way when a queue is gone', () => {
    const queues = QUEUES.filter((name) => name !== 'Queue 1');
    expect(queuesOf(call(FLOW, world(row(TIERS), { queues })))).toEqual(['Queue 4']);
  });

  it('never picks a weight of 0, nor a tier that has no other', () => {
    const targets = [
      { queue: 'Queue 1', priority: 1, weight: 0 },
      { queue: 'Queue 2', priority: 2, weight: 0 },
      { queue: 'Queue 3', priority: 2, weight: 1 },
    ];
    expect(queuesOf(call(FLOW, world(row(targets))))).toEqual(['Queue 3']);
  });

  it('leaves a draft, an unknown strategy and one without targets to the default queue', () => {
    const draft = row(TIERS, { status: 'draft' });
    expect(queuesOf(call(FLOW, world(draft)))).toEqual([DEFAULT_QUEUE]);
    expect(queuesOf(call(FLOW, world(null)))).toEqual([DEFAULT_QUEUE]);
    const empty = row([], { fallback: null });
    expect(queuesOf(call(FLOW, world(empty)))).toEqual([DEFAULT_QUEUE]);
  });

  it('does not read slots beyond the number of targets', () => {
    const stale = { ...row(TIERS.slice(0, 1)), target_02_queue: 'Queue 9', target_02_share: 1 };
    const closed = ['Queue 1'];
    expect(queuesOf(call(FLOW, world(stale, { closed })))).toEqual(['Queue 1', 'Queue 12']);
  });

  it('asks for every required skill, up to as many as it has branches for', () => {
    const names = Array.from({ length: MOST_SKILLS + 1 }, (_, index) => `Skill ${index}`);
    const asked = (count: number, known = names): Transfer[] => {
      const skills = names.slice(0, count).map((skill) => ({ skill, required: true }));
      return call(FLOW, world(row(TIERS, { selection: { skills } }), { skills: known }));
    };
    for (let count = 0; count <= MOST_SKILLS; count += 1) {
      expect(asked(count)).toEqual([
        { queue: 'Queue 1', skills: names.slice(0, count), took: true },
      ]);
    }
    // Without a skill that is required nobody may get the call by way of the strategy.
    expect(queuesOf(asked(MOST_SKILLS + 1))).toEqual([DEFAULT_QUEUE]);
    expect(queuesOf(asked(2, ['Skill 0']))).toEqual([DEFAULT_QUEUE]);
  });

  it('tries what the shares of any strategy say', () => {
    const target = fc.record({
      priority: fc.integer({ min: 1, max: 4 }),
      weight: fc.constantFrom(0, 0.00001, 0.1, 0.3, 1, 2, 1000),
    });
    const targets = fc.array(target, { minLength: 1, maxLength: 10 });
    const draws = fc.array(fc.integer({ min: 0, max: 9999 }), { minLength: 5, maxLength: 5 });
    const index = fc.constantFrom(0 as const, 1 as const);
    fc.assert(
      fc.property(
        targets,
        draws,
        fc.subarray(QUEUES),
        index,
        (drawn, given, closed, firstIndex) => {
          const sorted = drawn
            .map((one, index) => ({ ...one, queue: QUEUES[index] ?? '' }))
            .sort((a, b) => a.priority - b.priority);
          const strategy = row(sorted);
          const tried = queuesOf(call(FLOW, world(strategy, { draws: given, closed, firstIndex })));
          expect(tried).toEqual(expectedQueues(strategy, given, closed));
        },
      ),
    );
  });
});

describe('the call flow with patience', () => {
  const patient = parse(
    callFlow({ table: 'Routing Strategies', strategy: 'example', patience: true }),
  );
  const tried = (waits: Record<string, number>): string[] =>
    queuesOf(call(patient, world(row(TIERS), { draws: [0], waits })));

  it('passes over a target whose wait is longer, and never the fallback', () => {
    expect(tried({ 'Queue 1': 119 })).toEqual(['Queue 1']);
    expect(tried({ 'Queue 1': 120 })).toEqual(['Queue 4']);
    expect(tried({ 'Queue 1': 600, 'Queue 4': 600, 'Queue 12': 900 })).toEqual(['Queue 12']);
  });
});

describe('Architect, as far as it can be asked offline', () => {
  const settings = { table: 'Routing Strategies', strategy: 'example' };

  it('takes every action and every expression of the skeleton, with patience or without', () => {
    expect(problems(FLOW)).toEqual([]);
    expect(problems(parse(callFlow({ ...settings, patience: true })))).toEqual([]);
  });

  it('refuses a flow that calls tasks, as the skeleton of 0.1.0 did', () => {
    const file = new URL('refused/called-tasks.yaml', import.meta.url);
    const found = problems(parse(readFileSync(file, 'utf8')));
    expect(found).toContain('Pick a queue: callTask: for inboundemail, not for inboundcall');
    expect(found).toContain('End task: endTask: for inboundemail, not for inboundcall');
  });

  const variables = new Map([
    ['Flow.Name', { code: 'str', isArray: false }],
    ['Flow.Number', { code: 'int', isArray: false }],
  ]);
  it.each([
    ['Flow.Numbr + 1', 'Flow.Numbr is no variable of the flow'],
    ['FindQueu(Flow.Name)', 'FindQueu is no function or operator'],
    ['FindQueue(Flow.Number)', 'FindQueue(int) has no such form'],
    ['Split(Flow.Name)', 'Split(str) has no such form'],
    ['Flow.Name < Flow.Number', '<(str, int) has no such form'],
    ['Flow.Name == Flow.Number', '==(str, int): of one type, all of them'],
    ['GetAt(MakeList(Flow.Name, Flow.Number), 0)', 'MakeList(str, int): of one type, all of them'],
    ['Flow.Number +', 'the end is no variable of the flow'],
    ['(Flow.Number', ') is expected in place of the end'],
    ['Flow.Number Flow.Number', 'unexpected Flow.Number'],
    ['Flow.Number ?? 1', 'not an expression from 11: Flow.Number ?? 1'],
  ])('refuses %s', (expression, why) => {
    expect(() => typeOf(expression, variables)).toThrow(why);
  });
});

/** The same in a few lines: what docs/call-flow.md says in words. */
function expectedQueues(one: Row, draws: readonly number[], closed: readonly string[]): string[] {
  const slots = Array.from({ length: Number(one['targets']) }, (_, index) => {
    const slot = `target_${String(index + 1).padStart(2, '0')}`;
    const [queue, priority] = [String(one[`${slot}_queue`]), Number(one[`${slot}_priority`])];
    return { queue, priority, share: Number(one[`${slot}_share`]) };
  });
  const tiers = [...new Set(slots.map(({ priority }) => priority))];
  const left = [...draws];
  const picked = tiers.flatMap((priority) => {
    const tier = slots.filter((slot) => slot.priority === priority);
    const queue = tier.find(({ share }) => (left[0] ?? 0) / 10_000 < share)?.queue;
    if (queue !== undefined) left.shift();
    return queue ?? [];
  });
  const inTurn = [...picked, String(one['fallback_queue']), DEFAULT_QUEUE];
  const taken = inTurn.findIndex((queue) => !closed.includes(queue));
  return inTurn.slice(0, taken + 1);
}
