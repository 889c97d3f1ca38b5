/**
 * `npm run bench`: every figure of this project in one table, and in `results.json` beside this
 * file. Never part of the tests: clocks on shared machines lie. README.md says how each figure is
 * come by. `npm run bench -- cpu` runs one part alone and writes nothing.
 */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cpuFigures } from './cpu.js';
import { pageFigures } from './page.js';
import { requestFigures } from './requests.js';
import { sideBySideFigures } from './side-by-side.js';
import { tableOf, type Figure } from './figures.js';

const RESULTS = fileURLToPath(new URL('results.json', import.meta.url));

const PARTS: Readonly<Record<string, () => Promise<Figure[]>>> = {
  requests: requestFigures,
  'side-by-side': sideBySideFigures,
  cpu: cpuFigures,
  page: pageFigures,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => PARTS[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(
    `no such part: ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}\n`,
  );
  process.exit(64);
}
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  process.stderr.write(`measuring ${name}…\n`);
  figures.push(...(await measure()));
}
process.stdout.write(`${tableOf(figures)}\n`);
if (asked.length === 0) {
  const machine = {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 2 ** 20),
  };
  writeFileSync(RESULTS, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
}
// Requests are the same on every machine; what a clock says is for people to judge.
if (figures.some(({ unit, met }) => unit === 'requests' && met === false)) process.exitCode = 1;
