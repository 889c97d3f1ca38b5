import { describe, expect, it } from 'vitest';
import {
  isInScope,
  refuseOtherKinds,
  refuseUnknown,
  scopeOf,
  scopeTexts,
} from '../../src/core/scope.js';
import type { Address } from '../../src/core/types.js';
import { routingStrategy } from '../../src/kinds/routing-strategy/index.js';

const KINDS = ['RoutingStrategy', 'Skill'];
const ALL: readonly Address[] = [
  'RoutingStrategy/x',
  'RoutingStrategy/a/b',
  'RoutingStrategy/Skill',
  'Skill/x',
  'Skill/y',
];

describe('scopeOf', () => {
  it.each<[string, readonly Address[]]>([
    ['Skill/x', ['Skill/x']],
    ['Skill', ['Skill/x', 'Skill/y']],
    ['x', ['RoutingStrategy/x', 'Skill/x']],
    ['a/b', ['RoutingStrategy/a/b']],
    ['RoutingStrategy/Skill', ['RoutingStrategy/Skill']],
    ['Skill/', []],
    ['skill', []],
  ])('%s', (text, held) => {
    const scope = scopeOf([text], KINDS);
    expect(ALL.filter((address) => isInScope(scope, address))).toEqual(held);
    expect(scopeTexts(scope)).toEqual([text]);
  });

  it('is everything where nothing is said', () => {
    expect(ALL.every((address) => isInScope(scopeOf(null, KINDS), address))).toBe(true);
    expect(scopeTexts(scopeOf(null, KINDS))).toBeNull();
  });

  it('is written once, in order', () => {
    expect(scopeTexts(scopeOf(['y', 'Skill/x', 'y'], KINDS))).toEqual(['Skill/x', 'y']);
  });
});

describe('refuseUnknown', () => {
  const refused = (text: string): unknown => {
    try {
      refuseUnknown(scopeOf([text], KINDS), ALL, 'not there');
      return null;
    } catch (error) {
      const { message, hint } = error as { message: string; hint?: string };
      return [message, hint];
    }
  };

  it('takes what is there', () => {
    expect(['Skill', 'x', 'RoutingStrategy/a/b'].map(refused)).toEqual([null, null, null]);
  });

  it('suggests what is near, by the form that was written', () => {
    expect(refused('Skill/yy')).toEqual(['--target Skill/yy: not there', 'did you mean Skill/y?']);
    expect(refused('a/c')).toEqual(['--target a/c: not there', 'did you mean a/b?']);
    // A kind that is written otherwise is taken for a name.
    expect(refused('skill/y')).toEqual(['--target skill/y: not there', 'did you mean Skill/y?']);
    expect(refused('skills')).toEqual(['--target skills: not there', 'did you mean Skill?']);
  });

  it('says what there is where nothing is near', () => {
    const many = Array.from({ length: 7 }, (_one, at): Address => `Queue/q${at}`);
    const hintOf = (known: readonly Address[]): unknown => {
      try {
        refuseUnknown(scopeOf(['nothing-like-it'], KINDS), known, 'not there');
        return null;
      } catch (error) {
        return (error as { hint?: string }).hint;
      }
    };
    expect(hintOf(many.slice(0, 2))).toBe('there are: Queue/q0, Queue/q1');
    expect(hintOf(many.toReversed())).toBe(
      'there are: Queue/q0, Queue/q1, Queue/q2, Queue/q3, Queue/q4 and 2 more',
    );
    expect(hintOf([])).toBe('leave --target out: there is nothing yet that it could name');
  });
});

describe('a command that is about one kind', () => {
  const refused = (text: string) => (): void =>
    refuseOtherKinds(scopeOf([text], KINDS), [routingStrategy], 'sync');

  it.each(['RoutingStrategy', 'RoutingStrategy/x', 'x', 'Skills'])('takes %s', (text) => {
    expect(refused(text)).not.toThrow();
  });

  it.each(['Skill', 'Skill/x'])('has nothing to do with %s', (text) => {
    expect(refused(text)).toThrow(
      `--target ${text}: sync is about strategies (RoutingStrategy) alone`,
    );
  });

  it('takes everything where nothing is said', () => {
    expect(() => refuseOtherKinds(null, [routingStrategy], 'sync')).not.toThrow();
  });
});
