/** Plan and apply through the real engine and the real SDK, against a simulated org. */
import { kindName } from '../../src/core/outcome.js';
import { scopeOf } from '../../src/core/scope.js';
import { KIND_NAMES } from './binding.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import {
  recordOf,
  type AuditContext,
  type AuditEntry,
  type AuditRecord,
} from '../../src/core/audit.js';
import type { JsonObject } from '../../src/core/json.js';
import type { Owner } from '../../src/core/owner.js';
import type { ImportTargets } from '../../src/engine/execution.js';
import { execute } from '../../src/engine/execute.js';
import type { Execution } from '../../src/engine/execution.js';
import { buildHomes, rootOf, type Homes } from '../../src/engine/homes.js';
import { bindingFor, type Backend } from './binding.js';
import { idsFor } from '../../src/core/former.js';
import { OwnershipTable } from '../../src/engine/ownership-table.js';
import { Ledger } from '../../src/engine/ledger.js';
import { tuningFor } from '../../src/engine/starts.js';
import { makePlan } from '../../src/engine/plan.js';
import type { Planned } from '../../src/engine/planning.js';
import { kindsByName, type Kind } from '../../src/core/kind.js';
import type { AuditLog, Clock } from '../../src/engine/ports.js';
import { sha256 } from '../../src/files/digest.js';
import { openReader, openWriter } from '../../src/genesys/sdk.js';
import type { Exchange } from '../../src/genesys/transport.js';
import type { Strategy } from '../../src/simulator/model.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import type { Org } from '../../src/simulator/org.js';
import { load } from './manifests.js';
import type { Bench } from './org.js';
import { BACKEND, own, OWNER } from './owned.js';

/** Queues with an idle agent each, one that is disabled and one that nobody works in. */
export const ORG: OrgFile = {
  organization: { name: 'Bench' },
  clients: [
    { id: 'demo', secret: 'demo' },
    { id: 'person', secret: 'person' },
  ],
  skills: ['Voice', 'Billing'],
  users: [
    { name: 'Ada', skills: ['Voice', 'Billing'] },
    { name: 'Ben', skills: ['Voice'] },
    { name: 'Chi', skills: [] },
  ],
  queues: [
    { name: 'Alpha', members: ['Ada', 'Ben', 'Chi'] },
    { name: 'Beta', members: ['Ada', 'Ben'] },
    { name: 'Gamma', members: ['Ben'] },
    { name: 'Overflow', members: ['Chi'] },
    { name: 'Closed', members: ['Ada'], disabled: true },
    { name: 'Nobody', members: [] },
  ],
};

/** A strategy as the org file has it: one target, active, no skill. */
export function live(
  name: string,
  queue: string,
  over: Partial<NonNullable<OrgFile['strategies']>[number]> = {},
): NonNullable<OrgFile['strategies']>[number] {
  return { name, targets: [{ queue, priority: 1, weight: 1, capacity: 5 }], ...over };
}

/** The manifest that says what `live` has; one key a line, so that lines tell keys apart. */
export function manifest(name: string, queue: string, spec: JsonObject = {}): string {
  const document = {
    apiVersion: 'strategos/v1',
    kind: 'RoutingStrategy',
    metadata: { name },
    spec: { targets: [{ queue, priority: 1, weight: 1, capacity: 5 }], ...spec },
  };
  return JSON.stringify(document, null, 2);
}

/** `weight` in place of 1: the smallest change there is. */
export function weighing(name: string, queue: string, weight: number): string {
  return manifest(name, queue, { targets: [{ queue, priority: 1, weight, capacity: 5 }] });
}

/** What plan and apply need of a bench; of an org that is elsewhere there is no more. */
export type Place = Pick<Bench, 'connection' | 'events'> & {
  readonly clock: Clock;
  readonly org?: Org;
};

