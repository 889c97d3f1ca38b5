/** Who may do what: permissions are `domain:entity:action`. */
import { covers } from '../core/permission.js';
import type { Caller } from './call.js';
import { Refusal } from './refusal.js';

const REFUSED = 'Unable to perform the requested action.';

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
