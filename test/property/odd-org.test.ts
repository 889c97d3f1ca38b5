/**
 * Whatever an org holds, an export of it is valid: what no manifest can say is left to the org, and
 * told. The fields of every kind are walked, and given what the platform may have and schemas refuse.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogOf } from '../../src/core/catalog.js';
import type { Field, ListField, RecordField } from '../../src/core/fields.js';
import { byText, hasErrors } from '../../src/core/issue.js';
import type { Json, JsonObject } from '../../src/core/json.js';
import { specOf } from '../../src/core/manifest.js';
import { normalise, referenceTypes } from '../../src/core/normalise.js';
import type { Live } from '../../src/core/types.js';
import { kinds, reconciledKinds } from '../../src/kinds/index.js';
import { amendmentOf } from '../../src/manifest/amendment.js';
import { exported, type Exported } from '../../src/manifest/exported.js';
import { bundle, loadManifests, validateAll, type Loaded } from '../../src/manifest/load.js';
import type { Environment } from '../../src/manifest/settings.js';
import { documentText, manifestOf, sayAll } from '../../src/manifest/write.js';

const BACKENDS = ['strategies-api', 'datatable'];
const environmentOf = (backend: string): string =>
  documentText({
    apiVersion: 'strategos/v1',
    kind: 'Environment',
    metadata: { name: 'org' },
    spec: { backend },
  });

/** Names that people give, and that are the same to somebody, or to a system of files. */
const NAMES = [
  ...['Sales', 'sales', 'SALES ', ' Sales', 'Sa\tles', 'Sa\nles', 'x'.repeat(200), 'con', 'LPT1'],
  ...['a b', 'a-b', 'a_b', 'environment', 'Stra\u00dfe', 'caf\u00e9', 'cafe\u0301', 'a\u202eb'],
  ...['\u0001', 'yes', '- a', '#', '__proto__', 'constructor', '\ud800', '日本', '😀', '{}'],
];

const scalar = fc.constantFrom<Json>(
  ...['', ' ', 'NONE', 'Sales', 'a\tb', 'a\nb', 'a\rb', '\u0000', '\ud800', 'x'.repeat(3000)],
  ...[-1, 0, 0.5, 1, 5, 7, 60, 1e6, 2 ** 60, true, false, null],
  ...['https://user:pass@example.com', '2026-01-05T08:00:00.000', 'FREQ=DAILY', 'And'],
);
const name = fc.constantFrom(...NAMES, 'x'.repeat(300));
const reference = fc.oneof(
  { weight: 5, arbitrary: name },
  name.map((one) => ({ id: `id of ${one.length}` })),
);

/** As deep as skill groups are worth to be. */
function valueOf(field: Field, depth: number): fc.Arbitrary<Json> {
  switch (field.type) {
    case 'scalar':
      return scalar;
    case 'reference':
      return reference;
    case 'record':
      return fieldsOf(field, depth);
    case 'list':
      if (depth > 4) return fc.constant([]);
      return fc
        .array(fieldsOf(field.item, depth + 1, true), { maxLength: 3 })
        .map((items) => items.map((item, index) => numbered(field, item, index + 1)));
    case 'set':
      return fc.uniqueArray(valueOf(field.of, depth + 1), {
        maxLength: 3,
        selector: (one) => JSON.stringify(one),
      });
    case 'map':
      return fc.dictionary(name, valueOf(field.of, depth + 1), { maxKeys: 2 });
  }
}

/** Where they are told apart by their number, that is their place. */
function numbered({ key, order }: ListField, item: JsonObject, number: number): JsonObject {
  return order !== 'set' && order.by === key ? { ...item, [key]: number } : item;
}

/** Items of a list are whole. */
function fieldsOf(
  { fields }: RecordField,
  depth: number,
  isWhole = false,
): fc.Arbitrary<JsonObject> {
  const entries = Object.entries(fields).map(([key, field]) => [key, valueOf(field, depth)]);
  // What has a default is never absent from what the org has.
  const always = Object.keys(fields).filter((key) => 'default' in (fields[key] ?? {}));
  return fc.record(Object.fromEntries(entries) as Record<string, fc.Arbitrary<Json>>, {
    ...(isWhole ? {} : { requiredKeys: always }),
  });
}

const TYPES = [...new Set(reconciledKinds.flatMap(({ fields }) => referenceTypes(fields)))];
const CATALOG = catalogOf(
  Object.fromEntries(
    TYPES.map((to) => [
      to,
      [...NAMES, 'x'.repeat(300)].map((one, n) => ({ id: `${n}`, name: one })),
    ]),
  ),
);

/**
 * Of what has a status the state is read from it, so that the two never contradict each other. What
 * is still being processed has a status that no manifest says: it has a case of its own.
 */
const SETTLED = ['active', 'draft', 'failed'] as const;

function statusIn({ fields }: RecordField, status: string): JsonObject {
  return 'status' in fields ? { status } : {};
}