export interface PlanOptions {
  readonly scope?: readonly string[];
  /** With those that manifests declare in use; default: strategies alone. */
  readonly kinds?: readonly Kind[];
  readonly prune?: boolean;
  readonly exchange?: Exchange | undefined;
  readonly client?: string;
  /** False: the org is taken as it is. Otherwise what is nobody's there becomes ours first. */
  readonly owned?: boolean;
  readonly owner?: Owner;
  /** As with --adopt. */
  readonly adopt?: boolean;
  /** Default: strategies-api. */
  readonly backend?: Backend;
  /** Of the Environment; default: none is written. */
  readonly guards?: JsonObject;
}

export const kindOf = kindsByName(reconciledKinds);

/** A plan for these manifests (file name → text), as `strategos plan` would make it. */
export async function plan(
  bench: Place,
  files: Readonly<Record<string, string>>,
  options: PlanOptions = {},
): Promise<Planned> {
  const { scope, prune = true, exchange, client, owned = true, owner = OWNER } = options;
  const { backend = BACKEND, adopt = false, guards, kinds } = options;
  if (owned && bench.org !== undefined) own(bench.org);
  const environmentText = JSON.stringify({
    apiVersion: 'strategos/v1',
    kind: 'Environment',
    metadata: { name: 'test' },
    spec: {
      host: 'http://127.0.0.1:9',
      backend: backend.name,
      ...(guards === undefined ? {} : { guards }),
    },
  });
  const { environment, manifests } = load({ ...files, 'environment.yaml': environmentText });
  const reader = openReader(bench.connection(client, exchange));
  return makePlan(
    { reader, events: bench.events, clock: bench.clock, hash: sha256 },
    {
      manifests,
      binding:
        kinds === undefined ? bindingFor(backend) : bindingFor(backend, kinds, { manifests }),
      owner,
      environment: { name: 'test', backend: environment.backend, host: 'http://127.0.0.1:9' },
      prune,
      adopt,
      guards: { ...environment.guards, at: () => environment.at('/spec') },
      scope: scopeOf(scope ?? null, KIND_NAMES),
      commit: null,
      version: '0.0.0',
    },
  );
}

export interface ExecuteOptions {
  readonly kinds?: readonly Kind[];
  readonly exchange?: Exchange;
  readonly client?: string;
  readonly owner?: Owner;
  readonly run?: string;
  readonly audit?: AuditLog;
  readonly interrupted?: () => boolean;
  readonly activationTimeoutMs?: number;
  /** Default: strategies-api. */
  readonly backend?: Backend;
  /** True: many rows go in one file, as the command line has it. */
  readonly bulk?: boolean;
}

export interface Applied extends Execution {
  readonly log: MemoryLog;
}

/** Executes a plan, as `strategos apply` would once it has its lock. */
export async function carryOut(
  bench: Place,
  { plan: planned, citations, ...seen }: Planned,
  options: ExecuteOptions = {},
): Promise<Applied> {
  const { observation, recheck, chores, learnt, starts, recorded, disowned } = seen;
  const { exchange, client, interrupted = () => false, activationTimeoutMs = 30_000 } = options;
  const { owner = OWNER, run = 'run', backend = BACKEND, bulk = false, kinds } = options;
  const uses = planned.changes.map(({ address }) => kindName(address));
  const binding = bindingFor(backend, kinds, kinds === undefined ? {} : { uses });
  const { clock, events } = bench;
  const log = new MemoryLog();
  const audit = options.audit ?? log;
  const writer = openWriter(bench.connection(client, exchange));
  const { random } = bench.connection();
  const ledger = new Ledger(writer, audit, { clock, random });
  const homes = await buildHomes(ledger, observation.homes, binding);
  if (homes.state === null) throw new Error('the state table was made and is not there');
  const idsOf = idsFor(kindOf, observation.catalog, citations);
  const tuningOf = tuningFor(starts === undefined ? {} : { starts });
  const { records } = observation.state;
  const { markOf } = binding;
  const context = { ...homes.state, markOf, records, owner, run, idsOf, tuningOf };
  const ownership = new OwnershipTable(ledger, context, sha256);
  for (const chore of chores) {
    if (chore.do === 'release') await ownership.release(chore.address);
    else if (chore.do === 'tidy') await ownership.tidy(chore.address);
    else if (chore.do === 'move') await ownership.move(chore.address);
    else await ownership.recordOwnership(chore.address, chore.id, chore.fields);
  }
  const execution = await execute(
    { writer, audit, ownership, events, clock, random, hash: sha256 },
    {
      plan: planned,
      catalog: observation.catalog,
      recheck,
      learnt,
      ...(recorded === undefined ? {} : { recorded }),
      ...(disowned === undefined ? {} : { disowned }),
      binding,
      activationTimeoutMs,
      interrupted,
      rootOf: (bound) => rootOf(bound, homes) ?? '',
      ...(bulk ? { imports: importsOf(homes, observation) } : {}),
    },
  );
  return { ...execution, log };
}

