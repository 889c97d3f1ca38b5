/**
 * RFC 6902 JSON Patch on JSON data: the only file that touches fast-json-patch.
 *
 * The library follows a path through whatever property lookup finds, so `/toString` "exists" in
 * every object and an index past the end leaves a hole. Every path is therefore walked here first,
 * through own keys and real items only; the library then does the edit that is known to be sound.
 */
import jsonPatch from 'fast-json-patch';
import { isObject, pointer, pointerKeys, valueAt } from './json.js';
import type { Json } from './json.js';
import type { Operation } from './types.js';

/** The first operation that could not be done, and why. Nothing was applied. */
export interface EditFailure {
  readonly failedIndex: number;
  /** What is wrong with the operation, for people; begins with the pointer. */
  readonly reason: string;
  /** Where the path leads to nothing: the deepest place that is there, and what it holds. */
  readonly missing?: MissingPlace;
}

export interface MissingPlace {
  /** Pointer of the deepest value on the path that exists. */
  readonly parent: string;
  /** The key or index that the path asks for in it. */
  readonly key: string;
  /** The keys that it has; empty where it is a list or a scalar. */
  readonly keys: readonly string[];
}

/**
 * The document with all operations applied in order, or the first that fails. Neither argument is
 * changed and the result shares nothing with them. Never throws; only own keys are followed, and a
 * path through `__proto__` or `constructor/prototype` is refused.
 */
export function applyOperations(
  document: Json,
  operations: readonly Operation[],
): { readonly document: Json } | EditFailure {
  let edited = clone(document);
  for (const [failedIndex, operation] of operations.entries()) {
    const result = applyOne(edited, operation);
    if ('reason' in result) return { failedIndex, ...result };
    edited = result.document;
  }
  return { document: edited };
}

/** The operations that turn `before` into `after`: add, remove and replace only. */
export function diff(before: Json, after: Json): Operation[] {
  const comparable =
    (isObject(before) && isObject(after)) || (Array.isArray(before) && Array.isArray(after));
  if (comparable) return jsonPatch.compare(before, after) as Operation[];
  if (before === after) return [];
  return [{ op: 'replace', path: '', value: clone(after) }];
}

type Refusal = Omit<EditFailure, 'failedIndex'>;

/** Changes `document` in place where it can. */
function applyOne(document: Json, operation: Operation): { document: Json } | Refusal {
  const { op, path, from } = operation;
  switch (op) {
    case 'add':
      return put(document, path, operation.value);
    case 'replace':
    case 'remove':
    case 'test':
      return existing(document, path) ?? perform(document, operation);
    case 'copy':
    case 'move':
      break;
    default:
      return { reason: `${String(op)}: no such operation` };
  }
  if (from === undefined) return { reason: `${path}: ${op} needs "from"` };
  const refused = existing(document, from);
  if (refused !== null) return refused;
  if (op === 'move' && path.startsWith(`${from}/`)) {
    return { reason: `${path}: a value cannot be moved into itself` };
  }
  // RFC 6902: a move to where the value is has no effect. Adding it would put it there twice.
  if (op === 'move' && path === from) return { document };
  const value = clone(valueAt(document, from) ?? null);
  if (op === 'copy') return put(document, path, value);
  const removed = perform(document, { op: 'remove', path: from });
  return 'reason' in removed ? removed : put(removed.document, path, value);
}

function put(document: Json, path: string, value: Json | undefined): { document: Json } | Refusal {
  return vacancy(document, path) ?? perform(document, { op: 'add', path, value: value ?? null });
}

function perform(document: Json, operation: Operation): { document: Json } | Refusal {
  const { op, path, value } = operation;
  const needsValue = op === 'add' || op === 'replace' || op === 'test';
  if (needsValue && value === undefined) return { reason: `${path}: ${op} needs "value"` };
  if (op === 'test') {
    const found = valueAt(document, path) ?? null;
    if (same(found, value ?? null)) return { document };
    return { reason: `${path}: test failed: found ${brief(found)}, not ${brief(value ?? null)}` };
  }
  const edit = { op, path, ...(needsValue ? { value: clone(value ?? null) } : {}) };
  const result = jsonPatch.applyOperation(document, edit as never, false, true, true);
  return { document: result.newDocument };
}

/** Null when there is a value at the pointer. */
function existing(document: Json, path: string): Refusal | null {
  return walk(document, path, (parent, key) =>
    Array.isArray(parent) ? isIndex(key) && Number(key) < parent.length : hasKey(parent, key),
  );
}

/** Null when a value can be added at the pointer: its parent is there and takes the key. */
function vacancy(document: Json, path: string): Refusal | null {
  return walk(document, path, (parent, key) =>
    Array.isArray(parent)
      ? key === '-' || (isIndex(key) && Number(key) <= parent.length)
      : isObject(parent),
  );
}

/** Follows own keys and real items; `last` decides about the last key. */
function walk(
  document: Json,
  path: string,
  last: (parent: Json, key: string) => boolean,
): Refusal | null {
  if (path !== '' && !path.startsWith('/')) return { reason: `${path}: a path begins with "/"` };
  const keys = pointerKeys(path);
  let parent = document;
  for (const [index, key] of keys.entries()) {
    if (key === '__proto__' || (key === 'prototype' && keys[index - 1] === 'constructor')) {
      return { reason: `${path}: the key ${key} is not allowed` };
    }
    const isLast = index === keys.length - 1;
    const next = child(parent, key);
    if (isLast ? !last(parent, key) : next === undefined) {
      return missing(path, pointer(keys.slice(0, index)), parent, key);
    }
    if (next !== undefined) parent = next;
  }
  return null;
}

function missing(path: string, at: string, parent: Json, key: string): Refusal {
  const place = { parent: at, key, keys: isObject(parent) ? Object.keys(parent) : [] };
  const holder = at === '' ? 'the document' : at;
  if (Array.isArray(parent)) {
    const items = parent.length === 1 ? '1 item' : `${parent.length} items`;
    const what = isIndex(key) || key === '-' ? 'no such item' : 'not the index of an item';
    return { reason: `${path}: ${what}; ${holder} has ${items}`, missing: place };
  }
  if (isObject(parent)) {
    return { reason: `${path}: no key "${key}" in ${holder}`, missing: place };
  }
  return { reason: `${path}: ${holder} is neither a mapping nor a list`, missing: place };
}

function child(parent: Json, key: string): Json | undefined {
  if (Array.isArray(parent)) return isIndex(key) ? parent[Number(key)] : undefined;
  return hasKey(parent, key) ? (parent as { [key: string]: Json })[key] : undefined;
}

function hasKey(value: Json, key: string): boolean {
  return isObject(value) && Object.hasOwn(value, key);
}

function isIndex(key: string): boolean {
  return /^(0|[1-9][0-9]{0,8})$/.test(key);
}

/** Equal as JSON: the order of keys does not count. */
function same(a: Json, b: Json): boolean {
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => same(item, b[index] ?? null));
  }
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same(a[key] ?? null, b[key] ?? null));
}

function brief(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

function clone<T extends Json>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
