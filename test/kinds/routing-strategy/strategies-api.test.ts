/** What is sent to `/api/v2/routing/strategies` for every change, and how its answers are read. */
import type { Place } from '../../../src/core/place.js';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../src/core/json.js';
import type {
  ChangeContent,
  IdOf,
  Standing,
  Step,
  WriteRequest,
} from '../../../src/core/resource.js';
import { strategiesApi } from '../../../src/kinds/routing-strategy/strategies-api.js';

const idOf: IdOf = (to, reference) =>
  typeof reference === 'string' ? `${to}:${reference}` : JSON.stringify(reference);
const standing = (id: string, version: number | null): Standing => ({ id, version, entity: null });
const STANDING = standing('a/b', 7);
const ROOT = '/api/v2/routing/strategies';
const PATH = `${ROOT}/a%2Fb`;

const target = (queue: Json, weight = 1): JsonObject => ({
  queue,
  priority: 1,
  weight,
  capacity: 10,
});
const FIELDS = {
  status: 'active',
  selection: { skills: [{ skill: 'S', required: true }] },
  targets: [target('T1'), target('T2')],
  fallback: { queue: 'F', priority: 99, weight: 0.1 },
};
const WIRE = {
  selectionCriteria: { skills: [{ skillId: 'skill:S', required: true }] },
  targets: [
    { id: 'queue:T1', priority: 1, weight: 1, capacity: 10 },
    { id: 'queue:T2', priority: 1, weight: 1, capacity: 10 },
  ],
  fallback: { queue: { id: 'queue:F', priority: 99, weight: 0.1 } },
};

function steps(
  action: ChangeContent['action'],
  before: JsonObject | null,
  after: JsonObject | null,
): readonly Step[] {
  return strategiesApi.steps({ action, address: 'RoutingStrategy/a/b', before, after }, ROOT);
}

function requests(list: readonly Step[], at: Standing | null = STANDING): WriteRequest[] {
  return list.flatMap((step) => (step.do === 'write' ? [step.request(at, idOf)] : []));
}

/** `check, write update {targets,version}, await-active` */
function told(list: readonly Step[]): string {
  return list
    .map((step) => {
      if (step.do !== 'write') return step.do;
      const { body } = step.request(STANDING, idOf);
      const keys = body === undefined ? '' : ` {${Object.keys(body).sort().join(',')}}`;
      return `${step.name}${keys}`;
    })
    .join(', ');
}

const ACTIVATE = 'check, activate {status,version}, await-active';
const CREATED = 'fallback,name,selectionCriteria,status,targets';

describe('steps', () => {
  it.each<[string, string | null, string | null, boolean, string]>([
    // Name, status before, status after, whether the content changes too, steps.
    ['create', null, 'active', false, `create {${CREATED}}, ${ACTIVATE}`],
    ['create', null, 'draft', false, `create {${CREATED}}`],
    ['delete', 'active', null, false, 'verify, delete'],
    ['delete', 'failed', null, false, 'verify, delete'],
    ['update', 'active', 'active', true, 'check, update {targets,version}'],
    ['update', 'active', 'draft', false, 'update {status,version}'],
    ['update', 'active', 'draft', true, 'update {status,targets,version}'],
    ['update', 'draft', 'draft', true, 'update {targets,version}'],
    ['update', 'draft', 'active', false, ACTIVATE],
    ['update', 'draft', 'active', true, `update {targets,version}, ${ACTIVATE}`],
    ['update', 'failed', 'active', false, ACTIVATE],
    ['update', 'failed', 'active', true, `update {targets,version}, ${ACTIVATE}`],
    ['update', 'failed', 'draft', false, 'update {status,version}'],
    ['update', 'activating', 'active', false, 'await-active'],
    ['update', 'activating', 'active', true, `update {targets,version}, ${ACTIVATE}`],
    ['update', 'activating', 'draft', false, 'update {status,version}'],
    ['adopt', 'draft', 'active', false, ACTIVATE],
  ])('%s, %s → %s, content changes: %s', (action, was, becomes, edited, expected) => {
    const before = was === null ? null : { ...FIELDS, status: was };
    const targets = edited ? [target('T1', 0.5), target('T2')] : FIELDS.targets;
    const after = becomes === null ? null : { ...FIELDS, status: becomes, targets };
    expect(told(steps(action as ChangeContent['action'], before, after))).toBe(expected);
  });
});

