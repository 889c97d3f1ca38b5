/**
 * Compiled modules are kept from one run to the next, where Node can do that: from 22.1 on. Without
 * a folder for them, or one that cannot be written, everything is compiled as ever.
 */
import { existsSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';

/** Node 20, which the types are of, has no such function. */
type EnableCompileCache = ((folder: string) => unknown) | undefined;

/** Has an effect on modules that are imported after it. Never throws. */
export function keepCompiled(): void {
  const folder = cacheFolder();
  if (folder === null) return;
  const { enableCompileCache } = module as { enableCompileCache?: EnableCompileCache };
  enableCompileCache?.(folder);
}

/**
 * Below the user's home and not in Node's default, the temporary folder: there anybody on this
 * machine may be the first to make it, and what it holds is run as it is.
 */
function cacheFolder(): string | null {
  try {
    const home = homedir();
    // HOME may be empty, and then the folder would be wherever somebody works; it may name nothing,
    // and nobody's home is made here.
    const isThere = path.isAbsolute(home) && existsSync(home);
    return isThere ? path.join(home, '.cache', 'strategos', 'compiled') : null;
  } catch {
    // A user whom the system does not know has no home.
    return null;
  }
}
