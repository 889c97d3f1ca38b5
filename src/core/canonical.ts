/**
 * One stable text per JSON value (RFC 8785): keys in code-unit order, no white space, numbers as
 * ECMAScript prints them. Every digest is taken over this text, so that the order in which a
 * server or a person wrote the keys never matters.
 */
import type { Json } from './json.js';
import type { Digest, Hash } from './types.js';

/** Throws a RangeError for what JSON cannot hold: NaN, infinities, lone surrogates. */
export function canonical(value: Json): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`${String(value)} is not a JSON number`);
    return JSON.stringify(value);
  }
  if (value === null || typeof value === 'boolean') return String(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += text === '' ? canonical(item) : `,${canonical(item)}`;
    return `[${text}]`;
  }
  for (const key of inOrder(Object.keys(value))) {
    const member = `${quoted(key)}:${canonical(value[key] ?? null)}`;
    text += text === '' ? member : `,${member}`;
  }
  return `{${text}}`;
}

/** Printable ASCII that JSON escapes nothing of: most texts, and quoted as they are. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new RangeError('the text has a lone surrogate');
  return JSON.stringify(text);
}

/** The same list, sorted; what was normalised or canonical before is so already. */
function inOrder(keys: string[]): string[] {
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index - 1] ?? '') > (keys[index] ?? '')) return keys.sort();
  }
  return keys;
}

/** Whether `canonical` has a text for the value. Throws a RangeError for nesting without end. */
export function isCanonicalisable(value: Json): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return value.isWellFormed();
  if (value === null || typeof value === 'boolean') return true;
  if (Array.isArray(value)) return value.every(isCanonicalisable);
  return Object.keys(value).every(
    (key) => key.isWellFormed() && isCanonicalisable(value[key] ?? null),
  );
}

export function digestOf(hash: Hash, value: Json): Digest {
  return hash(canonical(value));
}

/** Equality of JSON values, whatever the order of their keys: of their canonical texts. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => same(item, b[index]));
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same(a[key] ?? null, b[key] ?? null));
}
