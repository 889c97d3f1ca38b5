/** Which of two environments is meant, or of two folders, is not for us to choose. */
import type { Command, Option } from 'commander';
import { WrongUsage } from '../core/errors.js';

/** Each use of these adds one. */
const ADDS: ReadonlySet<string | undefined> = new Set(['--agents', '--rate']);

/** Makes `command` and those below it refuse an option with a value that is given twice. */
export function refuseTwice(command: Command): void {
  for (const option of command.options) if (hasOneValue(option)) countUses(command, option);
  for (const below of command.commands) refuseTwice(below);
}

function hasOneValue({ required, optional, variadic, long }: Option): boolean {
  return (required || optional) && !variadic && !ADDS.has(long);
}

function countUses(command: Command, option: Option): void {
  const values: string[] = [];
  command.on(`option:${option.name()}`, (value: string) => {
    values.push(value);
    if (values.length < 2) return;
    const name = option.long ?? option.name();
    const [one, other] = values.map((each) => JSON.stringify(each));
    throw new WrongUsage(`${name} is given twice: ${one} and ${other}`, {
      hint: 'give it once: which of the two counts is not guessed',
    });
  });
}
