/** Live objects → manifests as text: the same object gives the same bytes, whoever exports it. */
import { Document, isCollection, isSeq, visit } from 'yaml';
import { byText } from '../core/issue.js';
import type { JsonObject } from '../core/json.js';
import { resourceOf } from '../core/kind.js';
import type { Live } from '../core/types.js';
import { lasting } from '../core/normalise.js';
import { visible, visibleJson } from '../core/visible.js';
import { kinds } from '../kinds/index.js';
import { API_VERSION } from './check.js';
import { ONE_LINE } from './edit.js';

/** What a new manifest of an object would say. */
export interface Said {
  readonly live: Live;
  readonly body: JsonObject;
}

/** Of what a person has made odd: how, and whether a manifest comes near it at all. */
export interface Odd {
  readonly address: string;
  readonly how: string;
  /** What people should know of the manifest; `null` where there is none. */
  readonly mends: string | null;
}

/**
 * In the order of their names. Of an object that no manifest can say the nearest is said, and none
 * where none comes near.
 */
export function sayAll(
  live: readonly Live[],
  backend: string,
): { readonly said: readonly Said[]; readonly odd: readonly Odd[] } {
  const said: Said[] = [];
  const strange: Odd[] = [];
  const inOrder = [...live].sort((a, b) => byText(a.kind, b.kind) || byText(a.name, b.name));
  for (const object of inOrder) {
    const kind = kinds[object.kind];
    const odd = kind === undefined ? undefined : resourceOf(kind, backend).odd;
    const oddities = odd?.of(object.entity) ?? [];
    const fields =
      oddities.length === 0 ? object.fields : (odd?.meant(object.fields, object.entity) ?? null);
    if (oddities.length > 0) {
      const how = oddities.join('; ');
      const mends = fields === null ? null : (odd?.mends ?? null);
      strange.push({ address: object.address, how, mends });
    }
    if (fields === null) continue;
    const one = { ...object, fields };
    said.push({ live: one, body: manifestOf(one) });
  }
  return { said, odd: strange };
}

/** Every field is written, those at their default too: an export is a record of what there is. */
export function manifestOf({ kind, name, fields, state }: Live): JsonObject {
  const known = kinds[kind];
  // What people switch is not asked for by whoever only writes down what there is.
  const spec = known?.toSpec(lasting(known.fields, fields), { state }) ?? fields;
  return { apiVersion: API_VERSION, kind, metadata: { name }, spec };
}

/** A manifest as text; comments of where it came from are not in it. */
export function documentText(body: JsonObject): string {
  const document = new Document(body);
  visit(document, {
    // Items of lists stand on a line each, so that a changed weight is a changed line.
    Collection(_key, node, path) {
      if (isCollection(node) && path.some((parent) => isSeq(parent))) node.flow = true;
    },
    // Quotes take the escapes of JSON; what reads like another name must not look like it.
    Scalar(_key, node) {
      const { value } = node;
      if (typeof value === 'string' && visible(value) !== value) node.type = 'QUOTE_DOUBLE';
    },
  });
  return visibleJson(document.toString(ONE_LINE));
}

/** Windows takes these for devices, whatever the ending. */
const DEVICE = /^(?:con|prn|aux|nul|(?:com|lpt)\d)$/;

/**
 * Letters and digits of the name in lower case, the rest as hyphens; not one of `taken`, and a name
 * that a file can have on every system.
 */
export function fileName(name: string, taken: Set<string>): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 64)
    .replace(/^-+|-+$/g, '');
  const base = slug === '' ? 'manifest' : slug;
  let file = `${base}.yaml`;
  const isTaken = (): boolean => taken.has(file) || (file === `${base}.yaml` && DEVICE.test(base));
  for (let number = 2; isTaken(); number += 1) file = `${base}-${number}.yaml`;
  taken.add(file);
  return file;
}
