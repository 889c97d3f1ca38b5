/** Outbox → endpoint: in order, at least once, and what is said when an endpoint misbehaves. */
import { mkdir, mkdtemp, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deliver, type Delivery, type DeliveryPorts } from '../../src/wfm/deliver.js';
import { messagesOf, type Message } from '../../src/wfm/message.js';
import { syncFolder } from '../../src/files/folder-sync.js';
import { Outbox } from '../../src/wfm/outbox.js';
import { Unanswered, type Post, type Posted } from '../../src/wfm/post.js';
import { Signer } from '../../src/wfm/signature.js';
import { SECRET } from '../support/endpoint.js';
import { half, START_MS, VirtualClock } from '../support/org.js';
import { GONE } from '../support/gone.js';

const URL_OF = 'https://wfm.example.com/hooks/0123456789?key=topsecretvalue';
const endpoint = { url: URL_OF, signer: Signer.from(SECRET)!, timeoutMs: 15_000 };

let dir: string;
let outbox: Outbox;
let clock: VirtualClock;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'strategos-deliver-'));
  outbox = new Outbox(path.join(dir, 'prod'), syncFolder);
  clock = new VirtualClock();
});
afterEach(() => rm(dir, GONE));

const messages = (count: number, run = 'run'): Message[] =>
  messagesOf(
    run,
    Array.from({ length: count }, (_, index) => ({
      address: `RoutingStrategy/s${index}`,
      id: `id${index}`,
      name: `s${index}`,
      status: 'active',
      targets: [],
    })),
    START_MS,
  );

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly atMs: number;
}

/** Answers from a list, in order; 204 once it is used up. */
function answers(...list: ((Partial<Posted> & { status: number }) | string)[]): {
  post: Post;
  sent: Sent[];
} {
  const sent: Sent[] = [];
  const post: Post = (_url, headers, body) => {
    const next = list[sent.length] ?? { status: 204 };
    sent.push({ headers, body, atMs: clock.now() });
    if (typeof next === 'string') return Promise.reject(new Unanswered(next));
    return Promise.resolve({ headers: {}, text: '', ...next });
  };
  return { post, sent };
}

function ports(post: Post, over: Partial<DeliveryPorts> = {}): DeliveryPorts {
  const delivered = () => Promise.resolve();
  return { post, clock, random: half, host: 'here', delivered, ...over };
}

const patient = { tries: 5, interrupted: () => false };

async function run(post: Post, options = patient): Promise<Delivery> {
  return deliver(outbox, endpoint, ports(post), options);
}

describe('an outbox with an older one before it', () => {
  it('sends what is in that first, and nothing of its own where that is stuck', async () => {
    const older = new Outbox(path.join(dir, 'prod'), syncFolder);
    const folder = path.join(dir, 'prod', 'github.com-acme-routing-1a2b');
    const own = new Outbox(folder, syncFolder, older);
    await own.add(messages(2));
    await older.add(messages(1));
    expect([await own.waiting(), await older.waiting()]).toEqual([3, 1]);
    outbox = own;
    const stuck = await run(answers({ status: 400 }).post, { ...patient, tries: 1 });
    expect([stuck.delivered.length, stuck.waiting]).toEqual([0, 3]);
    const { delivered, waiting } = await run(answers().post);
    expect([delivered.length, waiting, await older.turns()]).toEqual([3, 0, []]);
  });
});

