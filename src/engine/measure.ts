/**
 * What a prediction is made from: one query of conversation aggregates a hundred queues, and what
 * the plan has asked for already: agents on queue, members, calls of an agent. It never blocks a
 * plan: what cannot be read is a reason, and the plan is the same.
 */
import { demandIn } from '../core/crew.js';
import { addressOfDeclared } from '../core/declared.js';
import { formerIn, sought, type Former } from '../core/former.js';
import type { Destination } from '../core/kind.js';
import { PlatformError } from '../core/errors.js';
import { referenceKey, shownName } from '../core/catalog.js';
import type { JsonObject } from '../core/json.js';
import { NO_FIGURES, type Figures } from '../core/metrics.js';
import { kindName } from '../core/outcome.js';
import type { Predicted, Prediction } from '../core/prediction.js';
import type { Change, Hash, Live, Plan } from '../core/types.js';
import { broughtUp, meanShares, memoryIn, type Memory } from '../optimizer/memory.js';
import { PART_SECONDS, queuesIn, type Flow, type Ways } from '../prediction/measured.js';
import type { MeasuredQueue } from '../prediction/measured.js';
import { roomFor } from '../prediction/fit.js';
import { predict } from '../prediction/predict.js';
import type { Binding, Bound } from './bind.js';
import type { Observation } from './observe.js';
import type { Planned } from './planning.js';
import type { PartFigures, QueueLoad, Reader } from './ports.js';

/** `null`: the next hour at today's arrivals; else the same hour of the weeks before. */
export interface PredictionRequest {
  readonly atMs: number | null;
  /** As it was asked for. */
  readonly at: string | null;
  /** By what the range of an hour is to be wider; default: the usual. */
  readonly widen?: number | undefined;
}

interface Ports {
  readonly reader: Reader;
  readonly hash: Hash;
}

const PART_MS = PART_SECONDS * 1000;
const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
const WINDOW_HOURS = 3;
const WEEKS = 4;
/** Where a queue does not say what it promises: what one of Genesys Cloud does unless told. */
export const USUAL_PROMISE_MS = 20_000;
/** Shares that were others not long ago are in the counts, and nobody can take them apart. */
const SETTLED_MS = 1_800_000;

/** `null` where no change moves calls. */
export async function predictionOf(
  { reader, hash }: Ports,
  planned: Pick<Planned, 'plan' | 'observation' | 'seen'>,
  binding: Binding,
  request: PredictionRequest,
): Promise<Prediction | null> {
  const nowMs = reader.nowMs();
  const former = formerIn(planned.observation.state.records);
  const spans = spansOf(request.atMs, nowMs);
  const scene = { planned, binding, nowMs, former, spans };
  const flows = flowsOf(scene);
  const changed = flows.filter(({ changes }) => changes);
  if (changed.length === 0) return null;
  const about = aboutOf(spans, request.at);
  const open = changed.filter(({ refused }) => refused === null);
  const ids = [...new Set(open.flatMap((one) => [one.before, one.after].flatMap(queuesIn)))];
  if (ids.length === 0) return { ...about, strategies: predict({ queues: [], flows, seed: '' }) };
  try {
    const queues = await measured(reader, scene, ids, spans, request.atMs !== null);
    const seed = hash(JSON.stringify([about, ids.map(String)]));
    const { widen } = request;
    const asked = { queues, flows, seed, ...(widen === undefined ? {} : { widen }) };
    return { ...about, ...(widen === undefined ? {} : { widen }), strategies: predict(asked) };
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    const why = `not asked: ${error.message}`;
    const refused = changed.map((flow): Predicted => ({
      address: flow.address,
      refused: flow.refused ?? why,
      notes: flow.notes,
      calls: 0,
      fit: null,
      queues: [],
    }));
    return { ...about, strategies: refused };
  }
}

export type Spans = readonly (readonly [number, number])[];

export function aboutOf(spans: Spans, at: string | null): Omit<Prediction, 'strategies'> {
  return {
    from: new Date(Math.min(...spans.map(([from]) => from))).toISOString(),
    to: new Date(Math.max(...spans.map(([, to]) => to))).toISOString(),
    hours: spans.reduce((sum, [from, to]) => sum + (to - from), 0) / HOUR_MS,
    ...(at === null ? {} : { at }),
  };
}

/** Whole quarters of an hour: a part that has not ended is no part. */
export function spansOf(atMs: number | null, nowMs: number): Spans {
  if (atMs === null) {
    const to = Math.floor(nowMs / PART_MS) * PART_MS;
    return [[to - WINDOW_HOURS * HOUR_MS, to]];
  }
  const from = Math.floor(atMs / PART_MS) * PART_MS;
  // The weeks before that are over by now.
  const ago = Math.max(1, Math.ceil((from + HOUR_MS - nowMs) / WEEK_MS));
  return Array.from({ length: WEEKS }, (_, week) => {
    const start = from - (ago + week) * WEEK_MS;
    return [start, start + HOUR_MS] as const;
  }).reverse();
}

