/**
 * Calls that a plan leaves without agents: it takes people out of a queue that something sends
 * calls to, and goes on doing so. Where another of its queues has agents that is said beside the
 * change; where none has, callers would meet nobody, and somebody has to agree to that.
 */
import { referenceKey } from './catalog.js';
import { takes, type CrewMoves } from './crew.js';
import { addTo, groupedBy } from './grouped.js';
import type { Json, JsonObject } from './json.js';
import type { CheckRequest, Kind, KindOf } from './kind.js';
import { kindName } from './outcome.js';
import type { Address, Change, CheckLevel, GuardResult, Live, Manifest } from './types.js';

/** A queue that calls are sent to before the plan and after it. */
export interface Lead {
  readonly from: Address;
  readonly role: 'target' | 'fallback' | 'overflow';
  readonly level: CheckLevel;
  /** What is asked of its agents. */
  readonly request: CheckRequest;
}

/** Agents who can take the calls of a queue, and whether there may be more than were counted. */
export interface Left {
  readonly agents: number;
  readonly isLeast: boolean;
  /** For people. */
  readonly text: string;
}

export interface Scene {
  /** Those that cannot be told apart as well: they take calls all the same. */
  readonly live: readonly Live[];
  readonly changes: readonly Change[];
  readonly manifests: readonly Manifest[];
  readonly moves: CrewMoves;
  readonly kindOf: KindOf;
}

/** All that is to be counted to tell; nothing where no crew loses anybody. */
export function leadsIn(scene: Scene): Lead[] {
  const { live, changes, manifests, moves, kindOf } = scene;
  if (moves.size === 0) return [];
  const byAddress = new Map<string, Change>(changes.map((one) => [one.address, one]));
  const declared = new Map<string, Manifest>(
    manifests.map((one) => [`${one.kind}/${one.name}`, one]),
  );
  const loses = ({ request: { queue } }: Lead): boolean => {
    const move = moves.of(queue);
    return move !== null && !move.isMade && takes(move);
  };
  return live.flatMap((one) => {
    const change = byAddress.get(one.address);
    const after = change === undefined ? one.fields : change.after;
    if (after === null) return [];
    const kind = kindOf(kindName(one.address));
    const sides = { before: one.fields, after };
    const calls = callsOf(one.address, sides, kind, declared.get(one.address));
    const overflow = overflowOf(one.address, sides, kind);
    return [...(calls.some(loses) ? calls : []), ...overflow.filter(loses)];
  });
}

interface Sides {
  readonly before: JsonObject;
  readonly after: JsonObject;
}

/** Of what takes calls now, and goes on with it. */
function callsOf(
  from: Address,
  { before, after }: Sides,
  { traffic, readiness }: Kind,
  manifest: Manifest | undefined,
): Lead[] {
  if (traffic?.isOpen(before) !== true || !traffic.isOpen(after)) return [];
  const levels = manifest && readiness?.checks(manifest, after, null);
  const skills = traffic.demands(after);
  return traffic.destinations(after).map(({ queue, role }): Lead => {
    const own = levels?.filter((one) => referenceKey(one.queue) === referenceKey(queue)) ?? [];
    const level = levels === undefined ? 'error' : levelOf(role === 'target' ? own : levels);
    // A fallback takes what no target could, whatever was asked for.
    const asked = role === 'target' ? skills : [];
    return { from, role, level, request: { check: 'skills', level, queue, skills: asked } };
  });
}

/** What is asked of a queue at all, as strictly as anything is. */
function levelOf(requests: readonly CheckRequest[]): CheckLevel {
  if (requests.some(({ level }) => level === 'error')) return 'error';
  return requests.length === 0 ? 'off' : 'warn';
}

