/** Colour as a parameter: the renderers say what a text is, whoever prints decides how it looks. */

export type Paint = (text: string) => string;

export interface Style {
  /** Of the terminal, for what stands in columns; left out where there is none. */
  readonly columns?: number | undefined;
  readonly strong: Paint;
  readonly faint: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly warn: Paint;
}

const asIs: Paint = (text) => text;

export const plainStyle: Style = {
  strong: asIs,
  faint: asIs,
  good: asIs,
  bad: asIs,
  warn: asIs,
};

const sgr =
  (open: number, close: number): Paint =>
  (text) =>
    `\u001b[${open}m${text}\u001b[${close}m`;

export const colourStyle: Style = {
  strong: sgr(1, 22),
  faint: sgr(2, 22),
  good: sgr(32, 39),
  bad: sgr(31, 39),
  warn: sgr(33, 39),
};
