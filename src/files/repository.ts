/** Which repository a folder is a checkout of, and which folder of it it is. */
import { existsSync, lstatSync, statSync } from 'node:fs';
import { readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidInput } from '../core/errors.js';
import { chosenRemote, remotesIn, type Remote, type Settings } from '../core/remotes.js';
import { aliasIn, isHostName, repositoryName, serviceIn } from '../core/repository-name.js';
import { leftOutBelow } from './left-out.js';
import { run } from './run.js';
import type { SourceFile } from '../core/source.js';
import { hostNameIn } from '../core/ssh-config.js';
import { textIfThere } from './there.js';

/** Where a folder is, without links and in the spelling of the file system. */
export interface Place {
  readonly dir: string;
  /** Where its path begins for others: the top of the checkout, else what was said instead. */
  readonly top: string;
  readonly isCheckout: boolean;
}

/** `outside`: the folder to start from where there is no checkout. */
export async function folderPlaceOf(dir: string, outside: string): Promise<Place> {
  const real = await realOf(dir);
  for (let top = real; ; top = path.dirname(top)) {
    // Found without git: where git refuses to read it, it is a checkout all the same.
    if (isTop(top)) return { dir: real, top, isCheckout: true };
    if (path.dirname(top) === top) break;
  }
  return { dir: real, top: await realOf(outside), isCheckout: false };
}

/**
 * Whether git may find a repository from there: where it cannot, there is no need to start it.
 * `env`: of this process, and so of git.
 */
export async function gitMayFind(dir: string, env: Env): Promise<boolean> {
  if (env['GIT_DIR'] !== undefined) return true;
  for (let top = await realOf(dir); ; top = path.dirname(top)) {
    if (isAnything(path.join(top, '.git'))) return true;
    if (path.dirname(top) === top) return false;
  }
}

export type Env = Readonly<Record<string, string | undefined>>;

