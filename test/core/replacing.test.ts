/** Which differences no write makes, and the two halves of a replacement. */
import { describe, expect, it } from 'vitest';
import type { RecordField } from '../../src/core/fields.js';
import type { JsonObject } from '../../src/core/json.js';
import { placeText } from '../../src/core/place.js';
import { halvesOf } from '../../src/core/halves.js';
import { forcedIn, replacing } from '../../src/core/replacing.js';
import type { Verdict } from '../../src/core/compare.js';
import type { Change, Desired, Live, Manifest } from '../../src/core/types.js';

const TABLE: RecordField = {
  type: 'record',
  fields: {
    size: { type: 'scalar', forceNew: true },
    colour: { type: 'scalar' },
    box: {
      type: 'record',
      fields: { lid: { type: 'scalar', forceNew: true }, label: { type: 'scalar' } },
    },
    parts: {
      type: 'list',
      key: 'name',
      order: 'set',
      item: {
        type: 'record',
        fields: { name: { type: 'scalar' }, type: { type: 'scalar', forceNew: true } },
      },
    },
    tags: { type: 'set', of: { type: 'scalar' }, forceNew: true },
    scripts: { type: 'map', of: { type: 'scalar', forceNew: true } },
  },
};
const OF = { kind: { fields: TABLE }, resource: {} };
const WAS: JsonObject = {
  size: 1,
  colour: 'red',
  box: { lid: 'oak', label: 'a' },
  parts: [{ name: 'wheel', type: 'round' }],
  tags: ['a', 'b'],
  scripts: { call: 'x' },
};

describe('what no write changes', () => {
  it.each<[JsonObject, readonly string[]]>([
    [{}, []],
    [{ colour: 'blue', box: { lid: 'oak', label: 'b' } }, []],
    [{ size: 2 }, ['size']],
    [{ size: 2, colour: 'blue' }, ['size']],
    [{ box: { lid: 'tin', label: 'b' } }, ['box.lid']],
    [{ parts: [{ name: 'wheel', type: 'flat' }] }, ['parts["wheel"].type']],
    // Another item is none that changes.
    [{ parts: [...(WAS['parts'] as JsonObject[]), { name: 'axle', type: 'long' }] }, []],
    [{ tags: ['a', 'c'] }, ['tags["b"]', 'tags["c"]']],
    [{ scripts: { call: 'y' } }, ['scripts["call"]']],
  ])('of %j is %j', (over, places) => {
    const found = forcedIn(TABLE, WAS, { ...WAS, ...over });
    expect(found.map(({ place }) => placeText(place))).toEqual(places);
  });
});

describe('an object that is to get another name as well', () => {
  const [was, is] = [{ size: 1 }, { size: 2 }];
  const verdictOf = (previously?: string): Verdict => {
    const metadata = { name: 'b', replace: true };
    const at = (): ReturnType<Desired['at']> => ({ file: 'a.yaml', line: 3, column: 1 });
    const manifest: Manifest = { kind: 'K', name: 'b', body: { metadata }, positions: { at } };
    const named = { address: 'K/b', kind: 'K', name: 'b' } as const;
    const standing = { id: '1', state: 'active', errorMessage: null, version: null } as const;
    const live: Live = {
      ...named,
      ...standing,
      fields: was,
      entity: was,
      ...(previously === undefined ? {} : { previously }),
    };
    const desired: Desired = { ...named, fields: is, at, manifest };
    return { is: 'update', desired, live, after: is, applied: was };
  };

  it('is not made again in the same plan: what has its old name would lose both', () => {
    expect(replacing(verdictOf(), { fields: TABLE }, {}).is).toBe('replace');
    expect(replacing(verdictOf('a'), { fields: TABLE }, {})).toMatchObject({
      is: 'blocked',
      obstacles: [
        {
          message: expect.stringContaining('and it is to get another name as well'),
          hint: 'write what the org has, or rename it first, in an apply of its own',
        },
      ],
    });
  });
});

describe('the halves of a change', () => {
  const change: Change = {
    action: 'replace',
    address: 'Toy/Bear',
    id: 'id-1',
    precondition: { version: 3, digest: `sha256:${'0'.repeat(64)}` },
    before: { size: 1 },
    after: { size: 2 },
    consumers: { found: [] },
    exactly: { size: 2 },
    operations: [],
    fields: [],
    waitsFor: ['Skill/A'],
    checks: [],
  };

  it('are a delete of what was found, and then a create of nothing known', () => {
    const [gone, made] = halvesOf(change, OF);
    expect(gone).toMatchObject({ action: 'delete', id: 'id-1', before: { size: 1 }, after: null });
    expect([gone.exactly, gone.consumers, gone.precondition?.version]).toEqual([
      undefined,
      { found: [] },
      3,
    ]);
    expect(made).toMatchObject({
      action: 'create',
      id: null,
      precondition: null,
      before: null,
      after: { size: 2 },
      exactly: { size: 2 },
    });
    expect(made?.consumers).toBeUndefined();
  });

  it('are one of every other change', () => {
    expect(halvesOf({ ...change, action: 'update' }, OF)).toEqual([
      { ...change, action: 'update' },
    ]);
  });
});
