/** The command line: names, options, help. What a command does is loaded when it is called. */
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { OutputConfiguration } from 'commander';
import { AppError, EXIT, type ExitCode } from '../core/errors.js';
import { visibleLines } from '../core/visible.js';
import { atTime } from './at-time.js';
import { agentsWish, callsWish } from './what-if.js';
import { addCi } from './ci.js';
import { SCRIPTS, SHELLS, type Shell } from './completion.js';
import { refuseEmpty } from './empty.js';
import { addHelp, helpHint } from './help.js';
import type {
  ApplyOptions,
  CommonOptions,
  CompareOptions,
  ConsoleOptions,
  CycleOptions,
  DemoOptions,
  DoctorOptions,
  DriftOptions,
  ExportOptions,
  ForecastOptions,
  Format,
  InitOptions,
  UpgradeOptions,
  OptimizeOptions,
  MetricsOptions,
  PlanOptions,
  ReportOptions,
  RollbackOptions,
  SimulatorOptions,
  SyncOptions,
  TrailOptions,
  TransferOptions,
  UnlockOptions,
  VerifyOptions,
} from './options.js';
import { when } from './span.js';
import { refuseTwice } from './twice.js';
import type { World } from './world.js';

/** Runs one command line and returns its exit code; never throws, never ends the process. */
export async function run(argv: readonly string[], world: World): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  world.paper.wraps = isForReading(argv);
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
    // A round is a line, and so is what ends them.
    const form = { format: formatIn(argv), isLines: argv[0] === 'optimize' };
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
function isForReading(argv: readonly string[]): boolean {
  const given = argv.find((one) => one.startsWith('--format='))?.slice('--format='.length);
  const format = given ?? (argv.includes('--format') ? argv[argv.indexOf('--format') + 1] : 'text');
  return format === 'text' && !argv.some((one) => /^(?:completion|complete|upgrade)$/.test(one));
}

/** The format that was asked for, readable also when the rest of the command line is wrong. */
function formatIn(argv: readonly string[]): Format {
  const json = argv.includes('--format=json') || argv[argv.indexOf('--format') + 1] === 'json';
  return json ? 'json' : 'text';
}

type AddCommand = (name: string, summary: string, formats?: string[]) => Command;

type Act = <A extends unknown[]>(
  action: (...args: A) => Promise<ExitCode>,
) => (...args: A) => Promise<void>;

/** @param asked the first word of a command line: where it names a command, the rest is left out */
export function build(world: World, done: (code: ExitCode) => void, asked = ''): Command {
  const program = new Command('strategos')
    .description('Routing strategies of a Genesys Cloud contact centre: plan, apply, audit')
    .option('-V, --version', 'output the version number')
    .exitOverride()
    .configureOutput(outputTo(world))
    .showHelpAfterError(helpHint([]))
    .addHelpText('after', EXIT_CODES)
    .hook('preAction', (_program, command) => refuseEmpty(command));

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
  [['ci'], ({ program, world, act }) => addCi(program, world, act, { wholeNumber })],
  [['simulator', 'demo'], ({ program, world, act }) => addSimulator(program, world, act)],
  [[], ({ program, world, act }) => addShell(program, world, act)],
];

function addCheck(command: AddCommand, world: World, act: Act): void {
  command('validate', 'check manifests offline: form, names, rules; no credentials, no network')
    .argument('[paths...]', 'files or folders (default: --dir)')
    .action(
      act(async (paths: string[], options: CommonOptions) =>
        (await import('./commands/validate.js')).validate(paths, options, world),
      ),
    );
}

