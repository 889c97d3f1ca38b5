/** The commit does not have what was applied: every form of the plan says so, and records do. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/core/audit.js';
import type { Plan } from '../../src/core/types.js';
import { Workplace } from '../support/cli.js';

let place: Workplace;
const APPLY = ['apply', '--yes', '--quiet'];

beforeAll(async () => {
  place = await Workplace.open();
  await place.write('.gitignore', '.strategos/\n*.json\n');
  git('init', '--quiet', '--initial-branch', 'main');
  git('remote', 'add', 'origin', 'https://github.com/acme/routing.git');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'x');
});

afterAll(() => place.close());

function git(...args: readonly string[]): string {
  const who = ['-c', 'user.name=T', '-c', 'user.email=t@example.com'];
  return execFileSync('git', [...who, ...args], { cwd: place.dir })
    .toString()
    .trim();
}

async function lastRun(): Promise<{ records: AuditRecord[]; plan: Plan; summary: string }> {
  const run = `.strategos/runs/${(await place.runs()).at(-1) ?? ''}`;
  const lines = (await place.read(`${run}/audit.jsonl`)).trim().split('\n');
  return {
    records: lines.map((line) => JSON.parse(line) as AuditRecord),
    plan: JSON.parse(await place.read(`${run}/plan.json`)) as Plan,
    summary: await place.read(`${run}/summary.md`),
  };
}

describe('what is applied and not committed', () => {
  it('is not mentioned where there is none', async () => {
    const ended = await place.strategos(APPLY);
    expect(ended.code).toBe(0);
    const { records, plan, summary } = await lastRun();
    expect(plan.commit).toBe(git('rev-parse', 'HEAD'));
    for (const text of [JSON.stringify(records), JSON.stringify(plan), summary, ended.stdout]) {
      expect(text).not.toContain('uncommitted');
    }
  });

  it('is marked in the plan in every form', async () => {
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 10');
    const said = /commit [0-9a-f]{12} \+ changes: strategies\/billing\.yaml \(changed\); 1 file is/;
    for (const format of ['text', 'markdown', 'html']) {
      const { stdout } = await place.strategos(['plan', '--format', format]);
      expect(stdout.replaceAll(/\\([+(.)])/g, '$1')).toMatch(said);
    }
    const { stdout } = await place.strategos(['plan', '--format', 'json', '--out', 'p.json']);
    const plan = JSON.parse(stdout) as Plan;
    expect(plan.uncommitted).toEqual({
      files: [{ file: 'strategies/billing.yaml', how: 'changed' }],
      count: 1,
      unknown: null,
    });
    git('commit', '--quiet', '--all', '--message', 'y');
    const { stdout: later } = await place.strategos(['plan', '--format', 'json']);
    expect(later).not.toContain('uncommitted');
    // What will happen is the same.
    expect((JSON.parse(later) as Plan).digest).toBe(plan.digest);
    git('reset', '--quiet', 'HEAD~1');
  });

  it('is on record, in the summary, and in a plan that was written to a file', async () => {
    const ended = await place.strategos([...APPLY, 'p.json']);
    expect(ended.code).toBe(0);
    const { records, plan, summary } = await lastRun();
    const marked = { count: 1, files: [{ file: 'strategies/billing.yaml', how: 'changed' }] };
    expect(plan.uncommitted).toMatchObject(marked);
    for (const type of ['run-started', 'planned']) {
      const record = records.find((one) => one.type === type);
      expect(record?.detail).toMatchObject({ uncommitted: marked });
    }
    expect(summary).toContain('**uncommitted**');
  });
});
