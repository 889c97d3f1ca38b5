/** JSON as data: what manifests, plans, wire bodies and audit records are made of. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

export interface JsonObject {
  [key: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One reference token of an RFC 6901 JSON Pointer, escaped. */
export function pointerToken(key: string | number): string {
  const text = String(key);
  // Nearly every key of every object that is walked is a plain word.
  if (!text.includes('~') && !text.includes('/')) return text;
  return text.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** `pointer(['spec', 'targets', 0])` is `/spec/targets/0`. The root is the empty string. */
export function pointer(keys: readonly (string | number)[]): string {
  return keys.map((key) => `/${pointerToken(key)}`).join('');
}

/** The keys of an RFC 6901 JSON Pointer, unescaped: the inverse of `pointer`. */
export function pointerKeys(text: string): string[] {
  if (text === '') return [];
  const tokens = text.slice(1).split('/');
  if (!text.includes('~')) return tokens;
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at an RFC 6901 JSON Pointer; `undefined` where there is none. */
export function valueAt(document: Json, pointerText: string): Json | undefined {
  let value: Json | undefined = document;
  for (const key of pointerKeys(pointerText)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as JsonObject)[key];
  }
  return value;
}

/** The objects in a list; empty for anything that is no list. */
export function objectsIn(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The value when it is text, else the empty text. */
export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/**
 * Whether a JSON text nests at most `depth` lists and objects and holds at most `values` values,
 * found without parsing it: what a few megabytes of brackets grow to has no bound. Says nothing of
 * whether it is JSON.
 */
export function isBounded(text: string, depth: number, values: number): boolean {
  // Each value has a character at least. Most texts open so little that it need not be followed.
  if (text.length < values && opensAtMost(text, depth)) return true;
  let open = 0;
  let count = 1;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfText(text, at);
    else if (code === LIST || code === OBJECT) {
      open += 1;
      count += 1;
      if (open > depth) return false;
    } else if (code === LIST_END || code === OBJECT_END) open -= 1;
    else if (code === COMMA) count += 1;
    if (count > values) return false;
  }
  return true;
}

function opensAtMost(text: string, most: number): boolean {
  let count = 0;
  for (const sign of ['{', '[']) {
    for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1)) {
      count += 1;
      if (count > most) return false;
    }
  }
  return true;
}

/** Index at which the list or object ends that the text begins with; -1 where it does not end. */
export function endOfValue(text: string): number {
  let open = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfText(text, at);
    else if (code === LIST || code === OBJECT) open += 1;
    else if (code === LIST_END || code === OBJECT_END) open -= 1;
    if (open === 0) return at;
  }
  return -1;
}

const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Index of the quote that ends the text which begins at `start`; the end where there is none. */
function endOfText(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}

/** The same without some of its keys. */
export function without<T extends object, Key extends keyof T>(
  of: T,
  ...keys: Key[]
): Omit<T, Key> {
  const left = Object.entries(of).filter(([key]) => !keys.some((one) => one === key));
  return Object.fromEntries(left) as Omit<T, Key>;
}
