/** Rounds of the optimizer through the real engine and the real SDK, against a simulated org. */
import type { LoggedUpdate } from '../../src/core/audit.js';
import { scopeOf } from '../../src/core/scope.js';
import { KIND_NAMES } from './binding.js';
import type { StrategyRound } from '../../src/core/round.js';
import { isObject, textOf, type JsonObject } from '../../src/core/json.js';
import { findHomes } from '../../src/engine/homes.js';
import { bindingFor, type Backend } from './binding.js';
import type { Execution } from '../../src/engine/execution.js';
import { Run } from '../../src/engine/run.js';
import {
  Known,
  lookAndDecide,
  recordRound,
  roundsEnded,
  type Round,
} from '../../src/engine/optimize.js';
import { sha256 } from '../../src/files/digest.js';
import { openWriter } from '../../src/genesys/sdk.js';
import type { Exchange } from '../../src/genesys/transport.js';
import { load } from './manifests.js';
import { half, type Bench } from './org.js';
import { OWNER } from './owned.js';
import { carryOut, MemoryLog, plan } from './reconcile.js';
import { strategyRows } from './rows.js';

export interface RoundOptions {
  readonly backend: Backend;
  readonly exchange?: Exchange;
  readonly known?: Known;
  readonly run?: string;
  readonly scope?: readonly string[];
  /** What the logs of earlier runs say; nothing unless said. */
  readonly updates?: readonly LoggedUpdate[];
  /** Happens in the org between looking and writing. */
  readonly meanwhile?: () => unknown;
}

export interface Rounded {
  readonly strategies: readonly StrategyRound[];
  readonly round: Round;
  readonly execution: Execution;
  readonly log: MemoryLog;
}

/** Makes the org as the manifests say; everything is ours afterwards. */
export async function applied(
  on: Bench,
  files: Readonly<Record<string, string>>,
  backend: Backend,
): Promise<void> {
  const made = await plan(on, files, { backend, owned: false });
  const { exitCode } = await carryOut(on, made, { backend });
  if (exitCode !== 0) throw new Error(`the apply ended with ${exitCode}`);
}

/** One round, as `strategos optimize` would make it once it has its lock. */
export async function round(
  on: Bench,
  files: Readonly<Record<string, string>>,
  options: RoundOptions,
): Promise<Rounded> {
  const { backend, exchange, known = new Known(), run = '2026-optimize-1', scope } = options;
  const environment = JSON.stringify({
    apiVersion: 'strategos/v1',
    kind: 'Environment',
    metadata: { name: 'test' },
    spec: { host: 'http://127.0.0.1:9', backend: backend.name },
  });
  const { manifests } = load({ ...files, 'environment.yaml': environment });
  const { clock, events } = on;
  const writer = openWriter(on.connection('demo', exchange));
  const log = new MemoryLog();
  const seen: { round: Round | null } = { round: null };
  const writing = new Run(
    { writer, audit: log, events, clock, random: half, hash: sha256 },
    {
      binding: bindingFor(backend),
      me: { holder: 'test', host: 'here', command: 'optimize', run, at: '' },
      patienceMs: 0,
      activationTimeoutMs: 1000,
      plan: async ({ homes }) =>
        (seen.round = await lookAndDecide(
          { reader: writer, clock, hash: sha256 },
          {
            manifests,
            binding: bindingFor(backend),
            owner: OWNER,
            homes: homes ?? (await findHomes(writer, bindingFor(backend))),
            environment: { name: 'test', backend: backend.name, host: 'http://127.0.0.1:9' },
            scope: scopeOf(scope ?? null, KIND_NAMES),
            commit: null,
            version: '0.0.0',
            updates: () => Promise.resolve(options.updates ?? []),
          },
          known,
        )),
      leftOpen: () => Promise.resolve([]),
      isGone: () => Promise.resolve(false),
    },
  );
  try {
    await writing.plan();
    if (seen.round === null) throw new Error('nothing was planned');
    await recordRound(log, seen.round.strategies);
    await options.meanwhile?.();
    const confirm = (): never => {
      throw new Error('a round does not plan twice');
    };
    const execution = await writing.carryOut({
      planned: seen.round,
      confirm,
      interrupted: () => false,
    });
    const strategies = roundsEnded(seen.round.strategies, execution.outcomes);
    return { strategies, round: seen.round, execution, log };
  } finally {
    await writing.end();
  }
}

/** Weights of a strategy in the org, in the order of its targets. */
export function weightsIn(on: Bench, name: string, backend: Backend): unknown[] {
  if (backend.name === 'datatable') {
    const spec: unknown = JSON.parse(textOf(strategyRows(on.org)[name]?.['spec']));
    const targets = isObject(spec) ? (spec['targets'] as JsonObject[]) : [];
    return targets.map(({ weight }) => weight);
  }
  const id = on.org.strategyNames.get(name) ?? '';
  return on.org.strategies.get(id)?.content.targets.map(({ weight }) => weight) ?? [];
}
