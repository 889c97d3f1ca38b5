/** Environment manifests × defaults → settings. The one place that knows the defaults. */
import { kinds } from '../kinds/index.js';
import { suggestion } from '../core/nearest.js';
import { folded } from '../core/alike.js';
import type { GuardPolicy, Limit } from '../core/guard.js';
import type { Issue, Location } from '../core/issue.js';
import { isObject, pointerToken, type Json } from '../core/json.js';
import { ENDPOINT_SUBJECT, stateTableOf } from '../core/state.js';
import type { Manifest } from '../core/types.js';
import type * as Generated from '../generated/types.js';
import { ALLOW_HOSTS, NOTHING_MORE, variableProblem, type Allowed } from './allowed.js';
import { regionMeant, regionIn } from './regions.js';
import { pathText, quoted } from './wording.js';

/** An Environment with every default filled in. */
export interface Environment {
  readonly name: string;
  /**
   * A region such as `mypurecloud.com` in lower case, or an origin such as `http://127.0.0.1:8080`
   * without a slash at the end; null where the manifest is silent.
   */
  readonly host: string | null;
  readonly backend: 'datatable' | 'strategies-api';
  /** Who owns what is applied from here; null where the manifest is silent. */
  readonly owner: string | null;
  /** Names of the data tables: the one that call flows read, and the one of our records. */
  readonly tables: { readonly objects: string; readonly state: string };
  /** Names of environment variables, never their values. */
  readonly credentials: { readonly clientIdEnv: string; readonly clientSecretEnv: string };
  readonly guards: Omit<GuardPolicy, 'at'>;
  readonly prune: boolean;
  readonly activation: { readonly timeoutMs: number };
  /** For a request and the whole of its answer. */
  readonly requests: { readonly timeoutMs: number };
  /** `leave`: share of the platform's rate limit that is left to others, from 0 to 0.95. */
  readonly rateLimit: {
    readonly leave: number;
    /** Writes a minute, as resources are paced, by their keys; what is not written is absent. */
    readonly paces: Readonly<Record<string, number>>;
  };
  /** `null`: the usual. */
  readonly prediction: { readonly widen: number | null };
  readonly wfm: Wfm | null;
  readonly manifest: Manifest;
  /** The manifest line behind a pointer such as `/spec/guards/maxDeletes`. */
  at(pointer: string): Location;
}

/** Where workforce management is told. `secretEnv` is the name of a variable. */
interface Wfm {
  readonly url: string;
  readonly secretEnv: string;
  readonly timeoutMs: number;
}

/** The settings of an Environment manifest that its schema and `environmentRules` have passed. */
export function readEnvironment(manifest: Manifest): Environment {
  const { spec } = manifest.body as unknown as Generated.Environment;
  return {
    name: manifest.name,
    host: spec.host === undefined ? null : (hostOf(spec.host) ?? spec.host),
    backend: spec.backend,
    owner: spec.owner ?? null,
    tables: tablesOf(spec),
    credentials: {
      clientIdEnv: spec.credentials?.clientIdEnv ?? 'GENESYS_CLIENT_ID',
      clientSecretEnv: spec.credentials?.clientSecretEnv ?? 'GENESYS_CLIENT_SECRET',
    },
    guards: {
      maxDeletes: limitOf(spec.guards?.maxDeletes ?? '10%'),
      maxChanges: limitOf(spec.guards?.maxChanges ?? '50%'),
      kinds: limitsByKind(spec.guards?.kinds ?? {}),
    },
    prune: spec.prune ?? false,
    activation: { timeoutMs: (spec.activation?.timeoutSeconds ?? 30) * 1000 },
    requests: { timeoutMs: (spec.requests?.timeoutSeconds ?? 60) * 1000 },
    rateLimit: {
      leave: Number.parseFloat(spec.rateLimit?.leave ?? '30%') / 100,
      paces: pacesIn(spec.rateLimit ?? {}),
    },
    prediction: { widen: spec.prediction?.widen ?? null },
    wfm: spec.wfm === undefined ? null : wfmOf(spec.wfm),
    manifest,
    at: (pointer) => manifest.positions.at(pointer),
  };
}

