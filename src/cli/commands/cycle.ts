/**
 * `strategos cycle`: the whole operating cycle as one session of real commands. Each step is a
 * command line that a person could have typed, and it is shown before it is run.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { EXIT, type ExitCode } from '../../core/errors.js';
import { plural } from '../../core/plural.js';
import { temporaryFolder } from '../../files/temporary.js';
import { loadBundle } from '../bundle.js';
import { refuseUnasked } from '../consent.js';
import type { CommonOptions, CycleOptions } from '../options.js';
import { wfmOf } from '../wfm-endpoint.js';
import type { World } from '../world.js';

export type RunLine = (argv: readonly string[], world: World) => Promise<ExitCode>;

interface Step {
  readonly says: string;
  readonly argv: readonly string[];
  /** What comes after it makes no sense without it. */
  readonly needed: boolean;
  /** Why it is not run here; empty where it is. */
  readonly leftOut: string;
}

/** `run` is the command line itself, so that a step does exactly what typing it would. */
export async function cycle(
  options: CommonOptions & CycleOptions,
  world: World,
  run: RunLine,
): Promise<ExitCode> {
  refuseUnasked('cycle', options, world);
  const dir = await temporaryFolder('strategos-cycle-');
  try {
    const steps = await stepsOf(path.join(dir, 'plan.json'), options, world);
    return await played(steps, options, world, run);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function played(
  steps: readonly Step[],
  options: CommonOptions,
  world: World,
  run: RunLine,
): Promise<ExitCode> {
  const { strong, faint, bad } = world.outStyle;
  const failed: { readonly name: string; readonly exitCode: ExitCode }[] = [];
  let done = 0;
  for (const [index, { says, argv, needed, leftOut }] of steps.entries()) {
    world.out(`\n${strong(`${index + 1}. ${says}`)}\n`);
    if (leftOut !== '') {
      world.out(`${faint(`left out: ${leftOut}`)}\n`);
      continue;
    }
    world.out(`${faint(`$ strategos ${argv.join(' ')}`)}\n`);
    const exitCode = await run([...argv, ...placeOptions(options)], world);
    if (exitCode === EXIT.done) done += 1;
    else failed.push({ name: argv[0] ?? '', exitCode });
    if (exitCode !== EXIT.done && (needed || exitCode === EXIT.interrupted)) break;
  }
  const [first] = failed;
  const total = `Cycle: ${done} of ${plural(steps.length, 'step')} done`;
  if (first === undefined) {
    world.out(`\n${strong(`${total}.`)}\n`);
    return EXIT.done;
  }
  const names = failed.map(({ name, exitCode }) => `${name} ended with ${exitCode}`);
  world.out(`\n${bad(strong(`${total}; ${names.join(', ')}.`))}\n`);
  return first.exitCode;
}

/** What every command takes and the user has given. */
function placeOptions({ dir, env, runs, quiet, verbose }: CommonOptions): string[] {
  return [
    ...['--dir', dir, '--runs', runs],
    ...(env === undefined ? [] : ['--env', env]),
    ...(quiet ? ['--quiet'] : []),
    ...(verbose ? ['--verbose'] : []),
  ];
}

async function stepsOf(
  plan: string,
  options: CommonOptions & CycleOptions,
  world: World,
): Promise<Step[]> {
  const first = { needed: true, leftOut: '' };
  const after = { needed: false, leftOut: '' };
  const yes = options.yes ? ['--yes'] : [];
  return [
    { ...first, says: 'The manifests are checked, offline.', argv: ['validate'] },
    { ...first, says: 'What an apply would do.', argv: ['plan', '--out', plan] },
    { ...first, says: 'Exactly that is done.', argv: ['apply', plan, ...yes] },
    {
      ...after,
      says: 'Weights follow what the queues hold.',
      argv: roundsLine(options.rounds),
    },
    {
      ...after,
      says: 'Workforce management is told what is live.',
      argv: ['sync'],
      leftOut: await noEndpoint(options, world),
    },
    {
      ...after,
      says: 'What became of the calls.',
      argv: ['metrics', '--since', '1h'],
    },
    {
      ...after,
      says: "Who did what, by the platform's record and ours.",
      argv: ['audit', 'trail', '--since', '1h'],
    },
  ];
}

/** A second apart: who tries it does not wait for a minute. */
function roundsLine(rounds: number): string[] {
  return ['optimize', '--rounds', String(rounds), '--interval', '1', '--format', 'text'];
}

/** Nobody is told where nobody has asked to be; what is wrong with an endpoint sync itself says. */
async function noEndpoint(options: CommonOptions, world: World): Promise<string> {
  const silent = { ...world, err: () => undefined };
  const bundle = await loadBundle(options, options.env, silent).catch(() => null);
  if (bundle === null || wfmOf(bundle.environment, world) !== null) return '';
  return 'no endpoint is named (WFM_SYNC_URL, or spec.wfm of the Environment)';
}
