/**
 * npm run bench:optimizer: writes `optimizer-results.md`, where docs/optimizer.md has its figures
 * from. A claim of the page that does not hold fails the run. The seeds follow from the commit, or
 * from STRATEGOS_BENCH_SEED: nobody can choose those that flatter, and a result can be repeated.
 */
import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { format } from 'prettier';
import type { TuningSettings } from '../../src/core/kind.js';
import { policies } from '../../src/optimizer/policies.js';
import type { Policy } from '../../src/optimizer/policy.js';
import {
  bare,
  clairvoyant,
  controlled,
  day,
  HOURS,
  toldTruth,
  type Control,
  type Day,
} from './centre.js';
import { randomCentre, SCENARIOS, type Scenario } from './scenarios.js';

const SEED =
  process.env['STRATEGOS_BENCH_SEED'] ??
  execFileSync('git', ['rev-parse', '--short=10', 'HEAD'], { encoding: 'utf8' }).trim();
const SEEDS = Array.from({ length: 12 }, (_, index) => index);
const RANDOM = Array.from({ length: 40 }, (_, index) => randomCentre(`${SEED}/${index}`));
const AGES = [10, 60, 300];
/** What is told of a day. */
type Outcome = Omit<Day, 'handled'>;

/** The defaults of the schema, which a test of the kind holds. */
const DEFAULTS: TuningSettings = {
  bounds: { min: 0.1, max: 1 },
  smoothing: 0.2,
  deadBand: 0.03,
  maxStep: 0.1,
  coolDownMs: 180_000,
  maxAgeMs: 60_000,
};
const OURS = 'square-root';

interface Row extends Outcome {
  readonly who: string;
  /** Seconds; `null` for weights that nobody moves by what was seen. */
  readonly age: number | null;
  readonly scenario: string;
  /** Mean seconds more than static, with its standard error over the seeds. */
  readonly loss: readonly [number, number];
}

interface Contender {
  readonly who: string;
  readonly ages: readonly (number | null)[];
  /** `null` where the weights stay as they were written. */
  readonly control: ((scenario: Scenario) => () => Control) | null;
  /** Nothing is known of a day before. */
  readonly isFirstDay?: true;
}

const STATIC: Contender = { who: 'static', ages: [null], control: null };
const CLAIRVOYANT: Contender = { who: 'clairvoyant', ages: [null], control: clairvoyant };

function policyOf(name: string): Policy {
  const policy = policies[name];
  if (policy === undefined) throw new Error(`no policy is named ${name}`);
  return policy;
}

function contender(
  name: string,
  ages: readonly number[],
  over: Partial<TuningSettings> = {},
): Contender {
  return { who: name, ages, control: () => controlled(policyOf(name), { ...DEFAULTS, ...over }) };
}

/** The default policy without one of the things around it, to see what each is for. */
function without(who: string, over: Partial<TuningSettings>): Contender {
  return { ...contender(OURS, [60], over), who };
}

/** What cannot be done better by knowing more: rates and handle times are known for certain. */
const TOLD = 'square-root, told the truth';
const TRUTH: Contender = {
  who: TOLD,
  ages: [60, 300],
  control: toldTruth(policyOf(OURS), DEFAULTS),
};

const FIRST_DAY: Contender = {
  ...contender(OURS, [60, 300]),
  who: 'square-root, on its first day',
  isFirstDay: true,
};

const NAMED: readonly Contender[] = [
  ...[STATIC, CLAIRVOYANT],
  { who: 'bare formula', ages: [60], control: () => () => bare },
  contender('inverse-occupancy', [60]),
  contender('headroom', [60]),
  contender('least-wait', [60]),
  contender('level', [60, 300]),
  ...[contender(OURS, AGES), TRUTH],
];
const PARTS: readonly Contender[] = [
  without('nothing of what is seen now', { smoothing: 1e-9 }),
  without('no greatest step', { maxStep: 9 }),
  without('no cool-down', { coolDownMs: 0 }),
];
const DRAWN: readonly Contender[] = [
  ...[STATIC, CLAIRVOYANT, contender('headroom', [60])],
  contender('level', [60]),
  ...[contender(OURS, AGES), FIRST_DAY, TRUTH],
];
/** What is measured, each by so many scenarios. */
const SETS = {
  named: [SCENARIOS, NAMED],
  drawn: [RANDOM, DRAWN],
  parts: [SCENARIOS, PARTS],
} as const;
type SetName = keyof typeof SETS;

