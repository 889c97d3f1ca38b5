/**
 * Rollbacks of runs whose objects have another name by now, which another run has given them: none
 * of them is made a second time, and nothing else that has the old name is taken for it.
 */
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/types.js';
import { planBack } from '../support/back.js';
import { killedAt } from '../support/killed.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

type Files = Readonly<Record<string, string>>;

const queue = (name: string, member: string, previously?: string): Files => {
  const text = manifestOf('Queue', name, { members: [`${member}@example.com`] });
  const to = previously === undefined ? 'metadata:' : `metadata:\n  previously: ${previously}`;
  return { 'q.yaml': text.replace('metadata:', to) };
};

async function run(place: Many, files: Files): Promise<MemoryLog> {
  const log = new MemoryLog();
  const { outcomes } = await place.carryOut(await place.plan(files), { audit: log });
  expect(outcomes.map(({ message }) => message)).toEqual(outcomes.map(() => ''));
  return log;
}

const queues = ({ bench: { org } }: Many): string[] =>
  [...org.queues.values()]
    .filter(({ name }) => !(ORG.queues ?? []).some((one) => one.name === name))
    .map(
      ({ name, memberIds }) => `${name} ${memberIds.map((id) => org.users.get(id)?.name).join()}`,
    );
const held = ({ blocked = [] }: Plan): string[] =>
  blocked.map(({ address, obstacles: [first] }) => `${address}: ${first?.message ?? ''}`);
const on = (): Many => many(bench(ORG), 'datatable');

describe('a rollback of a run', () => {
  it.each<[string, Files]>([
    ['renamed', queue('Invoices', 'ada', 'Bills')],
    ['edited', queue('Bills', 'ben')],
  ])('that has %s what is called otherwise by now leaves it, and says so', async (_, files) => {
    const place = on();
    await run(place, queue('Bills', 'ada'));
    const log = await run(place, files);
    const [now = ''] =
      Object.values(files)
        .join('')
        .match(/"(Bills|Invoices)"/) ?? [];
    const later = await run(place, queue('Fees', 'ben', now.replaceAll('"', '')));
    const { plan } = await planBack(place, log);
    expect(plan.changes).toEqual([]);
    expect(held(plan)).toEqual([
      expect.stringMatching(/^Queue\/Bills: it has got another name since: .* "Fees" now/),
    ]);
    expect(queues(place)).toEqual(['Fees Ben']);
    // The way that it says: the later run first.
    await place.carryOut(await planBack(place, later));
    await place.carryOut(await planBack(place, log));
    expect(queues(place)).toEqual(['Bills Ada']);
  });

  it('that has made it says that it is there under another name', async () => {
    const place = on();
    const log = await run(place, queue('Bills', 'ada'));
    await run(place, queue('Fees', 'ada', 'Bills'));
    const { plan } = await planBack(place, log);
    expect([plan.changes, held(plan)]).toEqual([
      ...[[], [expect.stringContaining('Queue/Bills: it has got another name since')]],
    ]);
  });

  it.each(['made', 'edited'])('that has %s it leaves whatever has its name by now', async (how) => {
    const place = on();
    let log = await run(place, queue('Bills', 'ada'));
    if (how === 'edited') log = await run(place, queue('Bills', 'ben'));
    await run(place, queue('Fees', 'ben', 'Bills'));
    const both = { ...queue('Fees', 'ben'), 'other.yaml': queue('Bills', 'chi')['q.yaml'] ?? '' };
    await run(place, both);
    const { plan } = await planBack(place, log);
    expect([plan.changes, held(plan)]).toEqual([
      ...[[], [expect.stringContaining('Queue/Bills: it has got another name since')]],
    ]);
    await place.carryOut(await planBack(place, log));
    expect(queues(place).sort()).toEqual(['Bills Chi', 'Fees Ben']);
  });

  it('that was killed before its record knows what it wrote by the request', async () => {
    const place = on();
    await run(place, queue('Bills', 'ada'));
    const edit = manifestOf('Queue', 'Bills', { description: 'x' });
    const planned = await place.plan({ 'q.yaml': edit });
    const { log, request } = await killedAt(place, planned, { at: 3, when: 'after' });
    expect(request).toMatch(/^PUT .*\/routing\/queues\//);
    await run(place, { 'q.yaml': edit });
    const after = edit.replace('metadata:', 'metadata:\n  previously: Bills');
    await run(place, { 'q.yaml': after.replace('"Bills"', '"Fees"') });
    expect(held((await planBack(place, log)).plan)).toHaveLength(1);
  });

  it('that has renamed it, and nothing since, is as it was', async () => {
    const place = on();
    await run(place, queue('Bills', 'ada'));
    const log = await run(place, queue('Fees', 'ben', 'Bills'));
    const { outcomes } = await place.carryOut(await planBack(place, log));
    expect(outcomes.map(({ state }) => state)).toEqual(['updated']);
    expect(queues(place)).toEqual(['Bills Ada']);
  });
});
