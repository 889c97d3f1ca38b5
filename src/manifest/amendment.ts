/**
 * What a manifest has to say differently so that it says what the org has, and nothing beside it:
 * what means the same stays as it is written, and what is left out stays out.
 */
import { same } from '../core/canonical.js';
import type { Catalog } from '../core/catalog.js';
import type { Field, ListField, RecordField } from '../core/fields.js';
import { isObject, pointerToken, type Json, type JsonObject } from '../core/json.js';
import { askedOf, leaveLive, type Kind } from '../core/kind.js';
import { specOf } from '../core/manifest.js';
import { entriesIn, itemKey, rankOf } from '../core/entries.js';
import { normalise, overlay, type Normal } from '../core/normalise.js';
import type { Live, Manifest } from '../core/types.js';

/** Of one value: another one, or its parts. */
export type Amendment =
  | { readonly is: 'value'; readonly value: Json }
  | { readonly is: 'record'; readonly keys: ReadonlyMap<string, Amendment | 'left out'> }
  | { readonly is: 'list'; readonly items: readonly Item[] };

/** `from`: the item of the list as it is; `null` for a new one, which `amendment` then says. */
export interface Item {
  readonly from: number | null;
  readonly amendment: Amendment | null;
}

/**
 * Of the manifest's spec; `null` where an apply of it would change nothing. `wanted` is the spec
 * that a new manifest of the object would have.
 */
export function amendmentOf(
  kind: Kind,
  manifest: Manifest,
  live: Pick<Live, 'fields'>,
  wanted: JsonObject,
  catalog: Catalog,
): Amendment | null {
  const raw = specOf(manifest);
  const normal = normalise(kind.fields, askedOf(kind, manifest), catalog);
  const managed = leaveLive(kind, manifest, normal.fields, live.fields);
  if (same(overlay(kind.fields, live.fields, managed), live.fields)) return null;
  const own = kind.inModeOf?.(raw, wanted) ?? wanted;
  return ofRecord(kind.fields, { raw, managed, live: live.fields, wanted: own }, '', normal);
}

/** The same object four times: as written, as meant, as it is, and as it would be written. */
interface Sides {
  readonly raw: JsonObject;
  readonly managed: JsonObject;
  readonly live: JsonObject;
  readonly wanted: JsonObject;
}

/** `at`: the pointer to the record in the normal form. */
function ofRecord(
  table: RecordField,
  { raw, managed, live, wanted }: Sides,
  at: string,
  normal: Normal,
  isWhole = false,
): Amendment | null {
  const keys = new Map<string, Amendment | 'left out'>();
  for (const [key, field] of Object.entries(table.fields)) {
    const [meant, is, asked] = [managed[key], live[key], wanted[key]];
    if (same(meant, is) || (meant === undefined && !isWhole)) continue;
    if (!isWhole && isSoAlready(key, field, meant, is)) continue;
    const written = raw[key];
    if (asked === undefined) {
      if (written !== undefined) keys.set(key, 'left out');
      continue;
    }
    const below = { written, meant, is, asked };
    const own = ofField(field, below, `${at}/${pointerToken(key)}`, normal);
    if (own !== null) keys.set(key, own);
  }
  return keys.size === 0 ? null : { is: 'record', keys };
}

/** What an item leaves unsaid is as it is, and so is whoever is not among those that are named. */
function isSoAlready(
  key: string,
  field: Field,
  meant: Json | undefined,
  is: Json | undefined,
): boolean {
  if (meant === undefined || is === undefined) return false;
  const table: RecordField = { type: 'record', fields: { [key]: field } };
  return same(overlay(table, { [key]: is }, { [key]: meant })[key], is);
}

interface Values {
  readonly written: Json | undefined;
  readonly meant: Json | undefined;
  readonly is: Json | undefined;
  readonly asked: Json;
}

function ofField(
  field: Field,
  { written, meant, is, asked }: Values,
  at: string,
  normal: Normal,
): Amendment | null {
  if (same(written, asked)) return null;
  if (field.type === 'record' && areObjects(written, meant, is, asked)) {
    const [raw, managed, live, wanted] = [written, meant, is, asked] as JsonObject[];
    if (raw !== undefined && managed && live && wanted) {
      return ofRecord(field, { raw, managed, live, wanted }, at, normal);
    }
  }
  if (field.type === 'list' && areLists(written, meant, is, asked)) {
    const [raw, managed, live, wanted] = [written, meant, is, asked] as JsonObject[][];
    if (raw && managed && live && wanted && live.length === wanted.length) {
      return ofList(field, { raw, managed, live, wanted }, at, normal);
    }
  }
  return ofEach(field, { written, meant, is, asked }, at, normal) ?? { is: 'value', value: asked };
}

