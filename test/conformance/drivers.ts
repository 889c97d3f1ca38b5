/** Where the suite is run: a simulated org in this process, or an org elsewhere over HTTP. */
import { randomBytes } from 'node:crypto';
import type { Backend } from '../support/binding.js';
import type { Clock } from '../../src/engine/ports.js';
import { openWriter, type Connection } from '../../src/genesys/sdk.js';
import { NoAnswer, type Exchange } from '../../src/genesys/transport.js';
import { datatable } from '../../src/kinds/routing-strategy/datatable.js';
import { idFrom } from '../../src/simulator/ids.js';
import type { Org } from '../../src/simulator/org.js';
import { bench, half, Recorder } from '../support/org.js';
import { REAL_CLOCK } from '../support/here.js';
import { BACKEND, tableLike } from '../support/owned.js';
import { ORG } from '../support/reconcile.js';
import { ROWS } from '../support/rows.js';
import { RowStrategies } from './datatable.js';
import { ApiStrategies } from './strategies-api.js';
import { Tables } from './tables.js';
import { World, type Platform } from './world.js';

/** What a case may need beside strategies, tables and queues. */
export type Need = 'platform' | 'activation' | 'rows' | 'ids' | 'full table' | 'skills';

export interface Driver {
  readonly name: string;
  /** What there is not here, and why. */
  readonly lacks: Readonly<Partial<Record<Need, string>>>;
  readonly timeoutMs: number;
  open(): Promise<World>;
}

const NO_ACTIVATION = 'a row takes effect as it is written: the platform activates nothing';
const NO_IDS = 'a row has no id but its name';
const NO_ROWS = 'strategies are no rows here';

/** Every case has an org of its own. */
export function simulated(backend: 'strategies-api' | 'datatable'): Driver {
  const isRows = backend === 'datatable';
  return {
    name: backend,
    lacks: isRows
      ? { activation: NO_ACTIVATION, ids: NO_IDS }
      : { rows: NO_ROWS, 'full table': NO_ROWS },
    timeoutMs: 300_000,
    open: () => Promise.resolve(isRows ? simulatedWorld(ROWS) : simulatedWorld(BACKEND)),
  };
}

function simulatedWorld(backend: Backend): World {
  const on = bench(ORG);
  const person = on.writer('person');
  const tables = new Tables(person, backend.tables);
  return new World({
    place: on,
    backend,
    exchange: on.exchange,
    person,
    tables,
    strategies:
      backend.name === 'datatable'
        ? new RowStrategies(tables)
        : new ApiStrategies(person, on.clock),
    queues: ['Alpha', 'Beta', 'Gamma', 'Overflow'],
    skills: ['Voice', 'Billing'],
    platform: platformOf(on.org, backend),
    close: () => Promise.resolve(),
  });
}

function platformOf(org: Org, { tables }: Backend): Platform {
  const queueNamed = (name: string) => {
    const found = [...org.queues.values()].find((one) => one.name === name);
    if (found === undefined) throw new Error(`the org has no queue ${name}`);
    return found;
  };
  return {
    unstaffed: 'Nobody',
    closed: 'Closed',
    staff: (queue) => {
      const found = queueNamed(queue);
      org.queues.set(found.id, { ...found, memberIds: queueNamed('Alpha').memberIds });
    },
    renameQueue: (from, to) => {
      queueNamed(from).name = to;
    },
    removeQueue: (name) => {
      org.queues.delete(queueNamed(name).id);
    },
    doubleQueue: (name) => {
      const found = queueNamed(name);
      const division = { id: idFrom('division/Elsewhere'), name: 'Elsewhere' };
      const twin = { ...found, id: idFrom(`queue/Elsewhere/${name}`), division };
      org.queues.set(twin.id, twin);
      return [found.id, twin.id];
    },
    crowd: (count) => {
      if (!('table' in datatable.home)) throw new Error('rows live in a table');
      const { rows } = tableLike(org, { name: tables.objects, ...datatable.home.table });
      for (let index = 0; index < count; index += 1) {
        const key = `stranger ${String(index).padStart(4, '0')}`;
        rows.set(key, new Map([['key', key]]));
      }
    },
  };
}