function addMain(command: AddCommand, world: World, act: Act): void {
  command('plan', 'show what an apply would change; sends nothing but reads')
    .option('--out <file>', 'also write the plan, for apply')
    .option('--target <name...>', ONLY_THESE)
    .option('--adopt', 'also take over what is as the manifests say and belongs to nobody')
    .option('--detailed-exitcode', 'exit 2 when there are changes')
    .option('--no-predict', 'do not say what changes will do to callers')
    .addOption(
      new Option('--predict-at <when>', 'at that hour, such as "tomorrow 10:00" (UTC)')
        .argParser(atTime)
        .conflicts('predict'),
    )
    .action(
      act(async (options: CommonOptions & PlanOptions) =>
        (await import('./commands/plan.js')).plan(options, world),
      ),
    );

  command('apply', 'make the org equal to the manifests, or carry out a plan file')
    .argument('[planfile]', 'a plan written by: plan --out')
    .option('--target <name...>', ONLY_THESE)
    .option('--yes', 'do not ask')
    .option('--force', 'apply although a guard objects')
    .option('--adopt', 'take over what is in the org and belongs to nobody')
    .option('--expect-digest <digest>', 'refuse unless the plan has this digest')
    .option(...LOCK_TIMEOUT)
    .action(
      act(async (file: string | undefined, options: CommonOptions & ApplyOptions) =>
        (await import('./commands/apply.js')).apply(file, options, world),
      ),
    );
}

/** What reads an org and shows or writes down what is there. */
function addLooking(program: Command, command: AddCommand, world: World, act: Act): void {
  addPages(program, world, act);
  command('drift', 'show what changed in the org since the last apply, and who changed it')
    .option('--target <name...>', ONLY_THESE)
    .option(
      '--audit-days <n>',
      "how far back to search the platform's audit",
      wholeNumber(1, 365),
      30,
    )
    .action(
      act(async (options: CommonOptions & DriftOptions) =>
        (await import('./commands/drift.js')).drift(options, world),
      ),
    );

  command('compare', 'show two environments side by side, by name')
    .requiredOption('--from <name>', 'environment on the left')
    .requiredOption('--to <name>', 'environment on the right')
    .option('--target <name...>', ONLY_THESE)
    .option('--detailed-exitcode', 'exit 2 when they differ')
    .action(
      act(async (options: CommonOptions & CompareOptions) =>
        (await import('./commands/compare.js')).compare(options, world),
      ),
    );

  command('export', 'write what the org has as manifests; a plan of them is empty', DATA)
    .option('--out <folder>', 'folder to write to', 'exported')
    .option('--target <name...>', ONLY_THESE)
    .option('--all', 'every kind, one folder for each')
    .option('--members', 'also who is a member of each queue: names of people')
    .option(
      '--with <part...>',
      'also what takes a request each: wrapupCodes, rows, memberDivisions',
    )
    .option('--overwrite', 'also amend manifests that say something else')
    .option('--prune', 'also remove manifests of what the org has no more; asks')
    .option('--yes', 'remove them without being asked')
    .action(
      act(async (options: CommonOptions & ExportOptions) =>
        (await import('./commands/export.js')).exportManifests(options, world),
      ),
    );
}

function addDoctor(program: Command, world: World, act: Act): void {
  const about =
    'hold an org against what strategos believes of the platform; reads, unless --write';
  withCommon(program.command('doctor').description(about), ['text', 'json', 'markdown'])
    .option('--write', 'also try what takes writing, in a data table of its own that it removes')
    .option('--out <file>', 'also write the report as JSON: a profile for the simulator')
    .option('--yes', 'do not ask')
    .action(
      act(async (options: CommonOptions & DoctorOptions) =>
        (await import('./commands/doctor.js')).doctor(options, world),
      ),
    );
}

function addUndoing(command: AddCommand, world: World, act: Act): void {
  command('rollback', 'go back to what a run found, through the same guards')
    .argument(
      '<run>',
      'id of a run (audit show lists them), or latest: the newest that changed something',
    )
    .option('--target <name...>', 'only these of it: Kind/name, Kind or a name')
    .option('--dry-run', 'only show the plan')
    .option('--yes', 'do not ask')
    .option('--force', 'go back although a guard objects')
    .option('--adopt', 'take over what is in the org and belongs to nobody')
    .option('--expect-digest <digest>', 'refuse unless the plan has this digest')
    .option(...LOCK_TIMEOUT)
    .action(
      act(async (id: string, options: CommonOptions & RollbackOptions) =>
        (await import('./commands/rollback.js')).rollback(id, options, world),
      ),
    );

  command('unlock', 'release the lock of a run that is gone', DATA)
    .option('--yes', 'do not ask')
    .action(
      act(async (options: CommonOptions & UnlockOptions) =>
        (await import('./commands/unlock.js')).unlock(options, world),
      ),
    );
}

