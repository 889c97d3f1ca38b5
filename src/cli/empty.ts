/** What a shell makes of a variable that is not set stands for nothing, and not for this folder. */
import type { Command } from 'commander';
import { WrongUsage } from '../core/errors.js';

/** Where a workflow says that it knows of none. */
const MAY_BE_EMPTY: ReadonlySet<string | undefined> = new Set(['--environments', '--pull-request']);

/** Throws `WrongUsage` for options and arguments that were given, as an empty text. */
export function refuseEmpty(command: Command): void {
  // What is completed may have no letter yet.
  if (command.name() === 'complete') return;
  const options = command.options
    .filter(({ long }) => !MAY_BE_EMPTY.has(long))
    .filter((option) => isEmpty(command.getOptionValue(option.attributeName())))
    .map(({ long }) => long ?? '');
  const given: readonly unknown[] = command.processedArgs;
  const names = command.registeredArguments
    .filter((_, index) => isEmpty(given[index]))
    .map((one) => one.name());
  const [first] = [...options, ...names];
  if (first === undefined) return;
  throw new WrongUsage(`${first} is empty`, {
    hint: 'give it a value, or leave it out; a shell passes an empty text for a variable not set',
  });
}

function isEmpty(value: unknown): boolean {
  return [value].flat().includes('');
}
