/**
 * What changed strategies will do to callers, from what was counted of their queues.
 *
 * Queues that a changed strategy leads to before or after belong together, and so do those of two
 * that share one: such a *neighbourhood* is simulated as a whole, many times, before and after the
 * change with the same callers. Each time arrivals, patience and handle times are drawn from what
 * the counts leave open, so that the ranges hold what nobody knows as well as what chance does. A
 * neighbourhood of which too little is known, or whose past the model does not say, is refused:
 * with a reason, and never with a number.
 */
import { addTo } from '../core/grouped.js';
import type { Predicted, PredictedQueue } from '../core/prediction.js';
import { plural } from '../core/plural.js';
import { play, type Centre, type Routing, type Stream, type Tally } from './centre.js';
import { chanceFrom, gamma, normal, type Chance } from './chance.js';
import { byChance, roomFor, shapeOf, traitsOf, warmUpFor, type Traits } from './fit.js';
import { toldApart } from './flows.js';
import { bookedPair, isInBooks } from './by-books.js';
import { comparedQueue } from './compared.js';
import { areShared, groupsOf, staffed, type Groups } from './groups.js';
import type { Neighbourhood, Pair } from './neighbourhood.js';
import {
  overflows,
  PART_SECONDS,
  queuesIn,
  reachedIn,
  sharesIn,
  withinReach,
  type Asked,
  type Flow,
  type MeasuredQueue,
  type Ways,
  type WhatIf,
} from './measured.js';

const HOURS = 4;
const MOST_RUNS = 40;
const FEWEST_RUNS = 8;
/** Of all neighbourhoods together: a plan of many changes takes seconds, not minutes. */
const MOST_CALLS = 1_000_000;
const MOST_CALLS_EACH = 200_000;
/** One that would take more by itself is not played, and where the books do, so many shares. */
const MOST_CALLS_ALONE = 500_000;
const MOST_SHARES = 4;
/** What is over is said by the books, where they can say it. */
const MOST_PLAYED = 40;
const LEFT = `${MOST_PLAYED} changes are played, those that move most`;

/** Fewer calls in a window say nothing worth a number. */
const FEWEST_OFFERED = 60;
const FEWEST_HANDLED = 10;
/** A model that is further from what the callers of the window met is not this centre's. */
const MOST_OFF = 0.05;
const MOST_LOST_OFF = 0.03;
/** What is played is off by chance as well. */
const PLAYED = 2;
const MOST_CALLS_OFF = 0.2;
/** More work than agents can do has no steady state. */
const OVERLOAD = 1.3;
/** Where hours are like each other the counts alone say it: test/bench/prediction-results.md. */
const USUAL_WIDENING = 1;

/** One for each changed strategy, in their order. */
export function predict(all: Asked): Predicted[] {
  const asked = withinReach(all);
  const changed = asked.flows.filter(({ changes }) => changes);
  const open = changed.filter(({ refused }) => refused === null);
  const neighbourhoods = neighbourhoodsOf(open, asked).sort((a, b) => movesIn(b) - movesIn(a));
  const count = Math.min(MOST_PLAYED, Math.max(1, neighbourhoods.length));
  const calls = Math.min(MOST_CALLS_EACH, MOST_CALLS / count);
  const found = new Map<Flow, Predicted>();
  const measured = indexOf(asked);
  for (const [place, flows] of neighbourhoods.entries()) {
    const most = place < MOST_PLAYED ? calls : 0;
    for (const [flow, one] of predicted(flows, measured, most)) found.set(flow, one);
  }
  return changed.map(
    (flow) => found.get(flow) ?? refusal(flow, flow.refused ?? 'nothing is known'),
  );
}

/** What was asked with, to be looked up: a plan has many neighbourhoods. */
interface Measured {
  readonly asked: Asked;
  readonly queues: ReadonlyMap<string, MeasuredQueue>;
  /** By queue: places of the flows that lead there as they are. */
  readonly leading: ReadonlyMap<string, readonly number[]>;
}

