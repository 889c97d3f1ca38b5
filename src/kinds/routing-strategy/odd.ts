/**
 * Rows as people make them, and no manifest can say: what is odd in one, in words, and the nearest
 * that a manifest can say. What such a row does is what a call flow does with it: it takes the
 * slots as they stand, and in each tier the first whose share is above its draw.
 */
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../../core/json.js';
import { inSlot, numberIn, SLOTS, text } from './row.js';

/** In the order of the columns; empty for a row that reads as it was written. */
export function odditiesOf(row: JsonObject): string[] {
  const typed = numberIn(row, 'targets');
  const used = usedIn(row);
  const count =
    typed === used ? [] : [`targets is ${typed}, and there are slots for 0 to ${SLOTS}`];
  const fallback = text(row, 'fallback_queue');
  const slots = slotsIn(row, used);
  const isTarget = slots.some(({ queue }) => queue === fallback);
  const circle = fallback !== '' && isTarget ? ['fallback_queue is a target as well'] : [];
  return [
    ...[...statusOddities(row, used), ...skillOddities(row), ...count, ...slotOddities(slots)],
    ...[...leftOver(row, used), ...circle],
  ];
}

const STATUSES: ReadonlySet<string> = new Set(['active', 'draft']);

/** Of a row without targets that is what is said. */
function statusOddities(row: JsonObject, used: number): string[] {
  const status = text(row, 'status');
  if (used === 0 || STATUSES.has(status)) return [];
  const is = status === '' ? 'empty' : JSON.stringify(status);
  return [`status is ${is}, neither active nor draft: a flow uses an active row alone`];
}

function skillOddities(row: JsonObject): string[] {
  const cell = text(row, 'skills');
  if (cell === '') return [];
  const names = cell.split('|');
  const blank = names.some((name) => name.trim() === '');
  return blank ? ['skills has a separator too many: a flow looks for a skill without a name'] : [];
}

function slotOddities(slots: readonly Slot[]): string[] {
  return slots.flatMap((slot, index) => {
    const before = slots[index - 1];
    const column = (what: 'queue' | 'priority' | 'share'): string => inSlot(index + 1, what);
    const out: string[] = [];
    const first = slots.findIndex(({ queue }) => queue === slot.queue);
    if (slot.queue.trim() === '') out.push(`${column('queue')} is empty: a flow finds no queue`);
    else if (first < index) {
      out.push(`${column('queue')} is the queue of ${inSlot(first + 1, 'queue')} once more`);
    }
    if (slot.priority < (before?.priority ?? -Infinity)) {
      const other = `${inSlot(index, 'priority')} ${before?.priority}`;
      const why = 'a flow takes the slots as they stand';
      out.push(`${column('priority')} ${slot.priority} comes after ${other}: ${why}`);
    } else if (!Number.isInteger(slot.priority) || slot.priority < 1) {
      out.push(`${column('priority')} is ${slot.priority}, and priorities begin with 1`);
    }
    const start = before?.priority === slot.priority ? before.share : 0;
    const ends = slots[index + 1]?.priority !== slot.priority;
    const share = `${column('share')} is ${slot.share}`;
    if (slot.share < start) out.push(`${share}, below the one before it: never picked`);
    else if (slot.share > 1 || slot.share < 0) out.push(`${share}, and shares are from 0 to 1`);
    else if (ends && slot.share !== 1 && slot.share !== 0) {
      out.push(`${share}, and the last of a tier ends at 1: some calls pass the tier by`);
    }
    return out;
  });
}

function leftOver(row: JsonObject, used: number): string[] {
  const full: string[] = [];
  for (let slot = used + 1; slot <= SLOTS; slot += 1) {
    const column = inSlot(slot, 'queue');
    if (text(row, column) !== '') full.push(column);
  }
  if (full.length === 0) return [];
  return [`${full.join(', ')}: not read, because targets is ${used}; the next write empties it`];
}

