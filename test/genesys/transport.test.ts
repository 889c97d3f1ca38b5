/** What is sent again, when, and how often. */
import { describe, expect, it } from 'vitest';
import {
  NoAnswer,
  transport,
  type Exchange,
  type HttpResponse,
  type TransportOptions,
} from '../../src/genesys/transport.js';
import { half, Recorder, START_MS, VirtualClock } from '../support/org.js';

const URL_OF = {
  GET: 'http://127.0.0.1:9/api/v2/routing/queues?pageSize=1',
  POST: 'http://127.0.0.1:9/api/v2/routing/strategies',
  PUT: 'http://127.0.0.1:9/api/v2/routing/strategies/1',
  DELETE: 'http://127.0.0.1:9/api/v2/routing/strategies/1',
  QUERY: 'http://127.0.0.1:9/api/v2/analytics/queues/observations/query',
  TOKEN: 'http://127.0.0.1:9/oauth/token',
} as const;
type Kind = keyof typeof URL_OF;
const KINDS = Object.keys(URL_OF) as Kind[];
const READS: readonly Kind[] = ['GET', 'QUERY', 'TOKEN'];

type Result = Partial<HttpResponse> & { readonly status: number };

interface Played {
  readonly result: HttpResponse | NoAnswer;
  readonly waits: readonly number[];
  readonly count: number;
  readonly reached: number;
  readonly events: Recorder;
}

/** Sends one request to somebody who answers with `results`, then with 200. */
async function play(
  kind: Kind,
  results: readonly (Result | string)[],
  random: TransportOptions['random'] = half,
): Promise<Played> {
  const clock = new VirtualClock();
  const waits: number[] = [];
  const events = new Recorder();
  let reached = 0;
  const { send, count } = transport({
    exchange: () => {
      const result = results[reached] ?? { status: 200 };
      reached += 1;
      if (typeof result === 'string') return Promise.reject(new NoAnswer(result));
      return Promise.resolve({ headers: {}, body: '', ...result });
    },
    clock: {
      now: () => clock.now(),
      sleep: (ms) => {
        waits.push(ms);
        return clock.sleep(ms);
      },
    },
    random,
    events,
    access: 'write',
  });
  const method = kind === 'QUERY' || kind === 'TOKEN' ? 'POST' : kind;
  const result = await send({ method, url: URL_OF[kind], headers: {} }).catch((error: unknown) => {
    if (error instanceof NoAnswer) return error;
    throw error;
  });
  return { result, waits, count: count(), reached, events };
}

const many = (result: Result | string): (Result | string)[] =>
  Array.from({ length: 20 }, () => result);

describe('a repetition', () => {
  // Both say that nothing was done, whatever was asked for.
  it.each(KINDS.flatMap((kind) => [425, 429].map((status) => [kind, status] as const)))(
    'follows, for %s, a %d',
    async (kind, status) => {
      const { result, count, reached } = await play(kind, [{ status }]);
      expect([(result as HttpResponse).status, count, reached]).toEqual([200, 2, 2]);
    },
  );

  it.each(
    KINDS.flatMap((kind) =>
      [408, 500, 502, 503, 504].map((status): [Kind, number] => [kind, status]),
    ),
  )('of %s after %d comes only where it changes nothing', async (kind, status) => {
    const { result, reached } = await play(kind, [{ status }]);
    const read = READS.includes(kind);
    expect([(result as HttpResponse).status, reached]).toEqual(read ? [200, 2] : [status, 1]);
  });

  it.each(
    KINDS.flatMap((kind) => ['ECONNRESET', 'ETIMEDOUT'].map((code) => [kind, code] as const)),
  )('of %s after %s comes only where it changes nothing', async (kind, code) => {
    const { result, reached } = await play(kind, [code]);
    if (READS.includes(kind)) expect([result, reached]).toMatchObject([{ status: 200 }, 2]);
    else expect([result, reached]).toMatchObject([{ code }, 1]);
  });

  it.each(
    KINDS.flatMap((kind) =>
      [200, 201, 204, 302, 400, 401, 403, 404, 405, 409, 413, 501].map((status): [Kind, number] => [
        kind,
        status,
      ]),
    ),
  )('of %s does not follow %d', async (kind, status) => {
    const { result, waits, reached } = await play(kind, [{ status }]);
    expect([(result as HttpResponse).status, waits, reached]).toEqual([status, [], 1]);
  });

  it.each(['ECONNREFUSED', 'ENOTFOUND'])('does not follow %s: nobody is there', async (code) => {
    const { result, waits, count } = await play('GET', [code]);
    expect([(result as NoAnswer).code, waits, count]).toEqual([code, [], 1]);
  });

  it('comes seven times at most, then the last answer has to do', async () => {
    const quick = { next: () => 0.1 };
    const { result, waits, count, reached } = await play('GET', many({ status: 503 }), quick);
    expect([(result as HttpResponse).status, waits.length]).toEqual([503, 7]);
    expect([count, reached]).toEqual([8, 8]);
    const silent = await play('GET', many('ETIMEDOUT'), quick);
    expect([(silent.result as NoAnswer).code, silent.reached]).toEqual(['ETIMEDOUT', 8]);
  });

  it('follows a login that came too often, which has no code of its own', async () => {
    const body = '{"error":"invalid_request","error_description":"rate limit exceeded; try later"}';
    expect((await play('TOKEN', [{ status: 400, body }])).reached).toBe(2);
    const other = '{"error":"invalid_request","error_description":"no such thing"}';
    expect((await play('TOKEN', [{ status: 400, body: other }])).reached).toBe(1);
  });

  it('is announced with its reason and its wait', async () => {
    const { events } = await play('GET', [{ status: 429, headers: { 'retry-after': '7' } }]);
    expect(events.events.filter(({ type }) => type === 'waiting')).toEqual([
      {
        type: 'waiting',
        reason: 'GET /api/v2/routing/queues answered 429',
        ms: 7000,
        limit: true,
      },
    ]);
  });

  it('is told from a wait for anything else', async () => {
    const { events } = await play('GET', [{ status: 503 }]);
    expect(events.events.find(({ type }) => type === 'waiting')).not.toHaveProperty('limit');
  });
});

