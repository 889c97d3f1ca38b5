/** What earlier runs have left behind: writes that nobody settled, and a lock. */
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openRunOf, parseRecord, Tally, updatesIn } from '../core/audit.js';
import type { AuditRecord, LoggedUpdate, OpenRun } from '../core/audit.js';
import { laterHead, leftAtEnd, leftOpen, ownerOf } from '../core/head.js';
import type { HeadRecord, LeftHead } from '../core/head.js';
import { isObject } from '../core/json.js';
import type { Owner } from '../core/owner.js';
import { endOfLog, logText } from './ends.js';
import { idsInOrder } from './folder-chain.js';
import { isProcessGone, lifeOf } from './process-mark.js';
import { AUDIT_FILE, FOR_US_ALONE, runIds } from './runs.js';

/** A run here by the last record of its log: most often there is nothing more to read. */
export interface RunEnd {
  readonly id: string;
  readonly last: AuditRecord;
  /** All of it, read once it is asked for. */
  readonly records: () => Promise<AuditRecord[]>;
}

/** Of every run with a record, in their order. */
export async function endsIn(runsDir: string): Promise<RunEnd[]> {
  const ends: RunEnd[] = [];
  for (const id of await runIds(runsDir)) {
    const file = path.join(runsDir, id, AUDIT_FILE);
    const last = await lastRecordIn(file);
    const records = async (): Promise<AuditRecord[]> => recordsIn(await logText(file));
    if (last !== null) ends.push({ id, last, records });
  }
  return ends;
}

export interface Asking {
  readonly environment: string;
  /** The run that asks. */
  readonly self: string;
  /** Whether whoever asks is meant: another owner may have another table, and another lock. */
  readonly isOwner: (owner: Owner) => boolean;
}

/**
 * Runs of an environment and owner that have left writes open which no later run has settled,
 * oldest first.
 * Reads the last record of each run alone, and the whole log only of those that did not end well.
 * A run that does not say whose it is, as those of older versions, is anybody's.
 */
export async function openRuns(
  ends: readonly RunEnd[],
  { environment, self, isOwner }: Asking,
): Promise<OpenRun[]> {
  const settled = new Set<string>();
  const found: OpenRun[] = [];
  for (const { id, last, records: all } of ends) {
    if (id === self) continue;
    const isEnded = last.type === 'run-ended';
    settledAtEnd(last).forEach((run) => settled.add(run));
    if (last.environment !== environment) continue;
    if (isEnded && Number(last.detail?.['open'] ?? 0) === 0) continue;
    const records = await all();
    const tally = new Tally();
    for (const record of records) tally.note(record);
    tally.settledRuns().forEach((run) => settled.add(run));
    const owner = ownerIn(records);
    if (owner !== null && !isOwner(owner)) continue;
    const open = openRunOf(records, isEnded || hasDied(records));
    if (open !== null) found.push(open);
  }
  return found.filter(({ run }) => !settled.has(run));
}

/** Older runs have nothing to say of what was written a moment ago. */
const MOST_LATE_RUNS = 20;

/** What the newest runs of a command set out to change: the org may have no record of it. */
export async function lateUpdates(
  runsDir: string,
  command: string,
  { environment, self, isOwner }: Asking,
): Promise<LoggedUpdate[]> {
  const all = await idsInOrder(runsDir);
  const ids = all.filter((id) => id !== self).slice(-MOST_LATE_RUNS);
  const found: LoggedUpdate[] = [];
  for (const id of ids) {
    const file = path.join(runsDir, id, AUDIT_FILE);
    // A folder without a log is a run that had not begun.
    const records = recordsIn(await logText(file));
    const [first] = records;
    if (first?.detail?.['command'] !== command || first.environment !== environment) continue;
    const owner = ownerIn(records);
    if (owner === null || isOwner(owner)) found.push(...updatesIn(records));
  }
  return found;
}

/**
 * True when `self` may release the lock of `run`: the log of that run is here and says that it
 * ended, or its process is gone. Nobody else gets that answer as long as `self` is at work,
 * whenever they ask: two that release one lock one after the other would release each other's.
 */
