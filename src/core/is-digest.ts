/** Digests that come from outside. */
import type { Digest } from './types.js';

/** Whether a text from outside has the form of a digest: any other is a slip. */
export function isDigest(text: string): text is Digest {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}
