/**
 * One stable text per JSON value (RFC 8785): keys in code-unit order, no white space, numbers as
 * ECMAScript prints them. Every digest is taken over this text, so that the order in which a
 * server or a person wrote the keys never matters.
 */
import type { Json, JsonObject } from './json.js';
import type { Digest, Hash, Put } from './types.js';

/** Throws a RangeError for what JSON cannot hold: NaN, infinities, lone surrogates. */
export function canonical(value: Json): string {
  let text = '';
  // No character is parted by the end of a piece.
  pieces(value, (piece) => (text += DECODER.decode(piece)));
  return text;
}

const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

export function digestOf(hash: Hash, value: Json): Digest {
  return hash((put) => pieces(value, put));
}

export interface Measured {
  readonly digest: Digest;
  /** Of the canonical text, in UTF-16 units. */
  readonly length: number;
  /** No list in it has a number, and no key begins with a digit. */
  readonly isPlain: boolean;
}

export function measuredDigest(hash: Hash, value: Json): Measured {
  let measures: Omit<Measured, 'digest'> = NOTHING;
  const digest = hash((put) => (measures = pieces(value, put)));
  return { digest, ...measures };
}

const NOTHING = { length: 0, isPlain: true };

/**
 * The text as UTF-8. As one string it would be a tree of all of its parts, which lives until it is
 * read: for a plan of thousands of changes that took four times as long as the hash and the walk.
 */
function pieces(value: Json, put: Put): Omit<Measured, 'digest'> {
  // Whoever takes a piece may want a canonical text as well.
  const writer = spare ?? new Writer();
  spare = null;
  writer.begin(put);
  writer.value(value);
  const measures = writer.end();
  spare = writer;
  return measures;
}

/** Kept from call to call: most texts are shorter than making room for one takes. */
let spare: Writer | null = null;

const PIECE_BYTES = 65_536;
/** What is longer goes the way of what has other characters. */
const LONGEST_PLAIN = 4096;
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];
const [BLANK, TILDE] = [0x20, 0x7e];
const ENCODER = new TextEncoder();
const NO_BYTES = new Uint8Array();
/** Bytes that are copied one by one sooner than by a call. */
const SHORT = 32;

class Writer {
  private readonly bytes = new Uint8Array(PIECE_BYTES);
  private length = 0;
  /** UTF-16 units of what was put, and by how many those of the rest differ from its bytes. */
  private units = 0;
  private isPlain = true;
  private put: Put = () => undefined;

  begin(put: Put): void {
    this.put = put;
    this.length = 0;
    this.units = 0;
    this.isPlain = true;
  }

  end(): Omit<Measured, 'digest'> {
    this.put(this.bytes.subarray(0, this.length), true);
    this.put = () => undefined;
    return { length: this.units + this.length, isPlain: this.isPlain };
  }

  value(value: Json | undefined): void {
    if (typeof value === 'string') this.text(value);
    else if (typeof value === 'number') this.number(value);
    else if (value === null || typeof value !== 'object') this.word(String(value ?? null));
    else if (Array.isArray(value)) this.list(value);
    else this.object(value);
  }

  private list(items: readonly Json[]): void {
    this.byte(LIST);
    let isFirst = true;
    for (const item of items) {
      if (!isFirst) this.byte(COMMA);
      isFirst = false;
      if (typeof item === 'number') this.isPlain = false;
      this.value(item);
    }
    this.byte(LIST_END);
  }

  private object(object: JsonObject): void {
    const { found, order, isPlain, heads } = orderOf(object);
    if (!isPlain) this.isPlain = false;
    if (heads === null || order.length === 0) this.byte(OBJECT);
    for (let place = 0; place < order.length; place += 1) {
      const index = order[place] ?? 0;
      if (heads !== null) this.ready(heads.encoded[place] ?? NO_BYTES);
      else this.key(found[index] ?? '', place === 0);
      this.value(object[found[index] ?? '']);
    }
    this.byte(OBJECT_END);
    this.units += heads?.units ?? 0;
  }

  private key(key: string, isFirst: boolean): void {
    if (!isFirst) this.byte(COMMA);
    this.text(key);
    this.byte(COLON);
  }

  private number(value: number): void {
    if (!Number.isFinite(value)) throw new RangeError(`${String(value)} is not a JSON number`);
    this.word(String(value));
  }

