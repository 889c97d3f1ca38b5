/** The trail as people and collectors of events get it; the files are in test/golden/. */
import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from '../../src/core/trail.js';
import { plainStyle } from '../../src/render/style.js';
import {
  trailCloudEvents,
  trailHtml,
  trailJson,
  trailLines,
  trailMarkdown,
  trailText,
  type TrailReport,
} from '../../src/render/trail.js';
import { expectFits } from '../support/fits.js';
import { expectGolden } from '../support/golden.js';
import { validatorOf } from '../support/schemas.js';

const entry = (over: Partial<TimelineEntry>): TimelineEntry => ({
  at: '2026-11-25T09:00:00.000Z',
  source: 'platform',
  id: 'event-1',
  action: 'Update',
  what: 'RoutingStrategy/billing',
  who: 'Ada',
  userId: 'user-1',
  client: 'admin-ui',
  from: ['203.0.113.7'],
  run: null,
  whose: null,
  changes: [],
  outcome: '',
  ...over,
});
const RUN = '20261125T091500000Z-apply-1b2c3d4e';
const own: Partial<TimelineEntry> = {
  source: 'run',
  who: 'ci-bot',
  userId: null,
  client: null,
  from: [],
  run: RUN,
};

const client: Partial<TimelineEntry> = { who: 'client tool', userId: null, client: 'tool' };

/** As a data table keeps a strategy: one cell with all of it. */
const row = (weight: number, fallback = ''): string =>
  `{"fallback":${fallback === '' ? 'null' : `{"queue":"${fallback}"}`},"targets":` +
  `[{"queue":"Tier 1","weight":${weight}},{"queue":"Tier 2","weight":1}]}`;

const report: TrailReport = {
  environment: 'prod',
  organization: { id: 'org-1', name: 'Acme' },
  from: '2026-11-24T10:00:00.000Z',
  to: '2026-11-25T10:00:00.000Z',
  entries: [
    entry({
      changes: [
        { property: 'targets/q1/weight', before: ['0.7'], after: ['0.2'] },
        { property: 'description', before: [], after: ['x'.repeat(200)] },
        { property: 'spec', before: [row(0.7)], after: [row(0.2)] },
      ],
    }),
    entry({ id: 'event-2', what: 'queue Support Tier 1', outcome: 'FAILURE' }),
    entry({ id: 'event-4', ...client, whose: 'not ours' }),
    entry({ id: 'event-5', ...client, whose: 'unknown' }),
    entry({
      ...own,
      id: `${RUN}/1`,
      action: 'started',
      what: 'environment prod',
      outcome: 'apply',
    }),
    entry({
      id: 'event-3',
      action: 'Create',
      who: 'ci-bot',
      userId: null,
      client: 'tool',
      run: RUN,
      whose: 'ours',
      changes: [{ property: 'status', before: [], after: ['draft'] }],
    }),
    entry({
      ...own,
      id: `${RUN}/9`,
      action: 'notified',
      outcome: 'waiting: https://wfm answered 500',
    }),
  ],
  skews: [{ run: RUN, aheadMs: -90_000 }],
  gaps: [{ what: 'records of queues', why: 'the audit query has not finished after 60 s' }],
};
const nameOf = (id: string): string => (id === 'q1' ? 'Support Tier 1' : id);

