/** Plan | run → GitHub-flavoured Markdown, safe against names that are Markdown themselves. */
import type { Attributed } from '../core/drift.js';
import { predictedIn, predictionBars, predictionRows, type Shown } from './prediction.js';
import type { Predicted, Prediction } from '../core/prediction.js';
import { succeeded } from '../core/outcome.js';
import type { Blocked, Change, Outcome, Plan } from '../core/types.js';
import { visible } from '../core/visible.js';
import { plural } from '../core/plural.js';
import { whoText, DRIFT_HEAD, driftRow, driftTotal, driftWord, linesOf } from './drift.js';
import { pendingText, type DriftReport, type NameOf } from './drift.js';
import {
  comparedTable,
  comparedText,
  blockedSides,
  comparisonTotal,
  leftOutTexts,
  sideTexts,
  type Comparison,
} from './comparison.js';
import {
  leftAs,
  blockedIn,
  checksInOrder,
  checkText,
  countsLine,
  emptyText,
  placeText,
  recordsText,
  remarkOf,
  requestsText,
  scopeText,
  SIGN,
  tablesText,
  usedText,
  orderText,
  whereText,
} from './wording.js';
import { groupsOf, type Askers } from './field-tables.js';
import { alarmsOf, besideDrift, guardAlarms, notesIn, type Alarm } from './notes.js';

/** Invisible; parts what GitHub would otherwise join to a mention, a reference or a link. */
const APART = '&#8203;';

/**
 * Text from outside as Markdown that shows just that text. Entities and backslashes do not stop
 * GitHub from linking `@name` and `#1`, which it looks for in the rendered page.
 */
