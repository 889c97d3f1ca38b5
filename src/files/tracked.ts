/**
 * Run folders that come with a checkout: whoever may push could have written them, whole chains of
 * runs that never were. Records of runs are made where they are kept, and git is no such place.
 */
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { InvalidInput } from '../core/errors.js';
import { folderPlaceOf, gitMayFind, type Env } from './repository.js';
import { run } from './run.js';

/** A repository of another user is asked all the same, and runs nothing of what it configures. */
const HARMLESS = ['-c', 'safe.directory=*', '-c', 'core.fsmonitor=false'];
const MAX_BYTES = 64 * 1024 * 1024;

/** What git tracks at or below a folder. */
export type Tracked =
  | { readonly is: 'tracked'; readonly file: string }
  | { readonly is: 'not tracked' }
  /** There is a repository, and git does not say. */
  | { readonly is: 'unknown'; readonly why: string };

/** `env`: of this process, and so of git. */
export async function trackedIn(folder: string, env: Env): Promise<Tracked> {
  let unknown: Tracked | null = null;
  // A link that git tracks may lead to a folder that it tracks as well.
  const places = new Set([folder, await realpath(folder).catch(() => folder)]);
  for (const place of places) {
    const found = await listedAt(place, env);
    if (found.is === 'tracked') return found;
    if (found.is === 'unknown') unknown ??= found;
  }
  return unknown ?? { is: 'not tracked' };
}

async function listedAt(folder: string, env: Env): Promise<Tracked> {
  const from = await nearestFolder(path.dirname(folder));
  const inside = path.relative(from, folder);
  const there = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  // From inside it is the repository of the folder itself that answers, also in a submodule.
  const asks = there ? [{ cwd: folder, what: '.' }] : [];
  let unknown: Tracked | null = null;
  for (const { cwd, what } of [{ cwd: from, what: inside }, ...asks]) {
    if (!(await gitMayFind(cwd, env))) continue;
    const args = [...HARMLESS, '--literal-pathspecs', 'ls-files', '-z', '--', what];
    try {
      const { stdout } = await run('git', args, { cwd, timeout: 30_000, maxBuffer: MAX_BYTES });
      const [file = ''] = stdout.split('\0');
      if (file !== '') return { is: 'tracked', file };
    } catch (error) {
      // Outside of a repository git fails as well, and tracks nothing.
      const { isCheckout } = await folderPlaceOf(cwd, cwd);
      if (isCheckout) unknown ??= { is: 'unknown', why: whyOf(error) };
    }
  }
  return unknown ?? { is: 'not tracked' };
}

function whyOf(error: unknown): string {
  const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
  if (code === 'ENOENT') return 'there is no git on this machine';
  const [line = ''] = stderr.trim().split('\n');
  return line.replace(/^fatal: /, '') || 'git gave no answer';
}

async function nearestFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => null);
  const above = path.dirname(folder);
  return found?.isDirectory() === true || above === folder ? folder : nearestFolder(above);
}

/**
 * Throws `InvalidInput` for a folder of runs that git tracks; `shown` is its name. What is to be
 * said where nobody can tell, else `null`.
 */
export async function refuseTracked(
  folder: string,
  shown: string,
  env: Env,
): Promise<string | null> {
  const tracked = await trackedIn(folder, env);
  if (tracked.is === 'not tracked') return null;
  if (tracked.is === 'unknown') return `${shown}: ${untoldText(tracked.why)}`;
  throw new InvalidInput(`${shown}: ${trackedText(tracked.file)}; nothing was done`, [], {
    hint:
      `git rm -r --cached ${shown}, and a line .strategos/ in .gitignore; what is to be kept ` +
      'of it goes to another place, such as the artifacts of a workflow',
  });
}

export function trackedText(file: string): string {
  return (
    `git tracks files of this folder of runs (${file}): records that came with a checkout ` +
    'may be of runs that never were'
  );
}

export function untoldText(why: string): string {
  return (
    `git does not say whether it tracks files of this folder of runs (${why}): records may ` +
    'have come with the checkout'
  );
}
