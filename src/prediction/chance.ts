/** Chance from a seed, the same on every machine, and the distributions that are drawn by it. */
import { sfc32 } from '../core/chance.js';

export type Chance = () => number;

/** Uniform in [0, 1). */
export function chanceFrom(seed: string): Chance {
  return sfc32(lanesOf(seed));
}

/** FNV-1a, four times with other beginnings. */
function lanesOf(seed: string): [number, number, number, number] {
  const lane = (start: number): number => {
    let hash = start;
    for (let place = 0; place < seed.length; place += 1) {
      hash = Math.imul(hash ^ seed.charCodeAt(place), 16_777_619);
    }
    return hash;
  };
  return [lane(-2_128_831_035), lane(374_761_393), lane(668_265_263), lane(1_274_126_177)];
}

/** Of mean 1. */
export function exponential(luck: number): number {
  return -Math.log(1 - luck);
}

/** Box and Muller; of mean 0 and deviation 1. */
export function normal(chance: Chance): number {
  return Math.sqrt(2 * exponential(chance())) * Math.cos(2 * Math.PI * chance());
}

/** Of that shape and scale 1, at least 1/2: Marsaglia and Tsang 2000. */
export function gamma(chance: Chance, shape: number): number {
  if (shape < 1) return gamma(chance, shape + 1) * chance() ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = normal(chance);
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - chance()) < x * x * 0.5 + d - d * v + d * Math.log(v)) return d * v;
  }
}
