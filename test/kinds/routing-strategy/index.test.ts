/** What a routing strategy declares: its checks, what it leaves to the optimizer, whom it serves. */
import { leaveLive } from '../../../src/core/kind.js';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { textOf, type Json, type JsonObject } from '../../../src/core/json.js';
import type { Manifest } from '../../../src/core/types.js';
import { routingStrategy } from '../../../src/kinds/routing-strategy/index.js';

const manifest = (spec: JsonObject): Manifest => ({
  kind: 'RoutingStrategy',
  name: 'a',
  body: { spec },
  positions: { at: () => ({ file: 'a.yaml', line: 1, column: 1 }) },
});
const target = (queue: Json, rest: JsonObject = {}): JsonObject => ({ queue, weight: 1, ...rest });
const wanted = (rest: JsonObject = {}): JsonObject => ({
  status: 'active',
  targets: [target('T1'), target({ id: 't2' })],
  ...rest,
});
const skills = (...list: (readonly [string, boolean])[]): JsonObject => ({
  selection: { skills: list.map(([skill, required]) => ({ skill, required })) },
});

/** `skills error T1 [a,b]` */
function asked(spec: JsonObject, fields: JsonObject, before: JsonObject | null = null): string[] {
  return routingStrategy.readiness.checks(manifest(spec), fields, before).map((one) => {
    const queue = typeof one.queue === 'string' ? one.queue : JSON.stringify(one.queue);
    return `${one.check} ${one.level} ${queue} [${one.skills.map(textOf).join(',')}]`;
  });
}

const CAPACITY = ['capacity error T1 []', 'capacity error {"id":"t2"} []'];

describe('checks', () => {
  it.each<[string, JsonObject, JsonObject, readonly string[]]>([
    ['a draft is not asked', {}, wanted({ status: 'draft', ...skills(['s', true]) }), []],
    ['no selection at all: capacity alone', {}, wanted(), CAPACITY],
    ['an empty selection', {}, wanted(skills()), CAPACITY],
    ['skills that are only preferred', {}, wanted(skills(['s', false])), CAPACITY],
    [
      'required skills, together; both checks are errors unless said',
      { checks: {} },
      wanted(skills(['s', true], ['p', false], ['u', true])),
      [
        ...['skills error T1 [s,u]', 'capacity error T1 []'],
        ...['skills error {"id":"t2"} [s,u]', 'capacity error {"id":"t2"} []'],
      ],
    ],
    [
      'each its own level',
      { checks: { skills: 'warn', capacity: 'off' } },
      wanted(skills(['s', true])),
      ['skills warn T1 [s]', 'skills warn {"id":"t2"} [s]'],
    ],
    ['both off', { checks: { skills: 'off', capacity: 'off' } }, wanted(skills(['s', true])), []],
    ['no targets', {}, { status: 'active', ...skills(['s', true]) }, []],
  ])('%s', (_name, spec, fields, expected) => {
    expect(asked(spec, fields)).toEqual(expected);
  });

  it.each<[string, JsonObject, readonly string[]]>([
    ['a draft that becomes active', { ...wanted(), status: 'draft' }, CAPACITY],
    ['one that failed before', { ...wanted(), status: 'failed' }, CAPACITY],
    [
      'an active one: targets that get calls already are only warned of',
      { status: 'active', targets: [target('T1', { weight: 0.2 })] },
      ['capacity warn T1 []', 'capacity error {"id":"t2"} []'],
    ],
    ['an active one whose requirements change', { ...wanted(), ...skills(['s', true]) }, CAPACITY],
  ])('%s', (_name, before, expected) => {
    expect(asked({}, wanted(), before)).toEqual(expected);
  });
});

