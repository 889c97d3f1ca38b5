/** What holds a plan holds it from a file as well, by what the org shows when it is applied. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Workplace } from '../support/cli.js';
import { manifestOf } from '../support/many.js';
import { ORG } from '../support/reconcile.js';

let place: Workplace;
const queue = (members: readonly string[]): string =>
  manifestOf('Queue', 'Gamma', { members: members.map((one) => `${one}@example.com`) });
const calls = manifestOf('RoutingStrategy', 'calls', {
  selection: { skills: [{ skill: 'Voice', required: true }] },
  targets: [{ queue: 'Gamma', capacity: 5 }],
});

beforeEach(async () => {
  place = await Workplace.open(ORG);
  for (const file of ['support', 'billing', 'sales', 'overlay-demo']) {
    await place.write(`strategies/${file}.yaml`, '').catch(() => undefined);
  }
  await place.write('strategies/calls.yaml', calls);
  await place.write('strategies/gamma.yaml', queue(['ben']));
  expect((await place.strategos(['apply', '--yes', '--adopt', '--quiet'])).code).toBe(0);
});
afterEach(() => place.close());

const membersOf = (): readonly string[] =>
  [...place.simulator.org.queues.values()].find(({ name }) => name === 'Gamma')?.memberIds ?? [];

it('that it leaves calls with nobody refuses it, unless it is forced', async () => {
  await place.write('strategies/gamma.yaml', queue([]));
  const made = await place.strategos(['plan', '--out', 'plan.json']);
  expect(made.stdout).toContain('would be left with nobody');
  const held = await place.strategos(['apply', 'plan.json', '--yes']);
  expect([held.code, membersOf().length]).toEqual([4, 1]);
  expect(held.stderr).toContain('RoutingStrategy/calls would be left with nobody');
  const forced = await place.strategos(['apply', 'plan.json', '--yes', '--force']);
  expect([forced.code, membersOf().length]).toEqual([0, 0]);
  expect(forced.stderr).toContain('forced: RoutingStrategy/calls would be left with nobody');
});

it('that nobody is left by now refuses one that was right when it was made', async () => {
  await place.write('strategies/gamma.yaml', queue(['ben', 'ada']));
  expect((await place.strategos(['apply', '--yes', '--quiet'])).code).toBe(0);
  await place.write('strategies/gamma.yaml', queue(['ada']));
  const made = await place.strategos(['plan', '--out', 'plan.json']);
  expect(made.stdout).not.toContain('nobody');
  const { users } = place.simulator.org;
  const ada = [...users.values()].find(({ name }) => name === 'Ada');
  if (ada !== undefined) users.set(ada.id, { ...ada, skillIds: [] });
  const held = await place.strategos(['apply', 'plan.json', '--yes']);
  expect([held.code, membersOf().length]).toEqual([4, 2]);
  expect(held.stderr).toContain('queue "Gamma": 0 of 1 agent have "Voice"');
});

it('what is left of it, once some of it was made, is the plan on record', async () => {
  await place.write('strategies/a.yaml', manifestOf('Skill', 'Returns', {}));
  await place.write('strategies/b.yaml', manifestOf('Skill', 'Refunds', {}));
  expect((await place.strategos(['plan', '--out', 'plan.json'])).code).toBe(0);
  const { digest } = JSON.parse(await place.read('plan.json')) as { digest: string };
  expect((await place.strategos(['apply', '--yes', '--target', 'Returns'])).code).toBe(0);
  const rest = await place.strategos(['apply', 'plan.json', '--yes', '--expect-digest', digest]);
  expect([rest.code, rest.stdout], rest.stderr).toEqual([
    ...[0, expect.stringContaining('Plan: 1 to create, 0 to change, 0 to delete, 0 to adopt;')],
  ]);
  const [run = ''] = (await place.runs()).slice(-1);
  expect(await place.read(`.strategos/runs/${run}/audit.jsonl`)).toContain(`"given":"${digest}"`);
  const wrong = ['--expect-digest', `sha256:${'0'.repeat(64)}`];
  const other = await place.strategos(['apply', 'plan.json', '--yes', ...wrong]);
  expect(other.code).toBe(4);
  const verified = await place.strategos(['audit', 'verify']);
  expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining('intact')]);
});
