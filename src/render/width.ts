/** How many columns of a terminal a text takes: letters of East Asia and pictures take two. */
import stringWidth from 'string-width';

/**
 * Most texts: letters of Western Europe and the signs that plans are drawn with. Each takes one
 * column, and nobody has to look it up, which takes fifty times as long.
 */
const PLAIN = /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u024f\u2013\u2026\u2192\u2212\u2248\u2713\u2717]*$/;

export function widthOf(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text);
}

/** With spaces behind it, until it takes so many columns. */
export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/**
 * Within so many columns, an ellipsis in the place of what is left out. What a reader takes for one
 * character stays one: a letter with its accents, a flag, a family.
 */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = '';
  let used = 1;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += widthOf(segment);
    if (used > columns) break;
    kept += segment;
  }
  return columns < 1 ? '' : `${kept}…`;
}
