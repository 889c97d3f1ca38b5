/** That the check can fail: every example is sound but for one thing. */
import { describe, expect, it } from 'vitest';
import type { SimRequest, SimResponse } from '../../src/simulator/org.js';
import { checkExchange } from '../support/fidelity.js';

const HEADERS = {
  'inin-correlation-id': 'c-1',
  'inin-ratelimit-count': '1',
  'inin-ratelimit-allowed': '300',
  'inin-ratelimit-reset': '60',
};
const TABLES = '/api/v2/flows/datatables';
const STRATEGIES = '/api/v2/routing/strategies';
const OBSERVATIONS = '/api/v2/analytics/queues/observations/query';

function request(method: string, path: string, body?: unknown): SimRequest {
  return { method, path, headers: {}, body: body === undefined ? '' : text(body) };
}

function answered(status: number, body?: unknown, headers: object = HEADERS): SimResponse {
  return { status, headers: { ...headers }, body: body === undefined ? '' : text(body) };
}

function text(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

const ERROR = { message: 'no', code: 'not.found', status: 404, contextId: 'c-1' };
const TARGET = { id: 'q-1', priority: 1, weight: 0.5, capacity: 10 };
const STRATEGY = {
  id: 's-1',
  name: 'Support',
  status: 'activating',
  version: 2,
  targets: [TARGET],
  selectionCriteria: { skills: [{ skillId: 'k-1', required: true }] },
  dateCreated: '2026-01-01',
  dateModified: '2026-01-01',
  selfUri: `${STRATEGIES}/s-1`,
};
const COLUMNS = {
  type: 'object',
  additionalProperties: false,
  properties: { key: { title: 'k' } },
};
const QUERY = { filter: { type: 'or' }, metrics: ['oWaiting'] };

describe('a sound exchange has no findings', () => {
  it.each<[SimRequest, SimResponse]>([
    [request('GET', `${TABLES}?pageSize=25&expand=schema`), answered(200, { entities: [] })],
    [request('POST', TABLES, { name: 'T', schema: COLUMNS }), answered(200, { schema: COLUMNS })],
    [request('PUT', `${TABLES}/t/rows/r`, { KEY: 'r', n: 1 }), answered(200, { KEY: 'r', n: 1 })],
    [request('DELETE', `${TABLES}/t`), answered(204)],
    [request('POST', OBSERVATIONS, QUERY), answered(200, { results: [] })],
    [request('PUT', `${STRATEGIES}/s-1`, { fallback: null }), answered(200, STRATEGY)],
    [request('GET', '/api/v2/nothing?x=y', { z: 1 }), answered(404, ERROR)],
    [request('POST', TABLES, 'what is refused is not looked at'), answered(400, ERROR)],
    [request('PUT', '/uploads/datatables/j/s', 'key\nr'), answered(200, undefined, {})],
    [
      request('POST', '/oauth/token', 'grant_type=client_credentials'),
      answered(200, { access_token: 't', token_type: 'bearer', expires_in: 60 }),
    ],
    [
      request('POST', '/oauth/token', 'grant_type=password'),
      answered(400, { error: 'e', description: 'd', error_description: 'd' }),
    ],
  ])('%o', (sent, answer) => {
    expect(checkExchange(sent, answer)).toEqual([]);
  });
});

describe('what does not fit is found', () => {
  const page = answered(200, { entities: [] });
  const row = answered(200, { key: 'r' });
  const done = answered(200, STRATEGY);

  it.each<[string, [SimRequest, SimResponse], string]>([
    [
      'an invented field in an answer',
      [request('GET', TABLES), answered(200, { entities: [{ id: 't', rows: 3 }] })],
      'answer/entities/0 must NOT have additional properties: rows',
    ],
    [
      'an invented field in a request',
      [request('POST', TABLES, { name: 'T', title: 'T' }), answered(200, {})],
      'request must NOT have additional properties: title',
    ],
    [
      'a required property that is missing',
      [request('POST', OBSERVATIONS, { metrics: [] }), answered(200, { results: [] })],
      "request must have required property 'filter'",
    ],
    [
      'a wrong type',
      [request('GET', TABLES), answered(200, { entities: [], total: '3' })],
      'answer/total must be number',
    ],
    [
      'null for what has no value',
      [request('GET', TABLES), answered(200, { entities: [], nextUri: null })],
      'answer/nextUri must be string',
    ],
    [
      'an unknown query parameter',
      [request('GET', `${TABLES}?pagesize=25`), page],
      'ArchitectApi.getFlowsDatatables has no query parameter pagesize',
    ],
    [
      'a body where none is taken',
      [request('GET', TABLES, {}), page],
      'ArchitectApi.getFlowsDatatables takes no body',
    ],
    [
      'no body where one is needed',
      [request('POST', TABLES), answered(200, {})],
      'ArchitectApi.postFlowsDatatables needs a body',
    ],
    ['no answer', [request('GET', TABLES), answered(200)], 'answer: no JSON: '],
    [
      'an answer where none is promised',
      [request('DELETE', `${TABLES}/t`), answered(200, {})],
      'ArchitectApi.deleteFlowsDatatable is answered without a body',
    ],
    [
      'an endpoint that is not there',
      [request('PATCH', TABLES), answered(200)],
      'the SDK has no such endpoint',
    ],
    [
      'a cell that is no scalar',
      [request('PUT', `${TABLES}/t/rows/r`, { KEY: { a: 1 } }), row],
      'request/KEY must be string,number,boolean',
    ],
    [
      'a strategy with a field that the contract does not have',
      [request('GET', `${STRATEGIES}/s-1`), answered(200, { ...STRATEGY, division: {} })],
      'answer must NOT have additional properties: division',
    ],
    [
      'a strategy that is made in another state than draft',
      [request('POST', STRATEGIES, { name: 'n', status: 'active', targets: [TARGET] }), done],
      'request/status must be equal to constant',
    ],
    [
      'an error body with a field of its own',
      [request('GET', TABLES), answered(404, { ...ERROR, hint: 'x' })],
      'error must NOT have additional properties: hint',
    ],
    [
      'an error body without a code',
      [request('GET', TABLES), answered(404, { ...ERROR, code: undefined })],
      "error must have required property 'code'",
    ],
    [
      'a page where an error body should be',
      [request('GET', TABLES), answered(502, '<html>')],
      'error: no JSON: <html>',
    ],
    [
      'another error than that of OAuth',
      [request('POST', '/oauth/token', 'grant_type=x'), answered(400, { error: 'x' })],
      "error must have required property 'description'",
    ],
  ])('%s', (_, [sent, answer], finding) => {
    const head = `${sent.method} ${sent.path.split('?')[0]} → ${answer.status}: `;
    expect(checkExchange(sent, answer)).toContain(head + finding);
  });

  it.each(Object.keys(HEADERS))('an answer without %s', (name) => {
    const headers = { ...HEADERS, [name]: undefined };
    const found = checkExchange(request('GET', TABLES), answered(200, { entities: [] }, headers));
    expect(found).toEqual([`GET ${TABLES} → 200: no header ${name}`]);
  });
});
