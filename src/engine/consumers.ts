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

/** Who has what goes, by address: how many, or why that is not known. */
export interface Holding {
  readonly agents: ReadonlyMap<Address, number>;
  readonly unread: ReadonlyMap<Address, string>;
}

/** The directory, once, whatever number of skills and languages goes; nothing where none does. */
export async function holdersOf(
  reader: Pick<Reader, 'holders'>,
  changes: readonly Change[],
  binding: Binding,
): Promise<Holding> {
  const going = changes.flatMap(({ action, address, id }) => {
    const { heldBy } = binding.of(kindName(address)).resource;
    const goes = action === 'delete' || action === 'replace';
    return goes && id !== null && heldBy !== undefined ? [{ address, id, heldBy }] : [];
  });
  const agents = new Map<Address, number>();
  const unread = new Map<Address, string>();
  if (going.length === 0) return { agents, unread };
  try {
    const sorts = [...new Set(going.map(({ heldBy }) => heldBy))];
    const { counts, isWhole } = await reader.holders(sorts);
    for (const { address, id } of going) {
      const count = counts.get(id) ?? 0;
      if (!isWhole) unread.set(address, `${WHO}: the directory does not say it of everybody`);
      else if (count > 0) agents.set(address, count);
    }
  } catch (error) {
    const why = `${WHO}: ${refusalIn(error)}`;
    for (const { address } of going) unread.set(address, why);
  }
  return { agents, unread };
}

const WHO = 'which agents have it';

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
