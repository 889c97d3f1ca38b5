/** Manifests and credentials of one environment: everything that can be wrong before a request. */
import { InvalidInput } from '../core/errors.js';
import { hasErrors, type Issue } from '../core/issue.js';
import type { SourceFile } from '../core/source.js';
import type { Manifest } from '../core/types.js';
import { readManifests } from '../files/manifests.js';
import { bundle, loadEnvironments, loadManifests } from '../manifest/load.js';
import { allowedBy } from '../manifest/allowed.js';
import { nearestRegion } from '../manifest/regions.js';
import { hostOf, type Environment } from '../manifest/settings.js';
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

/** What a command reads of the folder: everything, or its environment alone and no manifest. */
export type Needs = 'manifests' | 'environment';

/** Throws `InvalidInput` with every issue; warnings are printed and do not stop anything. */
export async function loadBundle(
  options: Pick<CommonOptions, 'dir'>,
  environmentName: string | undefined,
  world: World,
  needs: Needs = 'manifests',
): Promise<Bundle> {
  const read = await readManifests(options.dir, world.cwd);
  const load = needs === 'environment' ? loadEnvironments : loadManifests;
  const found = bundle(load(read.sources, allowedBy(world.env)), environmentName);
  const issues: Issue[] = [...read.issues, ...found.issues];
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

export interface Target {
  readonly host: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Names everything that is missing in one message, before any request is made. */
export function targetOf(environment: Environment, world: World): Target {
  const { clientIdEnv, clientSecretEnv } = environment.credentials;
  const where = `environment ${environment.name}`;
  const host = environment.host ?? world.env['GENESYS_DOMAIN'];
  const clientId = world.env[clientIdEnv];
  const clientSecret = world.env[clientSecretEnv];
  if (!host || !clientId || !clientSecret) {
    const missing = [
      host ? null : 'GENESYS_DOMAIN (or spec.host in the Environment manifest)',
      clientId ? null : clientIdEnv,
      clientSecret ? null : clientSecretEnv,
    ].filter((name) => name !== null);
    throw new InvalidInput(`${where}: not set: ${missing.join(', ')}; no request was made`, [], {
      hint: 'set the variables of an OAuth client (grant type: client credentials)',
    });
  }
  const safe = hostOf(host, allowedBy(world.env));
  if (safe === null) {
    // The value may hold a password: it is not repeated.
    const close = nearestRegion(host);
    const otherwise =
      'give a region such as mypurecloud.ie, or http://127.0.0.1:PORT for a simulator';
    const hint =
      close === undefined
        ? otherwise
        : `did you mean ${close}? another host: STRATEGOS_ALLOW_HOSTS`;
    const message = `${where}: GENESYS_DOMAIN is no host that is safe to talk to`;
    throw new InvalidInput(message, [], { hint });
  }
  return { host: safe, clientId, clientSecret };
}
