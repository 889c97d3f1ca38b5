/** A console looks every few seconds: a warning about a manifest is no line each time. */
import { describe, expect, it } from 'vitest';
import { SaidAgain } from '../../src/cli/said-again.js';

describe('what is said again', () => {
  it('is heard when it is new, and after it had gone', () => {
    const heard: string[] = [];
    const said = new SaidAgain((text) => heard.push(text));
    const looks = [['a'], ['a'], ['a', 'b'], ['b'], ['a', 'b'], []];
    const found = looks.map((texts) => {
      texts.forEach(said.tell);
      said.ended();
      return heard.splice(0);
    });
    // The first look is at what has been said before it.
    expect(found).toEqual([[], [], ['b'], [], ['a'], []]);
  });
});
