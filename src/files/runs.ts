/**
 * The folder of a run: `plan.json`, `audit.jsonl`, `summary.md`. A record counts as written when
 * the operating system says that it is on disk; what cannot be written stops the run, because a
 * change that nobody can account for must not be made.
 */
import { chmod, mkdir, open, readdir, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  recordOf,
  Tally,
  verifyChain,
  type AuditContext,
  type AuditEntry,
  type AuditRecord,
  type Chain,
  type Kept,
} from '../core/audit.js';
import { AppError, EXIT, InvalidInput, systemCode, type ExitCode } from '../core/errors.js';
import { headDetail, isAboutHead, isWork, leavesHead, headStandingOf } from '../core/head.js';
import type { JsonObject } from '../core/json.js';
import { nearest } from '../core/nearest.js';
import { planDocument } from '../core/plan-document.js';
import type { Hash, Plan } from '../core/types.js';
import type { AuditLog, Clock } from '../engine/ports.js';
import { refuseNoFile } from './ends.js';
import { syncFolder } from './folder-sync.js';
import { GroupCommit } from './group-commit.js';
import { makeFolder } from './make-folder.js';
import { exitOfUnwritable, hintOfUnwritable } from './whole-file.js';

export const AUDIT_FILE = 'audit.jsonl';
export const PLAN_FILE = 'plan.json';
export const SUMMARY_FILE = 'summary.md';

/** Names of people, numbers of queues and what was planned are for whoever ran it. */
export const FOR_US_ALONE = 0o600;
/** Of everything that strategos keeps beside the manifests. */
const OWN_FOLDER = '.strategos';
const FOLDER_FOR_US_ALONE = 0o700;

/**
 * A folder of our own that has just been made (`made`, or below it) is not for git: runs that it
 * tracks are refused, and `git add --all` asks nobody.
 */
async function keepOutOfGit(runsDir: string, made: string): Promise<void> {
  const own = path.dirname(runsDir);
  if (path.basename(own) !== OWN_FOLDER || path.relative(made, own).startsWith('..')) return;
  await writeFile(path.join(own, '.gitignore'), '*\n', { mode: FOR_US_ALONE });
}

/** An open run. Records are in the order of the calls; those of calls made at once share a sync. */
export class RunFolder implements AuditLog {
  private newest: AuditRecord | null = null;
  /** Length of the file: what is behind it was never said to be written. */
  private bytes = 0;
  private readonly tally = new Tally();
  /** What the run says of its place in the chain of its owner. */
  private readonly aboutHead: AuditRecord[] = [];
  private readonly commits = new GroupCommit<AuditEntry, AuditRecord>(async (entries) =>
    this.write(entries),
  );
  private ended = false;
  /** Its head is being left in the org. */
  private leaving = false;

  private constructor(
    readonly dir: string,
    readonly context: AuditContext,
    private readonly file: FileHandle,
    private readonly clock: Clock,
    private readonly hash: Hash,
  ) {}

  /** Creates the folder; `id` must be new. Rejects with an `AppError` when it cannot be written. */
  static async create(
    runsDir: string,
    context: AuditContext,
    clock: Clock,
    hash: Hash,
  ): Promise<RunFolder> {
    const dir = path.join(runsDir, context.run);
    try {
      const made = makeFolder(runsDir, FOLDER_FOR_US_ALONE);
      if (made !== null) await keepOutOfGit(runsDir, made);
      await mkdir(dir, { mode: FOLDER_FOR_US_ALONE });
      const file = await open(path.join(dir, AUDIT_FILE), 'ax', FOR_US_ALONE);
      // The file's name has to survive a power cut as well as its content.
      await syncFolder(dir);
      await syncFolder(runsDir);
      return new RunFolder(dir, context, file, clock, hash);
    } catch (error) {
      throw unwritable(dir, error, exitOfUnwritable(error));
    }
  }

