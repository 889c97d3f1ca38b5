/** The platform's rate limit: what is used of it, and when to wait. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Budget } from '../../src/core/rate-limit.js';
import { Pace } from '../../src/genesys/pace.js';
import { answer, createOrg } from '../../src/simulator/org.js';

const told = (count: number, allowed = 100, reset = 60): Record<string, string> => ({
  'inin-ratelimit-count': `${count}`,
  'inin-ratelimit-allowed': `${allowed}`,
  'inin-ratelimit-reset': `${reset}`,
});

/** A pace that leaves 30 %, after answers at these instants. */
function after(...answers: readonly (readonly [Record<string, string> | null, number])[]): Pace {
  const pace = new Pace(0.3);
  for (const [headers, atMs] of answers) {
    pace.left();
    pace.returned(headers, atMs);
  }
  return pace;
}

describe('a request may go', () => {
  it.each<[string, Pace, number, number]>([
    ['at once where nothing was said yet', new Pace(0.3), 0, 0],
    ['at once while the share is not used up', after([told(69), 0]), 10, 0],
    ['at the end of the window once it is', after([told(70), 0]), 10, 59_990],
    ['at once when the window has ended', after([told(70), 0]), 60_000, 0],
    ['by the most that any answer has said', after([told(70), 0], [told(3), 5]), 10, 59_995],
    ['by the newer window', after([told(70), 0], [told(3), 2000]), 2010, 0],
    ['by the limit of the endpoint', after([told(40, 50), 0]), 0, 60_000],
    ['at once where the platform says nothing', after([null, 0], [{}, 5]), 10, 0],
    ['at once where what it says is no number', after([{ ...told(99), ...odd() }, 0]), 10, 0],
    ['at once where it allows nothing at all', after([told(5, 0), 0]), 10, 0],
  ])('%s', (_name, pace, nowMs, ms) => {
    expect(pace.waitMs(nowMs)).toBe(ms);
  });

  it('only when what is in flight leaves room', () => {
    const pace = after([told(68), 0]);
    pace.left();
    expect(pace.waitMs(1)).toBe(0);
    pace.left();
    expect(pace.waitMs(1)).toBe(59_999);
  });

  it('not before Retry-After, and then by what the platform says next', () => {
    const pace = after([told(70), 0]);
    pace.hold(5000);
    expect([pace.waitMs(0), pace.waitMs(4999), pace.waitMs(5000)]).toEqual([5000, 1, 0]);
    pace.hold(3000);
    expect(pace.waitMs(4000)).toBe(1000);
  });

  it.each([
    [0, 100],
    [0.3, 70],
    [0.95, 5],
    // A share that rounds to nothing must not stop a run for good.
    [0.999, 1],
  ])('with a share of %d left to others, %d of 100', (leave, most) => {
    const pace = new Pace(leave);
    let sent = 0;
    for (; sent < 200 && pace.waitMs(0) === 0; sent += 1) {
      pace.left();
      pace.returned(told(sent + 1), 0);
    }
    expect(sent).toBe(most);
  });
});

function odd(): Record<string, string> {
  return { 'inin-ratelimit-count': 'many' };
}

describe('however requests are spread and answers overtake each other', () => {
  it('the platform never has to refuse one', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 50, maxLength: 400 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 10 }), (waits, atOnce) => {
        const file = { clients: [{ id: 'demo', secret: 'demo' }] };
        const org = createOrg(file, { rateLimitPerMinute: 60 });
        const pace = new Pace(0.3);
        let now = 1_000_000;
        const send = (): number => {
          const headers = { authorization: `Bearer ${token}` };
          const request = { method: 'GET', path: '/api/v2/routing/skills', headers, body: '' };
          const { status, headers: said } = answer(org, request, now);
          answers.push(said);
          return status;
        };
        const login = answer(
          org,
          {
            method: 'POST',
            path: '/oauth/token',
            body: 'grant_type=client_credentials',
            headers: { authorization: `Basic ${Buffer.from('demo:demo').toString('base64')}` },
          },
          now,
        );
        const token = (JSON.parse(login.body) as { access_token: string }).access_token;
        const answers: Readonly<Record<string, string>>[] = [];
        for (const gap of waits) {
          now += gap;
          now += pace.waitMs(now);
          pace.left();
          if (send() === 429) return false;
          // Answers come back late, and the last one first.
          if (answers.length < atOnce) continue;
          for (let said = answers.pop(); said !== undefined; said = answers.pop()) {
            pace.returned(said, now);
          }
        }
        return true;
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is left', () => {
  it.each<[string, Pace, number, object | null]>([
    ['is not known before anything was said', new Pace(0.3), 0, null],
    ['is the share less what is used', after([told(60), 0]), 10, left(70, 10, 60_000)],
    ['is nothing once it is used up', after([told(99), 0]), 10, left(70, 0, 60_000)],
    ['is all of it once the window has ended', after([told(99), 0]), 60_000, left(70, 70, 60_000)],
    ['is never nothing at all a minute', after([told(1, 1), 0]), 60_000, left(1, 1, 60_000)],
  ])('%s', (_name, pace, nowMs, budget) => {
    expect(pace.budget(nowMs)).toEqual(budget);
    expect(pace.perMinute()).toBe(budget === null ? null : (budget as Budget).perMinute);
  });

  it('is nothing until the end of a 429, whose limit stays known', () => {
    const pace = after([told(10), 0]);
    pace.hold(5000);
    expect(pace.budget(1000)).toEqual(left(70, 0, 5000));
    expect(pace.budget(5000)).toEqual(left(70, 70, 5000));
    const unknown = new Pace(0.3);
    unknown.hold(5000);
    expect(unknown.budget(1000)).toEqual({ perMinute: null, left: 0, endsAtMs: 5000 });
  });
});

function left(perMinute: number, of: number, endsAtMs: number): Budget {
  return { perMinute, left: of, endsAtMs };
}
