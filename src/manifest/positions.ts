/**
 * Where each value of a document was written.
 *
 * A tree of the same shape as the document: an offset for a scalar, a branch for a mapping or a
 * list. Lines are counted only when somebody asks, because a document without errors is never
 * asked. Trees are immutable and shared; an overlay makes a new tree that borrows from two files.
 */
import type { Location } from '../core/issue.js';
import { pointerKeys } from '../core/json.js';
import type { Positions } from '../core/types.js';

/** A scalar's place is its offset in the text of the file that the nearest branch names. */
export type Place = number | Branch;

export interface Branch {
  /** Offset of the key or of the item. */
  readonly at: number;
  /** Set where this part of the document came from another file than what is around it. */
  readonly lines: Lines | null;
  /** Of a value that was moved here from elsewhere: see `Positions.written`. */
  readonly written?: string | null;
  readonly children: Readonly<Record<string, Place>> | readonly Place[] | null;
}

/**
 * The lines of one file. Offsets and columns count UTF-16 code units, as editors do. Of most files
 * nobody asks for a line, so they are counted for who asks first. The text is kept for that; most
 * values of a file are parts of it, and keep it in any case.
 */
export class Lines {
  readonly #text: string;
  #starts: readonly number[] | null = null;
  #written: Map<number, string> | null = null;

  constructor(
    readonly file: string,
    text: string,
  ) {
    this.#text = text;
  }

  /** Of the scalar at an offset that JSON writes differently: `1.10`, `010`, `True`. */
  note(offset: number, written: string): void {
    this.#written ??= new Map();
    this.#written.set(offset, written);
  }

  /** How the scalar at an offset is written, where JSON writes it differently. */
  writtenAt(offset: number): string | null {
    return this.#written?.get(offset) ?? null;
  }

  locate(offset: number): Location {
    const starts = (this.#starts ??= startsIn(this.#text));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.file, line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }
}

function startsIn(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) {
    starts.push(end + 1);
  }
  return starts;
}

export class TreePositions implements Positions {
  constructor(
    readonly lines: Lines,
    readonly root: Branch,
  ) {}

  at(pointer: string): Location {
    const { lines, place } = this.find(pointer);
    return lines.locate(typeof place === 'number' ? place : place.at);
  }

  written(pointer: string): string | null {
    const { lines, place, isThere } = this.find(pointer);
    if (!isThere) return null;
    if (typeof place === 'number') return lines.writtenAt(place);
    if (place.children !== null) return null;
    return place.written ?? lines.writtenAt(place.at);
  }

  /** Whether every value was written in the file that the document is in: no overlay has a part. */
  get isOfOneFile(): boolean {
    return (this.#isOfOneFile ??= isUnmixed(this.root));
  }
  #isOfOneFile: boolean | undefined;

  /** The nearest place on the way to the pointer, and the file that it is in. */
  find(pointer: string): {
    readonly lines: Lines;
    readonly place: Place;
    readonly isThere: boolean;
  } {
    let lines = this.root.lines ?? this.lines;
    let place: Place = this.root;
    for (const key of pointerKeys(pointer)) {
      const next = childPlace(place, key);
      if (next === undefined) return { lines, place, isThere: false };
      place = next;
      if (typeof place !== 'number') lines = place.lines ?? lines;
    }
    return { lines, place, isThere: true };
  }
}

/** A copy of the tree with `place` at the pointer; in a list it is inserted or replaces. */
export function placed(
  root: Branch,
  pointer: string,
  place: Branch,
  mode: 'insert' | 'replace',
): Branch {
  const edit = (children: Children, key: string): Children => {
    if (!isList(children)) return { ...children, [key]: place };
    const index = key === '-' ? children.length : Number(key);
    return children.toSpliced(index, mode === 'insert' ? 0 : 1, place);
  };
  return edited(root, pointerKeys(pointer), edit) ?? place;
}

/** A copy of the tree without what is at the pointer. */
export function unplaced(root: Branch, pointer: string): Branch {
  const edit = (children: Children, key: string): Children => {
    if (isList(children)) return children.toSpliced(Number(key), 1);
    return Object.fromEntries(Object.entries(children).filter(([other]) => other !== key));
  };
  return edited(root, pointerKeys(pointer), edit) ?? { ...root, children: null };
}

type Children = NonNullable<Branch['children']>;

/** Null for the root itself, which has no parent to edit. */
function edited(
  place: Place,
  keys: readonly string[],
  edit: (children: Children, key: string) => Children,
): Branch | null {
  const [key, ...rest] = keys;
  if (key === undefined) return null;
  const branch: Branch =
    typeof place === 'number' ? { at: place, lines: null, children: null } : place;
  const children = branch.children ?? {};
  const below = edited(childPlace(branch, key) ?? branch.at, rest, edit);
  if (below === null) return { ...branch, children: edit(children, key) };
  const replaced = isList(children)
    ? children.with(Number(key), below)
    : { ...children, [key]: below };
  return { ...branch, children: replaced };
}

function isUnmixed(place: Place): boolean {
  if (typeof place === 'number') return true;
  if (place.lines !== null) return false;
  return place.children === null || Object.values(place.children).every(isUnmixed);
}

function childPlace(place: Place, key: string): Place | undefined {
  if (typeof place === 'number' || place.children === null) return undefined;
  const { children } = place;
  if (isList(children)) return /^[0-9]+$/.test(key) ? children[Number(key)] : undefined;
  return Object.hasOwn(children, key) ? children[key] : undefined;
}

export function isList(children: Children): children is readonly Place[] {
  return Array.isArray(children);
}
