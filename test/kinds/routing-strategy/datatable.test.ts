/** What a strategy is as a row of a data table, and what is read from rows that people edited. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical } from '../../../src/core/canonical.js';
import { catalogOf } from '../../../src/core/catalog.js';
import { differences } from '../../../src/core/compare.js';
import { textOf, type Json, type JsonObject } from '../../../src/core/json.js';
import { placeText, type Place } from '../../../src/core/place.js';
import type {
  AuditedEvent,
  ChangeContent,
  IdOf,
  Standing,
  Step,
} from '../../../src/core/resource.js';
import { complete, normalise } from '../../../src/core/normalise.js';
import { rowsPath, schemaProblem, TABLE_LIMITS, tableBody } from '../../../src/core/table.js';
import type { Manifest } from '../../../src/core/types.js';
import { fields as table } from '../../../src/kinds/routing-strategy/fields.js';
import { datatable } from '../../../src/kinds/routing-strategy/datatable.js';
import { json, spec } from '../../property/generators.js';
import { catalog as plansCatalog } from '../../support/plans.js';

const ROOT = '/api/v2/flows/datatables/t/rows';
/** A row holds names already: nothing may be looked up for it. */
const idOf: IdOf = (to) => {
  throw new Error(`the id of a ${to} was asked for`);
};

const target = (queue: Json, rest: JsonObject = {}): JsonObject => ({
  queue,
  priority: 1,
  weight: 1,
  capacity: 10,
  ...rest,
});
const FIELDS: JsonObject = {
  status: 'active',
  selection: {
    skills: [
      { skill: 'Billing', required: true },
      { skill: 'French', required: false },
      { skill: 'Support', required: true },
    ],
  },
  targets: [
    target('T1'),
    target('T2', { capacity: 20 }),
    target('T3', { priority: 2, weight: 0.5 }),
  ],
  fallback: { queue: 'F', priority: 99, weight: 0.3 },
};
const row = (edit: JsonObject = {}, fields = FIELDS): JsonObject => ({
  ...datatable.entity('a/b', fields, idOf),
  ...edit,
});
const raw = (edited: JsonObject): JsonObject => datatable.read(edited).raw;

/** As the engine makes live fields of a row. */
const normal = (fields: JsonObject, catalog = plansCatalog): JsonObject =>
  normalise(table, complete(table, fields), catalog, datatable.order).fields;
const live = (edited: JsonObject): JsonObject => normal(raw(edited));

const COLUMNS = 'table' in datatable.home ? datatable.home.table.columns : [];
const EMPTY = { string: '', integer: 0, number: 0, boolean: false };
/** What a person makes who adds a row in the admin UI and fills in nothing. */
const BLANK: JsonObject = {
  key: 'by hand',
  ...Object.fromEntries(COLUMNS.map(({ name, type }) => [name, EMPTY[type]])),
};

describe('the table', () => {
  it('has 36 columns besides the key, each with a title of its own', () => {
    expect(COLUMNS).toHaveLength(36);
    expect(COLUMNS.length).toBeLessThanOrEqual(TABLE_LIMITS.columns);
    expect(new Set(COLUMNS.map(({ title }) => title)).size).toBe(36);
  });

  it('has the columns that call flows name', () => {
    const named = COLUMNS.map(({ name, type }) => `${name} ${type}`);
    expect(named.filter((one) => !/^target_0[2-9]/.test(one))).toEqual([
      ...['status string', 'skills string', 'targets integer'],
      ...['fallback_queue string', 'fallback_priority integer'],
      ...['target_01_queue string', 'target_01_priority integer', 'target_01_share number'],
      ...['target_10_queue string', 'target_10_priority integer', 'target_10_share number'],
      'spec string',
    ]);
  });

  it('is what it asks for, and tells an administrator whose it is', () => {
    if (!('table' in datatable.home)) throw new Error('no table');
    const asked = { name: 'Routing Strategies', ...datatable.home.table };
    expect(schemaProblem(asked, tableBody(asked))).toBeNull();
    expect(asked.description).toMatch(/strategos.*docs\/call-flow\.md.*drift/);
  });
});

