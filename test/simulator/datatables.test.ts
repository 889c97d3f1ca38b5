import { beforeEach, describe, expect, it } from 'vitest';
import { idFrom } from '../../src/simulator/ids.js';
import { SMALL, worldOf, type World } from './client.js';

const TABLES = '/api/v2/flows/datatables';
let world: World;
beforeEach(() => {
  world = worldOf(SMALL, { rateLimitPerMinute: 0 });
});

function column(name: string, type: string, over = {}) {
  return { [name]: { $id: `/properties/${name}`, type, ...over } };
}

function tableBody(properties: object, over = {}) {
  return {
    name: 'Routing Strategies',
    description: 'Rows for flows',
    schema: {
      $schema: 'http://json-schema.org/draft-04/schema#',
      type: 'object',
      required: ['key'],
      additionalProperties: false,
      properties: { ...column('key', 'string', { title: 'Strategy' }), ...properties },
    },
    ...over,
  };
}

const COLUMNS = {
  ...column('status', 'string', { default: 'draft', displayOrder: 1 }),
  ...column('share', 'number'),
  ...column('priority', 'integer'),
  ...column('enabled', 'boolean'),
};

function created(over = {}) {
  const answered = world.send('POST', TABLES, tableBody(COLUMNS, over));
  expect(answered.status).toBe(200);
  return answered.body;
}

describe('tables', () => {
  it('show their schema only when asked', () => {
    const { id, schema } = created();
    expect(world.send('GET', `${TABLES}/${id}`).body).toEqual({
      id,
      name: 'Routing Strategies',
      division: { id: idFrom('division/Home'), name: 'Home', selfUri: expect.any(String) },
      description: 'Rows for flows',
      selfUri: `${TABLES}/${id}`,
    });
    const full = world.send('GET', `${TABLES}?expand=schema`).body.entities[0];
    expect(full?.schema).toEqual(schema);
    expect(full?.schema).toMatchObject({
      ...tableBody(COLUMNS).schema,
      title: 'Routing Strategies',
    });
  });

  const wrong: [string, object, string][] = [
    ['no schema', { schema: undefined }, 'flows.datatables.schema.exception'],
    ['empty name', { name: '' }, 'bad.request'],
    [
      'additional properties',
      { schema: { ...tableBody({}).schema, additionalProperties: true } },
      'flows.datatables.schema.exception',
    ],
    [
      'other required',
      { schema: { ...tableBody({}).schema, required: ['key', 'x'] } },
      'flows.datatables.schema.exception',
    ],
    [
      'no key column',
      { schema: { ...tableBody({}).schema, properties: column('x', 'string') } },
      'flows.datatables.schema.exception',
    ],
    [
      'wrong $id',
      tableBody({ x: { $id: 'x', type: 'string' } }),
      'flows.datatables.schema.exception',
    ],
    ['wrong type', tableBody(column('x', 'array')), 'flows.datatables.schema.exception'],
    ['inherited type', tableBody(column('x', 'toString')), 'flows.datatables.schema.exception'],
    [
      'wrong default',
      tableBody(column('x', 'integer', { default: 'one' })),
      'flows.datatables.schema.exception',
    ],
    [
      '51 columns',
      tableBody(
        Object.fromEntries(
          Array.from({ length: 50 }, (_, i) => Object.entries(column(`c${i}`, 'string'))).flat(),
        ),
      ),
      'flows.datatables.too.many.properties',
    ],
  ];
  it.each(wrong)('are refused: %s', (_, over, code) => {
    const { status, body } = world.send('POST', TABLES, { ...tableBody({}), ...over });
    expect([status, body.code]).toEqual([400, code]);
    expect(world.org.tables.size).toBe(0);
  });

  it('have unique names, and are at most 200', () => {
    created();
    const again = world.send('POST', TABLES, tableBody({}));
    expect([again.status, again.body.code]).toEqual([409, 'flows.datatables.not.unique']);
    for (let index = 1; index < 200; index += 1) created({ name: `t${index}` });
    const over = world.send('POST', TABLES, tableBody({}, { name: 'one more' }));
    expect(over.body.code).toBe('flows.datatables.too.many.schemas');
  });

  it('can gain columns, which old rows show with their defaults, and cannot lose any', () => {
    const { selfUri } = created();
    world.send('POST', `${selfUri}/rows`, { key: 'a' });
    const more = { ...COLUMNS, ...column('owner', 'string', { default: 'nobody' }) };
    expect(world.send('PUT', selfUri, tableBody(more, { name: 'New name' })).status).toBe(200);
    const row = world.send('GET', `${selfUri}/rows/a?showbrief=false`).body;
    expect(row.owner).toBe('nobody');
    for (const fewer of [{}, { ...more, ...column('share', 'string') }]) {
      const { body } = world.send('PUT', selfUri, tableBody(fewer));
      expect(body.code).toBe('flows.datatables.cannot.remove.fields');
    }
    expect(created().name).toBe('Routing Strategies');
  });

  it('go away with their rows', () => {
    const { selfUri } = created();
    expect(world.send('DELETE', selfUri).status).toBe(204);
    const gone = world.send('GET', `${selfUri}/rows`);
    expect([gone.status, gone.body.code]).toEqual([404, 'flows.datatables.table.not.found']);
    created();
  });
});

