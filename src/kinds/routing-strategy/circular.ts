/** A fallback that a manifest leaves as the org has it, and that its targets have taken in. */
import { referenceKey } from '../../core/catalog.js';
import { isObject, objectsIn, type JsonObject } from '../../core/json.js';
import type { ResourceProblem } from '../../core/resource.js';

/**
 * A manifest that names both is told without an org; what is there already, somebody has made so.
 * Fields are in comparable form.
 */
export function circularLeft(fields: JsonObject, live: JsonObject | null): ResourceProblem[] {
  const index = circle(fields);
  if (live === null || index === -1 || circle(live) !== -1) return [];
  const { queue = null } = isObject(fields['fallback']) ? fields['fallback'] : {};
  const name = typeof queue === 'string' ? JSON.stringify(queue) : `with ${JSON.stringify(queue)}`;
  const message =
    `the queue ${name} is the fallback in the org, which the manifest leaves as it is: as a ` +
    'target as well it would be a circular fallback';
  const hint = 'write a fallback that is not a target, or fallback: null';
  return [{ pointer: `/targets/${index}/queue`, message, hint }];
}

/** The target that is the fallback, too; -1 for none. */
function circle({ targets, fallback }: JsonObject): number {
  if (!isObject(fallback)) return -1;
  const last = referenceKey(fallback['queue'] ?? null);
  return objectsIn(targets).findIndex(({ queue = null }) => referenceKey(queue) === last);
}
