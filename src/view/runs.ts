/** Run folders and the platform's audit → a timeline of who did what. */
import { addTo } from '../core/grouped.js';
import { endStateIn, type AuditRecord } from '../core/audit.js';
import { EXIT } from '../core/errors.js';
import { textOf } from '../core/json.js';
import type { Finding, LoggedRun } from '../core/verdict.js';
import { fieldsIn } from '../render/trail.js';
import { namedPath } from '../render/wording.js';
import type { TimelineEntry } from '../core/trail.js';
import type { EventView, Mark, RecordView, RunView } from './model.js';

/** Records of one run that are shown; of a large apply the last ones say how it ended. */
const MOST_RECORDS = 200;
/** Of a value: a cell of a table is narrower than a terminal. */
const EXCERPT = { most: 60, before: 20 } as const;

/** What is known of the process of a run whose log has no end. */
export type Life = 'living' | 'gone' | 'unknown';

/** `findings`: what is wrong with their logs. Newest first. */
export function runsView(
  runs: readonly LoggedRun[],
  findings: readonly Finding[],
  lifeOf: (run: LoggedRun) => Life,
): RunView[] {
  const wrong = new Map<string, string[]>();
  for (const { run, message } of findings) {
    addTo(wrong, run, message);
  }
  return runs
    .map((run) => runView(run, wrong.get(run.id) ?? [], lifeOf))
    .sort((a, b) => (a.id < b.id ? 1 : -1));
}

function runView(
  run: LoggedRun,
  problems: readonly string[],
  lifeOf: (run: LoggedRun) => Life,
): RunView {
  const { id, chain } = run;
  const { records, ended } = chain;
  const [first] = records;
  const last = records.at(-1);
  // Each write is announced before it is sent; what became of it is another record.
  const intents = records.filter(({ type }) => type === 'intent');
  const objects = new Set(intents.flatMap(({ address: of }) => of ?? [])).size;
  return {
    id,
    command: textOf(first?.detail?.['command'] ?? '') || 'unknown',
    actor: first?.actor ?? 'unknown',
    at: first?.at ?? '',
    until: ended ? (last?.at ?? null) : null,
    ...(ended ? { state: endStateIn(chain), mark: markOf(last, objects) } : OPEN[lifeOf(run)]),
    problems,
    count: records.length,
    writes: intents.length,
    objects,
    records: records.slice(-MOST_RECORDS).map(recordView),
  };
}

const OPEN: Readonly<Record<Life, Pick<RunView, 'state' | 'mark'>>> = {
  living: { state: 'running', mark: 'quiet' },
  gone: { state: 'was killed', mark: 'bad' },
  unknown: { state: 'did not end', mark: 'warn' },
};

/** Where its exit code does not say enough of a run: something was to be made, and was not. */
const STATES: ReadonlyMap<string, Mark> = new Map([
  ['failed', 'bad'],
  ['refused', 'bad'],
  ['not applied', 'bad'],
  ['applied in part', 'bad'],
  ['moved in part', 'bad'],
  ['not transferred', 'bad'],
  ['transferred in part', 'bad'],
  ['not delivered', 'bad'],
  // Somebody was asked and said no.
  ['declined', 'quiet'],
  ['kept', 'quiet'],
]);

/** By exit code; what is not here is an error. */
const CODES: ReadonlyMap<unknown, Mark> = new Map([
  [EXIT.done, 'good'],
  // Differences are what was looked for.
  [EXIT.changes, 'good'],
  [EXIT.refused, 'warn'],
  [EXIT.incomplete, 'warn'],
  // A log of a version that did not say.
  [undefined, 'warn'],
]);

/** What was stopped while it only read has left nothing behind. */
function markOf(last: AuditRecord | undefined, objects: number): Mark {
  const exitCode = last?.detail?.['exitCode'];
  const state = last?.outcome?.state ?? '';
  if (exitCode === EXIT.interrupted || state === 'interrupted') {
    return objects > 0 ? 'warn' : 'quiet';
  }
  return STATES.get(state) ?? CODES.get(exitCode) ?? 'bad';
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

/** `nameOf`: the name behind an id that a property has in its path, or the id again. */
export function eventsView(
  entries: readonly TimelineEntry[],
  nameOf: (id: string) => string,
): EventView[] {
  return entries
    .filter(({ source }) => source === 'platform')
    .map(({ at, who, action, what, run, from, changes }) => ({
      at,
      who,
      action,
      what,
      run,
      from: from.join(' '),
      changes: changes
        .flatMap((change) => fieldsIn(change, EXCERPT))
        .map((moved) => ({ ...moved, property: namedPath(moved.property, nameOf) })),
    }));
}
