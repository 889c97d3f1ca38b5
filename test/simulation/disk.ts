/**
 * The folder of runs, in memory: what has been written survives whoever wrote it, and the last line
 * may be half a line. What a later run makes of it is decided by `core/audit.ts`, as for real
 * files.
 */
import {
  openRunOf,
  parseRecord,
  recordOf,
  Tally,
  type AuditEntry,
  type AuditRecord,
  type OpenRun,
} from '../../src/core/audit.js';
import {
  headDetail,
  isWork,
  laterHead,
  leavesHead,
  leftAtEnd,
  leftOpen,
  headStandingOf,
  type HeadRecord,
  type LeftHead,
} from '../../src/core/head.js';
import type { Owner } from '../../src/core/owner.js';
import { AppError } from '../../src/core/errors.js';
import type { AuditLog, Clock } from '../../src/engine/ports.js';
import { sha256 } from '../../src/files/digest.js';
import { GroupCommit } from '../../src/files/group-commit.js';
import type { Fortune } from './fortune.js';

export class Disk {
  /** Text of `audit.jsonl` by the id of its run. */
  readonly logs = new Map<string, string>();
  private readonly heirs = new Map<string, string>();

  /** What runs other than `self` have left open, as `files/open-runs.ts` reads it. */
  leftOpen(
    self: string,
    isDead: (run: string) => boolean,
    isOwners: (run: string) => boolean,
  ): OpenRun[] {
    const settled = new Set<string>();
    const found: OpenRun[] = [];
    for (const [run, text] of this.logs) {
      if (run === self) continue;
      const records = recordsIn(text);
      const tally = new Tally();
      for (const record of records) tally.note(record);
      for (const one of tally.settledRuns()) settled.add(one);
      if (!isOwners(run)) continue;
      const open = openRunOf(records, hasEnded(records) || isDead(run));
      if (open !== null) found.push(open);
    }
    return found.filter(({ run }) => !settled.has(run));
  }

  /** As `mayTakeOver` of `files/open-runs.ts`: true for one run that is at work. */
  mayTakeOver(run: string, self: string, isDead: (run: string) => boolean): boolean {
    const isOver = (one: string): boolean => isDead(one) || hasEnded(this.records(one));
    const heir = this.heirs.get(run);
    if (!this.logs.has(run) || !isOver(run)) return false;
    if (heir !== undefined && !isOver(heir)) return false;
    this.heirs.set(run, self);
    return true;
  }

  /** Who was told last to release the lock of this run. */
  heirOf(run: string): string | undefined {
    return this.heirs.get(run);
  }

  /** The last head that a run of this owner has left, as `lastLeftIn` of the same file finds it. */
  lastLeft(isOwner: (owner: Owner) => boolean): HeadRecord | null {
    let last: LeftHead | null = null;
    for (const run of this.logs.keys()) {
      const records = this.records(run);
      const end = records.at(-1);
      const left = end?.type === 'run-ended' ? leftAtEnd(end) : leftOpen(records);
      if (left !== null && isOwner(left.owner)) last = laterHead(last, left);
    }
    return last?.head ?? null;
  }

  records(run: string): AuditRecord[] {
    return recordsIn(this.logs.get(run) ?? '');
  }
}

/** An open log. Its run may die at any record, before it, in its midst or after it. */
export class SimulatedLog implements AuditLog {
  private newest: AuditRecord | null = null;
  private leaving = false;
  private readonly tally = new Tally();
  private readonly commits = new GroupCommit<AuditEntry, AuditRecord>(async (entries) =>
    this.commit(entries),
  );

  constructor(
    private readonly disk: Disk,
    private readonly run: string,
    private readonly clock: Clock,
    private readonly fortune: Fortune,
  ) {
    disk.logs.set(run, '');
  }

  last(): AuditRecord | null {
    return this.newest;
  }

  async append(entry: AuditEntry): Promise<AuditRecord> {
    if (this.leaving && isWork(entry)) throw new AppError('run-ended', 1, 'us', 'it has ended');
    if (leavesHead(entry)) this.leaving = true;
    return this.commits.put(entry);
  }

  /** All of them or none, as `RunFolder` writes them, unless the run is killed in their midst. */
  private async commit(entries: readonly AuditEntry[]): Promise<AuditRecord[]> {
    const before = this.disk.logs.get(this.run) ?? '';
    const records: AuditRecord[] = [];
    for (const entry of entries) {
      const record = this.recordOf(entry, records.at(-1) ?? this.newest);
      const line = `${JSON.stringify(record)}\n`;
      await this.fortune.moment('record');
      if (this.fortune.diskIsFull()) {
        this.disk.logs.set(this.run, before);
        throw new AppError('audit-unwritable', 1, 'user', 'the disk is full');
      }
      await this.fortune.moment('half a record', () => this.write(line.slice(0, line.length / 2)));
      this.write(line);
      records.push(record);
      await this.fortune.moment('record written');
    }
    this.newest = records.at(-1) ?? this.newest;
    for (const record of records) this.tally.note(record);
    return records;
  }

  private recordOf(entry: AuditEntry, previous: AuditRecord | null): AuditRecord {
    const context = { run: this.run, actor: 'sim', environment: 'test' };
    const at = new Date(this.clock.now()).toISOString();
    if (previous?.type === 'run-ended') throw new Error(`${this.run} has ended: ${entry.type}`);
    return recordOf(entry, context, previous, at, sha256);
  }

  /** The last record, as `RunFolder.end` writes it. */
  async end(state: string): Promise<void> {
    await this.commits.idled();
    const open = this.tally.unfinished().length;
    const { chained, left, effect } = headStandingOf(this.disk.records(this.run));
    const isLeft = chained !== null && left !== null && effect === 'took effect';
    const head = isLeft ? { head: headDetail(left), owner: { ...chained.owner } } : {};
    const detail = { open, settled: this.tally.settledRuns(), ...head };
    await this.append({ type: 'run-ended', outcome: { state, message: '' }, detail });
  }

  private write(text: string): void {
    this.disk.logs.set(this.run, (this.disk.logs.get(this.run) ?? '') + text);
  }
}

function recordsIn(text: string): AuditRecord[] {
  return text.split('\n').flatMap((line) => parseRecord(line) ?? []);
}

function hasEnded(records: readonly AuditRecord[]): boolean {
  return records.at(-1)?.type === 'run-ended';
}
