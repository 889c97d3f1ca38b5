/** Predictions beside a plan: what they ask for, what they say, and that they never block. */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import type { Prediction } from '../../src/core/prediction.js';
import { planDigest } from '../../src/core/plan.js';
import { predictionOf, withPrediction } from '../../src/engine/measure.js';
import { sha256 } from '../../src/files/digest.js';
import { openReader } from '../../src/genesys/sdk.js';
import type { Exchange } from '../../src/genesys/transport.js';
import { planText } from '../../src/render/text.js';
import { plainStyle } from '../../src/render/style.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { bindingFor, type Backend } from '../support/binding.js';
import { faulty, html, refusal } from '../support/faults.js';
import { bench, type Bench } from '../support/org.js';
import { BACKEND } from '../support/owned.js';
import { plan } from '../support/reconcile.js';
import { applied } from '../support/rounds.js';
import { ROWS } from '../support/rows.js';

const agents = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix} ${index}`);
const ORG: OrgFile = {
  skills: ['Voice', 'Mail', 'Mail and Voice'],
  users: [...agents(12, 'Large'), ...agents(8, 'Small')].map((name) => ({
    name,
    skills: ['Voice'],
  })),
  queues: [
    { name: 'Large', members: agents(12, 'Large') },
    { name: 'Small', members: agents(8, 'Small'), answerWithinSeconds: 30 },
    { name: 'Rest', members: agents(2, 'Large') },
  ],
  traffic: [{ strategy: 's', arrivalsPerHour: 240, handleSeconds: 240, patienceSeconds: 180 }],
};

/** With hardly a call, so that weeks are over soon. */
const QUIET: OrgFile = { ...ORG, traffic: [{ ...ORG.traffic![0]!, arrivalsPerHour: 2 }] };

const manifest = (weight: number, spec: JsonObject = {}, capacity = 500): string =>
  JSON.stringify({
    apiVersion: 'strategos/v1',
    kind: 'RoutingStrategy',
    metadata: { name: 's' },
    spec: {
      targets: [
        { queue: 'Large', capacity: 500 },
        { queue: 'Small', weight, capacity },
      ],
      checks: { capacity: 'warn', skills: 'off' },
      ...spec,
    },
  });
const files = (text: string): Record<string, string> => ({ 's.yaml': text });

/** Weights 1 and 1 for `hours`, in traffic. */
async function scene(backend: Backend, hours = 4, org = ORG): Promise<Bench> {
  const on = bench(org);
  await applied(on, files(manifest(1)), backend);
  await on.clock.sleep(hours * 3_600_000);
  return on;
}

interface Foreseen {
  readonly prediction: Prediction | null;
  readonly text: string;
  readonly requests: number;
}

async function foreseen(
  on: Bench,
  backend: Backend,
  text: string,
  { exchange, atMs = null }: { exchange?: Exchange; atMs?: number | null } = {},
): Promise<Foreseen> {
  const planned = await plan(on, files(text), { backend, owned: false });
  const reader = openReader(on.connection('demo', exchange));
  // What a plan has listed is known to the client that it was made with.
  await reader.queues();
  const before = reader.requests();
  const at = atMs === null ? null : 'then';
  const ports = { reader, hash: sha256 };
  const prediction = await predictionOf(ports, planned, bindingFor(backend), { atMs, at });
  const whole = withPrediction(planned.plan, prediction, reader.requests());
  expect(planDigest(whole, sha256)).toBe(planned.plan.digest);
  const shown = planText(whole, plainStyle)
    .split('\n')
    .filter((line) => /≈|within/.test(line));
  return { prediction, text: shown.join('\n'), requests: reader.requests() - before };
}

describe.each<[string, Backend]>([
  ['datatable', ROWS],
  ['strategies-api', BACKEND],
])('a plan on %s', (_, backend) => {
  it('says what moved weights will do, queue by queue, by their own promises', async () => {
    const on = await scene(backend);
    const { prediction, text, requests } = await foreseen(on, backend, manifest(0.6));
    expect(requests).toBe(1);
    const [one] = prediction!.strategies;
    expect(one).toMatchObject({ address: 'RoutingStrategy/s', refused: null });
    expect(one!.queues.map(({ queue, withinSeconds }) => [queue, withinSeconds])).toEqual([
      ['Large', 20],
      ['Small', 30],
    ]);
    const [large, small] = one!.queues;
    expect(large!.served.difference).toBeLessThan(-0.02);
    expect(small!.served.difference).toBeGreaterThan(0.1);
    expect(text).toMatch(
      /≈ next hour at today's arrivals \(3 h of data, \d+ calls; the model is within/,
    );
    expect(text).toMatch(
      /Small +within 30 s \d+ → \d+ % \(\+\d+…\+\d+\) +average wait \d+ → \d+ s/,
    );
  });

  it('says why it says nothing', async () => {
    const fresh = await scene(backend, 0.4);
    expect((await foreseen(fresh, backend, manifest(0.6))).text).toBe(
      '    ≈ no prediction: it was changed 24 min ago: 30 min have to pass',
    );
    const on = await scene(backend);
    expect((await foreseen(on, backend, manifest(1, { status: 'draft' }))).text).toMatch(
      /no prediction: it will take no calls/,
    );
    const skilled = manifest(0.6, { selection: { skills: [{ skill: 'Voice', required: true }] } });
    expect((await foreseen(on, backend, skilled)).text).toMatch(/no prediction: other skills/);
    // A name may have in it what looks like two of them.
    const of = (...names: string[]): JsonObject => ({
      selection: { skills: names.map((skill) => ({ skill, required: true })) },
    });
    await applied(on, files(manifest(1, of('Mail and Voice'))), backend);
    await on.clock.sleep(4 * 3_600_000);
    const two = manifest(0.6, of('Mail', 'Voice'));
    expect((await foreseen(on, backend, two)).text).toMatch(/no prediction: other skills/);
    const made = {
      's.yaml': manifest(1),
      't.yaml': manifest(1).replace('"name":"s"', '"name":"t"'),
    };
    const planned = await plan(on, made, { backend, owned: false });
    const reader = on.reader();
    const asked = { atMs: null, at: null };
    const found = await predictionOf({ reader, hash: sha256 }, planned, bindingFor(backend), asked);
    expect(found?.strategies.map(({ refused }) => refused)).toEqual([
      'it is new: nobody knows how many calls it will get',
    ]);
    expect((await foreseen(on, backend, manifest(1))).prediction).toBeNull();
  });

  it('has nothing to say of weights that are the same parts of their sum', async () => {
    const on = await scene(backend);
    const targets = ['Large', 'Small'].map((queue) => ({ queue, weight: 0.3, capacity: 500 }));
    const { prediction, text } = await foreseen(on, backend, manifest(1, { targets }));
    expect([prediction, text]).toEqual([null, '']);
  });

  it('is the same where the figures are not to be had, with a line that says so', async () => {
    const on = await scene(backend);
    for (const answer of [
      refusal(403, 'missing.permissions', 'no figures'),
      refusal(503, 'service.unavailable', 'no figures'),
      refusal(429, 'too.many.requests', 'no figures', { 'retry-after': '3600' }),
      html(200, 'no figures'),
    ]) {
      const { exchange } = faulty(on.exchange, [
        { path: /conversations\/aggregates/, times: Infinity, does: { answer } },
      ]);
      const { text } = await foreseen(on, backend, manifest(0.6), { exchange });
      expect(text).toMatch(/^ {4}≈ no prediction: not asked: .*no figures/);
    }
  });
});

describe('weights that were others within the hours that count', () => {
  const spares = (one: Prediction | null): readonly number[] =>
    one!.strategies[0]!.queues.map(({ occupancy }) => occupancy.before);

  it('are left out: what is said of now is of the weights of now', async () => {
    const on = await scene(BACKEND);
    await applied(on, files(manifest(0.4)), BACKEND);
    await on.clock.sleep(75 * 60_000);
    const { prediction, text } = await foreseen(on, BACKEND, manifest(1));
    expect(text).toMatch(
      /≈ it was changed at \S+Z: only the 1(\.25)? h counted since then are used/,
    );
    expect(prediction!.strategies[0]).toMatchObject({ refused: null });
    // 11.4 of 16 erlang for twelve agents, and 4.6 for eight; a mix of both would be 9.4 and 6.6.
    const [large = 0, small = 0] = spares(prediction);
    expect(large).toBeGreaterThan(0.83);
    expect(small).toBeLessThan(0.65);
  });

  it('leave nothing to go by at the hours of weeks that are all before', async () => {
    const on = await scene(BACKEND, 24 * 30, QUIET);
    await applied(on, files(manifest(0.2)), BACKEND);
    await on.clock.sleep(3_600_000);
    const at = on.clock.now() + 3_600_000;
    const { text } = await foreseen(on, BACKEND, manifest(1), { atMs: at });
    expect(text).toMatch(/no prediction: it was changed at \S+Z, after all the hours/);
    await on.clock.sleep(7 * 24 * 3_600_000);
    const later = { atMs: on.clock.now() + 3_600_000 };
    expect((await foreseen(on, BACKEND, manifest(1), later)).text).toMatch(
      /≈ it was changed at \S+Z: only the 1 h counted since then are used/,
    );
  });
});

it('on data tables a capacity is nobody’s to read, and on the strategies API it is', async () => {
  const on = await scene(ROWS);
  const { text, requests } = await foreseen(on, ROWS, manifest(1, {}, 3));
  expect(text).toContain('≈ capacity is not read by call flows: it changes nothing for callers');
  expect([text.includes('no prediction: callers will notice nothing'), requests]).toEqual([
    true,
    0,
  ]);
  const api = await scene(BACKEND);
  const { prediction } = await foreseen(api, BACKEND, manifest(1, {}, 3));
  const [one] = prediction!.strategies;
  expect(one?.notes).toEqual([]);
  if (one?.refused === null) expect(one.queues[1]!.occupancy.difference).toBeLessThan(-0.1);
});

it('says of what stays nothing that is so of what goes', async () => {
  const on = await scene(ROWS);
  const targets = [{ queue: 'Large', capacity: 500 }];
  const { prediction } = await foreseen(on, ROWS, manifest(1, { targets }));
  expect(prediction?.strategies[0]?.notes).toEqual(['Small will get no calls']);
});

it('at another hour goes by the same hour of four weeks', async () => {
  const on = await scene(BACKEND, 24 * 30, QUIET);
  const now = on.clock.now();
  const sent: string[] = [];
  const spy: Exchange = async (request) => {
    if (request.url.includes('aggregates')) sent.push(String(request.body));
    return on.exchange(request);
  };
  const { requests } = await foreseen(on, BACKEND, manifest(0.6), {
    exchange: spy,
    atMs: now + 3_600_000,
  });
  expect([requests, sent.length]).toEqual([4, 4]);
});