function indexOf(asked: Asked): Measured {
  const leading = new Map<string, number[]>();
  for (const [place, { before }] of asked.flows.entries()) {
    for (const id of new Set(reachedIn(before))) addTo(leading, id, place);
  }
  return { asked, queues: new Map(asked.queues.map((one) => [one.id, one])), leading };
}

/** In the order in which they were asked with. */
function leadingTo(ids: Iterable<string>, { asked, leading }: Measured): Flow[] {
  const places = new Set([...ids].flatMap((id) => leading.get(id) ?? []));
  return [...places].sort((a, b) => a - b).flatMap((place) => asked.flows[place] ?? []);
}

function refusal({ address, notes }: Flow, refused: string, calls = 0): Predicted {
  return { address, refused, notes, calls, fit: null, queues: [] };
}

/** The greatest part of calls that goes elsewhere, of all of them. */
function movesIn(flows: readonly Flow[]): number {
  const moved = flows.flatMap(({ before, after }) => {
    const [was, will] = [sharesIn(before), sharesIn(after)];
    return [...new Set([...was.keys(), ...will.keys()])].map((id) =>
      Math.abs((will.get(id) ?? 0) - (was.get(id) ?? 0)),
    );
  });
  return Math.max(0, ...moved);
}

/** Those that share a queue are together, through others too. */
function neighbourhoodsOf(flows: readonly Flow[], asked: Asked): Flow[][] {
  const sets: { flows: Flow[]; queues: Set<string> }[] = [];
  for (const flow of flows) {
    const queues = new Set(touchedBy(flow, asked));
    const near = sets.filter((one) => [...queues].some((id) => one.queues.has(id)));
    for (const one of near) {
      for (const id of one.queues) queues.add(id);
      sets.splice(sets.indexOf(one), 1);
    }
    sets.push({ flows: [...near.flatMap((one) => one.flows), flow], queues });
  }
  return sets.map((one) => one.flows);
}

function touchedBy({ before, after }: Flow, { whatIf }: Asked): string[] {
  const asked = queuesIn(before).filter((id) => whatIf?.slots.has(id) || whatIf?.calls.has(id));
  return [...new Set([...reachedIn(before), ...reachedIn(after), ...asked])];
}

function predicted(
  flows: readonly Flow[],
  measured: Measured,
  mostCalls: number,
): (readonly [Flow, Predicted])[] {
  const { asked } = measured;
  const isPlayed =
    areShared(queuesOf(flows, measured)) ||
    flows.some(({ before, after }) => overflows(before) || overflows(after));
  const isLeft = mostCalls === 0 && isPlayed;
  // To find how many agents there are would be as much work as to play.
  const known = isLeft ? LEFT : knownOf(flows, measured);
  if (typeof known === 'string') return flows.map((flow) => [flow, refusal(flow, known)] as const);
  const calls = known.traits.reduce((sum, { offered }) => sum + offered, 0);
  const rates = known.traits.reduce((sum, one) => sum + one.callsPerSecond, 0);
  const each = rates * (warmUpFor(known.traits) + HOURS * 3600) * 2;
  const least = each * FEWEST_RUNS;
  const isTooMuch =
    mostCalls === 0 ||
    least > MOST_CALLS_ALONE ||
    (least > MOST_SHARES * mostCalls && isInBooks(known));
  if (isTooMuch && !isInBooks(known)) {
    const count = plural(known.queues.length, 'queue');
    const why = mostCalls === 0 ? LEFT : `${count} that hang together are too many to be played`;
    return flows.map((flow) => [flow, refusal(flow, why, calls)] as const);
  }
  const most = asked.mostRuns ?? MOST_RUNS;
  const enough = Math.round(Math.min(most, Math.max(FEWEST_RUNS, mostCalls / each)));
  const runs = isTooMuch ? MOST_RUNS : enough;
  const seed = `${asked.seed} ${flows.map(({ address }) => address).join(' ')}`;
  const pairs = Array.from({ length: runs }, (_, run) =>
    pairOf(known, `${seed} ${run}`, { byBooks: isTooMuch, turn: run / runs }),
  );
  const widen = asked.widen ?? USUAL_WIDENING;
  // Of what nobody has come to, a handful of calls say nothing.
  const isUnknown = (index: number): boolean =>
    known.flows.some(({ after }) => overflows(after)) && known.traits[index]?.offered === 0;
  const compared = known.queues.map((queue, index) => ({
    ...queue,
    found: isUnknown(index) ? null : comparedQueue(queue, index, pairs, widen),
  }));
  const missed = missedBefore(known, compared, pairs) ?? reachedLater(known, pairs);
  if (missed !== null) return flows.map((flow) => [flow, refusal(flow, missed, calls)] as const);
  const fit = fitOf(known, compared);
  return flows.map((flow) => {
    const ids = new Set(touchedBy(flow, asked));
    const own = compared.filter(({ id }) => ids.has(id));
    const queues = own.flatMap(({ found }) => found ?? []);
    const silent = own.filter(({ found }) => found === null);
    const { address } = flow;
    const opening = known.isOpening
      ? [`nobody called before: only the ${known.parts / 4} h since the first call are used`]
      : [];
    const silence = silent.map((queue) => silenceOf(queue, known));
    const notes = [...flow.notes, ...opening, ...silence];
    const one = { address, refused: null, notes, calls, fit, queues };
    return [flow, isTooMuch ? { ...one, byBooks: true as const } : one] as const;
  });
}

