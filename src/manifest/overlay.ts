/**
 * Overlays: one environment's difference, as a JSON Patch on a manifest.
 *
 * The tree of places is patched by the same operations as the value, so that whatever is said later
 * about a patched value points to the line that a person would have to edit: the overlay's.
 */
import { same } from '../core/canonical.js';
import { applyOperations } from '../core/edits.js';
import type { EditFailure, MissingPlace } from '../core/edits.js';
import type { Issue } from '../core/issue.js';
import { isObject, pointer } from '../core/json.js';
import type { Json, JsonObject } from '../core/json.js';
import { nearest } from '../core/nearest.js';
import type { Operation } from '../core/types.js';
import type * as Generated from '../generated/types.js';
import { kindOf, nameOf } from './check.js';
import { isList, placed, TreePositions, unplaced } from './positions.js';
import type { Branch, Lines, Place } from './positions.js';

/** A document and its places: what an overlay changes and is. */
export interface Placed {
  readonly body: JsonObject;
  readonly positions: TreePositions;
}

/** The `spec` of an Overlay that has passed its schema. */
export function overlaySpec(overlay: Placed): Generated.Overlay['spec'] {
  return (overlay.body as unknown as Generated.Overlay).spec;
}

/**
 * The target with the overlay applied, or why it cannot be. Neither argument is changed. The result
 * is not checked: the caller holds it against the schema and the rules of its kind again.
 */
export function applyOverlay(target: Placed, overlay: Placed): Placed | { readonly issue: Issue } {
  const operations = overlaySpec(overlay).patch as readonly Operation[];
  let { body } = target;
  let root: Branch = target.positions.root;
  let most: number | undefined;
  for (const [index, operation] of operations.entries()) {
    const result = applyOperations(body, [operation]);
    if ('failedIndex' in result) return { issue: failure(overlay, operation, index, result) };
    most ??= sizeOf(target.body) + sizeOf(overlay.body) + MOST_COPIED;
    if (sizeOf(result.document) > most) {
      return { issue: tooLarge(overlay, index) };
    }
    if (!isObject(result.document) || !sameIdentity(target.body, result.document)) {
      return { issue: identityIssue(target, overlay, index) };
    }
    body = result.document;
    root = placesAfter(root, target.positions.lines, operation, overlay.positions, index);
  }
  return { body, positions: new TreePositions(target.positions.lines, root) };
}

/**
 * What one overlay sets and a later one sets otherwise: people have written both, and one counts.
 * The overlays are given in the order in which they apply.
 */
export function overruled(overlays: readonly Placed[]): Issue[] {
  const set = new Map<string, { readonly by: string; readonly value: Json | undefined }>();
  return overlays.flatMap((overlay) => {
    const name = nameOf(overlay.body);
    return (overlaySpec(overlay).patch as readonly Operation[]).flatMap((operation, index) => {
      const { op, path, value } = operation;
      // Who looks first knows what is there.
      if (op === 'test') set.delete(path);
      if (!setsInPlace(operation)) return [];
      const before = set.get(path);
      set.set(path, { by: name, value });
      if (before === undefined || before.by === name || same(before.value, value)) return [];
      return [overrulesIssue(overlay, index, path, before.by)];
    });
  });
}

/** Not what comes into a list beside what is there. */
function setsInPlace({ op, path }: Operation): boolean {
  return op === 'replace' || op === 'remove' || (op === 'add' && !/\/(\d+|-)$/.test(path));
}

function overrulesIssue(overlay: Placed, index: number, path: string, other: string): Issue {
  const name = nameOf(overlay.body);
  return {
    code: 'overlay-overruled',
    severity: 'warning',
    at: overlay.positions.at(pointer(['spec', 'patch', index, 'path'])),
    message:
      `Overlay/${name}: ${path} is set by Overlay/${other} as well, and otherwise: this one ` +
      'counts, for overlays of a manifest apply in the order of their names',
    hint: 'leave it to one of the two, or let this one test for what the other sets',
  };
}

/**
 * Every copy may double a document, and an overlay may copy five hundred times. What stands in one
 * of the two files, such as the rows of a table, may be as many values as a file takes.
 */
const MOST_COPIED = 5000;

