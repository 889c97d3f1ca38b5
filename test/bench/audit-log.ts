/** The log of an apply made by rule, as long as is wanted: what is verified is what was written. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { recordOf, type AuditEntry, type AuditRecord } from '../../src/core/audit.js';
import type { JsonObject } from '../../src/core/json.js';
import { recordRow } from '../../src/core/state.js';
import { sha256 } from '../../src/files/digest.js';
import { AUDIT_FILE } from '../../src/files/runs.js';
import { rowsOf } from './pure.js';

const RUN = '20260302T090000000Z-apply-00000001';
const AT = '2026-03-02T09:00:00.000Z';
const CONTEXT = { run: RUN, actor: 'bench', environment: 'bench' };
const OWNER = { name: 'bench', environment: 'bench' };
const REQUEST = { method: 'GET', path: '/api/v2/flows/datatables/1/import/jobs/1', status: 200 };

/** Writes it into a folder of runs, whose path is returned. */
export function writeLog(folder: string, count: number): string {
  const runs = path.join(folder, 'runs');
  mkdirSync(path.join(runs, RUN), { recursive: true });
  const lines: string[] = [];
  let previous: AuditRecord | null = null;
  for (const entry of entriesOf(count)) {
    previous = recordOf(entry, CONTEXT, previous, AT, sha256);
    lines.push(`${JSON.stringify(previous)}\n`);
  }
  writeFileSync(logIn(runs), lines.join(''));
  return runs;
}

export function logIn(runs: string): string {
  return path.join(runs, RUN, AUDIT_FILE);
}

/** Seven of every strategy that is made: an apply of so many files of rows has them in this order. */
function entriesOf(count: number): AuditEntry[] {
  const made = Math.ceil((count - 2) / 7);
  const entries = rowsOf(made).flatMap(({ address, row, fields }): AuditEntry[] => {
    const about = { address, before: null };
    const record = recordRow(
      { address, owner: OWNER, id: null, applied: fields, run: RUN, at: AT },
      sha256,
    );
    return [
      ...written('claim', record, about),
      ...written('create', row, { ...about, after: fields }),
      ...written('record', record, about),
      {
        type: 'outcome',
        ...about,
        after: fields,
        outcome: { state: 'created', message: '' },
        detail: { step: 'change' },
      },
    ];
  });
  return [
    { type: 'run-started', detail: { command: 'apply' } },
    ...entries.slice(0, count - 2),
    { type: 'run-ended', outcome: { state: 'applied', message: '' }, detail: { open: 0 } },
  ];
}

function written(step: string, body: JsonObject, about: Partial<AuditEntry>): AuditEntry[] {
  const request = { ...REQUEST, correlationId: null };
  const outcome = { state: 'sent', message: '' };
  return [
    { ...about, type: 'intent', request, detail: { step, job: '1', body } },
    { ...about, type: 'outcome', request, outcome, detail: { step, job: '1' } },
  ];
}
