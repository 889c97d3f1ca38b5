/**
 * Folders with all that is above them. Node's own `recursive` asks again and again, for ever, where
 * a file system says of every new folder that it is not there, as /proc does.
 */
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { systemCode } from '../core/errors.js';

/**
 * The topmost folder that had to be made; `null` where all were there. Throws what the system says.
 * `mode`: of those that are made.
 */
export function makeFolder(folder: string, mode = 0o777): string | null {
  try {
    return makeIn(folder, mode) ? folder : null;
  } catch (error) {
    const above = path.dirname(folder);
    if (systemCode(error) !== 'ENOENT' || above === folder) throw error;
    const made = makeFolder(above, mode);
    return makeIn(folder, mode) ? (made ?? folder) : made;
  }
}

/** Whether it was made here: it may have been there, or another process have been first. */
function makeIn(folder: string, mode: number): boolean {
  try {
    mkdirSync(folder, { mode });
    return true;
  } catch (error) {
    if (isThere(folder)) return false;
    throw error;
  }
}

function isThere(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
}
