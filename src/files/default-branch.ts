/** Which branch of a repository is the default one, as far as git on this machine knows. */
import { run } from './run.js';

export interface DefaultBranch {
  readonly name: string;
  /** What says so, for the user. */
  readonly how: string;
}

/**
 * The default branch on GitHub is a setting that git learns of with a clone. Without that: the
 * name that new repositories get, where there is such a branch; the only branch; one of the usual
 * names; and the branch that is checked out. `dir` exists, and may be outside of any repository.
 */
export async function defaultBranchAt(dir: string): Promise<DefaultBranch> {
  const git = async (...args: readonly string[]): Promise<string> =>
    run('git', args, { cwd: dir, timeout: 30_000 }).then(
      ({ stdout }) => stdout.trim(),
      () => '',
    );
  const remotes = lines(await git('remote'));
  const remote = remotes.includes('origin') ? 'origin' : (remotes[0] ?? 'origin');
  const [local, theirs] = [`refs/heads/`, `refs/remotes/${remote}/`];
  const refs = lines(await git('for-each-ref', '--format=%(refname)', local, theirs));
  const below = (start: string): string[] =>
    refs.filter((ref) => ref.startsWith(start)).map((ref) => ref.slice(start.length));
  const remoteBranches = below(theirs).filter((name) => name !== 'HEAD');
  const head = await git('symbolic-ref', '--quiet', `${theirs}HEAD`);
  // It stays behind where the branch was renamed.
  const named = head.startsWith(theirs) ? head.slice(theirs.length) : '';
  if (remoteBranches.includes(named)) return { name: named, how: `${remote}/HEAD` };
  const current = (await git('symbolic-ref', '--quiet', 'HEAD')).replace(/^refs\/heads\//, '');
  const wanted = await git('config', '--get', 'init.defaultBranch');
  return chosen({ wanted, current, branches: [...new Set([...remoteBranches, ...below(local)])] });
}

const USUAL = ['main', 'master', 'trunk'];

function chosen(known: {
  readonly wanted: string;
  readonly current: string;
  readonly branches: readonly string[];
}): DefaultBranch {
  const { wanted, current, branches } = known;
  const [only] = branches;
  // A branch without a commit is in no list.
  if (branches.length === 0 && current !== '') return { name: current, how: 'the branch here' };
  if (branches.includes(wanted)) return { name: wanted, how: "git's init.defaultBranch" };
  if (only !== undefined && branches.length === 1) return { name: only, how: 'the only branch' };
  const usual = USUAL.find((name) => branches.includes(name));
  if (usual !== undefined) return { name: usual, how: 'of the branches here, by its name' };
  if (current !== '') return { name: current, how: 'the branch here' };
  if (wanted !== '') return { name: wanted, how: "git's init.defaultBranch" };
  return { name: 'main', how: 'as GitHub names it; git does not know of any' };
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