function sizeOf(value: Json): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, item) => sum + sizeOf(item), 1);
}

function tooLarge(overlay: Placed, index: number): Issue {
  const message = `copies more than ${MOST_COPIED} values`;
  return {
    code: 'overlay-too-large',
    severity: 'error',
    at: overlay.positions.at(pointer(['spec', 'patch', index, 'path'])),
    message: `Overlay/${nameOf(overlay.body)}: ${message}`,
    hint: 'remove the operation',
  };
}

function placesAfter(
  root: Branch,
  target: Lines,
  operation: Operation,
  overlay: TreePositions,
  index: number,
): Branch {
  const { op, path, from } = operation;
  if (op === 'test' || (op === 'move' && path === from)) return root;
  if (op === 'remove') return unplaced(root, path);
  if (op === 'add' || op === 'replace') {
    const place = borrowed(overlay, pointer(['spec', 'patch', index, 'value']));
    return placed(root, path, place, op === 'add' ? 'insert' : 'replace');
  }
  // What is moved or copied was written elsewhere; that it stands here, the overlay says.
  const positions = new TreePositions(target, root);
  const source = positions.find(from ?? '');
  const at = borrowed(overlay, pointer(['spec', 'patch', index, 'path']));
  const place = {
    ...at,
    written: positions.written(from ?? ''),
    children: childrenKnowing(source.lines, source.place),
  };
  return placed(op === 'move' ? unplaced(root, from ?? '') : root, path, place, 'insert');
}

/** The place in the overlay, knowing its own file. */
function borrowed(overlay: TreePositions, at: string): Branch {
  const { place, lines } = overlay.find(at);
  if (typeof place === 'number') return { at: place, lines, children: null };
  return { ...place, lines };
}

/** The children of a place, each knowing its file, so that they can stand below another file's. */
function childrenKnowing(lines: Lines, place: Place): Branch['children'] {
  if (typeof place === 'number' || place.children === null) return null;
  const knowing = (child: Place): Branch =>
    typeof child === 'number'
      ? { at: child, lines, children: null }
      : { ...child, lines: child.lines ?? lines };
  if (isList(place.children)) return place.children.map(knowing);
  const entries = Object.entries(place.children);
  return Object.fromEntries(entries.map(([key, child]) => [key, knowing(child)]));
}

function failure(
  overlay: Placed,
  { op, from }: Operation,
  index: number,
  { reason, missing }: EditFailure,
): Issue {
  const isFrom = from !== undefined && reason.startsWith(`${from}:`);
  const at = overlay.positions.at(pointer(['spec', 'patch', index, isFrom ? 'from' : 'path']));
  const hint = missing === undefined ? null : missingHint(missing);
  return {
    code: reason.includes(': test failed:') ? 'overlay-test-failed' : 'overlay-path-missing',
    severity: 'error',
    at,
    message: `Overlay/${nameOf(overlay.body)}: ${op} ${reason}`,
    ...(hint === null ? {} : { hint }),
  };
}

function missingHint({ parent, key, keys }: MissingPlace): string | null {
  const meant = nearest(key, keys);
  if (meant !== undefined) return `did you mean ${parent}${pointer([meant])}?`;
  if (keys.length === 0) return null;
  return `keys of ${parent === '' ? 'the manifest' : parent}: ${[...keys].sort().join(', ')}`;
}

/** What a manifest is called decides which object of the org it stands for. */
function sameIdentity(before: JsonObject, after: JsonObject): boolean {
  return (
    before['apiVersion'] === after['apiVersion'] &&
    before['kind'] === after['kind'] &&
    nameOf(before) === nameOf(after)
  );
}

function identityIssue(target: Placed, overlay: Placed, index: number): Issue {
  const address = `${kindOf(target.body)}/${nameOf(target.body)}`;
  return {
    code: 'overlay-changes-identity',
    severity: 'error',
    at: overlay.positions.at(pointer(['spec', 'patch', index, 'path'])),
    message:
      `Overlay/${nameOf(overlay.body)}: changes apiVersion, kind or metadata.name of ${address}; ` +
      'an overlay may change anything else',
    hint: 'remove the operation; another name is another manifest',
  };
}
