/** Options that several commands have, and their parsers. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from '../core/errors.js';
import { isDigest } from '../core/is-digest.js';
import { when } from './span.js';

/** A command of the program's own, with what all of them take. */
export type AddCommand = (name: string, summary: string, formats?: string[]) => Command;

/** Makes of what a command does what commander calls: its exit code becomes that of the process. */
export type Act = <A extends unknown[]>(
  action: (...args: A) => Promise<ExitCode>,
) => (...args: A) => Promise<void>;

/** Of whatever kind. */
export const ONLY_THESE = 'only these: Kind/name, Kind, or a name';

/** Of what people read. */
export const FORMATS = ['text', 'json', 'markdown', 'html'];

/** Of what is no page to read. */
export const DATA = ['text', 'json'];

/** With the form of its result beside its place. */
export function withCommon(command: Command, formats = FORMATS): Command {
  return withPlace(command).addOption(
    new Option('--format <format>', 'form of the result').choices(formats).default('text'),
  );
}

/** Where manifests and runs are, and how much is said on the way. */
export function withPlace(command: Command): Command {
  return command
    .option('--dir <folder>', 'folder of manifests', 'strategies')
    .option('-e, --env <name>', 'environment (default: the only one)')
    .option('--runs <folder>', 'folder of run records', '.strategos/runs')
    .option('--quiet', 'no progress')
    .option('--verbose', 'every step and request');
}

/** A text that no plan can have as its digest is a slip, and no plan that moved. */
export function digestOf(text: string): string {
  // An empty one is told of with the variable that it may come from.
  if (text === '' || isDigest(text)) return text;
  throw new InvalidArgumentError('Expected a digest: sha256: and 64 digits of 0-9a-f.');
}

/** Both ends are among them. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

/** @param usual where nobody says it */
export function since(usual: string): Option {
  return new Option('--since <time>', 'begin this long ago (90s, 15m, 1h, 7d), or at a time')
    .argParser(when)
    .default(when(usual), usual);
}

export function until(): Option {
  return new Option('--until <time>', 'end this long ago, or at a time (default: now)').argParser(
    when,
  );
}

export const ADOPT = ['--adopt', 'take over what is in the org and belongs to nobody'] as const;

export const EXPECT_DIGEST = [
  '--expect-digest <digest>',
  'refuse unless the plan has this digest',
  digestOf,
] as const;

export const LOCK_TIMEOUT = [
  '--lock-timeout <seconds>',
  'wait this long for another run to end',
  wholeNumber(0, 86_400),
  0,
] as const;
