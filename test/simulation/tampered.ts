/**
 * Somebody who can write the folder of runs rewrites its logs, as cleverly as can be without the
 * org: digests are computed anew. What a head or a later run fixes, nobody rewrites unnoticed.
 */
import { recordOf, verifyChain, type AuditRecord } from '../../src/core/audit.js';
import { headDetail, headStandingOf, type Head } from '../../src/core/head.js';
import { verdictWith, type LoggedRun } from '../../src/core/verdict.js';
import { sha256 } from '../../src/files/digest.js';
import { seededRandom, wholeBetween } from '../../src/simulator/chance.js';
import type { Folder } from './history.js';
import type { SimulatedWorld } from './world.js';

type Logs = ReadonlyMap<string, readonly AuditRecord[]>;

/** `run` has left its head, and at least one record is before that. */
const DEEDS: Readonly<Record<string, (logs: Logs, run: string, at: number) => Logs>> = {
  'a record was changed': (logs, run, at) =>
    edited(logs, run, (records) => records.map((one, i) => (i === at ? forged(one) : one))),
  'a record was removed': (logs, run, at) =>
    edited(logs, run, (records) => records.filter((_one, i) => i !== at)),
  'its log was computed anew from a record on': (logs, run, at) =>
    edited(logs, run, (records) => anew(records, at)),
  'its log was cut off before its head': (logs, run, at) =>
    edited(logs, run, (records) => records.slice(0, at)),
  'it was removed': (logs, run) => new Map([...logs].filter(([id]) => id !== run)),
};

/** Every such deed, done to a run that the seed chooses, is found. */
export function tamperEvident(world: SimulatedWorld, folder: Folder): void {
  const head = world.head(folder);
  const ids = [...world.disk.logs.keys()].filter((id) => world.folderOf.get(id) === folder);
  const logs: Logs = new Map(ids.map((id) => [id, world.disk.records(id)]));
  const fixed = ids.filter((id) => headStandingOf(logs.get(id) ?? []).effect === 'took effect');
  if (head === null || fixed.length === 0) return;
  const random = seededRandom(`${world.history.seed}/tampering/${folder}`);
  for (const [what, deed] of Object.entries(DEEDS)) {
    const run = fixed[wholeBetween(random, 0, fixed.length - 1)] ?? '';
    const { left } = headStandingOf(logs.get(run) ?? []);
    const at = wholeBetween(random, 0, (left?.seq ?? 1) - 1);
    if (isFound(deed(logs, run, at), head)) continue;
    world.violated('tamper-evident', `${run}: ${what} (record ${at + 1}), and nothing says so`);
  }
}

function isFound(logs: Logs, head: Head): boolean {
  const runs = [...logs].map(([id, records]): LoggedRun => {
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    return { id, chain: verifyChain(text, sha256) };
  });
  const { findings } = verdictWith(runs, head, () => true);
  return findings.length > 0 || runs.some(({ chain }) => chain.problems.length > 0);
}

function edited(
  logs: Logs,
  run: string,
  edit: (records: readonly AuditRecord[]) => readonly AuditRecord[],
): Logs {
  return new Map([...logs].map(([id, records]) => [id, id === run ? edit(records) : records]));
}

function forged(record: AuditRecord): AuditRecord {
  return { ...record, actor: 'somebody else' };
}

/** From `at` on every digest fits again, that of the head that the run says to have left as well. */
function anew(records: readonly AuditRecord[], at: number): AuditRecord[] {
  const { left } = headStandingOf(records);
  const out: AuditRecord[] = [];
  for (const [index, record] of records.entries()) {
    const { run, actor, environment } = index === at ? forged(record) : record;
    const { type, address, before, after, request, outcome } = record;
    const entry = { type, address, before, after, request, outcome };
    const isHead = left !== null && record.detail?.['head'] !== undefined;
    const fixed = out[(left?.seq ?? 1) - 1]?.digest;
    const detail =
      isHead && fixed !== undefined
        ? { ...record.detail, head: headDetail({ ...left, digest: fixed }) }
        : record.detail;
    const context = { run, actor, environment };
    out.push(recordOf({ ...entry, detail }, context, out.at(-1) ?? null, record.at, sha256));
  }
  return out;
}
