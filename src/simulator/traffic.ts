/**
 * Interactions arrive, wait, are handled and leave.
 *
 * Terms. A *rule* is a line of `traffic` in the org file: arrivals of one strategy. An *event* is
 * what happens next: an arrival, the end of a conversation, a caller who gives up. The *flow* is
 * all that is under way.
 *
 * Premise. Nothing here waits: before a request is answered, every event up to its instant happens,
 * in order, at its own time. So the same seed gives the same day whoever asks, how often, and
 * whether the clock is that of a wall or of a test. Each rule has chance of its own and takes four
 * numbers an arrival (the next arrival, the draw that picks a queue, handle time, patience): two
 * runs that differ in weights alone get the same callers, which is what makes them comparable.
 *
 * The model is that of the books: Poisson arrivals, exponential handle times and patience, one
 * line a queue, the agent who has been idle longest takes the caller who has waited longest. A rule
 * may have bursts, and handle times that vary more or by queue, as those of real centres do.
 */
import { seededRandom } from './chance.js';
import type { FinishedConversation, Org, Queue, User } from './model.js';
import type { TrafficRule } from './org-file-types.js';
import type { Conversation, Dated, Event, TrafficFlow, Turns } from './traffic-flow.js';
import { routeOf } from './traffic-routes.js';

/** A request after a long silence does not wait for more than these; the rest happens later. */
const MOST_EVENTS = 1_000_000;
/** Older conversations are forgotten. */
const MOST_CONVERSATIONS = 200_000;
const HOUR_MS = 3_600_000;

/** Lets everything happen that is due at `at`, in place. Without rules nothing ever happens. */
export function advanceTraffic(org: Org, at: number): void {
  if (org.traffic.length === 0) return;
  const flow = (org.flow ??= begin(org, at));
  // Whoever came back to the queue since, or never was busy, takes those who wait.
  for (const [queueId, line] of flow.lines) if (line.length > 0) serve(org, flow, queueId, at);
  for (let count = 0; count < MOST_EVENTS; count += 1) {
    const [next] = flow.events;
    if (next === undefined || next.at > at) break;
    pop(flow.events);
    happen(org, flow, next);
  }
  const surplus = org.conversations.length - MOST_CONVERSATIONS;
  if (surplus > 0) org.conversations.splice(0, surplus);
}

function happen(org: Org, flow: TrafficFlow, event: Dated): void {
  switch (event.is) {
    case 'arrival':
      return arrive(org, flow, event.rule, event.at);
    case 'end':
      return end(org, flow, event);
    case 'leave':
      return leave(org, flow, event.conversation, event.at);
  }
}

function begin(org: Org, at: number): TrafficFlow {
  const queuesOf = new Map<string, Queue[]>();
  for (const queue of org.queues.values()) {
    for (const id of queue.memberIds) queuesOf.set(id, [...(queuesOf.get(id) ?? []), queue]);
  }
  const flow: TrafficFlow = {
    startedAt: at,
    events: [],
    turns: 0,
    queuesOf,
    lines: new Map(),
    loads: new Map(),
    idleSince: new Map(),
    held: new Map(),
    underWay: new Set(),
    chances: org.traffic.map(({ strategy }, index) =>
      chanceFrom(`${org.seed}/traffic/${index}/${strategy}`),
    ),
    turnsOf: org.traffic.map(({ strategy, bursts = [] }, index) => {
      const chance = chanceFrom(`${org.seed}/bursts/${index}/${strategy}`);
      const [first] = bursts;
      return { chance, current: 0, endsAt: first ? at + exponential(chance, first.seconds) : 0 };
    }),
  };
  org.traffic.forEach(({ fromSeconds = 0 }, rule) => {
    plan(org, flow, rule, at + fromSeconds * 1000);
  });
  takeUp(org, flow, at);
  return flow;
}

