/**
 * `/api/v2/flows/datatables/{datatableId}/import/…`: rows from a CSV file.
 *
 * A job waits for its file. That goes to a pre-signed URL, which asks for no token but for the
 * headers that the job named; on the platform it leads to another host. Processing takes
 * `org.importMs` of simulated time and takes effect at its end, all at once: `advanceImports` ends
 * what is due before each request is answered. How a file is read is in `imported-rows.ts`.
 */
import type platformClient from 'purecloud-platform-client-v2';
import { witness } from './audits.js';
import { bodyOf, field, nextId, ok, param, type Call, type Reply } from './call.js';
import { linger, MAX_ROWS } from './datatable-rows.js';
import { tableOf, tableUri } from './datatables.js';
import { readRows } from './imported-rows.js';
import { heed } from './manners.js';
import { instant, NO_IMPORT_FAULTS } from './model.js';
import type { OrgObserved } from '../generated/types.js';
import type { ImportCounts, ImportJob, ImportMode, Org, Table } from './model.js';
import { badRequest, errorBody, notFound, Refusal } from './refusal.js';

type DataTableImportJob = platformClient.Models.DataTableImportJob;

/** Every path below this one takes a file. */
export const UPLOADS = '/uploads/datatables/';
export const MAX_UPLOAD_BYTES = 20_000_000;

