/** Manifests × org → what a person reads: the comparison through its rendered plan. */
import { describe, expect, it } from 'vitest';
import { addressOf, type Verdict } from '../../src/core/compare.js';
import { objectName } from '../../src/core/outcome.js';
import type { JsonObject } from '../../src/core/json.js';
import type { StateRecord } from '../../src/core/state.js';
import { OTHER, OWNER, recordOf } from '../support/owned.js';
import { planText } from '../../src/render/text.js';
import { plainStyle } from '../../src/render/style.js';
import { changesText, planFor, strategy, verdictsOf, type Scene } from '../support/plans.js';
import { tier, org, TWO, ONE_TARGET, totals, type Case, one, content } from './compare-scene.js';

const TWO_TARGETS = `targets:
  - { queue: Tier 1, capacity: 10 }
  - { queue: Tier 2, capacity: 10 }
`;
const same = (of: string, spec: string, raw: JsonObject): Case => ({
  of,
  manifests: [strategy('a', spec)],
  org: [org(raw)],
  text: totals(0, 0, 0, 1),
});

const WHOLE: readonly Case[] = [
  {
    of: 'nothing anywhere',
    manifests: [],
    org: [],
    text: totals(0, 0, 0, 0),
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
    manifests: [],
    org: [org(TWO)],
    prune: false,
    text: totals(0, 0, 0, 0),
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
    of: 'deletes stand first, then what is made, by name where nothing refers to another',
    manifests: [
      strategy('b', TWO_TARGETS),
      strategy('a', 'targets: [{queue: Sales, capacity: 1}]'),
    ],
    org: [org({ targets: [tier(1), tier(2, { capacity: 9 })] }, 'b')].concat(
      ['z', 'y'].map((name) => org({ targets: [tier(3)] }, name)),
    ),
    text: `Deletes stand first and are made last; all else is made in this order.

- delete RoutingStrategy/y
    status: active
    targets["Tier 3"]: { priority: 1, weight: 1, capacity: 10 }
    fallback: none

- delete RoutingStrategy/z
    status: active
    targets["Tier 3"]: { priority: 1, weight: 1, capacity: 10 }
    fallback: none

+ create RoutingStrategy/a
    status: active                                             a.yaml:12
    targets["Sales"]: { priority: 1, weight: 1, capacity: 1 }  a.yaml:13

~ update RoutingStrategy/b
    targets["Tier 2"].capacity: 9 → 10  a.yaml:7

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
    const seen = verdicts.map((one) => [one.is, objectName(addressOf(one))]);
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

  it('says of a scope of thousands the first ones', () => {
    const scene = { manifests: [strategy('a', ONE_TARGET)], org: [org(TWO)] };
    const scope = Array.from({ length: 5000 }, (_, nth) => `Queue/${nth}`);
    const [, line] = planText({ ...planFor(scene), scope }, plainStyle).split('\n');
    expect(line).toMatch(/^Only Queue\/0, .*, Queue\/9 and 4990 more; everything else is out/);
  });
});
const claim = (applied: JsonObject | null): Partial<StateRecord> => ({ id: null, applied });
const ELSEWHERE = { name: OWNER.name, environment: 'another' };

interface Holding {
  readonly of: string;
  /** Capacity that the manifest gives the target, 10 being what the org has; null: no manifest. */
  readonly git: number | null;
  readonly live: boolean;
  /** `null`: none. */
  readonly record: Partial<StateRecord> | null;
  readonly prune?: boolean;
  /** Adoption is asked for. */
  readonly adopt?: boolean;
  readonly is: Verdict['is'] | 'nothing';
  /** Of what is unchanged. */
  readonly owned?: boolean;
  /** What the verdict knows of the last apply. */
  readonly applied?: JsonObject | null;
}

const HOLDINGS: readonly Holding[] = [
  { of: 'nobody has a record of it', git: 11, live: true, record: null, is: 'adopt' },
  {
    of: 'nobody has a record of it, and it is as declared',
    git: 10,
    live: true,
    record: null,
    is: 'unchanged',
    owned: false,
  },
  {
    of: 'as declared, and it shall be ours',
    git: 10,
    live: true,
    record: null,
    adopt: true,
    is: 'adopt',
    applied: null,
  },
  { of: 'ours, edited in git', git: 11, live: true, record: {}, is: 'update' },
  {
    of: 'ours, and it is known what was applied',
    git: 11,
    live: true,
    is: 'update',
    record: { applied: content(1) },
    applied: content(1),
  },
  {
    of: 'ours and as declared',
    git: 10,
    live: true,
    record: {},
    is: 'unchanged',
    owned: true,
  },
  {
    of: 'ours and as declared, with a word too many',
    git: 10,
    live: true,
    record: {},
    adopt: true,
    is: 'unchanged',
    owned: true,
  },
  { of: 'of another repository', git: 11, live: true, record: { owner: OTHER }, is: 'foreign' },
  {
    of: 'of another environment',
    git: 11,
    live: true,
    is: 'foreign',
    record: { owner: ELSEWHERE },
  },
  { of: 'foreign though equal', git: 10, live: true, record: { owner: OTHER }, is: 'foreign' },
  { of: 'in git alone', git: 11, live: false, record: null, is: 'create', applied: null },
  {
    of: 'ours, and somebody deleted it in the org',
    git: 11,
    live: false,
    is: 'create',
    record: { applied: content(1) },
    applied: content(1),
  },
  {
    of: 'claimed, and never made',
    git: 11,
    live: false,
    is: 'create',
    record: claim(content(1)),
    applied: null,
  },
  { of: 'the name is another’s', git: 11, live: false, record: { owner: OTHER }, is: 'foreign' },
  {
    of: 'another’s claim of the very same',
    git: 11,
    live: true,
    is: 'foreign',
    record: { ...claim(content(1)), owner: OTHER },
  },
  {
    of: 'claimed, and made by a run that did not live to say so',
    git: 11,
    live: true,
    record: claim(content(1)),
    is: 'update',
    applied: content(1),
  },
  {
    of: 'claimed, made, and still a draft: the state is no content',
    git: 11,
    live: true,
    record: claim({ ...content(1), status: 'draft' }),
    is: 'update',
    applied: { ...content(1), status: 'draft' },
  },
  {
    of: 'claimed by a manifest that left the rest to the org',
    git: 10,
    live: true,
    record: claim({ status: 'active', targets: [tier(1)] }),
    is: 'unchanged',
    owned: true,
  },
  {
    of: 'claimed, and somebody else made another of the name',
    git: 11,
    live: true,
    record: claim(content(2)),
    is: 'adopt',
    applied: null,
  },
  {
    of: 'claimed, and nobody knows for what',
    git: 11,
    live: true,
    record: claim(null),
    is: 'adopt',
    applied: null,
  },
  { of: 'undeclared, without a record', git: null, live: true, record: null, is: 'stranger' },
  {
    of: 'undeclared and another’s',
    git: null,
    live: true,
    is: 'stranger',
    record: { owner: OTHER },
  },
  {
    of: 'undeclared, claimed, and not what was claimed',
    git: null,
    live: true,
    record: claim(content(2)),
    is: 'stranger',
  },
  {
    of: 'undeclared, claimed and made',
    git: null,
    live: true,
    record: claim(content(1)),
    is: 'delete',
    applied: content(1),
  },
  { of: 'undeclared and ours', git: null, live: true, record: {}, is: 'delete' },
  {
    of: 'undeclared and ours, prune off',
    git: null,
    live: true,
    record: {},
    prune: false,
    is: 'unmanaged',
  },
  {
    of: 'undeclared and nobody’s, prune off',
    git: null,
    live: true,
    record: null,
    prune: false,
    is: 'stranger',
  },
  { of: 'a record that has outlived all', git: null, live: false, record: {}, is: 'nothing' },
];

describe('whose an object is', () => {
  const to = (capacity: number): string =>
    strategy('a', `targets: [{ queue: Tier 1, capacity: ${capacity} }]`);

  it.each(HOLDINGS)('$of: $is', ({ git, live, record, is, applied, owned, ...policy }) => {
    const [verdict, ...others] = verdictsOf({
      manifests: git === null ? [] : [to(git)],
      org: live ? [{ ...org({ targets: [tier(1)] }), record }] : [],
      records: record === null ? [] : [recordOf('RoutingStrategy/a', record)],
      ...policy,
    });
    expect(verdict?.is ?? 'nothing').toBe(is);
    expect(others).toEqual([]);
    if (owned !== undefined) expect(verdict).toMatchObject({ owned });
    if (applied !== undefined) expect(verdict).toMatchObject({ applied });
  });

  it('is asked for also by the manifest itself', () => {
    const asking = to(10).replace('metadata: {', '$& adopt: true,');
    const org = [{ name: 'a', raw: { targets: [tier(1)] }, record: null }];
    expect(verdictsOf({ manifests: [asking], org })).toMatchObject([{ is: 'adopt' }]);
    expect(planFor({ manifests: [asking], org }).changes).toMatchObject([
      { action: 'adopt', operations: [], fields: [] },
    ]);
  });

  it('names the owner who stands in the way, and touches nothing of theirs', () => {
    const scene: Scene = {
      manifests: [to(11)],
      org: [{ ...org({ targets: [tier(1)] }), record: { owner: OTHER } }],
    };
    expect(verdictsOf(scene)).toMatchObject([
      { is: 'foreign', owner: 'github.com/acme/elsewhere (environment prod)' },
    ]);
    expect(planFor(scene).changes).toEqual([]);
  });

  it('adopting gives the object what the manifest says, and keeps what it leaves out', () => {
    const scene: Scene = {
      manifests: [to(11)],
      org: [{ ...org({ targets: [tier(1)], fallback: { queue: 'Overflow' } }), record: null }],
    };
    const [change] = planFor(scene).changes;
    expect(change).toMatchObject({ action: 'adopt', id: 'live-1' });
    expect(change?.after).toEqual({
      ...content(1),
      targets: [tier(1, { capacity: 11 })],
      fallback: { queue: 'Overflow', priority: 99, weight: 0.1 },
    });
    expect(planFor(scene).counts).toMatchObject({ adopt: 1, update: 0, unchanged: 0 });
  });

  it('does not look at records beyond the scope', () => {
    const verdicts = verdictsOf({
      manifests: [to(11), strategy('b', ONE_TARGET)],
      org: [{ ...org({ targets: [tier(1)] }), record: { owner: OTHER } }],
      scope: ['b'],
    });
    expect(verdicts.map((one) => one.is)).toEqual(['create']);
  });
});
