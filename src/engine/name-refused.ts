/**
 * A name that the platform refuses. It is somebody's deed only where it is found: a client does not
 * see other divisions, and some names are kept after a delete.
 */
import { folded } from '../core/alike.js';
import { PlatformError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { objectName } from '../core/outcome.js';
import type { Read, Resource } from '../core/resource.js';
import type { Address } from '../core/types.js';
import { Ended, MOVED_HINT, movedText } from './ending.js';
import { entitiesAt } from './listings.js';
import { entityAt } from './observe.js';
import type { Reader } from './ports.js';

/** What is looked for by its name, and where. */
export interface Named {
  readonly reader: Reader;
  readonly resource: Resource;
  readonly root: string;
  readonly address: Address;
  /** Id of what this run has deleted to make it again: a listing may go on showing it. */
  readonly deleted: string | null;
}

/**
 * A create whose id the platform gives, so that it is known by its name alone, or another name for
 * what is there.
 */
export type Naming = 'new' | 'anew';

type Alike = Read & { readonly entity: JsonObject };

/** What is listed by the very name, but for what this run has deleted; `null` for nothing. */
export async function listedAs(named: Named): Promise<JsonObject | null> {
  return exactly(named, await alikeTo(named));
}

/** What is listed by the name, or by one that the platform may take for it. */
async function alikeTo({ reader, resource, root, address }: Named): Promise<readonly Alike[]> {
  const all = await entitiesAt(reader, resource, root);
  const name = folded(objectName(address));
  return all
    .map((entity): Alike => ({ entity, ...resource.read(entity) }))
    .filter((one) => folded(one.name) === name);
}

async function exactly(
  { reader, resource, root, address, deleted }: Named,
  alike: readonly Alike[],
): Promise<JsonObject | null> {
  const name = objectName(address);
  const found = alike.find((one) => one.name === name && one.id !== deleted);
  if (found === undefined) return null;
  const { entity, id } = found;
  return resource.isListedBriefly === undefined ? entity : entityAt(reader, resource, root, id);
}

/** Whether a write may have been refused for the name that it gives. */
export function mayBeOfName({ fault, code }: PlatformError): boolean {
  return fault === 'conflict' || isOfName(code);
}

/** Where it is not a 409: of queues and wrap-up codes. */
function isOfName(code: string): boolean {
  return code.toLowerCase() === 'duplicate.name';
}

/** How the change ends; `failed`: how the look for the name was. */
export interface NameRefused {
  readonly ending: Ended;
  readonly failed?: PlatformError;
}

/**
 * How a change ends whose name was refused, by what a listing shows of it; `null` where the
 * refusal is of something else. `own`: id of what was to have another name; `half`: what was
 * written before.
 */
export async function nameRefused(
  named: Named,
  error: PlatformError,
  { naming, own, half }: { naming: Naming; own: string | null; half: string },
): Promise<NameRefused | null> {
  const why = `${half}: ${error.message}`;
  try {
    const alike = (await alikeTo(named)).filter(({ id }) => naming === 'new' || id !== own);
    // The platform says the same of an object that has been written in the meantime.
    if (naming === 'anew' && alike.length === 0 && !isOfName(error.code)) return null;
    const isThere = (await exactly(named, alike)) !== null;
    const others = alike.filter(({ id }) => id !== named.deleted).map(({ name }) => name);
    const [twin = null] = others.filter((name) => name !== objectName(named.address));
    const isDeletedShown = others.length < alike.length;
    return { ending: endingFor({ isThere, twin, isDeletedShown }, why) };
  } catch (failed) {
    if (!(failed instanceof PlatformError)) throw failed;
    const unseen = `${REFUSED}, and by what could not be looked up`;
    const text = `${unseen}${why}; the look: ${failed.message}`;
    return { ending: new Ended('failed', text, failed.hint ?? MOVED_HINT), failed };
  }
}

interface Seen {
  /** One of the very name. */
  readonly isThere: boolean;
  /** Another name that the platform may take for it. */
  readonly twin: string | null;
  /** What this run has deleted, to make it again, is listed still. */
  readonly isDeletedShown: boolean;
}

function endingFor({ isThere, twin, isDeletedShown }: Seen, why: string): Ended {
  if (isThere) return new Ended('stale', `${movedText('taken')}${why}`, MOVED_HINT);
  if (twin !== null) {
    const text = `${REFUSED}, and lists ${JSON.stringify(twin)}; nothing was overwritten`;
    return new Ended('stale', `${text}${why}`, MOVED_HINT);
  }
  if (isDeletedShown) {
    const text = `${REFUSED}, and lists nothing of it but what this run has deleted`;
    return new Ended('failed', `${text}${why}`, DELETED_HINT);
  }
  const text = `${REFUSED}, and lists nothing of this name`;
  return new Ended('failed', `${text}${why}`, UNSEEN_HINT);
}

const REFUSED = 'the platform says that the name is taken';
const DELETED_HINT = 'apply again in a minute: its name may not be free yet';
const UNSEEN_HINT =
  'apply again in a minute: what was made a moment ago may not be listed yet; if this goes on, ' +
  'look for one that is in a division that this client may not see, or was deleted and keeps its ' +
  'name; let the client see it, or choose another name';
