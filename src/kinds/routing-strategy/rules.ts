/** What a schema cannot say of a RoutingStrategy. */
import { referenceKey } from '../../core/catalog.js';
import type { Issue } from '../../core/issue.js';
import { isObject, type Json, type JsonObject } from '../../core/json.js';
import { specOf } from '../../core/manifest.js';
import type { Manifest } from '../../core/types.js';
import { rounded } from '../../core/weight.js';
import { wishOf } from './optimizer.js';

/**
 * The semantic errors of one manifest, each with its place. Queues and skills are compared as they
 * are written: that a name and an id mean the same queue shows only against an org. Total: what
 * does not fit the schema is passed over, so that both kinds of errors are shown together.
 */
export function rules(manifest: Manifest): Issue[] {
  const spec = manifest.body['spec'];
  if (!isObject(spec)) return [];
  return [
    ...repeatedTargets(manifest, spec),
    ...circularFallback(manifest, spec),
    ...noWeight(manifest, spec),
    ...bounds(manifest, spec),
    ...repeatedSkills(manifest, spec),
  ];
}

function repeatedTargets(manifest: Manifest, spec: JsonObject): Issue[] {
  return repeated(items(spec['targets']), 'queue').map(({ index, first, name }) => {
    const at = `/spec/targets/${index}/queue`;
    const { line } = manifest.positions.at(`/spec/targets/${first}/queue`);
    return issue(manifest, 'duplicate-target', at, {
      message: `spec.targets[${index}]: the queue ${name} is a target already, in line ${line}`,
      hint: 'remove one of the two, or add their weights and capacities up',
    });
  });
}

function repeatedSkills(manifest: Manifest, spec: JsonObject): Issue[] {
  const selection = isObject(spec['selection']) ? spec['selection'] : {};
  return repeated(items(selection['skills']), 'skill').map(({ index, first, name }) => {
    const { line } = manifest.positions.at(`/spec/selection/skills/${first}/skill`);
    return issue(manifest, 'duplicate-skill', `/spec/selection/skills/${index}/skill`, {
      message: `spec.selection.skills[${index}]: ${name} is listed already, in line ${line}`,
      hint: 'remove one of the two',
    });
  });
}

function circularFallback(manifest: Manifest, spec: JsonObject): Issue[] {
  const fallback = spec['fallback'];
  if (!isObject(fallback) || !isReference(fallback['queue'] ?? null)) return [];
  const queue = referenceKey(fallback['queue'] ?? null);
  const index = items(spec['targets']).findIndex(
    (one) => referenceKey(one['queue'] ?? null) === queue,
  );
  if (index === -1) return [];
  const line = `in line ${manifest.positions.at(`/spec/targets/${index}/queue`).line}`;
  const name = shown(fallback['queue'] ?? null);
  return [
    issue(manifest, 'circular-fallback', '/spec/fallback/queue', {
      message: `spec.fallback: the queue ${name} is also a target, ${line}: a circular fallback`,
      hint: 'name a queue that is not a target, or write fallback: null',
    }),
  ];
}

function noWeight(manifest: Manifest, spec: JsonObject): Issue[] {
  const targets = items(spec['targets']);
  if (targets.length === 0 || !targets.every((target) => target['weight'] === 0)) return [];
  return [
    issue(manifest, 'no-weight', '/spec/targets/0/weight', {
      message: 'spec.targets: every weight is 0, so no queue would get anything',
      hint: 'give at least one target a weight above 0',
    }),
  ];
}

