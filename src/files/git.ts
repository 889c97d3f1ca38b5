/** What git knows about the folder of manifests. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The commit that is checked out in `dir`, or `null` outside a repository or without git. */
export async function commitOf(dir: string): Promise<string | null> {
  try {
    const { stdout } = await run('git', ['rev-parse', 'HEAD'], { cwd: dir, timeout: 5000 });
    return /^[0-9a-f]{40,64}$/.test(stdout.trim()) ? stdout.trim() : null;
  } catch {
    return null;
  }
}

/**
 * The repository behind the remote `origin`, as `host/path` without user, password and `.git`;
 * `null` where there is none.
 */
export async function originOf(dir: string): Promise<string | null> {
  try {
    const args = ['config', '--get', 'remote.origin.url'];
    const { stdout } = await run('git', args, { cwd: dir, timeout: 5000 });
    return repositoryName(stdout.trim());
  } catch {
    return null;
  }
}

/** `github.com/acme/routing` of `https://token@github.com/acme/routing.git` and its other forms. */
export function repositoryName(remote: string): string | null {
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(remote);
  const url = scp === null && URL.canParse(remote) ? new URL(remote) : null;
  const host = scp?.[1] ?? url?.hostname ?? '';
  const path = (scp?.[2] ?? url?.pathname ?? '').replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  return host === '' || path === '' ? null : `${host.toLowerCase()}/${path}`;
}
