/** What a reviewer on GitHub reads of a pull request that touches several kinds. */
import { expect, it } from 'vitest';
import { kindName } from '../../src/core/outcome.js';
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
