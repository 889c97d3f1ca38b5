/** What a schema cannot say of a DataTable. */
import { folded } from '../../core/alike.js';
import type { Issue } from '../../core/issue.js';
import { isObject, textOf, type JsonObject } from '../../core/json.js';
import { specOf } from '../../core/manifest.js';
import { KEY, TABLE_LIMITS } from '../../core/table.js';
import type { Manifest } from '../../core/types.js';
import { rowRules } from './row-rules.js';
import { fits, foundAt, isColumnType, issueAt, rightFor } from './value.js';

/** Total: what does not fit the schema is passed over. */
export function rules(manifest: Manifest): Issue[] {
  return [...columnRules(manifest), ...rowRules(manifest)];
}

function columnRules(manifest: Manifest): Issue[] {
  const { columns } = specOf(manifest);
  if (!Array.isArray(columns)) return [];
  const all = columns.map((column) => (isObject(column) ? column : {}));
  return [
    ...keyIssues(manifest, all),
    ...nameIssues(manifest, all),
    ...all.flatMap((column, index) => valueIssues(manifest, column, index)),
  ];
}

function keyIssues(manifest: Manifest, columns: readonly JsonObject[]): Issue[] {
  const [key] = columns;
  if (key === undefined) return [];
  const { name, type, title } = key;
  const said = (code: string, at: string, message: string, hint: string): Issue =>
    issueAt(manifest, code, `/columns/0/${at}`, { message: `spec.columns[0]${message}`, hint });
  const found: Issue[] = [];
  if (typeof type === 'string' && type !== 'string') {
    const message = `.type: the first column is the key, and a key is a string, not ${type}`;
    found.push(said('key-type', 'type', message, 'write type: string, or put the key first'));
  }
  if (title !== undefined && name !== KEY && title !== name) {
    const message = `.title: the name of the key, ${JSON.stringify(name)}, is its label already`;
    found.push(said('key-title', 'title', message, 'leave title out, or write name: key'));
  }
  if (/[/\\]/.test(textOf(name === KEY ? title : name))) {
    const at = name === KEY ? 'title' : 'name';
    const message = `.${at}: the platform takes no label of a key with / or \\`;
    found.push(said('key-label', at, message, 'write it without them'));
  }
  if ('default' in key) {
    const message = '.default: a key has none, every row says its own';
    found.push(said('key-default', 'default', message, 'leave it out'));
  }
  return found;
}

function nameIssues(manifest: Manifest, columns: readonly JsonObject[]): Issue[] {
  const found: Issue[] = [];
  const seen = new Map<string, number>();
  columns.forEach(({ name }, index) => {
    if (typeof name !== 'string') return;
    const pointer = `/columns/${index}/name`;
    const at = `spec.columns[${index}]: `;
    if (index > 0 && name === KEY) {
      const message = `${at}"key" is what the platform calls the first column`;
      found.push(issueAt(manifest, 'key-name', pointer, { message, hint: 'choose another name' }));
    }
    const first = seen.get(folded(name));
    if (first === undefined) seen.set(folded(name), index);
    else {
      const { line } = manifest.positions.at(`/spec/columns/${first}/name`);
      const which = columns[first]?.['name'] === name ? 'is used' : 'is used in another writing';
      const message = `${at}the name ${JSON.stringify(name)} ${which} already, in line ${line}`;
      const hint = 'rename one of the two, or remove it';
      found.push(issueAt(manifest, 'duplicate-column', pointer, { message, hint }));
    }
  });
  const most = TABLE_LIMITS.columns;
  if (columns.length > most + 1) {
    const count = columns.length - 1;
    const message = `spec.columns: ${count} beside the key, and the platform takes ${most}`;
    const hint = 'split the table in two';
    found.push(issueAt(manifest, 'too-many-columns', `/columns/${most + 1}`, { message, hint }));
  }
  return found;
}

function valueIssues(manifest: Manifest, column: JsonObject, index: number): Issue[] {
  const { type, default: preset, minimum, maximum, minLength, maxLength } = column;
  if (!isColumnType(type)) return [];
  const said = (code: string, at: string, message: string, hint: string): Issue =>
    issueAt(manifest, code, `/columns/${index}/${at}`, {
      message: `spec.columns[${index}].${at}: ${message}`,
      hint,
    });
  const found: Issue[] = [];
  if (preset !== undefined && !fits(type, preset)) {
    const pointer = `/columns/${index}/default`;
    const message = `the column is of type ${type}; found ${foundAt(manifest, pointer, preset)}`;
    const hint = rightFor(type, manifest, pointer, preset);
    found.push(said('column-default', 'default', message, hint));
  }
  if (column['references'] !== undefined && type !== 'string') {
    const message = `a name is a string, and the column is of type ${type}`;
    found.push(said('column-reference', 'references', message, 'write type: string'));
  }
  const isNumber = type === 'integer' || type === 'number';
  for (const bound of ['minimum', 'maximum']) {
    if (column[bound] === undefined || isNumber) continue;
    const message = `only numbers have one, and the column is of type ${type}`;
    found.push(said('column-bound', bound, message, 'leave it out'));
  }
  for (const bound of ['minLength', 'maxLength']) {
    if (column[bound] === undefined || type === 'string') continue;
    const message = `only texts have one, and the column is of type ${type}`;
    found.push(said('column-bound', bound, message, 'leave it out'));
  }
  if (typeof minimum === 'number' && typeof maximum === 'number' && minimum > maximum) {
    const message = `${minimum} is greater than maximum ${maximum}`;
    found.push(said('column-bound', 'minimum', message, 'swap the two'));
  }
  if (typeof minLength === 'number' && typeof maxLength === 'number' && minLength > maxLength) {
    const message = `${minLength} is greater than maxLength ${maxLength}`;
    found.push(said('column-bound', 'minLength', message, 'swap the two'));
  }
  return found;
}
