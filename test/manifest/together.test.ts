/** Problems of different origin in one file are shown together; echoes of one problem are not. */
import { expect, it } from 'vitest';
import { loadManifests, validateAll } from '../../src/manifest/load.js';

function codesIn(text: string): string[] {
  const bytes = new TextEncoder().encode(text);
  const { issues } = loadManifests([{ path: 'a.yaml', bytes }]);
  return issues.map(({ at, code }) => `${at?.line ?? 0} ${code}`);
}

const HEAD = 'apiVersion: strategos/v1\nkind: RoutingStrategy\nmetadata: { name: a }\nspec:\n';

it('says what is wrong beside a number that is not finite', () => {
  const text = `${HEAD}  targets:
    - { queue: A, capacity: 0, weight: 1 }
    - { queue: B, capacity: 1, weight: .nan }
    - { queue: B, capacity: 1, weight: -1 }
  fallback: { queue: A }
`;
  expect(codesIn(text)).toEqual([
    '6 out-of-range',
    '7 not-finite',
    '8 duplicate-target',
    '8 out-of-range',
    '9 circular-fallback',
  ]);
});

it('says what is wrong beside it in one line as well', () => {
  const text = `${HEAD}  targets: [ { queue: A, weight: .inf, capacity: "5" } ]
  fallback: { queue: !x B, priority: -1, weight: *none }
  optimizer: { policy: levle, bounds: { min: 2, max: 1 }, <<: 1 }
`;
  expect(codesIn(text)).toEqual([
    '5 not-finite',
    '5 wrong-type',
    '6 tag',
    '6 out-of-range',
    '6 unknown-anchor',
    '7 unknown-value',
    '7 bounds-reversed',
    '7 merge-key',
  ]);
});

it('does not miss the key whose value was refused', () => {
  const text = `${HEAD}  targets:\n    - queue: A\n      capacity: .inf\n`;
  expect(codesIn(text)).toEqual(['7 not-finite']);
});

it('names a merge conflict once, where it begins', () => {
  const text = `${HEAD}  targets:
<<<<<<< HEAD
    - { queue: A, capacity: 1 }
=======
    - { queue: A, capacity: 2 }
>>>>>>> other
`;
  expect(codesIn(text)).toEqual(['6 merge-conflict']);
});

it('tells what an overlay is for, whatever else is wrong with it', () => {
  const text = `apiVersion: strategos/v1
kind: Overlay
metadata: { name: o }
spec:
  environment: prd
  target: { kind: RoutingStrateg, name: a }
  patch: [ { op: replce, path: /spec/status, value: draft } ]
---
${HEAD}  targets: [ { queue: A, capacity: 1 } ]
---
apiVersion: strategos/v1
kind: Overlay
metadata: { name: p }
spec:
  target: { kind: RoutingStrategy, name: b }
`;
  expect(codesIn(text)).toEqual([
    '5 unknown-environment',
    '6 overlay-target-kind',
    '7 unknown-value',
    '18 missing-key',
    '18 missing-key',
    '19 overlay-target-missing',
  ]);
});

const overlaid = (manifest: string, ...patches: string[]): string[] => {
  const files = {
    'a.yaml': manifest,
    'e.yaml':
      'apiVersion: strategos/v1\nkind: Environment\nmetadata: { name: prod }\n' +
      'spec: { backend: datatable }\n',
    ...(patches.length === 0 ? {} : { 'o.yaml': patches.join('---\n') }),
  };
  const sources = Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
  return validateAll(loadManifests(sources)).map(
    ({ at, message }) => `${at?.file}:${at?.line} ${message}`,
  );
};
const overlay = (name: string, to: string, patch: string): string => `apiVersion: strategos/v1
kind: Overlay
metadata: { name: ${name} }
spec: { environment: prod, target: ${to}, patch: [ ${patch} ] }
`;

it('tells what is wrong with each overlay of a manifest', () => {
  const to = '{ kind: RoutingStrategy, name: a }';
  const found = overlaid(
    `${HEAD}  targets: [ { queue: A, capacity: 1 } ]\n`,
    overlay('o', to, '{ op: replace, path: /spec/targets/7/weight, value: 1 }'),
    overlay('p', to, '{ op: remove, path: /spec/fallback }'),
    overlay('q', to, '{ op: replace, path: /spec/targets/0/capacity, value: 0 }'),
  );
  expect(found.map((one) => one.slice(0, 39))).toEqual([
    'o.yaml:4 Overlay/o: replace /spec/targe',
    'o.yaml:9 Overlay/p: remove /spec/fallba',
    'o.yaml:14 spec.targets[0].capacity: exp',
  ]);
});

it('says which overlay leads to what is wrong in a line of the manifest', () => {
  const manifest = `apiVersion: strategos/v1
kind: Schedule
metadata: { name: Days }
spec:
  start: 2026-01-05T08:00:00
  end: 2026-01-05T18:00:00
  rrule: FREQ=WEEKLY;BYDAY=MO
`;
  const patch = '{ op: replace, path: /spec/rrule, value: FREQ=WEEKLY;BYDAY=TU }';
  const rule = overlay('tuesdays', '{ kind: Schedule, name: Days }', patch);
  expect(overlaid(manifest)).toEqual([]);
  expect(overlaid(manifest, rule)).toEqual([
    'a.yaml:5 spec.start: 2026-01-05T08:00:00 is no time of its rule, FREQ=WEEKLY;BYDAY=TU; the ' +
      'platform moves it, by what Overlay/tuesdays says',
  ]);
});
