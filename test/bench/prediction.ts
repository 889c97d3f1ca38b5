/**
 * npm run bench:prediction: random centres are counted for three hours, their weights are changed by a
 * plan and an apply of the built command line over HTTP, and what the plan predicts is held against
 * what then happens. The truth is played by the simulator's traffic, which shares no code with the
 * prediction. Writes `prediction-results.md`; seeds as in `optimizer.ts`.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { format } from 'prettier';
import type { Compared, Predicted } from '../../src/core/prediction.js';
import { seededRandom } from '../../src/simulator/chance.js';
import { figuresIn, opened, playTo } from '../prediction/world.js';
import { planned } from './planned.js';
import { randomCentre, scenario, type Scenario } from './scenarios.js';

const SEED =
  process.env['STRATEGOS_BENCH_SEED'] ??
  execFileSync('git', ['rev-parse', '--short=10', 'HEAD'], { encoding: 'utf8' }).trim();
const CENTRES = 60;
const REPLAYS = 20;
/** Hours: half of one to warm up and three that are counted, and the one that is predicted. */
const [NOW, END] = [3.5, 4.5];

interface Pair {
  readonly predicted: Compared;
  /** Mean difference of the replays, and each of their hours after the change. */
  readonly difference: number;
  readonly hours: readonly number[];
  readonly agents: number;
}

async function main(): Promise<void> {
  const refusals = new Map<string, number>();
  const pairs: Pair[] = [];
  for (let index = 0; index < CENTRES; index += 1) {
    process.stderr.write(`centre ${index}\n`);
    const centre = withoutEvents(randomCentre(`${SEED}/prediction/${index}`));
    const random = seededRandom(`${SEED}/change/${index}`);
    const after = centre.plan.weights.map((weight) =>
      rounded(weight * (0.7 + 0.6 * random.next())),
    );
    const found = await predictionFor(centre, after, index);
    const why = found?.refused?.replace(/Queue \d+/, 'a queue').replaceAll(/\d+/g, 'n') ?? null;
    if (why !== null) refusals.set(why, (refusals.get(why) ?? 0) + 1);
    else if (found !== undefined) pairs.push(...pairsOf(centre, after, found));
  }
  return told(pairs, refusals);
}

/** The hour to come is like those before: whoever leaves is not to be foreseen. */
function withoutEvents({ name, about, plan }: Scenario): Scenario {
  return scenario(name, about, { ...plan, staffing: [] });
}

/** As many digits as a manifest has. */
function rounded(weight: number): number {
  return Math.round(weight * 1e4) / 1e4;
}

async function predictionFor(
  centre: Scenario,
  after: readonly number[],
  seed: number,
): Promise<Predicted | undefined> {
  const played = opened(centre, 1000 + seed);
  playTo(played, NOW);
  return planned(played, after, NOW);
}

function pairsOf(centre: Scenario, after: readonly number[], { queues }: Predicted): Pair[] {
  const hours = (replay: number, weights?: readonly number[]): (number | null)[] => {
    const played = opened(centre, replay);
    playTo(played, NOW, weights);
    playTo(played, END + 0.5);
    return played.ids.map((id) => {
      const parts = figuresIn(played, id, NOW, END);
      const judged = parts.reduce((sum, part) => sum + part.judged, 0);
      return judged === 0 ? null : parts.reduce((sum, part) => sum + part.inTime, 0) / judged;
    });
  };
  const replays = Array.from({ length: REPLAYS }, (_, replay) => ({
    before: hours(replay),
    after: hours(replay, after),
  }));
  return queues.map(({ served }, queue): Pair => {
    const both = replays.flatMap((one): [number, number][] => {
      const [was, will] = [one.before[queue] ?? null, one.after[queue] ?? null];
      return was === null || will === null ? [] : [[was, will]];
    });
    return {
      predicted: served,
      difference: mean(both.map(([was, will]) => will - was)),
      hours: both.map(([, will]) => will),
      agents: centre.plan.agents[queue] ?? 0,
    };
  });
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;
}

async function told(pairs: readonly Pair[], refusals: ReadonlyMap<string, number>): Promise<void> {
  const error = mean(pairs.map((one) => Math.abs(one.predicted.difference - one.difference)));
  const nothing = mean(pairs.map((one) => Math.abs(one.difference)));
  const clear = pairs.filter(({ predicted }) => Math.abs(predicted.difference) > 0.05);
  const right = clear.filter(
    ({ predicted, difference }) => Math.sign(predicted.difference) === Math.sign(difference),
  );
  const covered = mean(
    pairs.map(({ predicted, hours }) =>
      mean(hours.map((hour) => (hour >= predicted.hourLow && hour <= predicted.hourHigh ? 1 : 0))),
    ),
  );
  const large = pairs.filter(({ agents }) => agents >= 10);
  const width = mean(large.map(({ predicted }) => predicted.hourHigh - predicted.hourLow));
  const inRange = mean(
    pairs.map(({ predicted: { differenceLow, differenceHigh }, difference }) =>
      difference >= differenceLow && difference <= differenceHigh ? 1 : 0,
    ),
  );
  const refused = [...refusals.values()].reduce((a, b) => a + b, 0);
  const points = (part: number): string => `${(100 * part).toFixed(1)} points`;
  const percent = (part: number): string => `${(100 * part).toFixed(0)} %`;
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['mean error of the difference, 3 points at most', points(error), error <= 0.03],
    [
      'of that of "nothing changes", 40 % at most',
      `${percent(error / nothing)} of ${points(nothing)}`,
      error <= 0.4 * nothing,
    ],
    [
      'direction right in 95 %, where over 5 points are predicted',
      `${right.length} of ${clear.length}`,
      right.length >= 0.95 * clear.length,
    ],
    [
      'the range of an hour holds 75 to 85 % of them',
      percent(covered),
      Math.abs(covered - 0.8) <= 0.05,
    ],
    ['and is 35 points wide at most, from 10 agents on', points(width), width <= 0.35],
    ['refused, 10 % at most', `${refused} of ${CENTRES}`, refused <= 0.1 * CENTRES],
  ];
  const text = [
    '# What was predicted, and what happened',
    `Written by \`npm run bench:prediction\`, seed \`${SEED}\`: ${CENTRES} random centres, three hours ` +
      `counted, weights changed by up to 30 % through the built command line over HTTP, the next hour played ${REPLAYS} times before and after.`,
    [
      '| asked | found | |',
      '| --- | --- | --- |',
      ...rows.map(([asked, found, holds]) => `| ${asked} | ${found} | ${holds ? 'yes' : 'NO'} |`),
    ].join('\n'),
    `The range of the difference holds the mean difference of the replays in ${percent(inRange)}.`,
    'Refused:',
    refused === 0 ? 'None.' : [...refusals].map(([why, n]) => `- ${n} ×: ${why}`).join('\n'),
  ].join('\n\n');
  process.stdout.write(`${text}\n`);
  const file = new URL('prediction-results.md', import.meta.url);
  writeFileSync(file, await format(text, { parser: 'markdown', printWidth: 100 }));
  if (rows.some(([, , holds]) => !holds)) process.exitCode = 1;
}

await main();
