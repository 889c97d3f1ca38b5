/** Plan | run → text for a terminal or a log. */
import { asTyped } from '../core/as-typed.js';
import type { AuditRecord } from '../core/audit.js';
import type { Issue } from '../core/issue.js';
import { succeeded } from '../core/outcome.js';
import type { Action, Blocked, Change, CheckResult, Outcome, Plan } from '../core/types.js';
import { visible } from '../core/visible.js';
import { predictedIn, predictionLines } from './prediction.js';
import type { Paint, Style } from './style.js';
import { whoText, driftRow, driftTotal, driftWord, linesOf, pendingText } from './drift.js';
import type { DriftReport } from './drift.js';
import {
  comparedTable,
  comparedText,
  blockedSides,
  comparisonTotal,
  leftOutTexts,
  sideTexts,
  type Comparison,
} from './comparison.js';
import { toldIn } from './told-record.js';
import { padded, widthOf } from './width.js';
import {
  addressText,
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
import { groupsOf } from './field-tables.js';
import { alarmsOf, besideDrift, guardAlarms, notesIn, UNPREDICTED } from './notes.js';

/** `to agree`: what will be done, without what was found to be as it should be. */
type Shown = 'whole' | 'to agree';

/** Deletes first, never shortened; the totals line is always there and always last but one. */
export function planText(plan: Plan, style: Style, shown: Shown = 'whole'): string {
  const blocks = plan.changes.map((change) => changeText(change, plan, style, shown));
  return sections([
    heading(plan, style),
    tablesText(plan) ?? '',
    orderText(plan) ?? '',
    ...blocks,
    ...blockedIn(plan).map((one) => blockedText(one, style)),
    alarmsAndNotes(plan, style),
    recordsText(plan) ?? '',
    footer(countsLine(plan.counts), plan, requestsText(plan), style),
  ]);
}

/** Of a plan that somebody has seen: where it goes, what stands in its way, how much it is. */
export function planSeenText(plan: Plan, style: Style): string {
  // What callers would feel was said with the plan.
  const notes = notesIn(plan).filter(({ of }) => of !== UNPREDICTED);
  return sections([
    heading(plan, style),
    ...blockedIn(plan).map((one) => blockedText(one, style)),
    alarmsAndNotes(plan, style, notes),
    footer(countsLine(plan.counts), plan, requestsText(plan), style),
  ]);
}

function alarmsAndNotes(plan: Plan, style: Style, notes = notesIn(plan)): string {
  return [
    ...alarmsOf(plan).map(({ of, text }) => style.bad(`✗ ${of}: ${text}`)),
    ...notes.map(({ of, text }) => style.warn(`! ${of}: ${text}`)),
  ].join('\n');
}

/** What is left as it is, why, and every way to mend it. */
export function blockedText(
  { address, obstacles, held }: Blocked,
  style: Style,
  what = leftAs(held),
): string {
  const head = style.bad(style.strong(`! ${addressText(address)} ${visible(what)}`));
  const lines = obstacles.flatMap((one) => {
    const place = placeText(one);
    return [
      `    ${visible(one.message)}${place === '' ? '' : style.faint(`  ${place}`)}`,
      ...(one.hint === undefined ? [] : [`      → ${visible(asTyped(one.hint))}`]),
    ];
  });
  return [head, ...lines].join('\n');
}

function heading(plan: Plan, style: Style): string {
  const scope = scopeText(plan);
  return style.strong(`Environment ${whereText(plan)}`) + (scope === null ? '' : `\n${scope}`);
}

function footer(total: string, { digest }: Plan, requests: string, style: Style): string {
  return `${style.strong(total)}\n${style.faint(`${digest}, ${requests}`)}`;
}

function changeText(change: Change, plan: Plan, style: Style, shown: Shown): string {
  const remark = remarkOf(change);
  const head =
    `${SIGN[change.action]} ${change.action} ${addressText(change.address)}` +
    (remark === '' ? '' : ` (${remark})`);
  const groups = groupsOf(change).flatMap(({ title, rows, more = [] }) => [
    ...(title === null ? [] : [`    ${style.strong(title)}`]),
    ...rowLines(change.action, rows, title === null ? '    ' : '      ', style),
    ...more.map((text) => `${title === null ? '    ' : '      '}${style.faint(text)}`),
  ]);
  const empty = emptyText(change);
  return [
    colourOf(change.action, style)(style.strong(head)),
    ...groups,
    ...(empty === '' ? [] : [`    ${empty}`]),
    ...checksInOrder(change)
      .filter(({ passed }) => shown === 'whole' || !passed)
      .map((check) => `    ${checkLine(check, style)}`),
    ...(shown === 'whole' ? predictionText(plan, change.address, style) : []),
  ].join('\n');
}

function predictionText(plan: Plan, address: string, style: Style): string[] {
  const found = predictedIn(plan, address);
  return found === null ? [] : predictionLines(found.prediction, found.predicted, style);
}

function colourOf(action: Action, style: Style): Paint {
  if (action === 'delete' || action === 'replace') return style.bad;
  return action === 'create' ? style.good : style.warn;
}

/** `path: old → new`; a create has no old value and a delete no new one. */
function rowLines(
  action: Action,
  rows: readonly (readonly string[])[],
  indent: string,
  style: Style,
): string[] {
  const moves = action !== 'create' && action !== 'delete';
  const texts = rows.map(([path = '', value = '', ...rest]): [string, string] => {
    if (action === 'create') return [`${visible(path)}: ${value}`, rest[0] ?? ''];
    if (!moves) return [`${visible(path)}: ${value}${lastText(rest[0])}`, ''];
    const [after = '', ...last] = rest;
    const applied = last.length > 1 ? lastText(last[0]) : '';
    return [`${visible(path)}: ${value} → ${after}${applied}`, last.at(-1) ?? ''];
  });
  return besides(texts, indent, style);
}

/** Where neither side still has it, what was last applied. */
function lastText(applied: string | undefined): string {
  return applied ? ` (last applied: ${applied})` : '';
}

/** Up to here places line up: beyond, a line would be mostly empty. */
const MOST_BESIDE = 72;

/** Texts with their places in a column of their own, where a terminal has room for one. */
function besides(
  lines: readonly (readonly [string, string])[],
  indent: string,
  style: Style,
): string[] {
  const widths = lines.map(([text]) => widthOf(text));
  const most = Math.min(MOST_BESIDE, Math.max(0, ...widths));
  const isWhole = lines.every(([, place], index) => {
    const text = Math.max(most, widths[index] ?? 0);
    return indent.length + text + 2 + widthOf(place) <= (style.columns ?? Infinity);
  });
  return lines.map(([text, place]) => {
    if (place === '') return `${indent}${text}`;
    return `${indent}${isWhole ? padded(text, most) : text}  ${style.faint(place)}`;
  });
}

function checkLine(check: CheckResult, style: Style): string {
  if (check.passed) return `${style.good('✓')} ${checkText(check)}`;
  return check.level === 'warn'
    ? `${style.warn('!')} ${checkText(check)}`
    : `${style.bad('✗')} ${checkText(check)}`;
}

/** What changed in the org since the last apply, and who changed it. */
export function driftText(report: DriftReport, style: Style): string {
  const blocks = report.drifts.map((drift) => {
    const title = style.warn(style.strong(`${addressText(drift.address)} ${driftWord(drift)}`));
    const lines = linesOf(drift);
    if (drift.how === 'deleted') {
      const by = lines[0]?.by;
      return by === undefined ? title : `${title}\n    ${whoText(by, report.nameOf)}`;
    }
    return [
      title,
      ...lines.flatMap((line) => fieldLines(driftRow(line, report.nameOf), style)),
    ].join('\n');
  });
  return sections([
    heading(report.plan, style),
    ...blocks,
    ...blockedIn(report.plan).map((one) => blockedText(one, style)),
    [
      ...guardAlarms(report.plan).map(({ of, text }) => style.bad(`✗ ${of}: ${text}`)),
      ...besideDrift(report.plan).map(({ of, text }) => style.warn(`! ${of}: ${text}`)),
    ].join('\n'),
    pendingText(report) ?? '',
    footer(driftTotal(report), report.plan, usedText(report.plan), style),
  ]);
}

function fieldLines(row: readonly string[], style: Style): string[] {
  const [path = '', git = '', org = '', applied = '', who = '', place = ''] = row;
  const last = applied === git ? '' : `, last applied: ${applied}`;
  const where = place === '' ? '' : style.faint(`  ${place}`);
  return [`    ${visible(path)}: ${org} in the org, ${git} in git${last}${where}`, `      ${who}`];
}

/** Two orgs side by side. */
export function comparisonText(comparison: Comparison, style: Style): string {
  const blocks = comparison.changes.map((change) => {
    const { rows } = comparedTable(change, comparison);
    const [first, second] = comparison.sides.map((side) => visible(side.environment));
    const both = rows.map(([path = '', from = '', to = '']) => {
      const values = change.action === 'update' ? `${first}: ${from}, ${second}: ${to}` : from;
      return `    ${visible(path)}: ${values}`;
    });
    return [style.warn(style.strong(comparedText(change, comparison))), ...both].join('\n');
  });
  return sections([
    sideTexts(comparison).join('\n'),
    ...blocks,
    ...blockedSides(comparison).map(({ what, ...one }) => blockedText(one, style, what)),
    leftOutTexts(comparison)
      .map((text) => style.faint(`optimizer: ${text}`))
      .join('\n'),
    style.strong(comparisonTotal(comparison)),
  ]);
}

/** One line a change, then what to do about those that failed. */
export function outcomesText(outcomes: readonly Outcome[], style: Style): string {
  return outcomes.map((outcome) => outcomeText(outcome, style)).join('\n');
}

export function outcomeText(outcome: Outcome, style: Style): string {
  const good = succeeded(outcome);
  const paint = good ? style.good : style.bad;
  const detail = outcome.message === '' ? '' : `: ${visible(outcome.message)}`;
  const hint = outcome.hint === undefined ? '' : `\n    → ${visible(asTyped(outcome.hint))}`;
  const mark = good ? '✓' : '✗';
  return `${paint(`${mark} ${addressText(outcome.address)} ${outcome.state}`)}${detail}${hint}`;
}

/** `file:line:column: error: message [code]`, and the hint on a line of its own. */
export function issueText(issue: Issue, style: Style): string {
  const { at } = issue;
  const place = at === null ? '' : `${visible(at.file)}:${at.line}:${at.column}: `;
  const paint = issue.severity === 'error' ? style.bad : style.warn;
  const hint = issue.hint === undefined ? '' : `\n    → ${visible(asTyped(issue.hint))}`;
  const code = style.faint(`[${issue.code}]`);
  return `${place}${paint(issue.severity)}: ${visible(issue.message)} ${code}${hint}`;
}

/** One line a record: time, type, what, how it went. */
export function recordText(record: AuditRecord, style: Style): string {
  const { seq, at, type, address, request, outcome } = record;
  const step = typeof record.detail?.['step'] === 'string' ? ` ${record.detail['step']}` : '';
  const status = request?.status ?? null;
  const parts = [
    `${String(seq).padStart(4)}  ${visible(at)}  ${visible(type + step)}`.padEnd(54),
    address === null ? '' : addressText(address),
    request === null ? '' : `${visible(request.method)} ${visible(request.path)}`,
    status === null ? '' : String(status),
    request?.correlationId ? style.faint(visible(request.correlationId)) : '',
    outcome === null ? '' : style.strong(visible(outcome.state)),
    outcome?.message ? visible(outcome.message) : '',
    visible(toldIn(record)),
  ];
  // A record that says no more than that it was made ends where it does.
  return parts
    .filter((part) => part !== '')
    .join('  ')
    .trimEnd();
}

function sections(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}
