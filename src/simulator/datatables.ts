/** `/api/v2/flows/datatables`: tables. Rows are in `datatable-rows.ts`. */
import type platformClient from 'purecloud-platform-client-v2';
import { isObject, type Json, type JsonObject } from '../core/json.js';
import { witness } from './audits.js';
import { bodyOf, field, NO_CONTENT, nextId, ok, param, type Call, type Reply } from './call.js';
import { idFrom } from './ids.js';
import { countedPage, isListed, nameFilter, sortedByName } from './listing.js';
import { heed, lagMs, refuseAs, shownSingly } from './manners.js';
import type { CellValue, Column, ColumnType, Org, Table } from './model.js';
import { divisionsOf, HOME } from './named-things.js';
import { badRequest, notFound, Refusal, type Detail } from './refusal.js';

type DataTable = platformClient.Models.DataTable;
type DataTablesListing = platformClient.Models.DataTablesDomainEntityListing;
type Division = platformClient.Models.WritableDivision & { readonly selfUri: string };
type JsonSchemaDocument = platformClient.Models.JsonSchemaDocument;

const MAX_PAGE = 100;
const MAX_TABLES = 200;
const MAX_COLUMNS = 50;
const MAX_NAME = 256;

/** The name of the key column, in every table. */
export const KEY = 'key';

/** What a cell has that nothing is said of, and whose column has no default. */
export const EMPTY: Readonly<Record<ColumnType, CellValue>> = {
  string: '',
  integer: 0,
  number: 0,
  boolean: false,
};

/** Which values a cell of a type takes. */
export const FITS: Readonly<Record<ColumnType, (value: Json) => value is CellValue>> = {
  string: (value) => typeof value === 'string',
  integer: (value): value is number => Number.isSafeInteger(value),
  number: (value): value is number => typeof value === 'number' && Number.isFinite(value),
  boolean: (value) => typeof value === 'boolean',
};

/** `GET /api/v2/flows/datatables` */
export function listTables(call: Call): Reply {
  const named = nameFilter(call.query.get('name'));
  const found = sortedByName(call, call.org.tables.values()).filter(
    ({ name, id }) => named(name) && isListed(call, id),
  );
  const body: DataTablesListing = countedPage(call, found, MAX_PAGE, (table) =>
    showTable(table, wantsSchema(call)),
  );
  return ok(body);
}

/** `GET /api/v2/flows/datatables/{datatableId}` */
export function showOneTable(call: Call): Reply {
  return ok(shownSingly(call, 'table', showTable(tableOf(call), wantsSchema(call))));
}

/** `POST /api/v2/flows/datatables`: 409 `flows.datatables.not.unique` when the name is taken. */
export function createTable(call: Call): Reply {
  const { org } = call;
  const body = bodyOf(call);
  const table: Table = {
    id: nextId(org, 'table'),
    name: readName(body),
    description: readDescription(body),
    division: readDivision(org, body) ?? homeDivision(),
    columns: readColumns(body),
    rows: new Map(),
  };
  heed(org.manners.table?.made);
  refuseTakenName(call, table.name, null);
  if (org.tables.size >= MAX_TABLES) {
    const message = `The limit of ${MAX_TABLES} data tables is reached`;
    throw badRequest(message, 'flows.datatables.too.many.schemas');
  }
  org.tables.set(table.id, table);
  org.tableNames.set(table.name, table.id);
  const unlistedMs = lagMs(org.manners.table?.listedMs);
  if (unlistedMs > 0) org.unlisted.set(table.id, call.at + unlistedMs);
  witnessTable(call, table, 'Create');
  return ok(showTable(table, true));
}

