/** The `summary.md` of a run: all of it where it is short, else what a reader looks for first. */
import type { Outcome, Plan } from '../core/types.js';
import { COMMENT_BYTES, cut, fit, utf8, type Block, type Group } from './budget.js';
import {
  changeMarkdown,
  escapeMarkdown,
  failedFirst,
  outcomeMarkdown,
  runMarkdown,
  runTop,
  type RunHead,
} from './markdown.js';
import { countsLine, SIGN, usedText } from './wording.js';
import { alarmsOf, notesIn } from './notes.js';

const WHERE = 'The plan is `plan.json` and what became of it `audit.jsonl`, both beside this file.';

/** No change takes fewer bytes than this: of so many, not all can be in full. */
const LEAST_BYTES = 32;

/**
 * At most as long as a comment: a summary of thousands of changes is read by nobody, and costs as
 * much as the plan. What is left out is in the files beside it.
 */
export function runSummary(
  run: RunHead,
  plan: Plan | null,
  outcomes: readonly Outcome[],
  ending: string,
): string {
  const changes = plan?.changes.length ?? 0;
  if ((changes + outcomes.length) * LEAST_BYTES <= COMMENT_BYTES) {
    const whole = runMarkdown(run, plan, outcomes, ending);
    if (utf8(whole) <= COMMENT_BYTES) return whole;
  }
  const groups = [
    ...(outcomes.length === 0 ? [] : [outcomesGroup(outcomes)]),
    ...(plan === null ? [] : [planGroup(plan)]),
  ];
  const top = cut(runTop(run, plan, outcomes, ending), COMMENT_BYTES / 4).trimEnd();
  return fit(top, groups, '', { bytes: COMMENT_BYTES, where: WHERE }).text;
}

/** Blocks are written when they are asked for: most never are. */
function outcomesGroup(outcomes: readonly Outcome[]): Group {
  const blocks = failedFirst(outcomes).map((outcome): Block => ({
    get full() {
      return outcomeMarkdown(outcome);
    },
    get brief() {
      return outcomeMarkdown({ ...outcome, message: '' })
        .split('\n', 1)
        .join('');
    },
  }));
  return { head: '### Outcomes', blocks, tail: '' };
}

function planGroup(plan: Plan): Group {
  const blocks = plan.changes.map((change): Block => ({
    get full() {
      return changeMarkdown(change, {}).replace(/^### /, '#### ');
    },
    get brief() {
      return `- ${SIGN[change.action]} ${change.action} ${escapeMarkdown(change.address)}`;
    },
  }));
  const alarms = alarmsOf(plan).map(({ of, text }) => `> ❌ **${of}** ${escapeMarkdown(text)}`);
  const notes = notesIn(plan).map(({ of, text }) => `> ⚠️ **${of}** ${escapeMarkdown(text)}`);
  const loud = cut([...alarms, ...notes].join('\n>\n'), ALARM_BYTES);
  const head = `### ${countsLine(plan.counts)}\n\n${loud}`;
  return { head, blocks, tail: `<sub>\`${plan.digest}\` · ${usedText(plan)}</sub>` };
}

const ALARM_BYTES = 8000;
