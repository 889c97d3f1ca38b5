/**
 * The crew of a queue: who takes the calls that wait in it, as far as fields say it. A plan that
 * takes people out of a queue and one that sends calls there are right by themselves and wrong
 * together, so that whoever counts agents counts those who are there once the plan is applied.
 */
import { referenceKey, type Catalog } from './catalog.js';
import { same } from './canonical.js';
import { addTo } from './grouped.js';
import { isObject, textOf, type Json, type JsonObject } from './json.js';
import type { Crew, Kind, KindOf } from './kind.js';
import { circlesIn } from './order.js';
import { kindName } from './outcome.js';
import type { KindBehind } from './references.js';
import type { Address, Change, Live } from './types.js';

/** What a plan makes of one crew. */
export interface CrewMove {
  /** The changes that do. */
  readonly by: readonly Address[];
  /** Nobody is there before. */
  readonly isMade: boolean;
  /** Ids of people. */
  readonly come: readonly string[];
  readonly go: ReadonlySet<string>;
  /** Whoever is there through a group stays there. */
  readonly groupsStay: boolean;
  /** More may be there through groups: who is in one only the platform can tell. */
  readonly mayCome: boolean;
}

export class CrewMoves {
  constructor(
    private readonly byAddress: ReadonlyMap<string, CrewMove>,
    private readonly byId: ReadonlyMap<string, CrewMove>,
    private readonly behind: KindBehind,
  ) {}

  get size(): number {
    return this.byAddress.size;
  }

  isLike(other: CrewMoves): boolean {
    return this === other || this.text() === other.text();
  }

  private text(): string {
    return JSON.stringify(
      [...this.byAddress].map(([at, one]) => [at, { ...one, go: [...one.go] }]),
    );
  }

  /** Of a queue as fields refer to it; `null` where the plan leaves its crew alone. */
  of(queue: Json): CrewMove | null {
    const found = isObject(queue)
      ? this.byId.get(textOf(queue['id'] ?? ''))
      : this.byAddress.get(`${this.behind('queue') ?? ''}/${referenceKey(queue)}`);
    return found ?? null;
  }
}

export const NOBODY_MOVES = new CrewMoves(new Map(), new Map(), () => null);

/** Somebody may be missing afterwards. */
export function takes({ go, groupsStay }: CrewMove): boolean {
  return go.size > 0 || !groupsStay;
}

interface Known {
  readonly live: readonly Live[];
  readonly kindOf: KindOf;
  readonly behind: KindBehind;
  readonly catalog: Catalog;
}

export function crewMoves(
  changes: readonly Pick<Change, 'address' | 'action' | 'id' | 'before' | 'after'>[],
  { live, kindOf, behind, catalog }: Known,
): CrewMoves {
  const crewIn = (kind: string, fields: JsonObject | null): Crew | null =>
    fields === null ? null : (kindOf(kind).waiting?.crew(fields) ?? null);
  const regrouped = new Set(changes.filter((one) => gathersOthers(one, kindOf)).map(addressIn));
  const byAddress = new Map<string, CrewMove>();
  const byId = new Map<string, CrewMove>();
  const note = (address: Address, id: string | null, move: CrewMove | null): void => {
    if (move === null) return;
    byAddress.set(address, move);
    if (id !== null) byId.set(id, move);
  };
  const changed = new Set<Address>();
  for (const { address, action, id, before, after } of changes) {
    changed.add(address);
    if (after === null) continue;
    const kind = kindName(address);
    const is = crewIn(kind, after);
    if (is === null) continue;
    const isMade = action === 'create' || action === 'replace';
    const was = isMade ? null : crewIn(kind, before);
    note(address, id, moveOf({ was, is, by: [address], isMade, regrouped, behind, catalog }));
  }
  // Who is in a group may change without a word about the queues that have it.
  for (const { address, kind, id, fields } of regrouped.size === 0 ? [] : live) {
    if (changed.has(address)) continue;
    const crew = crewIn(kind, fields);
    if (crew === null) continue;
    const of = { was: crew, is: crew, by: [], isMade: false, regrouped, behind, catalog };
    note(address, id, moveOf(of));
  }
  return new CrewMoves(byAddress, byId, behind);
}

interface Sides {
  readonly was: Crew | null;
  readonly is: Crew;
  readonly by: readonly Address[];
  readonly isMade: boolean;
  readonly regrouped: ReadonlySet<Address>;
  readonly behind: KindBehind;
  readonly catalog: Catalog;
}

