/** Whose clock says what time it is: dates on record come from many machines. */
import { describe, expect, it } from 'vitest';
import { transport, type Transport } from '../../src/genesys/transport.js';
import { half, Recorder, START_MS, VirtualClock } from '../support/org.js';

const API = 'http://127.0.0.1:9/api/v2/routing/queues';
const LOGIN = 'http://127.0.0.1:9/oauth/token';
const HOUR_MS = 3_600_000;

/** A machine whose clock is `wrong.ms` ahead, and a platform that is never wrong unless it is said. */
function machine(
  clock: VirtualClock,
  wrong: { ms: number },
  platform: { dated?: boolean; aheadMs?: number; tookMs?: number } = {},
): Transport {
  return transport({
    exchange: async () => {
      const { dated = true, aheadMs = 0, tookMs = 0 } = platform;
      const date = new Date(clock.now() + aheadMs).toUTCString();
      await clock.sleep(tookMs);
      return { status: 200, headers: dated ? { date } : {}, body: '' };
    },
    clock: {
      now: () => clock.now() + wrong.ms,
      steady: () => clock.now(),
      sleep: (ms) => clock.sleep(ms),
    },
    random: half,
    events: new Recorder(),
    access: 'write',
  });
}

const asks = async ({ send }: Transport, url = API): Promise<unknown> =>
  send({ method: url === LOGIN ? 'POST' : 'GET', url, headers: {} });

describe('the time of day', () => {
  it.each([-7200_000, -6000, 6000, 7200_000])(
    'is the platform’s where ours is %d ms off',
    async (ms) => {
      const clock = new VirtualClock();
      const line = machine(clock, { ms });
      expect(line.nowMs()).toBe(START_MS + ms);
      await asks(line);
      await clock.sleep(HOUR_MS);
      expect(line.nowMs()).toBe(START_MS + HOUR_MS);
    },
  );

  it.each([-5000, -1, 0, 999, 5000])(
    'is ours, to the millisecond, where it is %d off',
    async (ms) => {
      const clock = new VirtualClock();
      const line = machine(clock, { ms });
      await asks(line);
      expect(line.nowMs()).toBe(START_MS + ms);
    },
  );

  it.each([-7200_000, -5300, -4700, 4700, 5300, 7200_000])(
    'never goes back where ours is %d ms off, though answers have whole seconds alone',
    async (ms) => {
      const clock = new VirtualClock();
      const line = machine(clock, { ms });
      await asks(line);
      const seen: number[] = [];
      for (let round = 0; round < 40; round += 1) {
        await clock.sleep(170);
        seen.push(line.nowMs());
        await asks(line);
        seen.push(line.nowMs());
      }
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      const off = Math.abs(ms) <= 5000 ? ms : 0;
      expect(Math.abs(line.nowMs() - clock.now() - off)).toBeLessThan(1000);
    },
  );

  it('follows a platform whose own clock is set back, and no answer that was long on its way', async () => {
    const clock = new VirtualClock();
    const wrong = { ms: HOUR_MS };
    const platform = { aheadMs: 0, tookMs: 0 };
    const line = machine(clock, wrong, platform);
    await asks(line);
    platform.tookMs = 20_000;
    await asks(line);
    expect(line.nowMs()).toBe(clock.now());
    Object.assign(platform, { aheadMs: -600_000, tookMs: 0 });
    await asks(line);
    expect(line.nowMs()).toBe(clock.now() - 600_000);
  });

  it('stays what it was when our clock is set forward or back', async () => {
    const clock = new VirtualClock();
    const wrong = { ms: 0 };
    const line = machine(clock, wrong);
    await asks(line);
    for (const ms of [HOUR_MS, -HOUR_MS]) {
      wrong.ms = ms;
      expect(line.nowMs()).toBe(START_MS);
    }
  });

  it('is ours where nobody has said, or only the login has', async () => {
    const clock = new VirtualClock();
    const [silent, fresh] = [
      machine(clock, { ms: HOUR_MS }, { dated: false }),
      machine(clock, { ms: HOUR_MS }),
    ];
    await asks(silent);
    await asks(fresh, LOGIN);
    expect([silent.nowMs(), fresh.nowMs()]).toEqual([START_MS + HOUR_MS, START_MS + HOUR_MS]);
  });
});
