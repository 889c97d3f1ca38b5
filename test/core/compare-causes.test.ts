/** Why a field moves: git, somebody in the org, or both. */
import { describe, expect, it } from 'vitest';
import { caused } from '../../src/core/compare.js';
import { placeText } from '../../src/core/place.js';
import type { Json, JsonObject } from '../../src/core/json.js';
import { routingStrategy } from '../../src/kinds/routing-strategy/index.js';
import { planFor, strategy, type Scene } from '../support/plans.js';
import { content, ONE_TARGET, org, tier, TWO } from './compare-scene.js';

/** `path: cause`, and what was applied where it is told. */
type Told = readonly [path: string, cause: string | null, applied?: Json];

interface Story {
  readonly of: string;
  readonly applied: JsonObject | null;
  /** What git says now. */
  readonly git: JsonObject | null;
  readonly org: JsonObject | null;
  readonly told: readonly Told[];
}

const with1 = (rest: JsonObject): JsonObject => ({ ...content(1), ...rest });
const light = (n: number, weight: number): JsonObject => tier(n, { weight });
const asks = (...skills: (readonly [string, boolean])[]): JsonObject => ({
  selection: { skills: skills.map(([skill, required]) => ({ skill, required })) },
});
const overflow = (weight: number, queue = 'Overflow'): JsonObject => ({
  fallback: { queue, priority: 99, weight },
});
const PAIR = { targets: [tier(1), tier(2)] };
const SWAPPED = { targets: [tier(2), tier(1)] };
const PAIR_AND_THIRD = [tier(1), tier(2), tier(3)];

