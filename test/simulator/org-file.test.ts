import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../src/core/errors.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { createOrg } from '../../src/simulator/org.js';
import { loadOrgFile } from '../../src/simulator/org-file.js';

function load(text: string) {
  return loadOrgFile({ path: 'org.yaml', bytes: new TextEncoder().encode(text) });
}

/** `line:column code message` of every problem. */
async function problems(text: string): Promise<string[]> {
  try {
    await load(text);
  } catch (problem) {
    if (!(problem instanceof InvalidInput)) throw problem;
    return problem.issues.map(
      ({ at, code, message }) => `${at?.line}:${at?.column} ${code} ${message}`,
    );
  }
  return [];
}

const WHOLE = `
organization: { name: Demo }
clients:    [ { id: demo, secret: demo, permissions: ['*'], tokenSeconds: 86400 } ]
skills:     [ Customer Support, Billing ]
users:      [ { name: Ada, skills: [Customer Support], status: idle } ]
queues:     [ { name: Support Tier 1, division: Home, members: [Ada], interacting: 0, waiting: 0 } ]
utilization: { call: 1 }
strategies: [ ]
generate:   { queues: 200, users: 2000, skills: 20, membersPerQueue: 30, skillsPerUser: 3 }
traffic:    [ { strategy: s, arrivalsPerHour: 400, handleSeconds: 240, patienceSeconds: 120 } ]
`;

describe('org files', () => {
  it('of the documented form make the org that they describe', async () => {
    const org = createOrg(await load(WHOLE));
    expect([org.queues.size, org.users.size, org.skills.size]).toEqual([201, 2001, 22]);
    const queues = [...org.queues.values()];
    expect(queues[200]?.name).toBe('Queue 0200');
    expect(queues[200]?.memberIds).toHaveLength(30);
    const users = [...org.users.values()];
    expect(users[2000]?.name).toBe('User 2000');
    const names = users[2000]?.skillIds.map((id) => org.skills.get(id)?.name);
    expect(names).toEqual(['Skill 020', 'Skill 001', 'Skill 002']);
  });

  it.each(['', '# nothing\n', '{}', '---\n...\n'])('may be empty: %j', async (text) => {
    const org = createOrg(await load(text));
    expect([...org.clients.keys()]).toEqual(['demo']);
    expect(org.queues.size).toBe(0);
  });

  it('may be JSON', async () => {
    expect(await load(JSON.stringify(DEMO_ORG, null, '\t'))).toEqual(DEMO_ORG);
  });

  it('the default one is sound, and as many interact as queues say', async () => {
    const org = createOrg(await load(JSON.stringify(DEMO_ORG)));
    const busy = [...org.users.values()].filter(({ status }) => status === 'interacting').length;
    const sum = [...org.queues.values()].reduce((all, { interacting }) => all + interacting, 0);
    expect(sum).toBe(busy);
    expect(org.strategies.size).toBe(0);
  });

  it('show every problem at once, each where it was written', async () => {
    const text = `skills: [Billing, Billing]
users:
  - { name: Ada, skills: [Biling], status: asleep }
  - { name: Ada, colour: red }
queues:
  - name: Q
    members: [Ada, Bob, Ada]
    waiting: -1
clients:
  - { id: c, secret: s, user: ada }
  - { id: c }
strategies:
  - name: s
    targets:
      - { queue: Q, priority: 1, weight: 1, capacity: 1 }
      - { queue: Q, priority: 1, weight: 1, capacity: 1 }
    fallback: { queue: { queue: Q, priority: 9, weight: 0 } }
    selectionCriteria: { skills: [{ skill: Magic }] }
generate: { users: 2, queues: 1, membersPerQueue: 3 }
colour: red
`;
    expect(await problems(text)).toEqual([
      "1:19 duplicate-name skills[1]: a second skill is named 'Billing'",
      "3:27 unknown-reference users[0].skills[0]: no skill is named 'Biling'",
      '3:36 schema users[0].status: must be equal to one of the allowed values: ' +
        'idle, interacting, offQueue',
      "4:7 duplicate-name users[1].name: a second user is named 'Ada'",
      '4:18 unknown-key users[1].colour: this key is not known',
      "7:20 unknown-reference queues[0].members[1]: no user is named 'Bob'",
      "7:25 duplicate-name queues[0].members[2]: 'Ada' is listed twice",
      '8:5 schema queues[0].waiting: must be >= 0',
      "10:25 unknown-reference clients[0].user: no user is named 'ada'",
      "11:5 schema clients[1]: must have required property 'secret'",
      "11:7 duplicate-name clients[1].id: a second client is named 'c'",
      "16:11 duplicate-target strategies[0].targets[1].queue: 'Q' is a target twice",
      "17:26 circular-fallback strategies[0].fallback.queue.queue: the fallback 'Q' is also a " +
        'target, which is circular',
      "18:37 unknown-reference strategies[0].selectionCriteria.skills[0].skill: no skill is named 'Magic'",
      '19:34 rule-out-of-range generate.membersPerQueue: membersPerQueue is 3, but only 2 users ' +
        'are generated',
      '20:1 unknown-key colour: this key is not known',
    ]);
  });

  it.each([
    ['a: [', /^1:\d+ yaml-syntax /],
    ['skills: []\nskills: []', /^2:1 duplicate-key /],
    ['skills: []\n---\nskills: []', /second-document/],
    ['[]', /^1:1 not-a-mapping the org file is not a mapping/],
    ['just text', /^1:1 not-a-mapping/],
    ['skills: [1]', /^1:10 schema skills\[0\]: must be string/],
    ['utilization: { calls: 1 }', /schema utilization/],
    ['generate: { users: 1e9 }', /schema generate.users: must be <= 20000/],
    ['queues: [{ name: Queue 0001 }]\ngenerate: { queues: 1 }', /duplicate-name/],
    ['skills: *nowhere', /unknown-anchor/],
    ['{"__proto__": {"skills": []}}', /forbidden-key __proto__/],
    ['clients: [{ id: a, secret: b, permissions: [everything] }]', /schema clients/],
  ])('%j is refused', async (text, expected) => {
    const found = await problems(text);
    expect(found.join('\n')).toMatch(expected);
  });

  it('aliases that multiply beyond reason are refused, not expanded', async () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg']) {
      bomb.push(`${to}: &${to} [${Array.from({ length: 10 }, () => `*${from}`).join(', ')}]`);
    }
    expect((await problems(bomb.join('\n'))).join()).toMatch(/too-many-values/);
  });
});
