/** `strategos ci matrix`: the environments of the manifests, for jobs that fan out over them. */
import { EXIT, InvalidInput, type ExitCode } from '../../../core/errors.js';
import { byText, hasErrors, type Issue } from '../../../core/issue.js';
import { mergeChanges } from '../../../files/git.js';
import { readEnvironment } from '../../../manifest/settings.js';
import { WORKFLOW_NAME, WORKFLOW_NAME_HINT } from '../../../starter/workflows.js';
import type { CiMatrixOptions, CiOptions } from '../../options.js';
import type { World } from '../../world.js';
import { validated } from '../validate.js';
import { loadBundle } from '../../bundle.js';
import { annotate, runnerOf } from './report.js';

/** GitHub takes no more jobs from one matrix. */
const MOST_JOBS = 256;

/**
 * The names are handed to the step that comments in one variable and one argument, and Linux takes
 * no longer ones: 128 KiB, of which some are the variable's name.
 */
const MOST_BYTES = 131_000;

/**
 * Prints the names as a JSON array and sets it as output `environments`, and as output `shards` the
 * same names in as many parts as matrices are needed: `[{ "number": 1, "environments": [ ... ] }]`.
 * Left out, and said so: an environment without a host, because nobody has set it up yet.
 */
export async function ciMatrix(
  options: CiOptions & CiMatrixOptions,
  world: World,
): Promise<ExitCode> {
  const runner = runnerOf(world);
  // Of a name that nobody has, none would be taken for one that is left out.
  if (options.env !== undefined) await loadBundle(options, options.env, world, 'environment');
  const { loaded, issues } = await validated(options.dir, world);
  if (hasErrors(issues)) {
    annotate(issues, runner, world);
    throw new InvalidInput(`the manifests in ${options.dir} are not valid`, issues);
  }
  const environments = loaded.documents
    .filter(({ kind }) => kind === 'Environment')
    .map(readEnvironment)
    .filter(({ name }) => options.env === undefined || options.env === name);
  const odd = environments.filter(({ name }) => !WORKFLOW_NAME.test(name));
  if (odd.length > 0) {
    const wrong = odd.map(({ name, manifest }): Issue => ({
      code: 'workflow-name',
      severity: 'error',
      at: manifest.positions.at('/metadata/name'),
      message: `"${name}" is not a name that a workflow can use`,
      hint: WORKFLOW_NAME_HINT,
    }));
    annotate(wrong, runner, world);
    throw new InvalidInput('jobs cannot be named after every environment', wrong);
  }
  if (environments.length === 0) {
    const message = 'there is no Environment among the manifests: no job has anything to do';
    runner.annotate({ level: 'notice', title: 'Not set up', message, at: null });
    world.err(`${message}\n`);
  }
  const names: string[] = [];
  for (const { name, host, manifest } of environments) {
    if (host !== null || world.env['GENESYS_DOMAIN']) {
      names.push(name);
      continue;
    }
    const message =
      `environment ${name} is left out: it has no spec.host, and the variable GENESYS_DOMAIN is ` +
      'not set';
    const at = manifest.positions.at('/spec');
    runner.annotate({ level: 'notice', title: 'Not set up', message, at });
    world.err(`${message}\n`);
  }
  if (options.ifChanged === true && (await isUnchanged(world))) {
    world.err('no environment: the pull request changes nothing in this folder\n');
    names.length = 0;
  }
  const text = JSON.stringify(names.sort(byText));
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_BYTES) {
    const message =
      `${names.length} environments: their names take ${bytes} bytes, and a step of a workflow ` +
      `takes ${MOST_BYTES}`;
    throw new InvalidInput(message, [], { hint: 'split them over folders with workflows each' });
  }
  runner.output('environments', text);
  runner.output('shards', JSON.stringify(shardsOf(names)));
  world.out(`${text}\n`);
  return EXIT.done;
}

interface Shard {
  /** From 1. */
  readonly number: number;
  readonly environments: readonly string[];
}

/** In the order of the names, each as full as a matrix can be. */
function shardsOf(names: readonly string[]): Shard[] {
  return Array.from({ length: Math.ceil(names.length / MOST_JOBS) }, (_, index) => ({
    number: index + 1,
    environments: names.slice(index * MOST_JOBS, (index + 1) * MOST_JOBS),
  }));
}

/** Only where it is known: what cannot be told may have changed everything. */
async function isUnchanged({ workflow, cwd }: World): Promise<boolean> {
  return workflow?.event === 'pull_request' && (await mergeChanges(cwd)) === false;
}
