/** A file that is written whole or not at all. */
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError, EXIT, type ExitCode } from '../core/errors.js';

/** `what` it is, for the message: `the plan`. */
export async function writeWholeFile(file: string, text: string, what: string): Promise<void> {
  const temporary = besideOf(file);
  try {
    await writeFile(temporary, text);
    await rename(temporary, file);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unwritable(file, what, cause);
  }
}

/** Rejects where `writeWholeFile` would: before work is done whose result could not be kept. */
export async function refuseUnwritable(file: string, what: string): Promise<void> {
  const temporary = besideOf(file);
  try {
    const there = await stat(file).catch(() => null);
    if (there?.isDirectory() === true) throw Object.assign(new Error(file), { code: 'EISDIR' });
    await writeFile(temporary, '');
  } catch (cause) {
    throw unwritable(file, what, cause);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

function besideOf(file: string): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.tmp`);
}

function unwritable(file: string, what: string, cause: unknown): AppError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const code = `${what.split(' ').at(-1) ?? what}-unwritable`;
  const message = `${file}: ${what} cannot be written (${reason})`;
  return new AppError(code, exitOfUnwritable(cause), 'user', message, { cause });
}

/** Of a disk that is full or broken: the place would do. */
const TROUBLE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE']);

/** Whoever names a place where nothing can be written has named the wrong one. */
export function exitOfUnwritable(cause: unknown): ExitCode {
  const { code = '' } = cause as NodeJS.ErrnoException;
  return code === '' || TROUBLE.has(code) ? EXIT.unexpected : EXIT.invalid;
}
