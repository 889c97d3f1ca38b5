/**
 * What a shell makes of a variable that is not set stands for nothing, and not for this folder. In
 * quotes it is an empty text; without them it is gone, and the option takes what comes next.
 */
import type { Command, Option } from 'commander';
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
  if (first === undefined) return refuseOptions(command);
  throw new WrongUsage(`${first} is empty`, {
    hint: 'give it a value, or leave it out; a shell passes an empty text for a variable not set',
  });
}

/** `--out --detailed-exitcode` asks for the second, and for no file of that name. */
function refuseOptions(command: Command): void {
  const known = new Set(['--help', '-h', ...command.options.flatMap(namesOf)]);
  const isOption = (text: string): boolean => known.has(/^--[^=]+(?==)/.exec(text)?.[0] ?? text);
  for (const option of command.options) {
    const values: readonly unknown[] = [command.getOptionValue(option.attributeName())].flat();
    const texts = values.filter((one) => typeof one === 'string');
    const taken = texts.find(isOption);
    if (taken === undefined) continue;
    throw new WrongUsage(`${option.long ?? ''} has no value: ${taken} comes next`, {
      hint: 'give it one, or leave it out; a shell passes nothing for a variable not set',
    });
  }
}

function namesOf({ long, short }: Option): string[] {
  return [long, short].filter((one) => typeof one === 'string');
}

function isEmpty(value: unknown): boolean {
  return [value].flat().includes('');
}