type Spec = Generated.Environment['spec'];

/** Whatever the backend: their keys tell apart the objects of each. */
function tablesOf({ datatable }: Spec): Environment['tables'] {
  const objects = datatable?.table ?? 'Routing Strategies';
  return { objects, state: stateTableOf(objects) };
}

/** Every number among them is a pace. */
function pacesIn(written: object): Readonly<Record<string, number>> {
  const entries = Object.entries(written).filter(([, value]) => typeof value === 'number');
  return Object.fromEntries(entries);
}

function limitsByKind(written: NonNullable<NonNullable<Spec['guards']>['kinds']>): ByKind {
  const entries = Object.entries(written).map(([kind, { maxDeletes, maxChanges }]) => [
    kind,
    {
      ...(maxDeletes === undefined ? {} : { maxDeletes: limitOf(maxDeletes) }),
      ...(maxChanges === undefined ? {} : { maxChanges: limitOf(maxChanges) }),
    },
  ]);
  return Object.fromEntries(entries) as ByKind;
}

type ByKind = NonNullable<GuardPolicy['kinds']>;

/** For one attempt: what the specification of Standard Webhooks recommends as the least. */
export const WFM_TIMEOUT_MS = 15_000;

function wfmOf({ url, secretEnv, timeoutSeconds }: NonNullable<Spec['wfm']>): Wfm {
  const timeoutMs = timeoutSeconds === undefined ? WFM_TIMEOUT_MS : timeoutSeconds * 1000;
  return { url, secretEnv, timeoutMs };
}

/**
 * What the schema of an Environment cannot say: which addresses are safe to talk to. Total: what
 * does not fit the schema is passed over.
 */
export function environmentRules(manifest: Manifest, allowed: Allowed = NOTHING_MORE): Issue[] {
  const { spec } = manifest.body;
  if (!isObject(spec)) return [];
  const issues: Issue[] = [];
  const add = (pointer: string, problem: Problem | null): void => {
    if (problem === null) return;
    const at = manifest.positions.at(pointer);
    const message = `${pathText(pointer)}: ${problem.message}`;
    issues.push({ code: problem.code, severity: 'error', at, message, hint: problem.hint });
  };
  const { host, wfm, datatable, guards } = spec;
  const byKind = isObject(guards) ? guards['kinds'] : undefined;
  for (const kind of isObject(byKind) ? Object.keys(byKind) : []) {
    add(`/spec/guards/kinds/${pointerToken(kind)}`, kindProblem(kind));
  }
  add('/spec/datatable/table', tableProblem(isObject(datatable) ? datatable['table'] : undefined));
  if (typeof host === 'string' && host !== '') add('/spec/host', writtenHostProblem(host, allowed));
  const url = isObject(wfm) ? wfm['url'] : undefined;
  if (typeof url === 'string' && url !== '') add('/spec/wfm/url', urlProblem(url));
  for (const [pointer, key, variable] of variablesIn(spec)) {
    const problem = variableProblem(key, variable, allowed);
    if (problem !== null) add(pointer, { code: 'variable-not-allowed', ...problem });
  }
  return issues;
}

/** Its records would be read as those that older versions kept of another backend. */
function tableProblem(table: Json | undefined): Problem | null {
  if (typeof table !== 'string' || folded(table) !== folded(ENDPOINT_SUBJECT)) return null;
  return {
    code: 'reserved-table',
    message: `older versions keep records of the backend strategies-api under ${quoted(table)}`,
    hint: 'give the table another name',
  };
}

/** A limit of no kind would bound nothing. */
function kindProblem(kind: string): Problem | null {
  const known = Object.keys(kinds);
  if (known.includes(kind)) return null;
  const message = `${quoted(kind)} is no kind that is reconciled`;
  const hint = suggestion(kind, known) ?? `there are ${known.join(', ')}`;
  return { code: 'unknown-kind', message, hint };
}

