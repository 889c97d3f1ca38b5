/** Documents × schemas → issues. Documents without errors cost one call of their validator. */
import type { Issue } from '../core/issue.js';
import { isObject } from '../core/json.js';
import type { Json, JsonObject } from '../core/json.js';
import { suggestion } from '../core/nearest.js';
import type { Positions } from '../core/types.js';
import { manifestValidators } from '../generated/manifest-validators.js';
import { schemaIssues } from './schema-issues.js';
import { secretIssues, secretPointers } from './secrets.js';
import { alternatives, found, quoted } from './wording.js';

export const API_VERSION = 'strategos/v1';

/** The kinds that have a schema, in code-unit order. */
export const KNOWN_KINDS: readonly string[] = Object.keys(manifestValidators).sort();

/**
 * Everything that is wrong with a document by itself, short of its kind's rules: envelope, schema,
 * and secrets in clear text. Empty when the document is valid.
 */
export function check(body: JsonObject, positions: Positions): Issue[] {
  const secrets = secretPointers(body);
  const issues = envelopeIssues(body, positions);
  const kind = body['kind'];
  const validator = typeof kind === 'string' ? validatorOf(kind) : undefined;
  if (validator !== undefined && !validator(body)) {
    const ignored = new Set(secrets.keys());
    if (issues.length > 0) ignored.add('/apiVersion');
    issues.push(...schemaIssues(validator.errors ?? [], positions, ignored));
  }
  if (secrets.size > 0) issues.push(...secretIssues(secrets, positions));
  return issues;
}

function validatorOf(kind: string): (typeof manifestValidators)[string] | undefined {
  return Object.hasOwn(manifestValidators, kind) ? manifestValidators[kind] : undefined;
}

/** What decides which schema applies, said apart because nothing else can be said without it. */
function envelopeIssues(body: JsonObject, positions: Positions): Issue[] {
  const { apiVersion, kind } = body;
  const issues: Issue[] = [];
  if (apiVersion === API_VERSION && typeof kind === 'string' && validatorOf(kind)) return issues;
  if (typeof kind !== 'string' || !validatorOf(kind)) issues.push(kindIssue(kind, positions));
  if (apiVersion !== undefined && apiVersion !== API_VERSION) {
    issues.push({
      code: 'wrong-api-version',
      severity: 'error',
      at: positions.at('/apiVersion'),
      message: `apiVersion: expected ${API_VERSION}, found ${found(apiVersion)}`,
      hint: `write apiVersion: ${API_VERSION}`,
    });
  } else if (apiVersion === undefined && typeof kind !== 'string') {
    issues.push({
      code: 'missing-key',
      severity: 'error',
      at: positions.at(''),
      message: 'the manifest: "apiVersion" is missing',
      hint: `write apiVersion: ${API_VERSION}`,
    });
  }
  return issues;
}

function kindIssue(kind: Json | undefined, positions: Positions): Issue {
  const hint = `write kind: ${alternatives(KNOWN_KINDS)}`;
  if (kind === undefined) {
    const message = 'the manifest: "kind" is missing';
    return { code: 'missing-key', severity: 'error', at: positions.at(''), message, hint };
  }
  const at = positions.at('/kind');
  if (typeof kind !== 'string') {
    const message = `kind: expected a text, found ${found(kind)}`;
    return { code: 'wrong-type', severity: 'error', at, message, hint };
  }
  return {
    code: 'unknown-kind',
    severity: 'error',
    at,
    message: `kind: ${quoted(kind)} is not a kind`,
    hint: suggestion(kind, KNOWN_KINDS) ?? hint,
  };
}

/** `metadata.name`, or the empty text where there is none to speak of. */
export function nameOf(body: JsonObject): string {
  const metadata = body['metadata'];
  const name = isObject(metadata) ? metadata['name'] : undefined;
  return typeof name === 'string' ? name : '';
}

/** `kind`, or the empty text where there is none to speak of. */
export function kindOf(body: JsonObject): string {
  return typeof body['kind'] === 'string' ? body['kind'] : '';
}
