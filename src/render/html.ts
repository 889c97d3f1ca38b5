/** Plan → one HTML page that needs nothing else, to attach, archive or print. */
import type { Attributed } from '../core/drift.js';
import { succeeded } from '../core/outcome.js';
import type { Blocked, Change, Outcome, Plan } from '../core/types.js';
import { visible } from '../core/visible.js';
import { whoText, DRIFT_HEAD, driftRow, driftTotal, driftWord, linesOf } from './drift.js';
import { pendingText, type DriftReport } from './drift.js';
import {
  comparedTable,
  comparedText,
  blockedSides,
  leftOutTexts,
  comparisonTotal,
  sideTexts,
  type Comparison,
} from './comparison.js';
import { predictedIn, predictionRows, predictionSvg, type Shown } from './prediction.js';
import type { Predicted, Prediction } from '../core/prediction.js';
import {
  NOT_COMPARED,
  alarmsOf,
  blockedIn,
  checksInOrder,
  checkText,
  countsLine,
  besideDrift,
  emptyText,
  groupsOf,
  placeText,
  guardAlarms,
  recordsText,
  remarkOf,
  requestsText,
  scopeText,
  SIGN,
  tablesText,
  usedText,
  notesIn,
  whereText,
  type Alarm,
} from './wording.js';

export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

export function planHtml(plan: Plan, outcomes: readonly Outcome[] = []): string {
  const byAddress = new Map(outcomes.map((outcome) => [outcome.address, outcome]));
  const tables = tablesText(plan);
  const requests = outcomes.length === 0 ? requestsText(plan) : usedText(plan);
  return planPage(plan, countsLine(plan.counts), requests, [
    tables === null ? '' : `<p>${escapeHtml(tables)}</p>`,
    ...alarmsOf(plan).map(alarmHtml),
    ...notesIn(plan).map(noteHtml),
    ...plan.changes.map((change) => changeHtml(change, plan, byAddress.get(change.address))),
    ...blockedIn(plan).map((one) => blockedHtml(one)),
    recordsText(plan) === null ? '' : `<p>${recordsText(plan)}</p>`,
  ]);
}

function alarmHtml({ of, text }: Alarm): string {
  return `<p class="alarm">✗ ${of}: ${escapeHtml(text)}</p>`;
}

function noteHtml({ of, text }: Alarm): string {
  return `<p class="warn">! ${of}: ${escapeHtml(text)}</p>`;
}

export function driftHtml(report: DriftReport): string {
  const pending = pendingText(report);
  return planPage(report.plan, driftTotal(report), usedText(report.plan), [
    ...guardAlarms(report.plan).map(alarmHtml),
    ...besideDrift(report.plan).map(noteHtml),
    ...report.drifts.map(driftSection),
    ...blockedIn(report.plan).map((one) => blockedHtml(one)),
    pending === null ? '' : `<p>${escapeHtml(pending)}</p>`,
  ]);
}

/** What could not be compared, why, and every way to mend it. */
export function blockedHtml({ address, obstacles }: Blocked, what = NOT_COMPARED): string {
  const items = obstacles.map((one) => {
    const place = placeText(one);
    const where = place === '' ? '' : ` <small>${escapeHtml(place)}</small>`;
    const hint = one.hint === undefined ? '' : `<br>→ ${escapeHtml(one.hint)}`;
    return `<li class="bad">${escapeHtml(one.message)}${where}${hint}</li>`;
  });
  const title = `<h2>! ${escapeHtml(address)} ${escapeHtml(what)}</h2>`;
  return lines(['<section>', title, `<ul>${items.join('')}</ul>`, '</section>']);
}

function driftSection(drift: Attributed): string {
  const title = `<h2>${escapeHtml(drift.address)} ${driftWord(drift)}</h2>`;
  const [first] = linesOf(drift);
  const by = first === undefined ? '' : `<p>${escapeHtml(whoText(first.by))}</p>`;
  const body = drift.how === 'deleted' ? by : tableHtml(DRIFT_HEAD, linesOf(drift).map(driftRow));
  return lines(['<section>', title, body, '</section>']);
}

