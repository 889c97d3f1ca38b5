/** CSV as RFC 4180 has it, and nothing more lenient but for a line feed alone as a line's end. */
import { badRequest, type Refusal } from './refusal.js';

const SPECIAL = /[",\r\n]/g;

/**
 * The records of a file; the end of its last line may be left out. 400
 * `flows.datatables.syntax.error` for a quote that is not closed or stands inside a bare field, for
 * text after a closing quote, and for a carriage return alone.
 */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const record: string[] = [];
    records.push(record);
    for (;;) {
      const end = text[at] === '"' ? quotedEnd(text, at, records.length) : bareEnd(text, at);
      record.push(fieldOf(text.slice(at, end)));
      at = end + 1;
      if (text[end] !== ',') {
        at = end + lineBreak(text, end, records.length);
        break;
      }
    }
  }
  return records;
}

/** One past the closing quote of the field that starts at `start`. */
function quotedEnd(text: string, start: number, record: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote >= 0 && text[quote + 1] === '"') quote = text.indexOf('"', quote + 2);
  if (quote < 0) throw syntaxError(`Record ${record}: a quoted field is not closed`);
  return quote + 1;
}

function bareEnd(text: string, start: number): number {
  SPECIAL.lastIndex = start;
  return SPECIAL.exec(text)?.index ?? text.length;
}

function fieldOf(raw: string): string {
  return raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw;
}

/** The length of the line break at `at`, which must be one or the end of the text. */
function lineBreak(text: string, at: number, record: number): number {
  if (at >= text.length) return 0;
  if (text[at] === '\n') return 1;
  if (text.startsWith('\r\n', at)) return 2;
  throw syntaxError(`Record ${record}: a comma or the end of the line was expected`);
}

/** 400 `flows.datatables.syntax.error`. */
export function syntaxError(message: string): Refusal {
  return badRequest(message, 'flows.datatables.syntax.error');
}
