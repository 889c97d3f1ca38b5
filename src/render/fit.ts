/**
 * Text → lines that a terminal shows whole: broken between words, the rest below where the line
 * began. A word stays whole, such as `file:line`, however long it is: it can be copied as it is.
 */
import wrap from 'wrap-ansi';
import { widthOf } from './width.js';

/** Narrower than this nothing is broken: every line would be. */
const LEAST_COLUMNS = 20;
/** The rest of a line stands so much further in than its beginning. */
const HANG = 2;
/** Of the beginning of a line, colours left out, that its rest stands under. */
const MOST_INDENT = 12;

export function fitted(text: string, columns: number): string {
  if (columns < LEAST_COLUMNS) return text;
  return text
    .split('\n')
    .map((line) => fittedLine(line, columns))
    .join('\n');
}

function fittedLine(line: string, columns: number): string {
  // Each character takes two columns at most: most lines need no closer look.
  if (line.length * 2 <= columns) return line;
  const [indent = ''] = /^ */.exec(line) ?? [];
  const lead = indent.slice(0, MOST_INDENT);
  const room = columns - lead.length - HANG;
  const [first = '', ...rest] = wrap(
    line.slice(indent.length),
    columns - indent.length,
    WORDS,
  ).split('\n');
  if (rest.length === 0) return line;
  // What follows has less room, because it stands further in.
  const below = wrap(rest.join(' '), room, WORDS).split('\n');
  const hang = lead + ' '.repeat(HANG);
  return [indent + first, ...below.map((one) => hang + one)].join('\n');
}

/** Its lines, none wider than so many columns but for a single word. */
export function brokenWithin(text: string, columns: number): string[] {
  return widthOf(text) <= columns ? [text] : wrap(text, columns, WORDS).split('\n');
}

const WORDS = { hard: false, trim: true } as const;
