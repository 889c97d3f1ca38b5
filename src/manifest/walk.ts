/** The one walk over a document: builds the plain value and the tree of its places together. */
import { Alias, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Issue } from '../core/issue.js';
import type { Json, JsonObject } from '../core/json.js';
import { misleadingCharacter } from './decode.js';
import type { Branch, Lines, Place } from './positions.js';

/** Collections inside collections; a manifest has five. */
export const MAX_DEPTH = 64;

/** Values in one file, those that aliases repeat included. */
export const MAX_NODES = 200_000;

/** A repeated text counts as a value for each of these: a long one fills memory as many do. */
const CHARACTERS_OF_A_VALUE = 100;

/** Every key reaches its mapping by assignment, so these would reach its prototype. */
export const PROTOTYPE_KEYS: ReadonlySet<string> = new Set([
  '__proto__',
  'constructor',
  'prototype',
]);

/** The issues of one file; beyond what a person reads they are only counted. */
export class Findings {
  readonly issues: Issue[] = [];
  hidden = 0;

  /** Takes a maker, since the place of an issue that nobody sees is not worth looking up. */
  add(make: () => Issue): void {
    if (this.issues.length < MAX_ISSUES) this.issues.push(make());
    else this.hidden += 1;
  }

  get count(): number {
    return this.issues.length + this.hidden;
  }
}

const MAX_ISSUES = 100;

export class Walk {
  readonly #findings: Findings;
  readonly #mayMislead: boolean;
  readonly #lines: Lines;
  readonly #anchors = new Map<string, unknown>();
  #nodes = 0;
  /** It was said that there are too many. */
  #told = false;
  /** Above 0 while what an alias stands for is repeated; anchors in it are known already. */
  #repeating = 0;
  /** Of the outermost alias that is being repeated: what an issue inside points to. */
  #aliasAt = 0;
  /** The place that belongs to the value returned last: a second result without an allocation. */
  #place: Place = 0;

  /** `mayMislead`: a scalar of the file may hold a character that nobody could see. */
  constructor(lines: Lines, findings: Findings, mayMislead: boolean) {
    this.#lines = lines;
    this.#findings = findings;
    this.#mayMislead = mayMislead;
  }

  /** True once the values of the file are more than are accepted; nothing further is read. */
  get exhausted(): boolean {
    return this.#nodes > MAX_NODES;
  }

  /** The documents of one file go through one walk, so that the limits hold for the file. */
  document(contents: unknown): { readonly value: Json; readonly place: Branch } {
    this.#anchors.clear();
    const value = this.#value(contents, 0, offsetOf(contents, 0));
    const place = this.#place;
    const branch = typeof place === 'number' ? { at: place, lines: null, children: null } : place;
    return { value, place: branch };
  }

  /** `at` is where the entry or the item begins: what an issue about the value points to. */
  #value(node: unknown, depth: number, at: number): Json {
    this.#nodes += 1;
    this.#place = at;
    if (this.#nodes > MAX_NODES) return this.#exhausted(at);
    if (node instanceof Scalar) return this.#scalar(node, at);
    if (node instanceof Alias) return this.#alias(node, depth, at);
    if (!(node instanceof YAMLMap) && !(node instanceof YAMLSeq)) return null;
    if (node.tag !== undefined) this.#refuseTag(node, at);
    if (depth >= MAX_DEPTH) {
      const message = `nested more than ${MAX_DEPTH} levels deep`;
      return this.#issue('nested-too-deep', at, message, '8 levels are enough');
    }
    const value =
      node instanceof YAMLMap ? this.#map(node, depth, at) : this.#list(node, depth, at);
    if (node.anchor !== undefined) this.#remember(node.anchor, node);
    return value;
  }

