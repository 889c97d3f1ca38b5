/** The commands that read an org, or the records of runs, and show what is there. */
import type { Command } from 'commander';
import type {
  CommonOptions,
  CompareOptions,
  ConsoleOptions,
  DoctorOptions,
  DriftOptions,
  ExportOptions,
  ReportOptions,
  TrailOptions,
  VerifyOptions,
} from './options.js';
import type { World } from './world.js';
import type { Act, AddCommand } from './shared-options.js';
import {
  ONLY_THESE,
  DATA,
  withCommon,
  withPlace,
  wholeNumber,
  since,
  until,
} from './shared-options.js';

/** What reads an org and shows or writes down what is there. */
export function addLooking(program: Command, command: AddCommand, world: World, act: Act): void {
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

export function addDoctor(program: Command, world: World, act: Act): void {
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

export function addAudit(program: Command, world: World, act: Act): void {
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

const TRAIL_FORMATS = ['text', 'json', 'jsonl', 'cloudevents', 'markdown', 'html'];
