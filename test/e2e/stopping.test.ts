/**
 * A signal ends a run whatever it waits for, within five seconds: told by a timer that is set when
 * the signal comes, in the same process, so that a slow machine makes both later.
 */
import { EventEmitter } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Writable, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.js';
import { worldOf, type World } from '../../src/cli/world.js';
import { Workplace } from '../support/cli.js';
import { SECRET } from '../support/endpoint.js';
import { REAL_CLOCK } from '../support/here.js';
import { stateIn, stateTable } from '../support/owned.js';

const LONGEST_MS = 5000;

let place: Workplace;
let server: Server | null = null;

beforeEach(async () => {
  place = await Workplace.open();
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = null;
  await place.close();
});

interface Stopped {
  readonly code: number;
  readonly text: string;
  /** The run was over before the time for it was. */
  readonly inTime: boolean;
}

interface Running {
  /** Sends it, from when on time counts. */
  readonly signal: (name?: 'SIGINT' | 'SIGTERM') => void;
  readonly text: () => string;
  readonly ended: Promise<Stopped>;
}

/** In this process, with signals of its own and a clock that nobody hurries. */
function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  change: (world: World) => World = (world) => world,
): Running {
  const signals = new EventEmitter();
  let text = '';
  const sink = (): Writable =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        text += chunk.toString();
        done();
      },
    });
  const world = worldOf({
    cwd: place.dir,
    env: place.environment(env),
    clock: REAL_CLOCK,
    stdin: Readable.from([]),
    stdout: sink(),
    stderr: sink(),
    signals,
  });
  let inTime = true;
  let timer: NodeJS.Timeout | undefined;
  const signal: Running['signal'] = (name = 'SIGTERM') => {
    timer ??= setTimeout(() => (inTime = false), LONGEST_MS);
    signals.emit(name);
  };
  const ended = run(args, change(world)).then((code) => {
    clearTimeout(timer);
    return { code, text, inTime };
  });
  return { signal, text: () => text, ended };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

function putLock(holder: string): void {
  const table = stateTable(place.simulator.org);
  const empty = [...table.columns.keys()].map((name): [string, string] => [name, '']);
  const lock = { key: 'lock', holder: 'grace', host: 'ci-7', run: holder, at: '2026-01-01' };
  table.rows.set('lock', new Map([...empty, ...Object.entries(lock)]));
}

const lockIsOf = (): string | null => stateIn(place.simulator.org).lock?.run ?? null;

async function verified(): Promise<string> {
  const { code, stdout } = await place.strategos(['audit', 'verify']);
  expect(code).toBe(0);
  return stdout;
}

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (name) => {
  it('while it waits for the lock', async () => {
    putLock('their run');
    const running = start(['apply', '--yes', '--lock-timeout', '600']);
    await until(() => running.text().includes('the lock is held by grace'));
    running.signal(name);
    expect(await running.ended).toMatchObject({ code: 130, inTime: true });
    expect([lockIsOf(), await place.strategies()]).toEqual(['their run', {}]);
    await verified();
  });

  it('while it waits for an answer to its question', async () => {
    let isAsked = false;
    const ask = async (): Promise<string> => {
      isAsked = true;
      return new Promise(() => undefined);
    };
    const running = start(['apply'], {}, (world) => ({ ...world, interactive: true, ask }));
    await until(() => isAsked);
    running.signal(name);
    expect(await running.ended).toMatchObject({ code: 130, inTime: true });
    expect([lockIsOf(), await place.strategies()]).toEqual([null, {}]);
    await verified();
  });

  it('while a watch waits for its next round', async () => {
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    const running = start(['optimize', '--watch', '--interval', '3600']);
    await until(() => /"round":1\b/.test(running.text()));
    running.signal(name);
    expect(await running.ended).toMatchObject({ code: 0, inTime: true });
    expect(lockIsOf()).toBeNull();
    await verified();
  });
});

/** An endpoint that takes a message and never answers. */
async function silentEndpoint(): Promise<{ url: string; isAsked: () => boolean }> {
  let isAsked = false;
  server = createServer((request) => {
    request.resume();
    isAsked = true;
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, isAsked: () => isAsked };
}

describe('while it tells workforce management', () => {
  it.each([1, 2])('%d signals: what was applied is on record, messages wait', async (signals) => {
    const { url, isAsked } = await silentEndpoint();
    const wfm = { WFM_SYNC_URL: url, WFM_SIGNING_SECRET: SECRET };
    const running = start(['apply', '--yes'], wfm);
    await until(isAsked);
    for (let sent = 0; sent < signals; sent += 1) running.signal();
    expect(await running.ended).toMatchObject({ code: 130, inTime: true });
    // The lock was free before.
    expect(lockIsOf()).toBeNull();
    expect(Object.keys(await place.strategies())).toHaveLength(3);
    const outbox = path.join(place.dir, '.strategos', 'runs', 'outbox');
    const waiting = (await readdir(outbox, { recursive: true })).filter((one) => /json$/.test(one));
    expect(waiting).toHaveLength(3);
    await verified();
  });
});

describe('a write that is never answered', () => {
  it.each([
    [1, null],
    [2, 'held'],
  ])('%d signals: its intent stays open, and the next run settles it', async (signals, lock) => {
    const { exchange } = hanging(/POST \/api\/v2\/routing\/strategies$/);
    const running = start(['apply', '--yes', '--verbose'], { GENESYS_DOMAIN: await exchange });
    await until(() => running.text().includes('creating') && held !== null);
    for (let sent = 0; sent < signals; sent += 1) running.signal();
    expect(await running.ended).toMatchObject({ code: 130, inTime: true });
    expect(lockIsOf() === null).toBe(lock === null);
    expect(await verified()).toMatch(/under way then: create of RoutingStrategy\/|open/);
    const next = await place.strategos(['apply', '--yes']);
    expect(next.code).toBe(0);
    expect(await verified()).toMatch(/settled by run /);
  });
});

let held: string | null = null;

/** A hop to the org that passes on all but what it holds for ever. */
function hanging(hangs: RegExp): { readonly exchange: Promise<string> } {
  held = null;
  const to = place.simulator.url;
  const hop = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const line = `${request.method ?? ''} ${request.url ?? ''}`;
      if (hangs.test(line)) {
        held = line;
        return;
      }
      const { authorization = '', 'content-type': type = '' } = request.headers;
      void fetch(`${to}${request.url ?? ''}`, {
        method: request.method ?? 'GET',
        headers: { authorization, 'content-type': type },
        ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
      }).then(async (answer) => {
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(await answer.text());
      });
    });
  });
  server = hop;
  const exchange = new Promise<string>((resolve) =>
    hop.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(hop.address() as AddressInfo).port}`),
    ),
  );
  return { exchange };
}

describe('a folder of runs that is removed while a run is at work', () => {
  it('keeps no lock in the org, and nothing more is written', async () => {
    const running = start(['apply', '--yes', '--verbose']);
    await until(() => running.text().includes('creating'));
    await rm(path.join(place.dir, '.strategos'), { recursive: true, force: true });
    const { code, text } = await running.ended;
    expect(code).not.toBe(0);
    expect(text).toContain('the lock is released; that could not be recorded');
    expect(lockIsOf()).toBeNull();
    expect(Object.keys(await place.strategies()).length).toBeLessThan(3);
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
  });
});
