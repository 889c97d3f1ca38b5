/** The picture of the README is the comment that a pull request gets: UPDATE_GOLDEN=1 draws it anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Plan } from '../../src/core/types.js';
import { reviewMarkdown } from '../../src/render/review.js';
import { Workplace } from '../support/cli.js';
import { pictureOf } from '../support/picture.js';

const FILE = new URL('../../docs/pull-request.svg', import.meta.url);

async function planOfTheExample(): Promise<Plan> {
  const place = await Workplace.open(undefined, { backend: 'datatable' });
  try {
    await place.strategos(['apply', '--yes']);
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 10');
    const tables = await place.entities('/api/v2/flows/datatables');
    const table = tables.find(({ name }) => name === 'Routing Strategies')!;
    const row = `/api/v2/flows/datatables/${table.id}/rows/sales`;
    const before = (await place.request('GET', `${row}?showbrief=false`)) as object;
    await place.request('PUT', row, { ...before, target_01_share: 0.2 });
    await place.strategos(['plan', '--out', 'plan.json', '--no-predict']);
    return JSON.parse(await place.read('plan.json')) as Plan;
  } finally {
    await place.close();
  }
}

it('shows the comment that the example gets', async () => {
  const plan = await planOfTheExample();
  const comment = reviewMarkdown(
    {
      plannings: [{ environment: 'demo', plan, failure: '', run: null }],
      issues: [],
      git: 'this pull request',
      before: () => new Set(),
      lead: '',
      commit: null,
      runUrl: null,
      routesOf: () => [],
    },
    60_000,
  );
  const steady = comment
    .replace(/sha256:[0-9a-f]{60,}/g, 'sha256:5f0c…')
    .replace(/\d+ requests? used/, '12 requests used')
    .replace(/about \d+/, 'about 21');
  const picture = pictureOf(steady);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(FILE, picture);
  expect(picture).toBe(readFileSync(FILE, 'utf8'));
  expect(picture.length).toBeLessThan(200_000);
  expect(picture).toContain('weight');
});
