/** "Did you mean": the known word that a person most likely meant. */
import { folded, hiddenDifference } from './alike.js';
import { byText } from './issue.js';

/** Longer words are not compared: the work grows with the square of the length. */
const LONGEST = 100;

/**
 * The candidate that is the fewest typing slips away (a letter missing, added, changed or two
 * swapped; upper and lower case do not count), or `undefined` where none is near enough to be
 * meant. Of equally near ones the first in code-unit order, so the answer does not depend on the
 * order of the candidates.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  const sought = word.toLowerCase();
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    if (candidate.length > LONGEST) continue;
    const allowed = tolerance(sought.length, candidate.length);
    if (Math.abs(sought.length - candidate.length) > allowed) continue;
    const slips = distance(sought, candidate.toLowerCase());
    if (slips > allowed || slips > least) continue;
    if (slips === least && best !== undefined && byText(best, candidate) <= 0) continue;
    best = candidate;
    least = slips;
  }
  return best;
}

/**
 * `did you mean "Sales"?`, and where the two differ when that cannot be seen; `undefined` where no
 * candidate is near. A candidate that only looks different to a machine is the nearest there is.
 */
export function suggestion(
  word: string,
  candidates: Iterable<string>,
  shown: (name: string) => string = String,
): string | undefined {
  const all = [...candidates];
  const sought = folded(word);
  const meant = all.find((one) => one !== word && folded(one) === sought) ?? nearest(word, all);
  if (meant === undefined) return undefined;
  const hidden = hiddenDifference(word, meant);
  return `did you mean ${shown(meant)}?${hidden === '' ? '' : ` (${hidden})`}`;
}

/** One slip in a short word, one more for every three further letters. */
function tolerance(a: number, b: number): number {
  return Math.max(1, Math.floor(Math.max(a, b) / 3));
}

/**
 * Damerau-Levenshtein distance in its restricted form (no letter is edited twice), in code units.
 */
export function distance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + changed,
      );
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, (beforePrevious[j - 2] ?? 0) + 1);
      row.push(least);
    }
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}
