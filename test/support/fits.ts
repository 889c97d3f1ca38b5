/** What people read on terminals of 40, 80 and 120 columns, as approved. */
import { expect } from 'vitest';
import { fitted } from '../../src/render/fit.js';
import { plainStyle, type Style } from '../../src/render/style.js';
import { widthOf } from '../../src/render/width.js';
import { expectGolden } from './golden.js';

export const WIDTHS = [40, 80, 120] as const;

/**
 * `text` is rendered for each terminal; every word of it is there, whole, and within the columns.
 * `title`: of the first column, which a list has no heading for.
 */
export function expectFits(name: string, text: (style: Style) => string, title = ''): void {
  const words = new Set(text(plainStyle).split(/\s+/));
  words.delete(title);
  for (const columns of WIDTHS) {
    const shown = fitted(text({ ...plainStyle, columns }), columns);
    for (const line of shown.split('\n')) {
      if (line.trim().includes(' ')) expect(widthOf(line), line).toBeLessThanOrEqual(columns);
    }
    // In a list every row has the headings: they end in a colon then.
    const seen = new Set(shown.split(/\s+/).flatMap((word) => [word, word.replace(/:$/, '')]));
    expect([...words].filter((word) => !seen.has(word))).toEqual([]);
    expectGolden(`fit-${name}-${columns}.txt`, `${shown}\n`);
  }
}
