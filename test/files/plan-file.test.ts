/** A plan on disk: what was written comes back, anything else is refused. */
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError, InvalidInput } from '../../src/core/errors.js';
import type { JsonObject } from '../../src/core/json.js';
import { planDigest } from '../../src/core/plan.js';
import type { Plan } from '../../src/core/types.js';
import { sha256 } from '../../src/files/digest.js';
import { readPlanFile, writePlanFile } from '../../src/files/plan-file.js';
import { bench } from '../support/org.js';
import { live, manifest, ORG, plan, weighing } from '../support/reconcile.js';
import { GONE } from '../support/gone.js';

let dir: string;
let file: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'strategos-plan-'));
  file = path.join(dir, 'plan.json');
});
afterEach(() => rm(dir, GONE));

async function somePlan(): Promise<Plan> {
  const on = bench({ ...ORG, strategies: [live('a', 'Alpha'), live('gone', 'Beta')] });
  const files = { 'a.yaml': weighing('a', 'Alpha', 0.5), 'ü.yaml': manifest('ünï ✓ 🙂', 'Gamma') };
  return (await plan(on, files)).plan;
}

async function refused(at = file): Promise<InvalidInput> {
  const error: unknown = await readPlanFile(at, sha256).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof InvalidInput)) throw new Error(`not refused: ${String(error)}`);
  expect(error.exitCode).toBe(3);
  expect(error.message.startsWith(`${at}: not a plan that can be applied: `)).toBe(true);
  expect(error.message).not.toMatch(/\n|\bat .*:\d+:\d+|node:internal|\.ts\b|stack/);
  expect(error.message.length).toBeLessThan(at.length + 400);
  expect(error.hint).toContain('strategos plan --out');
  return error;
}

/** The plan with something else in it, sealed again where it can be: its digest is right. */
function resealed(made: Plan, over: Record<string, unknown>): string {
  const body = { ...made, ...over } as Plan;
  if (over['changes'] !== undefined) return JSON.stringify(body);
  return JSON.stringify({ ...body, digest: planDigest(body, sha256) });
}

describe('a plan file', () => {
  it('gives back what was written', async () => {
    const made = await somePlan();
    await writePlanFile(file, made);
    expect(await readPlanFile(file, sha256)).toEqual(made);
    expect(await readdir(dir)).toEqual(['plan.json']);
  });

  it('replaces an older one', async () => {
    await writeFile(file, 'old');
    const made = await somePlan();
    await writePlanFile(file, made);
    expect((await readPlanFile(file, sha256)).digest).toBe(made.digest);
  });

  it('of an earlier version, which does not say what an apply will need, is as good', async () => {
    const { estimate, ...made } = await somePlan();
    expect(estimate).toBeDefined();
    await writeFile(file, JSON.stringify(made));
    expect(await readPlanFile(file, sha256)).toEqual(made);
  });

  it('is the same plan in another layout', async () => {
    const made = await somePlan();
    const shuffled = Object.fromEntries(Object.entries(made).reverse());
    await writeFile(file, JSON.stringify(shuffled));
    expect(await readPlanFile(file, sha256)).toEqual(made);
  });

  it('keeps names such as __proto__', async () => {
    const made = await somePlan();
    const queue = JSON.parse('{"__proto__":"q-1","constructor":"q-2"}') as JsonObject;
    await writeFile(file, resealed(made, { references: { queue, skill: {} } }));
    const { references } = await readPlanFile(file, sha256);
    expect(Object.entries(references['queue'] ?? {})).toEqual([
      ['__proto__', 'q-1'],
      ['constructor', 'q-2'],
    ]);
    expect(({} as Record<string, unknown>)['q-1']).toBeUndefined();
  });

  it.each(['no/such/folder/plan.json', 'file/plan.json', 'folder'])(
    'that cannot be written (%s) leaves nothing behind',
    async (name) => {
      await mkdir(path.join(dir, 'folder'));
      await writeFile(path.join(dir, 'file'), '');
      const attempt = writePlanFile(path.join(dir, name), await somePlan());
      await expect(attempt).rejects.toBeInstanceOf(AppError);
      await expect(attempt).rejects.toMatchObject({ code: 'plan-unwritable', exitCode: 3 });
      expect((await readdir(dir)).sort()).toEqual(['file', 'folder']);
    },
  );
});

