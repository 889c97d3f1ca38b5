/** What takes long is shown while it does: beside the result, never in it. */
import { stripVTControlCharacters } from 'node:util';
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { MAIN, type Workplace } from '../support/cli.js';
import { it } from '../support/side-by-side.js';

/** Three requests after one another are well over two seconds. */
const SLOW = { latencyMs: 1500, backend: 'datatable' } as const;

describe.concurrent('a plan of a slow org', () => {
  it('is told of on standard error, a line that is complete by itself', async ({ open }) => {
    const place = await open(undefined, SLOW);
    const { stdout, stderr, code } = await place.strategos(['plan']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^reading the org: \d+ of \d+ requests, about \d+ s left$/m);
    expect(stderr).not.toMatch(/[\u001b\r]/);
    expect(stdout).toMatch(/\d+ requests used; an apply will need about \d+\n$/);
  });

  it.for(['text', 'json'])('has the same %s with and without', async (format, { open }) => {
    const place = await open(undefined, SLOW);
    const [loud, quiet] = await Promise.all([
      place.strategos(['plan', '--format', format]),
      place.strategos(['plan', '--format', format, '--quiet']),
    ]);
    expect(quiet.stdout).toBe(loud.stdout);
    expect([quiet.code, quiet.stderr]).toEqual([0, '']);
    expect(loud.stderr).toContain('reading the org: ');
  });
});

const TWO = ['billing', 'sales'];

describe.concurrent('an apply', () => {
  it('tells how many changes are made, and what it waits for', async ({ open }) => {
    // Looked at after one, three and seven seconds, or whatever more a busy machine makes of them.
    const place = await open(undefined, { activationMs: 6000 });
    // Nothing is told of a wait that is over at once, as it is in this process.
    const { stderr, code } = await place.process(['apply', '--yes', '--target', ...TWO]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^making changes: \d of \d changes, .* is activating, \d+ s so far$/m);
  });
});

const hasScript = spawnSync('script', ['--version']).status === 0;

describe.skipIf(!hasScript)('on a terminal', { concurrent: true }, () => {
  /** Both streams of a command line as a terminal gets them. */
  async function typescript(place: Workplace, args: string): Promise<string> {
    const line = `stty cols 100; ${process.execPath} ${MAIN} ${args}`;
    const env = { ...place.environment({ TERM: 'xterm', SHELL: '/bin/sh' }) };
    const options = { cwd: place.dir, env };
    const { stdout } = await promisify(execFile)('script', ['-qec', line, '/dev/null'], options);
    return stdout;
  }

  it('a bar is drawn in its place, and nothing is left of it', async ({ open }) => {
    const place = await open(undefined, SLOW);
    const typed = await typescript(place, 'plan');
    expect(typed).toMatch(/reading the org {2}█*░+ {2}\d+ of \d+ requests, about \d+ s left/);
    const seen = typed.split(/\r?\n/).map((one) => one.split('\r\u001b[2K').at(-1));
    expect(seen.join('\n')).not.toMatch(/[█░]/);
    // Lines are broken between words.
    const words = stripVTControlCharacters(seen.join(' ')).replace(/\s+/g, ' ');
    expect(words).toContain('an apply will need about');
  });

  it('nothing is drawn with --quiet', async ({ open }) => {
    const place = await open(undefined, SLOW);
    expect(await typescript(place, 'plan --quiet')).not.toMatch(/[█░]|reading/);
  });
});
