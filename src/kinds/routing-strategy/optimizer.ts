/** What a RoutingStrategy leaves to the optimizer, and within which limits. */
import { referenceKey } from '../../core/catalog.js';
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../../core/json.js';
import type { Tunable, TuningSettings } from '../../core/kind.js';
import { specOf } from '../../core/manifest.js';
import { startsAnew, type Start } from '../../core/start.js';
import type { Manifest } from '../../core/types.js';

/** The schema's defaults. */
const POLICY = 'square-root';
const DEFAULTS = {
  min: 0.1,
  max: 1,
  smoothing: 0.2,
  deadBand: 0.03,
  maxStep: 0.1,
  coolDownSeconds: 180,
  maxDataAgeSeconds: 60,
} as const;

interface Wish {
  readonly policy: string;
  readonly tuning: TuningSettings;
}

/** `null` where the manifest has no optimizer. */
export function wishOf(manifest: Manifest): Wish | null {
  const optimizer = specOf(manifest)['optimizer'];
  if (!isObject(optimizer)) return null;
  const bounds = isObject(optimizer['bounds']) ? optimizer['bounds'] : {};
  const written = { ...optimizer, ...bounds };
  const number = (key: keyof typeof DEFAULTS): number => Number(written[key] ?? DEFAULTS[key]);
  return {
    policy: textOf(optimizer['policy']) || POLICY,
    tuning: {
      bounds: { min: number('min'), max: number('max') },
      smoothing: number('smoothing'),
      deadBand: number('deadBand'),
      maxStep: number('maxStep'),
      coolDownMs: number('coolDownSeconds') * 1000,
      maxAgeMs: number('maxDataAgeSeconds') * 1000,
    },
  };
}

/** `null` where the manifest has no optimizer. */
export function startOf(manifest: Manifest, desired: JsonObject): Start | null {
  const { optimizer } = specOf(manifest);
  if (!isObject(optimizer)) return null;
  const weights = objectsIn(desired['targets']).map(
    (one) => [keyOf(one), Number(one['weight'] ?? 1)] as const,
  );
  return { weights: Object.fromEntries(weights), restart: optimizer['restart'] === true };
}

/** Within its bounds a weight is the optimizer's; outside them the manifest's weight holds. */
export function leaveWeights(
  manifest: Manifest,
  desired: JsonObject,
  live: JsonObject,
  start: Start | undefined,
): JsonObject {
  const wish = wishOf(manifest);
  const written = startOf(manifest, desired);
  if (wish === null || written === null || startsAnew(written, start)) return desired;
  const { min, max } = wish.tuning.bounds;
  const liveWeights = new Map(objectsIn(live['targets']).map((one) => [keyOf(one), one['weight']]));
  const targets = objectsIn(desired['targets']).map((target) => {
    const weight = liveWeights.get(keyOf(target));
    const within = typeof weight === 'number' && weight >= min && weight <= max;
    return within && isMovable(target) ? { ...target, weight } : target;
  });
  return { ...desired, targets };
}

/** A queue that is written to get nothing gets nothing. */
function isMovable(target: JsonObject): boolean {
  return target['weight'] !== 0;
}

/** The targets that both the manifest and the org have. */
export function tunable(manifest: Manifest, desired: JsonObject, live: JsonObject): Tunable | null {
  const wish = wishOf(manifest);
  if (wish === null) return null;
  const written = new Map(objectsIn(desired['targets']).map((one) => [keyOf(one), one]));
  const targets = objectsIn(live['targets']).flatMap((one) => {
    const { queue = null, weight, priority, capacity } = one;
    const asked = written.get(keyOf(one));
    if (asked === undefined || !isMovable(asked) || typeof weight !== 'number') return [];
    return [
      {
        queue,
        weight,
        tier: Number(priority),
        written: Number(asked['weight'] ?? 1),
        capacity: typeof capacity === 'number' ? capacity : null,
      },
    ];
  });
  const keys = targets.map(({ queue }) => referenceKey(queue));
  return {
    ...wish,
    targets,
    with: (weights) => ({
      ...live,
      targets: objectsIn(live['targets']).map((one): Json => {
        const weight = weights[keys.indexOf(keyOf(one))];
        return weight === undefined ? one : { ...one, weight };
      }),
    }),
  };
}

function keyOf(target: JsonObject): string {
  return referenceKey(target['queue'] ?? null);
}
