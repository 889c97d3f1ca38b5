/** Plans of thousands of rows or members, as a person reads them. */
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/json.js';
import { placeText, type Place } from '../../src/core/place.js';
import type { Change, FieldChange } from '../../src/core/types.js';
import { folded } from '../../src/render/folding.js';
import { changeMarkdown } from '../../src/render/markdown.js';
import { groupsOf } from '../../src/render/field-tables.js';

function field(place: Place, before: Json | undefined, after: Json | undefined): FieldChange {
  return {
    path: placeText(place),
    place,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    at: null,
    cause: 'git',
  };
}

const name = (n: number): string => `Site ${String(n).padStart(4, '0')}`;
const many = (count: number, of: (key: string) => FieldChange[], from = 0): FieldChange[] =>
  Array.from({ length: count }, (_, n) => of(name(n + from))).flat();
const come = (key: string): FieldChange[] => [field(['rows', { key }], undefined, { agents: 1 })];
const go = (key: string): FieldChange[] => [field(['rows', { key }], { agents: 1 }, undefined)];
const move = (key: string): FieldChange[] => [
  field(['rows', { key }, { key: 'agents' }], 1, 2),
  field(['rows', { key }, { key: 'queue' }], 'A', 'B'),
];

const update = (fields: readonly FieldChange[]): Change =>
  ({
    action: 'update',
    address: 'DataTable/Sites',
    id: 't-1',
    fields,
    checks: [],
    waitsFor: [],
    before: {},
    after: {},
  }) as unknown as Change;

describe('of very many entries of a field', () => {
  it('the first ten are shown, what goes before all, and the others counted', () => {
    const fields = [...many(400, come), ...many(90, move, 1000), ...many(4, go, 2000)];
    const { shown, more } = folded(fields);
    const keys = new Set(shown.map(({ path }) => /"([^"]+)"/.exec(path)?.[1]));
    expect([...keys]).toEqual([
      ...[2000, 2001, 2002, 2003].map(name),
      ...[1000, 1001, 1002, 1003, 1004, 1005].map(name),
    ]);
    // Of an entry that is shown, every cell is.
    expect(shown).toHaveLength(4 + 6 * 2);
    expect(more).toEqual(['rows: 484 more (84 changed, 400 new); the plan as JSON has all']);
  });

  it('those that are alike are counted in few words', () => {
    expect(folded(many(30, come)).more).toEqual(['rows: 20 more new; the plan as JSON has all']);
  });

  it('one more than that is shown as well', () => {
    expect(folded(many(11, come))).toEqual({ shown: many(11, come), more: [] });
    expect(folded(many(12, come)).more).toHaveLength(1);
  });

  it('other fields stay where they are, each by itself', () => {
    const before = field(['description'], 'a', 'b');
    const after = field(['columns', { order: true }], ['a'], ['b']);
    const members = Array.from({ length: 20 }, (_, n) =>
      field(['members', { key: `a${n}@example.com` }], undefined, { ring: 1 }),
    );
    const { shown, more } = folded([before, ...many(20, come), after, ...members]);
    expect(shown.map(({ path }) => path.replace(/\[.*/, ''))).toEqual([
      'description',
      ...Array<string>(10).fill('rows'),
      'columns (order)',
      ...Array<string>(10).fill('members'),
    ]);
    expect(more).toHaveLength(2);
  });

  it('is said below the table, in a comment too', () => {
    const change = update([field(['description'], 'a', 'b'), ...many(5000, come)]);
    const [group] = groupsOf(change);
    expect([group?.rows.length, group?.more?.length]).toEqual([11, 1]);
    const text = changeMarkdown(change, {});
    expect(text.length).toBeLessThan(2000);
    expect(text).toMatch(/\|\n\nrows: 4990 more new; the plan as JSON has all$/);
  });
});
