/** What the processor has to do: see README.md. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Figure } from './figures.js';
import { logIn, writeLog } from './audit-log.js';
import { ORG, writeEnvironments, writeManifests } from './manifests.js';
import {
  answersTo,
  MAIN,
  PARSE_ONLY,
  READ_ONLY,
  simulated,
  walls,
  weighed,
  type Place,
  type Spread,
  type Weighed,
} from './processes.js';
import { compared, exponentOf, sidesOf, sources, textsOf, timed, validated } from './pure.js';
import { GONE } from '../support/gone.js';

const MANIFESTS = 5000;
/** A data table has 5,000 rows at most, of which the lock of a run takes one. */
const IN_A_TABLE = 4998;
const ENVIRONMENTS = 200;
const SHARED = 1000;
const RECORDS = 100_000;
const SIZES = [100, 1000, 10_000, 50_000];
const SHORT_RUNS = 15;
const LONG_RUNS = 3;
/** Of what is quick in process. */
const PURE_RUNS = 7;

export async function cpuFigures(): Promise<Figure[]> {
  const dir = mkdtempSync(path.join(tmpdir(), 'strategos-bench-'));
  try {
    return [
      ...(await startUp(path.join(dir, 'start'))),
      ...validating(path.join(dir, 'validate')),
      ...manyEnvironments(path.join(dir, 'environments')),
      ...(await planning(path.join(dir, 'plan'))),
      ...verifying(path.join(dir, 'audit')),
      ...comparing(),
      ...growth(),
    ];
  } finally {
    rmSync(dir, GONE);
  }
}

function orgIn(dir: string): string {
  mkdirSync(dir, { recursive: true });
  const file = path.join(dir, 'org.json');
  writeFileSync(file, JSON.stringify(ORG));
  return file;
}

async function startUp(dir: string): Promise<Figure[]> {
  const file = orgIn(dir);
  writeManifests(path.join(dir, 'strategies'), 1, true);
  return simulated(file, dir, (url) => {
    const commands = [
      ['-e', '0'],
      [MAIN, '--version'],
      [MAIN, '--help'],
      [MAIN, 'validate'],
      [MAIN, 'plan', '--quiet'],
    ];
    const [bare, version, help, one, plan] = walls(commands, SHORT_RUNS, { cwd: dir, url });
    const yardstick = { name: 'node -e 0', value: bare?.median ?? NaN };
    const figure = (name: string, spread: Spread | undefined, goal?: number): Figure => ({
      ...about('CPU: start-up', name, spread, SHORT_RUNS),
      ...held(spread?.median ?? NaN, yardstick, goal),
    });
    return Promise.resolve([
      about('CPU: start-up', 'node -e 0', bare, SHORT_RUNS),
      figure('strategos --version', version, 1.4),
      figure('strategos --help', help),
      figure('validate, 1 manifest', one, 2.5),
      noted(figure('plan, 1 manifest', plan, 7), 'with its requests, over loopback'),
    ]);
  });
}

function validating(dir: string): Figure[] {
  const folder = writeManifests(path.join(dir, 'strategies'), MANIFESTS);
  const commands = [
    [PARSE_ONLY, folder],
    [MAIN, 'validate', folder],
  ];
  const [parse, validate] = weighed(commands, LONG_RUNS, { cwd: dir });
  const part = `CPU: validate, ${MANIFESTS} files`;
  const alone = (value: number | undefined): Yardstick => ({
    name: 'yaml alone',
    value: value ?? NaN,
  });
  return [
    {
      ...about(part, 'wall', validate?.wall, LONG_RUNS),
      ...held(validate?.wall.median ?? NaN, alone(parse?.wall.median), 1.5),
    },
    {
      ...about(part, 'user + system', validate?.cpu, LONG_RUNS),
      ...held(validate?.cpu.median ?? NaN, alone(parse?.cpu.median)),
    },
    peak(part, validate, parse, 250),
  ];
}