const CAUSES: readonly Story[] = [
  {
    of: 'nobody knows what was applied',
    applied: null,
    git: with1({ targets: [light(1, 0.5)] }),
    org: content(1),
    told: [['targets["Tier 1"].weight', null]],
  },
  {
    of: 'git moved',
    applied: content(1),
    git: with1({ targets: [light(1, 0.5)] }),
    org: content(1),
    told: [['targets["Tier 1"].weight', 'git']],
  },
  {
    of: 'the org moved',
    applied: content(1),
    git: content(1),
    org: with1({ targets: [light(1, 0.5)] }),
    told: [['targets["Tier 1"].weight', 'drift']],
  },
  {
    of: 'both moved, each its own way: what was applied is told',
    applied: content(1),
    git: with1({ targets: [light(1, 0.5)] }),
    org: with1({ targets: [light(1, 0.2)] }),
    told: [['targets["Tier 1"].weight', 'both', 1]],
  },
  {
    of: 'both moved, in different fields of one target',
    applied: content(1),
    git: with1({ targets: [tier(1, { weight: 0.5 })] }),
    org: with1({ targets: [tier(1, { capacity: 3 })] }),
    told: [
      ['targets["Tier 1"].weight', 'git'],
      ['targets["Tier 1"].capacity', 'drift'],
    ],
  },
  {
    of: 'both moved the same way: nothing moves',
    applied: content(1),
    git: with1({ status: 'draft' }),
    org: with1({ status: 'draft' }),
    told: [],
  },
  {
    of: 'the state, moved by a person',
    applied: content(1),
    git: content(1),
    org: with1({ status: 'draft' }),
    told: [['status', 'drift']],
  },
  {
    of: 'git adds a target',
    applied: content(1),
    git: with1(PAIR),
    org: content(1),
    told: [['targets["Tier 2"]', 'git']],
  },
  {
    of: 'a person adds a target',
    applied: content(1),
    git: content(1),
    org: with1(PAIR),
    told: [['targets["Tier 2"]', 'drift']],
  },
  {
    of: 'git removes a target',
    applied: with1(PAIR),
    git: content(1),
    org: with1(PAIR),
    told: [['targets["Tier 2"]', 'git']],
  },
  {
    of: 'a person removes one',
    applied: with1(PAIR),
    git: with1(PAIR),
    org: content(1),
    told: [['targets["Tier 2"]', 'drift']],
  },
  {
    of: 'git removes what a person has edited',
    applied: with1(PAIR),
    git: content(1),
    org: with1({ targets: [tier(1), light(2, 0.5)] }),
    told: [['targets["Tier 2"]', 'both']],
  },
  {
    of: 'git edits what a person has removed',
    applied: with1(PAIR),
    git: with1({ targets: [tier(1), light(2, 0.5)] }),
    org: content(1),
    told: [['targets["Tier 2"]', 'both', { priority: 1, weight: 1, capacity: 10 }]],
  },
  {
    of: 'both add the same target, each in its own way',
    applied: content(1),
    git: with1({ targets: [tier(1), light(2, 0.5)] }),
    org: with1({ targets: [tier(1), light(2, 0.2)] }),
    told: [['targets["Tier 2"].weight', 'both']],
  },
  {
    of: 'both replace a target',
    applied: content(1),
    git: content(2),
    org: content(3),
    told: [
      ['targets["Tier 3"]', 'drift'],
      ['targets["Tier 2"]', 'git'],
    ],
  },
  {
    of: 'a name that begins another',
    applied: with1({ targets: [] }),
    git: with1({ targets: [{ queue: 'Tier', weight: 1 }] }),
    org: with1({ targets: [{ queue: 'Tier 1', weight: 1 }] }),
    told: [
      ['targets["Tier 1"]', 'drift'],
      ['targets["Tier"]', 'git'],
    ],
  },
  {
    of: 'a skill, deep inside',
    applied: with1(asks(['Sales', true])),
    git: with1(asks(['Sales', false])),
    org: with1(asks(['Sales', true])),
    told: [['selection.skills["Sales"].required', 'git']],
  },
  {
    of: 'a skill that a person asks for, and another of git',
    applied: content(1),
    git: with1(asks(['Sales', true])),
    org: with1(asks(['Billing', true])),
    told: [
      ['selection.skills["Billing"]', 'drift'],
      ['selection.skills["Sales"]', 'git'],
    ],
  },
  {
    of: 'a fallback that a person took away',
    applied: with1(overflow(0.1)),
    git: with1(overflow(0.1)),
    org: content(1),
    told: [['fallback', 'drift']],
  },
  {
    of: 'a fallback that a person took away while git edits it',
    applied: with1(overflow(0.1)),
    git: with1(overflow(0.5)),
    org: content(1),
    told: [['fallback', 'both', { queue: 'Overflow', priority: 99, weight: 0.1 }]],
  },
  {
    of: 'another fallback in git, another weight in the org',
    applied: with1(overflow(0.1)),
    git: with1(overflow(0.1, 'Sales')),
    org: with1(overflow(0.7)),
    told: [
      ['fallback.queue', 'git'],
      ['fallback.weight', 'drift'],
    ],
  },
  {
    of: 'git begins to manage what no manifest asked for',
    applied: { status: 'active' },
    git: with1(overflow(0.5)),
    org: content(1),
    told: [['fallback', 'git']],
  },
  {
    of: 'git changes the order',
    applied: with1(PAIR),
    git: with1(SWAPPED),
    org: with1(PAIR),
    told: [['targets (order)', 'git']],
  },
  {
    of: 'a person changes it',
    applied: with1(PAIR),
    git: with1(PAIR),
    org: with1(SWAPPED),
    told: [['targets (order)', 'drift']],
  },
  {
    of: 'both change the order',
    applied: with1({ targets: PAIR_AND_THIRD }),
    git: with1({ targets: [tier(3), tier(1), tier(2)] }),
    org: with1({ targets: [tier(2), tier(1), tier(3)] }),
    told: [['targets (order)', 'both', ['Tier 1', 'Tier 2', 'Tier 3']]],
  },
  {
    of: 'git changes the order, a person a weight',
    applied: with1(PAIR),
    git: with1(SWAPPED),
    org: with1({ targets: [light(1, 0.5), tier(2)] }),
    told: [
      ['targets["Tier 1"].weight', 'drift'],
      ['targets (order)', 'git'],
    ],
  },
  {
    of: 'it was deleted in the org',
    applied: content(1),
    git: content(1),
    org: null,
    told: [
      ['status', 'drift'],
      ['targets["Tier 1"]', 'drift'],
      ['fallback', 'drift'],
    ],
  },
  {
    of: 'it is new',
    applied: null,
    git: content(1),
    org: null,
    told: [
      ['status', null],
      ['targets["Tier 1"]', null],
      ['fallback', null],
    ],
  },
  {
    of: 'its manifest is gone, and a person has edited it',
    applied: content(1),
    git: null,
    org: with1({ status: 'draft' }),
    told: [
      ['status', 'both', 'active'],
      ['targets["Tier 1"]', 'git'],
      ['fallback', 'git'],
    ],
  },
];

describe('why a field moves', () => {
  const table = routingStrategy.fields;
  const told = (story: Pick<Story, 'applied' | 'git' | 'org'>): Told[] =>
    caused(table, story.org, story.git, story.applied).map(({ place, cause, applied }) =>
      applied === undefined ? [placeText(place), cause] : [placeText(place), cause, applied],
    );

  it.each(CAUSES)('$of', ({ told: expected, ...story }) => {
    expect(told(story)).toEqual(expected);
  });

  it('is not for the digest of a plan, which says what happens', () => {
    const scene = (applied: JsonObject | null): Scene => ({
      manifests: [strategy('a', ONE_TARGET)],
      org: [{ ...org(TWO), record: { applied } }],
    });
    const [unknown, git, drift] = [null, with1(PAIR), content(1)].map((one) => planFor(scene(one)));
    expect(unknown?.changes[0]?.fields[0]?.cause).toBeNull();
    expect(git?.changes[0]?.fields[0]?.cause).toBe('git');
    expect(drift?.changes[0]?.fields[0]?.cause).toBe('drift');
    expect(git?.digest).toBe(unknown?.digest);
    expect(drift?.digest).toBe(unknown?.digest);
  });
});
