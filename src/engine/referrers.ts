/**
 * Who refers to what a plan would take away, of those that nothing else has to look at: conditions
 * of skill groups, wrap-up codes of queues and rows of tables that no manifest names, kinds that
 * nobody uses, and strategies in other places than the one of the environment. Read only once a
 * plan has something that goes, is made again or gets another name; what cannot be read is said,
 * and is not taken for nothing.
 */
import { folded } from '../core/alike.js';
import { saysGone } from '../core/errors.js';
import { isObject, textOf, type Json, type JsonObject } from '../core/json.js';
import { addTo } from '../core/grouped.js';
import type { Kind } from '../core/kind.js';
import { formerNameOf } from '../core/moved.js';
import { referencesIn, referenceTypes } from '../core/normalise.js';
import { kindName, objectName } from '../core/outcome.js';
import { itemsIn, partedFields, rawParts } from '../core/part.js';
import { plural } from '../core/plural.js';
import type { Field, RecordField } from '../core/fields.js';
import type { Referrer } from '../core/references.js';
import type { Resource } from '../core/resource.js';
import type { Address, Change, Live, Manifest } from '../core/types.js';
import type { Binding, Bound } from './bind.js';
import { refusalIn } from './consumers.js';
import { rootOf } from './homes.js';
import { entitiesApart, entitiesAt, isOfPages, twice, type Lister } from './listings.js';
import { entityAt, idOnRecord, isReadInFull, type Observation } from './observe.js';
import { readParts } from './parts.js';
import type { Reader } from './ports.js';

/** So many of what is on record and in no listing are asked for by themselves, a kind. */
const MOST_LOOKS = 20;

export interface Referring {
  readonly referrers: readonly Referrer[];
  /** By address of what would go, why it is not known whether something refers to it. */
  readonly unread: ReadonlyMap<Address, string>;
}

export const NOBODY: Referring = { referrers: [], unread: new Map() };

export interface Looking {
  readonly reader: Reader;
  readonly binding: Binding;
  readonly observation: Observation;
  /** All of the environment, in scope or not. */
  readonly manifests: readonly Manifest[];
}

/** Something that a plan takes from whoever refers to it. */
interface Leaver {
  /** Under which others know it. */
  readonly address: Address;
  /** `null` where those that have its id lose nothing: it gets another name. */
  readonly id: string | null;
}

export async function referrersOf(
  looking: Looking,
  changes: readonly Change[],
): Promise<Referring> {
  const leavers = changes.flatMap(({ action, address, id, previously }): Leaver[] => {
    const goes = action === 'delete' || action === 'replace';
    const old: Leaver[] =
      previously === undefined ? [] : [{ address: `${kindName(address)}/${previously}`, id: null }];
    return goes && id !== null ? [{ address, id }, ...old] : old;
  });
  if (leavers.length === 0) return NOBODY;
  const search = new Search(looking, leavers);
  await Promise.all([search.kinds(), search.elsewhere(), search.citations()]);
  return { referrers: search.found, unread: search.unread };
}

class Search {
  readonly found: Referrer[] = [];
  readonly unread = new Map<Address, string>();
  private readonly byName = new Map<Address, Leaver>();
  /** Names that differ in letter case alone are one to a flow. */
  private readonly byFolded = new Map<string, Leaver[]>();
  private readonly byId = new Map<string, Leaver>();
  private readonly lister: Lister;

  constructor(
    private readonly looking: Looking,
    private readonly leavers: readonly Leaver[],
  ) {
    this.lister = twice(looking.reader);
    for (const one of leavers) {
      this.byName.set(one.address, one);
      addTo(this.byFolded, folded(one.address), one);
      if (one.id !== null) this.byId.set(`${kindName(one.address)} ${one.id}`, one);
    }
  }

  /** What leaves of the kinds that the table refers to. */
  private touched(table: RecordField): readonly Leaver[] {
    const kinds = new Set(
      referenceTypes(table).flatMap((to) => this.looking.binding.behind(to) ?? []),
    );
    return this.leavers.filter(({ address }) => kinds.has(kindName(address)));
  }

  /** Objects of the place of the environment. */
  async kinds(): Promise<void> {
    await Promise.all(
      this.looking.binding.all.map(async (bound) => {
        const { kind, resource } = bound;
        const at = this.touched(kind.fields);
        if (at.length === 0) return;
        const parts = (resource.parts ?? []).map(({ field }) => field);
        const fields = new Set(parts.filter((one) => this.isReferring(kind.fields.fields[one])));
        await this.tried(at, kind.noun.many, async () => this.kind(bound, fields));
      }),
    );
  }

  /** What a part refers to it does by ids: those that another name takes nothing from are none. */
  private isReferring(field: Field | undefined): boolean {
    if (field === undefined) return false;
    return this.touched({ type: 'record', fields: { field } }).some(({ id }) => id !== null);
  }

