/**
 * Rollbacks of queues whose people, or codes, are gone by now: what is left goes back, and who does
 * not is named. Somebody who has left is no reason to leave calls without their queue.
 */
import { describe, expect, it } from 'vitest';
import type { Planned } from '../../src/engine/planning.js';
import { planBack } from '../support/back.js';
import { many, manifestOf, STRATEGY, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

type Files = Readonly<Record<string, string>>;

const CODES: Files = {
  'v.yaml': manifestOf('WrapupCode', 'Solved', {}),
  'w.yaml': manifestOf('WrapupCode', 'Called back', {}),
};
const OTHER: Files = { 's.yaml': manifestOf('Skill', 'Other', {}) };
const queue = (description: string, people: readonly string[], codes?: string[]): Files => ({
  ...OTHER,
  ...CODES,
  'q.yaml': manifestOf('Queue', 'Bills', {
    description,
    members: people.map((one) => `${one}@example.com`),
    ...(codes === undefined ? {} : { wrapupCodes: codes }),
  }),
});

async function runs(...all: readonly Files[]): Promise<{ place: Many; log: MemoryLog }> {
  const place = many(bench(ORG), 'datatable');
  let log = new MemoryLog();
  for (const files of all) {
    log = new MemoryLog();
    await place.carryOut(await place.plan(files), { audit: log });
  }
  return { place, log };
}

/** As the directory does where somebody leaves. */
function leaves({ bench: { org } }: Many, name: string): void {
  const user = [...org.users.values()].find((one) => one.name === name);
  if (user === undefined) throw new Error(`there is no ${name}`);
  org.users.delete(user.id);
  for (const one of org.queues.values()) {
    const memberIds = one.memberIds.filter((id) => id !== user.id);
    org.queues.set(one.id, { ...one, memberIds });
  }
}

const world = ({ bench: { org } }: Many): string[] =>
  [...org.queues.values()]
    .filter(({ name }) => name === 'Bills')
    .map(({ memberIds, description }) =>
      [description ?? '', ...memberIds.map((id) => org.users.get(id)?.name ?? id).sort()].join(' '),
    );
const remarks = ({ plan }: Planned): readonly string[] =>
  plan.changes.find(({ address }) => address === 'Queue/Bills')?.remarks ?? [];
const BEN =
  'members: the org has no user "ben@example.com" any more, or this client sees none: not given back';

describe('a rollback of a queue', () => {
  it.each<[string, Files, string[]]>([
    ['has taken him out', queue('b', ['ada']), ['a Ada']],
    ['has left him there', queue('b', ['ada', 'ben', 'chi']), ['a Ada']],
    ['has deleted it', { ...OTHER, ...CODES }, ['a Ada']],
  ])('is of all but him who is gone, where its run %s', async (_, after, expected) => {
    const { place, log } = await runs(queue('a', ['ada', 'ben']), after);
    leaves(place, 'Ben');
    const back = await planBack(place, log);
    expect(back.plan.blocked).toBeUndefined();
    expect(remarks(back)).toContain(BEN);
    const { outcomes } = await place.carryOut(back);
    expect(outcomes.map(({ message }) => message)).toEqual(outcomes.map(() => ''));
    expect(world(place)).toEqual(expected);
    const again = await planBack(place, log);
    expect([again.plan.changes, again.plan.blocked]).toEqual([[], undefined]);
  });

  it('says who does not go back where he is all that its run took out', async () => {
    const { place, log } = await runs(queue('a', ['ada', 'ben']), queue('a', ['ada']));
    leaves(place, 'Ben');
    const { events } = place.bench.events;
    events.length = 0;
    const { plan } = await planBack(place, log);
    expect(plan.changes).toEqual([]);
    const warnings = events.filter(({ type }) => type === 'warning');
    expect(warnings).toEqual([{ type: 'warning', text: `Queue/Bills: ${BEN}` }]);
  });

  it('is of all but a code that a later run has deleted', async () => {
    const only = { ...OTHER, 'v.yaml': CODES['v.yaml'] ?? '' };
    const both = queue('a', ['ada'], ['Solved', 'Called back']);
    const one = queue('b', ['ada'], ['Solved']);
    const place = many(bench(ORG), 'datatable');
    await place.apply(both);
    const log = new MemoryLog();
    await place.carryOut(await place.plan(one), { audit: log });
    await place.apply({ ...only, 'q.yaml': one['q.yaml'] ?? '' });
    const back = await planBack(place, log);
    expect(remarks(back)).toEqual([expect.stringContaining('no wrap-up code "Called back"')]);
    await place.carryOut(back);
    expect(world(place)).toEqual(['a Ada']);
  });

  it('knows who has another address by now, and gives him back under that', async () => {
    const { place, log } = await runs(queue('a', ['ada', 'ben']), queue('b', ['ada']));
    const { users } = place.bench.org;
    const ben = [...users.values()].find(({ name }) => name === 'Ben');
    if (ben === undefined) throw new Error('there is no Ben');
    users.set(ben.id, { ...ben, name: 'Benjamin' });
    const ids = { user: { 'ben@example.com': ben.id } };
    const back = await planBack(place, log, [], ids);
    expect([back.plan.blocked, remarks(back)]).toEqual([undefined, []]);
    await place.carryOut(back);
    expect(world(place)).toEqual(['a Ada Benjamin']);
    expect((await planBack(place, log, [], ids)).plan.changes).toEqual([]);
  });

  it.each(['strategies-api', 'datatable'] as const)(
    'names by their ids what a later run calls otherwise, and so does a strategy of %s',
    async (backend) => {
      const place = many(bench(ORG), backend);
      const rest = (name: string, previously?: string): string => {
        const text = manifestOf('Queue', name, {});
        const to =
          previously === undefined ? 'metadata:' : `metadata:\n  previously: ${previously}`;
        return text.replace('metadata:', to);
      };
      const files = (to: string, other: string): Files => ({
        'r.yaml': other,
        'q.yaml': manifestOf('Queue', 'Bills', { directRouting: { backupQueue: to } }),
        's.yaml': STRATEGY('calls', 'Voice').replace('"Alpha"', `"${to}"`),
      });
      await place.apply(files('Rest', rest('Rest')));
      const log = new MemoryLog();
      await place.carryOut(await place.plan(files('Gamma', rest('Rest'))), { audit: log });
      await place.apply(files('Gamma', rest('Break', 'Rest')));
      const id =
        [...place.bench.org.queues.values()].find(({ name }) => name === 'Break')?.id ?? '';
      const ids = { queue: { Rest: id } };
      const back = await planBack(place, log, [], ids, backend);
      // A row says a name, which is another's to choose.
      const isRow = backend === 'datatable';
      const held = isRow ? ['RoutingStrategy/calls'] : [];
      expect(back.plan.blocked?.map(({ address }) => address) ?? []).toEqual(held);
      const { outcomes } = await place.carryOut(back);
      expect(outcomes.map(({ address, message }) => [address, message])).toEqual([
        ['Queue/Bills', ''],
        ...(isRow ? [] : [['RoutingStrategy/calls', '']]),
      ]);
      const { plan } = await place.plan(files('Break', rest('Break')));
      expect(plan.changes.map(({ address }) => address)).toEqual(held);
      expect((await planBack(place, log, [], ids, backend)).plan.changes).toEqual([]);
    },
  );

  it('is held where it is the queue itself that names what is gone', async () => {
    const backed = (to: string): Files => ({
      ...OTHER,
      'r.yaml': manifestOf('Queue', 'Rest', {}),
      'q.yaml': manifestOf('Queue', 'Bills', { directRouting: { backupQueue: to } }),
    });
    const { place, log } = await runs(backed('Rest'), backed('Alpha'));
    const rest = [...place.bench.org.queues.values()].find(({ name }) => name === 'Rest');
    place.bench.org.queues.delete(rest?.id ?? '');
    const { plan } = await planBack(place, log);
    expect([plan.changes, plan.blocked?.map(({ address }) => address)]).toEqual([
      ...[[], ['Queue/Bills']],
    ]);
    const ids = { queue: { Rest: rest?.id ?? '' } };
    const known = await planBack(place, log, [], ids);
    expect(known.plan.blocked?.[0]?.obstacles[0]?.hint).toBe(
      'make a queue "Rest" in the org again, or pass --force to give back all but that, or leave ' +
        'Queue/Bills out with --target',
    );
    // There is no manifest that somebody could mend.
    expect(plan.blocked?.[0]?.obstacles[0]?.hint).toMatch(
      /, or leave Queue\/Bills out with --target$/,
    );
    // The way that it says.
    await place.send('POST', '/api/v2/routing/queues', { name: 'Rest' });
    const back = await planBack(place, log, [], ids);
    expect(back.plan.blocked).toBeUndefined();
    expect(back.plan.changes.map(({ address }) => address)).toEqual(['Queue/Bills']);
  });

  const SKILLS: Files = {
    ...OTHER,
    'r.yaml': manifestOf('Queue', 'Rest', {}),
    'k.yaml': manifestOf('Skill', 'Voice 2', {}),
  };
  const FULL = {
    description: 'a',
    directRouting: { backupQueue: 'Rest' },
    rings: [{ expandAfterSeconds: 5, skillsToRemove: ['Other', 'Voice 2'] }, {}],
  };
  const BEFORE: Files = { ...SKILLS, 'q.yaml': manifestOf('Queue', 'Bills', FULL) };
  const goes = async (place: Many): Promise<void> => {
    const { org } = place.bench;
    for (const one of org.queues.values()) if (one.name === 'Rest') org.queues.delete(one.id);
    await place.send('DELETE', `/api/v2/routing/skills/${place.skillId('Voice 2')}`);
  };
  const forced = async (place: Many, log: MemoryLog): Promise<Planned> =>
    planBack(place, log, [], {}, 'datatable', true);
  const skillsToRemove = ({ bench: { org } }: Many): string[] => {
    const bills = [...org.queues.values()].find(({ name }) => name === 'Bills');
    const text = JSON.stringify(bills?.settings['bullseye'] ?? bills?.settings);
    return [...org.skills.values()].filter(({ id }) => text.includes(id)).map(({ name }) => name);
  };

  it('is of all but what is gone, where somebody agrees to that', async () => {
    const after = {
      ...FULL,
      description: 'b',
      directRouting: { backupQueue: 'Alpha' },
      rings: [{ expandAfterSeconds: 9, skillsToRemove: [] }, {}],
    };
    const { place, log } = await runs(BEFORE, {
      ...SKILLS,
      'q.yaml': manifestOf('Queue', 'Bills', after),
    });
    await goes(place);
    expect((await planBack(place, log)).plan.blocked?.map(({ address }) => address)).toEqual([
      'Queue/Bills',
    ]);
    const back = await forced(place, log);
    expect(back.plan.blocked).toBeUndefined();
    expect(remarks(back)).toEqual([
      'rings: the org has no skill "Voice 2" any more, or this client sees none: not given back',
      'directRouting: the org has no queue "Rest" any more, or this client sees none: it stays as it is',
    ]);
    const { outcomes } = await place.carryOut(back);
    expect(outcomes.map(({ state, message }) => state + message)).toEqual(['updated']);
    const bills = [...place.bench.org.queues.values()].find(({ name }) => name === 'Bills');
    expect([bills?.description, skillsToRemove(place)]).toEqual(['a', ['Other']]);
    const again = await forced(place, log);
    expect([again.plan.changes, again.plan.blocked]).toEqual([[], undefined]);
  });

  it('makes it again without what is gone, where somebody agrees to that', async () => {
    const { place, log } = await runs(BEFORE, SKILLS);
    await goes(place);
    const back = await forced(place, log);
    expect([back.plan.blocked, remarks(back)]).toEqual([
      undefined,
      expect.arrayContaining([
        'directRouting: the org has no queue "Rest" any more, or this client sees none: it is left out',
      ]),
    ]);
    const { outcomes } = await place.carryOut(back);
    expect(outcomes.map(({ state, message }) => state + message)).toEqual(['created']);
    expect(skillsToRemove(place)).toEqual(['Other']);
  });
});
