/**
 * What a run found in parts of objects, as the org can have it today: who was a member may have
 * left, or have another address, and a code may be deleted. That is no reason to leave a queue as
 * the run has made it, or not to make it again: what is gone is left out, and said. What an object
 * names outside of its parts (a script, a skill of a ring) holds it, until somebody agrees that all
 * but that goes back: `Rest`.
 */
import { referenceKey, type Catalog, type ReferenceTo } from './catalog.js';
import type { Field, RecordField } from './fields.js';
import type { Former } from './former.js';
import { isObject, textOf, type Json, type JsonObject } from './json.js';
import type { Kind, KindOf } from './kind.js';
import { specOf } from './manifest.js';
import { fieldsIn } from './normalise.js';
import { partsOf } from './rollback.js';
import type { Address, Manifest } from './types.js';
import type { RunEffect } from './undone.js';

export interface Found {
  readonly manifests: readonly Manifest[];
  readonly effects: ReadonlyMap<Address, RunEffect<JsonObject>>;
}

/** Where an object goes back without what it names and the org has not any more; else `null`. */
export type Rest = 'stays' | 'is left out' | null;

export interface OfToday extends Found {
  /** For people, what does not go back, by address. */
  readonly lost: ReadonlyMap<Address, readonly string[]>;
}

/** The same arrays and objects where nothing is another today. */
export function ofToday(
  { manifests, effects }: Found,
  kindOf: KindOf,
  catalog: Catalog,
  former: Former,
  restOf: (address: Address) => Rest = () => null,
): OfToday {
  const lost = new Map<Address, string[]>();
  const changed = new Map<Manifest, Manifest>();
  const since = new Map<Address, RunEffect<JsonObject>>();
  for (const manifest of manifests) {
    const address: Address = `${manifest.kind}/${manifest.name}`;
    const kind = kindOf(manifest.kind);
    const names = new Names(catalog, former, address);
    const parts = names.in(kind, specOf(manifest));
    const rest = restOf(address);
    const spec = rest === null ? parts : names.rest(kind, parts ?? specOf(manifest), rest);
    if (spec !== null) changed.set(manifest, { ...manifest, body: { ...manifest.body, spec } });
    if (names.lost.size > 0) lost.set(address, [...names.lost]);
    const effect = effects.get(address);
    if (effect === undefined) continue;
    const [before, after] = [names.in(kind, effect.before), names.in(kind, effect.after)];
    if (before === null && after === null) continue;
    since.set(address, { before: before ?? effect.before, after: after ?? effect.after });
  }
  return {
    manifests:
      changed.size === 0
        ? manifests
        : manifests.map((manifest) => changed.get(manifest) ?? manifest),
    effects: since.size === 0 ? effects : new Map([...effects, ...since]),
    lost,
  };
}

/** Names in entries of the parts of one object. */
class Names {
  readonly lost = new Set<string>();

  constructor(
    private readonly catalog: Catalog,
    private readonly former: Former,
    private readonly of: Address,
  ) {}

  /** The fields with their parts as they can be today; `null` where they can be as they are. */
  in(kind: Kind, fields: JsonObject): JsonObject | null {
    const parts = partsOf(kind).flatMap((part): [string, Json][] => {
      const [field, items] = [kind.fields.fields[part], fields[part]];
      if (field === undefined || !Array.isArray(items)) return [];
      const now = items.flatMap((item) => this.item(part, field, item));
      const isSame = now.length === items.length && now.every((one, at) => one === items[at]);
      return isSame ? [] : [[part, now]];
    });
    return parts.length === 0 ? null : { ...fields, ...Object.fromEntries(parts) };
  }

