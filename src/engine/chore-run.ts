/** Carries out what an apply does beside the changes of its plan: see `chore.ts`. */
import { PlatformError } from '../core/errors.js';
import { kindName, objectName } from '../core/outcome.js';
import type { Address } from '../core/types.js';
import type { Binding } from './bind.js';
import type { Chore } from './chore.js';
import { rootOf } from './homes.js';
import { entitySeen } from './looks.js';
import { entityAt, idOnRecord, isNew, type Observation } from './observe.js';
import type { OwnershipStore } from './ownership-table.js';
import type { Clock, Reader } from './ports.js';

interface At {
  readonly binding: Binding;
  readonly observation: Pick<Observation, 'homes' | 'state'>;
  readonly interrupted: () => boolean;
}

export class ChoreRun {
  constructor(
    private readonly ports: { readonly writer: Reader; readonly clock: Clock },
    private readonly ownership: OwnershipStore,
    private readonly at: At,
    private readonly warn: (text: string) => void,
  ) {}

  /** Records beside the plan: one that cannot be written now is written by a later apply. */
  async run(chores: readonly Chore[]): Promise<void> {
    const { ownership } = this;
    const unwritten = new Set<string | null>();
    for (const chore of chores) {
      if (this.at.interrupted()) return;
      // Under its old name alone it is on record still.
      if (chore.do === 'release' && unwritten.has(ownership.known(chore.address)?.id ?? null)) {
        continue;
      }
      try {
        if (chore.do === 'release') {
          if (chore.given || !(await this.mayBeThere(chore.address))) {
            await ownership.release(chore.address);
          }
        } else if (chore.do === 'tidy') await ownership.tidy(chore.address);
        else if (chore.do === 'move') await ownership.move(chore.address);
        else await ownership.recordOwnership(chore.address, chore.id, chore.fields);
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error;
        if (error.fault === 'denied' || error.fault === 'unavailable') throw error;
        if (chore.do === 'refresh') unwritten.add(chore.id);
        this.warn(`the record of ${chore.address} was not brought up to date: ${error.message}`);
      }
    }
  }

  /** A listing lags: what was made a moment ago is not in it, and its record must not be lost. */
  private async mayBeThere(address: Address): Promise<boolean> {
    const { binding, observation } = this.at;
    const { homes, state } = observation;
    const bound = binding.of(kindName(address));
    const { resource } = bound;
    const root = rootOf(bound, homes);
    const record = state.records.get(address);
    if (root === null || record === undefined) return false;
    const id = idOnRecord(resource, record);
    if (id === null) return isNew(record.at, this.ports.writer.nowMs());
    const { writer: reader, clock } = this.ports;
    const entity = await (isNew(record.at, reader.nowMs())
      ? entitySeen({ reader, clock }, resource, root, id)
      : entityAt(reader, resource, root, id));
    return entity !== null && resource.read(entity).name === objectName(address);
  }
}
