/** Plans: what moves the digest, what waits for what, what counts as moved since. */
import { describe, expect, it } from 'vitest';
import { applyOperations } from '../../src/core/edits.js';
import type { JsonObject } from '../../src/core/json.js';
import {
  idIn,
  movedSince,
  planDigest,
  preconditionOf,
  referencesOf,
  sealed,
  type PlanBody,
} from '../../src/core/plan.js';
import { catalogOf } from '../../src/core/catalog.js';
import { blocks, failedGuards, succeeded } from '../../src/core/outcome.js';
import type { Change, CheckResult, OutcomeState, Plan } from '../../src/core/types.js';
import { sha256 } from '../../src/files/digest.js';
import { catalog, kindOf, planFor, strategy, type Scene } from '../support/plans.js';

const target = (queue: string, rest: JsonObject = {}): JsonObject => ({
  queue,
  priority: 1,
  weight: 1,
  capacity: 10,
  ...rest,
});
const to = (queue: string, capacity = 10): string =>
  `targets: [{ queue: ${JSON.stringify(queue)}, capacity: ${capacity} }]`;

const SCENE: Scene = {
  manifests: [strategy('a', to('Tier 1', 11)), strategy('new', to('Sales'))],
  org: [
    { name: 'a', raw: { targets: [target('Tier 1')] } },
    { name: 'gone', raw: { targets: [target('Billing')] } },
  ],
};

function body(scene: Scene = SCENE): PlanBody {
  const { digest, ...rest } = planFor(scene);
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  return rest;
}

const firstChange = (plan: PlanBody, edit: (change: Change) => Partial<Change>): PlanBody => ({
  ...plan,
  changes: plan.changes.map((change, index) =>
    index === 0 ? { ...change, ...edit(change) } : change,
  ),
});
const updateIn = (plan: PlanBody, edit: Partial<Change>): PlanBody => ({
  ...plan,
  changes: plan.changes.map((one) => (one.action === 'update' ? { ...one, ...edit } : one)),
});
const digestOf = (plan: PlanBody): string => planDigest(plan, sha256);

describe('the digest', () => {
  const plan = body();

  it.each<[string, PlanBody]>([
    ['the commit', { ...plan, commit: null }],
    ['the version of the tool', { ...plan, tool: { name: 'strategos', version: '9.9.9' } }],
    ['requests', { ...plan, requests: 12_345 }],
    ['what an apply will need', { ...plan, estimate: { requests: 9, perMinute: null } }],
    ['counts, guards and what was unchanged', { ...plan, guards: [], counts: body().counts }],
    ['the name of the organization', { ...plan, organization: { id: 'org-1', name: 'Other' } }],
    ['digests of what was read', { ...plan, observed: 'sha256:0', manifests: 'sha256:1' }],
    [
      'line numbers',
      firstChange(plan, ({ fields }) => ({
        fields: fields.map((field) => ({ ...field, at: { file: 'x.yaml', line: 999 } })),
      })),
    ],
    [
      'what checks found',
      firstChange(plan, ({ checks }) => ({
        checks: checks.map((one) => ({ ...one, passed: !one.passed, message: 'other' })),
      })),
    ],
    [
      'a line inserted above in the file',
      body({
        ...SCENE,
        manifests: SCENE.manifests.map((text) => `# a comment\n${text}`),
      }),
    ],
  ])('is not moved by %s', (_name, other) => {
    expect(digestOf(other)).toBe(digestOf(plan));
  });

  it.each<[string, PlanBody]>([
    [
      'the level of a check',
      firstChange(plan, () => ({
        checks: [{ check: 'skills', level: 'warn', subject: 'q', passed: false, message: '' }],
      })),
    ],
    ['the environment', { ...plan, environment: { ...plan.environment, name: 'test' } }],
    ['the backend', { ...plan, environment: { ...plan.environment, backend: 'datatable' } }],
    ['the organization', { ...plan, organization: { id: 'org-2', name: 'Acme' } }],
    ['the scope', { ...plan, scope: ['a', 'gone', 'new'] }],
    ['an empty scope', { ...plan, scope: [] }],
    [
      'an id behind a name',
      { ...plan, references: { ...plan.references, queue: { Sales: 'q9' } } },
    ],
    ['a change less', { ...plan, changes: plan.changes.slice(1) }],
    ['the order of changes', { ...plan, changes: [...plan.changes].reverse() }],
    ['an action', firstChange(plan, () => ({ action: 'adopt' }))],
    ['an address', firstChange(plan, () => ({ address: 'RoutingStrategy/b' }))],
    ['an id', firstChange(plan, () => ({ id: 'other' }))],
    ['a version', updateIn(plan, { precondition: { version: 2, digest: 'sha256:0' } })],
    ['no precondition', updateIn(plan, { precondition: null })],
    ['the state before', updateIn(plan, { before: {} })],
    ['the state after', updateIn(plan, { after: { status: 'draft' } })],
    ['an operation', updateIn(plan, { operations: [] })],
    ['the name that it has until then', updateIn(plan, { previously: 'old' })],
    ['what is waited for', firstChange(plan, () => ({ waitsFor: ['RoutingStrategy/new'] }))],
  ])('is moved by %s', (_name, other) => {
    expect(digestOf(other)).not.toBe(digestOf(plan));
  });
});