describe('a delivery', () => {
  it('sends what waits in order, each signed, and leaves nothing', async () => {
    await outbox.add(messages(3));
    const { post, sent } = answers();
    const { delivered, failure, waiting } = await run(post);
    expect([delivered.length, failure, waiting]).toEqual([3, null, 0]);
    expect(sent.map(({ body }) => (JSON.parse(body) as { name: string }).name)).toEqual([
      ...['s0', 's1', 's2'],
    ]);
    expect(sent[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': 'msg_run_00001',
      'webhook-timestamp': String(START_MS / 1000),
    });
    expect(JSON.parse(sent[0]?.body ?? '')).toEqual({
      strategy_id: 'id0',
      name: 's0',
      status: 'active',
      targets: [],
      timestamp: '2026-03-02T09:00:00.000Z',
    });
  });

  it('of an empty outbox sends nothing and makes no folder', async () => {
    const { post, sent } = answers();
    expect(await run(post)).toEqual({ delivered: [], failure: null, waiting: 0, left: [] });
    expect(sent).toEqual([]);
    await expect(stat(outbox.dir)).rejects.toThrow('ENOENT');
  });

  it('repeats with the same id and body, and a signature of the time of each attempt', async () => {
    await outbox.add(messages(1));
    const { post, sent } = answers({ status: 503 }, 'ECONNRESET', { status: 429 });
    expect((await run(post)).failure).toBeNull();
    expect(sent.map(({ atMs }) => (atMs - START_MS) / 1000)).toEqual([0, 0.75, 2.25, 5.25]);
    expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
    expect(new Set(sent.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(sent.map(({ headers }) => Number(headers['webhook-timestamp']))).toEqual(
      [0, 0, 2, 5].map((seconds) => START_MS / 1000 + seconds),
    );
    const webhook = new Webhook(SECRET);
    for (const { headers, body, atMs } of sent) {
      const signature = webhook.sign(headers['webhook-id'] ?? '', new Date(atMs), body);
      expect(headers['webhook-signature']).toBe(signature);
    }
  });

  it('waits as long as it is asked to, in seconds or until a date', async () => {
    await outbox.add(messages(1));
    const date = new Date(START_MS + 30_000).toUTCString();
    const { post, sent } = answers(
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 503, headers: { 'retry-after': date } },
    );
    expect((await run(post)).failure).toBeNull();
    expect(sent.map(({ atMs }) => atMs - START_MS)).toEqual([0, 7000, 30_000]);
  });

  it('is left for later where it is asked to wait for hours', async () => {
    await outbox.add(messages(1));
    const { post, sent } = answers({ status: 503, headers: { 'retry-after': '7200' } });
    expect(await run(post)).toMatchObject({ waiting: 1, failure: { status: 503 } });
    expect(sent).toHaveLength(1);
  });

  it('stops at the first message that is not taken: the order holds', async () => {
    await outbox.add(messages(3));
    const { post } = answers({ status: 204 }, { status: 400, text: 'unknown strategy' });
    const { delivered, failure, waiting } = await run(post);
    expect([delivered.length, waiting]).toEqual([1, 2]);
    expect(failure).toMatchObject({ message: { id: 'msg_run_00002' }, attempts: 1, status: 400 });
    const again = answers();
    expect((await run(again.post)).delivered.map(({ id }) => id)).toEqual([
      ...['msg_run_00002', 'msg_run_00003'],
    ]);
  });

  it('takes along what is queued meanwhile', async () => {
    await outbox.add(messages(1));
    const { post, sent } = answers();
    let queued = false;
    const delivered = async (): Promise<void> => {
      if (!queued) await outbox.add(messages(2, 'later'));
      queued = true;
    };
    const found = await deliver(outbox, endpoint, ports(post, { delivered }), patient);
    expect([found.delivered.length, found.waiting, sent.length]).toEqual([3, 0, 3]);
  });

  it('ends where a turn leads nowhere, and sends what is behind it', async () => {
    await outbox.add(messages(2));
    const [first = ''] = await outbox.turns();
    await rm(path.join(outbox.dir, first));
    await symlink(path.join(dir, 'nowhere'), path.join(outbox.dir, first));
    const { delivered, failure } = await run(answers().post);
    expect([delivered.map(({ id }) => id), failure]).toEqual([['msg_run_00002'], null]);
  });

  it('keeps a message whose delivery cannot be recorded', async () => {
    await outbox.add(messages(1));
    const { post } = answers();
    const delivered = () => Promise.reject(new Error('disk full'));
    const attempt = deliver(outbox, endpoint, ports(post, { delivered }), patient);
    await expect(attempt).rejects.toThrow('disk full');
    expect(await outbox.turns()).toHaveLength(1);
    expect((await run(answers().post)).delivered).toHaveLength(1);
  });

  it('ends before the next attempt when the user wants it to', async () => {
    await outbox.add(messages(2));
    let asked = 0;
    const { post, sent } = answers();
    const found = await run(post, { tries: 5, interrupted: () => (asked += 1) > 1 });
    expect([found.delivered.length, found.waiting, sent.length]).toEqual([1, 1, 1]);
    expect(found.failure?.text).toBe('stopped before https://wfm.example.com had everything');
  });

  it('loses nothing and keeps the order, whatever the endpoint answers', async () => {
    const answer = fc.oneof(
      fc.constantFrom(200, 204, 301, 400, 410, 429, 500, 503).map((status) => ({ status })),
      fc.constantFrom('ECONNREFUSED', 'ETIMEDOUT'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { maxLength: 30 }), async (list) => {
        outbox = new Outbox(path.join(await mkdtemp(path.join(dir, 'p-')), 'prod'), syncFolder);
        await outbox.add(messages(4));
        const { post, sent } = answers(...list);
        // Each delivery takes at least one answer of the list; after that everything is taken.
        for (let round = 0; round <= list.length; round += 1) {
          await run(post, { tries: 2, interrupted: () => false });
        }
        expect(await outbox.turns()).toEqual([]);
        const names = sent.map(({ headers }) => headers['webhook-id'] ?? '');
        expect([...new Set(names)]).toEqual(messages(4).map(({ id }) => id));
        expect(names).toEqual([...names].sort());
      }),
      { numRuns: 50 },
    );
  });
});

