/**
 * A row of an Architect data table: the wire form of the `datatable` backend, which every Genesys
 * Cloud org can run. A call flow looks the row up by the name of the strategy; what it finds there
 * is in `row.ts`. Form of rows: developer.genesys.cloud, "Data tables".
 *
 * A row is written as a whole or not at all, and has no version: the engine looks at it before each
 * write, and nothing has to be activated afterwards.
 */
import { same } from '../../core/canonical.js';
import { referenceKey } from '../../core/catalog.js';
import type { Issue } from '../../core/issue.js';
import { isObject, objectsIn, type Json, type JsonObject } from '../../core/json.js';
import type { AuditedEvent, FieldPlace, Read, Step, Wire, WireProblem } from '../../core/kind.js';
import { specOf } from '../../core/manifest.js';
import { objectName } from '../../core/outcome.js';
import { KEY, ROW_PAGE, rowPath, rowsPath, TABLE_LIMITS } from '../../core/table.js';
import type { Manifest } from '../../core/types.js';
import { COLUMNS, fieldsOf, rowOf, SEPARATOR, specText, text } from './row.js';

export const datatable: Wire = {
  home: {
    table: {
      description:
        'Routing strategies, written by strategos: call flows look them up by name (see ' +
        'docs/call-flow.md). Change them in git: edits made here by hand are seen as drift.',
      keyTitle: 'Name of the strategy',
      columns: COLUMNS,
    },
  },
  listing: (root) => ({ path: full(root), pageSize: ROW_PAGE }),
  itemPath: (root, id) => full(rowPath(root, id)),
  read,
  entity: rowOf,
  steps({ action, address, before, after }, root) {
    const name = objectName(address);
    switch (action) {
      case 'create':
        return createSteps(name, after ?? {}, root);
      case 'update':
      case 'adopt':
        return updateSteps(name, before ?? {}, after ?? {}, root);
      case 'delete':
        return [{ do: 'verify' }, removal(name, root)];
    }
  },
  bulk: true,
  rules,
  problems,
  audit: { service: 'Datatables', entityType: 'Row', idOf, holding, valueIn },
};

/** Without it the platform shows keys alone. */
function full(path: string): string {
  return `${path}?showbrief=false`;
}

function read(row: JsonObject): Read {
  const name = text(row, KEY);
  return {
    ...{ id: name, name, version: null, errorMessage: null },
    // Flows use what is active; any other word that a person may type keeps them from it.
    state: text(row, 'status') === 'active' ? 'active' : 'draft',
    // Most of the work, and who only looks for the row of a name has no use for it.
    get raw() {
      return fieldsOf(row);
    },
  };
}

type Write = Extract<Step, { do: 'write' }>;

function createSteps(name: string, after: JsonObject, root: string): Step[] {
  const create = (fields: JsonObject): Write => ({
    ...{ do: 'write', name: 'create' },
    request: () => ({ method: 'POST', path: root, body: rowOf(name, fields) }),
  });
  if (after['status'] !== 'active') return [create(after)];
  // A strategy that may not become active is kept all the same, as a draft.
  return [{ do: 'check', otherwise: create({ ...after, status: 'draft' }) }, create(after)];
}

function updateSteps(name: string, before: JsonObject, after: JsonObject, root: string): Step[] {
  // Adopting what is as it should be sends nothing; it has to be still so.
  if (same(before, after)) return [{ do: 'verify' }];
  const write = (as: 'update' | 'activate', fields: JsonObject): Write => ({
    ...{ do: 'write', name: as },
    request: (standing) => ({
      method: 'PUT',
      path: rowPath(root, name),
      // A column that somebody added would be emptied if it were left out.
      body: { ...standing?.entity, ...rowOf(name, fields) },
    }),
  });
  if (after['status'] !== 'active') return [write('update', after)];
  if (before['status'] === 'active') return [{ do: 'check' }, write('update', after)];
  // What may not become active is brought up to date all the same, and stays what it was.
  const inactive = { ...after, status: before['status'] ?? 'draft' };
  return [
    same(before, inactive)
      ? { do: 'check' }
      : { do: 'check', otherwise: write('update', inactive) },
    write('activate', after),
  ];
}

