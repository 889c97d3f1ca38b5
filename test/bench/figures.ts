/** What a benchmark says of itself, and the one table in which all of them are read. */

/** One measured or counted figure, beside what it is held against. */
export interface Figure {
  /** The section of the table: figures of one part stand together. */
  readonly part: string;
  readonly name: string;
  readonly value: number;
  readonly unit: 'requests' | 'ms' | 's' | 'min' | 'MB' | 'exponent';
  /** The yardstick, the bound or the rival, in the same unit. */
  readonly against?: { readonly name: string; readonly value: number };
  /** `value` may be at most so much, said as in `≤ 1.5 ×`; `met` is the answer. */
  readonly goal?: string;
  readonly met?: boolean;
  /** Scope, spread, number of runs: what keeps a figure from being quoted wrongly. */
  readonly note?: string;
}

export const round = (value: number): number =>
  value >= 100 ? Math.round(value) : Math.round(value * 100) / 100;

const HEAD = ['', 'value', 'against', 'ratio', 'goal', ''];

/** The table as text: one heading a part, columns aligned. */
export function tableOf(figures: readonly Figure[]): string {
  const lines = figures.map((one) => ({ part: one.part, cells: cellsOf(one) }));
  const widths = HEAD.map((head, at) =>
    Math.max(head.length, ...lines.map(({ cells }) => (cells[at] ?? '').length)),
  );
  const text = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  const parts = [...new Set(figures.map(({ part }) => part))];
  const blocks = parts.map((part) =>
    [part, ...lines.filter((line) => line.part === part).map(({ cells }) => text(cells))].join(
      '\n',
    ),
  );
  return [text(HEAD), ...blocks].join('\n\n');
}

function cellsOf({ name, value, unit, against, goal, met, note }: Figure): string[] {
  const shown = unit === 'exponent' ? String(round(value)) : `${round(value)} ${unit}`;
  const missed = met === false ? ' MISSED' : '';
  return [
    `  ${name}`,
    shown,
    against === undefined ? '' : `${against.name}: ${round(against.value)}`,
    against === undefined ? '' : String(round(value / against.value)),
    goal === undefined ? '' : `${goal}${missed}`,
    note ?? '',
  ];
}
