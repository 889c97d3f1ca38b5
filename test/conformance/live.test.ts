/**
 * The suite over HTTP: on the org that the environment names, and on a simulator that stands in for
 * one, so that the way there is tested where there is no org.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/http.js';
import { createOrg } from '../../src/simulator/org.js';
import { watchExchange } from '../support/fidelity.js';
import { HurriedClock } from '../support/hurried.js';
import { tableLike } from '../support/owned.js';
import { ORG } from '../support/reconcile.js';
import { ROWS } from '../support/rows.js';
import { conformance } from './cases.js';
import { liveOrg, missingIn, namedIn } from './drivers.js';

const elsewhere = namedIn(process.env);
if (elsewhere === null) {
  describe('datatable on a live org', () => {
    it.skip(`every case (skipped: not set: ${missingIn(process.env).join(', ')})`);
  });
} else {
  conformance(await liveOrg('datatable on a live org', elsewhere));
}

const org = createOrg(
  {
    ...ORG,
    strategies: [{ name: 'a', targets: [{ queue: 'Alpha', priority: 1, weight: 1, capacity: 1 }] }],
  },
  { rateLimitPerMinute: 0, importMs: 50 },
);
// What is there already, and nobody asked us to touch.
const theirs = tableLike(org, {
  name: ROWS.tables.objects,
  description: '',
  keyTitle: '',
  columns: [],
});
theirs.rows.set('theirs', new Map([['key', 'theirs']]));
const before = structuredClone([org.tables, org.strategies, org.queues]);

/** Waits of a run are over at once, there and here. */
const clock = new HurriedClock();
const simulator = await startSimulator({ org, now: clock.now, tap: watchExchange });
afterAll(() => simulator.close());

conformance(
  await liveOrg('datatable on a simulator that stands in for a live org', {
    host: simulator.url,
    clientId: 'demo',
    clientSecret: 'demo',
    queues: ['Alpha', 'Beta', 'Gamma'],
    clock,
  }),
);

describe('a run on a live org', () => {
  it('leaves nothing behind and has touched nothing that was there', () => {
    expect([org.tables, org.strategies, org.queues]).toEqual(before);
  });

  it('has left nothing in the audit about objects that are not its own', () => {
    const named = org.audits.map(({ entityType, entity, context }) =>
      entityType === 'Row' ? context?.['datatableId'] : entity?.id,
    );
    expect(named).not.toContain(theirs.id);
    const others = org.audits.filter(({ serviceName }) => serviceName !== 'Datatables');
    expect(others).toEqual([]);
  });

  it('names every variable that is missing', () => {
    expect(missingIn({ GENESYS_CLIENT_ID: 'id', STRATEGOS_CONFORMANCE_QUEUES: 'A, B' })).toEqual([
      'STRATEGOS_CONFORMANCE_HOST',
      'GENESYS_CLIENT_SECRET',
      'STRATEGOS_CONFORMANCE_QUEUES (names of three queues, with commas between)',
    ]);
  });
});
