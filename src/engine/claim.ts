/**
 * What the org's own records say of an object while it is changed: a claim before the first write
 * of what is not ours yet, and in the end a record of what was made of it.
 */
import { same } from '../core/canonical.js';
import { PlatformError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { formerAddress } from '../core/moved.js';
import { objectName } from '../core/outcome.js';
import type { Standing } from '../core/resource.js';
import type { StateRecord } from '../core/state.js';
import type { ChangedObject } from './changed-object.js';
import { Ended, MOVED_HINT, movedText, UNLISTED_HINT } from './ending.js';
import type { ExecutePorts } from './execution.js';
import { entitySeen } from './looks.js';
import { idOnRecord, isNew } from './observe.js';

export class Claim {
  /** What is there may be ours: a create whose effect nobody told, or what is on record already. */
  isUnclear = false;
  /** The object is as planned, the org's record of it is not. */
  isUnrecorded = false;
  /** It was nobody's, and is on record as what we set out to make of it. */
  isClaimed = false;
  private readonly ports: ExecutePorts;

  constructor(
    private readonly object: ChangedObject,
    /** What the record is to say was applied: also what another half has written. */
    private readonly recorded: JsonObject | null,
  ) {
    this.ports = object.ports;
  }

  /**
   * Before a create: whatever becomes of the run, the object is ours. What we have a record of and
   * no listing shows is gone, or new and the listing lags; then it must not be taken for another's,
   * and the claim that knows it must not be lost.
   */
  async reserve(): Promise<void> {
    const { address, after } = this.object.change;
    const fields = after ?? {};
    const known = this.ports.ownership.known(address);
    // What has just been deleted is on record still.
    const isKnown = known !== null && this.object.deleted === null;
    if (isKnown && (await this.mayBeUnlisted(known, fields))) {
      this.isUnclear = true;
      throw new Ended('stale', movedText('unlisted'), UNLISTED_HINT);
    }
    await this.ports.ownership.reserve(address, fields);
  }

  private async mayBeUnlisted(known: StateRecord, after: JsonObject): Promise<boolean> {
    const { resource, root, kind } = this.object;
    const id = idOnRecord(resource, known);
    if (id !== null) {
      const { writer: reader, clock } = this.ports;
      const entity = await (isNew(known.at, reader.nowMs())
        ? entitySeen({ reader, clock }, resource, root, id)
        : this.object.itemAt(id));
      return entity !== null && resource.read(entity).name === objectName(known.address);
    }
    const isSame = kind.identity.every((key) => same(known.applied?.[key], after[key]));
    return !isSame && isNew(known.at, this.ports.writer.nowMs());
  }

  /**
   * Before the first write of what is nobody's. The listing of records may lag behind an owner who
   * came a moment ago: a row that is there is refused, and then nothing of theirs was touched.
   */
  async takeOver(): Promise<void> {
    const { address, action, after, id } = this.object.change;
    if (action !== 'adopt' || this.isClaimed || this.object.done.length > 0) return;
    try {
      await this.ports.ownership.reserve(address, after ?? {}, id ?? '');
    } catch (error) {
      if (!(error instanceof PlatformError && error.fault === 'conflict')) throw error;
      throw new Ended('stale', `${movedText('owned')}: ${error.message}`, MOVED_HINT);
    }
    this.isClaimed = true;
  }

  /** Puts on the org's own record what the change has made of the object. */
  async keep(): Promise<void> {
    const { address, action } = this.object.change;
    try {
      const { id = '' } = this.object.standing ?? {};
      const isGivenUp = this.object.input.disowned?.has(address) === true;
      if (action === 'delete' || isGivenUp) await this.ports.ownership.release(address);
      else await this.ports.ownership.recordOwnership(address, id, this.recorded ?? {});
      const former = formerAddress(this.object.change);
      if (former !== null) await this.ports.ownership.release(former);
    } catch (error) {
      if (error instanceof PlatformError) this.isUnrecorded = true;
      throw error;
    }
  }

  /** A change that failed: what it wrote is on record, and a create that left nothing has none. */
  async keepHalf(error: unknown): Promise<void> {
    const { ownership, audit } = this.ports;
    const { standing, done, change } = this.object;
    const { address, action } = change;
    const open = error instanceof PlatformError && error.fault === 'unavailable';
    // Whether the object is there nobody knows: the claim stays until the next run has looked.
    if (open || this.isUnrecorded || action === 'delete') return;
    // We may have made what is there, and our claim says what it was to be.
    if (standing === null && this.isUnclear) return;
    try {
      const wrote = standing !== null && (!this.isClaimed || done.length > 0);
      if (!wrote) await ownership.unreserve(address);
      else {
        const isHalf = action === 'update';
        await ownership.recordOwnership(address, standing.id, this.halfOf(standing), isHalf);
      }
    } catch (problem) {
      if (!(problem instanceof PlatformError)) throw problem;
      const outcome = { state: 'claim left as it was', message: problem.message };
      await audit.append({ type: 'outcome', address, outcome, detail: { step: 'record' } });
    }
  }

  /** Of parts, and where the object itself was not written, what was on record is still. */
  private halfOf({ entity }: Standing): JsonObject {
    const written = entity === null ? null : this.object.liveFields(entity);
    const { address, action, before } = this.object.change;
    if (action !== 'update') return written ?? this.object.liveFields({});
    const known = this.ports.ownership.known(address)?.applied ?? null;
    if (known === null) return written ?? before ?? {};
    return { ...known, ...written };
  }
}