describe('rows', () => {
  let rows: string;
  beforeEach(() => {
    rows = `${created().selfUri}/rows`;
  });

  it('get the defaults of what they leave out, on POST and on PUT', () => {
    const defaults = { status: 'draft', share: 0, priority: 0, enabled: false };
    const posted = world.send('POST', rows, { key: 'k/1 é%', share: 0.5, enabled: true }).body;
    expect(posted).toEqual({ ...defaults, key: 'k/1 é%', share: 0.5, enabled: true });
    const uri = `${rows}/${encodeURIComponent('k/1 é%')}`;
    expect(world.send('PUT', uri, { key: 'k/1 é%', priority: 2 }).status).toBe(200);
    const read = world.send('GET', `${uri}?showbrief=false`).body;
    expect(read).toEqual({ ...defaults, key: 'k/1 é%', priority: 2 });
  });

  it('show their key only, unless showbrief is false', () => {
    world.send('POST', rows, { key: 'b' });
    world.send('POST', rows, { key: 'a' });
    expect(world.send('GET', rows).body.entities).toEqual([{ key: 'a' }, { key: 'b' }]);
    expect(world.send('GET', `${rows}/a`).body).toEqual({ key: 'a' });
    const full = world.send('GET', `${rows}?showbrief=false&pageSize=1`).body;
    expect(full).toMatchObject({ total: 2, pageCount: 2, entities: [{ key: 'a', share: 0 }] });
  });

  it('a second one of the same key is 409 and changes nothing: a mutex', () => {
    world.send('POST', rows, { key: 'lock', status: 'mine' });
    const second = world.send('POST', rows, { key: 'lock', status: 'yours' });
    expect([second.status, second.body.code]).toEqual([409, 'flows.datatables.not.unique']);
    expect(world.send('GET', `${rows}/lock?showbrief=false`).body.status).toBe('mine');
    expect(world.send('DELETE', `${rows}/lock`).status).toBe(204);
    expect(world.send('POST', rows, { key: 'lock' }).status).toBe(200);
  });

  it.each(['GET', 'PUT', 'DELETE'])('%s of one that is not there is 404', (method) => {
    const { status, body } = world.send(method, `${rows}/constructor`, { key: 'constructor' });
    expect([status, body.code]).toEqual([404, 'flows.datatables.row.not.found']);
  });

  it.each([
    ['no key', {}],
    ['empty key', { key: '' }],
    ['long key', { key: 'k'.repeat(257) }],
    ['unknown column', { key: 'k', colour: 'red' }],
    ['number for text', { key: 'k', status: 1 }],
    ['fraction for integer', { key: 'k', priority: 0.5 }],
    ['text for boolean', { key: 'k', enabled: 'yes' }],
    ['null', { key: 'k', share: null }],
    ['__proto__', '{"key":"k","__proto__":{"polluted":true}}'],
  ])('are refused: %s', (_, body) => {
    const answered = world.send('POST', rows, body);
    expect([answered.status, answered.body.code]).toEqual([400, 'flows.datatables.syntax.error']);
    expect(world.send('GET', rows).body.total).toBe(0);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('keep their key, are at most 5,000, and are audited', () => {
    for (let index = 0; index < 5000; index += 1) world.send('POST', rows, { key: `k${index}` });
    const over = world.send('POST', rows, { key: 'one more' });
    expect(over.body.code).toBe('flows.datatables.too.many.rows');
    expect(world.send('PUT', `${rows}/k1`, { key: 'k2' }).status).toBe(400);
    world.send('PUT', `${rows}/k1`, { key: 'k1', share: 1 });
    expect(world.org.audits.at(-1)).toMatchObject({
      serviceName: 'Datatables',
      entityType: 'Row',
      action: 'Update',
      entity: { name: 'k1' },
      propertyChanges: [{ property: 'share', oldValues: ['0'], newValues: ['1'] }],
    });
  });
});

it('a column named __proto__ is a column like any other', () => {
  const proto = '"__proto__":{"$id":"/properties/__proto__","type":"string"}';
  const text = JSON.stringify(tableBody({})).replace('"properties":{', `"properties":{${proto},`);
  const { status, body } = world.send('POST', TABLES, text);
  expect(status).toBe(200);
  world.send('POST', `${body.selfUri}/rows`, '{"key":"k","__proto__":"x"}');
  const row = world.send('GET', `${body.selfUri}/rows/k?showbrief=false`).body;
  expect(Object.keys(row)).toEqual(['__proto__', 'key']);
  expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
});
