/** Who a run is for: the manifests of one environment in one folder of one repository. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { InvalidInput } from '../core/errors.js';
import {
  folderOnce,
  isBareName,
  nameOnce,
  ownerName,
  partsOfName,
  repositoryOf,
} from '../core/owner.js';
import { repositoryName } from '../core/repository-name.js';
import type { UsHere } from '../engine/who-we-are.js';
import {
  environmentsElsewhere,
  folderPlaceOf,
  repositoryAt,
  type Place,
} from '../files/repository.js';
import { loadManifests } from '../manifest/load.js';
import { readEnvironment, type Environment } from '../manifest/settings.js';
import type { World } from './world.js';

/** Throws `InvalidInput` where nobody can be named. */
export async function usIn(environment: Environment, dir: string, world: World): Promise<UsHere> {
  const { name, owner: explicit } = environment;
  const written = `spec.owner in ${at(environment)}`;
  if (explicit !== null && partsOfName(explicit).folder !== null) {
    // With its folder: such as an export writes, whose folder is not where its strategies are from.
    return { name: nameOnce(explicit), environment: name, how: written };
  }
  const place = await folderPlaceOf(dir, outsideOf(dir, world));
  const needsRemote = explicit === null || isBareName(explicit);
  const remote = needsRemote ? await remoteOf(environment, place, world) : null;
  const repository = repositoryOf(explicit, remote?.name ?? null);
  if (repository === null) throw nobody(environment, dir);
  const folder = folderOnce(path.relative(place.top, place.dir));
  const parts = [explicit === null ? '' : written, remote?.how ?? ''].filter((one) => one !== '');
  const us = {
    name: ownerName(repository, folder),
    environment: name,
    how: `${parts.join(' and ')}, folder ${folder}`,
    hasFolder: async (one: string): Promise<boolean> => isFolder(path.join(place.top, one)),
  };
  if (explicit !== null && isBareName(explicit) && remote !== null) {
    const why = 'any repository may have called itself so';
    return { ...us, shared: { name: nameOnce(explicit), why } };
  }
  const portless = repository.replace(/^([^/]+):\d+\//, '$1/');
  if (explicit === null && portless !== repository) {
    const why = 'older versions left the port out, and another port may be another server';
    return { ...us, shared: { name: portless, why } };
  }
  const namesakes = async (): Promise<readonly string[]> => namesakesOf(place, name, repository);
  return { ...us, before: repository, namesakes };
}

const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/** Also one that this user may not see: then it is not known to be gone. */
async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    (error: unknown) => !GONE.has((error as NodeJS.ErrnoException).code ?? ''),
  );
}

function at(environment: Environment): string {
  const { file, line } = environment.at('/spec/owner');
  return `${file}:${line}`;
}

interface Source {
  readonly name: string;
  readonly how: string;
}

/** What the remotes say, else GitHub: a checkout in Actions may have no remote. */
async function remoteOf(
  environment: Environment,
  { dir, isCheckout }: Place,
  world: World,
): Promise<Source | null> {
  const named = isCheckout ? await repositoryAt(dir, homeOf(world)) : null;
  if (named?.is === 'named') return named;
  const actions = actionsRepository(world.env);
  if (named?.is !== 'unclear' || (actions !== null && named.names.includes(actions.name))) {
    return actions;
  }
  throw new InvalidInput(
    `environment ${environment.name}: ${dir} has several git remotes, none called origin, and ` +
      `the branch follows none of them: ${named.names.join(', ')}`,
    [],
    { hint: `write the one that owns these manifests as spec.owner in ${at(environment)}` },
  );
}

function homeOf({ env }: World): string | undefined {
  return env['HOME'] ?? env['USERPROFILE'];
}

function actionsRepository(env: World['env']): Source | null {
  const repository = env['GITHUB_REPOSITORY'];
  if (!repository) return null;
  const server = env['GITHUB_SERVER_URL'] ?? 'https://github.com';
  const name = repositoryName(`${server}/${repository}`);
  return name === null ? null : { name, how: 'GITHUB_REPOSITORY' };
}

/** Without a checkout a path begins where the workflow or the user stands. */
function outsideOf(dir: string, { env, cwd }: World): string {
  const workspace = env['GITHUB_WORKSPACE'];
  const isBelow = workspace && !path.relative(workspace, dir).startsWith('..');
  return isBelow ? workspace : cwd;
}

/** Other folders whose Environment of this name an older version would have called the same. */
async function namesakesOf(
  place: Place,
  environment: string,
  repository: string,
): Promise<readonly string[]> {
  const sources = await environmentsElsewhere(place);
  if (sources === null) return [`some file below ${place.top}`];
  return sources.flatMap((source) => {
    const others = loadManifests([source])
      .documents.filter(({ kind, sound }) => kind === 'Environment' && sound)
      .map(readEnvironment)
      .filter(
        ({ name, owner }) => name === environment && nameOnce(owner ?? repository) === repository,
      );
    return others.length === 0 ? [] : [source.path];
  });
}

function nobody(environment: Environment, dir: string): InvalidInput {
  const { file, line } = environment.at('/spec');
  return new InvalidInput(
    `environment ${environment.name}: nobody is named as owner of what is applied from here: ` +
      `${dir} has no git remote that names a repository, and spec.owner is not set ` +
      `(${file}:${line})`,
    [],
    { hint: 'write spec.owner, such as github.com/acme/routing, in the Environment manifest' },
  );
}
