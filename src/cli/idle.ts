/**
 * An option that does nothing beside the others it stands with is refused: whoever has typed it
 * believes that it does something. What a script gives every command (`--dir`, `--runs`, `--quiet`)
 * is let be, and so is an agreement that a `--dry-run` makes needless.
 */
import type { Command } from 'commander';
import { WrongUsage } from '../core/errors.js';

interface Idle {
  /** The command as it is typed. */
  readonly of: string;
  readonly option: string;
  /** Whether it would do nothing. */
  readonly isIdle: (options: Readonly<Record<string, unknown>>) => boolean;
  readonly why: string;
  readonly hint: string;
}

const IDLE: readonly Idle[] = [
  {
    of: 'export',
    option: 'yes',
    isIdle: ({ prune }) => prune !== true,
    why: 'export asks about nothing but what --prune removes',
    hint: 'leave it out, or pass --prune as well; --overwrite amends manifests without a question',
  },
  {
    of: 'doctor',
    option: 'yes',
    isIdle: ({ write }) => write !== true,
    why: 'doctor reads, and asks about nothing but --write',
    hint: 'leave it out, or pass --write as well',
  },
  {
    of: 'optimize',
    option: 'interval',
    isIdle: ({ watch, rounds = 1 }) => watch !== true && rounds === 1,
    why: 'one round has no next one to wait for',
    hint: 'pass --watch, or --rounds with a number of them; or leave it out',
  },
  {
    of: 'rollback',
    option: 'expectDigest',
    isIdle: ({ dryRun }) => dryRun === true,
    why: 'a --dry-run only shows the plan, and refuses none',
    hint: 'leave one of the two out; the plan that is shown says its digest',
  },
];

/** Throws `WrongUsage` for the first of those that the command line gives. */
export function refuseIdle(command: Command): void {
  const options = command.opts<Record<string, unknown>>();
  const found = IDLE.find(
    ({ of, option, isIdle }) =>
      of === command.name() && command.getOptionValueSource(option) === 'cli' && isIdle(options),
  );
  if (found === undefined) return;
  const { long } = command.options.find((one) => one.attributeName() === found.option) ?? {};
  throw new WrongUsage(`${long ?? ''} does nothing here: ${found.why}`, { hint: found.hint });
}
