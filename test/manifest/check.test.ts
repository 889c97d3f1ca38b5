import { KNOWN_KINDS } from '../../src/manifest/check.js';
import { alternatives } from '../../src/manifest/wording.js';
import Ajv2020 from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parseSource } from '../../src/manifest/parse.js';
import { schemaIssues } from '../../src/manifest/schema-issues.js';
import {
  environment,
  issuesOf,
  issueText,
  overlay,
  source,
  strategy,
  TARGETS,
} from './issue-text.js';

const head = 'apiVersion: strategos/v1\nkind: RoutingStrategy\nmetadata: { name: x }\n';

describe('the envelope', () => {
  it.each<[string, string, string[]]>([
    [
      'nothing of it',
      'a: 1\n',
      [
        'm.yaml:1:1 missing-key the manifest: "apiVersion" is missing (write apiVersion: strategos/v1)',
        `m.yaml:1:1 missing-key the manifest: "kind" is missing (write kind: ${alternatives(KNOWN_KINDS)})`,
      ],
    ],
    [
      'a kind misspelt',
      'apiVersion: strategos/v1\nkind: RoutingStrategie\nmetadata: { name: x }\nspec: {}\n',
      [
        'm.yaml:2:1 unknown-kind kind: "RoutingStrategie" is not a kind (did you mean RoutingStrategy?)',
      ],
    ],
    [
      'a kind of elsewhere',
      'apiVersion: strategos/v1\nkind: toString\n',
      [
        `m.yaml:2:1 unknown-kind kind: "toString" is not a kind (write kind: ${alternatives(KNOWN_KINDS)})`,
      ],
    ],
    [
      'a kind that is no text',
      'apiVersion: strategos/v1\nkind: [RoutingStrategy]\n',
      [
        `m.yaml:2:1 wrong-type kind: expected a text, found a list (write kind: ${alternatives(KNOWN_KINDS)})`,
      ],
    ],
    [
      'another version',
      environment().replace('/v1', '/v2'),
      [
        'm.yaml:1:1 wrong-api-version apiVersion: expected strategos/v1, found the text "strategos/v2" ' +
          '(write apiVersion: strategos/v1)',
      ],
    ],
    ['no spec', head, ['m.yaml:1:1 missing-key the manifest: "spec" is missing (add spec)']],
  ])('%s', (_, text, expected) => {
    expect(issuesOf(text)).toEqual(expected);
  });
});

describe('bounds of an optimizer', () => {
  it('that would take the calls of every target are refused', () => {
    const bounds = '  optimizer: { bounds: { min: 0, max: 0 } }\n';
    expect(issuesOf(strategy(`${TARGETS}${bounds}`))).toContainEqual(
      'm.yaml:7:34 out-of-range spec.optimizer.bounds.max: expected more than 0, found 0 (The greatest weight that the optimizer may set: above 0, or every target would lose its calls)',
    );
  });
});

