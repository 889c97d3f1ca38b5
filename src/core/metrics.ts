/**
 * What became of the calls of each strategy, target by target. The platform counts by queue and
 * does not know our strategies: where several send to a queue, its figures are those of all of
 * them together, and the others are named.
 */
import { addTo } from './grouped.js';
import { referenceKey, type Catalog } from './catalog.js';
import { byText } from './issue.js';
import type { Json } from './json.js';
import type { Destination, KindOf } from './kind.js';
import type { Live, Obstacle } from './types.js';

/** Of one queue over an interval, or of several together. Durations are sums in milliseconds. */
export interface Figures {
  readonly offered: number;
  readonly answered: number;
  readonly abandoned: number;
  /** From entering the queue until an agent was assigned, over those `answered`. */
  readonly waitMs: number;
  /** From entering the queue until the caller gave up, over those `abandoned`. */
  readonly gaveUpMs: number;
  readonly handled: number;
  readonly handleMs: number;
  /** Answered within the service level of their queue, of the `judged`. */
  readonly inTime: number;
  readonly judged: number;
}

export const NO_FIGURES: Figures = {
  offered: 0,
  answered: 0,
  abandoned: 0,
  waitMs: 0,
  gaveUpMs: 0,
  handled: 0,
  handleMs: 0,
  inTime: 0,
  judged: 0,
};

/** Averages and shares as people read them; `null` where there is nothing to take them of. */
export interface Summary {
  readonly offered: number;
  readonly answered: number;
  readonly abandoned: number;
  readonly averageWaitSeconds: number | null;
  readonly averageHandleSeconds: number | null;
  readonly serviceLevelPercent: number | null;
}

export interface ServiceTarget {
  /** `null` where the queue says within which time, and not of how many. */
  readonly percent: number | null;
  readonly withinSeconds: number;
}

export interface QueueMetrics extends Summary {
  readonly queueId: string;
  readonly queue: string;
  readonly role: Destination['role'];
  readonly weight: number;
  /** What the queue promises; absent where it does not say. */
  readonly target?: ServiceTarget;
  /** Other strategies that send calls to the same queue: their calls are in these figures too. */
  readonly sharedWith: readonly string[];
}

export interface StrategyMetrics {
  readonly address: string;
  readonly status: string;
  readonly queues: readonly QueueMetrics[];
  /** Queues of which there are no figures, because nobody can say which they are. */
  readonly unknown?: readonly UnknownQueue[];
  /** What a reader has to know of the names in it; figures may be there all the same. */
  readonly remarks?: readonly Remark[];
  /** Over the targets, each queue once; a fallback gets what was offered to them already. */
  readonly total: Summary;
}

/** What is wrong with a name, and every way to mend it. */
export type Remark = Pick<Obstacle, 'message' | 'hint'>;

export interface UnknownQueue {
  readonly queue: string;
  readonly role: Destination['role'];
}

/** `id` is `null` where nobody can say which queue it is. */
export interface Sought {
  readonly id: string | null;
  /** `null` where nothing is wrong with its name. */
  readonly remark: Remark | null;
}

export interface MetricsScene {
  /** Those that are told of. */
  readonly shown: readonly Live[];
  /** Everything that may send calls to the same queues. */
  readonly live: readonly Live[];
  readonly catalog: Catalog;
  readonly queueOf: (of: Live, queue: Json) => Sought;
  readonly kindOf: KindOf;
  /** What the queue of that id promises; absent where nobody has asked. */
  readonly targetOf?: (queueId: string) => ServiceTarget | null;
}

/** Ids of all queues that the strategies send calls to, each once, in a stable order. */
export function queuesOf(scene: MetricsScene): string[] {
  const ids = scene.shown.flatMap((one) =>
    destinationsOf(one, scene).flatMap(({ id }) => id ?? []),
  );
  return [...new Set(ids)].sort();
}

