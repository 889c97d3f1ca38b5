/** How much of an org an export reads, and what of it no manifest can say. */
import { WrongUsage } from '../core/errors.js';
import { kindName } from '../core/outcome.js';
import type { Live } from '../core/types.js';
import { visible } from '../core/visible.js';
import type { Asked, Binding } from '../engine/bind.js';
import { kinds, reconciledKinds } from '../kinds/index.js';
import type { Folder } from '../manifest/exported.js';
import type { LoadedDocument } from '../manifest/load.js';
import type { ExportOptions } from './options.js';
import { scopeOf } from './session.js';
import type { World } from './world.js';

/** Kinds in full, with the parts that somebody asks for or a manifest of the folder names. */
export function reachOf(options: ExportOptions, there: Folder): Asked {
  return {
    manifests: [],
    uses: exportedKinds(options),
    inFull: partsIn(options),
    documents: manifestsIn(there),
  };
}

/** Kinds that are asked for; else what calls go by, and what is on record as anybody's. */
function exportedKinds({ target, all }: ExportOptions): readonly string[] {
  if (all === true) return reconciledKinds.map(({ name }) => name);
  const asked = (scopeOf(target) ?? []).flatMap((one) =>
    one.is === 'kind' ? [one.kind] : one.is === 'object' ? [kindName(one.address)] : [],
  );
  const routing = reconciledKinds.filter(({ traffic }) => traffic !== undefined);
  return [...asked, ...routing.map(({ name }) => name)];
}

/** `wrap-up codes` → `wrap-up-codes` */
export function folderOf(kind: string): string {
  const noun = kinds[kind]?.noun.many ?? kind;
  return noun.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

/** Who the members are is asked for by itself: these are names of people. */
const OF_PEOPLE = 'members';

function partsIn({ members, with: others = [] }: ExportOptions): ReadonlySet<string> {
  return new Set([...others, ...(members === true ? [OF_PEOPLE] : [])]);
}

/** Throws for what goes not together, and for parts that nothing has. */
export function refuseReach({ all, target, with: asked = [] }: ExportOptions): void {
  if (all === true && target !== undefined) {
    throw new WrongUsage('export takes --all or --target, not both');
  }
  const known = new Set(
    reconciledKinds.flatMap(({ resources }) =>
      Object.values(resources).flatMap(({ parts = [] }) => parts.map(({ field }) => field)),
    ),
  );
  for (const one of asked) {
    if (known.has(one)) continue;
    const names = [...known].sort().join(', ');
    throw new WrongUsage(`--with ${visible(one)}: no kind has such a part; these are: ${names}`, {
      hint: '--all has the objects of every kind, --target Kind those of one',
    });
  }
}

/** What manifests of the folder name is read of their objects. */
function manifestsIn({ loaded }: Folder): readonly LoadedDocument[] {
  return loaded.documents.filter(({ kind, sound }) => sound && kinds[kind] !== undefined);
}

export interface Unsaid {
  readonly kind: string;
  readonly place: string;
  readonly objects: readonly string[];
  /** Absent where no key of a manifest is for it. */
  readonly why?: string;
}

/** Says what no manifest will, `more` beside what it has no key for. */
export function tellUnsaid(
  live: readonly Live[],
  binding: Binding,
  more: readonly Unsaid[],
  world: World,
): Unsaid[] {
  const unsaid = [...more, ...unsaidOf(live, binding)];
  for (const one of unsaid) world.err(`${unsaidText(one, world)}\n`);
  return unsaid;
}

/** What the org shows of these objects and no manifest speaks of: by kind and place. */
function unsaidOf(live: readonly Live[], { of }: Binding): Unsaid[] {
  const found = new Map<string, { kind: string; place: string; objects: string[] }>();
  for (const { kind, name, entity } of live) {
    for (const place of of(kind).resource.unsaid?.(entity) ?? []) {
      const known = found.get(`${kind} ${place}`) ?? { kind, place, objects: [] };
      found.set(`${kind} ${place}`, { ...known, objects: [...known.objects, name] });
    }
  }
  return [...found.values()];
}

/** So many are named, and the others counted. */
const MOST_NAMED = 3;

function unsaidText({ kind, place, objects, why }: Unsaid, world: World): string {
  const named = objects.slice(0, MOST_NAMED).map((name) => visible(name));
  const more = objects.length > MOST_NAMED ? [`${objects.length - MOST_NAMED} more`] : [];
  const of = `${kind} ${[...named, ...more].join(', ')}`;
  const because = why === undefined ? '' : ` (${visible(why)})`;
  const said = `no manifest can say it${because}, and it stays as the org has it`;
  return `${world.errStyle.warn('warning')}: ${visible(place)} of ${of}: ${said}`;
}
