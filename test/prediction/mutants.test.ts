/** Faults that a prediction could have and nobody would see: each of them breaks a claim. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { NO_FIGURES } from '../../src/core/metrics.js';
import type * as centreModule from '../../src/prediction/centre.js';
import type * as flowsModule from '../../src/prediction/flows.js';
import type * as groupsModule from '../../src/prediction/groups.js';
import type * as predictModule from '../../src/prediction/predict.js';
import type { Compared } from '../../src/core/prediction.js';
import type { Asked, MeasuredQueue } from '../../src/prediction/measured.js';
import { flowOf, waysOf } from './ways.js';

type Centre = typeof centreModule;
type Flows = typeof flowsModule;
type Groups = typeof groupsModule;
type Predicts = typeof predictModule;

const [CENTRE, FLOWS, GROUPS, PREDICT] = ['centre', 'flows', 'groups', 'predict'].map(
  (name) => `../../src/prediction/${name}.js`,
) as [string, string, string, string];
const HANDLE = 240;
const TRAITS = { handleSeconds: HANDLE, patienceSeconds: 180, withinSeconds: 20 };

/** Ten agents in each of two queues, of whom four may be in both; calls a second of each. */
interface World {
  readonly shared: boolean;
  readonly own: readonly [number, number];
  readonly others: readonly [number, number];
}

const direct = (queue: number) => ({
  tiers: [[{ queue, weight: 1, capacity: null }]],
  fallback: null,
});

/** What is really so, by hours; many of them, and each world once. */
const PLAYED = new Map<string, ReturnType<Centre['play']>>();

function hoursOf({ play }: Pick<Centre, 'play'>, world: World): ReturnType<Centre['play']> {
  const key = JSON.stringify(world);
  const known = PLAYED.get(key) ?? played(play, world);
  PLAYED.set(key, known);
  return known;
}

function played(play: Centre['play'], world: World): ReturnType<Centre['play']> {
  const groups = world.shared
    ? [
        { agents: 6, queues: [0] },
        { agents: 6, queues: [1] },
        { agents: 4, queues: [0, 1] },
      ]
    : [
        { agents: 10, queues: [0] },
        { agents: 10, queues: [1] },
      ];
  const streams = [...world.own, ...world.others].map((erlang, at) => ({
    name: `stream ${at}`,
    perSecond: erlang / HANDLE,
    shape: [1],
    routing: direct(at % 2),
  }));
  const centre = { queues: [TRAITS, TRAITS], groups, streams };
  return play(centre, 'truth', { warmUpSeconds: 3600, hours: 600 });
}

async function claimsBroken(): Promise<string[]> {
  vi.resetModules();
  const mutated = await import('../../src/prediction/predict.js');
  const truth = await vi.importActual<Centre>('../../src/prediction/centre.js');
  const broken: string[] = [];
  const claim = (name: string, holds: boolean): void => {
    if (!holds) broken.push(name);
  };
  const world: World = { shared: false, own: [4, 4], others: [0, 4] };
  const asked = askedOf(truth, world, [1, 0.5]);
  const [same] = mutated.predict({ ...asked, flows: [flowOf(ways(1), ways(1))] });
  claim(
    'nothing that changes nothing moves',
    same!.queues.every(({ served }) => served.differenceLow === 0 && served.differenceHigh === 0),
  );
  const [moved] = mutated.predict(asked);
  const after = hoursOf(truth, { ...world, own: [16 / 3, 8 / 3] });
  claim('what is predicted happens', near(moved!, after));
  claim(
    'the range of a difference is narrower than that of an hour',
    moved!.queues.every(({ served }) => {
      const width = served.differenceHigh - served.differenceLow;
      return width < 0.9 * (served.hourHigh - served.hourLow);
    }),
  );
  const pooled: World = { shared: true, own: [6, 6], others: [0, 0] };
  const [shared] = mutated.predict(askedOf(truth, pooled, [1, 0.5]));
  claim('shared agents are there once', near(shared!, hoursOf(truth, { ...pooled, own: [8, 4] })));
  return broken;
}

const ways = (weight: number) => waysOf(['a', 'b'], [1, weight]);

function near(found: ReturnType<Predicts['predict']>[number], hours: ReturnType<Centre['play']>) {
  if (found.refused !== null) return false;
  return found.queues.every(({ served, abandoned }, index) => {
    const sum = (of: (one: (typeof hours)[number][number]) => number): number =>
      hours.reduce((total, hour) => total + of(hour[index]!), 0);
    const offered = sum((one) => one.offered);
    const off = Math.abs(served.after - sum((one) => one.inTime) / offered);
    const lostOff = Math.abs(abandoned.after - sum((one) => one.abandoned) / offered);
    return off < 0.05 && lostOff < 0.03;
  });
}

