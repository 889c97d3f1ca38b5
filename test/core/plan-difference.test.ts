/** Two plans held against each other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planDifference } from '../../src/core/plan-difference.js';
import { planFor, strategy, type OrgStrategy } from '../support/plans.js';

const manifest = (name: string, capacity: number): string =>
  strategy(name, `targets: [{ queue: Tier 1, capacity: ${capacity} }]`);
const live = (name: string, capacity: number, version = 1): OrgStrategy => ({
  name,
  version,
  raw: { targets: [{ queue: 'Tier 1', priority: 1, weight: 1, capacity }] },
});

describe('the difference of two plans', () => {
  it('is what only one of them does, and what they do differently, field by field', () => {
    const then = planFor({
      manifests: [manifest('a', 5), manifest('b', 5), manifest('c', 5)],
      org: [live('a', 1), live('b', 1), live('c', 5)],
    });
    const now = planFor({
      manifests: [manifest('a', 5), manifest('b', 5), manifest('c', 5)],
      org: [live('a', 2), live('b', 5), live('c', 1)],
    });
    const { gone, added, moved } = planDifference(then, now);
    expect(gone.map(({ address }) => address)).toEqual(['RoutingStrategy/b']);
    expect(added.map(({ address }) => address)).toEqual(['RoutingStrategy/c']);
    expect(moved.map(({ now: { address } }) => address)).toEqual(['RoutingStrategy/a']);
    expect(moved[0]?.fields).toMatchObject([
      {
        path: 'targets["Tier 1"].capacity',
        then: { before: 1, after: 5 },
        now: { before: 2, after: 5 },
      },
    ]);
  });

  it('is a field that starts where it did and goes elsewhere', () => {
    const scene = { org: [live('a', 1)] };
    const then = planFor({ ...scene, manifests: [manifest('a', 5)] });
    const now = planFor({ ...scene, manifests: [manifest('a', 6)] });
    expect(planDifference(then, now).moved[0]?.fields).toMatchObject([
      { then: { before: 1, after: 5 }, now: { before: 1, after: 6 } },
    ]);
  });

  it('has no field where an object was only written to in between', () => {
    const scene = { manifests: [manifest('a', 5)], org: [live('a', 1, 3)] };
    const { moved } = planDifference(planFor(scene), planFor({ ...scene, org: [live('a', 1, 4)] }));
    expect(moved).toHaveLength(1);
    expect(moved[0]?.fields).toEqual([]);
  });

  it('is nothing exactly when what the plans do is the same', () => {
    const capacities = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(capacities, capacities, (first, second) => {
        const names = ['a', 'b', 'c'];
        const of = (there: readonly number[]) =>
          planFor({
            manifests: names.map((name) => manifest(name, 2)),
            org: names.map((name, index) => live(name, there[index] ?? 1)),
          });
        const [then, now] = [of(first), of(second)];
        const { gone, added, moved } = planDifference(then, now);
        expect(gone.length + added.length + moved.length === 0).toBe(then.digest === now.digest);
      }),
    );
  });
});
