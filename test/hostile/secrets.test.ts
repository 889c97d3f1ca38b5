/**
 * Nothing that a run prints or writes holds a secret, a token or the address of an upload, whatever
 * goes wrong: every command against every way to fail, behind a proxy that shows requests back.
 */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request as send, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.js';
import type { World } from '../../src/cli/world.js';
import { plainStyle } from '../../src/render/style.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { startSimulator, type Simulator } from '../../src/simulator/http.js';
import { createOrg } from '../../src/simulator/org.js';
import { isOfStrategies } from '../support/example.js';
import { watchExchange } from '../support/fidelity.js';
import { VirtualClock } from '../support/org.js';
import { GONE } from '../support/gone.js';

const EXAMPLE = new URL('../../strategies', import.meta.url).pathname;
const CLIENT = 'c1ient-0f-the-t3st';
/** With what every encoding writes in its own way. */
const SECRET = 's3cr3t/With+0ddSigns=&more<of>them"%';
const WRONG = 'wr0ng/But+Typ3dIn=&by<a>Person"%';
/** What no form of them changes: tags that are taken out of a page may take a part along. */
const PARTS = ['s3cr3t', '0ddSigns', 'wr0ng', 'Typ3dIn'];
/** Strategies beside those of the example: enough for their rows to be imported. */
const MANY = 40;

/** What stands between the tool and the platform. */
type Proxy = (request: IncomingMessage, body: string) => Answer | null;

type Answer = 'drop' | { readonly status: number; readonly type: string; readonly body: string };

let dir: string;
let clock: VirtualClock;
let simulator: Simulator;
let relay: Server;
let meddle: Proxy;
let needles: Set<string>;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'strategos-secrets-'));
  await cp(EXAMPLE, path.join(dir, 'strategies'), { recursive: true, filter: isOfStrategies });
  await writeFile(path.join(dir, 'strategies', 'many.yaml'), many());
  await writeFile(
    path.join(dir, 'strategies', 'other.yaml'),
    'apiVersion: strategos/v1\nkind: Environment\nmetadata: { name: other }\nspec: { backend: datatable, owner: x }\n',
  );
  clock = new VirtualClock();
  needles = new Set([...PARTS, ...[SECRET, WRONG].flatMap(basic)]);
  const clients = [...(DEMO_ORG.clients ?? []), { id: CLIENT, secret: SECRET }];
  simulator = await startSimulator({
    org: createOrg({ ...DEMO_ORG, clients }, { rateLimitPerMinute: 0 }),
    now: () => clock.now(),
    tap: (request, response) => {
      watchExchange(request, response);
      learn(response.body);
    },
  });
  meddle = () => null;
  relay = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const answer = meddle(incoming, body.toString());
      if (answer === 'drop') incoming.socket.destroy();
      else if (answer !== null) {
        outgoing.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
      } else {
        const { method, url, headers } = incoming;
        const to = { port: simulator.port, host: '127.0.0.1', path: url, method, headers };
        send(to, (response) => {
          outgoing.writeHead(response.statusCode ?? 500, response.headers);
          response.pipe(outgoing);
        }).end(body);
      }
    });
  });
  await new Promise<void>((done) => relay.listen(0, '127.0.0.1', done));
});
afterEach(async () => {
  relay.closeAllConnections();
  await new Promise((done) => relay.close(done));
  await simulator.close();
  await rm(dir, GONE);
});

function many(): string {
  const one = (at: number): string =>
    `apiVersion: strategos/v1\nkind: RoutingStrategy\nmetadata: { name: more-${at} }\n` +
    'spec: { targets: [{ queue: Sales, capacity: 1 }], checks: { capacity: off } }\n';
  return Array.from({ length: MANY }, (_, at) => one(at)).join('---\n');
}

function basic(secret: string): string[] {
  const text = Buffer.from(`${CLIENT}:${secret}`).toString('base64');
  return [text, text.replace(/=+$/, '')];
}

