/** Names that are orders, in a live org: what every command prints and writes shows just the name. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.js';
import type { World } from '../../src/cli/world.js';
import { plainStyle } from '../../src/render/style.js';
import { startSimulator, type Simulator } from '../../src/simulator/http.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { createOrg } from '../../src/simulator/org.js';
import { VirtualClock } from '../support/org.js';

const EVIL =
  '\u001b[2J\u009b1m\u202e\u200b\r\n::error::x\n##[error]y\u2028::z:: ../../../x @acme/team <b> |`#1';
const RAW = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\ufeff]/;

const strategy = (name: string, queue: string) => ({
  name,
  selectionCriteria: { skills: [{ skill: EVIL }] },
  targets: [{ queue, priority: 1, weight: 1, capacity: 1 }],
});
const ORG: OrgFile = {
  organization: { name: EVIL },
  clients: [{ id: 'demo', secret: 'demo' }],
  skills: [EVIL],
  users: [{ name: EVIL, skills: [EVIL] }],
  queues: [
    { name: EVIL, members: [EVIL] },
    { name: 'Sales', members: [EVIL] },
  ],
  strategies: [strategy(EVIL, EVIL), strategy(`-${EVIL}`, 'Sales'), strategy('mine', EVIL)],
};

const MANIFESTS = `apiVersion: strategos/v1
kind: Environment
metadata: { name: prod }
spec: { backend: strategies-api, owner: x, prune: true }
---
apiVersion: strategos/v1
kind: Environment
metadata: { name: other }
spec: { backend: strategies-api, owner: x }
---
apiVersion: strategos/v1
kind: RoutingStrategy
metadata: { name: mine, adopt: true }
spec: { targets: [{ queue: Sales, capacity: 1 }], checks: { skills: warn } }
`;

let dir: string;
let simulator: Simulator;
const clock = new VirtualClock();

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'strategos-names-'));
  await mkdir(path.join(dir, 'strategies'));
  await writeFile(path.join(dir, 'strategies', 'a.yaml'), MANIFESTS);
  simulator = await startSimulator({ org: createOrg(ORG), now: () => clock.now() });
});
afterAll(async () => {
  await simulator.close();
  await rm(dir, { recursive: true });
});

async function strategos(args: readonly string[]): Promise<{ code: number; shown: string }> {
  let shown = '';
  await clock.sleep(1000);
  const world: World = {
    env: {
      GENESYS_DOMAIN: simulator.url,
      GENESYS_CLIENT_ID: 'demo',
      GENESYS_CLIENT_SECRET: 'demo',
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
    actor: EVIL,
    host: EVIL,
    version: '0',
    ask: () => Promise.resolve(''),
    out: (text) => void (shown += text),
    err: (text) => void (shown += text),
    outStyle: plainStyle,
    errStyle: plainStyle,
    onInterrupt: () => () => undefined,
  };
  return { code: await run(args, world), shown };
}

function expectHarmless(text: string): void {
  expect(text).not.toMatch(RAW);
  expect(text).not.toContain('##[');
  expect(text.split('\n').filter((line) => line.trim().startsWith('::'))).toEqual([]);
}

const FORMATS = ['text', 'json', 'markdown', 'html'];
const AT = ['--env', 'prod', '--verbose'];

describe('a live org of hostile names', () => {
  it.each(FORMATS.flatMap((format) => ['plan', 'drift'].map((one) => [one, format] as const)))(
    '%s as %s',
    async (command, format) => {
      const { code, shown } = await strategos([command, ...AT, '--format', format]);
      expect([0, 2]).toContain(code);
      // Of JSON an escape of its own, elsewhere one that people read.
      expect(shown).toMatch(/u\{?202e/);
      expectHarmless(shown);
    },
  );

  it.each(FORMATS)('compare as %s', async (format) => {
    const sides = ['--from', 'prod', '--to', 'other'];
    const { code, shown } = await strategos(['compare', ...sides, '--format', format]);
    expect(code).toBe(0);
    expectHarmless(shown);
  });

  it('an export stays in its folder, and its files are plain names', async () => {
    const { shown } = await strategos(['export', ...AT, '--out', 'out']);
    expectHarmless(shown);
    const files = await readdir(path.join(dir, 'out'));
    // No manifest can have such a name.
    expect(files).toEqual(['environment.yaml']);
    expect(shown.split('not exported').length).toBeGreaterThan(3);
    // Schemas come along where there are none.
    expect((await readdir(dir)).sort()).toEqual(['.strategos', 'out', 'schemas', 'strategies']);
    expect(await readdir(path.join(dir, 'schemas'))).toContain('routing-strategy.schema.json');
    for (const file of files) {
      const text = await readFile(path.join(dir, 'out', file), 'utf8');
      expectHarmless(text);
    }
  });

  it('an apply, its summary and its log', async () => {
    const { shown } = await strategos(['apply', ...AT, '--yes', '--adopt', '--force']);
    expectHarmless(shown);
    for (const args of [['show'], ['verify'], ['show', '--format', 'json']]) {
      expectHarmless((await strategos(['audit', ...args])).shown);
    }
    const runs = path.join(dir, '.strategos', 'runs');
    for (const id of await readdir(runs)) {
      expectHarmless(await readFile(path.join(runs, id, 'summary.md'), 'utf8'));
      expectHarmless((await strategos(['audit', 'show', id])).shown);
      expectHarmless((await strategos(['audit', 'show', id, '--format', 'json'])).shown);
    }
  });
});
