/** Manifests, read by those who know that their schema has passed them. */
import { isObject, type JsonObject } from './json.js';
import type { Manifest } from './types.js';

/** What a manifest asks for, as written. */
export function specOf({ body }: Pick<Manifest, 'body'>): JsonObject {
  const spec = body['spec'];
  return isObject(spec) ? spec : {};
}
