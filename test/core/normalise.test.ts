/** Raw objects → comparable ones, and the way back to the line that was written. */
import { describe, expect, it } from 'vitest';
import { catalogOf } from '../../src/core/catalog.js';
import type { RecordField } from '../../src/core/fields.js';
import type { Json, JsonObject } from '../../src/core/json.js';
import { complete, lasting, normalise, overlay, referencesIn } from '../../src/core/normalise.js';
import { fields as table } from '../../src/kinds/routing-strategy/fields.js';
import { catalog } from '../support/plans.js';

const normal = (raw: JsonObject): JsonObject => normalise(table, raw, catalog).fields;
const target = (queue: Json, rest: JsonObject = {}): JsonObject => ({
  queue,
  priority: 1,
  weight: 1,
  capacity: 5,
  ...rest,
});

describe('normalise', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['nothing written: only what has a default', {}, { status: 'active' }],
    ['null is said, not left out', { fallback: null }, { status: 'active', fallback: null }],
    ['unknown keys go', { labels: {}, version: 3 }, { status: 'active' }],
    [
      'defaults inside an item',
      { targets: [{ queue: 'Tier 1', capacity: 5 }] },
      { status: 'active', targets: [target('Tier 1')] },
    ],
    [
      'defaults inside a record that is there',
      { fallback: { queue: 'Sales' } },
      { status: 'active', fallback: { queue: 'Sales', priority: 99, weight: 0.1 } },
    ],
    [
      'a set by its labels, whether written as name or id',
      { selection: { skills: [{ skill: { id: 's1' } }, { skill: 'Billing', required: false }] } },
      {
        status: 'active',
        selection: {
          skills: [
            { skill: 'Billing', required: false },
            { skill: 'Support', required: true },
          ],
        },
      },
    ],
    [
      'targets by priority, ties as written',
      { targets: [target('Tier 3', { priority: 2 }), target('Tier 2'), target('Tier 1')] },
      {
        status: 'active',
        targets: [target('Tier 2'), target('Tier 1'), target('Tier 3', { priority: 2 })],
      },
    ],
    [
      'minus zero',
      { targets: [target('Tier 1', { weight: -0 })] },
      {
        status: 'active',
        targets: [target('Tier 1', { weight: 0 })],
      },
    ],
    [
      'an id that has a name of its own becomes the name',
      { targets: [target({ id: 'q1' })] },
      { status: 'active', targets: [target('Tier 1')] },
    ],
    [
      'an id whose name stands for two stays an id',
      { targets: [target({ id: 't2' })] },
      { status: 'active', targets: [target({ id: 't2' })] },
    ],
  ])('%s', (_name, raw, expected) => {
    expect(normal(raw)).toStrictEqual(expected);
  });

  it('keeps a reference that stands for nothing as written and says so, at its raw place', () => {
    const raw = {
      selection: { skills: [{ skill: 'Sales' }, { skill: 'Bilings' }] },
      targets: [target('Tier 9', { priority: 7 }), target({ id: 'zz' }), target('Twin')],
    };
    const { fields, unresolved } = normalise(table, raw, catalog);
    expect(fields['targets']).toContainEqual(target('Tier 9', { priority: 7 }));
    expect(unresolved).toEqual([
      {
        pointer: '/selection/skills/1/skill',
        to: 'skill',
        reference: 'Bilings',
        reason: 'the org has no skill "Bilings"',
        hint: 'did you mean "Billing"?',
      },
      {
        pointer: '/targets/0/queue',
        to: 'queue',
        reference: 'Tier 9',
        reason: 'the org has no queue "Tier 9"',
        hint: 'did you mean "Tier 1"?',
      },
      {
        pointer: '/targets/1/queue',
        to: 'queue',
        reference: { id: 'zz' },
        reason: 'the org has no queue with id "zz"',
        hint: 'write its name, or the id that it has in this org: every org has its own',
      },
      {
        pointer: '/targets/2/queue',
        to: 'queue',
        reference: 'Twin',
        reason: 'the org has 2 queues named "Twin"',
        hint: 'say which one: { id: t1 } or { id: t2 }',
      },
    ]);
  });

  it('finds the way back from a sorted item to the one that was written', () => {
    const raw = {
      selection: { skills: [{ skill: 'Support' }, { skill: 'Billing' }] },
      targets: [target('Tier 1', { priority: 3 }), target('Tier 2', { priority: 2 })],
    };
    const { origin } = normalise(table, raw, catalog);
    const pointers = [
      '/targets/0/weight',
      '/targets/1',
      '/selection/skills/0/skill',
      '',
      '/status',
    ];
    expect(pointers.map(origin)).toEqual([
      ...['/targets/1/weight', '/targets/0', '/selection/skills/1/skill', '', '/status'],
    ]);
  });

  it('finds the way back through a list in a list', () => {
    const inner = { type: 'list', key: 'n', order: { by: 'n' } } as const;
    const leaf = { type: 'record', fields: { n: { type: 'scalar' } } } as const;
    const nested: RecordField = {
      type: 'record',
      fields: {
        outer: {
          ...inner,
          item: {
            type: 'record',
            fields: { n: { type: 'scalar' }, inner: { ...inner, item: leaf } },
          },
        },
      },
    };
    const raw = {
      outer: [
        { n: 2, inner: [{ n: 1 }, { n: 2 }] },
        { n: 1, inner: [{ n: 9 }, { n: 8 }] },
      ],
    };
    const { origin } = normalise(nested, raw, catalogOf({ queue: [], skill: [] }));
    expect(origin('/outer/0/inner/0/n')).toBe('/outer/1/inner/1/n');
    expect(origin('/outer/1/inner/1/n')).toBe('/outer/0/inner/1/n');
  });
});

