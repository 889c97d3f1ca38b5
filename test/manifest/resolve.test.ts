/** Manifests × catalog → desired: names, defaults, lines, and what only the org can show. */
import { describe, expect, it } from 'vitest';
import { issueText } from '../../src/render/text.js';
import { plainStyle } from '../../src/render/style.js';
import { resolved, strategy } from '../support/plans.js';

const issues = (spec: string): string[] =>
  resolved([strategy('a', spec)]).issues.map((one) => issueText(one, plainStyle));

describe('resolve', () => {
  it('fills in defaults and leaves out what is not managed', () => {
    const { desired } = resolved([strategy('a', 'targets: [{ queue: { id: q1 }, capacity: 3 }]')]);
    expect(
      desired.map(({ address, kind, name, fields }) => ({ address, kind, name, fields })),
    ).toEqual([
      {
        address: 'RoutingStrategy/a',
        kind: 'RoutingStrategy',
        name: 'a',
        fields: {
          status: 'active',
          targets: [{ queue: 'Tier 1', priority: 1, weight: 1, capacity: 3 }],
        },
      },
    ]);
  });

  it('knows the line of every field, sorted or defaulted', () => {
    const spec = `targets:
  - { queue: Tier 1, priority: 2, capacity: 3 }
  - queue: Tier 2
    capacity: 3
`;
    const [desired] = resolved([strategy('a', spec)]).desired;
    const pointers = ['/targets/0/capacity', '/targets/0/weight', '/targets/1/queue', '/status'];
    expect(pointers.map((pointer) => desired?.at(pointer).line)).toEqual([8, 7, 6, 4]);
  });

  it.each<[string, string, readonly string[]]>([
    ['nothing wrong', 'targets: [{ queue: Tier 1, capacity: 3 }]', []],
    [
      'names that the org does not have, each at its own place',
      `targets:
  - { queue: Tier 1, capacity: 3 }
  - { queue: Tier1, capacity: 3 }
fallback: { queue: { id: nope } }
selection: { skills: [{ skill: Juggling }] }
`,
      [
        'a.yaml:9:27: error: RoutingStrategy/a: the org has no skill "Juggling" [unknown-skill]\n' +
          '    → create the skill in the org first, or check that this client may see its division',
        'a.yaml:7:9: error: RoutingStrategy/a: the org has no queue "Tier1" [unknown-queue]\n' +
          '    → did you mean "Tier 1"?',
        'a.yaml:8:15: error: RoutingStrategy/a: the org has no queue with id "nope" [unknown-queue]\n' +
          '    → write its name, or the id that it has in this org: every org has its own',
      ],
    ],
    [
      'a name and an id that are one queue',
      `targets:
  - { queue: Tier 2, priority: 2, capacity: 3 }
  - { queue: Tier 1, capacity: 3 }
  - { queue: { id: q2 }, capacity: 3 }
`,
      [
        'a.yaml:8:9: error: RoutingStrategy/a: spec.targets[2]: the queue "Tier 2" is a target ' +
          'already, in line 6 [duplicate-target]\n' +
          '    → remove one of the two, or add their weights and capacities up',
      ],
    ],
    [
      'a fallback that is a target under its other name',
      'targets:\n  - { queue: Tier 2, capacity: 3 }\nfallback: { queue: { id: q2 } }',
      [
        'a.yaml:7:15: error: RoutingStrategy/a: spec.fallback: the queue "Tier 2" is also a ' +
          'target, in line 6: a circular fallback [circular-fallback]\n' +
          '    → name a queue that is not a target, or write fallback: null',
      ],
    ],
    [
      'a skill under both its names',
      'targets: [{ queue: Tier 2, capacity: 3 }]\nselection: { skills: [{ skill: { id: s1 } }, { skill: Support }] }',
      [
        'a.yaml:6:50: error: RoutingStrategy/a: spec.selection.skills[1]: "Support" is listed ' +
          'already, in line 6 [duplicate-skill]\n    → remove one of the two',
      ],
    ],
    [
      'two queues of one name are two',
      'targets: [{ queue: { id: t1 }, capacity: 3 }, { queue: { id: t2 }, capacity: 3 }]',
      [],
    ],
    [
      'a warning of the manifest is not given twice',
      'targets: [{ queue: Tier 1, weight: 5, capacity: 3 }]\noptimizer: { policy: headroom }',
      [],
    ],
  ])('%s', (_name, spec, expected) => {
    expect(issues(spec)).toEqual(expected);
  });
});