export interface Scene {
  readonly planned: Pick<Planned, 'observation' | 'seen'> & {
    readonly plan: Pick<Plan, 'changes'>;
  };
  readonly binding: Binding;
  readonly nowMs: number;
  /** What names of queues once stood for. */
  readonly former: Former;
  /** What is counted from, in quarters of an hour. */
  readonly spans: Spans;
}

/** Of an org that nobody is about to change. */
export function sceneAtRest(observation: Observation, binding: Binding, nowMs: number): Scene {
  const planned = { plan: { changes: [] }, observation, seen: {} };
  const former = formerIn(observation.state.records);
  return { planned, binding, nowMs, former, spans: spansOf(null, nowMs) };
}

export async function measured(
  reader: Reader,
  { planned }: Scene,
  ids: readonly string[],
  spans: Spans,
  isLater: boolean,
): Promise<MeasuredQueue[]> {
  const { catalog } = planned.observation;
  const staffing = planned.seen.staff?.last() ?? null;
  const known = staffing?.loadByQueue ?? new Map<string, QueueLoad>();
  const missing = ids.filter((id) => !known.has(id));
  const [found, more, calls] = await Promise.all([
    Promise.all(
      spans.map(async ([fromMs, toMs]) =>
        reader.figuresByPart({
          fromMs,
          toMs,
          queueIds: ids,
          mediaType: 'voice',
          partMinutes: PART_SECONDS / 60,
        }),
      ),
    ),
    missing.length === 0 || isLater ? new Map<string, QueueLoad>() : reader.loads(missing),
    staffing?.callsPerAgent ?? (isLater ? null : reader.callsPerAgent()),
  ]);
  return ids.map((id): MeasuredQueue => {
    const parts = spans.flatMap((span, at) => partsIn(found[at]?.get(id) ?? [], span));
    const load = known.get(id) ?? more.get(id);
    const slots = load === undefined || calls === null ? null : load.onQueue * calls;
    const members = staffing?.membersByQueue.get(id);
    return {
      id,
      name: shownName(catalog, 'queue', id),
      parts,
      withinSeconds: (reader.promise(id, 'voice')?.withinMs ?? USUAL_PROMISE_MS) / 1000,
      slots,
      ...(isLater ? { slots: roomFor(parts), isGuessed: true as const } : {}),
      ...(isLater || load === undefined ? {} : { onQueue: load.onQueue }),
      members: isLater ? null : (members?.filter((one) => one.joined).map(userIdIn) ?? null),
    };
  });
}

function userIdIn({ userId }: { readonly userId: string }): string {
  return userId;
}

export function partsIn(
  found: readonly PartFigures[],
  [from, to]: readonly [number, number],
): Figures[] {
  return Array.from({ length: Math.round((to - from) / PART_MS) }, (_, at) => {
    const start = from + at * PART_MS;
    return found.find(({ fromMs }) => fromMs === start)?.of ?? NO_FIGURES;
  });
}

/** Every object that takes calls now, and what becomes of it. */
function flowsOf(scene: Scene): Flow[] {
  const { plan, observation } = scene.planned;
  const changes = new Map<string, Change>(plan.changes.map((one) => [one.address, one]));
  const flows = observation.live.flatMap((live): Flow[] => {
    const change = changes.get(live.address);
    changes.delete(live.address);
    const bound = scene.binding.of(live.kind);
    if (bound.kind.traffic === undefined) return [];
    const flow = flowOf(live, change, bound, scene);
    return flow === null ? [] : [flow];
  });
  const made = [...changes.values()].flatMap((change): Flow[] => {
    const { traffic } = scene.binding.kindOf(kindName(change.address));
    const { address, after } = change;
    if (traffic === undefined || after === null || !traffic.isOpen(after)) return [];
    const why = 'it is new: nobody knows how many calls it will get';
    return [{ address, before: NOWHERE, after: NOWHERE, changes: true, ...because(why) }];
  });
  return [...flows, ...made];
}

const NOWHERE: Ways = { tiers: [], fallback: null };

function because(refused: string | null): Pick<Flow, 'refused' | 'notes' | 'shares'> {
  return { refused, notes: [], shares: null };
}

