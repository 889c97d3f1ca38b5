/**
 * Text from outside made safe to show: names come from an org or a manifest, and a name must not
 * be able to move a cursor, pass for another name, start a new line or give the log that shows it
 * a command.
 */

/**
 * Controls, format characters (bidirectional marks among them), line and paragraph separators,
 * blanks other than the space, and letters that are drawn as nothing. Variation selectors, which
 * emoji need, stay. Made when a text needs it: to look the classes up takes every start a while.
 */
const unsafe = (): RegExp =>
  /(?![ \ufe00-\ufe0f])[\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}]/gu;

/** Nearly every text: there is nothing unsafe in it, which is told far quicker than by looking. */
const PLAIN = /^[ -~]*$/;

/** `::error` at the start of a line, `##[error]` and `##vso[task]` anywhere: CI runners obey. */
const COMMAND = /(?<=^ *):(?=:)|(?<=#)#(?=[a-z]*\[)/gi;

/** Every character that does not show itself, as `\u{…}`. One line in, one line out. */
export function visible(text: string): string {
  if (PLAIN.test(text) && !text.includes('::') && !text.includes('##')) return text;
  return text.toWellFormed().replace(unsafe(), coded).replace(COMMAND, coded);
}

function coded(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Text of several lines, of which each is made safe by itself: a stack trace, a usage message. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

/**
 * JSON text with every character that does not show itself as an escape of JSON: it says the same,
 * and a terminal or a log that shows it takes no orders from it. Line feeds between values stay.
 */
export function visibleJson(text: string): string {
  const shown = PLAIN_LINES.test(text)
    ? text
    : text.replace(unsafe(), (char) => (char === '\n' ? char : jsonCoded(char)));
  return shown.includes('##') ? shown.replace(LEGACY_COMMAND, jsonCoded) : shown;
}

const PLAIN_LINES = /^[\n -~]*$/;

/** Elsewhere a command has to begin its line, where JSON has a quote. */
const LEGACY_COMMAND = /(?<=#)#(?=[a-z]*\[)/gi;

function jsonCoded(text: string): string {
  return text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
