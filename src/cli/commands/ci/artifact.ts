/** `strategos ci artifact`: which run folder a job has to upload, whatever became of its run. */
import path from 'node:path';
import { EXIT, type ExitCode } from '../../../core/errors.js';
import { plural } from '../../../core/plural.js';
import { sha256 } from '../../../files/digest.js';
import { readRun, runIds } from '../../../files/runs.js';
import type { CiOptions } from '../../options.js';
import type { World } from '../../world.js';
import { runnerOf } from './report.js';

/**
 * Outputs `name`, the id of the newest run, and `path`, the folder of the runs; both empty where
 * there is no run. The digest of the last record goes into the summary, which the job cannot
 * rewrite later: whoever has it sees that no record was cut off.
 */
export async function ciArtifact(options: CiOptions, world: World): Promise<ExitCode> {
  const runner = runnerOf(world);
  const runs = path.resolve(world.cwd, options.runs);
  const id = (await runIds(runs)).at(-1) ?? '';
  runner.output('name', id);
  runner.output('path', id === '' ? '' : options.runs);
  if (id === '') {
    world.out('no run: there is nothing to upload\n');
    return EXIT.done;
  }
  const { chain } = await readRun(runs, id, sha256);
  const last = chain.records.at(-1)?.digest ?? 'none';
  const count = plural(chain.records.length, 'record');
  const state = chain.ended ? '' : ', cut off before its end';
  world.out(`${id}: ${count}${state}, last ${last}\n`);
  await runner.summarise(`<sub>Run \`${id}\`: ${count}${state}, last \`${last}\`</sub>\n`);
  return EXIT.done;
}