describe('entity', () => {
  it('is the full row', () => {
    const slot = (number: string, queue: string, priority: number, share: number): JsonObject => ({
      [`target_${number}_queue`]: queue,
      [`target_${number}_priority`]: priority,
      [`target_${number}_share`]: share,
    });
    expect(row()).toEqual({
      key: 'a/b',
      status: 'active',
      skills: 'Billing|Support',
      targets: 3,
      fallback_queue: 'F',
      fallback_priority: 99,
      ...slot('01', 'T1', 1, 0.5),
      ...slot('02', 'T2', 1, 1),
      ...slot('03', 'T3', 2, 1),
      ...Object.assign(
        {},
        ...['04', '05', '06', '07', '08', '09', '10'].map((number) => slot(number, '', 0, 0)),
      ),
      spec: canonical(FIELDS),
    });
  });

  it('says what a manifest leaves out as the org would have it', () => {
    const bare = row({}, { status: 'draft', targets: [target('T1')] });
    const said = row({}, { ...FIELDS, status: 'draft', targets: [target('T1')] });
    const none = { selection: { skills: [] }, fallback: null };
    expect(bare).toEqual(row({}, { status: 'draft', targets: [target('T1')], ...none }));
    expect(Object.keys(bare)).toEqual(Object.keys(said));
  });

  it('has a value of its type in every column', () => {
    fc.assert(
      fc.property(spec, (one) => {
        const made = row({}, normal(one));
        expect(Object.keys(made)).toEqual(['key', ...COLUMNS.map(({ name }) => name)]);
        for (const { name, type } of COLUMNS) {
          const value = made[name];
          expect(type === 'integer' ? Number.isInteger(value) : typeof value === type).toBe(true);
        }
      }),
    );
  });

  it('does not depend on how its fields are written', () => {
    fc.assert(
      fc.property(spec, (one) => {
        const fields = normal(one);
        const reversed = Object.fromEntries(Object.entries(fields).reverse());
        expect(row({}, reversed)).toEqual(row({}, fields));
      }),
    );
  });
});

const TINY = 1e-9;

describe('reading what was written', () => {
  it('gives name and state, and the fields as they were', () => {
    expect(datatable.read(row())).toEqual({
      id: 'a/b',
      name: 'a/b',
      state: 'active',
      version: null,
      errorMessage: null,
      raw: FIELDS,
    });
    expect(datatable.read(row({}, { ...FIELDS, status: 'draft' }))).toMatchObject({
      state: 'draft',
      raw: { ...FIELDS, status: 'draft' },
    });
  });

  const anyWeight = fc.oneof(
    fc.constantFrom(0, 0.1, 1, 1e-7, TINY, 12345.678, 1e300),
    fc.double({ min: 0, max: 100, noNaN: true }),
  );

  it('gives the fields of any strategy, references that have no name included', () => {
    fc.assert(
      fc.property(spec, fc.array(anyWeight, { minLength: 5, maxLength: 5 }), (one, weights) => {
        const targets = (one['targets'] as JsonObject[]).map((item, index) => ({
          ...item,
          weight: weights[index] ?? 0,
        }));
        const fields = normal({ ...one, targets });
        expect(live(row({}, fields))).toEqual(fields);
      }),
    );
  });

  it('gives queues that stand twice each its own capacity', () => {
    const targets = [target('T1', { capacity: 1 }), target('T1', { capacity: 2 })];
    expect(raw(row({}, { ...FIELDS, targets }))['targets']).toEqual(targets);
  });
});

/** Fields of FIELDS, told apart from what they were. */
function told(edit: JsonObject): string[] {
  const names = catalogOf({ queue: [], skill: [] });
  const edited = normal(raw(row(edit)), names);
  const shown = (value: Json | undefined): string =>
    value === undefined ? '-' : typeof value === 'string' ? value : JSON.stringify(value);
  return differences(table, FIELDS, edited).map(
    ({ place, before, after }) => `${placeText(place)}: ${shown(before)} → ${shown(after)}`,
  );
}

