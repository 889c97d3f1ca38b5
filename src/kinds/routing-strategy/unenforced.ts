/** What strategies ask for and rows of a data table cannot have the platform do. */
import { isObject, objectsIn, type JsonObject } from '../../core/json.js';

/** Once for all of them: see docs/call-flow.md. `specs` need not fit the schema. */
export function unenforced(specs: readonly JsonObject[]): string | null {
  if (!specs.some((spec) => objectsIn(spec['targets']).length > 0)) return null;
  const tiers = specs.some(isTiered) ? ', and no lower tier takes over from busy queues' : '';
  const page = 'docs/call-flow.md of strategos';
  return `a row does not hold back calls beyond capacity${tiers}: see ${page}`;
}

/** Some queue is to wait for another to be full. */
function isTiered(spec: JsonObject): boolean {
  const priorities = objectsIn(spec['targets']).map((target) => target['priority'] ?? 1);
  return new Set(priorities).size > 1 || isObject(spec['fallback']);
}