describe('the trail', () => {
  it('reads as approved', () => {
    expectFits('trail', (style) => trailText(report, nameOf, style));
    expectGolden('trail.txt', `${trailText(report, nameOf, plainStyle)}\n`);
    expectGolden('trail.cloudevents.jsonl', trailCloudEvents(report));
    expectGolden('trail.md', trailMarkdown(report, nameOf));
    expectGolden('trail.html', trailHtml(report, nameOf));
  });

  it('is for machines in a document of its schema, and in lines that are its entries', () => {
    const validate = validatorOf('result');
    const document = JSON.parse(trailJson(report)) as { entries: unknown[] };
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    const lines = trailLines(report).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(document.entries);
  });

  it('is CloudEvents 1.0, each told apart by source and id', () => {
    const validate = validatorOf('cloud-event');
    const events = trailCloudEvents(report)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { source: string; id: string });
    for (const one of events) expect(validate(one), JSON.stringify(validate.errors)).toBe(true);
    expect(new Set(events.map(({ source, id }) => `${source} ${id}`)).size).toBe(events.length);
  });

  it('shows of a long value what moved in it', () => {
    const cell = (last: string): string => `${'x'.repeat(90)} ${last}`;
    const changes = [{ property: 'note', before: [cell('old')], after: [cell('new')] }];
    const text = trailText({ ...report, entries: [entry({ changes })] }, nameOf, plainStyle);
    expect(text).toMatch(/note: …x+ old → …x+ new/);
  });

  describe('of a document', () => {
    const moved = (before: string, after: string): string[] => {
      const changes = [{ property: 'spec', before: [before], after: [after] }];
      const all = { ...report, entries: [entry({ changes })] };
      const texts = [trailText(all, nameOf, plainStyle), trailMarkdown(all, nameOf)];
      // No form of it for people has a piece of JSON.
      for (const text of [...texts, trailHtml(all, nameOf)]) expect(text).not.toMatch(/":|&quot;:/);
      return texts[0]?.match(/(?<=^ {4})spec.*/gm) ?? [];
    };

    it.each<[string, string, string, string[]]>([
      ['a value that moved', row(1), row(0.5), ['spec.targets["Tier 1"].weight: 1 → 0.5']],
      ['what is new', row(1), row(1, 'Late'), ['spec.fallback: none → { queue: Late }']],
      ['what is gone', row(1, 'Late'), row(1), ['spec.fallback: { queue: Late } → none']],
      [
        'the same written otherwise',
        '{"a":1}',
        '{ "a": 1 }',
        ['spec: the same → written otherwise'],
      ],
      [
        'a document where there was none',
        '',
        '{"a":{"b c":[1,2]}}',
        ['spec.a["b c"][0]: (none) → 1', 'spec.a["b c"][1]: (none) → 2'],
      ],
      ['an item without a name', '[[1],[2]]', '[[1]]', ['spec[1][0]: 2 → (none)']],
      [
        'an item of another name',
        '[{"q":"a","w":1}]',
        '[{"q":"b","w":1}]',
        [
          'spec["a"].q: a → (none)',
          'spec["a"].w: 1 → (none)',
          'spec["b"].q: (none) → b',
          'spec["b"].w: (none) → 1',
        ],
      ],
      [
        'names that are not alone',
        '[{"q":"a","w":1},{"q":"a","w":2}]',
        '[{"q":"a","w":1}]',
        ['spec[1].q: a → (none)', 'spec[1].w: 2 → (none)'],
      ],
    ])('%s', (_name, before, after, lines) => {
      expect(moved(before, after)).toEqual(lines);
    });

    it('that nobody can read is the text that it is', () => {
      const changes = [
        { property: 'cut', before: ['{"a":1,"b"'], after: ['{"a":2,"b"'] },
        { property: 'deep', before: ['['.repeat(90)], after: ['x'] },
      ];
      const text = trailText({ ...report, entries: [entry({ changes })] }, nameOf, plainStyle);
      expect(text).toContain('cut: {"a":1,"b" → {"a":2,"b"');
      expect(text).toMatch(/deep: \[+… → x/);
    });
  });

  it('keeps what a name in the org says to itself, in one line', () => {
    const evil = '::error::\u202e\nnext';
    const hostile = { ...report, entries: [entry({ what: evil, who: evil, action: evil })] };
    const text = trailText(hostile, nameOf, plainStyle);
    expect(text).not.toMatch(/\u202e|\nnext|::error/);
    expect(JSON.parse(trailCloudEvents(hostile))).toMatchObject({
      type: 'strategos.platform.-error-next',
      subject: evil,
    });
  });

  it('of nothing is no line at all, and says so to people', () => {
    const empty = { ...report, entries: [], gaps: [], skews: [] };
    expect(trailLines(empty) + trailCloudEvents(empty)).toBe('');
    expect(trailText(empty, nameOf, plainStyle)).toContain(
      'Trail: 0 events of the platform, 0 records of our own runs.',
    );
  });
});
