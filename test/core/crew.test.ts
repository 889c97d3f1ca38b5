/** Who is in a queue once a plan is applied: one by one, and through groups of whom nobody tells. */
import { describe, expect, it } from 'vitest';
import { catalogOf } from '../../src/core/catalog.js';
import { crewMoves, NOBODY_MOVES, takes, waitForCrews } from '../../src/core/crew.js';
import { desertedBy, leadsIn } from '../../src/core/deserted.js';
import type { JsonObject } from '../../src/core/json.js';
import { kindsByName } from '../../src/core/kind.js';
import type { Address, Change, Live } from '../../src/core/types.js';
import { answer, leaving } from '../../src/engine/checks.js';
import { reconciledKinds } from '../../src/kinds/index.js';

const kindOf = kindsByName(reconciledKinds);
const behind = (to: string): string | null =>
  reconciledKinds.find(({ refType }) => refType === to)?.name ?? null;
const catalog = catalogOf({
  queue: [{ id: 'q', name: 'Sales' }],
  skill: [{ id: 's', name: 'Voice' }],
  user: [{ id: 'u', name: 'ada@example.com' }],
});

const change = (address: Address, before: JsonObject | null, after: JsonObject | null): Change => ({
  action: before === null ? 'create' : after === null ? 'delete' : 'update',
  address,
  id: before === null ? null : 'q',
  precondition: null,
  before,
  after,
  operations: [],
  fields: [],
  waitsFor: [],
  checks: [],
});
const sales = (groups: readonly string[]): JsonObject => ({ skillGroups: [...groups] });
const liveSales = (fields: JsonObject): Live => ({
  address: 'Queue/Sales',
  kind: 'Queue',
  name: 'Sales',
  id: 'q',
  state: 'active',
  errorMessage: null,
  version: null,
  fields,
  entity: {},
});
const moves = (
  changes: readonly Change[],
  live: readonly Live[] = [],
): ReturnType<typeof crewMoves> => crewMoves(changes, { live, kindOf, behind, catalog });
const asked = { check: 'skills', level: 'error', queue: 'Sales', skills: ['Voice'] } as const;
const staffing = {
  membersByQueue: new Map([
    [
      'q',
      [
        { userId: 'u', joined: true, skills: [] },
        { userId: 'g', joined: true, skills: ['s'], byGroup: true as const },
      ],
    ],
  ]),
  loadByQueue: new Map([['q', { onQueue: 2, interacting: 0, waiting: 0 }]]),
  callsPerAgent: 1,
};
const said = (changes: readonly Change[], live: readonly Live[] = []): string => {
  const { passed, message } = answer(asked, staffing, catalog, moves(changes, live));
  return `${String(passed)}: ${message}`;
};

/** Why a plan of these is refused, where a strategy goes on sending calls to Sales. */
const guardOf = (changes: readonly Change[]): string[] => {
  const fields = {
    status: 'active',
    selection: { skills: [{ skill: 'Voice', required: true }] },
    targets: [{ queue: 'Sales', priority: 1, weight: 1 }],
  };
  const address: Address = 'RoutingStrategy/calls';
  const calls: Live = { ...liveSales(fields), address, kind: 'RoutingStrategy', name: 'calls' };
  const found = moves(changes);
  const leads = leadsIn({ live: [calls], changes, manifests: [], moves: found, kindOf });
  const left = {
    before: leaving(staffing, catalog, NOBODY_MOVES),
    after: leaving(staffing, catalog, found),
  };
  const { guards } = desertedBy(leads, found, ({ request }, when) => left[when](request));
  return guards.map(({ message }) => message);
};

const THEN = 'once this plan is applied';

