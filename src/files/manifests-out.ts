/** Files out: what somebody may have edited is not written over by accident. */
import { lstatSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { AppError, Refused } from '../core/errors.js';
import { makeFolder } from './make-folder.js';
import { exitOfUnwritable, hintOfUnwritable, replaceFile } from './whole-file.js';

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
export function writeFiles(
  folder: string,
  files: readonly OutputFile[],
  overwrite: boolean,
  hint = 'choose another folder with --out, or pass --overwrite',
): Written {
  const states = files.map(({ file, text }) => {
    const there = contentOf(path.join(folder, file));
    return { file, text, state: stateOf(text, there) };
  });
  const others = states.filter(({ state }) => state === 'other').map(({ file }) => file);
  if (others.length > 0 && !overwrite) {
    const shown = others.slice(0, 10).join(', ') + (others.length > 10 ? ', …' : '');
    throw new Refused('would-overwrite', `${folder}: not written over: ${shown}`, { hint });
  }
  const wanted = states.filter(({ state }) => state === 'new' || state === 'other');
  const ended = states.filter(({ state }) => state === 'ended');
  const at = ({ file }: OutputFile): string => path.join(folder, file);
  let place = folder;
  try {
    const folders = new Set([folder, ...wanted.map((one) => path.dirname(at(one)))]);
    for (const one of folders) {
      place = one;
      makeFolder(place);
    }
    for (const one of wanted) {
      place = at(one);
      const isNew = one.state === 'new';
      replaceFile(isNew ? { target: place, mode: null } : behind(place, folder), one.text);
    }
    for (const one of ended) {
      place = at(one);
      rmSync(place);
    }
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const message = `${place}: cannot be written (${reason})`;
    throw new AppError('files-unwritable', exitOfUnwritable(cause), 'user', message, {
      cause,
      hint: hintOfUnwritable(cause),
    });
  }
  const removed = ended.length;
  return { written: wanted.length, unchanged: files.length - wanted.length - removed, removed };
}

function stateOf(text: string, there: string | null): 'new' | 'same' | 'other' | 'ended' {
  if (text === '') return there === null ? 'same' : 'ended';
  return there === null ? 'new' : there === text ? 'same' : 'other';
}

/** Those of `files` that are not in `folder`, whatever is in the others. */
export function missingFiles(folder: string, files: readonly OutputFile[]): string[] {
  return files.flatMap(({ file }) => (isThere(path.join(folder, file)) ? [] : [file]));
}

/** Those of `files` that are in `folder` with other content, as far as that can be read. */
export function otherFiles(folder: string, files: readonly OutputFile[]): string[] {
  const isOther = (file: string, text: string): boolean => {
    try {
      return readFileSync(file, 'utf8') !== text;
    } catch (error) {
      // A link without what it leads to is somebody's: no text of ours is what it has.
      return (error as NodeJS.ErrnoException).code === 'ENOENT';
    }
  };
  return files.flatMap(({ file, text }) => {
    const full = path.join(folder, file);
    return isThere(full) && isOther(full, text) ? [file] : [];
  });
}

/** Whatever it is, and whether or not it can be read. */
function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

/** `null` for what is not there. */
function contentOf(file: string): string | null {
  if (!isThere(file)) return null;
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // What is no readable file is not ours to judge: writing will say what is wrong with it.
    return '';
  }
}

/** A link within the folder stays one; one that leads out of it is written over. */
function behind(file: string, folder: string): { target: string; mode: number | null } {
  const there = statSync(file, { throwIfNoEntry: false });
  if (there?.isFile() !== true) return { target: file, mode: null };
  const [target, within] = [realpathSync(file), `${realpathSync(folder)}${path.sep}`];
  if (!target.startsWith(within)) return { target: file, mode: null };
  return { target, mode: there.mode & 0o777 };
}