  private async kind(bound: Bound, fields: ReadonlySet<string>): Promise<void> {
    const { reader, observation, binding } = this.looking;
    const { kind, resource } = bound;
    const root = rootOf(bound, observation.homes);
    if (root === null) return;
    const isListed = observation.kinds?.has(kind.name) !== false;
    const { live, namesakes = [] } = observation;
    const known = isListed
      ? [...live, ...namesakes].filter((one) => one.kind === kind.name).map((one) => one.entity)
      : await entitiesAt(this.lister, resource, root);
    const skipped = await this.skipped(bound, root, known);
    const unlisted = await this.unlisted(bound, root, [...known, ...skipped]);
    await Promise.all(
      [...skipped, ...unlisted].map(async (entity) => {
        const { id, name } = resource.read(entity);
        const read = await readParts(this.lister, { resource, root, id }, entity, fields);
        this.see(kind, name, { ...resource.read(read).raw, ...rawParts(resource, read) });
      }),
    );
    await Promise.all(
      known.map(async (entity) => {
        const { id, name } = resource.read(entity);
        const isKnown = isListed && isReadInFull(bound, binding, observation.state, name);
        const unread = new Set([...fields].filter((field) => itemsIn(entity, field) === null));
        if (id === '' || (isKnown && unread.size === 0)) return;
        const isBrief = resource.isListedBriefly === true && !isKnown;
        const whole = isBrief ? await entityAt(reader, resource, root, id) : entity;
        // What has gone since it was listed refers to nothing.
        if (whole === null) return;
        const read = await readParts(this.lister, { resource, root, id }, whole, unread);
        const raw = { ...(isKnown ? {} : resource.read(read).raw), ...rawParts(resource, read) };
        // What was looked at with the rest, the verdicts know of.
        const { own, ofParts } = partedFields(resource, raw);
        const parts = Object.entries(ofParts).filter(([field]) => unread.has(field));
        this.see(kind, name, { ...own, ...Object.fromEntries(parts) });
      }),
    );
  }

  /** What the listing that the plan is made from has not shown, and another one does. */
  private async skipped(
    { resource }: Bound,
    root: string,
    known: readonly JsonObject[],
  ): Promise<readonly JsonObject[]> {
    const { reader } = this.looking;
    const isSkipping = isOfPages(known, resource.listing(root).pageSize);
    const [again, apart] = await Promise.all([
      isSkipping ? entitiesAt(reader, resource, root) : [],
      entitiesApart(reader, resource, root),
    ]);
    const seen = new Set(known.flatMap((entity) => keysOf(resource, entity)));
    const skipped = [...again, ...apart].filter(
      (entity) => !keysOf(resource, entity).some((key) => seen.has(key)),
    );
    if (resource.isListedBriefly !== true) return skipped;
    const whole = skipped.map(async (entity) =>
      entityAt(reader, resource, root, resource.read(entity).id),
    );
    return (await Promise.all(whole)).filter((entity) => entity !== null);
  }

  /** What is on record and no listing shows: it may be too new for one, or hidden. */
  private async unlisted(
    { kind, resource }: Bound,
    root: string,
    listed: readonly JsonObject[],
  ): Promise<readonly JsonObject[]> {
    const { reader, observation } = this.looking;
    const isRow = 'table' in resource.home;
    const ids = new Set(
      listed.map((entity) => resource.read(entity)).map(({ id, name }) => (isRow ? name : id)),
    );
    const missing = [...observation.state.records.values()]
      .filter(({ address }) => kindName(address) === kind.name)
      .flatMap((record) => idOnRecord(resource, record) ?? [])
      .filter((id) => !ids.has(id));
    const asked = missing.slice(0, MOST_LOOKS);
    const found = await Promise.all(asked.map(async (id) => entityAt(reader, resource, root, id)));
    const more = missing.length - asked.length;
    if (more > 0) {
      const what = plural(more, kind.noun.one, kind.noun.many);
      this.unknown(this.touched(kind.fields), `${what} more on record and in no listing`);
    }
    return found.filter((entity) => entity !== null);
  }

  /** Of what lives in several places, objects in the others, whoever has them. */
  async elsewhere(): Promise<void> {
    const { binding, observation } = this.looking;
    await Promise.all(
      binding.all.flatMap(({ kind, resource: own }) => {
        const at = this.touched(kind.fields);
        const all = Object.values(kind.resources);
        if (at.length === 0 || all.length < 2) return [];
        return all.flatMap((resource) => {
          const { home } = resource;
          const roots =
            'path' in home
              ? resource === own
                ? []
                : [{ root: home.path, apart: `at ${home.path}` }]
              : observation.homes.beside
                  .filter(({ holds }) => holds === kind.name)
                  .map(({ name, rows }) => ({ root: rows, apart: `in the data table "${name}"` }));
          return roots.map(async ({ root, apart }) =>
            this.tried(at, `${kind.noun.many} ${apart}`, async () => {
              const found = await entitiesAt(this.lister, resource, root).catch(nothingThere);
              for (const { name, raw } of found.map((one) => resource.read(one))) {
                this.see(kind, name, raw, { apart });
              }
            }),
          );
        });
      }),
    );
  }

