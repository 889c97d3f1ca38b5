/** The beginning or the end of a file, without reading all of it. */
import { open, readFile, stat } from 'node:fs/promises';
import { InvalidInput } from '../core/errors.js';

const END_BYTES = 64 * 1024;

/** At most 64 KiB; rejects as `open` does. A character that is cut in two is not itself there. */
export async function bytesOf(file: string, which: 'first' | 'last'): Promise<string> {
  await refuseNoFile(file);
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, END_BYTES);
    const from = which === 'first' ? 0 : size - length;
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}

/** As `bytesOf`, of the log of a run; empty where there is none. Throws for one that is hidden. */
export async function endOfLog(file: string, which: 'first' | 'last'): Promise<string> {
  return bytesOf(file, which).catch((error: unknown) => absent(file, error));
}

/** The whole log of a run; empty where there is none. */
export async function logText(file: string): Promise<string> {
  return refuseNoFile(file)
    .then(async () => readFile(file, 'utf8'))
    .catch((error: unknown) => absent(file, error));
}

/** Rejects for what has no end to read to: a pipe would be waited for as long as nobody writes. */
export async function refuseNoFile(file: string): Promise<void> {
  if (!(await stat(file)).isFile()) throw Object.assign(new Error(file), { code: 'it is no file' });
}

/** A log that cannot be read is not one that is not there: what it has left open nobody knows. */
function absent(file: string, error: unknown): string {
  const { code = String(error) } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return '';
  throw new InvalidInput(`${file}: the log of an earlier run cannot be read (${code})`, [], {
    hint: 'make it readable, or choose another folder with --runs',
  });
}
