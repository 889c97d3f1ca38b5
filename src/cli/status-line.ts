/** The last line of a terminal, drawn again and again in its place. */

export interface StatusLine {
  /** Columns of the terminal. */
  readonly columns: () => number;
  /** In the place of what was drawn before; one line, no wider than the terminal. */
  readonly draw: (text: string) => void;
  /** Before anything else is printed, to whichever stream: both may be this terminal. */
  readonly clear: () => void;
  /** Nothing is drawn until `act` has ended: somebody is typing there. */
  readonly aside: <T>(act: () => Promise<T>) => Promise<T>;
}

export interface Terminal {
  readonly columns?: number;
  readonly write: (text: string) => unknown;
}

/** To the first column, and away with what is on the line. */
const ERASE = '\r\u001b[2K';
/** Where a terminal does not say how wide it is. */
const USUAL_COLUMNS = 80;

export function statusLine(terminal: Terminal): StatusLine {
  let shown = '';
  let held = false;
  const clear = (): void => {
    if (shown !== '') terminal.write(ERASE);
    shown = '';
  };
  return {
    columns: () => terminal.columns || USUAL_COLUMNS,
    draw: (text) => {
      if (held || text === shown) return;
      terminal.write(`${ERASE}${text}`);
      shown = text;
    },
    clear,
    aside: async (act) => {
      clear();
      held = true;
      try {
        return await act();
      } finally {
        held = false;
      }
    },
  };
}

/** A line can be drawn again: it is a terminal that people look at. */
export function canRedraw(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return isTerminal && env['TERM'] !== 'dumb' && !env['CI'];
}