describe('what is left to the org', () => {
  const left = (spec: JsonObject, live: readonly JsonObject[]): Json | undefined => {
    const desired = { status: 'active', targets: [target('T1'), target({ id: 't2' })] };
    const kept = leaveLive(routingStrategy, manifest(spec), desired, { targets: [...live] });
    expect(desired.targets.map((one) => one['weight'])).toEqual([1, 1]);
    return (kept['targets'] as JsonObject[]).map((one) => one['weight'] ?? null);
  };
  const bounds = (min?: number, max?: number): JsonObject => ({
    optimizer: {
      policy: 'headroom',
      bounds: { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) },
    },
  });
  const live = (a: Json, b: Json): JsonObject[] => [
    ...[target({ id: 't2' }, { weight: b }), target('T1', { weight: a })],
  ];

  it.each<[string, JsonObject, readonly JsonObject[], readonly Json[]]>([
    ['no optimizer', {}, live(0.5, 0.5), [1, 1]],
    ['inside, found by queue and not by place', bounds(0.2, 0.8), live(0.3, 0.7), [0.3, 0.7]],
    ['on the bounds', bounds(0.2, 0.8), live(0.2, 0.8), [0.2, 0.8]],
    ['outside, one each way', bounds(0.2, 0.8), live(0.19, 0.81), [1, 1]],
    ['one inside, one outside', bounds(0.2, 0.8), live(0.5, 0), [0.5, 1]],
    ['only a minimum: the maximum is 1', bounds(0.5), live(0.4, 1.5), [1, 1]],
    ['only a maximum: the minimum is 0.1', bounds(undefined, 3), live(0.05, 2.5), [1, 2.5]],
    ['no bounds: 0.1 to 1', { optimizer: { policy: 'headroom' } }, live(0.1, 1.01), [0.1, 1]],
    ['a target that the org does not have yet', bounds(0, 1), [], [1, 1]],
    ['a weight that is no number', bounds(0, 1), live(null, '0.5'), [1, 1]],
  ])('%s', (_name, spec, targets, expected) => {
    expect(left(spec, targets)).toEqual(expected);
  });
});

describe('what an optimizer may move', () => {
  const desired = wanted();
  const live: JsonObject = {
    status: 'active',
    selection: { skills: [] },
    targets: [
      target({ id: 't2' }, { weight: 0.5, priority: 1, capacity: 3 }),
      target('T1', { weight: 0.7, priority: 2 }),
      target('Theirs', { weight: 0.9, priority: 2 }),
    ],
  };

  it('is nothing without an optimizer', () => {
    expect(routingStrategy.tuning.tunable(manifest({}), desired, live)).toBeNull();
  });

  it('is the weights of targets that both git and the org have', () => {
    const found = routingStrategy.tuning.tunable(manifest({ optimizer: {} }), desired, live);
    expect(found?.targets).toEqual([
      { queue: { id: 't2' }, tier: 1, weight: 0.5, written: 1, capacity: 3 },
      { queue: 'T1', tier: 2, weight: 0.7, written: 1, capacity: null },
    ]);
    const after = found?.with([0.6, 0.8]) ?? {};
    expect((after['targets'] as JsonObject[]).map(({ weight }) => weight)).toEqual([0.6, 0.8, 0.9]);
    expect({ ...after, targets: null }).toEqual({ ...live, targets: null });
    expect(found?.with([0.5, 0.7])).toEqual(live);
  });

  it('is no weight that git says is 0, and that is kept at 0', () => {
    const none = { ...desired, targets: [target('T1', { weight: 0 }), target({ id: 't2' })] };
    const spec = manifest({ optimizer: {} });
    const found = routingStrategy.tuning.tunable(spec, none, live);
    expect(found?.targets.map(({ queue }) => queue)).toEqual([{ id: 't2' }]);
    const kept = leaveLive(routingStrategy, spec, none, live)['targets'] as JsonObject[];
    expect(kept.map(({ weight }) => weight)).toEqual([0, 0.5]);
  });

  it('has the defaults of the schema', () => {
    const file = new URL('../../../schemas/routing-strategy.schema.json', import.meta.url);
    const { properties } = (
      JSON.parse(readFileSync(file, 'utf8')) as {
        properties: { spec: { properties: { optimizer: { properties: Record<string, Keys> } } } };
      }
    ).properties.spec.properties.optimizer;
    const written = {
      ...Object.fromEntries(
        Object.entries(properties).map(([key, one]) => [key, one.default ?? null]),
      ),
      bounds: Object.fromEntries(
        Object.entries(properties['bounds']?.properties ?? {}).map(([key, one]) => [
          key,
          one.default ?? null,
        ]),
      ),
    };
    const silent = routingStrategy.tuning.tunable(manifest({ optimizer: {} }), desired, live);
    const said = routingStrategy.tuning.tunable(manifest({ optimizer: written }), desired, live);
    expect({ ...silent, with: null }).toEqual({ ...said, with: null });
    expect(silent?.policy).toBe('square-root');
    const other = { ...written, policy: 'least-wait', smoothing: 1, coolDownSeconds: 7 };
    expect(
      routingStrategy.tuning.tunable(manifest({ optimizer: other }), desired, live),
    ).toMatchObject({
      policy: 'least-wait',
      tuning: { smoothing: 1, coolDownMs: 7000 },
    });
  });
});

interface Keys {
  readonly default?: Json;
  readonly properties?: Record<string, Keys>;
}

describe('serves', () => {
  it('are the target queues, by name or id; the fallback is none', () => {
    const fields = wanted({ fallback: { queue: 'F' } });
    expect(routingStrategy.succession.serves(fields)).toEqual(['T1', 'id:t2']);
    expect(routingStrategy.succession.serves({})).toEqual([]);
  });
});