  /** Rows of tables whose manifests say what they name, and ask for none of them. */
  async citations(): Promise<void> {
    const { binding, observation, manifests } = this.looking;
    const live = new Map<Address, Live>(observation.live.map((one) => [one.address, one]));
    await Promise.all(
      manifests.flatMap((manifest) => {
        const bound = binding.of(manifest.kind);
        const { kind, resource } = bound;
        const { citing } = kind;
        const one = live.get(`${manifest.kind}/${manifest.name}`);
        const root = rootOf(bound, observation.homes);
        if (citing === undefined || one === undefined || root === null) return [];
        if (one.fields[citing.field] !== undefined) return [];
        const kinds = new Set(citing.to(manifest).flatMap((to) => binding.behind(to) ?? []));
        const at = this.leavers.filter(({ address }) => kinds.has(kindName(address)));
        if (at.length === 0) return [];
        const what = `${citing.field} of ${one.address}`;
        return [
          this.tried(at, what, async () => {
            const of = { resource, root, id: one.id };
            const read = await readParts(this.lister, of, one.entity, new Set([citing.field]));
            const names = new Map<Address, string[]>();
            for (const { to, name, where } of citing.in(manifest, rawParts(resource, read))) {
              for (const leaver of this.leaversBehind(binding.behind(to), name)) {
                addTo(names, leaver.address, [where, ...spelling(leaver, name)].join(' '));
              }
            }
            if (names.size > 0) this.found.push({ address: one.address, names });
          }),
        ];
      }),
    );
  }

  private see(kind: Kind, name: string, raw: JsonObject, more: Pick<Referrer, 'apart'> = {}): void {
    const names = new Map<Address, readonly string[]>();
    for (const { to, reference } of referencesIn(kind.fields, raw)) {
      for (const leaver of this.leaversBehind(this.looking.binding.behind(to), reference)) {
        names.set(leaver.address, spelling(leaver, reference));
      }
    }
    if (names.size > 0) this.found.push({ address: `${kind.name}/${name}`, names, ...more });
  }

  /** More than one where a name is written as that of neither. */
  private leaversBehind(kind: string | null, reference: Json): readonly Leaver[] {
    if (kind === null) return [];
    if (isObject(reference)) {
      const leaver = this.byId.get(`${kind} ${textOf(reference['id'])}`);
      return leaver === undefined ? [] : [leaver];
    }
    const name = textOf(reference);
    const leaver = this.byName.get(`${kind}/${name}`);
    return leaver === undefined ? this.alike(kind, name) : [leaver];
  }

  /** A flow may take it for the same: only what is there to the letter is another for sure. */
  private alike(kind: string, name: string): readonly Leaver[] {
    const found = this.byFolded.get(folded(`${kind}/${name}`));
    if (found === undefined) return [];
    const { binding, observation } = this.looking;
    const { refType } = binding.kindOf(kind);
    const { catalog, live } = observation;
    const isKnown = refType !== undefined && catalog.types.includes(refType);
    const isThere = isKnown
      ? catalog.named(refType, name).length > 0 || catalog.resolve(refType, name).found
      : live.some(({ address }) => address === `${kind}/${name}`);
    return isThere ? [] : found;
  }

  /** What was refused is said of everything that might have been found. */
  private async tried(
    at: readonly Leaver[],
    what: string,
    look: () => Promise<void>,
  ): Promise<void> {
    try {
      await look();
    } catch (error) {
      this.unknown(at, `${what}: ${refusalIn(error)}`);
    }
  }

  private unknown(at: readonly Leaver[], why: string): void {
    for (const { address } of at) {
      const before = this.unread.get(address);
      this.unread.set(address, before === undefined ? why : `${before}; ${why}`);
    }
  }
}

/** How it is written where that is not as the object is called. */
function spelling({ address }: Leaver, reference: Json): string[] {
  const isOther = typeof reference === 'string' && reference !== objectName(address);
  return isOther ? [`as ${JSON.stringify(reference)}`] : [];
}

/** By which an object is known again; of a row, by the name that a person still sees as well. */
function keysOf(resource: Resource, entity: JsonObject): string[] {
  const { id, name } = resource.read(entity);
  return 'table' in resource.home ? [name, formerNameOf(entity) ?? name] : [id];
}

/** A place that the platform does not have holds nothing. */
function nothingThere(error: unknown): JsonObject[] {
  if (saysGone(error)) return [];
  throw error;
}
