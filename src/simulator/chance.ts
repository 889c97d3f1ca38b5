/** Chance from a seed, for faults, traffic and tests. */
import { sfc32 } from '../core/chance.js';
import type { Random } from '../engine/ports.js';
import { lanes } from './ids.js';

/** Numbers from 0 up to, not including, 1. The same seed gives the same ones on every machine. */
export function seededRandom(seed: string): Random {
  return { next: sfc32(lanes(seed)) };
}

/** A whole number from `from` to `to`, both included. */
export function wholeBetween(random: Random, from: number, to: number): number {
  return from + Math.floor(random.next() * (to - from + 1));
}