describe('what is said of an endpoint', () => {
  const table: [string, (Partial<Posted> & { status: number }) | string, RegExp, RegExp][] = [
    [
      'down',
      'ECONNREFUSED',
      /could not be reached \(ECONNREFUSED\)$/,
      /is up, and its address, and HTTPS_PROXY/,
    ],
    ['hanging', 'ETIMEDOUT', /gave no answer within 15 s$/, /is up, and its address/],
    ['failing', { status: 500, text: 'boom\nat line 1' }, /answered 500: boom at line 1$/, /later/],
    [
      'failing with a page',
      { status: 502, text: '<html><style>b{}</style><h1>Bad  Gateway</h1></html>' },
      ...([/answered 502: Bad Gateway$/, /later/] as const),
    ],
    [
      'behind a login',
      { status: 200, text: '<!DOCTYPE html><title>Sign in</title>' },
      ...([/answered 200: Sign in$/, /a page for people/] as const),
    ],
    [
      'behind a login that begins with remarks',
      {
        status: 200,
        text: '<?xml version="1.0"?>\n<!-- IE --><!-- a > b -->\n<!DOCTYPE html><b>Sign in</b>',
      },
      ...([/answered 200: /, /a page for people/] as const),
    ],
    ['moved', { status: 308 }, /answered 308$/, /redirects are not followed/],
    ['not believing us', { status: 401, text: 'no' }, /answered 401: no$/, /signing secret/],
    ['refusing', { status: 422, text: '{"why":"?"}' }, /422: \{"why":"\?"\}$/, /as sent/],
    ['done with us', { status: 410 }, /answered 410$/, /no more messages/],
    [
      'of another time',
      { status: 400, headers: { date: new Date(START_MS + 11 * 60_000).toUTCString() } },
      ...([/answered 400$/, /clock of this machine is 11 min behind the endpoint's/] as const),
    ],
  ];

  it.each(table)('that is %s', async (_what, answer, text, hint) => {
    await outbox.add(messages(1));
    const { failure, waiting } = await run(answers(answer).post, {
      tries: 1,
      interrupted: () => false,
    });
    expect(waiting).toBe(1);
    expect(failure?.text).toMatch(text);
    expect(failure?.text).toMatch(/^https:\/\/wfm\.example\.com /);
    expect(failure?.hint).toMatch(hint);
  });

  it('that merely says ok in text/html is that it has taken the message', async () => {
    await outbox.add(messages(1));
    const ok = { status: 200, text: 'OK', headers: { 'content-type': 'text/html' } };
    expect((await run(answers(ok).post)).failure).toBeNull();
  });

  it('never shows what its address holds, also where the endpoint repeats it', async () => {
    await outbox.add(messages(1));
    const text = `cannot POST ${URL_OF}`;
    const { failure } = await run(answers({ status: 404, text }).post);
    expect(failure?.text).not.toContain('topsecretvalue');
    expect(failure?.text).not.toContain('0123456789');
  });

  it('is one line, safe to show, however it tries', async () => {
    await outbox.add(messages(1));
    const text = `\u001b[2J::error::x\n${'<'.repeat(20_000)}`;
    const { failure } = await run(answers({ status: 400, text }).post);
    expect(failure?.text).not.toMatch(/[\u0000-\u001f]/);
    expect(failure?.text.length).toBeLessThan(400);
  });
});

describe('the turn to deliver', () => {
  const held = (): string => path.join(outbox.dir, 'delivering.json');
  const hold = async (pid: number, host: string, sinceMs: number): Promise<void> => {
    await mkdir(outbox.dir, { recursive: true });
    await writeFile(held(), JSON.stringify({ pid, host, since: 'then' }));
    await utimes(held(), new Date(sinceMs), new Date(sinceMs));
  };

  it('is one process at a time: the other sends nothing and says who does', async () => {
    await outbox.add(messages(1));
    await hold(process.pid, 'here', START_MS - 1000);
    const { post, sent } = answers();
    const found = await run(post);
    expect([sent.length, found.waiting]).toEqual([0, 1]);
    expect(found.failure?.text).toBe(
      `process ${process.pid} on here is delivering from this outbox since then`,
    );
    expect(await readFile(held(), 'utf8')).toContain('then');
  });

  it.each([
    ['of this machine that was killed', 2 ** 22 + 1, 'here', 1000],
    ['of another machine that gave no sign for minutes', 1, 'there', 6 * 60_000],
    ['of this machine that gave no sign for minutes', process.pid, 'here', 6 * 60_000],
  ])('is taken over from a process %s', async (_what, pid, host, agoMs) => {
    await outbox.add(messages(1));
    await hold(pid, host, START_MS - agoMs);
    expect((await run(answers().post)).delivered).toHaveLength(1);
    await expect(stat(held())).rejects.toThrow('ENOENT');
  });

  it('is not taken from another machine that is at work', async () => {
    await outbox.add(messages(1));
    await hold(1, 'there', START_MS - 60_000);
    expect((await run(answers().post)).waiting).toBe(1);
  });

  it('is left to a file that says nothing yet, and taken over once it is old', async () => {
    await outbox.add(messages(1));
    await writeFile(held(), '');
    await utimes(held(), new Date(START_MS), new Date(START_MS));
    expect((await run(answers().post)).waiting).toBe(1);
    await clock.sleep(6 * 60_000);
    expect((await run(answers().post)).delivered).toHaveLength(1);
  });

  it('is kept while attempts go on, and given back after a failure', async () => {
    await outbox.add(messages(1));
    const signs: number[] = [];
    const post: Post = async () => {
      signs.push((await stat(held())).mtimeMs - START_MS);
      return { status: 503, headers: {}, text: '' };
    };
    await run(post, { tries: 3, interrupted: () => false });
    expect(signs).toEqual([0, 750, 2250]);
    await expect(stat(held())).rejects.toThrow('ENOENT');
  });
});
