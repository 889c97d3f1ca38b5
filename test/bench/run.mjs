// npm run bench: whole processes, started again and again; medians, and ratios to bare node or to
// the YAML parser alone on the same files. Never part of the tests: clocks on shared machines lie.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const PARSE_ONLY = fileURLToPath(new URL('parse-only.mjs', import.meta.url));
const MEMORY = fileURLToPath(new URL('peak-memory.mjs', import.meta.url));
const RESULTS = fileURLToPath(new URL('results.json', import.meta.url));
const MANIFESTS = 5000;

const dir = mkdtempSync(path.join(tmpdir(), 'strategos-bench-'));
try {
  const one = writeManifests(path.join(dir, 'one'), 1);
  const many = writeManifests(path.join(dir, 'many'), MANIFESTS);
  const node = measure('node -e 0', ['-e', '0'], 15);
  const rows = [
    node,
    ratio(measure('strategos --version', [MAIN, '--version'], 15), node, 2),
    ratio(measure('validate, 1 manifest', [MAIN, 'validate', one], 15), node, 4),
  ];
  const parse = measure(`yaml alone, ${MANIFESTS} files`, [PARSE_ONLY, many], 5);
  const validate = measure(`validate, ${MANIFESTS} files`, [MAIN, 'validate', many], 5);
  rows.push(parse, ratio(validate, parse, 1.5));
  print(rows);
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  writeFileSync(RESULTS, `${JSON.stringify({ machine, rows }, null, 2)}\n`);
} finally {
  rmSync(dir, { recursive: true, force: true });
}

/** Manifests of twenty lines each, all different, and one environment. */
function writeManifests(folder, count) {
  mkdirSync(folder, { recursive: true });
  for (let index = 0; index < count; index += 1) {
    const text = `# yaml-language-server: $schema=../schemas/routing-strategy.schema.json
apiVersion: strategos/v1
kind: RoutingStrategy
metadata:
  name: strategy-${index}
  description: Strategy number ${index}
  labels: { team: support }
spec:
  status: active
  selection:
    skills:
      - { skill: Skill ${index % 20}, required: true }
  targets:
    - { queue: Queue ${index % 200}, priority: 1, weight: 1.0, capacity: 10 }
    - { queue: Queue ${(index + 1) % 200}, priority: 2, weight: 0.5, capacity: 10 }
    - { queue: Queue ${(index + 2) % 200}, priority: 2, weight: 0.5, capacity: 10 }
  fallback: { queue: Queue ${(index + 3) % 200}, priority: 99, weight: 0.1 }
  checks:
    skills: error
    capacity: warn
`;
    writeFileSync(path.join(folder, `strategy-${index}.yaml`), text);
  }
  return folder;
}

/** Median wall-clock milliseconds and peak memory of `runs` processes, after one that warms up. */
function measure(name, args, runs) {
  const walls = [];
  // The run that warms up is also the one that is weighed: weighing takes time.
  const peakMb = Number(start(name, ['--import', MEMORY, ...args]).output[3]) / 1024;
  for (let run = 0; run < runs; run += 1) {
    const started = process.hrtime.bigint();
    start(name, args);
    walls.push(Number(process.hrtime.bigint() - started) / 1e6);
  }
  walls.sort((a, b) => a - b);
  const round = (value) => Math.round(value * 10) / 10;
  return {
    name,
    runs,
    medianMs: round(walls[Math.floor(walls.length / 2)]),
    minMs: round(walls[0]),
    maxMs: round(walls.at(-1)),
    peakMb: round(peakMb),
  };
}

function start(name, args) {
  const stdio = ['ignore', 'ignore', 'pipe', 'pipe'];
  const child = spawnSync(process.execPath, args, { stdio });
  if (child.status !== 0) throw new Error(`${name} ended with ${child.status}: ${child.stderr}`);
  return child;
}

function ratio(row, to, goal) {
  return { ...row, ratio: Math.round((row.medianMs / to.medianMs) * 100) / 100, to: to.name, goal };
}

function print(rows) {
  const head = ['', 'median ms', 'min', 'max', 'peak MB', 'ratio', 'goal'];
  const lines = rows.map((row) => [
    ...[row.name, row.medianMs, row.minMs, row.maxMs, row.peakMb].map(String),
    row.ratio === undefined ? '' : `${row.ratio} × ${row.to}`,
    row.goal === undefined ? '' : `≤ ${row.goal}`,
  ]);
  const widths = head.map((_, at) => Math.max(...[head, ...lines].map((line) => line[at].length)));
  for (const line of [head, ...lines]) {
    console.log(
      line
        .map((cell, at) => cell.padEnd(widths[at]))
        .join('  ')
        .trimEnd(),
    );
  }
}