/** Tokens, and the addresses that files go to, from an answer of the platform. */
function learn(text: string): void {
  const token = /"access_token":"([^"]+)"/.exec(text)?.[1];
  if (token !== undefined) needles.add(token).add(token.slice(20, 44));
  const upload = /"uploadURI":"[^"]*\/([^"/]+)"/.exec(text)?.[1];
  if (upload !== undefined) needles.add(upload);
}

interface Ran {
  readonly code: number;
  readonly shown: string;
}

async function strategos(args: readonly string[], secret = SECRET): Promise<Ran> {
  let shown = '';
  // Runs are named by the instant.
  await clock.sleep(1000);
  const { port } = relay.address() as AddressInfo;
  const world: World = {
    env: {
      GENESYS_DOMAIN: `http://127.0.0.1:${port}`,
      GENESYS_CLIENT_ID: CLIENT,
      GENESYS_CLIENT_SECRET: secret,
    },
    workflow: null,
    cwd: dir,
    clock,
    random: { next: () => 0.5 },
    interactive: false,
    outIsTerminal: false,
    paper: { wraps: false },
    status: null,
    every: () => () => undefined,
    actor: 'ada',
    host: 'here',
    version: '0.0.0',
    ask: () => Promise.resolve(''),
    out: (text) => void (shown += text),
    err: (text) => void (shown += text),
    outStyle: plainStyle,
    errStyle: plainStyle,
    onInterrupt: () => () => undefined,
  };
  return { code: await run(args, world), shown };
}

async function written(): Promise<string> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = files.map((one) => readFile(path.join(one.parentPath, one.name), 'utf8'));
  return (await Promise.all(texts)).join('\n');
}

/** Every secret in every dress that a page or a log may put on it. */
function leaks(text: string): string[] {
  const html = (one: string): string =>
    one.replace(/[^A-Za-z0-9]/g, (char) => `&#${char.charCodeAt(0)};`);
  return [...needles].filter((needle) =>
    [
      ...[needle, encodeURIComponent(needle), html(needle), JSON.stringify(needle).slice(1, -1)],
      ...[Buffer.from(needle).toString('base64'), named(needle), needle.replaceAll('/', '\\/')],
    ].some((dress) => text.includes(dress)),
  );
}

