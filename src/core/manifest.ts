/** Manifests, read by those who know that their schema has passed them. */
import { isObject, type JsonObject } from './json.js';
import type { Manifest } from './types.js';

/** What a manifest asks for, as written. */
export function specOf({ body }: Pick<Manifest, 'body'>): JsonObject {
  const spec = body['spec'];
  return isObject(spec) ? spec : {};
}

/** The manifest asks for what is in the org under its name, if that is nobody's. */
/** What the object was called before, as its manifest says; `null` where it says nothing. */
export function previousName({ body }: Pick<Manifest, 'body'>): string | null {
  const { metadata } = body;
  const name = isObject(metadata) ? metadata['previously'] : undefined;
  return typeof name === 'string' && name !== '' ? name : null;
}

export function asksForAdoption({ body }: Manifest): boolean {
  const { metadata } = body;
  return isObject(metadata) && metadata['adopt'] === true;
}

/** It may be deleted and made again, where a change takes that. */
export function asksForReplacement({ body }: Manifest): boolean {
  const { metadata } = body;
  return isObject(metadata) && metadata['replace'] === true;
}
