/** SHA-256 for the pure core, which has no `node:crypto`. */
import { createHash, hash } from 'node:crypto';
import type { Digest, Hash } from '../core/types.js';

export const sha256: Hash = (content) => {
  if (typeof content === 'string') return digest(hash('sha256', content));
  let whole = '';
  // What comes in one piece is most of it, and is hashed at once for half the price.
  let parts: ReturnType<typeof createHash> | null = null;
  content((piece, isLast) => {
    if (isLast && parts === null) {
      whole = hash('sha256', piece);
      return;
    }
    parts ??= createHash('sha256');
    parts.update(piece);
    if (isLast) whole = parts.digest('hex');
  });
  return digest(whole);
};

function digest(hex: string): Digest {
  return `sha256:${hex}`;
}