describe('no plan', () => {
  it('is a file that is not there', async () => {
    expect((await refused()).message).toContain('there is no such file');
  });

  it('is a folder', async () => {
    const folder = await refused(dir);
    expect(folder.message).toContain('it is a folder');
    expect(folder.hint).toContain('strategos apply --dir FOLDER');
  });

  it('is what lies below a file', async () => {
    await writeFile(file, '{}');
    expect((await refused(path.join(file, 'x'))).message).toContain('ENOTDIR');
  });

  it('is a link to itself', async () => {
    await symlink(file, file);
    expect((await refused()).message).toContain('ELOOP');
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['YAML', 'format: 1\n'],
    ['a word', 'hello'],
    ['bytes that are no text', '\u0000\u0001\u001b[31m'],
    ['two documents', '{}{}'],
    ['a byte order mark alone', '\ufeff'],
  ])('is %s', async (_name, text) => {
    await writeFile(file, text);
    expect((await refused()).message).toContain('it is not JSON');
  });

  it.each(['null', 'true', '1', '"plan"', '[]', '{}', '{"format":1}'])('is %s', async (text) => {
    await writeFile(file, text);
    expect((await refused()).message).toContain('it does not have the form of a plan');
  });

  it('is one of another format', async () => {
    await writeFile(file, resealed(await somePlan(), { format: 2 }));
    expect((await refused()).message).toContain('/format');
  });

  it.each<[string, Record<string, unknown>]>([
    ['a key too many', { extra: 1 }],
    ['a key with a bad value', { manifests: 'sha256:0' }],
    ['a change that is none', { changes: [{}] }],
    ['an action that is none', { changes: [{ action: 'destroy' }] }],
    ['a list for an object', { references: [] }],
    ['a fraction of a request', { requests: 1.5 }],
    ['an estimate of nothing', { estimate: {} }],
    ['no request a minute', { estimate: { requests: 1, perMinute: 0 } }],
  ])('is one with %s', async (_name, over) => {
    await writeFile(file, resealed(await somePlan(), over));
    expect((await refused()).message).toContain('it does not have the form of a plan');
  });

  it('is one that was cut off, wherever', async () => {
    await writePlanFile(file, await somePlan());
    const { length } = await readFile(file);
    // All that is cut off before its last brace; the line's end after it may go.
    for (let size = length - 2; size > 0; size -= Math.ceil(length / 40)) {
      await truncate(file, size);
      expect((await refused()).message).toContain('it is not JSON');
    }
  });

  it.each<[string, (made: Plan) => Record<string, unknown>]>([
    ['organization', (made) => ({ organization: { ...made.organization, id: 'x' } })],
    ['environment', (made) => ({ environment: { ...made.environment, name: 'prod' } })],
    ['scope', () => ({ scope: ['a'] })],
    ['references', () => ({ references: { queue: { Alpha: 'other' }, skill: {} } })],
    ['changes', (made) => ({ changes: made.changes.slice(1) })],
    ['order of changes', (made) => ({ changes: [...made.changes].reverse() })],
    ['digest', () => ({ digest: `sha256:${'0'.repeat(64)}` })],
    [
      'precondition',
      (made) => ({ changes: made.changes.map((one) => ({ ...one, precondition: null })) }),
    ],
    [
      'after',
      (made) => ({
        changes: made.changes.map((one) => (one.after ? { ...one, after: {} } : one)),
      }),
    ],
  ])('is one whose %s was edited', async (_name, edit) => {
    const made = await somePlan();
    await writeFile(file, JSON.stringify({ ...made, ...edit(made) }));
    expect((await refused()).message).toContain('it was changed after it was written');
  });

  it('is one with keys that would reach into every object', async () => {
    const text = JSON.stringify(await somePlan());
    await writeFile(file, text.replace('{', '{"__proto__":{"digest":"x","polluted":true},'));
    await refused();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([10_000, 200_000])('is one that is nested %d deep', async (depth) => {
    const made = await somePlan();
    const deep = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    const [change, ...rest] = made.changes;
    const text = JSON.stringify({ ...made, changes: [{ ...change, after: 'DEEP' }, ...rest] });
    for (const bad of [text.replace('"DEEP"', deep), deep, '['.repeat(depth)]) {
      await writeFile(file, bad);
      await refused();
    }
  });

  it('is one with half a character in it', async () => {
    const text = JSON.stringify(await somePlan());
    await writeFile(file, text.replace('"Alpha"', '"\\ud800"'));
    await refused();
  });

  /** Node reads no file of more than 2 GiB: who tried would have another message. */
  const UNREADABLE_BYTES = 3 * 1024 ** 3;

  it('is one that is larger than any plan, which is not even read', async () => {
    await writeFile(file, '');
    // Holes take no room on the disk.
    await truncate(file, UNREADABLE_BYTES);
    expect((await refused()).message).toContain(`${UNREADABLE_BYTES} bytes`);
  });
});