async function main(): Promise<void> {
  const [named, drawn, parts] = await measured();
  const checks = [...checksOf('named', named, 0), ...checksOf('random', drawn, 1)];
  const head =
    `Written by \`npm run bench:optimizer\`, seed \`${SEED}\`: ${HOURS} hours, of which the first ` +
    `half hour is not counted, ${SEEDS.length} seeds. Mean wait in seconds · abandoned per cent · ` +
    'swings an hour · moves an hour.';
  const text = [
    '# What the optimizer does to a contact centre',
    head,
    '## What is asked of the default policy',
    tableOf([
      ['asked', 'found', 'told the truth', ''],
      ...checks.map((one) => [one.asked, one.found, one.best, one.held]),
    ]),
    '## Scenarios with names',
    SCENARIOS.map(({ name, about }) => `- ${name}: ${about}`).join('\n'),
    ...[scenarioTable(SCENARIOS, NAMED, named), 'Longer waits than static weights:'],
    lossesIn(named),
    '## Forty random centres',
    ...[summaryTable(DRAWN, drawn), 'Longer waits than static weights:', lossesIn(drawn)],
    '## The default policy without parts of what is around it, in the scenarios with names',
    summaryTable([...PARTS, contender(OURS, [60])], [...parts, ...named]),
  ].join('\n\n');
  process.stdout.write(`\n${text}\n`);
  const file = new URL('optimizer-results.md', import.meta.url);
  writeFileSync(file, await format(text, { parser: 'markdown', printWidth: 100 }));
  if (checks.some(({ held }) => held === 'NO')) process.exitCode = 1;
}

/**
 * Each process has every so-manyth scenario and tells its rows; there are twice as many as processors,
 * for scenarios are not of one size.
 */
async function measured(): Promise<[Row[], Row[], Row[]]> {
  const count = 2 * availableParallelism();
  const script = fileURLToPath(import.meta.url);
  const env = { ...process.env, STRATEGOS_BENCH_SEED: SEED };
  const told = await Promise.all(
    Array.from({ length: count }, async (_, part) => {
      const args = [...process.execArgv, script, `${part}/${count}`];
      const most = { env, maxBuffer: 1e8 };
      return (await promisify(execFile)(process.execPath, args, most)).stdout;
    }),
  );
  const all = told.map((text) => JSON.parse(text) as Record<SetName, Row[]>);
  const rows = (name: SetName): Row[] => {
    const names = SETS[name][0].map((scenario) => scenario.name);
    const found = all.flatMap((one) => one[name]);
    return found.sort((a, b) => names.indexOf(a.scenario) - names.indexOf(b.scenario));
  };
  return [rows('named'), rows('drawn'), rows('parts')];
}

function tellPart(text: string): void {
  const [part = 0, count = 1] = text.split('/').map(Number);
  const rows = Object.entries(SETS).map(([name, [scenarios, contenders]]) => [
    name,
    rowsOf(
      scenarios.filter((_, index) => index % count === part),
      contenders,
    ),
  ]);
  process.stdout.write(JSON.stringify(Object.fromEntries(rows)));
}

function rowsOf(scenarios: readonly Scenario[], contenders: readonly Contender[]): Row[] {
  return scenarios.flatMap((scenario): Row[] => {
    process.stderr.write(`${scenario.name}\n`);
    const seed = (index: number): string => `${SEED}/${scenario.name}/${index}`;
    const still = SEEDS.map((index) => day(scenario, seed(index), 0, null));
    return contenders.flatMap(({ who, ages, control, isFirstDay }) =>
      ages.map((age) => {
        const make = control?.(scenario);
        const days = SEEDS.map((index) => {
          if (make === undefined) return still[index]!;
          // The day before had other callers.
          const before = isFirstDay === true ? [] : still[(index + 1) % SEEDS.length]!.handled;
          return day(scenario, seed(index), age ?? 0, make(), before);
        });
        const more = days.map(({ waitS }, index) => waitS - (still[index]?.waitS ?? 0));
        return { who, age, scenario: scenario.name, ...meanOf(days), loss: estimate(more) };
      }),
    );
  });
}

interface Asked {
  readonly asked: string;
  readonly found: string;
  /** The same of the policy that is told the truth; empty where it says nothing. */
  readonly best: string;
  /** `beyond`: not met, and not by knowing everything either. */
  readonly held: 'yes' | 'NO' | 'beyond';
}

/** Beyond chance, and by as much as anybody would notice. */
function isWorse({ loss: [middle, error] }: Row): boolean {
  return middle > 2 * error + 0.5;
}

