/**
 * A process of its own that gives the whole corpus to one reader of files: `node door.mjs DOOR`.
 * Prints what became of every text, how long it took, and the most memory that was ever held.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '../../src/core/errors.js';
import { CORPUS } from './corpus.mjs';

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
    const { mayTakeOver, openRuns } = await import('../../src/files/open-runs.js');
    const { lastHead, readRun } = await import('../../src/files/runs.js');
    const { sha256 } = await import('../../src/files/digest.js');
    const { recordText } = await import('../../src/render/text.js');
    const { plainStyle } = await import('../../src/render/style.js');
    const { mkdirSync, copyFileSync } = await import('node:fs');
    const id = '20261125T170000000Z-apply-00000000';
    mkdirSync(path.join(dir, id));
    return async () => {
      copyFileSync(file, path.join(dir, id, 'audit.jsonl'));
      await lastHead(dir);
      await openRuns(dir, { environment: 'prod', self: '' });
      await mayTakeOver(dir, id);
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

const make = DOORS[process.argv[2] ?? ''];
if (make === undefined) throw new Error(`no such door: ${process.argv[2]}`);
const before = prototypes();
const read = await make();
const results = [];
for (const entry of CORPUS) {
  // One parser reads all three; what only fills a file is given to it once.
  if (/^(org|faults)$/.test(process.argv[2]) && entry.name.endsWith(', 1 MB')) continue;
  writeFileSync(file, entry.make());
  const start = process.cpuUsage();
  const ending = await became(read);
  const { user, system } = process.cpuUsage(start);
  results.push({ name: entry.name, ending, cpuMs: Math.round((user + system) / 1000) });
}
rmSync(dir, { recursive: true });
const memoryMb = Math.round(process.resourceUsage().maxRSS / 1024);
const polluted = prototypes() !== before || {}.polluted !== undefined;
process.stdout.write(JSON.stringify({ results, memoryMb, polluted }));
