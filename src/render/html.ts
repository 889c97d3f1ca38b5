/** Plan → one HTML page that needs nothing else, to attach, archive or print. */
import type { Attributed } from '../core/drift.js';
import { succeeded } from '../core/outcome.js';
import type { Blocked, Change, Outcome, Plan } from '../core/types.js';
import { plural } from '../core/plural.js';
import { visible } from '../core/visible.js';
import { whoText, DRIFT_HEAD, driftRow, driftTotal, driftWord, linesOf } from './drift.js';
import { pendingText, type DriftReport, type NameOf } from './drift.js';
import {
  comparedTable,
  comparedText,
  blockedSides,
  leftOutTexts,
  comparisonTotal,
  sideTexts,
  type Comparison,
} from './comparison.js';
import {
  predictedIn,
  predictionRows,
  predictionSvg,
  legendText,
  type Shown,
} from './prediction.js';
import type { Predicted, Prediction } from '../core/prediction.js';
import { LOOK } from './look.js';
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
import { groupsOf } from './field-tables.js';
import { alarmsOf, besideDrift, guardAlarms, notesIn, type Alarm } from './notes.js';

export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

export function planHtml(plan: Plan, outcomes: readonly Outcome[] = []): string {
  const byAddress = new Map(outcomes.map((outcome) => [outcome.address, outcome]));
  const tables = tablesText(plan);
  const requests = outcomes.length === 0 ? requestsText(plan) : usedText(plan);
  const title = outcomes.length === 0 ? countsLine(plan.counts) : outcomesLine(outcomes);
  return planPage(plan, title, requests, [
    tables === null ? '' : `<p>${escapeHtml(tables)}</p>`,
    ...alarmsOf(plan).map(alarmHtml),
    ...notesIn(plan).map(noteHtml),
    orderText(plan) === null ? '' : `<p>${orderText(plan)}</p>`,
    ...plan.changes.map((change) => changeHtml(change, plan, byAddress.get(change.address))),
    ...blockedIn(plan).map((one) => blockedHtml(one)),
    recordsText(plan) === null ? '' : `<p>${recordsText(plan)}</p>`,
  ]);
}

/** Of an apply: what became of the plan is what its reader looks for. */
function outcomesLine(outcomes: readonly Outcome[]): string {
  const done = outcomes.filter(succeeded).length;
  const failed = outcomes.length - done;
  const rest = failed === 0 ? '' : `, ${failed} not made`;
  return `Apply: ${plural(done, 'change')} made${rest}.`;
}

function alarmHtml({ of, text }: Alarm): string {
  return `<p class="alarm">✗ ${of}: ${escapeHtml(text)}</p>`;
}

function noteHtml({ of, text }: Alarm): string {
  return `<p class="note">! ${of}: ${escapeHtml(text)}</p>`;
}

export function driftHtml(report: DriftReport): string {
  const pending = pendingText(report);
  return planPage(report.plan, driftTotal(report), usedText(report.plan), [
    ...guardAlarms(report.plan).map(alarmHtml),
    ...besideDrift(report.plan).map(noteHtml),
    ...report.drifts.map((drift) => driftSection(drift, report.nameOf)),
    ...blockedIn(report.plan).map((one) => blockedHtml(one)),
    pending === null ? '' : `<p>${escapeHtml(pending)}</p>`,
  ]);
}

/** What is left as it is, why, and every way to mend it. */
export function blockedHtml({ address, obstacles, held }: Blocked, what = leftAs(held)): string {
  const items = obstacles.map((one) => {
    const place = placeText(one);
    const where = place === '' ? '' : ` <small>${escapeHtml(place)}</small>`;
    const hint = one.hint === undefined ? '' : `<br>→ ${escapeHtml(one.hint)}`;
    return `<li class="bad">${escapeHtml(one.message)}${where}${hint}</li>`;
  });
  const title = `<h2>! ${escapeHtml(address)} ${escapeHtml(what)}</h2>`;
  return card('bad', [title, `<ul class="lines">${items.join('')}</ul>`]);
}

/** `edge`: what the colour of its edge says, which the heading says as well. */
function card(edge: string, parts: readonly string[]): string {
  const kind = edge === '' ? 'card wide' : `card wide edge-${edge}`;
  return lines([`<section class="${kind}">`, ...parts, '</section>']);
}

function driftSection(drift: Attributed, nameOf?: NameOf): string {
  const title = `<h2>${escapeHtml(drift.address)} ${driftWord(drift)}</h2>`;
  const [first] = linesOf(drift);
  const by = first === undefined ? '' : `<p>${escapeHtml(whoText(first.by, nameOf))}</p>`;
  const isGone = drift.how === 'deleted';
  const rows = linesOf(drift).map((line) => driftRow(line, nameOf));
  const body = isGone ? by : tableHtml(DRIFT_HEAD, rows);
  return card(isGone ? 'delete' : 'update', [title, body]);
}

export function comparisonHtml(comparison: Comparison): string {
  return page(comparisonTotal(comparison), [
    ...sideTexts(comparison).map((side) => `<p>${escapeHtml(side)}</p>`),
    ...comparison.changes.map((change) => {
      const title = `<h2>${escapeHtml(comparedText(change, comparison))}</h2>`;
      const { head, rows } = comparedTable(change, comparison);
      return card('update', [title, tableHtml(head, rows)]);
    }),
    ...blockedSides(comparison).map(({ what, ...one }) => blockedHtml(one, what)),
    ...leftOutTexts(comparison).map((text) => `<p>${escapeHtml(text)}</p>`),
  ]);
}

