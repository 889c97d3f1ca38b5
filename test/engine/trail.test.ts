/** The platform's records about what is ours: all of it, nothing else, and gaps are said. */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import { observe } from '../../src/engine/observe.js';
import { trailOf, type Trail, type TrailRequest } from '../../src/engine/trail.js';
import { sha256 } from '../../src/files/digest.js';
import { openReader } from '../../src/genesys/sdk.js';
import { faulty, type Fault } from '../support/faults.js';
import { bindingFor } from '../support/binding.js';
import { bench, type Bench } from '../support/org.js';
import { BACKEND } from '../support/owned.js';
import { live, ORG, reweigh } from '../support/reconcile.js';

const DAY_MS = 86_400_000;
const PATIENCE_MS = 20_000;

async function trail(
  on: Bench,
  over: Partial<TrailRequest> = {},
  faults: readonly Fault[] = [],
): Promise<Trail> {
  const { exchange } = faulty(on.exchange, faults);
  const reader = openReader(on.connection('demo', exchange));
  const observation = await observe(on.reader(), bindingFor(BACKEND), sha256);
  return trailOf(reader, {
    fromMs: on.clock.now() - DAY_MS,
    toMs: on.clock.now() + DAY_MS,
    action: null,
    patienceMs: PATIENCE_MS,
    binding: bindingFor(BACKEND),
    homes: observation.homes,
    catalog: observation.catalog,
    records: observation.state.records,
    shown: observation.live.filter(({ name }) => name === 'ours'),
    addresses: new Set(['RoutingStrategy/ours', 'RoutingStrategy/gone']),
    ...over,
  });
}

function org(): Bench {
  return bench({ ...ORG, strategies: [live('ours', 'Alpha'), live('theirs', 'Beta')] });
}

async function rename(on: Bench, queue: string, description: string): Promise<void> {
  const found = (await on.reader().queues()).find(({ name }) => name === queue);
  await on.writer('person').send({
    method: 'PUT',
    path: `/api/v2/routing/queues/${found?.id ?? ''}`,
    body: { name: queue, description } satisfies JsonObject,
  });
}

const told = ({ events }: Trail): string[] => events.map(({ action, what }) => `${action} ${what}`);

describe('the trail', () => {
  it("has our strategies and the queues that they name, and nobody else's", async () => {
    const on = org();
    await reweigh(on, 'ours', 0.5);
    await reweigh(on, 'theirs', 0.5);
    await rename(on, 'Alpha', 'first');
    await rename(on, 'Beta', 'second');
    const found = await trail(on);
    expect(found.gaps).toEqual([]);
    expect(told(found).sort()).toEqual(['Update RoutingStrategy/ours', 'Update queue Alpha']);
  });

  it('asks the platform for one action alone where one is asked for', async () => {
    const on = org();
    await reweigh(on, 'ours', 0.5);
    expect(told(await trail(on, { action: 'UPDATE' }))).toEqual(['Update RoutingStrategy/ours']);
    expect(told(await trail(on, { action: 'delete' }))).toEqual([]);
    expect(on.org.auditQueries.size).toBe(4);
    for (const { filters } of on.org.auditQueries.values()) {
      expect(filters.map(({ property }) => property)).toEqual(['EntityType', 'Action']);
    }
    // An action that nothing has is asked for nowhere.
    expect(told(await trail(on, { action: 'Sing' }))).toEqual([]);
    expect(on.org.auditQueries.size).toBe(4);
  });

  it('ends with a clear gap where a query never finishes, and keeps the rest', async () => {
    const on = org();
    await reweigh(on, 'ours', 0.5);
    await rename(on, 'Alpha', 'first');
    let stalled = '';
    const startMs = on.clock.now();
    const found = await trail(on, {}, [
      {
        method: 'GET',
        path: /audits\/query\/[^/]+$/,
        times: 10_000,
        does: {
          mangle: (response) => {
            const body = JSON.parse(response.body) as { id: string };
            stalled ||= body.id;
            if (body.id !== stalled) return response;
            return { ...response, body: JSON.stringify({ ...body, state: 'Running' }) };
          },
        },
      },
    ]);
    expect(found.events).toHaveLength(1);
    expect(found.gaps.map(({ error }) => error?.code)).toEqual(['audit-unfinished']);
    const [gap] = found.gaps;
    expect(gap?.why).toMatch(
      /^GET \/api\/v2\/audits\/query.*: the audit query has not finished after 20 s: it is still Running; no record was read \(correlation id /,
    );
    expect(gap?.error?.exitCode).toBe(7);
    expect(on.clock.now() - startMs).toBeLessThan(2 * PATIENCE_MS);
  });

  it('says that the platform gave a query up', async () => {
    const on = org();
    on.org.auditsStall = true;
    const found = await trail(on, {}, [
      {
        method: 'GET',
        path: /audits\/query\/[^/]+$/,
        times: 10_000,
        does: {
          mangle: (response) => ({
            ...response,
            body: response.body.replace('"Running"', '"Failed"'),
          }),
        },
      },
    ]);
    expect(found.events).toEqual([]);
    expect(found.gaps.map(({ why }) => why)).toContainEqual(
      expect.stringContaining('the platform ended the audit query as Failed'),
    );
  });

  it('is one gap where nothing may be read, with the permission that is missing', async () => {
    const on = bench({
      ...ORG,
      strategies: [live('ours', 'Alpha')],
      clients: [...(ORG.clients ?? []), { id: 'blind', secret: 'blind', permissions: ['a:b'] }],
    });
    const observation = await observe(on.reader(), bindingFor(BACKEND), sha256);
    const found = await trailOf(on.reader('blind'), {
      fromMs: 0,
      toMs: 1,
      action: null,
      patienceMs: 1,
      binding: bindingFor(BACKEND),
      homes: observation.homes,
      catalog: observation.catalog,
      records: observation.state.records,
      shown: observation.live,
      addresses: new Set<string>(),
    });
    expect(found.events).toEqual([]);
    expect(found.gaps.map(({ error, why }) => [error?.exitCode, why])).toEqual([
      [6, expect.stringContaining('audits:audit:view')],
    ]);
  });

  it('has every event once where the time is asked for in parts', async () => {
    const on = org();
    for (const weight of [0.1, 0.2, 0.3]) await reweigh(on, 'ours', weight);
    const found = await trail(on, { fromMs: on.clock.now() - 100 * DAY_MS });
    expect(told(found)).toHaveLength(3);
  });
});
