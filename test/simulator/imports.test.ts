import { request } from 'node:http';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { startSimulator, type Simulator } from '../../src/simulator/http.js';
import { createOrg, type SimRequest, type SimResponse } from '../../src/simulator/org.js';
import { SMALL, START, worldOf, type Answered, type Body, type World } from './client.js';

const TABLES = '/api/v2/flows/datatables';
const CLIENTS = [
  ...(SMALL.clients ?? []),
  ...['architect:datatable:edit', 'architect:datatableRow:add', 'architect:datatableRow:view'].map(
    (permission) => {
      const id = permission.replaceAll(':', '-');
      return { id, secret: id, permissions: [permission] };
    },
  ),
];

let world: World;
let table: string;
beforeEach(() => {
  world = worldOf({ ...SMALL, clients: CLIENTS }, { rateLimitPerMinute: 0 });
  table = world.send('POST', TABLES, tableBody('Strategies')).body.selfUri;
});

function tableBody(name: string) {
  const column = (of: string, type: string, over = {}) => ({
    [of]: { $id: `/properties/${of}`, type, ...over },
  });
  return {
    name,
    schema: {
      type: 'object',
      required: ['key'],
      additionalProperties: false,
      properties: {
        ...column('key', 'string', { title: 'Strategy' }),
        ...column('status', 'string', { default: 'draft', title: 'State of it' }),
        ...column('share', 'number', { default: 0.5, title: 'One title' }),
        ...column('priority', 'integer', { title: 'One title' }),
        ...column('enabled', 'boolean', { default: true }),
      },
    },
  };
}

/** A row of `tableBody` as it is shown, defaults where nothing is said. */
function row(key: string, over: object = {}) {
  return { key, status: 'draft', share: 0.5, priority: 0, enabled: true, ...over };
}

function rows(of = world, at = table): unknown[] {
  const found: unknown[] = [];
  let path: string | undefined = `${at}/rows?showbrief=false&pageSize=100`;
  while (path !== undefined) {
    const { body }: Answered = of.send('GET', path);
    found.push(...body.entities);
    path = body.nextUri;
  }
  return found;
}

function begin(importMode: unknown = 'Append', as = 'demo'): Body {
  const answered = world.send('POST', `${table}/import/csv/jobs`, { importMode }, as);
  expect(answered.status).toBe(200);
  return answered.body;
}

