/** Texts that people read on a terminal, as other tests have found them good. */
import { readFileSync } from 'node:fs';

const read = (name: string): string =>
  readFileSync(new URL(`../golden/${name}.golden`, import.meta.url), 'utf8');

export const golden = [
  ['plan', read('plan.txt')],
  ['drift', read('drift.txt')],
  ['metrics', read('metrics.txt')],
  ['trail', read('trail.txt')],
] as const;
