/** Manifests × org → what a person reads: the comparison through its rendered plan. */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import { planText } from '../../src/render/text.js';
import { plainStyle } from '../../src/render/style.js';
import { changesText, planFor, strategy, verdictsOf, type Scene } from '../support/plans.js';

const tier = (n: number, rest: JsonObject = {}): JsonObject => ({
  ...{ queue: `Tier ${n}`, priority: 1, weight: 1, capacity: 10, ...rest },
});
const org = (raw: JsonObject, name = 'a'): Scene['org'][number] => ({ name, raw });
const TWO = { targets: [tier(1), tier(2)] };
const ONE_TARGET = 'targets: [{ queue: Tier 1, capacity: 10 }]';
const TWO_TARGETS = `targets:
  - { queue: Tier 1, capacity: 10 }
  - { queue: Tier 2, capacity: 10 }
`;
const totals = (create: number, change: number, gone: number, unchanged: number): string =>
  `Plan: ${create} to create, ${change} to change, ${gone} to delete, 0 to adopt; ` +
  `${unchanged} unchanged.`;

interface Case extends Scene {
  readonly of: string;
  readonly text: string;
}

const updated = (lines: string): string =>
  `~ update RoutingStrategy/a\n${lines.replace(/^/gm, '    ')}\n\n${totals(0, 1, 0, 0)}`;
const one = (of: string, spec: string, raw: JsonObject, lines: string): Case => ({
  ...{ of, manifests: [strategy('a', spec)], org: [org(raw)], text: updated(lines) },
});
const same = (of: string, spec: string, raw: JsonObject): Case => ({
  ...{ of, manifests: [strategy('a', spec)], org: [org(raw)], text: totals(0, 0, 0, 1) },
});

const WHOLE: readonly Case[] = [
  {
    of: 'nothing anywhere',
    ...{ manifests: [], org: [], text: totals(0, 0, 0, 0) },
  },
  {
    of: 'a strategy that the org does not have, every default spelled out',
    manifests: [strategy('a', `${ONE_TARGET}\nfallback: { queue: Overflow }`)],
    org: [],
    text: `+ create RoutingStrategy/a
    status: active                                               a.yaml:4
    targets["Tier 1"]: { priority: 1, weight: 1, capacity: 10 }  a.yaml:5
    fallback: { queue: Overflow, priority: 99, weight: 0.1 }     a.yaml:6

${totals(1, 0, 0, 0)}`,
  },
  {
    of: 'a create that says that there is no fallback and no skill',
    manifests: [strategy('a', `${ONE_TARGET}\nfallback: null\nselection: { skills: [] }`)],
    org: [],
    text: `+ create RoutingStrategy/a
    status: active                                               a.yaml:4
    targets["Tier 1"]: { priority: 1, weight: 1, capacity: 10 }  a.yaml:5
    fallback: none                                               a.yaml:6

${totals(1, 0, 0, 0)}`,
  },
  {
    of: 'prune on: a live strategy without a manifest goes, with all that it was',
    manifests: [],
    org: [org({ ...TWO, fallback: { queue: 'Overflow' } })],
    text: `- delete RoutingStrategy/a
    status: active
    targets["Tier 1"]: { priority: 1, weight: 1, capacity: 10 }
    targets["Tier 2"]: { priority: 1, weight: 1, capacity: 10 }
    fallback: { queue: Overflow, priority: 99, weight: 0.1 }

${totals(0, 0, 1, 0)}`,
  },
  {
    of: 'prune off: it stays, and is not counted as unchanged either',
    ...{ manifests: [], org: [org(TWO)], prune: false, text: totals(0, 0, 0, 0) },
  },
  {
    of: 'scope: what is not named is neither changed, deleted nor counted',
    manifests: [strategy('a', ONE_TARGET), strategy('b', ONE_TARGET)],
    org: [org(TWO, 'a'), org(TWO, 'b'), org(TWO, 'c')],
    scope: ['b'],
    text: `~ update RoutingStrategy/b
    targets["Tier 2"]: { priority: 1, weight: 1, capacity: 10 } → (removed)  a.yaml:11

${totals(0, 1, 0, 0)}`,
  },
  {
    of: 'scope on a strategy that only the org has: it goes',
    manifests: [strategy('a', ONE_TARGET)],
    org: [org(TWO, 'a'), org({ targets: [tier(3)] }, 'c')],
    scope: ['c'],
    text: `- delete RoutingStrategy/c
    status: active
    targets["Tier 3"]: { priority: 1, weight: 1, capacity: 10 }
    fallback: none

${totals(0, 0, 1, 0)}`,
  },
  {
    of: 'deletes first, then updates, then creates; by name',
    manifests: [
      strategy('b', TWO_TARGETS),
      strategy('a', 'targets: [{queue: Sales, capacity: 1}]'),
    ],
    org: [org({ targets: [tier(1), tier(2, { capacity: 9 })] }, 'b')].concat(
      ['z', 'y'].map((name) => org({ targets: [tier(3)] }, name)),
    ),
    text: `- delete RoutingStrategy/y
    status: active
    targets["Tier 3"]: { priority: 1, weight: 1, capacity: 10 }
    fallback: none

- delete RoutingStrategy/z
    status: active
    targets["Tier 3"]: { priority: 1, weight: 1, capacity: 10 }
    fallback: none

~ update RoutingStrategy/b
    targets["Tier 2"].capacity: 9 → 10  a.yaml:7

+ create RoutingStrategy/a
    status: active                                             a.yaml:12
    targets["Sales"]: { priority: 1, weight: 1, capacity: 1 }  a.yaml:13

${totals(1, 1, 2, 0)}`,
  },
];

