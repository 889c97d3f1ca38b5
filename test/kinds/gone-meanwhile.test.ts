/** Objects that somebody deletes between the listing of them and the reading of their parts. */
import { describe, expect, it } from 'vitest';
import { faulty, refusal, type Mishap } from '../support/faults.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

const FILES = {
  'a.yaml': manifestOf('Queue', 'Bills', { members: [] }),
  'b.yaml': manifestOf('Queue', 'Mail', { members: [] }),
  't.yaml': manifestOf('DataTable', 'Sites', {
    columns: [{ name: 'site', type: 'string' }],
    rows: { mode: 'owned', items: [{ site: 'Bonn' }] },
  }),
};

async function applied(): Promise<{ place: Many; queue: string; table: string }> {
  const place = many(bench(ORG), 'datatable');
  await place.apply(FILES);
  const { org } = place.bench;
  const queue = [...org.queues.values()].find(({ name }) => name === 'Bills')?.id ?? '';
  return { place, queue, table: org.tableNames.get('Sites') ?? '' };
}

const planned = async (place: Many, path: RegExp, does: Mishap): Promise<string[]> => {
  const { exchange } = faulty(place.bench.exchange, [{ method: 'GET', path, does }]);
  const { plan } = await place.plan(FILES, { exchange });
  return plan.changes.map(({ action, address }) => `${action} ${address}`);
};

describe('what is gone when its parts are read', () => {
  it('a queue is gone, and everything else is planned', async () => {
    const { place, queue } = await applied();
    const meanwhile = () => place.bench.org.queues.delete(queue);
    expect(await planned(place, new RegExp(`${queue}/members$`), { meanwhile })).toEqual([
      'create Queue/Bills',
    ]);
  });

  it('a table is gone', async () => {
    const { place, table } = await applied();
    const meanwhile = () => place.bench.org.tables.delete(table);
    expect(await planned(place, new RegExp(`${table}/rows$`), { meanwhile })).toEqual([
      'create DataTable/Sites',
    ]);
  });

  it('a queue that is there all the same cannot be told', async () => {
    const { place, queue } = await applied();
    const answer = refusal(404, 'not.found', 'no such thing');
    await expect(planned(place, new RegExp(`${queue}/members$`), { answer })).rejects.toThrow(
      'answered 404',
    );
  });
});
