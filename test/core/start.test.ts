/** When written weights are applied once more, and what is remembered of them. */
import { describe, expect, it } from 'vitest';
import { startIn, startJson, startsAnew, type Start } from '../../src/core/start.js';

const start = (weights: Start['weights'], restart = false): Start => ({ weights, restart });

describe('an optimizer starts anew', () => {
  it.each<[string, Start, Start | undefined, boolean]>([
    ['not while the manifest says the same', start({ A: 1 }), start({ A: 1 }), false],
    ['where a weight was edited', start({ A: 1, B: 0.8 }), start({ A: 1, B: 0.6 }), true],
    ['where one was edited to nothing, or from it', start({ A: 0 }), start({ A: 1 }), true],
    ['not for a queue that is new or gone', start({ A: 1, C: 2 }), start({ A: 1, B: 2 }), false],
    ['not where nobody remembers the start', start({ A: 1 }), undefined, false],
    ['where it is told to', start({ A: 1 }, true), start({ A: 1 }), true],
    ['where it is told to and nobody remembers', start({ A: 1 }, true), undefined, true],
    ['once', start({ A: 1 }, true), start({ A: 1 }, true), false],
    ['again for an edit while it is told to', start({ A: 2 }, true), start({ A: 1 }, true), true],
    ['not because it is told to no more', start({ A: 1 }), start({ A: 1 }, true), false],
    ['by what is there alone', start({ constructor: 1 }), start({}), false],
  ])('%s', (_, written, applied, expected) => {
    expect(startsAnew(written, applied)).toBe(expected);
  });
});

describe('a start that was written into a record', () => {
  it.each([start({ A: 1, B: 0.25 }), start({}, true)])('is read as it was: %j', (one) => {
    expect(startIn(startJson(one))).toEqual(one);
  });

  it.each([[undefined], [null], ['1'], [{}], [{ weights: [1] }]])(
    'is none where it is %j',
    (one) => {
      expect(startIn(one)).toBeNull();
    },
  );

  it('has no weight that is no number', () => {
    expect(startIn({ weights: { A: '1', B: 2 }, restart: 1 })).toEqual(start({ B: 2 }));
  });
});
