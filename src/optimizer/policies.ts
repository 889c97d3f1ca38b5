/** The policies by the names that manifests give them. */
import { headroom } from './headroom.js';
import { inverseOccupancy } from './inverse-occupancy.js';
import { leastWait } from './least-wait.js';
import { level } from './level.js';
import type { Policy } from './policy.js';
import { squareRoot } from './square-root.js';

export const policies: Readonly<Record<string, Policy>> = {
  'square-root': squareRoot,
  level,
  'inverse-occupancy': inverseOccupancy,
  headroom,
  'least-wait': leastWait,
};

/** The policy of that name, or the one that takes its place where nobody knows what came. */
export function policyFor(name: string, knowsPast: boolean): Policy {
  const policy = policies[name];
  if (policy === undefined) throw new Error(`no policy is named ${name}`);
  return policy.wantsPast === true && !knowsPast ? level : policy;
}
