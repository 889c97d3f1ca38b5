/** What has become of a write whose answer was lost: a look at its object says it. */
import { same } from '../core/canonical.js';
import { saysGone } from '../core/errors.js';
import { textOf, type JsonObject } from '../core/json.js';
import { objectName } from '../core/outcome.js';
import { isMadeOf, isWrittenAs } from '../core/ownership.js';
import { isStillThere } from '../core/undone.js';
import { partedFields } from '../core/part.js';
import type { Read, WriteRequest, WriteStep } from '../core/resource.js';
import type { ChangedObject, Sight } from './changed-object.js';
import { Ended, MOVED_HINT, movedText } from './ending.js';
import type { ObservedEffect } from './ledger.js';
import { listedAs } from './name-refused.js';
import { sameOwn } from './parts.js';

/** `Ended` when somebody else was at work. */
export async function effectOf(
  object: ChangedObject,
  name: WriteStep['name'],
  { body = {} }: WriteRequest,
): Promise<ObservedEffect> {
  const asked = object.resource.read(body);
  if (name === 'create') {
    const entity = await findNew(object, asked.id);
    // What is there and is not as we asked is another's: the platform will say so.
    const isOurs =
      entity !== null &&
      isWritten(object, name, { entity, read: object.resource.read(entity) }, asked);
    return isOurs ? { effect: 'took effect', body: entity } : { effect: 'did not' };
  }
  const found = await object.fetch().catch((error: unknown) => {
    if (saysGone(error)) return null;
    throw error;
  });
  if (name === 'delete' && found === null) return { effect: 'took effect', body: null };
  if (found === null) throw new Ended('stale', movedText('deleted'), MOVED_HINT);
  const version = object.standing?.version ?? null;
  // A write raises it, whatever the object looks like: what had failed before may fail again.
  if (version !== null && found.read.version === version) return { effect: 'did not' };
  const isThere = name === 'update' && isAsSent(object, found, body);
  if (isThere || (name !== 'delete' && isWritten(object, name, found, asked))) {
    return { effect: 'took effect', body: found.entity };
  }
  if (!isUntouched(object, found)) throw new Ended('stale', movedText('changed'), MOVED_HINT);
  return { effect: 'did not' };
}

/** What there is of an object that we have just tried to make. */
async function findNew(object: ChangedObject, id: string): Promise<JsonObject | null> {
  // Where the platform gives it its id, only a listing knows it by its name.
  return id === '' ? listedAs(object.named) : object.itemAt(id);
}

/**
 * Just what was sent: of a change in several writes the first has not made all of it. A body that
 * says a part of the object alone, or nothing, is told from no object by this.
 */
function isAsSent({ resource }: ChangedObject, { entity }: Sight, body: JsonObject): boolean {
  return Object.hasOwn(body, 'name') && same(resource.own(body), resource.own(entity));
}

/** The content is the planned one, and the status the one of the request, where it has one. */
function isWritten(
  object: ChangedObject,
  step: WriteStep['name'],
  { read, entity }: Sight,
  asked: Read,
): boolean {
  const { before, after, exactly, previously, address } = object.change;
  if (previously !== undefined && read.name !== objectName(address)) return false;
  if (exactly !== undefined) {
    const status = entity['status'] ?? null;
    const [now, then] = [entity, { ...exactly, status }].map((one) => object.resource.own(one));
    if (!same(now, then)) return false;
  }
  const [now, then] = [object.liveFields(entity), after ?? {}];
  const [was, is] = [before ?? {}, then].map((one) => partedFields(object.resource, one).own);
  const effect = { before: was ?? {}, after: is ?? {} };
  if (step === 'update' && isStillThere(object.kind.fields, now, effect)) return false;
  const isThat =
    step === 'create'
      ? isMadeOf(object.kind, now, then, objectName(address))
      : isWrittenAs(object.kind, now, partedFields(object.resource, then).own);
  if (!isThat) return false;
  const status = textOf(asked.raw['status']);
  // An activation that is under way, or has failed since, was begun all the same.
  const isBegun = status === 'active' && read.state !== 'draft';
  return status === '' || isBegun || read.raw['status'] === status;
}

/** Still what it was before the write, by its version where it has one. */
function isUntouched(object: ChangedObject, { entity, read }: Sight): boolean {
  const { standing } = object;
  if (standing !== null && standing.version !== null) return read.version === standing.version;
  // To the last cell: an edit that reads like what was there before is an edit all the same.
  if (standing?.entity) return sameOwn(standing.entity, entity);
  return object.isAsPlanned(entity);
}
