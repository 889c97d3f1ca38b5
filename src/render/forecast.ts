/** What callers will meet, without any change → text, Markdown, HTML with bars, JSON. */
import type { Predicted, Prediction } from '../core/prediction.js';
import { visible } from '../core/visible.js';
import { card, escapeHtml, page, predictionSection } from './html.js';
import { jsonText } from './json.js';
import { document, escapeMarkdown, predictionBlock } from './markdown.js';
import { predictionLines, type Shown } from './prediction.js';
import type { Style } from './style.js';

export interface ForecastReport {
  readonly environment: string;
  readonly organization: { readonly id: string; readonly name: string };
  readonly whatIf: {
    /** Agents on queue, by queue. */
    readonly agents: readonly {
      readonly queue: string;
      readonly now: number;
      readonly then: number;
    }[];
    /** Calls as a factor of those that come. */
    readonly calls: readonly { readonly queue: string; readonly factor: number }[];
  };
  readonly prediction: Prediction;
  /** Why it is not known who is in several queues; `null` where it is. */
  readonly unshared: string | null;
  readonly requests: number;
}

export function forecastText(report: ForecastReport, style: Style): string {
  const { prediction } = report;
  const blocks = prediction.strategies.map((one) =>
    [
      style.strong(visible(one.address)),
      ...predictionLines(prediction, one, style, shownIn(report)),
    ].join('\n'),
  );
  const head = [style.strong(whereText(report)), ...whatIfTexts(report)].join('\n');
  return [head, ...blocks, style.faint(totalText(report))].join('\n\n');
}

export function forecastMarkdown(report: ForecastReport): string {
  return document([
    `## ${escapeMarkdown(whereText(report))}`,
    whatIfTexts(report)
      .map((text) => `- ${escapeMarkdown(text)}`)
      .join('\n'),
    ...report.prediction.strategies.flatMap((one) => [
      `### ${escapeMarkdown(one.address)}`,
      predictionBlock(report.prediction, one, shownIn(report)),
    ]),
    `<sub>${totalText(report)}</sub>`,
  ]);
}

export function forecastHtml(report: ForecastReport): string {
  const sections = report.prediction.strategies.map((one: Predicted) =>
    card('', [
      `<h2>${escapeHtml(one.address)}</h2>`,
      predictionSection(report.prediction, one, shownIn(report)),
    ]),
  );
  return page(whereText(report), [
    ...whatIfTexts(report).map((text) => `<p>${escapeHtml(text)}</p>`),
    ...sections,
    `<p><small>${totalText(report)}</small></p>`,
  ]);
}

export function forecastJson(report: ForecastReport): string {
  return jsonText({ ...report });
}

/** Every queue is shown; where nothing is asked for beside what is, before is after. */
function shownIn({ whatIf }: ForecastReport): Shown {
  return whatIf.agents.length + whatIf.calls.length === 0 ? 'as it is' : 'all';
}

function whereText({ environment, organization }: ForecastReport): string {
  const where = `${visible(environment)} (organization "${visible(organization.name)}")`;
  return `What callers will meet: ${where}`;
}

function whatIfTexts({ whatIf, unshared }: ForecastReport): string[] {
  return [
    ...whatIf.agents.map(
      ({ queue, now, then }) => `what if ${visible(queue)} had ${then} on queue, not ${now}`,
    ),
    ...whatIf.calls.map(({ queue, factor }) => {
      const percent = Math.round(Math.abs(factor - 1) * 1000) / 10;
      const more = factor < 1 ? 'fewer' : 'more';
      return `what if ${visible(queue)} had ${percent} % ${more} calls`;
    }),
    ...(unshared === null
      ? []
      : [`who is in several queues is not known, and nobody is taken to be: ${visible(unshared)}`]),
  ];
}

function totalText({ prediction, requests }: ForecastReport): string {
  return `${prediction.from} to ${prediction.to}, ${requests} requests used; nothing was changed`;
}
