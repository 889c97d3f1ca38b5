/** What git knows about the folder of manifests. */
import path from 'node:path';
import { isTabular, type SourceFile } from '../core/source.js';
import { isCommit } from '../core/workflow.js';
import { IGNORE_FILE, LeftOut } from './left-out.js';
import { run } from './run.js';

/** The commit that is checked out in `dir`, or `null`: outside a repository, or where git fails. */
export async function commitOf(dir: string): Promise<string | null> {
  return headOf(dir).catch(() => null);
}

/** `null` where nothing is committed yet. Rejects where git cannot say, or is not there. */
export async function headOf(dir: string): Promise<string | null> {
  const args = ['rev-parse', '--verify', '--quiet', 'HEAD'];
  try {
    const { stdout } = await run('git', args, { cwd: dir, timeout: 5000 });
    return isCommit(stdout.trim()) ? stdout.trim() : null;
  } catch (error) {
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: unknown };
    // Asked to be quiet, git says nothing of a branch that has no commit.
    if (code === 1 && stderr === '') return null;
    throw error;
  }
}

/** What a pull request was made onto, as far as git can tell. */
export type BeforeMerge =
  | { readonly is: 'known'; readonly sources: readonly SourceFile[] }
  /** What is checked out is no merge, or no commit of a repository at all. */
  | { readonly is: 'none' }
  /** It is one, and git does not have, or give, what was there before. */
  | { readonly is: 'unknown'; readonly why: string };

/** The manifests below `dir` in the commit that the checked-out merge was made onto. */
export async function sourcesBeforeMerge(dir: string): Promise<BeforeMerge> {
  const git = async (...args: readonly string[]): Promise<Buffer> => {
    const options = {
      cwd: dir,
      timeout: 30_000,
      maxBuffer: MAX_BYTES,
      encoding: 'buffer',
    } as const;
    return (await run('git', args, options)).stdout;
  };
  try {
    // As it was written: in a shallow clone git says of a merge that it has no parents.
    const commit = (await git('cat-file', 'commit', 'HEAD')).toString();
    const [head = ''] = commit.split('\n\n', 1);
    const [onto, branch] = [...head.matchAll(/^parent ([0-9a-f]{40,64})$/gm)].map(([, id]) => id);
    if (onto === undefined || branch === undefined) return { is: 'none' };
    const names = (await git('ls-tree', '-r', '-z', '--name-only', onto, '.')).toString();
    const isLeftOut = await leftOutIn(onto, git);
    const sources: SourceFile[] = [];
    const all = names.split('\0');
    const show = async (name: string): Promise<SourceFile> => ({
      path: name,
      bytes: await git('show', `${onto}:./${name}`),
    });
    for (const name of all.filter((one) => /\.ya?ml$/.test(one))) {
      if (!isLeftOut(name)) sources.push(await show(name));
    }
    const isNamed = (name: string): boolean =>
      sources.some(({ bytes }) => Buffer.from(bytes).includes(path.basename(name)));
    const tables = all.filter((one) => isTabular({ path: one }) && isNamed(one));
    for (const name of tables) sources.push(await show(name));
    return { is: 'known', sources };
  } catch (error) {
    const { code, stderr } = error as {
      readonly code?: unknown;
      readonly stderr?: Buffer | string;
    };
    const [line = ''] = (stderr?.toString() ?? '').trim().split('\n');
    if (/not a git repository/i.test(line)) return { is: 'none' };
    const why =
      code === 'ENOENT' ? 'there is no git on this machine' : line || 'git gave no answer';
    return { is: 'unknown', why: why.replace(/^fatal: /, '') };
  }
}

/** What the commit itself leaves out, by the path below the folder that git is asked in. */
async function leftOutIn(
  commit: string,
  git: (...args: readonly string[]) => Promise<Buffer>,
): Promise<(name: string) => boolean> {
  const prefix = (await git('rev-parse', '--show-prefix')).toString().trim();
  const all = (await git('ls-tree', '-r', '-z', '--name-only', '--full-tree', commit)).toString();
  const texts = new Map<string, string>();
  for (const name of all.split('\0').filter((one) => path.posix.basename(one) === IGNORE_FILE)) {
    const folder = path.posix.dirname(name);
    const text = (await git('show', `${commit}:${name}`)).toString();
    texts.set(folder === '.' ? '' : folder, text);
  }
  const rules = new LeftOut(
    (folder) => texts.get(folder) ?? null,
    (file) => file,
  );
  return (name) => texts.size > 0 && rules.has(path.posix.join(prefix, name));
}

/**
 * Whether the merge that is checked out brings changes below `dir`; `null` where HEAD is no merge
 * of two, or git does not have its parents.
 */
export async function mergeChanges(dir: string): Promise<boolean | null> {
  const options = { cwd: dir, timeout: 30_000 };
  try {
    await run('git', ['rev-parse', '--verify', '--quiet', 'HEAD^2'], options);
    await run('git', ['diff', '--quiet', 'HEAD^1', 'HEAD', '--', '.'], options);
    return false;
  } catch (error) {
    const { code, cmd = '' } = error as { readonly code?: unknown; readonly cmd?: string };
    return code === 1 && cmd.startsWith('git diff') ? true : null;
  }
}

/** Of one answer of git. */
const MAX_BYTES = 64 * 1024 * 1024;
