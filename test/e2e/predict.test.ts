/** predict: what callers will meet, and what if, through the command line; reads alone. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Prediction } from '../../src/core/prediction.js';
import type { Plan } from '../../src/core/types.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { Workplace } from '../support/cli.js';
import { validatorOf } from '../support/schemas.js';

const agents = (count: number, of: string): string[] =>
  Array.from({ length: count }, (_, index) => `${of} ${index}`);
const READING = DEMO_ORG.clients?.find(({ id }) => id === 'planner')?.permissions ?? [];
const without = (id: string, permission: string) => ({
  id,
  secret: id,
  permissions: READING.filter((one) => !one.includes(permission)),
});
const ORG: OrgFile = {
  clients: [{ id: 'demo', secret: 'demo' }, without('blind', 'conversationAggregate')],
  skills: ['Voice'],
  users: [...agents(12, 'Large'), ...agents(8, 'Small')].map((name) => ({
    name,
    skills: ['Voice'],
  })),
  queues: [
    { name: 'Large', members: agents(12, 'Large') },
    { name: 'Small=1', members: agents(8, 'Small') },
  ],
  traffic: [{ strategy: 's', arrivalsPerHour: 240, handleSeconds: 240, patienceSeconds: 180 }],
};
const MANIFEST = (name: string, status = 'active'): string => `
apiVersion: strategos/v1
kind: RoutingStrategy
metadata: { name: ${name} }
spec:
  status: ${status}
  targets:
    - { queue: Large, capacity: 500 }
    - { queue: Small=1, weight: 0.7, capacity: 500 }
  checks: { capacity: warn, skills: off }
`;

let place: Workplace;

beforeEach(async () => {
  place = await Workplace.open(ORG, { backend: 'datatable' });
  for (const file of ['support', 'billing', 'sales', 'overlay-demo']) {
    await place.write(`strategies/${file}.yaml`, '').catch(() => undefined);
  }
  await place.write('strategies/s.yaml', MANIFEST('s'));
  await place.write('strategies/d.yaml', MANIFEST('d', 'draft'));
  expect((await place.strategos(['apply', '--yes', '--quiet'])).code).toBe(0);
  await place.clock.sleep(4 * 3_600_000);
});
afterEach(() => place.close());

interface Told {
  readonly whatIf: object;
  readonly prediction: Prediction;
}

async function told(...args: string[]): Promise<Told> {
  const { code, stdout } = await place.strategos(['predict', '--format', 'json', ...args]);
  expect(code).toBe(0);
  const document: unknown = JSON.parse(stdout);
  const validate = validatorOf('result');
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  return document as Told;
}

describe('predict', () => {
  it.each([0, 1, 3])('counts agents where each may have %d calls at a time', async (calls) => {
    (place.simulator.org.utilization as Map<string, number>).set('call', calls);
    const { code, stdout } = await place.strategos(['predict', '--agents', 'Large=+3']);
    expect(code).toBe(0);
    expect(stdout).toContain('what if Large had 15 on queue, not 12\n');
    const none = 'no prediction: agents of Large may have 0 calls at a time';
    expect(stdout.includes(none)).toBe(calls === 0);
  });

  it('says what callers will meet, changes nothing, and shows what takes no calls', async () => {
    const { audits } = place.simulator.org;
    const before = audits.length;
    const { code, stdout } = await place.strategos(['predict']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^RoutingStrategy\/s\n {4}≈ next hour at today's arrivals \(3 h of data, \d+ calls; .*\n/m,
    );
    expect(stdout).toMatch(
      /^ {6}Large +within 20 s \d+ % \(an hour by itself \d+…\d+\) +average wait \d+ s +abandoned \d+ % +occupancy \d+ %$/m,
    );
    expect(stdout).toContain('RoutingStrategy/d\n    ≈ no prediction: it takes no calls\n');
    expect(audits).toHaveLength(before);
    for (const format of ['markdown', 'html']) {
      const shown = await place.strategos(['predict', '--format', format]);
      expect([shown.code, shown.stdout.includes('Large')]).toEqual([0, true]);
    }
  });

  it('says what if: agents by number and by how many, calls by per cent', async () => {
    const more = await told('--agents', 'Large=+3', '--rate', 'Small=1=-20%', '--target', 's');
    expect(more.whatIf).toEqual({
      agents: [{ queue: 'Large', now: 12, then: 15 }],
      calls: [{ queue: 'Small=1', factor: 0.8 }],
    });
    const [one] = more.prediction.strategies;
    expect(one?.queues.map(({ served }) => Math.sign(served.difference))).toEqual([1, 1]);
    const fewer = await told('--agents', 'Large=11');
    expect(fewer.whatIf).toMatchObject({ agents: [{ now: 12, then: 11 }] });
    expect(await told('--agents', 'Large=11')).toEqual(fewer);
  });

  it.each([
    [['--agents', 'Larg=3'], 'no strategy that is shown sends calls to a queue "Larg"'],
    [['--agents', 'Large'], 'Expected such as'],
    [['--agents', 'Large=1.5'], 'Expected such as'],
    [['--agents', 'Large=10001'], '10000 at most'],
    [['--rate', 'Large=20'], 'Expected such as'],
    [['--rate', 'Large=+1001%'], 'from -100% to +1000%'],
    [['--rate', 'Large=-101%'], 'Expected such as'],
    [['--rate', 'Large=+5%', '--rate', 'Large=+6%'], '"Large" is asked for twice'],
    [['--target', 'nothing'], 'nothing'],
  ])('refuses %j as wrong usage', async (args, message) => {
    const { code, stderr, stdout } = await place.strategos(['predict', ...args]);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toContain(message);
  });

  it('names the permission that it lacks', async () => {
    const env = { GENESYS_CLIENT_ID: 'blind', GENESYS_CLIENT_SECRET: 'blind' };
    const { code, stderr } = await place.strategos(['predict'], { env });
    expect(code).toBe(6);
    expect(stderr).toContain('analytics:conversationAggregate:view');
  });
});

describe('plan', () => {
  it('is at no hour where nothing is to be predicted', async () => {
    const args = ['plan', '--no-predict', '--predict-at', 'tomorrow 10:00'];
    const { code, stderr } = await place.strategos(args);
    expect([code, stderr]).toEqual([64, expect.stringContaining('cannot be used with option')]);
  });

  it('asks nothing of a queue that the same plan makes, and says why it says nothing', async () => {
    const queue = 'apiVersion: strategos/v1\nkind: Queue\nmetadata: { name: Fresh }\nspec: {}\n';
    await place.write('strategies/q.yaml', queue);
    await place.write('strategies/s.yaml', MANIFEST('s').replace('queue: Small=1', 'queue: Fresh'));
    const planned = async (...args: string[]) => {
      const { code, stdout } = await place.strategos(['plan', '--format', 'json', ...args]);
      expect(code).toBe(0);
      return JSON.parse(stdout) as Plan;
    };
    const [plan, silent] = [await planned(), await planned('--no-predict')];
    expect(plan.prediction?.strategies).toMatchObject([
      { refused: 'Fresh is not in the org: nobody knows who will be in it', notes: [] },
    ]);
    expect([plan.digest, plan.requests]).toEqual([silent.digest, silent.requests]);
  });
});

interface Checked {
  readonly applies: { readonly pairs: number; readonly directions: object } | null;
  readonly leftOut: readonly { readonly why: string; readonly count: number }[];
  readonly replay: { readonly pairs: number; readonly coverage: number } | null;
  readonly broken: readonly { readonly why: string }[];
}

async function checked(code = 0): Promise<Checked> {
  const ended = await place.strategos(['metrics', '--predictions', '--format', 'json']);
  expect([ended.code, ended.code === code ? '' : ended.stderr]).toEqual([code, '']);
  const document: unknown = JSON.parse(ended.stdout);
  const validate = validatorOf('result');
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  return document as Checked;
}

const HOUR = 3_600_000;

async function reweighed(weight: number): Promise<void> {
  await place.write('strategies/s.yaml', MANIFEST('s').replace('weight: 0.7', `weight: ${weight}`));
  expect((await place.strategos(['apply', '--yes', '--quiet'])).code).toBe(0);
}

describe('metrics --predictions', () => {
  it('holds what an apply predicted against the hour that came, and past hours as well', async () => {
    await place.clock.sleep(8 * HOUR);
    await reweighed(0.4);
    const made = { why: 'nothing was predicted', count: 1 };
    expect((await checked()).leftOut).toEqual([made, { why: 'the hour is not over', count: 1 }]);
    await place.clock.sleep(2 * HOUR);
    const found = await checked();
    expect(found.applies).toMatchObject({ pairs: 2, directions: { right: 2, of: 2 } });
    expect([found.leftOut, found.broken]).toEqual([[made], []]);
    expect(found.replay!.pairs).toBeGreaterThan(6);
    const { stdout } = await place.strategos(['metrics', '--predictions']);
    expect(stdout).toMatch(/^predictions of a queue and hour +2 +\d+$/m);
    for (const format of ['markdown', 'html']) {
      const shown = await place.strategos(['metrics', '--predictions', '--format', format]);
      expect([shown.code, shown.stdout.includes('mean error')]).toEqual([0, true]);
    }
  });

  it('leaves out what was changed again within the hour, and believes no edited file', async () => {
    await reweighed(0.4);
    await place.clock.sleep(HOUR / 3);
    await reweighed(0.7);
    await place.clock.sleep(2 * HOUR);
    const found = await checked();
    expect(found.applies).toBeNull();
    expect(found.leftOut).toEqual([
      { why: 'nothing was predicted', count: 2 },
      { why: 'it was changed again within the hour', count: 1 },
    ]);
    const run = (await place.runs()).filter((one) => one.includes('-apply-'))[1] ?? '';
    const file = `.strategos/runs/${run}/plan.json`;
    const text = await place.read(file);
    await place.write(file, text.replace(/"hourLow": [\d.]+/, '"hourLow": 0.0001'));
    const then = await checked(5);
    expect(then.broken.map(({ why }) => why)).toEqual([
      'the prediction in its plan.json is not what was said',
    ]);
    const whys: string[] = [];
    for (const edited of [text.replace('"prediction"', '"foreseen"'), 'no JSON', '']) {
      await place.write(file, edited);
      whys.push(...(await checked(5)).broken.map(({ why }) => why));
    }
    const unread = 'the log has a prediction, and its plan.json cannot be read';
    expect(whys).toEqual([unread, unread, unread]);
  });

  it('looks at the hour that was asked for, and not at one that a plan was made long before', async () => {
    await place.clock.sleep(8 * 24 * HOUR);
    const edit = async (weight: number, ...args: string[]): Promise<void> => {
      const text = MANIFEST('s').replace('weight: 0.7', `weight: ${weight}`);
      await place.write('strategies/s.yaml', text);
      const planned = await place.strategos(['plan', '--out', 'plan.json', ...args]);
      expect([planned.code, planned.stdout]).toEqual([0, expect.stringMatching(/ within 20 s /)]);
    };
    const apply = async (): Promise<void> =>
      expect((await place.strategos(['apply', 'plan.json', '--yes', '--quiet'])).code).toBe(0);
    await edit(0.4, '--predict-at', 'tomorrow 10:00');
    await apply();
    await place.clock.sleep(3 * HOUR);
    const made = { why: 'nothing was predicted', count: 1 };
    expect((await checked()).leftOut).toEqual([made, { why: 'the hour is not over', count: 1 }]);
    await place.clock.sleep(48 * HOUR);
    await edit(0.7);
    await place.clock.sleep(5 * HOUR);
    await apply();
    await place.clock.sleep(2 * HOUR);
    const late = { why: 'it was predicted over two hours before it was made', count: 1 };
    expect(await checked()).toMatchObject({ applies: { pairs: 2 }, leftOut: [made, late] });
  });

  it('an Environment can widen the ranges of an hour, and nothing else', async () => {
    const ranges = async (): Promise<readonly number[]> => {
      const [one] = (await told('--target', 's')).prediction.strategies;
      return one!.queues.flatMap(({ served }) => [served.after, served.hourHigh - served.hourLow]);
    };
    const before = await ranges();
    const file = 'strategies/environment.yaml';
    await place.edit(file, 'spec:\n', 'spec:\n  prediction: { widen: 2 }\n');
    const after = await ranges();
    expect([after[0], after[2]]).toEqual([before[0], before[2]]);
    expect(after[1]).toBeGreaterThan(before[1]! * 1.2);
  });
});
