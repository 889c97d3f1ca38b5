/** What a plan of a rollback says of whose its changes are: git has no part in it. */
import { expect, it } from 'vitest';
import { groupsOf } from '../../src/render/field-tables.js';
import type { Cause, Change } from '../../src/core/types.js';
import { planFor, strategy } from '../support/plans.js';

function change(file: string, ...causes: readonly Cause[]): Change {
  const spec = 'targets: [{ queue: Tier 1, capacity: 1 }]';
  const [made] = planFor({ manifests: [strategy('a', spec)], org: [] }).changes;
  if (made === undefined) throw new Error('nothing is to be made');
  const fields = causes.map((cause, index) => ({
    path: `field${index}`,
    before: 1,
    after: 2,
    at: { file, line: 7 },
    cause,
  }));
  return { ...made, action: 'update', fields };
}

it.each([
  ['strategies/a.yaml', 'git changes', 'changed in git and in the org'],
  [
    '.strategos/runs/x-apply-1/audit.jsonl',
    'what the run found',
    'what the run found, changed in the org since',
  ],
])('where a change comes from %s', (file, git, both) => {
  const groups = groupsOf(change(file, 'git', 'drift', 'both'));
  expect(groups.map(({ title }) => title)).toEqual([git, 'drift that would be overwritten', both]);
});
