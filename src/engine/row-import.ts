/**
 * Rows of a data table by the platform's own import: a job is asked for, its file goes to the
 * address that the job names, and the job is awaited.
 *
 * The mode is always `Append`, which inserts rows and replaces rows by their keys: the other mode
 * deletes what is not in the file, and a table may well have rows that are not ours.
 *
 * Each row has an intent on disk before the file is sent, as if it went by itself; rows of one
 * object have one together. What became of a row the job does not say, only how many rows it wrote:
 * whoever sends a file looks, and then calls `conclude`.
 */
import { PlatformError } from '../core/errors.js';
import { isObject, textOf, type Json, type JsonObject } from '../core/json.js';
import { plural } from '../core/plural.js';
import { csvOf, importPath, importsPath } from '../core/table.js';
import type { Address, Exact, RequestRecord } from '../core/types.js';
import { visible } from '../core/visible.js';
import { foundDetail, type Ledger } from './ledger.js';
import { steadyMs, type Answer, type Clock, type Event, type Events } from './ports.js';

export interface ImportPorts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly events: Events;
}

/** What the records of a write in the audit log say of it. */
export interface Noted {
  readonly address: Address;
  /** As the write would be called by itself. */
  readonly step: string;
  readonly before?: JsonObject | null;
  readonly after?: JsonObject | null;
  /** See `WriteContext`. */
  readonly found?: Exact | null;
  /** It was nobody's: on record before it is so, since nothing claims it. */
  readonly adopts?: boolean;
}

/** One row of a file. */
export interface Line extends Noted {
  readonly row: JsonObject;
}

interface AnyFile {
  readonly what: Extract<Event, { readonly type: 'importing' }>['what'];
  /** Path of the rows of the table. */
  readonly rows: string;
  /** The key first. */
  readonly columns: readonly string[];
}

/** Every row is a write of its own. */
export interface RowFile extends AnyFile {
  readonly lines: readonly Line[];
}

/** All rows together are one write: they belong to one object. */
export interface WholeFile extends AnyFile {
  readonly lines: readonly Pick<Line, 'row'>[];
  readonly whole: Noted;
}

export type ImportFile = RowFile | WholeFile;

export interface Job {
  readonly id: string;
  /** `Succeeded, 10 rows written, 2 failed`: what the platform says of it. */
  readonly said: string;
  readonly status: string;
  /** Every row was written, so that none has to be looked for. */
  readonly complete: boolean;
  /** The request that told. */
  readonly request: RequestRecord;
}

export type Imported =
  /** No file was taken: the table is as it was. */
  | { readonly is: 'nothing'; readonly why: string }
  | { readonly is: 'ended'; readonly job: Job }
  /** It may write its rows at any time. `error`: what kept us from seeing how it goes on. */
  | { readonly is: 'open'; readonly job: Job; readonly error: PlatformError | null };

/** What became of one row. */
export interface RowOutcome {
  readonly state: 'sent' | 'failed' | 'open';
  readonly message: string;
}

/** Jobs have at least this long, however short activations may take. */
export const LEAST_PATIENCE_MS = 60_000;

const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 5000;
const LONGEST_TEXT = 300;

export class RowImports {
  constructor(
    private readonly ports: ImportPorts,
    /** How long a job may take. */
    private readonly patienceMs: number,
  ) {}

  /** Rejects for no answer of the platform. */
  async run(file: ImportFile): Promise<Imported> {
    const { ledger, events } = this.ports;
    events.emit({ type: 'importing', what: file.what, rows: file.lines.length });
    const begun = await this.begin(file).catch(onlyPlatform);
    // Without a file a job does nothing, whether it is there or not.
    if (begun instanceof PlatformError) {
      if (begun.unclear) await this.closeOpen(file, begun);
      return { is: 'nothing', why: begun.message };
    }
    const { job, upload } = begun;
    const unsent = { ...job.request, status: null, correlationId: null };
    const intents = writesIn(file).map(async ({ noted, body }) => {
      const { step, found, adopts = false, ...about } = noted;
      const taken = adopts ? { adopts } : {};
      const detail = { step, job: job.id, ...taken, ...foundDetail(found), body };
      return ledger.audit.append({ ...about, type: 'intent', request: unsent, detail });
    });
    await Promise.all(intents);
    const sent = await upload(csvOf(file.columns, rowsOf(file))).catch(onlyPlatform);
    const doubt = sent instanceof PlatformError ? sent : null;
    if (doubt !== null && !mayHaveArrived(doubt)) return this.nothing(file, job, doubt);
    const end = await this.awaitEnd(file, job);
    await this.note(file, end);
    if (end.error === null && isOver(end.job)) return { is: 'ended', job: end.job };
    const waits = end.error === null && end.job.status === WAITING;
    if (doubt !== null && waits) return this.nothing(file, end.job, doubt);
    return { is: 'open', ...end };
  }

  /** Puts on record what became of each write. */
  async conclude(
    file: ImportFile,
    job: Job,
    verdictOn: (noted: Noted) => RowOutcome,
  ): Promise<void> {
    const { id, request } = job;
    const outcomes = writesIn(file).map(async ({ noted }) => {
      const { address, before = null, after = null, step } = noted;
      const about = { address, before, after, request, detail: { step, job: id } };
      return this.ports.ledger.audit.append({
        ...about,
        type: 'outcome',
        outcome: verdictOn(noted),
      });
    });
    await Promise.all(outcomes);
  }

