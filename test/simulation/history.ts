/** A history: what git says, who runs, who meddles and what goes wrong. Drawn whole from a seed. */
import type { Random } from '../../src/engine/ports.js';
import type { JsonObject } from '../../src/core/json.js';
import type { FaultRule } from '../../src/generated/types.js';
import { seededRandom, wholeBetween } from '../../src/simulator/chance.js';
import type { Misfortune } from './fortune.js';
import { furnished } from './furnishing.js';
import type { Hand } from './hands.js';
import { withReferences } from './things.js';

export interface Setting {
  readonly backend: 'datatable' | 'strategies-api';
  /** Rows may go in files. */
  readonly imports: boolean;
  readonly rateLimit: number;
  readonly activationMs: number;
  readonly latencyMs: number;
  /** How many objects a run may delete unless it is forced. */
  readonly maxDeletes: number;
  /** Begins with what git says applied, and strangers beside it. */
  readonly settled: boolean;
  /** How many listings lack some of what they should show. */
  readonly short?: number;
  /** Strategies require skills that are declared beside them, among other kinds. */
  readonly references?: true;
  /** Queues, groups and tables are managed as well. */
  readonly furnished?: true;
  /** Until what was written of members is seen. */
  readonly memberLagMs?: number;
}

/** Of one repository, with the same environment, against the same org. */
export type Folder = 'ours' | 'neighbours';

export interface Runner {
  readonly misfortune: Misfortune;
  readonly patienceMs: number;
  readonly force: boolean;
  /** Where it is at work: only there can a later run tell that its process is gone. */
  readonly machine: 'A' | 'B';
  /** Part of a workflow run, of which any other run can ask whether it has ended. */
  readonly workflow?: boolean;
  /** The clock of its machine is set forward or back at this moment, by so much. */
  readonly clock?: { readonly atMoment: number; readonly byMs: number };
  /** Whose manifests it applies; absent: ours. */
  readonly folder?: Folder;
  /** Of a person, at this moment of the run. */
  readonly hand?: Hand & { readonly atMoment: number };
}

export type Step =
  /** What the manifests say from here on, by name. */
  | {
      readonly do: 'commit';
      readonly specs: Readonly<Record<string, JsonObject>>;
      readonly folder?: Folder;
    }
  | { readonly do: 'edit' | 'remove'; readonly value: number }
  | { readonly do: 'hand'; readonly hand: Hand }
  | { readonly do: 'wait'; readonly ms: number }
  /** A person renames a queue. */
  | { readonly do: 'rename'; readonly queue: string; readonly to: string }
  /** A person deletes the rows with the heads of logs, or writes something else into them. */
  | { readonly do: 'lose head'; readonly how: 'deleted' | 'broken' }
  /** A person releases the lock, whoever holds it: nobody is at work. */
  | { readonly do: 'unlock' }
  /** A person makes the other backend the one of the environment. */
  | { readonly do: 'backend' }
  /** Back to what one of the last runs found: the last but so many that changed something, from 1. */
  | { readonly do: 'rollback'; readonly back: number; readonly runner: Runner }
  /** `rival` begins at the same moment, from the same git. */
  | { readonly do: 'apply'; readonly runner: Runner; readonly rival: Runner | null };

export interface History {
  readonly seed: number;
  readonly setting: Setting;
  readonly steps: readonly Step[];
  /** What goes wrong with requests; see `simulator/faults.ts`. */
  readonly rules: readonly FaultRule[];
}

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
const QUEUES = ['Alpha', 'Beta', 'Gamma', 'Delta'];
const WEIGHTS = [0.1, 0.25, 0.5, 0.75, 1];

/** Which kinds a history has beside strategies: none, what these refer to, or everything. */
export type Extent = 'strategies' | 'references' | 'everything';

