/** A rollback writes what the run found, to the last cell, whatever people had made of it. */
import { scopeOfAll } from '../../src/core/scope.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foundBy, manifestsOf } from '../../src/core/rollback.js';
import type { JsonObject } from '../../src/core/json.js';
import { objectName } from '../../src/core/outcome.js';
import { bindingFor, type Backend } from '../support/binding.js';
import { makePlan } from '../../src/engine/plan.js';
import type { Planned } from '../../src/engine/planning.js';
import { sha256 } from '../../src/files/digest.js';
import type { CellValue } from '../../src/simulator/model.js';
import { BACKEND, OWNER } from '../support/owned.js';
import { bench, type Bench } from '../support/org.js';
import { carryOut, kindOf, manifest, ORG, plan, type Applied } from '../support/reconcile.js';
import { editRow, ROWS, strategyRows, tableIn } from '../support/rows.js';

/** The plan of `strategos rollback` for a run that has just ended. */
async function planBack(place: Bench, { log }: Applied, backend: Backend): Promise<Planned> {
  const found = foundBy(log.records);
  return makePlan(
    { reader: place.reader(), events: place.events, clock: place.clock, hash: sha256 },
    {
      manifests: manifestsOf(found, 'audit.jsonl', 'strategos/v1', kindOf),
      findings: new Map(found.map(({ address, exact }) => [address, exact])),
      binding: bindingFor(backend),
      owner: OWNER,
      checked: false,
      environment: { name: 'test', backend: backend.name, host: 'http://127.0.0.1:9' },
      prune: true,
      adopt: true,
      namesMayBeGone: true,
      guards: { ...NO_LIMITS, at: () => ({ file: '', line: 1, column: 1 }) },
      scope: scopeOfAll(found.map(({ address }) => address)),
      commit: null,
      version: '0.0.0',
    },
  );
}

const ALL = { kind: 'percent', value: 100 } as const;
const NO_LIMITS = { maxDeletes: ALL, maxChanges: ALL };

const QUEUES = ['Alpha', 'Beta', 'Gamma', 'Overflow'] as const;
const NAMES = ['one', 'two', 'Two three'] as const;

const target = fc.record({
  queue: fc.constantFrom('Alpha', 'Beta', 'Gamma'),
  priority: fc.integer({ min: 1, max: 3 }),
  weight: fc.constantFrom(0.1, 0.3, 1, 2),
  capacity: fc.integer({ min: 1, max: 9 }),
});
const spec = fc.record(
  {
    targets: fc.uniqueArray(target, { minLength: 1, maxLength: 3, selector: ({ queue }) => queue }),
    fallback: fc.constantFrom(null, { queue: 'Overflow' }),
    selection: fc.constantFrom({ skills: [] }, { skills: [{ skill: 'Voice' }] }),
    status: fc.constantFrom('active', 'draft'),
    checks: fc.constant({ skills: 'off', capacity: 'off' }),
  },
  { requiredKeys: ['targets', 'fallback', 'selection', 'checks'] },
);
const repository = fc.dictionary(fc.constantFrom(...NAMES), spec, { maxKeys: 3 });

function filesOf(specs: Readonly<Record<string, object>>): Record<string, string> {
  const entries = Object.entries(specs).map(([name, one]): [string, string] => [
    `${name}.yaml`,
    manifest(name, 'Alpha', one as JsonObject),
  ]);
  return Object.fromEntries(entries);
}

const slot = fc.integer({ min: 1, max: 5 }).map((number) => `target_0${number}`);
const cell: fc.Arbitrary<Record<string, CellValue>> = fc.oneof(
  fc.tuple(slot, fc.integer({ min: -2, max: 7 })).map(([at, value]) => ({
    [`${at}_priority`]: value,
  })),
  fc.tuple(slot, fc.constantFrom(-0.5, 0, 0.2, 0.5, 0.9, 1, 1.5)).map(([at, value]) => ({
    [`${at}_share`]: value,
  })),
  fc
    .tuple(slot, fc.constantFrom(...QUEUES, '', ' ', 'alpha', ' Beta ', 'Nobody knows'))
    .map(([at, value]) => ({ [`${at}_queue`]: value })),
  fc.constantFrom<Record<string, CellValue>>(
    ...[{ targets: 0 }, { targets: 2 }, { targets: 5 }, { targets: 99 }, { targets: -1 }],
    ...[{ status: 'Active' }, { status: '' }, { status: ' active ' }, { status: 'true' }],
    ...[{ fallback_queue: '' }, { fallback_queue: 'Alpha' }, { fallback_priority: 0 }],
    ...[{ skills: 'Voice||Billing' }, { skills: ' Voice' }, { skills: 'voice' }, { skills: '' }],
    ...[{ spec: '' }, { spec: '{"targets": 1}' }, { spec: 'not JSON' }, { note: 'a person' }],
  ),
);
const edits = fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.array(cell, { maxLength: 4 })), {
  maxLength: 3,
});

