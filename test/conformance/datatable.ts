/**
 * Strategies as rows of a data table, read and changed without the code under test: a call flow
 * reads the columns, and so does this. The column `spec` is asked for nothing but what a call flow
 * has no use for.
 */
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../../src/core/json.js';
import { tableBody } from '../../src/core/table.js';
import { datatable } from '../../src/kinds/routing-strategy/datatable.js';
import type { Tables } from './tables.js';
import type { Request, Spec, Strategies } from './world.js';

const SLOTS = Array.from({ length: 10 }, (_, index) => `target_${`${index + 1}`.padStart(2, '0')}`);

export class RowStrategies implements Strategies {
  constructor(private readonly tables: Tables) {}

  raw(): Promise<JsonObject[]> {
    return this.tables.rows('objects');
  }

  async all(): Promise<Record<string, Spec>> {
    const rows = await this.raw();
    return Object.fromEntries(rows.map((row) => [textOf(row['key']), specOf(row)]));
  }

  async make(name: string, spec: Spec): Promise<void> {
    await this.makeTable();
    const whole = { status: 'active', selection: { skills: [] }, fallback: null, ...spec };
    const row = { key: name, ...cellsOf(whole), spec: JSON.stringify(whole) };
    await this.tables.insert('objects', row);
  }

  /** Nobody types JSON into the column `spec`. */
  async type(name: string, spec: Spec): Promise<void> {
    await this.makeTable();
    const row = { key: name, ...cellsOf({ status: 'active', ...spec }) };
    await this.tables.insert('objects', row);
  }

  async edit(name: string, keys: Spec): Promise<void> {
    const before = specOf(await this.tables.row('objects', name));
    const old = cellsOf(before);
    const cells = Object.entries(cellsOf({ ...before, ...keys }));
    const changed = Object.fromEntries(cells.filter(([column, cell]) => old[column] !== cell));
    await this.tables.editRow('objects', name, changed);
  }

  async remove(name: string): Promise<void> {
    await this.tables.removeRow('objects', name);
  }

  async request(write: 'create' | 'activate' | 'update' | 'delete'): Promise<Request> {
    const methods = { create: 'POST', activate: 'PUT', update: 'PUT', delete: 'DELETE' } as const;
    const rows = `${await this.tables.path('objects')}/rows`;
    return {
      method: methods[write],
      path: new RegExp(write === 'create' ? `${rows}$` : `${rows}/[^/]+$`),
    };
  }

  private async makeTable(): Promise<void> {
    if ((await this.tables.find('objects')) !== null) return;
    if (!('table' in datatable.home)) throw new Error('rows live in a table');
    await this.tables.make(
      tableBody({ name: this.tables.name('objects'), ...datatable.home.table }),
    );
  }
}

/** The columns that a person fills in. */
function cellsOf({ status, selection, targets, fallback }: Spec): JsonObject {
  const skills = isObject(selection) ? objectsIn(selection['skills']) : [];
  const all = objectsIn(targets);
  const beside = isObject(fallback) ? fallback : {};
  const slots = SLOTS.flatMap((slot, index) => [
    [`${slot}_queue`, all[index]?.['queue'] ?? ''],
    [`${slot}_priority`, all[index]?.['priority'] ?? 0],
    [`${slot}_share`, shareOf(all, index)],
  ]);
  return {
    status: status ?? 'draft',
    skills: skills
      .filter(({ required }) => required !== false)
      .map(({ skill }) => textOf(skill))
      .join('|'),
    targets: all.length,
    fallback_queue: beside['queue'] ?? '',
    fallback_priority: beside['priority'] ?? 0,
    ...(Object.fromEntries(slots) as JsonObject),
  };
}

/** How much of a priority the targets up to this one get. */
function shareOf(all: readonly JsonObject[], index: number): number {
  const tier = all.filter((one) => one['priority'] === all[index]?.['priority']);
  const upTo = all.slice(0, index + 1).filter((one) => tier.includes(one));
  return all[index] === undefined ? 0 : round(weightOf(upTo) / weightOf(tier));
}

function weightOf(targets: readonly JsonObject[]): number {
  return targets.reduce((sum, { weight }) => sum + Number(weight), 0);
}

function specOf(row: JsonObject): Spec {
  const written = parsed(row['spec']);
  const before = objectsIn(written['targets']);
  const slots = SLOTS.slice(0, Number(row['targets'])).map((slot) => ({
    queue: textOf(row[`${slot}_queue`]),
    priority: Number(row[`${slot}_priority`]),
    share: Number(row[`${slot}_share`]),
  }));
  const targets = slots.map(({ queue, priority, share }, index) => {
    const tier = slots.filter((one) => one.priority === priority);
    const known = before.filter((one) => one['priority'] === priority);
    const previous = slots.slice(0, index).findLast((one) => one.priority === priority);
    const whole = known.length === tier.length ? weightOf(known) : 1;
    const weight = round((share - (previous?.share ?? 0)) * whole);
    const own = before.find((one) => one['queue'] === queue);
    return { queue, priority, weight, ...only(own, 'capacity') };
  });
  const queue = textOf(row['fallback_queue']);
  const priority = Number(row['fallback_priority']);
  const beside = isObject(written['fallback']) ? written['fallback'] : undefined;
  return {
    status: row['status'] ?? null,
    selection: { skills: skillsOf(textOf(row['skills']), written) },
    targets,
    fallback: queue === '' ? null : { queue, priority, ...only(beside, 'weight') },
  };
}

/** Those that are preferred are of no use to a call flow. */
function skillsOf(cell: string, { selection }: JsonObject): JsonObject[] {
  const required = cell === '' ? [] : cell.split('|');
  const preferred = objectsIn(isObject(selection) ? selection['skills'] : undefined).filter(
    (one) => one['required'] === false,
  );
  return [...required.map((skill) => ({ skill, required: true })), ...preferred].sort((a, b) =>
    textOf(a['skill']) < textOf(b['skill']) ? -1 : 1,
  );
}

function only(from: JsonObject | undefined, key: string): JsonObject {
  const value = from?.[key];
  return value === undefined ? {} : { [key]: value };
}

function round(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}

function parsed(cell: Json | undefined): JsonObject {
  const value: unknown = textOf(cell) === '' ? {} : JSON.parse(textOf(cell));
  return isObject(value) ? value : {};
}
