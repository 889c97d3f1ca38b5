/** What a reviewer on GitHub gets to read; whole texts are in test/golden/. */
import { describe, expect, it } from 'vitest';
import type { Attributed } from '../../src/core/drift.js';
import type { Issue } from '../../src/core/issue.js';
import type { JsonObject } from '../../src/core/json.js';
import { kindName } from '../../src/core/outcome.js';
import type { Address, Plan } from '../../src/core/types.js';
import type { Staffing } from '../../src/engine/checks.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import { COMMENT_BYTES, SUMMARY_BYTES, utf8 } from '../../src/render/budget.js';
import { driftIssue, driftOver } from '../../src/render/drift-issue.js';
import { handshakeMarkdown, stoppedMarkdown } from '../../src/render/handshake.js';
import {
  isMarked,
  markedFor,
  markerIn,
  markerLine,
  type MarkerKind,
} from '../../src/render/marker.js';
import { reviewMarkdown, type Planning, type Review } from '../../src/render/review.js';
import { expectGolden } from '../support/golden.js';
import { recordOf } from '../support/owned.js';
import {
  kindOf,
  liveFrom,
  planFor,
  strategy,
  type OrgStrategy,
  type Scene,
} from '../support/plans.js';

const RUN_URL = 'https://github.com/acme/routing/actions/runs/7001';
const target = (queue: string, rest: JsonObject = {}): JsonObject => ({
  queue,
  priority: 1,
  weight: 1,
  capacity: 10,
  ...rest,
});
const live = (name: string, raw: JsonObject, applied = raw): OrgStrategy => ({
  name,
  version: 14,
  raw,
  record: {
    applied: liveFrom({ name, raw }).fields,
    ...(applied === raw ? {} : recorded(name, applied)),
  },
});
const recorded = (name: string, raw: JsonObject) => ({ applied: liveFrom({ name, raw }).fields });

const STAFFING: Staffing = {
  membersByQueue: new Map([
    ['q1', [{ userId: 'u1', joined: true, skills: ['s1'] }]],
    ['q3', [{ userId: 'u2', joined: true, skills: ['s1', 's3'] }]],
    ['q6', []],
  ]),
  loadByQueue: new Map([
    ['q1', { onQueue: 12, interacting: 9, waiting: 0 }],
    ['q3', { onQueue: 4, interacting: 4, waiting: 2 }],
    ['q6', { onQueue: 0, interacting: 0, waiting: 0 }],
  ]),
  callsPerAgent: 1,
};

/** Since the last apply git has moved, and so has somebody in the org. */
const SCENE: Scene = {
  manifests: [
    strategy(
      'optimized-support',
      `selection: { skills: [{ skill: Support }] }
targets:
  - { queue: Tier 1, weight: 3, capacity: 12 }
  - { queue: Tier 3, weight: 1, capacity: 4 }
fallback: { queue: Overflow }
`,
    ),
    strategy('sales', 'targets: [{ queue: Sales, capacity: 6 }]'),
    strategy('night', 'targets: [{ queue: Tier 1, capacity: 10 }]'),
  ],
  org: [
    live(
      'optimized-support',
      {
        selection: { skills: [{ skill: 'Support' }] },
        targets: [target('Tier 1'), target('Tier 2')],
        fallback: { queue: 'Billing' },
      },
      {
        selection: { skills: [{ skill: 'Support' }] },
        targets: [target('Tier 1'), target('Tier 2')],
        fallback: { queue: 'Overflow' },
      },
    ),
    live('old-sales', {
      targets: [target('Sales', { capacity: 6 })],
      fallback: { queue: 'Overflow', weight: 0.2 },
    }),
    live('night', { targets: [target('Tier 1')], fallback: null }),
  ],
  guards: { maxDeletes: { kind: 'count', value: 0 }, maxChanges: { kind: 'percent', value: 90 } },
  staffing: STAFFING,
};