function removal(name: string, root: string): Write {
  return {
    ...{ do: 'write', name: 'delete' },
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
  // In a path these two mean the table itself and all tables, escaped or not.
  if (name !== '.' && name !== '..') return [];
  const message = `metadata.name: "${name}" cannot be the key of a row, which is a part of a path`;
  return [issue(manifest, 'unusable-name', '/metadata/name', message, 'choose another name')];
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

function problems(fields: JsonObject): WireProblem[] {
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
    ...(size === null ? [] : [size]),
  ];
}

function skillProblems(skill: Json, pointer: string): WireProblem[] {
  if (typeof skill !== 'string') return namelessProblems('skill', skill, pointer);
  if (!skill.includes(SEPARATOR)) return [];
  return [{ pointer, message: separatorMessage(skill), hint: SEPARATOR_HINT }];
}

function namelessProblems(what: 'queue' | 'skill', value: Json, pointer: string): WireProblem[] {
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

function sizeProblem(fields: JsonObject): WireProblem | null {
  const length = specLength(fields);
  const most = TABLE_LIMITS.cellCharacters;
  if (length <= most) return null;
  const message = `${length} characters as JSON, and a cell of a data table takes ${most}`;
  return { pointer: '', message, hint: 'name fewer skills or targets' };
}

function specLength(fields: JsonObject): number {
  try {
    return specText(fields).length;
  } catch {
    // What JSON cannot hold is refused elsewhere, and not for its size.
    return 0;
  }
}

/**
 * The platform names the table as the object; the row is in the context, whose keys are spelled in
 * more than one way, or else in the path of the object.
 */
function idOf({ context, entityName, entityUri }: AuditedEvent, root: string): string {
  const [, uriTable, uriKey] = /\/datatables\/([^/?]+)\/rows\/([^/?]+)/.exec(entityUri) ?? [];
  const table = at(context, 'datatableId') ?? uriTable;
  // Another table may well have a row of the same key.
  if (table !== undefined && root !== rowsPath(table)) return '';
  return at(context, 'key') ?? decoded(uriKey) ?? entityName;
}

/** The value of a key in whatever case. */
function at(context: AuditedEvent['context'], name: string): string | undefined {
  const lower = name.toLowerCase();
  return Object.entries(context).find(([key]) => key.toLowerCase() === lower)?.[1];
}

/** `undefined` where it is no text that was encoded. */
function decoded(part: string | undefined): string | undefined {
  try {
    return part === undefined ? undefined : decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** `spec` moves with every write, so it tells of nothing that a column of its own tells of. */
function holding({ top, item, leaf }: FieldPlace, live: JsonObject): (property: string) => boolean {
  switch (top) {
    case 'status':
      return (property) => property === 'status';
    case 'selection':
      return (property) => property === 'skills';
    case 'targets':
      return item === null ? isOfTargets : holdingTarget(item, leaf, objectsIn(live['targets']));
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
  targets: readonly JsonObject[],
): (property: string) => boolean {
  if (leaf === 'capacity') return (property) => property === 'spec';
  const slot = targets.findIndex(({ queue = null }) => referenceKey(queue) === item);
  if (slot === -1) return isOfTargets;
  const column = (at: number, name: string): string =>
    `target_${String(at + 1).padStart(2, '0')}_${name}`;
  if (leaf !== 'weight') {
    const names = leaf === null ? ['queue', 'priority', 'share'] : [leaf];
    const columns = names.map((name) => column(slot, name));
    return (property) => columns.includes(property);
  }
  // A share is cumulative: the one before it, in the same tier, is a part of what it says.
  const before = targets[slot - 1];
  const sameTier = before !== undefined && before['priority'] === targets[slot]?.['priority'];
  const shares = [column(slot, 'share'), ...(sameTier ? [column(slot - 1, 'share')] : [])];
  return (property) => shares.includes(property);
}

function valueIn(row: JsonObject, property: string): string | null {
  const value = Object.hasOwn(row, property) ? (row[property] ?? null) : null;
  return value === null || typeof value === 'object' ? null : String(value);
}
