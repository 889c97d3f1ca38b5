/**
 * Whether what passes between a client and the simulator is what the SDK's typings say. The schemas
 * are derived once and kept next to the installed packages: a run starts a worker a test file, and
 * each of them would parse megabytes of typings.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { SimRequest, SimResponse } from '../../src/simulator/org.js';
import { ROUTES } from '../../src/simulator/routes.js';
import { withExceptions } from '../fidelity/exceptions.js';
import { report } from '../fidelity/findings.js';
import { OUTSIDE_SDK, type OutsideEndpoint } from '../fidelity/outside-sdk.js';
import type { EndpointName, Schema, SdkSchemas } from './sdk-schemas.js';

/** The folder of the installed package. */
export const SDK = new URL('../../node_modules/purecloud-platform-client-v2/', import.meta.url);
const CACHE = new URL('../../node_modules/.cache/strategos/', import.meta.url);
const SHOWN_ERRORS = 5;
const PLATFORM_HEADERS = [
  ...['inin-correlation-id', 'inin-ratelimit-count'],
  ...['inin-ratelimit-allowed', 'inin-ratelimit-reset'],
];

/** Models that no endpoint names. */
export const ROOTS: readonly string[] = ['ErrorBody'];
const ERROR_BODY: Schema = { $ref: 'models#/$defs/ErrorBody' };

/** What the simulator answers. */
export const WANTED: readonly EndpointName[] = ROUTES.map(({ method, pattern }) => ({
  method,
  pattern,
}));

/** As kept from the same SDK, for the same routes, by the same code; else as derived now. */
async function sdkSchemas(): Promise<SdkSchemas> {
  const { version } = JSON.parse(readFileSync(new URL('package.json', SDK), 'utf8')) as {
    version: string;
  };
  const by = readFileSync(new URL('sdk-schemas.ts', import.meta.url), 'utf8');
  const key = createHash('sha256')
    .update(JSON.stringify([version, by, WANTED, ROOTS]))
    .digest('hex');
  const file = new URL(`sdk-schemas-${key.slice(0, 16)}.json`, CACHE);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as SdkSchemas;
  // Loading the compiler takes longer than all else here.
  const { deriveSchemas } = await import('./sdk-schemas.js');
  const derived = deriveSchemas(SDK, WANTED, ROOTS);
  mkdirSync(CACHE, { recursive: true });
  // Workers start side by side: none may read what another has half written.
  const draft = new URL(`${randomUUID()}.tmp`, CACHE);
  writeFileSync(draft, JSON.stringify(derived));
  renameSync(draft, file);
  return derived;
}

/** What the SDK's own files say. */
export const DERIVED = await sdkSchemas();
const SCHEMAS = withExceptions(DERIVED);

interface Place {
  readonly endpoint: OutsideEndpoint;
  readonly path: RegExp;
}

/** Literal paths come before those with parameters. */
const PLACES: readonly Place[] = [...OUTSIDE_SDK, ...Object.values(SCHEMAS.endpoints)]
  .map((endpoint) => ({ endpoint, path: pathOf(endpoint.pattern) }))
  .sort((a, b) => parameters(a.endpoint.pattern) - parameters(b.endpoint.pattern));

function pathOf(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}$`);
}

function parameters(pattern: string): number {
  return pattern.split('{').length;
}

/** The endpoint that a request goes to; `undefined` when neither the SDK nor we know it. */
export function endpointOf(method: string, path: string): OutsideEndpoint | undefined {
  return PLACES.find((one) => one.endpoint.method === method && one.path.test(path))?.endpoint;
}

/** What is wrong with an exchange, a line each. Reports nothing. */
export function checkExchange(request: SimRequest, response: SimResponse): string[] {
  const { method } = request;
  const [path = '', query = ''] = request.path.split(/\?(.*)/s);
  const endpoint = endpointOf(method, path);
  const succeeded = response.status >= 200 && response.status < 300;
  const findings = [
    ...(endpoint?.isForeign === true ? [] : missingHeaders(response)),
    // What is refused may be as wrong as it likes.
    ...(succeeded
      ? acceptedFindings(endpoint, query, request, response)
      : bodyFindings('error', endpoint?.error ?? ERROR_BODY, response.body)),
  ];
  return findings.map((finding) => `${method} ${path} → ${response.status}: ${finding}`);
}

/** Checks an exchange; what is wrong with it fails the test that runs. */
export function watchExchange(request: SimRequest, response: SimResponse): void {
  report(checkExchange(request, response));
}

function missingHeaders({ headers }: SimResponse): string[] {
  return PLATFORM_HEADERS.filter((name) => !headers[name]).map((name) => `no header ${name}`);
}

function acceptedFindings(
  endpoint: OutsideEndpoint | undefined,
  query: string,
  request: SimRequest,
  response: SimResponse,
): string[] {
  if (endpoint === undefined) return ['the SDK has no such endpoint'];
  return [
    ...unknownParameters(endpoint, query),
    ...requestFindings(endpoint, request.body),
    ...answerFindings(endpoint, response.body),
  ];
}

function unknownParameters({ query: known, call }: OutsideEndpoint, query: string): string[] {
  return [...new Set(new URLSearchParams(query).keys())]
    .filter((name) => !known.includes(name))
    .map((name) => `${call} has no query parameter ${name}`);
}

function requestFindings({ request, call, encoding }: OutsideEndpoint, body: string): string[] {
  if (request === null) return body === '' ? [] : [`${call} takes no body`];
  if (body === '') return request.required ? [`${call} needs a body`] : [];
  if (encoding === 'bytes') return [];
  if (encoding !== 'form') return bodyFindings('request', request.schema, body);
  const form = JSON.stringify(Object.fromEntries(new URLSearchParams(body)));
  return bodyFindings('request', request.schema, form);
}

function answerFindings({ response, call }: OutsideEndpoint, body: string): string[] {
  if (response !== null) return bodyFindings('answer', response, body);
  return body === '' ? [] : [`${call} is answered without a body`];
}

function bodyFindings(what: string, schema: Schema, body: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return [`${what}: no JSON: ${body.slice(0, 80)}`];
  }
  const validate = validatorOf(schema);
  if (validate(value)) return [];
  const errors = validate.errors ?? [];
  return errors.slice(0, SHOWN_ERRORS).map((error) => `${what}${wording(error)}`);
}

function wording({ instancePath, message = '', params }: ErrorObject): string {
  const { additionalProperty } = params as { additionalProperty?: string };
  const which = additionalProperty === undefined ? '' : `: ${additionalProperty}`;
  return `${instancePath} ${message}${which}`;
}

const ajv = new Ajv2020.default({ allErrors: true, allowUnionTypes: true });
ajv.addSchema({ $id: 'models', $defs: SCHEMAS.models });
const validators = new Map<Schema, ValidateFunction>();

function validatorOf(schema: Schema): ValidateFunction {
  const made = validators.get(schema) ?? ajv.compile(schema);
  validators.set(schema, made);
  return made;
}
