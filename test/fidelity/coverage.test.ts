/** What is known of each route of the simulator, and that nothing else is claimed to be known. */
import { describe, expect, it } from 'vitest';
import { ROUTES } from '../../src/simulator/routes.js';
import { DERIVED, endpointOf } from '../support/fidelity.js';
import { EXCEPTIONS } from './exceptions.js';
import { OUTSIDE_SDK } from './outside-sdk.js';

describe('the routes of the simulator', () => {
  it.each(
    ROUTES.map(({ method, pattern }) => {
      const known = endpointOf(method, pattern);
      return { method, pattern, call: known?.call ?? 'nobody' };
    }),
  )('$method $pattern is described by $call', ({ method, pattern, call }) => {
    const outside = OUTSIDE_SDK.some((one) => one.call === call);
    expect(call).toMatch(outside ? /Strateg/ : /^\w+Api\.\w+$/);
    expect(endpointOf(method, pattern)?.pattern.replace(/\{\w+\}/g, '{}')).toBe(
      pattern.replace(/\{\w+\}/g, '{}'),
    );
  });

  it('what the SDK describes is not described by hand', () => {
    const derived = Object.values(DERIVED.endpoints).map(({ pattern }) => pattern);
    expect(OUTSIDE_SDK.filter(({ pattern }) => derived.includes(pattern))).toEqual([]);
  });

  it('every exception has a reason, and something to change', () => {
    for (const { place, instead, because } of EXCEPTIONS) {
      const declared = place.reduce<unknown>(
        (value, key) => (value as Record<string, unknown> | undefined)?.[key],
        DERIVED,
      );
      expect(declared, place.join(' ')).toBeDefined();
      expect(declared, place.join(' ')).not.toEqual(instead);
      expect(because, place.join(' ')).not.toBe('');
    }
  });
});