/** Also rows that nobody has declared yet, and a column that somebody added. */
function edit(
  place: Bench,
  all: readonly (readonly [string, Record<string, CellValue>[]])[],
): void {
  const table = tableIn(place.org, ROWS.tables.objects);
  const [blank] = [...table.columns.values()];
  if (!table.columns.has('note') && blank !== undefined) {
    const fallback = { ...blank, name: 'note', title: 'Note', type: 'string' as const };
    table.columns = new Map([...table.columns, ['note', { ...fallback, fallback: '' }]]);
    for (const [key, row] of table.rows) table.rows.set(key, new Map([...row, ['note', '']]));
  }
  for (const [name, cells] of all) {
    if (!table.rows.has(name)) {
      const empty = [...table.columns].map(([key, column]): [string, CellValue] => [
        key,
        column.fallback,
      ]);
      table.rows.set(name, new Map([...empty, ['key', name]]));
    }
    editRow(place.org, name, Object.assign({}, ...cells) as Record<string, CellValue>);
  }
}

describe('a rollback', () => {
  it.each([false, true])(
    'of rows gives the table that the run found, in files: %s',
    async (bulk) => {
      await fc.assert(
        fc.asyncProperty(repository, edits, repository, edits, async (then, odd, now, later) => {
          const place = bench(ORG);
          const at = { backend: ROWS, owned: false, adopt: true };
          const first = { keep: { targets: [{ queue: 'Alpha', capacity: 1 }] }, ...then };
          await carryOut(place, await plan(place, filesOf(first), at), { backend: ROWS });
          edit(place, odd);
          const found = strategyRows(place.org);
          const made = await plan(place, filesOf({ ...now, keep: first.keep }), at);
          const applied = await carryOut(place, made, { backend: ROWS, bulk });
          fc.pre(applied.outcomes.length > 0 && foundBy(applied.log.records).length > 0);
          const touched = new Set(
            foundBy(applied.log.records).map((one) => objectName(one.address)),
          );
          edit(
            place,
            later.filter(([name]) => touched.has(name)),
          );
          const notes = strategyRows(place.org);
          await carryOut(place, await planBack(place, applied, ROWS), { backend: ROWS, bulk });

          const wanted = Object.fromEntries(
            Object.entries(found).map(([name, row]) => {
              // What others keep in a column of theirs is theirs: it stays as it is by now.
              const note = notes[name]?.['note'] ?? row['note'];
              return [name, note === undefined ? row : { ...row, note }];
            }),
          );
          expect(strategyRows(place.org)).toEqual(wanted);
          expect((await planBack(place, applied, ROWS)).plan.changes).toEqual([]);
        }),
        { numRuns: 25 },
      );
    },
  );

  it('of strategies gives the order in which a person had put them', async () => {
    const content = (place: Bench): unknown =>
      [...place.org.strategies.values()]
        .map((one) => ({ ...one.content, status: one.status }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    await fc.assert(
      fc.asyncProperty(repository, repository, async (then, now) => {
        const place = bench(ORG);
        await carryOut(place, await plan(place, filesOf(then)));
        for (const [id, one] of place.org.strategies) {
          const targets = [...one.content.targets].reverse();
          place.org.strategies.set(id, { ...one, content: { ...one.content, targets } });
        }
        const found = content(place);
        const applied = await carryOut(place, await plan(place, filesOf(now)));
        fc.pre(foundBy(applied.log.records).length > 0);
        await carryOut(place, await planBack(place, applied, BACKEND));
        expect(content(place)).toEqual(found);
        expect((await planBack(place, applied, BACKEND)).plan.changes).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});