/** What the org file says is in the queues already ends as everything else does. */
function takeUp(org: Org, flow: TrafficFlow, at: number): void {
  const [rule] = org.traffic;
  if (rule === undefined) return;
  const random = seededRandom(`${org.seed}/before`);
  const chance = (): number => random.next();
  const old = (queueId: string): Conversation => ({
    strategy: null,
    queueId,
    skillIds: [],
    offeredAt: at,
    handleMs: exponential(chance, rule.handleSeconds),
    waitedUntil: null,
  });
  for (const queue of org.queues.values()) {
    const busy = queue.memberIds.filter(
      (id) => org.users.get(id)?.status === 'interacting' && !flow.loads.has(id),
    );
    for (let place = 0; place < queue.interacting; place += 1) {
      const conversation = { ...old(queue.id), waitedUntil: at };
      const agentId = busy[place] ?? '';
      if (agentId !== '') flow.loads.set(agentId, 1);
      push(flow, at + conversation.handleMs, { is: 'end', agentId, conversation });
    }
    const waiting = Array.from({ length: queue.waiting }, () => old(queue.id));
    flow.lines.set(queue.id, waiting);
    for (const conversation of waiting) {
      const patienceMs = exponential(chance, rule.patienceSeconds);
      push(flow, at + patienceMs, { is: 'leave', conversation });
    }
  }
  for (const { id, status } of org.users.values()) {
    if (status !== 'interacting' || flow.loads.has(id)) continue;
    flow.loads.set(id, 1);
    const endsAt = at + exponential(chance, rule.handleSeconds);
    push(flow, endsAt, { is: 'end', agentId: id, conversation: null });
  }
}

function chanceFrom(seed: string): () => number {
  const random = seededRandom(seed);
  return () => random.next();
}

/** Puts the next arrival of a rule after `from`, where the rule has not ended by then. */
function plan(org: Org, flow: TrafficFlow, rule: number, from: number): void {
  const { arrivalsPerHour, untilSeconds = Infinity, bursts = [] } = ruleAt(org, rule);
  if (arrivalsPerHour === 0) return;
  const gapMs = exponential(chanceAt(flow, rule), HOUR_MS / arrivalsPerHour / 1000);
  const at = bursts.length === 0 ? from + gapMs : inTurns(flow.turnsOf[rule], bursts, from, gapMs);
  if (at <= flow.startedAt + untilSeconds * 1000) push(flow, at, { is: 'arrival', rule });
}

/** When so much of the time of a steady rule has gone by, each turn going at its own pace. */
function inTurns(
  turns: Turns | undefined,
  bursts: NonNullable<TrafficRule['bursts']>,
  from: number,
  gapMs: number,
): number {
  if (turns === undefined) throw new Error('a rule with bursts has its turns');
  let [at, left] = [from, gapMs];
  for (let turn = 0; turn < MOST_EVENTS; turn += 1) {
    const factor = bursts[turns.current]?.factor ?? 1;
    const fitsMs = (turns.endsAt - at) * factor;
    if (left <= fitsMs) return Math.max(at + 1, Math.round(at + left / factor));
    left -= Math.max(0, fitsMs);
    at = Math.max(at, turns.endsAt);
    turns.current = (turns.current + 1) % bursts.length;
    turns.endsAt = at + exponential(turns.chance, bursts[turns.current]?.seconds ?? 0);
  }
  return Infinity;
}

function arrive(org: Org, flow: TrafficFlow, rule: number, at: number): void {
  const { strategy, patienceSeconds } = ruleAt(org, rule);
  const chance = chanceAt(flow, rule);
  plan(org, flow, rule, at);
  const draw = chance();
  const luck = chance();
  const patienceMs = exponential(chance, patienceSeconds);
  const route = routeOf(org, strategy, draw, (id) => flow.held.get(heldKey(strategy, id)) ?? 0);
  const queue = org.queues.get(route?.queueId ?? '');
  if (route === null || queue === undefined) return;
  const handleMs = handledFor(ruleAt(org, rule), queue.name, luck);
  const conversation = { ...route, strategy, offeredAt: at, handleMs, waitedUntil: null };
  flow.underWay.add(conversation);
  hold(flow, conversation, 1);
  const line = flow.lines.get(queue.id) ?? [];
  flow.lines.set(queue.id, [...line, conversation]);
  queue.waiting += 1;
  serve(org, flow, queue.id, at);
  if (flow.lines.get(queue.id)?.includes(conversation) !== true) return;
  push(flow, at + patienceMs, { is: 'leave', conversation });
}

