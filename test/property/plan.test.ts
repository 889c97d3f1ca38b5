/** What holds for every org and every set of manifests. */
import { scopeOf } from '../../src/core/scope.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { same } from '../../src/core/canonical.js';
import { addressOf, caused, compare, differences, type Verdict } from '../../src/core/compare.js';
import { objectName } from '../../src/core/outcome.js';
import { applyOperations, diff } from '../../src/core/edits.js';
import type { JsonObject } from '../../src/core/json.js';
import { complete, normalise } from '../../src/core/normalise.js';
import { topological } from '../../src/core/order.js';
import { changesOf, idIn, referencesOf } from '../../src/core/plan.js';
import type { StateRecord } from '../../src/core/state.js';
import type { Live } from '../../src/core/types.js';
import { sha256 } from '../../src/files/digest.js';
import { routingStrategy } from '../../src/kinds/routing-strategy/index.js';
import { strategiesApi } from '../../src/kinds/routing-strategy/strategies-api.js';
import { OTHER, OWNER, policyFor, recordOf } from '../support/owned.js';
import { catalog, kindOf, liveFrom, resolved, type OrgStrategy } from '../support/plans.js';
import { manifests, org, spec } from './generators.js';

const table = routingStrategy.fields;
const normal = (raw: JsonObject): JsonObject => normalise(table, raw, catalog).fields;
const whole = (raw: JsonObject): JsonObject => normal(complete(table, raw));
const liveOf = (list: readonly OrgStrategy[]): Live[] =>
  list.map((one) => ({ ...liveFrom(one, 0, catalog), id: `id-${one.name}` }));

const scene = fc.record({ documents: manifests, live: org.map(liveOf) });
const RUNS = { numRuns: 150 };

describe('comparing', () => {
  it('finds nothing between an object and itself', () => {
    fc.assert(
      fc.property(org.map(liveOf), (live) => {
        for (const { fields } of live) expect(differences(table, fields, fields)).toEqual([]);
      }),
      RUNS,
    );
  });

  it('tells the same in operations as in fields, and every update has some', () => {
    fc.assert(
      fc.property(scene, ({ documents, live }) => {
        const { desired } = resolved(documents);
        const changes = changesOf(compare(desired, live, policyFor(live), kindOf), kindOf, sha256);
        for (const change of changes) {
          expect(change.fields).not.toEqual([]);
          if (change.action !== 'update' || change.before === null) continue;
          expect(change.operations).not.toEqual([]);
          const result = applyOperations(change.before, change.operations);
          expect(result).toEqual({ document: change.after });
        }
      }),
      RUNS,
    );
  });

  it('tells fields exactly where there are operations, for any two objects', () => {
    fc.assert(
      fc.property(org.map(liveOf), org.map(liveOf), (some, others) => {
        for (const a of some) {
          for (const b of others) {
            const operations = diff(a.fields, b.fields);
            const fields = differences(table, a.fields, b.fields);
            expect(fields.length > 0).toBe(operations.length > 0);
            expect(operations.length === 0).toBe(same(a.fields, b.fields));
          }
        }
      }),
      RUNS,
    );
  });

  it('has nothing left to do once the result of every change is live', () => {
    fc.assert(
      fc.property(scene, ({ documents, live }) => {
        const { desired } = resolved(documents);
        const changes = changesOf(compare(desired, live, policyFor(live), kindOf), kindOf, sha256);
        const untouched = live.filter(
          (one) => !changes.some((change) => change.address === one.address),
        );
        const made = changes.flatMap((change): Live[] => {
          const name = change.address.slice(change.address.indexOf('/') + 1);
          // What a create leaves out the platform fills in and we read back.
          return change.after === null ? [] : [liveFrom({ name, raw: change.after })];
        });
        const now = [...untouched, ...made];
        const again = compare(desired, now, policyFor(now), kindOf);
        expect(again.map((one) => one.is).filter((is) => is !== 'unchanged')).toEqual([]);
        expect(again).toHaveLength(desired.length);
      }),
      RUNS,
    );
  });

  it('gives the same changes whatever the order of manifests and live objects', () => {
    const shuffled = scene.chain(({ documents, live }) =>
      fc.record({
        one: fc.constant({ documents, live }),
        other: fc.record({
          documents: fc.shuffledSubarray(documents, { minLength: documents.length }),
          live: fc.shuffledSubarray(live, { minLength: live.length }),
        }),
      }),
    );
    const changes = (of: { documents: string[]; live: Live[] }): unknown =>
      changesOf(
        compare(resolved(of.documents).desired, of.live, policyFor(of.live), kindOf),
        kindOf,
        sha256,
      ).map(
        // Lines differ with the order of the documents in the file, nothing else may.
        (change) => ({ ...change, fields: change.fields.map((field) => ({ ...field, at: null })) }),
      );
    fc.assert(
      fc.property(shuffled, ({ one, other }) => {
        expect(changes(other)).toEqual(changes(one));
      }),
      RUNS,
    );
  });

  it('touches nothing outside its scope, and nothing that is unmanaged without prune', () => {
    const scoped = fc.tuple(scene, fc.subarray(['a', 'b', 'c', 'd', 'e']), fc.boolean());
    fc.assert(
      fc.property(scoped, ([{ documents, live }, names, prune]) => {
        const scope = new Set(names);
        const policy = policyFor(live, { prune, scope: scopeOf(names, []) });
        const verdicts = compare(resolved(documents).desired, live, policy, kindOf);
        for (const verdict of verdicts) {
          expect(scope.has(objectName(addressOf(verdict)))).toBe(true);
          if (!prune) expect(verdict.is).not.toBe('delete');
        }
      }),
      RUNS,
    );
  });
});

