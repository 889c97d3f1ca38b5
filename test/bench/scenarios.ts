/** Contact centres for the optimizer: those with names, and as many random ones as are wanted. */
import { erlangA } from '../../src/prediction/erlang.js';
import { seededRandom } from '../../src/simulator/chance.js';
import type { OrgFile, TrafficRule } from '../../src/simulator/org-file-types.js';

const HOUR = 3600;
export const HANDLE = 240;
const PATIENCE = 180;

/** From then on so many agents of the queue are off queue. Seconds. */
export interface Staffing {
  readonly at: number;
  readonly queue: number;
  readonly off: number;
}

export interface Scenario {
  readonly name: string;
  /** What happens, in one line. */
  readonly about: string;
  readonly org: OrgFile;
  readonly staffing: readonly Staffing[];
  readonly plan: Plan;
}

/** A centre as it is meant: `traffic` is calls a second, `from` and `until` are hours. */
export interface Plan {
  /** Agents of each queue. */
  readonly agents: readonly number[];
  /** Agents who are in all of these queues. */
  readonly shared?: { readonly agents: number; readonly queues: readonly number[] };
  readonly weights: readonly number[];
  readonly handle?: readonly number[];
  readonly variation?: number;
  readonly patience?: number;
  readonly ours: readonly Stream[];
  /** Calls that lead to one queue alone. */
  readonly others?: readonly (Stream & { readonly queue: number })[];
  readonly bursts?: NonNullable<TrafficRule['bursts']>;
  readonly staffing?: readonly Staffing[];
}

export interface Stream {
  readonly perSecond: number;
  readonly from?: number;
  readonly until?: number;
}

export function scenario(name: string, about: string, plan: Plan): Scenario {
  const { agents, weights, handle = [], variation, patience = PATIENCE, bursts } = plan;
  const names = agents.map((_, queue) => `Queue ${queue}`);
  const extra = Array.from({ length: plan.shared?.agents ?? 0 }, (_, at) => `Shared ${at}`);
  const members = agents.map((count, queue) => [
    ...Array.from({ length: count }, (_, agent) => `Agent ${queue}-${agent}`),
    ...(plan.shared?.queues.includes(queue) === true ? extra : []),
  ]);
  const target = (queue: string, weight: number) => ({
    queue,
    priority: 1,
    weight,
    capacity: 1000,
  });
  const rule = (strategy: string, { perSecond, from = 0, until }: Stream): TrafficRule => ({
    strategy,
    arrivalsPerHour: perSecond * HOUR,
    handleSeconds: HANDLE,
    patienceSeconds: patience,
    fromSeconds: from * HOUR,
    ...(until === undefined ? {} : { untilSeconds: until * HOUR }),
    handleSecondsByQueue: Object.fromEntries(
      names.map((queue, index) => [queue, handle[index] ?? HANDLE]),
    ),
    ...(variation === undefined ? {} : { handleVariation: variation }),
    ...(bursts === undefined ? {} : { bursts }),
  });
  const org: OrgFile = {
    users: [...new Set(members.flat())].map((one) => ({ name: one })),
    queues: names.map((queue, index) => ({ name: queue, members: members[index] ?? [] })),
    strategies: [
      { name: 'shared', targets: names.map((one, index) => target(one, weights[index] ?? 1)) },
      ...names.map((one, index) => ({ name: `own ${index}`, targets: [target(one, 1)] })),
    ],
    traffic: [
      ...plan.ours.map((stream) => rule('shared', stream)),
      ...(plan.others ?? []).map((stream) => rule(`own ${stream.queue}`, stream)),
    ],
  };
  return { name, about, org, staffing: plan.staffing ?? [], plan };
}

/** Calls a second that keep so many agents busy. */
const busy = (agents: number, from?: number, until?: number): Stream => ({
  perSecond: agents / HANDLE,
  ...(from === undefined ? {} : { from }),
  ...(until === undefined ? {} : { until }),
});

const away = (hour: number, queue: number, off: number): Staffing => ({
  at: Math.round(hour * HOUR),
  queue,
  off,
});

const UNEVEN = { agents: [10, 10], handle: [160, 400] } as const;
const UNEVEN_CALLS = [{ perSecond: 0.85 * (10 / 160 + 10 / 400) }];

