/** Permissions of the platform: `domain:entity:action`. */

/**
 * Whether holding `held` includes `needed`. `*` is everything, a part may be `*`, and what is
 * written with fewer parts covers all below it: `routing:strategy` covers `routing:strategy:edit`.
 */
export function covers(held: string, needed: string): boolean {
  const have = held.split(':');
  const want = needed.split(':');
  if (have.length === 1) return held === '*';
  return (
    have.length <= want.length && have.every((part, index) => part === '*' || part === want[index])
  );
}
