/** What git knows of texts: their names, what they were, what two changes make together. */
import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from './run.js';
import { temporaryFolder } from './temporary.js';

const LIMITS = { timeout: 30_000, maxBuffer: 64 * 1024 * 1024 } as const;

/** As git names the text, with the line ends that it keeps. */
export function blobName(text: string): string {
  const bytes = Buffer.from(text.replaceAll('\r\n', '\n'));
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** The text of that name, as far as the repository around `dir` has it. */
export async function textNamed(dir: string, name: string): Promise<string | null> {
  if (!/^[0-9a-f]{40}$/.test(name)) return null;
  return run('git', ['cat-file', 'blob', name], { cwd: dir, ...LIMITS }).then(
    ({ stdout }) => stdout,
    () => null,
  );
}

/** `ours` with what changed from `base` to `theirs`; `null` where both change the same place. */
export async function mergedText(
  ours: string,
  base: string,
  theirs: string,
): Promise<string | null> {
  return inTemporary(async (dir) => {
    const texts = { ours, base, theirs };
    for (const [name, text] of Object.entries(texts)) await writeFile(path.join(dir, name), text);
    return run('git', ['merge-file', '-p', 'ours', 'base', 'theirs'], { cwd: dir, ...LIMITS }).then(
      ({ stdout }) => stdout,
      () => null,
    );
  });
}

export interface Change {
  readonly file: string;
  /** `null` where there is no such file. */
  readonly before: string | null;
  readonly after: string | null;
}

/** As `git diff` shows it, without colour. */
export async function differenceText(changes: readonly Change[]): Promise<string> {
  if (changes.length === 0) return '';
  return inTemporary(async (dir) => {
    for (const { file, before, after } of changes) {
      // Nothing is written outside of the folder, whatever the file is called.
      const at = file.replace(/^(?:\.\.\/)+/, '');
      for (const [side, text] of [['a', before] as const, ['b', after] as const]) {
        if (text === null) continue;
        const place = path.join(dir, side, at);
        await mkdir(path.dirname(place), { recursive: true });
        await writeFile(place, text);
      }
    }
    for (const side of ['a', 'b']) await mkdir(path.join(dir, side), { recursive: true });
    const options = ['--no-index', '--no-color', '--no-ext-diff', '--no-prefix'];
    const args = ['-c', 'core.quotepath=off', 'diff', ...options, 'a', 'b'];
    // It ends with 1 where there is a difference.
    return run('git', args, { cwd: dir, ...LIMITS }).then(
      ({ stdout }) => stdout,
      (error: unknown) => (error as { readonly stdout?: string }).stdout ?? '',
    );
  });
}

async function inTemporary<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await temporaryFolder('strategos-');
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
