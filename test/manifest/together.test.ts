/** Problems of different origin in one file are shown together; echoes of one problem are not. */
import { expect, it } from 'vitest';
import { loadManifests } from '../../src/manifest/load.js';

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
