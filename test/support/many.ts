/** Plans and applies of manifests of several kinds, as the command line binds them. */
import { kindsByName, type KindOf } from '../../src/core/kind.js';
import type { Address } from '../../src/core/types.js';
import type { Execution } from '../../src/engine/execution.js';
import type { Planned } from '../../src/engine/planning.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import { stateTableOf } from '../../src/core/state.js';
import type { Backend } from './binding.js';
import type { Bench } from './org.js';
import { keyOf, OWNER } from './owned.js';
import { carryOut, plan, type ExecuteOptions, type PlanOptions } from './reconcile.js';

export const SKILL = (name: string, spec: object = {}): string => manifestOf('Skill', name, spec);

/** An active strategy that warns where nobody has the skill, which is so of a new one. */
export const STRATEGY = (name: string, skill: string): string =>
  manifestOf('RoutingStrategy', name, {
    checks: { skills: 'warn', capacity: 'warn' },
    selection: { skills: [{ skill }] },
    targets: [{ queue: 'Alpha', capacity: 5 }],
    fallback: { queue: 'Beta' },
  });

export function manifestOf(kind: string, name: string, spec: object): string {
  return [
    'apiVersion: strategos/v1',
    `kind: ${kind}`,
    'metadata:',
    `  name: ${JSON.stringify(name)}`,
    `spec: ${JSON.stringify(spec)}`,
    '',
  ].join('\n');
}

/** A table that has these rows: each with its agents. */
export function sites(rows: Readonly<Record<string, number>>): string {
  return manifestOf('DataTable', 'Sites', {
    columns: [
      { name: 'site', type: 'string' },
      { name: 'agents', type: 'integer' },
    ],
    rows: {
      mode: 'owned',
      items: Object.entries(rows).map(([site, agents]) => ({ site, agents })),
    },
  });
}

export interface Run extends Execution {
  readonly planned: Planned;
}

type Files = Readonly<Record<string, string>>;
type Asked = Omit<PlanOptions, 'backend' | 'kinds' | 'owner' | 'owned'> & { owner?: string };

export interface Many {
  readonly bench: Bench;
  readonly kindOf: KindOf;
  plan(files: Files, asked?: Asked): Promise<Planned>;
  carryOut(planned: Planned, options?: ExecuteOptions): Promise<Run>;
  apply(files: Files, asked?: Asked): Promise<Run>;
  /** A person's own request. */
  send(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<void>;
  skillId(name: string): string;
  /** Name of the skill that the strategy in the org requires. */
  requiredSkill(name: string): string;
  /** The record of an object is gone: it is nobody's. */
  forget(address: Address): void;
}

/** `records`: name of the table of records; default: that of the table of strategies. */
export function many(
  bench: Bench,
  name: 'strategies-api' | 'datatable',
  records?: string,
  objects = 'Routing Strategies',
): Many {
  const state = records ?? stateTableOf(objects);
  const backend: Backend = { name, tables: { objects, state } };
  const asPlanned = async (files: Files, { owner, ...asked }: Asked = {}): Promise<Planned> =>
    plan(bench, files, {
      ...asked,
      backend,
      kinds: reconciledKinds,
      owned: false,
      owner: owner === undefined ? OWNER : { name: owner, environment: 'test' },
    });
  const doing = async (planned: Planned, options: ExecuteOptions = {}): Promise<Run> => {
    const run = await carryOut(bench, planned, { ...options, backend, kinds: reconciledKinds });
    return { ...run, planned };
  };
  const skillId = (skill: string): string =>
    [...bench.org.skills.values()].find((one) => one.name === skill)?.id ?? '';
  return {
    bench,
    plan: asPlanned,
    carryOut: doing,
    skillId,
    kindOf: kindsByName(reconciledKinds),
    apply: async (files, asked = {}) => {
      const planned = await asPlanned(files, { ...asked, exchange: undefined });
      const { exchange, owner } = asked;
      return doing(planned, {
        ...(exchange === undefined ? {} : { exchange }),
        ...(owner === undefined ? {} : { owner: { name: owner, environment: 'test' } }),
      });
    },
    send: async (method, path, body) => {
      await bench.writer('person').send({
        method,
        path,
        ...(body === undefined ? {} : { body: body as never }),
      });
    },
    requiredSkill: (strategy) => requiredIn(bench, name, strategy),
    forget: (address) => {
      const id = bench.org.tableNames.get(backend.tables.state);
      bench.org.tables.get(id ?? '')?.rows.delete(keyOf(address, backend));
    },
  };
}

function requiredIn({ org }: Bench, backend: string, name: string): string {
  if (backend === 'datatable') {
    const table = org.tables.get(org.tableNames.get('Routing Strategies') ?? '');
    return String(table?.rows.get(name)?.get('skills') ?? '');
  }
  const strategy = org.strategies.get(org.strategyNames.get(name) ?? '');
  const id = strategy?.content.skills[0]?.skillId ?? '';
  return org.skills.get(id)?.name ?? '';
}
