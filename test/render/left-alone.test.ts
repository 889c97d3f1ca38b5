/** What a plan leaves alone is in the result, in every form, and in that of drift. */
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/core/types.js';
import { leftAloneIn } from '../../src/render/notes.js';

const none = { unmanaged: [], strangers: [], unowned: [] };

describe('what is left alone', () => {
  it('is nothing where there is nothing', () => {
    expect(leftAloneIn({})).toEqual([]);
    expect(leftAloneIn({ leftAlone: none })).toEqual([]);
  });

  it.each([
    [
      'unmanaged',
      1,
      '1 strategy of ours without a manifest, because prune is off: RoutingStrategy/1',
    ],
    [
      'unmanaged',
      2,
      'strategies of ours without a manifest, because prune is off: RoutingStrategy/1, RoutingStrategy/2',
    ],
    [
      'unowned',
      1,
      "1 strategy as git says but nobody's, --adopt, or metadata.adopt: true, makes it ours: RoutingStrategy/1",
    ],
    ['unowned', 2, 'makes them ours: RoutingStrategy/1, RoutingStrategy/2'],
    [
      'strangers',
      1,
      '1 strategy that no manifest declares and that is not ours: RoutingStrategy/1',
    ],
    [
      'strangers',
      12,
      '12 strategies that no manifest declares and that are not ours: RoutingStrategy/1, ',
    ],
    ['strangers', 12, 'RoutingStrategy/10 and 2 more'],
  ])('%s of %i: %s', (what, count, text) => {
    const names = Array.from({ length: count }, (_, at): Address => `RoutingStrategy/${at + 1}`);
    const [told, ...more] = leftAloneIn({ leftAlone: { ...none, [what]: names } });
    expect(more).toEqual([]);
    expect(told?.of).toBe('left alone');
    expect(told?.text).toContain(text);
  });

  it('shows no control character of a name', () => {
    const [told] = leftAloneIn({
      leftAlone: { ...none, strangers: ['RoutingStrategy/a\u001b[2J'] },
    });
    expect(told?.text).not.toContain('\u001b');
  });
});
