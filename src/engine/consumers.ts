/** Asks the platform who uses what a plan would delete: one request a delete, and no other. */
import { PlatformError } from '../core/errors.js';
import { kindName } from '../core/outcome.js';
import type { Address, Change, Consumers } from '../core/types.js';
import type { Binding } from './bind.js';
import type { Reader } from './ports.js';

export async function consumersOf(
  reader: Pick<Reader, 'consumers'>,
  changes: readonly Change[],
  binding: Binding,
): Promise<Map<Address, Consumers>> {
  const asked = changes.flatMap(({ action, address, id }) => {
    const { consumers: type } = binding.of(kindName(address)).resource;
    const goes = action === 'delete' || action === 'replace';
    return goes && id !== null && type !== undefined ? [{ address, id, type }] : [];
  });
  const answers = await Promise.all(
    asked.map(async ({ address, id, type }): Promise<[Address, Consumers]> => {
      try {
        return [address, { found: await reader.consumers(id, type) }];
      } catch (error) {
        const takes = isDenied(error) ? ` (it takes ${PERMISSION})` : '';
        return [address, { unread: { message: `${refusalIn(error)}${takes}` } }];
      }
    }),
  );
  return new Map(answers);
}

/** Why there is no answer. Throws where nobody answers anything, or lets us in at all. */
export function refusalIn(error: unknown): string {
  if (!(error instanceof PlatformError)) throw error;
  const { fault, message, request } = error;
  if (fault === 'unavailable' || request?.status === 401) throw error;
  return message;
}

function isDenied(error: unknown): boolean {
  return error instanceof PlatformError && error.fault === 'denied';
}

const PERMISSION = 'architect:dependencyTracking:view';
