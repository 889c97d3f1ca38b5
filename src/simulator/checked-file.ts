/** Files that the simulator is started with: YAML or JSON text, checked by a schema and by hand. */
import { LineCounter, isMap, isNode, isScalar, parseAllDocuments, type Document } from 'yaml';
import { InvalidInput } from '../core/errors.js';
import { sortIssues, type Issue, type Location } from '../core/issue.js';
import { isObject, pointerKeys, type Json } from '../core/json.js';
import { nearest } from '../core/nearest.js';
import type { SchemaValidator } from '../generated/validator.js';

export interface CheckedSource {
  /** As the user would write it; only shown. */
  readonly path: string;
  readonly text: string;
}

/** What is wrong at one place of a file. */
export interface Finding {
  /** The path of the value in the file. */
  readonly keys: readonly (string | number)[];
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export interface CheckedForm {
  /** `org file`, as people call it. */
  readonly what: string;
  readonly validator: () => Promise<SchemaValidator<unknown>>;
  /** What a schema cannot say. The value may be of any shape: it may not fit the schema. */
  readonly check: (value: Json) => Finding[];
}

/**
 * The value behind a text; `{}` where it holds no document, or an empty one. Throws one
 * `InvalidInput` that carries every problem found.
 */
export async function loadChecked(source: CheckedSource, form: CheckedForm): Promise<Json> {
  const counter = new LineCounter();
  const [document, ...others] = parseAllDocuments(source.text, { lineCounter: counter });
  const place = (offset: number): Location => {
    const { line, col } = counter.linePos(offset);
    return { file: source.path, line: Math.max(1, line), column: Math.max(1, col) };
  };
  // A text without a document is a file in which every part is left out.
  if (document === undefined || !('contents' in document)) return {};
  const issues = [document, ...others].flatMap(({ errors }) =>
    errors.map((error) => issue('syntax', place(error.pos[0]), firstLine(error.message))),
  );
  for (const other of others) {
    const at = place(other.range[0]);
    issues.push(issue('second-document', at, `the ${form.what} goes on with another document`));
  }
  if (issues.length > 0) throw invalid(source.path, form, issues);
  const value = toJson(document, source.path, form, place);
  if (value === null) return {};
  const findings = [...checkSchema(value, await form.validator()), ...form.check(value)];
  if (findings.length === 0) return value;
  const found = findings.map(({ keys, code, message, hint }) => {
    const where = keys.length === 0 ? '' : `${path(keys)}: `;
    return issue(code, place(offsetOf(document, keys)), `${where}${message}`, hint);
  });
  throw invalid(source.path, form, found);
}

function invalid(file: string, { what }: CheckedForm, issues: readonly Issue[]): InvalidInput {
  const count = issues.length === 1 ? '1 problem' : `${issues.length} problems`;
  return new InvalidInput(`${file}: not a valid ${what}: ${count}`, sortIssues(issues));
}

function issue(code: string, at: Location, message: string, hint?: string): Issue {
  return { code, severity: 'error', at, message, ...(hint === undefined ? {} : { hint }) };
}

/** The parser's message goes on with an excerpt of the text. */
function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}

/** Aliases are resolved here, which fails when they multiply beyond reason. */
function toJson(
  document: Document,
  file: string,
  form: CheckedForm,
  place: (offset: number) => Location,
): Json {
  try {
    return document.toJS() as Json;
  } catch (cause) {
    const message = cause instanceof Error ? firstLine(cause.message) : String(cause);
    throw invalid(file, form, [issue('syntax', place(0), message)]);
  }
}

function checkSchema(value: Json, validate: SchemaValidator<unknown>): Finding[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error): Finding => {
    const keys = numbers(value, pointerKeys(error.instancePath));
    const { params } = error;
    if (typeof params.additionalProperty === 'string') {
      const known = Object.keys(error.parentSchema?.properties ?? {});
      const near = nearest(params.additionalProperty, known);
      const hint =
        near === undefined ? `known keys: ${known.join(', ')}` : `did you mean '${near}'?`;
      return {
        keys: [...keys, params.additionalProperty],
        code: 'unknown-key',
        message: 'this key is not known',
        hint,
      };
    }
    const allowed = Array.isArray(params.allowedValues)
      ? `: ${params.allowedValues.join(', ')}`
      : '';
    return { keys, code: 'schema', message: `${error.message ?? 'is not valid'}${allowed}` };
  });
}

/** Pointer tokens as keys: numbers where the value has lists. */
function numbers(value: Json, tokens: readonly string[]): (string | number)[] {
  let at: Json | undefined = value;
  return tokens.map((token) => {
    const key = Array.isArray(at) ? Number(token) : token;
    at = Array.isArray(at) ? at[Number(token)] : isObject(at) ? at[token] : undefined;
    return key;
  });
}

/** `queues[0].members[1]` */
function path(keys: readonly (string | number)[]): string {
  return keys
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${key}`))
    .join('');
}

/** Where a value was written: the key of a mapping's entry, the item of a list, or the parent. */
function offsetOf(document: Document, keys: readonly (string | number)[]): number {
  for (let length = keys.length; length > 0; length -= 1) {
    const parent = document.getIn(keys.slice(0, length - 1), true);
    const last = keys[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === last);
      if (isNode(pair?.key) && pair.key.range) return pair.key.range[0];
    }
    const node = document.getIn(keys.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}
