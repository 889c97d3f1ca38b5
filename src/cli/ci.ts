/** The `ci` commands: what the workflows of GitHub call. Each is loaded when it is called. */
import type { Command } from 'commander';
import type {
  Authored,
  CiApplyOptions,
  CiCommentOptions,
  CiDriftOptions,
  CiMatrixOptions,
  CiOptions,
} from './options.js';
import { digestOf, wholeNumber, withPlace, type Act } from './shared-options.js';
import type { World } from './world.js';

/** Whoever a workflow's own token writes as. */
const WORKFLOW_AUTHOR = 'github-actions[bot]';

export function addCi(program: Command, world: World, act: Act): void {
  const ci = program.command('ci').description('what the workflows of GitHub Actions call');
  const command = (name: string, summary: string): Command =>
    withPlace(ci.command(name).description(summary));

  command('validate', 'check the manifests offline; annotations, job summary').action(
    act(async (options: CiOptions) =>
      (await import('./commands/ci/validate.js')).ciValidate(options, world),
    ),
  );
  command('matrix', 'the environments, as JSON for a matrix of jobs')
    .option('--if-changed', 'none where a pull request changes nothing in this folder')
    .action(
      act(async (options: CiOptions & CiMatrixOptions) =>
        (await import('./commands/ci/matrix.js')).ciMatrix(options, world),
      ),
    );
  authored(command('plan', 'plan one environment; job summary, digest as output')).action(
    act(async (options: CiOptions & Authored) =>
      (await import('./commands/ci/plan.js')).ciPlan(options, world),
    ),
  );
  authored(command('comment', 'write the comment at the pull request'))
    .option('--plans <folder>', 'folder with the runs of the jobs that planned (default: --runs)')
    .option('--environments <json>', 'names of those that should have a plan, from ci matrix')
    .action(
      act(async (options: CiOptions & CiCommentOptions) =>
        (await import('./commands/ci/comment.js')).ciComment(options, world),
      ),
    );
  command('artifact', 'which run folder to upload, whatever became of the run').action(
    act(async (options: CiOptions) =>
      (await import('./commands/ci/artifact.js')).ciArtifact(options, world),
    ),
  );
  addWriting(command, world, act);
}

function addWriting(
  command: (name: string, summary: string) => Command,
  world: World,
  act: Act,
): void {
  command('apply', 'apply exactly the approved plan, or stop with exit 4')
    .requiredOption('--expect-digest <digest>', 'digest of the approved plan', digestOf)
    .option('--planned <folder>', 'folder with the run folder of the job that planned')
    .option('--pull-request <number>', 'the merged pull request, for the record')
    .option(
      '--lock-timeout <seconds>',
      'wait this long for another run to end',
      wholeNumber(0, 86_400),
      600,
    )
    .action(
      act(async (options: CiOptions & CiApplyOptions) =>
        (await import('./commands/ci/apply.js')).ciApply(options, world),
      ),
    );
  authored(command('drift', 'look for drift; open, update or close its issue'))
    .option(
      '--audit-days <n>',
      "how far back to search the platform's audit",
      wholeNumber(1, 365),
      30,
    )
    .option('--apply-workflow <file>', 'workflow that brings the org back', 'strategos-apply.yml')
    .action(
      act(async (options: CiOptions & CiDriftOptions) =>
        (await import('./commands/ci/drift.js')).ciDrift(options, world),
      ),
    );
}

function authored(command: Command): Command {
  return command.option('--author <login>', 'who writes as the token', WORKFLOW_AUTHOR);
}