export const SCENARIOS: readonly Scenario[] = [
  scenario('steady', '10 + 10 agents, 85 % busy, equal weights: nothing to improve', {
    agents: [10, 10],
    weights: [1, 1],
    ours: [busy(17)],
  }),
  scenario('surge', 'the same at 70 %; for half an hour 120 % of what all agents can do', {
    agents: [10, 10],
    weights: [1, 1],
    ours: [busy(14), busy(10, 1.5, 2)],
  }),
  scenario('neighbour', '10 + 10; for 1.5 h other calls keep 6 agents of the second queue busy', {
    agents: [10, 10],
    weights: [1, 1],
    ours: [busy(10)],
    others: [{ queue: 1, ...busy(6, 1, 2.5) }],
  }),
  scenario('leaving', '10 + 10; for 1.5 h half of the second queue is away', {
    agents: [10, 10],
    weights: [1, 1],
    ours: [busy(12)],
    staffing: [away(1, 1, 5), away(2.5, 1, 0)],
  }),
  scenario('unequal', '16 + 4 agents, and equal weights that nobody thought about', {
    agents: [16, 4],
    weights: [1, 1],
    ours: [busy(16)],
  }),
  scenario('planned', '16 + 4 agents, and weights that fit: nothing to improve', {
    agents: [16, 4],
    weights: [1, 0.25],
    ours: [busy(16)],
  }),
  scenario('three', '12 + 6 + 4, planned; a neighbour for 1 h, then 5 of the 12 away for 1 h', {
    agents: [12, 6, 4],
    weights: [1, 0.6, 0.4],
    ours: [busy(15)],
    others: [{ queue: 1, ...busy(2.5, 1, 2) }],
    staffing: [away(2.2, 0, 5), away(3.2, 0, 0)],
  }),
  scenario('shift', '20 + 10 agents, weights that fit; after 2 h they are 10 + 20', {
    agents: [20, 20],
    weights: [1, 0.5],
    ours: [busy(25)],
    staffing: [away(0, 1, 10), away(2, 0, 10), away(2, 1, 0)],
  }),
  scenario('half', '12 + 12 at 62 %; the second loses half of its agents after 1.5 h', {
    agents: [12, 12],
    weights: [1, 1],
    ours: [busy(15)],
    staffing: [away(1.5, 1, 6)],
  }),
  scenario('uneven', '10 + 10, calls of 160 and 400 s, 85 %, weights that fit', {
    ...UNEVEN,
    weights: [1, 0.4],
    ours: UNEVEN_CALLS,
  }),
  scenario('uneven, equal', 'the same, and equal weights that nobody thought about', {
    ...UNEVEN,
    weights: [1, 1],
    ours: UNEVEN_CALLS,
  }),
  scenario('always shared', '16 + 16; other calls always keep 10 of the second; weights that fit', {
    agents: [16, 16],
    weights: [1, 0.3],
    ours: [busy(16)],
    others: [{ queue: 1, ...busy(10) }],
  }),
  scenario('overload', '12 + 8 agents, 110 % of what they can do', {
    agents: [12, 8],
    weights: [1, 0.67],
    ours: [busy(22)],
  }),
  scenario('night', '2 + 1 agents at 60 %', {
    agents: [2, 1],
    weights: [1, 0.5],
    ours: [busy(1.8)],
  }),
  scenario('bursts', '14 + 8 at 85 %, by 1.6 for 10 min and by 0.6 for 15 min, in turns', {
    agents: [14, 8],
    weights: [1, 0.57],
    ours: [busy(18.7)],
    bursts: [
      { factor: 1.6, seconds: 600 },
      { factor: 0.6, seconds: 900 },
    ],
  }),
  scenario('spread', '14 + 8 at 84 %, handle times that vary twice as much', {
    agents: [14, 8],
    weights: [1, 0.57],
    ours: [busy(18.5)],
    variation: 2,
  }),
  scenario('two at once', '10, 4 and 3 agents, and 6 who are in the last two; weights that fit', {
    agents: [10, 4, 3],
    shared: { agents: 6, queues: [1, 2] },
    weights: [1, 0.7, 0.6],
    ours: [busy(19.5)],
  }),
  scenario('large', '60 + 40 agents at 93 %', {
    agents: [60, 40],
    weights: [1, 0.67],
    ours: [busy(93)],
  }),
  scenario('rise', '10 + 10 + 10, from 50 to 93 % in an hour, and a neighbour for 1 h', {
    agents: [10, 10, 10],
    weights: [1, 1, 1],
    ours: [busy(15), busy(4, 1), busy(4, 1.5), busy(5, 2)],
    others: [{ queue: 2, ...busy(4, 1, 2) }],
  }),
];

/** The same seed is the same centre; weights fit its start, each wrong by up to a fifth, and
 * are within the default bounds, as validation asks for. */