export interface Elsewhere {
  readonly host: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly queues: readonly [string, string, string, ...string[]];
  /** Of an org that shares our clock; absent: the machine's. */
  readonly clock?: Clock;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The org that these variables name; `null` where some are missing. */
export function namedIn(env: Variables): Elsewhere | null {
  const host = env['STRATEGOS_CONFORMANCE_HOST'];
  const clientId = env['GENESYS_CLIENT_ID'];
  const clientSecret = env['GENESYS_CLIENT_SECRET'];
  const [first, second, third, ...more] = queuesIn(env);
  if (!host || !clientId || !clientSecret || !first || !second || !third) return null;
  return { host, clientId, clientSecret, queues: [first, second, third, ...more] };
}

export function missingIn(env: Variables): string[] {
  const names = ['STRATEGOS_CONFORMANCE_HOST', 'GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET'];
  const queues = 'STRATEGOS_CONFORMANCE_QUEUES (names of three queues, with commas between)';
  return [...names.filter((name) => !env[name]), ...(queuesIn(env).length < 3 ? [queues] : [])];
}

function queuesIn(env: Variables): string[] {
  const names = (env['STRATEGOS_CONFORMANCE_QUEUES'] ?? '').split(',').map((name) => name.trim());
  return names.filter((name) => name !== '');
}

const NOT_OURS = 'queues and people of a live org belong to others';
const TOO_MANY = 'a live org is not filled with 5,000 rows';

/** Every case has a pair of tables of its own, which it removes. */
export async function liveOrg(name: string, elsewhere: Elsewhere): Promise<Driver> {
  const skills = await skillsOf(elsewhere);
  const [first, second] = skills;
  const named = `strategos conformance ${randomBytes(4).toString('hex')}`;
  let opened = 0;
  return {
    name,
    lacks: {
      activation: NO_ACTIVATION,
      ids: NO_IDS,
      platform: NOT_OURS,
      'full table': TOO_MANY,
      ...(second === undefined ? { skills: 'the org has fewer than two skills' } : {}),
    },
    timeoutMs: 300_000,
    open: () => {
      opened += 1;
      const objects = `${named} ${opened}`;
      const backend = { name: 'datatable', tables: { objects, state: `${objects} (strategos)` } };
      return Promise.resolve(worldElsewhere(elsewhere, backend, [first ?? '', second ?? '']));
    },
  };
}

async function skillsOf(elsewhere: Elsewhere): Promise<string[]> {
  const found = await openWriter(connectionTo(elsewhere)).skills();
  return found.map(({ name }) => name).filter((name) => !name.includes('|'));
}

function worldElsewhere(
  elsewhere: Elsewhere,
  backend: Backend,
  skills: readonly [string, string],
): World {
  const person = openWriter(connectionTo(elsewhere));
  const tables = new Tables(person, backend.tables);
  const place = {
    clock: elsewhere.clock ?? REAL_CLOCK,
    events: new Recorder(),
    connection: (_client?: string, through?: Exchange) => connectionTo(elsewhere, through),
  };
  return new World({
    place,
    backend,
    person,
    tables,
    skills,
    exchange: overFetch,
    strategies: new RowStrategies(tables),
    queues: elsewhere.queues,
    platform: null,
    close: () => tables.clear(),
  });
}

function connectionTo(
  { host, clientId, clientSecret, clock = REAL_CLOCK }: Elsewhere,
  exchange?: Exchange,
): Connection {
  return {
    host,
    clientId,
    clientSecret,
    clock,
    random: half,
    events: new Recorder(),
    userAgent: 'strategos/conformance',
    ...(exchange === undefined ? {} : { exchange }),
  };
}

/** What faults are put in front of, where there is a network behind. */
const overFetch: Exchange = async ({ method, url, headers, body }) => {
  try {
    const answer = await fetch(url, {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
    const names = Object.fromEntries(answer.headers);
    return { status: answer.status, headers: names, body: await answer.text() };
  } catch (error) {
    const { cause } = error as { cause?: { code?: unknown } };
    throw new NoAnswer(typeof cause?.code === 'string' ? cause.code : 'UNKNOWN');
  }
};