async function planning(dir: string): Promise<Figure[]> {
  const file = orgIn(dir);
  const folder = writeManifests(path.join(dir, 'strategies'), IN_A_TABLE, true);
  const plan = [MAIN, 'plan', '--quiet', '--format', 'json'];
  return simulated(file, dir, async (url) => {
    const place = { cwd: dir, url };
    const beside = async (
      part: string,
      command: string[],
      goal?: number,
      read = [folder],
    ): Promise<Figure[]> => {
      const answers = path.join(dir, `answers, ${part}`);
      await answersTo(command, place, answers);
      const parser = [PARSE_ONLY, ...read, answers];
      const [parse, found] = weighed([parser, command], LONG_RUNS, place);
      return overParsing(`CPU: ${part}`, found, parse, goal);
    };
    const fresh = await beside(`plan, ${IN_A_TABLE} new`, plan, 2);
    const made = applied(path.join(dir, `answers, plan, ${IN_A_TABLE} new`), folder, place);
    const unchanged = await beside(`plan, ${IN_A_TABLE} unchanged`, plan);
    const out = path.join(dir, 'exported');
    const exported = [MAIN, 'export', '--quiet', '--out', out];
    // From the second time on it amends what the first has written, and so reads that as well.
    const written = await beside(`export, ${IN_A_TABLE}`, exported, 2, [folder, out]);
    writeManifests(folder, IN_A_TABLE, true, 0.25);
    const changed = await beside(`plan, ${IN_A_TABLE} changed`, plan, 2);
    return [...fresh, ...made, ...unchanged, ...changed, ...written];
  });
}

/** One run: it can be had once. */
function applied(answers: string, folder: string, place: Place): Figure[] {
  const [parse] = weighed([[PARSE_ONLY, folder, answers]], LONG_RUNS, place);
  const [apply] = weighed([[MAIN, 'apply', '--yes', '--quiet']], 0, place);
  const part = `CPU: apply, ${IN_A_TABLE} new`;
  const figure = about(part, 'user + system', apply?.cpu, 1);
  return [
    { ...figure, ...held(apply?.cpu.median ?? NaN, parsersAlone(parse?.cpu.median), 3.5) },
    noted(about(part, 'wall', apply?.wall, 1), 'an org without tables, so it plans twice'),
    peak(part, apply, parse, 400),
  ];
}

function parsersAlone(value: number | undefined): Yardstick {
  return { name: 'yaml + JSON.parse alone', value: value ?? NaN };
}

/** What a command took beside the parsers alone, of the same bytes. */
function overParsing(
  part: string,
  command: Weighed | undefined,
  parse: Weighed | undefined,
  goal?: number,
): Figure[] {
  return [
    {
      ...about(part, 'user + system', command?.cpu, LONG_RUNS),
      ...held(command?.cpu.median ?? NaN, parsersAlone(parse?.cpu.median), goal),
    },
    {
      ...about(part, 'wall', command?.wall, LONG_RUNS),
      ...held(command?.wall.median ?? NaN, parsersAlone(parse?.wall.median)),
    },
    peak(part, command, parse),
  ];
}

/** Two hundred environments, each of which has every strategy. */
function manyEnvironments(dir: string): Figure[] {
  const folder = writeManifests(path.join(dir, 'strategies'), SHARED);
  writeEnvironments(folder, ENVIRONMENTS);
  const commands = [
    [PARSE_ONLY, folder],
    [MAIN, 'validate', folder],
  ];
  const [parse, validate] = weighed(commands, LONG_RUNS, { cwd: dir });
  return overParsing(`CPU: validate, ${ENVIRONMENTS} environments × ${SHARED}`, validate, parse);
}

