/** A file that need not be there: one that cannot be read is there, and is not nothing. */
import { readFile } from 'node:fs/promises';
import { InvalidInput } from '../core/errors.js';

const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/** `null` where there is none. Throws `InvalidInput` for one that cannot be read. */
export async function bytesIfThere(file: string, hint?: string): Promise<Buffer | null> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (ABSENT.has(code)) return null;
    const more = hint === undefined ? { hint: 'make it readable, or move it away' } : { hint };
    throw new InvalidInput(`${file}: it is there and cannot be read (${code})`, [], more);
  }
}

export async function textIfThere(file: string, hint?: string): Promise<string | null> {
  return (await bytesIfThere(file, hint))?.toString('utf8') ?? null;
}
