/** A name that the platform refuses at a create: somebody's deed only where it is found. */
import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../src/genesys/transport.js';
import { faulty, refusal, type Fault } from '../support/faults.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';
import { many, manifestOf } from '../support/many.js';

const KINDS: Readonly<Record<string, readonly [path: string, spec: object, body?: object]>> = {
  Skill: ['/api/v2/routing/skills', {}],
  Language: ['/api/v2/routing/languages', {}],
  WrapupCode: ['/api/v2/routing/wrapupcodes', {}],
  Queue: ['/api/v2/routing/queues', {}],
  Schedule: [
    '/api/v2/architect/schedules',
    { start: '2026-01-05T08:00:00', end: '2026-01-05T18:00:00', rrule: 'FREQ=DAILY' },
    { start: '2026-01-05T08:00:00.000', end: '2026-01-05T18:00:00.000', rrule: 'FREQ=DAILY' },
  ],
  EmergencyGroup: [
    '/api/v2/architect/emergencygroups',
    { description: 'Fire' },
    { description: 'Fire', enabled: false, emergencyCallFlows: [] },
  ],
};
const REFUSALS = [
  [409, 'general.conflict'],
  [400, 'duplicate.name'],
] as const;

/** What denies a look denies whatever comes after it as well. */
const LOOKS = [
  [401, 6],
  [403, 6],
  [400, 5],
] as const;

describe.each(Object.entries(KINDS))('a new %s', (kind, [path, spec, body = {}]) => {
  const files = { 'new.yaml': manifestOf(kind, 'Refused', spec) };
  const posts = (does: Fault['does']): Fault => ({
    method: 'POST',
    path: new RegExp(`${path}$`),
    does,
  });

  describe.each(REFUSALS)('whose name is refused by %d %s', (status, code) => {
    const refused = posts({ answer: refusal(status, code, 'The name is in use') });

    it('and that no listing shows is not said to be made by anybody', async () => {
      const place = many(bench(ORG), 'datatable');
      const run = await place.apply(files, faulty(place.bench.exchange, [refused]));
      expect([run.exitCode, run.outcomes]).toMatchObject([5, [{ state: 'failed' }]]);
      const [outcome] = run.outcomes;
      expect(outcome?.message).toContain('lists nothing of this name');
      expect(outcome?.message).toContain(`POST ${path} answered ${status} ${code}`);
      expect(outcome?.hint).toContain('apply again in a minute: what was made a moment ago');
      expect(outcome?.hint).toContain('a division that this client may not see');
      expect((await place.apply(files)).outcomes).toMatchObject([{ state: 'created' }]);
    });

    it.each(LOOKS)('and that cannot be looked up (%d) is said so', async (denied, exitCode) => {
      const place = many(bench(ORG), 'datatable');
      const inner = faulty(place.bench.exchange, [refused]);
      let isSent = false;
      const run = await place.apply(files, {
        exchange: async (request) => {
          const isListing = request.method === 'GET' && request.url.includes(path);
          if (isSent && isListing) return refusal(denied, 'not.allowed', 'No');
          isSent ||= request.method === 'POST' && request.url.endsWith(path);
          return inner.exchange(request);
        },
      });
      expect([run.exitCode, run.outcomes]).toMatchObject([exitCode, [{ state: 'failed' }]]);
      expect(run.outcomes[0]?.message).toContain('by what could not be looked up');
      expect(run.outcomes[0]?.message).toContain(`answered ${denied} not.allowed`);
    });
  });

  it('that somebody makes just before is theirs, and stays as it is', async () => {
    const place = many(bench(ORG), 'datatable');
    const meanwhile = (): Promise<void> => place.send('POST', path, { name: 'Refused', ...body });
    const run = await place.apply(files, faulty(place.bench.exchange, [posts({ meanwhile })]));
    expect(run.outcomes).toMatchObject([{ state: 'stale' }]);
    expect(run.outcomes[0]?.message).toContain('was created in the org by somebody else');
    const { plan } = await place.plan(files);
    expect(plan.changes.map(({ action }) => action)).not.toContain('create');
  });

  it('that the platform takes for another one in other letters is not said to be of nobody', async () => {
    const place = many(bench(ORG), 'datatable');
    const other = { name: 'REFUSED', ...body };
    let isRefused = false;
    const exchange: Exchange = async (request) => {
      if (request.method === 'POST' && request.url.endsWith(path) && !isRefused) {
        isRefused = true;
        await place.send('POST', path, other);
        return refusal(400, 'Duplicate.Name', 'The name is in use');
      }
      return place.bench.exchange(request);
    };
    const run = await place.apply(files, { exchange });
    expect(run.outcomes).toMatchObject([{ state: 'stale' }]);
    expect(run.outcomes[0]?.message).toContain('the name is taken, and lists "REFUSED"; nothing');
  });
});