/** `PUT /api/v2/flows/datatables/{datatableId}`: columns can be added, never removed or changed. */
export function replaceTable(call: Call): Reply {
  const { org } = call;
  const table = tableOf(call);
  const body = bodyOf(call);
  const name = readName(body);
  const columns = readColumns(body);
  refuseTakenName(call, name, table.id);
  for (const [column, { type }] of table.columns) {
    if (columns.get(column)?.type === type) continue;
    const message = `The column '${column}' cannot be removed or changed`;
    throw badRequest(message, 'flows.datatables.cannot.remove.fields');
  }
  org.tableNames.delete(table.name);
  org.tableNames.set(name, table.id);
  table.name = name;
  table.description = readDescription(body);
  table.columns = columns;
  table.division = readDivision(org, body) ?? table.division ?? homeDivision();
  witnessTable(call, table, 'Update');
  return ok(showTable(table, wantsSchema(call)));
}

/** `DELETE /api/v2/flows/datatables/{datatableId}`, its rows included: 409 where a flow uses it. */
export function deleteTable(call: Call): Reply {
  const table = tableOf(call);
  const isForced = call.query.get('force') === 'true';
  const user = call.org.flows.find(({ uses }) => uses.tables?.includes(table.name));
  if (user !== undefined && !isForced) {
    const message = `The data table '${table.name}' is used by the flow '${user.name}'`;
    throw new Refusal(409, 'flows.datatables.in.use', message);
  }
  call.org.tables.delete(table.id);
  call.org.lately.deleted.add(table.id);
  call.org.tableNames.delete(table.name);
  witnessTable(call, table, 'Delete');
  return NO_CONTENT;
}

/** The table of the route. 404 `flows.datatables.table.not.found`. */
export function tableOf(call: Call): Table {
  const id = param(call, 'datatableId');
  const table = call.org.tables.get(id);
  if (table !== undefined) return table;
  const { lately, manners } = call.org;
  const seen = lately.deleted.has(id) ? manners.table?.gone : manners.absent;
  if (seen !== undefined) throw refuseAs(seen);
  throw notFound('Data table', id, 'flows.datatables.table.not.found');
}

/** 400 `flows.datatables.schema.exception`. */
export function schemaProblem(message: string): Refusal {
  return badRequest(message, 'flows.datatables.schema.exception');
}

/** 400 `flows.datatables.syntax.error`: what is wrong with a row stands in the details alone. */
export function rowProblem(text: string): Refusal {
  // The SDK's model of a detail does not know this field.
  const detail: Detail & { readonly errorMessage: string } = { errorMessage: text };
  const message = 'The request could not be understood by the server due to malformed syntax.';
  return new Refusal(400, 'flows.datatables.syntax.error', message, { details: [detail] });
}

function wantsSchema(call: Call): boolean {
  return (call.query.get('expand') ?? '').split(',').includes('schema');
}

function refuseTakenName(call: Call, name: string, ownId: string | null): void {
  const holder = call.org.tableNames.get(name);
  if (holder === undefined || holder === ownId) return;
  const taken = call.org.manners.table?.taken;
  if (taken !== undefined) return heed(taken);
  const message = `A data table named '${name}' exists already`;
  throw new Refusal(409, 'flows.datatables.not.unique', message);
}

function readName(body: JsonObject): string {
  const name = field(body, 'name');
  if (typeof name === 'string' && name !== '' && name.length <= MAX_NAME) return name;
  throw badRequest(`name must be a text of 1 to ${MAX_NAME} characters`);
}

function readDescription(body: JsonObject): string {
  const schema = field(body, 'schema');
  const own = field(body, 'description');
  const inner = isObject(schema) ? field(schema, 'description') : undefined;
  return [own, inner].find((text) => typeof text === 'string') ?? '';
}

function readColumns(body: JsonObject): ReadonlyMap<string, Column> {
  const schema = field(body, 'schema');
  if (!isObject(schema)) throw schemaProblem('schema is required');
  if (field(schema, 'additionalProperties') !== false) {
    throw schemaProblem('additionalProperties must be false');
  }
  const required = field(schema, 'required');
  if (!Array.isArray(required) || required.length !== 1 || required[0] !== KEY) {
    throw schemaProblem(`required must be exactly ["${KEY}"]`);
  }
  const properties = field(schema, 'properties');
  if (!isObject(properties)) throw schemaProblem('properties are required');
  const names = Object.keys(properties);
  if (names.length > MAX_COLUMNS) {
    const message = `At most ${MAX_COLUMNS} columns are allowed`;
    throw badRequest(message, 'flows.datatables.too.many.properties');
  }
  const columns = new Map(names.map((name) => [name, readColumn(name, properties[name] ?? null)]));
  if (columns.get(KEY)?.type !== 'string') {
    throw schemaProblem(`properties must hold '${KEY}' of type string`);
  }
  return columns;
}

