/** Results for machines: one document on stdout, with the version of its format. */
import type { Plan } from '../core/types.js';

/** A plan is its own document: what `plan --out` writes and `apply` reads. */
export function planJson(plan: Plan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

export function jsonText(result: object): string {
  return `${JSON.stringify({ format: 1, ...result }, null, 2)}\n`;
}
