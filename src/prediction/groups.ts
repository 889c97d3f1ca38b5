/**
 * Agents in their groups: those who are in the same queues. Where every queue has agents of its own
 * the books say with how many of them its callers met what they met; where agents are shared no
 * formula does, and the centre is played with more and fewer of all.
 */
import { addTo } from '../core/grouped.js';
import { play, type Centre, type Stream, type Tally } from './centre.js';
import { fitted, warmUpFor, type Traits } from './fit.js';
import type { MeasuredQueue, WhatIf } from './measured.js';

export interface Groups {
  readonly groups: Centre['groups'];
  /** Agents of each queue, those of several in each of theirs. */
  readonly counted: readonly number[];
  /** By queue: how far the model is from the calls answered in time, and from those lost; parts. */
  readonly off: readonly number[];
  readonly lostOff: readonly number[];
}

/** `led`: how calls come where some go past a full target; what comes next no formula says. */
export function groupsOf(
  queues: readonly MeasuredQueue[],
  traits: readonly Traits[],
  led: readonly Stream[] | null = null,
): Groups {
  const shared = sharedGroups(queues);
  if (led === null && shared === null) return apart(queues, traits);
  const groups = shared ?? queues.map(({ slots }, at) => ({ queues: [at], agents: slots ?? 0 }));
  return together(groups, queues, traits, led ?? queues.map(directIn(traits)));
}

function apart(queues: readonly MeasuredQueue[], traits: readonly Traits[]): Groups {
  const fits = queues.map(({ slots, withinSeconds }, index) => {
    const one = traits[index];
    const isSilent = one === undefined || one.offered === 0 || one.handled === 0;
    if (isSilent) return { agents: slots ?? 0, off: 0, lostOff: 0 };
    return fitted(one, slots ?? 0, withinSeconds);
  });
  return {
    groups: fits.map(({ agents }, index) => ({ agents, queues: [index] })),
    counted: fits.map(({ agents }) => agents),
    off: fits.map(({ off }) => off),
    lostOff: fits.map(({ lostOff }) => lostOff),
  };
}

/**
 * More or fewer agents in a queue: those who are in it alone come or go first, and those who are in
 * others as well only where none of them is left. On queue is not at work: of those who come as
 * many are as of those who are there.
 */
export function staffed(agents: Groups, queues: readonly MeasuredQueue[], whatIf?: WhatIf): Groups {
  const groups = agents.groups.map((one) => ({ ...one }));
  for (const [index, { id, slots }] of queues.entries()) {
    const wanted = whatIf?.slots.get(id);
    if (wanted === undefined || slots === null || slots === 0) continue;
    const counted = agents.counted[index] ?? 0;
    const more = wanted === 0 ? -counted : (wanted - slots) * (counted / slots);
    const own = groups
      .filter((one) => one.queues.includes(index))
      .sort((a, b) => a.queues.length - b.queues.length);
    const alone = own.find((one) => one.queues.length === 1);
    if (more > 0 && alone === undefined) groups.push({ agents: more, queues: [index] });
    else if (more > 0 && alone !== undefined) alone.agents += more;
    let fewer = Math.max(0, -more);
    for (const group of own) {
      const by = Math.min(fewer, group.agents);
      group.agents -= by;
      fewer -= by;
    }
  }
  const counted = queues.map((_, index) =>
    groups.reduce((sum, one) => sum + (one.queues.includes(index) ? one.agents : 0), 0),
  );
  return { ...agents, groups, counted };
}

/** Whether anybody is in two of them, as far as somebody asked. */
export function areShared(queues: readonly MeasuredQueue[]): boolean {
  return sharedGroups(queues) !== null;
}

interface Shared {
  readonly queues: readonly number[];
  /** Who are on queue, as far as counts of queues can say it. */
  readonly agents: number;
}

/** `null` where nobody is in two queues, or nobody asked who is in which. */
function sharedGroups(queues: readonly MeasuredQueue[]): Shared[] | null {
  const queuesOf = new Map<string, number[]>();
  for (const [index, { members }] of queues.entries()) {
    if (members === null) return null;
    for (const id of members) addTo(queuesOf, id, index);
  }
  const sizes = new Map<string, { readonly queues: readonly number[]; count: number }>();
  for (const own of queuesOf.values()) {
    const key = own.join();
    const found = sizes.get(key) ?? { queues: own, count: 0 };
    found.count += 1;
    sizes.set(key, found);
  }
  const groups = [...sizes.values()];
  if (groups.every((one) => one.queues.length === 1)) return null;
  const present = queues.map(
    ({ slots, members }) => (slots ?? 0) / Math.max(1, members?.length ?? 0),
  );
  return groups.map((one) => ({
    queues: one.queues,
    agents:
      (one.count * one.queues.reduce((sum, queue) => sum + (present[queue] ?? 0), 0)) /
      one.queues.length,
  }));
}

const SCALES = [0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2];
const TRIAL_HOURS = 24;

function together(
  shared: readonly Shared[],
  queues: readonly MeasuredQueue[],
  traits: readonly Traits[],
  streams: readonly Stream[],
): Groups {
  const trials = SCALES.map((scale) => {
    const groups = shared.map((one) => ({
      queues: one.queues,
      agents: Math.max(0, Math.round(one.agents * scale)),
    }));
    const met = metIn(groups, queues, traits, streams);
    const off = met.map(({ served }, index) =>
      Math.abs(served - (traits[index]?.served ?? served)),
    );
    const lostOff = met.map(({ lost }, index) => Math.abs(lost - (traits[index]?.lost ?? lost)));
    const sum = [...off, ...lostOff].reduce((total, one) => total + one, 0);
    return { groups, off, lostOff, sum };
  });
  const [best] = [...trials].sort((a, b) => a.sum - b.sum);
  const { groups = [], off = [], lostOff = [] } = best ?? {};
  const counted = queues.map((_, queue) =>
    groups.reduce((sum, one) => sum + (one.queues.includes(queue) ? one.agents : 0), 0),
  );
  return { groups, counted, off, lostOff };
}

/** To each queue as many as came there. */
function directIn(traits: readonly Traits[]): (queue: MeasuredQueue, at: number) => Stream {
  return ({ id }, queue) => ({
    name: id,
    perSecond: traits[queue]?.callsPerSecond ?? 0,
    shape: traits[queue]?.shape ?? [1],
    routing: { tiers: [[{ queue, weight: 1, capacity: null }]], fallback: null },
  });
}

/** What callers of each queue meet. */
function metIn(
  groups: Centre['groups'],
  queues: readonly MeasuredQueue[],
  traits: readonly Traits[],
  streams: readonly Stream[],
): { readonly served: number; readonly lost: number }[] {
  const centre: Centre = {
    groups,
    queues: queues.map(({ withinSeconds }, index) => ({
      withinSeconds,
      handleSeconds: traits[index]?.handleSeconds || 240,
      patienceSeconds: traits[index]?.patienceSeconds ?? 180,
    })),
    streams,
  };
  const span = { warmUpSeconds: warmUpFor(traits), hours: TRIAL_HOURS };
  const tallies = play(centre, 'trial', span);
  return queues.map((_, queue) => {
    const sum = (of: (one: Tally) => number): number =>
      tallies.reduce((total, hour) => total + (hour[queue] === undefined ? 0 : of(hour[queue])), 0);
    const offered = Math.max(
      1,
      sum((one) => one.offered),
    );
    return {
      served: sum((one) => one.inTime) / offered,
      lost: sum((one) => one.abandoned) / offered,
    };
  });
}