/** `null` for what takes no calls, before or after. */
function flowOf(live: Live, change: Change | undefined, bound: Bound, scene: Scene): Flow | null {
  const { traffic } = bound.kind;
  if (traffic === undefined) return null;
  const { address, fields } = live;
  const wasOpen = live.state === 'active' && traffic.isOpen(fields);
  const after = change === undefined ? fields : change.after;
  const willBeOpen = after !== null && traffic.isOpen(after);
  if (!wasOpen && !willBeOpen) return null;
  const from = wasOpen ? destinationsOf(live, fields, bound, scene) : [];
  const before = waysOf(from, bound);
  if (change === undefined) {
    const { shares } = countedOf(live, before, scene);
    return { address, before, after: before, changes: false, ...because(null), shares };
  }
  const self = { address, before, changes: true };
  if (!wasOpen) return { ...self, after: before, ...because('it takes no calls yet') };
  if (!willBeOpen) {
    return {
      ...self,
      after: before,
      ...because('it will take no calls: where they go is not known'),
    };
  }
  const to = destinationsOf(live, after, bound, scene);
  const ways = waysOf(to, bound);
  const notes = unread(from, to, bound);
  if (isSame(ways, before)) {
    if (notes.length === 0) return { ...self, changes: false, after: before, ...because(null) };
    const why = 'callers will notice nothing';
    return { ...self, after: before, ...because(why), notes };
  }
  if (demandIn(traffic, fields) !== demandIn(traffic, after)) {
    return {
      ...self,
      after: ways,
      ...because('other skills are required: other agents take calls'),
    };
  }
  const { moved, notes: doubts, ...counted } = countedOf(live, before, scene);
  const [unknown] = [...unknownIn(from, before), ...unknownIn(to, ways)];
  const why =
    unknown === undefined ? moved : `${unknown} is not in the org: nobody knows who will be in it`;
  return { ...self, after: ways, refused: why, notes: [...notes, ...doubts], ...counted };
}

/** Queues that calls are led to and that the platform cannot be asked about, yet or any more. */
function unknownIn(all: readonly Placed[], ways: Ways): string[] {
  const led = new Set(queuesIn(ways));
  return all.flatMap(({ id, queue, isThere }) =>
    !isThere && led.has(id) ? [referenceKey(queue)] : [],
  );
}

type Placed = Destination & { readonly id: string; readonly isThere: boolean };

/** What a change asks for, and nothing of the backend reads. */
function unread(
  before: readonly Destination[],
  after: readonly Destination[],
  { resource }: Bound,
): string[] {
  if (resource.readsNoCapacity !== true) return [];
  const was = new Map(before.map((one) => [referenceKey(one.queue), one]));
  // Whoever comes or goes changes where calls are led, and not how its capacity is read.
  const kept = after.flatMap((one) => {
    const former = was.get(referenceKey(one.queue));
    return former === undefined ? [] : [[former, one] as const];
  });
  const isOther = (pick: 'capacity' | 'tier'): boolean =>
    kept.some(([former, one]) => former[pick] !== one[pick]);
  return [
    ...(isOther('capacity')
      ? ['capacity is not read by call flows: it changes nothing for callers']
      : []),
    ...(isOther('tier') ? ['call flows leave a tier only when its queues are gone'] : []),
  ];
}

function destinationsOf(live: Live, fields: JsonObject, { kind }: Bound, scene: Scene): Placed[] {
  const { catalog } = scene.planned.observation;
  return (kind.traffic?.destinations(fields) ?? []).map((one) => {
    const { id } = sought('queue', one.queue, live.address, catalog, scene.former);
    const isThere = id !== null && addressOfDeclared(id) === null;
    const { queue, role, weight, tier, capacity } = one;
    // Each by its name: to spread one whose numbers are of several kinds takes ten times as long.
    return { queue, role, weight, tier, capacity, id: id ?? referenceKey(queue), isThere };
  });
}

function waysOf(all: readonly Placed[], { resource }: Bound): Ways {
  const targets = all.filter(({ role }) => role === 'target');
  const tiers = [...new Set(targets.map(({ tier }) => tier))].sort((a, b) => a - b);
  const ways = tiers.map((tier) =>
    targets
      .filter((one) => one.tier === tier && one.weight > 0)
      .map(({ id, weight, capacity }) => ({ queue: id, weight, capacity })),
  );
  const fallback = all.find(({ role }) => role === 'fallback')?.id ?? null;
  const inUse = ways.filter((tier) => tier.length > 0);
  if (resource.readsNoCapacity !== true) return { tiers: inUse, fallback };
  const first = (inUse[0] ?? []).map(({ queue, weight }) => ({ queue, weight, capacity: null }));
  return first.length === 0 ? { tiers: [], fallback } : { tiers: [first], fallback: null };
}

function isSame(a: Ways, b: Ways): boolean {
  return (
    a.fallback === b.fallback &&
    a.tiers.length === b.tiers.length &&
    a.tiers.every((tier, at) => isSameTier(tier, b.tiers[at] ?? []))
  );
}