describe('a hand edit', () => {
  it.each<[string, JsonObject, readonly string[]]>([
    ['none', {}, []],
    ['a column of somebody else', { note: 'call Ada' }, []],
    // Status
    ['status: draft', { status: 'draft' }, ['status: active → draft']],
    ['status: a word that means nothing', { status: 'Active' }, ['status: active → Active']],
    ['status: nothing', { status: '' }, ['status: active → ']],
    // Skills
    ['skills: another order', { skills: 'Support|Billing' }, []],
    [
      'skills: one more',
      { skills: 'Billing|Support|Sales' },
      ['selection.skills["Sales"]: - → {"required":true}'],
    ],
    [
      'skills: none; what is preferred stays',
      { skills: '' },
      [
        'selection.skills["Billing"]: {"required":true} → -',
        'selection.skills["Support"]: {"required":true} → -',
      ],
    ],
    [
      'skills: a preferred one is required',
      { skills: 'Billing|Support|French' },
      ['selection.skills["French"].required: false → true'],
    ],
    [
      'skills: a separator too many',
      { skills: 'Billing|Support|' },
      ['selection.skills[""]: - → {"required":true}'],
    ],
    [
      'skills: blanks, which no flow takes away',
      { skills: 'Billing| Support' },
      [
        'selection.skills["Support"]: {"required":true} → -',
        'selection.skills[" Support"]: - → {"required":true}',
      ],
    ],
    // Fallback
    ['fallback: another queue', { fallback_queue: 'G' }, ['fallback.queue: F → G']],
    ['fallback: priority', { fallback_priority: 5 }, ['fallback.priority: 99 → 5']],
    [
      'fallback: none',
      { fallback_queue: '' },
      ['fallback: {"queue":"F","priority":99,"weight":0.3} → null'],
    ],
    // Targets
    [
      'targets: one fewer',
      { targets: 2 },
      ['targets["T3"]: {"priority":2,"weight":0.5,"capacity":10} → -'],
    ],
    [
      'targets: one fewer, and nobody has what it had',
      { targets: 1 },
      [
        'targets["T2"]: {"priority":1,"weight":1,"capacity":20} → -',
        'targets["T3"]: {"priority":2,"weight":0.5,"capacity":10} → -',
        'targets["T1"].weight: 1 → null',
      ],
    ],
    [
      'targets: one more than are filled in',
      { targets: 4 },
      ['targets[""]: - → {"priority":0,"weight":0}'],
    ],
    [
      'targets: a queue instead of another has its share, and no capacity',
      { target_01_queue: 'T9' },
      [
        'targets["T1"]: {"priority":1,"weight":1,"capacity":10} → -',
        'targets["T9"]: - → {"priority":1,"weight":1}',
      ],
    ],
    [
      'targets: two queues exchanged',
      { target_01_queue: 'T2', target_02_queue: 'T1' },
      ['targets (order): ["T1","T2","T3"] → ["T2","T1","T3"]'],
    ],
    [
      'targets: added in full',
      { targets: 4, target_04_queue: 'T4', target_04_priority: 3, target_04_share: 1 },
      ['targets["T4"]: - → {"priority":3,"weight":1}'],
    ],
    [
      'targets: added to a tier',
      {
        targets: 4,
        target_04_queue: 'T4',
        target_04_priority: 2,
        target_04_share: 1,
        target_03_share: 0.5,
      },
      ['targets["T3"].weight: 0.5 → 0.25', 'targets["T4"]: - → {"priority":2,"weight":0.25}'],
    ],
    ['targets: filled in beyond their number', { target_04_queue: 'T4' }, []],
    // Priorities
    ['priority', { target_03_priority: 3 }, ['targets["T3"].priority: 2 → 3']],
    [
      'priority: the last of a tier leaves it, and the rest ends below 1',
      { target_02_priority: 3 },
      ['targets["T1"].weight: 1 → null', 'targets["T2"].priority: 1 → 3'],
    ],
    [
      'slots that change places, so that calls go to the second tier first',
      {
        target_02_queue: 'T3',
        target_02_priority: 2,
        target_02_share: 1,
        target_03_queue: 'T2',
        target_03_priority: 1,
        target_03_share: 1,
      },
      [
        'targets["T1"].weight: 1 → null',
        'targets["T3"].weight: 0.5 → 1',
        'targets["T2"].weight: 1 → 0.5',
        'targets (order): ["T1","T2","T3"] → ["T1","T3","T2"]',
      ],
    ],
    [
      'priority: joins a tier that gives everything away already',
      { target_03_priority: 1 },
      ['targets["T3"].priority: 2 → 1', 'targets["T3"].weight: 0.5 → 0'],
    ],
    [
      'priority: joins a tier, with shares that suit the weights',
      { target_03_priority: 1, target_01_share: 0.4, target_02_share: 0.8 },
      ['targets["T3"].priority: 2 → 1'],
    ],
    // Shares
    [
      'share: scaled to what the tier had',
      { target_01_share: 0.8 },
      ['targets["T1"].weight: 1 → 1.6', 'targets["T2"].weight: 1 → 0.4'],
    ],
    [
      'share: all to the first',
      { target_01_share: 1 },
      ['targets["T1"].weight: 1 → 2', 'targets["T2"].weight: 1 → 0'],
    ],
    [
      'share: none to the first',
      { target_01_share: 0 },
      ['targets["T1"].weight: 1 → 0', 'targets["T2"].weight: 1 → 2'],
    ],
    [
      'share: above 1',
      { target_01_share: 5 },
      ['targets["T1"].weight: 1 → null', 'targets["T2"].weight: 1 → null'],
    ],
    [
      'share: below 0',
      { target_01_share: -0.5 },
      ['targets["T1"].weight: 1 → null', 'targets["T2"].weight: 1 → 2'],
    ],
    ['share: the last of a tier', { target_02_share: 0.9 }, ['targets["T2"].weight: 1 → null']],
    [
      'share: less than the one before',
      { target_02_share: 0.2 },
      ['targets["T2"].weight: 1 → null'],
    ],
    [
      'share: of the only one of its tier',
      { target_03_share: 0.5 },
      ['targets["T3"].weight: 0.5 → null'],
    ],
    [
      'share: nobody in a tier',
      { target_01_share: 0, target_02_share: 0 },
      ['targets["T1"].weight: 1 → 0', 'targets["T2"].weight: 1 → 0'],
    ],
    // The JSON
    [
      'spec: what no column says',
      { spec: canonical(FIELDS).replace('"capacity":20', '"capacity":7') },
      ['targets["T2"].capacity: 20 → 7'],
    ],
    [
      'spec: what a column says too',
      { spec: canonical({ ...FIELDS, status: 'draft', fallback: null }) },
      ['fallback.weight: 0.3 → 0.1'],
    ],
    [
      'spec: emptied',
      { spec: '' },
      [
        'selection.skills["French"]: {"required":false} → -',
        'targets["T1"].weight: 1 → 0.5',
        'targets["T1"].capacity: 10 → -',
        'targets["T2"].weight: 1 → 0.5',
        'targets["T2"].capacity: 20 → -',
        'targets["T3"].weight: 0.5 → 1',
        'targets["T3"].capacity: 10 → -',
        'fallback.weight: 0.3 → 0.1',
      ],
    ],
  ])('%s', (_name, edit, expected) => {
    expect(told(edit)).toEqual(expected);
  });

  it.each<[string, readonly number[], JsonObject, readonly (number | null)[]]>([
    // Name, weights as written, edit, weights as read.
    ['thirds stay thirds', [1, 1, 1], { target_02_share: 0.8 }, [1, 1.4, 0.6]],
    ['the tail stays as written', [1, 1, 1], { target_01_share: 0.1 }, [0.3, 1.7, 1]],
    [
      'many digits stay',
      [Math.PI, Math.E, 1],
      { target_02_share: 0.9 },
      [Math.PI, 3.03229, 0.685987],
    ],
    ['a weight of 0 stays', [0, 1, 1], { target_02_share: 0.25 }, [0, 0.5, 1.5]],
    ['a weight of 0 gets something', [0, 1, 1], { target_01_share: 0.25 }, [0.5, 0.5, 1]],
    ['what rounding gave is as it shows', [TINY, TINY, 1], { target_01_share: 0 }, [0, 0.0002, 1]],
    [
      'a tier of weight 0 gets something',
      [0, 0, 0],
      { target_02_share: 0.5, target_03_share: 1 },
      [0, 0.5, 0.5],
    ],
  ])('of shares: %s', (_name, weights, edit, expected) => {
    const targets = weights.map((weight, index) => target(`T${index + 1}`, { weight }));
    const read = raw(row(edit, { ...FIELDS, targets }))['targets'] as JsonObject[];
    expect(read.map(({ weight }) => weight)).toEqual(expected);
  });
});