function end(org: Org, flow: TrafficFlow, event: Dated & { readonly is: 'end' }): void {
  const { at, agentId, conversation } = event;
  if (conversation !== null) finish(org, flow, conversation, at);
  const agent = org.users.get(agentId);
  if (agent === undefined) return;
  const load = Math.max(0, (flow.loads.get(agentId) ?? 1) - 1);
  flow.loads.set(agentId, load);
  if (load === 0) {
    flow.idleSince.set(agentId, at);
    if (agent.status === 'interacting') agent.status = 'idle';
  }
  const lines = (flow.queuesOf.get(agentId) ?? []).flatMap(({ id }) => flow.lines.get(id) ?? []);
  const next = lines
    .filter((one) => canTake(org, flow, agent, one))
    .reduce<Conversation | null>(
      (a, b) => (a !== null && a.offeredAt <= b.offeredAt ? a : b),
      null,
    );
  if (next !== null) take(org, flow, agent, next, at);
}

/** The caller has had enough of waiting, unless an agent was faster. */
function leave(org: Org, flow: TrafficFlow, conversation: Conversation, at: number): void {
  if (conversation.waitedUntil !== null) return;
  conversation.waitedUntil = at;
  const queue = unline(org, flow, conversation);
  if (queue !== undefined) queue.waiting -= 1;
  hold(flow, conversation, -1);
  flow.underWay.delete(conversation);
  note(
    org,
    conversation,
    { end: 'abandoned', waitMs: at - conversation.offeredAt, handleMs: 0 },
    at,
  );
}

function finish(org: Org, flow: TrafficFlow, conversation: Conversation, at: number): void {
  const queue = org.queues.get(conversation.queueId);
  if (queue !== undefined) queue.interacting -= 1;
  hold(flow, conversation, -1);
  flow.underWay.delete(conversation);
  const takenAt = conversation.waitedUntil ?? at;
  const waitMs = takenAt - conversation.offeredAt;
  note(org, conversation, { end: 'answered', waitMs, handleMs: at - takenAt }, at);
}

function note(
  org: Org,
  { strategy, queueId, offeredAt }: Conversation,
  how: Pick<FinishedConversation, 'end' | 'waitMs' | 'handleMs'>,
  at: number,
): void {
  if (strategy !== null) org.conversations.push({ queueId, strategy, offeredAt, ...how, at });
}

/** Agents who are free take those who wait in this queue, the longest waiting first. */
function serve(org: Org, flow: TrafficFlow, queueId: string, at: number): void {
  const members = org.queues.get(queueId)?.memberIds ?? [];
  for (const conversation of flow.lines.get(queueId) ?? []) {
    const free = members
      .flatMap((id) => org.users.get(id) ?? [])
      .filter((user) => canTake(org, flow, user, conversation));
    const longest = free.reduce<User | null>(
      (a, b) => (a !== null && idleSince(flow, a) <= idleSince(flow, b) ? a : b),
      null,
    );
    if (longest !== null) take(org, flow, longest, conversation, at);
  }
}

function canTake(
  org: Org,
  flow: TrafficFlow,
  { id, status, skillIds }: User,
  conversation: Conversation,
): boolean {
  const most = org.utilization.get('call') ?? 0;
  return (
    status !== 'offQueue' &&
    (flow.loads.get(id) ?? 0) < most &&
    conversation.skillIds.every((skill) => skillIds.includes(skill))
  );
}

function take(
  org: Org,
  flow: TrafficFlow,
  agent: User,
  conversation: Conversation,
  at: number,
): void {
  const queue = unline(org, flow, conversation);
  if (queue !== undefined) {
    queue.waiting -= 1;
    queue.interacting += 1;
  }
  conversation.waitedUntil = at;
  agent.status = 'interacting';
  flow.loads.set(agent.id, (flow.loads.get(agent.id) ?? 0) + 1);
  push(flow, at + conversation.handleMs, { is: 'end', agentId: agent.id, conversation });
}