/** Calls may be led to where nobody has called, as at night: that is not to get none. */
function silenceOf(
  { id, name }: Pick<MeasuredQueue, 'id' | 'name'>,
  { flows, queues, factors, parts }: Neighbourhood,
): string {
  const isAsked = factors[queues.findIndex((one) => one.id === id)] !== 0;
  const isLed = flows.some(({ after }) => {
    return overflows(after) ? queuesIn(after).includes(id) : (sharesIn(after).get(id) ?? 0) > 0;
  });
  return isAsked && isLed ? `nobody called ${name} in ${parts / 4} h` : `${name} will get no calls`;
}

/** Queues in their order, with what was found of each. */
type Found = readonly { readonly found: PredictedQueue | null }[];

/**
 * How far the model is from what was counted, in calls answered in time. Where calls may go past a
 * target it is played that way; elsewhere the next hour is not the last: what came by chance to one
 * queue more than its share did not stay.
 */
function fitOf({ agents, flows, traits }: Neighbourhood, compared: Found): number {
  const isLedOn = flows.some(({ before }) => overflows(before));
  const off = traits.flatMap(({ offered, served }, index) => {
    if (offered === 0) return [];
    const before = compared[index]?.found?.served.before;
    const isPlayed = isLedOn && served !== null && before !== undefined;
    return [agents.off[index] ?? 0, isPlayed ? Math.abs(before - served) : 0];
  });
  return Math.max(0, ...off);
}

/**
 * Where calls may go past a target, whose they are shows only when the centre is played: what then
 * comes to other queues than really did was led by a wrong guess.
 */
function missedBefore(
  known: Neighbourhood,
  compared: Found,
  pairs: readonly Pair[],
): string | null {
  const { flows, queues, traits, parts } = known;
  if (!flows.some(({ before }) => overflows(before))) return null;
  for (const [index, { name }] of queues.entries()) {
    const { offered = 0, served = null, lost = 0 } = traits[index] ?? {};
    const { found = null } = compared[index] ?? {};
    if (offered < FEWEST_OFFERED) continue;
    const hours = pairs.flatMap(({ before }) => before);
    const each = hours.reduce((sum, hour) => sum + (hour[index]?.offered ?? 0), 0) / hours.length;
    const came = (each * parts * PART_SECONDS) / 3600;
    const isFar = Math.abs(came / offered - 1) > MOST_CALLS_OFF;
    if (isFar && Math.abs(came - offered) > 4 * Math.sqrt(Math.max(came, offered))) {
      const count = Math.round(came);
      return `the model leads ${count} calls to ${name} where ${Math.round(offered)} came`;
    }
    const off = served === null || found === null ? 0 : Math.abs(found.served.before - served);
    const lostOff = found === null ? 0 : Math.abs(found.abandoned.before - lost);
    if (off > PLAYED * MOST_OFF || lostOff > PLAYED * MOST_LOST_OFF) {
      return missedText(name, off, lostOff);
    }
  }
  return null;
}

