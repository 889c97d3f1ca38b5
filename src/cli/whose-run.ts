/** Whose a run is, where one folder of runs holds those of several folders of manifests. */
import path from 'node:path';
import { InvalidInput } from '../core/errors.js';
import { isObject, textOf } from '../core/json.js';
import { nameOnce, partsOfName } from '../core/owner.js';
import type { AuditRecord } from '../core/audit.js';
import type { UsHere } from '../engine/who-we-are.js';
import { loadBundle } from './bundle.js';
import type { CommonOptions } from './options.js';
import { usIn } from './us.js';
import type { World } from './world.js';

/** By its records: the folder that a run was for, other than ours; `null`: none that is known. */
export type FolderOf = (records: readonly AuditRecord[]) => Promise<string | null>;

/**
 * Another folder of our repository that is there. An owner that nobody has any more was handed over
 * or has moved: what it did may be ours to take back.
 */
export function otherFolders(options: CommonOptions, world: World): FolderOf {
  const known = new Map<string | undefined, Promise<UsHere | null>>();
  const usOf = async (environment: string | undefined): Promise<UsHere | null> => {
    const asked = known.get(environment) ?? usHere(environment, options, world);
    known.set(environment, asked);
    return asked;
  };
  return async ([first]) => {
    const { owner } = first?.detail ?? {};
    const name = isObject(owner) ? nameOnce(textOf(owner['name'])) : '';
    const { repository, folder } = partsOfName(name);
    if (first === undefined || folder === null) return null;
    // An environment that another folder alone has says nothing of us; the only one of ours does.
    const us = (await usOf(first.environment)) ?? (await usOf(undefined));
    if (us === null || us.name === name || partsOfName(us.name).repository !== repository) {
      return null;
    }
    return (await us.hasFolder?.(folder)) === true ? folder : null;
  };
}

/** `null` where nobody can say it; whoever goes on says why. */
async function usHere(
  name: string | undefined,
  options: CommonOptions,
  world: World,
): Promise<UsHere | null> {
  try {
    const silent = { ...world, err: () => undefined };
    const { environment } = await loadBundle(options, name, silent, 'environment');
    return await usIn(environment, path.resolve(world.cwd, options.dir), world);
  } catch (error) {
    if (error instanceof InvalidInput) return null;
    throw error;
  }
}
