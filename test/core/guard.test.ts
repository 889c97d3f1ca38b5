/** Limits: what passes, what does not, and the sentence that says so. */
import { describe, expect, it } from 'vitest';
import {
  guard,
  guardText,
  overruledBy,
  ownershipGuard,
  talliesOf,
  type Limit,
  type Tally,
} from '../../src/core/guard.js';
import { failedGuards } from '../../src/core/outcome.js';
import type { Address, Change, GuardResult } from '../../src/core/types.js';

const count = (value: number): Limit => ({ kind: 'count', value });
const percent = (value: number): Limit => ({ kind: 'percent', value });
const tally = (some: Partial<Tally>): Tally => ({
  kind: 'RoutingStrategy',
  noun: { one: 'strategy', many: 'strategies' },
  update: 0,
  delete: 0,
  adopt: 0,
  owned: 0,
  ...some,
});
const at = (name: string): { file: string; line: number; column: number } => ({
  file: 'strategies/prod.yaml',
  line: name === 'maxDeletes' ? 7 : 8,
  column: 5,
});

interface Case {
  readonly of: string;
  readonly deletes: number;
  readonly live: number;
  readonly limit: Limit;
  /** Prefixed with ✓ or ✗. */
  readonly says: string;
}

const raise = '; pass --force or raise guards.maxDeletes in strategies/prod.yaml:7';
const few =
  'maxDeletes is 10 %; pass --force or raise guards.maxDeletes in percent in strategies/prod.yaml:7';
const CASES: readonly Case[] = [
  {
    of: 'a count that is reached',
    deletes: 3,
    live: 50,
    limit: count(3),
    says: '✓ 3 of our 50 strategies would be deleted (6 %); maxDeletes is 3',
  },
  {
    of: 'a count that is passed',
    deletes: 4,
    live: 50,
    limit: count(3),
    says: `✗ 4 of our 50 strategies would be deleted (8 %), more than maxDeletes 3${raise}`,
  },
  {
    of: 'a count of none, also in a small org',
    deletes: 1,
    live: 2,
    limit: count(0),
    says: `✗ 1 of our 2 strategies would be deleted (50 %), more than maxDeletes 0${raise}`,
  },
  {
    of: 'a percentage that is reached',
    deletes: 4,
    live: 40,
    limit: percent(10),
    says: '✓ 4 of our 40 strategies would be deleted (10 %); maxDeletes is 10 %',
  },
  {
    of: 'a percentage that is passed',
    deletes: 14,
    live: 40,
    limit: percent(10),
    says: `✗ 14 of our 40 strategies would be deleted (35 %), more than maxDeletes 10 %${raise}`,
  },
  {
    of: 'exactly ten live, at the limit',
    deletes: 1,
    live: 10,
    limit: percent(10),
    says: '✓ 1 of our 10 strategies would be deleted (10 %); maxDeletes is 10 %',
  },
  {
    of: 'exactly ten live, above it',
    deletes: 2,
    live: 10,
    limit: percent(10),
    says: `✗ 2 of our 10 strategies would be deleted (20 %), more than maxDeletes 10 %${raise}`,
  },
  {
    of: 'nine live: a percentage says nothing',
    deletes: 4,
    live: 9,
    limit: percent(10),
    says:
      '✓ 4 of our 9 strategies would be deleted (44.4 %); maxDeletes is 10 %, ' +
      'which counts from ten of ours up',
  },
  {
    of: 'half of few',
    deletes: 1,
    live: 2,
    limit: percent(10),
    says:
      '✓ 1 of our 2 strategies would be deleted (50 %); maxDeletes is 10 %, ' +
      'which counts from ten of ours up',
  },
  {
    of: 'more than half of few',
    deletes: 2,
    live: 3,
    limit: percent(10),
    says: `✗ 2 of our 3 strategies would be deleted (66.7 %), more than half; ${few}`,
  },
  {
    of: 'more than half of few, over its share',
    deletes: 3,
    live: 4,
    limit: percent(70),
    says:
      '✗ 3 of our 4 strategies would be deleted (75 %), more than half; maxDeletes is 70 %; ' +
      'pass --force or raise guards.maxDeletes in percent in strategies/prod.yaml:7',
  },
  {
    of: 'more than half, where a share says so',
    deletes: 7,
    live: 10,
    limit: percent(70),
    says: '✓ 7 of our 10 strategies would be deleted (70 %); maxDeletes is 70 %',
  },
  {
    of: 'more than half, where a number allows it',
    deletes: 4,
    live: 6,
    limit: count(5),
    says:
      '✗ 4 of our 6 strategies would be deleted (66.7 %), more than half; maxDeletes is 5; ' +
      'pass --force or raise guards.maxDeletes in percent in strategies/prod.yaml:7',
  },
  {
    of: 'all of few: a mass all the same',
    deletes: 2,
    live: 2,
    limit: percent(10),
    says: `✗ 2 of our 2 strategies would be deleted (100 %), more than half; ${few}`,
  },
  {
    of: 'the only one',
    deletes: 1,
    live: 1,
    limit: percent(10),
    says: `✗ 1 of our 1 strategies would be deleted (100 %), more than half; ${few}`,
  },
  {
    of: 'all of few, where all may go',
    deletes: 2,
    live: 2,
    limit: percent(100),
    says: '✓ 2 of our 2 strategies would be deleted (100 %); maxDeletes is 100 %',
  },
  {
    of: 'none live',
    deletes: 0,
    live: 0,
    limit: percent(0),
    says: '✓ 0 of our 0 strategies would be deleted; maxDeletes is 0 %',
  },
  {
    of: 'zero percent of few',
    deletes: 1,
    live: 9,
    limit: percent(0),
    says:
      '✗ 1 of our 9 strategies would be deleted (11.1 %), more than maxDeletes 0 %; ' +
      'pass --force or raise guards.maxDeletes in strategies/prod.yaml:7',
  },
  {
    of: 'zero percent',
    deletes: 1,
    live: 1000,
    limit: percent(0),
    says: `✗ 1 of our 1000 strategies would be deleted (0.1 %), more than maxDeletes 0 %${raise}`,
  },
  {
    of: 'a share that rounds to its limit',
    deletes: 251,
    live: 2500,
    limit: percent(10),
    says:
      '✗ 251 of our 2500 strategies would be deleted (10.04 %), more than maxDeletes 10 %' + raise,
  },
  {
    of: 'a limit with decimals',
    deletes: 1,
    live: 3000,
    limit: percent(0.05),
    says: '✓ 1 of our 3000 strategies would be deleted (0 %); maxDeletes is 0.05 %',
  },
];

