/** A plan that somebody has seen, held against git and the org as they are now. */
import { Refused } from '../core/errors.js';
import { guard } from '../core/guard.js';
import { movedSince, sealed } from '../core/plan.js';
import type { Plan } from '../core/types.js';
import type { Planned } from '../engine/plan.js';
import { sha256 } from '../files/digest.js';
import { guardsOf, kindOf, type Session } from './session.js';

/**
 * The given plan, once git and the org as they are now have confirmed it. A plan whose changes are
 * all in place, because it was carried out before, has nothing left to do.
 */
export function confirmedBy(fresh: Planned, given: Plan, session: Session): Plan {
  refuseOther(given, fresh.plan);
  const left = new Set(fresh.plan.changes.map((change) => change.address));
  if (!given.changes.some((change) => left.has(change.address))) return settled(fresh.plan, given);
  const moved = movedSince(given, fresh.plan, kindOf);
  if (moved.length > 0) {
    throw new Refused(
      'stale-plan',
      `the plan is stale: changed in the org after it was made: ${moved.join(', ')}`,
      { hint: REVIEW_HINT },
    );
  }
  // What else moved in the org does not count for the guards: this plan does not touch it.
  const bounds = guard(given.counts, fresh.owned, guardsOf(session.environment));
  const whose = fresh.plan.guards.filter(
    (one) => one.guard === 'adoption' || one.guard === 'ownership',
  );
  return { ...given, guards: [...bounds, ...whose] };
}

function settled(fresh: Plan, given: Plan): Plan {
  const none = { create: 0, update: 0, delete: 0, adopt: 0 };
  const counts = { ...none, unchanged: given.changes.length };
  return sealed({ ...fresh, changes: [], guards: [], counts }, sha256);
}

const REVIEW_HINT = 'plan again and review what is new';

function refuseOther(given: Plan, fresh: Plan): void {
  if (given.organization.id !== fresh.organization.id) {
    throw new Refused(
      'other-organization',
      `the plan was made for organization "${given.organization.name}", ` +
        `these credentials belong to "${fresh.organization.name}"`,
    );
  }
  if (given.manifests !== fresh.manifests) {
    throw new Refused('stale-plan', 'the plan is stale: the manifests changed after it was made', {
      hint: REVIEW_HINT,
    });
  }
}
