/** How the lines of a chart are told apart, and which of their values no line shows. */
import type { TunedRound } from '../view/model.js';

export interface Stroke {
  /** A property of the style: `--line-1`. */
  readonly colour: string;
  /** Lengths drawn and left out by turns; empty for a line without gaps. */
  readonly dash: number[];
}

/** Told apart by the colour-blind as well; and every line has a dash of its own. */
const COLOURS = 6;
const DASHES = [[], [8, 4], [2, 3], [12, 4, 2, 4], [6, 2], [1, 4]];

/** The first 36 have each another pair of colour and dash. */
export function strokeOf(index: number): Stroke {
  const colour = `--line-${(index % COLOURS) + 1}`;
  const dash = DASHES[(index + Math.floor(index / COLOURS)) % DASHES.length] ?? [];
  return { colour, dash };
}

/** Where a value stands alone between such as are not known: no line leads there. */
export function aloneIn(values: readonly (number | null)[]): number[] {
  return values.flatMap((value, index) => {
    const isAlone = (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null;
    return value !== null && isAlone ? [index] : [];
  });
}

/** Weights over time, with those before the first round: a single move is a course as well. */
export function courseOf(
  rounds: readonly TunedRound[],
): readonly { readonly at: string; readonly weights: readonly (number | null)[] }[] {
  return rounds.flatMap((round, index) => {
    const { at, before, weights } = round;
    const last = rounds[index - 1]?.weights ?? [];
    const isSame = index > 0 && before.every((one, which) => one === (last[which] ?? null));
    // What somebody else has moved in between is seen as it was found.
    return isSame
      ? [{ at, weights }]
      : [
          { at: justBefore(at), weights: before },
          { at, weights },
        ];
  });
}

function justBefore(at: string): string {
  return new Date(Date.parse(at) - 1000).toISOString();
}
