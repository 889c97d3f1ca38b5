/**
 * A row of an Architect data table: the wire form of the `datatable` backend, which every Genesys
 * Cloud org can run. A call flow looks the row up by the name of the strategy; what it finds there
 * is in `row.ts`. Form of rows: developer.genesys.cloud, "Data tables".
 *
 * A row is written as a whole or not at all, and has no version: the engine looks at it before each
 * write, and nothing has to be activated afterwards.
 */
import { longestCanonical, same } from '../../core/canonical.js';
import type { Issue } from '../../core/issue.js';
import { isObject, objectsIn, type Json, type JsonObject } from '../../core/json.js';
import type {
  ChangeContent,
  Read,
  Resource,
  ResourceProblem,
  Step,
  WriteStep,
} from '../../core/resource.js';
import { specOf } from '../../core/manifest.js';
import { objectName } from '../../core/outcome.js';
import { rowKeyOf } from '../../core/audited-row.js';
import { namesIn, type Place } from '../../core/place.js';
import { isUnreachableKey, KEY, ROW_PAGE, rowPath, TABLE_LIMITS } from '../../core/table.js';
import type { Manifest } from '../../core/types.js';
import { circularLeft } from './circular.js';
import { meantBy, odditiesOf } from './odd.js';
import { COLUMNS, fieldsOf, inSlot, rowOf, SEPARATOR, SLOTS, specText, text } from './row.js';
import { unenforced } from './unenforced.js';

export const datatable: Resource = {
  home: {
    table: {
      description:
        'Routing strategies, written by strategos: call flows look them up by name (see ' +
        'docs/call-flow.md of strategos). Change them in git: edits made here by hand are seen ' +
        'as drift.',
      keyTitle: 'Name of the strategy',
      columns: COLUMNS,
      // What a row refers to; the column `spec` is for us, and a table of a person's own lacks it.
      knownBy: ['skills', 'targets', 'fallback_queue', inSlot(1, 'queue')],
    },
  },
  listing: (root) => ({ path: full(root), pageSize: ROW_PAGE }),
  itemPath: (root, id) => full(rowPath(root, id)),
  read,
  order: 'as it stands',
  own: (row) => cells(row, true),
  beside: (row) => cells(row, false),
  odd: {
    of: odditiesOf,
    meant: meantBy,
    mends: 'the manifest is the nearest that can be said; an apply of it puts the row in order',
  },
  entity: rowOf,
  readsNoCapacity: true,
  steps(change, root) {
    const name = objectName(change.address);
    switch (change.action) {
      case 'create':
        return createSteps(change, name, root);
      case 'update':
      case 'adopt':
        return updateSteps(change, name, root);
      case 'delete':
        return [{ do: 'verify' }, removal(name, root)];
    }
  },
  isBulk: true,
  writesCells: true,
  rules,
  problems,
  unenforced,
  audit: { service: 'Datatables', entityType: 'Row', idOf: rowKeyOf, holding, valueIn },
};

/** Without it the platform shows keys alone. */
function full(path: string): string {
  return `${path}?showbrief=false`;
}

function read(row: JsonObject): Read {
  const name = text(row, KEY);
  return {
    id: name,
    name,
    version: null,
    errorMessage: null,
    // Flows use what is active; any other word that a person may type keeps them from it.
    state: text(row, 'status') === 'active' ? 'active' : 'draft',
    // Most of the work, and who only looks for the row of a name has no use for it.
    get raw() {
      return fieldsOf(row);
    },
  };
}

const OURS: ReadonlySet<string> = new Set([KEY, ...COLUMNS.map(({ name }) => name)]);

/** The cells of our columns, or of those that somebody added. */
function cells(row: JsonObject, ours: boolean): JsonObject {
  const strange = Object.keys(row).some((name) => !OURS.has(name));
  if (!strange) return ours ? row : {};
  return Object.fromEntries(Object.entries(row).filter(([name]) => OURS.has(name) === ours));
}

/** The row of a change; with another status than it is to have, where that is said. */
function rowFor({ after, exactly }: ChangeContent, name: string, status?: Json): JsonObject {
  if (exactly !== undefined) return { ...exactly, ...(status === undefined ? {} : { status }) };
  return rowOf(name, { ...after, ...(status === undefined ? {} : { status }) });
}

function createSteps(change: ChangeContent, name: string, root: string): Step[] {
  const create = (status?: Json): WriteStep => ({
    do: 'write',
    name: 'create',
    request: () => ({ method: 'POST', path: root, body: rowFor(change, name, status) }),
  });
  if (change.after?.['status'] !== 'active') return [create()];
  // A strategy that may not become active is kept all the same, as a draft.
  return [{ do: 'check', otherwise: create('draft') }, create()];
}

