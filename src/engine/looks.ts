/**
 * A single read may lag behind the write before it, by seconds (assumed). What would have somebody
 * give something up is believed once several reads say so, the last of them seconds later.
 */
import type { JsonObject } from '../core/json.js';
import type { Resource } from '../core/resource.js';
import { entityAt } from './observe.js';
import type { Clock, Reader } from './ports.js';

/** A listing lags: so many that it lacks are asked for one by one, and no more. */
export const MOST_SINGLY = 20;

const LOOKS = 4;
const LOOK_AGAIN_MS = 500;

/** What the first look finds that is as wanted, else what the last one does. */
export async function lookUntil<T>(
  clock: Clock,
  look: () => Promise<T>,
  isWanted: (found: T) => boolean,
  mostLooks = LOOKS,
): Promise<T> {
  for (let looks = 1; ; looks += 1) {
    const found = await look();
    if (isWanted(found) || looks >= mostLooks) return found;
    await clock.sleep(LOOK_AGAIN_MS * 2 ** (looks - 1));
  }
}

/** The object of that id; `null` where several looks have found nothing. */
export async function entitySeen(
  { reader, clock }: { readonly reader: Reader; readonly clock: Clock },
  ...[resource, root, id]: [resource: Resource, root: string, id: string]
): Promise<JsonObject | null> {
  const look = async (): Promise<JsonObject | null> => entityAt(reader, resource, root, id);
  return lookUntil(clock, look, (found) => found !== null);
}
