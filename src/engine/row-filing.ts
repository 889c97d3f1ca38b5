/**
 * Rows of one object in one file. What is promised is what `row-import.ts` promises: the intent of
 * the file is on disk before it is sent; what became of it is read back, and only then said.
 *
 * A file that was not taken has changed nothing, and its rows go one by one. Once its job has
 * ended, rows that are not as they were sent go one by one as well, where the platform says what is
 * wrong with each. While nobody can tell whether it has ended, nothing more is sent.
 */
import { same } from '../core/canonical.js';
import { PlatformError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { stepOf } from '../core/part.js';
import { plural } from '../core/plural.js';
import type { PartRequest } from '../core/resource.js';
import { witnessesOf } from '../core/row-traffic.js';
import { KEY, rowPath } from '../core/table.js';
import type { Address, Exact, RequestRecord } from '../core/types.js';
import { Ended, OPEN_HINT, openText } from './ending.js';
import type { ExecutePorts } from './execution.js';
import type { Ledger } from './ledger.js';
import { MOST_SINGLY } from './looks.js';
import { itemOrNull } from './observe.js';
import { itemsOf, type FiledRows, type PartWrite } from './parts.js';
import { LEAST_PATIENCE_MS, RowImports, type Job, type WholeFile } from './row-import.js';

/** The object that the rows belong to. `at`: its path; `root`: the path of all of its kind. */
export interface Owning {
  readonly address: Address;
  readonly root: string;
  readonly id: string;
  readonly at: string;
  readonly before?: JsonObject | null;
  readonly after?: JsonObject | null;
  readonly found?: Exact | null;
}

export interface Filed {
  /** What has to go one by one. */
  readonly left: readonly PartWrite[];
  /** What was done, for people; empty for nothing. */
  readonly said: string;
  readonly request: RequestRecord | null;
}

export class RowFiling {
  private readonly imports: RowImports;

  constructor(
    private readonly ports: ExecutePorts,
    private readonly ledger: Ledger,
    activationTimeoutMs: number,
  ) {
    const { clock, events } = ports;
    const patienceMs = Math.max(activationTimeoutMs, LEAST_PATIENCE_MS);
    this.imports = new RowImports({ ledger, clock, events }, patienceMs);
  }

  /** `Ended` where nobody can tell what became of the file. */
  async run(rows: FiledRows, of: Owning): Promise<Filed> {
    const file = fileOf(rows, of);
    const imported = await this.imports.run(file);
    if (imported.is === 'nothing') {
      this.ports.events.emit({ type: 'not-imported', reason: imported.why });
      return { left: rows.writes, said: '', request: null };
    }
    const { job } = imported;
    if (imported.is === 'open') return this.leaveOpen(file, job, imported.error);
    const there = (await this.isAsCounted(rows, of, job)) ? null : await this.found(rows, of);
    if (there instanceof PlatformError) return this.leaveOpen(file, job, there);
    const left = there === null ? [] : unwritten(rows, of.at, there);
    const written = rows.rows.length - left.length;
    const message = left.length === 0 ? '' : job.said;
    const state = written === 0 ? 'failed' : 'sent';
    await this.imports.conclude(file, job, () => ({ state, message }));
    if (left.length > 0) {
      const reason = `${plural(left.length, 'row')} of ${rows.rows.length}: ${job.said}`;
      this.ports.events.emit({ type: 'not-imported', reason });
    }
    const said = written === 0 ? '' : `${rows.part.field}: ${written} by import`;
    return { left, said, request: job.request };
  }

  private async leaveOpen(file: WholeFile, job: Job, error: PlatformError | null): Promise<never> {
    const message = openText({ error }, `import job ${job.id}: ${job.said}`);
    await this.imports.conclude(file, job, () => ({ state: 'open', message }));
    throw new Ended('failed', `${file.whole.step}: ${message}`, OPEN_HINT);
  }

  /** The job counts every row as written, and those that tell most read as they were sent. */
  private async isAsCounted({ rows, rowsOf }: FiledRows, of: Owning, job: Job): Promise<boolean> {
    if (!job.complete) return false;
    const path = rowsOf.path(of.at);
    const looks = witnessesOf(rows).map(async (row) => {
      const at = `${rowPath(path, rowsOf.keyOf(row))}?showbrief=false`;
      return same(await itemOrNull(this.ledger.writer, at), row);
    });
    try {
      return (await Promise.all(looks)).every((isSame) => isSame);
    } catch (error) {
      if (error instanceof PlatformError) return false;
      throw error;
    }
  }

  private async found(rows: FiledRows, of: Owning): Promise<readonly JsonObject[] | PlatformError> {
    try {
      const listed = await itemsOf(this.ledger.writer, rows.part, of.root, of.id);
      return await this.withUnlisted(rows, of, listed);
    } catch (error) {
      if (error instanceof PlatformError) return error;
      throw error;
    }
  }

  /** A listing lags behind what was just written: a few that it lacks are asked for singly. */
  private async withUnlisted(
    { rows, rowsOf }: FiledRows,
    of: Owning,
    listed: readonly JsonObject[],
  ): Promise<readonly JsonObject[]> {
    const keys = new Set(listed.map((row) => rowsOf.keyOf(row)));
    const missing = rows.map((row) => rowsOf.keyOf(row)).filter((key) => !keys.has(key));
    if (missing.length > MOST_SINGLY) return listed;
    const path = rowsOf.path(of.at);
    const found = await Promise.all(
      missing.map(async (key) =>
        itemOrNull(this.ledger.writer, `${rowPath(path, key)}?showbrief=false`),
      ),
    );
    return [...listed, ...found.filter((row) => row !== null)];
  }
}

function fileOf({ part, rowsOf, rows }: FiledRows, of: Owning): WholeFile {
  const { address, before, after, found, at } = of;
  const names = Object.keys(rows[0] ?? {}).filter((name) => name !== KEY);
  return {
    what: 'row',
    rows: rowsOf.path(at),
    columns: [KEY, ...names],
    lines: rows.map((row) => ({ row })),
    whole: {
      address,
      step: stepOf(part),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      ...(found === undefined ? {} : { found }),
    },
  };
}

/** The writes of what is not as it was sent, each as it takes it by now. */
function unwritten(
  { part, rowsOf, rows, writes }: FiledRows,
  at: string,
  there: readonly JsonObject[],
): PartWrite[] {
  const keys = new Set(there.map((row) => rowsOf.keyOf(row)));
  return rows.flatMap((row, index) => {
    const write = writes[index];
    if (write === undefined) return [];
    const request: PartRequest = rowsOf.write(at, row, keys.has(rowsOf.keyOf(row)));
    return part.isDone(request, there) ? [] : [{ ...write, request }];
  });
}
