/** Objects of ours that a person has given another name: known by the id that is on record. */
import { formerNamesOf } from './manifest.js';
import { kindName, objectName } from './outcome.js';
import { sameOwner, type Us } from './owner.js';
import { isRollback } from './rollback.js';
import type { StateRecord } from './state.js';
import type { Address, Live, Manifest, Obstacle } from './types.js';

/**
 * What manifests declare under a name that the org does not have any more, while the object that we
 * made is there under another. To make it again would leave that one to nobody, with its members,
 * its rows and whatever names it. `isOfRun`: they say what a run found.
 */
export function renamedIn(
  manifests: readonly Manifest[],
  live: readonly Live[],
  records: ReadonlyMap<string, StateRecord>,
  us: Us,
  isOfRun: boolean,
): ReadonlyMap<Address, readonly Obstacle[]> {
  const there = new Set<string>(live.map(({ address }) => address));
  const byId = new Map(live.map((one) => [`${one.kind} ${one.id}`, one]));
  const found = new Map<Address, readonly Obstacle[]>();
  for (const manifest of manifests) {
    const { kind, name, positions } = manifest;
    const address: Address = `${kind}/${name}`;
    const names = [name, ...formerNamesOf(manifest).map((old) => old.name)];
    if (names.some((one) => there.has(`${kind}/${one}`))) continue;
    // What is to be called otherwise is on record under the name that it had.
    const known = names.find((one) => records.has(`${kind}/${one}`)) ?? name;
    const record = records.get(`${kind}/${known}`);
    if (record === undefined || record.id === null) continue;
    const now = byId.get(`${kind} ${record.id}`);
    if (now === undefined || !sameOwner(record.owner, us)) continue;
    const { file, line } = positions.at('/metadata/name');
    const message = `somebody has renamed it: the org calls it "${now.name}" now (id ${now.id})`;
    const back = `give it the name "${known}" back in the org`;
    // What a run found stands in its log, where nobody writes anything.
    const hint = isOfRun
      ? `${back}, and roll back again`
      : `${back}, or call it "${now.name}" here, with ` +
        `metadata.previously: ${JSON.stringify(known)}`;
    found.set(address, [{ message, hint, at: { file, line } }]);
  }
  return found;
}

/**
 * What a run wrote (`objects`: ids by the names that it knew) and is called otherwise by now: it is
 * neither to be made a second time, nor is anything else that has its name the object that the run
 * wrote.
 */
export function renamedSince(
  objects: ReadonlyMap<Address, string>,
  live: readonly Live[],
): ReadonlyMap<Address, readonly Obstacle[]> {
  const byId = new Map(live.map((one) => [`${one.kind} ${one.id}`, one]));
  const found = new Map<Address, readonly Obstacle[]>();
  for (const [address, id] of objects) {
    const now = id === '' ? undefined : byId.get(`${kindName(address)} ${id}`);
    if (now === undefined || now.address === address) continue;
    const message =
      'it has got another name since: ' + `the org calls it "${now.name}" now (id ${id})`;
    const hint =
      `roll back first the run that gave it that, or give it the name "${objectName(address)}" ` +
      'back in the org';
    found.set(address, [{ message, hint, at: null }]);
  }
  return found;
}

/** What is known of the objects of a run that is to be rolled back. */
export interface OfRun {
  /** Ids by name, as its log has them. */
  readonly objects: ReadonlyMap<Address, string>;
  /** By which later run something was deleted, as far as logs say. */
  readonly deletedSince: ReadonlyMap<Address, string>;
  /** What it found; of what it made there is none. */
  readonly manifests: readonly Manifest[];
  /** Of what has another name by now. */
  readonly elsewhere: ReadonlyMap<Address, readonly Obstacle[]>;
}

/**
 * What a run made and is gone, while the org has another of its name: that one is somebody's work
 * since, and is not to go with what the run made; but what a rollback has made again is the same
 * once more.
 */
export function madeSince(
  { objects, deletedSince, manifests, elsewhere }: OfRun,
  live: readonly Live[],
  records: ReadonlyMap<string, StateRecord>,
): ReadonlyMap<Address, readonly Obstacle[]> {
  const wasThere = new Set(manifests.map(({ kind, name }): Address => `${kind}/${name}`));
  const found = new Map<Address, readonly Obstacle[]>();
  for (const { address, id } of live) {
    const [made = '', by] = [objects.get(address), deletedSince.get(address)];
    const isOther = made !== '' && made !== id;
    if (!isOther && by === undefined) continue;
    if (wasThere.has(address) || elsewhere.has(address)) continue;
    if (isRollback(records.get(address)?.run ?? '')) continue;
    const message = isOther
      ? `what the run made (id ${made}) is gone: ` +
        `the org has another of this name since (id ${id})`
      : `what the run made is gone: run ${by ?? ''} deleted it, ` +
        'and the org has another of this name since';
    const hint =
      'roll back the run that made that one, or, where it is to go, take it out of git and apply';
    found.set(address, [{ message, hint, at: null }]);
  }
  return found;
}
