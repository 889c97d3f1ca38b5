/**
 * What strategies refer to, in a history that has references: skills, languages and wrap-up codes,
 * and schedules in their groups. Each is told by its address, as a strategy is by its name.
 */
import { textOf, type JsonObject } from '../../src/core/json.js';
import type { Random } from '../../src/engine/ports.js';
import { seededRandom, wholeBetween } from '../../src/simulator/chance.js';
import type { Thing } from '../../src/simulator/model.js';
import type { Org, SimRequest } from '../../src/simulator/org.js';
import type { Step } from './history.js';

const PATHS: Readonly<Record<string, string>> = {
  Skill: '/api/v2/routing/skills',
  Language: '/api/v2/routing/languages',
  WrapupCode: '/api/v2/routing/wrapupcodes',
  Schedule: '/api/v2/architect/schedules',
  ScheduleGroup: '/api/v2/architect/schedulegroups',
};

/** A person makes, deletes or renames one of these. */
export interface Hand {
  readonly what: 'make' | 'delete' | 'rename';
  /** `Skill/A` */
  readonly thing: string;
}

/** A write or a listing of one, as the simulation tells places; `null` for anything else. */
export function thingPlace(
  org: Org,
  { method, path, body }: SimRequest,
): { readonly key: string; readonly name: string } | null {
  const [at = ''] = path.split('?');
  for (const [kind, root] of Object.entries(PATHS)) {
    if (at === root) {
      const name = method === 'POST' ? textOf((JSON.parse(body) as JsonObject)['name']) : '';
      return { key: '', name: name === '' ? '' : `${kind}/${name}` };
    }
    if (!at.startsWith(`${root}/`)) continue;
    const id = decodeURIComponent(at.slice(root.length + 1));
    const thing = org.things.get(root)?.get(id);
    return { key: `thing/${kind}/${id}`, name: thing === undefined ? '' : `${kind}/${thing.name}` };
  }
  return null;
}

/** Which keys a listing of that path is about; empty for what is no listing of things. */
export function listedKeys(path: string): string {
  const [at = ''] = path.split('?');
  const kind = Object.keys(PATHS).find((one) => PATHS[one] === at);
  return kind === undefined ? '' : `thing/${kind}/`;
}

function thingAt(org: Org, key: string): Thing | undefined {
  const [, kind = '', ...id] = key.split('/');
  return org.things.get(PATHS[kind] ?? '')?.get(id.join('/'));
}

/** Something that changes with every write of it, deleted or not. */
export function thingState(org: Org, key: string): unknown {
  return thingAt(org, key);
}

/** Grows with every one that is made. */
export function countAt(org: Org, { path }: SimRequest): number {
  return org.things.get(path.split('?')[0] ?? '')?.size ?? 0;
}

export function newestAt(org: Org, { path }: SimRequest): string {
  const kind = listedKeys(path);
  const ids = [...(org.things.get(path.split('?')[0] ?? '')?.keys() ?? [])];
  return kind === '' || ids.length === 0 ? '' : `${kind}${ids.at(-1) ?? ''}`;
}

/** `null` where it is not there, or only remembered. */
export function thingContent(org: Org, key: string): string | null {
  const thing = thingAt(org, key);
  if (thing === undefined || thing.state === 'deleted') return null;
  const { name, texts, content, division } = thing;
  return JSON.stringify([name, texts, content, division?.id ?? null]);
}

export function thingName(org: Org, key: string): string {
  const [, kind = ''] = key.split('/');
  return `${kind}/${thingAt(org, key)?.name ?? ''}`;
}

export function thingKeys(org: Org): string[] {
  return Object.entries(PATHS).flatMap(([kind, root]) =>
    [...(org.things.get(root)?.values() ?? [])].flatMap(({ id, state }) =>
      state === 'deleted' ? [] : [`thing/${kind}/${id}`],
    ),
  );
}

/** The object of that address that the record speaks of is there. */
export function isThingThere(org: Org, address: string, id: string): boolean {
  const [kind = ''] = address.split('/');
  const thing = thingAt(org, `thing/${kind}/${id}`);
  return thing !== undefined && thing.state !== 'deleted' && `${kind}/${thing.name}` === address;
}

type Send = (method: string, path: string, body: object) => void;

/** What was renamed: key → the name of before. */
export function lendHand(
  org: Org,
  { what, thing: address }: Hand,
  renamed: Map<string, string>,
  send: Send,
): void {
  const [kind = '', name = ''] = address.split('/');
  const root = PATHS[kind] ?? '';
  const key = thingKeys(org).find((one) => thingName(org, one) === address);
  const found = key === undefined ? undefined : thingAt(org, key);
  if (what === 'make') {
    // Whoever looks for it finds it under its other name.
    const isRenamed = [...renamed].some(([one, old]) => old === name && one.includes(`/${kind}/`));
    if (!isRenamed) send('POST', root, { name });
  } else if (found !== undefined && key !== undefined) {
    const path = `${root}/${found.id}`;
    if (what === 'delete') send('DELETE', path, {});
    else if (kind === 'WrapupCode') {
      renamed.set(key, name);
      send('PUT', path, { name: `${name} (old)`, ...found.texts });
    }
  }
}

export function nameAsBefore(org: Org, renamed: Map<string, string>, send: Send): void {
  for (const [key, name] of renamed) {
    const [, kind = ''] = key.split('/');
    const thing = thingAt(org, key);
    const isTaken = thingKeys(org).some((one) => thingName(org, one) === `${kind}/${name}`);
    if (thing === undefined || thing.state === 'deleted' || isTaken) continue;
    send('PUT', `${PATHS[kind] ?? ''}/${thing.id}`, { name, ...thing.texts });
  }
  renamed.clear();
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
