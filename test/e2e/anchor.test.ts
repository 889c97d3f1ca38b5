/** `audit verify --org`: the head in the org against a folder that somebody has had his hands on. */
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/core/audit.js';
import { digestOf } from '../../src/core/canonical.js';
import type { JsonObject } from '../../src/core/json.js';
import { sha256 } from '../../src/files/digest.js';
import { Workplace, type Ended } from '../support/cli.js';

let place: Workplace;
let ids: string[];
const RUNS = '.strategos/runs';

afterEach(() => place.close());

async function verify(...args: readonly string[]): Promise<Ended> {
  return place.strategos(['audit', 'verify', ...args]);
}

/** Three applies that wrote, and a copy of their folder. */
async function applied(backend: 'datatable' | 'strategies-api'): Promise<void> {
  place = await Workplace.open(undefined, { backend });
  for (const capacity of ['8', '9', '10']) {
    await place.edit('strategies/billing.yaml', 'capacity: 8', `capacity: ${capacity}`);
    expect((await place.strategos(['apply', '--yes', '--quiet'])).code).toBe(0);
    await place.edit('strategies/billing.yaml', `capacity: ${capacity}`, 'capacity: 8');
  }
  ids = await place.runs();
  await cp(path.join(place.dir, RUNS), path.join(place.dir, 'kept'), { recursive: true });
}

async function restored(): Promise<void> {
  await rm(path.join(place.dir, RUNS), { recursive: true });
  await cp(path.join(place.dir, 'kept'), path.join(place.dir, RUNS), { recursive: true });
}

/** Says that another person did it, from the run `from` to the end, as somebody who knows how. */
async function computedAnew(from: number): Promise<void> {
  const digests = new Map<string, string>();
  for (const id of ids.slice(from)) {
    const file = `${RUNS}/${id}/audit.jsonl`;
    let previous: string | null = null;
    let text = '';
    for (const line of (await place.read(file)).trim().split('\n')) {
      let fitted = line;
      for (const [old, anew] of digests) fitted = fitted.replaceAll(old, anew);
      const { digest: was, ...body } = JSON.parse(fitted) as AuditRecord;
      const made = { ...body, actor: 'somebody else', previous };
      const digest = digestOf(sha256, made as unknown as JsonObject);
      digests.set(was, digest);
      previous = digest;
      text += `${JSON.stringify({ ...made, digest })}\n`;
    }
    await place.write(file, text);
  }
}

describe.each(['strategies-api', 'datatable'] as const)('the head in the org (%s)', (backend) => {
  beforeEach(() => applied(backend));

  it('finds what is removed and what is computed anew, and nothing else', async () => {
    const before = place.simulator.requests();
    const whole = await verify('--org');
    expect([whole.code, whole.stdout]).toEqual([
      0,
      expect.stringMatching(/intact: 3 runs.*\nrests on the head in the org: .*, number 3, run /s),
    ]);
    expect(place.simulator.requests()).toBeGreaterThan(before);
    expect(await place.runs()).toEqual(ids);
    const [first = '', middle = '', last = ''] = ids;
    // Of what is removed from the ends, the folder alone knows nothing.
    for (const [id, alone, missing, text] of [
      [
        first,
        0,
        'beginning',
        /: incomplete: not here: number 1 of its chain, its beginning: number 2/,
      ],
      [middle, 3, 'between', /: broken: not here: number 2 .* removed, or was never put here/],
      [last, 0, 'end', /: broken: is missing: it is the head in the org, number 3/],
    ] as const) {
      await rm(path.join(place.dir, RUNS, id), { recursive: true });
      const org = await verify('--org');
      expect([id, org.code, (await verify()).code]).toEqual([id, 3, alone]);
      expect(org.stdout).toMatch(text);
      const isRest = org.stdout.includes(
        '\nincomplete: the beginning is not here, the rest is intact',
      );
      expect([id, isRest]).toEqual([id, missing === 'beginning']);
      const json = await verify('--org', '--format', 'json');
      const { intact, problems } = JSON.parse(json.stdout) as {
        intact: boolean;
        problems: { missing?: string }[];
      };
      const where = problems.flatMap((one) => one.missing ?? []);
      expect([intact, where]).toEqual([false, [missing]]);
      await restored();
    }
    await computedAnew(1);
    const alone = await verify();
    expect([alone.code, alone.stdout]).toEqual([0, expect.stringContaining('these files alone')]);
    const org = await verify('--org');
    expect([org.code, org.stdout]).toEqual([3, expect.stringContaining('missing or changed')]);
    await restored();
    for (const { rows } of place.simulator.org.tables.values()) {
      for (const key of rows.keys()) if (key.startsWith('head-')) rows.delete(key);
    }
    const gone = await verify('--org');
    expect([gone.code, gone.stdout]).toEqual([
      3,
      expect.stringContaining('the org has none: its row was deleted'),
    ]);
  });
});