it('a look that is denied halts the run before the next create', async () => {
  const place = many(bench(ORG), 'datatable');
  const path = '/api/v2/routing/skills';
  let isRefused = false;
  const run = await place.apply(
    { 'a.yaml': manifestOf('Skill', 'A', {}), 'b.yaml': manifestOf('Skill', 'B', {}) },
    {
      exchange: async (request) => {
        if (request.method === 'GET' && request.url.includes(path) && isRefused) {
          return refusal(401, 'bad.credentials', 'No');
        }
        if (request.method !== 'POST' || !request.url.endsWith(path)) {
          return place.bench.exchange(request);
        }
        isRefused = true;
        return refusal(409, 'general.conflict', 'The name is in use');
      },
    },
  );
  expect(run.exitCode).toBe(6);
  expect(run.outcomes.map(({ state }) => state)).toEqual(['failed', 'blocked']);
  expect(run.outcomes[1]?.message).toContain('the run stopped at Skill/A');
});

const ANN = { name: 'Ann', email: 'ann@example.com' };

describe('a write that is refused as one of what is not there, or is another', () => {
  const files = { 'q.yaml': manifestOf('Queue', 'Refused', {}) };
  it('says of a new object that what it names is not there, and of no data table', async () => {
    const place = many(bench(ORG), 'datatable');
    const answer = refusal(404, 'not.found', 'No such division');
    const fault: Fault = { method: 'POST', path: /routing\/queues$/, does: { answer } };
    const { outcomes } = await place.apply(files, faulty(place.bench.exchange, [fault]));
    const [gone] = outcomes;
    expect(gone).toMatchObject({ state: 'stale' });
    expect(gone?.message).toContain('names something that the org has no more, or does not show');
    expect(gone?.message).not.toContain('data table');
  });

  it.each([
    ['PUT', /routing\/queues\/[^/]+$/],
    ['POST', /\/members$/],
  ])('says the same of one that is there still (%s)', async (method, path) => {
    const place = many(bench({ ...ORG, users: [...(ORG.users ?? []), ANN] }), 'datatable');
    await place.apply(files);
    const spec = { description: 'New', members: [ANN.email] };
    const answer = refusal(404, 'not.found', 'No such division');
    const fault: Fault = { method, path, times: 9, does: { answer } };
    const more = { 'q.yaml': manifestOf('Queue', 'Refused', spec) };
    const { outcomes } = await place.apply(more, faulty(place.bench.exchange, [fault]));
    expect(outcomes[0]?.message).toContain('names something that the org has no more');
  });

  it('says of a new queue whose members are refused that it was created, and of no draft', async () => {
    const place = many(bench({ ...ORG, users: [...(ORG.users ?? []), ANN] }), 'datatable');
    const answer = refusal(400, 'bad.request', 'No');
    const fault: Fault = { method: 'POST', path: /\/members$/, times: 9, does: { answer } };
    const made = { 'q.yaml': manifestOf('Queue', 'Refused', { members: [ANN.email] }) };
    const { outcomes } = await place.apply(made, faulty(place.bench.exchange, [fault]));
    expect(outcomes).toMatchObject([{ state: 'failed' }]);
    expect(outcomes[0]?.message).toContain('(after: created)');
  });

  it('says of a table whose row is refused, and not of one of our own records, that it is there', async () => {
    const place = many(bench(ORG), 'datatable');
    const table = (n: number) => ({
      't.yaml': manifestOf('DataTable', 'Sites', {
        columns: [
          { name: 'site', type: 'string' },
          { name: 'n', type: 'integer' },
        ],
        rows: { mode: 'owned', items: [{ site: 'Bonn', n }] },
      }),
    });
    await place.apply(table(1));
    const answer = refusal(404, 'not.found', 'No such row');
    const fault: Fault = { method: 'PUT', path: /rows\/Bonn$/, times: 9, does: { answer } };
    const { outcomes } = await place.apply(table(2), faulty(place.bench.exchange, [fault]));
    expect(outcomes[0]?.message).toContain('names something that the org has no more');
  });

  it('says of one that cannot be looked up neither that it is there nor that it is gone', async () => {
    const place = many(bench(ORG), 'datatable');
    await place.apply(files);
    const planned = await place.plan({
      'q.yaml': manifestOf('Queue', 'Refused', { description: 'New' }),
    });
    const path = /routing\/queues\/[^/]+$/;
    const put: Fault = { method: 'PUT', path, does: { answer: refusal(404, 'not.found', 'No') } };
    const inner = faulty(place.bench.exchange, [put]);
    let isSent = false;
    const exchange: Exchange = async (request) => {
      if (isSent && path.test(request.url)) return refusal(403, 'not.allowed', 'No');
      isSent ||= request.method === 'PUT' && path.test(request.url);
      return inner.exchange(request);
    };
    const { outcomes } = await place.carryOut(planned, { exchange });
    expect(outcomes).toMatchObject([{ state: 'failed' }]);
    expect(outcomes[0]?.message).toMatch(/^PUT \S+ answered 404 not\.found/);
  });

  it('says of one that is gone that it is', async () => {
    const place = many(bench(ORG), 'datatable');
    await place.apply(files);
    const all = [...place.bench.org.queues.values()];
    const id = all.find(({ name }) => name === 'Refused')?.id;
    const planned = await place.plan({
      'q.yaml': manifestOf('Queue', 'Refused', { description: 'New' }),
    });
    const meanwhile = async (): Promise<unknown> =>
      place.send('DELETE', `/api/v2/routing/queues/${id}`);
    const fault: Fault = { method: 'PUT', does: { meanwhile } };
    const { outcomes } = await place.carryOut(planned, faulty(place.bench.exchange, [fault]));
    expect(outcomes[0]?.message).toContain('was deleted in the org after the plan was made');
  });

  it.each(['strategies-api', 'datatable'] as const)(
    'says of a strategy (%s) whose queue is gone by its checks that it names what is not there',
    async (backend) => {
      const place = many(bench(ORG), backend);
      const asking = (weight: number, status: string) => ({
        's.yaml': manifestOf('RoutingStrategy', 'Asking', {
          status,
          selection: { skills: [{ skill: 'Voice' }] },
          targets: [{ queue: 'Alpha', capacity: 5, weight }],
        }),
      });
      await place.apply(asking(1, 'draft'));
      let isGone = false;
      const exchange: Exchange = async (request) =>
        isGone && /\/members\b/.test(request.url)
          ? refusal(404, 'not.found', 'No such queue')
          : place.bench.exchange(request);
      const planned = await place.plan(asking(0.5, 'active'), { exchange });
      // What a plan has read is asked for again after a minute.
      await place.bench.clock.sleep(61_000);
      isGone = true;
      const { outcomes } = await place.carryOut(planned);
      expect(outcomes).toMatchObject([{ state: 'stale' }]);
      expect(outcomes[0]?.message).toContain('names something that the org has no more');
      expect(outcomes[0]?.message).not.toContain('deleted');
    },
  );

  it.each([
    ['general.conflict', 'was put to use in the org, or changed there, after the plan was made'],
    ['version.conflict', 'was changed in the org after the plan was made'],
  ])('says of a delete (%s) that something may use the object', async (code, text) => {
    const place = many(bench(ORG), 'datatable');
    await place.apply(files);
    const planned = await place.plan({}, { prune: true });
    const answer = refusal(409, code, 'assigned to');
    const { outcomes } = await place.carryOut(planned, {
      exchange: async (request) =>
        request.method === 'DELETE' ? answer : place.bench.exchange(request),
    });
    expect(outcomes).toMatchObject([{ state: 'stale', message: expect.stringContaining(text) }]);
  });
});
