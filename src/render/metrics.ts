/** Metrics → text, Markdown and HTML with a small chart, JSON. Units are in every heading. */
import { durationText } from '../core/duration.js';
import type { QueueMetrics, StrategyMetrics, Summary } from '../core/metrics.js';
import { plural } from '../core/plural.js';
import { someOf } from '../core/some.js';
import { visible } from '../core/visible.js';
import { tableLines } from './columns.js';
import { card, escapeHtml, page, table as tableHtml } from './html.js';
import { jsonText } from './json.js';
import { document, escapeMarkdown, table } from './markdown.js';
import { shortLabel } from './prediction.js';
import type { Style } from './style.js';

export interface MetricsReport {
  readonly environment: string;
  readonly organization: { readonly id: string; readonly name: string };
  /** RFC 3339, UTC; the end is not included. */
  readonly from: string;
  readonly to: string;
  readonly spanMs: number;
  /** `null`: all together. */
  readonly mediaType: string | null;
  readonly strategies: readonly StrategyMetrics[];
  readonly requests: number;
}

const HEAD = [
  ...['Queue', 'Weight', 'Offered', 'Answered', 'Abandoned'],
  ...['Average wait (s)', 'Average handle (s)', 'Service level (%)', 'Target'],
] as const;

const NUMBERS: ReadonlySet<string> = new Set(HEAD.slice(1, -1));

export function metricsText(report: MetricsReport, style: Style): string {
  const blocks = report.strategies.map((one) => {
    const title = style.strong(titleOf(one));
    const notes = notesIn(one).map((note) => `    ${note}`);
    const table = { head: HEAD, rows: rowsOf(one), numbers: NUMBERS, indent: 4 };
    return [title, ...tableLines(table, style), ...notes].join('\n');
  });
  return [whereText(report), ...blocks, style.strong(totalText(report))].join('\n\n');
}

export function metricsMarkdown(report: MetricsReport): string {
  const most = mostOffered(report);
  return document([
    `## ${escapeMarkdown(totalText(report))}`,
    escapeMarkdown(whereText(report)),
    ...report.strategies.flatMap((one) => [
      `### ${escapeMarkdown(titleOf(one))}`,
      table(
        [...HEAD, 'Calls: █ answered, ░ abandoned'],
        [
          ...one.queues.map((queue) => [...rowOf(queue, one), barText(queue, most)]),
          [...totalRow(one), ''],
        ],
      ),
      notesIn(one)
        .map((note) => `- ${escapeMarkdown(note)}`)
        .join('\n'),
    ]),
  ]);
}

export function metricsHtml(report: MetricsReport): string {
  const most = mostOffered(report);
  return page(totalText(report), [
    `<p>${escapeHtml(whereText(report))}</p>`,
    ...report.strategies.map((one) =>
      card('', [
        `<h2>${escapeHtml(titleOf(one))}</h2>`,
        LEGEND,
        chartSvg(one, most),
        tableHtml(HEAD, rowsOf(one), NUMBERS),
        ...notesIn(one).map((note) => `<p>${escapeHtml(note)}</p>`),
      ]),
    ),
    `<footer>${plural(report.requests, 'request')} used</footer>`,
  ]);
}

/** Units are in the names of the keys; a count needs none. */
export function metricsJson(report: MetricsReport): string {
  const { environment, organization, from, to, mediaType, strategies, requests } = report;
  const head = { environment, organization, from, to, mediaType, requests };
  return jsonText({ ...head, strategies });
}

function whereText({ environment, organization, ...report }: MetricsReport): string {
  const media = report.mediaType ?? 'all media';
  return (
    `Environment ${visible(environment)} (organization "${visible(organization.name)}"), ` +
    `${visible(media)}, ${report.from} to ${report.to} (${durationText(report.spanMs)})`
  );
}

function totalText({ strategies }: MetricsReport): string {
  // Queues may be shared, and each is counted once.
  const queues = new Map(
    strategies.flatMap(({ queues: all }) => all.map((one) => [one.queueId, one] as const)),
  );
  const sum = (pick: (one: Summary) => number): number =>
    [...queues.values()].reduce((total, one) => total + pick(one), 0);
  const offered = sum((one) => one.offered);
  const answered = sum((one) => one.answered);
  const abandoned = sum((one) => one.abandoned);
  const who = plural(strategies.length, 'strategy', 'strategies');
  return (
    `Metrics: ${who}, ${plural(queues.size, 'queue')}; ` +
    `${offered} offered, ${answered} answered, ${abandoned} abandoned.`
  );
}

function titleOf({ address, status }: StrategyMetrics): string {
  return `${visible(address)} (${visible(status)})`;
}

function rowsOf(strategy: StrategyMetrics): string[][] {
  return [...strategy.queues.map((one) => rowOf(one, strategy)), totalRow(strategy)];
}

function rowOf(queue: QueueMetrics, strategy: StrategyMetrics): string[] {
  const isWorst = queue === worstOf(strategy);
  const target = [targetText(queue), ...(isWorst ? ['worst'] : [])].join(', ');
  return [nameOf(queue, strategy), String(queue.weight), ...figureCells(queue), target];
}