function overflowOf(from: Address, { before, after }: Sides, { waiting }: Kind): Lead[] {
  if (waiting === undefined) return [];
  const there = new Set(waiting.overflow(before).map(({ to }) => to));
  return waiting
    .overflow(after)
    .filter(({ to }) => there.has(to))
    .map(({ to }): Lead => {
      const queue: Json = to.startsWith('id:') ? { id: to.slice('id:'.length) } : to;
      const level = 'warn';
      return {
        from,
        role: 'overflow',
        level,
        request: { check: 'skills', level, queue, skills: [] },
      };
    });
}

export interface Deserted {
  /** By address of the change that does it. */
  readonly remarks: ReadonlyMap<Address, readonly string[]>;
  readonly guards: readonly GuardResult[];
}

export const NOBODY_DESERTED: Deserted = { remarks: new Map(), guards: [] };

/** `left`: after the plan, and before it; `null` where the platform does not say. */
export function desertedBy(
  leads: readonly Lead[],
  moves: CrewMoves,
  left: (lead: Lead, when: 'before' | 'after') => Left | null,
): Deserted {
  const remarks = new Map<Address, string[]>();
  const totals: string[] = [];
  for (const [from, own] of groupedBy(leads, ({ from: of }) => of)) {
    const lost = own.filter((lead) => lead.level !== 'off' && isLost(lead, moves, left));
    for (const lead of lost) {
      const text = remarkOn(lead, left(lead, 'after'));
      for (const by of moves.of(lead.request.queue)?.by ?? []) addTo(remarks, by, text);
    }
    const isHeld = lost.some(({ level, role }) => level === 'error' && role !== 'overflow');
    const calls = own.filter(({ role }) => role !== 'overflow');
    // More may be there than were counted, by a group or with skills that were not told: that is
    // said beside the change, and holds no plan.
    const isAnswered = (lead: Lead): boolean => {
      const there = left(lead, 'after');
      return there !== null && (there.isLeast || there.agents > 0);
    };
    if (!isHeld || calls.some(isAnswered)) continue;
    const isKnown = calls.every((lead) => left(lead, 'after') !== null);
    const places = calls.map((one) => placeOf(one, left)).join('; ');
    totals.push(`${from} ${isKnown ? 'would' : 'may'} be left with nobody: ${places}`);
  }
  if (totals.length === 0) return { remarks, guards: [] };
  const more = totals.length > MOST ? `; and ${totals.length - MOST} more` : '';
  const message = `${totals.slice(0, MOST).join('. ')}${more}`;
  const hint = 'leave agents in one of its queues, or send its calls elsewhere in the same plan';
  return { remarks, guards: [{ guard: 'agents', passed: false, message, hint }] };
}

/** Of so many each is said. */
const MOST = 10;

/** Somebody could take the calls before, and of nobody it is known that he can afterwards. */
function isLost(
  lead: Lead,
  moves: CrewMoves,
  left: (lead: Lead, when: 'before' | 'after') => Left | null,
): boolean {
  const move = moves.of(lead.request.queue);
  if (move === null || move.isMade || !takes(move)) return false;
  const [before, after] = [left(lead, 'before'), left(lead, 'after')];
  if (after === null) return true;
  return after.agents === 0 && (before === null || before.agents > 0 || before.isLeast);
}

function remarkOn({ from, role }: Lead, after: Left | null): string {
  const what =
    role === 'overflow'
      ? `what waits in ${from} goes on to it`
      : `${from} sends calls to it${role === 'fallback' ? ', as its fallback' : ''}`;
  if (after === null) return `${what}, and who is left for them cannot be told`;
  return after.isLeast
    ? `${what}, and whether anybody is left for them cannot be told: ${after.text}`
    : `${what}, and nobody is left for them: ${after.text}`;
}

function placeOf(lead: Lead, left: (lead: Lead, when: 'after') => Left | null): string {
  const { queue } = lead.request;
  const name = `${lead.role === 'fallback' ? 'fallback' : 'queue'} "${referenceKey(queue)}"`;
  return `${name}: ${left(lead, 'after')?.text ?? 'who is there cannot be told'}`;
}
