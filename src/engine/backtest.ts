/**
 * What was predicted, held against what happened: applies of which the run folder has a prediction,
 * each by one query of aggregates a hundred queues, and hours of the last 14 days, all by one more.
 */
import type { Calibration, Pair } from '../core/calibration.js';
import type { Predicted } from '../core/prediction.js';
import type { Hash, Live } from '../core/types.js';
import { calibrationOf, partServed, queuesOf, replayed } from '../prediction/check.js';
import { PART_SECONDS, type MeasuredQueue } from '../prediction/measured.js';
import type { Binding } from './bind.js';
import { partsIn, restingFlow, sceneAtRest, USUAL_PROMISE_MS } from './measure.js';
import type { Observation } from './observe.js';
import type { Reader } from './ports.js';

/** A prediction of a change that was made. */
export interface Kept {
  readonly run: string;
  /** When the change was made, and the hour that was predicted. Milliseconds since 1970. */
  readonly atMs: number;
  readonly fromMs: number;
  /** Until when the calls are from that it was predicted by. */
  readonly countedMs: number;
  readonly widen: number;
  readonly predicted: Predicted;
  /** Another run has changed the same object since, before that hour was over. */
  readonly isDisturbed: boolean;
}

/** Why there is no pair of some that were kept, and of how many. */
export interface LeftOut {
  readonly why: string;
  readonly count: number;
}

export interface Backtest {
  readonly applies: Calibration | null;
  readonly leftOut: readonly LeftOut[];
  /** Of the last 14 days; `null` where there were too few calls. */
  readonly replay: Calibration | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const PART_MS = PART_SECONDS * 1000;
const DAYS = 14;
/** The calls of before the change have to be gone. */
const SETTLED_MS = 10 * MINUTE_MS;
/** The next hour of so long ago is another one. */
const STALE_MS = 2 * HOUR_MS;

/** From when on what a change brought about is looked at; `said`: another hour was asked for. */
export function lookedAtFrom(changedMs: number, said: string | undefined): number {
  const atMs = said === undefined ? NaN : Date.parse(said);
  return Number.isNaN(atMs) ? changedMs + SETTLED_MS : atMs;
}

/** Rejects with a `PlatformError` where the org cannot be asked. Sends reads only. */
export async function backtestOf(
  { reader, hash }: { readonly reader: Reader; readonly hash: Hash },
  kept: readonly Kept[],
  observation: Observation,
  { binding, shown }: { readonly binding: Binding; readonly shown: readonly Live[] },
): Promise<Backtest> {
  const nowMs = reader.nowMs();
  const found = await Promise.all(kept.map(async (one) => pairsOf(reader, one, nowMs)));
  const reasons = new Map<string, number>();
  const pairs: Pair[] = [];
  for (const one of found) {
    if (typeof one === 'string') reasons.set(one, (reasons.get(one) ?? 0) + 1);
    else pairs.push(...one);
  }
  return {
    applies: calibrationOf(pairs),
    leftOut: [...reasons].map(([why, count]) => ({ why, count })),
    replay: await replayOf({ reader, hash }, observation, { binding, shown, nowMs }),
  };
}

/** A text is why there are none. */
async function pairsOf(
  reader: Reader,
  { atMs, fromMs, countedMs, widen, predicted, isDisturbed }: Kept,
  nowMs: number,
): Promise<readonly Pair[] | string> {
  if (predicted.refused !== null) return 'nothing was predicted';
  const toMs = fromMs + HOUR_MS;
  if (fromMs < atMs) return 'it was made after the hour that was predicted had begun';
  if (atMs - countedMs > STALE_MS && fromMs === lookedAtFrom(atMs, undefined)) {
    return 'it was predicted over two hours before it was made';
  }
  if (toMs > nowMs) return 'the hour is not over';
  if (isDisturbed) return 'it was changed again within the hour';
  const queueIds = predicted.queues.map(({ queueId }) => queueId);
  const figures = await reader.figures({ fromMs, toMs, queueIds, mediaType: 'voice' });
  const pairs = predicted.queues.flatMap(({ queueId, served }): Pair[] => {
    const realised = partServed(figures.get(queueId));
    if (realised === null) return [];
    const { after, before, hourLow: low, hourHigh: high } = served;
    return [{ predicted: after, low, high, before, realised, widen }];
  });
  return pairs.length === 0 ? 'too few calls came' : pairs;
}

async function replayOf(
  { reader, hash }: { readonly reader: Reader; readonly hash: Hash },
  observation: Observation,
  scene: { readonly binding: Binding; readonly shown: readonly Live[]; readonly nowMs: number },
): Promise<Calibration | null> {
  const { binding, shown, nowMs } = scene;
  const at = sceneAtRest(observation, binding, nowMs);
  const names = new Set<string>(shown.map(({ address }) => address));
  const flows = observation.live.flatMap((live) => restingFlow(live, at) ?? []);
  const ids = queuesOf(flows.filter(({ address }) => names.has(address)));
  if (ids.length === 0) return null;
  const toMs = Math.floor(nowMs / PART_MS) * PART_MS;
  const span = [toMs - DAYS * 24 * HOUR_MS, toMs] as const;
  const partMinutes = PART_SECONDS / 60;
  const search = { fromMs: span[0], toMs, queueIds: ids, mediaType: 'voice', partMinutes };
  const found = await reader.figuresByPart(search);
  const queues = ids.map((id): MeasuredQueue => ({
    id,
    name: observation.catalog.nameOf('queue', id),
    parts: partsIn(found.get(id) ?? [], span),
    withinSeconds: (reader.promise(id, 'voice')?.withinMs ?? USUAL_PROMISE_MS) / 1000,
    slots: null,
    members: null,
  }));
  const seed = hash(JSON.stringify([span, ids]));
  const own = flows.filter(({ address }) => names.has(address));
  return calibrationOf(replayed({ queues, flows: own, seed }));
}
