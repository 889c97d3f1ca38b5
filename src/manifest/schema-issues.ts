/**
 * What a validator objects to, in people's words: one issue a place, each with what would be right.
 * Knows the vocabulary of JSON Schema and nothing of any particular schema.
 */
import type { Issue } from '../core/issue.js';
import { pointerToken } from '../core/json.js';
import { nearest, suggestion as suggested } from '../core/nearest.js';
import type { Positions } from '../core/types.js';
import type { SchemaError } from '../generated/validator.js';
import { plural } from '../core/plural.js';
import { alternatives, found, pathText, quoted } from './wording.js';

/** More than a person reads of one document. */
const MAX_ISSUES = 100;

/**
 * One issue for every place that the errors of a validator name.
 *
 * @param ignored pointers at which nothing is said, because something else was said there
 */
export function schemaIssues(
  errors: readonly SchemaError[],
  positions: Positions,
  ignored: ReadonlySet<string> = new Set(),
): Issue[] {
  const kept = relevant(withoutBranches(errors));
  const suggested = new Set<string>();
  const issues: Issue[] = [];
  let left = 0;
  // Unknown keys first: a key that is missing may only be misspelt.
  for (const error of kept.sort((a, b) => rank(a) - rank(b))) {
    const pointer = issuePointer(error);
    if (ignored.has(pointer) || (error.keyword === 'required' && suggested.has(pointer))) continue;
    if (issues.length >= MAX_ISSUES) {
      left += 1;
      continue;
    }
    const written = positions.written?.(error.instancePath) ?? null;
    const { suggestion, ...wording } = worded(error, pointer, written);
    if (suggestion !== undefined) suggested.add(`${error.instancePath}/${suggestion}`);
    issues.push({ severity: 'error', at: positions.at(pointer), ...wording });
  }
  if (left > 0) {
    const message = `${left} further problems in this document are not shown`;
    issues.push({ code: 'more-problems', severity: 'error', at: positions.at(''), message });
  }
  return issues;
}

type Wording = Pick<Issue, 'code' | 'message' | 'hint'> & { readonly suggestion?: string };

function rank(error: SchemaError): number {
  return isUnknownKey(error) ? 0 : 1;
}

function isUnknownKey({ keyword }: SchemaError): boolean {
  return keyword === 'additionalProperties' || keyword === 'unevaluatedProperties';
}

/** The pointer of what is wrong; of a missing key, where it would be. */
function issuePointer({ keyword, instancePath, params }: SchemaError): string {
  const key =
    keyword === 'required'
      ? params['missingProperty']
      : (params['additionalProperty'] ?? params['unevaluatedProperty'] ?? params['propertyName']);
  if (typeof key === 'string') return `${instancePath}/${pointerToken(key)}`;
  if (keyword === 'maxItems') return `${instancePath}/${String(params['limit'])}`;
  return instancePath;
}

/**
 * A value that fits none of several schemas has every error of each. Those stand right before the
 * error that sums them up; of a branch that is right in type they are worth more than the sum.
 */
function withoutBranches(errors: readonly SchemaError[]): SchemaError[] {
  const kept: SchemaError[] = [];
  for (const error of errors) {
    if (error.keyword !== 'anyOf' && error.keyword !== 'oneOf') {
      kept.push(error);
      continue;
    }
    const inside: SchemaError[] = [];
    let last = kept.at(-1);
    while (last !== undefined && isWithin(last.instancePath, error.instancePath)) {
      inside.unshift(last);
      kept.pop();
      last = kept.at(-1);
    }
    kept.push(...promising(error, inside));
  }
  return kept;
}

function isWithin(pointer: string, outer: string): boolean {
  return pointer === outer || pointer.startsWith(`${outer}/`);
}

/** The errors of the one branch that a person seems to have meant, else the summing-up. */
function promising(sum: SchemaError, inside: readonly SchemaError[]): readonly SchemaError[] {
  const branches = new Map<string, SchemaError[]>();
  const below: SchemaError[] = [];
  for (const error of inside) {
    const branch = branchOf(sum, error);
    if (branch === null) below.push(error);
    else branches.set(branch, [...(branches.get(branch) ?? []), error]);
  }
  const all = [...branches.values()];
  const meant = all.filter((list) => !list.some((error) => decides(error) && isAt(sum, error)));
  if (meant.length === 0 && below.length === 0) return misspelt(sum, all) ?? [sum];
  return meant.length > 1 ? [sum] : [...meant.flat(), ...below];
}

