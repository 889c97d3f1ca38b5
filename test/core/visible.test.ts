/** Hostile text: what a terminal, a log or a reader would be fooled by is spelled out. */
import { describe, expect, it } from 'vitest';
import { visible } from '../../src/core/visible.js';

describe('visible', () => {
  it.each<[string, string, string]>([
    [
      'an ordinary name',
      'Support Tier 1 – Zürich (北京) ☎️ 🇨🇭',
      'Support Tier 1 – Zürich (北京) ☎️ 🇨🇭',
    ],
    ['a backslash', 'CORP\\queue', 'CORP\\queue'],
    ['a colour', '\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
    ['a cursor that goes up', 'a\u001b[1A\u001b[2Kb', 'a\\u{1b}[1A\\u{1b}[2Kb'],
    ['a link for terminals', '\u001b]8;;http://x\u0007y', '\\u{1b}]8;;http://x\\u{7}y'],
    ['an eight-bit control', '\u009b2J', '\\u{9b}2J'],
    [
      'line breaks of every kind',
      'a\nb\r\nc\u0085d\u2028e\u2029f\vg\fh',
      'a\\u{a}b\\u{d}\\u{a}c\\u{85}d\\u{2028}e\\u{2029}f\\u{b}g\\u{c}h',
    ],
    ['backspaces and a bell', 'ab\b\b\u0007\u007f', 'ab\\u{8}\\u{8}\\u{7}\\u{7f}'],
    ['a tab', 'a\tb', 'a\\u{9}b'],
    ['right to left and back', '\u202egnilliB\u202c', '\\u{202e}gnilliB\\u{202c}'],
    ['isolates', '\u2066a\u2069\u200f', '\\u{2066}a\\u{2069}\\u{200f}'],
    [
      'letters without width',
      'a\u200bb\u200dc\ufeffd\u2060\u00ad',
      'a\\u{200b}b\\u{200d}c\\u{feff}d\\u{2060}\\u{ad}',
    ],
    ['letters that are drawn as nothing', '\u3164\u115f\u034f', '\\u{3164}\\u{115f}\\u{34f}'],
    ['tags, which spell hidden text', 'a\u{e0041}\u{e0102}', 'a\\u{e0041}\\u{e0102}'],
    ['a blank that is no space', 'Tier\u00a01\u2003\u3000', 'Tier\\u{a0}1\\u{2003}\\u{3000}'],
    ['half a character', 'a\ud800b', 'a\ufffdb'],
    ['a workflow command', '::error file=a::b', '\\u{3a}:error file=a::b'],
    ['an indented workflow command', '  ::add-mask::x', '  \\u{3a}:add-mask::x'],
    ['a workflow command in the middle of a line is none', 'a ::error::b', 'a ::error::b'],
    ['an older workflow command, which works anywhere', 'a ##[error]b', 'a #\\u{23}[error]b'],
    ['the same for another runner', 'a ##vso[task.x]b', 'a #\\u{23}vso[task.x]b'],
    ['number signs', '## #1 #[x] C##', '## #1 #[x] C##'],
  ])('%s', (_name, hostile, shown) => {
    expect(visible(hostile)).toBe(shown);
  });

  it('leaves alone what it has shown already', () => {
    const once = visible('\u001b::error##[x]\u202e\n');
    expect(visible(once)).toBe(once);
  });
});
