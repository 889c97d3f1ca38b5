/** Laws of normalising, laying over and comparing, over field tables that nobody thought of. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AS_WRITTEN } from '../../src/core/asked-before.js';
import { same } from '../../src/core/canonical.js';
import { differences } from '../../src/core/compare.js';
import type { Field, RecordField } from '../../src/core/fields.js';
import { isObject, valueAt, type Json, type JsonObject } from '../../src/core/json.js';
import { normalise, overlay, referencesIn, referenceTypes } from '../../src/core/normalise.js';
import { isSamePlace, overlaps, placeText } from '../../src/core/place.js';

const RUNS = { numRuns: 300 };
const scalar = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.boolean(), fc.constantFrom('a', 'b'));
const names = fc.constantFrom('Sales', 'Support', 'x/y', '__proto__', 'a "b"');
const reference = fc.oneof(
  names,
  names.map((id) => ({ id })),
);

/** A field, and raw values of it. */
interface Sample {
  readonly field: Field;
  readonly value: fc.Arbitrary<Json>;
}

const leaf: fc.Arbitrary<Sample> = fc.constantFrom<Sample>(
  { field: { type: 'scalar' }, value: scalar },
  { field: { type: 'scalar', default: 1 }, value: scalar },
  { field: { type: 'reference', to: 'queue' }, value: reference },
  {
    field: { type: 'set', of: { type: 'scalar' } },
    value: fc.array(fc.constantFrom('a', 'b', 'c')),
  },
  { field: { type: 'set', of: { type: 'reference', to: 'skill' } }, value: fc.array(reference) },
  {
    field: { type: 'map', of: { type: 'reference', to: 'script' } },
    value: fc.dictionary(names, reference),
  },
  {
    field: { type: 'map', of: { type: 'scalar' }, entriesKeep: true },
    value: fc.dictionary(names, scalar),
  },
);

const recordOf = (inner: fc.Arbitrary<Sample>): fc.Arbitrary<Sample & { field: RecordField }> =>
  fc.tuple(inner, inner, inner).map(([a, b, c]) => ({
    field: { type: 'record', fields: { a: a.field, b: b.field, c: c.field } },
    value: fc.record({ a: a.value, b: b.value, c: c.value }, { requiredKeys: [] }),
  }));

const nested: fc.Arbitrary<Sample> = fc.oneof(
  leaf,
  recordOf(leaf),
  recordOf(leaf).map(({ field, value }): Sample => ({
    field: { type: 'map', of: field },
    value: fc.dictionary(names, value),
  })),
  recordOf(leaf).map(({ field, value }): Sample => ({
    field: {
      type: 'list',
      key: 'key',
      order: 'set',
      modes: true,
      itemsLieOver: true,
      item: { type: 'record', fields: { key: { type: 'scalar' }, ...field.fields } },
    },
    value: fc
      .uniqueArray(fc.tuple(names, value), { selector: ([key]) => key })
      .map((items) => items.map(([key, one]) => ({ ...(one as JsonObject), key }))),
  })),
);

/** A table and two raw objects of it. */
const scenes = recordOf(nested).chain(({ field, value }) =>
  fc.record({
    table: fc.constant(field),
    a: value as fc.Arbitrary<JsonObject>,
    b: value as fc.Arbitrary<JsonObject>,
  }),
);

const normal = (table: RecordField, raw: JsonObject): JsonObject =>
  normalise(table, raw, AS_WRITTEN).fields;

describe('over any table of fields', () => {
  it('what is normal is normal again', () => {
    fc.assert(
      fc.property(scenes, ({ table, a }) => {
        const once = normal(table, a);
        expect(normal(table, once)).toEqual(once);
      }),
      RUNS,
    );
  });

  it('two objects differ in some place exactly when they are not the same', () => {
    fc.assert(
      fc.property(scenes, ({ table, a, b }) => {
        const [one, other] = [normal(table, a), normal(table, b)];
        expect(differences(table, one, one)).toEqual([]);
        expect(differences(table, one, other).length === 0).toBe(same(one, other));
      }),
      RUNS,
    );
  });

  it('every difference has a place of its own, and a pointer to what will be there', () => {
    fc.assert(
      fc.property(scenes, ({ table, a, b }) => {
        const [before, after] = [normal(table, a), normal(table, b)];
        const found = differences(table, before, after);
        const texts = found.map(({ place }) => placeText(place));
        expect(new Set(texts).size).toBe(found.length);
        for (const one of found) {
          if (one.after !== undefined) expect(valueAt(after, one.pointer)).toBeDefined();
          const odd = found.filter(
            (other) =>
              overlaps(one.place, other.place) !== overlaps(other.place, one.place) ||
              isSamePlace(one.place, other.place) !== (one === other),
          );
          expect(odd).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  it('laying over is done once, and what is not asked for stays', () => {
    fc.assert(
      fc.property(scenes, ({ table, a, b }) => {
        const [live, asked] = [normal(table, a), normal(table, b)];
        const after = overlay(table, live, asked);
        expect(same(overlay(table, after, asked), after)).toBe(true);
        for (const key of Object.keys(live)) {
          if (!Object.hasOwn(asked, key)) expect(after[key]).toEqual(live[key]);
        }
        expect(same(normal(table, after), after)).toBe(true);
      }),
      RUNS,
    );
  });

  it('a set has no order and holds nothing twice', () => {
    const table: RecordField = {
      type: 'record',
      fields: { all: { type: 'set', of: { type: 'reference', to: 'group' } } },
    };
    fc.assert(
      fc.property(fc.array(reference), (items) => {
        const sorted = normal(table, { all: items });
        expect(normal(table, { all: [...items, ...items].reverse() })).toEqual(sorted);
      }),
      RUNS,
    );
  });

  it('what is to be included is there afterwards, beside all that was', () => {
    fc.assert(
      fc.property(fc.array(names), fc.array(names), (there, more) => {
        const table: RecordField = {
          type: 'record',
          fields: { all: { type: 'set', of: { type: 'scalar' }, modes: true } },
        };
        const live = normal(table, { all: there });
        const after = overlay(table, live, normal(table, { all: { include: more } }));
        expect(after['all']).toEqual(normal(table, { all: [...there, ...more] })['all']);
      }),
      RUNS,
    );
  });

  it('every reference is found, whatever holds it', () => {
    fc.assert(
      fc.property(scenes, ({ table, a }) => {
        const types = new Set(referenceTypes(table));
        for (const { to, reference: one } of referencesIn(table, normal(table, a))) {
          expect(types.has(to)).toBe(true);
          expect(typeof one === 'string' || isObject(one)).toBe(true);
        }
      }),
      RUNS,
    );
  });
});
