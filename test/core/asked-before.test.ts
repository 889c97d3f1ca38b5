/** Which changes are not the ones that a pull request asks for. */
import { describe, expect, it } from 'vitest';
import { AS_WRITTEN, askedBefore } from '../../src/core/asked-before.js';
import { resolve } from '../../src/manifest/resolve.js';
import { load } from '../support/manifests.js';
import { kindOf, planFor, strategy, type Scene } from '../support/plans.js';

const ENVIRONMENT = `apiVersion: strategos/v1
kind: Environment
metadata: { name: prod }
spec: { host: mypurecloud.com, backend: strategies-api }
`;

/** What one manifest asks for, names as written. */
function fieldsOf(spec: string) {
  const { manifests } = load({ 'env.yaml': ENVIRONMENT, 'a.yaml': strategy('a', spec) });
  return resolve(manifests, AS_WRITTEN, kindOf).desired[0]?.fields ?? null;
}

const LIVE = { targets: [{ queue: 'Tier 1', priority: 1, weight: 1, capacity: 5 }] };
const MAIN = 'targets: [{ queue: Tier 1, capacity: 6 }]';
const BRANCH =
  'targets: [{ queue: Tier 1, weight: 0.5, capacity: 6 }, { queue: Sales, capacity: 1 }]';

function pathsBefore(scene: Scene, main: string | null, branch: string | null): string[] {
  const [change] = planFor(scene).changes;
  if (change === undefined) throw new Error('nothing changes');
  const [was, is] = [main, branch].map((spec) => (spec === null ? null : fieldsOf(spec)));
  return [...askedBefore(change, was ?? null, is ?? null, kindOf('RoutingStrategy').fields)];
}

describe('what was asked for before', () => {
  const org = [{ name: 'a', raw: LIVE }];

  it('is what main and the branch say alike, field by field', () => {
    const scene = { manifests: [strategy('a', BRANCH)], org };
    expect(pathsBefore(scene, MAIN, BRANCH)).toEqual(['targets["Tier 1"].capacity']);
    expect(pathsBefore(scene, BRANCH, BRANCH)).toHaveLength(3);
  });

  it('is nothing of what the branch adds or removes', () => {
    expect(pathsBefore({ manifests: [strategy('a', MAIN)], org: [] }, null, MAIN)).toEqual([]);
    expect(pathsBefore({ manifests: [], org }, MAIN, null)).toEqual([]);
  });

  it('is all of what main had added or removed', () => {
    expect(pathsBefore({ manifests: [strategy('a', MAIN)], org: [] }, MAIN, MAIN)).toEqual([
      ...['status', 'targets["Tier 1"]'],
    ]);
    expect(pathsBefore({ manifests: [], org }, null, null)).toContain('targets["Tier 1"]');
  });
});
