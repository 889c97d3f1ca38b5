/**
 * What a round has to know of the rounds before it, kept in the strategy's record beside what was
 * last applied: how many slots counted when the weights were last moved, and the weights of the
 * last hour, which tell what share of the calls a queue had on the mean. Losing it is no harm: then
 * what is so now has always been so.
 */
import { isObject, type Json, type JsonObject } from '../core/json.js';

/** Weights, or slots, by the keys of queues. */
export type ByQueue = Readonly<Record<string, number>>;

/** A queue may be called like something that every object has: `constructor`. */
export function knownOf(values: ByQueue, queue: string): number | undefined {
  return Object.hasOwn(values, queue) ? values[queue] : undefined;
}

export interface Memory {
  /** Slots that counted at the last move. */
  readonly slots: ByQueue;
  /** The weights since then and before, oldest first; `at` in seconds since 1970. */
  readonly moves: readonly Remembered[];
}

interface Remembered {
  readonly at: number;
  readonly weights: ByQueue;
  /** Of an edit or an apply, as far as it shows; it is not kept. */
  readonly isOfOthers?: true;
}

export const NO_MEMORY: Memory = { slots: {}, moves: [] };

/** Rates are means over so long; weights are remembered as long. */
export const WINDOW_MS = 3_600_000;
/** How long a call takes changes by the day, if at all, and an hour has too few to say it. */
export const HANDLING_MS = 3 * WINDOW_MS;
/** The day before says it as well, and at opening nothing else does. */
export const DAY_MS = 24 * WINDOW_MS;
/** A cell of a table has an end: the oldest moves are forgotten first. */
const MOST_MOVES = 40;

export interface Move {
  readonly nowMs: number;
  readonly before: ByQueue;
  readonly after: ByQueue;
  readonly slots: ByQueue;
}

/** The memory once these weights are written. */
export function remembering(memory: Memory, { nowMs, before, after, slots }: Move): Memory {
  const now = Math.round(nowMs / 1000);
  const from = now - WINDOW_MS / 1000;
  const past = memory.moves.filter(({ at }) => at <= now);
  // The last one before the window is what the window began with.
  const first = past.findLastIndex(({ at }) => at <= from);
  const known = past.slice(Math.max(0, first));
  // Somebody else may have moved them in between, nobody knows when.
  const moves = known.length === 0 ? [{ at: from, weights: before }] : known;
  return { slots, moves: [...moves, { at: now, weights: after }].slice(-MOST_MOVES) };
}

/** When a record was written, and now. Milliseconds since 1970. */
export interface Said {
  readonly saidAtMs: number;
  readonly nowMs: number;
}

/**
 * The memory where somebody else may have set weights since: that is a move as well. When it was
 * made says the record, as far as that can be; else it is taken to be of just now. A queue that
 * came with it had no calls before.
 */
export function broughtUp(memory: Memory, weights: ByQueue, { saidAtMs, nowMs }: Said): Memory {
  const last = memory.moves.at(-1);
  if (last === undefined) return memory;
  const [saidAt, now] = [saidAtMs, nowMs].map((ms) => Math.round(ms / 1000)) as [number, number];
  const isSaid = saidAt > last.at && saidAtMs <= nowMs;
  const isKnown = (queue: string): boolean => knownOf(last.weights, queue) !== undefined;
  const isGone = (queue: string): boolean => knownOf(weights, queue) === undefined;
  const known = Object.keys(last.weights);
  // Where one is gone as well, it may be the same one under another name.
  const added =
    isSaid && !known.some(isGone) ? Object.keys(weights).filter((one) => !isKnown(one)) : [];
  const isSame = known.every((one) => knownOf(last.weights, one) === knownOf(weights, one));
  if (isSame && added.length === 0) return memory;
  const none = Object.fromEntries(added.map((queue) => [queue, 0]));
  const before = memory.moves.map((one) => ({ ...one, weights: { ...none, ...one.weights } }));
  return {
    ...memory,
    moves: [...before, { at: isSaid ? saidAt : now, weights, isOfOthers: true }],
  };
}

/** When a round last moved what is still so, in milliseconds since 1970; `null`: never, or not. */
export function lastMoveIn({ moves }: Memory): number | null {
  const last = moves.at(-1);
  return last === undefined || last.isOfOthers ? null : last.at * 1000;
}

/** As small as it can be said: queues once, then numbers in their order. */
export function memoryJson({ slots, moves }: Memory): JsonObject {
  const queues = Object.keys(slots);
  return {
    queues,
    slots: queues.map((queue) => knownOf(slots, queue) ?? 0),
    moves: moves.map(({ at, weights }) => [
      at,
      ...queues.map((queue) => knownOf(weights, queue) ?? null),
    ]),
  };
}

/** What is no memory, or was made of one by a person, is none. */
export function memoryIn(written: Json | undefined): Memory {
  if (!isObject(written)) return NO_MEMORY;
  const { queues, slots, moves } = written;
  if (!Array.isArray(queues) || !Array.isArray(slots) || !Array.isArray(moves)) return NO_MEMORY;
  const byQueue = (values: readonly Json[]): ByQueue =>
    Object.fromEntries(
      queues.flatMap((queue, place) => {
        const value = values[place];
        const isSaid = typeof queue === 'string' && typeof value === 'number' && value >= 0;
        return isSaid ? [[queue, value] as const] : [];
      }),
    );
  return {
    slots: byQueue(slots),
    moves: moves.flatMap((move) => {
      const [at, ...weights] = Array.isArray(move) ? move : [];
      return typeof at === 'number' ? [{ at, weights: byQueue(weights) }] : [];
    }),
  };
}

/** Mean part of the weights of all `queues` that each of them had, from one instant to another. */
export function meanShares(
  { moves }: Memory,
  now: ByQueue,
  queues: readonly string[],
  [fromMs, toMs]: readonly [number, number],
): number[] {
  const held = moves.length === 0 ? [{ at: -Infinity, weights: now }] : moves;
  const spans = held.map(({ at, weights }, index) => {
    // What was before the first that is remembered is taken to have been the same.
    const start = index === 0 ? fromMs : Math.max(fromMs, at * 1000);
    const end = Math.min(toMs, (held[index + 1]?.at ?? Infinity) * 1000);
    return { ms: Math.max(0, end - start), shares: sharesOf(queues, { ...now, ...weights }) };
  });
  const whole = spans.reduce((sum, { ms }) => sum + ms, 0);
  if (whole === 0) return sharesOf(queues, now);
  return queues.map((_, place) =>
    spans.reduce((sum, { ms, shares }) => sum + ((shares[place] ?? 0) * ms) / whole, 0),
  );
}

function sharesOf(queues: readonly string[], weights: ByQueue): number[] {
  const known = queues.map((queue) => knownOf(weights, queue) ?? 0);
  const sum = known.reduce((total, weight) => total + weight, 0);
  return known.map((weight) => (sum > 0 ? weight / sum : 1 / queues.length));
}
