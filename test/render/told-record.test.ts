/** What a reader of a run is told of its first records: who, from what, which plan. */
import { expect, it } from 'vitest';
import type { AuditRecord } from '../../src/core/audit.js';
import type { JsonObject } from '../../src/core/json.js';
import { recordsMarkdown } from '../../src/render/records.js';
import { plainStyle } from '../../src/render/style.js';
import { recordText } from '../../src/render/text.js';
import { toldIn } from '../../src/render/told-record.js';

const RUN = '20261125T091500000Z-apply-1b2c3d4e';

function record(type: AuditRecord['type'], detail: JsonObject | null): AuditRecord {
  const nothing = { address: null, before: null, after: null, request: null, outcome: null };
  const chain = { previous: null, digest: 'sha256:00' as const };
  const of = {
    seq: 1,
    at: '2026-11-25T09:15:00.004Z',
    run: RUN,
    actor: 'ada',
    environment: 'prod',
  };
  return { ...of, type, ...nothing, detail, ...chain };
}

const STARTED = {
  command: 'apply',
  version: '0.1.0',
  commit: '0123456789abcdef0123456789abcdef01234567',
  uncommitted: { files: [], count: 2, unknown: null },
};
const WORKFLOW = {
  url: 'https://github.com/acme/routing/actions/runs/7',
  attempt: 2,
  pullRequest: 'https://github.com/acme/routing/pull/5',
  approvedBy: ['grace', 'linus'],
};
const COUNTS = { create: 0, update: 1, delete: 0, adopt: 2, unchanged: 3 };

it.each<[AuditRecord['type'], JsonObject | null, string]>([
  ['run-started', STARTED, 'apply by ada, strategos 0.1.0, commit 0123456789ab + changes'],
  [
    'run-started',
    { ...STARTED, commit: null, uncommitted: null, workflow: WORKFLOW },
    'apply by ada, strategos 0.1.0, commit none, ' +
      'workflow run https://github.com/acme/routing/actions/runs/7 (attempt 2), ' +
      'pull request https://github.com/acme/routing/pull/5, approved by grace and linus',
  ],
  [
    'run-started',
    { ...STARTED, uncommitted: null, workflow: { url: 'u', attempt: 1, approvedBy: null } },
    'apply by ada, strategos 0.1.0, commit 0123456789ab, workflow run u',
  ],
  [
    'chained',
    { number: 5, previous: { run: 'before' } },
    'number 5 of its chain in the org, after before',
  ],
  ['chained', { number: 1, previous: null }, 'number 1 of its chain in the org'],
  [
    'planned',
    { digest: 'sha256:ab', counts: COUNTS },
    '0 to create, 1 to change, 0 to delete, 2 to adopt, sha256:ab',
  ],
  ['planned', { from: { name: 'a' }, to: { name: 'b' } }, ''],
  ['run-ended', { exitCode: 0 }, ''],
  ['run-started', null, ''],
])('%s with %j', (type, detail, told) => {
  const of = record(type, detail);
  expect(toldIn(of)).toBe(told);
  expect(recordText(of, plainStyle)).toBe(
    `   1  2026-11-25T09:15:00.004Z  ${told === '' ? type : `${type.padEnd(22)}  ${told}`}`,
  );
  const pages = recordsMarkdown({ run: RUN, records: [of], remarks: [] });
  if (type === 'planned' && told !== '') expect(pages).toContain('1 to change');
});
