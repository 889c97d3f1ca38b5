/** Whose manifests of a folder are to be, before anything is written there. */
import path from 'node:path';
import { folderPlaceOf, repositoryAt } from '../files/repository.js';
import { bytesIfThere } from '../files/there.js';
import { loadManifests } from '../manifest/load.js';
import { readEnvironment } from '../manifest/settings.js';
import { nearestThere } from './starting-place.js';
import type { World } from './world.js';

export const ENVIRONMENT_FILE = 'strategies/environment.yaml';

/**
 * The one that an earlier run of init has written, or else whose repository the folder is in, or
 * else a name that nobody else can have.
 */
export async function ownerFor(folder: string, { env, random }: World): Promise<string> {
  const written = await writtenOwner(folder);
  if (written !== null) return written;
  const there = nearestThere(folder);
  const { isCheckout } = await folderPlaceOf(there, there);
  const named = isCheckout ? await repositoryAt(there, env['HOME'] ?? env['USERPROFILE']) : null;
  if (named?.is === 'named') return named.name;
  return `${path.basename(folder) || 'routing'}-${uuid(random)}`;
}

async function writtenOwner(folder: string): Promise<string | null> {
  const bytes = await bytesIfThere(path.join(folder, ENVIRONMENT_FILE));
  if (bytes === null) return null;
  const { documents } = loadManifests([{ path: ENVIRONMENT_FILE, bytes }]);
  const [only] = documents.filter(({ kind, sound }) => kind === 'Environment' && sound);
  return only === undefined ? null : readEnvironment(only).owner;
}

/** Version 4: 122 bits of chance. */
function uuid(random: World['random']): string {
  const chance = (): string =>
    Math.floor(random.next() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  const hex = chance() + chance() + chance() + chance();
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4] ?? '8';
  const third = `4${hex.slice(13, 16)}`;
  const fourth = `${variant}${hex.slice(17, 20)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), third, fourth, hex.slice(20)].join('-');
}
