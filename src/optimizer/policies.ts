/** The policies by the names that manifests give them. */
import { headroom } from './headroom.js';
import { inverseOccupancy } from './inverse-occupancy.js';
import { leastWait } from './least-wait.js';
import type { Policy } from './policy.js';

export const policies: Readonly<Record<string, Policy>> = {
  'inverse-occupancy': inverseOccupancy,
  headroom,
  'least-wait': leastWait,
};
