/**
 * A contact centre, event by event. Terms: a *stream* is calls that are routed alike, a *group* is
 * agents who are in the same queues. Callers wait in one line a queue; the agent who has been idle
 * longest takes the caller who has waited longest.
 *
 * Premise: two centres that differ in routing alone get the same callers. Each stream has chance of
 * its own, and each call draws four numbers whatever becomes of it: when it comes, where it goes,
 * how long it takes, how long it waits. The difference of two runs is then the routing's doing.
 *
 * This is not the simulator's traffic, and shares nothing with it: the one is judged by the other.
 */
import { chanceFrom, exponential, type Chance } from './chance.js';
import { Heap } from './heap.js';

export interface Centre {
  readonly queues: readonly {
    readonly handleSeconds: number;
    readonly patienceSeconds: number;
    /** Answered within so long is answered in time. */
    readonly withinSeconds: number;
  }[];
  readonly groups: readonly { readonly agents: number; readonly queues: readonly number[] }[];
  readonly streams: readonly Stream[];
}

export interface Stream {
  /** Of its chance: the same name has the same callers. */
  readonly name: string;
  readonly perSecond: number;
  /** Arrivals by these factors in turns, over and over; `[1]` where they are steady. */
  readonly shape: readonly number[];
  readonly routing: Routing;
}

export interface Routing {
  /** In the order in which they are tried; within one by weight, among those with room. */
  readonly tiers: readonly (readonly Way[])[];
  readonly fallback: number | null;
}

export interface Way {
  readonly queue: number;
  readonly weight: number;
  /** Most calls of the stream that the queue may hold; `null` for no limit. */
  readonly capacity: number | null;
  /** Part of its calls that come at all; 1 unless said. */
  readonly keeps?: number;
}

/** Of one queue and hour. */
export interface Tally {
  offered: number;
  inTime: number;
  abandoned: number;
  waitSeconds: number;
  /** Part of the time of the agents of the queue that they had a call, of whichever queue. */
  occupancy: number;
}

export interface Span {
  /** Not counted: an empty centre is no beginning. */
  readonly warmUpSeconds: number;
  readonly hours: number;
}

/** Seconds of one factor of a shape. */
export const SHAPE_SECONDS = 900;
const HOUR = 3600;

interface Call {
  readonly stream: number;
  readonly queue: number;
  readonly at: number;
  readonly handleSeconds: number;
  waits: boolean;
}

type Event =
  | { readonly is: 'end'; readonly group: number; readonly call: Call }
  | { readonly is: 'leave'; readonly call: Call }
  | { readonly is: 'come'; readonly stream: number };

/** By hour, then by queue. `seed` and the names of the streams say who calls. */
export function play(centre: Centre, seed: string, span: Span): Tally[][] {
  const run = new Play(centre, seed, span);
  run.run();
  return run.tallies();
}

class Play {
  private readonly events = new Heap<Event>();
  private readonly chances: readonly Chance[];
  private readonly lines: Call[][];
  /** Since when each idle agent of a group has been so; in that order. */
  private readonly idle: number[][];
  private readonly groupsOf: readonly (readonly number[])[];
  private readonly held: number[][];
  private readonly counts: Tally[][];
  private readonly busy: number[][];
  private readonly endsAt: number;

  constructor(
    private readonly centre: Centre,
    seed: string,
    private readonly span: Span,
  ) {
    const { queues, groups, streams } = centre;
    this.endsAt = span.warmUpSeconds + span.hours * HOUR;
    this.chances = streams.map(({ name }) => chanceFrom(`${seed} ${name}`));
    this.lines = queues.map(() => []);
    this.idle = groups.map(({ agents }) => Array.from({ length: agents }, () => 0));
    this.groupsOf = queues.map((_, queue) =>
      groups.flatMap((group, index) => (group.queues.includes(queue) ? [index] : [])),
    );
    this.held = streams.map(() => queues.map(() => 0));
    const hours = Array.from({ length: span.hours });
    this.counts = hours.map(() => queues.map(() => ({ ...NOTHING })));
    this.busy = hours.map(() => groups.map(() => 0));
  }

  run(): void {
    this.centre.streams.forEach((_, stream) => this.plan(stream, 0));
    for (let at = this.events.nextAt(); at < Infinity; at = this.events.nextAt()) {
      const event = this.events.take();
      if (event === undefined) return;
      if (event.is === 'come') this.come(event.stream, at);
      else if (event.is === 'leave') this.leave(event.call, at);
      else this.end(event.group, event.call, at);
    }
  }

  tallies(): Tally[][] {
    const { groups } = this.centre;
    return this.counts.map((tallies, hour) =>
      tallies.map((tally, queue) => {
        const own = this.groupsOf[queue] ?? [];
        const sum = (of: (group: number) => number): number =>
          own.reduce((total, group) => total + of(group), 0);
        const agents = sum((group) => groups[group]?.agents ?? 0);
        const busy = sum((group) => this.busy[hour]?.[group] ?? 0);
        return { ...tally, occupancy: agents === 0 ? 0 : Math.min(1, busy / agents / HOUR) };
      }),
    );
  }

