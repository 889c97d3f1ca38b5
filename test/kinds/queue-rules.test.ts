/** What no queue can be: file, line and column, and what is right; nothing is sent for it. */
import { describe, expect, it } from 'vitest';
import { loadManifests } from '../../src/manifest/load.js';

const HEAD = 'apiVersion: strategos/v1\nkind: Queue\nmetadata:\n  name: Bills\nspec:\n';

function said(spec: string): string[] {
  const { issues } = loadManifests([{ path: 'q.yaml', bytes: Buffer.from(HEAD + spec) }]);
  return issues.map(
    ({ at, message, hint = '' }) => `${at?.line}:${at?.column} ${message} | ${hint}`,
  );
}

describe('bad input of a queue', () => {
  it.each<[string, string, RegExp]>([
    [
      'alerting below 7 s',
      '  mediaSettings:\n    call:\n      alertingTimeoutSeconds: 6\n',
      /^8:\d+ .*alertingTimeoutSeconds.*7/,
    ],
    [
      'a service level above 1',
      '  mediaSettings:\n    call:\n      serviceLevel:\n        percentage: 80\n',
      /^9:\d+ .*percentage.*1/,
    ],
    [
      'a ring without rings',
      '  members:\n    - user: ann@example.com\n      ring: 2\n',
      /^8:\d+ spec.members\[0\].ring: 2, and the manifest declares no rings \| declare spec.rings/,
    ],
    [
      'a ring beyond the last',
      '  rings: [{}, {}]\n  members: { include: [{ user: ann@example.com, ring: 3 }] }\n',
      /^7:\d+ spec.members.include\[0\].ring: 3, and the manifest declares 2 rings \| write 1 to 2/,
    ],
    [
      'a ring beyond the only one',
      '  rings: [{}]\n  members: { include: [{ user: ann@example.com, ring: 2 }] }\n',
      /^7:\d+ .*\.ring: 2, and the manifest declares 1 ring \| declare spec.rings, or leave ring out/,
    ],
    [
      'a member twice, in two writings',
      '  members:\n    - ann@example.com\n    - Ann@Example.com\n',
      /^8:\d+ spec.members\[1\]: Ann@Example.com is a member already, in line 7/,
    ],
    [
      'a code twice',
      '  wrapupCodes: [Solved, Solved]\n',
      /^6:\d+ spec.wrapupCodes\[1\]: "Solved" is there already, in line 6 \| remove one/,
    ],
    [
      'a code that differs in case from another',
      '  wrapupCodes: { include: [Solved, solved] }\n',
      /^6:\d+ spec.wrapupCodes.include\[1\]: "solved" and that of line 6 differ in letter case/,
    ],
    [
      'a skill of a ring twice',
      '  rings:\n    - skillsToRemove: [Voice, Voice]\n    - {}\n',
      /^7:\d+ spec.rings\[0\].skillsToRemove\[1\]: "Voice" is there already/,
    ],
    ['a group twice', '  groups: [{ id: g }, { id: g }]\n', /^6:\d+ spec.groups\[1\]: \{ id: g \}/],
    [
      'a library twice',
      '  cannedResponseLibraries: { mode: SelectedOnly, libraries: [A, A] }\n',
      /^6:\d+ spec.cannedResponseLibraries.libraries\[1\]: "A" is there already/,
    ],
    [
      'a member by his name',
      '  members: [Ann One, { user: Bob Two, ring: 1 }]\n',
      /^6:\d+ spec.members\[0\]: Ann One is no e-mail address \| write the address/,
    ],
    [
      'a service level below 0',
      '  mediaSettings: { email: { serviceLevel: { percentage: -1 } } }\n',
      /^6:/,
    ],
    [
      'alerting in a text',
      '  mediaSettings: { chat: { alertingTimeoutSeconds: "8" } }\n',
      /^6:.*quotes/,
    ],
    [
      'libraries in another mode',
      '  cannedResponseLibraries: { mode: All, libraries: [Hello] }\n',
      /^6:\d+ .*libraries are chosen in one mode alone \| write mode: SelectedOnly/,
    ],
    [
      'a timeout of a prompt that has none',
      '  acwSettings: { wrapupPrompt: MANDATORY, timeoutSeconds: 5 }\n',
      /^6:\d+ spec.acwSettings.timeoutSeconds: MANDATORY has no timeout/,
    ],
    [
      'a flow that nothing leads to',
      '  mediaSettings:\n    callback: { liveVoiceReactionType: HangUp, liveVoiceFlow: Late }\n',
      /^7:\d+ spec.mediaSettings.callback.liveVoiceFlow: nothing leads to it/,
    ],
    [
      'a queue in the first rule',
      '  conditionalGroupRouting: [{ queue: Other, groups: [Day] }]\n',
      /^6:\d+ .*the first rule is about this queue itself \| leave queue out/,
    ],
    ["joined, which is nobody's to write", '  members: [{ user: a@b.c, joined: true }]\n', /^6:/],
  ])('%s', (_name, spec, expected) => {
    const found = said(spec);
    expect(
      found.some((line) => expected.test(line)),
      found.join('\n'),
    ).toBe(true);
  });

  it('and what is right has none', () => {
    expect(
      said('  rings: [{}, {}]\n  members: [{ user: ann@example.com, ring: 2 }, { id: u-1 }]\n'),
    ).toEqual([]);
  });
});
