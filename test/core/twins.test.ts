/** Names that a person takes for the same: said where they are written, and neither is touched. */
import { describe, expect, it } from 'vitest';
import { twinsOf } from '../../src/core/twins.js';
import type { Address, Manifest } from '../../src/core/types.js';
import { issuesOf, strategy, TARGETS } from '../manifest/issue-text.js';

function manifest(name: string): Manifest {
  const at = (): { file: string; line: number; column: number } => ({
    file: `${name}.yaml`,
    line: 3,
    column: 1,
  });
  return { kind: 'RoutingStrategy', name, body: {}, positions: { at } };
}

function twins(declared: readonly string[], live: readonly string[]): string[] {
  const addresses = live.map((name): Address => `RoutingStrategy/${name}`);
  return [...twinsOf(declared.map(manifest), addresses).keys()].sort();
}

describe('a manifest and an object of the org', () => {
  it.each([
    ['letter case', 'Billing', 'BILLING'],
    ['Unicode form', 'Z\u00fcrich', 'Zu\u0308rich'],
    ['blanks', 'Tier 1', 'Tier  1'],
    ['what nobody sees', 'Bonn', 'Bo\u200bnn'],
  ])('whose names differ in %s alone stop each other', (_how, one, other) => {
    const both = [`RoutingStrategy/${one}`, `RoutingStrategy/${other}`].sort();
    expect(twins([one], [other])).toEqual(both);
    expect(twins([one], [one, other])).toEqual(both);
  });

  it('say where the other is, and what can be done', () => {
    const found = twinsOf([manifest('Billing')], ['RoutingStrategy/BILLING']);
    expect(found.get('RoutingStrategy/Billing')).toEqual([
      {
        message:
          'its name and that of RoutingStrategy/BILLING (in the org) differ in letter case or ' +
          'blanks only: a look-up by name may find either',
        hint: 'write the name as the org has it, or rename or delete the one in the org',
        at: { file: 'Billing.yaml', line: 3 },
      },
    ]);
  });

  it('stop nobody where they are the same, or where no manifest is one of them', () => {
    expect(twins(['Billing'], ['Billing', 'Sales', 'SALES'])).toEqual([]);
  });
});

describe('two manifests', () => {
  it('whose names differ in letter case alone are an error of both', () => {
    const found = issuesOf({
      'a.yaml': strategy(TARGETS, 'Billing'),
      'b.yaml': strategy(TARGETS, 'billing'),
      'c.yaml': strategy(TARGETS, 'sales'),
    });
    expect(found.map((one) => one.split(' ')[0])).toEqual(['a.yaml:3:13', 'b.yaml:3:13']);
    expect(found.join()).toContain('differ in letter case or blanks only');
  });
});
