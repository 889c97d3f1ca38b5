/** The entry, and the only place that ends the process. `launch.ts` loads it. */
import { closeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { EXIT } from '../core/errors.js';
import { run } from './program.js';
import { realWorld } from './world.js';

/** Of a pipe whose reader went away (`strategos apply | head`), of a terminal that was closed. */
const NOBODY_READS: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO']);

// Neither must end a run half-way.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (NOBODY_READS.has(error.code)) return;
    process.exitCode = EXIT.unexpected;
    if (stream === process.stdout) {
      process.stderr.write(`error: the result cannot be written (${error.code ?? 'unknown'})\n`);
    }
  });
}

// At its end Node gives terminals back as they were, and aborts where one of them is gone: once
// closed, it is left alone.
const terminals = [0, 1, 2].filter((each) => isatty(each));
process.once('exit', () => {
  for (const each of terminals) if (!isatty(each)) closeSync(each);
});

// Nothing is left to do: what the process has is taken down at once by the system, and not by Node.
process.once('beforeExit', () => process.exit());

void run(process.argv.slice(2), realWorld()).then((exitCode) => {
  process.exitCode ??= exitCode;
  if (exitCode !== EXIT.done) {
    // Requests that are still under way must not keep anyone waiting for a command that has failed;
    // what was printed has to be out first.
    process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
  }
});