  /**
   * The fields without names outside of parts that stand for nothing any more: out of a set each
   * goes by itself, and another field goes in whole. One that is needed to make the object again is
   * kept, and holds it.
   */
  rest(kind: Kind, fields: JsonObject, rest: Exclude<Rest, null>): JsonObject {
    const parts = new Set(partsOf(kind));
    const asked = kind.fromSpec?.(fields) ?? fields;
    return Object.fromEntries(
      Object.entries(fields).flatMap(([key, own]): [string, Json][] => {
        const field = kind.fields.fields[key];
        if (field === undefined || parts.has(key)) return [[key, own]];
        const gone = new Set<string>();
        const left = this.without(field, asked[key] ?? null, gone);
        const isOfSets = left !== undefined;
        if (gone.size === 0 || (!isOfSets && rest === 'is left out' && isOfLists(field)))
          return [[key, own]];
        for (const name of gone) {
          const what = `the org has no ${name} any more, or this client sees none`;
          this.lost.add(`${key}: ${what}: ${isOfSets ? 'not given back' : REST_TEXT[rest]}`);
        }
        const written = isOfSets ? kind.toSpec({ ...asked, [key]: left }, {})[key] : undefined;
        return written === undefined ? [] : [[key, written]];
      }),
    );
  }

  /** `undefined` where something that is gone is named otherwise than in a set. */
  private without(field: Field, value: Json, gone: Set<string>): Json | undefined {
    if (value === null || field.type === 'scalar') return value;
    if (field.type === 'reference') {
      if (this.today(field.to, value) !== null) return value;
      gone.add(`${field.to} ${JSON.stringify(referenceKey(value))}`);
      return undefined;
    }
    if (field.type === 'record' || field.type === 'map') {
      if (!isObject(value)) return value;
      const fieldOf = (key: string): Field | undefined =>
        field.type === 'map' ? field.of : field.fields[key];
      const all = Object.entries(value).map(([key, one]) => {
        const inner = fieldOf(key);
        return [key, inner === undefined ? one : this.without(inner, one, gone)] as const;
      });
      const kept = all.flatMap(([key, one]) => (one === undefined ? [] : [[key, one] as const]));
      return kept.length < all.length ? undefined : Object.fromEntries(kept);
    }
    if (!Array.isArray(value)) return value;
    const of = field.type === 'set' ? field.of : field.item;
    const all = value.map((item) => this.without(of, item, gone));
    const kept = all.filter((item) => item !== undefined);
    return field.type === 'list' && kept.length < all.length ? undefined : kept;
  }

  private item(part: string, field: Field, item: Json): Json[] {
    const at = namedIn(field);
    if (at === null) return [item];
    const { to, key } = at;
    const reference = key === null ? item : isObject(item) ? (item[key] ?? null) : null;
    if (reference === null) return [item];
    const now = this.today(to, reference);
    if (now === null) {
      const name = JSON.stringify(referenceKey(reference));
      this.lost.add(
        `${part}: the org has no ${to} ${name} any more, or this client sees none: not given back`,
      );
      return [];
    }
    if (now === reference) return [item];
    return [key === null || !isObject(item) ? now : { ...item, [key]: now }];
  }

  /** `null` for what is gone. What stands for several is for others to say. */
  private today(to: ReferenceTo, reference: Json): Json | null {
    const { catalog } = this;
    if (!catalog.types.includes(to) || catalog.resolve(to, reference).found) return reference;
    if (typeof reference !== 'string') return null;
    if (catalog.named(to, reference).length > 0) return reference;
    const id = this.former(to, textOf(reference), this.of);
    if (id !== null && catalog.resolve(to, { id }).found) return catalog.label(to, id);
    // Made again under another id since, and given another name by the way back itself.
    return catalog.toBecome?.(to, reference) ?? null;
  }
}

const REST_TEXT = { stays: 'it stays as it is', 'is left out': 'it is left out' } as const;

/** What is made again without one of these would be another object. */
function isOfLists(field: Field): boolean {
  const all = fieldsIn({ type: 'record', fields: { field } });
  return [...all].some(({ type }) => type === 'list');
}

/** What an entry of the field names, and by which of its fields; `null` where it names nothing. */
function namedIn(field: Field): { readonly to: ReferenceTo; readonly key: string | null } | null {
  if (field.type === 'set') {
    return field.of.type === 'reference' ? { to: field.of.to, key: null } : null;
  }
  if (field.type !== 'list') return null;
  const { key, item } = field;
  const inner: Field | undefined = (item satisfies RecordField).fields[key];
  return inner?.type === 'reference' ? { to: inner.to, key } : null;
}
