/** The beginning or the end of a file, without reading all of it. */
import { open } from 'node:fs/promises';

const END_BYTES = 64 * 1024;

/** At most 64 KiB; rejects as `open` does. A character that is cut in two is not itself there. */
export async function bytesOf(file: string, which: 'first' | 'last'): Promise<string> {
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
