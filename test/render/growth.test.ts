/** A plan of thousands is written in a time that grows as it does, in every form. */
import { describe, it } from 'vitest';
import type { Plan } from '../../src/core/types.js';
import { planHtml } from '../../src/render/html.js';
import { planJson } from '../../src/render/json.js';
import { planMarkdown } from '../../src/render/markdown.js';
import { plainStyle } from '../../src/render/style.js';
import { planText } from '../../src/render/text.js';
import { expectGrowth } from '../support/growth.js';
import { planFor, strategy } from '../support/plans.js';

const ONE = planFor({
  manifests: [strategy('support', 'targets: [{ queue: Tier 1, capacity: 10 }]')],
  org: [],
});
const WINDOW = { from: '2026-11-26T06:00:00.000Z', to: '2026-11-26T09:00:00.000Z', hours: 3 };

/** All of them new, and nothing predicted of any. */
function planOf(size: number): Plan {
  const addresses = Array.from({ length: size }, (_, nth) => `RoutingStrategy/s${nth}` as const);
  const [change] = ONE.changes;
  if (change === undefined) throw new Error('nothing is planned');
  const none = { notes: [], calls: 0, fit: null, queues: [] };
  const strategies = addresses.map((address) => ({ ...none, address, refused: 'it is new' }));
  return {
    ...ONE,
    changes: addresses.map((address) => ({ ...change, address })),
    prediction: { ...WINDOW, strategies },
  };
}

describe('a plan of thousands', () => {
  it.each([
    ['text', (plan: Plan) => planText(plan, plainStyle)],
    ['Markdown', (plan: Plan) => planMarkdown(plan)],
    ['HTML', (plan: Plan) => planHtml(plan)],
    ['JSON', (plan: Plan) => planJson(plan)],
  ])('is written as %s in a time that grows with it', (_form, written) => {
    expectGrowth((size) => written(planOf(size)), 3000);
  });
});
