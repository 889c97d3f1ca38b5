/**
 * One org for each thing that public evidence says otherwise than the simulator does by itself, and
 * the main job in each. What the simulator does is in `src/simulator/BEHAVIOUR.md`, with the same
 * sources.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { textOf, type Json } from '../../../src/core/json.js';
import { DEMO_ORG } from '../../../src/simulator/demo-org.js';
import type { OrgFile } from '../../../src/simulator/org-file-types.js';
import { changed, json, refused, type Manners, type Passing } from '../../support/proxy.js';
import { Evidence } from './main-job.js';

let org: Evidence;
afterEach(() => org.close());

type Body = Record<string, unknown>;

const of =
  (method: string, route: RegExp) =>
  (request: Passing): boolean =>
    request.method === method && route.test(request.path.split('?', 1)[0] ?? '');
const AUDITED = of('GET', /^\/api\/v2\/audits\/query\/[^/]+\/results$/);
const MAPPING = of('GET', /^\/api\/v2\/audits\/query\/(realtime\/)?servicemapping$/);
const TABLES = of('GET', /^\/api\/v2\/flows\/datatables$/);
const MAKES_TABLE = of('POST', /^\/api\/v2\/flows\/datatables$/);
const ROW_PUT = of('PUT', /\/rows\/[^/]+$/);
const MEMBERS = of('GET', /\/queues\/[^/]+\/members$/);
const JOB = of('POST', /\/import\/csv\/jobs$/);

/** What is asked for fits; its JSON is said in another way. */
function saying(fits: (request: Passing) => boolean, change: (body: Body) => unknown): Manners {
  return { tell: (request, said) => (fits(request) ? changed(said, change) : said) };
}

const each = (change: (entity: Body) => Body) => (body: Body) => ({
  ...body,
  ...(Array.isArray(body['entities'])
    ? { entities: (body['entities'] as Body[]).map(change) }
    : {}),
});

const pageSizeIn = ({ path }: Passing): number =>
  Number(new URL(path, 'http://org').searchParams.get('pageSize') ?? 25);

/** Name, source, and how such an org speaks. */
const ORGS: readonly (readonly [string, Manners])[] = [
  [
    // DataDog/integrations-core, genesys_tests.yaml: two records of one org.
    'audit records name no property',
    saying(
      AUDITED,
      each((one) => ({ ...one, propertyChanges: [], entityChanges: [] })),
    ),
  ],
  [
    // The same: `user` without a name also with `expand=user`, `client: {id: ''}`.
    'audit records name nobody',
    saying(
      AUDITED,
      each((one) => ({ ...one, user: idAlone(one['user']), client: { id: '' }, application: '' })),
    ),
  ],
  [
    // Frank-F43/genesys-builder-mcp, audit.py: writes of a client arrive with its id as the user's.
    'the audit has a client as its own user',
    saying(
      AUDITED,
      each((one) => {
        const { id } = (one['client'] ?? {}) as Body;
        return id === '' || id === undefined ? one : { ...one, user: { id } };
      }),
    ),
  ],
  [
    // community.genesys.com, "information-available-in-apiv2auditsquery": ExportType, HasEmail.
    'contexts of the audit are written in other letters',
    saying(
      AUDITED,
      each((one) => ({ ...one, context: pascal(one['context']) })),
    ),
  ],
  [
    'an audited row is known by its address alone',
    saying(
      AUDITED,
      each((one) => {
        const { datatableId = '', key = '' } = (one['context'] ?? {}) as Record<string, string>;
        if (one['entityType'] !== 'Row') return one;
        const selfUri = `/api/v2/flows/datatables/${datatableId}/rows/${encodeURIComponent(key)}`;
        return { ...one, context: {}, entity: { id: 'a row', selfUri } };
      }),
    ),
  ],
  [
    // genesys-admin-app: the cursor of the next page is in `nextUri`.
    'pages of the audit follow an address',
    saying(AUDITED, ({ cursor, ...body }) =>
      cursor === undefined
        ? body
        : {
            ...body,
            nextUri: `/api/v2/audits/query/x/results?cursor=${encodeURIComponent(textOf(cursor as Json))}`,
          },
    ),
  ],
  [
    'the platform audits nothing of data tables',
    saying(MAPPING, (body) => ({
      ...body,
      services: (body['services'] as Body[]).filter(({ name }) => name !== 'Datatables'),
    })),
  ],
  [
    // XxMasterbeasTxX/genesys-admin-app asks for 500 rows; nobody says that every org gives them.
    'pages over 100 are refused',
    {
      meet: (request) =>
        pageSizeIn(request) > 100
          ? refused(400, 'bad.request', 'pageSize must be between 1 and 100')
          : null,
    },
  ],
  [
    'a page has 100 at most, whatever is asked for',
    {
      meet: (request) =>
        pageSizeIn(request) > 100
          ? { ...request, path: request.path.replace(/pageSize=\d+/, 'pageSize=100') }
          : null,
    },
  ],
  [
    // forum 9930.
    'members are listed without totals',
    saying(MEMBERS, (body) => without(body, 'total', 'pageCount')),
  ],
  [
    // Frank-F43: tables made in the UI carry lengths, 0..262144 or, in older code, 0..36000.
    'columns have lengths',
    saying(
      TABLES,
      each((one) => ({ ...one, schema: withLengths(one['schema'] as Body) })),
    ),
  ],
  [
    // developer blog 2021-05-06, a trace: 180 a minute, and other code than the tool expects.
    'the limit is 180 a minute, and is met once',
    limited(),
  ],
];