export function comparisonHtml(comparison: Comparison): string {
  return page(comparisonTotal(comparison), [
    ...sideTexts(comparison).map((side) => `<p>${escapeHtml(side)}</p>`),
    ...comparison.changes.map((change) => {
      const title = `<h2>${escapeHtml(comparedText(change, comparison))}</h2>`;
      const { head, rows } = comparedTable(change, comparison);
      return lines(['<section>', title, tableHtml(head.map(escapeHtml), rows), '</section>']);
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
  return lines([
    `<section class="${change.action}">`,
    `<h2>${title}${remark === '' ? '' : ` <small>${escapeHtml(remark)}</small>`}</h2>`,
    outcome === undefined ? '' : outcomeHtml(outcome),
    fieldsHtml(change),
    checks.length === 0 ? '' : `<ul>${checks.join('')}</ul>`,
    predictionHtml(plan, change.address),
    '</section>',
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
      : [predictionSvg(predicted, escapeHtml, shown), tableHtml(head, rows)]),
  ]);
}

function outcomeHtml(outcome: Outcome): string {
  const kind = succeeded(outcome) ? 'good' : 'bad';
  const message = outcome.message === '' ? '' : `: ${escapeHtml(outcome.message)}`;
  return `<p class="${kind}">${outcome.state}${message}</p>`;
}

function fieldsHtml(change: Change): string {
  const empty = emptyText(change);
  const groups = groupsOf(change).flatMap(({ title, head, rows }) => [
    title === null ? '' : `<h3>${title}</h3>`,
    tableHtml(head, rows),
  ]);
  return lines([...groups, empty === '' ? '' : `<p>${empty}</p>`]);
}

function tableHtml(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const titles = head.map((name) => `<th scope="col">${name}</th>`).join('');
  const cells = (row: readonly string[]): string =>
    row.map((cell, index) => `<td${cellClass(head[index])}>${escapeHtml(cell)}</td>`).join('');
  return lines([
    `<table><thead><tr>${titles}</tr></thead><tbody>`,
    ...rows.map((row) => `<tr>${cells(row)}</tr>`),
    '</tbody></table>',
  ]);
}

/** What goes is red and what comes is green; in a report of drift nothing comes or goes. */
function cellClass(title: string | undefined): string {
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
    `<style>${CSS}</style></head><body><main>`,
    `<h1>${escapeHtml(title)}</h1>`,
    ...sections,
    '</main></body></html>',
  ]);
  return `${all}\n`;
}

/** For pages that are put together elsewhere. */
export { page, tableHtml as table };

const CSS = `
:root{color-scheme:light dark;--line:#8884;--good:#1a7f37;--bad:#cf222e;--warn:#9a6700}
@media (prefers-color-scheme:dark){:root{--good:#3fb950;--bad:#f85149;--warn:#d29922}}
body{font:16px/1.5 system-ui,sans-serif;margin:0}
main{max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:0 0 .5rem}
h3{font-size:.9rem;margin:.75rem 0 .25rem}
section{border:1px solid var(--line);border-left:4px solid var(--warn);
border-radius:6px;padding:1rem;margin:1rem 0;overflow-x:auto}
section.create{border-left-color:var(--good)}section.delete{border-left-color:var(--bad)}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line);
vertical-align:top}
td{font-family:ui-monospace,monospace}.old{color:var(--bad)}.new{color:var(--good)}
.place{white-space:nowrap;opacity:.75}
ul{margin:.75rem 0 0;padding-left:1.2rem}.good{color:var(--good)}.bad,.alarm{color:var(--bad)}
.warn{color:var(--warn)}.alarm{border:1px solid;border-radius:6px;padding:.75rem}
footer{font:.8rem ui-monospace,monospace;opacity:.75;overflow-wrap:anywhere}
`.trim();
