/** A strategy as a drawing: which queues it sends calls to, and under which conditions. */
import { referenceKey } from '../../core/catalog.js';
import { isObject, objectsIn, type Json, type JsonObject } from '../../core/json.js';
import type { Route } from '../../core/kind.js';

/** Targets in their order, then the fallback. A weight is shown as its part of its tier. */
export function routes(fields: JsonObject): Route[] {
  const targets = objectsIn(fields['targets']);
  const tiers = new Map<number, number>();
  for (const target of targets) {
    const priority = numberOf(target['priority']);
    tiers.set(priority, (tiers.get(priority) ?? 0) + numberOf(target['weight']));
  }
  const { fallback } = fields;
  return [
    ...targets.map((target) => {
      const [priority, weight] = [numberOf(target['priority']), numberOf(target['weight'])];
      return route(target, false, [
        `priority ${priority}`,
        `weight ${weight} (${percent(weight, tiers.get(priority) ?? 0)})`,
        `capacity ${numberOf(target['capacity'])}`,
      ]);
    }),
    ...(isObject(fallback) ? [route(fallback, true, ['fallback'])] : []),
  ];
}

function route(to: JsonObject, isLast: boolean, facts: readonly string[]): Route {
  return { to: referenceKey(to['queue'] ?? null), isLast, facts };
}

function percent(weight: number, total: number): string {
  if (!(total > 0)) return '0 %';
  // Divided first: the sum of two large weights may be infinite.
  return `${Number(((weight / total) * 100).toFixed(1))} %`;
}

function numberOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}
