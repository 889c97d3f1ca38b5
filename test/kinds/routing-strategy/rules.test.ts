import { describe, expect, it } from 'vitest';
import { rules, STEERING } from '../../../src/kinds/routing-strategy/rules.js';
import { policies } from '../../../src/optimizer/policies.js';
import { parseSource } from '../../../src/manifest/parse.js';
import { issueText, source, strategy } from '../../manifest/issue-text.js';

function found(spec: string): string[] {
  const { body, positions } = parseSource(source(strategy(spec))).documents[0]!;
  return rules({ kind: 'RoutingStrategy', name: 'x', body, positions }).map(issueText);
}

const DUPLICATE = '(remove one of the two, or add their weights and capacities up)';
const CIRCULAR = '(name a queue that is not a target, or write fallback: null)';
const OUTSIDE = '(the optimizer will change it; write a weight within the bounds, or widen them)';

describe('rules', () => {
  it.each<[string, string, string[]]>([
    [
      'nothing wrong',
      '  targets:\n    - { queue: A, weight: 0 }\n    - { queue: B }\n  fallback: { queue: C }\n',
      [],
    ],
    ['an explicit null', '  targets:\n    - { queue: A }\n  fallback: null\n', []],
    [
      'a target twice',
      '  targets:\n    - { queue: A }\n    - { queue: B }\n    - { queue: A }\n    - { queue: A }\n',
      [
        `m.yaml:8:9 duplicate-target spec.targets[2]: the queue "A" is a target already, in line 6 ${DUPLICATE}`,
        `m.yaml:9:9 duplicate-target spec.targets[3]: the queue "A" is a target already, in line 6 ${DUPLICATE}`,
      ],
    ],
    [
      'a target twice by id',
      '  targets:\n    - { queue: { id: a } }\n    - { queue: { id: a } }\n    - { queue: a }\n',
      [
        `m.yaml:7:9 duplicate-target spec.targets[1]: the queue with id "a" is a target already, in line 6 ${DUPLICATE}`,
      ],
    ],
    [
      'a circular fallback',
      '  targets:\n    - { queue: A }\n  fallback: { queue: A }\n',
      [
        `m.yaml:7:15 circular-fallback spec.fallback: the queue "A" is also a target, in line 6: a circular fallback ${CIRCULAR}`,
      ],
    ],
    [
      'no weight',
      '  targets:\n    - { queue: A, weight: 0 }\n    - { queue: B, weight: 0.0 }\n',
      [
        'm.yaml:6:19 no-weight spec.targets: every weight is 0, so no queue would get anything ' +
          '(give at least one target a weight above 0)',
      ],
    ],
    [
      'a weight that is not written is 1',
      '  targets:\n    - { queue: A, weight: 0 }\n    - { queue: B }\n',
      [],
    ],
    [
      'bounds the wrong way round',
      '  targets:\n    - { queue: A }\n  optimizer: { policy: headroom, bounds: { min: 2, max: 1 } }\n',
      [
        'm.yaml:7:44 bounds-reversed spec.optimizer.bounds: min 2 is greater than max 1 (swap the two, or widen them)',
      ],
    ],
    [
      'bounds against a default',
      '  targets:\n    - { queue: A }\n  optimizer: { policy: headroom, bounds: { max: 0.05 } }\n',
      [
        'm.yaml:7:44 bounds-reversed spec.optimizer.bounds: min 0.1 is greater than max 0.05 (swap the two, or widen them)',
      ],
    ],
    [
      'weights outside the bounds',
      '  targets:\n    - { queue: A, weight: 0.1 }\n    - { queue: B }\n    - { queue: C, weight: 0.6 }\n' +
        '  optimizer: { policy: headroom, bounds: { min: 0.2, max: 0.6 } }\n',
      [
        `m.yaml:6:19 warning weight-out-of-bounds spec.targets[0].weight: 0.1 is outside the optimizer's bounds, 0.2 to 0.6 ${OUTSIDE}`,
        `m.yaml:7:9 warning weight-out-of-bounds spec.targets[1].weight: 1 is outside the optimizer's bounds, 0.2 to 0.6 ${OUTSIDE}`,
      ],
    ],
    [
      'a weight of 0, which the optimizer leaves',
      '  targets:\n    - { queue: A, weight: 0 }\n    - { queue: B }\n    - { queue: C }\n' +
        '  optimizer: { policy: level, bounds: { min: 0.2 } }\n',
      [],
    ],
    [
      'a dead band that no step is above',
      '  targets:\n    - { queue: A }\n  optimizer: { deadBand: 0.1 }\n',
      [
        'm.yaml:7:16 warning hardly-moves spec.optimizer: weights move only as agents come or go: a step is 0.1 at most, ' +
          'and moves of up to deadBand, 0.1, are not made (lower deadBand, or raise maxStep)',
      ],
    ],
    [
      'bounds that are too close for the part of the way that a policy goes',
      '  targets:\n    - { queue: A }\n  optimizer: { policy: headroom, bounds: { min: 0.9 } }\n',
      [
        'm.yaml:7:34 warning hardly-moves spec.optimizer: weights move only as agents come or go: a step is 0.02 at most, ' +
          'and moves of up to deadBand, 0.03, are not made (lower deadBand, or raise smoothing)',
      ],
    ],
    [
      'bounds that leave nothing',
      '  targets:\n    - { queue: A }\n  optimizer: { bounds: { min: 1, max: 1 } }\n',
      [
        'm.yaml:7:16 warning hardly-moves spec.optimizer: no weight can move: the bounds are 0 apart, ' +
          'and moves of up to deadBand, 0.03, are not made (widen the bounds, or lower deadBand)',
      ],
    ],
    [
      'a step that is above the dead band',
      '  targets:\n    - { queue: A }\n  optimizer: { deadBand: 0.0999, bounds: { min: 0.9 } }\n',
      [],
    ],
    [
      'a skill twice',
      '  targets:\n    - { queue: A }\n  selection:\n    skills:\n      - { skill: S }\n      - { skill: T }\n      - { skill: S, required: false }\n',
      [
        'm.yaml:11:11 duplicate-skill spec.selection.skills[2]: "S" is listed already, in line 9 (remove one of the two)',
      ],
    ],
    [
      'what the schema refuses is passed over',
      '  targets: [1, { queue: 1 }, { queue: 1 }, {}, {}]\n  fallback: 1\n  optimizer: { bounds: { min: x } }\n',
      [],
    ],
    ['no spec to speak of', '  - 1\n', []],
  ])('%s', (_, spec, expected) => {
    expect(found(spec)).toEqual(expected);
  });
});

it('knows which policies go the whole way, as the optimizer does', () => {
  const steering = Object.entries(policies).flatMap(([name, { steers }]) => (steers ? [name] : []));
  expect(STEERING).toEqual(new Set(steering));
});
