/**
 * What a run found in parts of objects, as the org can have it today: who was a member may have
 * left, or have another address, and a code may be deleted. That is no reason to leave a queue as
 * the run has made it, or not to make it again: what is gone is left out, and said.
 */
import { referenceKey, type Catalog, type ReferenceTo } from './catalog.js';
import type { Field, RecordField } from './fields.js';
import type { Former } from './former.js';
import { isObject, textOf, type Json, type JsonObject } from './json.js';
import type { Kind, KindOf } from './kind.js';
import { specOf } from './manifest.js';
import { partsOf } from './rollback.js';
import type { Address, Manifest } from './types.js';
import type { RunEffect } from './undone.js';

export interface Found {
  readonly manifests: readonly Manifest[];
  readonly effects: ReadonlyMap<Address, RunEffect<JsonObject>>;
}

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
): OfToday {
  const lost = new Map<Address, string[]>();
  const changed = new Map<Manifest, Manifest>();
  const since = new Map<Address, RunEffect<JsonObject>>();
  for (const manifest of manifests) {
    const address: Address = `${manifest.kind}/${manifest.name}`;
    const kind = kindOf(manifest.kind);
    const names = new Names(catalog, former, address);
    const spec = names.in(kind, specOf(manifest));
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
    if (id === null || !catalog.resolve(to, { id }).found) return null;
    return catalog.label(to, id);
  }
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