function targetText({ target }: QueueMetrics): string {
  if (target === undefined) return '-';
  const { percent, withinSeconds } = target;
  return `${percent === null ? '' : `${percent} % `}within ${withinSeconds} s`;
}

/** Where a queue does not say of how many: what one of Genesys Cloud promises unless told. */
const USUAL_PERCENT = 80;

/** Of those below their target the one that is furthest from it; `null` where none is. */
function worstOf({ queues }: StrategyMetrics): QueueMetrics | null {
  const missing = ({ serviceLevelPercent, target }: QueueMetrics): number =>
    serviceLevelPercent === null ? 0 : (target?.percent ?? USUAL_PERCENT) - serviceLevelPercent;
  const [worst] = [...queues].sort((a, b) => missing(b) - missing(a));
  return worst !== undefined && missing(worst) > 0 ? worst : null;
}

function nameOf(queue: QueueMetrics, strategy: StrategyMetrics): string {
  const { role } = queue;
  const name = toldApart(queue, strategy);
  return role === 'target' ? name : `${name} (${role})`;
}

/** Queues of two divisions may have one name. */
function toldApart({ queue, queueId }: QueueMetrics, { queues }: StrategyMetrics): string {
  const hasTwin = queues.some((one) => one.queue === queue && one.queueId !== queueId);
  return visible(hasTwin ? `${queue} [${queueId}]` : queue);
}

function totalRow({ total, unknown }: StrategyMetrics): string[] {
  const what = unknown === undefined ? 'all targets' : 'all targets that are known';
  return [what, '', ...figureCells(total), ''];
}

function figureCells(figures: Summary): string[] {
  const { averageWaitSeconds, averageHandleSeconds, serviceLevelPercent } = figures;
  const counts = [figures.offered, figures.answered, figures.abandoned].map(String);
  const tenths = [averageWaitSeconds, averageHandleSeconds, serviceLevelPercent].map((value) =>
    value === null ? '-' : value.toFixed(1),
  );
  return [...counts, ...tenths];
}

function notesIn(strategy: StrategyMetrics): string[] {
  const { queues, unknown = [], remarks = [] } = strategy;
  const shared = queues.flatMap((one) => {
    if (one.sharedWith.length === 0) return [];
    const others = someOf(one.sharedWith.map(visible), 5);
    return [`${toldApart(one, strategy)}: the calls of ${others} are in these figures too`];
  });
  return [
    ...unknown.map(({ queue }) => `${visible(queue)}: no figures: which queue it is is not known`),
    ...remarks.map(({ message, hint = '' }) =>
      visible(hint === '' ? message : `${message} → ${hint}`),
    ),
    ...shared,
  ];
}

function mostOffered({ strategies }: MetricsReport): number {
  return Math.max(1, ...strategies.flatMap(({ queues }) => queues.map(lengthOf)));
}

/** Calls that are over: what is still waiting is offered and neither of both. */
function lengthOf({ answered, abandoned }: Summary): number {
  return answered + abandoned;
}

const BAR_CHARACTERS = 24;

function barText({ answered, abandoned }: Summary, most: number): string {
  const part = (count: number): number => Math.round((count / most) * BAR_CHARACTERS);
  return '█'.repeat(part(answered)) + '░'.repeat(part(answered + abandoned) - part(answered));
}

const LEGEND =
  '<p class="faint"><span class="key good"></span> answered, ' +
  '<span class="key bad"></span> abandoned</p>';

/** As wide as a telephone: see `predictionSvg`. */
const CHART = { width: 340, label: 18, bar: 12, foot: 10 } as const;

/** One bar a queue, of the same scale in the whole page. */
function chartSvg(strategy: StrategyMetrics, most: number): string {
  const { address, queues } = strategy;
  const { width, label: above, bar: thick, foot } = CHART;
  const row = above + thick + foot;
  const height = row * queues.length;
  const rows = queues.map((queue, index) => {
    const { answered, abandoned } = queue;
    const name = nameOf(queue, strategy);
    const y = row * index + above;
    const length = (count: number): number => Math.round((count / most) * width);
    const bar = (from: number, count: number, colour: string): string =>
      `<rect x="${length(from)}" y="${y}" height="${thick}" ` +
      `width="${length(from + count) - length(from)}" fill="var(--${colour})"/>`;
    return (
      `<g><title>${escapeHtml(name)}: ${answered} answered, ${abandoned} abandoned` +
      `</title><text x="0" y="${y - 5}">${escapeHtml(shortLabel(name))}</text>` +
      bar(0, answered, 'good') +
      bar(answered, abandoned, 'bad') +
      `<text x="${width}" y="${y - 5}" text-anchor="end">${answered + abandoned}</text></g>`
    );
  });
  const label = `Calls of ${escapeHtml(address)} by queue: answered, then abandoned`;
  return [
    `<svg role="img" aria-label="${label}" viewBox="0 0 ${width} ${height}" width="${width}"`,
    ' class="plot">',
    ...rows,
    '</svg>',
  ].join('');
}