function readColumn(name: string, value: Json): Column {
  if (!isObject(value)) throw schemaProblem(`The column '${name}' must be an object`);
  const type = field(value, 'type');
  if (typeof type !== 'string' || !isColumnType(type)) {
    throw schemaProblem(`The column '${name}' must be a string, integer, number or boolean`);
  }
  if (field(value, '$id') !== `/properties/${name}`) {
    throw schemaProblem(`The $id of the column '${name}' must be '/properties/${name}'`);
  }
  const preset = field(value, 'default') ?? null;
  const fits = FITS[type];
  if (preset !== null && !fits(preset)) {
    throw schemaProblem(`The default of the column '${name}' must be of type ${type}`);
  }
  const title = field(value, 'title');
  const order = field(value, 'displayOrder');
  return {
    type,
    title: typeof title === 'string' ? title : null,
    displayOrder: typeof order === 'number' ? order : null,
    fallback: preset !== null && fits(preset) ? preset : EMPTY[type],
    explicit: preset !== null,
    more: Object.fromEntries(Object.entries(value).filter(([key]) => !READ.has(key))),
  };
}

/** What the platform reads of a column; the rest it keeps as it is (assumed). */
const READ: ReadonlySet<string> = new Set(['$id', 'type', 'title', 'default', 'displayOrder']);

function isColumnType(text: string): text is ColumnType {
  return Object.hasOwn(EMPTY, text);
}

function homeDivision(): NonNullable<Table['division']> {
  return { id: idFrom(`division/${HOME}`), name: HOME };
}

/** `null` where the body does not say. 404 for one that is not there. */
function readDivision(org: Org, body: JsonObject): Table['division'] | null {
  const division = field(body, 'division');
  const id = isObject(division) ? field(division, 'id') : undefined;
  if (typeof id !== 'string') return null;
  const found = divisionsOf(org).find((one) => one.id === id);
  if (found === undefined) throw notFound('Division', id);
  return found;
}

function shownDivision({ division = homeDivision() }: Table): Division {
  const { id, name } = division;
  // The SDK's model of a division that can be written knows no link.
  return { id, name, selfUri: `/api/v2/authorization/divisions/${id}` };
}

function showTable(table: Table, withSchema: boolean): DataTable {
  return {
    id: table.id,
    name: table.name,
    description: table.description,
    division: shownDivision(table),
    ...(withSchema ? { schema: showSchema(table) } : {}),
    selfUri: tableUri(table.id),
  };
}

function showSchema(table: Table): JsonSchemaDocument {
  const properties = [...table.columns].map(([name, column]): [string, object] => [
    name,
    {
      $id: `/properties/${name}`,
      type: column.type,
      ...column.more,
      ...(column.title === null ? {} : { title: column.title }),
      ...(column.explicit ? { default: column.fallback } : {}),
      ...(column.displayOrder === null ? {} : { displayOrder: column.displayOrder }),
    },
  ]);
  return {
    $schema: 'http://json-schema.org/draft-04/schema#',
    title: table.name,
    description: table.description,
    type: 'object',
    required: [KEY],
    properties: Object.fromEntries(properties),
    // The SDK declares an object here; the platform knows `false` only.
    additionalProperties: false as unknown as object,
  };
}

export function tableUri(id: string): string {
  return `/api/v2/flows/datatables/${id}`;
}

function witnessTable(call: Call, table: Table, action: 'Create' | 'Update' | 'Delete'): void {
  witness(call, {
    serviceName: 'Datatables',
    entityType: 'Schema',
    action,
    entity: { id: table.id, name: table.name, selfUri: tableUri(table.id) },
    propertyChanges: [],
  });
}