describe('a request', () => {
  const counted = ({ events }: Played): string[] =>
    events.events.flatMap(({ type }) => (type === 'asked' || type === 'answered' ? [type] : []));

  it.each<[string, (Result | string)[]]>([
    ['answered', []],
    ['repeated', [{ status: 503 }, { status: 429 }, 'ECONNRESET']],
    ['refused', [{ status: 404 }]],
    ['never answered', many('ECONNRESET')],
  ])('that is %s is asked for once and done with once', async (_name, results) => {
    expect(counted(await play('GET', results))).toEqual(['asked', 'answered']);
  });

  it('tells what the limit leaves: the share of a window less what is used', async () => {
    const headers = {
      'inin-ratelimit-allowed': '300',
      'inin-ratelimit-count': '10',
      'inin-ratelimit-reset': '30',
    };
    const { events } = await play('GET', [{ status: 200, headers }]);
    expect(events.events.find(({ type }) => type === 'answered')).toEqual({
      type: 'answered',
      tookMs: 0,
      budget: { perMinute: 210, left: 200, endsAtMs: START_MS + 30_000 },
    });
  });
});

describe('a wait', () => {
  const cases: [string, Record<string, string>, number][] = [
    ['Retry-After in seconds', { 'retry-after': '3' }, 3000],
    ['backoff, when Retry-After is zero', { 'retry-after': '0' }, 250],
    ['Retry-After in fractions', { 'retry-after': '0.5' }, 500],
    ['the reset of the limit', { 'inin-ratelimit-reset': '42' }, 42_000],
    ['Retry-After before the reset', { 'retry-after': '3', 'inin-ratelimit-reset': '42' }, 3000],
    ['Retry-After as a date', dated('21'), 12_000],
    ['the reset, when Retry-After is a date in the past', dated('01'), 42_000],
    ['the reset, when Retry-After is empty', emptied(), 42_000],
    ['backoff, when Retry-After is negative', { 'retry-after': '-1' }, 250],
    ['backoff, when Retry-After is nonsense', { 'retry-after': 'soon' }, 250],
    ['backoff, when nothing is said', {}, 250],
  ];
  it.each(cases)('after a 429 is %s', async (_name, headers, ms) => {
    const { waits, result } = await play('PUT', [{ status: 429, headers }]);
    expect([waits, (result as HttpResponse).status]).toEqual([[ms], 200]);
  });

  it('after a 503 is what Retry-After says, too', async () => {
    const { waits } = await play('GET', [{ status: 503, headers: { 'retry-after': '9' } }]);
    expect(waits).toEqual([9000]);
  });

  it('after a 503 has nothing to do with the rate limit', async () => {
    const headers = { 'inin-ratelimit-reset': '42' };
    expect((await play('GET', [{ status: 503, headers }])).waits).toEqual([250]);
  });

  it('without a word doubles, spread over the whole interval', async () => {
    const none = await play('GET', many({ status: 503 }), { next: () => 0 });
    expect(none.waits).toEqual([0, 0, 0, 0, 0, 0, 0]);
    // A rate limit is no trouble: nothing keeps the tries from going on.
    const limited = many({ status: 429 });
    const most = await play('GET', limited, { next: () => 1 - Number.EPSILON });
    expect(most.waits.map(Math.ceil)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 20_000]);
    const middle = await play('GET', limited);
    expect(middle.waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000]);
  });

  it('of more than three minutes is not begun', async () => {
    const long = (seconds: string) => ({ status: 429, headers: { 'retry-after': seconds } });
    const refused = await play('GET', [long('181')]);
    expect([refused.waits, (refused.result as HttpResponse).status]).toEqual([[], 429]);
    expect((await play('GET', [long('180')])).waits).toEqual([180_000]);
    expect((await play('GET', [long('9'.repeat(400))])).waits).toEqual([]);
    expect((await play('GET', [long('36000')])).waits).toEqual([]);
  });

  it('counts with those before it towards the three minutes', async () => {
    const minute = { status: 429, headers: { 'retry-after': '60' } };
    const { waits, reached } = await play('GET', many(minute));
    expect([waits, reached]).toEqual([[60_000, 60_000, 60_000], 4]);
  });
});