function updateSteps(change: ChangeContent, name: string, root: string): Step[] {
  const { before, after, exactly } = change;
  // Adopting what is as it should be sends nothing; it has to be still so.
  if (exactly === undefined && same(before, after)) return [{ do: 'verify' }];
  const write = (as: 'update' | 'activate', status?: Json): WriteStep => ({
    do: 'write',
    name: as,
    request: (standing) => ({
      method: 'PUT',
      path: rowPath(root, name),
      // A column that somebody added would be emptied if it were left out.
      body: {
        ...cells(standing?.entity ?? {}, false),
        ...cells(rowFor(change, name, status), true),
      },
    }),
  });
  if (after?.['status'] !== 'active') return [write('update')];
  if (before?.['status'] === 'active') return [{ do: 'check' }, write('update')];
  // What may not become active is brought up to date all the same, and stays what it was.
  const status = before?.['status'] ?? 'draft';
  return [
    exactly === undefined && same(before, { ...after, status })
      ? { do: 'check' }
      : { do: 'check', otherwise: write('update', status) },
    write('activate'),
  ];
}

function removal(name: string, root: string): WriteStep {
  return {
    do: 'write',
    name: 'delete',
    request: () => ({ method: 'DELETE', path: rowPath(root, name) }),
  };
}

/** Total: what does not fit the schema is passed over. */
function rules(manifest: Manifest): Issue[] {
  return [...nameRules(manifest), ...skillRules(manifest), ...sizeRules(manifest)];
}

function nameRules(manifest: Manifest): Issue[] {
  const { name } = manifest;
  const most = TABLE_LIMITS.keyCharacters;
  if (name.length > most) {
    const message = `metadata.name: ${name.length} characters, and a data table takes ${most}`;
    return [issue(manifest, 'name-too-long', '/metadata/name', message, 'shorten the name')];
  }
  if (isUnreachableKey(name)) {
    const why = `"${name}" cannot be the key of a row, which is a part of a path`;
    const message = `metadata.name: ${why}`;
    return [issue(manifest, 'unusable-name', '/metadata/name', message, 'choose another name')];
  }
  return pathRules(manifest);
}

/**
 * The platform refuses `/` and `\` in the names of tables (help, "Create a data table"); of keys
 * nobody says. What is live under such a name stays as it is, so this is no error.
 */
