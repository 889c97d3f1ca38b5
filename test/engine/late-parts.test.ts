/** What was written to a part a moment ago, and is looked at again before it is believed. */
import { expect, it } from 'vitest';
import { PlatformError } from '../../src/core/errors.js';
import { faulty, type Fault } from '../support/faults.js';
import { many, manifestOf } from '../support/many.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

const FILES = { 'q.yaml': manifestOf('Queue', 'New', { members: ['ada@example.com'] }) };

it('does not stop the plan of everything else where its object is gone by then', async () => {
  const place = many(bench(ORG), 'datatable');
  await place.apply(FILES);
  const { queues } = place.bench.org;
  const id = [...queues.values()].find(({ name }) => name === 'New')?.id ?? '';
  const members = new RegExp(`/queues/${id}/members`);
  // The listing of its members lags, and before it is asked for again somebody deletes the queue.
  const unseen: Fault = {
    method: 'GET',
    path: members,
    does: { mangle: (response) => ({ ...response, body: '{"entities":[]}' }) },
  };
  const gone: Fault = {
    method: 'GET',
    path: members,
    nth: 2,
    does: {
      meanwhile: () => place.send('DELETE', `/api/v2/routing/queues/${id}`),
    },
  };
  const { exchange } = faulty(place.bench.exchange, [unseen, gone]);
  const planned = await place.plan(FILES, { exchange }).catch((error: unknown) => error);
  expect(planned).not.toBeInstanceOf(PlatformError);
  expect(planned).toMatchObject({
    plan: { changes: [{ action: 'create', address: 'Queue/New' }] },
  });
});

it('is waited for also where its object is to be called otherwise by the same plan', async () => {
  const place = many(bench(ORG), 'datatable');
  await place.apply(FILES);
  const { org } = place.bench;
  org.memberLagMs = 3000;
  const user = [...org.users.values()].find(({ name }) => name === 'Ben')?.id ?? '';
  const two = manifestOf('Queue', 'New', { members: ['ada@example.com', 'ben@example.com'] });
  await place.apply({ 'q.yaml': two });
  const members = ['ada@example.com', 'ben@example.com'];
  const renamed = manifestOf('Queue', 'Newer', { members }).replace(
    'metadata:',
    'metadata:\n  previously: New',
  );
  const { plan } = await place.plan({ 'q.yaml': renamed });
  const said = plan.changes.map(({ address, operations }) => [address, operations]);
  // Another name alone is no operation on the fields.
  expect(said).toEqual([['Queue/Newer', []]]);
  expect([...org.queues.values()].find(({ name }) => name === 'New')?.memberIds).toContain(user);
});
