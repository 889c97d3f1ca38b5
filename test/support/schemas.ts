/** The schemas of `schemas/`, with what they share, for tests that hold documents against them. */
import { readFileSync } from 'node:fs';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020.js';

const FOLDER = new URL('../../schemas/', import.meta.url);
export const SHARED = 'definitions.json';

export function schemaIn(file: string): Readonly<Record<string, unknown>> {
  const text = readFileSync(new URL(file, FOLDER), 'utf8');
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

/** Knows what schemas share, and nothing else yet. */
export function schemaCompiler(): Ajv2020.default {
  const ajv = new Ajv2020.default({ strict: false, validateFormats: false });
  ajv.addSchema(schemaIn(SHARED), SHARED);
  return ajv;
}

/** Whether a document is as the schema of this name says. */
export function validatorOf(name: string): ValidateFunction {
  return schemaCompiler().compile(schemaIn(`${name}.schema.json`));
}