export function escapeMarkdown(text: string): string {
  return (
    visible(text)
      .replace(/[&<>$]|[\\`*_[\]|~#]/g, (char) =>
        /[&<>$]/.test(char) ? `&#${char.charCodeAt(0)};` : `\\${char}`,
      )
      .replace(/@/g, `@${APART}`)
      .replace(/\\#(?=\d)/g, `$&${APART}`)
      .replace(/GH-(?=\d)/gi, `$&${APART}`)
      // A time is no emoji, and is to be copied.
      .replace(/:(?=\/\/|(?!\d\d:)[\w+\\-]+:)/g, `:${APART}`)
      .replace(/www(?=\.)/gi, `$&${APART}`)
  );
}

/**
 * Counts first, deletes next and never folded, digest last. `made`: an apply has had its turn.
 */
export function planMarkdown(plan: Plan, made = false): string {
  const scope = scopeText(plan);
  return document([
    `## ${countsLine(plan.counts)}`,
    `Environment ${escapeMarkdown(whereText(plan))}`,
    scope === null ? '' : escapeMarkdown(scope),
    escapeMarkdown(tablesText(plan) ?? ''),
    alarmsMarkdown(alarmsOf(plan), notesIn(plan)),
    orderText(plan) ?? '',
    ...plan.changes.map((change) => changeMarkdown(change, plan)),
    ...blockedIn(plan).map((one) => blockedMarkdown(one)),
    recordsText(plan) ?? '',
    footer(plan, made ? usedText(plan) : requestsText(plan)),
  ]);
}

function alarmsMarkdown(alarms: readonly Alarm[], notes: readonly Alarm[] = []): string {
  return [
    ...alarms.map(({ of, text }) => `> ❌ **${of}** ${escapeMarkdown(text)}`),
    ...notes.map(({ of, text }) => `> ⚠️ **${of}** ${escapeMarkdown(text)}`),
  ].join('\n>\n');
}

export function driftMarkdown(report: DriftReport): string {
  const { plan } = report;
  const scope = scopeText(plan);
  return document([
    `## ${driftTotal(report)}`,
    `Environment ${escapeMarkdown(whereText(plan))}`,
    scope === null ? '' : escapeMarkdown(scope),
    alarmsMarkdown(guardAlarms(plan), besideDrift(plan)),
    ...report.drifts.map((drift) => driftedMarkdown(drift, report.nameOf)),
    ...blockedIn(plan).map((one) => blockedMarkdown(one)),
    escapeMarkdown(pendingText(report) ?? ''),
    footer(plan, usedText(plan)),
  ]);
}

/** What is left as it is, why, and every way to mend it. */
export function blockedMarkdown(
  { address, obstacles, held }: Blocked,
  what = leftAs(held),
): string {
  const items = obstacles.map((one) => {
    const place = placeText(one);
    const where = place === '' ? '' : ` (${escapeMarkdown(place)})`;
    const hint = one.hint === undefined ? '' : `<br>→ ${escapeMarkdown(one.hint)}`;
    return `- ❌ ${escapeMarkdown(one.message)}${where}${hint}`;
  });
  return `### ! ${escapeMarkdown(address)} ${escapeMarkdown(what)}\n\n${items.join('\n')}`;
}

/** One strategy that drifted: what it was and is, and who changed it. */
export function driftedMarkdown(drift: Attributed, nameOf?: NameOf): string {
  const title = `### ${escapeMarkdown(drift.address)} ${driftWord(drift)}`;
  const [first] = linesOf(drift);
  if (drift.how === 'deleted') {
    const who = first === undefined ? '' : whoText(first.by, nameOf);
    return who === '' ? title : `${title}\n\n${escapeMarkdown(who)}`;
  }
  const rows = linesOf(drift).map((line) => driftRow(line, nameOf));
  return `${title}\n\n${table(DRIFT_HEAD, rows)}`;
}

export function comparisonMarkdown(comparison: Comparison): string {
  return document([
    `## ${comparisonTotal(comparison)}`,
    sideTexts(comparison)
      .map((side) => `- ${escapeMarkdown(side)}`)
      .join('\n'),
    ...comparison.changes.map((change) => {
      const { head, rows } = comparedTable(change, comparison);
      const title = `### ${escapeMarkdown(comparedText(change, comparison))}`;
      return `${title}\n\n${table(head.map(escapeMarkdown), rows)}`;
    }),
    ...blockedSides(comparison).map(({ what, ...one }) => blockedMarkdown(one, what)),
    leftOutTexts(comparison)
      .map((text) => `- ${escapeMarkdown(text)}`)
      .join('\n'),
  ]);
}

function footer({ digest }: Plan, requests: string): string {
  return `<sub>\`${digest}\` · ${requests}</sub>`;
}

/** Heading, fields, checks and prediction of one change. */
export function changeMarkdown(
  change: Change,
  plan: Pick<Plan, 'prediction'>,
  askers?: Askers,
): string {
  const remark = remarkOf(change);
  const head =
    `### ${SIGN[change.action]} ${change.action} ${escapeMarkdown(change.address)}` +
    (remark === '' ? '' : ` (${escapeMarkdown(remark)})`);
  const checks = checksInOrder(change).map((check) => {
    const mark = check.passed ? '✅' : check.level === 'warn' ? '⚠️' : '❌';
    return `- ${mark} ${escapeMarkdown(checkText(check))}`;
  });
  const groups = groupsOf(change, askers).map(({ title, head: titles, rows, more = [] }) => {
    const fields = [table(titles, rows), ...more.map(escapeMarkdown)].join('\n\n');
    return title === null ? fields : `**${title}**\n\n${fields}`;
  });
  const predicted = predictionMarkdown(plan, change.address);
  const parts = [head, ...groups, emptyText(change), checks.join('\n'), predicted];
  return parts.filter((part) => part !== '').join('\n\n');
}

function predictionMarkdown(plan: Pick<Plan, 'prediction'>, address: string): string {
  const found = predictedIn(plan, address);
  return found === null ? '' : predictionBlock(found.prediction, found.predicted);
}

export function predictionBlock(
  prediction: Prediction,
  predicted: Predicted,
  shown?: Shown,
): string {
  const { lines, head, rows } = predictionRows(prediction, predicted, shown);
  const texts = lines.map((line) => `- ${escapeMarkdown(line)}`).join('\n');
  if (rows.length === 0) return texts;
  const bars = shown === 'as it is' ? [] : predictionBars(predicted, shown);
  return `${texts}\n\n${table(head, rows, (row) => bars[row]?.join('<br>'))}`;
}

/** `second`: Markdown of the second cell of a row, in the place of its text. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  second: (row: number) => string | undefined = () => undefined,
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.map((cells, row) =>
      line(cells.map((cell, at) => (at === 1 ? second(row) : undefined) ?? escapeMarkdown(cell))),
    ),
  ].join('\n');
}

export interface RunHead {
  readonly id: string;
  readonly command: string;
  readonly actor: string;
  readonly environment: string;
}

/** What an apply did: the job summary, and the run's `summary.md` where it is not too long. */
export function runMarkdown(
  run: RunHead,
  plan: Plan | null,
  outcomes: readonly Outcome[],
  ending: string,
): string {
  return document([
    runTop(run, plan, outcomes, ending),
    failedFirst(outcomes).map(outcomeMarkdown).join('\n'),
    plan === null
      ? ''
      : planMarkdown(plan, outcomes.length > 0)
          .trimEnd()
          .replace(/^## /, '### ')
          .replaceAll('\n### ', '\n#### '),
  ]);
}

/** Heading, whose run it was, and how much it has made. */
export function runTop(
  run: RunHead,
  plan: Plan | null,
  outcomes: readonly Outcome[],
  ending: string,
): string {
  const where = plan === null ? run.environment : whereText(plan);
  const done = outcomes.filter(succeeded).length;
  const total = `${plural(done, 'change')} made, ${outcomes.length - done} not made`;
  return document([
    `## ${run.command}: ${escapeMarkdown(ending)}`,
    `Run \`${run.id}\` by ${escapeMarkdown(run.actor)}, environment ${escapeMarkdown(where)}.` +
      (outcomes.length === 0 ? '' : ` ${total}.`),
  ]).trimEnd();
}

/** Two hundred successes must not hide the one failure. */
export function failedFirst(outcomes: readonly Outcome[]): Outcome[] {
  const failed = outcomes.filter((outcome) => !succeeded(outcome));
  return [...failed, ...outcomes.filter(succeeded)];
}

export function outcomeMarkdown(outcome: Outcome): string {
  const mark = succeeded(outcome) ? '✅' : '❌';
  const message = outcome.message === '' ? '' : `: ${escapeMarkdown(outcome.message)}`;
  const hint = outcome.hint === undefined ? '' : `\n  → ${escapeMarkdown(outcome.hint)}`;
  return `- ${mark} ${escapeMarkdown(outcome.address)} ${outcome.state}${message}${hint}`;
}

export function document(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
