/**
 * Where an optimizer starts. Weights that a manifest leaves to one are read once: when an object is
 * made, and again when they are edited or the manifest asks for it. So that no edit is nothing and
 * none counts twice, the record of an object says which start was applied last.
 */
import { isObject, type Json, type JsonObject } from './json.js';

export interface Start {
  /** As a manifest writes them, by the keys of queues. */
  readonly weights: Readonly<Record<string, number>>;
  /** The manifest asks for it anew, whether or not a weight was edited. */
  readonly restart: boolean;
}

/**
 * Whether the written weights are to be applied: once. A start that nobody remembers is taken to
 * have been this one, since weights of an older version's object are the optimizer's as well.
 */
export function startsAnew(written: Start, applied: Start | undefined): boolean {
  if (written.restart && applied?.restart !== true) return true;
  if (applied === undefined) return false;
  return Object.entries(written.weights).some(
    ([queue, weight]) => Object.hasOwn(applied.weights, queue) && applied.weights[queue] !== weight,
  );
}

export function startJson({ weights, restart }: Start): JsonObject {
  return { weights: { ...weights }, ...(restart ? { restart } : {}) };
}

/** `null` for what is no start, or was made of one by a person. */
export function startIn(written: Json | undefined): Start | null {
  if (!isObject(written) || !isObject(written['weights'])) return null;
  const weights = Object.entries(written['weights']).flatMap(([queue, weight]) =>
    typeof weight === 'number' ? [[queue, weight] as const] : [],
  );
  return { weights: Object.fromEntries(weights), restart: written['restart'] === true };
}