/** `figures` by the id of the queue; a queue that is not in it had no calls. */
export function metricsOf(
  scene: MetricsScene,
  figures: ReadonlyMap<string, Figures>,
): StrategyMetrics[] {
  const { shown, live, catalog, kindOf } = scene;
  const users = new Map<string, string[]>();
  for (const one of live) {
    for (const id of new Set(destinationsOf(one, scene).flatMap((to) => to.id ?? []))) {
      addTo(users, id, one.address);
    }
  }
  for (const addresses of users.values()) addresses.sort(byText);
  const of = (id: string): Figures => figures.get(id) ?? NO_FIGURES;
  return shown.map((one) => {
    const destinations = destinationsOf(one, scene);
    const known = destinations.flatMap(({ id, ...rest }) => (id === null ? [] : [{ id, ...rest }]));
    const targets = known.filter(({ role }) => role === 'target');
    return {
      address: one.address,
      status: statusOf(one, kindOf),
      ...noted(destinations),
      queues: known.map(({ id, role, weight }) => ({
        queueId: id,
        queue: catalog.nameOf('queue', id),
        role,
        weight,
        ...targetIn(id, scene),
        sharedWith: (users.get(id) ?? []).filter((other) => other !== one.address),
        ...summaryOf(of(id)),
      })),
      total: summaryOf(sumOf([...new Set(targets.map(({ id }) => id))].map(of))),
    };
  });
}

function targetIn(
  queueId: string,
  { targetOf = () => null }: MetricsScene,
): Pick<QueueMetrics, 'target'> {
  const target = targetOf(queueId);
  return target === null ? {} : { target };
}

/** Nothing where every name stands for a queue. */
function noted(
  destinations: readonly (Destination & Sought)[],
): Pick<StrategyMetrics, 'unknown' | 'remarks'> {
  const remarks = destinations.flatMap(({ remark }) => remark ?? []);
  const unknown = destinations.flatMap(({ id, queue, role }) =>
    id === null ? [{ queue: referenceKey(queue), role }] : [],
  );
  return {
    ...(unknown.length === 0 ? {} : { unknown }),
    ...(remarks.length === 0 ? {} : { remarks }),
  };
}

function statusOf({ kind, fields }: Live, kindOf: KindOf): string {
  const told = kindOf(kind).traffic?.metadata(fields, (_to, queue) => referenceKey(queue));
  return told?.status ?? '';
}

function destinationsOf(
  live: Live,
  { queueOf, kindOf }: Pick<MetricsScene, 'queueOf' | 'kindOf'>,
): (Destination & Sought)[] {
  const all = kindOf(live.kind).traffic?.destinations(live.fields) ?? [];
  return all.map((one) => ({ ...one, ...queueOf(live, one.queue) }));
}

export function sumOf(all: readonly Figures[]): Figures {
  const sum = (pick: (one: Figures) => number): number =>
    all.reduce((total, one) => total + pick(one), 0);
  return {
    offered: sum((one) => one.offered),
    answered: sum((one) => one.answered),
    abandoned: sum((one) => one.abandoned),
    waitMs: sum((one) => one.waitMs),
    gaveUpMs: sum((one) => one.gaveUpMs),
    handled: sum((one) => one.handled),
    handleMs: sum((one) => one.handleMs),
    inTime: sum((one) => one.inTime),
    judged: sum((one) => one.judged),
  };
}

function summaryOf(figures: Figures): Summary {
  const { offered, answered, abandoned } = figures;
  const seconds = (ms: number, count: number): number | null =>
    count === 0 ? null : rounded(ms / count / 1000);
  return {
    offered,
    answered,
    abandoned,
    averageWaitSeconds: seconds(figures.waitMs, answered),
    averageHandleSeconds: seconds(figures.handleMs, figures.handled),
    serviceLevelPercent:
      figures.judged === 0 ? null : rounded((100 * figures.inTime) / figures.judged),
  };
}

/** To a tenth: what follows says nothing to anybody. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
