/** The last line of a terminal, drawn again and again in its place. */

import { widthOf } from '../render/width.js';

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
/** One line up, and away with what is there. */
const ERASE_ABOVE = '\u001b[1A\u001b[2K';
/** What is wider than the terminal after all is cut, and no second line begun. */
const WHOLE = { on: '\u001b[?7l', off: '\u001b[?7h' };
/** Where a terminal does not say how wide it is. */
const USUAL_COLUMNS = 80;

export function statusLine(terminal: Terminal): StatusLine {
  let shown = '';
  let held = false;
  const columns = (): number => terminal.columns || USUAL_COLUMNS;
  // Where a window was made narrower, what was one line takes several now.
  const erased = (): string => {
    const rows = Math.max(1, Math.ceil(widthOf(shown) / columns()));
    return ERASE + ERASE_ABOVE.repeat(rows - 1);
  };
  const clear = (): void => {
    if (shown !== '') terminal.write(erased());
    shown = '';
  };
  return {
    columns,
    draw: (text) => {
      if (held || text === shown) return;
      terminal.write(`${erased()}${WHOLE.on}${text}${WHOLE.off}`);
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