/**
 * Entry by entry: those that are there no more go, those that are otherwise are said anew, and the
 * rest stays as it is written. Of what is to be among others nobody else comes to it: who is there
 * beside is none of the manifest's affair. `null` where it is told otherwise.
 */
function ofEach(
  field: Field,
  { written, meant, is, asked }: Values,
  at: string,
  normal: Normal,
): Amendment | null {
  if (field.type !== 'list' && field.type !== 'set') return null;
  if (field.modes !== true) return null;
  const isAll = field.type === 'list' && Array.isArray(written);
  const below = (one: Json | undefined): Json | undefined =>
    isAll ? one : isObject(one) ? one['include'] : undefined;
  const [raw, mine, there] = [below(written), entriesIn(field, below(meant)), entriesIn(field, is)];
  if (!Array.isArray(raw) || !Array.isArray(asked) || mine === null || there === null) return null;
  const inNormal = isAll ? at : `${at}/include`;
  const keys = [...there.keys()];
  const kept = [...mine].flatMap(([key, item], index): Item[] => {
    const place = keys.indexOf(key);
    if (place === -1) return [];
    const from = Number(normal.origin(`${inNormal}/${index}`).split('/').at(-1));
    const isSame = isSoAlready('it', field, { include: [item] }, is);
    return [{ from, amendment: isSame ? null : { is: 'value', value: asked[place] ?? null } }];
  });
  const inOrder = kept.sort((a, b) => (a.from ?? 0) - (b.from ?? 0));
  if (!isAll) {
    return { is: 'record', keys: new Map([['include', { is: 'list', items: inOrder }]]) };
  }
  const others = keys.flatMap((key, place): Item[] =>
    mine.has(key) ? [] : [{ from: null, amendment: { is: 'value', value: asked[place] ?? null } }],
  );
  return { is: 'list', items: [...inOrder, ...others] };
}

function areObjects(...values: readonly (Json | undefined)[]): boolean {
  return values.every((value) => isObject(value));
}

function areLists(...values: readonly (Json | undefined)[]): boolean {
  return values.every((value) => Array.isArray(value) && value.every((one) => isObject(one)));
}

interface Lists {
  readonly raw: readonly JsonObject[];
  readonly managed: readonly JsonObject[];
  readonly live: readonly JsonObject[];
  readonly wanted: readonly JsonObject[];
}

/** Items stay where they are written as long as that order is the one of the org. */
function ofList(
  field: ListField,
  { raw, managed, live, wanted }: Lists,
  at: string,
  normal: Normal,
): Amendment {
  const free = new Map(managed.map((item, index) => [itemKey(field, item), index]));
  const items = live.map((item, index): Item => {
    const key = itemKey(field, item);
    const counterpart = free.get(key);
    free.delete(key);
    const value = wanted[index] ?? {};
    if (counterpart === undefined) return { from: null, amendment: { is: 'value', value } };
    const from = Number(normal.origin(`${at}/${counterpart}`).split('/').at(-1));
    const sides = {
      raw: raw[from] ?? {},
      managed: managed[counterpart] ?? {},
      live: item,
      wanted: value,
    };
    const isWhole = field.itemsLieOver !== true;
    const own = ofRecord(field.item, sides, `${at}/${counterpart}`, normal, isWhole);
    return { from, amendment: own };
  });
  return { is: 'list', items: inWrittenOrder(field, items, live) };
}

function inWrittenOrder(
  field: ListField,
  items: readonly Item[],
  live: readonly JsonObject[],
): readonly Item[] {
  const asWritten = items
    .map((item, index) => ({ item, index }))
    .sort((a, b) => (a.item.from ?? Infinity) - (b.item.from ?? Infinity) || a.index - b.index);
  if (field.order === 'set') return asWritten.map(({ item }) => item);
  const numberOf = (index: number): number => rankOf(field, live[index]);
  const read = [...asWritten].sort((a, b) => numberOf(a.index) - numberOf(b.index));
  return read.every(({ index }, place) => index === place)
    ? asWritten.map(({ item }) => item)
    : items;
}

/** The value with the amendment in it. */
export function amended(value: Json | undefined, amendment: Amendment): Json {
  switch (amendment.is) {
    case 'value':
      return amendment.value;
    case 'record': {
      const out = new Map(Object.entries(isObject(value) ? value : {}));
      for (const [key, own] of amendment.keys) {
        if (own === 'left out') out.delete(key);
        else out.set(key, amended(out.get(key), own));
      }
      return Object.fromEntries(out);
    }
    case 'list': {
      const items = Array.isArray(value) ? value : [];
      return amendment.items.map(({ from, amendment: own }) => {
        const item = from === null ? undefined : items[from];
        return own === null ? (item ?? null) : amended(item, own);
      });
    }
  }
}
