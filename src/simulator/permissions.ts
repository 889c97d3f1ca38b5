/** Who may do what: permissions are `domain:entity:action`. */
import type { Caller } from './call.js';
import { Refusal } from './refusal.js';

const REFUSED = 'Unable to perform the requested action.';

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

/** Passes when the caller holds one of `anyOf`, or when nothing is asked. 403 otherwise. */
export function demand(caller: Caller, anyOf: readonly string[]): void {
  if (anyOf.length === 0) return;
  const { permissions } = caller.client;
  if (anyOf.some((needed) => permissions.some((held) => covers(held, needed)))) return;
  const missing = `[${anyOf.join(', ')}]`;
  throw new Refusal(
    403,
    'missing.any.permissions',
    `${REFUSED} You must have at least one of the following permissions assigned: ${missing}`,
    { messageParams: { permissions: missing } },
  );
}