export interface Upload {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** `POST …/import/csv/jobs`: nothing happens until the file is there. */
export function createImport(call: Call): Reply {
  const { org, at, caller } = call;
  const table = tableOf(call);
  heed(org.manners.imports?.begun);
  const mode = field(bodyOf(call), 'importMode');
  if (mode !== 'ReplaceAll' && mode !== 'Append') {
    throw badRequest("importMode must be 'ReplaceAll' or 'Append'");
  }
  const job = store(org, {
    id: nextId(org, 'import'),
    tableId: table.id,
    mode,
    status: 'WaitingForUpload',
    caller: { client: caller.client, user: caller.user },
    uploadSecret: nextId(org, 'upload'),
    dateCreated: instant(at),
    dateCompleted: null,
    counts: { updated: 0, deleted: 0, failed: 0 },
    error: null,
  });
  const body: DataTableImportJob = {
    ...showJob(job),
    uploadURI: `${call.origin}${UPLOADS}${job.id}/${job.uploadSecret}`,
    uploadHeaders: uploadHeaders(job),
  };
  return ok(body);
}

/** `GET …/import/jobs/{importJobId}`: without the URL, which is as good as a credential. */
export function showImport(call: Call): Reply {
  const table = tableOf(call);
  const id = param(call, 'importJobId');
  const job = call.org.imports.get(id);
  if (job?.tableId !== table.id) throw notFound('Import job', id);
  return ok({ ...showJob(job), ...countsAs(call.org, job) });
}

/** The counts of a job, in an org that does not count as BEHAVIOUR.md has it. */
function countsAs({ manners }: Org, { counts, status }: ImportJob): Partial<DataTableImportJob> {
  const how = manners.imports?.counts;
  if (how === 'wrong' && status === 'Succeeded') {
    return { countRecordsUpdated: counts.updated + 1 };
  }
  const none = { countRecordsUpdated: undefined, countRecordsFailed: undefined };
  return how === 'absent' ? (none as unknown as Partial<DataTableImportJob>) : {};
}

/**
 * `PUT` of the file. 400 with any `Authorization`: a storage host must never see a token. 403 for a
 * URL that no job has, or without the headers of the job. 409 when the file is there already.
 */
export function takeUpload(org: Org, upload: Upload, at: number): Reply {
  const { method, path, headers, body } = upload;
  if (method !== 'PUT') {
    throw new Refusal(405, 'method.not.allowed', 'This path takes PUT', {
      headers: { allow: 'PUT' },
    });
  }
  if (headers['authorization'] !== undefined) {
    throw badRequest('A pre-signed URL takes no Authorization header');
  }
  const [id = '', ...secret] = path.slice(UPLOADS.length).split('/');
  const job = org.imports.get(id);
  if (job?.uploadSecret !== secret.join('/')) throw denied('This URL is not valid');
  for (const [name, value] of Object.entries(uploadHeaders(job))) {
    if (headers[name.toLowerCase()] !== value) throw denied(`${name} must be '${value}'`);
  }
  const { secondFile, upload: first } = org.manners.imports ?? {};
  if (job.status !== 'WaitingForUpload') {
    heed(secondFile);
    if (secondFile !== undefined) return { status: secondFile.status };
    throw new Refusal(409, 'conflict', 'The file of this job is there already');
  }
  heed(first);
  store(org, { ...job, status: 'Processing' });
  org.importFiles.set(job.id, { dueAt: at + org.importMs, text: body });
  return { status: 200 };
}

/** A request line as it may be logged: whoever knows the end of an upload's path may upload. */
export function withoutUploadSecret(path: string): string {
  return path.replace(/(\/uploads\/datatables\/[^/]+\/).+/, '$1***');
}

/** Ends the imports that are due at `at`, in place and in the order in which they were due. */
export function advanceImports(org: Org, at: number): void {
  if (org.importFiles.size === 0) return;
  const due = [...org.importFiles]
    .filter(([, { dueAt }]) => dueAt <= at)
    .sort(([, a], [, b]) => a.dueAt - b.dueAt);
  for (const [id, { dueAt, text }] of due) {
    org.importFiles.delete(id);
    const job = org.imports.get(id);
    if (job !== undefined) store(org, carryOut(org, job, text, dueAt));
  }
}

function carryOut(org: Org, job: ImportJob, text: string, at: number): ImportJob {
  const dateCompleted = instant(at);
  const { failKeys, failJob } = org.importFaults;
  org.importFaults = NO_IMPORT_FAULTS;
  try {
    if (failJob !== null) throw new Refusal(500, 'internal.server.error', failJob);
    const table = org.tables.get(job.tableId);
    if (table === undefined) {
      throw notFound('Data table', job.tableId, 'flows.datatables.table.not.found');
    }
    const counts = importRows(org, table, job.mode, { text, failKeys, at });
    witness(
      { org, at, caller: job.caller },
      {
        serviceName: 'Datatables',
        entityType: 'Bulk',
        action: 'Update',
        entity: { id: table.id, name: table.name, selfUri: tableUri(table.id) },
        propertyChanges: [],
      },
    );
    return { ...job, status: 'Succeeded', dateCompleted, counts };
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem;
    return { ...job, status: 'Failed', dateCompleted, error: errorBody(problem, job.id) };
  }
}

/** `ReplaceAll` empties the table first, so a record that fails costs the row of its key, too. */
function importRows(
  org: Org,
  table: Table,
  mode: ImportMode,
  { text, failKeys, at }: { text: string; failKeys: ReadonlySet<string>; at: number },
): ImportCounts {
  const manners = org.manners.imports ?? {};
  if (manners.ended === 'Failed') throw badRequest('As the org of the profile ended it');
  const { rows, failed } = readRows(table, text, failKeys, manners);
  const before = [...table.rows.keys()];
  if (clears(mode, rows.size, manners)) table.rows.clear();
  let updated = 0;
  for (const [key, row] of rows) {
    const isThere = table.rows.has(key);
    if (!isThere && table.rows.size >= MAX_ROWS) continue;
    if (!isThere) linger({ org, at }, table, key);
    if (!isThere || manners.replaced !== 'kept') table.rows.set(key, row);
    updated += 1;
  }
  const deleted = before.filter((key) => !table.rows.has(key)).length;
  return { updated, deleted, failed: failed + rows.size - updated };
}

/** Whether the table is emptied before the rows of the file go in. */
function clears(
  mode: ImportMode,
  rows: number,
  { others, replaceAll, headerAlone }: NonNullable<OrgObserved['imports']>,
): boolean {
  if (mode === 'Append') return others === 'gone';
  if (rows > 0) return replaceAll !== 'kept';
  if (headerAlone === 'refused') throw badRequest('The file has no rows');
  return headerAlone !== 'keeps';
}

function store(org: Org, job: ImportJob): ImportJob {
  org.imports.set(job.id, job);
  return job;
}

function uploadHeaders({ id }: ImportJob): Record<string, string> {
  return { 'Content-Type': 'text/csv', 'x-amz-tagging': `jobId=${id}` };
}

function denied(message: string): Refusal {
  return new Refusal(403, 'access.denied', message);
}

function showJob(job: ImportJob): DataTableImportJob {
  const { id, counts, dateCompleted, error } = job;
  const { user } = job.caller;
  return {
    id,
    ...(user === null ? {} : { owner: { id: user.id, selfUri: `/api/v2/users/${user.id}` } }),
    status: job.status,
    dateCreated: job.dateCreated,
    ...(dateCompleted === null ? {} : { dateCompleted }),
    importMode: job.mode,
    ...(error === null ? {} : { errorInformation: error }),
    countRecordsUpdated: counts.updated,
    countRecordsDeleted: counts.deleted,
    countRecordsFailed: counts.failed,
    selfUri: `${tableUri(job.tableId)}/import/jobs/${id}`,
  };
}