describe('owning', () => {
  const owner = fc.constantFrom(OWNER, OTHER, { ...OWNER, environment: 'another' });
  const applied = fc.option(spec.map(whole));
  const held = (live: readonly Live[]) =>
    fc.tuple(
      ...live.map(({ address, id }) =>
        fc.option(
          fc.record({ owner, applied, id: fc.option(fc.constant(id)) }).map((one) => ({
            ...recordOf(address, one),
          })),
        ),
      ),
    );
  const kept = scene.chain(({ documents, live }) =>
    fc.record({ documents: fc.constant(documents), live: fc.constant(live), records: held(live) }),
  );
  const policy = (list: readonly (StateRecord | null)[]) =>
    policyFor([], {
      records: new Map(list.flatMap((one) => (one === null ? [] : [[one.address, one]]))),
    });

  it('changes nothing that is another’s, and deletes nothing that is not ours', () => {
    fc.assert(
      fc.property(kept, ({ documents, live, records }) => {
        const by = policy(records);
        const verdicts = compare(resolved(documents).desired, live, by, kindOf);
        for (const change of changesOf(verdicts, kindOf, sha256)) {
          const record = by.records.get(change.address);
          if (record !== undefined) expect(record.owner).toEqual(OWNER);
          if (change.action === 'delete') expect(record?.owner).toEqual(OWNER);
          if (change.action === 'update') expect(record).toBeDefined();
        }
      }),
      RUNS,
    );
  });

  it('has a verdict on every declared or live object, one each, and on nothing else', () => {
    fc.assert(
      fc.property(kept, ({ documents, live, records }) => {
        const { desired } = resolved(documents);
        const verdicts = compare(desired, live, policy(records), kindOf);
        const all = [...desired, ...live].map(({ address }) => address);
        expect(verdicts.map(addressOf)).toEqual([...new Set(all)].sort());
      }),
      RUNS,
    );
  });

  it('does not let what was applied decide what becomes of an object', () => {
    const result = (verdict: Verdict): unknown => ({ ...verdict, applied: null });
    fc.assert(
      fc.property(kept, ({ documents, live, records }) => {
        const { desired } = resolved(documents);
        const settled = records.map((one) => one && { ...one, id: one.id ?? 'settled' });
        const forgotten = settled.map((one) => one && { ...one, applied: null });
        const [known, unknown] = [settled, forgotten].map((list) =>
          compare(desired, live, policy(list), kindOf).map(result),
        );
        expect(known).toEqual(unknown);
      }),
      RUNS,
    );
  });

  it('tells a cause for all that moves, or for nothing of an object', () => {
    fc.assert(
      fc.property(kept, ({ documents, live, records }) => {
        const verdicts = compare(resolved(documents).desired, live, policy(records), kindOf);
        for (const verdict of verdicts) {
          if (verdict.is !== 'update') continue;
          const { after, applied: then } = verdict;
          const found = caused(table, verdict.live.fields, after, then);
          const bare = found.map(({ place, pointer, before, after: now }) => ({
            place,
            pointer,
            ...(before === undefined ? {} : { before }),
            ...(now === undefined ? {} : { after: now }),
          }));
          expect(bare).toEqual(differences(table, verdict.live.fields, after));
          if (then === null) expect(found.every(({ cause }) => cause === null)).toBe(true);
          if (same(then ?? undefined, verdict.live.fields)) {
            expect(found.every(({ cause }) => cause === 'git')).toBe(true);
          }
          if (same(then ?? undefined, after)) {
            expect(found.every(({ cause }) => cause === 'drift')).toBe(true);
          }
        }
      }),
      RUNS,
    );
  });
});

