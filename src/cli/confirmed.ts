/** A plan that somebody has seen, held against git and the org as they are now. */
import { consumersGuard } from '../core/consumers.js';
import { runningGuard } from '../core/running.js';
import { Refused } from '../core/errors.js';
import type { Part } from '../core/resource.js';
import { guard, guardText, partGuard, partTalliesOf, talliesOf } from '../core/guard.js';
import { movedSince, remaining, sealed } from '../core/plan.js';
import type { GuardName, Plan } from '../core/types.js';
import type { Planned } from '../engine/planning.js';
import { sha256 } from '../files/digest.js';
import { guardsOf, kindOf, type Session } from './session.js';

/**
 * The given plan, once git and the org as they are now have confirmed it. A plan whose changes are
 * all in place and ours, because it was carried out before, has nothing left to do.
 */
export function confirmedBy(fresh: Planned, given: Plan, session: Session): Plan {
  refuseOther(given, fresh.plan);
  refuseForeign(fresh.plan);
  const { reached } = fresh;
  if (given.changes.every(reached.isInPlace)) return withNothingLeft(fresh.plan, given);
  const moved = movedSince(given, fresh.plan, kindOf, reached);
  if (moved.length > 0) {
    throw new Refused(
      'stale-plan',
      `the plan is stale: changed in the org after it was made: ${moved.join(', ')}`,
      { hint: REVIEW_HINT },
    );
  }
  const left = remaining(given, fresh.plan, sha256, reached);
  // What else moved in the org does not count for the guards: this plan does not touch it.
  const policy = guardsOf(session.environment);
  const tallies = talliesOf(given.changes, fresh.owned, kindOf);
  const entries = partTalliesOf(given.changes, partsOf);
  const bounds = [
    ...tallies.flatMap((tally) => guard(tally, policy)),
    ...entries.map((tally) => partGuard(tally, policy)),
  ];
  // Who uses what goes is asked anew, and said as it is now.
  const asked = new Set(given.changes.map(({ address }) => address));
  const used = consumersGuard(fresh.plan.changes.filter(({ address }) => asked.has(address)));
  const running = runningGuard(given.changes, kindOf);
  const others = fresh.plan.guards.filter((one) => !OF_CHANGES.has(one.guard));
  return { ...left, guards: [...bounds, ...used, ...running, ...others] };
}

/** Counted from changes alone, so of those that were given. Every other is as it is found now. */
const OF_CHANGES: ReadonlySet<GuardName> = new Set([
  'maxDeletes',
  'maxChanges',
  'consumers',
  'running',
]);

/** Where rows and the like live follows from no backend. */
function partsOf(kind: string): readonly Part[] {
  return kindOf(kind).resources['platform']?.parts ?? [];
}

/** Somebody else has become the owner since. */
function refuseForeign({ guards }: Plan): void {
  const foreign = guards.find((one) => one.guard === 'ownership');
  if (foreign !== undefined) throw new Refused('guard', guardText(foreign));
}

function withNothingLeft(fresh: Plan, given: Plan): Plan {
  const none = { create: 0, update: 0, delete: 0, adopt: 0 };
  const { blocked, foreign } = fresh.counts;
  const counts = {
    ...none,
    unchanged: given.counts.unchanged + given.changes.length,
    ...(blocked === undefined ? {} : { blocked }),
    ...(foreign === undefined ? {} : { foreign }),
  };
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
  const [then, now] = [planPlaceText(given), planPlaceText(fresh)];
  if (then !== now) {
    throw new Refused('other-backend', `the plan was made for ${then}, not for ${now}`, {
      hint: REVIEW_HINT,
    });
  }
  if (given.manifests !== fresh.manifests) {
    throw new Refused('stale-plan', 'the plan is stale: the manifests changed after it was made', {
      hint: REVIEW_HINT,
    });
  }
}

/** `backend datatable, tables "Routing Strategies" and "Routing Strategies (strategos)"` */
function planPlaceText({ environment: { backend, tables } }: Plan): string {
  return `backend ${backend}, tables "${tables.objects}" and "${tables.state}"`;
}
