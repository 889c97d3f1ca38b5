/** The entry, and the only place that ends the process. `launch.ts` loads it. */
import { EXIT } from '../core/errors.js';
import { run } from './program.js';
import { realWorld } from './world.js';

// A reader that goes away (`strategos apply | head`) must not end a run half-way.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.exitCode = EXIT.unexpected;
    if (stream === process.stdout) {
      process.stderr.write(`error: the result cannot be written (${error.code ?? 'unknown'})\n`);
    }
  });
}

void run(process.argv.slice(2), realWorld()).then((exitCode) => {
  process.exitCode ??= exitCode;
  if (exitCode !== EXIT.done) {
    // Requests that are still under way must not keep anyone waiting for a command that has failed;
    // what was printed has to be out first.
    process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
  }
});
