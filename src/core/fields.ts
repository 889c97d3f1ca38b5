/**
 * How a kind describes its fields, once, as data: normalising, comparing, printing and collecting
 * references all walk this table, so that no shared code knows a kind.
 */
import type { ReferenceTo } from './catalog.js';
import type { Json } from './json.js';

/** What may be said of any field of an object. */
export interface Traits {
  /** What people switch from hour to hour: shown, and kept equal only where a manifest says it. */
  readonly operational?: true;
  /** Given at the creation, and changed by no write: see `replacing.ts`. */
  readonly forceNew?: true;
}

export interface ScalarField extends Traits {
  readonly type: 'scalar';
  /** Taken when the key is absent in a record that is present. Without one the key is unmanaged. */
  readonly default?: Json;
  /** The one form of all values that mean the same, where there are several. Total. */
  readonly canonical?: (value: Json) => Json;
}

/** A name or `{ id }` of something else in the org. */
export interface ReferenceField extends Traits {
  readonly type: 'reference';
  readonly to: ReferenceTo;
  /** The platform says the name along with the id: the others are listed only where named. */
  readonly isNamed?: true;
}

export interface RecordField extends Traits {
  readonly type: 'record';
  readonly fields: Readonly<Record<string, Field>>;
  /** What the org has when the record is missing there: `null`, or an empty record. */
  readonly whenAbsent?: Json;
}

/** How much of a list or a set a manifest may ask for. */
export interface Modes {
  /** Beside a list, which is exactly these, `{ include: […] }`: at least these. */
  readonly modes?: true;
}

/** A list whose items are told apart by one of their keys: what is not in it is to go. */
export interface ListField extends Traits, Modes {
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

/** Scalars or references of which each is there once, in no order. */
export interface SetField extends Traits, Modes {
  readonly type: 'set';
  readonly of: ScalarField | ReferenceField;
  /** In the order of the file, for positions: see `manifest/resolve.ts`. */
  readonly asWritten?: true;
}

/** Values by keys that the table does not know. */
export interface MapField extends Traits {
  readonly type: 'map';
  readonly of: RecordField | ReferenceField | ScalarField | MapField;
  /** Entries that a manifest leaves out stay as they are. Without it the map is replaced whole. */
  readonly entriesKeep?: true;
}

export type Field = ScalarField | ReferenceField | RecordField | ListField | SetField | MapField;

/** Names of the fields of which only a manifest that says one makes anything. */
export function operationalIn({ fields }: RecordField): ReadonlySet<string> {
  return new Set(Object.keys(fields).filter((key) => fields[key]?.operational === true));
}
