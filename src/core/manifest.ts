/** Manifests, read by those who know that their schema has passed them. */
import { isObject, type JsonObject } from './json.js';
import type { Manifest } from './types.js';

/** What a manifest asks for, as written. */
export function specOf({ body }: Pick<Manifest, 'body'>): JsonObject {
  const spec = body['spec'];
  return isObject(spec) ? spec : {};
}

/** A name that an object had before, and where its manifest says so. */
export interface FormerName {
  readonly name: string;
  /** Into the document. */
  readonly pointer: string;
}

const PREVIOUSLY = '/metadata/previously';

/** What the object was called before, as its manifest says: it may have had several names. */
export function formerNamesOf({ body }: Pick<Manifest, 'body'>): readonly FormerName[] {
  const { metadata } = body;
  const said = isObject(metadata) ? metadata['previously'] : undefined;
  if (said === undefined) return NO_NAMES;
  const all = Array.isArray(said)
    ? said.map((name, index) => ({ name, pointer: `${PREVIOUSLY}/${index}` }))
    : [{ name: said, pointer: PREVIOUSLY }];
  return all.flatMap(({ name, pointer }) =>
    typeof name === 'string' && name !== '' ? [{ name, pointer }] : [],
  );
}

const NO_NAMES: readonly FormerName[] = [];

/** The manifest asks for what is in the org under its name, if that is nobody's. */
export function asksForAdoption({ body }: Manifest): boolean {
  const { metadata } = body;
  return isObject(metadata) && metadata['adopt'] === true;
}

/** It may be deleted and made again, where a change takes that. */
export function asksForReplacement({ body }: Manifest): boolean {
  const { metadata } = body;
  return isObject(metadata) && metadata['replace'] === true;
}