function without(body: Body, ...names: readonly string[]): Body {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));
}

function idAlone(reference: unknown): unknown {
  const { id } = (reference ?? {}) as Body;
  return id === undefined ? undefined : { id, selfUri: `/api/v2/users/${textOf(id as Json)}` };
}

function pascal(context: unknown): Body {
  const entries = Object.entries((context ?? {}) as Body);
  return Object.fromEntries(
    entries.map(([name, value]) => [name.charAt(0).toUpperCase() + name.slice(1), value]),
  );
}

function withLengths(schema: Body): Body {
  const properties = Object.entries(schema['properties'] as Record<string, Body>).map(
    ([name, one]) => [
      name,
      one['type'] === 'string'
        ? { ...one, minLength: name === 'key' ? 1 : 0, maxLength: name === 'key' ? 256 : 36_000 }
        : one,
    ],
  );
  return { ...schema, properties: Object.fromEntries(properties) };
}

function limited(): Manners {
  let count = 0;
  return {
    meet: ({ path }) => {
      if (!path.startsWith('/api/')) return null;
      count += 1;
      if (count !== 20) return null;
      const text = 'Rate limit exceeded the maximum. Retry the request in [3] seconds';
      const limit = refused(429, 'too.many.requests.retry.after', text);
      return { ...limit, headers: { ...limit.headers, 'retry-after': '3' } };
    },
    tell: (_request, said) => ({
      ...said,
      headers: { ...said.headers, 'inin-ratelimit-allowed': '180', 'inin-ratelimit-reset': '61' },
    }),
  };
}

describe('the main job, where', () => {
  it.each(ORGS)('%s', async (_name, manners) => {
    org = await Evidence.open(manners);
    await org.mainJob();
  });
});

/** An edit of Ada's, minutes after the last apply, as `drift` tells of it. */
async function toldOf(manners: Manners): Promise<string> {
  org = await Evidence.open(manners);
  await org.ends(0, 'apply', '--yes');
  await org.place.clock.sleep(900_000);
  await org.editRow('sales', { target_01_priority: 7 });
  await org.place.clock.sleep(2000);
  return (await org.ends(2, 'drift')).stdout;
}

const mannersOf = (name: string): Manners => {
  const found = ORGS.find(([one]) => one === name);
  if (found === undefined) throw new Error(`there is no org where ${name}`);
  return found[1];
};

describe('who drift names, where', () => {
  it.each([
    ['audit records name no property', /probably by Ada/],
    ['audit records name nobody', /by [\da-f]{8}-\S{27}, /],
    ['the audit has a client as its own user', /by Ada/],
    ['contexts of the audit are written in other letters', /by Ada/],
    ['an audited row is known by its address alone', /by Ada/],
    ['the platform audits nothing of data tables', /the platform audits no Row/],
  ])('%s', async (name, expected) => {
    const told = await toldOf(mannersOf(name));
    expect(told).toMatch(expected);
    expect(told).not.toContain('not in the audit window');
    expect(told).not.toMatch(/by (client )?(demo|root)/);
  });

  it('the audit takes 100 s to gather its records', async () => {
    let askedAtMs = 0;
    const state = of('GET', /^\/api\/v2\/audits\/query\/[^/]+$/);
    const told = await toldOf({
      tell: (request, said) => {
        if (of('POST', /^\/api\/v2\/audits\/query$/)(request)) askedAtMs = org.place.clock.now();
        const isEarly = org.place.clock.now() - askedAtMs < 100_000;
        if (!state(request) || !isEarly) return said;
        return changed(said, (body) => ({ ...body, state: 'Running' }));
      },
    });
    expect(told).toMatch(/by Ada/);
  });
});