/** `null` of what is below the value, in a schema that several branches may refer to. */
function branchOf(sum: SchemaError, error: SchemaError): string | null {
  const inner = `${sum.schemaPath}/`;
  const rest = error.schemaPath.startsWith(inner) ? error.schemaPath.slice(inner.length) : null;
  const [first = ''] = rest?.split('/') ?? [];
  if (rest !== null && first !== '#') return first;
  return isAt(sum, error) ? (rest ?? error.schemaPath.replace(/\/[^/]*$/, '')) : null;
}

function isAt(sum: SchemaError, { instancePath }: SchemaError): boolean {
  return instancePath === sum.instancePath;
}

/** Of a mapping that lacks a key in every branch: the one that has a key like one that is there. */
function misspelt(
  sum: SchemaError,
  branches: readonly (readonly SchemaError[])[],
): readonly SchemaError[] | null {
  if (!isRecord(sum.data) || Array.isArray(sum.data)) return null;
  const mappings = branches.filter((list) =>
    list.every((error) => !isAt(sum, error) || error.keyword === 'required' || isUnknownKey(error)),
  );
  const near = mappings.filter((list) =>
    list.some((error) => isAt(sum, error) && isUnknownKey(error) && nearestKnown(error) !== null),
  );
  const [only, ...others] = near.length > 0 ? near : mappings;
  return others.length === 0 ? (only ?? null) : null;
}

/** Such an error at the value itself says that another branch is meant. */
function decides({ keyword }: SchemaError): boolean {
  return keyword === 'type' || keyword === 'const' || keyword === 'enum' || keyword === 'required';
}

