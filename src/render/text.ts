/** Plan | run → text for a terminal or a log. */
import type { AuditRecord } from '../core/audit.js';
import type { Issue } from '../core/issue.js';
import { succeeded } from '../core/outcome.js';
import type { Action, Change, CheckResult, FieldChange, Outcome, Plan } from '../core/types.js';
import { visible } from '../core/visible.js';
import type { Paint, Style } from './style.js';
import { plural } from '../core/plural.js';
import {
  addressText,
  alarmsOf,
  checksInOrder,
  checkText,
  countsLine,
  driftTotal,
  driftWord,
  fieldTexts,
  moveTexts,
  placeText,
  scopeText,
  SIGN,
  waitText,
  whereText,
} from './wording.js';

/** Deletes first, never shortened; the totals line is always there and always last but one. */
export function planText(plan: Plan, style: Style): string {
  const blocks = plan.changes.map((change) => changeText(change, style));
  const alarms = alarmsOf(plan).map(({ of, text }) => style.bad(`✗ ${of}: ${text}`));
  return sections([
    heading(plan, style),
    ...blocks,
    alarms.join('\n'),
    `${style.strong(countsLine(plan.counts))}\n${style.faint(footer(plan))}`,
  ]);
}

function heading(plan: Plan, style: Style): string {
  const scope = scopeText(plan);
  return style.strong(`Environment ${whereText(plan)}`) + (scope === null ? '' : `\n${scope}`);
}

function footer(plan: Plan): string {
  return `${plan.digest}, ${plural(plan.requests, 'request')} sent`;
}

function changeText(change: Change, style: Style): string {
  const wait = waitText(change);
  const head =
    `${SIGN[change.action]} ${change.action} ${addressText(change.address)}` +
    (wait === null ? '' : ` (${wait})`);
  const lines = aligned(change.fields.map((field) => [fieldText(change.action, field), field]));
  return [
    colourOf(change.action, style)(style.strong(head)),
    ...placed(lines, style),
    ...checksInOrder(change).map((check) => `    ${checkLine(check, style)}`),
  ].join('\n');
}

function colourOf(action: Action, style: Style): Paint {
  if (action === 'delete') return style.bad;
  return action === 'create' ? style.good : style.warn;
}

/** `path: old → new`; a create has no old value and a delete no new one. */
function fieldText(action: Action, field: FieldChange): string {
  const { before, after } = fieldTexts(field);
  const path = visible(field.path);
  if (action === 'create') return `${path}: ${after ?? 'none'}`;
  if (action === 'delete') return `${path}: ${before ?? 'none'}`;
  const moved = moveTexts(field);
  return `${path}: ${moved.before} → ${moved.after}`;
}

/** Pads texts so that the places line up, up to a width that still fits a screen. */
function aligned(lines: readonly (readonly [string, FieldChange])[]): [string, string][] {
  const width = Math.min(72, Math.max(0, ...lines.map(([text]) => text.length)));
  return lines.map(([text, field]) => {
    const place = placeText(field);
    return [place === '' ? text : `${text.padEnd(width)}  `, place];
  });
}

function placed(lines: readonly (readonly [string, string])[], style: Style): string[] {
  return lines.map(([text, place]) => `    ${text}${place === '' ? '' : style.faint(place)}`);
}

function checkLine(check: CheckResult, style: Style): string {
  if (check.passed) return `${style.good('✓')} ${checkText(check)}`;
  return check.level === 'warn'
    ? `${style.warn('!')} ${checkText(check)}`
    : `${style.bad('✗')} ${checkText(check)}`;
}

/** What the org and git disagree on, seen from git. */
export function driftText(plan: Plan, style: Style): string {
  const blocks = plan.changes.map((change) => {
    const title = style.warn(`${addressText(change.address)} ${driftWord(change)}`);
    if (change.action === 'create' || change.action === 'delete') return title;
    const lines = aligned(change.fields.map((field) => [driftLine(field), field]));
    return [title, ...placed(lines, style)].join('\n');
  });
  return sections([
    heading(plan, style),
    ...blocks,
    `${style.strong(driftTotal(plan))}\n${style.faint(footer(plan))}`,
  ]);
}

function driftLine(field: FieldChange): string {
  const { before, after } = fieldTexts(field);
  const git = after === null ? 'not in git' : `${after} in git`;
  const org = before === null ? 'not in the org' : `${before} in the org`;
  return `${visible(field.path)}: ${git}, ${org}`;
}

/** One line a change, then what to do about those that failed. */
export function outcomesText(outcomes: readonly Outcome[], style: Style): string {
  return outcomes.map((outcome) => outcomeText(outcome, style)).join('\n');
}

export function outcomeText(outcome: Outcome, style: Style): string {
  const good = succeeded(outcome);
  const paint = good ? style.good : style.bad;
  const detail = outcome.message === '' ? '' : `: ${visible(outcome.message)}`;
  const hint = outcome.hint === undefined ? '' : `\n    → ${visible(outcome.hint)}`;
  const mark = good ? '✓' : '✗';
  return `${paint(`${mark} ${addressText(outcome.address)} ${outcome.state}`)}${detail}${hint}`;
}

/** `file:line:column: error: message [code]`, and the hint on a line of its own. */
export function issueText(issue: Issue, style: Style): string {
  const { at } = issue;
  const place = at === null ? '' : `${visible(at.file)}:${at.line}:${at.column}: `;
  const paint = issue.severity === 'error' ? style.bad : style.warn;
  const hint = issue.hint === undefined ? '' : `\n    → ${visible(issue.hint)}`;
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
  ];
  return parts.filter((part) => part !== '').join('  ');
}

function sections(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}
