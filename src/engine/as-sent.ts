/** What a write can say of an object, and what it cannot: before anything is sent. */
import type { Catalog } from '../core/catalog.js';
import type { Verdict } from '../core/compare.js';
import type { JsonObject } from '../core/json.js';
import { partedFields } from '../core/part.js';
import type { ResourceProblem } from '../core/resource.js';
import type { Obstacle } from '../core/types.js';
import type { Binding } from './bind.js';
import { idsIn, liveOf } from './observe.js';

/** What will be there is read from what will be sent, so that no plan shows anything else. */
export function asSent(verdict: Verdict, binding: Binding, catalog: Catalog): Verdict {
  if (!('after' in verdict)) return verdict;
  const { desired, after } = verdict;
  const bound = binding.of(desired.kind);
  const entity = bound.resource.entity(desired.name, after, idsIn(catalog));
  const sent = liveOf(bound, entity, catalog).fields;
  // What the manifest leaves out is not asked for, whatever a new object has there.
  const asked = Object.entries(sent).filter(([key]) => Object.hasOwn(after, key));
  // What has an endpoint of its own is sent there as it is asked for.
  const { ofParts } = partedFields(bound.resource, after);
  return { ...verdict, after: { ...Object.fromEntries(asked), ...ofParts } };
}

/** What the backend cannot hold is not sent; the same verdict where it can. */
export function sendable(verdict: Verdict, binding: Binding): Verdict {
  if (!('after' in verdict)) return verdict;
  const { desired, after } = verdict;
  // What is made again is a new object.
  const live = 'live' in verdict && verdict.is !== 'replace' ? verdict.live.fields : null;
  return blockedBy(verdict, binding.of(desired.kind).resource.problems?.(after, live) ?? []);
}

/** What cannot be made of the object that is there is not tried; the same verdict where it can. */
export function possible(verdict: Verdict, binding: Binding): Verdict {
  // What is made again is a new object.
  if (!('after' in verdict) || !('live' in verdict) || verdict.is === 'replace') return verdict;
  const { desired, live, after } = verdict;
  return blockedBy(verdict, binding.of(desired.kind).resource.refused?.(live.fields, after) ?? []);
}

function blockedBy(
  verdict: Extract<Verdict, { after: JsonObject }>,
  problems: readonly ResourceProblem[],
): Verdict {
  if (problems.length === 0) return verdict;
  const { desired } = verdict;
  const { address } = desired;
  const obstacles = problems.map(({ pointer, message, hint }): Obstacle => {
    const { file, line } = desired.at(pointer);
    return { message, hint, at: { file, line } };
  });
  const live = 'live' in verdict ? verdict.live : null;
  return { is: 'blocked', address, desired, live, obstacles };
}
