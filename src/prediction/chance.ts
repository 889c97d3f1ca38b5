/** Chance from a seed, the same on every machine: sfc32 (PractRand, public domain). */

export type Chance = () => number;

const WARM_UP = 12;
const ROOM = 0x1_0000_0000;

/** Uniform in [0, 1). */
export function chanceFrom(seed: string): Chance {
  let [a, b, c, counter] = lanesOf(seed);
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / ROOM;
  };
  for (let step = 0; step < WARM_UP; step += 1) next();
  return next;
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
