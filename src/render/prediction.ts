/** What a change will do to callers → lines of text, Markdown, and bars before and after. */
import { addTo } from '../core/grouped.js';
import { plural } from '../core/plural.js';
import type { Compared, Predicted, PredictedQueue, Prediction } from '../core/prediction.js';
import type { Plan } from '../core/types.js';
import { visible } from '../core/visible.js';
import { tableLines } from './columns.js';
import type { Style } from './style.js';

/** What a plan says of one change; `null` where nobody asked, or it moves no calls. */
export function predictedIn(
  { prediction }: Pick<Plan, 'prediction'>,
  address: string,
): { readonly prediction: Prediction; readonly predicted: Predicted } | null {
  if (prediction === undefined) return null;
  const { byAddress, common } = indexOf(prediction);
  const predicted = byAddress.get(address);
  if (predicted === undefined) return null;
  const isSaidOnce = common.has(predicted.refused ?? '');
  return { prediction, predicted: isSaidOnce ? { ...predicted, refused: SAID_ONCE } : predicted };
}

/** In the place of a reason that is said for all of them together. */
const SAID_ONCE = '';

/** Reasons that several strategies share, each with whose they are: one line says it for all. */
export function commonRefusals(prediction: Prediction): ReadonlyMap<string, readonly string[]> {
  return indexOf(prediction).common;
}

interface Index {
  readonly byAddress: ReadonlyMap<string, Predicted>;
  readonly common: ReadonlyMap<string, readonly string[]>;
}

/** A plan of thousands is asked about every one of them. */
const INDEXED = new WeakMap<Prediction, Index>();

function indexOf(prediction: Prediction): Index {
  const known = INDEXED.get(prediction);
  if (known !== undefined) return known;
  const byReason = new Map<string, string[]>();
  for (const { address, refused } of prediction.strategies) {
    if (refused !== null) addTo(byReason, refused, address);
  }
  const index = {
    byAddress: new Map(prediction.strategies.map((one) => [one.address, one])),
    common: new Map([...byReason].filter(([, all]) => all.length > 1)),
  };
  INDEXED.set(prediction, index);
  return index;
}

/** Which queues: those that move, or all; `as it is`: all, and nothing of it is a change. */
export type Shown = 'moving' | 'all' | 'as it is';

/** The first line says what it is, the others are one a queue; all stand so far in. */
export function predictionLines(
  prediction: Prediction,
  predicted: Predicted,
  style: Style,
  shown: Shown = 'moving',
): string[] {
  const rests = shown === 'as it is';
  const cells = shownOf(predicted, shown).map((one) => cellsOf(one, rests));
  return [
    ...saidOf(prediction, predicted, shown).map((line) => `    ${line}`),
    ...tableLines({ rows: cells, indent: 6, gap: 3 }, style),
  ];
}

function shownOf({ refused, queues }: Predicted, shown: Shown): readonly PredictedQueue[] {
  return refused === null ? queues.filter(({ moves }) => moves || shown !== 'moving') : [];
}

/** What is no table. */
function saidOf(prediction: Prediction, predicted: Predicted, shown: Shown): string[] {
  const notes = predicted.notes.map((note) => `≈ ${visible(note)}`);
  if (predicted.refused === SAID_ONCE) return notes;
  if (predicted.refused !== null)
    return [...notes, `≈ no prediction: ${visible(predicted.refused)}`];
  if (predicted.queues.length === 0) return notes;
  const isStill = shownOf(predicted, shown).length === 0;
  const first = isStill
    ? '≈ no queue moves by more than can be told'
    : headLine(prediction, predicted);
  return [...notes, first];
}

function headLine({ hours, at }: Prediction, { calls, fit, byBooks }: Predicted): string {
  const points = Math.round((fit ?? 0) * 100);
  const model = `the model is within ${plural(points, 'point')} of what callers met`;
  const when =
    at === undefined
      ? `next hour at today's arrivals (${hours} h of data`
      : `${visible(at)}, by the same hour of the last four weeks (data`;
  const how = byBooks ? 'by Erlang A, not played; ' : '';
  const mark = byBooks ? '≈≈' : '≈';
  return `${mark} ${when}, ${plural(calls, 'call')}; ${how}${model}; ranges hold 8 times of 10)`;
}

const HEAD = ['Queue', 'In time', 'Difference', 'Average wait', 'Abandoned', 'Occupancy'] as const;
const RESTING_HEAD = ['Queue', 'In time', 'An hour by itself', ...HEAD.slice(3)];

/** One queue in words, whichever way they are put together. */
interface Said {
  readonly served: string;
  /** Of the difference in points; of an hour by itself where nothing is a change. */
  readonly range: string;
  readonly wait: string;
  readonly abandoned: string;
  readonly occupancy: string;
}

function saidOfQueue(queue: PredictedQueue, rests: boolean): Said {
  const { served, waitSeconds, abandoned, occupancy } = queue;
  const part = ({ before, after }: Compared): string =>
    rests ? `${hundredths(after)} %` : percent({ before, after });
  return {
    served: part(served),
    range: rests ? hourText(served) : rangeText(served),
    wait: rests ? `${waitSeconds.after.toFixed(0)} s` : seconds(waitSeconds),
    abandoned: part(abandoned),
    occupancy: part(occupancy),
  };
}

