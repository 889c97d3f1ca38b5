/** What people read of a prediction, in every form of a plan. */
import { describe, expect, it } from 'vitest';
import type { Compared, Predicted, PredictedQueue, Prediction } from '../../src/core/prediction.js';
import { kindName } from '../../src/core/outcome.js';
import type { Plan } from '../../src/core/types.js';
import { planHtml } from '../../src/render/html.js';
import { planJson } from '../../src/render/json.js';
import { COMMENT_BYTES } from '../../src/render/budget.js';
import { planMarkdown } from '../../src/render/markdown.js';
import { reviewMarkdown, type Review } from '../../src/render/review.js';
import { plainStyle } from '../../src/render/style.js';
import { planText } from '../../src/render/text.js';
import { expectFits } from '../support/fits.js';
import { expectGolden } from '../support/golden.js';
import { kindOf, planFor, strategy } from '../support/plans.js';
import { validatorOf } from '../support/schemas.js';

const compared = (before: number, after: number, range = 0.03): Compared => ({
  before,
  after,
  difference: after - before,
  differenceLow: after - before - range,
  differenceHigh: after - before + range,
  hourLow: Math.max(0, after - 0.14),
  hourHigh: Math.min(1, after + 0.11),
});
const queue = (name: string, served: Compared, moves = true): PredictedQueue => ({
  queue: name,
  queueId: `id-${name}`,
  withinSeconds: 20,
  served,
  moves,
  waitSeconds: compared(12, 19, 2),
  abandoned: compared(0.04, 0.06),
  occupancy: compared(0.84, 0.88),
});
const MOVING: Predicted = {
  address: 'RoutingStrategy/support',
  refused: null,
  notes: [],
  calls: 412,
  fit: 0.02,
  queues: [
    queue('Tier 1', compared(0.81, 0.74)),
    queue('Tier <2>', compared(0.66, 0.79)),
    queue('Tier 3', compared(0.9, 0.9), false),
  ],
};
const WINDOW = { from: '2026-11-26T06:00:00.000Z', to: '2026-11-26T09:00:00.000Z', hours: 3 };

function planWith(predicted: Predicted, over: Partial<Prediction> = {}): Plan {
  const ways = (weight: number): string =>
    `targets: [{ queue: Tier 1, capacity: 10 }, { queue: Tier 2, weight: ${weight}, capacity: 10 }]`;
  const was = ['Tier 1', 'Tier 2'].map((one) => ({ queue: one, capacity: 10, weight: 1 }));
  const plan = planFor({
    manifests: [strategy('support', ways(0.4))],
    org: [{ name: 'support', raw: { targets: was } }],
  });
  return { ...plan, prediction: { ...WINDOW, ...over, strategies: [predicted] } };
}

const lines = (plan: Plan): string[] =>
  planText(plan, plainStyle)
    .split('\n')
    .filter((line) => /≈|within/.test(line));

/** As the comment of a pull request has it. */
function reviewOf(plan: Plan): Review {
  return {
    plannings: [{ environment: 'prod', failure: '', plan, run: '20260302T090000000Z-plan' }],
    issues: [],
    git: 'this pull request',
    lead: '',
    runUrl: 'https://github.com/acme/routing/actions/runs/7001',
    commit: 'c0ffee'.padEnd(40, '0'),
    routesOf: (address, fields) => kindOf(kindName(address)).traffic?.routes(fields) ?? [],
    before: () => new Set(),
  };
}

describe('a prediction', () => {
  const plan = planWith(MOVING);

  it('is read in text, Markdown, HTML and JSON', () => {
    expectFits('plan-predicted', (style) => planText(plan, style));
    expectGolden('plan-predicted.txt', `${planText(plan, plainStyle)}\n`);
    expectGolden('plan-predicted.md', planMarkdown(plan));
    expectGolden('plan-predicted.html', planHtml(plan));
    expect(validatorOf('plan')(JSON.parse(planJson(plan)))).toBe(true);
    expectGolden('review-predicted.md', reviewMarkdown(reviewOf(plan), COMMENT_BYTES));
  });

  it('says nothing of queues that do not move, and that none does', () => {
    expect(lines(plan).join()).not.toContain('Tier 3');
    const still = { ...MOVING, queues: MOVING.queues.map((one) => ({ ...one, moves: false })) };
    expect(lines(planWith(still))).toEqual(['    ≈ no queue moves by more than can be told']);
  });

  it('says why there is none, and what is to be known beside it', () => {
    const refused = {
      ...MOVING,
      refused: 'only 31 calls',
      notes: ['capacity is not read'],
      queues: [],
    };
    expect(lines(planWith(refused))).toEqual([
      '    ≈ capacity is not read',
      '    ≈ no prediction: only 31 calls',
    ]);
  });

  it('says once what holds for many, in every form', () => {
    const refused = 'it is new: nobody knows how many calls it will get';
    const several = (count: number): Plan => {
      const strategies = Array.from({ length: count }, (_, index): Predicted => {
        const address = index === 0 ? MOVING.address : `RoutingStrategy/s${index}`;
        return { ...MOVING, address, refused, notes: ['capacity is not read'], queues: [] };
      });
      return { ...plan, prediction: { ...WINDOW, strategies } };
    };
    const names = ['RoutingStrategy/support', 'RoutingStrategy/s1'].join(', ');
    expect(lines(several(2))).toEqual(['    ≈ capacity is not read']);
    expect(planText(several(2), plainStyle)).toContain(`! no prediction: ${names}: ${refused}\n`);
    expect(planText(several(30), plainStyle)).toContain(`s9 and 20 more: ${refused}\n`);
    for (const text of [planMarkdown(several(30)), planHtml(several(30))]) {
      expect(text.split(refused)).toHaveLength(2);
    }
    expect(lines(several(1))).toContain(`    ≈ no prediction: ${refused}`);
  });

  it('says of what was not played that it was not', () => {
    expect(lines(planWith({ ...MOVING, byBooks: true }))[0]).toMatch(
      /^ {4}≈≈ next hour .*412 calls; by Erlang A, not played; the model is within/,
    );
  });

  it('says which hour it is about', () => {
    expect(lines(planWith(MOVING, { at: '2026-11-27T10:00Z' }))[0]).toBe(
      '    ≈ 2026-11-27T10:00Z, by the same hour of the last four weeks (data, 412 calls; ' +
        'the model is within 2 points of what callers met; ranges hold 8 times of 10)',
    );
  });
});
