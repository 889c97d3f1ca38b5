/** Whole documents as people get them; the files are in test/golden/. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attribute, driftIn } from '../../src/core/drift.js';
import type { JsonObject } from '../../src/core/json.js';
import type { AuditedEvent, IdOf } from '../../src/core/resource.js';
import type { Outcome } from '../../src/core/types.js';
import type { Staffing } from '../../src/engine/checks.js';
import type { Member, QueueLoad } from '../../src/engine/ports.js';
import { strategiesApi } from '../../src/kinds/routing-strategy/strategies-api.js';
import type { ComparedSide, Comparison } from '../../src/render/comparison.js';
import type { DriftReport } from '../../src/render/drift.js';
import { comparisonHtml, driftHtml, planHtml } from '../../src/render/html.js';
import { driftState } from '../../src/cli/commands/drift.js';
import { comparisonJson, driftJson } from '../../src/render/json.js';
import {
  comparisonMarkdown,
  driftMarkdown,
  planMarkdown,
  runMarkdown,
} from '../../src/render/markdown.js';
import { runSummary } from '../../src/render/run-summary.js';
import { plainStyle } from '../../src/render/style.js';
import { comparisonText, driftText, outcomesText, planText } from '../../src/render/text.js';
import { expectFits } from '../support/fits.js';
import { expectGolden } from '../support/golden.js';
import { recordOf } from '../support/owned.js';
import { liveFrom, planFor, recordsIn, strategy, type Scene } from '../support/plans.js';
import { validatorOf } from '../support/schemas.js';

const target = (queue: string, rest: JsonObject = {}): JsonObject => ({
  queue,
  priority: 1,
  weight: 1,
  capacity: 10,
  ...rest,
});
const agents = (count: number, skills: readonly string[]): Member[] =>
  Array.from({ length: count }, (_, index) => ({ userId: `u${index}`, joined: true, skills }));
const load = (onQueue: number, interacting: number): QueueLoad => ({
  onQueue,
  interacting,
  waiting: 0,
});

const STAFFING: Staffing = {
  membersByQueue: new Map([
    ['q1', agents(12, ['s1'])],
    ['q2', agents(7, ['s2'])],
    ['q3', agents(4, ['s1', 's3'])],
    ['q6', agents(5, ['s3'])],
  ]),
  loadByQueue: new Map([
    ['q1', load(12, 9)],
    ['q2', load(7, 2)],
    ['q3', load(4, 4)],
    ['q6', load(5, 1)],
  ]),
  callsPerAgent: 1,
};

const SUPPORT = `selection:
  skills:
    - { skill: Support }
    - { skill: Sales, required: false }
targets:
  - { queue: Tier 1, priority: 1, weight: 0.8, capacity: 12 }
  - { queue: Tier 3, priority: 2, capacity: 4 }
fallback: { queue: Overflow }
checks: { capacity: warn }
`;
const SALES = `selection: { skills: [{ skill: Sales }] }
targets:
  - { queue: Sales, capacity: 6 }
  - { queue: Tier 2, weight: 0.5, capacity: 3 }
`;
const STEADY = 'targets: [{ queue: Tier 1, capacity: 10 }]';

/** What the last apply had made of optimized-support: since then git and the org have moved. */
const APPLIED = liveFrom({
  name: 'optimized-support',
  raw: {
    selection: { skills: [{ skill: 'Support' }, { skill: 'Billing' }] },
    targets: [target('Tier 1', { weight: 0.8, capacity: 8 }), target('Tier 2', { priority: 2 })],
    fallback: { queue: 'Overflow' },
  },
}).fields;

const SCENE: Scene = {
  manifests: [
    strategy('optimized-support', SUPPORT),
    strategy('sales', SALES),
    ...['night', 'weekend'].map((name) => strategy(name, STEADY)),
  ],
  org: [
    {
      name: 'optimized-support',
      version: 14,
      raw: {
        selection: { skills: [{ skill: 'Support' }, { skill: 'Billing' }] },
        targets: [target('Tier 1'), target('Tier 2', { priority: 2 })],
        fallback: { queue: 'Billing' },
      },
      record: { applied: APPLIED },
    },
    {
      name: 'old-sales',
      version: 3,
      raw: {
        selection: { skills: [{ skill: 'Sales' }] },
        targets: [target('Sales', { capacity: 6 })],
        fallback: { queue: 'Overflow', weight: 0.2 },
      },
    },
    ...['night', 'weekend'].map((name) => ({ name, raw: { targets: [target('Tier 1')] } })),
  ],
  guards: { maxDeletes: { kind: 'count', value: 0 }, maxChanges: { kind: 'percent', value: 50 } },
  staffing: STAFFING,
};

