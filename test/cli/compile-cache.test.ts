/** Where compiled modules are kept: at home, and nowhere where there is none. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'strategos-cache-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it.each(['', 'relative', '/proc/none', '/dev/null'])('is nowhere with HOME=%j', (HOME) => {
  const env = { PATH: process.env['PATH'] ?? '', HOME };
  const { status, stderr } = spawnSync(process.execPath, [MAIN, '--version'], { cwd: dir, env });
  expect([status, String(stderr)]).toEqual([0, '']);
  expect(readdirSync(dir)).toEqual([]);
});
