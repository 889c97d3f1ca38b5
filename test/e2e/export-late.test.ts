/** What was applied a moment ago, and is not seen yet, is in the manifests of an export. */
import { afterEach, expect, it } from 'vitest';
import { Workplace } from '../support/cli.js';

let place: Workplace;
afterEach(() => place.close());

const FILE = 'strategies/late.yaml';

function queue(...people: readonly string[]): string {
  const members = people.map((one) => `${one}@example.com`);
  const metadata = { name: 'Late' };
  return JSON.stringify({ apiVersion: 'strategos/v1', kind: 'Queue', metadata, spec: { members } });
}

it('members among them', async () => {
  place = await Workplace.open();
  await place.write(FILE, queue('ada'));
  expect((await place.strategos(['apply', '--yes', '--force'])).code).toBe(0);
  place.simulator.org.memberLagMs = 12_000;
  await place.write(FILE, queue('ada', 'hana'));
  expect((await place.strategos(['apply', '--yes', '--force'])).code).toBe(0);
  const args = ['export', '--out', 'strategies', '--overwrite', '--target', 'Queue/Late'];
  const { code, stderr } = await place.strategos(args);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')]);
  const text = await place.read(FILE);
  expect(['ada@', 'hana@'].map((one) => text.includes(one))).toEqual([true, true]);
  expect((await place.strategos(['plan', '--detailed-exitcode'])).code).toBe(0);
});