/** An org that people have used before: something of the same name, and another team's. */
const TAKEN: Scene = {
  manifests: [
    ...['night', 'sales'].map((name) => strategy(name, STEADY)),
    strategy('weekend', STEADY).replace('metadata: {', 'metadata: { adopt: true,'),
  ],
  org: [
    { name: 'night', raw: { targets: [target('Tier 1', { weight: 0.5 })] }, record: null },
    { name: 'weekend', raw: { targets: [target('Tier 1')] }, record: null },
    {
      name: 'sales',
      raw: { targets: [target('Sales')] },
      record: { owner: { name: 'github.com/acme/sales', environment: 'prod' } },
    },
  ],
  tables: ['Routing Strategies (strategos)'],
};

/** One that somebody deleted in the org. */
const DELETED: Scene = {
  manifests: [strategy('night', STEADY)],
  org: [],
  records: [
    recordOf('RoutingStrategy/night', {
      applied: liveFrom({ name: 'night', raw: { targets: [target('Tier 1')], fallback: null } })
        .fields,
    }),
  ],
};

/** Queues that were renamed, deleted and never there, and what may take over from a blocked one. */
const BLOCKED: Scene = {
  manifests: [
    strategy('night', 'targets: [{ queue: Old tier, capacity: 10 }]'),
    strategy(
      'new-sales',
      'targets: [{ queue: Sales, capacity: 6 }, { queue: Gone sales, capacity: 6 }]',
    ),
    strategy('weekend', 'targets: [{ queue: Salse, capacity: 6 }]\nfallback: { queue: Twin }'),
    strategy('steady', STEADY),
  ],
  org: [
    {
      name: 'night',
      raw: { targets: [target('Tier 1', { weight: 0.5 })] },
      record: { ids: { queue: { 'Old tier': 'q1', 'Gone sales': 'q99' } } },
    },
    { name: 'old-sales', raw: { targets: [target('Sales')] } },
    { name: 'steady', raw: { targets: [target('Tier 1')] } },
  ],
};

/** The table has another name now, the environment too, and there is one that nobody may read. */
const MOVED: Scene = {
  manifests: [strategy('night', STEADY)],
  org: [],
  tables: ['routing', 'routing (strategos)'],
  elsewhere: [
    {
      place: 'the data table "Routing Strategies"',
      records: 'Routing Strategies (strategos)',
      whose: '',
      recorded: 3,
      live: 2,
    },
    {
      place: 'this place',
      records: 'Routing Strategies (strategos)',
      whose: 'github.com/acme/routing//strategies (environment live)',
      recorded: 4,
      live: 4,
    },
    {
      place: '/api/v2/routing/strategies',
      records: 'Routing Strategies API (strategos)',
      whose: '',
      recorded: 1,
      live: null,
    },
    {
      place: 'the data table "Secret"',
      records: 'Secret',
      whose: '',
      recorded: null,
      live: null,
    },
  ],
};

const rich = planFor(SCENE);
// Under a limit that an apply takes minutes of.
const scoped = planFor({ ...SCENE, scope: ['sales', 'night'], perMinute: 7 });
const empty = planFor({ ...SCENE, manifests: SCENE.manifests.slice(2), org: SCENE.org.slice(2) });

const idOf: IdOf = (_to, reference) => (typeof reference === 'string' ? reference : '');

/** A report as `drift` makes it, with an audit that knows of one of the edits. */
function reportOf(scene: Scene): DriftReport {
  const plan = planFor(scene);
  const records = recordsIn(scene);
  const { drifts, pending } = driftIn(plan, records);
  const edit: AuditedEvent = {
    entityUri: '',
    userId: 'u1',
    at: '2026-03-02T08:30:00.000Z',
    atMs: Date.parse('2026-03-02T08:30:00.000Z'),
    entityType: 'RoutingStrategy',
    entityName: '',
    entityId: 'live-1',
    user: 'Ada',
    client: 'admin-ui',
    remoteIp: ['203.0.113.7'],
    action: 'Update',
    context: {},
    properties: [{ property: 'fallback/queue/id', before: ['q4'], after: ['Billing'] }],
  };
  const testimony = {
    events: [edit],
    ownClient: 'strategos',
    root: null,
    sinceMs: 0,
    idOf,
    entityOf: (name: string, of: JsonObject) => strategiesApi.entity(name, of, idOf),
    otherwise: 'not in the audit window, which begins 2026-02-01T00:00:00.000Z',
  };
  return {
    plan,
    drifts: drifts.map((one) => attribute(one, strategiesApi.audit, testimony)),
    pending,
  };
}