const plan = planFor(SCENE);
const planningOf = (of: Plan, environment = 'prod'): Planning => ({
  environment,
  failure: '',
  plan: { ...of, environment: { ...of.environment, name: environment } },
  run: `20260302T090000000Z-plan-${environment}`,
});
const reviewOf = (plannings: readonly Planning[], over: Partial<Review> = {}): Review => ({
  plannings,
  issues: [],
  git: 'this pull request',
  lead: '',
  runUrl: RUN_URL,
  commit: 'c0ffee'.padEnd(40, '0'),
  routesOf: (address, fields) => kindOf(kindName(address)).traffic?.routes(fields) ?? [],
  before: () => new Set(),
  ...over,
});
const comment = (review: Review): string => reviewMarkdown(review, COMMENT_BYTES);

const ISSUES: readonly Issue[] = [
  {
    code: 'minimum',
    severity: 'error',
    at: { file: 'strategies/billing.yaml', line: 13, column: 44 },
    message: 'spec.targets[0].capacity: 0 is below 1',
    hint: 'write a whole number from 1 up',
  },
  { code: 'empty-file', severity: 'warning', at: null, message: 'the file holds no manifest' },
];

describe('a review', () => {
  const failed: Planning = {
    environment: 'staging',
    plan: null,
    run: null,
    failure: 'the credentials were refused (401)',
  };
  const empty = planFor({ ...SCENE, manifests: SCENE.manifests.slice(2), org: SCENE.org.slice(2) });

  it.each<[string, Review]>([
    ['review', reviewOf([planningOf(plan)])],
    ['review-several', reviewOf([planningOf(plan), planningOf(empty, 'eu'), failed])],
    [
      'review-merged-before',
      reviewOf([planningOf(plan)], {
        before: (_environment, { fields }) =>
          new Set(
            fields
              .map(({ path }) => path)
              .filter((path) => path.includes('Sales') || path.endsWith('weight')),
          ),
      }),
    ],
    ['review-empty', reviewOf([planningOf(empty)])],
    ['review-invalid', reviewOf([], { issues: ISSUES })],
    ['review-nothing', reviewOf([], { runUrl: null })],
  ])('%s', (name, review) => {
    expectGolden(`${name}.md`, comment(review));
  });

  it('has counts first, deletes before the rest, and never folded', () => {
    const text = comment(reviewOf([planningOf(plan)]));
    expect(text).toMatch(/^## Plan: 1 to create, 1 to change, 1 to delete/);
    const [gone, changed] = [text.indexOf('### - delete'), text.indexOf('+ create')];
    expect(gone).toBeGreaterThan(0);
    expect(gone).toBeLessThan(changed);
    expect(text.slice(0, changed)).not.toContain('<details');
  });
});

/** A plan of so many creates; every name is long and hostile. */
function manyChanges(count: number): Plan {
  const names = Array.from({ length: count }, (_, index) => `@team ${index} <!-- ]( \`é\``);
  return planFor({
    manifests: names.map((name) =>
      strategy(name, 'targets: [{ queue: Tier 1, capacity: 10 }, { queue: Sales, capacity: 2 }]'),
    ),
    org: [
      live('gone-1', { targets: [target('Tier 1')] }),
      live('gone-2', { targets: [target('Sales')] }),
    ],
  });
}

describe('what does not fit', () => {
  it.each([1, 20, 60, 400, 1500])('%i strategies: the text stays within its budget', (count) => {
    const review = reviewOf([planningOf(manyChanges(count))]);
    for (const bytes of [COMMENT_BYTES, SUMMARY_BYTES]) {
      expect(utf8(reviewMarkdown(review, bytes))).toBeLessThanOrEqual(bytes);
    }
  });

  it('is cut between strategies, named as far as names fit, with a link to all of it', () => {
    const text = comment(reviewOf([planningOf(manyChanges(400))]));
    expect(text).toContain(`[artifacts](${RUN_URL}#artifacts)`);
    const full = text.match(/^### /gm)?.length ?? 0;
    const brief = text.match(/^- \+ create /gm)?.length ?? 0;
    expect(full).toBeGreaterThan(10);
    expect(full + brief).toBe(402);
    // Whatever begins has ended: a table, a drawing, a fold.
    expect(text.match(/```/g)?.length ?? 0).toBe(2 * (text.match(/```mermaid/g)?.length ?? 0));
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
    expect(text.trimEnd()).toMatch(/\[run\]\(https:[^)]+\)<\/sub>$/);
    expect(text.indexOf('### - delete RoutingStrategy/gone-1')).toBeGreaterThan(0);
    expect(text.indexOf('### - delete RoutingStrategy/gone-2')).toBeGreaterThan(0);
  });

  it('counts those whose names do not fit either', () => {
    const text = comment(reviewOf([planningOf(manyChanges(1500))]));
    const named = text.match(/^(### |- \+ create )/gm)?.length ?? 0;
    expect(text).toContain(`\n- and ${1502 - named} more\n`);
  });

  it('loses its graphs before it loses a strategy', () => {
    const text = comment(reviewOf([planningOf(manyChanges(100))]));
    expect(text).not.toContain('mermaid');
    expect(text).not.toContain('Not shown in full');
    expect(comment(reviewOf([planningOf(manyChanges(20))]))).toContain('mermaid');
  });

  it('leaves room for every environment', () => {
    const all = ['eu', 'us', 'za'].map((name) => planningOf(manyChanges(300), name));
    const text = comment(reviewOf(all));
    expect(utf8(text)).toBeLessThanOrEqual(COMMENT_BYTES);
    expect(text.match(/^## (eu|us|za): /gm)).toHaveLength(3);
    expect(text.match(/^### - delete /gm)).toHaveLength(6);
  });

  it('of a whole fleet: every org is counted, those that ask for a look have their part', () => {
    const moved = manyChanges(1);
    const quiet = planFor({
      ...SCENE,
      manifests: SCENE.manifests.slice(2),
      org: SCENE.org.slice(2),
    });
    const fleet = Array.from({ length: 256 }, (_, nth) => {
      const name = `org-${nth}`;
      return planningOf(nth === 200 ? plan : nth === 100 ? moved : quiet, name);
    });
    const broken = { environment: 'org-256', plan: null, failure: 'refused (401)', run: null };
    const text = comment(reviewOf([...fleet, broken]));
    expect(utf8(text)).toBeLessThanOrEqual(COMMENT_BYTES);
    expect(text.match(/^\| org-\d+ /gm)).toHaveLength(257);
    for (const nth of [100, 200, 256]) expect(text).toContain(`\n## org-${nth}: `);
    expect(text).toContain('### - delete RoutingStrategy/old-sales');
    expect(text.match(/^## org-/gm)).toHaveLength(3);
    expect(text.trimEnd()).toMatch(/\nNot shown: 254 with nothing to apply\.$/);
    const alone = comment(reviewOf(fleet.map((one, nth) => (nth === 100 ? one : fleet[0]!))));
    expect(alone).toContain('\n## org-100: ');
    const busy = comment(
      reviewOf([broken, ...fleet.map((one) => planningOf(moved, one.environment))]),
    );
    expect(utf8(busy)).toBeLessThanOrEqual(COMMENT_BYTES);
    const parts = busy.match(/^## org-/gm)?.length ?? 0;
    expect(parts).toBeGreaterThan(50);
    expect(busy).toContain(`\nAnd ${257 - parts} more, for want of room. The whole plan is`);
    expect(busy.trimEnd()).toMatch(/\[artifacts\]\(https:[^)]+#artifacts\)\.$/);
    expect(busy).toContain('\n## org-256: no plan');
  });

  it.each([300, 1000])('of %i orgs, all of them loud, counts those that have no row', (size) => {
    const moved = manyChanges(1);
    const name = (nth: number): string => `${'a-name-as-long-as-github-takes-'.repeat(2)}${nth}`;
    const fleet = Array.from({ length: size }, (_, nth) => planningOf(moved, name(nth)));
    const broken = { environment: 'broken', plan: null, failure: 'refused (401)', run: null };
    const text = comment(reviewOf([...fleet, broken]));
    expect(utf8(text)).toBeLessThanOrEqual(COMMENT_BYTES);
    const rows = text.match(/^\| (a-name-|broken)/gm)?.length ?? 0;
    const rest = /^\| and (\d+) more \| (\d+) \| 0 \| 0 \| (\d+) \| 0 \|/m.exec(text);
    const [more, deleted, created] = (rest ?? []).slice(1).map(Number);
    expect(rows + (more ?? 0)).toBe(size + 1);
    expect([deleted, created]).toEqual(rest === null ? [undefined, undefined] : [2 * more!, more]);
    expect(text).toContain('| broken |');
  });
});

describe('a marker', () => {
  it('that somebody has broken is one still: it is not that there is none', () => {
    const line = markerLine('plan', { head: 'c0ffee' });
    for (const broken of [line.slice(0, -8), line.replace('{', '['), '<!-- strategos:plan']) {
      expect(markerIn('plan', broken)).toBeNull();
      expect(isMarked('plan', broken)).toBe(true);
    }
    expect(isMarked('plan', ` ${line}`)).toBe(false);
    expect(isMarked('drift', line)).toBe(false);
  });
});

describe('texts of several folders', () => {
  const of = (data: JsonObject, kind: MarkerKind = 'plan') => ({ body: markerLine(kind, data) });
  const [ours, again, theirs] = [
    of({ folder: 'a' }),
    of({ folder: 'a', x: 1 }),
    of({ folder: 'b' }),
  ];
  const older = of({ head: 'c0ffee' });
  const broken = { body: '<!-- strategos:plan {"folder":"b" -->' };

  it.each([
    ['its own, every one', [theirs, ours, older, again, broken], 'a', [ours, again]],
    ['those that say no folder where it has none', [theirs, older, broken], 'a', [older, broken]],
    ['none that is another’s', [theirs], 'a', []],
    ['none of another kind', [of({ folder: 'a' }, 'drift'), theirs], 'b', [theirs]],
  ])('are told apart: a folder has %s', (_name, all, folder, expected) => {
    expect(markedFor('plan', folder, all)).toEqual(expected);
  });
});

describe('the handshake', () => {
  const reviewed = { pullRequest: 12, digest: plan.digest, plan, isCurrent: true };
  const moved = planFor({
    ...SCENE,
    manifests: SCENE.manifests.map((text) => text.replace('capacity: 12', 'capacity: 15')),
    org: [
      ...SCENE.org.slice(0, 1),
      live('new-in-org', { targets: [target('Tier 3')] }),
      live('night', { targets: [target('Tier 1', { weight: 0.4 })], fallback: null }),
    ],
  });

  it('says so when the plan is the reviewed one, also after a merge moved the commit', () => {
    const merged = { ...plan, commit: 'f'.repeat(40) };
    expect(handshakeMarkdown(reviewed, merged)).toBe(
      '> ✅ This is the plan that was reviewed in pull request #12: it has the same digest.',
    );
  });

  it.each<[string, string]>([
    ['handshake-moved', handshakeMarkdown({ ...reviewed, isCurrent: false }, moved)],
    ['stopped', stoppedMarkdown(plan, plan.digest, moved)],
  ])('%s', (name, text) => {
    expectGolden(`${name}.md`, `${text}\n`);
  });

  it('never takes silence for a review', () => {
    expect(handshakeMarkdown(null, plan)).toContain('nobody has reviewed this plan');
    const none = { ...reviewed, digest: null, plan: null };
    expect(handshakeMarkdown(none, plan)).toContain('nobody has reviewed this one there');
    expect(handshakeMarkdown({ ...reviewed, plan: null }, moved)).toContain('not there any more');
  });

  it('tells a move that no field shows', () => {
    const touched = planFor({
      ...SCENE,
      org: SCENE.org.map((one, index) => (index === 0 ? { ...one, version: 15 } : one)),
    });
    expect(stoppedMarkdown(plan, plan.digest, touched)).toContain('(version 14 → 15)');
    const renamed: Plan = { ...plan, digest: moved.digest, references: {} };
    expect(stoppedMarkdown(plan, plan.digest, renamed)).toContain('under the same name');
  });
});

describe('the issue of drift', () => {
  const drifts: Attributed[] = plan.changes
    .filter(({ action }) => action === 'update')
    .map((change) => {
      const fields = change.fields.filter(({ cause }) => cause === 'drift');
      return {
        address: change.address,
        record: recordOf(change.address),
        how: 'changed',
        live: change.before,
        fields,
        by: fields.map(() => ({
          known: true,
          at: '2026-03-02T08:30:00.000Z',
          who: '@ada',
          from: ['203.0.113.7'],
          action: 'Update',
          property: 'fallback/queue/id',
          certain: true,
        })),
      };
    });
  const news = {
    runUrl: RUN_URL,
    run: '20260302T090000000Z-drift-1',
    applyWorkflow: 'apply.yml',
    folder: 'strategies',
    writer: { id: '7', attempt: 1 },
  };

  it('reads like this', () => {
    const report = { plan, drifts, pending: ['RoutingStrategy/sales' as const] };
    const { title, body } = driftIssue({ report, ...news });
    expectGolden('drift-issue.md', `${title}\n\n${body}`);
    expect(driftOver(null)).toBe('The org is as it was last applied again.');
  });

  it('fits, whatever has drifted, and its commands stay commands', () => {
    const many = Array.from({ length: 900 }, (_, index) => ({
      ...drifts[0]!,
      address: `RoutingStrategy/it's \`\`\` $(id) ${index}` as const,
    }));
    const { body } = driftIssue({ report: { plan, drifts: many, pending: [] }, ...news });
    expect(utf8(body)).toBeLessThanOrEqual(COMMENT_BYTES);
    const few = driftIssue({ report: { plan, drifts: many.slice(0, 2), pending: [] }, ...news });
    expect(few.body).toContain(
      "--target 'RoutingStrategy/it'\\''s ``` $(id) 0' 'RoutingStrategy/it'\\''s ``` $(id) 1'\n````",
    );
  });

  it.each(['Queue', 'Skill/Refunds', '-x', '--yes'])(
    'has commands about what drifted alone, called %s or not',
    (name) => {
      const address = `RoutingStrategy/${name}` as const;
      const report = { plan, drifts: [{ ...drifts[0]!, address }], pending: [] };
      const { body } = driftIssue({ report, ...news });
      expect(body).toContain(`apply --env prod --target ${address}\n`);
    },
  );

  it('has a title that GitHub takes, whatever has drifted', () => {
    const addresses = reconciledKinds.flatMap(({ name: kind }) =>
      Array.from({ length: 12 }, (_, index): Address => `${kind}/${index}`),
    );
    const all = addresses.map((address) => ({ ...drifts[0]!, address }));
    const blocked = addresses.map((address) => ({ address, obstacles: [] }));
    const titleIn = (name: string): string => {
      const where = { ...plan, blocked, environment: { ...plan.environment, name } };
      return driftIssue({ report: { plan: where, drifts: all, pending: [] }, ...news }).title;
    };
    const count = `${addresses.length} objects`;
    expect(titleIn('prod')).toBe(
      `Drift in prod: ${count} changed in the org, ${count} could not be compared`,
    );
    const long = titleIn('ü'.repeat(256));
    expect(long).toHaveLength(256);
    expect(long).toMatch(/^Drift in ü+…$/);
  });
});

describe('what the commit does not have', () => {
  it('is said on top, and beside the commit', () => {
    const files = [{ file: 'strategies/<b>.yaml', how: 'untracked' as const }];
    const marked = { ...plan, uncommitted: { files, count: 1, unknown: null } };
    const text = comment(reviewOf([planningOf(marked)]));
    expect(text).toContain('⚠️ **uncommitted**');
    expect(text).not.toContain('<b>');
    expect(text).toContain('commit c0ffee000000 + changes');
    const unknown = { ...plan, uncommitted: { files: [], count: 0, unknown: 'dubious' } };
    expect(comment(reviewOf([planningOf(unknown)]))).toContain('0 (changes unknown)');
    expect(comment(reviewOf([planningOf(plan)]))).not.toContain('changes');
  });
});
