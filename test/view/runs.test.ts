import { describe, expect, it } from 'vitest';
import type { AuditRecord, AuditType } from '../../src/core/audit.js';
import { EXIT, type ExitCode } from '../../src/core/errors.js';
import type { JsonObject } from '../../src/core/json.js';
import type { LoggedRun } from '../../src/core/verdict.js';
import type { TimelineEntry } from '../../src/core/trail.js';
import type { Mark } from '../../src/view/model.js';
import { eventsView, runsView } from '../../src/view/runs.js';

function record(type: AuditType, more: Partial<AuditRecord> = {}): AuditRecord {
  return {
    seq: 1,
    at: '2026-11-26T08:00:00.000Z',
    run: 'r',
    type,
    actor: 'ada',
    environment: 'prod',
    address: null,
    before: null,
    after: null,
    request: null,
    outcome: null,
    detail: null,
    previous: null,
    digest: `sha256:${'0'.repeat(64)}`,
    ...more,
  };
}

const LOCKED = [
  record('run-started', { detail: { command: 'optimize' } }),
  record('intent', { detail: { step: 'lock' } }),
  record('outcome', { detail: { step: 'lock' } }),
];
const SALES = 'RoutingStrategy/sales';

describe('runs', () => {
  it.each<[string, readonly AuditRecord[], { writes: number; objects: number }]>([
    ['that only read', [record('run-started')], { writes: 0, objects: 0 }],
    ['that took their lock and found nothing to do', LOCKED, { writes: 1, objects: 0 }],
    [
      'that wrote an object twice',
      [...LOCKED, record('intent', { address: SALES }), record('intent', { address: SALES })],
      { writes: 3, objects: 1 },
    ],
    [
      'of a check of an object, which writes nothing',
      [record('run-started'), record('checked', { address: SALES })],
      { writes: 0, objects: 0 },
    ],
  ])('tell those %s', (_name, records, counts) => {
    const chain = { records, problems: [], cut: false, ended: true };
    const [run] = runsView([{ id: 'r', chain } as never], [], () => 'unknown');
    expect(run).toMatchObject(counts);
  });
});

/** Every state that a command records at its end, with the code that it ends with. */
const ENDS: readonly (readonly [string, ExitCode, Mark])[] = [
  ['applied', EXIT.done, 'good'],
  ['nothing to do', EXIT.done, 'good'],
  ['nothing to do in what could be compared', EXIT.incomplete, 'warn'],
  ['applied in part', EXIT.incomplete, 'bad'],
  ['not applied', EXIT.incomplete, 'bad'],
  ['not applied', EXIT.denied, 'bad'],
  ['declined', EXIT.refused, 'quiet'],
  ['refused', EXIT.refused, 'bad'],
  ['failed', EXIT.unreachable, 'bad'],
  ['failed', EXIT.unexpected, 'bad'],
  ['failed', EXIT.invalid, 'bad'],
  ['planned', EXIT.done, 'good'],
  ['planned', EXIT.changes, 'good'],
  // Objects that could not be compared; guards that an apply would be refused by.
  ['planned', EXIT.incomplete, 'warn'],
  ['planned', EXIT.refused, 'warn'],
  ['drift found', EXIT.changes, 'good'],
  ['drift found', EXIT.incomplete, 'warn'],
  ['no drift', EXIT.done, 'good'],
  ['no drift in what could be compared', EXIT.incomplete, 'warn'],
  ['they differ', EXIT.changes, 'good'],
  ['no difference', EXIT.done, 'good'],
  ['weights moved', EXIT.done, 'good'],
  ['weights moved', EXIT.incomplete, 'warn'],
  ['moved in part', EXIT.incomplete, 'bad'],
  ['nothing moved', EXIT.done, 'good'],
  ['nothing moved', EXIT.incomplete, 'warn'],
  ['dry run', EXIT.done, 'good'],
  ['skipped', EXIT.done, 'good'],
  ['transferred', EXIT.done, 'good'],
  ['transferred in part', EXIT.incomplete, 'bad'],
  ['not transferred', EXIT.incomplete, 'bad'],
  ['synced', EXIT.done, 'good'],
  ['synced', EXIT.incomplete, 'warn'],
  ['not delivered', EXIT.unreachable, 'bad'],
  ['not locked', EXIT.done, 'good'],
  ['released', EXIT.done, 'good'],
  ['gone already', EXIT.done, 'good'],
  ['kept', EXIT.refused, 'quiet'],
  ['2 strategies exported', EXIT.done, 'good'],
  ['2 strategies exported', EXIT.incomplete, 'warn'],
  ['looked at', EXIT.done, 'good'],
  ['looked at', EXIT.denied, 'bad'],
  ['told', EXIT.done, 'good'],
  ['told in part', EXIT.incomplete, 'warn'],
  ['told in part', EXIT.denied, 'bad'],
  ['stopped', EXIT.done, 'good'],
  ['interrupted', EXIT.interrupted, 'quiet'],
];

function ended(state: string, detail: JsonObject, more: readonly AuditRecord[] = []): LoggedRun {
  const outcome = { state, message: '' };
  const records = [record('run-started'), ...more, record('run-ended', { outcome, detail })];
  const chain = { records, problems: [], cut: false, ended: true, unfinished: [] };
  return { id: 'r', chain };
}

describe('whether a run went well', () => {
  it.each(ENDS)('%s, exit %i: %s', (state, exitCode, mark) => {
    const [run] = runsView([ended(state, { exitCode })], [], () => 'unknown');
    expect(run).toMatchObject({ state, mark });
  });

  it('is in question where it was stopped while it wrote', () => {
    const one = ended('interrupted', { exitCode: 130 }, [record('intent', { address: SALES })]);
    expect(runsView([one], [], () => 'unknown')[0]).toMatchObject({ mark: 'warn' });
  });

  it('is in question where no exit code is on record', () => {
    expect(runsView([ended('told', {})], [], () => 'unknown')[0]).toMatchObject({ mark: 'warn' });
  });

  it.each([
    ['living', { state: 'running', mark: 'quiet' }],
    ['gone', { state: 'was killed', mark: 'bad' }],
    ['unknown', { state: 'did not end', mark: 'warn' }],
  ] as const)('of one without an end whose process is %s', (life, shown) => {
    const records = [record('run-started')];
    const chain = { records, problems: [], cut: false, ended: false, unfinished: [] };
    expect(runsView([{ id: 'r', chain }], [], () => life)[0]).toMatchObject({
      until: null,
      ...shown,
    });
  });
});

describe("events of the platform's audit", () => {
  it('name the queue that a property has by its id', () => {
    const entry = {
      at: '2026-11-26T08:00:00.000Z',
      source: 'platform',
      who: 'ada',
      from: [],
      action: 'Update',
      what: SALES,
      run: null,
      whose: null,
      outcome: '',
      changes: [{ property: 'targets/q-1/weight', before: ['0.7'], after: ['0.5'] }],
    } as unknown as TimelineEntry;
    const [event] = eventsView([entry], (id) => (id === 'q-1' ? 'Sales' : id));
    expect(event?.changes).toEqual([
      { property: 'targets/Sales/weight', before: '0.7', after: '0.5' },
    ]);
  });
});
