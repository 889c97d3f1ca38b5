/**
 * What is there beside strategies, in a history that has more: skills, languages, wrap-up codes,
 * schedules and their groups; where it has everything, queues, skill groups, emergency groups and
 * data tables as well. Each is told by its address, as a strategy is by its name. What is behind an
 * endpoint of its own (members, codes, rows) is a place of its own: `thing/Queue/<id>#members`.
 */
import { textOf, type JsonObject } from '../../src/core/json.js';
import type { Random } from '../../src/engine/ports.js';
import { seededRandom, wholeBetween } from '../../src/simulator/chance.js';
import type { Queue, Table, Thing } from '../../src/simulator/model.js';
import type { Org, SimRequest } from '../../src/simulator/org.js';
import { BACKEND } from '../support/owned.js';
import type { Hand } from './hands.js';
import type { Step } from './history.js';

export const PATHS: Readonly<Record<string, string>> = {
  Skill: '/api/v2/routing/skills',
  Language: '/api/v2/routing/languages',
  WrapupCode: '/api/v2/routing/wrapupcodes',
  Schedule: '/api/v2/architect/schedules',
  ScheduleGroup: '/api/v2/architect/schedulegroups',
  SkillGroup: '/api/v2/routing/skillgroups',
  EmergencyGroup: '/api/v2/architect/emergencygroups',
  Queue: '/api/v2/routing/queues',
  DataTable: '/api/v2/flows/datatables',
};

/** The sections of a path that are places of their own, by what manifests call them. */
const PARTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Queue: { members: 'members', wrapupcodes: 'wrapupCodes' },
  DataTable: { rows: 'rows' },
};

const OUR_TABLES: readonly string[] = Object.values(BACKEND.tables);

export interface ThingPlace {
  readonly is: 'object' | 'part';
  readonly key: string;
  readonly name: string;
}

/** A write or a listing of one, as the simulation tells places; `null` for anything else. */
export function thingPlace(org: Org, { method, path, body }: SimRequest): ThingPlace | null {
  const [at = ''] = path.split('?');
  for (const [kind, root] of Object.entries(PATHS)) {
    if (at === root) {
      const name = method === 'POST' ? textOf((JSON.parse(body) as JsonObject)['name']) : '';
      if (kind === 'DataTable' && OUR_TABLES.includes(name)) return null;
      return { is: 'object', key: '', name: name === '' ? '' : `${kind}/${name}` };
    }
    if (!at.startsWith(`${root}/`)) continue;
    const [id = '', section, ...rest] = at
      .slice(root.length + 1)
      .split('/')
      .map(decodeURIComponent);
    const own = `thing/${kind}/${id}`;
    const thing = thingAt(org, own);
    if (kind === 'DataTable' && OUR_TABLES.includes(thing?.name ?? '')) return null;
    const name = thing === undefined ? '' : `${kind}/${thing.name}`;
    if (section === undefined) return { is: 'object', key: own, name };
    const part = PARTS[kind]?.[section];
    return part === undefined || rest.length > 1
      ? null
      : { is: 'part', key: `${own}#${part}`, name };
  }
  return null;
}

/** Which keys a listing of that path is about; empty for what is no listing of things. */
export function listedKeys(path: string): string {
  const [at = ''] = path.split('?');
  const kind = Object.keys(PATHS).find((one) => PATHS[one] === at);
  return kind === undefined ? '' : `thing/${kind}/`;
}

/** The place of the object that a place belongs to. */
export function ownKey(key: string): string {
  return key.split('#')[0] ?? '';
}

export function thingAt(org: Org, key: string): Thing | Queue | Table | undefined {
  const [, kind = '', ...rest] = ownKey(key).split('/');
  const id = rest.join('/');
  if (kind === 'Queue') return org.queues.get(id);
  if (kind === 'DataTable') return org.tables.get(id);
  return org.things.get(PATHS[kind] ?? '')?.get(id);
}

function isThere(thing: Thing | Queue | Table | undefined): thing is Thing | Queue | Table {
  return thing !== undefined && !('state' in thing && thing.state === 'deleted');
}

/** Something that changes with every write of it that changes it, deleted or not. */
export function thingState(org: Org, key: string): unknown {
  const thing = thingAt(org, key);
  return thing === undefined || 'texts' in thing ? thing : thingContent(org, key);
}

function allOf(org: Org, kind: string): ReadonlyMap<string, Thing | Queue | Table> {
  if (kind === 'Queue') return org.queues;
  if (kind === 'DataTable') return org.tables;
  return org.things.get(PATHS[kind] ?? '') ?? new Map<string, Thing>();
}

function kindAt({ path }: SimRequest): string {
  return listedKeys(path.split('?')[0] ?? '').split('/')[1] ?? '';
}

/** Grows with every one that is made. */
export function countAt(org: Org, request: SimRequest): number {
  return allOf(org, kindAt(request)).size;
}

export function newestAt(org: Org, request: SimRequest): string {
  const kind = kindAt(request);
  const ids = [...allOf(org, kind).keys()];
  return kind === '' || ids.length === 0 ? '' : `thing/${kind}/${ids.at(-1) ?? ''}`;
}