describe('a create', () => {
  it('posts a draft under the name, whatever it is to become', () => {
    const [create] = requests(steps('create', null, FIELDS).slice(0, 1), null);
    expect(create).toEqual({
      method: 'POST',
      path: '/api/v2/routing/strategies',
      body: { name: 'a/b', status: 'draft', ...WIRE },
    });
  });

  it('leaves out what the manifest leaves out, and a fallback that there is not to be', () => {
    const bare = { status: 'draft', targets: FIELDS.targets };
    const bodies = [bare, { ...bare, fallback: null }].map(
      (after) => requests(steps('create', null, after), null)[0]?.body,
    );
    const shared = { name: 'a/b', status: 'draft', targets: WIRE.targets };
    expect(bodies).toEqual([shared, shared]);
  });
});

describe('an update', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['selection', { selection: { skills: [] } }, { selectionCriteria: { skills: [] } }],
    ['targets', { targets: [target('T2')] }, { targets: [WIRE.targets[1] as JsonObject] }],
    [
      'a queue by its id',
      { targets: [target({ id: 'x' })] },
      { targets: [{ id: '{"id":"x"}', priority: 1, weight: 1, capacity: 10 }] },
    ],
    ['fallback: null', { fallback: null }, { fallback: null }],
    [
      'another fallback',
      { fallback: { queue: 'G', priority: 5, weight: 0 } },
      { fallback: { queue: { id: 'queue:G', priority: 5, weight: 0 } } },
    ],
    [
      'the order of targets',
      { targets: [...FIELDS.targets].reverse() },
      {
        targets: [...WIRE.targets].reverse(),
      },
    ],
  ])('of %s carries that and the version', (_name, edit, expected) => {
    expect(requests(steps('update', FIELDS, { ...FIELDS, ...edit }))).toEqual([
      { method: 'PUT', path: PATH, body: { ...expected, version: 7 } },
    ]);
  });

  it('activates with the version that the update before it left', () => {
    const list = steps('update', { ...FIELDS, status: 'draft' }, { ...FIELDS, fallback: null });
    const [update] = requests(list, standing('x', 1));
    const [, activate] = requests(list, standing('x', 2));
    expect(update?.body).toEqual({ fallback: null, version: 1 });
    expect(activate?.body).toEqual({ status: 'active', version: 2 });
  });

  it('leaves the version out where the platform does not count', () => {
    const after = { ...FIELDS, fallback: null };
    const [update] = requests(steps('update', FIELDS, after), standing('x', null));
    expect(update?.body).toEqual({ fallback: null });
  });

  it('counts from zero where the platform does', () => {
    const after = { ...FIELDS, fallback: null };
    const [update] = requests(steps('update', FIELDS, after), standing('x', 0));
    expect(update?.body).toEqual({ fallback: null, version: 0 });
  });

  it('cannot be asked for something that does not exist', () => {
    const list = steps('update', FIELDS, { ...FIELDS, fallback: null });
    expect(() => requests(list, null)).toThrow('does not exist yet');
  });
});

describe('a delete', () => {
  it('has a path and nothing else', () => {
    expect(requests(steps('delete', FIELDS, null))).toEqual([{ method: 'DELETE', path: PATH }]);
  });
});

