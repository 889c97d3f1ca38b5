/** `simulator --faults --seed`: the demo's apply on a bad day, and the same day once more. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect } from 'vitest';
import { printed, type Workplace } from '../support/cli.js';
import { it } from '../support/side-by-side.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const FAULTS = fileURLToPath(new URL('faults.yaml', import.meta.url));

interface Running {
  readonly url: string;
  /** Ends it; a line a request, as it told them. */
  readonly stop: () => Promise<string[]>;
}

/** The simulator as a user starts it. */
async function start(place: Workplace, args: readonly string[]): Promise<Running> {
  const child: ChildProcess = spawn(process.execPath, [MAIN, 'simulator', ...args], {
    cwd: place.dir,
    stdio: 'pipe',
  });
  let out = '';
  let err = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  await printed(() => out, 'GENESYS_CLIENT_ID');
  return {
    url: /http:\/\/127\.0\.0\.1:\d+/.exec(out)?.[0] ?? '',
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'close');
      return err.split('\n').filter((line) => line !== '');
    },
  };
}

describe.concurrent.each(['strategies-api', 'datatable'] as const)(
  'on a bad day, %s',
  (backend) => {
    it('an apply comes to its end, and the plan after it is empty', async ({ open }) => {
      const place = await open();
      const environment = 'strategies/environment.yaml';
      const text = await place.read(environment);
      await place.write(environment, text.replace(/^ {2}backend: .*$/m, `  backend: ${backend}`));
      const bad = await start(place, ['--faults', FAULTS, '--seed', '6', '--rate-limit', '0']);
      const env = { GENESYS_DOMAIN: bad.url };
      // That org has a clock of its own, by which it may be asked again.
      const applied = await place.process(['apply', '--yes'], { env });
      const plan = await place.process(['plan', '--detailed-exitcode'], { env });
      const hit = (await bad.stop()).filter((line) => line.endsWith(')'));
      expect(applied).toMatchObject({ code: 0, stdout: expect.stringContaining('3 created') });
      expect(plan).toMatchObject({ code: 0, stdout: expect.stringContaining('3 unchanged') });
      expect(hit.length).toBeGreaterThan(5);
      expect(hit.some((line) => line.includes('no answer (drop-'))).toBe(true);
      expect(hit.some((line) => line.includes(' 429 (too-many-requests)'))).toBe(true);
    });
  },
);

describe.concurrent('a faults file', () => {
  it('gives the same answers with the same seed', async ({ open }) => {
    const place = await open();
    const day = async (): Promise<string[]> => {
      const bad = await start(place, ['--faults', FAULTS, '--seed', '11']);
      for (let at = 0; at < 40; at += 1) {
        await fetch(`${bad.url}/api/v2/routing/skills?pageNumber=${at}`).catch(() => null);
      }
      return bad.stop();
    };
    const [first, second] = [await day(), await day()];
    expect(first).toEqual(second);
    expect(first).toHaveLength(40);
    expect(first.some((line) => line.includes('server-error'))).toBe(true);
  });

  it('that is wrong is named with its line, and nothing is started', async ({ open }) => {
    const place = await open();
    await place.write('faults.yaml', 'rules:\n  - fault: latensy\n');
    const ended = await place.strategos(['simulator', '--faults', 'faults.yaml']);
    expect([ended.code, ended.stdout]).toEqual([3, '']);
    expect(ended.stderr).toContain('faults.yaml:2:5');
  });

  it('that is not there is told', async ({ open }) => {
    const place = await open();
    const ended = await place.strategos(['simulator', '--faults', path.join('no', 'where')]);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain('the faults file cannot be read (ENOENT)');
  });

  it('without a seed gets one, which is told', async ({ open }) => {
    const place = await open();
    await place.write('faults.yaml', '');
    const ended = await place.strategos(['simulator', '--faults', 'faults.yaml'], {
      onStart: (kill, seen) => void printed(seen, 'GENESYS_CLIENT_ID').then(() => kill('SIGTERM')),
    });
    expect(ended.stdout).toMatch(/^Faults from faults.yaml with --seed \d{1,6}\.$/m);
  });
});
