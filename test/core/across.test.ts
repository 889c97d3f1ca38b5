/** Two orgs side by side: names count, ids do not. */
import { scopeOf } from '../../src/core/scope.js';
import { describe, expect, it } from 'vitest';
import { across, leftOut, type Side } from '../../src/core/across.js';
import { catalogOf } from '../../src/core/catalog.js';
import type { JsonObject } from '../../src/core/json.js';
import type { Manifest } from '../../src/core/types.js';
import { sha256 } from '../../src/files/digest.js';
import { kindOf } from '../support/reconcile.js';
import { liveFrom } from '../support/plans.js';

/** An org whose ids have this prefix; two queues of one name where `double` says so. */
function side(prefix: string, strategies: Record<string, JsonObject[]>, double = false): Side {
  const names = ['Alpha', 'Beta', ...(double ? ['Beta'] : [])];
  const queue = names.map((name, index) => ({ id: `${prefix}-${index}`, name }));
  const catalog = catalogOf({ queue, skill: [] });
  const live = Object.entries(strategies).map(([name, targets], index) =>
    liveFrom({ name, raw: { targets } }, index, catalog),
  );
  return { live, catalog };
}

const to = (queue: string | JsonObject, weight = 1): JsonObject => ({
  queue,
  priority: 1,
  weight,
  capacity: 5,
});

function differing(from: Side, other: Side, scope: readonly string[] | null = null): unknown[] {
  const names = scopeOf(scope, ['RoutingStrategy']);
  return across(from, other, names, kindOf, sha256).map(({ action, address, fields }) => [
    action,
    address,
    fields.map(({ path, at }) => [path, at]),
  ]);
}

/** Every field of a strategy with one target, and no line of anybody. */
const whole = (queue: string): unknown[] =>
  ['status', `targets["${queue}"]`, 'fallback'].map((path) => [path, null]);

describe('across', () => {
  it('finds nothing between orgs that differ in their ids alone', () => {
    const strategies = { a: [to('Alpha'), to('Beta', 0.5)] };

    expect(differing(side('x', strategies), side('y', strategies))).toEqual([]);
  });

  it('tells what one side alone has from what differs, without a line of anybody', () => {
    const from = side('x', { a: [to('Alpha')], only: [to('Alpha')] });
    const other = side('y', { a: [to('Alpha', 0.5)], there: [to('Beta')] });

    expect(differing(from, other)).toEqual([
      ['delete', 'RoutingStrategy/there', whole('Beta')],
      ['update', 'RoutingStrategy/a', [['targets["Alpha"].weight', null]]],
      ['create', 'RoutingStrategy/only', whole('Alpha')],
    ]);
    expect(differing(from, other, ['only'])).toHaveLength(1);
  });

  it('leaves weights within the bounds of an optimizer to it, where a manifest declares one', () => {
    const declared = (max: number): Manifest => ({
      kind: 'RoutingStrategy',
      name: 'a',
      body: { spec: { targets: [], optimizer: { bounds: { max } } } },
      positions: { at: () => ({ file: 'a.yaml', line: 1, column: 1 }) },
    });
    const [from, other] = [side('x', { a: [to('Alpha')] }), side('y', { a: [to('Alpha', 0.4)] })];
    const count = (manifests: readonly Manifest[]): number =>
      across(from, other, null, kindOf, sha256, manifests).length;

    expect([count([]), count([declared(1)]), count([declared(0.3)])]).toEqual([1, 0, 1]);
  });

  it('says which weights it leaves out, with both starts, where there is a difference', () => {
    const declared = (weight: number, optimizer: JsonObject | null = {}): Manifest[] => [
      {
        kind: 'RoutingStrategy',
        name: 'a',
        body: { spec: { targets: [to('Alpha', weight)], ...(optimizer && { optimizer }) } },
        positions: { at: () => ({ file: 'a.yaml', line: 1, column: 1 }) },
      },
    ];
    const [from, other] = [side('x', { a: [to('Alpha')] }), side('y', { a: [to('Alpha', 0.4)] })];
    const left = (there: readonly Manifest[], here: readonly Manifest[], second = other) =>
      leftOut({ ...from, declared: there }, { ...second, declared: here }, null, kindOf);
    const address = 'RoutingStrategy/a';

    expect(left(declared(1), declared(0.5))).toEqual([
      { address, from: { Alpha: 1 }, to: { Alpha: 0.5 } },
    ]);
    expect(left([], declared(0.5))).toEqual([{ address, from: null, to: { Alpha: 0.5 } }]);
    expect(left(declared(0.5), declared(0.5))).toHaveLength(1);
    expect(left(declared(0.5), declared(0.5), from)).toEqual([]);
    expect(left(declared(0.5), declared(0.5, null))).toEqual([]);
    expect(left(declared(1), declared(0.5), side('y', {}))).toEqual([]);
  });

  it('compares by name also where a name stands for two queues of an org', () => {
    const from = side('x', { a: [to({ id: 'x-1' })] }, true);

    expect(differing(from, side('y', { a: [to('Beta')] }))).toEqual([]);
  });
});
