/** That the deriving reads the typings and the sources as they are meant. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deriveSchemas, endpointKey, type SdkSchemas } from '../support/sdk-schemas.js';
import { DERIVED, ROOTS, SDK, WANTED } from '../support/fidelity.js';

describe('the installed SDK', () => {
  it('gives what is kept', () => {
    expect(deriveSchemas(SDK, WANTED, ROOTS)).toEqual(DERIVED);
  });

  it.each([
    [
      'POST /api/v2/flows/datatables',
      {
        call: 'ArchitectApi.postFlowsDatatables',
        query: [],
        request: { required: true, schema: { $ref: 'models#/$defs/DataTable' } },
        response: { $ref: 'models#/$defs/DataTable' },
      },
    ],
    [
      'PUT /api/v2/flows/datatables/{}/rows/{}',
      {
        call: 'ArchitectApi.putFlowsDatatableRow',
        query: [],
        request: { required: false, schema: { type: ['object', 'array'] } },
        response: { type: 'object', additionalProperties: { type: ['object', 'array'] } },
      },
    ],
    [
      'DELETE /api/v2/routing/queues/{}',
      {
        call: 'RoutingApi.deleteRoutingQueue',
        query: ['forceDelete'],
        request: null,
        response: null,
      },
    ],
    [
      'GET /api/v2/flows/datatables/{}/rows',
      {
        query: ['pageNumber', 'pageSize', 'showbrief', 'sortOrder'],
        response: { $ref: 'models#/$defs/DataTableRowEntityListing' },
      },
    ],
  ])('%s', (key, expected) => {
    expect(DERIVED.endpoints[key]).toMatchObject(expected);
  });

  it('models are closed, with the types and the required properties of their interface', () => {
    expect(DERIVED.models['DataTable']).toEqual({
      type: 'object',
      properties: {
        id: { type: 'string' },
        name: { type: 'string' },
        division: { $ref: 'models#/$defs/WritableDivision' },
        description: { type: 'string' },
        schema: { $ref: 'models#/$defs/JsonSchemaDocument' },
        selfUri: { type: 'string' },
      },
      required: [],
      additionalProperties: false,
    });
    expect(DERIVED.models['QueueObservationQuery']).toMatchObject({
      properties: { metrics: { type: 'array', items: { type: 'string' } } },
      required: ['filter', 'metrics'],
    });
    expect(DERIVED.models['ErrorBody']).toMatchObject({
      properties: {
        status: { type: 'number' },
        messageParams: { type: 'object', additionalProperties: { type: 'string' } },
        errors: { type: 'array', items: { $ref: 'models#/$defs/ErrorBody' } },
      },
    });
  });

  it('every model that is referred to is there, and none besides', () => {
    const refs = [...JSON.stringify(DERIVED).matchAll(/models#\/\$defs\/(\w+)/g)];
    const names = new Set([...ROOTS, ...refs.map(([, name]) => name)]);
    expect(Object.keys(DERIVED.models).sort()).toEqual([...names].sort());
  });
});

describe('an SDK of two methods', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'strategos-sdk-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function derive(
    model: string,
    method = 'putThing(thing: Models.Thing): Promise<void>',
  ): SdkSchemas {
    const apis = path.join(folder, 'src/purecloud-platform-client-v2/api');
    mkdirSync(apis, { recursive: true });
    writeFileSync(
      path.join(folder, 'index.d.ts'),
      `declare class ThingsApi { ${method}; }
       declare namespace ThingsApi { export interface putThingOptions { "thing"?: Array<string>; } }
       declare namespace Models { export interface Thing { ${model} } }`,
    );
    const arguments_ = `'/things/{thingId}', 'PUT', {}, { 'a': 1, 'b': 2 }, {}, {}`;
    const body = method.includes('opts') ? `opts['thing']` : 'thing';
    writeFileSync(
      path.join(apis, 'ThingsApi.js'),
      `class ThingsApi { putThing(thing, opts) {
         return this.apiClient.callApi(${arguments_}, ${body}, []);
       } }`,
    );
    const wanted = [
      { method: 'PUT', pattern: '/things/{id}' },
      { method: 'GET', pattern: '/x' },
    ];
    return deriveSchemas(pathToFileURL(`${folder}/`), wanted, []);
  }

  it.each([
    ['string', { type: 'string' }],
    ['number', { type: 'number' }],
    ['boolean', { type: 'boolean' }],
    ['object', { type: ['object', 'array'] }],
    ['any', {}],
    [
      'Array<Array<number>>',
      { type: 'array', items: { type: 'array', items: { type: 'number' } } },
    ],
    ['{ [key: string]: boolean; }', { type: 'object', additionalProperties: { type: 'boolean' } }],
    ['Models.Thing', { $ref: 'models#/$defs/Thing' }],
  ])('%s', (type, schema) => {
    expect(derive(`"a": ${type}; "b"?: ${type};`).models).toEqual({
      Thing: {
        type: 'object',
        properties: { a: schema, b: schema },
        required: ['a'],
        additionalProperties: false,
      },
    });
  });

  it.each(['"x" | "y"', 'string | null', '{ a: string; }', 'Other', 'Map<string, string>', 'null'])(
    '%s is a type that is not known, which is an error',
    (type) => {
      expect(() => derive(`"a": ${type};`)).toThrow('Thing have a type that is not known here');
    },
  );

  it('a model that is not declared is an error', () => {
    expect(() => derive('"a": Models.Nothing;')).toThrow('the typings have no model Nothing');
  });

  it('the body is a parameter, then it is required, or an option', () => {
    const key = endpointKey({ method: 'PUT', pattern: '/things/{x}' });
    expect(derive('').endpoints).toEqual({
      [key]: {
        method: 'PUT',
        pattern: '/things/{thingId}',
        call: 'ThingsApi.putThing',
        query: ['a', 'b'],
        request: { required: true, schema: { $ref: 'models#/$defs/Thing' } },
        response: null,
      },
    });
    const optional = 'putThing(opts?: ThingsApi.putThingOptions): Promise<Models.Thing>';
    expect(derive('', optional).endpoints[key]).toMatchObject({
      request: { required: false, schema: { type: 'array', items: { type: 'string' } } },
      response: { $ref: 'models#/$defs/Thing' },
    });
  });

  it.each(['getThing(): Promise<void>', 'putThing(thing: string): void'])(
    '%s does not fit the source, which is an error',
    (method) => {
      expect(() => derive('', method)).toThrow('ThingsApi.putThing');
    },
  );
});
