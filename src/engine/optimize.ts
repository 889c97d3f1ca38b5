/**
 * One round of the optimizer: look at the queues, decide, and plan the weights that move.
 *
 * What a round does to the org is a plan like any other, so that writing, recording, settling and
 * rolling back are those of an apply: a weight goes out only while its strategy is what the round
 * saw, and one that a person touched in between is stale. The rounds of a watch share what hardly
 * ever changes (`Known`); what they decide from is asked anew each time.
 */
import { Learnt } from '../core/declared.js';
import type { Catalog } from '../core/catalog.js';
import { formerIn } from '../core/former.js';
import type { JsonObject } from '../core/json.js';
import type { KindOf } from '../core/kind.js';
import { succeeded } from '../core/outcome.js';
import { changesOf, NOTHING_REACHED, referencesOf, sealed } from '../core/plan.js';
import type { StrategyRound } from '../core/round.js';
import { isInScope, refuseUnknown, scopeOfAll, scopeTexts } from '../core/scope.js';
import type { Address, Hash, Live, Manifest, Outcome, Plan } from '../core/types.js';
import { policies } from '../optimizer/policies.js';
import { rootOf } from './homes.js';
import type { Bound } from './bind.js';
import { entitiesAt } from './listings.js';
import { catalogIn, liveOf, recordsIn, toldApart } from './observe.js';
import type { Observation } from './observe.js';
import { roundOnRecord } from './on-record.js';
import { manifestsDigest, observedDigest } from '../core/digests.js';
import type { Planned } from './planning.js';
import { steadyMs, type AuditLog, type Clock } from './ports.js';
import type { Organization, QueueLoad, Reader } from './ports.js';
import { NO_PAST, Recent } from './recent.js';
import { whoWeAre } from './who-we-are.js';
import { considered, desiredOf, type Considered } from './considered.js';
import type { RoundInput, Scene } from './considered.js';

export interface RoundPorts {
  readonly reader: Reader;
  readonly clock: Clock;
  readonly hash: Hash;
}

/** The plan has the weights that move; its checks are warnings, with the numbers behind them. */
export interface Round extends Planned {
  /** One for every strategy that has an optimizer, by name. */
  readonly strategies: readonly StrategyRound[];
}

/** Queues and skills do not come and go by the minute. */
const KNOWN_MS = 600_000;

interface Acquaintance {
  readonly organization: Organization;
  readonly catalog: Catalog;
  readonly callsPerAgent: number | null;
  readonly atMs: number;
}

/** What the rounds of a watch need not ask for each time. */
export class Known {
  readonly recent = new Recent();
  private kept: Acquaintance | null = null;

  async get({ reader, clock }: RoundPorts): Promise<Acquaintance> {
    const now = steadyMs(clock);
    if (this.kept !== null && now - this.kept.atMs < KNOWN_MS) return this.kept;
    const [organization, catalog, callsPerAgent] = await Promise.all([
      reader.organization(),
      catalogIn(reader),
      reader.callsPerAgent(),
    ]);
    this.kept = { organization, catalog, callsPerAgent, atMs: now };
    return this.kept;
  }

  /** After a round that did not find what it looked for. */
  forget(): void {
    this.kept = null;
  }
}

/** Rejects with a `PlatformError` where the org cannot be read. Sends reads only. */
export async function lookAndDecide(
  ports: RoundPorts,
  input: RoundInput,
  known: Known,
): Promise<Round> {
  const { reader, hash } = ports;
  refuseUnknownNames(input);
  const { binding } = input;
  const { kindOf } = binding;
  const tuned = input.manifests.filter(
    (one) =>
      isInScope(input.scope, `${one.kind}/${one.name}`) &&
      (kindOf(one.kind).tuning?.tunable(one, {}, {}) ?? null) !== null,
  );
  const acquainted = known.get(ports);
  const [{ organization, catalog, callsPerAgent }, observed, { state }, entities] =
    await Promise.all([
      acquainted,
      acquainted.then(async (found) => {
        const ids = queuesOf(tuned, found.catalog, kindOf);
        const atMs = reader.nowMs();
        const asksPast = tuned.some((one) => wantsPast(one, kindOf));
        const [loads, members, past] = await Promise.all([
          ids.length === 0 ? NO_LOADS : reader.loads(ids),
          known.recent.inQueues(reader, ports.clock, ids),
          asksPast ? known.recent.past(reader, ports.clock, ids) : NO_PAST,
        ]);
        return { atMs, loads, members, past };
      }),
      recordsIn(reader, input.homes, binding, hash, 'former'),
      Promise.all(
        binding.all.map(async (bound) => ({ bound, found: await all(bound, reader, input) })),
      ),
    ]);
  const apart = toldApart(
    entities.flatMap(({ bound, found }) => found.map((entity) => liveOf(bound, entity, catalog))),
  );
  const { live } = apart;
  const { homes } = input;
  const observation = { organization, ...apart, catalog, homes, state, others: [] };
  const byAddress = new Map<string, Live>(live.map((one) => [one.address, one]));
  const found = { observation, byAddress, callsPerAgent, now: reader.nowMs() };
  const owner = await whoWeAre(input.owner, state.records);
  const scene: Scene = {
    ...observed,
    ...found,
    kindOf,
    input: { ...input, owner },
    former: formerIn(observation.state.records),
    updates: [],
    clockMs: ports.clock.now(),
  };
  const seen = await considered(tuned, scene);
  if (seen.some(({ round }) => round.state === 'unknown')) known.forget();
  return roundOf(seen, { input, owner, observation }, ports);
}

