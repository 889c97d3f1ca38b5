import { readdirSync, readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { sdkClasses } from '../src/parts.mjs';
import { generateTypes, readSchemas } from '../schemas/generate.mjs';
import { isObject, type Json, type JsonObject } from '../src/core/json.js';
import { manifestValidators } from '../src/generated/manifest-validators.js';
import type { SchemaError } from '../src/generated/validator.js';
import { schemaCompiler, schemaIn, SHARED } from './support/schemas.js';

const FOLDER = new URL('../schemas/', import.meta.url);

interface Schema {
  readonly [key: string]: unknown;
}

const schemas = readSchemas(FOLDER) as { file: string; schema: Schema }[];

describe('src/generated', () => {
  it('has the types that the schemas give; run `npm run generate` when this fails', async () => {
    const checkedIn = readFileSync(new URL('../src/generated/types.ts', import.meta.url), 'utf8');
    expect((await generateTypes(FOLDER)) === checkedIn).toBe(true);
  });
});

describe('the SDK', () => {
  it('exports each class that the bundle takes out of it', async () => {
    const { default: platformClient } = await import('purecloud-platform-client-v2');
    const classes = sdkClasses();
    expect(classes).toContain('RoutingApi');
    const exported = platformClient as unknown as Record<string, unknown>;
    for (const name of classes) expect(exported[String(name)], name).toBeTypeOf('function');
  });
});

describe('the validators', () => {
  const ajv = new Ajv2020.default({ allErrors: true, verbose: true, strict: false });
  ajv.addSchema(schemaIn(SHARED), SHARED);
  const kinds = schemas.flatMap(({ file, schema }) => {
    const { properties } = schema as { properties?: { kind?: { const?: string } } };
    const kind = properties?.kind?.const;
    return kind === undefined ? [] : [{ kind, schema, compiled: ajv.compile(schema), file }];
  });

  it.each(kinds)('of $kind say of a value what ajv says', ({ kind, schema, compiled }) => {
    const validator = manifestValidators[kind];
    const examples = (schema['examples'] ?? []) as JsonObject[];
    expect(examples.length).toBeGreaterThan(0);
    const said = (errors: readonly SchemaError[] | null | undefined): string[] =>
      (errors ?? []).map(({ instancePath, schemaPath, keyword, params, message, data }) =>
        JSON.stringify({ instancePath, schemaPath, keyword, params, message, data }),
      );
    let refused = 0;
    for (const value of examples.flatMap((example) => [example, ...spoilt(example)])) {
      const fits = compiled(value);
      expect(validator?.(value)).toBe(fits);
      expect(said(validator?.errors)).toEqual(said(compiled.errors));
      refused += fits ? 0 : 1;
    }
    expect(refused).toBeGreaterThan(5);
  });
});

/** Each value of it in turn gone, of another sort, or with something beside it. */
function spoilt(value: Json): Json[] {
  const others: Json[] = [null, 'x', -1.5, true, [], {}, ['a', 'a']];
  if (Array.isArray(value)) {
    const inside = value.flatMap((one, at) => spoilt(one).map((is) => value.with(at, is)));
    return [...others, [...value, ...value], ...inside];
  }
  if (!isObject(value)) return others;
  const inside = Object.entries(value).flatMap(([key, one]) => {
    const { [key]: gone, ...rest } = value;
    return [
      rest,
      { ...rest, [`${key}s`]: gone ?? null },
      ...spoilt(one).map((is) => ({ ...value, [key]: is })),
    ];
  });
  return [...others, { ...value, odd: 1 }, ...inside];
}

describe('the command line as it is built', () => {
  const folder = new URL('../dist/cli/', import.meta.url);
  const parts = readdirSync(folder).filter((file) => /^strategos-\w+\.js$/.test(file));
  const texts = parts.map((file) => readFileSync(new URL(file, folder), 'utf8'));

  it('has of the classes of the SDK the requests that are sent, and no others', () => {
    const has = (word: string): boolean => texts.some((text) => text.includes(`${word}(`));
    expect(['getRoutingQueues', 'postAuditsQuery'].filter(has)).toHaveLength(2);
    expect(['deleteRoutingQueue', 'getArchitectFlows'].filter(has)).toEqual([]);
  });

  it('is in a handful of files', () => {
    expect(parts.length).toBeLessThan(8);
  });
});

describe('the schemas', () => {
  it.each(schemas)('$file is JSON Schema 2020-12', ({ schema }) => {
    expect(schema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    const ajv = schemaCompiler();
    expect(ajv.validateSchema(schema)).toBe(true);
    const validate = ajv.compile(schema);
    for (const example of (schema['examples'] ?? []) as unknown[]) {
      expect(validate(example)).toBe(true);
    }
  });

  const manifests = ['routing-strategy', 'environment', 'overlay'].map(
    (name) => `${name}.schema.json`,
  );
  const shared = { file: SHARED, schema: schemaIn(SHARED) };
  it.each([shared, ...schemas.filter(({ file }) => manifests.includes(file))])(
    '$file is closed, explains every key, and its defaults and examples fit',
    ({ file, schema }) => {
      const ajv = schemaCompiler();
      if (file !== SHARED) ajv.addSchema(schema, file);
      each(schema, '', (one, at) => {
        // Of a patch's value nothing is known.
        const isOpen = at.endsWith('/patch/items/properties/value');
        if ([one['type']].flat().includes('object') && !isOpen && !/\/(if|then)$/.test(at)) {
          expect(one['additionalProperties'], at).toBeDefined();
          expect(one['additionalProperties'], at).not.toBe(true);
        }
        if (
          /\/properties\/[^/]+$/.test(at) &&
          !/\/(if|then)\/properties/.test(at) &&
          !('$ref' in one)
        ) {
          expect(one['description'], at).toBeTypeOf('string');
        }
        const samples = [
          ...('default' in one ? [one['default']] : []),
          ...((one['examples'] ?? []) as unknown[]),
        ];
        for (const sample of samples) {
          expect(
            ajv.validate({ $ref: `${file}#${at}` }, sample),
            `${at} ${JSON.stringify(sample)}`,
          ).toBe(true);
        }
      });
    },
  );

  function each(value: unknown, at: string, visit: (schema: Schema, at: string) => void): void {
    if (typeof value !== 'object' || value === null) return;
    if (!Array.isArray(value) && !/\/(properties|\$defs)$/.test(at)) visit(value as Schema, at);
    for (const [key, item] of Object.entries(value)) {
      if (key !== 'examples' && key !== 'default') each(item, `${at}/${key}`, visit);
    }
  }
});
