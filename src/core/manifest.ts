/** Manifests, read by those who know that their schema has passed them. */
import { isObject, type JsonObject } from './json.js';
import type { Manifest } from './types.js';

/** What a manifest asks for, as written. */
export function specOf({ body }: Pick<Manifest, 'body'>): JsonObject {
  const spec = body['spec'];
  return isObject(spec) ? spec : {};
}

/** The manifest asks for what is in the org under its name, if that is nobody's. */
export function asksForAdoption({ body }: Manifest): boolean {
  const { metadata } = body;
  return isObject(metadata) && metadata['adopt'] === true;
}