  /** Printable ASCII is most texts; of it JSON escapes two characters. */
  private text(text: string): void {
    if (text.length > LONGEST_PLAIN) {
      this.escaped(text);
      return;
    }
    this.reserve(2 * text.length + 2);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = QUOTE;
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      if (code < BLANK || code > TILDE) {
        this.escaped(text);
        return;
      }
      if (code === QUOTE || code === BACKSLASH) bytes[at++] = BACKSLASH;
      bytes[at++] = code;
    }
    bytes[at++] = QUOTE;
    this.length = at;
  }

  private escaped(text: string): void {
    const shown = stringified(text);
    const encoded = ENCODER.encode(shown);
    this.units += shown.length - encoded.length;
    this.ready(encoded);
  }

  /** What is encoded already. */
  private ready(encoded: Uint8Array): void {
    if (encoded.length > PIECE_BYTES) {
      this.flush();
      this.put(encoded, false);
      this.units += encoded.length;
      return;
    }
    this.reserve(encoded.length);
    const { bytes } = this;
    const at = this.length;
    this.length = at + encoded.length;
    if (encoded.length > SHORT) {
      bytes.set(encoded, at);
      return;
    }
    for (let index = 0; index < encoded.length; index += 1) bytes[at + index] = encoded[index] ?? 0;
  }

  /** ASCII, and short. */
  private word(word: string): void {
    this.reserve(word.length);
    for (let index = 0; index < word.length; index += 1) {
      this.bytes[this.length++] = word.charCodeAt(index);
    }
  }

  private byte(code: number): void {
    this.reserve(1);
    this.bytes[this.length++] = code;
  }

  private reserve(count: number): void {
    if (this.length + count > PIECE_BYTES) this.flush();
  }

  private flush(): void {
    this.put(this.bytes.subarray(0, this.length), false);
    this.units += this.length;
    this.length = 0;
  }
}

/**
 * The places of the keys, by code units. Thousands of objects have the same keys in the same order,
 * and to look for one that was sorted before takes a tenth of sorting it.
 */
function orderOf(object: JsonObject): Order {
  let count = 0;
  for (const _key in object) count += 1;
  const known = count > MOST_KEYS ? [] : (ORDERS[count] ??= []);
  for (const each of known) {
    if (!hasKeys(object, each.found)) continue;
    // What is met again is worth it.
    each.heads ??= headsOf(each);
    return each;
  }
  const keys = Object.keys(object);
  const order = [...keys.keys()].sort((a, b) => ((keys[a] ?? '') < (keys[b] ?? '') ? -1 : 1));
  const isPlain = !keys.some((key) => /^\d/.test(key));
  const made: Order = { found: keys, order, isPlain, heads: null };
  if (known.length === MOST_ORDERS) known.shift();
  known.push(made);
  return made;
}

interface Order {
  readonly found: readonly string[];
  readonly order: readonly number[];
  /** None begins with a digit. */
  readonly isPlain: boolean;
  heads: Heads | null;
}

interface Heads {
  /** Of each key in its order, what stands before its value. */
  readonly encoded: readonly Uint8Array[];
  /** By how many UTF-16 units these differ from their bytes. */
  readonly units: number;
}

/** Throws a RangeError for a key with a lone surrogate. */
function headsOf({ found, order }: Order): Heads {
  let units = 0;
  const encoded = order.map((index, place) => {
    const head = `${place === 0 ? '{' : ','}${stringified(found[index] ?? '')}:`;
    const bytes = ENCODER.encode(head);
    units += head.length - bytes.length;
    return bytes;
  });
  return { encoded, units };
}

function stringified(text: string): string {
  if (!text.isWellFormed()) throw new RangeError('the text has a lone surrogate');
  return JSON.stringify(text);
}

/** As many as it has, in its order: without a list of its own, which would be made for each. */
function hasKeys(object: JsonObject, keys: readonly string[]): boolean {
  let place = 0;
  for (const key in object) {
    if (keys[place] !== key) return false;
    place += 1;
  }
  return true;
}

const MOST_KEYS = 64;
/** Of each number of keys. */
const MOST_ORDERS = 8;
const ORDERS: Order[][] = [];

/** No canonical text of the value is longer, in UTF-16 units; found in a fraction of the time. */
export function longestCanonical(value: Json): number {
  if (typeof value === 'string') return LONGEST_ESCAPE * value.length + 2;
  if (value === null || typeof value !== 'object') return LONGEST_WORD;
  let length = 2;
  if (Array.isArray(value)) {
    for (const item of value) length += longestCanonical(item) + 1;
    return length;
  }
  for (const key in value) {
    length += LONGEST_ESCAPE * key.length + 4 + longestCanonical(value[key] ?? null);
  }
  return length;
}

/** `\\u0000` */
const LONGEST_ESCAPE = 6;
/** `-0.0000010704332132291561`: below a millionth numbers have an exponent, and are shorter. */
const LONGEST_WORD = 25;

/** Whether `canonical` has a text for the value. Throws a RangeError for nesting without end. */
export function isCanonicalisable(value: Json): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return value.isWellFormed();
  if (value === null || typeof value === 'boolean') return true;
  if (Array.isArray(value)) return value.every(isCanonicalisable);
  for (const key in value) {
    if (!key.isWellFormed() || !isCanonicalisable(value[key] ?? null)) return false;
  }
  return true;
}

/** Equality of JSON values, whatever the order of their keys: of their canonical texts. */
export function same(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let index = 0; index < a.length; index += 1) if (!same(a[index], b[index])) return false;
    return true;
  }
  // Without lists of keys: thousands of objects are compared several times each.
  let left = 0;
  for (const key in a) {
    if (!Object.hasOwn(b, key) || !same(a[key] ?? null, b[key] ?? null)) return false;
    left += 1;
  }
  for (const _key in b) left -= 1;
  return left === 0;
}
