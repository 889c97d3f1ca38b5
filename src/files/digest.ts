/** SHA-256 for the pure core, which has no `node:crypto`. */
import { createHash } from 'node:crypto';
import type { Hash } from '../core/types.js';

export const sha256: Hash = (text) =>
  `sha256:${createHash('sha256').update(text, 'utf8').digest('hex')}`;
