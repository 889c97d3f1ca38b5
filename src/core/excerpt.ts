/** What a server says where something else was expected, short enough for a line of a log. */
import { visible } from './visible.js';

/** Looking for tags in megabytes of them would take minutes. */
const MOST_READ = 10_000;
const MOST_SHOWN = 300;

/** Enough of an answer, such as a proxy's HTML page, to recognise it: one line, safe to show. */
export function excerptOf(answer: string): string {
  const line = visible(
    answer
      .slice(0, MOST_READ)
      .replace(/<(style|script)\b[^>]*>[^<]*(<\/\1>)?/gi, ' ')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  );
  // The cut may fall between the two halves of a character.
  return line.length > MOST_SHOWN ? `${line.slice(0, MOST_SHOWN).toWellFormed()}…` : line;
}
