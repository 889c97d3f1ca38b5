/**
 * Changes that are rows of a data table, in one file where that takes fewer requests than one by
 * one; what it leaves over goes one by one.
 *
 * The promises are those of `execute.ts`: intents before the file is sent and outcomes after, row
 * by row; nothing is written that is not what the plan saw, which is looked at right before the
 * file is sent; claims before new and nobody's rows, records after. A job only counts: where
 * it has not written every row, or the longest does not read as it was sent, what became of each is
 * looked at. So an edit counts as overwritten by nobody only when it was made before the look: the
 * platform works on a file for seconds, on one row for a moment.
 *
 * Whatever keeps a file from being taken, nothing was changed by then, and the changes go one by
 * one. Once it was taken, nothing is sent again: its rows have an outcome, whatever that is.
 */
import { same } from '../core/canonical.js';
import { EXIT, PlatformError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import type { Resource, WriteStep } from '../core/resource.js';
import { blocks, kindName, objectName } from '../core/outcome.js';
import { preconditionOf } from '../core/plan.js';
import type { StateRecord } from '../core/state.js';
import { wholeRow } from '../core/table.js';
import type { Address, Change, CheckResult, Exact } from '../core/types.js';
import {
  DONE,
  haltFor,
  MOVED_HINT,
  movedText,
  OPEN_HINT,
  openText,
  UNRECORDED_HINT,
  unrecordedText,
  type Halt,
} from './ending.js';
import type { Endings } from './endings.js';
import { exactOf } from './exact.js';
import { idOfIn, recordedOf, type ExecuteInput, type ExecutePorts } from './execution.js';
import type { Table } from './homes.js';
import { Ledger } from './ledger.js';
import type { Bound } from './bind.js';
import { RowLooks } from './row-looks.js';
import {
  LEAST_PATIENCE_MS,
  RowImports,
  type Imported,
  type Job,
  type Line,
  type RowFile,
} from './row-import.js';
import { loadOf, pays, type BulkLoad } from './bulk-load.js';

export interface InBulk {
  readonly halt: Halt | null;
  readonly wrote: boolean;
}

/** Rejects never: what went wrong is in the endings and the halt. */
export async function inBulk(
  ports: ExecutePorts,
  input: ExecuteInput,
  changes: readonly Change[],
  endings: Endings,
): Promise<InBulk> {
  let halt: Halt | null = null;
  let wrote = false;
  for (const name of new Set(changes.map(({ address }) => kindName(address)))) {
    const bound = input.binding.of(name);
    const table = input.imports?.tableOf(bound.kind) ?? null;
    // What is given up gets no record, and goes by itself.
    const ofKind = changes.filter(
      ({ address }) => kindName(address) === name && input.disowned?.has(address) !== true,
    );
    if (table === null || halt !== null || input.interrupted()) continue;
    const run = new BulkRun(ports, input, { bound, table }, endings);
    await run.run(ofKind);
    ({ halt } = run);
    wrote ||= run.wrote;
  }
  return { halt, wrote };
}

/** The one write of a change that may go in a file; `null` for what is more than one, or none. */
export function writeInBulk(
  change: Change,
  resource: Resource,
  root: string,
  known: StateRecord | null,
): { readonly write: WriteStep; readonly checked: boolean } | null {
  const { action, waitsFor, closes } = change;
  if (resource.isBulk !== true || waitsFor.length > 0 || closes !== undefined) return null;
  if (action === 'delete' || action === 'replace') return null;
  // On record as made, and not listed: whether it is really gone has to be looked at.
  if (change.action === 'create' && known !== null && known.id !== null) return null;
  const steps = resource.steps({ ...change, action }, root);
  const write = steps.at(-1);
  const before = steps.slice(0, -1);
  if (write?.do !== 'write' || before.some((step) => step.do !== 'check')) return null;
  return { write, checked: before.length > 0 };
}

/** A change that could go in a file. */
interface Task {
  readonly change: Change;
  readonly write: WriteStep;
  /** Its checks as they are now; `null` where it is not held back by any. */
  readonly checks: readonly CheckResult[] | null;
}

/** The file of rows, and the changes behind its lines. */
interface Shipment {
  readonly file: RowFile;
  readonly tasks: ReadonlyMap<Address, Task>;
}

/** The changes of one kind on their way through their jobs. */
class BulkRun {
  halt: Halt | null = null;
  wrote = false;
  private readonly bound: Bound;
  private readonly table: Table;
  private readonly resource: Resource;
  private readonly root: string;
  private readonly imports: RowImports;
  private readonly looks: RowLooks;

  constructor(
    private readonly ports: ExecutePorts,
    private readonly input: ExecuteInput,
    { bound, table }: { readonly bound: Bound; readonly table: Table },
    private readonly endings: Endings,
  ) {
    this.bound = bound;
    this.table = table;
    this.resource = bound.resource;
    this.root = input.rootOf(bound);
    const { writer, audit, clock, events } = ports;
    const ledger = new Ledger(writer, audit, ports);
    const patienceMs = Math.max(input.activationTimeoutMs, LEAST_PATIENCE_MS);
    this.imports = new RowImports({ ledger, clock, events }, patienceMs);
    this.looks = new RowLooks(writer, clock, bound, this.root, input.catalog);
  }

  async run(changes: readonly Change[]): Promise<void> {
    const candidates = changes.flatMap((change) => this.taskFor(change) ?? []);
    if (!pays(this.loadOf(candidates))) return;
    try {
      const tasks = await this.passing(candidates);
      if (pays(this.loadOf(tasks))) await this.carryOut(tasks);
    } catch (error) {
      const open = candidates.filter(({ change }) => this.endings.of(change.address) === undefined);
      for (const { change } of open) {
        const halt = this.endings.lose(change, error);
        this.halt ??= halt;
      }
    }
  }

  private taskFor(change: Change): Task | null {
    const known = this.ports.ownership.known(change.address);
    const found = writeInBulk(change, this.resource, this.root, known);
    return found === null
      ? null
      : { change, write: found.write, checks: found.checked ? [] : null };
  }

  private loadOf(tasks: readonly Task[]): BulkLoad {
    const there = this.input.imports?.rowCount(this.bound.kind) ?? 0;
    return loadOf(
      tasks.map(({ change }) => change),
      there,
    );
  }

  /** What may not become active has steps of its own, and takes them by itself. */
  private async passing(tasks: readonly Task[]): Promise<Task[]> {
    const found: Task[] = [];
    for (const task of tasks) {
      const checks = task.checks === null ? null : await this.checked(task.change);
      if (checks === 'unknown') continue;
      if (checks === null || !checks.some(blocks)) found.push({ ...task, checks });
    }
    return found;
  }

  /** One by one, a change whose checks cannot be asked fails alone. */
  private async checked(change: Change): Promise<CheckResult[] | 'unknown'> {
    try {
      return await this.input.recheck(change);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      return 'unknown';
    }
  }

  private async carryOut(tasks: readonly Task[]): Promise<void> {
    const claimed = await this.reserve(tasks);
    // What was claimed and not made is claimed for good: the next run makes it.
    if (claimed.length === 0 || this.halt !== null || this.input.interrupted()) return;
    const shipment = await this.load(claimed);
    if (shipment === null || shipment.tasks.size === 0) return;
    const { file } = shipment;
    const imported = await this.imports.run(file);
    if (imported.is === 'nothing') {
      this.giveUp(imported.why);
      return;
    }
    this.wrote = true;
    if (imported.is === 'open') await this.leaveOpen(shipment, imported);
    else await this.look(shipment, imported.job);
  }

  /** The tasks that may go on: what is new, or nobody's, only once it is claimed. */
  private async reserve(tasks: readonly Task[]): Promise<Task[]> {
    const claiming = tasks.filter(isClaimed);
    if (claiming.length === 0) return [...tasks];
    const notes = claiming.map(({ change: { address, after, id } }) => ({
      address,
      id: null,
      fields: after ?? {},
      ...(id === null ? {} : { adopts: id }),
    }));
    const { addresses, why, open } = await this.ports.ownership.keepAll(
      'claim',
      notes,
      this.imports,
    );
    if (open !== null) {
      this.stopAt(claiming, open.error);
      for (const { change } of claiming) {
        const is = openText(open, why);
        const message = `not ${DONE[change.action]}, because its claim is open: ${is}`;
        await this.endings.record(change, { state: 'failed', message, hint: OPEN_HINT });
      }
      return [];
    }
    if (why !== '') this.giveUp(why);
    if (addresses.size === 0) return [];
    return tasks.filter((task) => !isClaimed(task) || addresses.has(task.change.address));
  }

  /** The file of what is still as the plan saw it; `null` when there can be none. */
  private async load(tasks: readonly Task[]): Promise<Shipment | null> {
    const rows = await this.looks.before(
      tasks.map((task) => this.keyOf(task)),
      this.loadOf(tasks),
    );
    if (rows instanceof PlatformError) {
      this.giveUp(rows.message);
      return null;
    }
    const known = new Set(this.table.columns);
    const named = new Set([...rows.values()].flatMap((row) => Object.keys(row)));
    const stranger = [...named].find((name) => !known.has(name));
    if (stranger !== undefined) {
      // What it holds, or would hold in a new row, is not known: a file would empty it.
      this.giveUp(`the table has a column "${stranger}" that it did not have before`);
      return null;
    }
    const kept = new Map<Address, Task>();
    const lines: Line[] = [];
    for (const task of tasks) {
      const { address } = task.change;
      const line = this.lineFor(task, rows);
      if (typeof line === 'string') {
        await this.endings.record(task.change, { state: 'stale', message: line, hint: MOVED_HINT });
        if (isClaimed(task))
          await this.tidy(address, async (ownership) => ownership.unreserve(address));
        continue;
      }
      lines.push(line);
      kept.set(address, task);
    }
    const checked = [...kept.values()];
    await Promise.all(checked.map(async (one) => this.recordChecks(one.change, one.checks)));
    const { columns, rows: path } = this.table;
    return { file: { what: 'row', rows: path, columns, lines }, tasks: kept };
  }

  /** The line of a change, or what has moved in its way. */
  private lineFor({ change, write }: Task, rows: ReadonlyMap<string, JsonObject>): Line | string {
    const { address, action, id, precondition, before, after } = change;
    const idOf = idOfIn(this.input);
    const row = id === null ? undefined : rows.get(id);
    if (id !== null && row === undefined) return movedText('deleted');
    if (row !== undefined) {
      const now = preconditionOf(this.looks.live(row), this.ports.hash);
      if (!same({ ...now }, { ...precondition })) return movedText('changed');
    }
    const read = row === undefined ? null : this.resource.read(row);
    const standing =
      read === null ? null : { id: read.id, version: read.version, entity: row ?? null };
    const { body = {} } = write.request(standing, idOf);
    if (id === null && rows.has(this.looks.idOf(body))) return movedText('taken');
    const found = row === undefined ? null : this.exact(change, row);
    const noted = { address, before, after, found, step: write.name, adopts: action === 'adopt' };
    return { ...noted, row: wholeRow(this.table, body) };
  }

  private exact({ address, before }: Change, entity: JsonObject): Exact | null {
    if (before === null) return null;
    const name = objectName(address);
    const { catalog } = this.input;
    return exactOf(this.bound, { entity, fields: before, name }, catalog, false);
  }

  private async recordChecks({ address }: Change, checks: Task['checks']): Promise<void> {
    if (checks === null) return;
    await this.ports.audit.append({
      type: 'checked',
      address,
      outcome: { state: 'passed', message: '' },
      detail: { checks: checks as unknown as JsonObject[] },
    });
  }

  /** The job has ended; what it made of each row is in the table. */
  private async look({ file, tasks }: Shipment, job: Job): Promise<void> {
    const isCounted = await this.looks.isAsCounted(file, job);
    const rows = isCounted ? this.looks.asSent(file) : await this.looks.after(file);
    if (rows instanceof PlatformError) {
      return this.leaveOpen({ file, tasks }, { is: 'open', job, error: rows });
    }
    const asPlanned = new Set<Address>();
    const failed: { readonly line: Line; readonly row: JsonObject | null | undefined }[] = [];
    for (const line of file.lines) {
      const row = rows.get(this.looks.idOf(line.row));
      if (this.looks.isAsSent(row ?? null, line)) asPlanned.add(line.address);
      else failed.push({ line, row });
    }
    const message = `not written by import job ${job.id}: ${job.said}`;
    await this.imports.conclude(file, job, ({ address }) =>
      asPlanned.has(address) ? { state: 'sent', message: '' } : { state: 'failed', message },
    );
    await this.record(
      file.lines.filter(({ address }) => asPlanned.has(address)),
      tasks,
    );
    for (const { line, row } of failed) {
      const task = tasks.get(line.address);
      if (task === undefined) continue;
      const isKnown = row !== undefined && this.halt === null;
      if (isClaimed(task) && isKnown) await this.keepHalf(task, row, job);
      const request = job.request;
      await this.endings.record(
        task.change,
        { state: 'failed', message, hint: FAILED_HINT },
        request,
      );
    }
  }

  private async record(lines: readonly Line[], tasks: ReadonlyMap<Address, Task>): Promise<void> {
    const notes = lines.map((line) => ({
      address: line.address,
      id: this.resource.read(line.row).id,
      fields: recordedOf(this.input, line) ?? {},
    }));
    if (notes.length === 0) return;
    const { ownership } = this.ports;
    const kept = await ownership.keepAll('record', notes, this.imports);
    if (kept.open !== null) this.stopAt([...tasks.values()], kept.open.error);
    else if (kept.why !== '') this.giveUp(kept.why);
    const together: Promise<void>[] = [];
    for (const { address, id, fields } of notes) {
      const task = tasks.get(address);
      if (task === undefined) continue;
      const { change } = task;
      if (kept.addresses.has(address)) {
        together.push(this.endings.record(change, { state: DONE[change.action], message: '' }));
        continue;
      }
      await Promise.all(together.splice(0));
      const why =
        this.halt !== null
          ? openText(kept.open, kept.why)
          : await this.recordOwnership(address, id, fields);
      const message = why === null ? '' : unrecordedText(change.action, why);
      await this.endings.record(
        change,
        why === null
          ? { state: DONE[change.action], message }
          : { state: 'failed', message, hint: UNRECORDED_HINT },
      );
    }
    await Promise.all(together);
  }

  /** One record by itself; what kept it from being written, or `null`. */
  private async recordOwnership(
    address: Address,
    id: string,
    fields: JsonObject,
  ): Promise<string | null> {
    try {
      await this.ports.ownership.recordOwnership(address, id, fields);
      return null;
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      this.halt = haltFor(error, address);
      return error.message;
    }
  }

  /**
   * A create or an adoption that failed: what it has written is ours, and where it wrote nothing,
   * nothing is. A job that failed as a whole leaves the claims, of which there may be thousands, to
   * the next run.
   */
  private async keepHalf({ change }: Task, row: JsonObject | null, job: Job): Promise<void> {
    if (job.status !== 'Succeeded') return;
    const { address, precondition } = change;
    await this.tidy(address, async (ownership) => {
      const is = row === null ? null : preconditionOf(this.looks.live(row), this.ports.hash);
      const isAsBefore = is !== null && same({ ...is }, { ...precondition });
      if (row === null || isAsBefore) return ownership.unreserve(address);
      return ownership.recordOwnership(
        address,
        this.resource.read(row).id,
        this.looks.live(row).fields,
      );
    });
  }

  private async tidy(
    address: Address,
    act: (ownership: ExecutePorts['ownership']) => Promise<void>,
  ): Promise<void> {
    try {
      await act(this.ports.ownership);
    } catch (problem) {
      if (!(problem instanceof PlatformError)) throw problem;
      const outcome = { state: 'claim left as it was', message: problem.message };
      await this.ports.audit.append({
        type: 'outcome',
        address,
        outcome,
        detail: { step: 'record' },
      });
    }
  }

  /** The file was taken, and nobody has seen the end of it. */
  private async leaveOpen(
    { file, tasks }: Shipment,
    { job, error }: Extract<Imported, { readonly is: 'open' }>,
  ): Promise<void> {
    const message = openText({ error }, `import job ${job.id}: ${job.said}`);
    this.stopAt([...tasks.values()], error);
    await this.imports.conclude(file, job, () => ({ state: 'open', message }));
    for (const { change } of tasks.values()) {
      await this.endings.record(change, { state: 'failed', message, hint: OPEN_HINT }, job.request);
    }
  }

  /** The key of the row that a change is about. */
  private keyOf({ change, write }: Task): string {
    if (change.id !== null) return change.id;
    const idOf = idOfIn(this.input);
    return this.looks.idOf(write.request(null, idOf).body ?? {});
  }

  private giveUp(reason: string): void {
    this.ports.events.emit({ type: 'not-imported', reason });
  }

  private stopAt(tasks: readonly Task[], error: PlatformError | null): void {
    const address = tasks[0]?.change.address ?? '';
    const halt = haltFor(error, address);
    this.halt = halt ?? { exitCode: EXIT.incomplete, why: 'the run stopped at an import' };
  }
}

/** What has no record of its own yet is claimed before it is written. */
function isClaimed({ change }: Task): boolean {
  return change.action === 'create' || change.action === 'adopt';
}

const FAILED_HINT =
  'apply again; if that fails as well, apply a few at a time with --target: they go one by one, ' +
  'and the platform then says what is wrong with each';
