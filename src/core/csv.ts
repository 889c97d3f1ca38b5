/** CSV as RFC 4180 has it; a line feed alone ends a line as well. */

export interface CsvCell {
  readonly text: string;
  /** Offset of its first character in the file, the quote where there is one. */
  readonly at: number;
}

export interface CsvProblem {
  readonly at: number;
  readonly message: string;
}

/**
 * The records of a file, each with the cells that it has; what is wrong with the file as such ends
 * them. Lines without anything are left out, and so is a mark at the beginning of the file.
 */
export function csvRecords(text: string): {
  readonly records: readonly (readonly CsvCell[])[];
  readonly problem: CsvProblem | null;
} {
  const records: CsvCell[][] = [];
  let at = text.startsWith('\ufeff') ? 1 : 0;
  while (at < text.length) {
    const record: CsvCell[] = [];
    for (;;) {
      const end = text[at] === '"' ? quotedEnd(text, at) : bareEnd(text, at);
      if (end === null) return { records, problem: { at, message: 'the quote is not closed' } };
      record.push({ text: cellText(text.slice(at, end)), at });
      at = end + 1;
      if (text[end] === ',') continue;
      const length = lineBreak(text, end);
      if (length === null) {
        const message = text[end] === '"' ? 'a quote inside a bare text' : 'text after a quote';
        return { records, problem: { at: end, message } };
      }
      at = end + length;
      break;
    }
    const isBlank = record.length === 1 && record[0]?.text === '';
    if (!isBlank) records.push(record);
  }
  return { records, problem: null };
}

/** One past the closing quote of the cell that starts at `start`. */
function quotedEnd(text: string, start: number): number | null {
  let quote = text.indexOf('"', start + 1);
  while (quote >= 0 && text[quote + 1] === '"') quote = text.indexOf('"', quote + 2);
  return quote < 0 ? null : quote + 1;
}

function bareEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === ',' || sign === '\n' || sign === '\r' || sign === '"') return at;
  }
  return text.length;
}

function cellText(raw: string): string {
  return raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw;
}

/** The length of the line break at `at`, 0 at the end; `null` where there is none. */
function lineBreak(text: string, at: number): number | null {
  if (at >= text.length) return 0;
  if (text[at] === '\n') return 1;
  return text.startsWith('\r\n', at) ? 2 : null;
}
