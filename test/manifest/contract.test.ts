/**
 * The manifests that users were promised: whatever is made of the schemas, what
 * somebody has written by that promise stays valid, and is read as it says.
 */
import { expect, it } from 'vitest';
import { loadManifests, validateAll } from '../../src/manifest/load.js';

const PROMISED = `
apiVersion: strategos/v1
kind: RoutingStrategy
metadata:
  name: optimized-support
  description: Support calls, two tiers
  labels: { team: support }
spec:
  status: active
  selection:
    skills:
      - { skill: Customer Support, required: true }
  targets:
    - { queue: Support Tier 1, priority: 1, weight: 1.0, capacity: 10 }
    - { queue: Support Tier 2, priority: 2, weight: 1.0, capacity: 10 }
  fallback: { queue: Support Overflow, priority: 99, weight: 0.1 }
  checks:
    skills: error
    capacity: error
  optimizer:
    policy: inverse-occupancy
    bounds: { min: 0.1, max: 1.0 }
---
apiVersion: strategos/v1
kind: Environment
metadata: { name: prod }
spec:
  host: mypurecloud.com
  backend: datatable
  credentials: { clientIdEnv: GENESYS_CLIENT_ID, clientSecretEnv: GENESYS_CLIENT_SECRET }
  guards: { maxDeletes: 10%, maxChanges: 50% }
  prune: true
  activation: { timeoutSeconds: 30 }
  wfm: { url: https://wfm.example.com/hooks/routing, secretEnv: WFM_SIGNING_SECRET }
---
apiVersion: strategos/v1
kind: Overlay
metadata: { name: prod-support-weights }
spec:
  environment: prod
  target: { kind: RoutingStrategy, name: optimized-support }
  patch:
    - { op: replace, path: /spec/targets/0/weight, value: 0.8 }
---
apiVersion: strategos/v1
kind: Skill
metadata: { name: Refunds }
spec: {}
---
apiVersion: strategos/v1
kind: Queue
metadata: { name: Support Tier 1 }
spec:
  division: Home
  mediaSettings:
    call: { alertingTimeoutSeconds: 8, serviceLevel: { percentage: 0.8, durationSeconds: 20 } }
  acwSettings: { wrapupPrompt: MANDATORY_TIMEOUT, timeoutSeconds: 60 }
  skillEvaluationMethod: ALL
  wrapupCodes: [ Solved, Callback ]
  members: { include: [ ada@example.com ] }
---
apiVersion: strategos/v1
kind: DataTable
metadata: { name: Opening hours by site }
spec:
  columns: [ { name: site, type: string }, { name: queue, type: string, references: Queue } ]
  rows: { mode: owned, items: [ { site: Bonn, queue: Support Tier 1 } ] }
`;

it('manifests as they were promised are valid', () => {
  const bytes = new TextEncoder().encode(PROMISED);
  const loaded = loadManifests([{ path: 'strategies/promised.yaml', bytes }]);
  const issues = validateAll(loaded).filter(({ severity }) => severity === 'error');
  expect(issues.map(({ message }) => message)).toEqual([]);
  expect(loaded.documents.map(({ kind }) => kind)).toEqual([
    ...['RoutingStrategy', 'Environment', 'Overlay', 'Skill', 'Queue', 'DataTable'],
  ]);
});
