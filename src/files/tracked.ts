/**
 * Run folders that come with a checkout: whoever may push could have written them, whole chains of
 * runs that never were. Records of runs are made where they are kept, and git is no such place.
 */
import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { InvalidInput } from '../core/errors.js';

const run = promisify(execFile);

/** A repository of another user is asked all the same, and runs nothing of what it configures. */
const HARMLESS = ['-c', 'safe.directory=*', '-c', 'core.fsmonitor=false'];
const MAX_BYTES = 64 * 1024 * 1024;

/** The first file at or below `folder` that git tracks; `null` where it tracks none. */
export async function trackedIn(folder: string): Promise<string | null> {
  // A link that git tracks may lead to a folder that it tracks as well.
  const places = new Set([folder, await realpath(folder).catch(() => folder)]);
  for (const place of places) {
    const [tracked = ''] = await listed(place);
    if (tracked !== '') return tracked;
  }
  return null;
}

async function listed(folder: string): Promise<string[]> {
  const from = await nearestFolder(path.dirname(folder));
  const inside = path.relative(from, folder);
  const there = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  // From inside it is the repository of the folder itself that answers, also in a submodule.
  const asks = there ? [{ cwd: folder, what: '.' }] : [];
  const names: string[] = [];
  for (const { cwd, what } of [{ cwd: from, what: inside }, ...asks]) {
    const args = [...HARMLESS, '--literal-pathspecs', 'ls-files', '-z', '--', what];
    const answer = await run('git', args, { cwd, timeout: 30_000, maxBuffer: MAX_BYTES }).catch(
      () => ({ stdout: '' }),
    );
    names.push(...answer.stdout.split('\0').filter((name) => name !== ''));
  }
  return names;
}

async function nearestFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => null);
  const above = path.dirname(folder);
  return found?.isDirectory() === true || above === folder ? folder : nearestFolder(above);
}

/** Throws `InvalidInput` for a folder of runs that git tracks; `shown` is its name. */
export async function refuseTracked(folder: string, shown: string): Promise<void> {
  const tracked = await trackedIn(folder);
  if (tracked === null) return;
  throw new InvalidInput(`${shown}: ${trackedText(tracked)}; nothing was done`, [], {
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
