/** What we write for ourselves into a comment or an issue, where readers do not see it. */
import { isObject, type JsonObject } from '../core/json.js';

export type MarkerKind = 'plan' | 'drift';

/** An HTML comment of one line. Nothing in `data` can end it. */
export function markerLine(kind: MarkerKind, data: JsonObject): string {
  const text = JSON.stringify(data).replace(
    /[<>&-]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${opening(kind)}${text} -->`;
}

/** What the marker at the beginning of a text says; `null` where there is none. */
export function markerIn(kind: MarkerKind, text: string): JsonObject | null {
  if (!text.startsWith(opening(kind))) return null;
  const [line = ''] = text.split(/\r?\n/, 1);
  const end = line.indexOf(' -->');
  try {
    const value: unknown = JSON.parse(line.slice(opening(kind).length, end));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** A marker of ours is there, also one that somebody has broken. */
export function isMarked(kind: MarkerKind, text: string): boolean {
  return text.startsWith(opening(kind).trimEnd());
}

/**
 * Of texts of ours, those for this folder of manifests; where there is none, those that do not say
 * which they are for: of an older version, or broken by somebody. What is another folder's is left
 * to it, though its environments may have the same names.
 */
export function markedFor<T extends { readonly body: string }>(
  kind: MarkerKind,
  folder: string,
  all: readonly T[],
): T[] {
  const folderOf = ({ body }: T): unknown => markerIn(kind, body)?.['folder'];
  const own = all.filter((one) => folderOf(one) === folder);
  return own.length > 0 ? own : all.filter((one) => folderOf(one) === undefined);
}

function opening(kind: MarkerKind): string {
  return `<!-- strategos:${kind} `;
}

/** Whose workflow run writes: the id of the run, and which attempt of it. */
export interface Writer {
  readonly id: string;
  readonly attempt: number;
}

/** For the data of a marker; nothing outside of a workflow run. */
export function writtenBy(run: Writer | null): JsonObject {
  return { workflowRun: run?.id ?? null, attempt: run?.attempt ?? null };
}

/**
 * The run that wrote a marker, where it is a later one than `own`. GitHub numbers runs in the order
 * in which they begin, and one that is run again keeps its number: what it has to tell is older
 * than what a later one has told. `null` also where either says nothing.
 */
export function laterWriter(marker: JsonObject | null, own: Writer | null): string | null {
  const { workflowRun: id, attempt } = marker ?? {};
  if (own === null || typeof id !== 'string' || !/^\d{1,15}$/.test(id)) return null;
  if (!/^\d{1,15}$/.test(own.id)) return null;
  const [theirs, ours] = [Number(id), Number(own.id)];
  if (theirs !== ours) return theirs > ours ? id : null;
  return typeof attempt === 'number' && attempt > own.attempt ? id : null;
}
