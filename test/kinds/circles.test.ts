/** Objects that refer to each other in a circle: said with every place, and never an exception. */
import { describe, expect, it } from 'vitest';
import { textOf, type JsonObject } from '../../src/core/json.js';
import type { Kind } from '../../src/core/kind.js';
import { circlesIn } from '../../src/core/order.js';
import type { Manifest, Plan } from '../../src/core/types.js';
import { bind } from '../../src/engine/bind.js';
import { makePlan } from '../../src/engine/plan.js';
import { sha256 } from '../../src/files/digest.js';
import { wrapupCode } from '../../src/kinds/wrapup-code/index.js';
import { bench, type Bench } from '../support/org.js';
import { own, OWNER, recordOf, remember } from '../support/owned.js';
import { ORG } from '../support/reconcile.js';

describe('a circle', () => {
  const waiting = (text: string) =>
    text.split(' ').map((one) => {
      const [address = '', others = ''] = one.split('>');
      return { address, waitsFor: others.split(','), action: 'create' as const };
    });

  it.each([
    ['a>b b>a', [['a', 'b']]],
    ['a>b b>c c>', []],
    // `a` only waits for one.
    ['a>b b>c c>d d>b', [['b', 'c', 'd']]],
    ['a>a', [['a']]],
    ['a>nobody b>a', []],
    // Whoever waits for one that is known already is in none of its own.
    [
      'a>b b>a c>a d>e e>d',
      [
        ['a', 'b'],
        ['d', 'e'],
      ],
    ],
  ])('in %s is %j', (text, found) => {
    expect(circlesIn(waiting(text))).toEqual(found);
  });
});

/** Wrap-up codes that name a partner, which the platform keeps where their description is. */
const { platform } = wrapupCode.resources;
if (platform === undefined) throw new Error('wrap-up codes live nowhere');
const partnered: Kind = {
  ...wrapupCode,
  fields: {
    type: 'record',
    fields: { partner: { type: 'reference', to: 'wrap-up code' } },
  },
  resources: {
    platform: {
      ...platform,
      read: (entity) => {
        const partner = textOf(entity['description'] ?? '');
        const raw: JsonObject = partner === '' ? {} : { partner: { id: partner } };
        return { ...platform.read(entity), raw };
      },
      entity: (name, { partner = null }, idOf) => ({
        name,
        ...(partner === null ? {} : { description: idOf('wrap-up code', partner) }),
      }),
    },
  },
};

function manifest(name: string, partner: string | null): Manifest {
  const spec = partner === null ? {} : { partner };
  const body = { kind: 'WrapupCode', metadata: { name }, spec };
  const at = (pointer: string): { file: string; line: number; column: number } => ({
    file: `${name}.yaml`,
    line: pointer === '/spec/partner' ? 7 : 5,
    column: 1,
  });
  return { kind: 'WrapupCode', name, body, positions: { at } };
}

async function planOf(on: Bench, manifests: readonly Manifest[]): Promise<Plan> {
  const tables = { objects: 'O', state: 'Routing Strategies (strategos)' };
  const binding = bind([partnered], { backend: 'strategies-api', tables }, { manifests });
  const { plan } = await makePlan(
    { reader: on.reader(), events: on.events, clock: on.clock, hash: sha256 },
    {
      manifests,
      binding,
      owner: OWNER,
      environment: { name: 'test', backend: 'strategies-api', host: 'http://127.0.0.1:9' },
      prune: true,
      adopt: false,
      scope: null,
      commit: null,
      version: '0.0.0',
      guards: {
        maxDeletes: { kind: 'count', value: 9 },
        maxChanges: { kind: 'count', value: 9 },
        at: () => ({ file: 'e.yaml', line: 1, column: 1 }),
      },
    },
  );
  return plan;
}

const lines = ({ changes }: Plan): string[] => changes.map((one) => `${one.action} ${one.address}`);