function moveOf({ was, is, by, isMade, regrouped, behind, catalog }: Sides): CrewMove | null {
  const [old, now] = [was?.groups ?? [], is.groups].map(
    (all) =>
      new Set(all.map(({ to, reference }) => `${behind(to) ?? to}/${referenceKey(reference)}`)),
  ) as [Set<string>, Set<string>];
  const moved = [...now].filter((one) => regrouped.has(one as Address)) as Address[];
  const isLeft = (one: string): boolean => now.has(one) && !regrouped.has(one as Address);
  const groupsStay = [...old].every(isLeft);
  // Of one of several that goes nobody tells who came by it alone.
  const mayCome = now.size > 0 && (!groupsStay || ![...now].every((one) => old.has(one)));
  const [there, asked] = [was?.people ?? [], is.people].map(
    (all) => new Set((all ?? []).map((one) => personId(one, catalog))),
  ) as [Set<string>, Set<string>];
  const isSaid = is.people !== null;
  const come = isSaid ? [...asked].filter((id) => !there.has(id)) : [];
  const go = new Set(isSaid ? [...there].filter((id) => !asked.has(id)) : []);
  const isMove = isMade || come.length > 0 || go.size > 0 || !groupsStay || mayCome;
  return isMove ? { by: [...by, ...moved], isMade, come, go, groupsStay, mayCome } : null;
}

/** What nobody answers to stands for nobody else. */
function personId(reference: Json, catalog: Catalog): string {
  if (isObject(reference)) return textOf(reference['id'] ?? '');
  const found = catalog.types.includes('user') ? catalog.resolve('user', reference) : null;
  return found?.found === true ? found.id : textOf(reference);
}

/** Who belongs to it changes, and with it whoever names it as a group of people. */
function gathersOthers(
  { address, before, after }: Pick<Change, 'address' | 'before' | 'after'>,
  kindOf: KindOf,
): boolean {
  const { gathers = [] } = kindOf(kindName(address));
  const of = (fields: JsonObject | null, key: string): Json => fields?.[key] ?? null;
  return gathers.some((key) => !same(of(before, key), of(after, key)));
}

function addressIn({ address }: Pick<Change, 'address'>): Address {
  return address;
}

/**
 * Agents come before calls are sent to them, and go once no calls are: a change that sends calls to
 * a queue waits for whoever brings people there, one that takes people away for whoever leaves it.
 * Waits that would lead back to themselves are left out: the checks hold in any order.
 */
export function waitForCrews(
  changes: readonly Change[],
  moves: CrewMoves,
  kindOf: KindOf,
): Change[] {
  if (moves.size === 0) return [...changes];
  const arrivals = new Map<Address, Address[]>();
  const departures = new Map<Address, Address[]>();
  for (const change of changes) {
    const { traffic } = kindOf(kindName(change.address));
    if (traffic === undefined) continue;
    const [was, is] = [servedBy(traffic, change.before), servedBy(traffic, change.after)];
    for (const [key, queue] of is) {
      const move = was.has(key) ? null : moves.of(queue);
      if (move === null || (move.come.length === 0 && !move.mayCome)) continue;
      for (const one of move.by) addTo(arrivals, change.address, one);
    }
    for (const [key, queue] of was) {
      const move = is.has(key) ? null : moves.of(queue);
      if (move === null || !takes(move)) continue;
      for (const one of move.by) addTo(departures, one, change.address);
    }
  }
  const tries = [[arrivals, departures], [arrivals], [departures]];
  for (const waits of tries) {
    const waiting = changes.map((change) => waits.reduce(withWaits, change));
    if (circlesIn(waiting).length === 0) return waiting;
  }
  return [...changes];
}

/** What an agent must have for the calls, in any order: the same text is the same agents. */
export function demandIn(
  { demands }: Pick<NonNullable<Kind['traffic']>, 'demands'>,
  fields: JsonObject,
): string {
  return JSON.stringify([...new Set(demands(fields).map(referenceKey))].sort());
}

/** By queue and by what an agent must have for the calls: another demand is another service. */
function servedBy(
  traffic: NonNullable<Kind['traffic']>,
  fields: JsonObject | null,
): ReadonlyMap<string, Json> {
  if (fields === null || !traffic.isOpen(fields)) return new Map();
  const who = demandIn(traffic, fields);
  return new Map(
    traffic
      .destinations(fields)
      .map(({ queue }) => [JSON.stringify([who, referenceKey(queue)]), queue]),
  );
}

function withWaits(change: Change, waits: ReadonlyMap<Address, readonly Address[]>): Change {
  const more = waits.get(change.address) ?? [];
  if (more.length === 0) return change;
  return { ...change, waitsFor: [...new Set([...change.waitsFor, ...more])].sort() };
}