/** The same history of a seed, with more kinds in play. */
export function drawHistory(seed: number, extent: Extent = 'strategies'): History {
  const random = seededRandom(`history/${seed}`);
  const drawn: Setting = {
    backend: one(random, ['datatable', 'strategies-api'] as const),
    imports: chance(random, 0.3),
    rateLimit: one(random, [0, 60, 300]),
    activationMs: one(random, [0, 400, 3000]),
    latencyMs: one(random, [1, 40]),
    maxDeletes: one(random, [1, 3, 10]),
    settled: chance(random, 0.6),
  };
  const steps: Step[] = [{ do: 'commit', specs: drawSpecs(random) }];
  const runs = wholeBetween(random, 1, 4);
  for (let index = 0; index < runs; index += 1) {
    if (index > 0 && chance(random, 0.5)) steps.push({ do: 'commit', specs: drawSpecs(random) });
    if (chance(random, 0.3)) steps.push({ do: 'edit', value: random.next() });
    if (chance(random, 0.1)) steps.push({ do: 'remove', value: random.next() });
    if (chance(random, 0.2)) steps.push({ do: 'wait', ms: wholeBetween(random, 1, 90_000) });
    const rival = chance(random, 0.2) ? drawRunner(random) : null;
    steps.push({ do: 'apply', runner: drawRunner(random), rival });
    if (chance(random, 0.15)) steps.push({ do: 'unlock' });
  }
  const rules = [...drawRules(random), ...drawLag(seed)];
  const all = drawAround(seed, drawMachines(seed, steps));
  const setting: Setting = { ...drawn, short: drawShort(seed) };
  if (extent === 'strategies') return { seed, setting, steps: all, rules };
  const referring: Setting = { ...setting, references: true };
  const steps_ = withReferences(seed, all);
  if (extent === 'references') return { seed, setting: referring, steps: steps_, rules };
  const memberLagMs = one(seededRandom(`history/${seed}/members`), [0, 0, 2000, 8000]);
  const most: Setting = { ...referring, furnished: true, memberLagMs };
  return { seed, setting: most, steps: furnished(seed, steps_), rules };
}

/** Drawn apart as well. */
function drawMachines(seed: number, steps: readonly Step[]): Step[] {
  const random = seededRandom(`history/${seed}/machines`);
  const jumps = chance(random, 0.25);
  const placed = (runner: Runner): Runner => {
    const byMs = one(random, [-7_200_000, -90_000, -1500, 1500, 90_000, 7_200_000]);
    const clock = { atMoment: wholeBetween(random, 1, 80), byMs };
    return { ...runner, workflow: chance(random, 0.4), ...(jumps ? { clock } : {}) };
  };
  return steps.map((step) =>
    step.do === 'apply'
      ? { ...step, runner: placed(step.runner), rival: step.rival && placed(step.rival) }
      : step,
  );
}

/** Drawn apart, so that the histories of the seeds before these faults stay what they were. */
function drawLag(seed: number): FaultRule[] {
  const random = seededRandom(`history/${seed}/lag`);
  const rates: readonly (readonly [FaultRule['fault'], number])[] = [
    ['stale-read', 0.3],
    ['trickle', 0.02],
  ];
  return rates.flatMap(([fault, rate]): FaultRule[] =>
    chance(random, 0.3) ? [{ fault, rate: rate * (0.25 + random.next()) }] : [],
  );
}

function drawShort(seed: number): number {
  const random = seededRandom(`history/${seed}/short`);
  return chance(random, 0.3) ? 0.1 * random.next() : 0;
}

/** Who else is there, and what people do beside strategies; drawn apart as well. */
function drawAround(seed: number, steps: readonly Step[]): Step[] {
  const random = seededRandom(`history/${seed}/around`);
  const around: Step[] = [];
  if (chance(random, 0.25)) {
    around.push({
      do: 'rename',
      queue: one(random, QUEUES),
      to: one(random, ['Renamed', 'alpha']),
    });
  }
  if (chance(random, 0.2)) {
    around.push({ do: 'lose head', how: one(random, ['deleted', 'broken'] as const) });
  }
  const neighbours = chance(random, 0.35);
  const out = neighbours ? withNeighbours(random, steps) : [...steps];
  // Never before the first commit: that is what a settled org begins with.
  for (const step of around) out.splice(wholeBetween(random, 1, out.length), 0, step);
  return out;
}