function missedText(name: string, off: number, lostOff: number): string {
  const [points, lost] = [off, lostOff].map((one) => (one * 100).toFixed(0)) as [string, string];
  const missed = `${points} points of calls in time, ${lost} of calls lost`;
  return `the model does not say what callers of ${name} met: ${missed}`;
}

function queuesOf(flows: readonly Flow[], { asked, queues }: Measured): MeasuredQueue[] {
  const ids = [...new Set(flows.flatMap((flow) => touchedBy(flow, asked)))];
  return ids.flatMap((id) => queues.get(id) ?? []);
}

/** A text is why nothing can be said. */
function knownOf(flows: readonly Flow[], measured: Measured): Neighbourhood | string {
  const ids = [...new Set(flows.flatMap((flow) => touchedBy(flow, measured.asked)))];
  const found = queuesOf(flows, measured);
  if (found.length < ids.length) return 'a queue is not known in the org';
  const settled = Math.min(...flows.map(({ settledParts = Infinity }) => settledParts));
  const counted = found.map((one) => newestOf(one, settled));
  const open = openParts(counted);
  const queues = counted.map((one) => newestOf(one, open));
  const traits = queues.map(traitsOf);
  const parts = Math.max(...queues.map((one) => one.parts.length));
  const { whatIf } = measured.asked;
  const silent = new Set(queues.flatMap(({ id }, at) => (traits[at]?.offered === 0 ? id : [])));
  const moved = flows.flatMap((flow) => movedBy(flow, silent));
  const touched = new Set(
    whatIf === undefined ? moved : ids.filter((id) => isMet(id, flows, whatIf) || !silent.has(id)),
  );
  const few = tooFew(queues, traits, touched, parts);
  if (few !== null) return few;
  const others = leadingTo(ids, measured).filter((one) => !flows.includes(one));
  // Whose calls are whose matters where they are to go another way.
  const like = flows.flatMap((flow) => {
    const all = [...others, ...flows.filter((one) => one !== flow && !isSameWay(one, flow))];
    return whatIf ? [] : (alike(flow, all) ?? []);
  })[0];
  if (like !== undefined) return like;
  const calls = new Map(queues.map((one, index) => [one.id, traits[index]?.offered ?? 0]));
  // What leads to one queue alone leaves no pattern there: its calls stay, as those of others do.
  const patterned = others.filter((one) => usedShares(one, calls).size > 1);
  const all = [...flows, ...patterned];
  const told = toldApart({ calls, shares: all.map((one) => usedShares(one, calls)) });
  const own = flows.map((_, index) => told.own[index] ?? 0);
  const theirs = queues.map(({ id }) => {
    const rest = all.slice(flows.length).reduce((sum, one, index) => {
      const share = usedShares(one, calls).get(id) ?? 0;
      return sum + share * (told.own[flows.length + index] ?? 0);
    }, 0);
    return (told.others.get(id) ?? 0) + rest;
  });
  const led = { flows, queues, traits, own, others: theirs, parts };
  const isLedOn = flows.some(({ before }) => overflows(before));
  const streams = isLedOn ? streamsOf({ ...led, factors: [] }, [], 'before') : null;
  const agents = groupsOf(queues, traits, streams);
  const known = {
    ...led,
    isOpening: open < Math.max(...counted.map((one) => one.parts.length)),
    agents,
    agentsAfter: staffed(agents, queues, whatIf),
    factors: queues.map(({ id }) => whatIf?.calls.get(id) ?? 1),
  };
  return doubtful(known, touched) ?? known;
}

/** How many parts there are from the first call on: before opening nobody calls, whatever comes. */
function openParts(queues: readonly MeasuredQueue[]): number {
  const open = queues.map(({ parts }) => {
    const first = parts.findIndex(({ offered }) => offered > 0);
    return first < 0 ? 0 : parts.length - first;
  });
  const most = Math.max(0, ...open);
  return most === 0 ? Infinity : most;
}