function addOwner(program: Command, world: World, act: Act): void {
  const owner = program.command('owner').description('whose what is live is');
  const about = 'hand what one owner has over to another; no object is changed';
  withCommon(owner.command('transfer').description(about), ['text', 'json', 'markdown'])
    .requiredOption('--from <owner>', 'who has it, as a refused plan names them')
    .requiredOption('--to <owner>', 'who is to have it: repository//folder')
    .option('--target <name...>', ONLY_THESE)
    .option('--dry-run', 'only show what would be handed over')
    .option('--yes', 'do not ask')
    .option('--force', 'also where these manifests belong to neither of the two')
    .option(...LOCK_TIMEOUT)
    .action(
      act(async (options: CommonOptions & TransferOptions) =>
        (await import('./commands/transfer.js')).transfer(options, world),
      ),
    );
}

function addOptimize(program: Command, world: World, act: Act): void {
  withPlace(program.command('optimize').description('move weights by what the queues hold now'))
    .option('--watch', 'go on, round after round, until it is stopped')
    .option('--interval <seconds>', 'from one round to the next', wholeNumber(1, 86_400), 60)
    .option('--rounds <n>', 'so many rounds (default: 1)', wholeNumber(1, 1e6))
    .option('--dry-run', 'only say what would move; sends nothing but reads')
    .option('--target <name...>', 'only these strategies')
    .addOption(
      new Option(
        '--format <format>',
        'lines for people, JSON lines, or a page (default: text on a terminal, else json)',
      ).choices(FORMATS),
    )
    .action(
      act(
        async (options: Omit<CommonOptions, 'format'> & OptimizeOptions & { format?: Format }) => {
          const format = options.format ?? (world.outIsTerminal ? 'text' : 'json');
          const { optimize } = await import('./commands/optimize.js');
          return optimize({ ...options, format }, world);
        },
      ),
    );
}

/** What is done with strategies that are live. */
function addOperating(command: AddCommand, world: World, act: Act): void {
  command('sync', 'send strategy metadata to the workforce-management endpoint', DATA)
    .option('--target <name...>', 'only these strategies')
    .option('--pending', 'only deliver what waits in the outbox; the org is asked for nothing')
    .action(
      act(async (options: CommonOptions & SyncOptions) =>
        (await import('./commands/sync.js')).sync(options, world),
      ),
    );

  command('predict', 'show what callers will meet, and what if; nothing is changed')
    .option('--target <name...>', 'only these strategies')
    .option('--agents <queue=n>', 'with so many agents on queue, or +n, or -n', agentsWish)
    .option('--rate <queue=±n%>', 'with so many more or fewer calls', callsWish)
    .action(
      act(async (options: CommonOptions & ForecastOptions) =>
        (await import('./commands/predict.js')).predict(options, world),
      ),
    );

  command('metrics', 'show what became of the calls of each strategy, target by target')
    .addOption(since('1h'))
    .addOption(until())
    .option('--target <name...>', 'only these strategies')
    .addOption(
      new Option('--media <type>', 'media type of the calls').choices(MEDIA).default('voice'),
    )
    .addOption(
      new Option(
        '--predictions',
        'in place of that: what was predicted, and what happened',
      ).conflicts(['since', 'until', 'media']),
    )
    .action(
      act(async (options: CommonOptions & MetricsOptions) => {
        if (options.predictions !== true) {
          return (await import('./commands/metrics.js')).metrics(options, world);
        }
        const { metricsPredictions } = await import('./commands/metrics-predictions.js');
        return metricsPredictions(options, world);
      }),
    );
}

/** Of whatever kind. */
const ONLY_THESE = 'only these: Kind/name, Kind, or a name';
const FORMATS = ['text', 'json', 'markdown', 'html'];
/** Of what is no page to read. */
const DATA = ['text', 'json'];

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