  async append(entry: AuditEntry): Promise<AuditRecord> {
    // A signal ends a run while it is still planning: what it finds then comes too late.
    if (this.ended || (this.leaving && isWork(entry))) throw ended(this.dir);
    if (leavesHead(entry)) this.leaving = true;
    const isLast = entry.type === 'run-ended';
    this.ended = isLast;
    try {
      return await this.commits.put(entry);
    } catch (error) {
      if (isLast) this.ended = false;
      throw error;
    }
  }

  last(): AuditRecord | null {
    return this.newest;
  }

  private async write(entries: readonly AuditEntry[]): Promise<AuditRecord[]> {
    const records: AuditRecord[] = [];
    for (const entry of entries) {
      const at = new Date(this.clock.now()).toISOString();
      const previous = records.at(-1) ?? this.newest;
      records.push(recordOf(entry, this.context, previous, at, this.hash));
    }
    const lines = Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    try {
      await this.file.appendFile(lines);
      await this.file.sync();
      // A file that was removed takes every record, and nobody will ever read one.
      if ((await this.file.stat()).nlink === 0) throw new Removed();
    } catch (error) {
      // Half a record would make the next one unreadable, and look like somebody's hand; a whole
      // one would be of something that was never sent.
      await this.file.truncate(this.bytes).catch(() => undefined);
      throw unwritable(this.dir, error);
    }
    this.bytes += lines.length;
    this.newest = records.at(-1) ?? this.newest;
    for (const record of records) {
      this.tally.note(record);
      if (isAboutHead(record)) this.aboutHead.push(record);
    }
    return records;
  }

  /** The last record: says what is left open, so that no later run has to read all of this one. */
  async end(outcome: NonNullable<AuditRecord['outcome']>, detail: JsonObject): Promise<void> {
    await this.commits.idled();
    const open = this.tally.unfinished().length;
    const settled = this.tally.settledRuns();
    const { chained, left, effect } = headStandingOf(this.aboutHead);
    const isLeft = chained !== null && left !== null && effect === 'took effect';
    const head = isLeft ? { head: headDetail(left), owner: { ...chained.owner } } : {};
    await this.append({
      type: 'run-ended',
      outcome,
      detail: { ...detail, open, settled, ...head },
    });
  }

  /** `text` is the plan as JSON, where that was made for somebody else as well. */
  async writePlan(plan: Plan, text = planDocument(plan)): Promise<void> {
    await this.save(PLAN_FILE, text);
  }

  async writeSummary(markdown: string): Promise<void> {
    await this.save(SUMMARY_FILE, markdown);
  }

  private async save(name: string, text: string): Promise<void> {
    try {
      const file = await open(path.join(this.dir, name), 'w', FOR_US_ALONE);
      try {
        await file.writeFile(text);
      } finally {
        await file.close();
      }
    } catch (error) {
      throw unwritable(this.dir, error);
    }
  }

  async close(): Promise<void> {
    await this.commits.idled();
    await this.file.close();
  }
}

/**
 * What others of this machine can read in a folder of runs: it is closed to them where it is the
 * one that we make ourselves, and said of any other, which may be shared on purpose. `null`: there
 * is nothing to say.
 */
export async function closeToOthers(runsDir: string): Promise<string | null> {
  // Windows knows no such modes.
  if (process.platform === 'win32') return null;
  const found = await stat(runsDir).catch(() => null);
  if (found === null || (found.mode & 0o077) === 0) return null;
  const isOurs =
    path.basename(runsDir) === 'runs' && path.basename(path.dirname(runsDir)) === '.strategos';
  const failed = isOurs
    ? await chmod(runsDir, found.mode & FOLDER_FOR_US_ALONE).then(
        () => null,
        (error: unknown) => systemCode(error),
      )
    : '';
  if (failed === null) return null;
  const mode = (found.mode & 0o777).toString(8);
  const why = failed === '' ? '' : ` and cannot be closed to them (${failed})`;
  return `${runsDir} is open to other users of this machine (mode ${mode})${why}: chmod 700`;
}

class Removed extends Error {
  readonly code = 'removed';
}

