/** A plan that leaves calls without agents says so, and is refused where nobody is left at all. */
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/types.js';
import { guardText } from '../../src/core/guard.js';
import { plainStyle } from '../../src/render/style.js';
import { planText } from '../../src/render/text.js';
import type { Exchange } from '../../src/genesys/transport.js';
import { faulty, refusal } from '../support/faults.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';
import { unhandledIn } from '../support/unhandled.js';

const QUEUE = (name: string, members: readonly string[], over: object = {}): string =>
  manifestOf('Queue', name, { members: members.map((one) => `${one}@example.com`), ...over });
const CALLS = (over: object = {}): string =>
  manifestOf('RoutingStrategy', 'calls', {
    selection: { skills: [{ skill: 'Voice', required: true }] },
    targets: [
      { queue: 'Beta', capacity: 5 },
      { queue: 'Gamma', capacity: 5 },
    ],
    ...over,
  });

const held = ({ guards }: Plan): string[] =>
  guards.filter(({ guard, passed }) => guard === 'agents' && !passed).map((one) => guardText(one));
const remarks = ({ changes }: Plan): string[] =>
  changes.flatMap(({ address, remarks: all = [] }) => all.map((one) => `${address}: ${one}`));

type Files = Readonly<Record<string, string>>;

/** Everything is live and ours; then a plan of the second files. */
async function planned(before: Files, after: Files, place: Many = on()): Promise<Plan> {
  await place.apply(before, { adopt: true });
  return (await place.plan({ ...before, ...after })).plan;
}
const on = (): Many => many(bench(ORG), 'strategies-api');

const ALL = {
  'b.yaml': QUEUE('Beta', ['ada', 'ben']),
  'g.yaml': QUEUE('Gamma', ['ben']),
  's.yaml': CALLS(),
};

describe('a queue that loses its agents', () => {
  it('is told beside its change where another queue of the strategy has some', async () => {
    const plan = await planned(ALL, { 'g.yaml': QUEUE('Gamma', []) });
    const text =
      'RoutingStrategy/calls sends calls to it, and nobody is left for them: the queue has no members';
    expect([held(plan), remarks(plan)]).toEqual([[], [`Queue/Gamma: ${text}`]]);
    expect(planText(plan, plainStyle)).toContain(text);
  });

  it('stops the plan where it was the last with an agent who has the skill', async () => {
    const plan = await planned(ALL, {
      'b.yaml': QUEUE('Beta', ['chi']),
      'g.yaml': QUEUE('Gamma', []),
    });
    expect(held(plan)).toEqual([
      'RoutingStrategy/calls would be left with nobody: queue "Beta": 0 of 1 agent have "Voice"; ' +
        'queue "Gamma": the queue has no members; pass --force or leave agents in one of its ' +
        'queues, or send its calls elsewhere in the same plan',
    ]);
  });

  it.each([
    ['a fallback with agents catches the calls', { fallback: { queue: 'Overflow' } }, 1],
    ['the manifest only wants to be warned', { checks: { skills: 'warn', capacity: 'warn' } }, 1],
    ['the manifest asks for no check', { checks: { skills: 'off', capacity: 'off' } }, 0],
    ['it takes no calls', { status: 'draft' }, 0],
  ])('is no reason to stop where %s', async (_, over, said) => {
    const one = { ...over, targets: [{ queue: 'Gamma', capacity: 5 }] };
    const plan = await planned(
      { 'g.yaml': ALL['g.yaml'], 's.yaml': CALLS(one) },
      { 'g.yaml': QUEUE('Gamma', ['chi']) },
    );
    expect([held(plan), remarks(plan).length]).toEqual([[], said]);
  });

  it('is the fallback, and is told as that', async () => {
    const one = { targets: [{ queue: 'Beta', capacity: 5 }], fallback: { queue: 'Gamma' } };
    const plan = await planned({ ...ALL, 's.yaml': CALLS(one) }, { 'g.yaml': QUEUE('Gamma', []) });
    expect([held(plan), remarks(plan)]).toEqual([
      [],
      [expect.stringContaining('sends calls to it, as its fallback, and nobody is left')],
    ]);
  });

  it('is where another overflows to', async () => {
    const over = { directRouting: { backupQueue: 'Gamma' } };
    const plan = await planned(
      { 'b.yaml': QUEUE('Beta', ['ada'], over), 'g.yaml': QUEUE('Gamma', ['ben']) },
      { 'g.yaml': QUEUE('Gamma', []) },
    );
    expect([held(plan), remarks(plan)]).toEqual([
      [],
      [
        'Queue/Gamma: what waits in Queue/Beta goes on to it, and nobody is left for them: the ' +
          'queue has no members',
      ],
    ]);
  });

  it('is nobody’s matter where nobody was there before, or its strategy leaves with them', async () => {
    const gone = await planned(ALL, {
      'g.yaml': QUEUE('Gamma', []),
      's.yaml': CALLS({ targets: [{ queue: 'Beta', capacity: 5 }] }),
    });
    expect([held(gone), remarks(gone)]).toEqual([[], []]);
    const place = on();
    const warned = { checks: { skills: 'warn' }, targets: [{ queue: 'Overflow', capacity: 5 }] };
    const never = await planned(
      { 'o.yaml': QUEUE('Overflow', ['chi']), 's.yaml': CALLS(warned) },
      { 'o.yaml': QUEUE('Overflow', []) },
      place,
    );
    expect([held(never), remarks(never)]).toEqual([[], []]);
  });

  it('is looked at whoever has the strategy', async () => {
    const place = on();
    await place.apply(ALL, { adopt: true });
    place.forget('RoutingStrategy/calls');
    const { plan } = await place.plan({
      'b.yaml': QUEUE('Beta', []),
      'g.yaml': QUEUE('Gamma', []),
    });
    expect(held(plan)).toHaveLength(1);
  });

  it('costs a request only where somebody goes', async () => {
    const place = on();
    await place.apply(ALL, { adopt: true });
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.plan({ ...ALL, 'g.yaml': QUEUE('Gamma', ['ben', 'ada']) }, { exchange });
    expect(sent.filter(({ path }) => path.includes('expand=skills'))).toEqual([]);
  });
});

it('members of one queue that cannot be read while those of others are end the plan', async () => {
  const place = on();
  const group = manifestOf('SkillGroup', 'Group', {
    skillConditions: [
      {
        operation: 'And',
        routingSkillConditions: [
          { routingSkill: 'Voice', comparator: 'GreaterThan', proficiency: 1 },
        ],
      },
    ],
  });
  const before = { ...ALL, 'b.yaml': QUEUE('Beta', ['ada'], { skillGroups: ['Group'] }) };
  await place.apply({ ...before, 'group.yaml': group }, { adopt: true });
  const beta = [...place.bench.org.queues.values()].find(({ name }) => name === 'Beta')?.id ?? '';
  let asked = 0;
  const exchange: Exchange = async (request) => {
    if (request.url.includes(`/queues/${beta}/members`) && request.url.includes('skills')) {
      asked += 1;
      return refusal(400, 'odd', 'No');
    }
    if (asked > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    return place.bench.exchange(request);
  };
  const after = {
    ...ALL,
    'b.yaml': QUEUE('Beta', ['ada'], { skillGroups: [] }),
    'group.yaml': group,
  };
  expect(await unhandledIn(async () => place.plan(after, { exchange }))).toEqual([]);
  expect(asked).toBe(1);
});
