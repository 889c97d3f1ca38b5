/** A file that is written whole or not at all. */
import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { appendFile, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, EXIT, Refused, type ExitCode } from '../core/errors.js';
import { bytesOf } from './ends.js';

/** How a document of ours begins, as JSON. */
const BEGINNING = /^\s*\{\s*"format"\s*:\s*\d/;

/** `what` it is, for the message: `the plan`. */
export async function writeWholeFile(file: string, text: string, what: string): Promise<void> {
  try {
    const place = await placeOf(file);
    if (!place.isReplaced) await appendFile(file, text);
    else replaceFile(place, text);
  } catch (cause) {
    throw unwritable(file, what, cause);
  }
}

/**
 * A reader never sees half a file. Done in the foreground: most files are so small that the way to
 * the background costs more.
 */
export function replaceFile({ target, mode }: Pick<Place, 'target' | 'mode'>, text: string): void {
  const temporary = besideOf(target);
  try {
    writeFileSync(temporary, text, mode === null ? {} : { mode });
    // What was there for others was so whatever this process gives to files of its own.
    if (mode !== null) chmodSync(temporary, mode);
    renameSync(temporary, target);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}

/**
 * Rejects where `writeWholeFile` would: before work is done whose result could not be kept. So it
 * does where something is that does not begin as `own` says: that may be somebody's only copy.
 */
export async function refuseUnwritable(
  file: string,
  what: string,
  own: RegExp = BEGINNING,
): Promise<void> {
  try {
    const { target, isReplaced, mode } = await placeOf(file);
    if (!isReplaced) return;
    if (mode !== null) await refuseOthers(target, what, own);
    const temporary = besideOf(target);
    try {
      await writeFile(temporary, '');
    } finally {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  } catch (cause) {
    throw cause instanceof AppError ? cause : unwritable(file, what, cause);
  }
}

/** An empty file is nobody's: `mktemp` makes those. */
async function refuseOthers(file: string, what: string, own: RegExp): Promise<void> {
  const text = await bytesOf(file, 'first');
  if (text === '' || own.test(text)) return;
  const message = `${file}: not written over: what is there is not what ${what} looks like`;
  throw new Refused('would-overwrite', message, { hint: 'name another place, or move it away' });
}

interface Place {
  /** Behind links. */
  readonly target: string;
  /** Another file takes its place. Not so of a device or a pipe: to these it is added. */
  readonly isReplaced: boolean;
  /** Of the file that is there; `null` where there is none. */
  readonly mode: number | null;
}

async function placeOf(file: string): Promise<Place> {
  const there = await stat(file).catch(() => null);
  if (there === null) return { target: await behind(file), isReplaced: true, mode: null };
  if (there.isDirectory()) throw Object.assign(new Error(file), { code: 'EISDIR' });
  // /dev/stdout is a file where a shell has led it to one, and goes on writing there.
  const isStream = !there.isFile() || file.startsWith('/dev/');
  if (isStream) return { target: file, isReplaced: false, mode: null };
  return { target: await realpath(file), isReplaced: true, mode: there.mode & 0o777 };
}

/** Where a link leads to that leads to nothing yet. */
async function behind(file: string): Promise<string> {
  const to = await readlink(file).catch(() => null);
  return to === null ? file : path.resolve(path.dirname(file), to);
}

/** Where the text of a file is until it is whole. */
function besideOf(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.tmp`);
}

function unwritable(file: string, what: string, cause: unknown): AppError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const code = `${what.split(' ').at(-1) ?? what}-unwritable`;
  const message = `${file}: ${what} cannot be written (${reason})`;
  const hint = hintOfUnwritable(cause);
  return new AppError(code, exitOfUnwritable(cause), 'user', message, { cause, hint });
}

const NO_FOLDER = 'a file is where a folder is needed: name another place';
const NO_ROOM = 'make room, or name another place';
const HINTS: Readonly<Record<string, string>> = {
  EISDIR: 'a folder is where a file is needed: name another place',
  ENOTDIR: NO_FOLDER,
  EEXIST: NO_FOLDER,
  ENOENT: 'make its folder first, or name another place',
  ENOSPC: NO_ROOM,
  EDQUOT: NO_ROOM,
};

/** What helps where something cannot be written. */
export function hintOfUnwritable(cause: unknown): string {
  const { code = '' } = cause as NodeJS.ErrnoException;
  return HINTS[code] ?? 'name another place, or let it be written there';
}

/** Of a disk that is full or broken: the place would do. */
const TROUBLE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE']);

/** Whoever names a place where nothing can be written has named the wrong one. */
export function exitOfUnwritable(cause: unknown): ExitCode {
  const { code = '' } = cause as NodeJS.ErrnoException;
  return code === '' || TROUBLE.has(code) ? EXIT.unexpected : EXIT.invalid;
}
