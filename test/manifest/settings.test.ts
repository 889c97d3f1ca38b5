import { describe, expect, it } from 'vitest';
import { bundle, loadManifests } from '../../src/manifest/load.js';
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
        '  credentials: { clientIdEnv: A }\n' +
        '  guards: { maxDeletes: 3, maxChanges: 12.5 % }\n' +
        '  prune: true\n' +
        '  activation: { timeoutSeconds: 600 }\n' +
        '  requests: { timeoutSeconds: 90 }\n' +
        '  rateLimit: { leave: 50 % }\n' +
        '  wfm: { url: http://localhost:1/x, secretEnv: B }\n',
    );
    expect(found).toMatchObject({
      host: 'http://127.0.0.1:8080',
      credentials: { clientIdEnv: 'A', clientSecretEnv: 'GENESYS_CLIENT_SECRET' },
      guards: {
        maxDeletes: { kind: 'count', value: 3 },
        maxChanges: { kind: 'percent', value: 12.5 },
      },
      prune: true,
      activation: { timeoutMs: 600_000 },
      requests: { timeoutMs: 90_000 },
      rateLimit: { leave: 0.5 },
      wfm: { url: 'http://localhost:1/x', secretEnv: 'B' },
    });
    expect(found?.at('/spec/guards/maxChanges')).toEqual({ file: 'm.yaml', line: 8, column: 28 });
    expect(found?.at('/spec/activation/other')).toMatchObject({ line: 10 });
  });

  it('names its owner, and the tables that go with its backend', () => {
    const owner = '  owner: github.com/acme/routing\n';
    expect(read(`${owner}  datatable: { table: Flows }\n`)).toMatchObject({
      owner: 'github.com/acme/routing',
      tables: { objects: 'Flows', state: 'Flows (strategos)' },
    });
    // An object of one backend is none of the other: their records are kept apart.
    const text = environment('').replace('datatable', 'strategies-api');
    const { environment: other } = bundle(loadManifests([source(text)]), undefined);
    expect(other?.tables.state).toBe('Routing Strategies API (strategos)');
  });

  it.each(['0%', '100%', '100.0%', '99.99 %', '0', '12'])('admits the guard %s', (guard) => {
    expect(issuesOf(environment(`  guards: { maxDeletes: ${guard} }\n`))).toEqual([]);
  });

  it.each(['101%', '100.1%', '-1', '-1%', '1.5', '"5"', '%', 'ten%', 'true'])(
    'refuses the guard %s',
    (guard) => {
      expect(issuesOf(environment(`  guards: { maxDeletes: ${guard} }\n`))).toHaveLength(1);
    },
  );
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
    ['https://proxy.example:8443', 'https://proxy.example:8443'],
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
    'https://mypurecloud.com/api',
    'https://mypurecloud.com?x',
    'https://mypurecloud.com#x',
    'https://user@mypurecloud.com',
    'http://127.0.0.1@evil.example',
    'mypurecloud.com/api',
    'mypurecloud.com:443',
    'localhost',
    'my purecloud.com',
    '.com',
    'a..com',
    'http://',
  ])('may not be %s', (text) => {
    expect(hostOf(text)).toBeNull();
    expect(issuesOf(environment(`  host: "${text}"\n`))).toHaveLength(1);
  });

  it('that names a service is told the region', () => {
    expect(issuesOf(environment('  host: login.usw2.pure.cloud\n'))).toEqual([
      'm.yaml:6:3 invalid-host spec.host: "login.usw2.pure.cloud" names one service of a region ' +
        '(write usw2.pure.cloud)',
    ]);
  });

  it('without encryption is refused together with the other address', () => {
    const spec =
      '  host: http://mypurecloud.com\n  wfm: { url: "http://wfm.example/x", secretEnv: A }\n';
    expect(issuesOf(environment(spec))).toEqual([
      'm.yaml:6:3 insecure-address spec.host: http:// to mypurecloud.com: only https is accepted, and http to loopback ' +
        '(write a region such as mypurecloud.com, or http://127.0.0.1:PORT of a simulator)',
      'm.yaml:7:10 insecure-address spec.wfm.url: http:// to wfm.example: only https is accepted, and http to loopback ' +
        '(write an address such as https://wfm.example.com/hooks/routing)',
    ]);
  });
});
