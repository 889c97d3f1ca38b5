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
  return allNearest(word, candidates)[0];
}

/** All that are equally near, in code-unit order: where one of them alone would mislead. */
export function allNearest(word: string, candidates: Iterable<string>): string[] {
  if (word.length > LONGEST) return [];
  const sought = word.toLowerCase();
  const best = new Set<string>();
  let least = Infinity;
  for (const candidate of candidates) {
    if (candidate.length > LONGEST) continue;
    const allowed = tolerance(sought.length, candidate.length);
    if (Math.abs(sought.length - candidate.length) > allowed) continue;
    const slips = distance(sought, candidate.toLowerCase(), Math.min(allowed, least));
    if (slips > allowed || slips > least) continue;
    if (slips < least) best.clear();
    best.add(candidate);
    least = slips;
  }
  return [...best].sort(byText);
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

/** How much is compared for the hints of one place, at most: two names are one comparison. */
const MOST_COMPARISONS = 20_000;
/** So many hints there are all the same, however many names are known. */
const LEAST_HINTS = 3;

/**
 * As `suggestion`, for many words that are sought among the same names: each word is sought once,
 * what looks the same is found without a search, and of very many words the last have no hint. Who
 * is told that a thousand names are unknown needs to know what is wrong with the first of them.
 */
export class Hints {
  private readonly byLook = new Map<string, string[]>();
  private readonly known = new Map<string, string | undefined>();
  private left: number;

  constructor(
    private readonly candidates: readonly string[],
    private readonly shown: (name: string) => string,
  ) {
    this.left = Math.max(LEAST_HINTS, Math.floor(MOST_COMPARISONS / (candidates.length + 1)));
    for (const one of candidates) {
      const look = folded(one);
      this.byLook.set(look, [...(this.byLook.get(look) ?? []), one]);
    }
  }

  of(word: string): string | undefined {
    if (this.known.has(word)) return this.known.get(word);
    const alike = (this.byLook.get(folded(word)) ?? []).filter((one) => one !== word);
    const isSought = alike.length === 0 && this.left > 0;
    if (isSought) this.left -= 1;
    const among = alike.length > 0 ? alike : isSought ? this.candidates : [];
    const found = suggestion(word, among, this.shown);
    this.known.set(word, found);
    return found;
  }
}

/** One slip in a short word, one more for every three further letters. */
function tolerance(a: number, b: number): number {
  return Math.max(1, Math.floor(Math.max(a, b) / 3));
}

/**
 * Damerau-Levenshtein distance in its restricted form (no letter is edited twice), in code units.
 * `Infinity` where it is known to be more than `most`: then nobody asks how much more.
 */
export function distance(a: string, b: string, most = Infinity): number {
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
    // No later row has less; a swap reaches back over one, which was looked at as well.
    if (Math.min(...row) > most && Math.min(...previous) > most) return Infinity;
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}
