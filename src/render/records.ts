/** Runs, and the records of one of them → Markdown and HTML. */
import type { AuditRecord } from '../core/audit.js';
import { textOf } from '../core/json.js';
import { plural } from '../core/plural.js';
import { escapeHtml, page, table as tableHtml } from './html.js';
import { document, escapeMarkdown, table } from './markdown.js';
import { toldIn } from './told-record.js';

export interface RunSummary {
  readonly run: string;
  readonly environment: string;
  readonly actor: string;
  readonly state: string;
  readonly records: number;
}

export interface RunRecords {
  readonly run: string;
  readonly records: readonly AuditRecord[];
  /** What a reader has to know of the log as a whole, such as that its chain is broken. */
  readonly remarks: readonly string[];
}

const RUN_HEAD = ['Run', 'Environment', 'Actor', 'State', 'Records'] as const;
const RECORD_HEAD = [
  'No.',
  'When (UTC)',
  'What',
  'Object',
  'Request',
  'Outcome',
  'Correlation id',
] as const;

function runCells({ run, environment, actor, state, records }: RunSummary): string[] {
  return [run, environment, actor, state, String(records)];
}

function recordCells(record: AuditRecord): string[] {
  const { seq, at, type, address, request, outcome, detail } = record;
  const step = textOf(detail?.['step'] ?? '');
  const sent = request === null ? [] : [request.method, request.path, request.status ?? ''];
  const ended = outcome === null ? [] : [outcome.state, outcome.message];
  return [
    String(seq),
    at,
    step === '' ? type : `${type} ${step}`,
    address ?? '',
    sent.filter((part) => part !== '').join(' '),
    [ended.filter((part) => part !== '').join(': '), toldIn(record)]
      .filter((part) => part !== '')
      .join('; '),
    request?.correlationId ?? '',
  ];
}

export function runsMarkdown(runs: readonly RunSummary[]): string {
  return document([
    `## ${plural(runs.length, 'run')}`,
    runs.length === 0 ? '' : table(RUN_HEAD, runs.map(runCells)),
  ]);
}

export function runsHtml(runs: readonly RunSummary[]): string {
  const cells = runs.map(runCells);
  return page(plural(runs.length, 'run'), [
    runs.length === 0 ? '' : tableHtml(RUN_HEAD, cells, new Set(['Records'])),
  ]);
}

export function recordsMarkdown({ run, records, remarks }: RunRecords): string {
  return document([
    `## Run ${escapeMarkdown(run)}: ${plural(records.length, 'record')}`,
    remarks.map((text) => `- **${escapeMarkdown(text)}**`).join('\n'),
    records.length === 0 ? '' : table(RECORD_HEAD, records.map(recordCells)),
  ]);
}

export function recordsHtml({ run, records, remarks }: RunRecords): string {
  return page(`Run ${run}: ${plural(records.length, 'record')}`, [
    ...remarks.map((text) => `<p class="alarm">✗ ${escapeHtml(text)}</p>`),
    records.length === 0 ? '' : tableHtml(RECORD_HEAD, records.map(recordCells)),
  ]);
}
