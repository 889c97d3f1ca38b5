/** Other programs: nearly always git. Node's part for that is loaded when one is started. */
import type { execFile as start } from 'node:child_process';
import { promisify } from 'node:util';

type Run = (typeof start)['__promisify__'];

/** As `execFile`; rejects where the program fails, with what it printed. */
export const run = (async (...given: Parameters<Run>) => {
  const { execFile } = await import('node:child_process');
  return promisify(execFile)(...given);
}) as Run;
