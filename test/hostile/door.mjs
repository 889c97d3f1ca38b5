/**
 * A process of its own that gives the whole corpus to each reader of files: `node door.mjs`.
 * Prints what became of every text, what took too much work, and the most memory held.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '../../src/core/errors.js';
import { parse } from 'yaml';
import { CORPUS, HONEST, HONEST_SHARE } from './corpus.mjs';

const dir = mkdtempSync(path.join(tmpdir(), 'strategos-door-'));
const file = path.join(dir, 'file.yaml');

/** Each reads what is in the file, as a command does; issues are values, so is `AppError`. */
const DOORS = {
  manifests: async () => {
    const { readManifests } = await import('../../src/files/manifests.js');
    const { bundle, loadManifests, validateAll } = await import('../../src/manifest/load.js');
    return async () => {
      const read = await readManifests(file, dir);
      const loaded = loadManifests(read.sources);
      return [...read.issues, ...validateAll(loaded), ...bundle(loaded, undefined).issues].length;
    };
  },
  plan: async () => {
    const { readPlanFile } = await import('../../src/files/plan-file.js');
    const { sha256 } = await import('../../src/files/digest.js');
    return () => readPlanFile(file, sha256);
  },
  audit: async () => {
    const { endsIn, lastLeftIn, mayTakeOver, openRuns } =
      await import('../../src/files/open-runs.js');
    const { placeIn } = await import('../../src/files/folder-chain.js');
    const { readRun } = await import('../../src/files/runs.js');
    const { sha256 } = await import('../../src/files/digest.js');
    const { recordText } = await import('../../src/render/text.js');
    const { plainStyle } = await import('../../src/render/style.js');
    const { mkdirSync, copyFileSync } = await import('node:fs');
    const id = '20261125T170000000Z-apply-00000000';
    mkdirSync(path.join(dir, id));
    return async () => {
      copyFileSync(file, path.join(dir, id, 'audit.jsonl'));
      await placeIn(dir, 'self');
      const ends = await endsIn(dir);
      await openRuns(ends, { environment: 'prod', self: '', isOwner: () => true });
      await lastLeftIn(ends, () => true);
      await mayTakeOver(dir, id, 'self');
      const { chain } = await readRun(dir, id, sha256);
      return chain.records.map((record) => recordText(record, plainStyle)).length;
    };
  },
  org: async () => {
    const { loadOrgFile } = await import('../../src/simulator/org-file.js');
    const { createOrg } = await import('../../src/simulator/org.js');
    const { readFileSync } = await import('node:fs');
    return async () =>
      createOrg(await loadOrgFile({ path: 'org.yaml', bytes: readFileSync(file) })).queues.size;
  },
  faults: async () => {
    const { loadFaultsFile } = await import('../../src/simulator/faults-file.js');
    const { createFaults } = await import('../../src/simulator/faults.js');
    const { readFileSync } = await import('node:fs');
    return async () => {
      const read = await loadFaultsFile({ path: 'faults.yaml', bytes: readFileSync(file) });
      return createFaults(read, 1).decide({ method: 'GET', path: '/', headers: {}, body: '' });
    };
  },
};

async function became(read) {
  try {
    await read();
    return 'read';
  } catch (error) {
    if (error instanceof AppError && error.exitCode === 3) return 'refused';
    return `crash: ${error instanceof Error ? error.stack : String(error)}`;
  }
}

/** Names that a polluted prototype would have more of. */
function prototypes() {
  return [Object.prototype, Array.prototype, Function.prototype, String.prototype]
    .map((one) => Reflect.ownKeys(one).map(String).join())
    .join(' ');
}

/** For ten times the text: the collector of garbage has its share. See test/support/growth.ts. */
const MOST_TIMES = 35;
/** Of what an honest megabyte takes. */
const MOST_HONEST = 5;
/** Work below this is as good as none. */
const NOTHING_MS = 8;
const LOOKS = 5;

/** Of the processor, so that other work on this machine does not count. */
async function cpuOf(act) {
  const start = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const honest = [];
for (let look = 0; look < 2; look += 1) honest.push(await cpuOf(() => parse(HONEST)));
const honestMs = Math.min(...honest) * HONEST_SHARE;

/** What a text may take: as its size says, or, where it has no smaller one, by an honest file. */
function most({ tenth }, known) {
  const before = tenth === undefined ? undefined : known.get(tenth);
  if (before === undefined) return MOST_HONEST * honestMs;
  return MOST_TIMES * Math.max(before, NOTHING_MS);
}

/** What one reader made of the text that is in the file now. */
async function pass({ read, known, results, slow }, entry) {
  const mostMs = most(entry, known);
  let ending;
  let cpuMs = await cpuOf(async () => (ending = await became(read)));
  // Something else on this machine may have been in the way.
  for (let look = 1; look < LOOKS && cpuMs > mostMs; look += 1) {
    cpuMs = Math.min(cpuMs, await cpuOf(() => became(read)));
  }
  if (cpuMs > mostMs) slow.push(`${entry.name}: ${cpuMs} ms, at most ${mostMs}`);
  known.set(entry.name, cpuMs);
  results.push({ name: entry.name, ending });
}

const readers = [];
for (const [door, make] of Object.entries(DOORS)) {
  readers.push({ door, read: await make(), known: new Map(), results: [], slow: [] });
}
const before = prototypes();
const polluted = [];
for (const entry of CORPUS) {
  writeFileSync(file, entry.make());
  for (const reader of readers) {
    // One parser reads all three; what only fills a file is given to it once.
    if (/^(org|faults)$/.test(reader.door) && / (25|100|250) KB$| 1 MB$/.test(entry.name)) continue;
    await pass(reader, entry);
    if (prototypes() !== before || {}.polluted !== undefined) polluted.push(entry.name);
  }
}
rmSync(dir, { recursive: true });
const memoryMb = Math.round(process.resourceUsage().maxRSS / 1024);
const doors = readers.map(({ door, results, slow }) => [door, { results, slow }]);
process.stdout.write(JSON.stringify({ doors: Object.fromEntries(doors), memoryMb, polluted }));
