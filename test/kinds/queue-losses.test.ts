/** What users of another tool have lost of their queues, one by one: here each of it stays. */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

const USERS = ['Ann One', 'Bob Two'];
const start = (): Many =>
  many(
    bench({ ...ORG, users: [...(ORG.users ?? []), ...USERS.map((name) => ({ name }))] }),
    'strategies-api',
  );
const QUEUE = (spec: object): Record<string, string> => ({
  'q.yaml': manifestOf('Queue', 'Bills', spec),
});
const ANN = 'ann.one@example.com';
const BOB = 'bob.two@example.com';

const queueIn = ({ bench: { org } }: Many) => {
  const queue = [...org.queues.values()].find(({ name }) => name === 'Bills');
  if (queue === undefined) throw new Error('no queue Bills');
  return queue;
};

async function made(spec: object): Promise<Many> {
  const place = start();
  const { outcomes } = await place.apply(QUEUE(spec));
  expect(outcomes.map(({ state }) => state)).toEqual(['created']);
  return place;
}

describe('nothing of a queue is lost', () => {
  it('members, where the manifest says nothing of members', async () => {
    const place = await made({ members: [ANN, BOB] });
    await place.apply(QUEUE({ description: 'Other' }));
    expect(queueIn(place).memberIds).toHaveLength(2);
  });

  it('members who came after the plan was made: the change is stale, and nobody goes', async () => {
    const place = await made({ members: [ANN] });
    const planned = await place.plan(QUEUE({ members: [] }));
    const queue = queueIn(place);
    const bob = [...place.bench.org.users.values()].find(({ name }) => name === 'Bob Two');
    await place.send('POST', `/api/v2/routing/queues/${queue.id}/members`, [{ id: bob?.id }]);
    const { outcomes } = await place.carryOut(planned);
    expect(outcomes.map(({ state }) => state)).toEqual(['stale']);
    expect(queue.memberIds).toHaveLength(2);
  });

  it('a queue that was given another name after the plan was made: nothing of it is written', async () => {
    for (const after of [{}, QUEUE({ description: 'Other' })]) {
      const place = await made({ description: 'Old' });
      const planned = await place.plan(after);
      const queue = queueIn(place);
      await place.send('PUT', `/api/v2/routing/queues/${queue.id}`, {
        name: 'Bills (kept)',
        description: 'Old',
      });
      const { outcomes } = await place.carryOut(planned);
      expect(outcomes.map(({ state }) => state)).toEqual(['stale']);
      expect(place.bench.org.queues.get(queue.id)).toMatchObject({
        name: 'Bills (kept)',
        description: 'Old',
      });
    }
  });

  it('settings that no manifest can say: a PUT carries them along', async () => {
    const place = await made({ description: 'Old' });
    const kept: JsonObject = {
      outboundEmailAddress: { domain: { id: 'd' } },
      conditionalGroupActivation: { pilotRule: { conditionExpression: 'C1' } },
      lastAgentRoutingMode: 'AnyAgent',
    };
    queueIn(place).settings = kept;
    await place.apply(QUEUE({ description: 'New' }));
    expect(queueIn(place)).toMatchObject({ description: 'New', settings: kept });
  });

  it('groups of the last ring, teams and skill groups of any', async () => {
    const place = await made({ rings: [{ expandAfterSeconds: 5 }, { expandAfterSeconds: 9 }] });
    const team = { id: 't-1', name: 'Night', type: 'TEAM' };
    const group = { id: 'g-1', name: 'Day', type: 'GROUP' };
    queueIn(place).settings = {
      memberGroups: [team],
      bullseye: { rings: [{ memberGroups: [] }, { memberGroups: [team, group] }] },
    };
    await place.apply(QUEUE({ rings: [{ expandAfterSeconds: 7 }, { expandAfterSeconds: 9 }] }));
    const { settings } = queueIn(place);
    expect(settings['memberGroups']).toEqual([team]);
    const { rings } = settings['bullseye'] as { rings: { memberGroups: JsonObject[] }[] };
    expect(rings[1]?.memberGroups.map(({ id }) => id).sort()).toEqual(['g-1', 't-1']);
  });

  it('no empty value is sent of what nobody asked for', async () => {
    const place = start();
    const sent: JsonObject[] = [];
    const { exchange } = place.bench;
    const watched: typeof exchange = async (request) => {
      if (request.method === 'POST' && request.url.endsWith('/routing/queues')) {
        sent.push(JSON.parse(request.body ?? '{}') as JsonObject);
      }
      return exchange(request);
    };
    await place.apply(QUEUE({ description: 'New' }), { exchange: watched });
    expect(sent).toEqual([{ name: 'Bills', description: 'New' }]);
  });

  it('the order of members and codes is no change', async () => {
    const place = await made({ members: [ANN, BOB] });
    const { plan } = await place.plan(QUEUE({ members: [BOB, ANN] }));
    expect(plan.changes).toEqual([]);
  });
});
