/** Run folders and the platform's audit → a timeline of who did what. */
import type { AuditRecord, Chain } from '../core/audit.js';
import { textOf } from '../core/json.js';
import type { Finding, LoggedRun } from '../core/verdict.js';
import { fieldsIn } from '../render/trail.js';
import type { TimelineEntry } from '../core/trail.js';
import type { EventView, RecordView, RunView } from './model.js';

/** Records of one run that are shown; of a large apply the last ones say how it ended. */
const MOST_RECORDS = 200;
/** Of a value: a cell of a table is narrower than a terminal. */
const EXCERPT = { most: 60, before: 20 } as const;

/** `findings`: what is wrong with their logs. Newest first. */
export function runsView(runs: readonly LoggedRun[], findings: readonly Finding[]): RunView[] {
  const wrong = new Map<string, string[]>();
  for (const { run, message } of findings) {
    wrong.set(run, [...(wrong.get(run) ?? []), message]);
  }
  return runs
    .map(({ id, chain }) => runView(id, chain, wrong.get(id) ?? []))
    .sort((a, b) => (a.id < b.id ? 1 : -1));
}

function runView(id: string, { records, ended }: Chain, problems: readonly string[]): RunView {
  const [first] = records;
  const last = records.at(-1);
  // Each write is announced before it is sent; what became of it is another record.
  const intents = records.filter(({ type }) => type === 'intent');
  return {
    id,
    command: textOf(first?.detail?.['command'] ?? '') || 'unknown',
    actor: first?.actor ?? 'unknown',
    at: first?.at ?? '',
    until: ended ? (last?.at ?? null) : null,
    state: ended ? (last?.outcome?.state ?? 'ended') : 'did not end',
    problems,
    count: records.length,
    writes: intents.length,
    objects: new Set(intents.flatMap(({ address: of }) => of ?? [])).size,
    records: records.slice(-MOST_RECORDS).map(recordView),
  };
}

function recordView({ seq, at, type, address, request, outcome, detail }: AuditRecord): RecordView {
  const step = textOf(detail?.['step'] ?? '');
  const status = request?.status ?? null;
  return {
    seq,
    at,
    what: step === '' ? type : `${type} ${step}`,
    address: address ?? '',
    request:
      request === null
        ? ''
        : `${request.method} ${request.path}${status === null ? '' : ` ${status}`}`,
    outcome:
      outcome === null
        ? ''
        : [outcome.state, outcome.message].filter((text) => text !== '').join(': '),
  };
}

export function eventsView(entries: readonly TimelineEntry[]): EventView[] {
  return entries
    .filter(({ source }) => source === 'platform')
    .map(({ at, who, action, what, run, from, changes }) => ({
      at,
      who,
      action,
      what,
      run,
      from: from.join(' '),
      changes: changes.flatMap((change) => fieldsIn(change, EXCERPT)),
    }));
}