/** Every key whose value names a variable, wherever it is: pointer, key, variable. */
function variablesIn(value: Json, at = '/spec'): [string, string, string][] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]): [string, string, string][] => {
    const pointer = `${at}/${pointerToken(key)}`;
    // What is no name of a variable at all, the schema and the search for secrets speak of.
    if (typeof inner !== 'string') return variablesIn(inner, pointer);
    return /Env$/.test(key) && /^[A-Z_][A-Z0-9_]*$/.test(inner) ? [[pointer, key, inner]] : [];
  });
}

/**
 * The host in the form that `Environment.host` promises, or null where it is neither a region nor
 * an address that is safe: https, or http on a loopback host. Also for what comes from elsewhere,
 * such as an environment variable. A region is found in the address of one of its services.
 */
export function hostOf(text: string, allowed: Allowed = NOTHING_MORE): string | null {
  const region = regionIn(text);
  if (region !== null && !/[@\s]/.test(text) && !/^http:/i.test(text)) return region;
  if (hostProblem(text, allowed) !== null) return null;
  return text.includes('://') ? new URL(text).origin : text.toLowerCase();
}

/** True for http to this machine and for https to any. */
export function isSafeAddress(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

const REGION = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i;
const HOST_HINT = 'write a region such as mypurecloud.com, or http://127.0.0.1:PORT of a simulator';

/** In a manifest a region is written in one way only. */
function writtenHostProblem(text: string, allowed: Allowed): Problem | null {
  const region = regionIn(text);
  if (region === null || text.toLowerCase() === region) return hostProblem(text, allowed);
  if (text.includes('@') || /^http:/i.test(text)) return hostProblem(text, allowed);
  const isBare = new RegExp(`^(?:https://)?${region.replaceAll('.', '\\.')}`, 'i').test(text);
  const what = isBare ? 'is more than the name of a region' : 'names one service of a region';
  const message = `${quoted(text)} ${what}`;
  return { code: 'invalid-host', message, hint: `write ${region}` };
}

function hostProblem(text: string, allowed: Allowed): Problem | null {
  if (!text.includes('://')) {
    const host = text.toLowerCase();
    if (regionIn(text) === host || (allowed.hosts.has(host) && REGION.test(text))) return null;
    return unknownHost(`${quoted(text)} is not a region`, text);
  }
  const url = parsed(text);
  const isBare = url !== null && url.pathname === '/' && url.search === '' && url.hash === '';
  if (url === null || !isBare || url.username !== '' || url.password !== '') {
    return { code: 'invalid-host', message: 'not the address of a host alone', hint: HOST_HINT };
  }
  const problem = insecure(url, HOST_HINT);
  if (problem !== null || isLoopback(url.hostname)) return problem;
  const isAllowed = allowed.hosts.has(url.hostname) || allowed.hosts.has(url.host);
  return isAllowed ? null : unknownHost(`${quoted(url.host)} is of no region`, text);
}

/** A misspelled host must not be given the credentials: it may well be somebody's. */
function unknownHost(message: string, text: string): Problem {
  const close = regionMeant(text);
  const list = `list it in ${ALLOW_HOSTS}, outside of git`;
  const hint = close === undefined ? `${HOST_HINT}; or ${list}` : `${close} or ${list}`;
  return { code: 'invalid-host', message, hint };
}

function urlProblem(text: string): Problem | null {
  const hint = 'write an address such as https://wfm.example.com/hooks/routing';
  const url = parsed(text);
  if (url === null) return { code: 'invalid-url', message: 'not an address', hint };
  return insecure(url, hint);
}

function insecure(url: URL, hint: string): Problem | null {
  if (isSafeAddress(url)) return null;
  const where = `${url.protocol}// to ${url.hostname}`;
  const message = `${where}: only https is accepted, and http to loopback`;
  return { code: 'insecure-address', message, hint };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}

function parsed(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** The schema admits an integer, or a percentage of 0 to 100. */
function limitOf(written: number | string): Limit {
  if (typeof written === 'number') return { kind: 'count', value: written };
  return { kind: 'percent', value: Number.parseFloat(written) };
}
