#!/usr/bin/env node
/** The entry, and the only place that ends the process. */
import type { ExitCode } from '../core/errors.js';
import { keepCompiled } from './compile-cache.js';

keepCompiled();
// Imported once compiled modules are kept, so that these are too.
const { EXIT } = await import('../core/errors.js');
const { realWorld } = await import('./world.js');

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

const argv = process.argv.slice(2);
const world = realWorld();
const exitCode = await runOrTellVersion();
process.exitCode ??= exitCode;
if (exitCode !== EXIT.done) {
  // Requests that are still under way must not keep anyone waiting for a command that has failed;
  // what was printed has to be out first.
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
}

/** A version is no reason to load a command line: scripts ask for it before everything they do. */
async function runOrTellVersion(): Promise<ExitCode> {
  if (argv.length === 1 && argv[0] === '--version') {
    world.out(`${world.version}\n`);
    return EXIT.done;
  }
  const { run } = await import('./program.js');
  return run(argv, world);
}