describe.each([
  ['plan', rich],
  ['plan-scoped', scoped],
  ['plan-empty', empty],
  ['plan-taken', planFor(TAKEN)],
  ['plan-deleted', planFor(DELETED)],
  ['plan-blocked', planFor(BLOCKED)],
  ['plan-moved', planFor(MOVED)],
])('%s', (name, plan) => {
  it.each([
    ['txt', `${planText(plan, plainStyle)}\n`],
    ['md', planMarkdown(plan)],
    ['html', planHtml(plan)],
    ['json', `${JSON.stringify(plan, null, 2)}\n`],
  ])('as %s', (extension, text) => {
    expectGolden(`${name}.${extension}`, text);
  });
});

describe.each([
  ['drift', reportOf(SCENE)],
  ['drift-deleted', reportOf(DELETED)],
  ['drift-blocked', reportOf(BLOCKED)],
  ['drift-moved', reportOf(MOVED)],
  [
    'drift-none',
    reportOf({ ...SCENE, manifests: SCENE.manifests.slice(2), org: SCENE.org.slice(2) }),
  ],
])('%s', (name, report) => {
  it.each([
    ['txt', `${driftText(report, plainStyle)}\n`],
    ['md', driftMarkdown(report)],
    ['html', driftHtml(report)],
    ['json', driftJson(report)],
  ])('as %s', (extension, text) => {
    expectGolden(`${name}.${extension}`, text);
  });
});

it('drift as JSON has the remarks and the rollbacks that its text names', () => {
  const report = reportOf(SCENE);
  const drifts = report.drifts.map((one) => ({ ...one, remarks: ['a share is out of order'] }));
  const pending = ['RoutingStrategy/a', 'RoutingStrategy/b', 'RoutingStrategy/c'] as const;
  const told = driftJson({
    ...report,
    drifts,
    pending,
    takenBack: new Map([[pending[0], 'r-rollback-1']]),
    perhaps: new Map([[pending[1], 'r-rollback-2']]),
  });

  expect(JSON.parse(told)).toMatchObject({
    drifts: drifts.map(({ address, remarks }) => ({ address, remarks })),
    pending,
    takenBack: [
      { address: pending[0], run: 'r-rollback-1', certain: true },
      { address: pending[1], run: 'r-rollback-2', certain: false },
    ],
  });
});

it('a plan and drift are read at 40, 80 and 120 columns', () => {
  expectFits('plan', (style) => planText(rich, style));
  expectFits('drift', (style) => driftText(reportOf(SCENE), style));
});

describe('no drift', () => {
  const none = reportOf({ ...SCENE, manifests: SCENE.manifests.slice(2), org: SCENE.org.slice(2) });
  const guards = [{ guard: 'maxDeletes', passed: false, message: '3 of 4 would go' }] as const;
  const elsewhere = [
    { place: 'a table', records: 'Records', whose: '', recorded: 2, live: 2 },
  ] as const;
  const obstacles = [{ message: 'no queue of that name', at: null }];
  const texts = ({ ...report }: typeof none): string[] => [
    driftText(report, plainStyle),
    driftMarkdown(report),
    driftHtml(report),
  ];

  it.each<[string, Partial<typeof none.plan>]>([
    ['another owner has one', { counts: { ...none.plan.counts, foreign: 1 } }],
    ['one could not be compared', { blocked: [{ address: 'RoutingStrategy/a', obstacles }] }],
    ['some are elsewhere', { elsewhere }],
    ['an apply would be refused', { guards }],
  ])('is said of what could be compared where %s, in every form', (_name, over) => {
    const report = { ...none, plan: { ...none.plan, ...over } };
    for (const text of texts(report)) {
      expect(text).toContain('No drift in what could be compared');
      expect(text).not.toMatch(/no drift(?! in what could be compared)/i);
    }
    expect(JSON.parse(driftJson(report))).toMatchObject({ whole: false, drifts: [] });
    expect(driftState(report)).toBe('no drift in what could be compared');
  });

  it('is said of everything where everything was compared', () => {
    for (const text of texts(none)) expect(text).toContain('No drift; ');
    expect(JSON.parse(driftJson(none))).toMatchObject({ whole: true });
    expect(driftState(none)).toBe('no drift');
  });
});

const STAGING: ComparedSide = {
  environment: 'staging',
  organization: 'Acme Test',
  backend: 'datatable',
  objects: 3,
  strategies: 3,
};

