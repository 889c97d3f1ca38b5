/** Who has a skill or a language that goes, and what else no rollback gives back: said before. */
import { describe, expect, it } from 'vitest';
import { guardText } from '../../src/core/guard.js';
import type { Plan } from '../../src/core/types.js';
import type { Exchange } from '../../src/genesys/transport.js';
import { openReader } from '../../src/genesys/sdk.js';
import { plainStyle } from '../../src/render/style.js';
import { planText } from '../../src/render/text.js';
import { faulty, refusal, type Fault } from '../support/faults.js';
import { many, manifestOf, SKILL, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { ORG } from '../support/reconcile.js';

const on = (): Many => many(bench(ORG), 'strategies-api');
const held = ({ guards }: Plan): string[] =>
  guards
    .filter(({ guard, passed }) => guard === 'consumers' && !passed)
    .map((one) => guardText(one));
const remarks = ({ changes }: Plan): string[] => changes.flatMap(({ remarks: all = [] }) => all);

/** Everybody has what the kind declares under this name. */
async function given(kind: 'Skill' | 'Language', people: number): Promise<Many> {
  const place = on();
  await place.apply({ 'a.yaml': manifestOf(kind, 'Refunds', {}) });
  const { org } = place.bench;
  const { observation } = await place.plan({ 'a.yaml': manifestOf(kind, 'Refunds', {}) });
  const id = observation.live.find(({ address }) => address === `${kind}/Refunds`)?.id ?? '';
  const key = kind === 'Skill' ? 'skillIds' : 'languageIds';
  for (const user of [...org.users.values()].slice(0, people)) {
    org.users.set(user.id, { ...user, [key]: [...(user[key] ?? []), id] });
  }
  return place;
}

describe.each(['Skill', 'Language'] as const)('a %s that agents have', (kind) => {
  it('is not deleted without somebody who agrees', async () => {
    const place = await given(kind, 2);
    const { plan } = await place.plan({});
    expect(held(plan)).toEqual([
      `2 agents have ${kind}/Refunds: they lose it, and a rollback does not give it back; pass ` +
        '--force or take it from them in the org first, where it is seen who they are',
    ]);
    expect(plan.changes.map(({ agents }) => agents)).toEqual([2]);
    const text = planText(plan, plainStyle);
    expect(text).toContain('2 agents have it');
    expect(text).toContain('a rollback makes it under another id, which nobody has');
  });

  it('is deleted by the way where nobody has it', async () => {
    const place = await given(kind, 0);
    const { plan } = await place.plan({});
    expect([held(plan), plan.changes[0]?.agents]).toEqual([[], undefined]);
  });

  it('is held where that cannot be told', async () => {
    const place = await given(kind, 0);
    const faults: readonly Fault[] = [
      { path: /v2\/users/, method: 'GET', does: { answer: refusal(403, 'not.authorized', '') } },
    ];
    const { plan } = await place.plan({}, faulty(place.bench.exchange, faults));
    expect(held(plan)).toEqual([
      expect.stringMatching(
        new RegExp(`^what uses ${kind}/Refunds cannot be told: which agents have it: GET .*403`),
      ),
    ]);
  });
});

describe('the directory', () => {
  it('is read once for all that goes, and not where nothing does', async () => {
    const place = on();
    const files = {
      'a.yaml': SKILL('A'),
      'b.yaml': SKILL('B'),
      'l.yaml': manifestOf('Language', 'L', {}),
    };
    await place.apply(files);
    const asked = async (of: Readonly<Record<string, string>>): Promise<number> => {
      const { exchange, sent } = faulty(place.bench.exchange);
      await place.plan(of, { exchange });
      return sent.filter(({ path }) => path.startsWith('/api/v2/users')).length;
    };
    expect([await asked(files), await asked({})]).toEqual([0, 1]);
  });

  it('of more people than a plan reads does not say that nobody has it', async () => {
    const crowd = bench({ generate: { queues: 0, users: 10_001, skills: 1, skillsPerUser: 0 } });
    const { exchange, sent } = faulty(crowd.exchange);
    const { isWhole } = await openReader(crowd.connection('demo', exchange)).holders(['skills']);
    expect([isWhole, sent.filter(({ path }) => path.includes('/users')).length]).toEqual([
      false,
      1,
    ]);
  });
});

describe('a directory that does not say how many pages it has', () => {
  it.each([
    ['of which the first is full', 501, false],
    ['of which the first is not', 3, true],
  ])('%s', async (_name, users, isWhole) => {
    const crowd = bench({ generate: { queues: 0, users, skills: 1, skillsPerUser: 0 } });
    const exchange: Exchange = async (request) => {
      const answer = await crowd.exchange(request);
      if (!request.url.includes('/api/v2/users')) return answer;
      const body = { ...(JSON.parse(answer.body) as object), pageCount: null, total: null };
      return { ...answer, body: JSON.stringify(body) };
    };
    const found = await openReader(crowd.connection('demo', exchange)).holders(['skills']);
    expect(found.isWhole).toBe(isWhole);
  });
});

describe('what a queue has that nobody read', () => {
  it('goes with it, and is told before', async () => {
    const place = on();
    const files = { 'q.yaml': manifestOf('Queue', 'Nobody', {}) };
    await place.apply(files, { adopt: true });
    const queue = place.bench.org.queues.get(
      [...place.bench.org.queues.values()].find(({ name }) => name === 'Nobody')?.id ?? '',
    );
    const [user] = [...place.bench.org.users.keys()];
    if (queue !== undefined) queue.memberIds = [user ?? ''];
    expect(remarks((await place.plan({})).plan)).toEqual([
      'no manifest names its wrapupCodes, if it has any, nor its members (1): they go with it, and ' +
        'no rollback has them',
    ]);
  });

  it('is given back where a manifest named it, and needs no word', async () => {
    const place = on();
    const spec = { members: ['ada@example.com'], wrapupCodes: [] };
    await place.apply({ 'q.yaml': manifestOf('Queue', 'New', spec) });
    expect(remarks((await place.plan({})).plan)).toEqual([]);
  });
});
