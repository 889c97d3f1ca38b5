/**
 * What the books say of one queue by itself: Erlang C, where everybody waits as long as it takes,
 * and Erlang A, where callers give up. Exact for Poisson arrivals and exponential times; the
 * simulation of `centre.ts` is held against them wherever they apply.
 *
 * Sources: Erlang 1917; Palm 1957; Garnett, Mandelbaum and Reiman 2002; Zeltyn and Mandelbaum 2005.
 * Times are in seconds, load is calls a second × seconds a call.
 */

export interface Line {
  readonly agents: number;
  readonly callsPerSecond: number;
  readonly handleSeconds: number;
}

/** Of all who were offered, those who gave up included. */
export interface Expected {
  /** Part of the callers who do not find a free agent. */
  readonly waits: number;
  readonly waitSeconds: number;
  readonly abandoned: number;
  readonly occupancy: number;
  /** Part that is answered within the time asked for. */
  readonly served: number;
  /** Callers in line, on the mean. */
  readonly inLine: number;
}

/** Part of the calls that would be lost if nobody could wait. */
function erlangB(agents: number, load: number): number {
  let lost = 1;
  for (let count = 1; count <= agents; count += 1) lost = (load * lost) / (count + load * lost);
  return lost;
}

/** `null` where more comes than the agents can do, or nobody is there: the line grows for ever. */
export function erlangC(line: Line, withinSeconds: number): Expected | null {
  const { agents, callsPerSecond, handleSeconds } = line;
  const load = callsPerSecond * handleSeconds;
  if (load >= agents) return null;
  const lost = erlangB(agents, load);
  const waits = (agents * lost) / (agents - load * (1 - lost));
  const waitSeconds = (waits * handleSeconds) / (agents - load);
  const late = waits * Math.exp((-(agents - load) * withinSeconds) / handleSeconds);
  return {
    waits,
    waitSeconds,
    abandoned: 0,
    occupancy: load / agents,
    served: 1 - late,
    inLine: waitSeconds * callsPerSecond,
  };
}

/** More in line than this adds nothing that a number of this precision could hold. */
const LONGEST_LINE = 1_000_000;
const NEGLIGIBLE = 1e-18;
/** In overload with patient callers the terms grow beyond what a number can hold. */
const TOO_GREAT = 1e200;

/** With nobody there everybody gives up. */
export function erlangA(line: Line, patienceSeconds: number, withinSeconds: number): Expected {
  const { agents, callsPerSecond, handleSeconds } = line;
  if (callsPerSecond === 0) return IDLE;
  if (agents === 0) {
    const inLine = callsPerSecond * patienceSeconds;
    return {
      waits: 1,
      waitSeconds: patienceSeconds,
      abandoned: 1,
      occupancy: 0,
      served: 0,
      inLine,
    };
  }
  const load = callsPerSecond * handleSeconds;
  const [done, gone] = [agents / handleSeconds, 1 / patienceSeconds];
  // Of those in line, relative to the chance that all agents are busy and nobody waits.
  let [term, sum, lineSum] = [1, 0, 0];
  // That chance itself, in the same measure, and its logarithm once it is too small for a number.
  let [one, logOfOne] = [1, 0];
  for (let place = 1; place < LONGEST_LINE && term > NEGLIGIBLE * sum; place += 1) {
    term *= callsPerSecond / (done + place * gone);
    sum += term;
    lineSum += place * term;
    if (term < TOO_GREAT) continue;
    [term, sum, lineSum] = [term / TOO_GREAT, sum / TOO_GREAT, lineSum / TOO_GREAT];
    [one, logOfOne] = [one / TOO_GREAT, logOfOne - Math.log(TOO_GREAT)];
  }
  const lost = erlangB(agents, load);
  const whole = one + lost * sum;
  const inLine = (lost * lineSum) / whole;
  const abandoned = (gone * inLine) / callsPerSecond;
  const logAllBusy = Math.log(lost) + logOfOne - Math.log(whole);
  const later = integral(withinSeconds, (x) =>
    Math.exp(logAllBusy - (callsPerSecond * Math.expm1(-gone * x)) / gone - (done + gone) * x),
  );
  return {
    waits: (lost * (one + sum)) / whole,
    waitSeconds: inLine / callsPerSecond,
    abandoned,
    occupancy: (load * (1 - abandoned)) / agents,
    inLine,
    served: ((1 - lost) * one) / whole + done * later,
  };
}

const IDLE: Expected = {
  waits: 0,
  waitSeconds: 0,
  abandoned: 0,
  occupancy: 0,
  served: 1,
  inLine: 0,
};

/** Gauss and Legendre, five points: places in [-1, 1] and their weights, from the middle out. */
const POINTS = [
  [0, 128 / 225],
  [Math.sqrt(5 - 2 * Math.sqrt(10 / 7)) / 3, (322 + 13 * Math.sqrt(70)) / 900],
  [Math.sqrt(5 + 2 * Math.sqrt(10 / 7)) / 3, (322 - 13 * Math.sqrt(70)) / 900],
] as const;
const PANELS = 64;

function integral(to: number, of: (x: number) => number): number {
  const half = to / PANELS / 2;
  let sum = 0;
  for (let panel = 0; panel < PANELS; panel += 1) {
    const middle = (2 * panel + 1) * half;
    for (const [place, weight] of POINTS) {
      if (place === 0) sum += weight * of(middle);
      else sum += weight * (of(middle - place * half) + of(middle + place * half));
    }
  }
  return sum * half;
}