/** Without errors that only repeat another one, and with only one for each place and subject. */
function relevant(errors: readonly SchemaError[]): SchemaError[] {
  const wrongType = new Set(
    errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath),
  );
  const seen = new Set<string>();
  return errors.filter((error) => {
    if (error.keyword === 'if' || error.keyword === 'contains' || 'propertyName' in error) {
      return false;
    }
    if (error.keyword !== 'type' && wrongType.has(error.instancePath)) return false;
    // A text that is too short or long is not also said to be of the wrong form.
    const place = `${issuePointer(error)} ${SINGLE.has(error.keyword) ? '' : error.keyword}`;
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
}

const SINGLE: ReadonlySet<string> = new Set([
  ...['additionalProperties', 'unevaluatedProperties', 'false schema'],
  ...['minLength', 'maxLength', 'pattern', 'format', 'minimum', 'maximum', 'enum', 'const'],
]);

/** The value that an error is about. */
interface Value {
  /** Where it stands, for people. */
  readonly subject: string;
  /** What stands there, for people. */
  readonly there: string;
  /** As it is written, where JSON would write it differently. */
  readonly written: string | null;
}

function worded(error: SchemaError, pointer: string, written: string | null): Wording {
  if (isUnknownKey(error)) return unknownKey(error, pointer);
  const subject = pathText(pointer);
  const there = found(error.data, written);
  const value: Value = { subject, there, written };
  switch (error.keyword) {
    case 'required':
      return missingKey(error);
    case 'type':
      return wrongType(error, value);
    case 'enum':
      return unknownValue(error, value);
    case 'const': {
      const message = `${subject}: expected ${found(error.schema)}, found ${there}`;
      return { code: 'unknown-value', message };
    }
    case 'false schema':
      return {
        code: 'misplaced-key',
        message: `${subject}: does not belong here`,
        hint: 'remove it',
      };
    case 'propertyNames': {
      const name = String(error.params['propertyName']);
      const message = `${pathText(error.instancePath)}: the key ${quoted(name)} is not accepted`;
      return { code: 'invalid-key', message, ...keyHint(name, error.schema) };
    }
    case 'anyOf':
    case 'oneOf': {
      const message = `${subject}: ${there} fits none of what is accepted here`;
      return { code: 'wrong-form', message, ...explained(error.parentSchema) };
    }
    default:
      return limit(error, value) ?? other(error, value);
  }
}

/** Where only certain keys may be, the nearest or all of them; else what a key is to look like. */
function keyHint(name: string, schema: unknown): { hint?: string } {
  const known = isRecord(schema) ? schema['enum'] : undefined;
  if (!Array.isArray(known)) return explained(schema);
  const keys = known.map(String);
  return { hint: suggested(name, keys) ?? `known here: ${[...keys].sort().join(', ')}` };
}

function unknownKey(error: SchemaError, pointer: string): Wording {
  const { key, properties, known } = unknownIn(error);
  const code = 'unknown-key';
  const message = `${pathText(pointer)}: unknown key`;
  const suggestion = nearestKnown(error);
  if (suggestion !== null) {
    const hint = suggested(key, [suggestion]) ?? '';
    return { code, message, hint, suggestion };
  }
  if (key === 'name' && known.length === 1 && known[0] === 'id') {
    return { code, message, hint: 'write the name alone, or { id: … }', suggestion: 'id' };
  }
  const below = placeBelow(key, properties);
  if (below !== null) {
    const place = pathText([error.instancePath, ...below.map(pointerToken)].join('/'));
    return { code, message, hint: `did you mean ${place}?`, suggestion: below.join('/') };
  }
  if (known.length === 0) return { code, message, hint: 'remove it' };
  return { code, message, hint: `known here: ${[...known].sort().join(', ')}` };
}

interface Unknown {
  readonly key: string;
  readonly properties: unknown;
  /** What may stand in its place. */
  readonly known: readonly string[];
}

function unknownIn({ params, parentSchema }: SchemaError): Unknown {
  const key = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
  const properties = parentSchema?.['properties'];
  return { key, properties, known: isRecord(properties) ? Object.keys(properties) : [] };
}

function nearestKnown(error: SchemaError): string | null {
  const { key, known } = unknownIn(error);
  return nearest(key, known) ?? null;
}

/** So deep a key is looked for that was indented too little, or written without what it is in. */
const MOST_LEVELS = 3;

/** Where the key belongs, the place that takes the fewest steps; `null` where it has none. */
function placeBelow(key: string, properties: unknown): string[] | null {
  let level: (readonly [string[], unknown])[] = [[[], properties]];
  for (let depth = 0; depth <= MOST_LEVELS && level.length > 0; depth += 1) {
    const found = level.find(([, of]) => isRecord(of) && Object.hasOwn(of, key));
    if (found !== undefined) return [...found[0], key];
    level = level.flatMap(([path, of]) =>
      isRecord(of)
        ? Object.entries(of).map(([name, schema]) => {
            const inner = isRecord(schema) ? schema['properties'] : undefined;
            return [[...path, name], inner] as const;
          })
        : [],
    );
  }
  return null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function missingKey({ instancePath, params }: SchemaError): Wording {
  const key = String(params['missingProperty']);
  const message = `${pathText(instancePath)}: ${quoted(key)} is missing`;
  return { code: 'missing-key', message, hint: `add ${key}` };
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'nothing (null)',
};

function wrongType(error: SchemaError, value: Value): Wording {
  // Of the right type it would still be none of those.
  const values = error.parentSchema?.['enum'];
  if (Array.isArray(values)) return unknownValue({ ...error, schema: values }, value);
  const types = [error.schema].flat().map(String);
  const expected = alternatives(types.map((type) => TYPE_WORDS[type] ?? type));
  const message = `${value.subject}: expected ${expected}, found ${value.there}`;
  const hint = typeHint(types, error, value.written);
  const right = hint === undefined ? explained(error.parentSchema) : { hint };
  return { code: 'wrong-type', message, ...right };
}

function typeHint(
  types: readonly string[],
  { data, parentSchema }: SchemaError,
  written: string | null,
): string | undefined {
  const wants = (type: string): boolean => types.includes(type);
  if (data === null) return EMPTY_HINT;
  if (typeof data === 'string') {
    const isWhole = wants('integer') && !wants('number');
    if (NUMERAL.test(data) && (isWhole || wants('number'))) return numeralHint(data, isWhole);
    if (wants('boolean')) return booleanHint(data);
  }
  const isNoMapping = typeof data === 'string' || Array.isArray(data);
  if (isNoMapping && wants('object') && !wants('array')) return mappingHint(parentSchema);
  if (wants('string') && (typeof data === 'number' || typeof data === 'boolean')) {
    const pattern = parentSchema?.['pattern'];
    const text = written ?? String(data);
    // A text of another form than is asked for would be refused again.
    const isOfForm = typeof pattern !== 'string' || new RegExp(pattern, 'u').test(text);
    return isOfForm ? 'put it in quotes' : undefined;
  }
  if (wants('integer') && typeof data === 'number') return 'write a number without a fraction';
  if (wants('array')) return 'write a list: each item on its own line, after "- "';
  return undefined;
}

/** So many keys are told of a mapping that something else stands in the place of. */
const MOST_KEYS = 4;

/** The keys that must be there, or else the only ones that may. */
function mappingHint(schema: SchemaError['parentSchema']): string | undefined {
  const required = [schema?.['required'] ?? []].flat().map(String);
  const properties = schema?.['properties'];
  const keys = required.length > 0 ? required : isRecord(properties) ? Object.keys(properties) : [];
  if (keys.length === 0 || keys.length > MOST_KEYS) return undefined;
  return `write it as { ${keys.map((key) => `${key}: …`).join(', ')} }`;
}

const EMPTY_HINT = 'give it a value, or remove the key';

/** A text that a person would read as one number alone. */
const NUMERAL = /^[-+]?\d+(\.\d+)?$/;

function numeralHint(text: string, isWhole: boolean): string {
  if (isWhole && text.includes('.')) return 'write a number without a fraction, and without quotes';
  if (/^[-+]?0\d/.test(text)) return 'write a number, without quotes and without zeros before it';
  return 'remove the quotes';
}

function booleanHint(text: string): string | undefined {
  if (/^(true|false)$/.test(text)) return 'remove the quotes';
  if (/^(y|yes|on|true)$/i.test(text)) return 'write true';
  return /^(n|no|off|false)$/i.test(text) ? 'write false' : undefined;
}

function unknownValue(error: SchemaError, { subject, there }: Value): Wording {
  const values = Array.isArray(error.schema) ? error.schema.map(String) : [];
  const message = `${subject}: expected ${alternatives(values)}, found ${there}`;
  const meant = typeof error.data === 'string' ? suggested(error.data, values) : undefined;
  const hint = error.data === null ? EMPTY_HINT : meant;
  return { code: 'unknown-value', message, ...(hint === undefined ? {} : { hint }) };
}

/** Too many, too few, too large, too small. */
function limit(error: SchemaError, value: Value): Wording | null {
  const { subject } = value;
  const { keyword, params, data, instancePath, parentSchema } = error;
  const bound = Number(params['limit']);
  const size = Array.isArray(data) ? data.length : 0;
  const list = pathText(instancePath);
  const noun = instancePath.slice(instancePath.lastIndexOf('/') + 1);
  switch (keyword) {
    case 'maxItems': {
      const message = `${list}: ${size} ${noun}; the limit is ${bound}`;
      return { code: 'too-many', message, hint: `remove ${size - bound}` };
    }
    case 'minItems': {
      const message = `${list}: ${plural(size, 'item', 'items')}; at least ${bound} needed`;
      return { code: 'too-few', message, hint: `add ${bound - size}` };
    }
    case 'maxProperties': {
      const keys = Object.keys(data as object).length;
      const message = `${list}: ${keys} keys; the limit is ${bound}`;
      return { code: 'too-many', message, hint: `remove ${keys - bound}` };
    }
    case 'minLength': {
      const message = `${subject}: must not be empty`;
      return { code: 'too-short', message, ...explained(parentSchema) };
    }
    case 'maxLength': {
      const length = Array.from(String(data)).length;
      const message = `${subject}: ${length} characters; the limit is ${bound}`;
      return { code: 'too-long', message, hint: 'shorten it' };
    }
    default:
      return range(error, value);
  }
}

const RANGES: Readonly<Record<string, (bound: string) => string>> = {
  minimum: (bound) => `${bound} or more`,
  exclusiveMinimum: (bound) => `more than ${bound}`,
  maximum: (bound) => `${bound} or less`,
  exclusiveMaximum: (bound) => `less than ${bound}`,
};

function range(error: SchemaError, { subject, written }: Value): Wording | null {
  const bound = RANGES[error.keyword]?.(String(error.params['limit']));
  if (bound === undefined) return null;
  const { minimum, maximum } = error.parentSchema ?? {};
  const both = typeof minimum === 'number' && typeof maximum === 'number';
  const expected = both ? `${minimum} to ${maximum}` : bound;
  const message = `${subject}: expected ${expected}, found ${written ?? String(error.data)}`;
  return { code: 'out-of-range', message, ...explained(error.parentSchema) };
}

function other(error: SchemaError, { subject, there }: Value): Wording {
  // What a person put where the name of a variable belongs may be the secret itself.
  const silent = /Env$/.test(error.instancePath);
  const message = `${subject}: ${silent ? 'the value' : there} is not accepted here`;
  return { code: 'invalid-value', message, ...explained(error.parentSchema) };
}

/** The schema's own words on what belongs there. */
function explained(schema: unknown): { hint?: string } {
  if (typeof schema !== 'object' || schema === null) return {};
  const description = (schema as Record<string, unknown>)['description'];
  return typeof description === 'string' ? { hint: inBrief(description) } : {};
}

/** More than a person reads of a hint. */
const LONGEST_HINT = 160;

/** Whole sentences, where there are any so short. */
function inBrief(description: string): string {
  // What it means to leave the key out helps nobody who has written it.
  const text = description.replace(/(?<=\.) Absent: .*$/s, '').replace(/\.$/, '');
  if (text.length <= LONGEST_HINT) return text;
  const cut = text.slice(0, LONGEST_HINT);
  const end = cut.lastIndexOf('. ');
  return end > 0 ? cut.slice(0, end) : `${cut.slice(0, cut.lastIndexOf(' '))} …`;
}