  private async begin(file: ImportFile): Promise<Begun> {
    const { ledger } = this.ports;
    const path = importsPath(file.rows);
    const answer = await ledger.send(
      { method: 'POST', path, body: { importMode: 'Append' } },
      { step: stepOf(file), detail: { rows: file.lines.length } },
    );
    const { body } = answer;
    const { address, headers } = uploadIn(body);
    const job = jobOf(answer, textOf(body?.['id']), file);
    if (job.id === '' || address === '') throw unusable(answer.request);
    return { job, upload: async (text) => ledger.writer.upload(address, headers, text) };
  }

  /** Whether the job is there was left open, and matters to nobody. */
  private async closeOpen(file: ImportFile, { message, request }: PlatformError): Promise<void> {
    await this.ports.ledger.audit.append({
      type: 'outcome',
      ...(request === undefined ? {} : { request }),
      outcome: { state: 'failed', message: `${message}; without its file a job changes nothing` },
      detail: { step: stepOf(file) },
    });
  }

  private async nothing(file: ImportFile, job: Job, error: PlatformError): Promise<Imported> {
    const { request = job.request, message } = error;
    await this.conclude(file, { ...job, request }, () => ({ state: 'failed', message }));
    return { is: 'nothing', why: message };
  }

  private async awaitEnd(
    file: ImportFile,
    begun: Job,
  ): Promise<{ readonly job: Job; readonly error: PlatformError | null }> {
    const { ledger, clock, events } = this.ports;
    const deadline = steadyMs(clock) + this.patienceMs;
    const path = importPath(file.rows, begun.id);
    const reason = `the import of ${plural(file.lines.length, file.what)} is under way`;
    let job = begun;
    for (let delayMs = FIRST_POLL_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_POLL_MS)) {
      const ms = Math.min(delayMs, deadline - steadyMs(clock));
      if (ms <= 0) return { job, error: null };
      events.emit({ type: 'waiting', reason, ms });
      await clock.sleep(ms);
      const answer = await ledger.writer.get(path).catch(onlyPlatform);
      if (answer instanceof PlatformError) return { job, error: answer };
      job = jobOf(answer, begun.id, file);
      if (isOver(job)) return { job, error: null };
    }
  }

  /** Puts on record how the job went, which concerns all of its rows. */
  private async note(
    file: ImportFile,
    { job, error }: { readonly job: Job; readonly error: PlatformError | null },
  ): Promise<void> {
    const state = error === null ? job.status : 'open';
    await this.ports.ledger.audit.append({
      type: 'outcome',
      request: error?.request ?? job.request,
      outcome: { state, message: error?.message ?? job.said },
      detail: { step: stepOf(file), job: job.id },
    });
  }
}

interface Begun {
  readonly job: Job;
  readonly upload: (text: string) => Promise<Answer>;
}

const WAITING = 'WaitingForUpload';

/** Where a job wants its file, and what has to go with it; no address where it does not say. */
export function uploadIn(body: JsonObject | null): {
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  const named = body?.['uploadHeaders'];
  const texts = Object.entries(isObject(named) ? named : {}).map(
    ([name, value]): [string, string] => [name, textOf(value)],
  );
  return { address: textOf(body?.['uploadURI']), headers: Object.fromEntries(texts) };
}

/** What goes on record of a file: a write for every row, or one for all of them. */
function writesIn(file: ImportFile): { readonly noted: Noted; readonly body: Json }[] {
  if ('whole' in file) return [{ noted: file.whole, body: rowsOf(file) }];
  return file.lines.map(({ row, ...noted }) => ({ noted, body: row }));
}

function isOver({ status }: Job): boolean {
  return status === 'Succeeded' || status === 'Failed';
}

/** The storage has a file of this job already, or did not say: a second look tells. */
function mayHaveArrived({ fault, code }: PlatformError): boolean {
  return fault === 'conflict' || (fault === 'unavailable' && code !== 'nobody-there');
}

function stepOf({ what }: AnyFile): string {
  return `import ${what}s`;
}

function rowsOf({ lines }: ImportFile): JsonObject[] {
  return lines.map(({ row }) => row);
}

function jobOf({ body, request }: Answer, id: string, { lines }: ImportFile): Job {
  const count = (name: string): number | null => {
    const value = body?.[name];
    return typeof value === 'number' ? value : null;
  };
  const status = shown(textOf(body?.['status']));
  const failed = count('countRecordsFailed');
  const written = count('countRecordsUpdated');
  const counts = `${plural(written ?? 0, 'row')} written, ${failed ?? 0} failed`;
  const { code, message } = errorIn(body);
  const reason = [code, message].filter((part) => part !== '').join(': ');
  const complete = status === 'Succeeded' && failed === 0 && written === lines.length;
  const said = [`${status}, ${counts}`, reason].filter((part) => part !== '').join(': ');
  return { id, status, said, complete, request };
}

function errorIn(body: JsonObject | null): { readonly code: string; readonly message: string } {
  const error = body?.['errorInformation'];
  const { code, message } = isObject(error) ? error : {};
  return { code: shown(textOf(code)), message: shown(textOf(message)) };
}

/** Without addresses: that of a file is as good as a credential. */
function shown(text: string): string {
  const line = visible(text.replace(/https?:\/\/\S+/gi, '(an address)'));
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT).toWellFormed()}…` : line;
}

function unusable(request: RequestRecord): PlatformError {
  const message = `${request.method} ${request.path} did not say where to send the rows`;
  return new PlatformError('unavailable', 'unreadable-answer', message, { request });
}

function onlyPlatform(error: unknown): PlatformError {
  if (error instanceof PlatformError) return error;
  throw error;
}
