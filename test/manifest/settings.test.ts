import { describe, expect, it } from 'vitest';
import { bundle, loadManifests } from '../../src/manifest/load.js';
import { allowedBy, variableProblem } from '../../src/manifest/allowed.js';
import { hostOf } from '../../src/manifest/settings.js';
import { environment, issuesOf, source } from './issue-text.js';

describe('an Environment', () => {
  const read = (spec: string) =>
    bundle(loadManifests([source(environment(spec))]), undefined).environment;

  it('has defaults', () => {
    expect(read('')).toMatchObject({
      name: 'prod',
      host: null,
      backend: 'datatable',
      owner: null,
      tables: { objects: 'Routing Strategies', state: 'Routing Strategies (strategos)' },
      credentials: { clientIdEnv: 'GENESYS_CLIENT_ID', clientSecretEnv: 'GENESYS_CLIENT_SECRET' },
      guards: {
        maxDeletes: { kind: 'percent', value: 10 },
        maxChanges: { kind: 'percent', value: 50 },
      },
      prune: false,
      activation: { timeoutMs: 30_000 },
      requests: { timeoutMs: 60_000 },
      rateLimit: { leave: 0.3 },
      wfm: null,
    });
  });

  it('says what is written, and where', () => {
    const found = read(
      '  host: http://127.0.0.1:8080/\n' +
        '  credentials: { clientIdEnv: GENESYS_A }\n' +
        '  guards: { maxDeletes: 3, maxChanges: 12.5 % }\n' +
        '  prune: true\n' +
        '  activation: { timeoutSeconds: 600 }\n' +
        '  requests: { timeoutSeconds: 90 }\n' +
        '  rateLimit: { leave: 50 % }\n' +
        '  wfm: { url: http://localhost:1/x, secretEnv: WFM_B }\n',
    );
    expect(found).toMatchObject({
      host: 'http://127.0.0.1:8080',
      credentials: { clientIdEnv: 'GENESYS_A', clientSecretEnv: 'GENESYS_CLIENT_SECRET' },
      guards: {
        maxDeletes: { kind: 'count', value: 3 },
        maxChanges: { kind: 'percent', value: 12.5 },
      },
      prune: true,
      activation: { timeoutMs: 600_000 },
      requests: { timeoutMs: 90_000 },
      rateLimit: { leave: 0.5 },
      wfm: { url: 'http://localhost:1/x', secretEnv: 'WFM_B' },
    });
    expect(found?.at('/spec/guards/maxChanges')).toEqual({ file: 'm.yaml', line: 8, column: 28 });
    expect(found?.at('/spec/activation/other')).toMatchObject({ line: 10 });
  });

  it('names its owner and its tables, of which one has the records whatever the backend is', () => {
    const owner = '  owner: github.com/acme/routing\n';
    expect(read(`${owner}  datatable: { table: Flows }\n`)).toMatchObject({
      owner: 'github.com/acme/routing',
      tables: { objects: 'Flows', state: 'Flows (strategos)' },
    });
    const text = environment('').replace('datatable', 'strategies-api');
    const { environment: other } = bundle(loadManifests([source(text)]), undefined);
    expect(other?.tables.state).toBe('Routing Strategies (strategos)');
  });

  it.each(['Routing Strategies API', 'routing strategies api'])(
    'lets no table be called %s: its records would be taken for those of older versions',
    (table) => {
      const [issue, ...more] = issuesOf(environment(`  datatable: { table: "${table}" }\n`));
      expect(issue).toMatch(/^m\.yaml:6:16 reserved-table spec\.datatable\.table: /);
      expect(more).toEqual([]);
    },
  );

  it.each(['0%', '100%', '100.0%', '99.99 %', '0', '12'])('admits the guard %s', (guard) => {
    expect(issuesOf(environment(`  guards: { maxDeletes: ${guard} }\n`))).toEqual([]);
  });

  it.each(['101%', '100.1%', '-1', '-1%', '1.5', '"5"', '%', 'ten%', 'true'])(
    'refuses the guard %s',
    (guard) => {
      expect(issuesOf(environment(`  guards: { maxDeletes: ${guard} }\n`))).toHaveLength(1);
    },
  );

  it.each([
    ['queue', 'did you mean Queue?'],
    ['Queues', 'did you mean Queue?'],
    ['data-table', 'did you mean DataTable?'],
    ['Overlay', 'there are RoutingStrategy'],
  ])('has no limits for %s, which is no kind', (kind, hint) => {
    const guards = `  guards: { kinds: { ${kind}: { maxDeletes: 1 } } }\n`;
    const found = issuesOf(environment(guards));
    expect(found).toHaveLength(1);
    expect(String(found[0])).toContain(`unknown-kind spec.guards.kinds.${kind}:`);
    expect(String(found[0])).toContain(hint);
  });
});

