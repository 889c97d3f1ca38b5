/**
 * Texts of manifests, changed in place: comments, order and form of what stays are a person's, and
 * stay. A value that takes the place of another takes its bytes; a document of which parts come or
 * go is written anew from its tree, comments and all.
 */
import {
  isCollection,
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  Scalar,
  stringify,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { same } from '../core/canonical.js';
import type { Json, JsonObject } from '../core/json.js';
import { visible, visibleJson } from '../core/visible.js';
import { amended, type Amendment } from './amendment.js';
import { parseSource } from './parse.js';

/** A file is the texts of its parts, one after another; each has one document at most. */
export interface Part {
  readonly text: string;
  /** Where its contents begin in the file, without a byte order mark; -1 where it has none. */
  readonly at: number;
}

/** The first document begins with the file, and every other where the one before it ends. */
export function partsOf(text: string): Part[] {
  const documents = documentsOf(text);
  const ends = documents.map(({ range }) => range[2]);
  return documents.map((document, index) => {
    const start = index === 0 ? 0 : (ends[index - 1] ?? 0);
    const end = index === documents.length - 1 ? text.length : (ends[index] ?? text.length);
    return { text: text.slice(start, end), at: document.contents?.range[0] ?? -1 };
  });
}

/**
 * The text of a part with the spec of its document amended; `null` where it cannot be said that
 * nothing else would change, as with an alias that stands for the same value in two places.
 */
export function amendedText(text: string, amendment: Amendment): string | null {
  const before = bodyIn(text);
  const [document] = documentsOf(text);
  if (before === null || document === undefined || !isMap(document.contents)) return null;
  const edit = new Edit(text, document);
  const spec = edit.pairOf(document.contents, 'spec');
  if (spec === undefined) return null;
  edit.pair(spec, amendment);
  const after = edit.result();
  const wanted = { ...before, spec: amended(before['spec'], amendment) };
  return same(bodyIn(after) ?? undefined, wanted) ? after : null;
}

/** What is left of a file: empty without a document, and with the schema that the file names. */
export function joined(parts: readonly Part[], all: readonly Part[]): string {
  if (parts.every(({ at }) => at === -1)) return '';
  const first = all[0];
  const isLeft = first === undefined || parts.some(({ at }) => at === first.at);
  const schema = isLeft ? '' : (SCHEMA_COMMENT.exec(first.text)?.[0] ?? '');
  return schema + parts.map(({ text }) => text).join('');
}

/** The text of a part for another file: the document with its comments. */
export function ownText(text: string): string {
  return text
    .replace(SCHEMA_COMMENT, '')
    .replace(/^---[^\S\n]*\r?\n/m, '')
    .replace(/^\.\.\.[^\S\n]*\r?\n?/m, '')
    .replace(/^\s*\n/, '');
}

/** What tells editors by which schema a file is. */
export const SCHEMA_COMMENT = /^#\s*yaml-language-server:.*\n/m;

const OPTIONS = { version: '1.2', schema: 'core', merge: false, prettyErrors: false } as const;

function documentsOf(text: string): Document.Parsed[] {
  const documents = parseAllDocuments(text, OPTIONS);
  return Array.isArray(documents) ? documents : [];
}

function bodyIn(text: string): JsonObject | null {
  const { documents, issues } = parseSource({ path: '', bytes: new TextEncoder().encode(text) });
  const [only, ...others] = documents;
  return only === undefined || others.length > 0 || issues.length > 0 ? null : only.body;
}

/** Values that take the place of others, kept until it is known that nothing else changes. */
class Edit {
  readonly #values: { readonly from: number; readonly to: number; readonly value: Json }[] = [];
  #isRebuilt = false;
  #hasOddText = false;

  constructor(
    readonly text: string,
    readonly document: Document.Parsed,
  ) {}

  pairOf(map: YAMLMap, key: string): Pair | undefined {
    return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
  }

  pair(pair: Pair, amendment: Amendment): void {
    pair.value = this.#node(pair.value as Node | null, amendment, false);
  }

  #node(node: Node | null, amendment: Amendment, isInList: boolean): Node {
    if (amendment.is === 'value') return this.#value(node, amendment.value, isInList);
    if (amendment.is === 'record' && isMap(node)) this.#record(node, amendment.keys, isInList);
    else if (amendment.is === 'list' && isSeq(node)) this.#list(node, amendment);
    else return this.#value(node, amended(undefined, amendment), isInList);
    return node;
  }

  #value(node: Node | null, value: Json, isInList: boolean): Node {
    const range = node?.range;
    if (isScalar(node) && !node.anchor && range && typeof value !== 'object' && !isBlock(node)) {
      this.#values.push({ from: range[0], to: range[1], value });
      node.value = value;
      // Quotes were for the text that was there.
      if (typeof value !== 'string') node.type = 'PLAIN';
      this.#mark(node);
      return node;
    }
    const created = this.#created(value, isInList);
    if (node !== null) {
      created.comment = node.comment ?? null;
      created.commentBefore = node.commentBefore ?? null;
    }
    return created;
  }

  #record(
    map: YAMLMap,
    keys: Extract<Amendment, { is: 'record' }>['keys'],
    isInList: boolean,
  ): void {
    for (const [key, own] of keys) {
      const pair = this.pairOf(map, key);
      if (own === 'left out') {
        this.#isRebuilt = true;
        map.items = map.items.filter((one) => one !== pair);
      } else if (pair !== undefined) {
        pair.value = this.#node(pair.value as Node | null, own, isInList);
      } else {
        const value = this.#created(amended(undefined, own), isInList);
        map.items.push(this.document.createPair(key, value));
      }
    }
  }

  #list(list: YAMLSeq, { items }: Extract<Amendment, { is: 'list' }>): void {
    const old = [...list.items] as (Node | null)[];
    const isSameOrder = items.length === old.length && items.every((one, at) => one.from === at);
    if (!isSameOrder) this.#isRebuilt = true;
    list.items = items.map(({ from, amendment }) => {
      const node = from === null ? null : (old[from] ?? null);
      return amendment === null ? node : this.#node(node, amendment, true);
    });
  }

  #created(value: Json, isInList: boolean): Node {
    this.#isRebuilt = true;
    const node: Node = this.document.createNode(value);
    if (isInList && isCollection(node)) node.flow = true;
    visit(node, {
      Collection: (_key, one, path) => {
        if (isCollection(one) && (isInList || path.some((parent) => isSeq(parent)))) {
          one.flow = true;
        }
      },
      Scalar: (_key, one) => this.#mark(one),
    });
    return node;
  }

  #mark(node: Scalar): void {
    if (typeof node.value !== 'string' || visible(node.value) === node.value) return;
    this.#hasOddText = true;
    node.type = 'QUOTE_DOUBLE';
  }

  result(): string {
    return this.#isRebuilt ? this.#rebuilt() : this.#spliced();
  }

  #spliced(): string {
    let out = this.text;
    for (const { from, to, value } of [...this.#values].sort((a, b) => b.from - a.from)) {
      out = out.slice(0, from) + scalarText(value, out.slice(from, to)) + out.slice(to);
    }
    return out;
  }

  #rebuilt(): string {
    const { text } = this;
    const written = this.document.toString({ ...ONE_LINE, ...formOf(text) });
    const safe = this.#hasOddText ? visibleJson(written) : written;
    return text.includes('\r\n') ? safe.replace(/\r?\n/g, '\r\n') : safe;
  }
}

