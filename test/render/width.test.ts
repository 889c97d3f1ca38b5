import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import { padded, widthOf } from '../../src/render/width.js';

it('is what is looked up, for every character up to those of East Asia', () => {
  const differs: string[] = [];
  for (let code = 0; code < 0x3000; code += 1) {
    const text = `a${String.fromCharCode(code)}b`;
    if (widthOf(text) !== stringWidth(text)) differs.push(code.toString(16));
  }
  expect(differs).toEqual([]);
});

it.each([
  ['0.5 → 0.25', 10],
  ['Empfänger … ✓', 13],
  ['e\u0301tage', 5],
  ['⚠\ufe0f', 2],
  ['客服', 4],
  ['a\u00adb', 2],
])('%s takes %i columns', (text, columns) => {
  expect(widthOf(text)).toBe(columns);
  expect(padded(text, 14)).toBe(text + ' '.repeat(14 - columns));
});
