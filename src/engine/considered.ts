/** One strategy in a round of the optimizer: what was seen of it, decided, and is remembered. */
import type { Catalog } from '../core/catalog.js';
import type { LoggedUpdate } from '../core/audit.js';
import type { Verdict } from '../core/compare.js';
import { referenceKey, shownName } from '../core/catalog.js';
import { NO_FORMER, type Former } from '../core/former.js';
import type { Json, JsonObject } from '../core/json.js';
import type { KindOf, Tunable } from '../core/kind.js';
import { ownershipOf } from '../core/ownership.js';
import type { RoundTarget, StrategyRound } from '../core/round.js';
import { startsAnew, type Start } from '../core/start.js';
import type { Scope } from '../core/scope.js';
import type { StateRecord } from '../core/state.js';
import type { Uncommitted } from '../core/uncommitted.js';
import type { CheckResult, Desired, Live, Manifest } from '../core/types.js';
import { resolve } from '../manifest/resolve.js';
import { decide, type Decision, type Target, type Times } from '../optimizer/control.js';
import {
  broughtUp,
  knownOf,
  lastMoveIn,
  meanShares,
  memoryIn,
  memoryJson,
  remembering,
} from '../optimizer/memory.js';
import type { ByQueue, Memory } from '../optimizer/memory.js';
import { policies, policyFor } from '../optimizer/policies.js';
import type { Load, Policy } from '../optimizer/policy.js';
import { capacityResult } from './checks.js';
import type { Chore } from './chore.js';
import type { Homes } from './homes.js';
import type { Binding } from './bind.js';
import type { Observation } from './observe.js';
import { asSent } from './as-sent.js';
import type { QueueLoad } from './ports.js';
import { partsOf, type Members, type RecentPast } from './recent.js';
import type { UsHere } from './who-we-are.js';

export interface RoundInput {
  readonly manifests: readonly Manifest[];
  readonly binding: Binding;
  readonly environment: { readonly name: string; readonly backend: string; readonly host: string };
  readonly homes: Homes;
  readonly owner: UsHere;
  readonly scope: Scope;
  readonly commit: string | null;
  readonly uncommitted?: Uncommitted | null | undefined;
  readonly version: string;
  /** What earlier rounds set out to write, by their logs; asked for only where it is missed. */
  readonly updates?: () => Promise<readonly LoggedUpdate[]>;
}

export function desiredOf(
  manifest: Manifest,
  catalog: Catalog,
  kindOf: KindOf,
  former: Former = NO_FORMER,
): { readonly desired: Desired | null; readonly problem: string } {
  const { desired, issues } = resolve([manifest], catalog, kindOf, former);
  const [first] = issues.filter(({ severity }) => severity === 'error');
  const { message = '', hint } = first ?? {};
  return {
    desired: desired[0] ?? null,
    problem: hint === undefined ? message : `${message}: ${hint}`,
  };
}

export interface Scene {
  readonly observation: Observation;
  readonly byAddress: ReadonlyMap<string, Live>;
  readonly loads: ReadonlyMap<string, QueueLoad>;
  readonly members: Members;
  readonly past: RecentPast;
  readonly callsPerAgent: number | null;
  /** What earlier rounds set out to write; empty where nothing is missed. */
  readonly updates: readonly LoggedUpdate[];
  /** As the clock of this machine has it, and the logs of its runs. */
  readonly clockMs: number;
  /** When the loads were asked for, and now. Milliseconds since 1970. */
  readonly atMs: number;
  readonly now: number;
  readonly kindOf: KindOf;
  /** What names once stood for. */
  readonly former: Former;
  readonly input: RoundInput;
}

export interface Considered {
  readonly round: StrategyRound;
  /** Where weights move. */
  readonly verdict: Verdict | null;
  readonly numbers: readonly CheckResult[];
  /** For the rounds to come, where weights move or were moved. */
  readonly memory: JsonObject | null;
  /** The weights are those on record, as far as anybody can say. */
  readonly isRecorded: boolean;
  /** What puts a move of an earlier round on record. */
  readonly chore: Chore | null;
  /** The start that live weights show to have been made, and its record does not. */
  readonly start: Start | null;
}

