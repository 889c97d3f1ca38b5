/**
 * Properties look at new cases on every run of a developer. In continuous integration they look at
 * the same ones each time, so that a red run means the change and not the dice; set
 * FAST_CHECK_SEED to repeat a failure.
 */
import fc from 'fast-check';

const seed = process.env['FAST_CHECK_SEED'] ?? (process.env['CI'] ? '20260302' : undefined);
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });
