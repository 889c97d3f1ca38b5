/** A plan as JSON: what is put on record, printed, and written for a later apply. */
import type { Plan } from './types.js';

/** More changes nobody reads one by one. */
const MOST_READ = 500;

/**
 * With a line for each value, for people. Of thousands of changes half of that text would be
 * blanks, and a program reads it without them in less time. No digest is taken over the text.
 */
export function planDocument(plan: Plan): string {
  return `${JSON.stringify(plan, null, plan.changes.length > MOST_READ ? 0 : 2)}\n`;
}
