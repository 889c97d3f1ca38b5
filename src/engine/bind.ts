/** Kinds and where their objects live in one environment: bound once a run, and then passed on. */
import { resourceOf, type Kind, type KindOf } from '../core/kind.js';
import type { Resource } from '../core/resource.js';

export interface Bound {
  readonly kind: Kind;
  readonly resource: Resource;
}

export interface Binding {
  readonly all: readonly Bound[];
  /** Throws for a name that no kind has. */
  readonly of: (kind: string) => Bound;
  readonly kindOf: KindOf;
  /** Names of the data tables of the environment: of objects that are rows, and of our records. */
  readonly tables: { readonly objects: string; readonly state: string };
}

export function bind(
  kinds: readonly Kind[],
  { backend, tables }: { readonly backend: string; readonly tables: Binding['tables'] },
): Binding {
  const all = kinds.map((kind): Bound => ({ kind, resource: resourceOf(kind, backend) }));
  const byName = new Map(all.map((bound) => [bound.kind.name, bound]));
  const of = (name: string): Bound => {
    const bound = byName.get(name);
    if (bound === undefined) throw new Error(`no kind is named ${name}`);
    return bound;
  };
  return { all, of, kindOf: (name) => of(name).kind, tables };
}
