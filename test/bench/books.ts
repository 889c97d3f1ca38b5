/**
 * npm run bench:books: the centre that predictions are played in, held against the books. Twenty lines
 * of Erlang A, two million calls each, no two of one seed; deviations are told in standard errors, by
 * fifty parts of each run. Writes `books-results.md`.
 */
import { writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { play, type Centre, type Tally } from '../../src/prediction/centre.js';
import { erlangA } from '../../src/prediction/erlang.js';
import { ERLANG_A } from '../prediction/tables.js';

const CALLS = Number(process.env['STRATEGOS_BENCH_CALLS'] ?? 2_000_000);
const PARTS = 50;

/** Of the rows of the tables those that two million calls are enough for, evenly. */
const ROWS = ERLANG_A.filter(([agents = 0]) => agents <= 60).slice(0, 22);

interface Line {
  readonly agents: number;
  readonly load: number;
  /** Of calls in time, of calls given up, of the wait, of occupancy; in standard errors. */
  readonly off: readonly number[];
  readonly calls: number;
}

function lineOf(row: readonly number[], seed: number): Line {
  const [agents = 0, load = 0, handleSeconds = 0, patience = 0, within = 0] = row;
  const callsPerSecond = load / handleSeconds;
  const books = erlangA({ agents, callsPerSecond, handleSeconds }, patience, within);
  const hours = Math.ceil(CALLS / (callsPerSecond * 3600) / PARTS) * PARTS;
  const centre: Centre = {
    queues: [{ handleSeconds, patienceSeconds: patience, withinSeconds: within }],
    groups: [{ agents, queues: [0] }],
    streams: [
      {
        name: 'all',
        perSecond: callsPerSecond,
        shape: [1],
        routing: { tiers: [[{ queue: 0, weight: 1, capacity: null }]], fallback: null },
      },
    ],
  };
  const tallies = play(centre, `books ${seed}`, { warmUpSeconds: 36_000, hours });
  const size = hours / PARTS;
  const parts = Array.from({ length: PARTS }, (_, part) =>
    tallies.slice(part * size, (part + 1) * size).flatMap((hour) => hour[0] ?? []),
  );
  const figures: readonly (readonly [(part: readonly Tally[]) => number, number])[] = [
    [ratio((one) => one.inTime), books.served],
    [ratio((one) => one.abandoned), books.abandoned],
    [ratio((one) => one.waitSeconds), books.waitSeconds],
    [(part) => sumOf(part, (one) => one.occupancy) / part.length, books.occupancy],
  ];
  return {
    agents,
    load,
    calls: sumOf(tallies.flat(), (one) => one.offered),
    off: figures.map(([of, expected]) => deviations(parts.map(of), expected)),
  };
}

function sumOf(part: readonly Tally[], of: (one: Tally) => number): number {
  return part.reduce((sum, one) => sum + of(one), 0);
}

function ratio(of: (one: Tally) => number): (part: readonly Tally[]) => number {
  return (part) => sumOf(part, of) / sumOf(part, (one) => one.offered);
}

function deviations(values: readonly number[], expected: number): number {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1);
  return (mean - expected) / Math.sqrt(variance / values.length);
}

async function main(): Promise<void> {
  const lines = ROWS.slice(0, 20).map((row, seed) => {
    process.stderr.write(`line ${seed}\n`);
    return lineOf(row, seed);
  });
  const worst = Math.max(...lines.flatMap(({ off }) => off.map(Math.abs)));
  const near = lines.filter(({ off }) => Math.abs(off[0] ?? 0) <= 2).length;
  const calls = lines.reduce((sum, one) => sum + one.calls, 0);
  const text = [
    '# The centre and the books',
    `Written by \`npm run bench:books\`: ${lines.length} lines, ${(calls / 1e6).toFixed(1)} million calls, ` +
      'deviations from Erlang A in standard errors.',
    [
      '| asked | found | |',
      '| --- | --- | --- |',
      `| every figure within 3 | ${worst.toFixed(2)} at most | ${worst <= 3 ? 'yes' : 'NO'} |`,
      `| calls in time within 2 in 18 of 20 | ${near} | ${near >= 18 ? 'yes' : 'NO'} |`,
    ].join('\n'),
    [
      '| agents | erlang | in time | given up | wait | occupancy |',
      '| --- | --- | --- | --- | --- | --- |',
      ...lines.map(({ agents, load, off }) => {
        const cells = off.map((one) => one.toFixed(2));
        return `| ${[agents, load, ...cells].join(' | ')} |`;
      }),
    ].join('\n'),
  ].join('\n\n');
  process.stdout.write(`${text}\n`);
  const file = new URL('books-results.md', import.meta.url);
  writeFileSync(file, await format(text, { parser: 'markdown', printWidth: 100 }));
  if (worst > 3 || near < 18) process.exitCode = 1;
}

await main();
