/** What may come next on a command line: for the completion of a shell. */
import type { Command, Option } from 'commander';

/** What a word may be besides what the command line itself knows; made when it is wanted. */
export interface Names {
  environments(): Promise<readonly string[]>;
  /** `Kind/name` of every manifest, and the kinds alone. */
  targets(): Promise<readonly string[]>;
  /** Ids of runs, the newest first. */
  runs(): Promise<readonly string[]>;
}

const OF_OPTION: Readonly<Record<string, keyof Names>> = {
  '--env': 'environments',
  '--from': 'environments',
  '--to': 'environments',
  '--target': 'targets',
};

/**
 * The words that may stand where the last of `words` is being typed, `words` being what comes after
 * `strategos`. None where only a file is possible, or nothing is known.
 */
export async function candidates(
  program: Command,
  words: readonly string[],
  names: (before: readonly string[]) => Names,
): Promise<string[]> {
  const before = words.slice(0, -1);
  const typed = words.at(-1) ?? '';
  const { command, option, given } = placeIn(program, before);
  const known = names(before);
  const found = await possible(command, option, given, typed, known);
  return found.filter((one) => one.startsWith(typed)).sort();
}

interface Place {
  readonly command: Command;
  /** Whose value is being typed. */
  readonly option: Option | null;
  /** Arguments of the command so far. */
  readonly given: number;
}

function placeIn(program: Command, before: readonly string[]): Place {
  let command = program;
  let option: Option | null = null;
  let given = 0;
  for (const word of before) {
    if (word.startsWith('-')) {
      const found = command.options.find(({ short, long }) => word === short || word === long);
      option = found !== undefined && (found.required || found.optional) ? found : null;
    } else if (option !== null) {
      if (!option.variadic) option = null;
    } else {
      const below: Command | undefined =
        given === 0 ? command.commands.find((one) => one.name() === word) : undefined;
      if (below === undefined) given += 1;
      else command = below;
    }
  }
  return { command, option, given };
}

async function possible(
  command: Command,
  option: Option | null,
  given: number,
  typed: string,
  known: Names,
): Promise<readonly string[]> {
  const isUnknown = given > 0 && command.commands.length > 0;
  if (isUnknown) return [];
  const options = (): string[] =>
    command.options.flatMap(({ long, hidden }) => (hidden || !long ? [] : [long])).concat('--help');
  // Of a list of values, an option ends it.
  if (option !== null && !(option.variadic && typed.startsWith('-'))) {
    const source = OF_OPTION[option.long ?? ''];
    if (command.name() === 'transfer' && option.long !== '--target') return [];
    return option.argChoices ?? (source === undefined ? [] : known[source]());
  }
  if (typed.startsWith('-')) return options();
  const argument = command.registeredArguments[given];
  const words = argument?.name() === 'run' ? ['latest', ...(await known.runs())] : [];
  const below = given === 0 ? command.commands.filter((one) => !isHidden(one)) : [];
  return [...below.map((one) => one.name()), ...words, ...(argument?.argChoices ?? [])];
}

/** Commander keeps what `{ hidden: true }` says to itself, and shows it in its help alone. */
function isHidden(command: Command): boolean {
  const shown = command.parent?.createHelp().visibleCommands(command.parent) ?? [];
  return !shown.includes(command);
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What a shell has to read to ask `strategos complete` for the words that may come next. */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_strategos() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("$(printf '%q' "$word")")
  done < <("\${COMP_WORDS[0]}" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _strategos strategos
`,
  zsh: `#compdef strategos
_strategos() {
  local -a found
  found=("\${(@f)$("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -a found; else _files; fi
}
compdef _strategos strategos
`,
  fish: `function __strategos_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l found ($words[1] complete -- $words[2..] 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c strategos -f -a '(__strategos_complete)'
`,
};