/** Whoever still has something to write has outlived its run, and must not send anything. */
function ended(dir: string): AppError {
  const message = `${dir}: the run has ended; nothing more is written, and nothing more is sent`;
  return new AppError('run-ended', EXIT.unexpected, 'us', message);
}

function unwritable(dir: string, cause: unknown, exitCode: ExitCode = EXIT.unexpected): AppError {
  return new AppError(
    'audit-unwritable',
    exitCode,
    'user',
    `${dir}: the audit log cannot be written (${systemCode(cause)}); ` +
      'nothing more was sent to the org',
    { hint: `${hintOfUnwritable(cause)}; --runs names the folder`, cause },
  );
}

/**
 * Sorts by time, tells the command, and is safe as a folder and an artifact name:
 * `20261123T043000123Z-apply-1b2c3d4e`.
 */
export function runId(command: string, nowMs: number, random: number): string {
  const time = new Date(nowMs).toISOString().replace(/[-:.]/g, '');
  const suffix = Math.floor(random * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0');
  return `${time}-${command}-${suffix}`;
}

export interface StoredRun {
  readonly id: string;
  readonly dir: string;
  readonly chain: Chain;
}

/** Whether the run came so far as to plan something. */
export function hasPlan({ dir }: Pick<StoredRun, 'dir'>): boolean {
  return existsSync(path.join(dir, PLAN_FILE));
}

/** What is said of a place where there is no folder, and so no run either. */
const NO_FOLDER: ReadonlySet<string> = new Set(['ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** That there are runs, and which, nobody can tell where a folder is there and not to be listed. */
export function isNoFolder({ cause }: InvalidInput): boolean {
  return NO_FOLDER.has(systemCode(cause));
}

/**
 * Ids of the runs in a folder, oldest first. A folder that does not exist has none; `InvalidInput`
 * for one that cannot be read.
 */
export async function runIds(runsDir: string): Promise<string[]> {
  try {
    const entries = await readdir(runsDir, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && /^\d{8}T\d{9}Z-/.test(entry.name))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    const code = systemCode(error);
    const isNone = NO_FOLDER.has(code);
    const [what, hint] = isNone
      ? ['is no folder of runs', 'name the folder of run records with --runs']
      : ['cannot be listed', READABLE_HINT];
    throw new InvalidInput(`${runsDir} ${what} (${code})`, [], { hint, cause: error });
  }
}

/** Reads one run with its chain checked. Throws `InvalidInput` when there is no such run. */
export async function readRun(
  runsDir: string,
  id: string,
  hash: Hash,
  kept?: Kept,
): Promise<StoredRun> {
  const dir = path.join(runsDir, id);
  if (path.basename(dir) !== id) throw unreadable(dir, id, 'ENOENT', await runIds(runsDir));
  let text;
  try {
    const file = path.join(dir, AUDIT_FILE);
    await refuseNoFile(file);
    // At once: in the background a large log is read piece by piece, and put together once more.
    text = readFileSync(file).toString('utf8');
  } catch (error) {
    throw unreadable(dir, id, systemCode(error), await runIds(runsDir));
  }
  return { id, dir, chain: verifyChain(text, hash, kept) };
}

const RESTORE_HINT = 'restore it (of a workflow run: from its artifact), or name another run';
const READABLE_HINT = 'make it readable, or choose another folder with --runs';

function unreadable(dir: string, id: string, code: string, known: readonly string[]): InvalidInput {
  if (known.includes(id)) {
    const [what, hint] =
      code === 'ENOENT'
        ? [`the run has no ${AUDIT_FILE}; it was removed`, RESTORE_HINT]
        : [`${AUDIT_FILE} cannot be read (${code})`, READABLE_HINT];
    return new InvalidInput(`${dir}: ${what}`, [], { hint });
  }
  const begun = id === '' ? [] : known.filter((one) => one.startsWith(id));
  const close = begun.length === 1 ? begun[0] : nearest(id, [...known, 'latest']);
  return new InvalidInput(`${path.dirname(dir)} has no run "${id}"`, [], {
    hint: close === undefined ? 'strategos audit show lists the runs' : `did you mean ${close}?`,
  });
}