function headersOf(job: Body): Record<string, string> {
  return Object.fromEntries(
    Object.entries(job.uploadHeaders).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function upload(job: Body, csv: string, headers = headersOf(job), method = 'PUT'): Answered {
  return world.raw(method, new URL(job.uploadURI).pathname, headers, csv);
}

/** A whole import; how it ended. */
function imported(csv: string, importMode = 'Append'): Body {
  const job = begin(importMode);
  expect(upload(job, csv).status).toBe(200);
  world.at += world.org.importMs;
  return world.send('GET', job.selfUri).body;
}

function counts({ status, ...job }: Body): unknown[] {
  return [status, job.countRecordsUpdated, job.countRecordsDeleted, job.countRecordsFailed];
}

describe('a job', () => {
  it('waits for its file, takes a while, and takes effect at its end', () => {
    const job = begin();
    expect(job).toEqual({
      id: job.id,
      status: 'WaitingForUpload',
      dateCreated: new Date(START).toISOString(),
      importMode: 'Append',
      countRecordsUpdated: 0,
      countRecordsDeleted: 0,
      countRecordsFailed: 0,
      selfUri: `${table}/import/jobs/${job.id}`,
      uploadURI: job.uploadURI,
      uploadHeaders: { 'Content-Type': 'text/csv', 'x-amz-tagging': `jobId=${job.id}` },
    });
    const status = () => world.send('GET', job.selfUri).body.status;
    world.at += 3_600_000;
    expect(status()).toBe('WaitingForUpload');
    const answered = upload(job, 'key\na\n');
    expect([answered.status, answered.body]).toEqual([200, null]);
    world.at += 199;
    expect([status(), rows()]).toEqual(['Processing', []]);
    world.at += 1;
    expect([status(), rows()]).toEqual(['Succeeded', [row('a')]]);
  });

  it('is settled as of the instant it was due, however late anybody looks', () => {
    const job = begin();
    upload(job, 'key\na\n');
    world.at += 3_600_000;
    const { dateCompleted } = world.send('GET', job.selfUri).body;
    expect(dateCompleted).toBe(new Date(START + 200).toISOString());
    expect(world.org.audits.at(-1)?.eventDate).toBe(dateCompleted);
  });

  it('that was due earlier is settled earlier', () => {
    const [late, early] = [begin(), begin()];
    world.org.importMs = 500;
    upload(late, 'key,status\na,late\n');
    world.org.importMs = 0;
    upload(early, 'key,status\na,early\n');
    world.at += 500;
    expect(rows()).toEqual([row('a', { status: 'late' })]);
  });

  it('takes as long as the org says', () => {
    const slow = worldOf(SMALL, { importMs: 5000 });
    expect([slow.org.importMs, world.org.importMs]).toEqual([5000, 200]);
  });

  it('shows who asked for it, and its URL to nobody else', () => {
    const [ada] = world.org.users.values();
    const job = begin('Append', 'ui');
    expect(job.owner).toEqual({ id: ada?.id, selfUri: `/api/v2/users/${ada?.id}` });
    const seen = world.send('GET', job.selfUri).body;
    expect(Object.keys(seen)).not.toContain('uploadURI');
    expect(Object.keys(seen)).not.toContain('uploadHeaders');
  });

  it.each([
    ['nothing', {}],
    ['another mode', { importMode: 'Replace' }],
    ['lower case', { importMode: 'append' }],
    ['null', { importMode: null }],
    ['no object', '[]'],
  ])('is not made from %s', (_, body) => {
    const answered = world.send('POST', `${table}/import/csv/jobs`, body);
    expect([answered.status, answered.body.code]).toEqual([400, 'bad.request']);
    expect(world.org.imports.size).toBe(0);
  });

  it('belongs to one table', () => {
    const { id } = begin();
    const other = world.send('POST', TABLES, tableBody('Other')).body.selfUri;
    expect(world.send('GET', `${other}/import/jobs/${id}`).body.code).toBe('not.found');
    expect(world.send('GET', `${table}/import/jobs/none`).status).toBe(404);
    const nowhere = world.send('POST', `${TABLES}/none/import/csv/jobs`, { importMode: 'Append' });
    expect(nowhere.body.code).toBe('flows.datatables.table.not.found');
  });

  it.each([
    ['architect:datatable:edit', 200, 403],
    ['architect:datatableRow:add', 200, 403],
    ['architect:datatableRow:view', 403, 200],
  ])('with %s: asking is %i, looking is %i', (permission, asking, looking) => {
    const client = permission.replaceAll(':', '-');
    const job = begin();
    const again = world.send('POST', `${table}/import/csv/jobs`, { importMode: 'Append' }, client);
    expect(again.status).toBe(asking);
    expect(world.send('GET', job.selfUri, undefined, client).status).toBe(looking);
  });

  it('fails when its table goes away', () => {
    const job = begin();
    upload(job, 'key\na\n');
    world.send('DELETE', table);
    world.at += 200;
    expect(world.send('GET', job.selfUri).status).toBe(404);
    expect(world.org.imports.get(job.id)).toMatchObject({
      status: 'Failed',
      error: { code: 'flows.datatables.table.not.found', contextId: job.id },
    });
  });
});

describe('the upload', () => {
  const file = 'key\na\n';
  it.each([
    ['no headers', () => ({}), 403],
    ['half the headers', (all) => ({ 'content-type': all['content-type'] ?? '' }), 403],
    ['more in a header', (all) => ({ ...all, 'content-type': 'text/csv; charset=utf-8' }), 403],
    ['the tag of another job', (all) => ({ ...all, 'x-amz-tagging': 'jobId=other' }), 403],
    ['a bearer token', (all) => ({ ...all, authorization: 'Bearer x' }), 400],
    ['an empty Authorization', (all) => ({ ...all, authorization: '' }), 400],
    ['other headers besides', (all) => ({ ...all, 'user-agent': 'x' }), 200],
  ] as [string, (all: Record<string, string>) => Record<string, string>, number][])(
    'with %s',
    (_, headers, expected) => {
      const job = begin();
      expect(upload(job, file, headers(headersOf(job))).status).toBe(expected);
      const { status } = world.send('GET', job.selfUri).body;
      expect(status).toBe(expected === 200 ? 'Processing' : 'WaitingForUpload');
    },
  );

  it.each([
    ['another secret', (uri: string) => `${uri}x`],
    ['no secret', (uri: string) => uri.slice(0, uri.lastIndexOf('/'))],
    ['an empty secret', (uri: string) => uri.slice(0, uri.lastIndexOf('/') + 1)],
    ['more path', (uri: string) => `${uri}/x`],
    ['no job', () => 'http://127.0.0.1/uploads/datatables/none/none'],
    ['nothing after the folder', () => 'http://127.0.0.1/uploads/datatables/'],
  ])('to a URL with %s is 403', (_, change) => {
    const job = begin();
    const answered = upload({ ...job, uploadURI: change(job.uploadURI) }, file, headersOf(job));
    expect([answered.status, answered.body.code]).toEqual([403, 'access.denied']);
    expect(world.send('GET', job.selfUri).body.status).toBe('WaitingForUpload');
  });

  it('can be made once', () => {
    const job = begin();
    expect(upload(job, file).status).toBe(200);
    const second = () => upload(job, 'key\nb\n');
    expect([second().status, second().body.code]).toEqual([409, 'conflict']);
    world.at += 200;
    expect(second().status).toBe(409);
    expect(rows()).toEqual([row('a')]);
  });

  it('is a PUT', () => {
    const job = begin();
    const answered = upload(job, file, headersOf(job), 'POST');
    expect([answered.status, answered.headers['allow']]).toEqual([405, 'PUT']);
  });

  it('costs no token anything', () => {
    world.org.rateLimitPerMinute = 3;
    const job = begin();
    const { headers } = upload(job, file);
    expect(headers['inin-ratelimit-count']).toBe('0');
    expect(world.send('GET', job.selfUri).headers['inin-ratelimit-count']).toBe('3');
  });

  it.each([
    [undefined, 'http://127.0.0.1'],
    ['127.0.0.1:9', 'http://127.0.0.1:9'],
    ['localhost:8080', 'http://localhost:8080'],
  ])('goes to the host that was asked: %s', (host, origin) => {
    const [token] = world.org.tokens.values();
    const headers = { authorization: `Bearer ${token?.value}`, ...(host && { host }) };
    const path = `${table}/import/csv/jobs`;
    const { body } = world.raw('POST', path, headers, '{"importMode":"Append"}');
    expect(new URL(body.uploadURI).origin).toBe(origin);
  });
});

describe('appending and replacing', () => {
  beforeEach(() => {
    for (const key of ['a', 'b', 'c']) {
      world.send('POST', `${table}/rows`, row(key, { status: 'old', priority: 1 }));
    }
  });
  const old = (key: string) => row(key, { status: 'old', priority: 1 });
  const file = 'key,status\nb,new\nd,new\n';

  it('Append inserts and replaces, columns left out included', () => {
    expect(counts(imported(file))).toEqual(['Succeeded', 2, 0, 0]);
    expect(rows()).toEqual([
      ...[old('a'), row('b', { status: 'new' }), old('c'), row('d', { status: 'new' })],
    ]);
  });

  it('ReplaceAll leaves what is in the file', () => {
    expect(counts(imported(file, 'ReplaceAll'))).toEqual(['Succeeded', 2, 2, 0]);
    expect(rows()).toEqual([row('b', { status: 'new' }), row('d', { status: 'new' })]);
  });

  it('ReplaceAll with a bad record loses the row of its key as well', () => {
    const job = imported('key,share\na,1\nb,much\n', 'ReplaceAll');
    expect(counts(job)).toEqual(['Succeeded', 1, 2, 1]);
    expect(rows()).toEqual([row('a', { share: 1 })]);
  });

  it('a header alone appends nothing, and replaces everything', () => {
    expect(counts(imported('key\n'))).toEqual(['Succeeded', 0, 0, 0]);
    expect(counts(imported('key', 'ReplaceAll'))).toEqual(['Succeeded', 0, 3, 0]);
    expect(rows()).toEqual([]);
  });

  it('the limit of rows holds: what is over it fails, what replaces does not', () => {
    const keys = Array.from({ length: 4998 }, (_, index) => `k${index}`);
    const job = imported(['key', ...keys, 'c', 'z'].join('\n'));
    expect(counts(job)).toEqual(['Succeeded', 4998, 0, 2]);
    expect(world.send('GET', `${table}/rows`).body.total).toBe(5000);
    expect(world.send('GET', `${table}/rows/c?showbrief=false`).body).toEqual(row('c'));
    expect(world.send('GET', `${table}/rows/k4997`).status).toBe(404);
    const whole = imported(['key', 'z', ...keys, 'y', 'x'].join('\r\n'), 'ReplaceAll');
    expect(counts(whole)).toEqual(['Succeeded', 5000, 3, 1]);
  });
});

describe('the file', () => {
  const cases: [string, string, unknown[]][] = [
    ['LF', 'key,status\na,x\nb,y\n', [row('a', { status: 'x' }), row('b', { status: 'y' })]],
    ['CRLF', 'key,status\r\na,x\r\nb,\r\n', [row('a', { status: 'x' }), row('b', { status: '' })]],
    ['no end of the last line', 'key,status\na,x', [row('a', { status: 'x' })]],
    ['an empty last field', 'key,status\na,', [row('a', { status: '' })]],
    ['quoted commas', 'key,status\n"a,b","x,"\n', [row('a,b', { status: 'x,' })]],
    ['quoted quotes', 'key,status\n"a""b",""""\n', [row('a"b', { status: '"' })]],
    ['quoted lines', 'key,status\r\na,"x\r\ny\nz"\r\n', [row('a', { status: 'x\r\ny\nz' })]],
    ['an empty quoted field', 'key,status\na,""\n', [row('a', { status: '' })]],
    ['quoted names', '"key","status"\na,x\n', [row('a', { status: 'x' })]],
    ['spaces, which are kept', 'key,status\n a , x \n', [row(' a ', { status: ' x ' })]],
    ['titles', 'Strategy,State of it\na,x\n', [row('a', { status: 'x' })]],
    [
      'another order',
      'status,enabled,key\nx,false,a\n',
      [row('a', { status: 'x', enabled: false })],
    ],
    [
      'every type',
      'key,share,priority,enabled\na,-1.5e-3,-7,false\n',
      [row('a', { share: -0.0015, priority: -7, enabled: false })],
    ],
    ['empty cells', 'key,status,share,priority,enabled\na,,,,\n', [row('a', { status: '' })]],
    ['text that looks typed', 'key,status\n1,true\n', [row('1', { status: 'true' })]],
    ['other scripts', 'key,status\né日,𝄞\n', [row('é日', { status: '𝄞' })]],
    ['__proto__ as a key', 'key,status\n__proto__,x\n', [row('__proto__', { status: 'x' })]],
  ];
  it.each(cases)('may have %s', (_, csv, expected) => {
    expect(counts(imported(csv))).toEqual(['Succeeded', expected.length, 0, 0]);
    expect(rows()).toEqual(expected);
  });

  it.each([
    ['nothing', ''],
    ['an unknown column', 'key,colour\na,red\n'],
    ['no key', 'status\nx\n'],
    ['a column twice', 'key,status,status\na,x,y\n'],
    ['a column by name and by title', 'key,status,State of it\na,x,y\n'],
    ['a title of two columns', 'key,One title\na,1\n'],
    ['a title in other case', 'strategy,status\na,x\n'],
    ['an inherited column', 'key,toString\na,x\n'],
    ['a byte order mark', '\uFEFFkey\na\n'],
    ['an empty first line', '\nkey\na\n'],
    ['semicolons', 'key;status\na;x\n'],
    ['JSON', '[{"key":"a"}]'],
    ['an open quote', 'key,status\na,"x\n'],
    ['a quote inside a bare field', 'key,status\na,x"y\n'],
    ['text after a quote', 'key,status\na,"x"y\n'],
    ['a space before a quote', 'key,status\na, "x"\n'],
    ['a carriage return alone', 'key,status\ra,x\r'],
  ])('fails as a whole with %s, and changes nothing', (_, csv) => {
    world.send('POST', `${table}/rows`, { key: 'old' });
    const audited = world.org.audits.length;
    const job = imported(csv, 'ReplaceAll');
    expect(counts(job)).toEqual(['Failed', 0, 0, 0]);
    expect(job.errorInformation).toMatchObject({
      code: 'flows.datatables.syntax.error',
      contextId: job.id,
    });
    expect(job.errorInformation.message).not.toBe('');
    expect(rows()).toEqual([row('old')]);
    expect(world.org.audits).toHaveLength(audited);
  });

  const all = 'key,status,share,priority,enabled';
  it.each([
    ['an empty key', ',x,1,1,true'],
    ['a long key', `${'k'.repeat(257)},x,1,1,true`],
    ['a key that was there', 'good,x,1,1,true'],
    ['text for a number', 'bad,x,much,1,true'],
    ['an infinite number', 'bad,x,1e999,1,true'],
    ['a number with a comma', 'bad,x,"1,5",1,true'],
    ['hexadecimal', 'bad,x,0x10,1,true'],
    ['a fraction for an integer', 'bad,x,1,1.5,true'],
    ['an integer that is too large', 'bad,x,1,9007199254740993,true'],
    ['leading zeros', 'bad,x,1,007,true'],
    ['a space before a number', 'bad,x, 1,1,true'],
    ['yes for a boolean', 'bad,x,1,1,yes'],
    ['upper case for a boolean', 'bad,x,1,1,TRUE'],
    ['too few fields', 'bad,x,1,1'],
    ['too many fields', 'bad,x,1,1,true,'],
    ['an empty line', ''],
  ])('fails in one record with %s, and the others go on', (_, record) => {
    const job = imported(`${all}\ngood,,,,\n${record}\nalso,,,,\n`);
    expect(counts(job)).toEqual(['Succeeded', 2, 0, 1]);
    expect(rows()).toEqual([row('also', { status: '' }), row('good', { status: '' })]);
  });

  it('of two records with one key the first is taken, even if it fails', () => {
    expect(counts(imported('key,share\na,1\na,2\nb,x\nb,1\n'))).toEqual(['Succeeded', 1, 0, 3]);
    expect(rows()).toEqual([row('a', { share: 1 })]);
  });

  it('is read by the columns that the table has when it is processed', () => {
    const job = begin();
    upload(job, 'key,more\na,x\n');
    const body = tableBody('Strategies');
    const more = { more: { $id: '/properties/more', type: 'string' } };
    const properties = { ...body.schema.properties, ...more };
    world.send('PUT', table, { ...body, schema: { ...body.schema, properties } });
    world.at += 200;
    expect(rows()).toEqual([row('a', { more: 'x' })]);
  });
});

describe('any rows', () => {
  const text = fc.string({
    unit: fc.oneof(fc.constantFrom('"', ',', '\n', '\r', '\r\n', ' ', '=', '\t'), fc.string()),
  });
  const key = text.filter((value) => value !== '' && value.length <= 256);
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
  const anyRow = fc.record({
    key,
    status: text,
    share: number,
    priority: fc.maxSafeInteger(),
    enabled: fc.boolean(),
  });
  const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
  const field = (value: unknown, always: boolean) =>
    always || /[",\r\n]/.test(String(value)) ? quoted(String(value)) : String(value);

  it('come back from CSV as they went in, whatever was there before', () => {
    const before = fc.uniqueArray(anyRow, { selector: (one) => one.key, maxLength: 5 });
    const after = fc.uniqueArray(anyRow, { selector: (one) => one.key, maxLength: 12 });
    const style = fc.record({ always: fc.boolean(), end: fc.constantFrom('\n', '\r\n') });
    fc.assert(
      fc.property(before, after, style, (there, written, { always, end }) => {
        world = worldOf(SMALL, { rateLimitPerMinute: 0 });
        table = world.send('POST', TABLES, tableBody('Any')).body.selfUri;
        for (const one of there) world.send('POST', `${table}/rows`, one);
        const names = ['enabled', 'key', 'share', 'status', 'priority'] as const;
        const lines = written.map((one) => names.map((name) => field(one[name], always)).join(','));
        const job = imported([names.join(','), ...lines].join(end), 'ReplaceAll');
        const kept = new Set(written.map((one) => one.key));
        const gone = there.filter((one) => !kept.has(one.key)).length;
        expect(counts(job)).toEqual(['Succeeded', written.length, gone, 0]);
        const sorted = [...written].sort((a, b) => (a.key < b.key ? -1 : 1));
        expect(rows()).toEqual(sorted);
      }),
    );
  });

  it('no text at all is beyond it: it succeeds or fails, and the org lives', () => {
    const pieces = fc.constantFrom('key', 'status', '"', '""', ',', '\n', '\r', '\r\n', 'a', '1');
    const broken = fc
      .array(pieces, { maxLength: 30 })
      .map((parts) => `key,status\n${parts.join('')}`);
    fc.assert(
      fc.property(broken, (csv) => {
        expect(['Succeeded', 'Failed']).toContain(imported(csv).status);
      }),
    );
  });
});

describe('what is written down', () => {
  it('is one event for a job, and none for its rows', () => {
    const [ada] = world.org.users.values();
    const before = world.org.audits.length;
    const job = begin('ReplaceAll', 'ui');
    upload(job, 'key,share\na,1\nb,x\n');
    world.at += 200;
    world.send('GET', job.selfUri);
    const events = world.org.audits.slice(before);
    const { id, name } = world.send('GET', table).body;
    expect(events).toMatchObject([
      {
        serviceName: 'Datatables',
        entityType: 'Bulk',
        action: 'Update',
        entity: { id, name, selfUri: table },
        client: { id: '' },
        user: { id: ada?.id, name: 'Ada' },
        propertyChanges: [],
        context: {},
      },
    ]);
  });

  it('of a row that is written by itself stays as it was', () => {
    world.send('POST', `${table}/rows`, { key: 'k/1' });
    const { id } = world.send('GET', table).body;
    expect(world.org.audits.at(-1)).toMatchObject({
      entityType: 'Row',
      entity: { id, name: 'k/1', selfUri: `${table}/rows/k%2F1` },
      context: { datatableId: id, key: 'k/1' },
    });
  });

  it.each(['servicemapping', 'realtime/servicemapping'])('is named by %s', (path) => {
    const { services } = world.send('GET', `/api/v2/audits/query/${path}`).body;
    const entities = services.find(({ name }) => name === 'Datatables')?.entities;
    expect(entities).toContainEqual({ name: 'Bulk', actions: ['Update'] });
  });
});

describe('faults', () => {
  it('make records fail in the next import, and only in that', () => {
    world.org.importFaults = { failKeys: new Set(['b', 'z']), failJob: null };
    expect(counts(imported('key\na\nb\n'))).toEqual(['Succeeded', 1, 0, 1]);
    expect(rows()).toEqual([row('a')]);
    expect(counts(imported('key\na\nb\n'))).toEqual(['Succeeded', 2, 0, 0]);
  });

  it('make a job fail, and only one', () => {
    world.org.importFaults = { failKeys: new Set(['a']), failJob: 'The storage is on fire' };
    const failed = imported('key\na\n');
    expect(counts(failed)).toEqual(['Failed', 0, 0, 0]);
    expect(failed.errorInformation).toMatchObject({
      status: 500,
      message: 'The storage is on fire',
    });
    expect(rows()).toEqual([]);
    expect(counts(imported('key\na\n'))).toEqual(['Succeeded', 1, 0, 0]);
  });
});

describe('over HTTP', () => {
  let simulator: Simulator;
  let now: number;
  const lines: string[] = [];
  const taps: [SimRequest, SimResponse][] = [];
  beforeEach(async () => {
    now = START;
    lines.length = 0;
    taps.length = 0;
    simulator = await startSimulator({
      org: createOrg(DEMO_ORG),
      now: () => now,
      log: (line) => lines.push(line),
      tap: (request, response) => taps.push([request, response]),
    });
  });
  afterEach(() => simulator.close());

  async function call(method: string, path: string, body?: object): Promise<Body> {
    const authorization = `Bearer ${await bearer()}`;
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const answered = await fetch(`${simulator.url}${path}`, {
      method,
      headers: { authorization },
      ...text,
    });
    return (await answered.json()) as Body;
  }

  async function bearer(): Promise<string> {
    const [known] = simulator.org.tokens.keys();
    if (known !== undefined) return known;
    const headers = { authorization: `Basic ${Buffer.from('demo:demo').toString('base64')}` };
    const body = 'grant_type=client_credentials';
    const answered = await fetch(`${simulator.url}/oauth/token`, { method: 'POST', headers, body });
    return ((await answered.json()) as Body).access_token;
  }

  async function started(): Promise<Body> {
    const { selfUri } = await call('POST', TABLES, tableBody('Strategies'));
    return call('POST', `${selfUri}/import/csv/jobs`, { importMode: 'Append' });
  }

  function put({ uploadURI, uploadHeaders }: Body, body: string, more = {}): Promise<Response> {
    return fetch(uploadURI, { method: 'PUT', headers: { ...uploadHeaders, ...more }, body });
  }

  it('a file is taken, and its rows can be read', async () => {
    const job = await started();
    expect(new URL(job.uploadURI).origin).toBe(simulator.url);
    expect((await put(job, 'key,status\r\n"é,日","a\r\nb"\r\n')).status).toBe(200);
    expect((await call('GET', job.selfUri)).status).toBe('Processing');
    now += 200;
    expect(counts(await call('GET', job.selfUri))).toEqual(['Succeeded', 1, 0, 0]);
    const path = job.selfUri.replace(/import\/.*/, 'rows?showbrief=false');
    expect((await call('GET', path)).entities).toEqual([row('é,日', { status: 'a\r\nb' })]);
  });

  it('a token is refused, and so are other headers', async () => {
    const job = await started();
    const authorization = `Bearer ${await bearer()}`;
    expect((await put(job, 'key\na\n', { authorization })).status).toBe(400);
    expect((await put(job, 'key\na\n', { 'Content-Type': 'text/plain' })).status).toBe(403);
    expect((await put(job, 'key\na\n')).status).toBe(200);
  });

  it('a file may be larger than an API body, up to 20 MB', async () => {
    const job = await started();
    const line = `${'k'.repeat(300)}\n`;
    const large = await put(job, `key\n${line.repeat(70_000)}`);
    expect([large.status, ((await large.json()) as Body).code]).toEqual([
      ...[413, 'request.entity.too.large'],
    ]);
    expect((await put(job, `key\n${line.repeat(2000)}`)).status).toBe(200);
    now += 200;
    expect(counts(await call('GET', job.selfUri))).toEqual(['Succeeded', 0, 0, 2000]);
  });

  it('half a file is no file', async () => {
    const job = await started();
    const sent = request(job.uploadURI, {
      method: 'PUT',
      headers: { ...job.uploadHeaders, 'content-length': '1000' },
    });
    sent.on('error', () => undefined);
    // What was handed to the system arrives before the news that nobody sends any more.
    sent.write('key\na\n', () => sent.destroy());
    const patience = { timeout: 60_000 };
    await expect.poll(() => lines.at(-1), patience).toMatch(/^PUT .* 400$/);
    expect((await call('GET', job.selfUri)).status).toBe('WaitingForUpload');
  });

  it('the log does not tell the URL', async () => {
    const job = await started();
    await put(job, 'key\na\n');
    expect(lines.at(-1)).toBe(`PUT "/uploads/datatables/${job.id}/***" 200`);
  });

  it('the tap sees every message before it is sent', async () => {
    const job = await started();
    const [request, response] = taps.at(-1) ?? [];
    expect(request).toMatchObject({ method: 'POST', body: '{"importMode":"Append"}' });
    expect(request?.headers['authorization']).toBe(`Bearer ${await bearer()}`);
    expect(JSON.parse(response?.body ?? '')).toEqual(job);
    await put(job, 'key\na\n');
    expect(taps.at(-1)).toMatchObject([
      { path: new URL(job.uploadURI).pathname, body: 'key\na\n' },
      { status: 200, body: '' },
    ]);
    await fetch(`${simulator.url}/nothing?x=1`);
    expect(taps.at(-1)).toMatchObject([{ path: '/nothing?x=1' }, { status: 404 }]);
    expect(taps).toHaveLength(simulator.requests());
  });
});