/** As `strategos apply` says it. */
function importsOf(homes: Homes, { live: all }: Planned['observation']): ImportTargets {
  return {
    tableOf: (kind) => homes.tables.get(kind.name) ?? null,
    rowCount: ({ name }) => all.filter((one) => one.kind === name).length,
  };
}

/** Plan and execute in one go. */
export async function apply(
  bench: Bench,
  files: Readonly<Record<string, string>>,
  { owned, adopt, ...options }: ExecuteOptions & Pick<PlanOptions, 'owned' | 'adopt'> = {},
): Promise<Applied> {
  const { owner } = options;
  const made = await plan(bench, files, {
    ...(owned === undefined ? {} : { owned }),
    ...(adopt === undefined ? {} : { adopt }),
    ...(owner === undefined ? {} : { owner }),
  });
  return carryOut(bench, made, options);
}

/** Keeps records in memory, with a note of `reached()` at each. */
export class MemoryLog implements AuditLog {
  readonly records: AuditRecord[] = [];
  readonly reachedAt: number[] = [];
  private readonly context: AuditContext = { run: 'run', actor: 'test', environment: 'test' };

  constructor(
    private readonly reached: () => number = () => 0,
    /** Returns the error with which this append fails. */
    private readonly fails: (entry: AuditEntry) => Error | null = () => null,
  ) {}

  last(): AuditRecord | null {
    return this.records.at(-1) ?? null;
  }

  append(entry: AuditEntry): Promise<AuditRecord> {
    const error = this.fails(entry);
    if (error !== null) return Promise.reject(error);
    const previous = this.records.at(-1) ?? null;
    const record = recordOf(entry, this.context, previous, '2026-03-02T09:00:00.000Z', sha256);
    this.records.push(record);
    this.reachedAt.push(this.reached());
    return Promise.resolve(record);
  }
}

/** The strategy of this name; throws where there is none. */
export function strategy(bench: Bench, name: string): Strategy {
  const id = bench.org.strategyNames.get(name);
  const found = id === undefined ? undefined : bench.org.strategies.get(id);
  if (found === undefined) throw new Error(`the org has no strategy ${name}`);
  return found;
}

/** Name → status of every strategy in the org, by name. */
export function statuses(bench: Bench): Record<string, string> {
  const all = [...bench.org.strategies.values()];
  const pairs = all.map(({ content, status }): [string, string] => [content.name, status]);
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A person with a browser: changes a strategy behind the back of whoever else is at work. */
export async function edit(bench: Bench, name: string, body: JsonObject): Promise<void> {
  const path = `/api/v2/routing/strategies/${strategy(bench, name).id}`;
  await bench.writer('person').send({ method: 'PUT', path, body });
}

/** As `edit`, with a new weight for every target. */
export async function reweigh(bench: Bench, name: string, weight: number): Promise<void> {
  const targets = strategy(bench, name).content.targets.map((one) => ({ ...one, weight }));
  await edit(bench, name, { targets });
}

/** A person removes a strategy. */
export async function remove(bench: Bench, name: string): Promise<void> {
  const path = `/api/v2/routing/strategies/${strategy(bench, name).id}`;
  await bench.writer('person').send({ method: 'DELETE', path });
}

/** State by address, without the words. */
export function states({ outcomes }: Execution): Record<string, string> {
  return Object.fromEntries(outcomes.map(({ address, state }) => [address, state]));
}