describe('an update', () => {
  const [update] = body().changes.filter((change) => change.action === 'update');

  it('carries operations that lead from before to after', () => {
    expect(update?.operations).toEqual([{ op: 'replace', path: '/targets/0/capacity', value: 11 }]);
    expect(applyOperations(update?.before ?? {}, update?.operations ?? [])).toEqual({
      document: update?.after,
    });
  });

  it('has the version and the digest of what it saw as its precondition', () => {
    const seen = { version: 1, fields: update?.before ?? {} };
    expect(update?.precondition).toEqual(preconditionOf(seen, sha256));
    expect(preconditionOf({ ...seen, fields: {} }, sha256)).not.toEqual(update?.precondition);
  });
});

describe('a delete waits for whoever takes its callers over', () => {
  const gone = (...queues: string[]): Scene['org'][number] => ({
    name: 'old',
    raw: { targets: queues.map((queue) => target(queue)) },
  });
  const waits = (scene: Scene): readonly string[] =>
    planFor(scene).changes.find((change) => change.action === 'delete')?.waitsFor ?? ['no delete'];

  it.each<[string, Scene, readonly string[]]>([
    [
      'a rename waits for the new name',
      { manifests: [strategy('fresh', to('Tier 1'))], org: [gone('Tier 1')] },
      ['RoutingStrategy/fresh'],
    ],
    [
      'an update that takes one of its queues',
      {
        manifests: [strategy('a', `targets: [{ queue: Tier 2, capacity: 1 }]`)],
        org: [gone('Tier 1', 'Tier 2'), { name: 'a', raw: { targets: [target('Sales')] } }],
      },
      ['RoutingStrategy/a'],
    ],
    [
      'several successors, by name, each once',
      {
        manifests: [
          strategy(
            'z',
            `targets: [{ queue: Tier 1, capacity: 1 }, { queue: Tier 2, capacity: 1 }]`,
          ),
          strategy('b', to('Tier 2')),
        ],
        org: [gone('Tier 1', 'Tier 2')],
      },
      ['RoutingStrategy/b', 'RoutingStrategy/z'],
    ],
    [
      'nobody for other queues',
      { manifests: [strategy('fresh', to('Sales'))], org: [gone('Tier 1')] },
      [],
    ],
    [
      'nobody whom the plan does not change',
      {
        manifests: [strategy('a', to('Tier 1'))],
        org: [gone('Tier 1'), { name: 'a', raw: { targets: [target('Tier 1')] } }],
      },
      [],
    ],
  ])('%s', (_name, scene, expected) => {
    expect(waits(scene)).toEqual(expected);
  });
});

