/** `strategos ci artifact`: which run folder a job has to upload, whatever became of its run. */
import path from 'node:path';
import { EXIT, type ExitCode } from '../../../core/errors.js';
import { plural } from '../../../core/plural.js';
import { visible } from '../../../core/visible.js';
import { isOfJob } from '../../../core/workflow.js';
import { sha256 } from '../../../files/digest.js';
import { runsIn } from '../../../files/folder-chain.js';
import { readRun, runIds } from '../../../files/runs.js';
import { refuseTracked } from '../../../files/tracked.js';
import type { CiOptions } from '../../options.js';
import type { World } from '../../world.js';
import { fileInRepository, runnerOf } from './report.js';

/**
 * Outputs `name`, the id of the newest run that this job has made, and `path`, the folder of the
 * runs, from the top of the workspace as actions take it, without the runs of others; both empty
 * where there is no run of this job. The digest of the
 * last record goes into the summary, which the job cannot rewrite later: whoever has it sees that
 * no record was cut off.
 */
export async function ciArtifact(options: CiOptions, world: World): Promise<ExitCode> {
  const runner = runnerOf(world);
  const runs = path.resolve(world.cwd, options.runs);
  const untold = await refuseTracked(runs, options.runs, world.env);
  if (untold !== null) world.err(`${world.errStyle.warn('warning')}: ${visible(untold)}\n`);
  const own = await runsOfJob(runs, world);
  const id = own[0] ?? '';
  const others = (await runIds(runs)).filter((one) => !own.includes(one));
  runner.output('name', id);
  // Folders in the form of actions/upload-artifact: what follows a `!` is left out.
  const folder = fileInRepository(options.runs, world);
  const without = others.map((other) => `!${folder}/${other}`);
  runner.output('path', id === '' ? '' : [folder, ...without].join('\n'));
  if (others.length > 0) {
    world.err(`${plural(others.length, 'run')} in ${options.runs} not of this job, left out\n`);
  }
  if (id === '') {
    world.out('no run of this job: there is nothing to upload\n');
    return EXIT.done;
  }
  const { chain } = await readRun(runs, id, sha256);
  const last = chain.records.at(-1)?.digest ?? 'none';
  const count = plural(chain.records.length, 'record');
  const broken = chain.problems.length === 0 ? '' : ', not intact';
  const state = `${chain.ended ? '' : ', cut off before its end'}${broken}`;
  world.out(`${id}: ${count}${state}, last ${last}\n`);
  await runner.summarise(`<sub>Run \`${id}\`: ${count}${state}, last \`${last}\`</sub>\n`);
  return EXIT.done;
}

/** The newest first, by number and not by name; outside of a workflow, all that are there. */
async function runsOfJob(runs: string, { workflow }: World): Promise<string[]> {
  const known = await runsIn(runs);
  return known
    .filter(({ first }) => workflow === null || isOfJob(first.detail, workflow))
    .sort((a, b) => b.place.number - a.place.number || (a.id < b.id ? 1 : -1))
    .map(({ id }) => id);
}