describe('a refusal that says what is wrong', () => {
  it.each([
    [
      400,
      {
        error: 'invalid_client',
        description: 'client not found',
        error_description: 'client not found: invalid_client',
      },
    ],
    [
      401,
      {
        error: 'invalid_client',
        description: 'authentication failed',
        error_description: 'authentication failed',
      },
    ],
  ])('of the token, with %d', async (status, body) => {
    // gildas/go-gcloudcx, auth/login_test.go, against an org: 400 for an unknown id.
    org = await Evidence.open({
      meet: ({ path }) => (path.startsWith('/oauth/token') ? json(status, body) : null),
    });
    const { stderr } = await org.ends(6, 'plan');
    expect(stderr).toContain('check the client id and secret, and that they belong to this region');
    expect(stderr).toContain(body.error_description);
  });

  const NEEDED = 'architect:datatableRow:add';
  const text = (names: string): string =>
    'Unable to perform the requested action. You must have at least one of the following ' +
    `permissions assigned: ${names}`;
  it.each([
    ['in brackets, in the message', text(`[${NEEDED}]`), {}],
    [
      'in brackets, beside the message',
      text('[]'),
      { messageParams: { permissions: `[${NEEDED}]` } },
    ],
    ['as a list beside the message', 'no', { messageParams: { permissions: [NEEDED] } }],
    ['without brackets', text(NEEDED), {}],
  ])('of a permission: %s', async (_name, message, more) => {
    // terraform-provider-genesyscloud #277, #340, #1133, #1182.
    const answer = refused(403, 'missing.any.permissions', message, more);
    org = await Evidence.open({
      meet: (request) => (of('POST', /\/rows$/)(request) ? answer : null),
    });
    const { stderr, stdout } = await org.ends(6, 'apply', '--yes');
    expect(stderr + stdout).toContain(`add ${NEEDED} to a role of this OAuth client`);
  });

  it('of a value in a row', async () => {
    // A public client: PUT of a row, `details[0].errorMessage`.
    const errorMessage = 'Invalid value "high" for field target_01_priority';
    const answer = refused(400, 'flows.datatables.syntax.error', 'The row is not valid.', {
      details: [{ errorCode: 'x', fieldName: 'target_01_priority', errorMessage }],
    });
    let isArmed = false;
    org = await Evidence.open({
      meet: (request) =>
        isArmed && ROW_PUT(request) && /billing/.test(request.body) ? answer : null,
    });
    await org.ends(0, 'apply', '--yes');
    await org.place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    isArmed = true;
    const { stdout } = await org.ends(5, 'apply', '--yes');
    expect(stdout).toContain(errorMessage);
  });

  it('of a table that this client cannot see', async () => {
    // genesys-admin-app: tables of divisions that a role does not see are left out without a word.
    const hidden = 'Routing Strategies';
    org = await Evidence.open({
      meet: (request) =>
        MAKES_TABLE(request) && request.body.includes(`"${hidden}"`)
          ? refused(409, 'flows.datatables.not.unique', 'The name is not unique')
          : null,
      ...saying(TABLES, (body) => ({
        ...body,
        entities: (body['entities'] as Body[]).filter(({ name }) => name !== hidden),
      })),
    });
    const { stderr } = await org.ends(4, 'apply', '--yes');
    expect(stderr).toContain(`the org has a data table "${hidden}" that this client cannot see`);
    expect(stderr).toContain('division');
  });
});

describe('a trail in an org that audits nothing of data tables', () => {
  it('says so, and shows what our own runs did', async () => {
    org = await Evidence.open(mannersOf('the platform audits nothing of data tables'));
    await org.ends(0, 'apply', '--yes');
    const { stdout, stderr } = await org.strategos(['audit', 'trail']);
    expect(stdout + stderr).toContain('the platform audits no Row (service Datatables)');
    expect(stdout).toContain('RoutingStrategy/billing');
  });
});

describe('many rows at once', () => {
  const MANY: OrgFile = DEMO_ORG;
  const manifests = (capacity: number): string =>
    Array.from({ length: 120 }, (_, index) =>
      [
        ...[
          'apiVersion: strategos/v1',
          'kind: RoutingStrategy',
          `metadata: { name: many ${index} }`,
        ],
        `spec: { targets: [{ queue: Billing, capacity: ${capacity} }], checks: { capacity: off } }`,
      ].join('\n'),
    ).join('\n---\n');

  it('are read by pages of 100 where more are refused', async () => {
    org = await Evidence.open(mannersOf('pages over 100 are refused'), MANY);
    await org.place.write('strategies/many.yaml', manifests(3));
    await org.ends(0, 'apply', '--yes');
    expect((await org.ends(0, 'apply', '--yes')).stdout).toContain('Nothing to do');
    await org.place.write('strategies/many.yaml', manifests(4));
    await org.ends(0, 'apply', '--yes', '--force');
    expect(org.row('many 119')?.get('spec')).toContain('"capacity":4');
  });

  it('go in files without an empty line at the end', async () => {
    // General help on imports of CSV: no empty line, "which can cause an import failure".
    const files: string[] = [];
    org = await Evidence.open(
      {
        meet: (request) => {
          if (request.path.startsWith('/uploads/')) files.push(request.body);
          const isEmptyAtTheEnd = /[\r\n]$/.test(request.body);
          return request.path.startsWith('/uploads/') && isEmptyAtTheEnd
            ? refused(400, 'bad.request', 'the last line is empty')
            : null;
        },
        ...saying(JOB, (body) => ({
          ...body,
          uploadURI: String(body['uploadURI']).replace(/^http:\/\/[^/]+/, org.proxy.url),
        })),
      },
      MANY,
    );
    await org.place.write('strategies/many.yaml', manifests(3));
    await org.ends(0, 'apply', '--yes');
    expect(files.length).toBe(3);
    expect(org.row('many 119')?.get('spec')).toContain('"capacity":3');
  });
});