function pathRules(manifest: Manifest): Issue[] {
  const { name } = manifest;
  const odd = [...new Set(name.match(/[/\\%#?;]/g) ?? [])];
  if (odd.length === 0) return [];
  const named = odd.map((one) => `"${one}"`).join(' ');
  const message =
    `metadata.name: ${named} has to be escaped in the path of a row, and not every org takes ` +
    'that: the strategy might be made there, and then neither changed nor deleted';
  const hint = 'choose a name of letters, digits, spaces and . - _ ( ) instead';
  const at = '/metadata/name';
  return [{ ...issue(manifest, 'name-in-path', at, message, hint), severity: 'warning' }];
}

function skillRules(manifest: Manifest): Issue[] {
  const { selection } = specOf(manifest);
  const skills = isObject(selection) ? selection['skills'] : undefined;
  if (!Array.isArray(skills)) return [];
  return skills.flatMap((one, index) => {
    const skill = isObject(one) ? one['skill'] : undefined;
    if (typeof skill !== 'string') return [];
    const at = `/spec/selection/skills/${index}/skill`;
    if (skill.includes('+')) return [unfindable(manifest, at, skill)];
    if (!skill.includes(SEPARATOR)) return [];
    const message = `spec.selection.skills[${index}]: ${separatorMessage(skill)}`;
    return [issue(manifest, 'skill-separator', at, message, SEPARATOR_HINT)];
  });
}

/** Help, "Set up a Transfer to ACD action": a skill whose name has a plus is not found by it. */
function unfindable(manifest: Manifest, at: string, skill: string): Issue {
  const message = `${JSON.stringify(skill)}: a call flow cannot find a skill with "+" by its name`;
  const hint = 'rename the skill in the org; until then its calls go to the default queue';
  return { ...issue(manifest, 'unfindable-skill', at, message, hint), severity: 'warning' };
}

/** Defaults are not filled in yet; `problems` counts them too. */
function sizeRules(manifest: Manifest): Issue[] {
  const problem = sizeProblem(specOf(manifest));
  if (problem === null) return [];
  const message = `spec: ${problem.message}`;
  return [issue(manifest, 'strategy-too-large', '/spec', message, problem.hint)];
}

function issue(manifest: Manifest, code: string, at: string, message: string, hint: string): Issue {
  return { code, severity: 'error', at: manifest.positions.at(at), message, hint };
}

function problems(fields: JsonObject, live: JsonObject | null): ResourceProblem[] {
  const { selection, fallback } = fields;
  const skills = objectsIn(isObject(selection) ? selection['skills'] : undefined);
  const size = sizeProblem(fields);
  return [
    ...skills.flatMap((one, index) =>
      skillProblems(one['skill'] ?? null, `/selection/skills/${index}/skill`),
    ),
    ...objectsIn(fields['targets']).flatMap((one, index) =>
      namelessProblems('queue', one['queue'] ?? null, `/targets/${index}/queue`),
    ),
    ...(isObject(fallback)
      ? namelessProblems('queue', fallback['queue'] ?? null, '/fallback/queue')
      : []),
    ...circularLeft(fields, live),
    ...(size === null ? [] : [size]),
  ];
}

function skillProblems(skill: Json, pointer: string): ResourceProblem[] {
  if (typeof skill !== 'string') return namelessProblems('skill', skill, pointer);
  if (!skill.includes(SEPARATOR)) return [];
  return [{ pointer, message: separatorMessage(skill), hint: SEPARATOR_HINT }];
}

function namelessProblems(
  what: 'queue' | 'skill',
  value: Json,
  pointer: string,
): ResourceProblem[] {
  if (!isObject(value)) return [];
  const one = `the ${what} with id ${JSON.stringify(value['id'] ?? null)}`;
  return [
    {
      pointer,
      message: `${one} has no name to itself, and the data table holds names`,
      hint: `give the ${what} a name in the org that no other has, and write that name`,
    },
  ];
}

function separatorMessage(skill: string): string {
  const name = JSON.stringify(skill);
  return `the skill ${name} has a "${SEPARATOR}", which separates skills in the data table`;
}

const SEPARATOR_HINT = `rename the skill in the org without "${SEPARATOR}"`;

function sizeProblem(fields: JsonObject): ResourceProblem | null {
  const most = TABLE_LIMITS.cellCharacters;
  if (longestCanonical(fields) + LONGEST_DEFAULTS <= most) return null;
  const length = specLength(fields);
  if (length <= most) return null;
  const message = `${length} characters as JSON, and a cell of a data table takes ${most}`;
  return { pointer: '', message, hint: 'name fewer skills or targets' };
}

/** What `specText` puts in place of keys that are not there: a hundred characters. */
const LONGEST_DEFAULTS = 200;

function specLength(fields: JsonObject): number {
  try {
    return specText(fields).length;
  } catch {
    // What JSON cannot hold is refused elsewhere, and not for its size.
    return 0;
  }
}

/** `spec` moves with every write, so it tells of nothing that a column of its own tells of. */
function holding(place: Place, row: JsonObject): (property: string) => boolean {
  const { top, item, leaf } = namesIn(place);
  switch (top) {
    case 'status':
      return (property) => property === 'status';
    case 'selection':
      return (property) => property === 'skills';
    case 'targets':
      return item === null ? isOfTargets : holdingTarget(item, leaf, row);
    case 'fallback':
      if (leaf === 'weight') return (property) => property === 'spec';
      return (property) =>
        leaf === null ? property.startsWith('fallback_') : property === `fallback_${leaf}`;
    default:
      return () => false;
  }
}

function isOfTargets(property: string): boolean {
  return /^target(s|_\d\d_[a-z]+)$/.test(property);
}

/** A target that is gone was in some slot; one that is there is in its own. */
function holdingTarget(
  item: string,
  leaf: string | null,
  row: JsonObject,
): (property: string) => boolean {
  if (leaf === 'capacity') return (property) => property === 'spec';
  const slot = slotOf(item, row);
  if (slot === null) return isOfTargets;
  if (leaf !== 'weight') {
    const names = leaf === null ? (['queue', 'priority', 'share'] as const) : [leaf];
    const columns = names.map((name) => inSlot(slot, name as 'queue'));
    return (property) => columns.includes(property);
  }
  // A share is cumulative: the one before it, in the same tier, is a part of what it says.
  const priority = (at: number): Json => row[inSlot(at, 'priority')] ?? null;
  const sameTier = slot > 1 && priority(slot - 1) === priority(slot);
  const columns = [
    inSlot(slot, 'share'),
    ...(sameTier ? [inSlot(slot - 1, 'share')] : []),
    // Who changes a priority changes which shares are of one tier, and so what each is worth.
    ...[slot, slot - 1, slot + 1].map((at) => inSlot(at, 'priority')),
  ];
  return (property) => columns.includes(property);
}

/** The first slot with that queue, from 1. */
function slotOf(queue: string, row: JsonObject): number | null {
  for (let slot = 1; slot <= SLOTS; slot += 1) {
    if (text(row, inSlot(slot, 'queue')) === queue) return slot;
  }
  return null;
}

function valueIn(row: JsonObject, property: string): string | null {
  const value = Object.hasOwn(row, property) ? (row[property] ?? null) : null;
  return value === null || typeof value === 'object' ? null : String(value);
}
