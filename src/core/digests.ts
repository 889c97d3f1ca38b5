/** What a plan was made of, as digests: the manifests that it read, and what it saw. */
import { digestOf } from './canonical.js';
import { byText } from './issue.js';
import { textOf, type JsonObject } from './json.js';
import type { Digest, Hash, Live, Manifest } from './types.js';

/** Over what the manifests say, not how: comments, order of keys and file names do not count. */
export function manifestsDigest(manifests: readonly Manifest[], hash: Hash): Digest {
  return digestOf(
    hash,
    manifests.map((manifest) => manifest.body),
  );
}

/** Over what the objects are, in whatever order a listing gave them. */
export function observedDigest(
  { live: seen }: { readonly live: readonly Live[] },
  hash: Hash,
): Digest {
  const objects = seen
    .map((live): JsonObject => ({ id: live.id, version: live.version, fields: live.fields }))
    .sort((a, b) => byText(textOf(a['id']), textOf(b['id'])));
  return digestOf(hash, objects);
}
