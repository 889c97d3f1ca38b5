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
 * The target with the overlay applied, or why it cannot be: each operation that is wrong by itself.
 * Neither argument is changed. The result is not checked: the caller holds it against the schema
 * and the rules of its kind again.
 */
export function applyOverlay(
  target: Placed,
  overlay: Placed,
): Placed | { readonly issues: readonly Issue[] } {
  const operations = overlaySpec(overlay).patch as readonly Operation[];
  let { body } = target;
  let root: Branch = target.positions.root;
  let most: number | undefined;
  const issues: Issue[] = [];
  const failed: Operation[] = [];
  for (const [index, operation] of operations.entries()) {
    const result = applyOperations(body, [operation]);
    if ('failedIndex' in result) {
      if (!failed.some((one) => mayFollow(operation, one))) {
        issues.push(failure(overlay, operation, index, result));
      }
      failed.push(operation);
      // What is asked for only where that holds is not asked for.
      if (operation.op === 'test') break;
      continue;
    }
    most ??= sizeOf(target.body) + sizeOf(overlay.body) + MOST_COPIED;
    if (sizeOf(result.document) > most) {
      return { issues: [...issues, tooLarge(overlay, index)] };
    }
    if (!isObject(result.document) || !sameIdentity(target.body, result.document)) {
      return { issues: [...issues, identityIssue(target, overlay, index)] };
    }
    body = result.document;
    root = placesAfter(root, target.positions.lines, operation, overlay.positions, index);
  }
  if (issues.length > 0) return { issues };
  return { body, positions: new TreePositions(target.positions.lines, root) };
}

/** Whether an operation may fail for no other reason than that one before it has. */
function mayFollow(operation: Operation, before: Operation): boolean {
  return pathsOf(before).some((failed) => {
    // Of a list the items behind it are other ones as well.
    const at = ITEM.test(failed) ? failed.replace(ITEM, '') : failed;
    return pathsOf(operation).some((path) => isWithin(path, at) || isWithin(at, path));
  });
}

function pathsOf({ path, from }: Operation): string[] {
  return from === undefined ? [path] : [path, from];
}

function isWithin(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}/`);
}

/**
 * What one overlay sets and a later one sets otherwise: people have written both, and one counts.
 * The overlays are given in the order in which they apply. Who tests a path first knows what is
 * there; of a list whose items have moved nothing is said, since the same path is another item.
 */
export function overruled(overlays: readonly Placed[]): Issue[] {
  const settings = new Settings();
  const issues: Issue[] = [];
  for (const overlay of overlays) {
    const by = nameOf(overlay.body);
    const tested = new Set<string>();
    const operations = overlaySpec(overlay).patch as readonly Operation[];
    for (const [index, operation] of operations.entries()) {
      const { op, path, from, value = from } = operation;
      if (op === 'test') {
        tested.add(path);
        continue;
      }
      const other = settings.take({ by, op, path, value });
      if (other === null || tested.has(path) || tested.has(other.path)) continue;
      issues.push(overrulesIssue(overlay, index, other));
    }
  }
  return issues;
}

interface Setting extends Pick<Operation, 'op' | 'path'> {
  /** Name of the overlay. */
  readonly by: string;
  readonly value: Json | undefined;
}

/** What came or went at the end of such a path moves whatever follows it, where it is a list. */
const ITEM = /\/(\d+|-)$/;

interface Noted {
  readonly setting: Setting;
  readonly turn: number;
}

class Settings {
  /** The last setting of a path. */
  readonly #at = new Map<string, Noted>();
  /** The last setting of something below a path. */
  readonly #below = new Map<string, Noted>();
  /** Lists, and when their items moved last. */
  readonly #moved = new Map<string, number>();
  #turn = 0;

  /** Returns what another overlay has set, and this setting overrules; `null` for nothing. */
  take(setting: Setting): Setting | null {
    this.#turn += 1;
    const { op, path } = setting;
    const isItem = ITEM.test(path);
    const comesBetween = isItem && op !== 'replace' && op !== 'remove';
    const found = comesBetween
      ? null
      : (this.#still(this.#at.get(path)) ?? this.#still(this.#below.get(path)));
    if (isItem && op !== 'replace') this.#moved.set(path.replace(ITEM, ''), this.#turn);
    else this.#note(setting);
    if (found === null || found.by === setting.by || isAlike(found, setting)) return null;
    return found;
  }

  /** `null` for none, and where what it was about is at another path by now. */
  #still(noted: Noted | undefined): Setting | null {
    if (noted === undefined) return null;
    const { setting, turn } = noted;
    const isElsewhere = above(setting.path).some((one) => (this.#moved.get(one) ?? 0) > turn);
    return isElsewhere ? null : setting;
  }

  #note(setting: Setting): void {
    const noted = { setting, turn: this.#turn };
    this.#at.set(setting.path, noted);
    for (const one of above(setting.path)) this.#below.set(one, noted);
  }
}

function isAlike(a: Setting, b: Setting): boolean {
  const isSameEnd = (a.op === 'remove') === (b.op === 'remove') && same(a.value, b.value);
  return a.path === b.path && isSameEnd;
}

/** `/a`, `/a/b` of `/a/b/c`. */
function above(path: string): string[] {
  const keys = path.split('/');
  return keys.slice(2).map((_, index) => keys.slice(0, index + 2).join('/'));
}

function overrulesIssue(overlay: Placed, index: number, other: Setting): Issue {
  const name = nameOf(overlay.body);
  return {
    code: 'overlay-overruled',
    severity: 'warning',
    at: overlay.positions.at(pointer(['spec', 'patch', index, 'path'])),
    message:
      `Overlay/${name}: ${other.path} is set by Overlay/${other.by} as well, and otherwise: this ` +
      'one counts, for overlays of a manifest apply in the order of their names',
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
