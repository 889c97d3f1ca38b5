/** Kinds and where their objects live in one environment: bound once a run, and then passed on. */
import type { ReferenceTo } from '../core/catalog.js';
import { askedOf, resourceOf, type Kind, type KindOf } from '../core/kind.js';
import { formerNamesOf } from '../core/manifest.js';
import { referencesIn } from '../core/normalise.js';
import { partedFields } from '../core/part.js';
import type { Resource } from '../core/resource.js';
import type { MarkOf } from '../core/state.js';
import type { Address, Manifest } from '../core/types.js';

export interface Bound {
  readonly kind: Kind;
  readonly resource: Resource;
  /** Absent where nothing but the platform's rate limit counts. */
  readonly writesPerMinute?: number;
}

export interface Binding {
  readonly all: readonly Bound[];
  /** Throws for a name that no kind has. */
  readonly of: (kind: string) => Bound;
  readonly kindOf: KindOf;
  /** False for a kind that only a newer version has. */
  readonly knows: (kind: string) => boolean;
  /** Kinds that somebody asks for: the others are read where a record names them. */
  readonly uses: ReadonlySet<string>;
  /** What is referred to by name, of the things that are only listed where one is. */
  readonly named: ReadonlySet<ReferenceTo>;
  /** By address of a manifest, the parts of its object that it names. */
  readonly partsNamed: ReadonlyMap<Address, ReadonlySet<string>>;
  /**
   * Every object is read in full, and not only those that a manifest or a record names; with these
   * parts. `null`: what is named is.
   */
  readonly inFull: ReadonlySet<string> | null;
  /** By kind, what objects were called before that manifests call otherwise: old name → new. */
  readonly formerNames: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** The kind behind what references call it; `null` for what is not managed. */
  readonly behind: (to: ReferenceTo) => string | null;
  /** Marks of the records of what lives in several places, where it does not live in a table. */
  readonly markOf: MarkOf;
  /** The same of the place that is an endpoint, whichever the environment has. */
  readonly endpointMarkOf: MarkOf;
  /** Names of the data tables of the environment: of objects that are rows, and of our records. */
  readonly tables: { readonly objects: string; readonly state: string };
}

export function bind(
  kinds: readonly Kind[],
  { backend, tables, rateLimit }: Place,
  asked: Asked = {},
): Binding {
  const all = kinds.map((kind): Bound => {
    const resource = resourceOf(kind, backend);
    const { pace } = resource;
    if (pace === undefined) return { kind, resource };
    const { setting, perMinute } = pace;
    return { kind, resource, writesPerMinute: rateLimit?.paces[setting] ?? perMinute };
  });
  const byName = new Map(all.map((bound) => [bound.kind.name, bound]));
  const of = (name: string): Bound => {
    const bound = byName.get(name);
    if (bound === undefined) throw new Error(`no kind is named ${name}`);
    return bound;
  };
  const kindOf: KindOf = (name) => of(name).kind;
  const { manifests = [], uses = null } = asked;
  const declared = manifests.map(({ kind }) => kind);
  const byReference = new Map(all.map(({ kind }) => [kind.refType, kind.name]));
  return {
    all,
    of,
    kindOf,
    knows: (name) => byName.has(name),
    tables,
    markOf: (name) => {
      const bound = byName.get(name);
      return bound !== undefined && 'path' in bound.resource.home ? endpointMark(bound.kind) : '';
    },
    endpointMarkOf: (name) => {
      const kind = byName.get(name)?.kind;
      return kind === undefined ? '' : endpointMark(kind);
    },
    uses: new Set(uses ?? (asked.manifests === undefined ? byName.keys() : declared)),
    named: namedIn(manifests, kindOf),
    partsNamed: new Map(
      [...manifests, ...(asked.documents ?? [])].map((one): [Address, ReadonlySet<string>] => {
        const { kind, resource } = of(one.kind);
        const address: Address = `${one.kind}/${one.name}`;
        if (resource.parts === undefined) return [address, NO_PARTS];
        const { ofParts } = partedFields(resource, askedOf(kind, one));
        return [address, new Set(Object.keys(ofParts))];
      }),
    ),
    inFull: asked.inFull ?? null,
    formerNames: formerNamesIn(manifests, of),
    behind: (to) => byReference.get(to) ?? null,
  };
}

const NO_PARTS: ReadonlySet<string> = new Set();

/** Of an environment, what decides where its objects live and how fast they are written. */
export interface Place {
  readonly backend: string;
  readonly tables: Binding['tables'];
  /** `paces`: writes a minute, by the settings that resources name; default: as these have it. */
  readonly rateLimit?: { readonly paces: Readonly<Record<string, number>> };
}

/** Empty where objects of the kind have no other place. */
function endpointMark({ resources }: Kind): string {
  const places = Object.entries(resources);
  const [name = ''] = places.find(([, { home }]) => 'path' in home) ?? [];
  return places.length > 1 ? name : '';
}

/** Neither: every kind is asked for. */
export interface Asked {
  readonly manifests?: readonly Manifest[];
  /** Names of kinds, in place of those that manifests declare. */
  readonly uses?: Iterable<string> | null;
  /** Every object is read in full, with these parts and those that `documents` name. */
  readonly inFull?: ReadonlySet<string>;
  readonly documents?: readonly Manifest[];
}

/** Of kinds that the platform gives other names. */
function formerNamesIn(
  manifests: readonly Manifest[],
  of: (kind: string) => Bound,
): Binding['formerNames'] {
  const found = new Map<string, Map<string, string>>();
  const declared = new Set(manifests.map(({ kind, name }) => `${kind}/${name}`));
  for (const manifest of manifests) {
    const { kind, name } = manifest;
    const former = formerNamesOf(manifest);
    if (former.length === 0 || of(kind).resource.renames !== true) continue;
    for (const { name: old } of former) {
      // What another manifest declares is that one's.
      if (declared.has(`${kind}/${old}`)) continue;
      found.set(kind, (found.get(kind) ?? new Map<string, string>()).set(old, name));
    }
  }
  return found;
}

function namedIn(manifests: readonly Manifest[], kindOf: KindOf): ReadonlySet<ReferenceTo> {
  const named = new Set<ReferenceTo>();
  for (const manifest of manifests) {
    const kind = kindOf(manifest.kind);
    const asked = askedOf(kind, manifest);
    const { citing } = kind;
    for (const { to } of referencesIn(kind.fields, asked)) named.add(to);
    // Whatever is in a part that is read, its cells may name something.
    const isRead = citing !== undefined && asked[citing.field] !== undefined;
    const cited = isRead ? citing.to(manifest) : (kind.cites?.(manifest) ?? []).map(({ to }) => to);
    for (const to of cited) named.add(to);
  }
  return named;
}