/** Path of a difference, the name of an item left out: `targets[].weight`. */
const kindOfPath = (path: string): string => path.replace(/\[".*?"\]/, '[]');

describe('an edit of one column', () => {
  const written = spec.map((one) => normal(one));
  const edits = fc.record({ slot: fc.nat(), share: fc.integer({ min: 0, max: 10_000 }) });
  const seen = (fields: JsonObject, edit: JsonObject): string[] =>
    differences(table, fields, live(row(edit, fields))).map(({ place }) =>
      kindOfPath(placeText(place)),
    );

  it('is a difference in the field of that column', () => {
    fc.assert(
      fc.property(written, edits, (fields, { slot }) => {
        const targets = fields['targets'] as JsonObject[];
        const number = `0${(slot % targets.length) + 1}`;
        expect(seen(fields, { status: 'Draft' })).toEqual(['status']);
        expect(seen(fields, { skills: 'Somebody' })).toContain('selection.skills[]');
        const fallback = fields['fallback'] === null ? 'fallback' : 'fallback.queue';
        expect(seen(fields, { fallback_queue: 'Somewhere' })).toEqual([fallback]);
        if (fields['fallback'] !== null) {
          expect(seen(fields, { fallback_priority: 77 })).toEqual(['fallback.priority']);
        }
        const swapped = seen(fields, { [`target_${number}_queue`]: 'Somewhere' });
        expect(swapped).toEqual(['targets[]', 'targets[]']);
        for (const count of [0, 7, 99, -1]) {
          for (const path of seen(fields, { targets: count })) {
            expect(path).toMatch(/^targets\[\](\.weight)?( #\d+)?$/);
          }
          expect(seen(fields, { targets: count })).not.toEqual([]);
        }
        const moved = seen(fields, { [`target_${number}_priority`]: 7 });
        expect(moved).toContain('targets[].priority');
        for (const path of moved) {
          expect(path).toMatch(/^targets(\[\]\.(priority|weight)| \(order\))$/);
        }
      }),
    );
  });

  it('of a share is a difference of that weight, and of the next at most', () => {
    fc.assert(
      fc.property(written, edits, (fields, { slot, share }) => {
        const targets = fields['targets'] as JsonObject[];
        const column = `target_0${(slot % targets.length) + 1}_share`;
        const before = row({}, fields)[column];
        fc.pre(before !== share / 10_000);
        const found = seen(fields, { [column]: share / 10_000 });
        expect(found.length).toBeGreaterThan(0);
        // A tier in which nobody has a share any more has no weight either.
        const peers = targets.filter(
          (one) => one['priority'] === targets[slot % targets.length]!['priority'],
        );
        expect(found.length).toBeLessThanOrEqual(share === 0 ? peers.length : 2);
        expect(new Set(found)).toEqual(new Set(['targets[].weight']));
      }),
    );
  });

  it('can be agreed to: shares that read as weights are written as the same shares', () => {
    const tier = fc.uniqueArray(fc.integer({ min: 1, max: 9_999 }), { maxLength: 4 });
    fc.assert(
      fc.property(written, tier, tier, (fields, first, second) => {
        const slots = [first, second].flatMap((steps, index) =>
          [...steps.sort((a, b) => a - b), 10_000].map((one) => [index + 1, one / 10_000] as const),
        );
        const cells = slots.flatMap(([priority, share], index): [string, Json][] => {
          const number = `target_${String(index + 1).padStart(2, '0')}`;
          return [
            ...([[`${number}_queue`, `Q${index}`]] as [string, Json][]),
            ...([
              [`${number}_priority`, priority],
              [`${number}_share`, share],
            ] as [string, Json][]),
          ];
        });
        const edited = row({ targets: slots.length, ...Object.fromEntries(cells) }, fields);
        const again = row({}, live(edited));
        expect(cells.map(([name]) => again[name])).toEqual(cells.map(([, value]) => value));
      }),
    );
  });
});

describe('a row that nobody wrote with strategos', () => {
  it('reads as an empty draft when nothing is filled in', () => {
    expect(datatable.read(BLANK)).toEqual({
      id: 'by hand',
      name: 'by hand',
      state: 'draft',
      version: null,
      errorMessage: null,
      raw: { status: '', selection: { skills: [] }, targets: [], fallback: null },
    });
  });

  it('reads as its columns say', () => {
    const filled = {
      ...BLANK,
      status: 'active',
      skills: 'Billing',
      targets: 2,
      fallback_queue: 'F',
      target_01_queue: 'T1',
      target_01_priority: 1,
      target_01_share: 0.75,
      target_02_queue: 'T2',
      target_02_priority: 1,
      target_02_share: 1,
    };
    expect(datatable.read(filled)).toMatchObject({
      state: 'active',
      raw: {
        status: 'active',
        selection: { skills: [{ skill: 'Billing', required: true }] },
        targets: [
          { queue: 'T1', priority: 1, weight: 0.75 },
          { queue: 'T2', priority: 1, weight: 0.25 },
        ],
        fallback: { queue: 'F', priority: 0 },
      },
    });
  });

  it.each<[string, JsonObject, number]>([
    ['no row at all', {}, 0],
    ['a count below 0', { targets: -3 }, 0],
    ['a count beyond the slots shows one target too many', { targets: 99 }, 11],
    ['a count that is no whole number', { targets: 2.9 }, 2],
    ['a count that is no number', { targets: '2' }, 0],
    ['a count that no number holds', { targets: Infinity }, 0],
    ['cells of other types', { targets: 1, target_01_queue: 1, target_01_share: [] }, 1],
  ])('%s', (_name, cells, count) => {
    const read = raw(cells);
    expect(read['targets']).toHaveLength(count);
    expect(live({ ...row(), ...cells })).toBeTypeOf('object');
  });

  it.each<[string, string]>([
    ['no JSON', '{'],
    ['no object', '[1]'],
    ['other fields', '{"a":1}'],
    ['fields of other types', '{"status":1,"selection":[],"targets":{},"fallback":7}'],
    ['items of other types', '{"selection":{"skills":[1,{"skill":2}]},"targets":[null,3]}'],
    ['half a character', '{"targets":[{"queue":"\\ud800","weight":1}]}'],
    ['a number beyond all', '{"targets":[{"queue":"T1","weight":1e999}]}'],
    ['nesting without end', `{"a":${'['.repeat(15_000)}${']'.repeat(15_000)}}`],
  ])('has a spec with %s', (_name, text) => {
    const fields = live(row({ spec: text }));
    expect(fields).toMatchObject({ status: 'active', fallback: { queue: 'F', priority: 99 } });
    expect(fields['targets']).toHaveLength(3);
    expect(() => canonical(fields)).not.toThrow();
  });

  it('never throws, and reads as what a digest can be made of', () => {
    const names = ['key', ...COLUMNS.map(({ name }) => name)];
    const cell = fc.oneof(
      json,
      fc.string({ unit: 'binary' }),
      fc.constantFrom(NaN, 1e400, '\ud800'),
    );
    const cells = fc.dictionary(fc.constantFrom(...names), cell) as fc.Arbitrary<JsonObject>;
    const specs = fc.oneof(
      json.map((value) => JSON.stringify(value)),
      fc
        .record({ targets: json, selection: json, fallback: json })
        .map((one) => JSON.stringify(one)),
    );
    const base = fc.constantFrom({}, BLANK, row());
    fc.assert(
      fc.property(base, cells, fc.option(specs), fc.integer(), (from, some, text, targets) => {
        const spoilt = { ...from, ...some, ...(text === null ? {} : { spec: text, targets }) };
        const { name, raw: read } = datatable.read(spoilt);
        expect(() => canonical({ name, read, fields: normal(read) })).not.toThrow();
        expect(() => row({}, normal(read))).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });
});

const standing = (entity: JsonObject | null): Standing => ({ id: 'a/b', version: null, entity });

/** `check (else create draft), create active`: what is written, and the status that is in it. */
function steps(list: readonly Step[]): string {
  return list
    .map((step): string => {
      if (step.do === 'check' && step.otherwise) return `check (else ${steps([step.otherwise])})`;
      if (step.do !== 'write') return step.do;
      const { body } = step.request(standing(null), idOf);
      return body === undefined ? step.name : `${step.name} ${textOf(body['status'])}`;
    })
    .join(', ');
}

function stepsOf(
  action: ChangeContent['action'],
  before: JsonObject | null,
  after: JsonObject | null,
): readonly Step[] {
  return datatable.steps({ action, address: 'RoutingStrategy/a/b', before, after }, ROOT);
}

describe('steps', () => {
  it.each<[ChangeContent['action'], string | null, string | null, boolean, string]>([
    // Action, status before, status after, whether the content changes too, steps.
    ['create', null, 'active', false, 'check (else create draft), create active'],
    ['create', null, 'draft', false, 'create draft'],
    ['delete', 'active', null, false, 'verify, delete'],
    ['adopt', 'active', 'active', false, 'verify'],
    ['adopt', 'draft', 'active', false, 'check, activate active'],
    ['adopt', 'active', 'active', true, 'check, update active'],
    ['update', 'active', 'active', true, 'check, update active'],
    ['update', 'active', 'draft', false, 'update draft'],
    ['update', 'active', 'draft', true, 'update draft'],
    ['update', 'draft', 'draft', true, 'update draft'],
    ['update', 'draft', 'active', false, 'check, activate active'],
    ['update', 'draft', 'active', true, 'check (else update draft), activate active'],
    ['update', 'Activ', 'active', true, 'check (else update Activ), activate active'],
    ['update', 'Activ', 'draft', false, 'update draft'],
  ])('%s, %s → %s, content changes: %s', (action, was, becomes, edited, expected) => {
    const before = was === null ? null : { ...FIELDS, status: was };
    const content = edited ? { ...FIELDS, fallback: null } : FIELDS;
    const after = becomes === null ? null : { ...content, status: becomes };
    expect(steps(stepsOf(action, before, after))).toBe(expected);
  });

  const requests = (list: readonly Step[], entity: JsonObject | null): unknown[] =>
    list.flatMap((step) => (step.do === 'write' ? [step.request(standing(entity), idOf)] : []));

  it('write below the rows of the table, without a query', () => {
    const create = stepsOf('create', null, FIELDS);
    expect(requests(create, null)).toEqual([{ method: 'POST', path: ROOT, body: row() }]);
    const remove = stepsOf('delete', FIELDS, null);
    expect(requests(remove, row())).toEqual([{ method: 'DELETE', path: `${ROOT}/a%2Fb` }]);
    const update = stepsOf('update', { ...FIELDS, fallback: null }, FIELDS);
    expect(requests(update, null)).toEqual([{ method: 'PUT', path: `${ROOT}/a%2Fb`, body: row() }]);
  });

  it('keep the columns that somebody added, and no cell of ours as it was', () => {
    fc.assert(
      fc.property(spec, spec, fc.dictionary(fc.string(), json), (one, other, added) => {
        const [before, after] = [normal(one), normal(other)];
        const ours = row({}, after);
        const [change] = requests(stepsOf('update', before, after), {
          ...added,
          ...row({}, before),
        }) as { body: JsonObject }[];
        // Nothing to write where the two happen to be the same.
        fc.pre(change !== undefined);
        expect(change.body).toEqual({ ...added, ...ours });
      }),
    );
  });

  it('look for whole rows', () => {
    expect(datatable.listing(ROOT)).toEqual({ path: `${ROOT}?showbrief=false`, pageSize: 500 });
    expect(datatable.itemPath(ROOT, 'a/b')).toBe(`${ROOT}/a%2Fb?showbrief=false`);
  });
});

describe('rules', () => {
  const issues = (name: string, body: Json): string[] => {
    const positions = {
      at: (pointer: string) => ({ file: pointer, line: 1, column: 1 }),
    };
    const manifest: Manifest = {
      kind: 'RoutingStrategy',
      name,
      positions,
      body: { metadata: { name }, spec: body },
    };
    return (datatable.rules?.(manifest) ?? []).map(
      ({ at, code, message, hint }) => `${at?.file} ${code} ${message} (${hint})`,
    );
  };
  const skills = (...list: Json[]): JsonObject => ({ selection: { skills: list } });
  const queues = (length: number): JsonObject => ({
    targets: Array.from({ length: 10 }, (_, index) => target(`${index}`.repeat(length))),
  });

  it.each<[string, string, Json, readonly string[]]>([
    ['nothing wrong', 'a', FIELDS, []],
    ['a name that just fits', 'x'.repeat(256), FIELDS, []],
    [
      'a name that does not',
      'x'.repeat(257),
      FIELDS,
      [
        '/metadata/name name-too-long metadata.name: 257 characters, and a data table takes 256 (shorten the name)',
      ],
    ],
    [
      'a name that leads out of the table',
      '..',
      FIELDS,
      [
        '/metadata/name unusable-name metadata.name: ".." cannot be the key of a row, which is a part of a path (choose another name)',
      ],
    ],
    [
      'a name that a path has to escape',
      'Sales / EMEA; 50% #1/?\\',
      FIELDS,
      [
        '/metadata/name name-in-path metadata.name: "/" ";" "%" "#" "?" "\\" has to be escaped in the path of a row, and not every org takes that: the strategy might be made there, and then neither changed nor deleted (choose a name of letters, digits, spaces and . - _ ( ) instead)',
      ],
    ],
    ['a name that is only unusual', "Über (夜間) it's ~ & + = @ :,", FIELDS, []],
    [
      'a skill with a separator',
      'a',
      skills({ skill: 'A' }, { skill: 'B|C' }),
      [
        '/spec/selection/skills/1/skill skill-separator spec.selection.skills[1]: the skill "B|C" has a "|", which separates skills in the data table (rename the skill in the org without "|")',
      ],
    ],
    ['much', 'a', queues(3000), []],
    [
      'too much for a cell',
      'a',
      queues(4000),
      [
        '/spec strategy-too-large spec: 40582 characters as JSON, and a cell of a data table takes 32000 (name fewer skills or targets)',
      ],
    ],
    ['what the schema refuses', 'a', skills(1, null, { skill: 7 }), []],
    ['half a character', 'a', { targets: [target('\ud800')] }, []],
    ['no spec to speak of', 'a', [1], []],
  ])('%s', (_name, name, body, expected) => {
    expect(issues(name, body)).toEqual(expected);
  });

  it('are total', () => {
    fc.assert(
      fc.property(fc.string(), json, (name, body) => {
        expect(() => issues(name, body)).not.toThrow();
      }),
    );
  });
});

describe('problems', () => {
  const problems = (fields: JsonObject): string[] =>
    (datatable.problems?.(fields, null) ?? []).map(
      ({ pointer, message, hint }) => `${pointer} ${message} (${hint})`,
    );
  const nameless = (what: string, id: string): string =>
    `the ${what} with id "${id}" has no name to itself, and the data table holds names ` +
    `(give the ${what} a name in the org that no other has, and write that name)`;
  const BAD: JsonObject = {
    selection: {
      skills: [
        { skill: { id: 's' }, required: true },
        { skill: 'A|B', required: true },
      ],
    },
    targets: [target('T1'), target({ id: 't' })],
    fallback: { queue: { id: 'f' } },
  };
  const FOUND = [
    `/selection/skills/0/skill ${nameless('skill', 's')}`,
    '/selection/skills/1/skill the skill "A|B" has a "|", which separates skills in the data ' +
      'table (rename the skill in the org without "|")',
    `/targets/1/queue ${nameless('queue', 't')}`,
    `/fallback/queue ${nameless('queue', 'f')}`,
  ];

  it('are references that a row cannot hold', () => {
    expect(problems(FIELDS)).toEqual([]);
    expect(problems({ targets: [], fallback: null })).toEqual([]);
    expect(problems(BAD)).toEqual(FOUND);
  });

  it('are still seen in what would be sent', () => {
    expect(problems(raw(row({}, BAD)))).toEqual(FOUND);
  });

  it('are fields that no cell can hold', () => {
    expect(problems({ targets: [target('x'.repeat(32_000))] })).toEqual([
      ' 32123 characters as JSON, and a cell of a data table takes 32000 (name fewer skills or targets)',
    ]);
  });

  it('are those that one character makes too long, with what a manifest leaves out', () => {
    // Six characters each as JSON, so that what is guessed of the length is no more than it is.
    for (let count = 5290; count <= 5340; count += 1) {
      const bare = { targets: [{ queue: '\u0001'.repeat(count) }] };
      const { length } = textOf(row({}, bare)['spec']);
      expect([count, problems(bare).length]).toEqual([count, length > 32_000 ? 1 : 0]);
    }
  });
});

describe('audit', () => {
  it('knows a row by its key', () => {
    const record = { entityId: 'table', entityName: 'b', context: { key: 'a' } };
    expect(datatable.audit.idOf(record as unknown as AuditedEvent, ROOT)).toBe('a');
    expect(datatable.audit.idOf({ ...record, context: {} } as unknown as AuditedEvent, ROOT)).toBe(
      'b',
    );
  });

  // Keys of contexts in other letters: community.genesys.com, "information-available-in-apiv2auditsquery".
  it.each([
    ['in a context of other letters', { context: { DatatableId: 'table', Key: 'a/b' } }],
    ['in the path', { entityUri: '/api/v2/flows/datatables/table/rows/a%2Fb' }],
  ])('finds the row %s, and tells the same of another table apart', (_, over) => {
    const record = { entityId: 'table', entityName: 'x', entityUri: '', context: {}, ...over };
    const event = record as unknown as AuditedEvent;
    expect(datatable.audit.idOf(event, rowsPath('table'))).toBe('a/b');
    expect(datatable.audit.idOf(event, rowsPath('other'))).toBe('');
  });

  const all = ['key', ...COLUMNS.map(({ name }) => name), 'note'];
  const ofTargets = all.filter((name) => name.startsWith('target'));
  const target = (queue: string, priority: number): JsonObject => ({ queue, priority, weight: 1 });
  // A priority says which shares are of one tier.
  const [first = [], second = [], third = []] = ['01', '02', '03'].map((slot) => [
    `target_${slot}_priority`,
    `target_${slot}_share`,
  ]);
  const targets = [target('A', 1), target('B', 1), target('C', 2)];
  const placed = (key: string, leaf?: string): Place =>
    leaf === undefined ? ['targets', { key }] : ['targets', { key }, leaf];
  const live = datatable.entity('b', { targets }, () => '');

  it.each<[Place, readonly string[]]>([
    [['status'], ['status']],
    [['selection', 'skills', { key: 'Voice' }], ['skills']],
    [['selection', 'skills', { key: 'Voice' }, 'required'], ['skills']],
    [['targets', { order: true }], ofTargets],
    [placed('gone'), ofTargets],
    [placed('B'), ['target_02_queue', 'target_02_priority', 'target_02_share']],
    [placed('C', 'priority'), ['target_03_priority']],
    [placed('A', 'weight'), [...first, 'target_02_priority']],
    [placed('B', 'weight'), [...first, ...second, 'target_03_priority']],
    [placed('C', 'weight'), ['target_02_priority', ...third, 'target_04_priority']],
    [placed('B', 'capacity'), ['spec']],
    [['fallback'], ['fallback_queue', 'fallback_priority']],
    [['fallback', 'queue'], ['fallback_queue']],
    [['fallback', 'weight'], ['spec']],
    [['nothing'], []],
  ])('%j is held by its columns, and by no other slot', (place, expected) => {
    const holds = datatable.audit.holding(place, live, () => '');
    expect(all.filter(holds)).toEqual(expected);
  });

  it('writes the value of a cell as text', () => {
    const row = { target_01_share: 0.5, status: 'active', none: null };
    expect(
      ['target_01_share', 'status', 'none', 'toString'].map((name) =>
        datatable.audit.valueIn(row, name),
      ),
    ).toEqual(['0.5', 'active', null, null]);
  });
});
