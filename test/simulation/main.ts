/**
 * `npm run simulate -- [--seeds N] [--from SEED] [--seed SEED] [--workers N] [--references |
 * --everything]`: plays histories and says what did not hold. Exit 1 when anything did not. With
 * `--references` strategies require skills that are declared beside them, and other kinds refer to
 * each other; with `--everything` queues, groups and tables are managed as well. `--shrink N`: so
 * many failures of a worker are shrunk (3).
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { drawHistory, type Extent } from './history.js';
import { play } from './play.js';
import { shrink } from './shrink.js';
import { tell } from './tell.js';

interface Tally {
  readonly seeds: number;
  readonly requests: number;
  readonly runs: number;
  readonly failures: number;
}

async function playSeeds(
  from: number,
  count: number,
  { stride, extent, most }: { readonly stride: number; readonly extent: Extent; most: number },
): Promise<Tally> {
  let requests = 0;
  let runs = 0;
  let failures = 0;
  for (let seed = from; seed < from + count * stride; seed += stride) {
    const history = drawHistory(seed, extent);
    const played = await play(history);
    requests += played.requests;
    runs += played.runs;
    if (played.violations.length === 0) continue;
    failures += 1;
    const small = failures <= most ? await shrink(history, played, play) : { history, played };
    process.stdout.write(`${tell(small.history, small.played)}\n\n`);
  }
  return { seeds: count, requests, runs, failures };
}

function inWorker(from: number, count: number, stride: number): Promise<Tally> {
  const child = fork(fileURLToPath(import.meta.url), [
    ...['--from', String(from), '--seeds', String(count)],
    ...['--stride', String(stride), '--workers', '0', '--shrink', values.shrink],
    ...(extent === 'strategies' ? [] : [`--${extent}`]),
  ]);
  return new Promise((resolve, reject) => {
    child.on('message', resolve as (message: unknown) => void);
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code !== 0) reject(new Error(`a worker ended with ${code}`));
    });
  });
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    stride: { type: 'string', default: '1' },
    seed: { type: 'string' },
    shrink: { type: 'string', default: '3' },
    references: { type: 'boolean', default: false },
    everything: { type: 'boolean', default: false },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
});
const extent: Extent = values.everything
  ? 'everything'
  : values.references
    ? 'references'
    : 'strategies';
const from = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const workers = Math.min(Number(values.workers), count);

if (workers === 0) {
  const tally = await playSeeds(from, count, {
    stride: Number(values.stride),
    extent,
    most: Number(values.shrink),
  });
  process.send?.(tally);
} else {
  const begun = performance.now();
  const shares = Array.from({ length: workers }, (_, index) =>
    inWorker(from + index, Math.ceil((count - index) / workers), workers),
  );
  const tallies = await Promise.all(shares);
  const sum = (of: (tally: Tally) => number): number =>
    tallies.reduce((total, tally) => total + of(tally), 0);
  const seconds = (performance.now() - begun) / 1000;
  const failures = sum((tally) => tally.failures);
  const seeds = sum((tally) => tally.seeds);
  process.stdout.write(
    `${seeds} seeds from ${from}: ${failures} failed; ${(seeds / seconds).toFixed(1)} a second; ` +
      `${sum((tally) => tally.runs)} runs, ${sum((tally) => tally.requests)} requests\n`,
  );
  process.exitCode = failures === 0 ? 0 : 1;
}