describe('read', () => {
  const entity = { id: 'x', name: 'a', status: 'active', version: 3, ...WIRE };

  it('gives fields in the shape of a manifest, ids as ids', () => {
    expect(strategiesApi.read(entity)).toEqual({
      id: 'x',
      name: 'a',
      state: 'active',
      errorMessage: null,
      version: 3,
      raw: {
        status: 'active',
        selection: { skills: [{ skill: { id: 'skill:S' }, required: true }] },
        targets: [target({ id: 'queue:T1' }), target({ id: 'queue:T2' })],
        fallback: { queue: { id: 'queue:F' }, priority: 99, weight: 0.1 },
      },
    });
  });

  it.each<[string, JsonObject, JsonObject]>([
    [
      'nothing but a name',
      { name: 'a' },
      {
        id: '',
        name: 'a',
        state: 'processing',
        errorMessage: null,
        version: null,
        raw: { status: '', selection: { skills: [] }, targets: [], fallback: null },
      },
    ],
    [
      'a failure',
      { ...entity, status: 'failed', errorMessage: 'queue disabled' },
      {
        state: 'failed',
        errorMessage: 'queue disabled',
      },
    ],
    ['a state in between', { ...entity, status: 'activating' }, { state: 'processing' }],
    [
      'a state in between as a status',
      { ...entity, status: 'activating' },
      {
        raw: { status: 'activating' },
      },
    ],
    ['a draft', { ...entity, status: 'draft' }, { state: 'draft' }],
    [
      'skills whose need is not said are required',
      {
        ...entity,
        selectionCriteria: { skills: [{ skillId: 's' }] },
      },
      { raw: { selection: { skills: [{ skill: { id: 's' }, required: true }] } } },
    ],
    ['a fallback that is null', { ...entity, fallback: null }, { raw: { fallback: null } }],
    [
      'a fallback without a queue',
      { ...entity, fallback: { queue: null } },
      { raw: { fallback: null } },
    ],
    ['targets that are no list', { ...entity, targets: null }, { raw: { targets: [] } }],
  ])('takes %s', (_name, answer, expected) => {
    expect(strategiesApi.read(answer)).toMatchObject(expected);
  });
});

describe('the audit of a strategy', () => {
  const idOf: IdOf = (to, reference) =>
    typeof reference === 'string' ? `${to}-${reference}` : (reference as { id: string }).id;
  const all = [
    ...['status', 'selectionCriteria/skills/skill-Voice/required', 'targets/queue-A/weight'],
    ...['targets/queue-A/capacity', 'targets/queue-B/weight', 'targets/x~1y/weight'],
    ...['fallback/queue/id', 'fallback/queue/weight', 'name'],
  ];

  it.each<[Place, readonly string[]]>([
    [['status'], ['status']],
    [['selection', 'skills', { key: 'Voice' }], ['selectionCriteria/skills/skill-Voice/required']],
    [['targets', { key: 'A' }, 'weight'], ['targets/queue-A/weight']],
    [
      ['targets', { key: 'A' }],
      ['targets/queue-A/weight', 'targets/queue-A/capacity'],
    ],
    [['targets', { key: 'id:x/y' }, 'weight'], ['targets/x~1y/weight']],
    [['targets', { order: true }], all.filter((name) => name.startsWith('targets/'))],
    [['fallback', 'queue'], ['fallback/queue/id']],
    [['fallback'], ['fallback/queue/id', 'fallback/queue/weight']],
  ])('tells %j by its path in the body', (place, expected) => {
    expect(all.filter(strategiesApi.audit.holding(place, {}, idOf))).toEqual(expected);
  });

  it('writes values as text', () => {
    const entity = {
      status: 'active',
      targets: [{ id: 'x/y', weight: 0.5 }],
      selectionCriteria: { skills: [{ skillId: 's', required: false }] },
      fallback: { queue: { id: 'q', weight: 0 } },
    };
    const paths = ['status', 'targets/x~1y/weight', 'selectionCriteria/skills/s/required'];
    const values = [...paths, 'fallback/queue/id', 'fallback/queue/weight', 'targets/z/weight'];
    expect(values.map((name) => strategiesApi.audit.valueIn(entity, name))).toEqual([
      ...['active', '0.5', 'false', 'q', '0', null],
    ]);
  });
});
