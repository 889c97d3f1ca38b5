/** What git knows about the folder of manifests. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { SourceFile } from '../core/source.js';

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
 * The manifests below `dir` in the commit that the checked-out merge was made onto; `null` where
 * HEAD is no merge of two, or git does not have its parents.
 */
export async function sourcesBeforeMerge(dir: string): Promise<SourceFile[] | null> {
  try {
    const git = async (...args: readonly string[]): Promise<Buffer> => {
      const options = {
        cwd: dir,
        timeout: 30_000,
        maxBuffer: MAX_BYTES,
        encoding: 'buffer',
      } as const;
      return (await run('git', args, options)).stdout;
    };
    await git('rev-parse', '--verify', '--quiet', 'HEAD^2');
    const listing = await git('ls-tree', '-r', '-z', '--name-only', 'HEAD^1', '.');
    const names = listing.toString().split('\0');
    const sources: SourceFile[] = [];
    for (const name of names.filter((one) => /\.ya?ml$/.test(one))) {
      sources.push({ path: name, bytes: await git('show', `HEAD^1:./${name}`) });
    }
    return sources;
  } catch {
    return null;
  }
}

/** Of one answer of git. */
const MAX_BYTES = 64 * 1024 * 1024;