function checksOf(what: string, rows: readonly Row[], mayLose: number): Asked[] {
  const of = (who: string, age: number | null): readonly Row[] =>
    rows.filter((row) => row.who === who && row.age === age);
  const check = (asked: string, said: (who: string) => readonly [string, boolean]): Asked => {
    const [[found, holds], [best, isPossible]] = [said(OURS), said(TOLD)];
    const held = holds ? 'yes' : isPossible ? 'NO' : 'beyond';
    return { asked: `${what}: ${asked}`, found, best, held };
  };
  const [still, best] = [meanOf(of('static', null)), meanOf(of('clairvoyant', null))];
  const rival = of('headroom', 60).filter(isWorse).length;
  const agesOf = (who: string): number[] => AGES.filter((age) => of(who, age).length > 0);
  const all = (who: string): Outcome[] => agesOf(who).map((age) => meanOf(of(who, age)));
  const calm = mayLose === 0 ? 0.65 : 0.5;
  return [
    check(`worse than static in ${mayLose} at most, at any age`, (who) => {
      const worse = agesOf(who).map((age) => of(who, age).filter(isWorse).length);
      return [worse.join(', '), worse.every((count) => count <= mayLose)];
    }),
    {
      asked: `${what}: headroom is found out`,
      found: `worse in ${rival}`,
      best: '',
      held: rival > mayLose ? 'yes' : 'NO',
    },
    ...([60, 300] as const).map((age) => {
      const least = age === 60 ? 85 : 70;
      return check(`closes ${least} % of what there is at ${age} s`, (who) => {
        const gained = still.waitS - meanOf(of(who, age)).waitS;
        const closed = (100 * gained) / (still.waitS - best.waitS);
        return [`${closed.toFixed(1)} %`, closed >= least];
      });
    }),
    check(`${calm} swings an hour at most`, (who) => {
      const swings = Math.max(...all(who).map((one) => one.swings));
      return [swings.toFixed(2), swings <= calm];
    }),
    check('15 moves an hour at most', (who) => {
      const moves = Math.max(...all(who).map((one) => one.moves));
      return [moves.toFixed(1), moves <= 15];
    }),
  ];
}

function meanOf(days: readonly Outcome[]): Outcome {
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

/** A column each would be too wide: a line a scenario, the policies at 60 s beside each other. */
function scenarioTable(
  scenarios: readonly Scenario[],
  contenders: readonly Contender[],
  rows: readonly Row[],
): string {
  const columns = contenders.flatMap(({ who, ages }) => ages.map((age) => ({ who, age })));
  const head = columns.map(({ who, age }) => (age === null ? who : `${who}, ${age} s`));
  const lines = scenarios.map(({ name }) => [
    name,
    ...columns.map(({ who, age }) =>
      cell(rows.find((row) => row.scenario === name && row.who === who && row.age === age)),
    ),
  ]);
  const means = columns.map(({ who, age }) =>
    cell(meanOf(rows.filter((row) => row.who === who && row.age === age))),
  );
  return tableOf([['scenario', ...head], ...lines, ['**mean**', ...means]]);
}

function summaryTable(contenders: readonly Contender[], rows: readonly Row[]): string {
  const lines = contenders.flatMap(({ who, ages }) =>
    ages.map((age) => {
      const own = rows.filter((row) => row.who === who && row.age === age);
      const worst = Math.max(...own.map(({ loss: [middle] }) => middle));
      const worse = `${own.filter(isWorse).length} of ${own.length}`;
      return [who, age === null ? '' : `${age} s`, cell(meanOf(own)), worse, worst.toFixed(1)];
    }),
  );
  return tableOf([['weights', 'data', 'mean', 'worse than static', 'worst, s'], ...lines]);
}

function tableOf([head = [], ...lines]: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...lines]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
}

function lossesIn(rows: readonly Row[]): string {
  const lines = rows.filter(isWorse).map(({ who, age, scenario, loss: [middle, error] }) => {
    const more = `${middle.toFixed(1)} ± ${error.toFixed(1)} s`;
    return `- ${who}${age === null ? '' : `, data ${age} s old`}, ${scenario}: ${more}`;
  });
  return lines.length === 0 ? 'None.' : lines.join('\n');
}

function cell(found: Outcome | undefined): string {
  if (found === undefined) return '';
  const { waitS, abandoned, swings, moves } = found;
  return [
    ...[waitS.toFixed(1), (abandoned * 100).toFixed(1)],
    ...[swings.toFixed(2), moves.toFixed(0)],
  ].join(' · ');
}

const [, , part] = process.argv;
if (part === undefined) await main();
else tellPart(part);
