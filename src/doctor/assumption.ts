/** What an assumption is, and the few forms in which most of them are judged. */
import { plural } from '../core/plural.js';
import type { OrgAnswer, OrgObserved } from '../generated/types.js';
import type { Need, Uses } from './needs.js';

export type Danger = 'high' | 'medium' | 'low';

/** What was observed says so. */
export interface Holds {
  readonly verdict: 'holds';
  /** What the org did. */
  readonly found: string;
}

export interface Differs {
  readonly verdict: 'differs';
  /** What it did instead. */
  readonly found: string;
  readonly follows: string;
  /** Whether strategos works all the same. */
  readonly copes: boolean;
  /** What would mend it, where somebody can. */
  readonly todo?: string;
}

export type Judgement = Holds | Differs;

/** What a verdict depends on besides what the org did. */
export interface Place {
  readonly backend: string;
  /** How long an object may be in no listing before it counts as gone. */
  readonly listedWithinMs: number;
  /** What the manifests need; absent where nobody knows, and everything is looked at. */
  readonly uses?: Uses;
}

export interface Assumption {
  readonly id: string;
  readonly danger: Danger;
  /** `write`: only a table of our own can tell. */
  readonly tried: 'read' | 'write';
  readonly assumed: string;
  /** Of a permission: it matters to whoever needs it. */
  readonly need?: Need;
  /** The backend that it matters to; absent for every one. */
  readonly backend?: string;
  /** `null` where nothing was observed that would tell. */
  readonly judge: (observed: OrgObserved, place: Place) => Judgement | null;
}

export function holds(found: string): Holds {
  return { verdict: 'holds', found };
}

export function differs(found: string, rest: Omit<Differs, 'verdict' | 'found'>): Differs {
  return { verdict: 'differs', found, ...rest };
}

/** `404 flows.datatables.row.not.found` */
export function answerText({ status, code }: OrgAnswer): string {
  return code === '' ? `${status}` : `${status} ${code}`;
}

export function isDone({ status }: OrgAnswer): boolean {
  return status >= 200 && status <= 299;
}

/** Of an answer whose status alone counts. */
export function statusIs(
  answer: OrgAnswer | undefined,
  isRight: (answer: OrgAnswer) => boolean,
  otherwise: Omit<Differs, 'verdict' | 'found'>,
): Judgement | null {
  if (answer === undefined) return null;
  const found = `it answered ${answerText(answer)}`;
  return isRight(answer) ? holds(found) : differs(found, otherwise);
}

/** Of one word among several. */
export function wordIs<W extends string>(
  word: W | undefined,
  right: W,
  texts: Readonly<Record<W, string>>,
  otherwise: Omit<Differs, 'verdict' | 'found'>,
): Judgement | null {
  if (word === undefined) return null;
  return word === right ? holds(texts[word]) : differs(texts[word], otherwise);
}

/** Of a list of what differs. */
export function sameIs(
  changed: readonly string[] | undefined,
  same: string,
  otherwise: Omit<Differs, 'verdict' | 'found'>,
): Judgement | null {
  if (changed === undefined) return null;
  if (changed.length === 0) return holds(same);
  const what = plural(changed.length, 'of them is not', 'of them are not');
  return differs(`${what}: ${changed.join(', ')}`, otherwise);
}

/** `at once`, `within 4 s` */
export function delayText(ms: number): string {
  if (ms === 0) return 'at once';
  return ms < 1000 ? `within ${ms} ms` : `within ${ms / 1000} s`;
}