/** By the clock of the platform, which is not ours. */
function dated(seconds: string): Record<string, string> {
  const at = (second: string): string => `Wed, 21 Oct 2026 07:28:${second} GMT`;
  return { 'retry-after': at(seconds), date: at('09'), 'inin-ratelimit-reset': '42' };
}

function emptied(): Record<string, string> {
  return { 'retry-after': ' ', 'inin-ratelimit-reset': '42' };
}

describe('after an answer that asks to be left alone', () => {
  /** `first` is answered so, everything after it well: when each request was sent. */
  async function times(
    first: Kind,
    result: Result,
    second: string,
  ): Promise<{ readonly sentMs: number[]; readonly outcome: unknown }> {
    const clock = new VirtualClock();
    const sentMs: number[] = [];
    const { send } = transport({
      exchange: () => {
        sentMs.push(clock.now() - START_MS);
        return Promise.resolve({
          headers: {},
          body: '',
          status: 200,
          ...(sentMs.length === 1 ? result : {}),
        });
      },
      clock,
      random: half,
      events: new Recorder(),
      access: 'write',
    });
    const method = first === 'QUERY' || first === 'TOKEN' ? 'POST' : first;
    await send({ method, url: URL_OF[first], headers: {} });
    const outcome = await send({ method: 'GET', url: second, headers: {} }).catch(
      (error: unknown) => error,
    );
    return { sentMs, outcome };
  }

  it.each([408, 500, 502, 503, 504])(
    'with %d a look at what became of a write waits',
    async (status) => {
      const headers = { 'retry-after': '20' };
      expect((await times('PUT', { status, headers }, URL_OF.GET)).sentMs).toEqual([0, 20_000]);
    },
  );

  it('with a date, everything waits until then by the clock that wrote it', async () => {
    const headers = {
      'retry-after': 'Wed, 21 Oct 2026 07:28:21 GMT',
      date: 'Wed, 21 Oct 2026 07:28:00 GMT',
    };
    expect((await times('PUT', { status: 503, headers }, URL_OF.GET)).sentMs).toEqual([0, 21_000]);
  });

  it('for longer than we are patient, nothing is sent', async () => {
    const headers = { 'retry-after': '36000' };
    const { sentMs, outcome } = await times('PUT', { status: 503, headers }, URL_OF.GET);
    expect(sentMs).toEqual([0]);
    expect(outcome).toMatchObject({ code: 'asked-to-wait', ms: 36_000_000 });
  });

  it('others are not kept waiting: another service has another word', async () => {
    const headers = { 'retry-after': '20' };
    const elsewhere = 'http://127.0.0.1:10/api/v2/x';
    const { sentMs } = await times('PUT', { status: 503, headers }, elsewhere);
    expect(sentMs).toEqual([0, 0]);
  });

  it.each([200, 400, 404, 409])('with %d nobody waits: it is no trouble', async (status) => {
    const headers = { 'retry-after': '20' };
    expect((await times('PUT', { status, headers }, URL_OF.GET)).sentMs).toEqual([0, 0]);
  });

  it('the time of day may jump meanwhile', async () => {
    const clock = new VirtualClock();
    const sentMs: number[] = [];
    let jumpMs = 0;
    const { send } = transport({
      exchange: () => {
        sentMs.push(clock.now() - START_MS);
        jumpMs += 3_600_000;
        const status = sentMs.length === 1 ? 429 : 200;
        return Promise.resolve({ status, headers: { 'retry-after': '20' }, body: '' });
      },
      clock: {
        now: () => clock.now() + jumpMs * (sentMs.length % 2 === 0 ? -1 : 1),
        steady: () => clock.now(),
        sleep: (ms) => clock.sleep(ms),
      },
      random: half,
      events: new Recorder(),
      access: 'write',
    });
    await send({ method: 'GET', url: URL_OF.GET, headers: {} });
    expect(sentMs).toEqual([0, 20_000]);
  });
});