/** `null` where it is not there, or only remembered. Of a part: key → item, as JSON. */
export function thingContent(org: Org, key: string): string | null {
  const thing = thingAt(org, key);
  if (!isThere(thing)) return null;
  const [, part] = key.split('#');
  const sorted = (all: Iterable<readonly [string, unknown]>): string =>
    JSON.stringify(Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1))));
  if ('memberIds' in thing) {
    const { name, description, division, settings, memberIds, ringOf, wrapupCodeIds } = thing;
    if (part === 'members') return sorted(memberIds.map((id) => [id, ringOf.get(id) ?? 1]));
    if (part === 'wrapupCodes') {
      const codes = org.things.get(PATHS['WrapupCode'] ?? '');
      const names = [...wrapupCodeIds].flatMap((id) => codes?.get(id)?.name ?? []);
      return sorted(names.map((one) => [one, true]));
    }
    return JSON.stringify([name, description, division.id, settings]);
  }
  if ('rows' in thing) {
    const { name, description, columns, rows } = thing;
    if (part === 'rows') return sorted([...rows].map(([row, cells]) => [row, cellsOf(cells)]));
    return JSON.stringify([name, description, [...columns]]);
  }
  const { name, texts, content, division } = thing;
  return JSON.stringify([name, texts, content, division?.id ?? null]);
}

function cellsOf(row: ReadonlyMap<string, unknown>): string {
  return JSON.stringify([...row].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a part holds, by the keys of its items; empty for what is not there. */
export function itemsIn(content: string | null): ReadonlyMap<string, unknown> {
  return new Map(content === null ? [] : Object.entries(JSON.parse(content) as object));
}

export function thingName(org: Org, key: string): string {
  const [, kind = ''] = key.split('/');
  return `${kind}/${thingAt(org, key)?.name ?? ''}`;
}

/** Of objects and, behind each, of what is a place of its own. */
export function thingKeys(org: Org): string[] {
  return Object.keys(PATHS).flatMap((kind) =>
    [...allOf(org, kind)].flatMap(([id, thing]) => {
      const isOurs = kind === 'DataTable' && OUR_TABLES.includes(thing.name);
      if (!isThere(thing) || isOurs) return [];
      const own = `thing/${kind}/${id}`;
      return [own, ...Object.values(PARTS[kind] ?? {}).map((part) => `${own}#${part}`)];
    }),
  );
}

/** Where the object of that address is; undefined for none. */
export function keyOfThing(org: Org, address: string): string | undefined {
  return thingKeys(org).find((key) => !key.includes('#') && thingName(org, key) === address);
}

/** The object of that address that the record speaks of is there. */
export function isThingThere(org: Org, address: string, id: string): boolean {
  const [kind = ''] = address.split('/');
  const thing = thingAt(org, `thing/${kind}/${id}`);
  return isThere(thing) && `${kind}/${thing.name}` === address;
}

const SKILLS = ['A', 'B', 'C', 'D'];
const BY_HAND = [...SKILLS.map((name) => `Skill/${name}`), 'Language/Dutch', 'WrapupCode/Solved'];

type Specs = Readonly<Record<string, JsonObject>>;

/** The same steps, in which our strategies require skills that are declared beside them. */
export function withReferences(seed: number, steps: readonly Step[]): Step[] {
  const random = seededRandom(`history/${seed}/references`);
  const out: Step[] = [];
  for (const step of steps) {
    if (step.do === 'commit' && step.folder !== 'neighbours') {
      out.push({ ...step, specs: { ...referring(random, step.specs) } });
    } else if (step.do === 'apply') {
      if (chance(random, 0.3)) out.push({ do: 'hand', hand: drawHand(random) });
      const atMoment = wholeBetween(random, 1, 120);
      const hand = { ...drawHand(random, ['make', 'delete']), atMoment };
      out.push(chance(random, 0.3) ? { ...step, runner: { ...step.runner, hand } } : step);
    } else out.push(step);
  }
  return out;
}

function drawHand(
  random: Random,
  whats: readonly Hand['what'][] = ['make', 'delete', 'rename'],
): Hand {
  return { what: one(random, whats), thing: one(random, BY_HAND) };
}

function referring(random: Random, strategies: Specs): Specs {
  const declared = SKILLS.filter(() => chance(random, 0.6));
  const out: Record<string, JsonObject> = {};
  for (const [name, spec] of Object.entries(strategies)) {
    const skill = one(random, [...declared, 'Voice']);
    const checks = { skills: 'warn', capacity: 'warn' };
    // What a manifest says nothing of stays: one that is to let go says so.
    const skills = chance(random, 0.7) ? [{ skill, required: true }] : [];
    out[name] = { ...spec, selection: { skills }, checks };
  }
  for (const name of declared) out[`Skill/${name}`] = {};
  if (chance(random, 0.5)) out['Language/Dutch'] = {};
  if (chance(random, 0.6)) {
    out['WrapupCode/Solved'] = { description: one(random, ['one', 'two']) };
  }
  const days = ['Day', 'Night'].filter(() => chance(random, 0.5));
  for (const name of days) out[`Schedule/${name}`] = drawSchedule(random);
  if (days.length > 0 && chance(random, 0.7)) {
    const openSchedules = days.filter((_one, at) => at === 0 || chance(random, 0.5));
    out['ScheduleGroup/Hours'] = { timeZone: 'Europe/Berlin', openSchedules };
  }
  return out;
}

function drawSchedule(random: Random): JsonObject {
  const hour = String(wholeBetween(random, 6, 11)).padStart(2, '0');
  return { start: `2026-03-02T${hour}:00:00.000`, end: '2026-03-02T18:00:00.000' };
}

function chance(random: Random, rate: number): boolean {
  return random.next() < rate;
}

function one<T>(random: Random, of: readonly T[]): T {
  return of[wholeBetween(random, 0, of.length - 1)]!;
}
