/**
 * A contact centre in virtual time: the simulator with traffic, and somebody who moves the weights
 * of one strategy from observations that are some seconds old. Every policy meets the same callers.
 */
import type { TuningSettings } from '../../src/core/kind.js';
import { decide, type Target } from '../../src/optimizer/control.js';
import type { Load, Policy } from '../../src/optimizer/policy.js';
import type { OrgFile, TrafficRule } from '../../src/simulator/org-file-types.js';
import { createOrg, settle, type Org } from '../../src/simulator/org.js';
import type { Queue, Strategy } from '../../src/simulator/model.js';

const START_MS = Date.UTC(2026, 10, 2, 8);
export const HOURS = 4;
const HOUR = 3600;
/** Seconds between looks at the queues: how finely old data is known. */
const LOOK = 10;
/** Seconds between two rounds of the optimizer: its default. */
const ROUND = 60;
const HANDLE = 240;
const PATIENCE = 180;

export interface Scenario {
  readonly name: string;
  /** What happens, in one line. */
  readonly about: string;
  readonly org: OrgFile;
  /** From then on so many agents of the queue are off queue. Seconds. */
  readonly staffing?: readonly {
    readonly at: number;
    readonly queue: number;
    readonly off: number;
  }[];
}

/** Traffic in agents that it keeps busy. */
function busying(strategy: string, agents: number, hours: readonly number[] = []): TrafficRule {
  const [from, until] = hours.map((hour) => hour * HOUR);
  return {
    strategy,
    arrivalsPerHour: (agents * HOUR) / HANDLE,
    handleSeconds: HANDLE,
    patienceSeconds: PATIENCE,
    ...(from === undefined ? {} : { fromSeconds: from }),
    ...(until === undefined ? {} : { untilSeconds: until }),
  };
}

/** Queues of so many agents each, a strategy over all of them, and one that is each queue's own. */
function centre(
  agents: readonly number[],
  weights: readonly number[],
  traffic: readonly TrafficRule[],
): OrgFile {
  const names = agents.map((_, queue) => `Queue ${queue}`);
  const members = agents.map((count, queue) =>
    Array.from({ length: count }, (_, agent) => `Agent ${queue}-${agent}`),
  );
  const target = (queue: string, weight: number) => ({
    queue,
    priority: 1,
    weight,
    capacity: 1000,
  });
  return {
    users: members.flat().map((name) => ({ name })),
    queues: names.map((name, index) => ({ name, members: members[index] ?? [] })),
    strategies: [
      { name: 'shared', targets: names.map((name, index) => target(name, weights[index] ?? 1)) },
      ...names.map((name, index) => ({ name: `own ${index}`, targets: [target(name, 1)] })),
    ],
    traffic,
  };
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'steady',
    about: '10 + 10 agents, 85 % busy, equal weights: nothing to improve',
    org: centre([10, 10], [1, 1], [busying('shared', 17)]),
  },
  {
    name: 'surge',
    about: 'the same at 70 %; for half an hour 120 % of what all agents can do',
    org: centre([10, 10], [1, 1], [busying('shared', 14), busying('shared', 10, [1.5, 2])]),
  },
  {
    name: 'neighbour',
    about: '10 + 10; for 1.5 h other calls keep 6 agents of the second queue busy',
    org: centre([10, 10], [1, 1], [busying('shared', 10), busying('own 1', 6, [1, 2.5])]),
  },
  {
    name: 'leaving',
    about: '10 + 10; for 1.5 h half of the second queue is away',
    org: centre([10, 10], [1, 1], [busying('shared', 12)]),
    staffing: [
      { at: HOUR, queue: 1, off: 5 },
      { at: 2.5 * HOUR, queue: 1, off: 0 },
    ],
  },
  {
    name: 'unequal',
    about: '16 + 4 agents, and equal weights that nobody thought about',
    org: centre([16, 4], [1, 1], [busying('shared', 16)]),
  },
  {
    name: 'planned',
    about: '16 + 4 agents, and weights that fit: nothing to improve',
    org: centre([16, 4], [1, 0.25], [busying('shared', 16)]),
  },
  {
    name: 'three',
    about: '12 + 6 + 4, planned; a neighbour for 1 h, then 5 of the 12 away for 1 h',
    org: centre([12, 6, 4], [1, 0.6, 0.4], [busying('shared', 15), busying('own 1', 2.5, [1, 2])]),
    staffing: [
      { at: 2.2 * HOUR, queue: 0, off: 5 },
      { at: 3.2 * HOUR, queue: 0, off: 0 },
    ],
  },
];

/** New weights from the present ones and what was seen; `atS` and `seenS` are seconds. */
export type Control = (now: readonly Target[], atS: number, seenS: number) => readonly number[];