function roundOf(
  seen: readonly Considered[],
  {
    input,
    owner,
    observation,
  }: Pick<Round, 'owner' | 'observation'> & { readonly input: RoundInput },
  ports: RoundPorts,
): Round {
  const { kindOf } = input.binding;
  const verdicts = seen.flatMap(({ verdict }) => verdict ?? []);
  const changes = changesOf(verdicts, kindOf, ports.hash);
  const numbers = new Map(seen.map(({ round, numbers: of }) => [round.address, of]));
  const memories = seen.flatMap(({ round, memory }) =>
    memory === null ? [] : [[round.address, memory] as const],
  );
  const chores = seen.flatMap(({ chore }) => chore ?? []);
  const starts = seen.flatMap(({ round, start }) =>
    start === null ? [] : [[round.address, start] as const],
  );
  return {
    strategies: seen.map(({ round }) => round),
    plan: planOf(input, observation, { changes, records: chores.length }, ports),
    owner,
    binding: input.binding,
    observation,
    chores,
    starts: new Map(starts),
    recheck: ({ address }) => Promise.resolve([...(numbers.get(address) ?? [])]),
    // A round looks at what it may move and at nothing else.
    owned: new Map(),
    reached: NOTHING_REACHED,
    seen: {},
    learnt: new Learnt(),
    memories: new Map(memories),
    recorded: roundOnRecord(verdicts, { records: observation.state.records, kindOf }),
  };
}

/** A name that no manifest has is a typing error: a schedule with one would never move a weight. */
function refuseUnknownNames({ manifests, scope, binding }: RoundInput): void {
  const tuned = manifests.filter(({ kind }) => binding.kindOf(kind).tuning !== undefined);
  const known = tuned.map(({ kind, name }): Address => `${kind}/${name}`);
  refuseUnknown(scope, known, 'no manifest has that name');
}

/** Puts what the round saw and decided on record, before anything is sent. */
export async function recordRound(
  audit: AuditLog,
  strategies: readonly StrategyRound[],
): Promise<void> {
  const records = strategies.map(async ({ address, state, reason, targets }) =>
    audit.append({
      type: 'checked',
      address,
      outcome: { state, message: reason },
      detail: { step: 'optimize', targets: targets.map((one) => ({ ...one })) },
    }),
  );
  await Promise.all(records);
}

/** What a round says of its strategies once its writing has ended. */
export function roundsEnded(
  rounds: readonly StrategyRound[],
  outcomes: readonly Outcome[],
): StrategyRound[] {
  const byAddress = new Map<string, Outcome>(outcomes.map((one) => [one.address, one]));
  return rounds.map((round) => {
    const outcome = byAddress.get(round.address);
    if (outcome === undefined) return round;
    if (succeeded(outcome)) return { ...round, state: 'moved' };
    const targets = round.targets.map((one) => ({ ...one, to: one.from }));
    return { ...round, state: 'failed', reason: outcome.message, targets };
  });
}

const NO_LOADS: ReadonlyMap<string, QueueLoad> = new Map();

async function all(bound: Bound, reader: Reader, { homes }: RoundInput): Promise<JsonObject[]> {
  // What no optimizer moves, no round looks at.
  const root = bound.kind.tuning === undefined ? null : rootOf(bound, homes);
  return root === null ? [] : entitiesAt(reader, bound.resource, root);
}

/** Every queue that a strategy with an optimizer leads to, each once. */
function queuesOf(manifests: readonly Manifest[], catalog: Catalog, kindOf: KindOf): string[] {
  const ids = manifests.flatMap((manifest) => {
    const fields = desiredOf(manifest, catalog, kindOf).desired?.fields ?? {};
    const { tuning } = kindOf(manifest.kind);
    const targets = tuning?.tunable(manifest, fields, fields)?.targets ?? [];
    return targets.flatMap(({ queue }) => {
      const resolution = catalog.resolve('queue', queue);
      return resolution.found ? [resolution.id] : [];
    });
  });
  return [...new Set(ids)];
}

function wantsPast(manifest: Manifest, kindOf: KindOf): boolean {
  const { policy = '' } = kindOf(manifest.kind).tuning?.tunable(manifest, {}, {}) ?? {};
  return policies[policy]?.wantsPast ?? false;
}

function planOf(
  input: RoundInput,
  observation: Observation,
  { changes, records }: Pick<Plan, 'changes' | 'records'>,
  { reader, hash }: RoundPorts,
): Plan {
  const { kindOf, tables } = input.binding;
  const { name, backend, host } = input.environment;
  return sealed(
    {
      format: 1,
      tool: { name: 'strategos', version: input.version },
      commit: input.commit,
      ...(input.uncommitted ? { uncommitted: input.uncommitted } : {}),
      environment: { name, backend, host, tables },
      organization: observation.organization,
      scope: scopeTexts(scopeOfAll(changes.map(({ address }) => address))),
      manifests: manifestsDigest(input.manifests, hash),
      observed: observedDigest(observation, hash),
      references: referencesOf(changes, kindOf, observation.catalog),
      tables: [],
      changes,
      guards: [],
      records,
      requests: reader.requests(),
      counts: { create: 0, delete: 0, adopt: 0, unchanged: 0, update: changes.length },
    },
    hash,
  );
}
