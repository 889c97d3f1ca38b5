/**
 * Chance from a seed: sfc32, the small fast counting generator of Chris Doty-Humphrey's PractRand
 * (public domain), with 128 bits of state. For faults and tests; nothing secret may rest on it.
 */
import type { Random } from '../engine/ports.js';
import { lanes } from './ids.js';

/** The first numbers of a state still resemble its seed. */
const WARM_UP = 12;

/** Numbers from 0 up to, not including, 1. The same seed gives the same ones on every machine. */
export function seededRandom(seed: string): Random {
  let [a, b, c, counter] = lanes(seed);
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  for (let step = 0; step < WARM_UP; step += 1) next();
  return { next };
}

/** A whole number from `from` to `to`, both included. */
export function wholeBetween(random: Random, from: number, to: number): number {
  return from + Math.floor(random.next() * (to - from + 1));
}
