/** The data tables of an org, as an administrator with a browser sees and changes them. */
import { isObject, textOf, type Json, type JsonObject } from '../../src/core/json.js';
import type { Backend } from '../support/binding.js';
import type { Writer } from '../../src/engine/ports.js';

export type Which = keyof Backend['tables'];

/** By name, as the schema of a table has them. */
export type Columns = Readonly<Record<string, JsonObject>>;

const TABLES = '/api/v2/flows/datatables';

export class Tables {
  constructor(
    private readonly person: Writer,
    private readonly names: Backend['tables'],
  ) {}

  name(which: Which): string {
    return this.names[which];
  }

  /** With its schema; `null` where there is none of that name. */
  async find(which: Which): Promise<JsonObject | null> {
    const all = await this.person.list(`${TABLES}?expand=schema`, 100);
    const named = all.filter((table) => table['name'] === this.names[which]);
    if (named.length > 1) throw new Error(`the org has ${this.names[which]} twice`);
    return named[0] ?? null;
  }

  async path(which: Which): Promise<string> {
    const table = await this.find(which);
    if (table === null) throw new Error(`the org has no data table ${this.names[which]}`);
    return `${TABLES}/${textOf(table['id'])}`;
  }

  /** Every cell of every row; nothing where there is no table. */
  async rows(which: Which): Promise<JsonObject[]> {
    const table = await this.find(which);
    if (table === null) return [];
    return this.person.list(`${TABLES}/${textOf(table['id'])}/rows?showbrief=false`, 100);
  }

  async row(which: Which, key: string): Promise<JsonObject> {
    const found = (await this.rows(which)).find((row) => row['key'] === key);
    if (found === undefined) throw new Error(`${this.names[which]} has no row ${key}`);
    return found;
  }

  async insert(which: Which, row: JsonObject): Promise<void> {
    await this.person.send({ method: 'POST', path: `${await this.path(which)}/rows`, body: row });
  }

  async editRow(which: Which, key: string, cells: JsonObject): Promise<void> {
    const row = { ...(await this.row(which, key)), ...cells };
    const path = `${await this.path(which)}/rows/${encodeURIComponent(key)}`;
    await this.person.send({ method: 'PUT', path, body: row });
  }

  async removeRow(which: Which, key: string): Promise<void> {
    const path = `${await this.path(which)}/rows/${encodeURIComponent(key)}`;
    await this.person.send({ method: 'DELETE', path });
  }

  async make(body: JsonObject): Promise<void> {
    await this.person.send({ method: 'POST', path: TABLES, body });
  }

  async remove(which: Which): Promise<void> {
    await this.person.send({ method: 'DELETE', path: `${await this.path(which)}?force=true` });
  }

  async addColumn(which: Which, name: string, type: string, preset: Json): Promise<void> {
    const table = await this.mustFind(which);
    const column = { $id: `/properties/${name}`, type, title: name, default: preset };
    const properties = { ...propertiesOf(table), [name]: column };
    const body = withProperties(table, properties);
    await this.person.send({ method: 'PUT', path: await this.path(which), body });
  }

  /**
   * The platform removes no column, renames none and changes no type: the table is made again with
   * others, and empty.
   */
  async remake(which: Which, change: (columns: Columns) => Columns): Promise<void> {
    const table = await this.mustFind(which);
    const columns = Object.entries(change(propertiesOf(table))).map(([name, column]) => [
      name,
      { ...column, $id: `/properties/${name}` },
    ]);
    await this.remove(which);
    await this.make(withProperties(table, Object.fromEntries(columns) as JsonObject));
  }

  /** Removes both tables, and no other. */
  async clear(): Promise<void> {
    for (const which of ['objects', 'state'] as const) {
      if ((await this.find(which)) !== null) await this.remove(which);
    }
  }

  private async mustFind(which: Which): Promise<JsonObject> {
    const table = await this.find(which);
    if (table === null) throw new Error(`the org has no data table ${this.names[which]}`);
    return table;
  }
}

function propertiesOf(table: JsonObject): Columns {
  const schema = isObject(table['schema']) ? table['schema'] : {};
  return (schema['properties'] ?? {}) as Record<string, JsonObject>;
}

function withProperties(table: JsonObject, properties: JsonObject): JsonObject {
  const schema = isObject(table['schema']) ? table['schema'] : {};
  const { name = null, description = '' } = table;
  return { name, description, schema: { ...schema, properties } };
}
