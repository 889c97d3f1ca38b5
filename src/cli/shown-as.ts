/** A result of a command in the form that was asked for. */
import type { Style } from '../render/style.js';
import type { Format } from './options.js';

export interface Forms<Result> {
  /** Without the end of its last line. */
  readonly text: (result: Result, style: Style) => string;
  readonly json: (result: Result) => string;
  readonly markdown: (result: Result) => string;
  readonly html: (result: Result) => string;
}

export function shownAs<Result>(
  forms: Forms<Result>,
  result: Result,
  format: Format,
  style: Style,
): string {
  return format === 'text' ? `${forms.text(result, style)}\n` : forms[format](result);
}
