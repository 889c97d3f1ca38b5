/** What an object names beside its fields, put together from everywhere that it was looked at. */
import { describe, expect, it } from 'vitest';
import { catalogOf } from '../../src/core/catalog.js';
import { kindsByName } from '../../src/core/kind.js';
import { besideOf, type Referrer } from '../../src/core/references.js';
import { reconciledKinds } from '../../src/kinds/index.js';

const beside = (referrers: readonly Referrer[]): ReturnType<typeof besideOf> =>
  besideOf({
    live: [],
    manifests: [],
    everyManifest: [],
    referrers,
    catalog: catalogOf({}),
    kindOf: kindsByName(reconciledKinds),
    behind: () => null,
    holdsNames: () => false,
  });

describe('an object that was looked at in two places', () => {
  it('waits for what either of them names', () => {
    const found = beside([
      { address: 'Queue/Sales', names: new Map([['WrapupCode/A', []]]) },
      { address: 'Queue/Sales', names: new Map([['WrapupCode/B', ['row "Bonn"']]]) },
      { address: 'Queue/Sales', names: new Map([['WrapupCode/B', ['row "Kiel"']]]) },
      { address: 'Queue/Sales', apart: 'elsewhere', names: new Map([['Skill/C', []]]) },
    ])('Queue/Sales', {});
    expect(Object.fromEntries(found)).toEqual({
      'WrapupCode/A': [],
      'WrapupCode/B': ['row "Bonn"', 'row "Kiel"'],
    });
  });
});
