/**
 * `level`: a weight goes up by a small part where its queue holds less than its due, and down where
 * it holds more.
 *
 * Source: the square-root rule (see `square-root.ts`) on what is seen at the moment. With n slots
 * each and L interactions in all, with an agent or waiting, each queue is due n − β √n of them, and
 * β = (Σ n − L) ÷ Σ √n. The step is made again and again, so that it comes to rest only where every
 * queue holds its due, however long calls take there and whoever else sends some. It needs no
 * figures of the past, and is slower than what has them.
 */
import { scaledTo, type Load, type Situation, type Steering } from './policy.js';

/** No step changes a weight by a greater part. */
const GREATEST_PART = 0.15;

export const level: Steering = {
  steers: true,
  wantsPast: false,
  formula: 'weight x exp(gain x (due - held) / slots), due = slots - b x sqrt(slots)',
  unit: 'weight',
  weights(queues, max, gain) {
    const { excess } = levelOf(queues);
    const bases = followingSlots(queues);
    const stepped = queues.map((queue, index) => {
      const part = Math.max(-GREATEST_PART, Math.min(-gain * excess(queue), GREATEST_PART));
      return (bases[index] ?? 0) * Math.exp(part);
    });
    return scaledTo(max, stepped);
  },
};

/**
 * The weights, each grown or shrunk as its slots have been since it was last moved. Slots do not
 * depend on weights, so that what follows them cannot swing. Where there were none the weight says
 * nothing, and a queue gets as much a slot as the others have.
 */
export function followingSlots(
  queues: readonly Pick<Situation, 'weight' | 'slots' | 'slotsBefore'>[],
): number[] {
  const known = queues.filter(({ weight, slotsBefore }) => weight > 0 && slotsBefore > 0);
  const weights = known.reduce((sum, { weight }) => sum + weight, 0);
  const before = known.reduce((sum, { slotsBefore }) => sum + slotsBefore, 0);
  const each = known.length === 0 ? 1 : weights / before;
  return queues.map(({ weight, slots, slotsBefore }) =>
    weight > 0 && slotsBefore > 0 ? (weight * slots) / slotsBefore : each * slots,
  );
}

/** How much more each of these holds than its due, a slot; below 0 where it is less. */
export function levelOf(queues: readonly Load[]): { readonly excess: (queue: Load) => number } {
  const held = ({ interacting, waiting }: Load): number => interacting + waiting;
  const slots = queues.reduce((sum, queue) => sum + queue.slots, 0);
  const roots = queues.reduce((sum, queue) => sum + Math.sqrt(queue.slots), 0);
  const beta = (slots - queues.reduce((sum, queue) => sum + held(queue), 0)) / roots;
  return {
    excess: (queue) => (held(queue) - (queue.slots - beta * Math.sqrt(queue.slots))) / queue.slots,
  };
}