describe('the transport', () => {
  it('passes on what is no silence: a bug stays visible', async () => {
    const bug = new TypeError('undefined is not a function');
    const { send, count } = transport({
      exchange: () => Promise.reject(bug),
      clock: new VirtualClock(START_MS),
      random: half,
      events: new Recorder(),
      access: 'write',
    });
    await expect(send({ method: 'GET', url: URL_OF.GET, headers: {} })).rejects.toBe(bug);
    expect(count()).toBe(1);
  });

  it('sends the same bytes again', async () => {
    const seen: unknown[] = [];
    const { send } = transport({
      exchange: (request) => {
        seen.push(request);
        return Promise.resolve({ status: seen.length < 3 ? 429 : 200, headers: {}, body: '' });
      },
      clock: new VirtualClock(),
      random: half,
      events: new Recorder(),
      access: 'write',
    });
    const request = { method: 'POST', url: URL_OF.POST, headers: { a: 'b' }, body: '{"n":1}' };
    await send(request);
    expect(seen).toEqual([request, request, request]);
  });
});

describe('when the run is to end', () => {
  const stopping = { isCut: () => true, onCut: () => () => undefined };

  it('nothing more is sent', async () => {
    let sent = 0;
    const { send } = transport({
      exchange: () => Promise.resolve({ status: 200, headers: {}, body: String((sent += 1)) }),
      clock: new VirtualClock(),
      random: half,
      events: new Recorder(),
      access: 'write',
      stopping,
    });
    const asked = send({ method: 'GET', url: URL_OF.GET, headers: {} });
    await expect(asked).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
    expect(sent).toBe(0);
  });
});

describe('requests in flight', () => {
  it('are ten at most, and all of a hundred are answered', async () => {
    let inFlight = 0;
    let most = 0;
    const exchange: Exchange = async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight -= 1;
      return { status: 200, headers: {}, body: '{}' };
    };
    const clock = new VirtualClock();
    const { send, count } = transport({
      exchange,
      clock,
      random: half,
      events: new Recorder(),
      access: 'read',
    });
    const request = { method: 'GET', url: 'http://127.0.0.1:9/api/v2/x', headers: {} };
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(request)));
    expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(200));
    expect({ most, inFlight, count: count() }).toEqual({ most: 10, inFlight: 0, count: 100 });
  });
});

describe('a request that could not end well', () => {
  const outage = (
    answers: Result,
  ): ReturnType<typeof transport> & { readonly sent: () => number } => {
    let sent = 0;
    const line = transport({
      exchange: () => {
        sent += 1;
        return Promise.resolve({ headers: {}, body: '', ...answers });
      },
      clock,
      random: half,
      events: new Recorder(),
      access: 'write',
    });
    return { ...line, sent: () => sent };
  };
  let clock = new VirtualClock();
  const get = { method: 'GET', url: URL_OF.GET, headers: {} };
  const failure = async (line: ReturnType<typeof outage>): Promise<unknown> =>
    line.send(get).catch((error: unknown) => error);

  it('is not sent while the platform answers nothing but errors, and one try is after a while', async () => {
    clock = new VirtualClock();
    const line = outage({ status: 503 });
    await failure(line);
    const before = line.sent();
    expect(await failure(line)).toMatchObject({ code: 'circuit-open' });
    expect(line.sent()).toBe(before);
    await clock.sleep(30_000);
    expect(await failure(line)).toMatchObject({ status: 503 });
    expect(line.sent()).toBe(before + 1);
  });

  it('is not sent while the platform wants to be left alone for longer than we are patient', async () => {
    clock = new VirtualClock();
    const line = outage({ status: 429, headers: { 'retry-after': '3600' } });
    expect(await failure(line)).toMatchObject({ status: 429 });
    expect(await failure(line)).toMatchObject({ code: 'asked-to-wait', ms: 3_600_000 });
    expect(line.sent()).toBe(1);
  });
});

