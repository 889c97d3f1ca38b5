/** Objects that are called the same to a person or to a look-up by name, and are two. */
import { folded, twinText } from './alike.js';
import { kindName, objectName } from './outcome.js';
import type { Address, Manifest, Obstacle } from './types.js';

/**
 * Manifests whose name a person, or a look-up by name, takes for that of another manifest or of an
 * object of the org, and those objects: nobody can say which of the two was meant.
 */
export function twinsOf(
  manifests: readonly Manifest[],
  live: readonly Address[],
): ReadonlyMap<Address, readonly Obstacle[]> {
  const declared = new Map<Address, Manifest>(
    manifests.map((one) => [`${one.kind}/${one.name}`, one]),
  );
  const byFold = new Map<string, Set<Address>>();
  for (const address of [...declared.keys(), ...live]) {
    const key = `${kindName(address)}/${folded(objectName(address))}`;
    byFold.set(key, (byFold.get(key) ?? new Set()).add(address));
  }
  const locationOf = (address: Address): Obstacle['at'] => {
    const at = declared.get(address)?.positions.at('/metadata/name');
    return at === undefined ? null : { file: at.file, line: at.line };
  };
  const twins = new Map<Address, readonly Obstacle[]>();
  for (const all of byFold.values()) {
    if (all.size < 2 || ![...all].some((one) => declared.has(one))) continue;
    for (const address of all) {
      const obstacles = [...all]
        .filter((one) => one !== address)
        .map((other): Obstacle => {
          const place = locationOf(other);
          const where = place === null ? 'in the org' : `${place.file}:${place.line}`;
          const how = twinText(objectName(address), objectName(other));
          const both = `its name and that of ${other} (${where})`;
          const message = `${both} ${how}: a look-up by name may find either`;
          const hint =
            place === null && declared.has(address)
              ? 'write the name as the org has it, or rename or delete the one in the org'
              : 'rename one of them';
          return { message, hint, at: locationOf(address) };
        });
      twins.set(address, obstacles);
    }
  }
  return twins;
}
