/** What a write that is not all that was applied leaves on record. */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import { laidOn, onRecord, type Back } from '../../src/core/recorded.js';
import { dataTable } from '../../src/kinds/data-table/index.js';
import { queue } from '../../src/kinds/queue/index.js';
import { routingStrategy } from '../../src/kinds/routing-strategy/index.js';

const target = (of: string, weight: number, capacity = 10): JsonObject => ({
  queue: of,
  priority: 1,
  weight,
  capacity,
});

describe('the fields of a strategy', () => {
  const laid = (applied: JsonObject, from: JsonObject, to: JsonObject): JsonObject =>
    laidOn(routingStrategy.fields, applied, { from, to });

  it.each<[string, JsonObject, JsonObject, JsonObject, JsonObject]>([
    [
      'that are written are as they are written',
      { targets: [target('A', 1), target('B', 1)] },
      { targets: [target('A', 1), target('B', 1)] },
      { targets: [target('A', 0.9), target('B', 1)] },
      { targets: [target('A', 0.9), target('B', 1)] },
    ],
    [
      'beside them stay as they were applied',
      { status: 'active', targets: [target('A', 1, 50)], fallback: { queue: 'F', priority: 99 } },
      { status: 'draft', targets: [target('A', 1, 20)], fallback: null },
      { status: 'draft', targets: [target('A', 0.5, 20)], fallback: null },
      { status: 'active', targets: [target('A', 0.5, 50)], fallback: { queue: 'F', priority: 99 } },
    ],
    [
      'that somebody has added or removed are no more applied than before',
      { targets: [target('A', 1), target('B', 1)] },
      { targets: [target('A', 1), target('C', 1)] },
      { targets: [target('A', 0.5), target('C', 1)] },
      { targets: [target('A', 0.5), target('B', 1)] },
    ],
    [
      'that are written where somebody has added them are applied from now on',
      { targets: [target('A', 1)] },
      { targets: [target('A', 1), target('C', 1)] },
      { targets: [target('A', 1), target('C', 0.5)] },
      { targets: [target('A', 1), target('C', 0.5)] },
    ],
    [
      'that change places are written as a whole',
      { targets: [target('A', 1), target('B', 1)] },
      { targets: [target('A', 1), target('B', 1)] },
      { targets: [target('B', 1), target('A', 1)] },
      { targets: [target('B', 1), target('A', 1)] },
    ],
    [
      'two of one key are written as a whole',
      { targets: [target('A', 1)] },
      { targets: [target('A', 1), target('A', 1)] },
      { targets: [target('A', 1), target('A', 0.5)] },
      { targets: [target('A', 1), target('A', 0.5)] },
    ],
  ])('%s', (_, applied, from, to, expected) => {
    expect(laid(applied, from, to)).toEqual(expected);
  });
});

it('codes that come and go, and what is on record of others', () => {
  const [applied, from, to] = [
    ['a', 'b'],
    ['a', 'x'],
    ['x', 'y'],
  ].map((wrapupCodes) => ({
    wrapupCodes,
  }));
  expect(laidOn(queue.fields, applied!, { from: from!, to: to! })).toEqual({
    wrapupCodes: ['b', 'y'],
  });
});

it('rows, cell by cell', () => {
  const rows = (of: JsonObject): JsonObject => ({ rows: of });
  const applied = rows({ Bonn: { n: 1, site: 'a' }, Ulm: { n: 3 } });
  const from = rows({ Bonn: { n: 1, site: 'z' }, Trier: { n: 9 }, Ulm: { n: 3 } });
  const to = rows({ Bonn: { n: 2, site: 'z' }, Trier: { n: 9 } });
  expect(laidOn(dataTable.fields, applied, { from, to })).toEqual(
    rows({ Bonn: { n: 2, site: 'a' } }),
  );
});

describe('what is on record after a rollback', () => {
  const site = (n: number, more: JsonObject = {}): JsonObject => ({ n, ...more });
  const recorded = (
    applied: JsonObject,
    { fields = applied, after = fields, live = after }: Partial<Back>,
    [before, became]: [JsonObject, JsonObject],
  ): JsonObject =>
    onRecord(dataTable.fields, { applied, live, fields, after }, { before, after: became }, [
      'rows',
    ]);

  it('of rows: as they were found where they went back, else as they were applied', () => {
    const found = { Bonn: site(1), Kiel: site(2), Ulm: site(3), Hof: site(4) };
    const applied = { Bonn: site(5), Ulm: site(6), Hof: site(4), Jena: site(7) };
    // Ulm was edited, Essen added and Hof removed by somebody since.
    const value = { Bonn: site(1), Kiel: site(2), Ulm: site(9), Essen: site(8) };
    expect(
      recorded({ rows: applied }, { fields: { rows: value } }, [
        { rows: found },
        { rows: applied },
      ]),
    ).toEqual({ rows: { Bonn: site(1), Kiel: site(2), Ulm: site(6), Hof: site(4) } });
  });

  it('of cells: those that the run wrote and no others', () => {
    const [found, applied] = [{ Bonn: site(1, { q: 'a' }) }, { Bonn: site(5, { q: 'a' }) }];
    const value = { Bonn: site(1, { q: 'by hand' }) };
    expect(
      recorded({ rows: applied }, { fields: { rows: value } }, [
        { rows: found },
        { rows: applied },
      ]),
    ).toEqual({ rows: { Bonn: site(1, { q: 'a' }) } });
  });

  it('of fields that the run did not change: as they were applied, unless they are written', () => {
    const applied = { description: 'ours', division: 'North' };
    const found = { description: 'by hand', division: 'Home' };
    const became = { description: 'by hand', division: 'North' };
    expect(recorded(applied, { fields: found, live: became }, [found, became])).toEqual({
      description: 'ours',
      division: 'Home',
    });
    const live = { description: 'by another', division: 'Home' };
    expect(recorded(applied, { fields: found, live }, [found, became])).toEqual(found);
  });

  it('of what nobody asked for: what was on record', () => {
    const applied = { description: 'new', rows: { Bonn: site(1) } };
    const after = { description: 'old', rows: { Bonn: site(1), Essen: site(2) } };
    const run: [JsonObject, JsonObject] = [{ description: 'old' }, { description: 'new' }];
    expect(recorded(applied, { fields: { description: 'old' }, after }, run)).toEqual({
      description: 'old',
      rows: { Bonn: site(1) },
    });
  });
});
