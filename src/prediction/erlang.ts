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
  const later = integral(
    withinSeconds,
    (x) =>
      Math.exp(logAllBusy - (callsPerSecond * Math.expm1(-gone * x)) / gone - (done + gone) * x),
    peakOf(callsPerSecond, done, gone),
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
/** A first panel is so much narrower than the peak, and each further out wider by a factor. */
const FINER = 4;
const WIDER = 1.2;
const FEWEST_PANELS = 16;

interface Peak {
  readonly at: number;
  /** In which the function falls by about a half. */
  readonly width: number;
}

/** What is integrated has one peak, and falls the steeper the further from it. */
function peakOf(callsPerSecond: number, done: number, gone: number): Peak {
  const at = Math.max(0, Math.log(callsPerSecond / (done + gone)) / gone);
  const slope = Math.max(0, done + gone - callsPerSecond);
  const bend = Math.sqrt(gone * Math.min(callsPerSecond, done + gone));
  return { at, width: 1 / Math.max(slope, bend) };
}

function integral(to: number, of: (x: number) => number, peak: Peak): number {
  const top = Math.min(peak.at, to);
  const finest = Math.min(peak.width / FINER, to / FEWEST_PANELS);
  return outward(top, finest, (x) => of(top - x)) + outward(to - top, finest, (x) => of(top + x));
}

/** From 0 up, by panels that become wider. */
function outward(to: number, first: number, of: (x: number) => number): number {
  let sum = 0;
  let from = 0;
  for (let width = first; from < to; width *= WIDER) {
    const until = Math.min(to, from + width);
    const half = (until - from) / 2;
    const middle = from + half;
    for (const [place, weight] of POINTS) {
      if (place === 0) sum += half * weight * of(middle);
      else sum += half * weight * (of(middle - place * half) + of(middle + place * half));
    }
    if (until === from) return sum;
    from = until;
  }
  return sum;
}