function named(text: string): string {
  const names: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' };
  return text.replace(/[&<>"]/g, (char) => `&${names[char] ?? ''};`);
}

async function expectSilence(shown: string): Promise<void> {
  expect(leaks(`${shown}\n${await written()}`)).toEqual([]);
}

/** The request as some error pages show it. */
function dump(request: IncomingMessage, body: string): string {
  const { authorization = '' } = request.headers;
  const plain = Buffer.from(authorization.split(' ')[1] ?? '', 'base64').toString();
  return [authorization, plain, JSON.stringify(request.headers), request.url, body].join('\n');
}

const DRESSES: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  entities: (text) => text.replace(/[^A-Za-z0-9\n ]/g, (char) => `&#${char.charCodeAt(0)};`),
  hexadecimal: (text) =>
    text.replace(/[^A-Za-z0-9\n ]/g, (char) => `&#x${char.charCodeAt(0).toString(16)};`),
  names: named,
  percent: encodeURIComponent,
};

function page(status: number, dress = 'plain'): Proxy {
  return (request, body) => ({
    status,
    type: 'text/html',
    body: `<html><body><h1>${DRESSES[dress]?.(dump(request, body))}</h1></body></html>`,
  });
}

/** The platform's form, in the JSON that is safe inside a page. */
function json(status: number): Proxy {
  return (request, body) => {
    const text = JSON.stringify({ code: 'not.allowed', message: dump(request, body), status });
    const escaped = (char: string): string =>
      `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
    return {
      status,
      type: 'application/json',
      body: text.replace(/[=+&<>']/g, escaped).replaceAll('/', '\\/'),
    };
  };
}

const FAILURES: readonly (readonly [string, Proxy])[] = [
  ...Object.keys(DRESSES).map((dress) => [`403, ${dress}`, page(403, dress)] as const),
  ['401', page(401)],
  ['403 in JSON', json(403)],
  ['429', page(429)],
  ['500', page(500)],
  ['500 in JSON', json(500)],
  ['502', page(502, 'entities')],
  ['a page in place of an answer', page(200)],
  ['JSON in place of an answer', json(200)],
  ['a redirection', page(302)],
  ['a broken connection', () => 'drop'],
];

const AT = ['--env', 'demo'];
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  plan: ['plan', ...AT, '--out', 'plan.json', '--verbose'],
  apply: ['apply', ...AT, '--yes', '--verbose'],
  drift: ['drift', ...AT, '--verbose'],
  export: ['export', ...AT, '--out', 'exported', '--overwrite', '--verbose'],
  compare: ['compare', '--from', 'demo', '--to', 'other', '--verbose'],
  unlock: ['unlock', ...AT, '--yes', '--verbose'],
};

const isToken = ({ url = '' }: IncomingMessage): boolean => url.startsWith('/oauth/token');

describe('a run that succeeds', () => {
  it('tells no secret, in any command and form', async () => {
    let shown = '';
    const go = async (args: readonly string[], code = 0): Promise<void> => {
      const ran = await strategos(args);
      expect([args, ran.code, ran.code === code ? '' : ran.shown]).toEqual([args, code, '']);
      shown += ran.shown;
    };
    await go(['validate']);
    for (const format of ['text', 'json', 'markdown', 'html']) {
      await go(['plan', ...AT, '--format', format]);
    }
    for (const command of Object.values(COMMANDS)) await go(command);
    const runs = await readdir(path.join(dir, '.strategos', 'runs'));
    const apply = runs.find((one) => one.includes('-apply-')) ?? '';
    await go(['rollback', apply, ...AT, '--yes', '--force', '--verbose']);
    await go(['audit', 'show']);
    await go(['audit', 'show', apply]);
    await go(['audit', 'verify', '--format', 'json']);
    // The test would see nothing if it did not know what to look for.
    expect([...simulator.org.imports.keys()].length).toBeGreaterThan(0);
    expect(needles.size).toBeGreaterThan(12);
    await expectSilence(shown);
  });

  it('would be noticed', async () => {
    await writeFile(path.join(dir, 'note.txt'), encodeURIComponent(SECRET));
    expect(leaks(await written())).toEqual(['s3cr3t', '0ddSigns']);
  });
});

describe.each(Object.entries(COMMANDS))('%s tells no secret', (_name, command) => {
  it('when the secret is wrong', async () => {
    const { code, shown } = await strategos(command, WRONG);
    expect(code).toBe(6);
    await expectSilence(shown);
  });

  it('when the proxy answers the login, or everything but the login', async () => {
    let all = '';
    for (const [failure, proxy] of FAILURES) {
      for (const when of [isToken, (one: IncomingMessage) => !isToken(one)]) {
        meddle = (request, body) => (when(request) ? proxy(request, body) : null);
        const ran = await strategos(command);
        expect([failure, ran.code], ran.shown).not.toEqual([failure, 0]);
        all += ran.shown;
      }
    }
    expect(all).toMatch(/ answered (403|500)/);
    await expectSilence(all);
  });
});

describe('an apply tells no secret when half of it is done', () => {
  it.each(FAILURES)('and then: %s', async (_name, proxy) => {
    let writes = 0;
    meddle = (request, body) => {
      const read = request.method === 'GET' || isToken(request);
      if (!read && !request.url?.includes('/query')) writes += 1;
      return !read && writes > 6 ? proxy(request, body) : null;
    };
    const { code, shown } = await strategos([...(COMMANDS['apply'] ?? [])]);
    expect(writes).toBeGreaterThan(6);
    expect(code, shown).not.toBe(0);
    await expectSilence(shown);
  });

  it('and the tokens die with a page that shows them back', async () => {
    let asked = 0;
    meddle = (request, body) => {
      asked += 1;
      return asked % 9 === 0 ? page(401)(request, body) : null;
    };
    await expectSilence((await strategos([...(COMMANDS['apply'] ?? [])])).shown);
  });

  it('and the file of rows is not taken', async () => {
    meddle = (request, body) =>
      request.url?.startsWith('/uploads') ? page(403)(request, body) : null;
    await expectSilence((await strategos([...(COMMANDS['apply'] ?? [])])).shown);
  });
});