function withNeighbours(random: Random, steps: readonly Step[]): Step[] {
  const folder = 'neighbours';
  const runner = (): Runner => ({ ...drawRunner(random), folder });
  const commit = (): Step => ({ do: 'commit', folder, specs: drawNeighbours(random) });
  const [first, ...rest] = steps;
  const out: Step[] = first === undefined ? [] : [first];
  out.push(commit(), { do: 'apply', runner: runner(), rival: null });
  for (const step of rest) {
    if (chance(random, 0.2)) out.push(commit());
    if (chance(random, 0.2)) out.push({ do: 'apply', runner: runner(), rival: null });
    const meets = step.do === 'apply' && step.rival === null && chance(random, 0.4);
    out.push(meets ? { ...step, rival: runner() } : step);
  }
  return out;
}

/** Names of their own, and now and then one that is ours as well. */
function drawNeighbours(random: Random): Record<string, JsonObject> {
  const names = ['p', 'q', 'r', ...(chance(random, 0.4) ? [one(random, NAMES)] : [])];
  const chosen = names.filter(() => chance(random, 0.7));
  return Object.fromEntries(chosen.map((name) => [name, drawSpec(random)]));
}

function drawRunner(random: Random): Runner {
  const at = (rate: number, key: keyof Misfortune): Misfortune =>
    chance(random, rate) ? { [key]: wholeBetween(random, 1, 150) } : {};
  const misfortune = { ...at(0.35, 'killAt'), ...at(0.12, 'stopAt'), ...at(0.08, 'fullDiskAt') };
  return {
    misfortune,
    patienceMs: one(random, [0, 0, 5000, 120_000]),
    force: chance(random, 0.3),
    machine: chance(random, 0.8) ? 'A' : 'B',
  };
}

function drawSpecs(random: Random): Record<string, JsonObject> {
  const most = one(random, [1, 3, 6, NAMES.length]);
  const names = NAMES.filter(() => chance(random, 0.7)).slice(0, most);
  return Object.fromEntries(names.map((name) => [name, drawSpec(random)]));
}

function drawSpec(random: Random): JsonObject {
  const queues = QUEUES.filter(() => chance(random, 0.5));
  const targets = (queues.length === 0 ? QUEUES.slice(0, 1) : queues).map((queue) => ({
    queue,
    priority: wholeBetween(random, 1, 2),
    weight: one(random, WEIGHTS),
    capacity: wholeBetween(random, 1, 9),
  }));
  return {
    status: chance(random, 0.85) ? 'active' : 'draft',
    targets,
    ...(chance(random, 0.4) ? { fallback: { queue: 'Overflow', priority: 9, weight: 0.1 } } : {}),
  };
}

/** Each fault by itself, so that most histories have a few kinds and some have none. */
function drawRules(random: Random): FaultRule[] {
  const rates: readonly (readonly [FaultRule['fault'], number])[] = [
    ['latency', 0.2],
    ['too-many-requests', 0.04],
    ['server-error', 0.06],
    ['drop-before', 0.04],
    ['drop-after', 0.04],
    ['slow-activation', 0.2],
    ['failed-activation', 0.1],
    ['listing-lag', 0.3],
    ['person-edits', 0.02],
    ['person-deletes', 0.005],
    ['tokens-expire', 0.02],
  ];
  const rules = rates.flatMap(([fault, rate]): FaultRule[] =>
    chance(random, 0.5) ? [{ fault, rate: rate * (0.25 + random.next()) }] : [],
  );
  // An outage: everything fails for a while.
  if (chance(random, 0.1)) {
    const nth = wholeBetween(random, 1, 120);
    rules.push({ fault: 'server-error', status: 503, nth, times: wholeBetween(random, 5, 80) });
  }
  return rules;
}

function chance(random: Random, rate: number): boolean {
  return random.next() < rate;
}

function one<T>(random: Random, of: readonly T[]): T {
  return of[wholeBetween(random, 0, of.length - 1)]!;
}