interface Slot {
  readonly queue: string;
  readonly priority: number;
  readonly share: number;
}

/** How many slots a flow looks at. */
function usedIn(row: JsonObject): number {
  return Math.min(Math.max(Math.trunc(numberIn(row, 'targets')), 0), SLOTS);
}

function slotsIn(row: JsonObject, count: number): Slot[] {
  return Array.from({ length: count }, (_, index) => ({
    queue: text(row, inSlot(index + 1, 'queue')),
    priority: numberIn(row, inSlot(index + 1, 'priority')),
    share: numberIn(row, inSlot(index + 1, 'share')),
  }));
}

/**
 * The fields of the nearest manifest, given those that the row was read into: slots in the order in
 * which a flow takes them, weights as it picks. `null` where no target is left that it ever picks.
 */
export function meantBy(raw: JsonObject, row: JsonObject): JsonObject | null {
  const slots = slotsIn(row, usedIn(row));
  const weights = pickedOf(slots);
  const tiers = tiersOf(slots);
  const seen = new Set<string>();
  const targets = objectsIn(raw['targets']).flatMap((target, index): JsonObject[] => {
    const slot = slots[index];
    const { queue = null, weight, capacity } = target;
    if (slot === undefined || slot.queue.trim() === '' || seen.has(slot.queue)) return [];
    seen.add(slot.queue);
    const known = typeof weight === 'number' && weight >= 0 ? weight : (weights[index] ?? 0);
    const valid = typeof capacity === 'number' && Number.isInteger(capacity) && capacity >= 1;
    const priority = tiers[index] ?? 1;
    return [{ queue, priority, weight: known, ...(valid ? { capacity } : {}) }];
  });
  if (!targets.some(({ weight }) => Number(weight) > 0)) return null;
  const { selection, fallback = null, ...rest } = raw;
  return {
    ...rest,
    selection: { skills: skillsOf(selection ?? null) },
    targets,
    fallback: fallbackOf(fallback, seen, text(row, 'fallback_queue')),
  };
}

/** The part of the draws that picks each slot, within its tier. */
function pickedOf(slots: readonly Slot[]): number[] {
  let reached = 0;
  return slots.map(({ priority, share }, index) => {
    if (slots[index - 1]?.priority !== priority) reached = 0;
    const to = Math.max(reached, Math.min(share, 1));
    const part = to - reached;
    reached = to;
    return Number(part.toPrecision(6));
  });
}

/** Priorities that say the order of the slots: as they are where they do, else counted anew. */
function tiersOf(slots: readonly Slot[]): number[] {
  const inOrder = slots.every(
    ({ priority }, index) =>
      Number.isInteger(priority) && priority >= (slots[index - 1]?.priority ?? 1),
  );
  if (inOrder) return slots.map(({ priority }) => priority);
  let tier = 0;
  return slots.map(({ priority }, index) => {
    if (index === 0 || slots[index - 1]?.priority !== priority) tier += 1;
    return tier;
  });
}

function skillsOf(selection: Json): JsonObject[] {
  const seen = new Set<string>();
  return objectsIn(isObject(selection) ? selection['skills'] : undefined).filter(({ skill }) => {
    const name = isObject(skill) ? textOf(skill['id']) : textOf(skill);
    if (name.trim() === '' || seen.has(name)) return false;
    return seen.add(name);
  });
}

/** None where it is a target already: a manifest calls that a circle. */
function fallbackOf(fallback: Json, targets: ReadonlySet<string>, queue: string): Json {
  if (!isObject(fallback) || queue.trim() === '' || targets.has(queue)) return null;
  const { priority, weight, ...rest } = fallback;
  const isTier = typeof priority === 'number' && Number.isInteger(priority) && priority >= 1;
  const isWeight = typeof weight === 'number' && weight >= 0;
  return { ...rest, ...(isTier ? { priority } : {}), ...(isWeight ? { weight } : {}) };
}
