/** A folder for what is needed while a command runs, and by nobody afterwards. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError, systemCode } from '../core/errors.js';
import { exitOfUnwritable } from './whole-file.js';

/** Made anew, with a name that begins so; whoever asks for it removes it. */
export async function temporaryFolder(beginning: string): Promise<string> {
  try {
    return await mkdtemp(path.join(tmpdir(), beginning));
  } catch (cause) {
    const message = `${tmpdir()}: no temporary folder can be made there (${systemCode(cause)})`;
    const hint = 'make room, or name another place with TMPDIR';
    const exitCode = exitOfUnwritable(cause);
    throw new AppError('no-temporary-folder', exitCode, 'user', message, { cause, hint });
  }
}