const NOTHING_TO_DO = {
  verdict: null,
  numbers: [],
  memory: null,
  isRecorded: true,
  chore: null,
  start: null,
};

/** Logs are read where the org has weights that are not on record: most rounds need none. */
export async function considered(tuned: readonly Manifest[], scene: Scene): Promise<Considered[]> {
  const seen = tuned.map((manifest) => consider(manifest, scene));
  const { updates } = scene.input;
  if (updates === undefined || seen.every(({ isRecorded }) => isRecorded)) return seen;
  const informed = { ...scene, updates: await updates() };
  return tuned.map((manifest) => consider(manifest, informed));
}

function consider(manifest: Manifest, scene: Scene): Considered {
  const { observation, kindOf, input, former } = scene;
  const kind = kindOf(manifest.kind);
  const { desired, problem } = desiredOf(manifest, observation.catalog, kindOf, former);
  const address = `${manifest.kind}/${manifest.name}` as const;
  const still = (state: StrategyRound['state'], reason: string): Considered => ({
    round: { address, state, reason, targets: [] },
    ...NOTHING_TO_DO,
  });
  if (desired === null || problem !== '') return still('unknown', problem);
  const [unclear] = observation.unclear.get(address) ?? [];
  if (unclear !== undefined) return still('unknown', unclear.message);
  const live = scene.byAddress.get(address);
  if (live === undefined) return still('held', 'it is not in the org: apply it first');
  const record = observation.state.records.get(address);
  const hold = ownershipOf(record, live, input.owner, kind);
  if (hold.by === 'other') return still('held', `it belongs to ${hold.owner}`);
  if (hold.by === 'nobody') return still('held', "it is nobody's: apply --adopt makes it ours");
  if (live.state !== 'active') return still('held', `it is ${live.state}, not active`);
  const tunable = kind.tuning?.tunable(manifest, desired.fields, live.fields) ?? null;
  if (tunable === null) return still('held', 'it has no optimizer');
  return tune({ desired, live, record, tunable }, scene);
}

interface Subject {
  readonly desired: Desired;
  readonly live: Live;
  readonly record: StateRecord | undefined;
  readonly tunable: Tunable;
}

function tune(subject: Subject, scene: Scene): Considered {
  const { desired, live, record, tunable } = subject;
  const { binding } = scene.input;
  const { observation, past } = scene;
  const { address } = desired;
  const policy = policyFor(tunable.policy, past.denied === null);
  const memory = memoryOf(record, tunable, scene);
  const targets = targetsOf(tunable, memory, scene);
  const refresh = refreshOf(subject, scene);
  const isRecorded = refresh === null;
  const lost = isRecorded ? null : lostMoveOf(subject, scene);
  const chore = lost === null ? null : refresh;
  const lastMove = lost === null ? movedAt(record, memory) : movedBefore(lost, scene);
  const times = { now: scene.now, observedAt: scene.atMs, movedAt: lastMove };
  const decision = decided(scene, policy, targets, tunable, times);
  const numbers = tunable.targets.map((one) => checkOf(one, scene));
  const seen = targets.map((target, index): RoundTarget => {
    const { queue, weight: from, load } = target;
    const { aim = null, to = from } = decision.targets?.[index] ?? {};
    const counts = { slots: load?.slots, interacting: load?.interacting, waiting: load?.waiting };
    return { queue, from, to, aim, ...recordable(counts) };
  });
  const start = begunIn(subject, scene);
  const known = chore === null ? null : remembered({ targets, tunable, seen, memory }, scene);
  const still = { verdict: null, numbers, memory: known, chore, start, isRecorded };
  const stead = policy === policies[tunable.policy] ? '' : insteadOf(tunable.policy, past);
  const round = { address, reason: decision.held ?? stead, targets: seen };
  if (decision.held !== null) return { round: { ...round, state: 'held' }, ...still };
  if (seen.every(({ from, to }) => from === to)) {
    return { round: { ...round, state: 'steady' }, ...still };
  }
  const after = tunable.with(seen.map(({ to }) => to));
  const update = { is: 'update' as const, desired, live, after, applied: null };
  const verdict = asSent(update, binding, observation.catalog);
  const [problem] = binding.of(desired.kind).resource.problems?.(after, live.fields) ?? [];
  if (problem !== undefined) {
    const unmoved = seen.map((one) => ({ ...one, to: one.from }));
    const held = { address, state: 'held' as const, reason: problem.message, targets: unmoved };
    return { round: held, ...still };
  }
  const next = remembered({ targets, tunable, seen, memory }, scene);
  const planned = { round: { ...round, state: 'planned' as const }, numbers, start, isRecorded };
  return { ...planned, verdict, memory: next, chore: null };
}