function newestOf(queue: MeasuredQueue, count: number): MeasuredQueue {
  if (count >= queue.parts.length) return queue;
  const parts = queue.parts.slice(-count);
  return { ...queue, parts, slots: queue.isGuessed ? roomFor(parts) : queue.slots };
}

/** Queues whose part of the calls is another afterwards. */
function movedBy({ before, after }: Flow, silent: ReadonlySet<string>): string[] {
  const [was, will] = [sharesIn(before), sharesIn(after)];
  const ids = [...new Set([...reachedIn(before), ...reachedIn(after)])];
  const isCapped = overflows(before) || overflows(after);
  const isOther = (id: string): boolean => (was.get(id) ?? 0) !== (will.get(id) ?? 0);
  // What nobody has come to yet, where others were full: `reachedLater` says whether it matters.
  return ids.filter((id) => isOther(id) || (isCapped && !silent.has(id)));
}

/** Whether calls are led there as long as there is room, or somebody asks for it. */
function isMet(id: string, flows: readonly Flow[], { slots, calls }: WhatIf): boolean {
  const isLed = flows.some(({ before }) => (sharesIn(before).get(id) ?? 0) > 0);
  return isLed || slots.has(id) || calls.has(id);
}

/** Of the calls of an hour; fewer change nothing for whoever is there. */
const HARDLY_ANY = 0.02;

/** A queue that nobody came to, and that calls go on to afterwards: nothing is known of it. */
function reachedLater(
  { flows, queues, traits, parts }: Neighbourhood,
  pairs: readonly Pair[],
): string | null {
  if (!flows.some(({ after }) => overflows(after))) return null;
  const hours = pairs.flatMap(({ after }) => after);
  const callsOf = (at: number): number =>
    hours.reduce((sum, hour) => sum + (hour[at]?.offered ?? 0), 0) / hours.length;
  const all = queues.reduce((sum, _, at) => sum + callsOf(at), 0);
  const found = queues.find((_, at) => traits[at]?.offered === 0 && callsOf(at) > HARDLY_ANY * all);
  if (found === undefined) return null;
  const needed = `in ${parts / 4} h nobody called it (${FEWEST_OFFERED} calls needed)`;
  return `calls would go on to ${found.name}, and ${needed}`;
}

function tooFew(
  queues: readonly MeasuredQueue[],
  traits: readonly Traits[],
  touched: ReadonlySet<string>,
  parts: number,
): string | null {
  for (const [index, { id, name, slots, onQueue = null }] of queues.entries()) {
    const { offered = 0, handled = 0 } = traits[index] ?? {};
    const hours = `${parts / 4} h`;
    if (slots === null && onQueue !== null) {
      return `the org's utilization settings say nothing of calls`;
    }
    if (slots === null) return `the platform says nothing of ${name}`;
    if (!touched.has(id) && offered === 0) continue;
    if (slots === 0 && (onQueue ?? 0) > 0) return `agents of ${name} may have 0 calls at a time`;
    if (slots === 0) return `no agent of ${name} is on queue`;
    if (offered < FEWEST_OFFERED) {
      return `only ${plural(offered, 'call')} of ${name} in ${hours} (${FEWEST_OFFERED} needed)`;
    }
    if (handled < FEWEST_HANDLED) {
      return `only ${handled} calls of ${name} handled in ${hours} (${FEWEST_HANDLED} needed)`;
    }
  }
  return null;
}

/** Another strategy that sends calls to the same queues leaves the same pattern. */
function alike(flow: Flow, others: readonly Flow[]): string | null {
  const own = new Set(reachedIn(flow.before));
  const same = others.find((one) => reachedIn(one.before).filter((id) => own.has(id)).length > 1);
  if (same === undefined) return null;
  return `${same.address} sends calls to the same queues: whose they are cannot be told`;
}

/** Two that lead the same way before and after: whose the calls are is all the same. */
function isSameWay(one: Flow, other: Flow): boolean {
  return (['before', 'after'] as const).every(
    (ways) => JSON.stringify(one[ways]) === JSON.stringify(other[ways]),
  );
}