describe('references', () => {
  it('pins every name that the changes write, and nothing that only goes', () => {
    const { references } = planFor({
      manifests: [
        strategy('a', `${to('Tier 1')}\nselection: { skills: [{ skill: Support }] }`),
        strategy('b', 'targets: [{ queue: { id: t1 }, capacity: 1 }]\nfallback: { queue: Sales }'),
      ],
      org: [{ name: 'gone', raw: { targets: [target('Billing')] } }],
    });
    expect(references).toEqual({
      queue: { 'Tier 1': 'q1', Sales: 'q6' },
      skill: { Support: 's1' },
    });
  });

  it.each(['__proto__', 'toString', 'constructor'])('can pin a queue named %s', (name) => {
    const own = catalogOf({ queue: [{ id: 'odd', name }], skill: [] });
    const after = { targets: [target(name)] };
    const [template] = body().changes;
    if (template === undefined) throw new Error('no change');
    const references = referencesOf([{ ...template, after }], kindOf, own);
    expect(idIn({ references }, 'queue', name)).toBe('odd');
    expect(JSON.stringify(references)).toBe(`{"queue":{"${name}":"odd"},"skill":{}}`);
    const nothing = { references: { queue: {}, skill: {} } };
    expect(() => idIn(nothing, 'queue', name)).toThrow(/no id for queue/);
  });

  it('takes an id as it is', () => {
    expect(idIn({ references: {} }, 'skill', { id: 'x' })).toBe('x');
    expect(() => idIn({ references: {} }, 'skill', 'x')).toThrow('no id for skill "x"');
  });
});

describe('movedSince', () => {
  const planned = planFor(SCENE);
  const moved = (fresh: Plan): readonly string[] => movedSince(planned, fresh, kindOf);
  const [live, ...others] = SCENE.org;
  if (live === undefined) throw new Error('no live strategy');
  const edited = (edit: Partial<Scene['org'][number]>): Scene => ({
    ...SCENE,
    org: [{ ...live, ...edit }, ...others],
  });

  it.each<[string, Plan, readonly string[]]>([
    ['nothing', planFor(SCENE), []],
    ['a new version with the same content', planFor(edited({ version: 2 })), ['a']],
    [
      'another content',
      planFor(edited({ raw: { targets: [target('Tier 1', { capacity: 12 })] } })),
      ['a'],
    ],
    [
      'a change that somebody has made already',
      planFor(edited({ raw: { targets: [target('Tier 1', { capacity: 11 })] } })),
      ['a'],
    ],
    ['one that is gone', planFor({ ...SCENE, org: [live] }), ['gone']],
    [
      'one that somebody created',
      planFor({
        ...SCENE,
        org: [...SCENE.org, { name: 'new', raw: { targets: [target('Sales')] } }],
      }),
      ['new'],
    ],
    [
      'something that the plan does not touch',
      planFor({
        manifests: [...SCENE.manifests, strategy('more', to('Tier 3'))],
        org: [...SCENE.org, { name: 'stranger', raw: { targets: [target('Tier 2')] } }],
      }),
      [],
    ],
    [
      'a name that stands for another queue now',
      { ...planned, references: { ...planned.references, queue: { 'Tier 1': 'q1', Sales: 'q9' } } },
      ['new'],
    ],
    [
      'a name that stands for nothing now',
      { ...planned, references: { queue: { Sales: 'q6' }, skill: {} } },
      ['a'],
    ],
  ])('%s', (_name, fresh, names) => {
    expect(moved(fresh)).toEqual(names.map((name) => `RoutingStrategy/${name}`));
  });
});

describe('small judgements', () => {
  const check = (level: CheckResult['level'], passed: boolean): CheckResult => ({
    check: 'skills',
    level,
    subject: 'q',
    passed,
    message: '',
  });

  it.each([
    ['error', false, true],
    ['error', true, false],
    ['warn', false, false],
  ] as const)('a check with level %s, passed %s, blocks: %s', (level, passed, blocking) => {
    expect(blocks(check(level, passed))).toBe(blocking);
  });

  it('knows success from everything else', () => {
    const states: OutcomeState[] = [
      ...(['created', 'updated', 'deleted', 'adopted', 'failed', 'stale', 'blocked'] as const),
    ];
    const good = states.filter((state) =>
      succeeded({ address: 'K/a', action: 'create', state, message: '' }),
    );
    expect(good).toEqual(['created', 'updated', 'deleted', 'adopted']);
    expect(succeeded(undefined)).toBe(false);
  });

  it('finds the guards that failed, and seals what it is given', () => {
    const plan = planFor({
      ...SCENE,
      guards: { maxDeletes: { kind: 'count', value: 0 }, maxChanges: { kind: 'count', value: 9 } },
    });
    expect(failedGuards(plan.guards).map((one) => one.guard)).toEqual(['maxDeletes']);
    const { digest, ...rest } = plan;
    expect(sealed(rest, sha256).digest).toBe(digest);
    expect(catalog.nameOf('queue', 'q1')).toBe('Tier 1');
  });
});
