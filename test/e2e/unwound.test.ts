/**
 * Histories of a repository, drawn from a seed: commits that make, change, rename and delete objects
 * that refer to each other, each applied. Then every run is rolled back, the newest first: each time
 * the org is, by all its names, what it was before that run.
 *
 * `UNWOUND_FROM=1000 UNWOUND_SEEDS=200` plays others.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import type { Random } from '../../src/engine/ports.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { seededRandom, wholeBetween } from '../../src/simulator/chance.js';
import { Workplace } from '../support/cli.js';

const FROM = Number(process.env['UNWOUND_FROM'] ?? 64);
const SEEDS = Number(process.env['UNWOUND_SEEDS'] ?? 5);

interface Doc {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  /** The name that the last commit gave it. */
  readonly was: string;
  /** What it refers to is written as `@` and its id. */
  readonly spec: JsonObject;
}

const KINDS = ['Schedule', 'ScheduleGroup', 'WrapupCode', 'Queue', 'RoutingStrategy'];
const NAMED_FOR_GOOD = 'RoutingStrategy';
const PEOPLE = ['ada', 'ben', 'hana', 'kofi'];

/** A repository in the midst of its history. */
class Repository {
  docs: readonly Doc[] = [];
  private made = 0;

  constructor(private readonly random: Random) {}

  commit(): string {
    this.docs = this.docs.map((doc) => ({ ...doc, was: doc.name }));
    for (let times = wholeBetween(this.random, 1, 4); times > 0; times -= 1) this.edit();
    return this.docs.map((doc) => this.text(doc)).join('\n---\n');
  }

  private edit(): void {
    const { random, docs } = this;
    const chosen = docs[wholeBetween(random, 0, Math.max(0, docs.length - 1))];
    const what = random.next();
    if (chosen === undefined || what < 0.4) this.add(this.one(KINDS));
    else if (what < 0.55) this.replace(chosen, { spec: this.draw(chosen.kind, chosen) });
    else if (what < 0.8 && chosen.kind !== NAMED_FOR_GOOD) {
      this.replace(chosen, { name: this.newName(chosen.kind) });
    } else this.remove(chosen);
  }

  private add(kind: string): void {
    const spec = this.draw(kind, null);
    if (spec === null) return;
    const name = this.newName(kind);
    this.docs = [...this.docs, { id: this.made, kind, name, was: name, spec }];
  }

  private replace(
    doc: Doc,
    by: { readonly name?: string; readonly spec?: JsonObject | null },
  ): void {
    const spec = by.spec ?? doc.spec;
    const now = { ...doc, ...by, spec };
    this.docs = this.docs.map((one) => (one === doc ? now : one));
  }

  /** And whatever refers to it, and to that. */
  private remove(doc: Doc): void {
    this.docs = this.docs.filter((one) => one !== doc);
    const left = JSON.stringify(`@${doc.id}`);
    for (const one of this.docs) {
      if (this.docs.includes(one) && JSON.stringify(one.spec).includes(left)) this.remove(one);
    }
  }

  private newName(kind: string): string {
    this.made += 1;
    return `${kind} ${this.made}`;
  }

  /** Everything that could be lost is said; `null` where there is nothing to refer to. */
  private draw(kind: string, self: Doc | null): JsonObject | null {
    const others = (of: string): string[] =>
      this.docs.flatMap((one) => (one.kind === of && one !== self ? [`@${one.id}`] : []));
    const description = this.one(['one', 'two', 'three']);
    switch (kind) {
      case 'Schedule': {
        const end = this.one(['2026-01-05T12:00:00', '2026-01-05T18:00:00']);
        return { description, start: '2026-01-05T08:00:00', end, rrule: '' };
      }
      case 'ScheduleGroup': {
        const schedules = others('Schedule');
        if (schedules.length === 0) return null;
        return { description, openSchedules: [this.one(schedules)] };
      }
      case 'Queue':
        return {
          description,
          members: this.some(PEOPLE).map((one) => `${one}@example.com`),
          wrapupCodes: this.some(others('WrapupCode')),
          directRouting: {
            backupQueue: this.one([null, ...others('Queue')]),
            agentWaitSeconds: 60,
          },
        };
      case 'RoutingStrategy': {
        const [first = 'Billing', ...rest] = this.some(others('Queue'));
        return {
          checks: { skills: 'off', capacity: 'off' },
          targets: [first, ...rest].map((queue) => ({ queue, capacity: 3 })),
          fallback: this.one([null, { queue: 'Sales' }]),
        };
      }
      default:
        return { description };
    }
  }

