/** Where an environment tells workforce management: its manifest, else `WFM_SYNC_URL`. */
import path from 'node:path';
import { InvalidInput } from '../core/errors.js';
import type { Owner } from '../core/owner.js';
import { sha256 } from '../files/digest.js';
import { isSafeAddress, WFM_TIMEOUT_MS, type Environment } from '../manifest/settings.js';
import { syncFolder } from '../files/folder-sync.js';
import { Outbox } from '../wfm/outbox.js';
import type { Endpoint } from '../wfm/deliver.js';
import { Signer } from '../wfm/signature.js';
import { notSet } from './bundle.js';
import type { World } from './world.js';

const URL_VARIABLE = 'WFM_SYNC_URL';
const SECRET_VARIABLE = 'WFM_SIGNING_SECRET';
const SECRET_HINT = 'a signing secret is whsec_ and 24 to 64 random bytes in base64';

/** An endpoint, or what keeps it from being one; `null` where nobody asks for any. */
export type Wfm = { readonly endpoint: Endpoint } | { readonly problem: InvalidInput };

export function wfmOf(environment: Environment, world: World): Wfm | null {
  const url = environment.wfm?.url ?? world.env[URL_VARIABLE];
  if (!url) return null;
  const where = `environment ${environment.name}`;
  if (!isSafe(url)) {
    // The value may hold a password: it is not repeated.
    const message = `${where}: ${URL_VARIABLE} is no address that is safe to send to`;
    const hint = 'give an https address without user name and password, or http on loopback';
    return { problem: new InvalidInput(message, [], { hint }) };
  }
  const variable = environment.wfm?.secretEnv ?? SECRET_VARIABLE;
  const secret = world.env[variable];
  if (!secret) {
    const message = `${where}: not set: ${variable}, which signs messages to workforce management`;
    return { problem: new InvalidInput(message, [], { hint: SECRET_HINT }) };
  }
  const signer = Signer.from(secret);
  if (signer === null) {
    const message = `${where}: ${variable} holds no signing secret`;
    return { problem: new InvalidInput(message, [], { hint: SECRET_HINT }) };
  }
  const timeoutMs = environment.wfm?.timeoutMs ?? WFM_TIMEOUT_MS;
  return { endpoint: { url, signer, timeoutMs } };
}

/** The variable that is to hold the signing secret of an endpoint, where it is not set. */
export function unsigned(environment: Environment, { env }: World): string[] {
  const url = environment.wfm?.url ?? env[URL_VARIABLE];
  const variable = environment.wfm?.secretEnv ?? SECRET_VARIABLE;
  return url && !env[variable] ? [variable] : [];
}

/** Throws `InvalidInput` that names everything that is missing; `before`: for the org. */
export function endpointOf(
  environment: Environment,
  world: World,
  before: readonly string[] = [],
): Endpoint {
  const wfm = wfmOf(environment, world);
  if (wfm === null) {
    const url = `${URL_VARIABLE} (or spec.wfm in the Environment manifest)`;
    const secret = world.env[SECRET_VARIABLE] ? [] : [SECRET_VARIABLE];
    throw new InvalidInput(notSet(environment, [...before, url, ...secret]), [], {
      hint: `name the endpoint of workforce management; ${SECRET_HINT}`,
    });
  }
  const secret = unsigned(environment, world);
  if (before.length > 0 && secret.length > 0) {
    const message = notSet(environment, [...before, ...secret]);
    throw new InvalidInput(message, [], { hint: SECRET_HINT });
  }
  if ('problem' in wfm) throw wfm.problem;
  return wfm.endpoint;
}

/**
 * In the folder of runs, one for each environment and owner. What a version without owners has
 * queued for the environment is older, and goes first.
 */
export function outboxOf(environment: Environment, owner: Owner, runsDir: string): Outbox {
  const shared = path.join(runsDir, 'outbox', folderOf(environment.name));
  const own = path.join(shared, readableFolder(owner.name));
  return new Outbox(own, syncFolder, new Outbox(shared, syncFolder));
}

function folderOf(environment: string): string {
  const escaped = encodeURIComponent(environment);
  const isFolder = escaped.length <= MOST_CHARACTERS && !/^\.{1,2}$/.test(escaped);
  return isFolder ? escaped : readableFolder(environment);
}

function readableFolder(name: string): string {
  const [, digest = ''] = sha256(name).split(':');
  const readable = name.replaceAll(/[^\w.]+/g, '-').slice(-READABLE_CHARACTERS);
  return `${readable}-${digest.slice(0, 12)}`;
}

/** The name of a file has 255 bytes on most systems. */
const MOST_CHARACTERS = 255;
const READABLE_CHARACTERS = 60;

function isSafe(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return isSafeAddress(url) && url.username === '' && url.password === '';
}