/** Also a link that leads nowhere; and what nobody may look at. */
function isAnything(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

/** A folder called .git is no repository yet; a file leads to one, of a worktree or submodule. */
function isTop(folder: string): boolean {
  const git = path.join(folder, '.git');
  try {
    const found = statSync(git, { throwIfNoEntry: false });
    const head = path.join(git, 'HEAD');
    // What may not be looked at is not absent: that throws.
    return found?.isFile() === true || statSync(head, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') {
      throw new InvalidInput(`${folder}: a file is there, and no folder`, [], {
        hint: 'name a folder: the one that the file is in, or another',
      });
    }
    throw new InvalidInput(`${folder}: whether it is a checkout cannot be seen (${code})`, [], {
      hint: 'make the folder readable, or run where it is',
    });
  }
}

/** The nearest that holds what git keeps, and no checkout is in between; `null` for none. */
export async function gitsOwnFolder(dir: string): Promise<string | null> {
  const holds = ['HEAD', 'objects', 'refs'];
  for (let folder = await realOf(dir); ; folder = path.dirname(folder)) {
    if (holds.every((name) => existsSync(path.join(folder, name)))) return folder;
    if (isAnything(path.join(folder, '.git')) || path.dirname(folder) === folder) return null;
  }
}

async function realOf(folder: string): Promise<string> {
  return realpath(folder).catch(() => path.resolve(folder));
}

/** The repository as its remote names it. */
export type Named =
  | { readonly is: 'named'; readonly name: string; readonly how: string }
  /** No remote, or none that names a repository to others than this machine. */
  | { readonly is: 'nameless' }
  | { readonly is: 'unclear'; readonly names: readonly string[] };

/**
 * What the remotes of the checkout at `dir` say. `home`: where `.ssh/config` may be. Throws
 * `InvalidInput` where there is a checkout and git does not read it.
 */
export async function repositoryAt(dir: string, home: string | undefined): Promise<Named> {
  return namedBy(dir, home, MOST_CLONES);
}

/** A clone of a clone of a clone on one machine. */
const MOST_CLONES = 4;

async function namedBy(dir: string, home: string | undefined, clones: number): Promise<Named> {
  const settings = await settingsOf(dir);
  const remotes = remotesIn(settings);
  const branch = remotes.length > 1 ? await branchOf(dir) : null;
  const chosen = chosenRemote(remotes, settings, branch);
  const candidates = chosen === null ? remotes : [chosen];
  const found: Extract<Named, { is: 'named' }>[] = [];
  for (const remote of candidates) {
    const named = await namedAt(remote, dir, home, clones);
    if (named.is === 'unclear') return named;
    if (named.is === 'named') found.push(named);
  }
  const names = [...new Set(found.map(({ name }) => name))];
  const [first] = found;
  if (names.length > 1) return { is: 'unclear', names };
  return first ?? { is: 'nameless' };
}

async function namedAt(
  { name: remote, url }: Remote,
  dir: string,
  home: string | undefined,
  clones: number,
): Promise<Named> {
  const alias = aliasIn(url);
  const behind = alias === null ? null : await hostBehind(alias, home);
  const name = repositoryName(url, () => behind?.host ?? null);
  if (name !== null) {
    const via = behind === null ? '' : ` (${alias ?? ''} is ${behind.host}, by ${behind.by})`;
    return { is: 'named', name, how: `the git remote "${remote}"${via}` };
  }
  // A clone on this machine is of the repository that the other one is of.
  // A path that is relative begins where git does: at the top of the checkout.
  const local = localPathIn(url, (await folderPlaceOf(dir, dir)).top);
  if (local === null || clones === 0) return { is: 'nameless' };
  // A git that does not read it is an error: whose clone this is somebody has to say then.
  const isRepository = isTop(local) || existsSync(path.join(local, 'HEAD'));
  return isRepository ? namedBy(local, home, clones - 1) : { is: 'nameless' };
}

function localPathIn(url: string, dir: string): string | null {
  if (/^file:/i.test(url)) return URL.canParse(url) ? filePath(new URL(url)) : null;
  return /^[^/\\]{2,}:/.test(url) ? null : path.resolve(dir, url);
}

/** `null` for a path on another machine. */
function filePath(url: URL): string | null {
  try {
    return fileURLToPath(url);
  } catch {
    return null;
  }
}

interface Behind {
  readonly host: string;
  /** What says so. */
  readonly by: string;
}

/** The host that ssh would connect to; `null` where that is the alias itself, or not known. */
async function hostBehind(alias: string, home: string | undefined): Promise<Behind | null> {
  const told = await run('ssh', ['-G', '--', alias], { timeout: 5000 }).then(
    ({ stdout }) => /^hostname (.+)$/m.exec(stdout)?.[1]?.trim() ?? null,
    () => null,
  );
  if (told !== null && told.toLowerCase() !== alias.toLowerCase()) return { host: told, by: 'ssh' };
  if (home !== undefined) {
    const hint = 'make it readable, or write spec.owner, such as github.com/acme/routing';
    const config = await textIfThere(path.join(home, '.ssh', 'config'), hint).catch(
      (error: unknown) => {
        // A whole name is one without it; what an alias stands for nobody can tell then.
        if (isHostName(alias)) return null;
        throw error;
      },
    );
    const found = config === null ? null : hostNameIn(config, alias);
    if (found !== null) return { host: found, by: '.ssh/config' };
  }
  // Nothing on this machine says what it stands for: nobody could fetch by it here.
  const service = serviceIn(alias);
  return service === null ? null : { host: service, by: 'its name' };
}

const SETTINGS = [
  String.raw`^(remote\..*\.(url|pushurl)|url\..*\.(pushinsteadof|insteadof)`,
  String.raw`|branch\..*\.remote)$`,
].join('');

async function settingsOf(dir: string): Promise<Settings> {
  // Settings of a repository that git does not trust are not listed, and no error says so.
  await git(dir, 'rev-parse', '--git-dir');
  const text = await git(dir, 'config', '-z', '--get-regexp', SETTINGS);
  return text.split('\0').flatMap((entry) => {
    const [key = '', ...value] = entry.split('\n');
    return key === '' ? [] : [[key, value.join('\n')] as const];
  });
}

/** `null` where no branch is checked out. */
async function branchOf(dir: string): Promise<string | null> {
  const name = (await git(dir, 'symbolic-ref', '--quiet', '--short', 'HEAD')).trim();
  return name === '' ? null : name;
}

/** Exit code 1 is git's word for "nothing found". */
async function git(dir: string, ...args: readonly string[]): Promise<string> {
  try {
    return (await run('git', args, { cwd: dir, timeout: 30_000, maxBuffer: MAX_BYTES })).stdout;
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    if (code === 1) return '';
    const why = code === 'ENOENT' ? 'there is no git here' : (stderr.split('\n')[0] ?? '').trim();
    throw new InvalidInput(
      `${dir} is in a git repository, and git does not say which: ${why || 'it failed'}`,
      [],
      { hint: hintFor(stderr) },
    );
  }
}

function hintFor(stderr: string): string {
  const trust = /git config --global --add safe\.directory \S.*/.exec(stderr)?.[0];
  const name = 'write spec.owner as host/path, such as github.com/acme/routing';
  return trust === undefined ? name : `run ${trust}, or ${name}`;
}

const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Manifests outside of `dir` that have an Environment, as far as the work tree and the index of
 * the checkout show. `null`: there are too many files to tell.
 */
export async function environmentsElsewhere(place: Place): Promise<SourceFile[] | null> {
  const found = await yamlElsewhere(place);
  const rules = leftOutBelow(place.top, (file) => file);
  return found?.filter((one) => !rules.has(one.path.split(path.sep).join('/'))) ?? null;
}

async function yamlElsewhere(place: Place): Promise<SourceFile[] | null> {
  if (!place.isCheckout) return filesElsewhere(place);
  const { dir, top } = place;
  const grep = ['-l', '-z', '-I', '-E', 'kind["\']?:[[:space:]]*["\']?Environment'];
  const among = ['--', '*.yaml', '*.yml'];
  const listed = async (where: string): Promise<string[]> =>
    (await git(top, 'grep', where, ...grep, ...among)).split('\0').filter((one) => one !== '');
  const own = path.relative(top, dir).split(path.sep).join('/');
  const isOwn = (file: string): boolean => own === '' || file.startsWith(`${own}/`);
  const sources: SourceFile[] = [];
  for (const file of await listed('--untracked')) {
    if (isOwn(file)) continue;
    sources.push({ path: file, bytes: await readFile(path.join(top, file)) });
  }
  // A sparse checkout does not have all of them as files.
  for (const file of await listed('--cached')) {
    if (isOwn(file) || existsSync(path.join(top, file))) continue;
    sources.push({ path: file, bytes: Buffer.from(await git(top, 'show', `:${file}`)) });
  }
  return sources;
}

/** Outside of a checkout nobody says where a project ends: only so much is looked at. */
const MOST_ENTRIES = 5000;

async function filesElsewhere({ dir, top }: Place): Promise<SourceFile[] | null> {
  const sources: SourceFile[] = [];
  const folders = [top];
  let entries = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const found = await readdir(folder, { withFileTypes: true }).catch(() => null);
    // Whose manifests are in there nobody can tell.
    if (found === null) return null;
    for (const entry of found) {
      entries += 1;
      if (entries > MOST_ENTRIES) return null;
      const file = path.join(folder, entry.name);
      if (file === dir || entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      if (entry.isDirectory()) folders.push(file);
      else if (/\.ya?ml$/.test(entry.name)) {
        const bytes = await readFile(file).catch(() => null);
        if (bytes === null) return null;
        if (bytes.includes('Environment')) sources.push({ path: path.relative(top, file), bytes });
      }
    }
  }
  return sources;
}
