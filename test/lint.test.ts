/** The rules of lint hold where they should: a pattern that matches nothing would say nothing. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { GONE } from './support/gone.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'lint-'));
afterAll(() => rmSync(folder, GONE));

const SCRIPT = 'async function later() {}\nlater();\nconsole.log(new Date());\n';
const SOURCE = `${SCRIPT}export const sure = (given: string | null): string => given!;\n`;

function faultsIn(files: readonly string[]): Record<string, string[]> {
  for (const file of files) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), file.endsWith('.mjs') ? SCRIPT : SOURCE);
  }
  cpSync(path.join(ROOT, 'test/oxlint.json'), path.join(folder, 'test/oxlint.json'));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  const { stdout } = spawnSync(
    process.execPath,
    [
      path.join(ROOT, 'node_modules/oxlint/bin/oxlint'),
      ...['--config', 'test/oxlint.json', '--format', 'json', 'src', 'test', 'schemas'],
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: readonly { readonly filename: string; readonly code: string }[];
  };
  return Object.fromEntries(
    files.map((file) => [
      file,
      [...new Set(diagnostics.filter((one) => one.filename === file).map(({ code }) => code))]
        .map((code) => code.replace(/^\w+\((.*)\)$/, '$1'))
        .sort(),
    ]),
  );
}

describe('the rules of lint', () => {
  it('are strict in src, bar output and time from its pure rooms, and spare tests and scripts', () => {
    const script = ['no-floating-promises'];
    const tested = ['no-console', ...script];
    const source = ['explicit-function-return-type', ...tested, 'no-non-null-assertion'];
    const expected = {
      'src/core/a.ts': [...source, 'no-restricted-globals'],
      'src/view/deep/a.ts': [...source, 'no-restricted-globals'],
      'src/files/a.ts': source,
      'src/a.ts': source,
      'test/core/a.ts': tested,
      'test/a.ts': tested,
      'test/core/a.mjs': script,
      'schemas/a.mjs': script,
      'src/a.mjs': script,
    };
    expect(faultsIn(Object.keys(expected))).toEqual(expected);
  });
});
