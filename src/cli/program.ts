/** The command line: names, options, help. What a command does is loaded when it is called. */
import { Argument, Command, CommanderError, Option } from 'commander';
import type { OutputConfiguration } from 'commander';
import { AppError, EXIT, WrongUsage, type ExitCode } from '../core/errors.js';
import { visibleLines } from '../core/visible.js';
import { refuseOddVariables } from '../core/workflow.js';
import { addCi } from './ci.js';
import { SCRIPTS, SHELLS, type Shell } from './completion.js';
import { refuseEmpty } from './empty.js';
import { addHelp, helpHint } from './help.js';
import { refuseIdle } from './idle.js';
import type {
  CommonOptions,
  CycleOptions,
  DemoOptions,
  Format,
  InitOptions,
  UpgradeOptions,
  SimulatorOptions,
} from './options.js';
import { refuseTwice } from './twice.js';
import type { World } from './world.js';
import type { Act, AddCommand } from './shared-options.js';
import { withCommon, wholeNumber } from './shared-options.js';
import { addLooking, addDoctor, addAudit } from './looking.js';
import { addMain, addUndoing, addOwner } from './changing.js';
import { addOptimize, addOperating, formatOfRounds } from './operating.js';

/** Runs one command line and returns its exit code; never throws, never ends the process. */
export async function run(argv: readonly string[], world: World): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  world.paper.wraps = isForReading(argv, world);
  const done = (code: ExitCode): void => {
    exitCode = code;
  };
  const program = build(world, done, argv[0]);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const { reportError, reportUsage } = await import('./report.js');
    const asked = formatIn(argv, world);
    const format: Format = /^jsonl?$/.test(asked) ? 'json' : 'text';
    // A round is a line, and so is an entry of the trail; and so is what ends them.
    const form = { format, isLines: argv[0] === 'optimize' || asked === 'jsonl' };
    if (error instanceof CommanderError) {
      // People have been told already, with where to read on.
      if (form.format === 'json') reportUsage(error.message, form.isLines, world);
      return EXIT.usage;
    }
    reportError(error, form, argv.includes('--verbose'), world);
    return error instanceof AppError ? error.exitCode : EXIT.unexpected;
  }
}

/** Of help that goes to no terminal. */
const USUAL_COLUMNS = 80;

function outputTo(world: World): OutputConfiguration {
  return {
    writeOut: world.out,
    // It repeats what was typed, or what a script took from somewhere.
    writeErr: (text) => world.err(visibleLines(text)),
    getOutHelpWidth: () => world.outStyle.columns ?? USUAL_COLUMNS,
    getErrHelpWidth: () => world.errStyle.columns ?? USUAL_COLUMNS,
  };
}

/** What is for a person to read, and not for a program or a shell. */
function isForReading(argv: readonly string[], world: World): boolean {
  const isWritten = argv.some((one) => /^(?:completion|complete|upgrade)$/.test(one));
  return formatIn(argv, world) === 'text' && !isWritten;
}

/** The format that was asked for, readable also when the rest of the command line is wrong. */
function formatIn(argv: readonly string[], world: World): string {
  const inOne = argv.find((one) => one.startsWith('--format='));
  if (inOne !== undefined) return inOne.slice('--format='.length);
  const at = argv.indexOf('--format');
  if (at >= 0) return argv[at + 1] ?? '';
  return argv[0] === 'optimize' ? formatOfRounds(world) : 'text';
}