describe('two environments', () => {
  const comparison: Comparison = {
    sides: [
      STAGING,
      { ...STAGING, environment: 'prod', organization: 'Acme', objects: 4, strategies: 4 },
    ],
    counts: ['3 strategies', '4 strategies'],
    changes: rich.changes,
    equal: 2,
  };
  const same: Comparison = { ...comparison, changes: [], equal: 3 };

  it.each([
    ['compare.txt', `${comparisonText(comparison, plainStyle)}\n`],
    ['compare.md', comparisonMarkdown(comparison)],
    ['compare.html', comparisonHtml(comparison)],
    ['compare.json', comparisonJson(comparison)],
    ['compare-same.txt', `${comparisonText(same, plainStyle)}\n`],
  ])('as %s', (name, text) => {
    expectGolden(name, text);
  });
});

describe('the results for machines', () => {
  const validate = validatorOf('result');

  it.each(['drift.json', 'drift-deleted.json', 'drift-none.json', 'compare.json'])(
    '%s is as its schema says',
    (name) => {
      const text = readFileSync(`test/golden/${name}.golden`, 'utf8');
      expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true);
    },
  );
});

const OUTCOMES: readonly Outcome[] = [
  { address: 'RoutingStrategy/night', action: 'create', state: 'created', message: '' },
  {
    address: 'RoutingStrategy/sales',
    action: 'create',
    state: 'failed',
    message: 'created as draft, not activated: skills: Tier 2: 0 of 7 agents have "Sales"',
    hint: 'staff the queue, or set the check to warn in the manifest',
  },
  {
    address: 'RoutingStrategy/optimized-support',
    action: 'update',
    state: 'stale',
    message: 'the object changed since it was read (409 version.conflict, correlation id c-7)',
    hint: 'plan again and look at what moved',
  },
  {
    address: 'RoutingStrategy/old-sales',
    action: 'delete',
    state: 'blocked',
    message: 'not tried: it waits for RoutingStrategy/sales, which did not succeed',
  },
];

describe('a run', () => {
  const run = {
    id: '20260302T090000000Z-apply-1b2c3d4e',
    command: 'apply',
    actor: 'ada',
    environment: 'demo',
  };

  it('that was carried out in part', () => {
    expectGolden('run.md', runMarkdown(run, rich, OUTCOMES, 'applied in part'));
    expectGolden('run.txt', `${outcomesText(OUTCOMES, plainStyle)}\n`);
    expectGolden('run.html', planHtml(rich, OUTCOMES));
  });

  it('that was about something else than a plan', () => {
    expectGolden('run-export.md', runMarkdown(run, null, [], '3 strategies exported'));
  });

  it('that had nothing to do', () => {
    expectGolden('run-empty.md', runMarkdown(run, empty, [], 'nothing to do'));
  });
});

describe('the summary in the folder of a run', () => {
  const run = { id: 'r', command: 'apply', actor: 'ada', environment: 'demo' };

  it('is whole where it is short', () => {
    expect(runSummary(run, rich, OUTCOMES, 'done')).toBe(runMarkdown(run, rich, OUTCOMES, 'done'));
  });

  it.each([300, 5000])('of %s changes is as long as a comment may be, failures first', (count) => {
    const [change] = rich.changes.filter(({ action }) => action === 'create');
    if (change === undefined) throw new Error('no create');
    const changes = Array.from({ length: count }, (_, nth) => ({
      ...change,
      address: `RoutingStrategy/of-many-${nth}` as const,
    }));
    const outcomes = changes.map(({ address, action }, nth): Outcome => {
      const failed = nth === count - 1;
      return { address, action, state: failed ? 'failed' : 'created', message: '' };
    });
    const text = runSummary(run, { ...rich, changes }, outcomes, 'applied in part');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536);
    expect(text).toContain(`${count - 1} changes made, 1 not made`);
    expect(text.indexOf(`of-many-${count - 1} failed`)).toBeLessThan(text.indexOf('of-many-0'));
    expect(text).toContain('`plan.json`');
    expect(text).toContain(rich.digest);
  });
});

describe('every form of a plan', () => {
  const forms = [
    ...[planText(rich, plainStyle), planMarkdown(rich), planHtml(rich)],
    runMarkdown(
      { id: 'r', command: 'apply', actor: 'a', environment: 'demo' },
      rich,
      OUTCOMES,
      'applied in part',
    ),
  ];

  it.each(forms.map((form) => [form.slice(0, 20), form]))(
    '%j names deletes first, and the rest in the order of making it',
    (_name, form) => {
      const at = (words: string): number => form.indexOf(words);
      expect(at('- delete RoutingStrategy/old-sales')).toBeGreaterThan(0);
      expect(at('- delete')).toBeLessThan(at('+ create'));
      expect(at('+ create')).toBeLessThan(at('~ update'));
      expect(form).not.toContain('<details');
      expect(form).toContain('1 to create, 1 to change, 1 to delete, 0 to adopt; 2 unchanged.');
    },
  );
});
