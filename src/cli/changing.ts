/** The commands that change what an org has, or whose it is. */
import { type Command, Option } from 'commander';
import { atTime } from './at-time.js';
import type {
  ApplyOptions,
  CommonOptions,
  PlanOptions,
  RollbackOptions,
  TransferOptions,
  UnlockOptions,
} from './options.js';
import type { World } from './world.js';
import type { Act, AddCommand } from './shared-options.js';
import {
  ADOPT,
  DATA,
  EXPECT_DIGEST,
  LOCK_TIMEOUT,
  ONLY_THESE,
  withCommon,
} from './shared-options.js';

export function addMain(command: AddCommand, world: World, act: Act): void {
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
    .option(...ADOPT)
    .option(...EXPECT_DIGEST)
    .option(...LOCK_TIMEOUT)
    .action(
      act(async (file: string | undefined, options: CommonOptions & ApplyOptions) =>
        (await import('./commands/apply.js')).apply(file, options, world),
      ),
    );
}

export function addUndoing(command: AddCommand, world: World, act: Act): void {
  command('rollback', 'go back to what a run found, through the same guards')
    .argument(
      '<run>',
      'id of a run (audit show lists them), or latest: the newest that changed something',
    )
    .option('--target <name...>', 'only these of it: Kind/name, Kind or a name')
    .option('--dry-run', 'only show the plan')
    .option('--yes', 'do not ask')
    .option('--force', 'go back although a guard objects')
    .option(...ADOPT)
    .option(...EXPECT_DIGEST)
    .option(...LOCK_TIMEOUT)
    .action(
      act(async (id: string, options: CommonOptions & RollbackOptions) =>
        (await import('./commands/rollback.js')).rollback(id, options, world),
      ),
    );

  command('unlock', 'release the lock of a run that is gone', DATA)
    .option('--yes', 'do not ask')
    .option('--force', 'although GitHub says that its workflow run has not ended')
    .action(
      act(async (options: CommonOptions & UnlockOptions) =>
        (await import('./commands/unlock.js')).unlock(options, world),
      ),
    );
}

export function addOwner(program: Command, world: World, act: Act): void {
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
