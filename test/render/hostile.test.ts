/** Names that are terminal codes, Markdown, HTML or commands: every form shows just the name. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Attribution } from '../../src/core/drift.js';
import type { Issue } from '../../src/core/issue.js';
import type { AuditRecord } from '../../src/core/audit.js';
import type { Blocked, Change, Outcome, Plan } from '../../src/core/types.js';
import type { Comparison } from '../../src/render/comparison.js';
import type { RoundReport } from '../../src/core/round.js';
import type { DriftReport } from '../../src/render/drift.js';
import * as backtest from '../../src/render/backtest.js';
import * as round from '../../src/render/round.js';
import { runSummary } from '../../src/render/run-summary.js';
import * as transfer from '../../src/render/transfer.js';
import { differenceMarkdown } from '../../src/render/difference.js';
import { driftIssue } from '../../src/render/drift-issue.js';
import { handshakeMarkdown, stoppedMarkdown } from '../../src/render/handshake.js';
import { issuesMarkdown, reviewMarkdown } from '../../src/render/review.js';
import * as forecast from '../../src/render/forecast.js';
import * as html from '../../src/render/html.js';
import * as json from '../../src/render/json.js';
import * as markdown from '../../src/render/markdown.js';
import * as metrics from '../../src/render/metrics.js';
import * as texts from '../../src/render/text.js';
import * as records from '../../src/render/records.js';
import * as trail from '../../src/render/trail.js';
import {
  blockedHtml,
  comparisonHtml,
  driftHtml,
  escapeHtml,
  planHtml,
} from '../../src/render/html.js';
import {
  blockedMarkdown,
  changeMarkdown,
  comparisonMarkdown,
  driftedMarkdown,
  driftMarkdown,
  escapeMarkdown,
  planMarkdown,
  outcomeMarkdown,
  runMarkdown,
} from '../../src/render/markdown.js';
import { comparisonJson, driftJson, jsonText, planJson } from '../../src/render/json.js';
import {
  metricsHtml,
  metricsJson,
  metricsMarkdown,
  metricsText,
  type MetricsReport,
} from '../../src/render/metrics.js';
import { colourStyle, plainStyle } from '../../src/render/style.js';
import {
  blockedText,
  comparisonText,
  driftText,
  issueText,
  outcomesText,
  outcomeText,
  planSeenText,
  planText,
  recordText,
} from '../../src/render/text.js';
import {
  recordsHtml,
  recordsMarkdown,
  runsHtml,
  runsMarkdown,
  type RunRecords,
  type RunSummary,
} from '../../src/render/records.js';
import {
  trailCloudEvents,
  trailHtml,
  trailJson,
  trailLines,
  trailMarkdown,
  trailText,
} from '../../src/render/trail.js';
import type { TrailReport } from '../../src/render/trail.js';
import { valueText } from '../../src/render/value.js';
import { validatePlan } from '../../src/generated/plan-validator.js';
import { planFor } from '../support/plans.js';

describe('escapeMarkdown', () => {
  it.each<[string, string, string]>([
    ['an ordinary name', 'Support Tier 1 (north)', 'Support Tier 1 (north)'],
    ['emphasis', '*a* _b_ ~~c~~', '\\*a\\* \\_b\\_ \\~\\~c\\~\\~'],
    ['code', '`a`', '\\`a\\`'],
    ['a link', '[a](b)', '\\[a\\](b)'],
    ['an image', '![a](b)', '!\\[a\\](b)'],
    ['HTML', '<img src=x onerror=y>', '&#60;img src=x onerror=y&#62;'],
    ['an entity', '&lt;', '&#38;lt;'],
    ['a comment that would end ours', '--> x', '--&#62; x'],
    ['the border of a table cell', 'a|b', 'a\\|b'],
    ['a border behind a backslash', 'a\\|b', 'a\\\\\\|b'],
    ['a line break', 'a\nb', 'a\\\\u{a}b'],
    ['formulas', '$x$', '&#36;x&#36;'],
    ['a mention', '@octocat', '@&#8203;octocat'],
    ['a mail address', 'a@b.example', 'a@&#8203;b.example'],
    ['an issue', '#12', '\\#&#8203;12'],
    ['an issue elsewhere', 'a/b#12', 'a/b\\#&#8203;12'],
    ['an issue behind an entity', '&#12', '&#38;\\#&#8203;12'],
    ['an issue in the older form', 'gh-12, xGH-12', 'gh-&#8203;12, xGH-&#8203;12'],
    ['the end of a heading', 'billing ##', 'billing \\#\\#'],
    ['an address', 'https://a.example', 'https:&#8203;//a.example'],
    ['an address without a scheme', 'www.a.example', 'www&#8203;.a.example'],
    ['the same behind an underscore', '_www.a.example', '\\_www&#8203;.a.example'],
    ['a time, to be copied', '2026-03-02T08:30:00.000Z', '2026-03-02T08:30:00.000Z'],
    ['an emoji of digits', ':100:', ':&#8203;100:'],
    ['an emoji name', ':tada: :a_b:', ':&#8203;tada: :&#8203;a\\_b:'],
    ['a colon that is none of that', 'skills: a', 'skills: a'],
    ['a workflow command', '::error::x', '\\\\u{3a}:&#8203;error::x'],
  ])('%s', (_name, hostile, expected) => {
    expect(escapeMarkdown(hostile)).toBe(expected);
  });
});

describe('escapeHtml', () => {
  it.each<[string, string]>([
    ['<script>alert(1)</script>', '&#60;script&#62;alert(1)&#60;/script&#62;'],
    ['" onload="x', '&#34; onload=&#34;x'],
    ["' &amp;", '&#39; &#38;amp;'],
    ['\u202ea\u001b', '\\u{202e}a\\u{1b}'],
  ])('%s', (hostile, expected) => {
    expect(escapeHtml(hostile)).toBe(expected);
  });
});

describe('valueText', () => {
  it.each([
    ['active', 'active'],
    ['Tier 1', '"Tier 1"'],
    ['true', '"true"'],
    ['none', '"none"'],
    ['null', '"null"'],
    ['1', '"1"'],
    ['', '""'],
    ['a"b\\', '"a\\"b\\\\"'],
    ['\u001b\u202e', '"\\u001b\\u{202e}"'],
    [true, 'true'],
    [null, 'none'],
    [0.5, '0.5'],
    [[], '[]'],
    [{}, '{}'],
    [['a', 'b c'], '[a, "b c"]'],
    [{ id: 'x', n: 1 }, '{ id: x, n: 1 }'],
  ])('%j is %s', (value, expected) => {
    expect(valueText(value)).toBe(expected);
  });
});

const EVIL =
  '\u001b[2J::error::x\r\n::error::y\n| a | ##[error] <b>@all</b> #1 `x` \u202e [l](http://x)' +
  ' \u009b31m \u007f \u2066 \u200b \u2060 \ufeff \u00ad \u{e0041} \u2028::warning::z\n' +
  '%0A::notice::n @acme/team ![i](http://y) <!-- --> &lt; $x$\n```mermaid\ngraph\n```\n# h\n- [ ] t';

const blocked: Blocked = {
  address: `RoutingStrategy/${EVIL}`,
  obstacles: [
    { message: EVIL, hint: EVIL, at: { file: EVIL, line: 1 } },
    { message: EVIL, at: null },
  ],
};

function hostilePlan(): Plan {
  const fields = [
    {
      path: `targets["${EVIL}"].weight`,
      before: EVIL,
      after: [EVIL],
      applied: EVIL,
      cause: 'both' as const,
      at: { file: EVIL, line: 1 },
    },
    {
      path: EVIL,
      before: { id: EVIL, [EVIL]: [{ [EVIL]: 1 }] },
      cause: 'drift' as const,
      at: null,
    },
  ];
  const checks = [
    {
      check: 'skills' as const,
      level: 'error' as const,
      subject: EVIL,
      passed: false,
      message: EVIL,
    },
  ];
  const change = (action: Change['action']): Change => ({
    action,
    address: `RoutingStrategy/${EVIL}`,
    id: EVIL,
    precondition: null,
    before: null,
    after: null,
    operations: [],
    fields,
    checks,
    waitsFor: [`RoutingStrategy/${EVIL}`],
  });
  const plan = planFor({ manifests: [], org: [] });
  return {
    ...plan,
    environment: {
      ...plan.environment,
      name: EVIL,
      host: EVIL,
      tables: { objects: EVIL, state: EVIL },
    },
    tables: [EVIL, 'other'],
    references: { [EVIL]: { [EVIL]: EVIL } },
    organization: { id: 'o', name: EVIL },
    scope: [EVIL],
    counts: { ...plan.counts, blocked: 1 },
    blocked: [blocked],
    guards: [{ guard: 'maxDeletes', passed: false, message: EVIL }],
    changes: (['delete', 'adopt', 'update', 'create'] as const).map(change),
  };
}

const outcome: Outcome = {
  address: `RoutingStrategy/${EVIL}`,
  action: 'create',
  state: 'failed',
  message: EVIL,
  hint: EVIL,
};
const issue: Issue = {
  code: 'x',
  severity: 'error',
  message: EVIL,
  hint: EVIL,
  at: { file: EVIL, line: 1, column: 1 },
};
const record = {
  seq: 1,
  at: EVIL,
  run: EVIL,
  type: EVIL,
  actor: EVIL,
  environment: EVIL,
  address: EVIL,
  before: null,
  after: null,
  detail: { step: EVIL },
  previous: null,
  digest: 'sha256:0',
  request: { method: EVIL, path: EVIL, status: 1, correlationId: EVIL },
  outcome: { state: EVIL, message: EVIL },
} as unknown as AuditRecord;

const plan = hostilePlan();
const report: DriftReport = {
  plan,
  drifts: (['changed', 'deleted'] as const).map((how) => {
    const fields = plan.changes[0]?.fields ?? [];
    const known: Attribution = {
      known: true,
      at: EVIL,
      who: EVIL,
      from: [EVIL],
      action: EVIL,
      property: EVIL,
      certain: false,
    };
    const by = fields.map((_, index) =>
      index === 0 ? known : ({ known: false, why: EVIL } as const),
    );
    return { address: `RoutingStrategy/${EVIL}`, record: null, how, live: null, fields, by };
  }),
  pending: [`RoutingStrategy/${EVIL}`],
};
const side = {
  environment: EVIL,
  organization: EVIL,
  backend: EVIL,
  objects: 1,
  strategies: 1,
  dangling: [blocked],
  unclear: [blocked],
};
const comparison: Comparison = {
  sides: [side, side],
  counts: [EVIL, EVIL],
  changes: plan.changes,
  equal: 0,
};
const hostileRun = { id: 'r', command: 'apply', actor: EVIL, environment: EVIL };
const nothing = {
  offered: 1,
  answered: 1,
  abandoned: 0,
  averageWaitSeconds: null,
  averageHandleSeconds: null,
  serviceLevelPercent: null,
};
const figures: MetricsReport = {
  environment: EVIL,
  organization: { id: EVIL, name: EVIL },
  mediaType: EVIL,
  from: 'then',
  to: 'now',
  spanMs: 1000,
  requests: 1,
  strategies: [
    {
      address: EVIL,
      status: EVIL,
      total: nothing,
      unknown: [{ queue: EVIL, role: 'target' }],
      remarks: [{ message: EVIL, hint: EVIL }],
      queues: [
        { ...nothing, queueId: EVIL, queue: EVIL, role: 'fallback', weight: 1, sharedWith: [EVIL] },
      ],
    },
  ],
};
const evilFigure = {
  before: 0.1,
  after: 0.2,
  difference: 0.1,
  differenceLow: 0.05,
  differenceHigh: 0.15,
  hourLow: 0.1,
  hourHigh: 0.3,
};
const [served, waitSeconds] = [evilFigure, evilFigure];
const [abandoned, occupancy] = [evilFigure, evilFigure];
const evilQueue = { queue: EVIL, queueId: EVIL, withinSeconds: 20, moves: true };
const foreseen: forecast.ForecastReport = {
  environment: EVIL,
  organization: { id: EVIL, name: EVIL },
  whatIf: { agents: [{ queue: EVIL, now: 1, then: 2 }], calls: [{ queue: EVIL, factor: 1.2 }] },
  unshared: EVIL,
  requests: 1,
  prediction: {
    from: 'then',
    to: 'now',
    hours: 3,
    strategies: [
      { address: EVIL, refused: EVIL, notes: [EVIL], calls: 0, fit: null, queues: [] },
      {
        address: EVIL,
        refused: null,
        notes: [EVIL],
        calls: 1,
        fit: 0,
        queues: [{ ...evilQueue, served, waitSeconds, abandoned, occupancy }],
      },
    ],
  },
};
const timeline: TrailReport = {
  environment: EVIL,
  organization: { id: EVIL, name: EVIL },
  from: 'then',
  to: 'now',
  entries: [
    {
      at: EVIL,
      source: 'platform',
      id: EVIL,
      action: EVIL,
      what: EVIL,
      who: EVIL,
      userId: EVIL,
      client: EVIL,
      from: [EVIL],
      run: EVIL,
      whose: 'unknown',
      outcome: EVIL,
      changes: [{ property: EVIL, before: [EVIL], after: [EVIL] }],
    },
  ],
  skews: [{ run: EVIL, aheadMs: 9000 }],
  gaps: [{ what: EVIL, why: EVIL }],
};
const rounds: RoundReport = {
  at: '2026-03-02T09:31:05.123Z',
  round: 1,
  run: EVIL,
  state: 'done',
  reason: EVIL,
  requests: 1,
  strategies: (['moved', 'failed', 'held'] as const).map((state) => ({
    address: `RoutingStrategy/${EVIL}`,
    state,
    reason: EVIL,
    targets: [{ queue: EVIL, from: 1, to: 2, aim: 2, slots: 3, interacting: 2, waiting: 0 }],
  })),
};
const owner = { name: EVIL, environment: EVIL };
const handedOver: transfer.TransferReport = {
  run: EVIL,
  state: EVIL,
  exitCode: 5,
  environment: EVIL,
  organization: { id: EVIL, name: EVIL },
  from: owner,
  to: owner,
  handovers: (['planned', 'failed'] as const).map((state) => ({
    record: {
      address: `RoutingStrategy/${EVIL}`,
      owner,
      id: EVIL,
      applied: null,
      run: EVIL,
      at: EVIL,
    },
    state,
    message: EVIL,
  })),
};
const replayed: backtest.BacktestReport = {
  environment: EVIL,
  organization: { id: EVIL, name: EVIL },
  widen: 2,
  applies: null,
  leftOut: [{ why: EVIL, count: 1 }],
  replay: null,
  broken: [{ run: EVIL, why: EVIL }],
  requests: 1,
};
const summary: RunSummary = { run: EVIL, environment: EVIL, actor: EVIL, state: EVIL, records: 1 };
const kept: RunRecords = { run: EVIL, records: [record], remarks: [EVIL] };
const TEXTS: readonly (readonly [string, string])[] = [
  ['planText', planText(plan, plainStyle)],
  ['planSeenText', planSeenText(plan, plainStyle)],
  ['blockedText', blockedText(blocked, plainStyle, EVIL)],
  ['driftText', driftText(report, plainStyle)],
  ['comparisonText', comparisonText(comparison, plainStyle)],
  ['outcomesText', outcomesText([outcome, outcome], plainStyle)],
  ['outcomeText', outcomeText(outcome, plainStyle)],
  ['issueText', issueText(issue, plainStyle)],
  ['recordText', recordText(record, plainStyle)],
  ['metricsText', metricsText(figures, plainStyle)],
  ['forecastText', forecast.forecastText(foreseen, plainStyle)],
  ['trailText', trailText(timeline, (id) => id, plainStyle)],
  ['roundText', round.roundText(rounds, plainStyle)],
  ['transferText', transfer.transferText(handedOver, plainStyle)],
  ['backtestText', backtest.backtestText(replayed, plainStyle)],
];
const MARKDOWN: readonly (readonly [string, string])[] = [
  ['planMarkdown', planMarkdown(plan)],
  ['blockedMarkdown', blockedMarkdown(blocked, EVIL)],
  ['driftMarkdown', driftMarkdown(report)],
  ['comparisonMarkdown', comparisonMarkdown(comparison)],
  ['runMarkdown', runMarkdown(hostileRun, plan, [outcome], EVIL)],
  ['outcomeMarkdown', outcomeMarkdown(outcome)],
  ['metricsMarkdown', metricsMarkdown(figures)],
  ['forecastMarkdown', forecast.forecastMarkdown(foreseen)],
  ['trailMarkdown', trailMarkdown(timeline, (id) => id)],
  ['roundsMarkdown', round.roundsMarkdown([rounds])],
  ['transferMarkdown', transfer.transferMarkdown(handedOver)],
  ['backtestMarkdown', backtest.backtestMarkdown(replayed)],
  ['runsMarkdown', runsMarkdown([summary])],
  ['recordsMarkdown', recordsMarkdown(kept)],
  ...plan.changes
    .slice(0, 1)
    .map((change) => ['changeMarkdown', changeMarkdown(change, plan)] as const),
  ...report.drifts.slice(0, 1).map((drift) => ['driftedMarkdown', driftedMarkdown(drift)] as const),
];

/** The same changes of an object that was made again, with other values. */
const moved: Plan = {
  ...plan,
  digest: `sha256:${'0'.repeat(64)}`,
  environment: { ...plan.environment, name: EVIL },
  changes: plan.changes.map((change) => ({
    ...change,
    id: 'another',
    fields: change.fields.map((field) => ({ ...field, before: 7, after: EVIL })),
  })),
};
const planning = { environment: EVIL, plan: moved, failure: '', run: EVIL };
/** What is written on GitHub; drawings and commands are in fences, and tested by themselves. */
const GITHUB = (
  [
    [
      'reviewMarkdown',
      reviewMarkdown(
        {
          plannings: [planning, { ...planning, plan: null, failure: EVIL }],
          issues: [issue],
          git: 'this pull request',
          lead: '',
          commit: EVIL,
          runUrl: null,
          before: () => new Set<string>(),
          routesOf: () => [],
        },
        1_000_000,
      ),
    ],
    ['issuesMarkdown', issuesMarkdown([issue])],
    ['differenceMarkdown', differenceMarkdown(plan, moved, { then: 'then', now: 'now' })],
    [
      'handshakeMarkdown',
      handshakeMarkdown({ pullRequest: 2, digest: plan.digest, plan, isCurrent: true }, moved),
    ],
    ['runSummary', runSummary(hostileRun, plan, Array(3000).fill(outcome), EVIL)],
    ['stoppedMarkdown', stoppedMarkdown(plan, plan.digest, moved)],
    [
      'driftIssue',
      driftIssue({
        report,
        runUrl: null,
        run: EVIL,
        applyWorkflow: 'apply.yml',
        folder: EVIL,
        writer: null,
      })
        .body.split('\n')
        .slice(1)
        .join('\n'),
    ],
  ] as const
).map(([name, text]) => [name, text.replace(/^(`{3,})[^]*?^\1$/gm, '')] as const);

const PAGES: readonly (readonly [string, string])[] = [
  ['planHtml', planHtml(plan, [outcome])],
  ['blockedHtml', blockedHtml(blocked, EVIL)],
  ['driftHtml', driftHtml(report)],
  ['comparisonHtml', comparisonHtml(comparison)],
  ['metricsHtml', metricsHtml(figures)],
  ['forecastHtml', forecast.forecastHtml(foreseen)],
  ['trailHtml', trailHtml(timeline, (id) => id)],
  ['roundsHtml', round.roundsHtml([rounds])],
  ['backtestHtml', backtest.backtestHtml(replayed)],
  ['runsHtml', runsHtml([summary])],
  ['recordsHtml', recordsHtml(kept)],
];

const JSONS: readonly (readonly [string, string, unknown])[] = [
  ['planJson', planJson(plan), plan],
  ['driftJson', driftJson(report), null],
  ['comparisonJson', comparisonJson(comparison), null],
  ['metricsJson', metricsJson(figures), null],
  ['forecastJson', forecast.forecastJson(foreseen), null],
  ['trailJson', trailJson(timeline), null],
  ['trailLines', trailLines(timeline), null],
  ['roundJson', round.roundJson(rounds), null],
  ['transferJson', transfer.transferJson(handedOver), null],
  ['backtestJson', backtest.backtestJson(replayed), null],
  ['trailCloudEvents', trailCloudEvents(timeline), null],
  ['jsonText', jsonText({ issues: [issue], [EVIL]: record }), null],
  ['lineJson', json.lineJson({ issues: [issue], [EVIL]: record }), null],
];

/** Controls, format and invisible characters, separators; line feeds and emoji's selectors not. */
const RAW =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/u;

describe('JSON', () => {
  it.each(JSONS)('of %s shows no raw character, and no command', (_name, text) => {
    expect(text).toContain('\\u202e');
    expect(text).not.toMatch(RAW);
    expect(text).not.toContain('##[');
    expect(text.split('\n').filter((line) => line.trim().startsWith('::'))).toEqual([]);
  });

  it('says what was said', () => {
    expect(JSON.parse(planJson(plan))).toEqual(JSON.parse(JSON.stringify(plan)));
    const names = { [EVIL]: EVIL, '##[x': '\ud83d\ude00\ufe0f é' };
    expect(JSON.parse(jsonText(names))).toEqual({ format: 1, ...names });
    expect(jsonText(names)).toContain('\ud83d\ude00\ufe0f é');
  });
});

const RENDERING = {
  text: texts,
  markdown,
  html,
  json,
  metrics,
  forecast,
  trail,
  records,
  round,
  transfer,
  backtest,
};
/** Of tables that have more than six. */
const COLUMNS: Readonly<Record<string, number>> = {
  metricsMarkdown: 10,
  trailMarkdown: 7,
  recordsMarkdown: 7,
  roundsMarkdown: 7,
};
/** Tried by their names above. */
const ON_GITHUB = ['difference', 'drift-issue', 'handshake', 'review', 'run-summary'];
/** What those are made of, and what shows no name. */
const PIECES =
  'budget columns comparison drift field-tables fit folding look marker mermaid notes prediction ' +
  'style told-record value width wording';

describe('a hostile name in every place', () => {
  it('is one that a plan file can hold', () => {
    expect(validatePlan(JSON.parse(JSON.stringify(plan)))).toBe(true);
  });

  it('is tried on everything that renders', () => {
    const tried = [...TEXTS, ...MARKDOWN, ...PAGES, ...JSONS].map(([name]) => name);
    const own = /^(?!escape).*(Text|Markdown|Html|Json|Lines|Events)$/;
    const rendering = Object.values(RENDERING).flatMap((one) => Object.keys(one));
    expect(rendering.filter((name) => own.test(name)).sort()).toEqual([...tried].sort());
  });

  it('leaves out no file that renders', () => {
    const files = readdirSync('src/render').map((name) => name.replace(/\.ts$/, ''));
    expect(files.sort()).toEqual(
      [...Object.keys(RENDERING), ...PIECES.split(' '), ...ON_GITHUB].sort(),
    );
  });

  it.each([...TEXTS, ...MARKDOWN, ...PAGES, ...GITHUB])(
    '%s has no raw control character',
    (_name, text) => {
      expect(text).toContain('u{202e}');
      expect(text).not.toMatch(RAW);
    },
  );

  it.each([...TEXTS, ...MARKDOWN, ...PAGES, ...GITHUB])(
    '%s gives a CI runner no command',
    (_name, text) => {
      expect(text.split('\n').filter((line) => line.trim().startsWith('::'))).toEqual([]);
      expect(text).not.toContain('##[');
    },
  );

  it.each([...MARKDOWN, ...GITHUB])('%s has no markup of the name', (_name, text) => {
    expect(text).not.toMatch(/<b>|@all|[^\\]#1|(?<!\\)\]\(|:\/\/|(?<!\\)`x/);
    expect(text).not.toMatch(/@acme|(?<!\\)!\[|<!--|(?<!\\)```|&lt;|\$x|^ *# h|^ *- \[ \]/m);
  });

  it.each(MARKDOWN)('%s has as many cells in a row as its table has columns', (name, text) => {
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    const columns = rows.map((row) => row.replaceAll('\\\\', '').split(/(?<!\\)\|/).length - 2);
    // A list of obstacles, outcomes or records is no table.
    if (!/^(blocked|outcome|transfer)Markdown$/.test(name)) expect(rows.length).toBeGreaterThan(0);
    const most = COLUMNS[name] ?? 6;
    expect(columns.filter((count) => count < 2 || count > most)).toEqual([]);
  });

  it.each(PAGES)('%s has no markup of the name', (_name, text) => {
    expect(text).not.toContain('<b>');
  });

  it('is one line for an outcome without a hint, an issue without a hint and a record', () => {
    const { hint, ...bare } = outcome;
    expect(hint).toBe(EVIL);
    expect(outcomeText(bare, plainStyle)).not.toContain('\n');
    expect(recordText(record, plainStyle)).not.toContain('\n');
    expect(issueText(issue, plainStyle).split('\n')).toHaveLength(2);
  });
});

describe('colour', () => {
  it('changes nothing but the colour', () => {
    const coloured = planText(plan, colourStyle);

    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(planText(plan, plainStyle));
    expect(coloured).toContain('\u001b[31m');
  });
});