function bounds(manifest: Manifest, spec: JsonObject): Issue[] {
  const optimizer = spec['optimizer'];
  if (!isObject(optimizer)) return [];
  const written = isObject(optimizer['bounds']) ? optimizer['bounds'] : {};
  // The schema's defaults.
  const min = written['min'] ?? 0.1;
  const max = written['max'] ?? 1;
  if (typeof min !== 'number' || typeof max !== 'number') return [];
  if (min > max) {
    const key = 'min' in written ? 'min' : 'max';
    return [
      issue(manifest, 'bounds-reversed', `/spec/optimizer/bounds/${key}`, {
        message: `spec.optimizer.bounds: min ${min} is greater than max ${max}`,
        hint: 'swap the two, or widen them',
      }),
    ];
  }
  const outside = items(spec['targets']).flatMap((target, index) => {
    const weight = target['weight'] ?? 1;
    if (typeof weight !== 'number' || (weight >= min && weight <= max)) return [];
    // It stays so: who writes it wants no calls there.
    if (weight === 0) return [];
    const at = `/spec/targets/${index}/${'weight' in target ? 'weight' : 'queue'}`;
    const place = `spec.targets[${index}].weight`;
    return [
      issue(manifest, 'weight-out-of-bounds', at, {
        severity: 'warning',
        message: `${place}: ${weight} is outside the optimizer's bounds, ${min} to ${max}`,
        hint: 'the optimizer will change it; write a weight within the bounds, or widen them',
      }),
    ];
  });
  return [...outside, ...stillness(manifest, max - min)];
}

/** An optimizer that hardly ever moves a weight is `steady` round after round, as a good one is. */
function stillness(manifest: Manifest, range: number): Issue[] {
  const wish = wishOf(manifest);
  if (wish === null) return [];
  const { deadBand, maxStep, smoothing } = wish.tuning;
  if (![deadBand, maxStep, smoothing].every(Number.isFinite)) return [];
  const way = STEERING.has(wish.policy) ? range : smoothing * range;
  const step = rounded(Math.min(maxStep, way));
  if (step > deadBand) return [];
  const isNever = rounded(range) <= deadBand;
  const optimizer = specOf(manifest)['optimizer'];
  const key = ['deadBand', 'maxStep', 'smoothing', 'bounds'].find(
    (one) => isObject(optimizer) && one in optimizer,
  );
  return [
    issue(
      manifest,
      'hardly-moves',
      key === undefined ? '/spec/optimizer' : `/spec/optimizer/${key}`,
      {
        severity: 'warning',
        message: isNever
          ? `spec.optimizer: no weight can move: the bounds are ${rounded(range)} apart, and ` +
            `moves of up to deadBand, ${deadBand}, are not made`
          : `spec.optimizer: weights move only as agents come or go: a step is ${step} at most, ` +
            `and moves of up to deadBand, ${deadBand}, are not made`,
        hint: isNever
          ? 'widen the bounds, or lower deadBand'
          : `lower deadBand, or raise ${step < maxStep ? 'smoothing' : 'maxStep'}`,
      },
    ),
  ];
}

/** Policies that need no smoothing: they go the whole way, step by step. */
export const STEERING: ReadonlySet<string> = new Set(['square-root', 'level']);

interface Repeat {
  readonly index: number;
  readonly first: number;
  readonly name: string;
}

function repeated(list: readonly JsonObject[], key: string): Repeat[] {
  const firsts = new Map<string, number>();
  return list.flatMap((item, index) => {
    const reference = item[key] ?? null;
    if (!isReference(reference)) return [];
    const first = firsts.get(referenceKey(reference));
    if (first !== undefined) return [{ index, first, name: shown(reference) }];
    firsts.set(referenceKey(reference), index);
    return [];
  });
}

function isReference(value: Json): boolean {
  return typeof value === 'string' || (isObject(value) && typeof value['id'] === 'string');
}

function items(value: Json | undefined): JsonObject[] {
  // An item that is no mapping keeps its index, so that places stay right.
  return Array.isArray(value) ? value.map((item) => (isObject(item) ? item : {})) : [];
}

function shown(reference: Json): string {
  return isObject(reference)
    ? `with id ${JSON.stringify(reference['id'])}`
    : JSON.stringify(reference);
}

function issue(
  manifest: Manifest,
  code: string,
  pointer: string,
  rest: Pick<Issue, 'message' | 'hint'> & { readonly severity?: Issue['severity'] },
): Issue {
  return { code, severity: 'error', at: manifest.positions.at(pointer), ...rest };
}