/** What there is to see, as a page. */
function addPages(program: Command, world: World, act: Act): void {
  const report = 'write one page of everything there is to see of an org; reads only';
  withPlace(program.command('report').description(report))
    .option('--out <path>', 'file, or a folder for strategos.html', '.')
    .addOption(since('6h'))
    .action(
      act(async (options: Omit<CommonOptions, 'format'> & ReportOptions) =>
        (await import('./commands/report.js')).report(options, world),
      ),
    );
  const console = 'serve the same page on this machine, live; reads only';
  withPlace(program.command('console').description(console))
    .option('--port <number>', 'on 127.0.0.1 (0: any free one)', wholeNumber(0, 65_535), 0)
    .option('--interval <seconds>', 'from one look to the next', wholeNumber(5, 86_400), 30)
    .action(
      act(async (options: Omit<CommonOptions, 'format'> & ConsoleOptions) =>
        (await import('./commands/console.js')).serveConsole(options, world),
      ),
    );
}

function withCommon(command: Command, formats = FORMATS): Command {
  return withPlace(command).addOption(
    new Option('--format <format>', 'form of the result').choices(formats).default('text'),
  );
}

/** Where manifests and runs are, and how much is said on the way. */
function withPlace(command: Command): Command {
  return command
    .option('--dir <folder>', 'folder of manifests', 'strategies')
    .option('-e, --env <name>', 'environment (default: the only one)')
    .option('--runs <folder>', 'folder of run records', '.strategos/runs')
    .option('--quiet', 'no progress')
    .option('--verbose', 'every step and request');
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

function addAudit(program: Command, world: World, act: Act): void {
  const audit = program.command('audit').description('what runs of this tool did');
  withCommon(audit.command('show').description('list the runs, or the records of one'))
    .argument('[run]', 'id of a run, or latest: the newest of all')
    .action(
      act(async (run: string | undefined, options: CommonOptions) =>
        (await import('./commands/audit.js')).show(run, options, world),
      ),
    );
  withCommon(
    audit.command('verify').description('check the hash chain of one run, or of all'),
    DATA,
  )
    .argument('[run]', 'id of a run, or latest: the newest of all')
    .option('--org', 'compare with what the org has on record of the last run that wrote')
    .action(
      act(async (run: string | undefined, options: CommonOptions & VerifyOptions) =>
        (await import('./commands/audit.js')).verify(run, options, world),
      ),
    );
  const about = "the platform's own record of our objects and our runs, on one timeline";
  withCommon(audit.command('trail').description(about), TRAIL_FORMATS)
    .addOption(since('24h'))
    .addOption(until())
    .option('--user <name>', 'only what this person, client or actor did')
    .option('--action <name>', 'only this action, such as Update')
    .option('--target <name...>', 'only these strategies, and their queues')
    .option('--timeout <seconds>', 'of a query of the audit', wholeNumber(1, 3600), 120)
    .action(
      act(async (options: Omit<CommonOptions, 'format'> & TrailOptions) =>
        (await import('./commands/trail.js')).trail(options, world),
      ),
    );
}

/** As the platform calls those of conversations; of another word it would count nothing. */
const MEDIA = [
  ...['all', 'callback', 'chat', 'cobrowse', 'email', 'internalmessage', 'message'],
  ...['screenmonitoring', 'screenshare', 'unknown', 'video', 'voice'],
];

const TRAIL_FORMATS = ['text', 'json', 'jsonl', 'cloudevents', 'markdown', 'html'];

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

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

function since(usual: string): Option {
  return new Option('--since <time>', 'begin this long ago (90s, 15m, 1h, 7d), or at a time')
    .argParser(when)
    .default(when(usual), usual);
}

function until(): Option {
  return new Option('--until <time>', 'end this long ago, or at a time (default: now)').argParser(
    when,
  );
}

const LOCK_TIMEOUT = [
  '--lock-timeout <seconds>',
  'wait this long for another run to end',
  wholeNumber(0, 86_400),
  0,
] as const;

const EXIT_CODES = `
Exit codes:
  0 done, or nothing to do          5 incomplete: failed, or not compared
  1 unexpected failure              6 credentials or permission (401, 403)
  2 changes; doctor: differences    7 platform unreachable or limiting
  3 manifests or settings invalid   64 wrong usage
  4 refused: guard, stale, lock     130 interrupted
`;
