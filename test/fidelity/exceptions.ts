/**
 * Where the derived schemas are not taken at their word. `null` needs no exception: no declared
 * type has it, and the platform leaves out what has no value.
 */
import type { Schema, SdkSchemas } from '../support/sdk-schemas.js';

interface Exception {
  /** Keys from the top of `SdkSchemas`. */
  readonly place: readonly string[];
  readonly instead: unknown;
  readonly because: string;
}

const CELL: Schema = { type: ['string', 'number', 'boolean'] };
const ROW: Schema = { type: 'object', additionalProperties: CELL };
const ROWS = '/api/v2/flows/datatables/{}/rows';
const NEW_IMPORT: Schema = {
  type: 'object',
  properties: { importMode: { type: 'string' } },
  required: ['importMode'],
  additionalProperties: false,
};

export const EXCEPTIONS: readonly Exception[] = [
  {
    place: ['models', 'DataTableRowEntityListing', 'properties', 'entities'],
    instead: { type: 'array', items: ROW },
    because: 'the typings have objects for cells; a cell is a string, a number or a boolean',
  },
  ...[`POST ${ROWS}`, `GET ${ROWS}/{}`, `PUT ${ROWS}/{}`].map((endpoint) => ({
    place: ['endpoints', endpoint, 'response'],
    instead: ROW,
    because: 'as in the listing of rows',
  })),
  ...[`POST ${ROWS}`, `PUT ${ROWS}/{}`].map((endpoint) => ({
    place: ['endpoints', endpoint, 'request', 'schema'],
    instead: ROW,
    because: 'the typings have any object, which would let nested values through',
  })),
  {
    place: ['models', 'JsonSchemaDocument', 'properties', 'additionalProperties'],
    instead: { const: false },
    because: 'the typings have an object; the platform takes and shows `false` only',
  },
  {
    place: ['endpoints', 'POST /api/v2/flows/datatables/{}/import/csv/jobs', 'request', 'schema'],
    instead: NEW_IMPORT,
    because: 'the typings have one model for both directions; clients say the mode and no status',
  },
  {
    place: ['models', 'Detail', 'properties'],
    instead: Object.fromEntries(
      ['errorCode', 'fieldName', 'entityId', 'entityName', 'errorMessage'].map((name) => [
        name,
        { type: 'string' },
      ]),
    ),
    because: 'the typings lack errorMessage, which public clients read from refusals of rows',
  },
  {
    place: ['models', 'ErrorBody', 'required'],
    instead: ['message', 'code', 'status', 'contextId'],
    because: 'the typings require nothing, and then any object would be an error body',
  },
];

/** `derived` with the exceptions in place; those for what is not in it change nothing. */
export function withExceptions(derived: SdkSchemas): SdkSchemas {
  return EXCEPTIONS.reduce(
    (schemas, { place, instead }) => replaced(schemas, place, instead) as SdkSchemas,
    derived,
  );
}

function replaced(value: unknown, [key, ...rest]: readonly string[], instead: unknown): unknown {
  if (key === undefined) return instead;
  const record = value as Readonly<Record<string, unknown>>;
  if (!Object.hasOwn(record, key)) return value;
  return { ...record, [key]: replaced(record[key], rest, instead) };
}