describe('normalising', () => {
  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(spec, (raw) => {
        expect(normal(normal(raw))).toStrictEqual(normal(raw));
        expect(whole(whole(raw))).toStrictEqual(whole(raw));
      }),
      RUNS,
    );
  });

  it('does not care how a queue or skill is spelled', () => {
    const spelled = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value).replace(/"Tier (\d)"/g, '{"id":"q$1"}'));
    fc.assert(
      fc.property(spec, (raw) => {
        expect(normal(spelled(raw) as JsonObject)).toStrictEqual(normal(raw));
      }),
      RUNS,
    );
  });
});

describe('the wire form', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(spec, (raw) => {
        const after = whole({ status: 'active', ...raw });
        const change = {
          action: 'create',
          address: 'RoutingStrategy/a',
          before: null,
          after,
        } as const;
        const references = referencesOf(
          [
            {
              ...change,
              id: null,
              precondition: null,
              operations: [],
              fields: [],
              waitsFor: [],
              checks: [],
            },
          ],
          kindOf,
          catalog,
        );
        const [step] = strategiesApi.steps(change, '/somewhere');
        if (step?.do !== 'write') throw new Error('a create begins with a write');
        const { body } = step.request(null, (to, one) => idIn({ references }, to, one));
        const read = strategiesApi.read({ ...body, id: 'x', version: 1 });
        expect(whole(read.raw)).toEqual({ ...after, status: 'draft' });
      }),
      RUNS,
    );
  });
});

describe('topological', () => {
  const NODES = 8;
  const graph = fc.array(fc.array(fc.nat(NODES + 1), { maxLength: 3 }), { maxLength: NODES });

  it('lets nothing start before what it waits for, and loses nothing', () => {
    fc.assert(
      fc.property(graph, (edges) => {
        const items = edges.map((list, index) => ({
          address: `n${index}`,
          waitsFor: list.map((one) => `n${one}`),
        }));
        const known = new Set(items.map((one) => one.address));
        const { ordered, cycle } = topological(items);
        const done = new Set<string>();
        for (const { address, waitsFor } of ordered) {
          expect(waitsFor.filter((one) => known.has(one) && !done.has(one))).toEqual([]);
          done.add(address);
        }
        expect([...done, ...cycle].sort()).toEqual([...known].sort());
        // Whatever is left over waits for something that is left over.
        for (const address of cycle) {
          const { waitsFor } = items.find((one) => one.address === address) ?? { waitsFor: [] };
          expect(waitsFor.some((one) => cycle.includes(one))).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
