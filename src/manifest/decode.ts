/** Bytes → text, or the first byte or character that has no place in a manifest. */
import type { Issue } from '../core/issue.js';
import { Lines } from './positions.js';

/** UTF-8, a byte order mark allowed. Offsets in `lines` count from after the mark. */
export function decode(
  file: string,
  bytes: Uint8Array,
): { readonly text: string; readonly lines: Lines } | { readonly issue: Issue } {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { issue: notUtf8(file, bytes) };
  }
  const lines = new Lines(file, text);
  const offset = text.search(UNPRINTABLE);
  if (offset === -1) return { text, lines };
  const code = text.charCodeAt(offset);
  return {
    issue: {
      code: 'control-character',
      severity: 'error',
      at: lines.locate(offset),
      message: `the file holds ${controlName(code)}`,
      hint: code === 0x0d ? 'save it with LF or CRLF line ends' : 'remove it',
    },
  };
}

/** What YAML does not allow in a text; a carriage return only before a line feed. */
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f]|\r(?!\n)/;

/** What may not stand in a text even when it is written as an escape; direction marks mislead. */
const MISLEADING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\p{Cs}]/u;

/**
 * Whether a scalar of the file can hold such a character: they stand in the text itself or are made
 * of an escape. Most files have neither, and none of their scalars has to be looked at.
 */
export function mayMislead(text: string): boolean {
  return text.includes('\\') || MISLEADING.test(text);
}

/** The first character of the text that nobody could see or that is none; null for clean text. */
export function misleadingCharacter(text: string): string | null {
  const found = MISLEADING.exec(text);
  return found === null ? null : controlName(found[0].charCodeAt(0));
}

function controlName(code: number): string {
  const what =
    code >= 0xd800 && code <= 0xdfff
      ? 'half of a surrogate pair'
      : code >= 0x2000
        ? 'a direction mark'
        : code === 0x0d
          ? 'a carriage return without a line feed'
          : 'a control character';
  return `${what} (U+${code.toString(16).toUpperCase().padStart(4, '0')})`;
}

function notUtf8(file: string, bytes: Uint8Array): Issue {
  const offset = firstInvalidByte(bytes);
  let line = 1;
  let start = 0;
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < offset; at = bytes.indexOf(0x0a, at + 1)) {
    line += 1;
    start = at + 1;
  }
  const column = new TextDecoder().decode(bytes.subarray(start, offset)).length + 1;
  const wide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return {
    code: 'invalid-utf8',
    severity: 'error',
    at: { file, line, column },
    message: `byte ${offset} of the file is not UTF-8${wide ? '; it looks like UTF-16' : ''}`,
    hint: 'save the file as UTF-8',
  };
}

/** A lossy decoder puts U+FFFD where it is lost; a U+FFFD that was written is three known bytes. */
function firstInvalidByte(bytes: Uint8Array): number {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  let offset = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code === 0xfffd) {
      const [a, b, c] = bytes.subarray(offset, offset + 3);
      if (a !== 0xef || b !== 0xbf || c !== 0xbd) return offset;
    }
    offset += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return offset;
}
