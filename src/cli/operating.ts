/** The commands for strategies that are live. */
import { type Command, Option } from 'commander';
import { agentsWish, callsWish } from './what-if.js';
import type {
  CommonOptions,
  ForecastOptions,
  Format,
  OptimizeOptions,
  MetricsOptions,
  SyncOptions,
} from './options.js';
import type { World } from './world.js';
import type { Act, AddCommand } from './shared-options.js';
import { FORMATS, DATA, withPlace, wholeNumber, since, until } from './shared-options.js';

/** Of rounds, where nobody asks for another: what is piped is for a program. */
export function formatOfRounds({ outIsTerminal }: World): Format {
  return outIsTerminal ? 'text' : 'json';
}

export function addOptimize(program: Command, world: World, act: Act): void {
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
          const format = options.format ?? formatOfRounds(world);
          const { optimize } = await import('./commands/optimize.js');
          return optimize({ ...options, format }, world);
        },
      ),
    );
}

/** What is done with strategies that are live. */
export function addOperating(command: AddCommand, world: World, act: Act): void {
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

/** As the platform calls those of conversations; of another word it would count nothing. */
const MEDIA = [
  ...['all', 'callback', 'chat', 'cobrowse', 'email', 'internalmessage', 'message'],
  ...['screenmonitoring', 'screenshare', 'unknown', 'video', 'voice'],
];
