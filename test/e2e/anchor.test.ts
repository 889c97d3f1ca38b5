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
    for (const [id, alone] of [
      [first, 0],
      [middle, 3],
      [last, 0],
    ] as const) {
      await rm(path.join(place.dir, RUNS, id), { recursive: true });
      const org = await verify('--org');
      expect([id, org.code, (await verify()).code]).toEqual([id, 3, alone]);
      expect(org.stdout).toMatch(/is missing|not here are numbers/);
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
