/** Writes of queues are paced: no minute has more of them than it may, and no edit slips in. */
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/types.js';
import { WritePace } from '../../src/engine/write-pace.js';
import { queue } from '../../src/kinds/queue/index.js';
import { requestsText } from '../../src/render/wording.js';
import { bind } from '../../src/engine/bind.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import type { HttpRequest } from '../../src/genesys/transport.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench, Recorder, VirtualClock } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

const QUEUES = '/api/v2/routing/queues';
const MINUTE_MS = 60_000;

const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `Queue ${String(n).padStart(3, '0')}`);
const files = (names: readonly string[], spec: object = {}): Record<string, string> =>
  Object.fromEntries(names.map((name) => [`${name}.yaml`, manifestOf('Queue', name, spec)]));

/** The most that went in any minute. */
function mostInAMinute(sentAtMs: readonly number[]): number {
  return Math.max(
    0,
    ...sentAtMs.map((from) => sentAtMs.filter((at) => at >= from && at < from + MINUTE_MS).length),
  );
}

interface Watched {
  readonly exchange: (request: HttpRequest) => ReturnType<Many['bench']['exchange']>;
  readonly writtenAtMs: number[];
}

function watched({ bench: { exchange, clock } }: Many): Watched {
  const writtenAtMs: number[] = [];
  return {
    writtenAtMs,
    exchange: async (request) => {
      const isWrite = request.method !== 'GET' && request.url.includes(QUEUES);
      if (isWrite) writtenAtMs.push(clock.now());
      // A request takes a while.
      await clock.sleep(50);
      return exchange(request);
    },
  };
}

describe('a pace', () => {
  it.each([1, 3, 60])('lets %d go in a minute, whenever they come', async (perMinute) => {
    const clock = new VirtualClock();
    const events = new Recorder();
    const pace = new WritePace({ clock, events }, perMinute, 'queues');
    const sentAtMs: number[] = [];
    for (let n = 0; n < perMinute * 3 + 1; n += 1) {
      await clock.sleep((n % 5) * 70);
      await pace.turn();
      sentAtMs.push(clock.now());
      pace.sent();
    }
    expect(mostInAMinute(sentAtMs)).toBe(perMinute);
    const [told] = events.events;
    expect(told).toMatchObject({
      type: 'waiting',
      reason: `queues are written ${perMinute} times a minute at most`,
    });
  });

  it('keeps nobody waiting who writes little', async () => {
    const clock = new VirtualClock();
    const pace = new WritePace({ clock, events: new Recorder() }, 60, 'queues');
    for (let n = 0; n < 60; n += 1) {
      await pace.turn();
      pace.sent();
    }
    expect(clock.now()).toBe(new VirtualClock().now());
  });
});

describe('queues', () => {
  it('70 are made at 60 a minute, and it is in the estimate', async () => {
    const place = many(bench(ORG), 'datatable');
    const planned = await place.plan(files(numbered(70)));
    expect(planned.plan.estimate?.paced).toEqual([{ kind: 'Queue', writes: 70, perMinute: 60 }]);
    expect(requestsText(planned.plan)).toContain('70 writes of queues, 60 a minute at most');
    const { exchange, writtenAtMs } = watched(place);
    const { exitCode } = await place.carryOut(planned, { exchange });
    expect([exitCode, writtenAtMs.length]).toEqual([0, 70]);
    expect(mostInAMinute(writtenAtMs)).toBe(60);
  });

  it('few go as they come, and the estimate says nothing of a pace', async () => {
    const place = many(bench(ORG), 'datatable');
    const planned = await place.plan(files(numbered(5)));
    expect(planned.plan.estimate).not.toHaveProperty('paced');
    const startMs = place.bench.clock.now();
    await place.carryOut(planned);
    expect(place.bench.clock.now() - startMs).toBeLessThan(MINUTE_MS);
  });

  it('writes of members and codes count as well', async () => {
    const place = many(bench(ORG), 'datatable');
    const spec = { members: [{ user: 'ada@example.com', ring: 1 }] };
    const names = numbered(31);
    const { exchange, writtenAtMs } = watched(place);
    const planned = await place.plan(files(names, spec));
    expect(planned.plan.estimate?.paced).toEqual([{ kind: 'Queue', writes: 62, perMinute: 60 }]);
    await place.carryOut(planned, { exchange });
    expect([writtenAtMs.length, mostInAMinute(writtenAtMs)]).toEqual([62, 60]);
  });

  it('an edit while a change waits for its turn is not overwritten', async () => {
    const place = many(bench(ORG), 'datatable');
    await place.apply(files(numbered(61)));
    await place.bench.clock.sleep(10 * MINUTE_MS);
    const planned = await place.plan(files(numbered(61), { description: 'New' }));
    const last = planned.plan.changes.at(-1) as Change;
    let edited = false;
    const { exchange } = watched(place);
    const startMs = place.bench.clock.now();
    const { outcomes } = await place.carryOut(planned, {
      exchange: async (request) => {
        // While it waits: the first request after the pause is its look.
        if (!edited && place.bench.clock.now() - startMs > MINUTE_MS) {
          edited = true;
          const queueOf = [...place.bench.org.queues.values()].find(({ id }) => id === last.id);
          await place.send('PUT', `${QUEUES}/${last.id ?? ''}`, {
            name: queueOf?.name,
            description: 'By a person',
          });
        }
        return exchange(request);
      },
    });
    expect([edited, outcomes.at(-1)?.state]).toEqual([true, 'stale']);
    const kept = [...place.bench.org.queues.values()].find(({ id }) => id === last.id);
    expect(JSON.stringify(kept)).toContain('By a person');
  });
});

describe('the setting', () => {
  it('takes the place of what the resource has, and of no other', () => {
    const of = (paces: Record<string, number>) =>
      bind(reconciledKinds, {
        backend: 'datatable',
        tables: { objects: 'a', state: 'b' },
        rateLimit: { paces },
      });
    expect(of({}).of('Queue').writesPerMinute).toBe(queue.resources['platform']?.pace?.perMinute);
    expect(of({ queueWrites: 5 }).of('Queue').writesPerMinute).toBe(5);
    expect(of({ queueWrites: 5 }).of('Skill')).not.toHaveProperty('writesPerMinute');
  });
});
