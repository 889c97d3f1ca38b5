/**
 * Rows → lines in which the cells of a column stand below each other. On a terminal too narrow for
 * that, cells are broken between words; where even words would not fit, each row is a list of its
 * cells, with their headings. A word is never broken.
 */
import { brokenWithin } from './fit.js';
import type { Style } from './style.js';
import { padded, widthOf } from './width.js';

type Cells = readonly string[];

export interface Table {
  /** Without it there is no first line, and a cell of a list stands without a heading. */
  readonly head?: Cells;
  readonly rows: readonly Cells[];
  /** Headings of the columns that stand to the right. */
  readonly numbers?: ReadonlySet<string>;
  readonly indent?: number;
  /** Columns between two cells. */
  readonly gap?: number;
}

export function tableLines(table: Table, style: Style): string[] {
  const { head, rows, gap = 2 } = table;
  // Before words have to be broken, columns move together.
  const laid = laidOut(table, gap, style) ?? laidOut(table, 1, style);
  if (laid === null) return listed(table, style);
  const heading = head === undefined ? [] : drawn(table, head, laid).map(style.faint);
  return [...heading, ...rows.flatMap((row) => drawn(table, row, laid))];
}

interface Layout {
  readonly gap: number;
  readonly widths: readonly number[];
}

function laidOut({ head, rows, indent = 0 }: Table, gap: number, style: Style): Layout | null {
  const all = head === undefined ? rows : [head, ...rows];
  const count = Math.max(0, ...all.map((row) => row.length));
  const most = widest(all, count, widthOf);
  const room = (style.columns ?? Infinity) - indent - gap * Math.max(0, count - 1);
  const widths = within(most, widest(all, count, widthOfWords), room);
  return widths === null ? null : { gap, widths };
}

function widest(rows: readonly Cells[], count: number, of: (text: string) => number): number[] {
  return Array.from({ length: count }, (_, column) =>
    rows.reduce((most, row) => Math.max(most, of(row[column] ?? '')), 1),
  );
}

function widthOfWords(text: string): number {
  return text.split(' ').reduce((most, word) => Math.max(most, widthOf(word)), 0);
}

/** The widest columns give way first; `null` where their words alone need more room. */
function within(most: readonly number[], least: readonly number[], room: number): number[] | null {
  const sum = (widths: readonly number[]): number => widths.reduce((all, one) => all + one, 0);
  if (sum(most) <= room) return [...most];
  if (sum(least) > room) return null;
  // The greatest width that is given to all: it is at least one, and no cell is wider than `most`.
  let limit = Math.max(...most);
  const limited = (): number[] =>
    most.map((width, column) => Math.max(least[column] ?? 1, Math.min(width, limit)));
  while (sum(limited()) > room) limit -= 1;
  return limited();
}

function drawn(
  { head, numbers, indent = 0 }: Table,
  row: Cells,
  { gap, widths }: Layout,
): string[] {
  const broken = widths.map((width, column) => brokenWithin(row[column] ?? '', width));
  const height = Math.max(1, ...broken.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) => {
    const cells = widths.map((width, column) => {
      const text = broken[column]?.[at] ?? '';
      const rests = ' '.repeat(width - widthOf(text));
      return numbers?.has(head?.[column] ?? '') === true ? rests + text : text + rests;
    });
    return `${' '.repeat(indent)}${cells.join(' '.repeat(gap))}`.trimEnd();
  });
}

/** The first cell is the title of the others. */
function listed({ head = [], rows, indent = 0 }: Table, style: Style): string[] {
  const names = head.slice(1).map((name) => (name === '' ? '' : `${name}:`));
  const width = Math.max(0, ...names.map(widthOf));
  return rows.flatMap(([title = '', ...cells]) => [
    `${' '.repeat(indent)}${title}`,
    ...cells.flatMap((cell, column) => {
      if (cell === '') return [];
      const name = names[column] ?? '';
      const lead = name === '' ? '' : `${style.faint(padded(name, width))} `;
      return [`${' '.repeat(indent + 2)}${lead}${cell}`];
    }),
  ]);
}
