/** `--agents QUEUE=N` and `--rate QUEUE=+20%`: what is asked for beside what is. */
import { InvalidArgumentError } from 'commander';

export interface AgentsWish {
  readonly queue: string;
  readonly count: number;
  /** More or fewer than there are. */
  readonly by: boolean;
}

export interface CallsWish {
  readonly queue: string;
  /** Of the calls that come. */
  readonly factor: number;
}

/** Of one queue. More than that nobody has. */
const MOST_AGENTS = 10_000;
const MOST_PERCENT = 1000;

/** A name may have equals signs itself: the last one counts. */
function parted(text: string, expected: string): readonly [string, string] {
  const at = text.lastIndexOf('=');
  const queue = text.slice(0, Math.max(0, at)).trim();
  if (queue === '') throw new InvalidArgumentError(expected);
  return [queue, text.slice(at + 1).trim()];
}

const AGENTS =
  'Expected such as "Support North=12", "Support North=+2" or "Support North=-2"; ' +
  `${MOST_AGENTS} at most.`;
const RATE =
  'Expected such as "Support North=+20%" or "Support North=-10%"; from -100% to ' +
  `+${MOST_PERCENT}%.`;

/** For the command line; each use adds one. */
export function agentsWish(text: string, before: readonly AgentsWish[] = []): AgentsWish[] {
  const [queue, value] = parted(text, AGENTS);
  const [, sign = '', digits = ''] = /^([+\-\u2212]?)(\d{1,6})$/.exec(value) ?? [];
  const count = Number(digits);
  if (digits === '' || count > MOST_AGENTS) throw new InvalidArgumentError(AGENTS);
  const one = { queue, count: sign === '' || sign === '+' ? count : -count, by: sign !== '' };
  return [...refuseTwice(queue, before), one];
}

/** For the command line; each use adds one. */
export function callsWish(text: string, before: readonly CallsWish[] = []): CallsWish[] {
  const [queue, value] = parted(text, RATE);
  const [, sign = '', digits = ''] = /^([+\-\u2212])(\d{1,4}(?:\.\d{1,3})?) ?%$/.exec(value) ?? [];
  const percent = sign === '+' ? Number(digits) : -Number(digits);
  if (digits === '' || percent < -100 || percent > MOST_PERCENT) {
    throw new InvalidArgumentError(RATE);
  }
  return [...refuseTwice(queue, before), { queue, factor: 1 + percent / 100 }];
}

function refuseTwice<One extends { readonly queue: string }>(
  queue: string,
  before: readonly One[],
): readonly One[] {
  if (before.every((one) => one.queue !== queue)) return before;
  throw new InvalidArgumentError(`"${queue}" is asked for twice.`);
}