/** @param asked the first word of a command line: where it names a command, the rest is left out */
export function build(world: World, done: (code: ExitCode) => void, asked = ''): Command {
  const program = new Command('strategos')
    .description('Routing strategies of a Genesys Cloud contact centre: plan, apply, audit')
    .option('-V, --version', 'output the version number')
    .exitOverride()
    .configureOutput(outputTo(world))
    .showHelpAfterError(helpHint([]))
    .addHelpText('after', EXIT_CODES)
    .hook('preAction', (_program, command) => {
      refuseEmpty(command);
      refuseIdle(command);
      // Elsewhere somebody may have set them for another program.
      if (world.workflow !== null) refuseOddVariables(world.env);
    });

  // As commander's own, which would have to be told the version of every start.
  program.on('option:version', () => {
    world.out(`${world.version}\n`);
    throw new CommanderError(EXIT.done, 'commander.version', world.version);
  });

  const command: AddCommand = (name, summary, formats) =>
    withCommon(program.command(name).description(summary), formats);
  const act: Act =
    (action) =>
    async (...args) =>
      done(await action(...args));

  const named = GROUPS.filter(([names]) => names.includes(asked));
  for (const [, add] of named.length > 0 ? named : GROUPS) add({ program, command, world, act });
  addHelp(program);
  refuseTwice(program);
  return program;
}

interface To {
  readonly program: Command;
  readonly command: AddCommand;
  readonly world: World;
  readonly act: Act;
}

/**
 * In the order of `--help`. To make all of them takes longer than to check a file. What shells ask
 * for needs all, and has no name here.
 */
const GROUPS: readonly (readonly [names: readonly string[], add: (to: To) => void])[] = [
  [['validate'], ({ command, world, act }) => addCheck(command, world, act)],
  [['plan', 'apply'], ({ command, world, act }) => addMain(command, world, act)],
  [
    ['report', 'console', 'drift', 'compare', 'export'],
    ({ program, command, world, act }) => addLooking(program, command, world, act),
  ],
  [['doctor'], ({ program, world, act }) => addDoctor(program, world, act)],
  [['rollback', 'unlock'], ({ command, world, act }) => addUndoing(command, world, act)],
  [['owner'], ({ program, world, act }) => addOwner(program, world, act)],
  [['optimize'], ({ program, world, act }) => addOptimize(program, world, act)],
  [['sync', 'predict', 'metrics'], ({ command, world, act }) => addOperating(command, world, act)],
  [['cycle'], ({ program, world, act }) => addCycle(program, world, act)],
  [['audit'], ({ program, world, act }) => addAudit(program, world, act)],
  [['init', 'upgrade'], ({ program, world, act }) => addInit(program, world, act)],
  [['ci'], ({ program, world, act }) => addCi(program, world, act)],
  [['simulator', 'demo'], ({ program, world, act }) => addSimulator(program, world, act)],
  [[], ({ program, world, act }) => addShell(program, world, act)],
];

function addCheck(command: AddCommand, world: World, act: Act): void {
  command('validate', 'check manifests offline: form, names, rules; no credentials, no network')
    .argument('[paths...]', 'files or folders (default: --dir)')
    .action(
      act(async (paths: string[], options: CommonOptions, of: Command) => {
        refuseBoth(paths, options, of);
        return (await import('./commands/validate.js')).validate(paths, options, world);
      }),
    );
}

/** Which of the two is to be checked is not for us to choose. */
function refuseBoth([first]: readonly string[], { dir }: CommonOptions, of: Command): void {
  if (first === undefined || of.getOptionValueSource('dir') !== 'cli') return;
  const [path, folder] = [first, dir].map((one) => JSON.stringify(one));
  throw new WrongUsage(`both a path and --dir are given: ${path} and ${folder}`, {
    hint: 'give paths, or --dir alone: both say what is checked',
  });
}

function addCycle(program: Command, world: World, act: Act): void {
  const about = 'the whole operating cycle: validate, plan, apply, optimize, sync, metrics, trail';
  withCommon(program.command('cycle').description(about), ['text'])
    .option('--yes', 'do not ask')
    .option('--rounds <n>', 'of the optimizer', wholeNumber(1, 1000), 3)
    .action(
      act(async (options: CommonOptions & CycleOptions) =>
        (await import('./commands/cycle.js')).cycle(options, world, run),
      ),
    );
}

