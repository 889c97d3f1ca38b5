/** Queues that have a peer, in an org whose plain listing leaves them out. */
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/types.js';
import type { Exchange } from '../../src/genesys/transport.js';
import { faulty, refusal } from '../support/faults.js';
import { many, manifestOf, STRATEGY, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';
import { unhandledIn } from '../support/unhandled.js';

const QUEUES = '/api/v2/routing/queues';
const QUEUE = (name: string, spec: object = {}): string => manifestOf('Queue', name, spec);
const BILLS = { 'q.yaml': QUEUE('Bills', { description: 'Bills' }) };

function gets(place: Many, name: string): string {
  const found = [...place.bench.org.queues.values()].find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no queue ${name}`);
  found.settings = { ...found.settings, peerId: 'another' };
  Object.assign(place.bench.org, { manners: { ...place.bench.org.manners, peers: 'left out' } });
  return found.id;
}

const lines = ({ changes, blocked = [] }: Plan): string[] => [
  ...changes.map(({ action, address }) => `${action} ${address}`),
  ...blocked.map(({ address, obstacles }) =>
    [address, ...obstacles.map(({ message }) => message)].join(': '),
  ),
];

describe.each(['strategies-api', 'datatable'] as const)('%s: a queue with a peer', (backend) => {
  const on = (): Many => many(bench(ORG), backend);

  it('that is ours is not made a second time', async () => {
    const place = on();
    await place.apply(BILLS);
    gets(place, 'Bills');
    expect(lines((await place.plan(BILLS)).plan)).toEqual([]);
    const { outcomes } = await place.apply({
      'q.yaml': QUEUE('Bills', { description: 'Bills, all of them' }),
    });
    expect(outcomes.map(({ state, address }) => `${state} ${address}`)).toEqual([
      'updated Queue/Bills',
    ]);
  });

  it("that is nobody's is not made a second time", async () => {
    const place = on();
    gets(place, 'Beta');
    const { plan } = await place.plan(
      { 'q.yaml': QUEUE('Beta', { description: 'b' }) },
      { adopt: true },
    );
    expect(lines(plan)).toEqual(['adopt Queue/Beta']);
  });

  it('that no manifest declares any more is deleted, and not forgotten', async () => {
    const place = on();
    await place.apply(BILLS);
    gets(place, 'Bills');
    expect(lines((await place.plan({})).plan)).toEqual(['delete Queue/Bills']);
  });

  it('is known to what names it', async () => {
    const place = on();
    gets(place, 'Alpha');
    const { plan } = await place.plan({ 's.yaml': STRATEGY('sales', 'Voice') });
    expect(lines(plan)).toEqual(['create RoutingStrategy/sales']);
  });

  it('holds what it refers to', async () => {
    const place = on();
    await place.apply({ 'a.yaml': QUEUE('Backup') });
    const id = [...place.bench.org.queues.values()].find(({ name }) => name === 'Backup')?.id;
    await place.send('POST', QUEUES, { name: 'Theirs', directRouting: { backupQueueId: id } });
    gets(place, 'Theirs');
    expect(lines((await place.plan({})).plan)).toEqual([
      'Queue/Backup: no manifest declares it, and it is not deleted: Queue/Theirs (in the org) ' +
        'still refers to it',
    ]);
  });

  it('costs nothing where nothing is missing', async () => {
    const place = on();
    await place.apply(BILLS);
    const { exchange, sent } = faulty(place.bench.exchange);
    await place.plan(BILLS, { exchange });
    expect(sent.filter(({ path }) => path.includes('hasPeer'))).toEqual([]);
  });

  it('is known to a cell that names it', async () => {
    const place = on();
    gets(place, 'Alpha');
    const table = manifestOf('DataTable', 'Lines', {
      columns: [
        { name: 'line', type: 'string' },
        { name: 'queue', type: 'string', references: 'Queue' },
      ],
      rows: { mode: 'owned', items: [{ line: '1', queue: 'Alpha' }] },
    });
    expect(lines((await place.plan({ 't.yaml': table })).plan)).toEqual(['create DataTable/Lines']);
  });

  it('is listed once more, and nothing else, where another one is missing', async () => {
    const place = on();
    await place.apply({});
    const asked = async (): Promise<string[]> => {
      const { exchange, sent } = faulty(place.bench.exchange);
      const { plan } = await place.plan(
        { ...BILLS, 's.yaml': STRATEGY('sales', 'Voice') },
        { exchange },
      );
      expect(lines(plan)).toEqual(['create Queue/Bills', 'create RoutingStrategy/sales']);
      return sent.map(({ method, path }) => `${method} ${path}`).sort();
    };
    const before = await asked();
    gets(place, 'Gamma');
    expect(await asked()).toEqual(before);
  });

  it('and a listing that fails while the other is still under way end the plan', async () => {
    const place = on();
    await place.apply(BILLS);
    gets(place, 'Bills');
    let listings = 0;
    const exchange: Exchange = async (request) => {
      const { pathname, search } = new URL(request.url);
      if (pathname !== QUEUES) return place.bench.exchange(request);
      if (search.includes('hasPeer')) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return place.bench.exchange(request);
      }
      listings += 1;
      return listings === 1 ? place.bench.exchange(request) : refusal(400, 'odd', 'No');
    };
    expect(await unhandledIn(async () => place.plan(BILLS, { exchange }))).toEqual([]);
    expect(listings).toBeGreaterThan(1);
  });
});