interface Decided {
  readonly tunable: Tunable;
  /** What the policy saw, and in the same order where it moves them. */
  readonly targets: readonly Target[];
  readonly seen: readonly RoundTarget[];
  readonly memory: Memory;
}

/** What the rounds to come are to know once these weights are there. */
function remembered({ targets, tunable, seen, memory }: Decided, { now }: Scene): JsonObject {
  const next = remembering(memory, {
    nowMs: now,
    slots: byQueue(tunable, (at) => slotsIn(targets[at])),
    before: byQueue(tunable, (at) => seen[at]?.from ?? 0),
    after: byQueue(tunable, (at) => seen[at]?.to ?? 0),
  });
  return memoryJson(next);
}

/** What puts the weights on record, and nothing else: what differs beside them stays drift. */
function refreshOf({ desired, live, record, tunable }: Subject, { kindOf }: Scene): Chore | null {
  const { manifest, fields } = desired;
  const { tuning } = kindOf(desired.kind);
  if (tuning === undefined || record?.applied == null) return null;
  const onRecord = tuning.tunable(manifest, fields, record.applied);
  if (onRecord === null) return null;
  const now = weightsOf(tunable);
  const weights = onRecord.targets.map(
    ({ queue, weight }) => knownOf(now, referenceKey(queue)) ?? weight,
  );
  if (onRecord.targets.every(({ weight }, at) => weight === weights[at])) return null;
  const { address, id } = live;
  return { do: 'refresh', address, id, fields: onRecord.with(weights) };
}

/**
 * The move of an earlier round that has no record: it was killed before, or could not write it. Its
 * cool-down counts all the same, so that it is not made twice before anybody can see what it did.
 */
function lostMoveOf(
  { desired, live, record, tunable }: Subject,
  scene: Scene,
): LoggedUpdate | null {
  const { updates, kindOf } = scene;
  const now = weightsOf(tunable);
  const found = updates.findLast(({ address, run, after }) => {
    if (address !== live.address || run === record?.run) return false;
    const weights = kindOf(live.kind).tuning?.start(desired.manifest, after)?.weights ?? {};
    return areIn(weights, now);
  });
  return found ?? null;
}

/**
 * By the clock that dated it, which may be wrong: it is as long ago as that clock says. One whose
 * date nobody can read may have been made just now.
 */
function movedBefore({ at }: LoggedUpdate, { now, clockMs }: Scene): number {
  const agoMs = clockMs - Date.parse(at);
  return Number.isFinite(agoMs) ? now - Math.max(0, agoMs) : now;
}

/**
 * A start that is live and not on record was applied by a run that was killed before it said so:
 * once these weights have moved on, the next apply would take it for one that is still to be made.
 */
function begunIn({ desired, live, record }: Subject, { kindOf }: Scene): Start | null {
  const { manifest, fields } = desired;
  const { tuning } = kindOf(desired.kind);
  const written = tuning?.start(manifest, fields) ?? null;
  if (written === null || record === undefined || !startsAnew(written, record.start)) return null;
  const now = tuning?.start(manifest, live.fields)?.weights ?? {};
  return areIn(now, written.weights) ? written : null;
}

function insteadOf(policy: string, { denied }: RecentPast): string {
  return `level in place of ${policy}: ${denied?.message ?? 'nothing is known of the last hour'}`;
}

/** By what a queue is called in fields: that stays the same. */
function byQueue({ targets }: Tunable, of: (index: number) => number): ByQueue {
  return Object.fromEntries(targets.map(({ queue }, index) => [referenceKey(queue), of(index)]));
}

