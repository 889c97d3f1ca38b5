/**
 * What a plan of very many changes has no time to play: by Erlang A, where every queue has agents
 * of its own and no call goes on to another. What nobody knows is drawn as it is for a centre. What
 * an hour is by chance follows from its calls: one in as many as there are agents tells anything
 * new, since who waits, waits with others.
 */
import type { Centre, Tally } from './centre.js';
import { normal, type Chance } from './chance.js';
import { expectedIn } from './fit.js';
import { overflows, PART_SECONDS, sharesIn } from './measured.js';
import type { Neighbourhood, Pair } from './neighbourhood.js';

export function isInBooks({ flows, agents, agentsAfter }: Neighbourhood): boolean {
  const isFree = flows.every(({ before, after }) => !overflows(before) && !overflows(after));
  const groups = [...agents.groups, ...agentsAfter.groups];
  return isFree && groups.every(({ queues }) => queues.length === 1);
}

export interface Drawn {
  readonly queues: Centre['queues'];
  /** Of the calls of each flow, then of others in each queue. */
  readonly factors: readonly number[];
}

type Ways = 'before' | 'after';

export function bookedPair(
  known: Neighbourhood,
  drawn: Drawn,
  groups: Readonly<Record<Ways, Centre['groups']>>,
  chance: Chance,
): Pair {
  const luck = known.queues.map(() => normal(chance));
  const said = (ways: Ways): Tally[] =>
    known.queues.map((_, index) => {
      const agents = groups[ways].reduce(
        (sum, one) => sum + (one.queues.includes(index) ? one.agents : 0),
        0,
      );
      return tallyOf(known, drawn, { index, ways, agents, luck: luck[index] ?? 0 });
    });
  return { before: [said('before')], after: [said('after')] };
}

interface Asked {
  readonly index: number;
  readonly ways: Ways;
  readonly agents: number;
  readonly luck: number;
}

function tallyOf(known: Neighbourhood, drawn: Drawn, asked: Asked): Tally {
  const { flows, queues, traits, own, others, factors, parts } = known;
  const { index, ways, agents, luck } = asked;
  const [queue, one, of] = [queues[index], traits[index], drawn.queues[index]];
  if (queue === undefined || one === undefined || of === undefined) return { ...NOTHING };
  const theirs = (others[index] ?? 0) * (drawn.factors[flows.length + index] ?? 1);
  const calls = flows.reduce((sum, flow, at) => {
    const share = sharesIn(flow[ways]).get(queue.id) ?? 0;
    return sum + share * (own[at] ?? 0) * (drawn.factors[at] ?? 1);
  }, theirs);
  const grown = ways === 'after' ? (factors[index] ?? 1) : 1;
  const callsPerSecond = (calls * grown) / (parts * PART_SECONDS);
  const { handleSeconds, patienceSeconds, withinSeconds } = of;
  const line = { ...one, callsPerSecond, handleSeconds, patienceSeconds };
  const found = expectedIn(line, agents, withinSeconds);
  const offered = callsPerSecond * 3600;
  const { served, abandoned, waitSeconds, occupancy } = found;
  const spread = Math.sqrt((served * (1 - served) * agents) / Math.max(1, offered));
  const inTime = Math.min(1, Math.max(0, served + luck * spread));
  return {
    offered,
    inTime: inTime * offered,
    abandoned: abandoned * offered,
    waitSeconds: waitSeconds * offered,
    occupancy,
  };
}

const NOTHING: Tally = { offered: 0, inTime: 0, abandoned: 0, waitSeconds: 0, occupancy: 0 };
