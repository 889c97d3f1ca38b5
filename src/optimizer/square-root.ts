/**
 * `square-root`: the calls of all targets, split so that one more call waits as long anywhere.
 *
 * Terms. A queue has n slots, a call takes h seconds there, and r calls a second come to all queues
 * of the tier together, those of other strategies included. Load is calls × seconds.
 *
 * Source: the square-root rule of staffing (Halfin and Whitt 1981; with callers who give up
 * Garnett, Mandelbaum and Reiman 2002) read backwards. With so many agents there, the split by
 * chance that keeps the fewest waiting gives every queue the load n - b √n with one b for all, and
 * b = (Σ n/h - r) ÷ Σ (√n/h). It holds below 0, in overload, as well.
 *
 * Which of the calls are ours nobody can tell: others lead to the same queues. It need not be told.
 * A queue that gets more than its due loses the excess from the share that it had on the mean over
 * the same time; where it comes to rest is right whatever others send. What is seen at the moment
 * counts too, a little: the last hour knows nothing of a neighbour who came ten minutes ago.
 */
import { levelOf } from './level.js';
import { scaledTo, type Past, type Situation, type Steering } from './policy.js';

export const squareRoot: Steering = {
  steers: true,
  wantsPast: true,
  formula: 'calls/s so that load = slots - b x sqrt(slots), b the same for all',
  unit: 'share of the calls',
  weights(queues, max, gain) {
    const pasts = queues.flatMap(({ past }) => past ?? []);
    if (pasts.length < queues.length) return 'nobody knows what came';
    const handled = pasts.reduce((sum, past) => sum + past.handled, 0);
    const offered = pasts.reduce((sum, past) => sum + past.perSecond, 0);
    if (handled < FEWEST_CALLS) return `too little data: ${handled} calls handled`;
    if (offered === 0) return 'too little data: no call has come within the hour';
    if (!pasts.some((past) => workIn(past).seconds > 0)) return 'no call took any time';
    const level = levelOf(queues);
    const due = dueOf(queues);
    const wanted = queues.map((queue, index) => {
      const want = Math.max(0, queue.meanShare - excessIn(queue, due[index] ?? 0) / offered);
      const leaning = -gain * level.excess(queue);
      return want * Math.exp(Math.max(-MOST_LEANING, Math.min(leaning, MOST_LEANING)));
    });
    return scaledTo(max, wanted);
  },
};

/** Fewer say nothing of how long a call takes. */
const FEWEST_CALLS = 5;
/** Of each queue so many calls are thought to have taken as long as those of all. */
const PRIOR_CALLS = 12;
/** From one day to the next they are not the same: yesterday says as much as so many of today. */
const EARLIER_CALLS = 200;
/** Beyond this a backlog says nothing more; powers of it have no number. */
const MOST_LEANING = 3;

/**
 * Calls a second above what a queue should get, by as much as the count can be believed: a count of
 * N is off by √N by chance, and following chance is what makes weights swing.
 */
function excessIn({ past }: Situation, due: number): number {
  if (past === null) return 0;
  const excess = past.perSecond - due;
  // None that came is as uncertain as one.
  const doubt = Math.max(past.perSecond, 1 / past.seconds) / past.seconds;
  return excess === 0 ? 0 : excess ** 3 / (excess ** 2 + doubt);
}

/** Before so many calls' time nobody can say by how much. */
const OPENING = 6;
const MOST_CORRECTED = 1.25;

/**
 * Right after opening the calls that have ended are the short ones. With calls of h seconds each,
 * exponential, and T seconds since the first, those that have ended took (T h - 2 h²) ÷ (T - h) on
 * the mean; this is solved for h.
 */
function handleSecondsIn({ handled, handledSeconds, openSeconds }: Past): number {
  const mean = handledSeconds / handled;
  if (openSeconds === null) return mean;
  const most = mean * MOST_CORRECTED;
  if (openSeconds <= OPENING * mean) return most;
  const sum = openSeconds + mean;
  return Math.min(most, (sum - Math.sqrt(sum ** 2 - 8 * mean * openSeconds)) / 4);
}

/** Calls that say how long one takes, those of the day before by what they are worth. */
function workIn(past: Past | null): { readonly calls: number; readonly seconds: number } {
  if (past === null) return { calls: 0, seconds: 0 };
  const { handled, earlier = { handled: 0, handledSeconds: 0 } } = past;
  const recent = handled === 0 ? 0 : handled * handleSecondsIn(past);
  const worth = Math.min(1, EARLIER_CALLS / Math.max(1, earlier.handled));
  return {
    calls: handled + worth * earlier.handled,
    seconds: recent + worth * earlier.handledSeconds,
  };
}

/** Calls a second that each queue should get, of all that come. */
function dueOf(queues: readonly Situation[]): number[] {
  const total = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0);
  const work = queues.map(({ past }) => workIn(past));
  const mean = total(work.map((one) => one.seconds)) / total(work.map((one) => one.calls));
  const lines = queues.map(({ slots, past }, index) => {
    const { calls = 0, seconds = 0 } = work[index] ?? {};
    const handleSeconds = (seconds + PRIOR_CALLS * mean) / (calls + PRIOR_CALLS);
    return { slots, handleSeconds, offered: past?.perSecond ?? 0 };
  });
  const offered = total(lines.map((one) => one.offered));
  const room = total(lines.map((one) => one.slots / one.handleSeconds));
  const spread = total(lines.map((one) => Math.sqrt(one.slots) / one.handleSeconds));
  const beta = (room - offered) / spread;
  return lines.map((one) =>
    Math.max(0, (one.slots - beta * Math.sqrt(one.slots)) / one.handleSeconds),
  );
}
