/** What a run did to members, codes and rows is taken back, and what others have done is not. */
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/core/json.js';
import { takenBack, undone } from '../../src/core/undone.js';
import { dataTable } from '../../src/kinds/data-table/index.js';
import { queue } from '../../src/kinds/queue/index.js';

const { members, wrapupCodes } = queue.fields.fields;
const { rows } = dataTable.fields.fields;
const people = (of: Readonly<Record<string, number>>): Json =>
  Object.entries(of).map(([user, ring]) => ({ user, ring }));

describe('members', () => {
  it.each([
    ['given by the run go', { a: 1 }, { a: 1, b: 1 }, { a: 1, b: 1 }, { a: 1 }, []],
    ['given by others stay', { a: 1 }, { a: 1, b: 1 }, { a: 1, b: 1, c: 1 }, { a: 1, c: 1 }, []],
    [
      'taken by the run come back',
      { a: 1, b: 2 },
      { a: 1 },
      { a: 1, c: 1 },
      { a: 1, b: 2, c: 1 },
      [],
    ],
    ['taken by others stay away', { a: 1, b: 1 }, { b: 1, c: 1 }, { c: 1 }, { a: 1 }, []],
    [
      'whose ring the run moved go back',
      { a: 1, b: 1 },
      { a: 2, b: 1 },
      { a: 2, b: 3 },
      { a: 1, b: 3 },
      [],
    ],
    ['whose ring others moved since stay', { a: 1 }, { a: 2 }, { a: 3 }, { a: 3 }, ['a']],
    ['given by the run and moved since stay', {}, { a: 1 }, { a: 2 }, { a: 2 }, ['a']],
    ['given back by others stay as those gave them', { a: 2 }, {}, { a: 1 }, { a: 1 }, ['a']],
    ['given back already are not given twice', { a: 1 }, {}, { a: 1 }, { a: 1 }, []],
    [
      'given by the run without a ring, which others gave since, stay',
      {},
      { a: 1 },
      { a: 3 },
      { a: 3 },
      ['a'],
    ],
    ['that a killed run never came to give', { a: 1 }, { a: 1, b: 1 }, { a: 1 }, { a: 1 }, []],
  ] as const)('%s', (_, before, after, live, expected, left) => {
    if (members === undefined) throw new Error('queues have no members');
    const found = undone(members, people(live), { before: people(before), after: people(after) });
    expect(found).toEqual({ value: people(expected), left });
    // A second time there is nothing left to take back.
    const again = undone(members, found.value, { before: people(before), after: people(after) });
    expect(again.value).toEqual(found.value);
  });
});

it('members who have just come, as a run that was killed may leave them', () => {
  if (members === undefined) throw new Error('queues have no members');
  const fresh = { ring: 1 };
  const [ring1, ring2] = [people({ a: 1 }), people({ a: 2 })];
  const given = undone(members, ring1, { before: [], after: ring2 }, fresh);
  const taken = undone(members, ring1, { before: ring2, after: [] }, fresh);
  expect([given.value, taken.value]).toEqual([[], ring2]);
});

it('codes, which are names alone', () => {
  if (wrapupCodes === undefined) throw new Error('queues have no codes');
  const effect = { before: ['A', 'B'], after: ['B', 'C'] };
  expect(undone(wrapupCodes, ['B', 'C', 'D'], effect).value).toEqual(['A', 'B', 'D']);
});

describe('a row that the run added', () => {
  const added = { before: {}, after: { Kiel: { agents: 1 } } };
  const of = (cells: JsonObject): ReturnType<typeof takenBack> => {
    const columns = [{ name: 'preset', default: 'old' }];
    const table = { fields: { rows: added.before }, live: { columns, rows: { Kiel: cells } } };
    const effect = { before: { rows: added.before }, after: { rows: added.after } };
    const parts = dataTable.resources['platform']?.parts;
    return takenBack(dataTable.fields, table.fields, table.live, effect, parts);
  };

  it.each([
    ['nobody has written since', {}],
    ['somebody has added columns since, and written nothing', { note: '', count: 0, on: false }],
    ['a new column has what it says itself', { preset: 'old' }],
  ])('goes where %s', (_, more) => {
    expect(of({ agents: 1, ...more })).toEqual({ fields: { rows: {} }, left: {} });
  });

  it.each([{ note: 'call Ann' }, { preset: 'new' }, { count: 2 }])(
    'stays with what somebody has written into a further column, and is told: %o',
    (more) => {
      const cells = { agents: 1, ...more };
      expect(of(cells)).toEqual({ fields: { rows: { Kiel: cells } }, left: { rows: ['Kiel'] } });
    },
  );
});

it('cells of a row, each by itself, with a column that came since', () => {
  if (rows === undefined) throw new Error('tables have no rows');
  const effect = {
    before: { Bonn: { agents: 1, open: true } },
    after: { Bonn: { agents: 2, open: true }, Kiel: { agents: 1, open: true } },
  };
  const live = {
    Bonn: { agents: 2, open: false, note: 'x' },
    Kiel: { agents: 1, open: true, note: '' },
    Ulm: { agents: 5, open: true, note: '' },
  };
  expect(undone(rows, live, effect)).toEqual({
    value: { Bonn: { agents: 1, open: false, note: 'x' }, Ulm: live.Ulm },
    left: [],
  });
});
