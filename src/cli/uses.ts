/** What the manifests of an environment need of its OAuth client, and what that client lacks. */
import { PlatformError } from '../core/errors.js';
import type { Uses } from '../doctor/needs.js';
import { lacking } from '../doctor/permissions.js';
import { bind } from '../engine/bind.js';
import { ROLES_PATH, rolesIn } from '../engine/doctor/reading.js';
import { referredTo } from '../engine/listings.js';
import type { Reader } from '../engine/ports.js';
import { kinds, reconciledKinds } from '../kinds/index.js';
import { allowedBy } from '../manifest/allowed.js';
import { loadManifests } from '../manifest/load.js';
import type { Bundle } from './bundle.js';
import type { World } from './world.js';

type Place = Pick<Bundle, 'sources' | 'environment'>;

/** `writes`: a table of the doctor's own. `null` where not all manifests can be read. */
export function usesOf(
  { sources, environment }: Place,
  { writes, all = false }: { readonly writes: boolean; readonly all?: boolean },
  world: World,
): Uses | null {
  const { documents, complete } = loadManifests(sources, allowedBy(world.env));
  const manifests = documents.filter(({ kind }) => Object.hasOwn(kinds, kind));
  if (!complete || manifests.some(({ sound }) => !sound)) return null;
  const binding = bind(reconciledKinds, environment, all ? {} : { manifests });
  return { kinds: binding.uses, types: referredTo(binding, binding.uses), writes };
}

type Refused = Place & {
  readonly client: Reader;
  readonly command: string;
  /** It reads objects of every kind. */
  readonly all?: boolean | undefined;
};

/** Commands that change something in the org. */
const WRITING: ReadonlySet<string> = new Set(['apply', 'rollback', 'optimize']);

/**
 * The same refusal with every permission that is missing beside the one that was asked for first:
 * nobody wants to be told of the next one after each mend. By the roles of the client; where these
 * cannot be read, or say nothing more, the refusal as it was.
 */
export async function withAllLacking(
  error: unknown,
  { client, command, all = false, ...place }: Refused,
  world: World,
): Promise<unknown> {
  if (!(error instanceof PlatformError) || error.request?.status !== 403) return error;
  const uses = usesOf(place, { writes: false, all }, world);
  if (uses === null) return error;
  const answer = await client.get(ROLES_PATH).catch(() => null);
  if (answer?.body == null) return error;
  const { backend } = place.environment;
  const of = { backend, uses, writes: WRITING.has(command) };
  const missing = lacking(rolesIn(answer.body), of);
  const { hint = '', fault, code, message, request, unclear } = error;
  const more = missing.filter((one) => !hint.includes(one));
  if (more.length === 0) return error;
  const told = `${hint}; by its roles it lacks as well, for this: ${more.join(', ')}`;
  return new PlatformError(fault, code, message, { request, unclear, hint: told, cause: error });
}
