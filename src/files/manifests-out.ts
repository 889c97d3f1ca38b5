/** Files out: what somebody may have edited is not written over by accident. */
import { lstat, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, Refused } from '../core/errors.js';
import { exitOfUnwritable } from './whole-file.js';

export interface OutputFile {
  readonly file: string;
  /** Empty for a file that is to go. */
  readonly text: string;
}

export interface Written {
  readonly written: number;
  /** Files that held the same bytes already. */
  readonly unchanged: number;
  readonly removed: number;
}

/**
 * Writes all of `files` into `folder`, or none: when a file is there with other content and
 * `overwrite` is not set, `Refused` names every such file and nothing is written. `hint` says what
 * to do then.
 */
export async function writeFiles(
  folder: string,
  files: readonly OutputFile[],
  overwrite: boolean,
  hint = 'choose another folder with --out, or pass --overwrite',
): Promise<Written> {
  const states = await Promise.all(
    files.map(async ({ file, text }) => {
      const there = await contentOf(path.join(folder, file));
      return { file, text, state: stateOf(text, there) };
    }),
  );
  const others = states.filter(({ state }) => state === 'other').map(({ file }) => file);
  if (others.length > 0 && !overwrite) {
    const shown = others.slice(0, 10).join(', ') + (others.length > 10 ? ', …' : '');
    throw new Refused('would-overwrite', `${folder}: not written over: ${shown}`, { hint });
  }
  const wanted = states.filter(({ state }) => state === 'new' || state === 'other');
  const ended = states.filter(({ state }) => state === 'ended');
  try {
    await mkdir(folder, { recursive: true });
    for (const { file, text } of wanted) await replace(path.join(folder, file), text);
    for (const { file } of ended) await rm(path.join(folder, file));
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const message = `${folder}: the files cannot be written (${reason})`;
    throw new AppError('files-unwritable', exitOfUnwritable(cause), 'user', message, { cause });
  }
  const removed = ended.length;
  return { written: wanted.length, unchanged: files.length - wanted.length - removed, removed };
}

function stateOf(text: string, there: string | null): 'new' | 'same' | 'other' | 'ended' {
  if (text === '') return there === null ? 'same' : 'ended';
  return there === null ? 'new' : there === text ? 'same' : 'other';
}

/** Those of `files` that are not in `folder`, whatever is in the others. */
export async function missingFiles(
  folder: string,
  files: readonly OutputFile[],
): Promise<string[]> {
  const contents = await Promise.all(files.map(({ file }) => contentOf(path.join(folder, file))));
  return files.flatMap(({ file }, index) => (contents[index] === null ? [file] : []));
}

/** Those of `files` that are in `folder` with other content, as far as that can be read. */
export async function otherFiles(folder: string, files: readonly OutputFile[]): Promise<string[]> {
  const others = await Promise.all(
    files.map(async ({ file, text }) => {
      const full = path.join(folder, file);
      const there = await readFile(full, 'utf8').catch(() => null);
      return there === null ? await leadsNowhere(full) : there !== text;
    }),
  );
  return files.flatMap(({ file }, index) => (others[index] === true ? [file] : []));
}

/** A link without what it leads to is somebody's: no text of ours is what it has. */
async function leadsNowhere(file: string): Promise<boolean> {
  const isThere = await stat(file).catch((error: unknown) => !isAbsence(error));
  return isThere === false && (await lstat(file).catch(() => null)) !== null;
}

function isAbsence(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

async function contentOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    // What is no readable file is not ours to judge: writing will say what is wrong with it.
    return isAbsence(error) && !(await leadsNowhere(file)) ? null : '';
  }
}

/** A reader never sees half a file. */
async function replace(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(temporary, text);
  await rename(temporary, file);
}
