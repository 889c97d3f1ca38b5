/**
 * What git has and this checkout has not: a submodule that was not checked out, files that a sparse
 * checkout leaves out. On disk they are missing like something that was deleted, and an apply with
 * prune would delete what they declare.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Issue } from '../core/issue.js';
import { run } from './run.js';

/** Of one answer of git. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * One issue for everything below `folder` that is missing, and one where git does not say;
 * `isLeftOut` for what is no manifest anyway, by its path below the folder.
 */
export async function checkoutIssues(
  folder: string,
  shown: string,
  isLeftOut: (at: string) => boolean = () => false,
): Promise<Issue[]> {
  const top = topAbove(folder);
  // Outside of a repository nothing can be missing from it.
  if (top === null) return [];
  try {
    const { stdout } = await run('git', ['ls-files', '-v', '-s', '-z', '--', '.'], {
      cwd: folder,
      timeout: 30_000,
      maxBuffer: MAX_BYTES,
    });
    return missingIn(stdout, folder)
      .filter(({ at }) => !isLeftOut(at))
      .map((one) => issueOf(one, shown));
  } catch (error) {
    const why = reasonOf(error);
    const warning: Issue = {
      code: 'git-unasked',
      severity: 'warning',
      at: { file: shown, line: 1, column: 1 },
      message: `git cannot be asked whether all manifests are checked out: ${why}`,
      hint: `git status in ${shown} says more (of another user: see safe.directory)`,
    };
    const missing = submodulesBelow(top, folder).filter(({ at }) => !isLeftOut(at));
    return [warning, ...missing.map((one) => issueOf(one, shown))];
  }
}

interface Missing {
  readonly what: 'submodule' | 'sparse';
  /** Below the folder. */
  readonly at: string;
}

/** `S 100644 <object> 0\tpath`: the letter S is for what a sparse checkout leaves out. */
function missingIn(listing: string, folder: string): Missing[] {
  return listing.split('\0').flatMap((line): Missing[] => {
    const [, tag, mode, at = ''] = /^(\S) (\d+) \S+ \d\t(.*)$/s.exec(line) ?? [];
    if (mode === '160000') {
      return existsSync(path.join(folder, at, '.git')) ? [] : [{ what: 'submodule', at }];
    }
    return tag === 'S' && /\.ya?ml$/.test(at) ? [{ what: 'sparse', at }] : [];
  });
}

/** What `.gitmodules` names below the folder, for want of git. */
function submodulesBelow(top: string, folder: string): Missing[] {
  const file = path.join(top, '.gitmodules');
  if (!existsSync(file)) return [];
  const paths = [...readFileSync(file, 'utf8').matchAll(/^\s*path\s*=\s*(.+?)\s*$/gm)];
  return paths.flatMap(([, of = '']): Missing[] => {
    const at = path.relative(folder, path.join(top, of));
    const isBelow = at !== '' && !at.startsWith('..') && !path.isAbsolute(at);
    const isThere = existsSync(path.join(folder, at, '.git'));
    return isBelow && !isThere ? [{ what: 'submodule', at }] : [];
  });
}

function issueOf({ what, at }: Missing, shown: string): Issue {
  const file = shown === '.' ? at : `${shown}/${at}`;
  const [code, message, hint] =
    what === 'submodule'
      ? [
          'submodule-missing',
          'a submodule that is not checked out: what it declares would be taken for deleted',
          'git submodule update --init; on GitHub: submodules: true at actions/checkout',
        ]
      : [
          'not-checked-out',
          'a sparse checkout leaves this manifest out: it would be taken for deleted',
          'git sparse-checkout disable, or add its folder to the sparse checkout',
        ];
  return { code, severity: 'error', at: { file, line: 1, column: 1 }, message, hint };
}

/** The folder of the repository that `folder` is in. */
export function topAbove(folder: string): string | null {
  for (let dir = folder; ; dir = path.dirname(dir)) {
    const git = path.join(dir, '.git');
    const isFile = statSync(git, { throwIfNoEntry: false })?.isFile() ?? false;
    // A damaged repository is one, too; any other folder of that name is none.
    if (isFile || existsSync(path.join(git, 'HEAD')) || existsSync(path.join(git, 'config'))) {
      return dir;
    }
    if (path.dirname(dir) === dir) return null;
  }
}

/** What git said, or that there is none to ask. */
function reasonOf(error: unknown): string {
  const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: unknown };
  if (code === 'ENOENT') return 'there is no git on this machine';
  const [line = ''] = typeof stderr === 'string' ? stderr.trim().split('\n') : [];
  return line === '' ? 'it gave no answer' : line.replace(/^fatal: /, '');
}