function addInit(program: Command, world: World, act: Act): void {
  program
    .command('init')
    .description('start a repository of manifests: example, schemas, workflows; offline')
    .argument('[dir]', 'folder to write to', '.')
    .option('--owner <name>', "who owns what is applied from it (default: git's remote, or folder)")
    .option('--environment <name>', 'name of the environment (default: the one there, or prod)')
    .option('--host <region>', 'region of the org (default: GENESYS_DOMAIN says it)')
    .option('--package <spec>', 'where npm gets strategos: a git URL, a tarball, a version')
    .option('--branch <name>', 'the default branch (default: as git knows it)')
    .option('--patience', 'let the call flow pass over a target whose estimated wait is long')
    .addOption(
      new Option('--format <format>', 'form of the result')
        .choices(['text', 'json'])
        .default('text'),
    )
    .action(
      act(async (dir: string, options: InitOptions) =>
        (await import('./commands/init.js')).init(dir, options, world),
      ),
    );
  program
    .command('upgrade')
    .description('bring what init wrote to this version; a diff first, nothing of yours; offline')
    .argument('[dir]', 'folder of the repository that init has made', '.')
    .option('--dry-run', 'show the diff alone')
    .option('--yes', 'write without being asked')
    .addOption(
      new Option('--format <format>', 'form of the result')
        .choices(['text', 'json'])
        .default('text'),
    )
    .action(
      act(async (dir: string, options: UpgradeOptions) =>
        (await import('./commands/upgrade.js')).upgrade(dir, options, world),
      ),
    );
}

function addSimulator(program: Command, world: World, act: Act): void {
  program
    .command('simulator')
    .description('run the embedded Genesys Cloud on this machine')
    .option('--port <number>', 'port on 127.0.0.1 (0: any free one)', wholeNumber(0, 65_535), 0)
    .option('--org <file>', 'what the org has (default: a small contact centre)')
    .option('--latency <ms>', 'delay of every answer', wholeNumber(0, 60_000), 0)
    .option(
      '--rate-limit <n>',
      'requests a minute, 0 for no limit (default: as the profile says, else 300)',
      wholeNumber(0, 1e6),
    )
    .option('--profile <file>', 'behave as the org did of which doctor --out wrote this')
    .option('--faults <file>', 'what goes wrong, and how often (default: nothing)')
    .option(
      '--seed <n>',
      'of faults (default: one is drawn and told) and traffic (1)',
      wholeNumber(0, 1e9),
    )
    .action(
      act(async (options: SimulatorOptions) =>
        (await import('./commands/simulator.js')).simulator(options, world),
      ),
    );
  program
    .command('demo')
    .description('the main job end to end on an embedded simulator; no credentials')
    .addOption(
      new Option('--backend <backend>', 'where the strategies live')
        .choices(['datatable', 'strategies-api'])
        .default('datatable'),
    )
    .option('--keep', 'keep the folder that the demo works in')
    .option('--full', 'the operating cycle: also optimize, sync, metrics and the audit trail')
    .action(
      act(async (options: DemoOptions) =>
        (await import('./commands/demo.js')).demo(options, world),
      ),
    );
}

/** What a shell asks for, and those who type. */
function addShell(program: Command, world: World, act: Act): void {
  program
    .command('completion')
    .description('a script that makes a shell complete commands, names and runs')
    .addArgument(new Argument('<shell>', 'the shell that reads it').choices(SHELLS))
    .action(
      act((shell: Shell) => {
        world.out(SCRIPTS[shell]);
        return Promise.resolve(EXIT.done);
      }),
    );
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action(
      act(async (words: string[]) =>
        (await import('./commands/complete.js')).complete(program, words, world),
      ),
    );
  program
    .command('version')
    .description('the version number, as --version')
    .action(
      act(() => {
        world.out(`${world.version}\n`);
        return Promise.resolve(EXIT.done);
      }),
    );
}

const EXIT_CODES = `
Exit codes:
  0 done, or nothing to do          5 incomplete: failed, or not compared
  1 unexpected failure              6 credentials or permission (401, 403)
  2 changes; doctor: differences    7 platform unreachable or limiting
  3 manifests or settings invalid   64 wrong usage
  4 refused: guard, stale, lock     130 interrupted
`;