/** Weights count as parts of their sum: twice as much of each is the same. */
function isSameTier(a: Ways['tiers'][number], b: Ways['tiers'][number]): boolean {
  const [ofA, ofB] = [a, b].map((tier) => tier.reduce((sum, { weight }) => sum + weight, 0));
  return (
    a.length === b.length &&
    a.every(({ queue, weight, capacity }, at) => {
      const other = b[at];
      if (other?.queue !== queue || other.capacity !== capacity) return false;
      return Math.abs(weight / (ofA ?? 1) - other.weight / (ofB ?? 1)) < SAME_SHARE;
    })
  );
}

/** Of all calls: what numbers leave over where they are divided. */
const SAME_SHARE = 1e-9;

/** What takes calls now and goes on as it does; `null` for what takes none. */
export function restingFlow(live: Live, scene: Scene): Flow | null {
  const bound = scene.binding.of(live.kind);
  const flow = bound.kind.traffic === undefined ? null : flowOf(live, undefined, bound, scene);
  if (flow === null) return null;
  const { moved, ...counted } = countedOf(live, flow.before, scene);
  return { ...flow, ...counted, refused: moved };
}

type CountedUnder = Pick<Flow, 'shares' | 'notes' | 'settledParts'> & {
  /** Why nothing can be told of it. */
  readonly moved: string | null;
};

/** Under which weights its calls were counted: mean ones where an optimizer has moved them. */
function countedOf(live: Live, before: Ways, scene: Scene): CountedUnder {
  const record = scene.planned.observation.state.records.get(live.address);
  const memory = memoryIn(record?.memory);
  const saidAtMs = Date.parse(record?.at ?? '');
  if (memory.moves.length > 0) {
    const shares = rememberedShares(memory, { live, before, saidAtMs }, scene);
    return { shares, notes: [], moved: null };
  }
  return { shares: null, ...sinceMoved(saidAtMs, scene) };
}

function rememberedShares(
  memory: Memory,
  { live, before, saidAtMs }: { readonly live: Live; before: Ways; readonly saidAtMs: number },
  { planned, binding, nowMs }: Scene,
): Readonly<Record<string, number>> {
  const { catalog } = planned.observation;
  const all = binding.kindOf(live.kind).traffic?.destinations(live.fields) ?? [];
  const keys = new Map(
    all.flatMap(({ queue }) => {
      const resolution = catalog.resolve('queue', queue);
      return resolution.found ? [[resolution.id, referenceKey(queue)] as const] : [];
    }),
  );
  const targets = all.filter(({ role }) => role === 'target');
  const weights = Object.fromEntries(targets.map((one) => [referenceKey(one.queue), one.weight]));
  const [first = []] = before.tiers;
  const now = Object.fromEntries(first.map((way) => [keys.get(way.queue) ?? '', way.weight]));
  const span = [nowMs - WINDOW_HOURS * HOUR_MS, nowMs] as const;
  const known = broughtUp(memory, weights, { saidAtMs, nowMs });
  const shares = meanShares(known, now, Object.keys(now), span);
  return Object.fromEntries(first.map((way, at) => [way.queue, shares[at] ?? 0]));
}

/**
 * What was counted before its last change came by ways that nobody knows any more: taken for calls
 * of today's, a part of them would be others' who stay where they are.
 */
function sinceMoved(movedMs: number, { nowMs, spans }: Scene): Omit<CountedUnder, 'shares'> {
  const minutes = Math.floor((nowMs - movedMs) / 60_000);
  if (nowMs - movedMs < SETTLED_MS) {
    return { notes: [], moved: `it was changed ${minutes} min ago: 30 min have to pass` };
  }
  const parts = spans.flatMap(([from, to]) =>
    Array.from({ length: Math.round((to - from) / PART_MS) }, (_, at) => from + at * PART_MS),
  );
  const settledParts = parts.filter((fromMs) => !(fromMs < movedMs)).length;
  if (settledParts === parts.length) return { notes: [], moved: null };
  const since = new Date(movedMs).toISOString().slice(0, 16);
  if (settledParts === 0) {
    const moved = `it was changed at ${since}Z, after all the hours that would count`;
    return { notes: [], moved };
  }
  const hours = (settledParts * PART_MS) / HOUR_MS;
  const note = `it was changed at ${since}Z: only the ${hours} h counted since then are used`;
  return { notes: [note], moved: null, settledParts };
}

/** The plan with its prediction, and the requests of both. */
export function withPrediction(plan: Plan, prediction: Prediction | null, requests: number): Plan {
  return prediction === null ? plan : { ...plan, prediction, requests };
}
