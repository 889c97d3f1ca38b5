/**
 * What a policy that steers wants to know beside the moment: what came to the queues within the
 * last hour, how long calls took within the last three, and which of their agents are in several of
 * them. None of it changes by the minute, so that a watch asks for the calls every five minutes and
 * for the agents every ten: one request a hundred queues.
 */
import { PlatformError } from '../core/errors.js';
import { sumOf } from '../core/metrics.js';
import { DAY_MS, HANDLING_MS, WINDOW_MS } from '../optimizer/memory.js';
import type { Past } from '../optimizer/policy.js';
import { steadyMs, type Attendant, type Clock, type PartFigures, type Reader } from './ports.js';

const PAST_MS = 300_000;
const MEMBERS_MS = 600_000;
/** Queues that open at some quarter of an hour have had nothing before it. */
const PART_MINUTES = 15;

/** Of queues that share what comes. */
export interface PastAmong {
  readonly byQueue: ReadonlyMap<string, Past>;
  /** What it is about: from the first calls of the window on. Milliseconds since 1970. */
  readonly span: readonly [number, number];
}

export interface RecentPast {
  /** Others may have opened earlier: rates of these are by when the first of these did. */
  readonly among: (queueIds: readonly string[]) => PastAmong;
  /** Why nothing is known: a missing permission, or figures that are not to be had now. */
  readonly denied: PlatformError | null;
}

export type Members = ReadonlyMap<string, readonly Attendant[]>;

const NOTHING_CAME: PastAmong = { byQueue: new Map(), span: [0, 0] };
export const NO_PAST: RecentPast = { among: () => NOTHING_CAME, denied: null };

/** Kept from round to round, as long as the queues are the same. */
export class Recent {
  private readonly pasts = new Kept<RecentPast>(PAST_MS);
  private readonly members = new Kept<Members>(MEMBERS_MS);

  async past(reader: Reader, clock: Clock, queueIds: readonly string[]): Promise<RecentPast> {
    if (queueIds.length === 0) return NO_PAST;
    return this.pasts.get(queueIds, clock, async () => {
      try {
        return await pastOf(reader, queueIds);
      } catch (error) {
        return { ...NO_PAST, denied: silenceIn(error) };
      }
    });
  }

  /** Where it may not be asked, every agent counts where the platform counts them. */
  async inQueues(reader: Reader, clock: Clock, queueIds: readonly string[]): Promise<Members> {
    // Nobody is in two of one.
    if (queueIds.length < 2) return new Map();
    return this.members.get(queueIds, clock, async () => {
      try {
        return await reader.attendance(queueIds);
      } catch (error) {
        denialIn(error);
        return new Map();
      }
    });
  }
}

/** The queues can be looked at without the figures, whose part of the platform may be down. */
function silenceIn(error: unknown): PlatformError {
  if (error instanceof PlatformError && error.fault === 'unavailable') return error;
  return denialIn(error);
}

/** A missing permission is answered by doing without; anything else is not passed over. */
function denialIn(error: unknown): PlatformError {
  if (error instanceof PlatformError && error.request?.status === 403) return error;
  throw error;
}

class Kept<Value> {
  private kept: { readonly of: string; readonly atMs: number; readonly value: Value } | null = null;

  constructor(private readonly freshMs: number) {}

  async get(queueIds: readonly string[], clock: Clock, ask: () => Promise<Value>): Promise<Value> {
    const [of, now] = [queueIds.join(), steadyMs(clock)];
    if (this.kept?.of === of && now - this.kept.atMs < this.freshMs) return this.kept.value;
    const value = await ask();
    this.kept = { of, atMs: now, value };
    return value;
  }
}

async function pastOf(reader: Reader, queueIds: readonly string[]): Promise<RecentPast> {
  const toMs = reader.nowMs();
  const partMs = PART_MINUTES * 60_000;
  const startOf = (ms: number): number => Math.floor((toMs - ms) / partMs) * partMs;
  const [fromMs, sinceMs] = [startOf(HANDLING_MS), startOf(WINDOW_MS)];
  const found = await reader.figuresByPart({
    fromMs: startOf(DAY_MS),
    toMs,
    queueIds,
    mediaType: 'voice',
    partMinutes: PART_MINUTES,
  });
  const among: RecentPast['among'] = (ids) => pastAmong(found, ids, { fromMs, sinceMs, toMs });
  return { among, denied: null };
}

interface Window {
  /** Of handle times, and of rates. */
  readonly fromMs: number;
  readonly sinceMs: number;
  readonly toMs: number;
}

function pastAmong(
  found: ReadonlyMap<string, readonly PartFigures[]>,
  queueIds: readonly string[],
  { fromMs, sinceMs, toMs }: Window,
): PastAmong {
  const starts = queueIds.flatMap((id) => (found.get(id) ?? []).map((one) => one.fromMs));
  const first = Math.min(...starts.filter((ms) => ms >= sinceMs));
  const span = [Math.min(Math.max(first, sinceMs), toMs - 1), toMs] as const;
  const byQueue = queueIds.map((id): [string, Past] => {
    const all = found.get(id) ?? [];
    const parts = all.filter((one) => one.fromMs >= fromMs);
    const opened = Math.min(...parts.map((one) => one.fromMs));
    const isOpening = opened > fromMs && opened < toMs;
    const past = pastIn(parts, { span, openSeconds: isOpening ? (toMs - opened) / 1000 : null });
    const { handled, handleMs } = sumOf(all.flatMap((one) => (one.fromMs < fromMs ? one.of : [])));
    return [id, { ...past, earlier: { handled, handledSeconds: handleMs / 1000 } }];
  });
  return { byQueue: new Map(byQueue), span };
}

/** A queue that the platform says nothing about had no calls: it leaves out what is 0. */
function pastIn(
  parts: readonly PartFigures[],
  { span: [from, to], openSeconds }: Pick<PastAmong, 'span'> & Pick<Past, 'openSeconds'>,
): Past {
  const { handled, handleMs } = sumOf(parts.map(({ of }) => of));
  const { offered } = sumOf(parts.filter(({ fromMs }) => fromMs >= from).map(({ of }) => of));
  const seconds = (to - from) / 1000;
  const handledSeconds = handleMs / 1000;
  return { perSecond: offered / seconds, seconds, handled, handledSeconds, openSeconds };
}

/** Of each of these queues, the part of its agents that counts there: each agent counts once. */
export function partsOf(members: Members, queueIds: readonly string[]): number[] {
  const present = queueIds.map((id) => {
    const joined = (members.get(id) ?? []).filter((one) => one.joined);
    const onQueue = joined.filter((one) => one.onQueue);
    return onQueue.length === 0 ? joined : onQueue;
  });
  const counts = new Map<string, number>();
  for (const { userId } of present.flat()) counts.set(userId, (counts.get(userId) ?? 0) + 1);
  return present.map((all) => {
    if (all.length === 0) return 1;
    return all.reduce((sum, { userId }) => sum + 1 / (counts.get(userId) ?? 1), 0) / all.length;
  });
}