/** Counted so long that chance has no part in it. */
function askedOf(truth: Centre, world: World, [, weight]: readonly [number, number]): Asked {
  const hours = hoursOf(truth, world);
  const members = (from: number) => Array.from({ length: 10 }, (_, at) => `agent ${from + at}`);
  const queues = ['a', 'b'].map((id, index): MeasuredQueue => {
    const parts = hours.flatMap((hour) => {
      const { offered, inTime, abandoned, waitSeconds } = hour[index]!;
      const handled = offered - abandoned;
      const quarter = {
        ...NO_FIGURES,
        offered: offered / 4,
        handled: handled / 4,
        answered: handled / 4,
        abandoned: abandoned / 4,
        handleMs: (handled * HANDLE * 1000) / 4,
        waitMs: (waitSeconds * 1000) / 4,
        judged: offered / 4,
        inTime: inTime / 4,
      };
      return [quarter, quarter, quarter, quarter];
    });
    const own = world.shared ? members(6 * index) : members(100 * index);
    return { id, name: id, withinSeconds: 20, slots: 10, parts, members: own };
  });
  return { queues, flows: [flowOf(ways(1), ways(weight))], seed: 'x', mostRuns: 16 };
}

afterEach(() => {
  for (const one of [CENTRE, FLOWS, GROUPS, PREDICT]) vi.doUnmock(one);
});

describe('a prediction', () => {
  it('keeps every claim', async () => {
    expect(await claimsBroken()).toEqual([]);
  });

  it('that ignores how patient callers are breaks some', async () => {
    vi.doMock(CENTRE, async (original) => {
      const real = await original<Centre>();
      const patient = (centre: Parameters<Centre['play']>[0]) => ({
        ...centre,
        queues: centre.queues.map((one) => ({ ...one, patienceSeconds: 1e9 })),
      });
      return {
        ...real,
        play: (...[c, ...rest]: Parameters<Centre['play']>) => real.play(patient(c), ...rest),
      };
    });
    expect(await claimsBroken()).toContain('what is predicted happens');
  });

  it('that takes the calls of others for its own breaks some', async () => {
    vi.doMock(FLOWS, async (original) => ({
      ...(await original<Flows>()),
      toldApart: ({ calls }: Parameters<Flows['toldApart']>[0]) => ({
        own: [[...calls.values()].reduce((sum, one) => sum + one, 0)],
        others: new Map([...calls.keys()].map((id) => [id, 0])),
      }),
    }));
    expect(await claimsBroken()).toContain('what is predicted happens');
  });

  it('that counts shared agents in each of their queues breaks some', async () => {
    vi.doMock(GROUPS, async (original) => {
      const real = await original<Groups>();
      const apart = (queues: readonly MeasuredQueue[]) =>
        queues.map((one) => ({ ...one, members: null }));
      return {
        ...real,
        groupsOf: (...[queues, traits]: Parameters<typeof real.groupsOf>) =>
          real.groupsOf(apart(queues), traits),
      };
    });
    expect(await claimsBroken()).toContain('shared agents are there once');
  });

  it('that shows the range of an hour as that of the difference breaks some', async () => {
    vi.doMock(PREDICT, async (original) => {
      const real = await original<Predicts>();
      const wide = ({ hourLow, hourHigh, before, ...rest }: Compared): Compared => ({
        ...rest,
        hourLow,
        hourHigh,
        before,
        differenceLow: hourLow - before,
        differenceHigh: hourHigh - before,
      });
      return {
        ...real,
        predict: (asked: Asked) =>
          real.predict(asked).map((one) => ({
            ...one,
            queues: one.queues.map((queue) => ({ ...queue, served: wide(queue.served) })),
          })),
      };
    });
    expect(await claimsBroken()).toContain(
      'the range of a difference is narrower than that of an hour',
    );
  });

  it('that meets other callers afterwards breaks some', async () => {
    let count = 0;
    vi.doMock(CENTRE, async (original) => {
      const real = await original<Centre>();
      return {
        ...real,
        play: (...[centre, seed, span]: Parameters<Centre['play']>) =>
          real.play(centre, `${seed} ${(count += 1)}`, span),
      };
    });
    expect(await claimsBroken()).toContain('nothing that changes nothing moves');
  });
});
