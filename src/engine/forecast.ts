/**
 * What callers will meet without any change of routing: as many agents as there are or others, as
 * many calls as come or others. The same counts and the same model as behind a plan's prediction.
 */
import { PlatformError } from '../core/errors.js';
import type { Predicted, Prediction } from '../core/prediction.js';
import type { Hash, Live } from '../core/types.js';
import { queuesIn, type MeasuredQueue, type WhatIf } from '../prediction/measured.js';
import { predict } from '../prediction/predict.js';
import type { Binding } from './bind.js';
import { aboutOf, measured, restingFlow, sceneAtRest, spansOf } from './measure.js';
import type { Observation } from './observe.js';
import type { Reader } from './ports.js';

/** `by`: more or fewer than there are; else so many. */
export interface AgentsAsked {
  readonly queueId: string;
  readonly count: number;
  readonly by: boolean;
}

export interface ForecastRequest {
  readonly shown: readonly Live[];
  readonly agents: readonly AgentsAsked[];
  /** Calls as a factor of those that come, by the ids of queues. */
  readonly calls: ReadonlyMap<string, number>;
  /** By what the range of an hour is to be wider; `null`: the usual. */
  readonly widen: number | null;
}

/** The agents on queue now and then, where others are asked for. */
export interface AgentsMoved {
  readonly queueId: string;
  readonly now: number;
  readonly then: number;
}

export interface Forecast {
  readonly prediction: Prediction;
  readonly agents: readonly AgentsMoved[];
  /** Why it is not known who is in several queues; `null` where it is. */
  readonly unshared: string | null;
}

/** Rejects with a `PlatformError` where the org cannot be asked. Sends reads only. */
export async function forecastOf(
  { reader, hash }: { readonly reader: Reader; readonly hash: Hash },
  observation: Observation,
  binding: Binding,
  { shown, agents, calls, widen }: ForecastRequest,
): Promise<Forecast> {
  const nowMs = reader.nowMs();
  const scene = sceneAtRest(observation, binding, nowMs);
  const names = new Set<string>(shown.map(({ address }) => address));
  const flows = observation.live.flatMap((live) => restingFlow(live, scene) ?? []);
  const open = flows.filter(({ address }) => names.has(address));
  const ids = [...new Set(open.flatMap(({ before }) => queuesIn(before)))];
  const spans = spansOf(null, nowMs);
  const about = aboutOf(spans, null);
  const taking = new Set<string>(open.map(({ address }) => address));
  const resting = shown.filter(({ address }) => !taking.has(address));
  const none = resting.map(({ address }) => refusal(address, 'it takes no calls'));
  if (ids.length === 0) {
    return { prediction: { ...about, strategies: none }, agents: [], unshared: null };
  }
  const [found, together, perAgent] = await Promise.all([
    measured(reader, scene, ids, spans, false),
    membersOf(reader, ids),
    reader.callsPerAgent(),
  ]);
  const queues = found.map((one): MeasuredQueue => {
    return { ...one, members: together.byQueue?.get(one.id) ?? one.members };
  });
  const moved = agents.flatMap((one) => movedIn(one, queues));
  const whatIf: WhatIf = {
    slots: new Map(moved.map(({ queueId, then }) => [queueId, then * (perAgent ?? 1)])),
    calls,
  };
  const seed = hash(JSON.stringify([about, ids]));
  const marked = flows.map((flow) => ({ ...flow, changes: names.has(flow.address) }));
  const strategies = predict({
    queues,
    flows: marked,
    seed,
    whatIf,
    ...(widen === null ? {} : { widen }),
  });
  return {
    prediction: { ...about, strategies: [...strategies, ...none] },
    agents: moved,
    unshared: together.why,
  };
}

function refusal(address: string, refused: string): Predicted {
  return { address, refused, notes: [], calls: 0, fit: null, queues: [] };
}

function movedIn(
  { queueId, count, by }: AgentsAsked,
  queues: readonly MeasuredQueue[],
): AgentsMoved[] {
  const { slots = null, onQueue: now } = queues.find(({ id }) => id === queueId) ?? {};
  if (slots === null || now === undefined) return [];
  return [{ queueId, now, then: Math.max(0, by ? now + count : count) }];
}

/** Without the permission every queue is taken to have agents of its own: that is said. */
async function membersOf(
  reader: Reader,
  ids: readonly string[],
): Promise<{
  readonly byQueue: ReadonlyMap<string, readonly string[]> | null;
  readonly why: string | null;
}> {
  try {
    const found = await reader.attendance(ids);
    const joined = [...found].map(([id, all]) => {
      const members = all.filter((one) => one.joined).map(({ userId }) => userId);
      return [id, members] as const;
    });
    return { byQueue: new Map(joined), why: null };
  } catch (error) {
    if (!(error instanceof PlatformError) || error.request?.status !== 403) throw error;
    return { byQueue: null, why: error.message };
  }
}