/** Where calls may overflow, weights do not say where they go: what was counted does. */
function usedShares(flow: Flow, calls: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  if (!overflows(flow.before)) {
    return flow.shares === null ? sharesIn(flow.before) : new Map(Object.entries(flow.shares));
  }
  const ids = queuesIn(flow.before).filter((id) => calls.has(id));
  const sum = ids.reduce((total, id) => total + (calls.get(id) ?? 0), 0);
  return new Map(ids.map((id) => [id, sum === 0 ? 0 : (calls.get(id) ?? 0) / sum]));
}

function doubtful(known: Neighbourhood, touched: ReadonlySet<string>): string | null {
  const { agents, agentsAfter, queues, traits, flows, own, others, factors, parts } = known;
  const slack = flows.some(({ before }) => overflows(before)) ? PLAYED : 1;
  for (const [index, queue] of queues.entries()) {
    if (!touched.has(queue.id)) continue;
    const [off = 0, lostOff = 0] = [agents.off[index], agents.lostOff[index]];
    const { served, lost: gone = 0, offered = 0 } = traits[index] ?? {};
    if (!((agentsAfter.counted[index] ?? 0) > 0)) {
      return `no agent of ${queue.name} would be on queue`;
    }
    const mostOff = Math.max(slack * MOST_OFF, byChance(served ?? 0, offered));
    if (off > mostOff || lostOff > Math.max(slack * MOST_LOST_OFF, byChance(gone, offered))) {
      return missedText(queue.name, off, lostOff);
    }
    const calls = flows.reduce((sum, flow, at) => {
      if (overflows(flow.after)) return sum;
      return sum + (own[at] ?? 0) * (sharesIn(flow.after).get(queue.id) ?? 0);
    }, others[index] ?? 0);
    const perSecond = (calls * (factors[index] ?? 1)) / (parts * PART_SECONDS);
    const work = perSecond * (traits[index]?.handleSeconds ?? 0);
    const load = work / Math.max(1, agentsAfter.counted[index] ?? 0);
    if (load > OVERLOAD) {
      return `overload: ${Math.round(load * 100)} % of what the agents of ${queue.name} can do`;
    }
  }
  return null;
}

interface Way {
  readonly byBooks: boolean;
  /** Where in the shape of the arrivals it begins, as a part of it. */
  readonly turn: number;
}

function pairOf(known: Neighbourhood, seed: string, { byBooks, turn }: Way): Pair {
  const chance = chanceFrom(`${seed} what nobody knows`);
  const drawn = drawnFrom(known, chance);
  // Of a part of an agent there is one or there is none: the same before and after.
  const luck = known.agentsAfter.groups.map(() => chance());
  const whole = ({ groups }: Groups): Centre['groups'] =>
    groups.map((one, at) => ({ ...one, agents: Math.floor(one.agents + (luck[at] ?? 0)) }));
  if (byBooks) {
    const [before, after] = [whole(known.agents), whole(known.agentsAfter)];
    return bookedPair(known, drawn, { before, after }, chance);
  }
  const played = (ways: 'before' | 'after'): Tally[][] => {
    const groups = whole(ways === 'before' ? known.agents : known.agentsAfter);
    const streams = streamsOf(known, drawn.factors, ways).map((one) => turned(one, turn));
    const span = { warmUpSeconds: warmUpFor(known.traits), hours: HOURS };
    return play({ ...drawn, groups, streams }, seed, span);
  };
  return { before: played('before'), after: played('after') };
}

/** What the counts leave open: one value of it. */
function drawnFrom(
  { queues, traits, own, others }: Neighbourhood,
  chance: Chance,
): Pick<Centre, 'queues'> & { readonly factors: readonly number[] } {
  const ratio = (count: number): number => gamma(chance, count + 0.5) / Math.max(count, 0.5);
  return {
    queues: queues.map(({ withinSeconds }, index) => {
      const { handled = 0, abandoned = 0, handleSeconds = 240 } = traits[index] ?? {};
      const { patienceSeconds = 180 } = traits[index] ?? {};
      const spread = handled === 0 ? 0 : 1 / Math.sqrt(handled);
      return {
        withinSeconds,
        handleSeconds: (handleSeconds || 240) * Math.max(0.2, 1 + spread * normal(chance)),
        patienceSeconds: patienceSeconds / ratio(abandoned),
      };
    }),
    factors: [...own, ...others].map(ratio),
  };
}