  private plan(stream: number, from: number): void {
    const { perSecond = 0, shape = [1] } = this.centre.streams[stream] ?? {};
    const most = Math.max(...shape);
    if (!(perSecond * most > 0)) return;
    let left = exponential(this.draw(stream));
    let at = from;
    while (at < this.endsAt) {
      const turn = Math.floor(at / SHAPE_SECONDS);
      const rate = perSecond * (shape[turn % shape.length] ?? 0);
      const until = (turn + 1) * SHAPE_SECONDS;
      if (left < rate * (until - at)) {
        at += left / rate;
        if (at < this.endsAt) this.events.put(at, { is: 'come', stream });
        return;
      }
      left -= rate * (until - at);
      at = until;
    }
  }

  private draw(stream: number): number {
    return this.chances[stream]?.() ?? 0;
  }

  private come(stream: number, at: number): void {
    const [way, handle, patience] = [this.draw(stream), this.draw(stream), this.draw(stream)];
    this.plan(stream, at);
    const { queues } = this.centre;
    const queue = this.routed(stream, way);
    const { handleSeconds, patienceSeconds } = queues[queue ?? -1] ?? {};
    if (queue === null || handleSeconds === undefined || patienceSeconds === undefined) return;
    const lasts = exponential(handle) * handleSeconds;
    const call: Call = { stream, queue, at, handleSeconds: lasts, waits: true };
    this.hold(call, 1);
    const tally = this.tallyOf(call);
    if (tally !== null) tally.offered += 1;
    const group = this.longestIdle(queue);
    if (group !== null) {
      this.idle[group]?.shift();
      this.take(group, call, at);
      return;
    }
    this.lines[queue]?.push(call);
    this.events.put(at + exponential(patience) * patienceSeconds, { is: 'leave', call });
  }

  private routed(stream: number, luck: number): number | null {
    const { tiers = [], fallback = null } = this.centre.streams[stream]?.routing ?? {};
    for (const tier of tiers) {
      const open = tier.filter(
        ({ queue, weight, capacity }) =>
          weight > 0 && (capacity === null || (this.held[stream]?.[queue] ?? 0) < capacity),
      );
      if (open.length === 0) continue;
      let left = luck * open.reduce((sum, { weight }) => sum + weight, 0);
      const found = open.find(({ weight }) => (left -= weight) < 0) ?? open.at(-1);
      if (found === undefined) return null;
      // Where in its share the call fell is chance that nothing else was made of.
      const isKept = (left + found.weight) / found.weight < (found.keeps ?? 1);
      return isKept || found.keeps === undefined ? found.queue : null;
    }
    return fallback;
  }

  private longestIdle(queue: number): number | null {
    let [found, since] = [null as number | null, Infinity];
    for (const group of this.groupsOf[queue] ?? []) {
      const first = this.idle[group]?.[0] ?? Infinity;
      if (first < since) [found, since] = [group, first];
    }
    return found;
  }

  private take(group: number, call: Call, at: number): void {
    call.waits = false;
    const waited = at - call.at;
    const tally = this.tallyOf(call);
    if (tally !== null) {
      tally.waitSeconds += waited;
      if (waited <= (this.centre.queues[call.queue]?.withinSeconds ?? 0)) tally.inTime += 1;
    }
    this.work(group, at - this.span.warmUpSeconds, call.handleSeconds);
    this.events.put(at + call.handleSeconds, { is: 'end', group, call });
  }

  /** A call that lasts beyond its hour is work of the next one as well. */
  private work(group: number, from: number, seconds: number): void {
    const until = Math.min(from + seconds, this.span.hours * HOUR);
    for (let at = Math.max(0, from); at < until;) {
      const hour = Math.floor(at / HOUR);
      const end = Math.min(until, (hour + 1) * HOUR);
      const busy = this.busy[hour];
      if (busy !== undefined) busy[group] = (busy[group] ?? 0) + end - at;
      at = end;
    }
  }

  private end(group: number, call: Call, at: number): void {
    this.hold(call, -1);
    let next: Call | null = null;
    for (const queue of this.centre.groups[group]?.queues ?? []) {
      const [first] = this.lines[queue] ?? [];
      if (first !== undefined && (next === null || first.at < next.at)) next = first;
    }
    if (next === null) {
      this.idle[group]?.push(at);
      return;
    }
    this.lines[next.queue]?.shift();
    this.take(group, next, at);
  }

  private leave(call: Call, at: number): void {
    if (!call.waits) return;
    call.waits = false;
    this.hold(call, -1);
    const line = this.lines[call.queue];
    line?.splice(line.indexOf(call), 1);
    const tally = this.tallyOf(call);
    if (tally === null) return;
    tally.abandoned += 1;
    tally.waitSeconds += at - call.at;
  }

  private hold({ stream, queue }: Call, by: 1 | -1): void {
    const held = this.held[stream];
    if (held !== undefined) held[queue] = (held[queue] ?? 0) + by;
  }

  /** Of the hour in which it was offered; `null` where it is not counted. */
  private tallyOf({ at, queue }: Call): Tally | null {
    return this.counts[Math.floor((at - this.span.warmUpSeconds) / HOUR)]?.[queue] ?? null;
  }
}

const NOTHING: Tally = { offered: 0, inTime: 0, abandoned: 0, waitSeconds: 0, occupancy: 0 };
