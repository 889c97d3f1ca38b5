/**
 * Chance from a seed: sfc32, the small fast counting generator of Chris Doty-Humphrey's PractRand
 * (public domain), with 128 bits of state. Nothing secret may rest on it.
 */

/** The first numbers of a state still resemble its seed. */
const WARM_UP = 12;

/** Numbers from 0 up to, not including, 1: the same ones from the same lanes on every machine. */
export function sfc32(lanes: readonly [number, number, number, number]): () => number {
  let [a, b, c, counter] = lanes;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  for (let step = 0; step < WARM_UP; step += 1) next();
  return next;
}
