/** DataTable: columns, and rows that flows look up by a key. Form: developer.genesys.cloud. */
import { isObject, objectsIn, textOf, type JsonObject } from '../../core/json.js';
import type { Kind } from '../../core/kind.js';
import { specOf } from '../../core/manifest.js';
import { unsaidIn } from '../../core/unsaid.js';
import type { IdOf, Resource } from '../../core/resource.js';
import { KEY, TABLE_PAGE, TABLES_PATH } from '../../core/table.js';
import { idInRaw, platformEntity } from '../platform-entity.js';
import {
  columnProblems,
  columnsField,
  columnsOf,
  comparableColumns,
  lastingColumns,
  schemaWith,
  writtenColumns,
} from './columns.js';
import { rowPart } from './row-part.js';
import {
  citationsIn,
  citedByRows,
  followingRows,
  comparableRows,
  meaningIn,
  modeIn,
  placeInSpec,
  referringIn,
  seededOf,
  textsOfRows,
  writtenColumnsIn,
  writtenRows,
} from './rows.js';
import { rules } from './rules.js';

const plain = platformEntity({
  path: TABLES_PATH,
  pageSize: TABLE_PAGE,
  // Without it the platform shows no columns.
  query: 'expand=schema',
  texts: ['description'],
  hasDivision: true,
  creation: (name, fields, idOf) =>
    entity(name, { columns: [{ name: KEY, type: 'string' }], ...fields }, idOf),
  // Whole: what is not ours travels along as it was just read.
  update: (table, managed, { after }) => {
    const { description } = after;
    const schema = schemaWith(objectsIn(after['columns']), table);
    return {
      method: 'PUT',
      body: {
        ...table,
        ...managed,
        // The platform takes the description from either.
        schema: { ...schema, ...(description === undefined ? {} : { description }) },
      },
    };
  },
  audit: { service: 'Datatables', entityType: 'Schema' },
  consumers: 'DATATABLE',
  forced: 'force=true',
});

const platform: Resource = {
  ...plain,
  read: (table) => {
    const read = plain.read(table);
    const columns = columnsOf(table);
    return { ...read, raw: { ...read.raw, ...(columns === null ? {} : { columns }) } };
  },
  own: (table) => {
    const columns = columnsOf(table);
    return {
      ...plain.own(table),
      ...(columns === null ? {} : { schema: { properties: inOrder(columns) } }),
    };
  },
  entity,
  unsaid: (table) => {
    const columns = columnsOf(table);
    const said = entity('', { ...(columns === null ? {} : { columns }), description: '' }, idInRaw);
    const { schema = {}, ...rest } = table;
    const own = { ...plain.entity('', plain.read(table).raw, idInRaw), schema };
    return columns === null
      ? ['schema']
      : unsaidIn({ ...rest, schema }, { ...own, schema: said['schema'] ?? {} }, SAID_OTHERWISE);
  },
  parts: [rowPart],
  refused: columnProblems,
  lasting: lastingColumns,
};

/** What a schema says of itself and of its columns beside. */
const SAID_OTHERWISE = ['schema.title', 'schema.description', 'schema.id'];

function entity(name: string, fields: JsonObject, idOf: IdOf): JsonObject {
  const { columns, ...rest } = fields;
  const { description } = rest;
  const schema = {
    ...schemaWith(objectsIn(columns)),
    ...(description === undefined ? {} : { description }),
  };
  return { ...plain.entity(name, rest, idOf), ...(columns === undefined ? {} : { schema }) };
}

/** As the platform shows columns, so that they read the same. */
function inOrder(columns: readonly JsonObject[]): JsonObject {
  return Object.fromEntries(
    columns.map(({ name = '', ...column }, displayOrder): [string, JsonObject] => [
      textOf(name),
      { ...column, displayOrder },
    ]),
  );
}

export const dataTable: Kind = {
  name: 'DataTable',
  noun: { one: 'data table', many: 'data tables' },
  refType: 'data table',
  fields: {
    type: 'record',
    fields: {
      description: { type: 'scalar' },
      division: { type: 'reference', to: 'division', isNamed: true },
      columns: columnsField,
      // By key: a map of maps.
      rows: { type: 'map', of: { type: 'map', of: { type: 'scalar' } } },
    },
  },
  identity: ['description', 'division', 'columns'],
  rules,
  fromSpec: (spec) => {
    const { columns } = spec;
    const rows = comparableRows(spec);
    const others = Object.entries(spec).filter(([key]) => key !== 'columns' && key !== 'rows');
    return {
      ...Object.fromEntries(others),
      ...(columns === undefined ? {} : { columns: comparableColumns(columns) }),
      ...(rows === null ? {} : { rows }),
    };
  },
  giveWay: (manifest, desired, live, renamed) => {
    const [{ rows }, { rows: there }] = [desired, live];
    const spec = specOf(manifest);
    if (modeIn(spec) !== 'seed' || !isObject(rows)) return desired;
    if (!isObject(there)) return desired;
    return { ...desired, rows: { ...rows, ...followingRows(spec, rows, there, renamed) } };
  },
  inModeOf: seededOf,
  cites: ({ body }) => citationsIn(specOf({ body })),
  citing: {
    field: 'rows',
    to: (manifest) => referringIn(specOf(manifest)).map(({ to }) => to),
    in: (manifest, { rows }) => citedByRows(specOf(manifest), rows),
    texts: ({ rows }) => textsOfRows(rows),
  },
  placeInSpec,
  tabular: {
    path: '/rows/from',
    list: '/rows/items',
    headings: (spec) => writtenColumnsIn(spec).map(({ name }) => name),
    cell: meaningIn,
  },
  toSpec: (fields) => {
    const { columns, rows, ...rest } = fields;
    if (!Array.isArray(columns)) return rest;
    const all = columns.filter(isObject);
    return {
      ...rest,
      columns: writtenColumns(all),
      ...(isObject(rows) ? { rows: writtenRows(all, rows) } : {}),
    };
  },
  resources: { platform },
};