function weightsOf(tunable: Tunable): ByQueue {
  return byQueue(tunable, (at) => tunable.targets[at]?.weight ?? 0);
}

/** Every one of `these` is the same in `weights`. */
function areIn(weights: ByQueue, these: ByQueue): boolean {
  return Object.entries(these).every(([queue, weight]) => knownOf(weights, queue) === weight);
}

function slotsIn(target: Target | undefined): number {
  return (target?.load?.slots ?? 0) * (target?.part ?? 1);
}

function memoryOf(record: StateRecord | undefined, tunable: Tunable, { now }: Scene): Memory {
  const said = { saidAtMs: Date.parse(record?.at ?? ''), nowMs: now };
  return broughtUp(memoryIn(record?.memory), weightsOf(tunable), said);
}

/** What is no number has no place in a record. */
function recordable<K extends string>(
  counts: Readonly<Record<K, number | undefined>>,
): Record<K, number | null> {
  const pairs = Object.entries<number | undefined>(counts).map(([name, count]) => [
    name,
    count !== undefined && Number.isFinite(count) ? count : null,
  ]);
  return Object.fromEntries(pairs) as Record<K, number | null>;
}

function decided(
  { callsPerAgent }: Scene,
  policy: Policy,
  targets: readonly Target[],
  { tuning }: Tunable,
  times: Times,
): Decision {
  if (callsPerAgent !== null) return decide(policy, targets, tuning, times);
  return { held: "the org's utilization settings have no calls", targets: null };
}

function targetsOf(tunable: Tunable, memory: Memory, scene: Scene): Target[] {
  const { loads, members, past, callsPerAgent } = scene;
  const { catalog } = scene.observation;
  const ids = tunable.targets.map(({ queue }) => idOf(queue, scene));
  const now = weightsOf(tunable);
  return tunable.targets.map(({ queue, ...target }, index): Target => {
    const id = ids[index] ?? '';
    const found = loads.get(id);
    const slots = (found?.onQueue ?? 0) * (callsPerAgent ?? 0);
    const load: Load | null =
      found === undefined
        ? null
        : { slots, interacting: found.interacting, waiting: found.waiting };
    const inTier = tunable.targets.flatMap(({ tier }, at) => (tier === target.tier ? [at] : []));
    const keys = inTier.map((at) => referenceKey(tunable.targets[at]?.queue ?? null));
    const place = inTier.indexOf(index);
    const tierIds = inTier.map((at) => ids[at] ?? '');
    const came = past.among(tierIds);
    return {
      ...target,
      queue: shownName(catalog, 'queue', id),
      load,
      part: partsOf(members, tierIds)[place] ?? 1,
      past: came.byQueue.get(id) ?? null,
      meanShare: meanShares(memory, now, keys, came.span)[place],
      slotsBefore: knownOf(memory.slots, referenceKey(queue)),
    };
  });
}

function idOf(queue: Json, { observation: { catalog } }: Pick<Scene, 'observation'>): string {
  const resolution = catalog.resolve('queue', queue);
  return resolution.found ? resolution.id : '';
}

function checkOf(
  { queue }: Tunable['targets'][number],
  { observation, loads, callsPerAgent }: Scene,
): CheckResult {
  const { catalog } = observation;
  const id = idOf(queue, { observation });
  const subject = shownName(catalog, 'queue', id);
  // A weight has to be movable while a queue is full, and just then.
  const about = { check: 'capacity', level: 'warn', subject } as const;
  return { ...about, ...capacityResult(loads.get(id), callsPerAgent) };
}

/** The command of runs that move weights. */
const OPTIMIZE = 'optimize';

/**
 * Only what an optimizer did counts: an apply may be followed by a round at once. Where the weights
 * are still those of a round, its move counts whatever has been applied beside them.
 */
function movedAt(record: StateRecord | undefined, memory: Memory): number | null {
  if (record?.command !== OPTIMIZE) return lastMoveIn(memory);
  const at = Date.parse(record.at);
  return Number.isFinite(at) ? at : null;
}