describe('those who are in a queue through a group', () => {
  it.each([
    ['stay with it', sales(['A']), sales(['A']), 'true: 1 of 2 agents has "Voice"'],
    [
      'stay where another comes',
      sales(['A']),
      sales(['A', 'B']),
      `true: 1 of 2 agents has "Voice", ${THEN}`,
    ],
    ['go with the last', sales(['A']), sales([]), `false: 0 of 1 agent have "Voice", ${THEN}`],
    [
      'cannot be told where it points at another',
      sales(['A']),
      sales(['B']),
      `true: 0 of 1 agent have "Voice", ${THEN}; who comes through groups is asked about then`,
    ],
  ])('%s', (_, before, after, text) => {
    expect(said([change('Queue/Sales', before, after)])).toBe(text);
  });

  it('stay where a group comes that the same plan makes', () => {
    const made = change('SkillGroup/B', null, { skillConditions: ['x'] });
    const added = change('Queue/Sales', sales(['A']), sales(['A', 'B']));
    const found = moves([made, added]).of('Sales');
    expect(found === null ? null : takes(found)).toBe(false);
    expect(found?.mayCome).toBe(true);
    expect(said([made, added])).toBe(`true: 1 of 2 agents has "Voice", ${THEN}`);
  });

  it('may stay or come where one goes and one is there: that holds no plan', () => {
    const less = change('Queue/Sales', sales(['A', 'B']), sales(['A']));
    expect(said([less])).toMatch(/^true: 0 of 1 agent .*asked about then/);
    expect(guardOf([less])).toEqual([]);
    expect(guardOf([change('Queue/Sales', sales(['A', 'B']), sales(['C']))])).toEqual([]);
    expect(guardOf([change('Queue/Sales', sales(['A', 'B']), sales([]))])).toEqual([
      expect.stringMatching(/^RoutingStrategy\/calls would be left with nobody: /),
    ]);
  });

  it('cannot be told where the group itself asks for other skills', () => {
    const group = (skill: string): JsonObject => ({ skillConditions: [skill] });
    const changes = [change('SkillGroup/A', group('x'), group('y'))];
    const found = moves(changes, [liveSales(sales(['A']))]).of('Sales');
    expect(found?.by).toEqual(['SkillGroup/A']);
    expect(found === null ? null : takes(found)).toBe(true);
    expect(said(changes, [liveSales(sales(['A']))])).toMatch(
      /^true: 0 of 1 agent .*asked about then/,
    );
    // What a group is called for people takes nobody out of it.
    const text = (description: string): JsonObject => ({ ...group('x'), description });
    const retold = [change('SkillGroup/A', text('one'), text('other'))];
    expect(moves(retold, [liveSales(sales(['A']))]).of('Sales')).toBeNull();
  });
});

describe('a slot', () => {
  it('goes with whoever is on queue and goes, and comes with whoever is on queue and comes', () => {
    const people = (...all: readonly string[]): JsonObject => ({
      members: all.map((id) => ({ user: { id }, ring: 1 })),
    });
    const of = (before: JsonObject, after: JsonObject): string => {
      const { passed, message } = answer(
        { ...asked, check: 'capacity', skills: [] },
        {
          ...staffing,
          newcomers: new Map([
            ['x', { skills: [], onQueue: true }],
            ['y', { skills: [], onQueue: false }],
          ]),
          attendance: new Map([
            [
              'q',
              [
                { userId: 'u', joined: true, onQueue: true },
                { userId: 'g', joined: true, onQueue: true },
                { userId: 'off', joined: true, onQueue: false },
              ],
            ],
          ]),
        },
        catalog,
        moves([change('Queue/Sales', before, after)]),
      );
      return `${String(passed)}: ${message}`;
    };
    expect(of(people('u', 'off'), people('u'))).toBe(`true: 2 of 2 slots free, ${THEN}`);
    expect(of(people('u', 'off'), people())).toBe(`true: 1 of 1 slot free, ${THEN}`);
    expect(of(people('u', 'g'), people())).toBe(`false: nobody is on queue, ${THEN}`);
    expect(of(people('u', 'g'), people('y'))).toBe(`false: nobody is on queue, ${THEN}`);
    expect(of(people('u', 'g'), people('x'))).toBe(`true: 1 of 1 slot free, ${THEN}`);
  });
});

describe('waits', () => {
  it('are none where a strategy keeps the queue that gets an agent', () => {
    const strategy = (weight: number): JsonObject => ({
      status: 'active',
      targets: [{ queue: 'Sales', priority: 1, weight }],
    });
    const crew = (...all: readonly string[]): JsonObject => ({
      members: all.map((user) => ({ user, ring: 1 })),
    });
    const changes = [
      change('Queue/Sales', crew(), crew('ada@example.com')),
      change('RoutingStrategy/calls', strategy(1), strategy(0.5)),
    ];
    const waiting = waitForCrews(changes, moves(changes), kindOf);
    expect(waiting.flatMap(({ waitsFor }) => waitsFor)).toEqual([]);
  });
});