function verifying(dir: string): Figure[] {
  const runs = writeLog(dir, RECORDS);
  const commands = [
    [READ_ONLY, logIn(runs)],
    [MAIN, 'audit', 'verify', '--runs', runs],
  ];
  const [read, verify] = weighed(commands, LONG_RUNS, { cwd: dir });
  const part = `CPU: audit verify, ${RECORDS} records`;
  const yardstick = { name: 'JSON.parse + SHA-256', value: read?.cpu.median ?? NaN };
  const figure = about(part, 'user + system', verify?.cpu, LONG_RUNS);
  return [
    { ...figure, ...held(verify?.cpu.median ?? NaN, yardstick, 2) },
    peak(part, verify, read),
  ];
}

function comparing(): Figure[] {
  return [false, true].map((differ) => {
    const sides = sidesOf(MANIFESTS, differ);
    const texts = textsOf(sides);
    const parse = timed(() => texts.map((text) => JSON.parse(text) as unknown), PURE_RUNS);
    const spread = timed(() => compared(sides), PURE_RUNS);
    const name = `${MANIFESTS} ${differ ? 'changed' : 'unchanged'}`;
    const yardstick = { name: 'JSON.parse of both sides', value: parse.median };
    const figure = about('CPU: compare, in process', name, spread, PURE_RUNS);
    return { ...figure, ...held(spread.median, yardstick) };
  });
}

function growth(): Figure[] {
  const validate = SIZES.map((count): readonly [number, number] => {
    const files = sources(count);
    return [count, timed(() => validated(files), runsFor(count)).median];
  });
  const compareIn = (differ: boolean): (readonly [number, number])[] =>
    SIZES.map((count) => {
      const sides = sidesOf(count, differ);
      return [count, timed(() => compared(sides), runsFor(count)).median];
    });
  const exponent = (
    name: string,
    points: readonly (readonly [number, number])[],
    isHeld = true,
  ): Figure => {
    const value = exponentOf(points);
    const note = points.map(([count, ms]) => `${count}: ${ms.toFixed(1)} ms`).join(', ');
    return {
      part: 'CPU: growth, in process',
      name,
      value,
      unit: 'exponent',
      note,
      ...(isHeld ? { goal: '≤ 1.1', met: value <= 1.1 } : {}),
    };
  };
  // What memory does to anything that walks so many objects.
  const parse = SIZES.map((count): readonly [number, number] => {
    const texts = textsOf(sidesOf(count, false));
    const work = (): unknown => texts.map((text) => JSON.parse(text) as unknown);
    return [count, timed(work, runsFor(count)).median];
  });
  return [
    exponent('JSON.parse of both sides, for comparison', parse, false),
    exponent('validate', validate),
    exponent('compare, unchanged', compareIn(false)),
    exponent('compare, changed', compareIn(true)),
  ];
}

/** The compiler of the machine is as warm for few objects as for many. */
function runsFor(count: number): number {
  return Math.max(3, Math.round(20_000 / count));
}

type Yardstick = NonNullable<Figure['against']>;

function about(part: string, name: string, spread: Spread | undefined, runs: number): Figure {
  const { median = NaN, least = NaN, most = NaN } = spread ?? {};
  const range = `${least.toFixed(0)} to ${most.toFixed(0)}`;
  const note = runs === 1 ? '1 run' : `median of ${runs}, ${range}`;
  return { part, name, value: median, unit: 'ms', note };
}

function held(
  value: number,
  against: Yardstick,
  most?: number,
): Pick<Figure, 'against' | 'goal' | 'met'> {
  if (most === undefined) return { against };
  return { against, goal: `≤ ${most} ×`, met: value / against.value <= most };
}

function noted(figure: Figure, more: string): Figure {
  return { ...figure, note: [figure.note, more].filter(Boolean).join('; ') };
}

function peak(
  part: string,
  of: Weighed | undefined,
  parse: Weighed | undefined,
  mostMb?: number,
): Figure {
  const value = of?.peakMb ?? NaN;
  return {
    part,
    name: 'peak memory',
    value,
    unit: 'MB',
    against: { name: 'the parsers alone', value: parse?.peakMb ?? NaN },
    ...(mostMb === undefined ? {} : { goal: `≤ ${mostMb} MB`, met: value <= mostMb }),
  };
}