/** Without folding: a line of a name must not begin a line of the file. */
export const ONE_LINE = { lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER };

function isBlock({ type }: Scalar): boolean {
  return type === 'BLOCK_FOLDED' || type === 'BLOCK_LITERAL';
}

/** In quotes where the text that it takes the place of was in quotes. */
function scalarText(value: Json, before: string): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const scalar = new Scalar(value);
  if (visible(value) !== value || before.startsWith('"')) scalar.type = 'QUOTE_DOUBLE';
  else if (before.startsWith("'")) scalar.type = 'QUOTE_SINGLE';
  // As in a list in brackets, where more has to be in quotes than elsewhere.
  const text = stringify([scalar], { ...ONE_LINE, collectionStyle: 'flow' });
  return visibleJson(text.trim().slice(1, -1).trim());
}

/** How a person writes: indents, dashes below their key or not, blanks inside of brackets. */
function formOf(text: string): {
  readonly indent: number;
  readonly indentSeq: boolean;
  readonly flowCollectionPadding: boolean;
} {
  const indent = /^[a-z]\w*:[^\S\n]*\r?\n( +)[^\s#-]/m.exec(text)?.[1]?.length ?? 2;
  const dash = /^( *)[\w"']+:[^\S\n]*(?:#.*)?\r?\n(?:\s*#.*\r?\n)*( *)- /m.exec(text);
  const indentSeq = dash === null || (dash[1] ?? '').length < (dash[2] ?? '').length;
  return { indent, indentSeq, flowCollectionPadding: !/\{\S/.test(text) || /\{ /.test(text) };
}
