/** What is said of two orgs side by side, whatever its form. */
import { countText } from '../kinds/nouns.js';
import type { LeftOut } from '../core/across.js';
import type { Blocked, Change } from '../core/types.js';
import { visible } from '../core/visible.js';
import { addressText, fieldTexts, NOT_COMPARED, notCompared } from './wording.js';

export interface ComparedSide {
  readonly environment: string;
  readonly organization: string;
  readonly backend: string;
  /** Of every kind that is compared. */
  readonly objects: number;
  readonly strategies: number;
  /** Its objects that name what its org lacks; they are compared as they are written. */
  readonly dangling?: readonly Blocked[];
  /** Its objects that cannot be told apart, and are not compared. */
  readonly unclear?: readonly Blocked[];
}

/** `changes` would make the second side like the first. */
export interface Comparison {
  readonly sides: readonly [ComparedSide, ComparedSide];
  /** What each side has, in words: `12 strategies and 3 skills`. */
  readonly counts: readonly [string, string];
  readonly changes: readonly Change[];
  /** Weights that are an optimizer's, and no difference; absent where there are none. */
  readonly leftOut?: readonly LeftOut[];
  readonly equal: number;
}

/** `staging (organization "Acme Test", backend datatable): 12 strategies` */
export function sideTexts({ sides, counts }: Comparison): string[] {
  return sides.map((side, index) => {
    const where = `organization "${visible(side.organization)}", backend ${visible(side.backend)}`;
    return `${visible(side.environment)} (${where}): ${visible(counts[index] ?? '')}`;
  });
}

/** One line for each strategy whose weights are not compared, with where both sides start them. */
export function leftOutTexts({ leftOut = [], sides }: Comparison): string[] {
  const [first, second] = sides.map(({ environment }) => visible(environment));
  return leftOut.map(({ address, from, to }) => {
    const there = from === null ? `${first} has no optimizer for it` : `${first} ${weights(from)}`;
    const starts = `${there}; ${second} ${weights(to)}`;
    return `weights of ${addressText(address)} are left out: an optimizer starts from ${starts}`;
  });
}

function weights(start: Readonly<Record<string, number>>): string {
  return Object.entries(start)
    .map(([queue, weight]) => `${visible(queue)} ${weight}`)
    .join(', ');
}

/** What is to be said of single objects of either side. */
export function blockedSides({
  sides,
}: Pick<Comparison, 'sides'>): readonly (Blocked & { readonly what: string })[] {
  return sides.flatMap(({ environment, dangling = [], unclear = [] }) => [
    ...dangling.map((one) => ({
      ...one,
      what: `of ${visible(environment)} names what its org lacks`,
    })),
    ...unclear.map((one) => ({ ...one, what: `of ${visible(environment)} ${NOT_COMPARED}` })),
  ]);
}

export function comparisonTotal({ sides, changes, equal }: Comparison): string {
  const differ = countText(changes.map(({ address }) => address));
  const unclear = new Set(
    sides.flatMap((one) => (one.unclear ?? []).map(({ address }) => address)),
  );
  const rest = `${equal} equal${notCompared({ blocked: unclear.size })}.`;
  if (changes.length === 0) {
    return `No difference${unclear.size === 0 ? '' : ' in what could be compared'}; ${rest}`;
  }
  return `${differ} ${changes.length === 1 ? 'differs' : 'differ'}; ${rest}`;
}

export function comparedText({ action, address }: Change, { sides }: Comparison): string {
  const [from, to] = sides.map(({ environment }) => visible(environment));
  if (action === 'create') return `${addressText(address)} is in ${from} only`;
  if (action === 'delete') return `${addressText(address)} is in ${to} only`;
  return `${addressText(address)} differs`;
}

export function comparedTable(
  { action, fields }: Change,
  { sides }: Comparison,
): { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  const names = sides.map(({ environment }) => environment);
  if (action !== 'update') {
    const rows = fields.map((field) => {
      const { before, after } = fieldTexts(field);
      return [field.path, after ?? before ?? 'none'];
    });
    return { head: ['Field', names[action === 'create' ? 0 : 1] ?? ''], rows };
  }
  const rows = fields.map((field) => {
    const { before, after } = fieldTexts(field);
    return [field.path, after ?? '(absent)', before ?? '(absent)'];
  });
  return { head: ['Field', ...names], rows };
}