function changeHtml(change: Change, plan: Plan, outcome: Outcome | undefined): string {
  const remark = remarkOf(change);
  const title = `${SIGN[change.action]} ${change.action} ${escapeHtml(change.address)}`;
  const checks = checksInOrder(change).map((check) => {
    const kind = check.passed ? 'good' : check.level === 'warn' ? 'warn' : 'bad';
    const mark = check.passed ? '✓' : check.level === 'warn' ? '!' : '✗';
    return `<li class="${kind}">${mark} ${escapeHtml(checkText(check))}</li>`;
  });
  const isFailed = outcome !== undefined && !succeeded(outcome);
  return card(isFailed ? 'bad' : change.action, [
    `<h2>${title}${remark === '' ? '' : ` <small>${escapeHtml(remark)}</small>`}</h2>`,
    outcome === undefined ? '' : outcomeHtml(outcome),
    fieldsHtml(change),
    checks.length === 0 ? '' : `<ul class="lines">${checks.join('')}</ul>`,
    predictionHtml(plan, change.address),
  ]);
}

function predictionHtml(plan: Plan, address: string): string {
  const found = predictedIn(plan, address);
  return found === null ? '' : predictionSection(found.prediction, found.predicted);
}

export function predictionSection(
  prediction: Prediction,
  predicted: Predicted,
  shown?: Shown,
): string {
  const { lines: texts, head, rows } = predictionRows(prediction, predicted, shown);
  return lines([
    ...texts.map((text) => `<p>${escapeHtml(text)}</p>`),
    ...(rows.length === 0
      ? []
      : [
          predictionSvg(predicted, escapeHtml, shown),
          `<p><small>${legendText(shown)}</small></p>`,
          tableHtml(head, rows),
        ]),
  ]);
}

function outcomeHtml(outcome: Outcome): string {
  const kind = succeeded(outcome) ? 'good' : 'bad';
  const message = outcome.message === '' ? '' : `: ${escapeHtml(outcome.message)}`;
  return `<p class="${kind}">${outcome.state}${message}</p>`;
}

function fieldsHtml(change: Change): string {
  const empty = emptyText(change);
  const groups = groupsOf(change).flatMap(({ title, head, rows, more = [] }) => [
    title === null ? '' : `<h3>${title}</h3>`,
    tableHtml(head, rows),
    ...more.map((text) => `<p>${escapeHtml(text)}</p>`),
  ]);
  return lines([...groups, empty === '' ? '' : `<p>${empty}</p>`]);
}

/**
 * On a narrow screen every row is a block, with the name of its column before each cell: roles are
 * said, because a browser takes what is no block of a table for no table.
 */
function tableHtml(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: ReadonlySet<string> = NONE,
): string {
  const kind = (name: string | undefined): string => cellClass(name, numbers);
  const titles = head.map(
    (name) => `<th role="columnheader" scope="col"${kind(name)}>${escapeHtml(name)}</th>`,
  );
  const cells = (row: readonly string[]): string =>
    row
      .map((cell, index) =>
        index === 0
          ? `<th role="rowheader" scope="row">${escapeHtml(cell)}</th>`
          : `<td role="cell"${kind(head[index])} data-label="${escapeHtml(head[index] ?? '')}">` +
            `<span>${escapeHtml(cell)}</span></td>`,
      )
      .join('');
  return lines([
    '<div class="scrolling"><table role="table">',
    `<thead role="rowgroup"><tr role="row">${titles.join('')}</tr></thead>`,
    '<tbody role="rowgroup">',
    ...rows.map((row) => `<tr role="row">${cells(row)}</tr>`),
    '</tbody></table></div>',
  ]);
}

const NONE: ReadonlySet<string> = new Set();

/** What goes is red and what comes is green; in a report of drift nothing comes or goes. */
function cellClass(title: string | undefined, numbers: ReadonlySet<string>): string {
  if (title !== undefined && numbers.has(title)) return ' class="number"';
  if (title === 'Old' || title === 'Value that goes') return ' class="old"';
  if (title === 'New' || title === 'Value') return ' class="new"';
  return title === 'Line' ? ' class="place"' : '';
}

function lines(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}

function planPage(
  plan: Plan,
  title: string,
  requests: string,
  sections: readonly string[],
): string {
  const scope = scopeText(plan);
  return page(title, [
    `<p>Environment ${escapeHtml(whereText(plan))}</p>`,
    scope === null ? '' : `<p>${escapeHtml(scope)}</p>`,
    ...sections,
    `<footer>${plan.digest}, ${requests}</footer>`,
  ]);
}

function page(title: string, sections: readonly string[]): string {
  const all = lines([
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${LOOK}</style></head><body>`,
    `<header class="top"><h1>${escapeHtml(title)}</h1></header><main>`,
    ...sections,
    '</main></body></html>',
  ]);
  return `${all}\n`;
}

/** For pages that are put together elsewhere. */
export { card, page, tableHtml as table };