const FIELDS: readonly Case[] = [
  one('status', `status: draft\n${TWO_TARGETS}`, TWO, 'status: active → draft  a.yaml:5'),
  one(
    'a failed strategy is activated again; the default has the line of its parent',
    TWO_TARGETS,
    { ...TWO, status: 'failed' },
    'status: failed → active  a.yaml:4',
  ),
  one(
    'weight',
    'targets: [{ queue: Tier 1, weight: 0.25, capacity: 10 }]',
    { targets: [tier(1)] },
    'targets["Tier 1"].weight: 1 → 0.25  a.yaml:5',
  ),
  one(
    'capacity and weight of one target',
    'targets:\n  - queue: Tier 1\n    capacity: 11\n    weight: 0\n  - { queue: Tier 2, capacity: 10 }',
    TWO,
    'targets["Tier 1"].weight: 1 → 0      a.yaml:8\n' +
      'targets["Tier 1"].capacity: 10 → 11  a.yaml:7',
  ),
  one(
    'a priority; that the target moves with it goes without saying',
    'targets:\n  - { queue: Tier 1, priority: 2, capacity: 10 }\n  - { queue: Tier 2, capacity: 10 }',
    TWO,
    'targets["Tier 1"].priority: 1 → 2  a.yaml:6',
  ),
  one(
    'a priority, and a change of places that it does not explain',
    `targets:
  - { queue: Tier 3, capacity: 10 }
  - { queue: Tier 2, capacity: 10 }
  - { queue: Tier 1, priority: 2, capacity: 10 }`,
    { targets: [tier(1), tier(2), tier(3)] },
    'targets["Tier 1"].priority: 1 → 2' +
      `${' '.repeat(41)}a.yaml:8\n` +
      'targets (order): ["Tier 1", "Tier 2", "Tier 3"] → ' +
      '["Tier 3", "Tier 2", "Tier 1"]  a.yaml:5',
  ),
  one(
    'a target added',
    `${TWO_TARGETS}  - { queue: Tier 3, priority: 3, weight: 0.5, capacity: 4 }`,
    TWO,
    'targets["Tier 3"]: (absent) → { priority: 3, weight: 0.5, capacity: 4 }  a.yaml:8',
  ),
  one(
    'a target removed',
    ONE_TARGET,
    TWO,
    'targets["Tier 2"]: { priority: 1, weight: 1, capacity: 10 } → (removed)  a.yaml:5',
  ),
  one(
    'a target replaced',
    'targets: [{ queue: Tier 3, capacity: 10 }]',
    { targets: [tier(1)] },
    'targets["Tier 1"]: { priority: 1, weight: 1, capacity: 10 } → (removed)  a.yaml:5\n' +
      'targets["Tier 3"]: (absent) → { priority: 1, weight: 1, capacity: 10 }   a.yaml:5',
  ),
  one(
    'targets that trade places at one priority',
    'targets:\n  - { queue: Tier 2, capacity: 10 }\n  - { queue: Tier 1, capacity: 10 }',
    TWO,
    'targets (order): ["Tier 1", "Tier 2"] → ["Tier 2", "Tier 1"]  a.yaml:5',
  ),
  one(
    'a queue that the org holds twice: the second one goes, and is seen to go',
    ONE_TARGET,
    { targets: [tier(1), tier(1, { weight: 0.5 })] },
    'targets["Tier 1"] #2: { priority: 1, weight: 0.5, capacity: 10 } → (removed)  a.yaml:5',
  ),
  one(
    'a skill asked for',
    `${TWO_TARGETS}selection: { skills: [{ skill: Billing, required: false }] }`,
    TWO,
    'selection.skills["Billing"]: (absent) → { required: false }  a.yaml:8',
  ),
  one(
    'a skill no longer required',
    `${TWO_TARGETS}selection: { skills: [{ skill: Sales, required: false }] }`,
    { ...TWO, selection: { skills: [{ skill: 'Sales' }] } },
    'selection.skills["Sales"].required: true → false  a.yaml:8',
  ),
  one(
    'skills emptied',
    `${TWO_TARGETS}selection: { skills: [] }`,
    { ...TWO, selection: { skills: [{ skill: 'Sales' }] } },
    'selection.skills["Sales"]: { required: true } → (removed)  a.yaml:8',
  ),
  one(
    'a fallback where there was none',
    `${TWO_TARGETS}fallback: { queue: Overflow, weight: 0.2 }`,
    TWO,
    'fallback: none → { queue: Overflow, priority: 99, weight: 0.2 }  a.yaml:8',
  ),
  one(
    'fallback: null empties it',
    `${TWO_TARGETS}fallback: null`,
    { ...TWO, fallback: { queue: 'Overflow' } },
    'fallback: { queue: Overflow, priority: 99, weight: 0.1 } → none  a.yaml:8',
  ),
  one(
    'another fallback queue',
    `${TWO_TARGETS}fallback: { queue: Overflow }`,
    { ...TWO, fallback: { queue: 'Sales' } },
    'fallback.queue: Sales → Overflow  a.yaml:8',
  ),
  one(
    'a queue that only its id tells apart',
    'targets: [{ queue: { id: t2 }, capacity: 3 }]',
    { targets: [{ queue: { id: 't1' }, capacity: 3 }] },
    'targets["id:t1"]: { priority: 1, weight: 1, capacity: 3 } → (removed)  a.yaml:5\n' +
      'targets["id:t2"]: (absent) → { priority: 1, weight: 1, capacity: 3 }   a.yaml:5',
  ),
];

