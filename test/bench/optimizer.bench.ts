/**
 * npm run bench:optimizer: writes `optimizer-results.md`, where docs/optimizer.md has its figures
 * from. They follow from the seeds, so they are the same on every machine; a claim of the page that no
 * longer holds fails the run.
 */
import { writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { expect, it } from 'vitest';
import type { TuningSettings } from '../../src/core/kind.js';
import { headroom } from '../../src/optimizer/headroom.js';
import { policies } from '../../src/optimizer/policies.js';
import { scaledTo, type Policy } from '../../src/optimizer/policy.js';
import { bare, controlled, day, HOURS, SCENARIOS, type Control, type Day } from './centre.js';

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);
const AGES = [10, 60, 300];
/** The defaults of the schema, which a test of the kind holds. */
const DEFAULTS: TuningSettings = {
  bounds: { min: 0.1, max: 1 },
  ...{ smoothing: 0.2, deadBand: 0.03, maxStep: 0.1 },
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

/** Nothing around the policy. */
const BARE_TUNING: TuningSettings = {
  ...DEFAULTS,
  smoothing: 1,
  maxStep: 1,
  deadBand: 0,
  coolDownMs: 0,
};

const freeSlots: Policy = {
  ...{ formula: 'slots - interacting - waiting', unit: 'interactions' },
  weights: (loads, max) =>
    scaledTo(
      max,
      loads.map(({ slots, interacting, waiting }) => Math.max(0, slots - interacting - waiting)),
    ),
};

/** A target whose slots are all in use counts as one with a backlog. */
function strict(): Control {
  const control = controlled(headroom, DEFAULTS)();
  return (targets, ...when) =>
    control(
      targets.map(({ load, ...rest }) => {
        if (load === null || load.interacting < load.slots) return { ...rest, load };
        return { ...rest, load: { ...load, waiting: Math.max(load.waiting, load.slots) } };
      }),
      ...when,
    );
}

type Controls = readonly (readonly [string, (() => Control) | null])[];

const controls: Controls = [
  ['static', null],
  ['bare formula', () => bare],
  ...Object.entries(policies).map(
    ([name, policy]) => [name, controlled(policy, DEFAULTS)] as const,
  ),
];

/** The default policy without one of the things around it, to see what each is for. */
const without: Controls = [
  ['headroom', controlled(headroom, DEFAULTS)],
  ['all the way at once', controlled(headroom, { ...DEFAULTS, smoothing: 1, maxStep: 1 })],
  ['no greatest step', controlled(headroom, { ...DEFAULTS, maxStep: 1 })],
  ['no cool-down', controlled(headroom, { ...DEFAULTS, coolDownMs: 0 })],
  ['no dead band', controlled(headroom, { ...DEFAULTS, deadBand: 0 })],
  ['none of them', controlled(headroom, BARE_TUNING)],
  ['full once no slot is free', strict],
  ['free slots alone', controlled(freeSlots, DEFAULTS)],
];

it('the default policy beats static weights and the bare formula at every age', async () => {
  const rows = rowsOf(controls);
  const text = [
    '# What the optimizer does to a contact centre',
    `Written by \`npm run bench:optimizer\`: ${HOURS} hours, ${SEEDS.length} seeds. README.md says what ` +
      'the figures are: mean wait in seconds · abandoned per cent · swings an hour · moves an hour.',
    SCENARIOS.map(({ name, about }) => `- ${name}: ${about}`).join('\n'),
    '## Policies',
    tableOf(controls, rows),
    'Longer waits than static weights, by more than twice the standard error:',
    lossesIn(rows),
    '## The default policy without parts of what is around it',
    tableOf(without, rowsOf(without)),
  ].join('\n\n');
  process.stdout.write(`\n${text}\n`);
  const file = new URL('optimizer-results.md', import.meta.url);
  writeFileSync(file, await format(text, { parser: 'markdown', printWidth: 100 }));
  for (const rest of [rows, rows.filter(({ scenario }) => scenario !== 'unequal')]) {
    for (const age of AGES) expectBetter(rest, age);
  }
});

function rowsOf(list: Controls): Row[] {
  return SCENARIOS.flatMap((scenario): Row[] => {
    const still = SEEDS.map((seed) => day(scenario, seed, 0, null));
    return list.flatMap(([who, control]) =>
      (control === null ? [null] : AGES).map((age) => {
        const days =
          control === null ? still : SEEDS.map((seed) => day(scenario, seed, age ?? 0, control()));
        const gains = days.map(({ waitS }, index) => (still[index]?.waitS ?? 0) - waitS);
        return { who, age, scenario: scenario.name, ...meanOf(days), gain: estimate(gains) };
      }),
    );
  });
}

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
    moves: mean(days.map(({ moves }) => moves)),
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

function tableOf(list: Controls, rows: readonly Row[]): string {
  const names = SCENARIOS.map(({ name }) => name);
  const lines = list.flatMap(([who, control]) =>
    (control === null ? [null] : AGES).map((age) => {
      const own = rows.filter((row) => row.who === who && row.age === age);
      const rest = own.filter(({ scenario }) => scenario !== 'unequal');
      const means = [cell(meanOf(own)), cell(meanOf(rest))];
      return [who, age === null ? '' : `${age} s`, ...own.map(cell), ...means];
    }),
  );
  const head = ['weights', 'data', ...names, 'mean', 'mean but unequal'];
  return [head, head.map(() => '---'), ...lines]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
}

function lossesIn(rows: readonly Row[]): string {
  return rows
    .filter(({ gain: [middle, error] }) => middle < -2 * error)
    .map(({ who, age, scenario, gain: [middle, error] }) => {
      const more = `${(-middle).toFixed(1)} ± ${error.toFixed(1)} s`;
      return `- ${who}, data ${age ?? 0} s old, ${scenario}: ${more}`;
    })
    .join('\n');
}

function cell({ waitS, abandoned, swings, moves }: Day): string {
  const figures = [waitS, abandoned * 100, swings].map((figure) => figure.toFixed(1));
  return [...figures, moves.toFixed(0)].join(' · ');
}
