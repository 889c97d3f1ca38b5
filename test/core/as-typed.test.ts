/** A command that a hint names can be typed as it stands there. */
import { expect, it } from 'vitest';
import { asTyped } from '../../src/core/as-typed.js';

it.each([
  ['strategos init starts one', 'npx --no -- strategos init starts one'],
  ['see (strategos audit verify r1)', 'see (npx --no -- strategos audit verify r1)'],
  ['run it: npx --no -- strategos plan', 'run it: npx --no -- strategos plan'],
  ['strategos 0.2 and strategos plans', 'strategos 0.2 and strategos plans'],
  ['https://example.com/strategos plan', 'https://example.com/strategos plan'],
])('%s', (text, typed) => {
  expect(asTyped(text)).toBe(typed);
  expect(asTyped(typed)).toBe(typed);
});
