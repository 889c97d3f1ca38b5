/**
 * A long text cut to what a place takes: never inside a strategy, and what is left out is named as
 * long as there is room for its name.
 */
import { plural } from '../core/plural.js';

/** One strategy in full, and in one line for where there is no room. */
export interface Block {
  readonly full: string;
  readonly brief: string;
}

/** Blocks that belong together; head and tail are never cut, but both may be left out with them. */
export interface Group {
  readonly head: string;
  readonly blocks: readonly Block[];
  readonly tail: string;
}

export interface Fitted {
  readonly text: string;
  /** Every block is there in full. */
  readonly whole: boolean;
  /** Groups, from the end, that there was no room for at all. */
  readonly dropped: number;
}

/** Of a comment on GitHub: 65,536 characters, held here in bytes, which are never fewer. */
export const COMMENT_BYTES = 65_536;
/** Of the summary of one step: 1 MiB. */
export const SUMMARY_BYTES = 1024 * 1024;

/**
 * The parts, as paragraphs, in at most `bytes` of UTF-8. Blocks are kept in full from the front of
 * each group while the lines of those behind them still fit. `where` is a sentence that says where
 * everything is; it stands before the lines. Groups at the end whose heads and tails do not fit are
 * counted, with the same sentence.
 */
export function fit(
  top: string,
  groups: readonly Group[],
  bottom: string,
  { bytes, where }: { readonly bytes: number; readonly where: string },
): Fitted {
  const intro = `Not shown in full, for want of room. ${where}`;
  // Each group may need the sentence, and a line that counts what has no line of its own.
  const costs = groups.map(({ head, tail }) => size([head, tail, intro]) + COUNT_LINE + GAP);
  let room = costs.reduce((left, cost) => left - cost, bytes - size([top, bottom]));
  if (room < 0) return withoutSome(top, groups, bottom, { bytes, where, costs });
  // Half for lines at most: of thousands, those in front are still worth their full text.
  let lines = Math.floor(room / 2);
  const named = groups.map((group, index) => {
    const shown = namesWithin(group.blocks, Math.floor(lines / (groups.length - index)));
    const cost = shown.reduce((sum, { brief }) => sum + utf8(brief) + 1, 0);
    lines -= cost;
    room -= cost;
    return shown.length;
  });
  let whole = true;
  const texts = groups.map((group, index) => {
    const own = Math.floor(room / (groups.length - index));
    const { text, cost, complete } = filled(group, named[index] ?? 0, own, intro);
    room -= cost;
    whole &&= complete;
    return text;
  });
  return { text: paragraphs([top, ...texts, bottom]), whole, dropped: 0 };
}

/** As many groups from the front as have room, and how many there are beside them. */
function withoutSome(
  top: string,
  groups: readonly Group[],
  bottom: string,
  limits: { readonly bytes: number; readonly where: string; readonly costs: readonly number[] },
): Fitted {
  const { bytes, where, costs } = limits;
  const noteOf = (count: number): string =>
    count === 0 ? '' : `And ${plural(count, 'more', 'more')}, for want of room. ${where}`;
  let left = bytes - size([top, noteOf(groups.length), bottom]);
  const end = costs.findIndex((cost) => (left -= cost) < 0);
  const dropped = end === -1 ? 0 : groups.length - end;
  const foot = paragraphs([noteOf(dropped), bottom]).trimEnd();
  const kept = groups.slice(0, groups.length - dropped);
  if (kept.length > 0) return { ...fit(top, kept, foot, { bytes, where }), whole: false, dropped };
  const room = bytes - size([foot]) - GAP;
  const text =
    room < utf8(top) / 2 ? cut(paragraphs([top, foot]), bytes) : paragraphs([cut(top, room), foot]);
  return { text, whole: false, dropped };
}

const GAP = 2;
/** `- and 12,345 more`, with room to spare. */
const COUNT_LINE = 40;

function namesWithin(blocks: readonly Block[], room: number): readonly Block[] {
  let left = room;
  const end = blocks.findIndex(({ brief }) => (left -= utf8(brief) + 1) < 0);
  return end === -1 ? blocks : blocks.slice(0, end);
}

/** Of the `named` first blocks as many in full as `room` beyond their lines allows. */
function filled(
  { head, blocks, tail }: Group,
  named: number,
  room: number,
  intro: string,
): { readonly text: string; readonly cost: number; readonly complete: boolean } {
  let cost = 0;
  let count = 0;
  for (const { full, brief } of blocks.slice(0, named)) {
    const more = Math.max(0, utf8(full) + GAP - utf8(brief) - 1);
    if (cost + more > room) break;
    cost += more;
    count += 1;
  }
  const complete = count === blocks.length;
  const lines = blocks.slice(count, named).map(({ brief }) => brief);
  const rest = blocks.length - Math.max(named, count);
  if (rest > 0) lines.push(`- and ${plural(rest, 'more', 'more')}`);
  const full = blocks.slice(0, count).map((block) => block.full);
  const parts = [head, ...full, ...(complete ? [] : [intro, lines.join('\n')]), tail];
  return { text: paragraphs(parts), cost, complete };
}

/** For what is no list of strategies: a whole number of lines from the front. */
export function cut(text: string, bytes: number): string {
  if (utf8(text) <= bytes) return text;
  const kept: string[] = [];
  let left = bytes - utf8('\n…\n');
  for (const line of text.split('\n')) {
    left -= utf8(line) + 1;
    if (left < 0) break;
    kept.push(line);
  }
  return `${kept.join('\n')}\n…\n`;
}

export function paragraphs(parts: readonly string[]): string {
  return `${parts
    .map((part) => part.trimEnd())
    .filter((part) => part !== '')
    .join('\n\n')}\n`;
}

function size(parts: readonly string[]): number {
  return parts.reduce((sum, part) => sum + utf8(part) + GAP, 1);
}

/** Bytes of the text in UTF-8. */
export function utf8(text: string): number {
  return new TextEncoder().encode(text).length;
}
