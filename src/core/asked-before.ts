/** Of what git asks for, what it had asked for before the change that is looked at. */
import type { Catalog } from './catalog.js';
import { differences } from './compare.js';
import type { RecordField } from './fields.js';
import type { JsonObject } from './json.js';
import { overlaps } from './place.js';
import type { Change } from './types.js';

/** Takes names as they are written: two versions of a manifest are compared without an org. */
export const AS_WRITTEN: Catalog = {
  types: [],
  resolve: (_to, reference) => ({ found: true, id: '', label: reference }),
  label: (_to, id) => ({ id }),
  named: () => [],
  nameOf: (_to, id) => id,
};

/**
 * Paths of the change's fields that `before` asks for like `after` does: the fields that the
 * manifest had and has, `null` where there is none. What an org moved is not told from here.
 */
export function askedBefore(
  { fields }: Pick<Change, 'fields'>,
  before: JsonObject | null,
  after: JsonObject | null,
  table: RecordField,
): ReadonlySet<string> {
  if (before === null && after === null) return new Set(fields.map(({ path }) => path));
  if (before === null || after === null) return new Set();
  const moved = differences(table, before, after);
  const same = fields.filter(({ place = [] }) => !moved.some((one) => overlaps(one.place, place)));
  return new Set(same.map(({ path }) => path));
}
