/**
 * What a case of the conformance suite may do to an org, and see of it, whichever backend its
 * strategies live in. Strategies are spoken of as a manifest's `spec` has them, queues and skills
 * by name; what is read back here is read without the code under test.
 */
import { guardText } from '../../src/core/guard.js';
import { failedGuards } from '../../src/core/outcome.js';
import { Refused } from '../../src/core/errors.js';
import type { JsonObject } from '../../src/core/json.js';
import type { Owner } from '../../src/core/owner.js';
import { stateOfRows, type State, type StateRecord } from '../../src/core/state.js';
import type { Backend } from '../support/binding.js';
import { Ledger } from '../../src/engine/ledger.js';
import { acquire, release } from '../../src/engine/lock.js';
import type { Planned } from '../../src/engine/planning.js';
import type { Writer } from '../../src/engine/ports.js';
import { sha256 } from '../../src/files/digest.js';
import { openWriter } from '../../src/genesys/sdk.js';
import type { Exchange } from '../../src/genesys/transport.js';
import { writeManifests } from '../support/written.js';
import { faulty, silentAfter, type Faulty, type Mishap } from '../support/faults.js';
import type { Address } from '../../src/core/types.js';
import { keyOf, markIn, OWNER } from '../support/owned.js';
import { carryOut, MemoryLog, plan, type Applied, type Place } from '../support/reconcile.js';
import type { Tables } from './tables.js';

/** What a manifest says below `spec`, and what the org has in the same shape. */
export type Spec = JsonObject;

/** Writes that a case may lose the answer to. */
export type Write = 'create' | 'activate' | 'update' | 'delete' | 'claim' | 'record' | 'release';

/** Which request a write is: its method, and its path without the query. */
export interface Request {
  readonly method: string;
  readonly path: RegExp;
}

/** The strategies of an org, as a person with a browser reads and changes them. */
export interface Strategies {
  all(): Promise<Record<string, Spec>>;
  /** As the platform itself shows them, for `nothing has changed`. */
  raw(): Promise<JsonObject[]>;
  /** With all that the spec says: copied from another org. */
  make(name: string, spec: Spec): Promise<void>;
  /** With what the admin UI has a place for. */
  type(name: string, spec: Spec): Promise<void>;
  /** Puts these keys in the place of those that are there. */
  edit(name: string, keys: Spec): Promise<void>;
  remove(name: string): Promise<void>;
  request(write: 'create' | 'activate' | 'update' | 'delete'): Promise<Request>;
}

/** What only a platform of our own can be made to do. */
export interface Platform {
  /** A queue that nobody works in, until somebody is put there. */
  readonly unstaffed: string;
  staff(queue: string): void;
  /** A queue that keeps strategies from becoming active. */
  readonly closed: string;
  renameQueue(from: string, to: string): void;
  removeQueue(name: string): void;
  /** A second queue of this name, in another division. Returns the ids of both. */
  doubleQueue(name: string): readonly string[];
  /** As many rows that somebody else has put beside our strategies. */
  crowd(rows: number): void;
}

export interface Site {
  readonly place: Place;
  readonly backend: Backend;
  /** What a case may put faults in front of. */
  readonly exchange: Exchange;
  readonly strategies: Strategies;
  readonly tables: Tables;
  readonly person: Writer;
  readonly queues: readonly [string, string, string, ...string[]];
  readonly skills: readonly [string, string];
  readonly platform: Platform | null;
  close(): Promise<void>;
}

/** Name → spec. Checks are off unless the spec has some: agents of a live org come and go. */
export type Manifests = Readonly<Record<string, Spec>>;

export interface Asked {
  readonly owner?: Owner;
  /** Default true. */
  readonly prune?: boolean;
  readonly exchange?: Exchange;
  /** Names whose manifest has `metadata.adopt: true`. */
  readonly adopting?: readonly string[];
  /** `--adopt` and `--force`. */
  readonly adopt?: boolean;
  readonly force?: boolean;
}

/** What became of a run, and the plan behind it. */
export type Run = Pick<Applied, 'outcomes' | 'exitCode' | 'fault'> & { readonly planned: Planned };

export class World {
  private runs = 0;

  constructor(readonly site: Site) {}

  /** So many milliseconds go by. */
  async pass(ms: number): Promise<void> {
    await this.site.place.clock.sleep(ms);
  }

  /** Three queues that any strategy may name. */
  get queues(): Site['queues'] {
    return this.site.queues;
  }

  get skills(): Site['skills'] {
    return this.site.skills;
  }

  get strategies(): Strategies {
    return this.site.strategies;
  }

  get tables(): Tables {
    return this.site.tables;
  }

  /** The key of the record of a strategy. */
  keyOf(address: Address): string {
    return keyOf(address, this.site.backend);
  }

  get platform(): Platform {
    if (this.site.platform === null) throw new Error('this platform is not ours');
    return this.site.platform;
  }

  /** A spec with one target; the smallest there is. */
  spec(queue: string, over: Spec = {}): Spec {
    return { targets: [this.target(queue)], ...over };
  }

  target(queue: string, over: JsonObject = {}): JsonObject {
    return { queue, priority: 1, weight: 1, capacity: 5, ...over };
  }

