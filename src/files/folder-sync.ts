/** Names of files survive a power cut once their folder has been synced. */
import { open } from 'node:fs/promises';

export async function syncFolder(dir: string): Promise<void> {
  // Windows has no handle of a folder to sync, and needs none.
  if (process.platform === 'win32') return;
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
