/**
 * What was said held against what happened. One hour is mostly chance, so that single pairs say
 * little: how often the range held, how far the middle was off and to which side, and by how much
 * nearer it was than "nothing changes" is what tells a model from a guess.
 */
import type { Calibration, Pair } from '../core/calibration.js';
import { NO_FIGURES, sumOf, type Figures } from '../core/metrics.js';
import { roomFor, servedIn } from './fit.js';
import { queuesIn, type Asked, type Flow, type MeasuredQueue } from './measured.js';
import { predict } from './predict.js';

/** With fewer the range of a range is as wide as everything. */
const FEWEST_PAIRS = 20;
/** Ranges are to hold eight times of ten. */
const HELD = 0.8;
/** Points that are more than a rounding: what is said to move less has no direction. */
const CLEAR = 0.05;
/** What two deviations are, for the range of a share. */
const Z = 1.96;
const [NARROWEST, WIDEST] = [0.5, 5];

/** `null` where there is no pair. */
export function calibrationOf(pairs: readonly Pair[]): Calibration | null {
  if (pairs.length === 0) return null;
  const mean = (of: (pair: Pair) => number): number =>
    pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  const covered = pairs.filter(({ low, high, realised }) => realised >= low && realised <= high);
  const error = mean(({ predicted, realised }) => Math.abs(realised - predicted));
  const nothing = mean(({ before, realised }) => Math.abs(realised - before));
  const clear = pairs.filter((one) => Math.abs(one.predicted - one.before) > CLEAR);
  const right = clear.filter(
    (one) => Math.sign(one.predicted - one.before) === Math.sign(one.realised - one.before),
  );
  const [coverageLow, coverageHigh] = wilson(covered.length, pairs.length);
  return {
    pairs: pairs.length,
    coverage: covered.length / pairs.length,
    coverageLow,
    coverageHigh,
    width: mean(({ low, high }) => high - low),
    bias: mean(({ predicted, realised }) => predicted - realised),
    error,
    nothing,
    directions: { right: right.length, of: clear.length },
    widen: widened(pairs),
  };
}

/** By what half-widths have to be multiplied to hold as often as they are said to; conformal. */
function widened(pairs: readonly Pair[]): number | null {
  if (pairs.length < FEWEST_PAIRS) return null;
  const ratios = pairs
    .map(({ predicted, low, high, realised, widen = 1 }) => {
      const half = realised > predicted ? high - predicted : predicted - low;
      const off = Math.abs(realised - predicted);
      // Of ranges as they are by themselves, whatever was in force when each was said.
      return off === 0 ? 0 : (widen * off) / Math.max(half, 0.001);
    })
    .sort((a, b) => a - b);
  const at = Math.min(ratios.length, Math.ceil(HELD * (ratios.length + 1))) - 1;
  const factor = ratios[at] ?? 1;
  return Math.round(Math.min(WIDEST, Math.max(NARROWEST, factor)) * 100) / 100;
}

function wilson(hits: number, count: number): readonly [number, number] {
  const part = hits / count;
  const middle = part + Z ** 2 / (2 * count);
  const off = Z * Math.sqrt((part * (1 - part)) / count + Z ** 2 / (4 * count ** 2));
  const whole = 1 + Z ** 2 / count;
  return [(middle - off) / whole, (middle + off) / whole];
}

/** Quarters of an hour: that a prediction is made from, and that it is about. */
const [WINDOW, AHEAD] = [12, 4];
/** What is judged of an hour has to be some calls. */
export const FEWEST_JUDGED = 10;
const MOST_HOURS = 40;
const RUNS = 12;

export interface Past {
  readonly queues: readonly MeasuredQueue[];
  /** As they are: what was routed otherwise back then shows as an error, and is one. */
  readonly flows: readonly Flow[];
  readonly seed: string;
}

/**
 * Hours that are over, each predicted from the three before it: what an org can be held to before
 * anything was ever predicted for it. How many agents there were is what their callers met.
 */
export function replayed({ queues, flows, seed }: Past): Pair[] {
  const length = Math.min(...queues.map(({ parts }) => parts.length));
  const hours: number[] = [];
  for (let at = WINDOW; at + AHEAD <= length; at += AHEAD) {
    const isBusy = queues.some(
      ({ parts }) =>
        sumOf(parts.slice(at - WINDOW, at)).offered >= 60 &&
        sumOf(parts.slice(at, at + AHEAD)).judged >= FEWEST_JUDGED,
    );
    if (isBusy) hours.push(at);
  }
  const step = Math.max(1, hours.length / MOST_HOURS);
  const chosen = hours.filter(
    (_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step),
  );
  return chosen.flatMap((at) => pairsAt({ queues, flows, seed }, at));
}

function pairsAt({ queues, flows, seed }: Past, at: number): Pair[] {
  const then = queues.map((queue): MeasuredQueue => {
    const parts = queue.parts.slice(at - WINDOW, at);
    return { ...queue, parts, slots: roomFor(parts), members: null };
  });
  const whole = { changes: true, refused: null, settledParts: Infinity };
  const open = flows.map((flow) => ({ ...flow, ...whole, after: flow.before }));
  const whatIf = { slots: new Map<string, number>(), calls: new Map<string, number>() };
  const asked: Asked = { queues: then, flows: open, seed: `${seed} ${at}`, whatIf, mostRuns: RUNS };
  const seen = new Set<string>();
  return predict(asked).flatMap(({ queues: predicted }) =>
    predicted.flatMap(({ queueId, served }): Pair[] => {
      const parts = queues.find(({ id }) => id === queueId)?.parts ?? [];
      const realised = partServed(sumOf(parts.slice(at, at + AHEAD)));
      const before = partServed(sumOf(parts.slice(at - WINDOW, at)));
      if (seen.has(queueId) || realised === null || before === null) return [];
      seen.add(queueId);
      const { after, hourLow: low, hourHigh: high } = served;
      return [{ predicted: after, low, high, before, realised }];
    }),
  );
}

/** `null` where too few were judged to say. */
export function partServed(figures: Figures = NO_FIGURES): number | null {
  return figures.judged < FEWEST_JUDGED ? null : servedIn(figures);
}

/** Every queue that the flows lead to, each once. */
export function queuesOf(flows: readonly Flow[]): string[] {
  return [...new Set(flows.flatMap(({ before }) => queuesIn(before)))];
}