export function randomCentre(seed: string): Scenario {
  const random = seededRandom(`centre ${seed}`);
  const between = (from: number, to: number): number => from + random.next() * (to - from);
  const whole = (from: number, to: number): number => Math.floor(between(from, to + 1));
  const agents = Array.from({ length: whole(2, 4) }, () => whole(3, 24));
  const handle = agents.map(() => Math.round(between(150, 450)));
  const room = agents.reduce((sum, count, queue) => sum + count / (handle[queue] ?? 1), 0);
  const load = between(0.7, 1);
  const others = agents.flatMap((count, queue) => {
    const perSecond = (between(0, 0.6) * count) / (handle[queue] ?? 1);
    return random.next() < 0.5 ? [{ queue, perSecond }] : [];
  });
  const theirs = others.reduce((sum, { perSecond }) => sum + perSecond, 0);
  const leaver = whole(0, agents.length - 1);
  const off = Math.round(between(0.2, 0.5) * (agents[leaver] ?? 0));
  const at = Math.round(between(360, 720)) * 10;
  const staffing = random.next() < 0.6 ? [{ at, queue: leaver, off }] : [];
  const plan: Plan = {
    agents,
    handle,
    others,
    staffing,
    weights: agents.map(() => 1),
    variation: between(0.7, 1.7),
    patience: Math.round(between(120, 300)),
    ours: [{ perSecond: Math.max(0.1 * room, load * room - theirs) }],
  };
  const best = bestShares(plan, 0);
  const most = Math.max(...best);
  const weights = best.map((share) => Math.max(0.1, (share / most) * between(0.8, 1.2)));
  const sizes = agents.map((count, queue) => `${count} × ${handle[queue] ?? 0} s`).join(', ');
  return scenario(`random ${seed}`, `${sizes}, ${Math.round(load * 100)} %`, { ...plan, weights });
}

/** Calls a second, and how long they take in each queue, at that second. */
export function ratesAt(
  { ours, others = [], agents, handle = [] }: Plan,
  atS: number,
): {
  readonly ours: number;
  readonly others: readonly number[];
  readonly handleSeconds: readonly number[];
} {
  const rate = (streams: readonly Stream[]): number =>
    streams
      .filter(({ from = 0, until = Infinity }) => atS >= from * HOUR && atS < until * HOUR)
      .reduce((sum, { perSecond }) => sum + perSecond, 0);
  return {
    ours: rate(ours),
    others: agents.map((_, queue) => rate(others.filter((one) => one.queue === queue))),
    handleSeconds: agents.map((_, queue) => handle[queue] ?? HANDLE),
  };
}

const PORTIONS = 100;

/**
 * The shares of our calls with the fewest callers in line, from the true rates at that second: what
 * no policy can know. Agents of several queues are divided among them.
 */
export function bestShares(plan: Plan, atS: number): number[] {
  const { patience = PATIENCE } = plan;
  const rates = ratesAt(plan, atS);
  const portion = rates.ours / PORTIONS;
  const queues = plan.agents.map((count, queue) => {
    const { off = 0 } =
      plan.staffing?.findLast((one) => one.queue === queue && one.at <= atS) ?? {};
    const isIn = plan.shared?.queues.includes(queue) ?? false;
    const extra = isIn ? (plan.shared?.agents ?? 0) / (plan.shared?.queues.length ?? 1) : 0;
    const agents = Math.round(count - off + extra);
    const theirs = rates.others[queue] ?? 0;
    const inLine = (portions: number): number => {
      const line = { callsPerSecond: theirs + portions * portion, agents };
      const handleSeconds = rates.handleSeconds[queue] ?? HANDLE;
      return erlangA({ ...line, handleSeconds }, patience, 0).inLine;
    };
    return { inLine, portions: 0, next: inLine(1) - inLine(0) };
  });
  for (let given = 0; given < PORTIONS; given += 1) {
    const one = queues.reduce((a, b) => (b.next < a.next ? b : a));
    one.portions += 1;
    one.next = one.inLine(one.portions + 1) - one.inLine(one.portions);
  }
  return queues.map(({ portions }) => portions / PORTIONS);
}

/** When something changes in a plan: then its best shares do. Seconds. */
export function turningPoints({ ours, others = [], staffing = [] }: Plan): number[] {
  const streams = [...ours, ...others].flatMap(({ from, until }) => [from ?? 0, until ?? 0]);
  return [...new Set([0, ...streams.map((hour) => hour * HOUR), ...staffing.map(({ at }) => at)])];
}