  #map(node: YAMLMap, depth: number, at: number): JsonObject {
    const value: JsonObject = {};
    const children: Record<string, Place> = {};
    for (const pair of node.items) {
      if (!(pair instanceof Pair)) continue;
      const keyAt = offsetOf(pair.key, at);
      const isLone = node.flow === true && pair.value === null;
      const key = this.#key(pair.key, keyAt, isLone);
      const entry = this.#value(pair.value, depth + 1, keyAt);
      if (key === null) continue;
      if (Object.hasOwn(value, key)) {
        const { line } = this.#lines.locate(offsetIn(children[key] ?? at));
        const message = `${shown(key)}: stands twice in one mapping, first in line ${line}`;
        this.#issue('duplicate-key', keyAt, message, 'remove one of the two');
        continue;
      }
      value[key] = entry;
      children[key] = this.#place;
    }
    this.#place = { at, lines: null, children };
    return value;
  }

  #list(node: YAMLSeq, depth: number, at: number): Json[] {
    const value: Json[] = [];
    const children: Place[] = [];
    for (const item of node.items) {
      value.push(this.#value(item, depth + 1, offsetOf(item, at)));
      children.push(this.#place);
    }
    this.#place = { at, lines: null, children };
    return value;
  }

  /** `isLone`: between two commas, without a value. */
  #key(node: unknown, at: number, isLone: boolean): string | null {
    if (!(node instanceof Scalar)) {
      const what = node instanceof Alias ? 'an alias' : 'a mapping or a list';
      return this.#refuseKey('non-string-key', at, `${what} stands as a key; keys are text`);
    }
    if (node.tag !== undefined) this.#refuseTag(node, at);
    if (node.anchor !== undefined) this.#remember(node.anchor, node);
    const key: unknown = node.value;
    if (typeof key !== 'string') {
      const source = node.source ?? '';
      if (isLone && source !== '') {
        const message = `${shown(source)}: stands by itself after a comma, which begins a new key`;
        return this.#refuseKey('non-string-key', at, message, LONE_HINT);
      }
      const subject = source === '' ? 'a key is missing' : `${shown(source)}: not text`;
      const message = `${subject}; keys are text`;
      const hint = source === '' ? 'write a key before the colon' : `write "${shown(source)}"`;
      return this.#refuseKey('non-string-key', at, message, hint);
    }
    if (PROTOTYPE_KEYS.has(key)) {
      const message = `${key}: this key has no place here`;
      return this.#refuseKey('forbidden-key', at, message, 'remove it');
    }
    if (key === '<<' && node.type === 'PLAIN') {
      const hint = 'write the keys out, or use an Overlay';
      return this.#refuseKey('merge-key', at, '<<: merge keys are not part of YAML 1.2', hint);
    }
    this.#checkText(key, at, 'a key');
    return key;
  }

  #scalar(node: Scalar, at: number): Json {
    if (node.anchor !== undefined) this.#remember(node.anchor, node);
    if (node.tag !== undefined) {
      this.#refuseTag(node, at);
      return null;
    }
    const value: unknown = node.value;
    if (typeof value === 'string') {
      // What was looked at where it stands need not be looked at again, but it adds to the size.
      if (this.#repeating === 0) this.#checkText(value, at, 'a text');
      else this.#nodes += Math.floor(value.length / CHARACTERS_OF_A_VALUE);
      return value;
    }
    if (typeof value !== 'number' && typeof value !== 'boolean') return null;
    const { source = '' } = node;
    if (source !== String(value)) this.#lines.note(at, source);
    return typeof value === 'number' ? this.#number(value, source, at) : value;
  }

  #number(value: number, source: string, at: number): Json {
    const text = shown(source);
    if (!Number.isFinite(value)) {
      const message = `${text}: not a finite number`;
      return this.#issue('not-finite', at, message, 'write a finite number');
    }
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      const message = `${text}: larger than 2^53, so it cannot be kept exactly`;
      return this.#issue('number-too-large', at, message, 'write a smaller number, or quote it');
    }
    // Minus nought and nought are one number in JSON.
    return value === 0 ? 0 : value;
  }

  #alias(node: Alias, depth: number, at: number): Json {
    const target = this.#anchors.get(node.source);
    if (target === undefined) {
      const hint = `write &${shown(node.source)} before the value that is meant`;
      const message = `*${shown(node.source)}: no such anchor before this line`;
      return this.#issue('unknown-anchor', at, message, hint);
    }
    if (this.#repeating === 0) this.#aliasAt = at;
    this.#repeating += 1;
    const value = this.#value(target, depth, at);
    this.#repeating -= 1;
    return value;
  }

  #remember(anchor: string, node: unknown): void {
    if (this.#repeating === 0) this.#anchors.set(anchor, node);
  }

  #checkText(text: string, at: number, what: string): void {
    const found = this.#mayMislead ? misleadingCharacter(text) : null;
    if (found === null) return;
    this.#issue('control-character', at, `${what} holds ${found}`, 'remove it');
  }

  #refuseTag(node: { tag?: string }, at: number): void {
    const tag = shown(node.tag?.replace('tag:yaml.org,2002:', '!!') ?? '');
    const message = `${tag}: tags have no place here`;
    this.#issue('tag', at, message, 'remove the tag; quotes make a value text');
  }

  #refuseKey(code: string, at: number, message: string, hint?: string): null {
    this.#issue(code, at, message, hint);
    return null;
  }

  #exhausted(at: number): null {
    if (!this.#told) {
      this.#told = true;
      const message = `more than ${MAX_NODES} values, those that aliases repeat included`;
      this.#issue('too-many-values', at, message, 'write fewer aliases');
    }
    return null;
  }

  #issue(code: string, at: number, message: string, hint?: string): null {
    // A hostile file repeats one mistake through its aliases; once is enough.
    if (this.#repeating > 0 && code !== 'too-many-values' && code !== 'nested-too-deep')
      return null;
    const rest = hint === undefined ? {} : { hint };
    const place = this.#repeating > 0 ? this.#aliasAt : at;
    this.#findings.add(() => ({
      code,
      severity: 'error',
      at: this.#lines.locate(place),
      message,
      ...rest,
    }));
    return null;
  }
}

const LONE_HINT = 'write decimals with a point, such as 0.5, and a text with a comma in quotes';

function offsetOf(node: unknown, otherwise: number): number {
  const range = (node as { range?: readonly number[] | null } | null)?.range;
  return range?.[0] ?? otherwise;
}

function offsetIn(place: Place): number {
  return typeof place === 'number' ? place : place.at;
}

/** Text of a file in a message: one line, not long. */
function shown(text: string): string {
  const flat = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return flat.length <= 60 ? flat : `${flat.slice(0, 57)}...`;
}
