/**
 * What was written to a part a moment ago, and what is still to be seen of it: the platform takes
 * some writes and shows them later. What a record says was applied within the last minutes, and the
 * org shows otherwise, is looked at again before it is taken for what somebody else has done.
 */
import { same } from '../core/canonical.js';
import { saysGone } from '../core/errors.js';
import { overlay } from '../core/normalise.js';
import { itemsIn, withoutParts } from '../core/part.js';
import { lengthened } from '../core/shortened.js';
import type { StateRecord } from '../core/state.js';
import type { Hash, Live } from '../core/types.js';
import type { Binding } from './bind.js';
import { rootOf } from './homes.js';
import { lookUntil } from './looks.js';
import { entityAt, isNew, liveOf, type Observation } from './observe.js';
import { readParts } from './parts.js';
import type { Clock, Reader } from './ports.js';

/** Looks, the first of which is the listing; pauses double from half a second: 15.5 s in all. */
export const LATE_LOOKS = 6;

interface Ports {
  readonly reader: Reader;
  readonly clock: Clock;
  readonly hash: Hash;
}

export async function withLateParts(
  ports: Ports,
  binding: Binding,
  observation: Observation,
): Promise<Observation> {
  const { state, live } = observation;
  const nowMs = ports.reader.nowMs();
  const late = live.filter((one) => {
    const record = state.records.get(one.address);
    return record !== undefined && isNew(record.at, nowMs) && behind(one, record);
  });
  if (late.length === 0) return observation;
  const looked = late.map(async (one) => [one.address, await lookAgain(one, record(one))] as const);
  const byAddress = new Map(await Promise.all(looked));
  const seen = live.flatMap((one) => {
    const now = byAddress.get(one.address);
    return now === null ? [] : [now ?? one];
  });
  return { ...observation, live: seen };

  function record({ address }: Live): StateRecord | undefined {
    return state.records.get(address);
  }

  /** A part that is seen late is not as it was applied. */
  function behind(one: Live, { applied }: StateRecord): boolean {
    const { kind, resource } = binding.of(one.kind);
    return (resource.parts ?? []).some(({ field, isSeenLate }) => {
      if (isSeenLate !== true || itemsIn(one.entity, field) === null) return false;
      const [now, then] = [one.fields[field], applied?.[field]];
      if (now === undefined || then === undefined) return false;
      const known = lengthened({ [field]: then }, [{ [field]: now }], ports.hash);
      // What was not said of an item is as it is.
      return !same(now, overlay(kind.fields, { [field]: now }, known)[field]);
    });
  }

  /** `null` where it has gone since it was listed. */
  async function lookAgain(one: Live, known: StateRecord | undefined): Promise<Live | null> {
    const bound = binding.of(one.kind);
    const { resource } = bound;
    const root = rootOf(bound, observation.homes);
    const fields = new Set(
      (resource.parts ?? [])
        .map(({ field }) => field)
        .filter((field) => itemsIn(one.entity, field) !== null),
    );
    if (root === null || known === undefined) return one;
    const of = { resource, root, id: one.id };
    let isFirst = true;
    const look = async (): Promise<Live | null> => {
      if (isFirst) {
        isFirst = false;
        return one;
      }
      try {
        const entity = await readParts(ports.reader, of, withoutParts(one.entity), fields);
        return liveOf(bound, entity, observation.catalog);
      } catch (error) {
        const isAbsent = saysGone(error);
        if (!isAbsent || (await entityAt(ports.reader, resource, root, one.id)) !== null)
          throw error;
        return null;
      }
    };
    const isSeen = (found: Live | null): boolean => found === null || !behind(found, known);
    return lookUntil(ports.clock, look, isSeen, LATE_LOOKS);
  }
}