describe('a part of the platform that others can do without', () => {
  const API = 'http://127.0.0.1:9/api/v2/';
  const NEEDED = ['routing/queues', 'flows/datatables/t/rows', 'users'] as const;
  const APART = [
    ['analytics/conversations/aggregates/query', 'POST'],
    ['analytics/queues/observations/query', 'POST'],
    ['audits/query/servicemapping', 'GET'],
  ] as const;

  /** Paths that begin so are down, the others are well. */
  function org(down: string, answer: Result): ReturnType<typeof transport> {
    return transport({
      exchange: ({ url }) => {
        const result = url.startsWith(`${API}${down}`) ? answer : { status: 200 };
        return Promise.resolve({ headers: {}, body: '', ...result });
      },
      clock: new VirtualClock(),
      random: half,
      events: new Recorder(),
      access: 'read',
    });
  }
  const asked = async (line: ReturnType<typeof org>, path: string, method = 'GET') =>
    line.send({ method, url: `${API}${path}`, headers: {} }).then(
      ({ status }) => status,
      (error: unknown) => (error as { code: string }).code,
    );

  it.each(APART)('is left alone by itself: %s', async (path, method) => {
    const line = org(path, { status: 503 });
    expect(await asked(line, path, method)).toBe(503);
    expect(await asked(line, path, method)).toBe('circuit-open');
    for (const needed of NEEDED) expect([needed, await asked(line, needed)]).toEqual([needed, 200]);
    for (const [other, how] of APART) {
      if (other !== path) expect([other, await asked(line, other, how)]).toEqual([other, 200]);
    }
  });

  it.each(APART)('makes nobody else wait by its Retry-After: %s', async (path, method) => {
    const line = org(path, { status: 503, headers: { 'retry-after': '3600' } });
    expect(await asked(line, path, method)).toBe(503);
    expect(await asked(line, path, method)).toBe('asked-to-wait');
    expect(await asked(line, 'routing/queues')).toBe(200);
  });

  it.each(APART)('has the limit of the token, as everything has: %s', async (path, method) => {
    const used = { 'inin-ratelimit-count': '300', 'inin-ratelimit-allowed': '300' };
    const line = org(path, { status: 429, headers: { 'retry-after': '3600', ...used } });
    expect(await asked(line, path, method)).toBe(429);
    expect(await asked(line, 'routing/queues')).toBe('asked-to-wait');
  });

  it.each<[string, Record<string, string>]>([
    ['says nothing', {}],
    ['is not used up', { 'inin-ratelimit-count': '12', 'inin-ratelimit-allowed': '300' }],
    ['is none', { 'inin-ratelimit-count': '0', 'inin-ratelimit-allowed': '0' }],
  ])('makes nobody else wait for a limit of its own: that of the token %s', async (_, said) => {
    for (const [path, method] of APART) {
      const line = org(path, { status: 429, headers: { 'retry-after': '3600', ...said } });
      expect(await asked(line, path, method)).toBe(429);
      expect(await asked(line, path, method)).toBe('asked-to-wait');
      expect(await asked(line, 'routing/queues')).toBe(200);
    }
  });

  it.each([
    ['retry-after', { status: 429, headers: { 'retry-after': '100' } }, 1],
    ['errors', { status: 503 }, 8],
  ])('is waited for as long as it is worth: %s', async (_, answer, most) => {
    const clock = new VirtualClock();
    const line = transport({
      exchange: () => Promise.resolve({ headers: {}, body: '', ...answer }),
      random: half,
      events: new Recorder(),
      access: 'read',
      figuresPatienceMs: 20_000,
      clock,
    });
    const before = clock.now();
    const failed = await asked(line, APART[0][0], 'POST');
    expect(failed).toBe(answer.status);
    expect(clock.now() - before).toBeLessThanOrEqual(20_000);
    expect(line.count()).toBeLessThanOrEqual(most);
    expect(await asked(line, APART[0][0], 'POST')).toBe(
      most === 1 ? 'asked-to-wait' : 'circuit-open',
    );
  });

  it.each(NEEDED)('does not take what is needed for well: %s', async (path) => {
    const line = org(path, { status: 503 });
    expect(await asked(line, path)).toBe(503);
    expect(await asked(line, APART[0][0], 'POST')).toBe(200);
    expect(await asked(line, path)).toBe('circuit-open');
  });
});
