/** What a reviewer on GitHub reads of a pull request that touches several kinds. */
import { expect, it } from 'vitest';
import { kindName } from '../../src/core/outcome.js';
import type { Address } from '../../src/core/types.js';
import { COMMENT_BYTES } from '../../src/render/budget.js';
import { reviewMarkdown } from '../../src/render/review.js';
import { expectGolden } from '../support/golden.js';
import { many, manifestOf, SKILL, STRATEGY } from '../support/many.js';
import { bench } from '../support/org.js';
import { kindOf } from '../support/plans.js';
import { ORG } from '../support/reconcile.js';

it('names each object by its kind, and what waits for what', async () => {
  const place = many(bench(ORG), 'datatable');
  const wrapup = (description: string): string =>
    manifestOf('WrapupCode', 'Solved', { description });
  await place.apply({
    'language.yaml': manifestOf('Language', 'Dutch', {}),
    'wrapup.yaml': wrapup('Answered'),
    'gone.yaml': SKILL('Faxes'),
  });
  const { plan } = await place.plan({
    'language.yaml': manifestOf('Language', 'Dutch', {}),
    'wrapup.yaml': wrapup('Answered, and thanked for'),
    'skill.yaml': SKILL('Refunds'),
    'strategy.yaml': STRATEGY('refunds', 'Refunds'),
  });
  const text = reviewMarkdown(
    {
      issues: [],
      git: 'this pull request',
      lead: '',
      runUrl: 'https://github.com/acme/routing/actions/runs/7001',
      commit: 'c0ffee'.padEnd(40, '0'),
      routesOf: (address, fields) => kindOf(kindName(address)).traffic?.routes(fields) ?? [],
      before: () => new Set(),
      plannings: [{ environment: 'test', failure: '', plan, run: '20260302T090000000Z-plan-test' }],
    },
    COMMENT_BYTES,
  );
  expectGolden('review-kinds.md', text);
  expect(text).not.toMatch(/1 strategies|strategies were/);
});

it('draws queues with how many are in them, and where their calls overflow to', async () => {
  const users = ['Ann', 'Bob', 'Cid'].map((name) => ({ name }));
  const place = many(bench({ ...ORG, users: [...(ORG.users ?? []), ...users] }), 'datatable');
  const queue = (members: string[], spec: object = {}): string =>
    manifestOf('Queue', 'Bills', {
      members: members.map((name) => `${name}@example.com`),
      ...spec,
    });
  await place.apply({ 'queue.yaml': queue(['ann']) });
  const overflow = {
    directRouting: { backupQueue: 'Alpha', agentWaitSeconds: 60 },
    conditionalGroupRouting: [
      { metric: 'EstimatedWaitTime', operator: 'GreaterThan', conditionValue: 30 },
      {
        queue: 'Beta',
        metric: 'EstimatedWaitTime',
        operator: 'GreaterThan',
        conditionValue: 90,
        waitSeconds: 20,
      },
    ],
  };
  const { plan } = await place.plan({
    'queue.yaml': queue(['ann', 'bob', 'cid'], overflow),
    'strategy.yaml': manifestOf('RoutingStrategy', 'bills', {
      checks: { skills: 'off', capacity: 'off' },
      targets: [{ queue: 'Bills', capacity: 5 }],
      fallback: { queue: 'Beta' },
    }),
  });
  const kindAt = (address: string) => kindOf(kindName(address as Address));
  const text = reviewMarkdown(
    {
      issues: [],
      git: 'this pull request',
      lead: '',
      runUrl: null,
      commit: null,
      routesOf: (address, fields) => {
        const { traffic, waiting } = kindAt(address);
        return traffic?.routes(fields) ?? waiting?.overflow(fields) ?? [];
      },
      factsOf: (address, fields) => kindAt(address).waiting?.facts(fields) ?? [],
      before: () => new Set(),
      plannings: [{ environment: 'test', failure: '', plan, run: null }],
    },
    COMMENT_BYTES,
  );
  const drawings = text
    .split('```mermaid')
    .slice(1)
    .map((one) => one.split('```')[0] ?? '');
  const drawn = (part: string): string[] => drawings.filter((one) => one.includes(part));
  const [own] = drawn('s(["Bills');
  expect(own).toContain('s(["Bills<br>1 member → 3 members"])');
  expect(own).toContain('s -.->|"backup of direct routing<br>after 60 s"| q0["new: Alpha"]');
  expect(own).toContain('rule 2<br>EstimatedWaitTime GreaterThan 90<br>after 20 s');
  const [over] = drawn('new: bills');
  expect(over).toContain('q0["new: Bills<br>1 member → 3 members"]');
});