/** The reference formula as it stands, at every look. */
export const bare: Control = (targets) =>
  targets.map(({ load }) =>
    load === null || load.slots === 0 ? 0.5 : 1 / (1 + load.interacting / load.slots),
  );

/** A policy as the command runs it: it does not know how old the data is. */
export function controlled(policy: Policy, tuning: TuningSettings): () => Control {
  return () => {
    let movedAt: number | null = null;
    return (targets, atS) => {
      const now = atS * 1000;
      const decision = decide(policy, targets, tuning, { now, observedAt: now, movedAt });
      const next = targets.map(({ weight }, index) => decision.targets?.[index]?.to ?? weight);
      if (next.some((weight, index) => weight !== targets[index]?.weight)) movedAt = now;
      return next;
    };
  };
}

export interface Day {
  /** Mean seconds in line, of all callers, whichever strategy they came by. */
  readonly waitS: number;
  /** Part of the callers who gave up. */
  readonly abandoned: number;
  /** Swings of a share by 10 points one way after as many the other way, an hour; the worst queue. */
  readonly swings: number;
  /** Rounds that wrote a weight, an hour. */
  readonly moves: number;
}

/** Some hours of a scenario. `control` is `null` where the weights stay as they were written. */
export function day(scenario: Scenario, seed: number, ageS: number, control: Control | null): Day {
  const org = createOrg(scenario.org, { seed });
  const queues = [...org.queues.values()];
  const written = weightsIn(shared(org));
  const looks: Load[][] = [];
  const shares: number[][] = [];
  let moves = 0;
  for (let atS = 0; atS <= HOURS * HOUR; atS += LOOK) {
    for (const { at, queue, off } of scenario.staffing ?? []) {
      if (at === atS) staff(org, queues[queue], off);
    }
    settle(org, START_MS + atS * 1000);
    looks.push(queues.map((queue) => loadOf(org, queue)));
    const seen = looks.at(-1 - ageS / LOOK);
    if (control !== null && seen !== undefined && atS % ROUND === 0) {
      const strategy = shared(org);
      const targets = strategy.content.targets.map(
        ({ weight, capacity, priority }, index): Target => ({
          ...{ queue: `Queue ${index}`, tier: priority, weight, capacity },
          ...{ written: written[index] ?? 1, load: seen[index] ?? null },
        }),
      );
      const next = control(targets, atS, atS - ageS);
      if (next.some((weight, index) => weight !== targets[index]?.weight)) moves += 1;
      weigh(org, strategy, next);
    }
    const weights = weightsIn(shared(org));
    const sum = weights.reduce((a, b) => a + b, 0);
    shares.push(weights.map((weight) => weight / sum));
  }
  const over = org.conversations;
  const swings = queues.map((_, queue) => swingsIn(shares.map((one) => one[queue] ?? 0)));
  return {
    waitS: over.reduce((sum, { waitMs }) => sum + waitMs, 0) / over.length / 1000,
    abandoned: over.filter((one) => one.end === 'abandoned').length / over.length,
    swings: Math.max(...swings) / HOURS,
    moves: moves / HOURS,
  };
}

function shared(org: Org): Strategy {
  const found = org.strategies.get(org.strategyNames.get('shared') ?? '');
  if (found === undefined) throw new Error('the centre has no strategy "shared"');
  return found;
}

function weightsIn({ content }: Strategy): number[] {
  return content.targets.map(({ weight }) => weight);
}

function weigh(org: Org, strategy: Strategy, weights: readonly number[]): void {
  const targets = strategy.content.targets.map((target, index) => ({
    ...target,
    weight: weights[index] ?? target.weight,
  }));
  org.strategies.set(strategy.id, { ...strategy, content: { ...strategy.content, targets } });
}

function staff(org: Org, queue: Queue | undefined, off: number): void {
  (queue?.memberIds ?? []).forEach((id, place) => {
    const user = org.users.get(id);
    if (user === undefined) return;
    if (place < off) user.status = 'offQueue';
    else if (user.status === 'offQueue') user.status = 'idle';
  });
}

function loadOf(org: Org, { memberIds, interacting, waiting }: Queue): Load {
  const slots = memberIds.filter((id) => org.users.get(id)?.status !== 'offQueue').length;
  return { slots, interacting, waiting };
}

const SWING = 0.1;

/** How often a series turns back by a swing after it went as far the other way. */
export function swingsIn(series: readonly number[]): number {
  let [extreme = 0] = series;
  let direction = 0;
  let turns = 0;
  for (const value of series) {
    const away = value - extreme;
    if (direction === 0 ? Math.abs(away) >= SWING : away * direction <= -SWING) {
      turns += direction === 0 ? 0 : 1;
      direction = Math.sign(away);
      extreme = value;
    } else if (away * direction > 0) extreme = value;
  }
  return turns;
}