function streamsOf(
  known: Omit<Neighbourhood, 'agents' | 'agentsAfter' | 'isOpening'>,
  factors: readonly number[],
  ways: 'before' | 'after',
): Stream[] {
  const { flows, queues, traits, own, others, parts } = known;
  const index = new Map(queues.map(({ id }, at) => [id, at]));
  const rate = (calls: number, at: number): number =>
    (calls / (parts * PART_SECONDS)) * (factors[at] ?? 1);
  const grown = known.factors.map((one) => (ways === 'after' ? one : 1));
  return [
    ...flows.map((flow, at): Stream => ({
      name: flow.address,
      perSecond: rate(own[at] ?? 0, at),
      shape: shapeIn(flow, queues),
      routing: keeping(routingOf(flow[ways], index), grown),
    })),
    ...queues.map((queue, at): Stream => ({
      name: `others ${queue.id}`,
      perSecond: rate(others[at] ?? 0, flows.length + at),
      shape: traits[at]?.shape ?? [1],
      routing: keeping(directTo(at), grown),
    })),
    // Who comes more comes besides: the callers of before are the same.
    ...queues.flatMap(({ id }, at): Stream[] => {
      const more = Math.max(0, (grown[at] ?? 1) - 1) * (traits[at]?.offered ?? 0);
      const [name, routing] = [`more ${id}`, directTo(at)];
      const one = { name, perSecond: rate(more, -1), shape: traits[at]?.shape ?? [1], routing };
      return more === 0 ? [] : [one];
    }),
  ];
}

/**
 * What is counted of a run is no whole number of shapes. Each begins elsewhere, all together
 * everywhere: else some quarters of an hour would be met twice as often as others.
 */
function turned(stream: Stream, turn: number): Stream {
  const at = Math.floor(turn * stream.shape.length);
  return { ...stream, shape: [...stream.shape.slice(at), ...stream.shape.slice(0, at)] };
}

function directTo(queue: number): Routing {
  return { tiers: [[{ queue, weight: 1, capacity: null }]], fallback: null };
}

/** Where fewer are to come, a part of the same callers stays away. */
function keeping(routing: Routing, grown: readonly number[]): Routing {
  if (grown.every((one) => one >= 1)) return routing;
  const tiers = routing.tiers.map((tier) =>
    tier.map((way) => ({ ...way, keeps: Math.min(1, grown[way.queue] ?? 1) })),
  );
  return { ...routing, tiers };
}

/**
 * A strategy's calls come in the shape of all that its queues get together: one of them may be
 * where only those go that are too many, or may have a shape by the calls of others.
 */
function shapeIn({ before }: Flow, queues: readonly MeasuredQueue[]): readonly number[] {
  const shares = sharesIn(before);
  const ids = new Set(overflows(before) ? queuesIn(before) : shares.keys());
  const all = queues.filter(({ id }) => ids.has(id) && (overflows(before) || shares.get(id) !== 0));
  const length = Math.max(0, ...all.map(({ parts }) => parts.length));
  return shapeOf(
    Array.from({ length }, (_, at) => ({
      offered: all.reduce((sum, { parts }) => sum + (parts[at]?.offered ?? 0), 0),
    })),
  );
}

export function routingOf(ways: Ways, index: ReadonlyMap<string, number>): Routing {
  const indexOf = (id: string): number => index.get(id) ?? -1;
  return {
    tiers: ways.tiers.map((tier) =>
      tier.map(({ queue, ...way }) => ({ ...way, queue: indexOf(queue) })),
    ),
    fallback: ways.fallback === null ? null : indexOf(ways.fallback),
  };
}