describe('a host', () => {
  it.each<[string, string]>([
    ['mypurecloud.com', 'mypurecloud.com'],
    ['USW2.pure.cloud', 'usw2.pure.cloud'],
    ['use2.us-gov-pure.cloud', 'use2.us-gov-pure.cloud'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://127.1.2.3', 'http://127.1.2.3'],
    ['http://localhost:80/', 'http://localhost'],
    ['http://[::1]:9', 'http://[::1]:9'],
  ])('may be %s', (text, expected) => {
    expect(hostOf(text)).toBe(expected);
    expect(issuesOf(environment(`  host: "${text}"\n`))).toEqual([]);
  });

  it.each([
    'http://mypurecloud.com',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://0.0.0.0',
    'http://10.0.0.1',
    'ftp://127.0.0.1',
    'https://user@mypurecloud.com',
    'http://127.0.0.1@evil.example',
    'localhost',
    'my purecloud.com',
    '.com',
    'a..com',
    'http://',
  ])('may not be %s', (text) => {
    expect(hostOf(text)).toBeNull();
    expect(issuesOf(environment(`  host: "${text}"\n`))).toHaveLength(1);
  });

  it.each([
    ...['https://api.mypurecloud.ie', 'https://login.mypurecloud.ie', 'https://mypurecloud.ie/'],
    ...['api.mypurecloud.ie', 'apps.mypurecloud.ie/directory/#/admin', 'MyPureCloud.IE.'],
    ...[
      'https://apps.mypurecloud.ie/directory/',
      'mypurecloud.ie:443',
      'HTTPS://API.MYPURECLOUD.IE',
    ],
  ])('%s is the region of it from a variable, and refused with its name in a manifest', (text) => {
    expect(hostOf(text)).toBe('mypurecloud.ie');
    const [issue, ...others] = issuesOf(environment(`  host: "${text}"\n`));
    expect(others).toEqual([]);
    expect(issue).toContain('(write mypurecloud.ie)');
  });

  it.each([
    ...['mypurecloud.de', 'mypurecloud.com.au', 'usw2.pure.cloud', 'use2.us-gov-pure.cloud'],
    ...['edee1.eusc-pure.cloud', 'apse1.pure.cloud', 'mxc1.pure.cloud'],
  ])('may be the region %s, in any case', (region) => {
    expect(hostOf(region.toUpperCase())).toBe(region);
    expect(issuesOf(environment(`  host: "${region.toUpperCase()}"\n`))).toEqual([]);
  });

  it.each([
    ['mypureclod.ie', 'mypurecloud.ie'],
    ['mypurecloud.ei', 'mypurecloud.ie'],
    ['https://api.mypurecloud.cm', 'mypurecloud.com'],
    ['login.usw2.pure.clod', 'usw2.pure.cloud'],
    ['euw2.purecloud', 'euw2.pure.cloud'],
  ])('%s never gets the credentials: did you mean %s?', (text, region) => {
    expect(hostOf(text)).toBeNull();
    const [issue] = issuesOf(environment(`  host: "${text}"\n`));
    expect(issue).toContain(`did you mean ${region}?`);
  });

  it.each(['evil.example', 'https://evil.example', 'mypurecloud.com.evil.example', 'a.pure.cloud'])(
    '%s is allowed only by a list outside of git',
    (text) => {
      const host = text.replace('https://', '');
      const [allowed, other] = [host, `x${host}`].map((one) =>
        allowedBy({ STRATEGOS_ALLOW_HOSTS: `a.example, ${one}` }),
      );
      expect([hostOf(text), hostOf(text, allowed), hostOf(text, other)]).toEqual([
        null,
        text,
        null,
      ]);
      const [issue] = issuesOf(environment(`  host: "${text}"\n`));
      expect(issue).toContain('list it in STRATEGOS_ALLOW_HOSTS, outside of git');
    },
  );

  it('that names a service is told the region', () => {
    expect(issuesOf(environment('  host: login.usw2.pure.cloud\n'))).toEqual([
      'm.yaml:6:3 invalid-host spec.host: "login.usw2.pure.cloud" names one service of a region ' +
        '(write usw2.pure.cloud)',
    ]);
  });

  it('without encryption is refused together with the other address', () => {
    const spec =
      '  host: http://mypurecloud.com\n  wfm: { url: "http://wfm.example/x", secretEnv: WFM_A }\n';
    expect(issuesOf(environment(spec))).toEqual([
      'm.yaml:6:3 insecure-address spec.host: http:// to mypurecloud.com: only https is accepted, and http to loopback ' +
        '(write a region such as mypurecloud.com, or http://127.0.0.1:PORT of a simulator)',
      'm.yaml:7:10 insecure-address spec.wfm.url: http:// to wfm.example: only https is accepted, and http to loopback ' +
        '(write an address such as https://wfm.example.com/hooks/routing)',
    ]);
  });
});

describe('variables that a manifest may name', () => {
  it.each([
    'credentials: { clientSecretEnv: GITHUB_TOKEN }',
    'credentials: { clientSecretEnv: AWS_SECRET_ACCESS_KEY }',
    'credentials: { clientIdEnv: GITHUB_TOKEN }',
    'credentials: { clientIdEnv: GENESYS_CLIENT_SECRET }',
    'credentials: { clientSecretEnv: WFM_SIGNING_SECRET }',
    'credentials: { clientSecretEnv: XGENESYS_SECRET }',
    'credentials: { clientSecretEnv: GENESYS_ }',
    'wfm: { url: "https://wfm.example/x", secretEnv: GITHUB_TOKEN }',
    'wfm: { url: "https://wfm.example/x", secretEnv: NPM_TOKEN }',
  ])('refuses %s', (spec) => {
    const [issue, ...others] = issuesOf(environment(`  ${spec}\n`));
    expect(others).toEqual([]);
    expect(issue).toContain('variable-not-allowed');
  });

  it.each([
    'credentials: { clientIdEnv: GENESYS_PROD_ID, clientSecretEnv: GENESYS_PROD_SECRET }',
    'wfm: { url: "https://wfm.example/x", secretEnv: WFM_SIGNING_SECRET }',
    'wfm: { url: "https://wfm.example/x", secretEnv: GENESYS_WFM_SECRET }',
  ])('takes %s', (spec) => {
    expect(issuesOf(environment(`  ${spec}\n`))).toEqual([]);
  });

  it('takes what is listed outside of git, and nothing near it', () => {
    const allowed = allowedBy({ STRATEGOS_ALLOW_ENV: 'ORG_SECRET, OTHER' });
    expect(variableProblem('clientSecretEnv', 'ORG_SECRET', allowed)).toBeNull();
    expect(variableProblem('clientSecretEnv', 'ORG_SECRET_2', allowed)).not.toBeNull();
  });
});
