#!/usr/bin/env node
/** The entry, and the only place that ends the process. */
import { EXIT } from '../core/errors.js';
import { run } from './program.js';
import { realWorld } from './world.js';

// A reader that goes away (`strategos plan | head`) is not an error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const exitCode = await run(process.argv.slice(2), realWorld());
// Requests under way must not keep someone waiting who asked for the end.
if (exitCode === EXIT.interrupted) process.exit(exitCode);
process.exitCode = exitCode;
