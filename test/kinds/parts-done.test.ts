/** Whether a write of a part took effect, by what is there: what settles it after a lost answer. */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import type { Part, PartRequest } from '../../src/core/resource.js';
import { rowPart } from '../../src/kinds/data-table/row-part.js';
import { members, wrapupCodes } from '../../src/kinds/queue/parts.js';
import { memberDivisions } from '../../src/kinds/skill-group/member-divisions.js';

const ids = (...all: readonly string[]): JsonObject[] => all.map((id) => ({ id }));
const done = (part: Part, request: PartRequest, there: readonly JsonObject[]): boolean =>
  part.isDone(request, there);

describe.each<[string, Part, PartRequest, readonly (readonly [JsonObject[], boolean])[]]>([
  [
    'codes that come',
    wrapupCodes,
    { method: 'POST', path: '/q/wrapupcodes', body: ids('a', 'b') },
    [
      [ids('a', 'b', 'c'), true],
      [ids('a', 'c'), false],
      [[], false],
    ],
  ],
  [
    'a code that goes',
    wrapupCodes,
    { method: 'DELETE', path: '/q/wrapupcodes/a%2Fb' },
    [
      [ids('a', 'b'), true],
      [ids('a/b'), false],
    ],
  ],
  [
    'members that come',
    members,
    { method: 'POST', path: '/q/members', body: ids('a', 'b') },
    [
      [ids('a', 'b'), true],
      [ids('b'), false],
    ],
  ],
  [
    'members that go',
    members,
    { method: 'POST', path: '/q/members?delete=true', body: ids('a', 'b') },
    [
      [ids('c'), true],
      [ids('b', 'c'), false],
      [ids('a', 'b'), false],
    ],
  ],
  [
    'a member that moves',
    members,
    { method: 'PATCH', path: '/q/members/a', body: { id: 'a', ringNumber: 2 } },
    [
      [[{ id: 'a', ringNumber: 2 }], true],
      [[{ id: 'a', ringNumber: 1 }], false],
      [ids('a'), false],
      [[], false],
    ],
  ],
  [
    'a member that moves to where everybody begins',
    members,
    { method: 'PATCH', path: '/q/members/a', body: { id: 'a', ringNumber: 1 } },
    [
      [ids('a'), true],
      [[{ id: 'a', ringNumber: 2 }], false],
    ],
  ],
  [
    'divisions that come',
    memberDivisions,
    { method: 'POST', path: '/g/members/divisions', body: { addDivisionIds: ['a', 'b'] } },
    [
      [ids('a', 'b'), true],
      [ids('a'), false],
    ],
  ],
  [
    'divisions that go',
    memberDivisions,
    { method: 'POST', path: '/g/members/divisions', body: { removeDivisionIds: ['a', 'b'] } },
    [
      [ids('c'), true],
      [ids('b'), false],
      [ids('a', 'b'), false],
    ],
  ],
  [
    'a row that comes',
    rowPart,
    { method: 'POST', path: '/t/rows', body: { key: 'a', share: 1 } },
    [
      [[{ key: 'a', share: 1 }, { key: 'b' }], true],
      [[{ key: 'a', share: 2 }], false],
      [[], false],
    ],
  ],
  [
    'rows of a file',
    rowPart,
    { method: 'POST', path: '/t/rows', body: [{ key: 'a' }, { key: 'b' }] },
    [
      [[{ key: 'a' }, { key: 'b' }], true],
      [[{ key: 'b' }], false],
    ],
  ],
  ['no row', rowPart, { method: 'POST', path: '/t/rows', body: [] }, [[[{ key: 'a' }], false]]],
  [
    'a row that goes',
    rowPart,
    { method: 'DELETE', path: '/t/rows/a%2Fb' },
    [
      [[{ key: 'a' }, { key: 'b' }], true],
      [[{ key: 'a/b' }], false],
    ],
  ],
])('%s', (_what, part, request, cases) => {
  it.each(cases)('with %j there: %s', (there, is) => {
    expect(done(part, request, there)).toBe(is);
  });
});
