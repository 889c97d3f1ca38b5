/**
 * Objects that manifests declare and the org does not have yet, as what others refer to. Until one
 * is made its place is held by `declared:Skill/Refunds`, in plans too; its id stands there as soon
 * as it is known.
 */
import type { Catalog, ReferenceTo } from './catalog.js';
import { isObject, textOf, type Json } from './json.js';
import type { KindOf } from './kind.js';
import { objectName } from './outcome.js';
import type { Address, Manifest } from './types.js';

const MARK = 'declared:';

export function declaredId(address: Address): string {
  return `${MARK}${address}`;
}

/** The address that holds the place of an id; `null` for an id. */
export function addressOfDeclared(place: string): Address | null {
  return place.startsWith(MARK) ? (place.slice(MARK.length) as Address) : null;
}

/** Ids of objects that the run itself has made, by address. */
export class Learnt {
  private readonly ids = new Map<Address, string>();
  private readonly addresses = new Map<string, Address>();

  learn(address: Address, id: string): void {
    this.ids.set(address, id);
    this.addresses.set(id, address);
  }

  idOf(address: Address): string | null {
    return this.ids.get(address) ?? null;
  }

  addressOf(id: string): Address | null {
    return this.addresses.get(id) ?? null;
  }
}

/** What manifests declare, by what references call it and by name. */
export type Declared = ReadonlyMap<ReferenceTo, ReadonlyMap<string, Address>>;

export function declaredIn(
  manifests: readonly Pick<Manifest, 'kind' | 'name'>[],
  kindOf: KindOf,
): Declared {
  const out = new Map<ReferenceTo, Map<string, Address>>();
  for (const { kind, name } of manifests) {
    const { refType } = kindOf(kind);
    if (refType === undefined) continue;
    const named = out.get(refType) ?? new Map<string, Address>();
    named.set(name, `${kind}/${name}`);
    out.set(refType, named);
  }
  return out;
}

/**
 * The same catalog, in which what is declared and not there yet stands for something. Of what only
 * manifests out of scope declare (`leftOut`) it says so.
 */
export function withDeclared(
  catalog: Catalog,
  declared: Declared,
  learnt: Learnt,
  leftOut: Declared = new Map(),
): Catalog {
  if (declared.size + leftOut.size === 0) return catalog;
  const standIn = (to: ReferenceTo, name: string): Address | null => {
    const address = declared.get(to)?.get(name) ?? null;
    // What this run has made again is no longer what the org had of that name.
    const isMade = address !== null && learnt.idOf(address) !== null;
    return isMade || catalog.named(to, name).length === 0 ? address : null;
  };
  const behind = (to: ReferenceTo, id: string): Address | null => {
    const address = addressOfDeclared(id) ?? learnt.addressOf(id);
    return address !== null && declared.get(to)?.get(objectName(address)) === address
      ? address
      : null;
  };
  return {
    ...catalog,
    label: (to, id) => {
      const address = behind(to, id);
      return address === null ? catalog.label(to, id) : objectName(address);
    },
    nameOf: (to, id) => {
      const address = behind(to, id);
      return address === null ? catalog.nameOf(to, id) : objectName(address);
    },
    resolve: (to, reference: Json) => {
      const asked = isObject(reference) ? textOf(reference['id']) : '';
      const address = isObject(reference) ? behind(to, asked) : standIn(to, textOf(reference));
      if (address === null) {
        const resolution = catalog.resolve(to, reference);
        const other = leftOut.get(to)?.get(textOf(reference));
        if (resolution.found || other === undefined) return resolution;
        const why = `a manifest declares ${other}, which this scope leaves out`;
        return { ...resolution, hint: `${why}: take it in as well` };
      }
      const id = learnt.idOf(address) ?? declaredId(address);
      return { found: true, id, label: objectName(address) };
    },
  };
}
