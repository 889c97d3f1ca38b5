/**
 * The doctor's own data table: made, written to with a record of every write, and removed again,
 * whatever happens in between. Nothing else in the org is ever written to.
 */
import { PlatformError } from '../../core/errors.js';
import { textOf, type Json, type JsonObject } from '../../core/json.js';
import type { WriteRequest } from '../../core/resource.js';
import {
  rowPath,
  rowsPath,
  schemaProblem,
  TABLE_PAGE,
  tableBody,
  TABLES_PATH,
} from '../../core/table.js';
import type { TableSpec } from '../../core/table.js';
import type { AuditLog, Examiner, Exchanged, Writer } from '../ports.js';
import { DOCTOR_STEP } from '../open-intents.js';
import { answerOf, isFine, type Bench } from './bench.js';

const NAME = 'strategos doctor';

const SPEC: Omit<TableSpec, 'name'> = {
  description:
    'Made by strategos doctor, to find out how data tables behave here, and removed by it at its ' +
    'end. Nothing uses it: where it stays, it may be deleted.',
  keyTitle: 'Key',
  columns: [
    { name: 'text', type: 'string', title: 'A text' },
    { name: 'preset', type: 'string', title: 'A text with a default' },
    { name: 'count', type: 'integer', title: 'A whole number' },
    { name: 'ratio', type: 'number', title: 'A number' },
    { name: 'flag', type: 'boolean', title: 'Yes or no' },
  ],
};

/** What a cell has that nothing is said of. */
export const PRESETS = { preset: 'preset', count: 5 } as const;

export function tableNameOf(run: string): string {
  return `${NAME} ${run} (temporary)`;
}

/** A table that an earlier doctor has left. */
export interface Left {
  readonly id: string;
  readonly name: string;
  /** The run that made it. */
  readonly run: string;
}

/** Told by name, description and columns: what merely looks like one of ours is left alone. */
export function leftIn(tables: readonly JsonObject[]): Left[] {
  return tables.flatMap((table) => {
    const name = textOf(table['name']);
    const run = /^strategos doctor (\S+) \(temporary\)$/.exec(name)?.[1];
    const isOurs = textOf(table['description']) === SPEC.description;
    if (run === undefined || !isOurs || schemaProblem({ name, ...SPEC }, table) !== null) return [];
    return [{ id: textOf(table['id']), name, run }];
  });
}

function bodyOf(name: string): JsonObject {
  const body = tableBody({ name, ...SPEC });
  const { properties } = body['schema'] as { properties: JsonObject };
  for (const [column, value] of Object.entries(PRESETS)) {
    properties[column] = { ...(properties[column] as JsonObject), default: value };
  }
  return body;
}

export type WritingBench = Bench<Writer & Examiner>;

export class OwnTable {
  readonly name: string;
  /** Whether all of it is gone; true before it was asked for. */
  removed = true;
  /** Whether it was asked for. */
  isMade = false;
  private readonly ids = new Set<string>();
  private writes = 0;

  constructor(
    readonly bench: WritingBench,
    private readonly audit: AuditLog,
    run: string,
  ) {
    this.name = tableNameOf(run);
  }

  /** Asks for a table of this name, the first time or again. */
  async make(): Promise<Exchanged> {
    this.removed = false;
    this.isMade = true;
    const answer = await this.write({ method: 'POST', path: TABLES_PATH, body: bodyOf(this.name) });
    if (isFine(answer)) this.ids.add(idIn(answer.body));
    return answer;
  }

  /** Path of the rows of the table. */
  get rows(): string {
    const [id = ''] = this.ids;
    return rowsPath(id);
  }

  get id(): string {
    const [id = ''] = this.ids;
    return id;
  }

  row(key: string): string {
    return rowPath(this.rows, key);
  }

  /** A row by its key, or what was answered in its place. */
  async shown(key: string): Promise<Exchanged> {
    return this.bench.ask({ method: 'GET', path: `${this.row(key)}?showbrief=false` });
  }

  /** Every row that the listing has, by key. */
  async listed(): Promise<Map<string, JsonObject>> {
    const { examiner } = this.bench.ports;
    this.bench.goOn();
    const rows = await examiner.list(`${this.rows}?showbrief=false`, TABLE_PAGE);
    return new Map(rows.map((row) => [textOf(row['key']), row]));
  }

  async insert(row: JsonObject): Promise<Exchanged> {
    return this.write({ method: 'POST', path: this.rows, body: row });
  }

  async replace(key: string, row: JsonObject): Promise<Exchanged> {
    return this.write({ method: 'PUT', path: this.row(key), body: row });
  }

  /** The intent is on disk before the request leaves, what was answered after. */
  async write(request: WriteRequest): Promise<Exchanged> {
    const { method, path } = request;
    this.bench.goOn();
    this.writes += 1;
    const step = `${DOCTOR_STEP} ${this.writes}`;
    const unsent = { method, path, status: null, correlationId: null };
    await this.audit.append({ type: 'intent', request: unsent, detail: { step } });
    try {
      const answer = await this.bench.ask(request);
      const { code } = answerOf(answer);
      const outcome = { state: isFine(answer) ? 'sent' : 'failed', message: code };
      await this.audit.append({
        type: 'outcome',
        request: answer.request,
        outcome,
        detail: { step },
      });
      return answer;
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      const outcome = { state: 'failed', message: error.message };
      const sent = error.request ?? unsent;
      await this.audit.append({ type: 'outcome', request: sent, outcome, detail: { step } });
      throw error;
    }
  }

  /** Removes what was made, also where no answer said that it was. Says whether all is gone. */
  async remove(): Promise<boolean> {
    if (this.removed) return true;
    const { examiner } = this.bench.ports;
    // One that nobody answered for may be there all the same; one that lags is in no listing.
    const listed = await examiner
      .list(`${TABLES_PATH}?expand=schema`, TABLE_PAGE)
      .catch(nothingOfPlatform);
    for (const one of listed === null ? [] : leftIn(listed)) {
      if (one.name === this.name) this.ids.add(one.id);
    }
    let all = listed !== null || this.ids.size > 0;
    for (const id of this.ids) {
      if (await removeTable(examiner, this.audit, id)) this.ids.delete(id);
      else all = false;
    }
    this.removed = all;
    return all;
  }
}

/** Whether the table is gone. Every write is on record. */
export async function removeTable(
  examiner: Writer & Examiner,
  audit: AuditLog,
  id: string,
): Promise<boolean> {
  const path = `${TABLES_PATH}/${encodeURIComponent(id)}`;
  const step = `${DOCTOR_STEP} remove ${id}`;
  const unsent = { method: 'DELETE', path, status: null, correlationId: null };
  await audit.append({ type: 'intent', request: unsent, detail: { step } });
  const answer = await examiner.exchange({ method: 'DELETE', path }).catch(nothingOfPlatform);
  const status = answer?.request.status ?? 0;
  // Somebody was faster.
  const isGone = (status >= 200 && status <= 299) || status === 404;
  const outcome = { state: isGone ? 'sent' : 'failed', message: '' };
  await audit.append({
    type: 'outcome',
    request: answer?.request ?? unsent,
    outcome,
    detail: { step },
  });
  return isGone;
}

function idIn(body: Json): string {
  return textOf((body as JsonObject | null)?.['id']);
}

function nothingOfPlatform(error: unknown): null {
  if (error instanceof PlatformError) return null;
  throw error;
}
