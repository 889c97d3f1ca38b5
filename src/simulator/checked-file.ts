/**
 * Files that the simulator is started with: YAML or JSON text, read as strictly as manifests are,
 * checked by a schema and by hand.
 */
import { InvalidInput } from '../core/errors.js';
import { hasErrors, sortIssues, type Issue } from '../core/issue.js';
import { isObject, pointer, pointerKeys, type Json, type JsonObject } from '../core/json.js';
import { nearest } from '../core/nearest.js';
import { parseSource } from '../manifest/parse.js';
import type { SchemaValidator } from '../generated/validator.js';

export interface CheckedSource {
  /** As the user would write it; only shown. */
  readonly path: string;
  readonly bytes: Uint8Array;
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
  readonly check: (value: JsonObject) => Finding[];
  /** A file that holds nothing says nothing: it is a mistake, or was cut off. */
  readonly mayBeEmpty?: false;
}

/**
 * The value behind the bytes; `{}` where they hold no document, or an empty one. Throws one
 * `InvalidInput` that carries every problem found. A file larger than 1 MiB is refused unread.
 */
export async function loadChecked(source: CheckedSource, form: CheckedForm): Promise<JsonObject> {
  const { documents, issues } = parseSource(source);
  const [document, ...others] = documents;
  const refused = issues.map((one) =>
    one.code === 'not-a-mapping'
      ? { ...withoutHint(one), message: `the ${form.what} is not a mapping` }
      : one,
  );
  for (const other of others) {
    const message = `the ${form.what} goes on with another document`;
    refused.push({
      code: 'second-document',
      severity: 'error',
      at: other.positions.at(''),
      message,
    });
  }
  if (hasErrors(refused)) throw invalid(source.path, form, refused);
  if (document === undefined) {
    if (form.mayBeEmpty !== false) return {};
    throw new InvalidInput(`${source.path}: not a valid ${form.what}: it is empty`, [], {
      hint: 'name another file, or write it anew',
    });
  }
  const { body, positions } = document;
  const all = [...checkSchema(body, await form.validator()), ...form.check(body)];
  if (all.length === 0) return body;
  const findings = all.slice(0, MAX_SHOWN);
  const found = findings.map(({ keys, code, message, hint }): Issue => {
    const where = keys.length === 0 ? '' : `${path(keys)}: `;
    return {
      code,
      severity: 'error',
      at: positions.at(pointer(keys)),
      message: where + message,
      ...(hint === undefined ? {} : { hint }),
    };
  });
  throw invalid(source.path, form, found);
}

/** More than a person reads. */
const MAX_SHOWN = 100;

/** What would be right for a manifest need not be right here. */
function withoutHint({ code, severity, at, message }: Issue): Issue {
  return { code, severity, at, message };
}

function invalid(file: string, { what }: CheckedForm, issues: readonly Issue[]): InvalidInput {
  const count = issues.length === 1 ? '1 problem' : `${issues.length} problems`;
  return new InvalidInput(`${file}: not a valid ${what}: ${count}`, sortIssues(issues));
}

function checkSchema(value: Json, validate: SchemaValidator<unknown>): Finding[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).slice(0, MAX_SHOWN).map((error): Finding => {
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