describe('the schema, in words', () => {
  it.each<[string, string, string[]]>([
    [
      'a key misspelt is not also missing',
      strategy('  tragets:\n    - { queue: A, capacity: 1 }\n'),
      ['m.yaml:5:3 unknown-key spec.tragets: unknown key (did you mean targets?)'],
    ],
    [
      'keys that belong deeper, and are then not also missing',
      'apiVersion: strategos/v1\nkind: RoutingStrategy\nmetadata: { name: a }\n' +
        'targets: [{ queue: A, capacity: 1 }]\nadopt: true\nspec:\n  skills: []\n  bounds: {}\n',
      [
        'm.yaml:4:1 unknown-key targets: unknown key (did you mean spec.targets?)',
        'm.yaml:5:1 unknown-key adopt: unknown key (did you mean metadata.adopt?)',
        'm.yaml:7:3 unknown-key spec.skills: unknown key (did you mean spec.selection.skills?)',
        'm.yaml:8:3 unknown-key spec.bounds: unknown key (did you mean spec.optimizer.bounds?)',
      ],
    ],
    [
      'a name in the place of a mapping',
      strategy(`${TARGETS}  fallback: B\n  selection: { skills: [S] }\n`),
      [
        'm.yaml:7:3 wrong-type spec.fallback: expected a mapping or nothing (null), ' +
          'found the text "B" (write it as { queue: … })',
        'm.yaml:8:25 wrong-type spec.selection.skills[0]: expected a mapping, ' +
          'found the text "S" (write it as { skill: … })',
      ],
    ],
    [
      'a key from nowhere',
      strategy(`${TARGETS}  zzzzzz: 1\n`),
      [
        'm.yaml:7:3 unknown-key spec.zzzzzz: unknown key ' +
          '(known here: checks, fallback, optimizer, selection, status, targets)',
      ],
    ],
    [
      'types',
      strategy(
        '  targets:\n' +
          '    - { queue: 7, capacity: "10", weight: "1.0", priority: 1.5 }\n' +
          '    - ~\n' +
          '  selection: { skills: x }\n' +
          '  checks: []\n',
      ),
      [
        'm.yaml:6:9 wrong-type spec.targets[0].queue: expected a text or a mapping, found the number 7 (put it in quotes)',
        'm.yaml:6:19 wrong-type spec.targets[0].capacity: expected a whole number, found the text "10" (remove the quotes)',
        'm.yaml:6:35 wrong-type spec.targets[0].weight: expected a number, found the text "1.0" (remove the quotes)',
        'm.yaml:6:50 wrong-type spec.targets[0].priority: expected a whole number, found the number 1.5 (write a number without a fraction)',
        'm.yaml:7:7 wrong-type spec.targets[1]: expected a mapping, found nothing (null) (give it a value, or remove the key)',
        'm.yaml:8:16 wrong-type spec.selection.skills: expected a list, found the text "x" (write a list: each item on its own line, after "- ")',
        'm.yaml:9:3 wrong-type spec.checks: expected a mapping, found a list (write it as { skills: …, capacity: … })',
      ],
    ],
    [
      'percentages',
      'apiVersion: strategos/v1\nkind: Queue\nmetadata: { name: x }\nspec:\n' +
        '  mediaSettings:\n' +
        '    call: { serviceLevel: { percentage: 80 } }\n' +
        '    chat: { serviceLevel: { percentage: 80%, durationSeconds: 0 } }\n' +
        '    email: { alertingTimeoutSeconds: 7s }\n' +
        '    message: { serviceLevel: { percentage: -0.1 } }\n',
      [
        'm.yaml:6:29 out-of-range spec.mediaSettings.call.serviceLevel.percentage: expected 0 to 1, found 80 (Part that is to be answered in time, from 0 to 1: 0.8 is 80 %)',
        'm.yaml:7:29 wrong-type spec.mediaSettings.chat.serviceLevel.percentage: expected a number, found the text "80%" (Part that is to be answered in time, from 0 to 1: 0.8 is 80 %)',
        'm.yaml:7:46 out-of-range spec.mediaSettings.chat.serviceLevel.durationSeconds: expected 1 or more, found 0 (What is answered within so many seconds is in time; at least 1)',
        'm.yaml:8:14 wrong-type spec.mediaSettings.email.alertingTimeoutSeconds: expected a whole number, found the text "7s" (Seconds that it rings at an agent; at least 7)',
        'm.yaml:9:32 out-of-range spec.mediaSettings.message.serviceLevel.percentage: expected 0 to 1, found -0.1 (Part that is to be answered in time, from 0 to 1: 0.8 is 80 %)',
      ],
    ],
    [
      'keys misspelt where a list may stand as well',
      'apiVersion: strategos/v1\nkind: Queue\nmetadata: { name: x }\nspec:\n' +
        '  wrapupCodes: { includes: [A] }\n  members: { inclde: [a@example.com] }\n' +
        '  queueFlow: { ids: x }\n',
      [
        'm.yaml:5:18 unknown-key spec.wrapupCodes.includes: unknown key (did you mean include?)',
        'm.yaml:6:14 unknown-key spec.members.inclde: unknown key (did you mean include?)',
        'm.yaml:7:16 unknown-key spec.queueFlow.ids: unknown key (did you mean id?)',
      ],
    ],
    [
      'keys misspelt in a member',
      'apiVersion: strategos/v1\nkind: Queue\nmetadata: { name: x }\nspec:\n  members:\n' +
        '    - { usr: a@example.com }\n    - { user: { ids: x } }\n    - { x: y }\n    - { ide: x }\n',
      [
        'm.yaml:6:9 unknown-key spec.members[0].usr: unknown key (did you mean user?)',
        'm.yaml:7:17 unknown-key spec.members[1].user.ids: unknown key (did you mean id?)',
        'm.yaml:8:7 wrong-form spec.members[2]: a mapping fits none of what is accepted here (A member: the e-mail address, { id: … }, or { user: …, ring: … })',
        'm.yaml:9:9 unknown-key spec.members[3].ide: unknown key (did you mean id?)',
      ],
    ],
    [
      'keys of a map',
      'apiVersion: strategos/v1\nkind: Queue\nmetadata: { name: x }\nspec:\n' +
        '  defaultScripts: { CALLS: a, FAX: b }\n',
      [
        'm.yaml:5:21 invalid-key spec.defaultScripts: the key "CALLS" is not accepted (did you mean CALL?)',
        'm.yaml:5:31 invalid-key spec.defaultScripts: the key "FAX" is not accepted (known here: CALL, CALLBACK, CHAT, COBROWSE, EMAIL, MESSAGE, SCREENSHARE, SOCIAL_EXPRESSION, VIDEO)',
      ],
    ],
    [
      'divisions of members',
      'apiVersion: strategos/v1\nkind: SkillGroup\nmetadata: { name: x }\nspec:\n' +
        '  skillConditions: [{ operation: And, routingSkillConditions: [{ routingSkill: A, comparator: EqualTo, proficiency: 1 }] }]\n  memberDivisions: { incude: [Home] }\n',
      ['m.yaml:6:22 unknown-key spec.memberDivisions.incude: unknown key (did you mean include?)'],
    ],
    [
      'a member that is none',
      'apiVersion: strategos/v1\nkind: Queue\nmetadata: { name: x }\nspec: { members: [12] }\n',
      [
        'm.yaml:4:19 wrong-form spec.members[0]: the number 12 fits none of what is accepted here (A member: the e-mail address, { id: … }, or { user: …, ring: … })',
      ],
    ],
    [
      'too many labels',
      strategy(TARGETS).replace(
        'name: x',
        `name: x, labels: { ${Array.from({ length: 34 }, (_, n) => `l${n}: a`).join(', ')} }`,
      ),
      ['m.yaml:3:22 too-many metadata.labels: 34 keys; the limit is 32 (remove 2)'],
    ],
    [
      'one of several words, and none is there',
      strategy(`${TARGETS}  status:\n`),
      [
        'm.yaml:7:3 unknown-value spec.status: expected active or draft, found nothing (null) (give it a value, or remove the key)',
      ],
    ],
    [
      'what JSON writes differently, as it is written',
      strategy(
        '  targets:\n' +
          '    - { queue: 007, capacity: "010", weight: -0x1, priority: "1.5" }\n' +
          '    - { queue: 1.10, capacity: 00, weight: -01 }\n' +
          '    - { queue: True, capacity: 1.50, weight: "0x1" }\n' +
          '  status: 010\n',
      ),
      [
        'm.yaml:6:9 wrong-type spec.targets[0].queue: expected a text or a mapping, found the number 007 (put it in quotes)',
        'm.yaml:6:21 wrong-type spec.targets[0].capacity: expected a whole number, found the text "010" (write a number, without quotes and without zeros before it)',
        'm.yaml:6:38 wrong-type spec.targets[0].weight: expected a number, found the text "-0x1" (Share among the targets of equal priority. 0 gives a queue nothing; not all may be 0)',
        'm.yaml:6:52 wrong-type spec.targets[0].priority: expected a whole number, found the text "1.5" (write a number without a fraction, and without quotes)',
        'm.yaml:7:9 wrong-type spec.targets[1].queue: expected a text or a mapping, found the number 1.10 (put it in quotes)',
        'm.yaml:7:22 out-of-range spec.targets[1].capacity: expected 1 or more, found 00 (How many interactions of this strategy the queue may hold at once)',
        'm.yaml:7:36 out-of-range spec.targets[1].weight: expected 0 or more, found -01 (Share among the targets of equal priority. 0 gives a queue nothing; not all may be 0)',
        'm.yaml:8:9 wrong-type spec.targets[2].queue: expected a text or a mapping, found True (put it in quotes)',
        'm.yaml:8:22 wrong-type spec.targets[2].capacity: expected a whole number, found the number 1.50 (write a number without a fraction)',
        'm.yaml:8:38 wrong-type spec.targets[2].weight: expected a number, found the text "0x1" (Share among the targets of equal priority. 0 gives a queue nothing; not all may be 0)',
        'm.yaml:9:3 unknown-value spec.status: expected active or draft, found the number 010',
      ],
    ],
    [
      'a reference by id',
      strategy(
        '  targets:\n    - { queue: { name: x }, capacity: 1 }\n    - { queue: "", capacity: 1 }\n',
      ),
      [
        'm.yaml:6:18 unknown-key spec.targets[0].queue.name: unknown key (write the name alone, or { id: … })',
        'm.yaml:7:9 too-short spec.targets[1].queue: must not be empty (A queue: its name as the org shows it, or { id: … } to name it by its id)',
      ],
    ],
    [
      'enums',
      strategy(`${TARGETS}  status: actve\n  checks: { skills: fatal }\n`),
      [
        'm.yaml:7:3 unknown-value spec.status: expected active or draft, found the text "actve" (did you mean active?)',
        'm.yaml:8:13 unknown-value spec.checks.skills: expected error, warn or off, found the text "fatal"',
      ],
    ],
    [
      'ranges',
      strategy('  targets:\n    - { queue: A, capacity: 0, weight: -1, priority: 0 }\n'),
      [
        'm.yaml:6:19 out-of-range spec.targets[0].capacity: expected 1 or more, found 0 (How many interactions of this strategy the queue may hold at once)',
        'm.yaml:6:32 out-of-range spec.targets[0].weight: expected 0 or more, found -1 (Share among the targets of equal priority. 0 gives a queue nothing; not all may be 0)',
        'm.yaml:6:44 out-of-range spec.targets[0].priority: expected 1 or more, found 0 (Order of trying: a lower number is tried earlier)',
      ],
    ],
    [
      'too many targets: the place is the first too many',
      strategy(
        `  targets:\n${Array.from({ length: 11 }, (_, i) => `    - { queue: Q${i}, capacity: 1 }\n`).join('')}`,
      ),
      ['m.yaml:16:7 too-many spec.targets: 11 targets; the limit is 10 (remove 1)'],
    ],
    [
      'no targets',
      strategy('  targets: []\n'),
      ['m.yaml:5:3 too-few spec.targets: 0 items; at least 1 needed (add 1)'],
    ],
    [
      'names',
      strategy(TARGETS, '" x"'),
      [
        'm.yaml:3:13 invalid-value metadata.name: the text " x" is not accepted here (A name: 1 to 128 characters, no tab, line break or other control character, no blank at either end)',
      ],
    ],
    [
      'a long name',
      strategy(TARGETS, 'é'.repeat(129)),
      ['m.yaml:3:13 too-long metadata.name: 129 characters; the limit is 128 (shorten it)'],
    ],
    [
      'labels',
      strategy(TARGETS).replace('name: x', 'name: x, labels: { "a b": c, n: 1 }'),
      [
        'm.yaml:3:32 invalid-key metadata.labels: the key "a b" is not accepted (Letters, digits, dot, hyphen, ' +
          'underscore and slash; begins and ends with a letter or a digit)',
        'm.yaml:3:42 wrong-type metadata.labels.n: expected a text, found the number 1 (put it in quotes)',
      ],
    ],
    [
      'what would be no better in quotes',
      environment('  guards: { maxDeletes: 0.1 }\n  owner: 7\n'),
      [
        'm.yaml:6:13 wrong-type spec.guards.maxDeletes: expected a whole number or a text, found the number 0.1 ' +
          '(How many objects of one kind one run may delete. A number of them, or a percentage of those in the org from 0% to 100%)',
        'm.yaml:7:3 wrong-type spec.owner: expected a text, found the number 7 (put it in quotes)',
      ],
    ],
    [
      'booleans of YAML 1.1',
      environment('  prune: yes\n'),
      [
        'm.yaml:6:3 wrong-type spec.prune: expected true or false, found the text "yes" (write true)',
      ],
    ],
    [
      'a boolean in odd letters',
      environment('  prune: tRUE\n'),
      [
        'm.yaml:6:3 wrong-type spec.prune: expected true or false, found the text "tRUE" (write true)',
      ],
    ],
    [
      'operations of an overlay',
      overlay(
        '    - { op: ad, path: x }\n' +
          '    - { op: remove, path: /a, value: 1 }\n' +
          '    - { op: move, path: /a }\n' +
          '    - { op: add, path: /a }\n',
      ),
      [
        'm.yaml:5:3 unknown-environment Overlay/o: there is no Environment named "prod" (none was read; give its file too)',
        'm.yaml:6:36 overlay-target-missing Overlay/o: there is no RoutingStrategy named "x" (none was read; give its file too)',
        'm.yaml:8:9 unknown-value spec.patch[0].op: expected test, add, remove, replace, move or copy, found the text "ad" (did you mean add?)',
        'm.yaml:8:17 invalid-value spec.patch[0].path: the text "x" is not accepted here (JSON Pointer (RFC 6901) to the value, such as /spec/targets/0/weight)',
        'm.yaml:9:31 misplaced-key spec.patch[1].value: does not belong here (remove it)',
        'm.yaml:10:7 missing-key spec.patch[2]: "from" is missing (add from)',
        'm.yaml:11:7 missing-key spec.patch[3]: "value" is missing (add value)',
      ],
    ],
    [
      'and rules are said together with it',
      strategy(
        '  statsu: active\n  targets:\n    - { queue: A, capacity: 1 }\n    - { queue: A, capacity: 1 }\n',
      ),
      [
        'm.yaml:5:3 unknown-key spec.statsu: unknown key (did you mean status?)',
        'm.yaml:8:9 duplicate-target spec.targets[1]: the queue "A" is a target already, in line 7 ' +
          '(remove one of the two, or add their weights and capacities up)',
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(issuesOf(text)).toEqual(expected);
  });

  it('accepts explicit emptiness, ids and every optional part', () => {
    const spec =
      '  status: draft\n  selection: { skills: [] }\n  fallback: null\n  optimizer: { policy: headroom }\n' +
      '  targets:\n    - { queue: { id: abc }, capacity: 1, weight: 0.5, priority: 3 }\n';
    expect(issuesOf(strategy(spec))).toEqual([]);
  });
});

describe('schemas with alternatives', () => {
  const schema = {
    type: 'object',
    properties: {
      either: {
        description: 'A word, or how many.',
        anyOf: [
          { type: 'string', maxLength: 3 },
          { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } },
        ],
      },
      shape: {
        oneOf: [
          {
            type: 'object',
            required: ['kind'],
            properties: { kind: { const: 'a' }, x: { type: 'number' } },
          },
          { type: 'object', required: ['kind'], properties: { kind: { const: 'b' } } },
        ],
      },
    },
  };
  const validate = new Ajv2020.default({ allErrors: true, verbose: true }).compile(schema);

  it.each<[string, string, string[]]>([
    [
      'none fits',
      'either: 1\n',
      [
        'm.yaml:1:1 wrong-form either: the number 1 fits none of what is accepted here (A word, or how many)',
      ],
    ],
    [
      'one was meant',
      'either: abcd\n',
      ['m.yaml:1:1 too-long either: 4 characters; the limit is 3 (shorten it)'],
    ],
    [
      'one was meant, below',
      'either: { n: x }\n',
      ['m.yaml:1:11 wrong-type either.n: expected a whole number, found the text "x"'],
    ],
  ])('%s', (_, text, expected) => {
    const { body, positions } = parseSource(source(text)).documents[0]!;
    expect(validate(body)).toBe(false);
    const errors = validate.errors as Parameters<typeof schemaIssues>[0];
    expect(schemaIssues(errors, positions).map(issueText)).toEqual(expected);
  });

  it.each([
    ['Short. Absent: 1.', 'Short'],
    [`A part. ${'word '.repeat(40)}`, 'A part'],
    ['word '.repeat(40).trim(), `${'word '.repeat(32).trim()} …`],
  ])('are told by as much of their description as a person reads: %j', (description, hint) => {
    const properties = { n: { type: 'integer', description } };
    const one = { type: 'object', properties };
    const errors = new Ajv2020.default({ allErrors: true, verbose: true }).compile(one);
    const { body, positions } = parseSource(source('n: x\n')).documents[0]!;
    errors(body);
    const found = schemaIssues(errors.errors as Parameters<typeof schemaIssues>[0], positions);
    expect(found.map((issue) => issue.hint)).toEqual([hint]);
  });

  it('say one thing of one place', () => {
    const { body, positions } = parseSource(source('shape: { kind: c }\n')).documents[0]!;
    validate(body);
    const errors = validate.errors as Parameters<typeof schemaIssues>[0];
    expect(schemaIssues(errors, positions)).toHaveLength(1);
  });
});

describe('secrets', () => {
  const KEY =
    'a secret does not belong in a manifest ' +
    '(keep it in an environment variable, remove it here, and replace it: git remembers it)';
  const VARIABLE =
    'this looks like a secret; the name of an environment variable belongs here ' +
    '(write a name such as GENESYS_CLIENT_SECRET, and replace the secret: git remembers it)';
  const URL =
    'the address carries a user name or a secret ' +
    '(write the address without it, and replace the secret: git remembers it)';

  it.each<[string, string, string[]]>([
    [
      'a key',
      environment('  credentials: { clientSecret: hunter2 }\n'),
      [`m.yaml:6:18 secret-in-manifest spec.credentials.clientSecret: ${KEY}`],
    ],
    [
      'a number',
      environment('  wfm: { url: "https://a.example", secretEnv: WFM_A, api_key: 72727272 }\n'),
      [`m.yaml:6:54 secret-in-manifest spec.wfm.api_key: ${KEY}`],
    ],
    [
      'a label',
      strategy(TARGETS).replace('name: x', 'name: x, labels: { db-password: hunter2 }'),
      [`m.yaml:3:32 secret-in-manifest metadata.labels.db-password: ${KEY}`],
    ],
    [
      'in place of a variable',
      environment('  credentials: { clientSecretEnv: hunter2-aB3xK9 }\n'),
      [`m.yaml:6:18 secret-in-manifest spec.credentials.clientSecretEnv: ${VARIABLE}`],
    ],
    [
      'in capitals',
      environment('  credentials: { clientSecretEnv: HUNTER272727272727272727 }\n'),
      [`m.yaml:6:18 secret-in-manifest spec.credentials.clientSecretEnv: ${VARIABLE}`],
    ],
    [
      'digits',
      environment('  credentials: { clientSecretEnv: 72727272 }\n'),
      [`m.yaml:6:18 secret-in-manifest spec.credentials.clientSecretEnv: ${VARIABLE}`],
    ],
    [
      'userinfo',
      environment('  wfm: { url: "https://u:hunter2@a.example", secretEnv: WFM_A }\n'),
      [`m.yaml:6:10 secret-in-manifest spec.wfm.url: ${URL}`],
    ],
    [
      'userinfo of the host',
      environment('  host: http://hunter2@127.0.0.1\n'),
      [`m.yaml:6:3 secret-in-manifest spec.host: ${URL}`],
    ],
    [
      'a parameter',
      environment(
        '  wfm: { url: "https://a.example/?x=1&access_token=hunter2", secretEnv: WFM_A }\n',
      ),
      [`m.yaml:6:10 secret-in-manifest spec.wfm.url: ${URL}`],
    ],
    [
      'in an overlay',
      overlay('    - { op: add, path: /spec/x, value: { token: hunter2 } }\n'),
      [`m.yaml:8:42 secret-in-manifest spec.patch[0].value.token: ${KEY}`],
    ],
  ])('%s', (_, text, expected) => {
    const found = issuesOf({ 'm.yaml': text }).filter(
      (one) => !/unknown-environment|overlay-target/.test(one),
    );
    expect(found).toEqual(expected);
    expect(found.join()).not.toMatch(/hunter2|72727272/i);
  });

  it.each([
    'https://prod-12.westeurope.logic.azure.com/workflows/0a1b/triggers/manual/paths/invoke',
    'https://a.example/x?api-version=1&sig=hunter2',
    'https://a.example/x?s%69g=hunter2',
    'https://f.azurewebsites.net/api/wfm?code=hunter2',
    'https://a.example/x?key=hunter2',
    'https://a.example/x?subscription-key=hunter2',
    'https://a.example/x?api_token=hunter2',
    'https://a.example/x#token=hunter2',
    'https://a.example/x?X-Amz-Signature=hunter2',
    'https://hooks.slack.com/services/T0/B0/hunter2',
    'https://HOOKS.SLACK.COM./services/T0/B0/hunter2',
    'https://hooks.slack.com/workflows/T0/A0/1/hunter2',
    'https://discord.com/api/webhooks/1/hunter2',
    'https://ptb.discordapp.com/api/v10/webhooks/1/hunter2',
    'https://acme.webhook.office.com/webhookb2/hunter2',
    'https://outlook.office.com/webhook/hunter2',
    'https://default1.api.powerplatform.com:443/powerautomate/automations/direct/workflows/hunter2',
    'https://chat.googleapis.com/v1/spaces/A/messages',
    'https://hooks.zapier.com/hooks/catch/1/hunter2',
    'https://hook.eu1.make.com/hunter2',
    'https://maker.ifttt.com/trigger/wfm/with/key/hunter2',
    'https://api.telegram.org/bothunter2/sendMessage',
    'https://open.larksuite.com/open-apis/bot/v2/hook/hunter2',
    'https://events.pagerduty.com/integration/hunter2/enqueue',
    'https://chat.example.com/hooks/3kQ9fT0bXz71LmPq84RsVw2Y',
  ])('are found in the address %s', (url) => {
    const found = issuesOf(environment(`  wfm: { url: "${url}", secretEnv: WFM_A }\n`));
    expect(found).toEqual([`m.yaml:6:10 secret-in-manifest spec.wfm.url: ${URL}`]);
  });

  it.each([
    'https://wfm.example.com/hooks/routing',
    'https://wfm.example.com/v2/tenants/0a1b2c3d-1111-2222-3333-444455556666/events',
    'https://wfm.example.com/hooks/routing?tenant=acme&version=2',
    'https://slack.com/help',
    'https://discord.com/channels/1/2',
    'http://127.0.0.1:8080/hook',
  ])('are not suspected in the address %s', (url) => {
    expect(issuesOf(environment(`  wfm: { url: "${url}", secretEnv: WFM_A }\n`))).toEqual([]);
  });

  // In two parts, lest whoever looks for keys in this repository finds them.
  it.each([
    ['whsec_', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    ['ghp_', 'a1B2'.repeat(9)],
    ['github_pat_', '11ABCDEFG0'.repeat(8)],
    ['AKIA', 'IOSFODNN7EXAMPLE'],
    ['xoxb-', '1234567890-abcdefghijkl'],
    ['sk_live_', 'a1B2'.repeat(6)],
    ['eyJhbGciOiJIUzI1NiJ9.', 'eyJzdWIiOiIxIn0AAAA.c2lnbmF0dXJl'],
    ['-----BEGIN RSA ', 'PRIVATE KEY-----'],
    ['-----BEGIN PGP ', 'PRIVATE KEY BLOCK-----'],
  ])('are known by how they begin: %s', (begins, rest) => {
    const text = strategy(TARGETS).replace(
      'name: x',
      `name: x, description: "use ${begins}${rest}"`,
    );
    const found = issuesOf(text);
    expect(found).toEqual([`m.yaml:3:22 secret-in-manifest metadata.description: ${KEY}`]);
  });

  it('are not suspected in plain words', () => {
    expect(
      issuesOf(
        strategy(TARGETS).replace(
          'name: x',
          'name: x, description: "See https://wiki.example/a@b?tokens=1", labels: { tokenizer: a, keyboard: b }',
        ) + `---\n${environment('  credentials: { clientSecretEnv: GENESYS_PROD_SECRET }\n')}`,
      ),
    ).toEqual([]);
  });

  it('a variable in small letters is only misspelt, and not repeated either', () => {
    expect(issuesOf(environment('  credentials: { clientSecretEnv: my_secret }\n'))).toEqual([
      'm.yaml:6:18 invalid-value spec.credentials.clientSecretEnv: the value is not accepted here ' +
        '(Environment variable that holds the secret of the OAuth client. The name of the variable, never the value itself)',
    ]);
  });
});