/** An object before and after somebody has changed it. */
const object = fc.constantFrom(...reconciledKinds).chain((kind) => {
  const settled = 'status' in kind.fields.fields ? SETTLED : (['active'] as const);
  const one = fc.record({ raw: fieldsOf(kind.fields, 0), state: fc.constantFrom(...settled) });
  return fc
    .record({ called: name, before: one, after: one })
    .map(({ called, before, after }): readonly [Live, Live] => {
      const live = ({ raw, state }: typeof before): Live => ({
        address: `${kind.name}/${called}`,
        kind: kind.name,
        name: called,
        id: called,
        state,
        errorMessage: null,
        version: null,
        entity: {},
        fields: normalise(kind.fields, { ...raw, ...statusIn(kind.fields, state) }, CATALOG).fields,
      });
      return [live(before), live(after)];
    });
});
const org = fc.record({
  backend: fc.constantFrom(...BACKENDS),
  objects: fc.uniqueArray(object, { maxLength: 6, selector: ([{ address }]) => address }),
});

function loaded(files: Readonly<Record<string, string>>): Loaded {
  const sources = Object.entries(files).map(([path, text]) => ({
    path,
    bytes: new TextEncoder().encode(text),
  }));
  return loadManifests(sources.sort((a, b) => byText(a.path, b.path)));
}

type Texts = Readonly<Record<string, string>>;

function exportOf(live: readonly Live[], backend: string, there: Texts = {}): Exported {
  const all = loaded({ 'environment.yaml': environmentOf(backend) });
  const { environment } = bundle(all, undefined) as { environment: Environment };
  const sources = Object.entries(there).map(([path, text]) => ({
    path,
    bytes: new TextEncoder().encode(text),
  }));
  return exported({
    said: sayAll(live, backend).said,
    there: { sources, loaded: loaded(there) },
    elsewhere: { sources: [], ...loadManifests([]) },
    environment,
    folderOf: (kind) => kind,
    catalog: CATALOG,
    gone: new Set(),
    place: (_kind, file) => ({ path: file, comment: '# a comment\n' }),
  });
}

function textsOf({ files }: Exported): Record<string, string> {
  return Object.fromEntries(files.map(({ path, text }) => [path, text]));
}

/** Of a folder with an Environment: its manifests, which are valid. */
function validIn(texts: Texts, backend: string): Loaded['documents'] {
  const files = loaded({ ...texts, 'environment.yaml': environmentOf(backend) });
  expect(validateAll(files).filter((one) => hasErrors([one]))).toEqual([]);
  return files.documents.filter(({ kind }) => kind !== 'Environment');
}

/** Whether the manifest asks the org for what it has. */
function isSaid(document: Loaded['documents'][number], live: readonly Live[]): boolean {
  const own = live.find(({ address }) => address === `${document.kind}/${document.name}`)!;
  return amendmentOf(kinds[document.kind]!, document, own, {}, CATALOG) === null;
}

describe('an export of an odd org', () => {
  it('is valid, says every object or why not, and asks for no change', () => {
    fc.assert(
      fc.property(org, ({ backend, objects }) => {
        const live = objects.map(([before]) => before);
        const made = exportOf(live, backend);
        const documents = validIn(textsOf(made), backend);
        const written = documents.map((one) => `${one.kind}/${one.name}`);
        const left = made.out.map(({ address }) => address);
        const all = live.map(({ address }) => address);
        expect([...written, ...left].sort()).toEqual(all.sort());
        expect(documents.filter((one) => !isSaid(one, live))).toEqual([]);
        // Names of files are the same on every system.
        const paths = made.files.map(({ path }) => path.toLowerCase());
        expect(new Set(paths).size).toBe(paths.length);
        expect(paths.filter((path) => /(^|\/)(con|lpt1)\./.test(path))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('leaves a folder valid that has manifests of another day', () => {
    fc.assert(
      fc.property(org, ({ backend, objects }) => {
        const there = textsOf(
          exportOf(
            objects.map(([before]) => before),
            backend,
          ),
        );
        const live = objects.map(([, after]) => after);
        const made = exportOf(live, backend, there);
        const documents = validIn({ ...there, ...textsOf(made) }, backend);
        const left = new Set<string>(made.left.map(({ address }) => address));
        const others = documents.filter((one) => !left.has(`${one.kind}/${one.name}`));
        expect(others.filter((one) => !isSaid(one, live))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['active', 'active', 'active'],
    ['draft', 'draft', 'draft'],
    ['failed', 'failed', 'draft'],
    ['processing', 'publishing', 'active'],
    ['processing', '', 'active'],
  ] as const)('says a target known by its id alone: %s, "%s"', (state, status, asked) => {
    const of = (fields: JsonObject): Live => ({
      address: 'RoutingStrategy/Sales',
      kind: 'RoutingStrategy',
      name: 'Sales',
      id: 'Sales',
      state,
      errorMessage: null,
      version: null,
      entity: {},
      fields: { status, ...fields },
    });
    const target = { queue: { id: 'id of 5' }, priority: 1, weight: 5, capacity: 5 };
    const own = of({ targets: [target] });
    // Without targets no manifest is whole, so the other day has left none.
    const there = textsOf(exportOf([of({})], 'strategies-api'));
    expect(there).toEqual({});
    const made = exportOf([own], 'strategies-api', there);
    const [document, ...more] = validIn(textsOf(made), 'strategies-api');
    expect([made.left, made.out, made.cuts, more]).toEqual([[], [], [], []]);
    expect(document!.body['spec']).toMatchObject({ status: asked, targets: [target] });
    const wanted = specOf({ body: manifestOf(own) });
    expect(amendmentOf(kinds['RoutingStrategy']!, document!, own, wanted, CATALOG)).toBeNull();
  });
});
