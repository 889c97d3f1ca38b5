/**
 * Ids that look like UUIDs and follow from a text alone, so that the same org file and the same
 * requests give the same ids on every machine. Not for secrecy: anyone can compute them.
 */

const MULTIPLIERS = [597399067, 2869860233, 951274213, 2716044179] as const;

/** Four lanes of 32 bits; every character reaches every lane before the next one comes. */
export function lanes(seed: string): [number, number, number, number] {
  let [a, b, c, d] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let index = 0; index < seed.length; index += 1) {
    const code = seed.charCodeAt(index);
    a = b ^ Math.imul(a ^ code, MULTIPLIERS[0]);
    b = c ^ Math.imul(b ^ code, MULTIPLIERS[1]);
    c = d ^ Math.imul(c ^ code, MULTIPLIERS[2]);
    d = a ^ Math.imul(d ^ code, MULTIPLIERS[3]);
  }
  a = Math.imul(c ^ (a >>> 18), MULTIPLIERS[0]);
  b = Math.imul(d ^ (b >>> 22), MULTIPLIERS[1]);
  c = Math.imul(a ^ (c >>> 17), MULTIPLIERS[2]);
  d = Math.imul(b ^ (d >>> 19), MULTIPLIERS[3]);
  const all = a ^ b ^ c ^ d;
  return [all >>> 0, (b ^ all) >>> 0, (c ^ all) >>> 0, (d ^ all) >>> 0];
}

/** The id of a seed text: 36 characters, version 4 and variant bits set as in RFC 9562. */
export function idFrom(seed: string): string {
  const hex = lanes(seed)
    .map((lane) => lane.toString(16).padStart(8, '0'))
    .join('');
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4] ?? '8';
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
