/** Manifests and credentials of one environment: everything that can be wrong before a request. */
import path from 'node:path';
import { InvalidInput } from '../core/errors.js';
import { hasErrors, type Issue } from '../core/issue.js';
import type { SourceFile } from '../core/source.js';
import type { Manifest } from '../core/types.js';
import { readManifests } from '../files/manifests.js';
import { bundle, loadEnvironments, loadManifests } from '../manifest/load.js';
import { allowedBy } from '../manifest/allowed.js';
import { regionMeant } from '../manifest/regions.js';
import { hostOf, type Environment } from '../manifest/settings.js';
import { environmentText } from '../starter/manifests.js';
import { compileForSeconds } from './compiler.js';
import { ownerFor } from './new-owner.js';
import type { CommonOptions } from './options.js';
import { printIssues } from './report.js';
import type { World } from './world.js';

export interface Bundle {
  readonly environment: Environment;
  /** Names of all that are declared. */
  readonly environments: readonly string[];
  readonly manifests: readonly Manifest[];
  /** Every file of the folder as it was read. */
  readonly sources: readonly SourceFile[];
}

/**
 * What a command reads of the folder: everything, or its environment alone and no manifest; `place`
 * where an environment is made of the variables when the folder has none.
 */
export type Needs = 'manifests' | 'environment' | 'place';

/** Throws `InvalidInput` with every issue; warnings are printed and do not stop anything. */
export async function loadBundle(
  options: Pick<CommonOptions, 'dir'>,
  environmentName: string | undefined,
  world: World,
  needs: Needs = 'manifests',
): Promise<Bundle> {
  const load = needs === 'manifests' ? loadManifests : loadEnvironments;
  const given = await readManifests(options.dir, world.cwd);
  compileForSeconds(given.sources);
  const written = load(given.sources, allowedBy(world.env));
  const made =
    needs === 'place' && written.documents.length + written.issues.length === 0
      ? await placeOfVariables(options.dir, environmentName, world)
      : null;
  const isNothing = made !== null && given.sources.length === 0;
  const read = isNothing ? { sources: [], issues: given.issues.filter(isLocked) } : given;
  const found = bundle(
    made === null ? written : load([made], allowedBy(world.env)),
    environmentName,
  );
  const issues =
    needs === 'place'
      ? forPlace(read, found, world)
      : withoutEcho([...read.issues, ...found.issues]);
  const [only] = issues;
  if (issues.length === 1 && only !== undefined && only.at === null) {
    throw new InvalidInput(only.message, [], only.hint === undefined ? {} : { hint: only.hint });
  }
  if (hasErrors(issues) || found.environment === null) {
    throw new InvalidInput(`the manifests in ${options.dir} are not valid`, issues, {
      hint: 'mend what is listed above; strategos validate checks without an org',
    });
  }
  printIssues(issues, world);
  const { environment, environments, manifests } = found;
  return { environment, environments, manifests, sources: read.sources };
}

/** Where the folder is not there, nobody has to hear what is missing in it. */
function withoutEcho(issues: readonly Issue[]): Issue[] {
  const isNowhere = issues.some((one) => !isLocked(one) && one.severity === 'error');
  return issues.filter(({ code }) => !isNowhere || code !== 'no-environment');
}

/** What is in the way of a command that makes the folder, and does with variables instead. */
function forPlace(
  read: { readonly issues: readonly Issue[] },
  found: { readonly issues: readonly Issue[] },
  { env }: World,
): Issue[] {
  const missing = VARIABLES.filter((name) => !env[name]);
  const told = found.issues.map((one) =>
    one.code === 'no-environment'
      ? {
          ...one,
          message: `${one.message}, and not set: ${missing.join(', ')}`,
          hint: VARIABLES_HINT,
        }
      : one,
  );
  const isNowhere = told.some(({ code }) => code === 'no-environment');
  return [...(isNowhere ? read.issues.filter(isLocked) : read.issues), ...told];
}