  private text({ kind, name, was, spec }: Doc): string {
    const metadata = { name, ...(was === name ? {} : { previously: was }) };
    const document = { apiVersion: 'strategos/v1', kind, metadata, spec };
    return JSON.stringify(document).replace(/"@(\d+)"/g, (_all, id) =>
      JSON.stringify(this.docs.find((one) => one.id === Number(id))?.name ?? ''),
    );
  }

  private one<T>(of: readonly T[]): T {
    return of[wholeBetween(this.random, 0, of.length - 1)]!;
  }

  private some<T>(of: readonly T[]): T[] {
    return of.filter(() => this.random.next() < 0.5);
  }
}

let place: Workplace;
beforeEach(async () => {
  place = await Workplace.open(DEMO_ORG, { backend: 'datatable' });
  for (const file of ['billing', 'support', 'overlay-demo']) {
    await rm(path.join(place.dir, `strategies/${file}.yaml`));
  }
});
afterEach(() => place.close());

/** Everything that has a name, by the names of what it refers to: ids are others after a way back. */
function world(): ReadonlyMap<string, string> {
  const { things, queues, users, tables, tableNames } = place.simulator.org;
  const named = new Map<string, string>(
    [...queues.values(), ...[...things.values()].flatMap((all) => [...all.values()])].map(
      ({ id, name }) => [id, name],
    ),
  );
  const isEmpty = (value: unknown): boolean =>
    ['null', '""', '[]', '{}', undefined].includes(JSON.stringify(value));
  const said = (value: object): string =>
    JSON.stringify(value, (key, one: unknown) => {
      if (key === 'selfUri' || key === 'name' || isEmpty(one)) return undefined;
      return typeof one === 'string' ? (named.get(one) ?? one) : one;
    });
  const found = new Map<string, string>();
  for (const { name, description, memberIds, wrapupCodeIds, settings } of queues.values()) {
    const people = memberIds.map((id) => users.get(id)?.name).sort();
    const codes = [...wrapupCodeIds].map((id) => named.get(id)).sort();
    const { directRouting = {} } = settings;
    found.set(`Queue/${name}`, said({ description, people, codes, directRouting }));
  }
  for (const [at, all] of things) {
    // No history has skills: an org makes its list of them once somebody asks.
    if (at.endsWith('/skills')) continue;
    for (const { name, state, texts, content } of all.values()) {
      if (state === 'active') found.set(`${at}/${name}`, said({ texts, content }));
    }
  }
  const rows = tables.get(tableNames.get('Routing Strategies') ?? '')?.rows ?? [];
  for (const [key, row] of rows) found.set(`row/${key}`, JSON.stringify([...row]));
  return found;
}

async function done(...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await place.strategos([...args, '--yes', '--force']);
  expect([args, code], stdout + stderr).toEqual([args, 0]);
}

it.each(Array.from({ length: SEEDS }, (_, index) => FROM + index))(
  'of seed %d every run goes back',
  async (seed) => {
    const random = seededRandom(`unwound/${seed}`);
    const repository = new Repository(random);
    const runs: { readonly id: string; readonly before: ReadonlyMap<string, string> }[] = [];
    for (let commits = 0; commits < 5; commits += 1) {
      await place.write('strategies/all.yaml', repository.commit());
      const before = world();
      await done('apply');
      const [id = ''] = (await place.runs()).slice(-1);
      if (JSON.stringify([...before]) !== JSON.stringify([...world()])) runs.push({ id, before });
    }
    for (const { id, before } of runs.toReversed()) {
      await done('rollback', id);
      expect(world(), `after the rollback of ${id}`).toEqual(before);
    }
  },
);