export async function mayTakeOver(runsDir: string, run: string, self: string): Promise<boolean> {
  if (!(await isOver(runsDir, run))) return false;
  for (let heir = 1; heir <= MOST_HEIRS; heir += 1) {
    const will = path.join(runsDir, run, `lock-taken-over-${heir}`);
    if (await isFirst(will, self)) return true;
    const before = await readFile(will, 'utf8').catch(() => '');
    if (!(await isOver(runsDir, before))) return false;
  }
  return false;
}

/**
 * Linking the file is the decision: of two that try, one finds it there. It is there as a whole or
 * not at all: an empty one, of a full disk or a kill, would name no heir, and nobody could be next.
 */
async function isFirst(will: string, self: string): Promise<boolean> {
  const draft = `${will}-by-${self}`;
  try {
    await writeFile(draft, self, { mode: FOR_US_ALONE });
    await link(draft, will);
    return true;
  } catch {
    return false;
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

/** Runs that were killed one after the other while they took over the same lock. */
const MOST_HEIRS = 100;

/** The run said that it ended, or its process is gone. False where its log is not here. */
export async function isOver(runsDir: string, run: string): Promise<boolean> {
  const records = await recordsOf(runsDir, run);
  return records.length > 0 && (hasEnded(records) || hasDied(records));
}

/** The process of a run that has not ended, and lives; `null` where that is not known for sure. */
export async function processAtWork(runsDir: string, run: string): Promise<number | null> {
  const records = await recordsOf(runsDir, run);
  const mark = records[0]?.detail?.['process'];
  if (!isObject(mark) || hasEnded(records) || lifeOf(mark) !== 'living') return null;
  return typeof mark['pid'] === 'number' ? mark['pid'] : null;
}

/** Of that run alone; none where its log is not here, or nobody can read it. */
async function recordsOf(runsDir: string, run: string): Promise<AuditRecord[]> {
  const dir = path.join(runsDir, run);
  // The name comes from the org: it must be that of a folder right here.
  if (run === '' || path.basename(dir) !== run) return [];
  const records = recordsIn(await logText(path.join(dir, AUDIT_FILE)).catch(() => ''));
  return records[0]?.run === run ? records : [];
}

function hasEnded(records: readonly AuditRecord[]): boolean {
  return records.at(-1)?.type === 'run-ended';
}

/** Said at its start, or by older versions where it found its place in the chain. */
function ownerIn(records: readonly AuditRecord[]): Owner | null {
  const said = records.find(({ type, detail }) => OWNED.has(type) && ownerOf(detail) !== null);
  return ownerOf(said?.detail ?? null);
}

const OWNED: ReadonlySet<string> = new Set(['run-started', 'chained']);

function hasDied(records: readonly AuditRecord[]): boolean {
  return isProcessGone(records[0]?.detail?.['process']);
}

function recordsIn(text: string): AuditRecord[] {
  return text.split('\n').flatMap((line) => parseRecord(line) ?? []);
}

/**
 * The head with the greatest number that a run here has left for an owner, by the last record of
 * each, and of one that was killed by its whole log: for an org that has lost it.
 */
export async function lastLeftIn(
  ends: readonly RunEnd[],
  isOwner: (owner: Owner) => boolean,
): Promise<HeadRecord | null> {
  let last: LeftHead | null = null;
  for (const { id, last: end, records } of ends) {
    const left = end.type === 'run-ended' ? leftAtEnd(end) : leftOpen(await records());
    if (left?.head.run === id && isOwner(left.owner)) last = laterHead(last, left);
  }
  return last?.head ?? null;
}

/** Runs whose open writes it says that it has settled. */
function settledAtEnd({ detail }: AuditRecord): string[] {
  const settled = detail?.['settled'];
  return Array.isArray(settled) ? settled.filter((one) => typeof one === 'string') : [];
}

/** `null` for a run without a record. */
async function lastRecordIn(file: string): Promise<AuditRecord | null> {
  const text = await endOfLog(file, 'last');
  const line = text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1) ?? '';
  const record = parseRecord(line);
  if (record !== null) return record;
  // Longer than what was read of it, or not a record: the whole log tells.
  return recordsIn(await logText(file)).at(-1) ?? null;
}