describe('what the org knows and the folder has not', () => {
  beforeEach(() => applied('datatable'));

  it('is said also where the folder of runs is gone', async () => {
    await rm(path.join(place.dir, RUNS), { recursive: true });
    const alone = await verify();
    expect([alone.code, alone.stderr.includes('there are no runs to verify')]).toEqual([3, true]);
    const org = await verify('--org');
    expect(org.code).toBe(3);
    expect(org.stdout).toContain(ids[2]);
    expect(org.stdout).toMatch(/number 3, run /);
  });

  it('may be a read that lags: the head is looked for until it is as late as the logs', async () => {
    const { tables, tableNames } = place.simulator.org;
    const rows = tables.get(tableNames.get('Routing Strategies (strategos)') ?? '')?.rows;
    const key = [...(rows?.keys() ?? [])].find((one) => one.startsWith('head-')) ?? '';
    const now = rows?.get(key);
    const older = JSON.parse(String(now?.get('applied'))) as { number: number };
    const text = JSON.stringify({ ...older, number: 2, run: ids[1] });
    rows?.set(key, new Map([...(now ?? []), ['applied', text]]));
    // As it is again once somebody has looked at it.
    const before = place.simulator.requests();
    const back = setInterval(() => {
      if (place.simulator.requests() > before + 4 && now !== undefined) rows?.set(key, now);
    }, 1);
    try {
      expect((await verify('--org')).code).toBe(0);
    } finally {
      clearInterval(back);
    }
  });
});

describe('audit show', () => {
  beforeEach(() => applied('datatable'));

  it('knows an environment that has had no run yet from a slip of the pen', async () => {
    const show = async (env: string, ...args: readonly string[]): Promise<Ended> =>
      place.strategos(['audit', 'show', '--env', env, ...args]);
    expect(await show('later')).toMatchObject({ code: 3, stdout: '' });
    await place.write(
      'strategies/later.yaml',
      'apiVersion: strategos/v1\nkind: Environment\nmetadata: { name: later }\n' +
        'spec: { host: mypurecloud.com }\n',
    );
    const none = await show('later');
    expect([none.code, none.stdout]).toEqual([
      0,
      'No runs of the environment later in .strategos/runs.\n',
    ]);
    expect(JSON.parse((await show('later', '--format', 'json')).stdout)).toMatchObject({
      runs: [],
    });
    const slip = await show('latr');
    expect([slip.code, slip.stderr]).toEqual([3, expect.stringContaining('no run of the')]);
  });

  it('says of a broken log that it is, shows what it has, and ends with 3', async () => {
    const [id = '', other = ''] = ids;
    const file = `${RUNS}/${id}/audit.jsonl`;
    await place.edit(file, '"type":"planned"', '"type":"checked"');
    const shown = await place.strategos(['audit', 'show', id]);
    expect([shown.code, shown.stderr.includes('cannot be relied on')]).toEqual([3, true]);
    expect(shown.stdout.split('\n').length).toBeGreaterThan(5);
    const json = await place.strategos(['audit', 'show', id, '--format', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ problems: [{ run: id }] });
    expect((await place.strategos(['audit', 'show', other])).code).toBe(0);
    await rm(path.join(place.dir, RUNS, other, 'audit.jsonl'));
    const { code, stdout } = await place.strategos(['audit', 'show']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${id} .*  broken  `, 'm'));
    expect(stdout).toMatch(new RegExp(`^${other} .*  cannot be read  `, 'm'));
  });
});
