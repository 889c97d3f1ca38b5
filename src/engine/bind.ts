/** A kind and where its objects live. */
import type { Kind, Wire } from '../core/kind.js';

export function wireOf(kind: Kind, backend: string): Wire {
  const wire = kind.wires[backend];
  if (wire === undefined) throw new Error(`${kind.name} has no wire form for ${backend}`);
  return wire;
}
