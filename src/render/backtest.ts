/** What was predicted and what happened → text, Markdown, HTML, JSON. */
import type { Calibration } from '../core/calibration.js';
import { plural } from '../core/plural.js';
import { visible } from '../core/visible.js';
import { tableLines } from './columns.js';
import { escapeHtml, page, table as tableHtml } from './html.js';
import { jsonText } from './json.js';
import { document, escapeMarkdown, table } from './markdown.js';
import type { Style } from './style.js';

export interface BacktestReport {
  readonly environment: string;
  readonly organization: { readonly id: string; readonly name: string };
  /** Of the Environment; `null`: the usual. */
  readonly widen: number | null;
  readonly applies: Calibration | null;
  readonly leftOut: readonly { readonly why: string; readonly count: number }[];
  readonly replay: Calibration | null;
  readonly broken: readonly { readonly run: string; readonly why: string }[];
  readonly requests: number;
}

const HEAD = ['', 'Applies', 'Hours of the last 14 days'] as const;

export function backtestText(report: BacktestReport, style: Style): string {
  return [
    style.strong(whereText(report)),
    tableLines({ head: HEAD, rows: rowsOf(report) }, style).join('\n'),
    ...notesIn(report),
    style.strong(widenText(report)),
  ].join('\n\n');
}

export function backtestMarkdown(report: BacktestReport): string {
  return document([
    `## ${escapeMarkdown(whereText(report))}`,
    table(HEAD, rowsOf(report)),
    notesIn(report)
      .map((text) => `- ${escapeMarkdown(text)}`)
      .join('\n'),
    `**${escapeMarkdown(widenText(report))}**`,
  ]);
}

export function backtestHtml(report: BacktestReport): string {
  return page(whereText(report), [
    tableHtml([...HEAD], rowsOf(report)),
    ...notesIn(report).map((text) => `<p>${escapeHtml(text)}</p>`),
    `<p><strong>${escapeHtml(widenText(report))}</strong></p>`,
  ]);
}

export function backtestJson(report: BacktestReport): string {
  return jsonText({ ...report });
}

function rowsOf({ applies, replay }: BacktestReport): string[][] {
  const row = (name: string, of: (one: Calibration) => string): string[] => [
    name,
    ...[applies, replay].map((one) => (one === null ? '-' : of(one))),
  ];
  return [
    row('predictions of a queue and hour', ({ pairs }) => String(pairs)),
    row(
      'range of an hour held, 80 % asked',
      (one) =>
        `${percent(one.coverage)} (${percent(one.coverageLow)} to ${percent(one.coverageHigh)})`,
    ),
    row('its width', ({ width }) => points(width)),
    row('bias, above 0 too good', ({ bias }) => points(bias)),
    row('mean error', ({ error }) => points(error)),
    row('the same of "nothing changes"', ({ nothing }) => points(nothing)),
    row('direction right, over 5 points', ({ directions }) =>
      directions.of === 0 ? '-' : `${directions.right} of ${directions.of}`,
    ),
  ];
}

function percent(part: number): string {
  return `${(part * 100).toFixed(0)} %`;
}

function points(part: number): string {
  return `${(part * 100).toFixed(1).replace('-', '−')} points`;
}

function whereText({ environment, organization }: BacktestReport): string {
  const org = visible(organization.name);
  return `Predictions and what happened: ${visible(environment)} (organization "${org}")`;
}

function notesIn({ leftOut, broken }: BacktestReport): string[] {
  return [
    ...leftOut.map(({ why, count }) => `left out: ${plural(count, 'prediction')}: ${visible(why)}`),
    ...broken.map(({ run, why }) => `not believed: ${visible(run)}: ${visible(why)}`),
  ];
}

/** Applies come first: they are what plans are about. */
function widenText({ applies, replay, widen }: BacktestReport): string {
  const now = widen === null ? '1, the usual' : String(widen);
  const wanted = applies?.widen ?? replay?.widen ?? null;
  if (wanted === null) return `Ranges stay as they are (${now}): fewer than 20 pairs say nothing.`;
  return (
    `Ranges of an hour would have held 80 % with spec.prediction.widen: ${wanted} ` +
    `in the Environment (now ${now}).`
  );
}
