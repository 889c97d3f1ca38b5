/** What a shell offers while somebody types: words of the command line, names, runs. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAIN, Workplace } from '../support/cli.js';

let place: Workplace;
const RUN = '20261126T090000000Z-apply-00c0ffee';

beforeAll(async () => {
  place = await Workplace.open();
  mkdirSync(path.join(place.dir, '.strategos/runs', RUN), { recursive: true });
});
afterAll(() => place.close());

const next = async (...words: string[]): Promise<string[]> => {
  const { stdout, code } = await place.strategos(['complete', '--', ...words]);
  expect(code).toBe(0);
  return stdout.split('\n').slice(0, -1);
};

describe('completion', () => {
  it.each([
    ['a command', ['pl'], ['plan']],
    ['commands below one', ['audit', ''], ['show', 'trail', 'verify']],
    ['an option', ['plan', '--det'], ['--detailed-exitcode']],
    ['forms', ['export', '--format', ''], ['json', 'text']],
    ['environments', ['plan', '--env', ''], ['demo']],
    ['environments by the short option', ['drift', '-e', 'd'], ['demo']],
    ['kinds and names', ['plan', '--target', 'RoutingStrategy/b'], ['RoutingStrategy/billing']],
    [
      'further names of one list',
      ['plan', '--target', 'billing', 'RoutingStrategy/s'],
      ['RoutingStrategy/sales'],
    ],
    ['an option after a list', ['plan', '--target', 'billing', '--out'], ['--out']],
    ['runs', ['rollback', ''], [RUN, 'latest']],
    ['runs of a folder that is not there', ['rollback', '--runs', 'nowhere', ''], ['latest']],
    ['shells', ['completion', ''], ['bash', 'fish', 'zsh']],
    ['nothing where a file is wanted', ['plan', '--out', ''], []],
    ['nothing that it does not know', ['frob', 'x', '-'], []],
  ])('of %s', async (_what, words, expected) => {
    expect(await next(...words)).toEqual(expected);
  });

  it('hides what people do not type', async () => {
    expect(await next('comp')).toEqual(['compare', 'completion']);
  });

  it('is silent where manifests are broken, and runs no control character', async () => {
    await place.write('strategies/odd.yaml', 'kind: [\n');
    await place.write(
      'strategies/named.yaml',
      'apiVersion: strategos/v1\nkind: RoutingStrategy\nmetadata: { name: "a\\e[2J" }\n',
    );
    expect(await next('plan', '--target', 'RoutingStrategy/a')).toEqual([]);
  });

  it.each(['bash', 'zsh', 'fish'])('of %s is a script that the shell can read', (shell) => {
    const script = execFileSync(process.execPath, [MAIN, 'completion', shell]);
    const { status, error } = spawnSync(shell, ['-n'], { input: script });
    // A shell that is not here cannot read it.
    if (error === undefined) expect(status).toBe(0);
    expect(script.toString()).toContain('complete --');
  });

  it('works in bash, with names that have blanks', async () => {
    await place.write(
      'strategies/blank.yaml',
      'apiVersion: strategos/v1\nkind: RoutingStrategy\nmetadata: { name: zero one }\n',
    );
    const bin = path.join(place.dir, 'bin');
    mkdirSync(bin);
    const file = path.join(bin, 'strategos');
    writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
    chmodSync(file, 0o755);
    const script =
      `eval "$(strategos completion bash)"\n` +
      `COMP_WORDS=(strategos plan --target RoutingStrategy/z); COMP_CWORD=3; _strategos\n` +
      `printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = { ...place.environment({}), PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    const typed = execFileSync('bash', ['-c', script], { cwd: place.dir, env });
    expect(typed.toString()).toBe('RoutingStrategy/zero\\ one\n');
  });
});
