/** What queues hold now, and the last hour → rows, whatever needs somebody first. */
import { sumOf, type Figures } from '../core/metrics.js';
import { byText } from '../core/issue.js';
import type { Levels, QueueView } from './model.js';

/** Counts of one queue, now. */
export interface SeenLoad {
  readonly onQueue: number;
  readonly interacting: number;
  readonly waiting: number;
  readonly longestWaitMs?: number;
}

export interface SeenQueue {
  readonly id: string;
  readonly name: string;
  /** `null` where the platform says nothing of it. */
  readonly load: SeenLoad | null;
  /** `null` where the org does not say. */
  readonly callsPerAgent: number | null;
  readonly withinSeconds: number | null;
  readonly targetPart: number | null;
  /** Parts of the last hour; `null` where they could not be read. */
  readonly lastHour: readonly Figures[] | null;
}

/** The promise that a queue of Genesys Cloud makes unless told otherwise: eight of ten. */
const USUAL_TARGET = 0.8;
/** Colours and troubles go by the same. */
export const LEVELS: Levels = { busy: 0.75, full: 0.9 };

export function queuesOf(seen: readonly SeenQueue[]): QueueView[] {
  return seen
    .map(viewOf)
    .sort(
      (a, b) =>
        b.severity - a.severity ||
        (b.waiting ?? 0) - (a.waiting ?? 0) ||
        (b.occupancy ?? 0) - (a.occupancy ?? 0) ||
        byText(a.name, b.name),
    );
}

function viewOf({ id, name, load, callsPerAgent, lastHour, ...promise }: SeenQueue): QueueView {
  const slots = load === null || callsPerAgent === null ? null : load.onQueue * callsPerAgent;
  const occupancy =
    load === null || slots === null || slots === 0 ? null : load.interacting / slots;
  const hour = lastHour === null ? null : sumOf(lastHour);
  const inTime = hour === null || hour.judged === 0 ? null : hour.inTime / hour.judged;
  const numbers = {
    onQueue: load?.onQueue ?? null,
    interacting: load?.interacting ?? null,
    waiting: load?.waiting ?? null,
    longestWaitSeconds:
      load?.longestWaitMs === undefined || load.waiting === 0 ? null : load.longestWaitMs / 1000,
    slots,
    occupancy,
    withinSeconds: promise.withinSeconds,
    targetPart: promise.targetPart,
    inTime,
    averageWaitSeconds:
      hour === null || hour.answered === 0 ? null : hour.waitMs / hour.answered / 1000,
    abandoned: hour?.abandoned ?? null,
  };
  return { id, name, ...numbers, ...troubleOf(numbers) };
}

type Numbers = Omit<QueueView, 'id' | 'name' | 'trouble' | 'severity'>;

/** In the order in which somebody would act. */
function troubleOf({
  onQueue,
  waiting,
  longestWaitSeconds,
  withinSeconds,
  occupancy,
  inTime,
  targetPart,
}: Numbers): Pick<QueueView, 'trouble' | 'severity'> {
  if (onQueue === 0 && (waiting ?? 0) > 0) {
    return { severity: 2, trouble: 'calls wait and nobody is on queue' };
  }
  if ((waiting ?? 0) > 0 && (occupancy ?? 1) >= 1) {
    return { severity: 2, trouble: 'calls wait and every agent is busy' };
  }
  if (longestWaitSeconds !== null && longestWaitSeconds > (withinSeconds ?? Infinity)) {
    return { severity: 1, trouble: 'somebody waits for longer than is promised' };
  }
  if (inTime !== null && inTime < (targetPart ?? USUAL_TARGET)) {
    return { severity: 1, trouble: 'the last hour was below the target' };
  }
  if ((occupancy ?? 0) >= LEVELS.full) return { severity: 1, trouble: 'hardly an agent is free' };
  if (onQueue === 0) return { severity: 1, trouble: 'nobody is on queue' };
  if (onQueue === null) return { severity: 0, trouble: 'the platform tells nothing of it' };
  return { severity: 0, trouble: '' };
}