const UNCHANGED: readonly Case[] = [
  same('defaults on one side only', ONE_TARGET, { targets: [{ queue: 'Tier 1', capacity: 10 }] }),
  same('a queue by name here and by id there', 'targets: [{ queue: { id: q1 }, capacity: 10 }]', {
    targets: [tier(1)],
  }),
  same('selection and fallback that the manifest leaves out', TWO_TARGETS, {
    ...TWO,
    selection: { skills: [{ skill: 'Sales' }] },
    fallback: { queue: 'Overflow' },
  }),
  same(
    'priorities in another order in the file',
    'targets:\n  - { queue: Tier 2, priority: 2, capacity: 10 }\n  - { queue: Tier 1, capacity: 10 }',
    { targets: [tier(1), tier(2, { priority: 2 })] },
  ),
  same(
    'skills in another order',
    `${TWO_TARGETS}selection: { skills: [{ skill: Sales }, { skill: Billing }] }`,
    { ...TWO, selection: { skills: [{ skill: 'Billing' }, { skill: 'Sales' }] } },
  ),
  same('an empty selection where the org has none', `${TWO_TARGETS}selection: { skills: [] }`, TWO),
  same('no fallback where the org has none', `${TWO_TARGETS}fallback: null`, TWO),
];

const optimized = (bounds: string): string =>
  `${TWO_TARGETS}optimizer: { policy: inverse-occupancy${bounds} }`;
