/** A console looks every few seconds: a warning about a manifest is no line each time. */
import { describe, expect, it } from 'vitest';
import { SaidAgain } from '../../src/cli/said-again.js';

describe('what is said again', () => {
  it('is heard when it is new, and after it had gone', () => {
    const looks = [['a'], ['a'], ['a', 'b'], ['b'], ['a', 'b'], []];
    const heardOf = (before?: null): string[][] => {
      const heard: string[] = [];
      const said = new SaidAgain((text) => heard.push(text), before);
      return looks.map((texts) => {
        texts.forEach(said.tell);
        said.ended();
        return heard.splice(0);
      });
    };
    expect(heardOf()).toEqual([['a'], [], ['b'], [], ['a'], []]);
    // Where the first look is at what has been said before it.
    expect(heardOf(null)).toEqual([[], [], ['b'], [], ['a'], []]);
  });
});
