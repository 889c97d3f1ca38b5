/**
 * npm run bench:optimizer: prints the table of docs/optimizer.md and writes `optimizer.json`. The
 * figures follow from the seeds, so they are the same on every machine; a claim of the page that no
 * longer holds fails the run.
 */
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Tuning } from '../../src/core/kind.js';
import { policies } from '../../src/optimizer/policies.js';
import { bare, controlled, day, HOURS, SCENARIOS, type Control, type Day } from './centre.js';

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);
const AGES = [10, 60, 300];
/** The defaults of the schema, which a test of the kind holds. */
const DEFAULTS: Tuning = {
  bounds: { min: 0.1, max: 1 },
  ...{ smoothing: 0.2, deadBand: 0.02, maxStep: 0.1 },
  ...{ coolDownMs: 180_000, maxAgeMs: 60_000 },
};

interface Row extends Day {
  readonly who: string;
  /** Seconds; `null` for weights that nobody moves. */
  readonly age: number | null;
  readonly scenario: string;
  /** Mean seconds less than static, with its standard error over the seeds. */
  readonly gain: readonly [number, number];
}

const controls: readonly (readonly [string, (() => Control) | null])[] = [
  ['static', null],
  ['bare formula', () => bare],
  ...Object.entries(policies).map(
    ([name, policy]) => [name, controlled(policy, DEFAULTS)] as const,
  ),
];

it('the default policy beats static weights and the bare formula at every age', () => {
  const rows = SCENARIOS.flatMap((scenario): Row[] => {
    const still = SEEDS.map((seed) => day(scenario, seed, 0, null));
    return controls.flatMap(([who, control]) =>
      (control === null ? [null] : AGES).map((age) => {
        const days =
          control === null ? still : SEEDS.map((seed) => day(scenario, seed, age ?? 0, control()));
        const gains = days.map(({ waitS }, index) => (still[index]?.waitS ?? 0) - waitS);
        return { who, age, scenario: scenario.name, ...meanOf(days), gain: estimate(gains) };
      }),
    );
  });
  print(rows);
  const file = new URL('optimizer.json', import.meta.url);
  const about = { hours: HOURS, seeds: SEEDS.length, tuning: DEFAULTS };
  writeFileSync(file, `${JSON.stringify({ about, rows }, null, 2)}\n`);
  for (const rest of [rows, rows.filter(({ scenario }) => scenario !== 'unequal')]) {
    for (const age of AGES) expectBetter(rest, age);
  }
});

/** The mean over the scenarios, and calm where nothing happens: no swing in ten hours. */
function expectBetter(rows: readonly Row[], age: number): void {
  const all = (who: string, at: number | null): Day =>
    meanOf(rows.filter((row) => row.who === who && row.age === at));
  const ours = all('headroom', age);
  for (const other of [all('static', null), all('bare formula', age)]) {
    expect(ours.waitS).toBeLessThan(other.waitS);
    expect(ours.abandoned).toBeLessThan(other.abandoned);
  }
  const calm = rows.filter(
    (row) => row.who === 'headroom' && row.age === age && /steady|planned/.test(row.scenario),
  );
  for (const { swings } of calm) expect(swings).toBeLessThan(0.1);
}

function meanOf(days: readonly Day[]): Day {
  return {
    waitS: mean(days.map(({ waitS }) => waitS)),
    abandoned: mean(days.map(({ abandoned }) => abandoned)),
    swings: mean(days.map(({ swings }) => swings)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function estimate(values: readonly number[]): [number, number] {
  const middle = mean(values);
  const spread = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return [middle, Math.sqrt(spread / (values.length - 1) / values.length)];
}

function print(rows: readonly Row[]): void {
  const names = SCENARIOS.map(({ name }) => name);
  const lines = controls.flatMap(([who, control]) =>
    (control === null ? [null] : AGES).map((age) => {
      const own = rows.filter((row) => row.who === who && row.age === age);
      const rest = own.filter(({ scenario }) => scenario !== 'unequal');
      const means = [cell(meanOf(own)), cell(meanOf(rest))];
      return [who, age === null ? '' : `${age} s`, ...own.map(cell), ...means];
    }),
  );
  const table = [['weights', 'data', ...names, 'mean', 'mean but unequal'], ...lines];
  const text = table.map((line) => `| ${line.join(' | ')} |`);
  process.stdout.write(`\nmean wait s · abandoned % · swings an hour\n${text.join('\n')}\n`);
  const lost = rows
    .filter(({ gain: [middle, error] }) => middle < -2 * error)
    .map(({ who, age, scenario, gain: [middle, error] }) => {
      return `${who} @${age}: ${scenario} ${(-middle).toFixed(1)} ± ${error.toFixed(1)} s`;
    });
  process.stdout.write(`\nlonger waits than static, by more than chance:\n${lost.join('\n')}\n`);
}

function cell({ waitS, abandoned, swings }: Day): string {
  return `${waitS.toFixed(1)} · ${(abandoned * 100).toFixed(1)} · ${swings.toFixed(1)}`;
}
