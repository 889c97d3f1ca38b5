/**
 * How a kind describes its fields, once, as data: normalising, comparing, printing and collecting
 * references all walk this table, so that no shared code knows a kind.
 */
import type { ReferenceTo } from './catalog.js';
import type { Json } from './json.js';

export interface ScalarField {
  readonly type: 'scalar';
  /** Taken when the key is absent in a record that is present. Without one the key is unmanaged. */
  readonly default?: Json;
  /** The one form of all values that mean the same, where there are several. Total. */
  readonly canonical?: (value: Json) => Json;
}

/** A name or `{ id }` of something else in the org. */
export interface ReferenceField {
  readonly type: 'reference';
  readonly to: ReferenceTo;
  /** The platform says the name along with the id: the others are listed only where named. */
  readonly isNamed?: true;
}

export interface RecordField {
  readonly type: 'record';
  readonly fields: Readonly<Record<string, Field>>;
  /** What the org has when the record is missing there: `null`, or an empty record. */
  readonly whenAbsent?: Json;
}

/** A list whose items are told apart by one of their keys: what is not in it is to go. */
export interface ListField {
  readonly type: 'list';
  readonly key: string;
  readonly item: RecordField;
  /**
   * `set`: order has no meaning, items are sorted by key. Otherwise the name of a number by which
   * items are ordered; items with the same number keep the order in which they were written.
   */
  readonly order: 'set' | { readonly by: string };
  /** What an item does not say stays as it is in the item of its key. Default: lists are whole. */
  readonly itemsLieOver?: true;
}

export type Field = ScalarField | ReferenceField | RecordField | ListField;
