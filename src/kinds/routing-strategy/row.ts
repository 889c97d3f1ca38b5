/**
 * A strategy ↔ the row of a data table.
 *
 * Premise: a call flow acts on the columns, so the columns are the strategy. The column `spec` has
 * all fields once more, as JSON, and is asked only for what no other column can say: capacities,
 * skills that are preferred, the weight of the fallback, weights that are no plain shares, and a
 * queue or skill that has no name of its own. Where a person edited a column, the column holds.
 *
 * A flow takes the slots as they stand, so they are read in that order, whatever their priorities
 * say. What a person has made of a row that no manifest can say is in `odd.ts`.
 *
 * Slots beyond the number of targets are not read, here or by a flow, nor is the priority of a
 * fallback without a queue; the next write empties them.
 */
import { canonical, isCanonicalisable } from '../../core/canonical.js';
import { referenceKey } from '../../core/catalog.js';
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../../core/json.js';
import { KEY, type Column } from '../../core/table.js';
import { sharesOf, weightsOf, type Weighted } from './shares.js';

/** As many as a manifest may have targets. */
export const SLOTS = 10;
const SLOT_NUMBERS = Array.from({ length: SLOTS }, (_, index) => index + 1);

/** `target_01_queue`; slots count from 1. One more than there are: see `readTargets`. */
const SLOT_NAMES = [...SLOT_NUMBERS, SLOTS + 1].map((slot) => {
  const name = (what: string): string => `target_${String(slot).padStart(2, '0')}_${what}`;
  return { queue: name('queue'), priority: name('priority'), share: name('share') };
});

/** Stands between skills in their column: no name of a skill may have it. */
export const SEPARATOR = '|';

/** Call flows name these columns: none may ever be renamed. */
export const COLUMNS: readonly Column[] = [
  { name: 'status', type: 'string', title: 'Status (active: calls are routed by it)' },
  { name: 'skills', type: 'string', title: `Required skills, separated by ${SEPARATOR}` },
  { name: 'targets', type: 'integer', title: 'Number of targets' },
  { name: 'fallback_queue', type: 'string', title: 'Fallback queue' },
  { name: 'fallback_priority', type: 'integer', title: 'Fallback priority' },
  ...SLOT_NUMBERS.flatMap((slot): Column[] => [
    { name: inSlot(slot, 'queue'), type: 'string', title: `Target ${slot} queue` },
    { name: inSlot(slot, 'priority'), type: 'integer', title: `Target ${slot} priority` },
    { name: inSlot(slot, 'share'), type: 'number', title: `Target ${slot} cumulative share` },
  ]),
  { name: 'spec', type: 'string', title: 'The strategy as JSON (for strategos, not for flows)' },
];

export function inSlot(slot: number, what: 'queue' | 'priority' | 'share'): string {
  return SLOT_NAMES[slot - 1]?.[what] ?? '';
}

/**
 * Every column, in order. Rows are copies of it: V8 takes an object that gets so many keys one by
 * one for a dictionary, and that is ten times as slow to make, to copy and to read.
 */
const BLANK = JSON.parse(
  JSON.stringify(
    Object.fromEntries([KEY, ...COLUMNS.map(({ name }) => name)].map((one) => [one, ''])),
  ),
) as JsonObject;

/** The row of a strategy with these fields, with every column: one left out would be emptied. */
export function rowOf(name: string, fields: JsonObject): JsonObject {
  const targets = objectsIn(fields['targets']).slice(0, SLOTS);
  const shares = sharesOf(targets.map(weighted));
  const fallback = isObject(fields['fallback']) ? fields['fallback'] : {};
  // Set one by one: of a literal V8 would define each anew, which takes it several times as long.
  const row: JsonObject = { ...BLANK };
  row[KEY] = name;
  row['status'] = statusIn(fields);
  row['skills'] = requiredSkills(fields);
  row['targets'] = targets.length;
  row['fallback_queue'] = referenceKey(fallback['queue'] ?? null);
  row['fallback_priority'] = numberOf(fallback['priority']);
  row['spec'] = specText(fields);
  for (const slot of SLOT_NUMBERS) {
    const target = targets[slot - 1];
    row[inSlot(slot, 'queue')] = referenceKey(target?.['queue'] ?? null);
    row[inSlot(slot, 'priority')] = numberOf(target?.['priority']);
    row[inSlot(slot, 'share')] = shares[slot - 1] ?? 0;
  }
  return row;
}

/** Throws a RangeError for what JSON cannot hold. */
export function specText(fields: JsonObject): string {
  return canonical({
    status: statusIn(fields),
    selection: fields['selection'] ?? { skills: [] },
    targets: fields['targets'] ?? [],
    fallback: fields['fallback'] ?? null,
  });
}