  plan(manifests: Manifests, asked: Asked = {}): Promise<Planned> {
    const { adopting = [] } = asked;
    const files = Object.entries(manifests).map(([name, { checks = OFF, ...spec }], index) => [
      `manifest-${index}.yaml`,
      JSON.stringify({
        apiVersion: 'strategos/v1',
        kind: 'RoutingStrategy',
        metadata: { name, ...(adopting.includes(name) ? { adopt: true } : {}) },
        spec: { ...spec, checks },
      }),
    ]);
    return this.planFiles(Object.fromEntries(files) as Record<string, string>, asked);
  }

  planFiles(files: Readonly<Record<string, string>>, asked: Asked = {}): Promise<Planned> {
    const { owner, prune, exchange, adopt = false } = asked;
    return plan(this.site.place, files, {
      backend: this.site.backend,
      owned: false,
      adopt,
      // Orgs of one strategy lose it here: that it may go is said, and guards have tests of their own.
      guards: { maxDeletes: '100%' },
      ...(owner === undefined ? {} : { owner }),
      ...(prune === undefined ? {} : { prune }),
      ...(exchange === undefined ? {} : { exchange }),
    });
  }

  /** As the command line does with a plan that it has shown. */
  async carryOut(planned: Planned, asked: Asked = {}): Promise<Run> {
    const { adopt = false, force = false, owner = OWNER, exchange } = asked;
    const standing = failedGuards(planned.plan.guards).filter(({ guard }) =>
      guard === 'ownership' ? true : guard === 'adoption' ? !adopt : !force,
    );
    if (standing.length > 0) {
      throw new Refused('guard', standing.map((one) => guardText(one)).join('; '));
    }
    const { plan: made, chores } = planned;
    if (made.changes.length === 0 && chores.length === 0) {
      return { outcomes: [], exitCode: 0, fault: null, planned };
    }
    this.runs += 1;
    const { outcomes, exitCode, fault } = await carryOut(this.site.place, planned, {
      backend: this.site.backend,
      bulk: true,
      owner,
      run: `run ${this.runs}`,
      ...(exchange === undefined ? {} : { exchange }),
    });
    return { outcomes, exitCode, fault, planned };
  }

  async apply(manifests: Manifests, asked: Asked = {}): Promise<Run> {
    return this.carryOut(await this.plan(manifests, asked), asked);
  }

  /** What the org has, as the files that `export` would write. */
  async exported(): Promise<Record<string, string>> {
    const { observation } = await this.plan({}, { prune: false });
    const { manifests } = writeManifests(observation.live, this.site.backend.name);
    const files = manifests.map(({ file, text }) => [file, text]);
    return Object.fromEntries(files) as Record<string, string>;
  }

  /** Takes the lock for a run of this id; rejects when another has it. */
  async lock(run: string): Promise<void> {
    const { clock, events } = this.site.place;
    await acquire(
      { ledger: this.ledger(), clock, events },
      {
        rows: `${await this.tables.path('state')}/rows`,
        me: { holder: 'test', host: 'bench', command: 'apply', run, at: AT },
        patienceMs: 0,
        cancelled: () => false,
        isGone: () => Promise.resolve(false),
      },
    );
  }

  async unlock(run: string): Promise<boolean> {
    return release(this.ledger(), `${await this.tables.path('state')}/rows`, run);
  }

  private ledger(): Ledger {
    const connection = this.site.place.connection();
    return new Ledger(openWriter(connection), new MemoryLog(), connection);
  }

  live(): Promise<Record<string, Spec>> {
    return this.strategies.all();
  }

  async state(): Promise<State> {
    const here = markIn(this.site.backend);
    return stateOfRows(await this.tables.rows('state'), sha256, { here });
  }

  async record(name: string): Promise<StateRecord | undefined> {
    const { records } = await this.state();
    return records.get(`RoutingStrategy/${name}`);
  }

  /** All that an apply could have changed, for `nothing has changed`. */
  async everything(): Promise<JsonObject> {
    const [strategies, records] = await Promise.all([
      this.strategies.raw(),
      this.tables.rows('state'),
    ]);
    return { strategies, records };
  }

  /** The first request of this write suffers `does`. */
  async breaking(write: Write, does: Mishap): Promise<Faulty> {
    return faulty(this.site.exchange, [{ ...(await this.requestOf(write)), does }]);
  }

  /** The same, and nothing gets through after it. */
  async silenced(write: Write, when: 'before' | 'after'): Promise<Exchange> {
    return silentAfter(this.site.exchange, await this.requestOf(write), when);
  }

  /** Sees what is sent. */
  watching(): Faulty {
    return faulty(this.site.exchange);
  }

  private async requestOf(write: Write): Promise<Request> {
    const state = await this.tables.path('state');
    const one = new RegExp(`${state}/rows/[^/]+$`);
    switch (write) {
      case 'claim':
        return { method: 'POST', path: new RegExp(`${state}/rows$`) };
      // What was claimed, or is ours already.
      case 'record':
        return { method: 'PUT', path: one };
      case 'release':
        return { method: 'DELETE', path: one };
      case 'create':
      case 'activate':
      case 'update':
      case 'delete':
        return this.strategies.request(write);
    }
  }

  close(): Promise<void> {
    return this.site.close();
  }
}

const AT = '2026-03-02T09:00:00.000Z';
const OFF = { skills: 'off', capacity: 'off' };