describe('guard', () => {
  it.each(CASES)('$of', ({ deletes, live, limit, says }) => {
    const policy = { maxDeletes: limit, maxChanges: percent(100), at };
    const [deleted] = guard(tally({ delete: deletes, owned: live }), policy);
    expect(`${deleted?.passed ? '✓' : '✗'} ${guardText(deleted as GuardResult)}`).toBe(says);
  });

  it('counts updates, deletes and adoptions as changes, creates never', () => {
    const policy = { maxDeletes: percent(100), maxChanges: count(3), at };
    const some = tally({ update: 1, adopt: 2, delete: 3, owned: 20 });
    expect(guard(some, policy)[1]).toEqual({
      guard: 'maxChanges',
      kind: 'RoutingStrategy',
      passed: false,
      message: '6 of our 22 strategies would be changed (27.3 %), more than maxChanges 3',
      hint: 'raise guards.maxChanges in strategies/prod.yaml:8',
    });
  });

  it('counts kind by kind: two hundred skills say nothing of twenty strategies', () => {
    const policy = { maxDeletes: percent(10), maxChanges: percent(100), at };
    const gone = (address: Address): Pick<Change, 'action' | 'address' | 'fields'> => ({
      action: 'delete',
      address,
      fields: [],
    });
    const changes = [1, 2, 3].map((one) => gone(`RoutingStrategy/${one}`));
    const owned = new Map([
      ['RoutingStrategy', 20],
      ['Skill', 200],
    ]);
    const nouns: Record<string, Tally['noun']> = {
      RoutingStrategy: { one: 'strategy', many: 'strategies' },
      Skill: { one: 'skill', many: 'skills' },
    };
    const tallies = talliesOf(changes, owned, (name) => ({ noun: nouns[name] }) as never);
    expect(tallies.flatMap((one) => guard(one, policy)).map(({ message }) => message)).toEqual([
      '3 of our 20 strategies would be deleted (15 %), more than maxDeletes 10 %',
      '3 of our 20 strategies would be changed (15 %); maxChanges is 100 %',
      '0 of our 200 skills would be deleted (0 %); maxDeletes is 10 %',
      '0 of our 200 skills would be changed (0 %); maxChanges is 100 %',
    ]);
  });

  it('counts in the order of the names of kinds, whatever comes first', () => {
    const owned = new Map([
      ['Skill', 1],
      ['Queue', 1],
    ]);
    const change = { action: 'delete', address: 'Language/a', fields: [] } as const;
    const tallies = talliesOf([change], owned, (one) => ({ noun: { one, many: one } }) as never);
    expect(tallies.map(({ kind }) => kind)).toEqual(['Language', 'Queue', 'Skill']);
  });

  it('points at the limit of the kind where that one is broken, else at that of all', () => {
    const lines = { file: 'x.yaml', column: 1 };
    const byKind = {
      maxDeletes: percent(10),
      maxChanges: percent(100),
      at: (_name: string, kind: string | null) => ({ ...lines, line: kind === null ? 1 : 2 }),
    };
    const hint = (kinds: object): string | undefined =>
      guard(tally({ delete: 2, owned: 20 }), { ...byKind, ...kinds })[0]?.hint;
    const own = { kinds: { RoutingStrategy: { maxDeletes: count(1) } } };
    expect(hint({ maxDeletes: count(1) })).toMatch(/x\.yaml:1$/);
    expect(hint(own)).toMatch(/x\.yaml:2$/);
  });

  it('is held by no limit where nothing is changed, be the limit none', () => {
    const none = { maxDeletes: count(0), maxChanges: percent(0), at };
    expect(guard(tally({ owned: 3 }), none).every(({ passed }) => passed)).toBe(true);
    expect(guard(tally({}), none).every(({ passed }) => passed)).toBe(true);
  });

  it('goes by the limit of its kind where it has one, and names it', () => {
    const kinds = { Skill: { maxDeletes: count(1) } };
    const policy = { maxDeletes: percent(10), maxChanges: percent(100), kinds, at };
    const noun = { one: 'skill', many: 'skills' };
    const [skills] = guard(tally({ kind: 'Skill', noun, delete: 2, owned: 200 }), policy);
    expect(skills).toEqual({
      guard: 'maxDeletes',
      kind: 'Skill',
      passed: false,
      message: '2 of our 200 skills would be deleted (1 %), more than maxDeletes 1',
      hint: 'raise guards.kinds.Skill.maxDeletes in strategies/prod.yaml:7',
    });
    const [strategies] = guard(tally({ delete: 2, owned: 200 }), policy);
    expect(strategies?.passed).toBe(true);
  });

  it('is exact where the share is exactly the limit, whatever binary fractions make of it', () => {
    const wrong: string[] = [];
    for (let tenths = 1; tenths <= 1000; tenths += 1) {
      for (const live of [10, 30, 64, 100, 250, 500, 1000, 2500]) {
        const exact = (tenths * live) / 1000;
        if (!Number.isInteger(exact)) continue;
        const policy = { maxDeletes: percent(tenths / 10), maxChanges: percent(100), at };
        const passes = (n: number): boolean =>
          guard(tally({ delete: n, owned: live }), policy)[0]?.passed === true;
        if (!passes(exact) || passes(exact + 1))
          wrong.push(`${exact} of ${live}, ${tenths / 10} %`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('ownershipGuard', () => {
  const US = { name: 'test', environment: 'prod' };
  const billing = 'RoutingStrategy/billing';
  const sales = 'RoutingStrategy/sales';
  const many = Array.from({ length: 12 }, (_, at) => `RoutingStrategy/s${at}`);

  it('says nothing where there is nothing to say', () => {
    expect(ownershipGuard({ adopted: [], foreign: [], us: US })).toEqual([]);
  });

  it('asks for a word before it adopts', () => {
    expect(ownershipGuard({ adopted: [billing], foreign: [], us: US })).toEqual([
      {
        guard: 'adoption',
        passed: false,
        message:
          'RoutingStrategy/billing is in the org already, owned by nobody: adopting changes what ' +
          'somebody made by hand',
        hint: 'write metadata.adopt: true in the manifest',
      },
    ]);
    const [several] = ownershipGuard({ adopted: [billing, sales], foreign: [], us: US });
    expect(several?.message).toMatch(
      /^RoutingStrategy\/billing, RoutingStrategy\/sales are in the org already, owned by nobody: /,
    );
  });

  it('names the owner of each that is not ours, and the way out', () => {
    const foreign = [
      { address: billing, owner: 'github.com/acme/elsewhere (environment prod)', remark: '' },
      { address: sales, owner: 'test (environment stage)', remark: '' },
    ];
    expect(ownershipGuard({ adopted: [], foreign, us: US })).toEqual([
      {
        guard: 'ownership',
        passed: false,
        message:
          'RoutingStrategy/billing belongs to github.com/acme/elsewhere (environment prod), ' +
          'RoutingStrategy/sales belongs to test (environment stage); we are test (environment ' +
          'prod)',
        hint:
          'rename the manifest, or have it handed over: npx --no -- strategos owner transfer ' +
          '--from OWNER --to "test" --env "prod"',
      },
    ]);
  });

  it.each([
    ['routing (environment prod)', '--from "routing" --to'],
    ['routing (environment stage)', '--from "routing (environment stage)" --to'],
    ['github.com/acmé/Zürich//stratégies (environment prod)', '--from "github.com/acmé/Zürich//'],
    ['$(rm -rf ~) (environment prod)', '--from OWNER --to'],
    ['a" && b (environment prod)', '--from OWNER --to'],
    ['--force (environment prod)', '--from OWNER --to'],
    ['(nobody named) (environment prod)', '--from "(nobody named)" --to'],
  ])('says a command that is safe to type: %s', (owner, command) => {
    const foreign = [{ address: sales, owner, remark: '' }];
    const [result] = ownershipGuard({ adopted: [], foreign, us: US });
    expect(result?.hint).toMatch(/ --to "test" --env "prod"$/);
    expect(result?.hint).toContain(`strategos owner transfer ${command}`);
  });

  it('says who we are in the letters of our name', () => {
    const us = { ...US, name: 'github.com/acmé/cc//stratégies' };
    const foreign = [{ address: sales, owner: 'x', remark: '' }];
    const [result] = ownershipGuard({ adopted: [], foreign, us });
    expect(result?.hint).toContain(' --to "github.com/acmé/cc//stratégies" --env "prod"');
  });

  it('says none with an environment that is not', () => {
    const foreign = [{ address: sales, owner: 'x', remark: '' }];
    const us = { ...US, environment: '$(id)' };
    const [result] = ownershipGuard({ adopted: [], foreign, us });
    expect(result?.hint).toMatch(/ --to "test" --env NAME$/);
  });

  it('is said with the flag that it gives way to, and without where nobody can pass one', () => {
    const [adoption] = ownershipGuard({ adopted: [billing], foreign: [], us: US });
    const foreign = [{ address: sales, owner: 'x', remark: '' }];
    const [ownership] = ownershipGuard({ adopted: [], foreign, us: US });
    const said = (flags: boolean): string[] =>
      [adoption, ownership].map((one) =>
        guardText(one as GuardResult, flags)
          .split('; ')
          .at(-1)!,
      );
    expect(said(true)[0]).toBe('pass --adopt or write metadata.adopt: true in the manifest');
    expect(said(false)[0]).toBe('write metadata.adopt: true in the manifest');
    expect(said(true)[1]).toBe(said(false)[1]);
  });

  it('is shown as agreed to with the flag that it gives way to, and with no other', () => {
    const foreign = [{ address: sales, owner: 'x', remark: '' }];
    const results = ownershipGuard({ adopted: [billing], foreign, us: US });
    const flags = (given: { force?: boolean; adopt?: boolean }): unknown[] =>
      overruledBy(results, given).map(({ overruled }) => overruled);
    expect(flags({ adopt: true })).toEqual(['--adopt', undefined]);
    expect(flags({ force: true })).toEqual([undefined, undefined]);
    expect(failedGuards(overruledBy(results, { adopt: true })).map(({ guard }) => guard)).toEqual([
      'ownership',
    ]);
  });

  it('tells the two apart, adoption first', () => {
    const foreign = [{ address: sales, owner: 'x', remark: 'x is known' }];
    const results = ownershipGuard({ adopted: [billing], foreign, us: US });
    expect(results.map((one) => one.guard)).toEqual(['adoption', 'ownership']);
  });

  it('shows ten of many and counts the rest', () => {
    const foreign = many.map((address) => ({ address, owner: 'x', remark: 'x is known' }));
    const [adoption, ownership] = ownershipGuard({ adopted: many, foreign, us: US });
    expect(adoption?.message).toContain('RoutingStrategy/s9 and 2 more are in the org');
    expect(ownership?.message).toContain(
      'RoutingStrategy/s9 and 2 more belong to x (x is known); we are test (environment prod)',
    );
    expect(ownership?.message).not.toContain('RoutingStrategy/s10');
    const ten = ownershipGuard({ adopted: many.slice(0, 10), foreign: [], us: US });
    expect(ten[0]?.message).toContain('RoutingStrategy/s9 are in the org');
  });
});
