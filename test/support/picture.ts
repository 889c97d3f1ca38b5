/** Markdown as the comment at a pull request has it → a picture, for whoever reads about it first. */

const WIDTH = 880;
const LINE = 24;
const EDGE = 24;
/** Of a letter of the font at its size, on average. */
const LETTER = 7.1;

interface Row {
  readonly text: string;
  readonly x?: number;
  readonly size?: number;
  readonly bold?: boolean;
  readonly fill?: string;
}

/** Graphs and folded parts are left out: a picture shows what is seen at once. */
export function pictureOf(markdown: string): string {
  const parts: string[] = [];
  let y = EDGE;
  const put = (rows: readonly Row[], height = LINE): void => {
    y += height;
    for (const { text, x = EDGE, size = 14, bold = false, fill = '#1f2328' } of rows) {
      const weight = bold ? ' font-weight="600"' : '';
      const at = `x="${x}" y="${y - 7}"`;
      parts.push(`<text ${at} font-size="${size}"${weight} fill="${fill}">${escaped(text)}</text>`);
    }
  };
  const lines = withoutFolds(markdown).split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (line === '' || /^\s*<!--/.test(line)) continue;
    if (line.startsWith('## ')) put([{ text: plain(line.slice(3)), size: 20, bold: true }], 36);
    else if (line.startsWith('### ')) {
      put([{ text: plain(line.slice(4)), size: 16, bold: true }], 36);
    } else if (line.startsWith('|')) {
      const table = lines.slice(index).findIndex((one) => !one.startsWith('|'));
      const rows = lines.slice(index, index + (table === -1 ? lines.length : table));
      index += rows.length - 1;
      for (const row of tableRows(rows)) put(row);
    } else if (line.startsWith('>')) {
      if (plain(line.slice(1)) === '') continue;
      for (const text of wrapped(plain(line.slice(1)))) {
        parts.push(`<rect x="${EDGE}" y="${y + 2}" width="4" height="${LINE}" fill="#d1d9e0"/>`);
        put([{ text, x: EDGE + 16, fill: '#59636e' }]);
      }
    } else if (line.startsWith('- ')) put([{ text: plain(line.slice(2)), x: EDGE + 8 }]);
    else put([{ text: plain(line), bold: /^\*\*.*\*\*$/.test(line) }], 28);
  }
  const height = y + EDGE;
  const font = 'font-family="-apple-system, Segoe UI, Noto Sans, Helvetica, Arial, sans-serif"';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" ${font}>`,
    `<title>The comment of strategos at a pull request</title>`,
    `<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6" fill="#ffffff" stroke="#d1d9e0"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Columns as wide as their widest cell. */
function tableRows(lines: readonly string[]): Row[][] {
  const cells = lines
    .filter((line) => !/^\|(?: -+ \|)+$/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map(plain),
    );
  const widths = (cells[0] ?? []).map((_cell, at) =>
    Math.max(...cells.map((row) => (row[at] ?? '').length)),
  );
  const starts = widths.map(
    (_width, at) => EDGE + 8 + widths.slice(0, at).reduce((all, one) => all + one * LETTER + 28, 0),
  );
  return cells.map((row, index) =>
    row.map((text, at) => ({ text, x: Math.round(starts[at] ?? EDGE), bold: index === 0 })),
  );
}

/** Between words, in lines that fit. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    const longer = `${last ?? ''} ${word}`;
    if (last === undefined || longer.length * LETTER > WIDTH - 4 * EDGE) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

function withoutFolds(markdown: string): string {
  return markdown.replace(/<details>[^]*?<\/details>/g, '').replace(/```[^]*?```/g, '');
}

function plain(text: string): string {
  return text
    .trim()
    .replaceAll('**', '')
    .replace(/`/g, '')
    .replace(/\\([[\]|\\*_<>])/g, '$1')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<[^>]+>/g, '');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
