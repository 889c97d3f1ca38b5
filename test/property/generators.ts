/** Arbitrary strategies, manifests and names over the catalog of test/support/plans.ts. */
import fc from 'fast-check';
import { textOf, type Json, type JsonObject } from '../../src/core/json.js';
import type { OrgStrategy } from '../support/plans.js';
import { QUEUES, SKILLS, strategy } from '../support/plans.js';

const QUEUE_REFERENCES: readonly Json[] = [
  ...QUEUES,
  ...QUEUES.map((_name, index) => ({ id: `q${index + 1}` })),
  ...[{ id: 't1' }, { id: 't2' }, '__proto__', 'toString'],
];
const SKILL_REFERENCES: readonly Json[] = [...SKILLS, { id: 's1' }, { id: 's2' }];

/** What a reference stands for: two spellings of one object must not meet in one strategy. */
function identity(reference: Json): string {
  if (typeof reference === 'string') {
    const queue = QUEUES.indexOf(reference);
    const skill = SKILLS.indexOf(reference);
    return queue === -1 ? (skill === -1 ? reference : `s${skill + 1}`) : `q${queue + 1}`;
  }
  return textOf((reference as JsonObject)['id']);
}

const weight = fc.constantFrom(0, 0.1, 0.25, 0.5, 1, 2.5);
const priority = fc.integer({ min: 1, max: 3 });

/** Required keys always, `optional` ones sometimes. */
function some(
  required: Record<string, fc.Arbitrary<Json>>,
  optional: Record<string, fc.Arbitrary<Json>>,
): fc.Arbitrary<JsonObject> {
  return fc.record<JsonObject>(
    { ...required, ...optional },
    {
      requiredKeys: Object.keys(required),
    },
  );
}

const target = some(
  { queue: fc.constantFrom(...QUEUE_REFERENCES), capacity: fc.integer({ min: 1, max: 5 }) },
  { priority, weight },
);
const skill = some({ skill: fc.constantFrom(...SKILL_REFERENCES) }, { required: fc.boolean() });

const targets = fc.uniqueArray(target, {
  minLength: 1,
  maxLength: 5,
  selector: (one) => identity(one['queue'] ?? null),
}) as fc.Arbitrary<Json>;
const skills = fc.uniqueArray(skill, {
  maxLength: 3,
  selector: (one) => identity(one['skill'] ?? null),
}) as fc.Arbitrary<Json>;

/** Of queues that are never targets, so that it is never circular. */
const fallback = fc.option(some({ queue: fc.constant('Fallback') }, { priority, weight }), {
  nil: null,
}) as fc.Arbitrary<Json>;

const selection = skills.map((list): Json => ({ skills: list }));

/** In the shape of a manifest's `spec`. */
export const spec: fc.Arbitrary<JsonObject> = some(
  { targets },
  { selection, fallback, status: fc.constantFrom('active', 'draft') },
).filter((one) => (one['targets'] as JsonObject[]).some((item) => item['weight'] !== 0));

/** As a platform may have it: any state, a queue listed twice. */
const raw: fc.Arbitrary<JsonObject> = fc
  .record({
    base: some(
      { targets, status: fc.constantFrom('active', 'draft', 'failed', 'activating') },
      { selection, fallback },
    ),
    twice: fc.option(target, { nil: null, freq: 4 }),
  })
  .map(({ base, twice }) =>
    twice === null ? base : { ...base, targets: [...(base['targets'] as Json[]), twice] },
  );

const NAMES = ['a', 'b', 'c', 'd', 'e'];

/** Strategies of an org, names unique, shuffled. */
export const org: fc.Arbitrary<OrgStrategy[]> = fc.uniqueArray(
  fc.record({ name: fc.constantFrom(...NAMES), version: fc.nat(9), raw }),
  { selector: (one) => one.name, maxLength: 5 },
);

/** Manifests as text, names unique, some with an optimizer. */
export const manifests: fc.Arbitrary<string[]> = fc
  .uniqueArray(fc.record({ name: fc.constantFrom(...NAMES), spec, optimizer: fc.boolean() }), {
    selector: (one) => one.name,
    maxLength: 5,
  })
  .map((list) =>
    list.map((one) => {
      const optimizer = { policy: 'headroom', bounds: { min: 0.2, max: 0.6 } };
      // JSON is YAML: one key a line.
      const entries = Object.entries(one.optimizer ? { ...one.spec, optimizer } : one.spec);
      return strategy(
        one.name,
        entries.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join('\n'),
      );
    }),
  );

/** Text with whatever a hostile person would put into a name. */
export const hostile: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\n',
        '\r',
        '\u001b[2J',
        '\u202e',
        '@',
        '#1',
        '|',
        '\\',
        '`',
        '<b>',
        '::',
        '##[',
        '&',
        '\ud800',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

/** Any JSON value that a text can hold: minus zero is not one. */
export const json: fc.Arbitrary<Json> = fc
  .jsonValue({ maxDepth: 4, stringUnit: 'grapheme' })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);