describe('complete', () => {
  it('reads what the org leaves out as the table says', () => {
    expect(complete(table, { targets: [] })).toEqual({
      targets: [],
      selection: { skills: [] },
      fallback: null,
    });
  });

  it('leaves alone what is there, null included', () => {
    const raw = { selection: { skills: [{ skill: 'x' }] }, fallback: null };
    expect(complete(table, raw)).toEqual(raw);
  });
});

describe('overlay', () => {
  const live = { status: 'active', selection: { skills: [] }, fallback: null };

  it.each<[string, JsonObject, JsonObject]>([
    ['nothing managed', {}, live],
    ['a scalar', { status: 'draft' }, { ...live, status: 'draft' }],
    [
      'a record where there was none',
      { fallback: { queue: 'a' } },
      { ...live, fallback: { queue: 'a' } },
    ],
    [
      'a list as a whole',
      { selection: { skills: [{ skill: 'x' }] } },
      { ...live, selection: { skills: [{ skill: 'x' }] } },
    ],
    ['a key that the table does not know', { other: 1 }, live],
  ])('%s', (_name, managed, expected) => {
    expect(overlay(table, live, managed)).toEqual(expected);
  });

  it('empties a record with null', () => {
    const base = { ...live, fallback: { queue: 'a', priority: 1, weight: 1 } };
    expect(overlay(table, base, { fallback: null })).toEqual(live);
  });

  it('keeps the keys of a record that are not managed', () => {
    const base = { ...live, fallback: { queue: 'a', priority: 1, weight: 1 } };
    expect(overlay(table, base, { fallback: { queue: 'b' } })['fallback']).toEqual({
      queue: 'b',
      priority: 1,
      weight: 1,
    });
  });
});

describe('referencesIn', () => {
  it('lists every reference, in the order of the table', () => {
    const fields = normal({
      fallback: { queue: { id: 't1' } },
      targets: [target('Tier 2'), target('Tier 1')],
      selection: { skills: [{ skill: 'Sales' }] },
    });
    expect(referencesIn(table, fields)).toEqual([
      { to: 'skill', reference: 'Sales' },
      { to: 'queue', reference: 'Tier 2' },
      { to: 'queue', reference: 'Tier 1' },
      { to: 'queue', reference: { id: 't1' } },
    ]);
  });

  it('finds none in null', () => {
    expect(referencesIn(table, { fallback: null })).toEqual([]);
  });
});

describe('modes, maps and what people switch', () => {
  const own: RecordField = {
    type: 'record',
    fields: {
      members: {
        type: 'list',
        key: 'user',
        order: 'set',
        modes: true,
        itemsLieOver: true,
        item: {
          type: 'record',
          fields: { user: { type: 'scalar' }, ring: { type: 'scalar' } },
        },
      },
      codes: { type: 'set', of: { type: 'scalar' }, modes: true },
      scripts: { type: 'map', of: { type: 'scalar' }, entriesKeep: true },
      columns: { type: 'map', of: { type: 'scalar' } },
      enabled: { type: 'scalar', operational: true },
    },
  };
  const live = {
    members: [
      { user: 'a', ring: 2 },
      { user: 'b', ring: 1 },
    ],
    codes: ['x', 'y'],
    scripts: { CALL: 's', CHAT: 't' },
    columns: { one: 'string', two: 'number' },
    enabled: true,
  };

  it.each<[string, JsonObject, JsonObject]>([
    ['nothing said', {}, {}],
    [
      'a list is exactly these, and an item keeps what is not said of it',
      { members: [{ user: 'a' }, { user: 'c', ring: 3 }] },
      {
        members: [
          { user: 'a', ring: 2 },
          { user: 'c', ring: 3 },
        ],
      },
    ],
    ['an empty list is none', { members: [] }, { members: [] }],
    [
      'at least these',
      { members: { include: [{ user: 'aa' }] }, codes: { include: ['z', 'x'] } },
      {
        members: [live.members[0] ?? {}, { user: 'aa' }, live.members[1] ?? {}],
        codes: ['x', 'y', 'z'],
      },
    ],
    ['at least none', { members: { include: [] } }, {}],
    [
      'entries that stay, and a map that is all there is',
      { scripts: { CHAT: 'u' }, columns: { one: 'string' } },
      { scripts: { CALL: 's', CHAT: 'u' }, columns: { one: 'string' } },
    ],
  ])('%s', (_name, spec, moved) => {
    const asked = normalise(own, spec, catalog).fields;
    expect(overlay(own, live, asked)).toEqual({ ...live, ...moved });
  });

  it('a new object has all that is to be included, and nothing that is only switched', () => {
    const asked = normalise(own, { codes: { include: ['b', 'a'] } }, catalog).fields;
    expect(overlay(own, {}, asked)).toEqual({ codes: ['a', 'b'] });
    expect(lasting(own, live)).not.toHaveProperty('enabled');
  });
});