function cellsOf(queue: PredictedQueue, rests: boolean): string[] {
  const { served, range, wait, abandoned, occupancy } = saidOfQueue(queue, rests);
  return [
    visible(queue.queue),
    `within ${queue.withinSeconds} s ${served} (${rests ? 'an hour by itself ' : ''}${range})`,
    `average wait ${wait}`,
    `abandoned ${abandoned}`,
    `occupancy ${occupancy}`,
  ];
}

function rowOf(queue: PredictedQueue, rests: boolean): string[] {
  const { served, range, wait, abandoned, occupancy } = saidOfQueue(queue, rests);
  return [
    queue.queue,
    `${served} within ${queue.withinSeconds} s`,
    `${range} ${rests ? '%' : 'points'}`,
    wait,
    abandoned,
    occupancy,
  ];
}

function hourText({ hourLow, hourHigh }: Compared): string {
  return `${hundredths(hourLow)}…${hundredths(hourHigh)}`;
}

function percent({ before, after }: Pick<Compared, 'before' | 'after'>): string {
  return `${hundredths(before)} → ${hundredths(after)} %`;
}

function hundredths(part: number): string {
  return (part * 100).toFixed(0);
}

function seconds({ before, after }: Compared): string {
  return `${before.toFixed(0)} → ${after.toFixed(0)} s`;
}

/** Of the difference, in points: `−9…−5`. */
function rangeText({ differenceLow, differenceHigh }: Compared): string {
  return `${signed(differenceLow)}…${signed(differenceHigh)}`;
}

function signed(part: number): string {
  const points = Math.round(part * 100);
  return points < 0 ? `−${-points}` : `+${points}`;
}

interface Rows {
  readonly lines: readonly string[];
  readonly head: readonly string[];
  /** Empty where nothing moves, and where nothing is predicted. */
  readonly rows: readonly (readonly string[])[];
}

/** The lines that are no table, and the table. */
export function predictionRows(
  prediction: Prediction,
  predicted: Predicted,
  shown: Shown = 'moving',
): Rows {
  const rests = shown === 'as it is';
  return {
    lines: saidOf(prediction, predicted, shown),
    head: rests ? RESTING_HEAD : HEAD,
    rows: shownOf(predicted, shown).map((one) => rowOf(one, rests)),
  };
}

const BAR_CHARACTERS = 20;

/** The same bars in characters, before and after, one pair a row of the table. */
export function predictionBars(
  predicted: Predicted,
  shown: Shown = 'moving',
): (readonly [before: string, after: string])[] {
  return shownOf(predicted, shown).map(({ served, withinSeconds }) => [
    barText(served.before),
    `${barText(served.after)} within ${withinSeconds} s`,
  ]);
}

function barText(part: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, part)) * BAR_CHARACTERS);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_CHARACTERS - filled);
  return `\`${bar}\` ${hundredths(part)} %`;
}

/** As wide as a telephone: a drawing that is made smaller has letters that nobody reads. */
const CHART = { width: 340, label: 18, bar: 12, gap: 4, foot: 14 } as const;

/** Two bars a queue, before and after, with the range in which a single hour may be. */
export function predictionSvg(
  { address, queues }: Predicted,
  escape: (text: string) => string,
  shown: Shown = 'moving',
): string {
  const rests = shown === 'as it is';
  const { width, label, bar, gap, foot } = CHART;
  const row = label + bar + (rests ? 0 : gap + bar) + foot;
  const length = (part: number): number => Math.round(part * width);
  const rows = queues.map(({ queue, withinSeconds, served }, index) => {
    const top = row * index + label;
    const rect = (y: number, part: number, colour: string): string =>
      `<rect x="0" y="${y}" width="${length(part)}" height="${bar}" fill="var(--${colour})"/>`;
    const after = rests ? top : top + bar + gap;
    const middle = after + bar / 2;
    const [low = 0, high = 0] = [served.hourLow, served.hourHigh].map(length);
    const said = rests ? `${hundredths(served.after)} %` : percent(served);
    return (
      `<g><title>${escape(queue)}: answered within ${withinSeconds} s ${said}, an hour by itself ` +
      `${hundredths(served.hourLow)} to ${hundredths(served.hourHigh)} %</title>` +
      `<text x="0" y="${top - 5}">${escape(shortLabel(queue))}</text>` +
      `<text x="${width}" y="${top - 5}" text-anchor="end">${said}</text>` +
      (rests ? '' : rect(top, 1, 'track') + rect(top, served.before, 'unknown')) +
      `${rect(after, 1, 'track')}${rect(after, served.after, 'free')}` +
      `<path d="M${low} ${middle}H${high}M${low} ${middle - 4}v8M${high} ${middle - 4}v8" ` +
      'stroke="currentColor" stroke-width="1.5"/></g>'
    );
  });
  return [
    `<svg role="img" aria-label="Answered in time by queues of ${escape(address)}: before above,`,
    ` after below" viewBox="0 0 ${width} ${row * queues.length}" width="${width}"`,
    ' class="plot">',
    ...rows,
    '</svg>',
  ].join('');
}

/** What the bars and lines are; the drawing itself says it to those who hear it. */
export function legendText(shown: Shown = 'moving'): string {
  const bars = shown === 'as it is' ? '' : 'Above before, below after. ';
  return `${bars}The line: where eight of ten single hours would be.`;
}

/** Of a queue, beside its bar. */
export function shortLabel(text: string): string {
  // The cut may fall between the two halves of a character.
  return text.length > 28 ? `${text.slice(0, 27).toWellFormed()}…` : text;
}
