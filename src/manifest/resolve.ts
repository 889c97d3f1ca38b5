/** Manifests × catalog → what is desired: names resolved, defaults filled in, lines kept. */
import type { Catalog } from '../core/catalog.js';
import type { Issue, Location } from '../core/issue.js';
import type { Field, RecordField } from '../core/fields.js';
import { pointerToken, valueAt } from '../core/json.js';
import type { Kind, KindOf } from '../core/kind.js';
import { normalise } from '../core/normalise.js';
import { specOf } from '../core/manifest.js';
import type { Desired, Manifest } from '../core/types.js';

export interface Resolved {
  readonly desired: readonly Desired[];
  /**
   * One for every queue or skill that the org does not have, and what breaks a rule of the kind
   * once it is known that a name and an id stand for the same object.
   */
  readonly issues: readonly Issue[];
}

export function resolve(
  manifests: readonly Manifest[],
  catalog: Catalog,
  kindOf: KindOf,
): Resolved {
  const issues: Issue[] = [];
  // One table a kind, however many manifests there are.
  const tables = new Map<string, RecordField>();
  const desired = manifests.map((manifest): Desired => {
    const kind = kindOf(manifest.kind);
    const table = tables.get(kind.name) ?? asWritten(kind.fields);
    tables.set(kind.name, table);
    const normal = normalise(kind.fields, specOf(manifest), catalog);
    for (const { pointer, to, reason, hint } of normal.unresolved) {
      issues.push({
        code: `unknown-${to}`,
        severity: 'error',
        at: manifest.positions.at(`/spec${pointer}`),
        message: `${manifest.kind}/${manifest.name}: ${reason}`,
        ...(hint === undefined ? {} : { hint }),
      });
    }
    issues.push(...brokenOnceResolved(manifest, kind, table, catalog));
    return {
      address: `${manifest.kind}/${manifest.name}`,
      kind: manifest.kind,
      name: manifest.name,
      fields: normal.fields,
      at: (pointer) => placeOf(manifest, `/spec${normal.origin(pointer)}`),
      manifest,
    };
  });
  return { desired, issues };
}

/** Manifests come here without errors by themselves, so each of these is about the org. */
function brokenOnceResolved(
  manifest: Manifest,
  kind: Kind,
  table: RecordField,
  catalog: Catalog,
): Issue[] {
  const { fields } = normalise(table, specOf(manifest), catalog);
  const body = { ...manifest.body, spec: { ...specOf(manifest), ...fields } };
  return kind
    .rules({ ...manifest, body })
    .filter((issue) => issue.severity === 'error')
    .map((issue) => ({
      ...issue,
      message: `${manifest.kind}/${manifest.name}: ${issue.message}`,
    }));
}

/** The same table with every list in the order of the file, so that positions hold. */
function asWritten(table: RecordField): RecordField {
  const fields = Object.entries(table.fields).map(([key, field]): [string, Field] => {
    if (field.type === 'record') return [key, asWritten(field)];
    if (field.type !== 'list') return [key, field];
    return [key, { ...field, item: asWritten(field.item), order: { by: '' } }];
  });
  return { ...table, fields: Object.fromEntries(fields) };
}

/** Where a value was written: in the overlay, when one has changed a part of it. */
function placeOf({ body, positions }: Manifest, pointer: string): Location {
  const own = positions.at(pointer);
  const value = valueAt(body, pointer);
  const parts = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const places = parts.map((key) => positions.at(`${pointer}/${pointerToken(key)}`));
  return places.find(({ file }) => file !== own.file) ?? own;
}