describe('objects that name each other', () => {
  it('are made by nobody: both places are said, and everything else goes on', async () => {
    const files = [
      manifest('a', 'b'),
      manifest('b', 'a'),
      manifest('c', null),
      manifest('d', 'c'),
      manifest('self', 'self'),
    ];
    const plan = await planOf(bench(ORG), files);
    expect(lines(plan)).toEqual([
      'create WrapupCode/c',
      'create WrapupCode/d',
      'create WrapupCode/self',
    ]);
    expect(plan.blocked?.map(({ address }) => address)).toEqual(['WrapupCode/a', 'WrapupCode/b']);
    expect(plan.blocked?.[0]?.obstacles).toEqual([
      {
        message:
          'changes wait for each other: WrapupCode/a (a.yaml:7) → WrapupCode/b (b.yaml:7) → ' +
          'WrapupCode/a',
        hint: 'take one of these references out, apply, and put it back in',
        at: { file: 'a.yaml', line: 7 },
      },
    ]);
  });

  it('keep what names one of them from being made, and say of which', async () => {
    const files = [manifest('a', 'b'), manifest('b', 'a'), manifest('c', 'a')];
    const plan = await planOf(bench(ORG), files);
    expect(lines(plan)).toEqual([]);
    const of = plan.blocked?.find(({ address }) => address === 'WrapupCode/c');
    expect(of?.obstacles[0]?.message).toBe('it names WrapupCode/a ("a"), which is not made now');
  });

  it('two circles are two', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const files = [...names.slice(0, 2).map((one, at) => manifest(one, names[1 - at] ?? null))];
    const more = names.slice(2).map((one, at) => manifest(one, names[2 + ((at + 1) % 3)] ?? null));
    const plan = await planOf(bench(ORG), [...files, ...more]);
    const said = new Set(plan.blocked?.map(({ obstacles }) => obstacles[0]?.message));
    expect([lines(plan), plan.blocked?.length, said.size]).toEqual([[], 5, 2]);
  });

  it('of which the org has one already are no circle of changes', async () => {
    const on = bench(ORG);
    const ids = await made(on, ['a']);
    const plan = await planOf(on, [manifest('a', 'b'), manifest('b', 'a')]);
    expect(ids.size).toBe(1);
    expect([lines(plan), plan.blocked]).toEqual([
      ['create WrapupCode/b', 'update WrapupCode/a'],
      undefined,
    ]);
  });

  it('are deleted by nobody, and that is said of the org', async () => {
    const on = bench(ORG);
    const ids = await made(on, ['a', 'b', 'c']);
    await name(on, ids, 'a', 'b');
    await name(on, ids, 'b', 'a');
    const plan = await planOf(on, []);
    expect(lines(plan)).toEqual(['delete WrapupCode/c']);
    expect(plan.blocked?.map(({ obstacles }) => obstacles[0]?.message)).toEqual(
      Array(2).fill(
        'changes wait for each other: WrapupCode/a (in the org) → WrapupCode/b (in the org) → ' +
          'WrapupCode/a',
      ),
    );
  });
});

/** In the org and ours, without a partner. */
async function made(on: Bench, names: readonly string[]): Promise<Map<string, string>> {
  own(on.org);
  const ids = new Map<string, string>();
  for (const one of names) {
    const { body } = await on.writer('person').send({
      method: 'POST',
      path: '/api/v2/routing/wrapupcodes',
      body: { name: one },
    });
    const id = textOf(body?.['id']);
    ids.set(one, id);
    remember(on.org, recordOf(`WrapupCode/${one}`, { owner: OWNER, id, applied: {} }));
  }
  return ids;
}

async function name(on: Bench, ids: Map<string, string>, of: string, to: string): Promise<void> {
  await on.writer('person').send({
    method: 'PUT',
    path: `/api/v2/routing/wrapupcodes/${ids.get(of) ?? ''}`,
    body: { name: of, description: ids.get(to) ?? '' },
  });
}
