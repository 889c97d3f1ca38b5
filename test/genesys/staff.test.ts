/** Who works in which queues, with which skills: the same answer by either way, in few requests. */
import { describe, expect, it } from 'vitest';
import type { Staffed } from '../../src/engine/ports.js';
import { openReader } from '../../src/genesys/sdk.js';
import type { HttpResponse } from '../../src/genesys/transport.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { faulty, html, refusal, type Fault, type Sent } from '../support/faults.js';
import { bench } from '../support/org.js';

const MEMBERS = /\/members$/;
const ACTIVITY = /\/routing\/activity\/query$/;
const USERS = /\/api\/v2\/users$/;

interface Asked {
  readonly staff: Staffed;
  readonly sent: readonly Sent[];
  /** The same, queue by queue. */
  readonly exact: ReadonlyMap<string, unknown>;
}

async function asked(
  file: OrgFile,
  faults: readonly Fault[] = [],
  client = 'demo',
): Promise<Asked> {
  const on = bench(file);
  const { exchange, sent } = faulty(on.exchange, faults);
  const reader = openReader(on.connection(client, exchange));
  const queues = (await reader.queues()).map(({ id }) => id);
  const before = sent.length;
  const staff = await reader.staff(queues);
  const exact = await Promise.all(
    queues.map(async (id) => [id, await on.reader().members(id)] as const),
  );
  return { staff, sent: sent.slice(before), exact: new Map(exact) };
}

const count = (sent: readonly Sent[], what: RegExp): number =>
  sent.filter(({ path }) => what.test(path.split('?')[0] ?? '')).length;
const counts = (sent: readonly Sent[]): number[] =>
  [ACTIVITY, USERS, MEMBERS].map((what) => count(sent, what));

const CENTRE = { queues: 120, users: 1200, skills: 7, membersPerQueue: 25, skillsPerUser: 2 };

describe('staff', () => {
  it('of many queues takes a query a hundred queues, and the pages of the directory', async () => {
    const { staff, sent, exact } = await asked({ generate: CENTRE });
    expect(counts(sent)).toEqual([2, 3, 0]);
    expect(staff.exact).toBe(false);
    expect(staff.byQueue).toEqual(exact);
  });

  it('of queues whose last page is full counts the look for another', async () => {
    const { staff, sent } = await asked({
      generate: { ...CENTRE, queues: 3, users: 100, membersPerQueue: 100 },
    });
    expect([counts(sent), staff.exact]).toEqual([[1, 1, 0], false]);
  });

  it.each([
    ['few queues', { ...CENTRE, queues: 4 }, [0, 0, 4]],
    ['a large directory', { ...CENTRE, queues: 9, users: 6000 }, [0, 1, 9]],
    ['no queues at all', { queues: 0, users: 10 }, [0, 0, 0]],
  ])('of %s is read queue by queue', async (_, generate, expected) => {
    const { staff, sent, exact } = await asked({ generate });
    expect([counts(sent), staff.exact]).toEqual([expected, true]);
    expect(staff.byQueue).toEqual(exact);
  });

  it.each([
    ['not permitted', refusal(403, 'missing.permissions', 'No'), ACTIVITY],
    ['not understood', refusal(400, 'bad.request', 'What?'), ACTIVITY],
    ['not there', refusal(404, 'not.found', 'Where?'), ACTIVITY],
    ['not permitted for the directory', refusal(403, 'missing.permissions', 'No'), USERS],
  ])('is read queue by queue where the query is %s', async (_, answer, path) => {
    const faults = [{ path, times: 99, does: { answer } }];
    const { staff, sent, exact } = await asked({ generate: CENTRE }, faults);
    expect([count(sent, MEMBERS), staff.exact]).toEqual([120, true]);
    expect(staff.byQueue).toEqual(exact);
  });

  const users = (body: string): Fault => ({ path: USERS, does: { answer: { status: 200, body } } });

  it.each<[string, Fault]>([
    ['is answered by a proxy', { path: ACTIVITY, times: 2, does: { answer: html(200) } }],
    ['of the directory has no users', users('{"pageCount":1}')],
    ['of the directory has as many pages as there are', users('{"entities":[],"pageCount":"all"}')],
    ['of the directory has no end', users('{"entities":[],"pageCount":1000000000}')],
  ])('is read queue by queue where the query %s', async (_, fault) => {
    const { staff, sent, exact } = await asked({ generate: CENTRE }, [fault]);
    expect([count(sent, MEMBERS), staff.exact]).toEqual([120, true]);
    expect(staff.byQueue).toEqual(exact);
  });

  it('takes nobody in particular for no member', async () => {
    const without = (name: string) => ({
      mangle: (one: HttpResponse) => ({
        ...one,
        body: one.body.replaceAll(new RegExp(`"${name}":"[-0-9a-f]{36}"`, 'g'), `"${name}":null`),
      }),
    });
    const { staff } = await asked({ generate: CENTRE }, [
      { path: ACTIVITY, times: 2, does: without('userId') },
      { path: USERS, times: 3, does: without('id') },
    ]);
    expect([...staff.byQueue.values()].flat()).toEqual([]);
  });

  it('has no second way round an org that is down', async () => {
    const does = { answer: refusal(503, 'service.unavailable', 'Down') };
    const down = asked({ generate: CENTRE }, [{ path: USERS, times: 99, does }]);
    await expect(down).rejects.toMatchObject({ fault: 'unavailable' });
  });

  it('leaves out a queue that the platform tells of only in part', async () => {
    const { staff } = await asked({
      generate: { queues: 20, users: 1500, skills: 3, membersPerQueue: 5 },
      users: Array.from({ length: 1001 }, (_, index) => ({ name: `Extra ${index}` })),
      queues: [
        { name: 'Big', members: Array.from({ length: 1001 }, (_, index) => `Extra ${index}`) },
      ],
    });
    expect([staff.exact, staff.byQueue.size]).toEqual([false, 20]);
  });

  it('does not know the skills of whom the directory does not show', async () => {
    const does = {
      mangle: (one: HttpResponse) => ({ ...one, body: '{"entities":[],"pageCount":1}' }),
    };
    const faults = [{ path: USERS, does }];
    const { staff } = await asked({ generate: CENTRE }, faults);
    const [first] = staff.byQueue.values();
    expect(first?.map(({ skills }) => skills)).toEqual(Array.from({ length: 25 }, () => null));
  });

  it('counts nobody as joined whose membership is not said to be active', async () => {
    const does = {
      mangle: (one: HttpResponse) => ({ ...one, body: one.body.replaceAll('"active"', '"x"') }),
    };
    const faults = [{ path: ACTIVITY, times: 2, does }];
    const { staff } = await asked({ generate: CENTRE }, faults);
    const members = [...staff.byQueue.values()].flat();
    expect([members.length, members.filter(({ joined }) => joined)]).toEqual([3000, []]);
  });
});