function unline(org: Org, flow: TrafficFlow, conversation: Conversation): Queue | undefined {
  const { queueId } = conversation;
  const line = flow.lines.get(queueId) ?? [];
  flow.lines.set(
    queueId,
    line.filter((one) => one !== conversation),
  );
  return org.queues.get(queueId);
}

function idleSince(flow: TrafficFlow, { id }: User): number {
  return flow.idleSince.get(id) ?? 0;
}

function hold(flow: TrafficFlow, { strategy, queueId }: Conversation, by: 1 | -1): void {
  if (strategy === null) return;
  const key = heldKey(strategy, queueId);
  flow.held.set(key, (flow.held.get(key) ?? 0) + by);
}

function heldKey(strategy: string, queueId: string): string {
  return `${queueId}/${strategy}`;
}

function ruleAt(org: Org, index: number): TrafficRule {
  const rule = org.traffic[index];
  if (rule === undefined) throw new Error(`there is no rule ${index} of traffic`);
  return rule;
}

function chanceAt({ chances }: TrafficFlow, index: number): () => number {
  const chance = chances[index];
  if (chance === undefined) throw new Error(`there is no chance for rule ${index} of traffic`);
  return chance;
}

/** Milliseconds, exponentially distributed around a mean in seconds; 1 at least, a day at most. */
function exponential(chance: () => number, meanSeconds: number): number {
  return milliseconds(-Math.log(1 - chance()) * meanSeconds);
}

function milliseconds(seconds: number): number {
  return Math.min(Math.max(Math.round(seconds * 1000), 1), 24 * HOUR_MS);
}

/** The same luck is the same caller, whichever queue takes the call. */
function handledFor(rule: TrafficRule, queue: string, luck: number): number {
  const { handleSeconds, handleSecondsByQueue = {}, handleVariation = 1 } = rule;
  const own = Object.hasOwn(handleSecondsByQueue, queue) ? handleSecondsByQueue[queue] : undefined;
  const mean = own ?? handleSeconds;
  if (handleVariation === 1) return milliseconds(-Math.log(1 - luck) * mean);
  const spread = Math.log(1 + handleVariation);
  return milliseconds(mean * Math.exp(Math.sqrt(spread) * normalAt(luck) - spread / 2));
}

/**
 * The number below which a part `p` of a standard normal distribution lies: Abramowitz and Stegun,
 * Handbook of Mathematical Functions, 26.2.23, off by 0.00045 at most.
 */
function normalAt(p: number): number {
  const tail = Math.min(Math.max(Math.min(p, 1 - p), 1e-12), 0.5);
  const t = Math.sqrt(-2 * Math.log(tail));
  const above = 2.515517 + t * (0.802853 + t * 0.010328);
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return Math.sign(p - 0.5) * (t - above / below);
}

function push(flow: TrafficFlow, at: number, event: Event): void {
  flow.turns += 1;
  const { events } = flow;
  const added: Dated = { ...event, at, turn: flow.turns };
  let place = events.push(added) - 1;
  while (place > 0) {
    const above = (place - 1) >> 1;
    const parent = events[above];
    if (parent === undefined || isSooner(parent, added)) break;
    events[place] = parent;
    place = above;
  }
  events[place] = added;
}

/** Takes the first away. */
function pop(events: Dated[]): void {
  const last = events.pop();
  if (last === undefined || events.length === 0) return;
  let place = 0;
  for (;;) {
    const left = 2 * place + 1;
    const [a, b] = [events[left], events[left + 1]];
    const below = b !== undefined && a !== undefined && isSooner(b, a) ? left + 1 : left;
    const child = events[below];
    if (child === undefined || isSooner(last, child)) break;
    events[place] = child;
    place = below;
  }
  events[place] = last;
}

function isSooner(a: Dated, b: Dated): boolean {
  return a.at === b.at ? a.turn < b.turn : a.at < b.at;
}