function statusIn(fields: JsonObject): string {
  return textOf(fields['status'] ?? 'draft');
}

function requiredSkills(fields: JsonObject): string {
  return requiredOf(skillsIn(fields));
}

function requiredOf(skills: ReturnType<typeof skillsIn>): string {
  const names: string[] = [];
  for (const { skill, required } of skills) if (required) names.push(referenceKey(skill));
  return names.join(SEPARATOR);
}

/** The fields of a row in the shape of a manifest's `spec`. Total: it is given what people type. */
export function fieldsOf(row: JsonObject): JsonObject {
  const spec = specIn(row);
  return {
    status: text(row, 'status'),
    selection: { skills: readSkills(row, spec) },
    targets: readTargets(row, spec),
    fallback: readFallback(row, spec),
  };
}

function readSkills(row: JsonObject, spec: JsonObject): JsonObject[] {
  const written = skillsIn(spec);
  const cell = text(row, 'skills');
  if (cell === requiredOf(written)) return written;
  const required = cell === '' ? [] : cell.split(SEPARATOR);
  const references = written.map(({ skill }) => skill);
  return [
    ...required.map((name) => ({ skill: named(name, references), required: true })),
    ...written.filter((one) => !one.required && !required.includes(referenceKey(one.skill))),
  ];
}

function readTargets(row: JsonObject, spec: JsonObject): JsonObject[] {
  const written = objectsIn(spec['targets']);
  // One more than there are slots shows that the number is too great.
  const count = Math.min(Math.max(Math.trunc(numberIn(row, 'targets')), 0), SLOTS + 1);
  const slots = Array.from({ length: count }, (_, index) => ({
    queue: text(row, inSlot(index + 1, 'queue')),
    priority: numberIn(row, inSlot(index + 1, 'priority')),
    share: numberIn(row, inSlot(index + 1, 'share')),
  }));
  const weights = weightsOf(slots, written.map(weighted));
  const references = written.map((one) => one['queue'] ?? null);
  return slots.map(({ queue, priority }, index) => {
    const isSame = (one: JsonObject | undefined): boolean =>
      one !== undefined && referenceKey(one['queue'] ?? null) === queue;
    // The platform lets a queue stand twice: its own place says more than its name.
    const origin = isSame(written[index]) ? written[index] : written.find(isSame);
    const weight = weights[index] ?? null;
    return withNumber({ queue: named(queue, references), priority, weight }, 'capacity', origin);
  });
}

function readFallback(row: JsonObject, spec: JsonObject): JsonObject | null {
  const queue = text(row, 'fallback_queue');
  if (queue === '') return null;
  const written = isObject(spec['fallback']) ? spec['fallback'] : undefined;
  const read = {
    queue: named(queue, [written?.['queue'] ?? null]),
    priority: numberIn(row, 'fallback_priority'),
  };
  // It belongs to having a fallback, whichever queue that is.
  return withNumber(read, 'weight', written);
}

/** What was written under this name: the name, or the id of one that has no name of its own. */
function named(name: string, written: readonly Json[]): Json {
  const origin = written.find((one) => isObject(one) && referenceKey(one) === name);
  return isObject(origin) ? { id: textOf(origin['id']) } : name;
}

/** What was written into `spec`, empty where that is no JSON that we could have written. */
function specIn(row: JsonObject): JsonObject {
  try {
    const value: unknown = JSON.parse(text(row, 'spec'));
    return isObject(value) && isCanonicalisable(value) ? value : {};
  } catch {
    return {};
  }
}

function skillsIn(fields: JsonObject): { skill: Json; required: boolean }[] {
  const { selection } = fields;
  return objectsIn(isObject(selection) ? selection['skills'] : undefined).map((one) => {
    const skill = one['skill'] ?? null;
    return {
      skill: isObject(skill) ? { id: textOf(skill['id']) } : textOf(skill),
      required: one['required'] === true,
    };
  });
}

function weighted(target: JsonObject): Weighted {
  const weight = Math.max(0, numberOf(target['weight']));
  return { priority: numberOf(target['priority']), weight };
}

function withNumber(
  to: JsonObject,
  key: 'capacity' | 'weight',
  from: JsonObject | undefined,
): JsonObject {
  const value = from?.[key];
  if (typeof value === 'number') to[key] = value;
  return to;
}

/** A finite number, else what an empty cell shows. */
function numberOf(value: Json | undefined): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** What an empty cell shows where there is no number. */
export function numberIn(row: JsonObject, name: string): number {
  return numberOf(row[name]);
}

/** Half a character would end every digest: it is shown as the mark of an unknown one. */
export function text(row: JsonObject, name: string): string {
  return textOf(row[name]).toWellFormed();
}