const weights = (a: number, b: number): JsonObject => ({
  targets: [tier(1, { weight: a }), tier(2, { weight: b })],
});

const CONCEDED: readonly Case[] = [
  same('live weights within the bounds', optimized(', bounds: { min: 0.2, max: 0.9 }'), {
    ...weights(0.2, 0.9),
  }),
  one(
    'one weight below, one above the bounds',
    optimized(', bounds: { min: 0.2, max: 2 }'),
    weights(0.19, 2.01),
    'targets["Tier 1"].weight: 0.19 → 1  a.yaml:6\n' +
      'targets["Tier 2"].weight: 2.01 → 1  a.yaml:7',
  ),
  same('bounds left out: 0.1 to 1, as the schema says', optimized(''), weights(0.1, 1)),
  one(
    'outside the bounds that the schema gives by default',
    optimized(''),
    weights(0.09, 5),
    'targets["Tier 1"].weight: 0.09 → 1  a.yaml:6\n' +
      'targets["Tier 2"].weight: 5 → 1     a.yaml:7',
  ),
  one(
    'a capacity is never the optimizer’s; the weight beside it stays conceded',
    optimized(', bounds: { min: 0.1, max: 1 }'),
    { targets: [tier(1, { weight: 0.3, capacity: 9 }), tier(2)] },
    'targets["Tier 1"].capacity: 9 → 10  a.yaml:6',
  ),
  one(
    'without an optimizer the weight is as written',
    TWO_TARGETS,
    weights(0.5, 1),
    'targets["Tier 1"].weight: 0.5 → 1  a.yaml:6',
  ),
];

describe.each([
  ['strategies that come and go', WHOLE],
  ['each field of an update', FIELDS],
  ['what is not a difference', UNCHANGED],
  ['weights under an optimizer', CONCEDED],
])('%s', (_name, cases) => {
  it.each(cases)('$of', ({ text, ...scene }) => {
    expect(changesText(scene)).toBe(text);
  });
});

describe('compare', () => {
  it('gives one verdict for every address within scope, by address', () => {
    const verdicts = verdictsOf({
      manifests: [strategy('b', TWO_TARGETS), strategy('c', ONE_TARGET), strategy('a', ONE_TARGET)],
      org: [org(TWO, 'd'), org(TWO, 'c'), org(TWO, 'b')],
      prune: false,
    });
    const seen = verdicts.map((one) => [
      one.is,
      'desired' in one ? one.desired.name : one.live.name,
    ]);
    expect(seen).toEqual([
      ['create', 'a'],
      ['unchanged', 'b'],
      ['update', 'c'],
      ['unmanaged', 'd'],
    ]);
  });

  it('keeps what the manifest leaves out in the result of an update', () => {
    const { changes } = planFor({
      manifests: [strategy('a', ONE_TARGET)],
      org: [org({ ...TWO, fallback: { queue: 'Overflow' }, selection: { skills: [] } })],
    });
    expect(changes[0]?.after).toEqual({
      status: 'active',
      selection: { skills: [] },
      targets: [tier(1)],
      fallback: { queue: 'Overflow', priority: 99, weight: 0.1 },
    });
  });

  it('says what the scope is, and that the rest was not looked at', () => {
    const scene = { manifests: [strategy('a', ONE_TARGET)], org: [org(TWO)], scope: ['a'] };
    const [, scope] = planText(planFor(scene), plainStyle).split('\n');
    expect(scope).toBe('Only a; everything else is out of scope.');
  });
});
