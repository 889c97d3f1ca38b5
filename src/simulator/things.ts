/** What is a thing with a name in the simulator: one line a file of such. */
import { auditedIn, NAMED_THINGS, routesOf, type Row, type Sort } from './named-things.js';
import { OPENING_TIMES } from './schedules.js';
import { SKILL_GROUPS } from './skill-groups.js';

const SORTS: readonly Sort[] = [...NAMED_THINGS, ...OPENING_TIMES, ...SKILL_GROUPS];

export const THING_ROUTES: readonly Row[] = routesOf(SORTS);

/** What a service of the audit knows of them. */
export function thingsAuditedBy(service: 'Routing' | 'Architect'): ReturnType<typeof auditedIn> {
  return auditedIn(SORTS.filter((one) => (one.service ?? 'Routing') === service));
}