const VARIABLES = ['GENESYS_DOMAIN', 'GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET'] as const;

/** A folder that is not there, or has nothing in it, takes nothing away from what can be read. */
function isLocked({ code }: Issue): boolean {
  return code !== 'missing-path' && code !== 'no-manifests';
}

const VARIABLES_HINT =
  'set what is missing, and no Environment is needed; or let strategos init write one';
const OF_VARIABLES = 'the variables GENESYS_*';

/** Whether no file says it, but the variables do. */
export function isOfVariables(environment: Environment): boolean {
  return environment.at('').file === OF_VARIABLES;
}

/**
 * The Environment that `init` would write for this folder, with what the variables say; `null`
 * where they do not say it all.
 */
async function placeOfVariables(
  dir: string,
  name: string | undefined,
  world: World,
): Promise<SourceFile | null> {
  const { GENESYS_DOMAIN: host, GENESYS_CLIENT_ID: id, GENESYS_CLIENT_SECRET: secret } = world.env;
  if (!host || !id || !secret) return null;
  const folder = path.dirname(path.resolve(world.cwd, dir));
  const owner = await ownerFor(folder, world);
  const text = environmentText({ owner, environment: name ?? 'prod', host: null });
  return { path: OF_VARIABLES, bytes: Buffer.from(text) };
}

export interface Target {
  readonly host: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What an org is asked with, and the variables do not say. */
export function missingFor(environment: Environment, { env }: World): string[] {
  const { clientIdEnv, clientSecretEnv } = environment.credentials;
  const isPlaced = environment.host !== null || Boolean(env['GENESYS_DOMAIN']);
  return [
    ...(isPlaced ? [] : ['GENESYS_DOMAIN (or spec.host in the Environment manifest)']),
    ...[clientIdEnv, clientSecretEnv].filter((name) => !env[name]),
  ];
}

export function notSet(environment: Environment, missing: readonly string[]): string {
  return `environment ${environment.name}: not set: ${missing.join(', ')}; no request was made`;
}

/**
 * Names everything that is missing in one message, before any request is made; `beside`: what is
 * missing as well, and keeps nobody from asking the org.
 */
export function targetOf(
  environment: Environment,
  world: World,
  beside: readonly string[] = [],
): Target {
  const { clientIdEnv, clientSecretEnv } = environment.credentials;
  const where = `environment ${environment.name}`;
  const host = environment.host ?? world.env['GENESYS_DOMAIN'];
  const clientId = world.env[clientIdEnv];
  const clientSecret = world.env[clientSecretEnv];
  if (!host || !clientId || !clientSecret) {
    const missing = [...missingFor(environment, world), ...beside];
    throw new InvalidInput(notSet(environment, missing), [], {
      hint: 'set the variables of an OAuth client (grant type: client credentials)',
    });
  }
  const blank = Object.entries({ [clientIdEnv]: clientId, [clientSecretEnv]: clientSecret })
    .filter(([, value]) => value !== value.trim())
    .map(([variable]) => variable);
  if (blank.length > 0) {
    const what = 'with a blank or a line end before or behind it';
    throw new InvalidInput(`${where}: ${blank.join(', ')}: ${what}; no request was made`, [], {
      hint: 'take it away: what is copied, or read from a file, often ends with one',
    });
  }
  const safe = hostOf(host, allowedBy(world.env));
  if (safe === null) {
    // The value may hold a password: it is not repeated.
    const close = regionMeant(host);
    const otherwise =
      'give a region such as mypurecloud.ie, or http://127.0.0.1:PORT for a simulator';
    const hint = close === undefined ? otherwise : `${close} another host: STRATEGOS_ALLOW_HOSTS`;
    const message = `${where}: GENESYS_DOMAIN is no host that is safe to talk to`;
    throw new InvalidInput(message, [], { hint });
  }
  return { host: safe, clientId, clientSecret };
}
