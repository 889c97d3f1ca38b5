/** Rounds of the optimizer → a line each, or a page of all of them. */
import { objectName } from '../core/outcome.js';
import { plural } from '../core/plural.js';
import type { RoundReport, RoundTarget, StrategyRound } from '../core/round.js';
import { visible } from '../core/visible.js';
import { card, escapeHtml, page, table as tableHtml } from './html.js';
import { lineJson } from './json.js';
import { document, escapeMarkdown, table } from './markdown.js';
import type { Style } from './style.js';

/** `09:31:00Z round 3: billing Tier 1 1 → 0.9 (3 of 3 busy, 2 waiting); 2 steady` */
export function roundText(report: RoundReport, style: Style): string {
  const time = style.faint(`${report.at.slice(11, 19)}Z`);
  return `${time} ${style.strong(`round ${report.round}`)}: ${said(report, style)}\n`;
}

function said({ state, reason, strategies }: RoundReport, style: Style): string {
  if (state === 'skipped') return style.warn(`skipped: ${visible(reason)}`);
  if (state === 'failed') return style.bad(`failed: ${visible(reason)}`);
  if (strategies.length === 0) return visible(reason);
  const told = strategies.filter((one) => one.state !== 'steady');
  const steady = strategies.length - told.length;
  return [
    ...told.map((one) => strategyText(one, style)),
    ...(steady === 0 ? [] : [style.faint(`${plural(steady, 'strategy', 'strategies')} steady`)]),
  ].join('; ');
}

function strategyText({ address, state, reason, targets }: StrategyRound, style: Style): string {
  const name = visible(objectName(address));
  const why = visible(reason);
  const moves = targets.filter(({ from, to }) => from !== to).map(targetText);
  switch (state) {
    case 'moved':
      return style.good(`${name} ${moves.join(', ')}`);
    case 'planned':
      return `${name} would move ${moves.join(', ')}`;
    case 'failed':
      return style.bad(`${name} not moved: ${why}`);
    case 'held':
    case 'unknown':
      return style.warn(`${name} held: ${why}`);
    case 'steady':
      return `${name} steady`;
  }
}

function targetText({ queue, from, to, slots, interacting, waiting }: RoundTarget): string {
  const load = `${interacting ?? '?'} of ${slots ?? '?'} busy, ${waiting ?? '?'} waiting`;
  return `${visible(queue)} ${from} → ${to} (${load})`;
}

/** One line of JSON; schemas/optimizer-round.schema.json. */
export function roundJson(report: RoundReport): string {
  return lineJson(report);
}

const HEAD = ['Queue', 'From', 'To', 'Aim', 'Busy', 'Slots', 'Waiting'] as const;
const NUMBERS: ReadonlySet<string> = new Set(HEAD.slice(1));

/** Of rounds that were carried out; a watch has no end and so no page. */
export function roundsMarkdown(rounds: readonly RoundReport[]): string {
  return document([
    `## ${totalText(rounds)}`,
    ...rounds.flatMap((round) => [
      `### ${escapeMarkdown(headText(round))}`,
      ...round.strategies.flatMap((one) => [
        escapeMarkdown(strategyHead(one)),
        one.targets.length === 0 ? '' : table(HEAD, one.targets.map(cellsOf)),
      ]),
    ]),
  ]);
}

export function roundsHtml(rounds: readonly RoundReport[]): string {
  return page(
    totalText(rounds),
    rounds.map((round) =>
      card(round.state === 'failed' ? 'bad' : '', [
        `<h2>${escapeHtml(headText(round))}</h2>`,
        ...round.strategies.flatMap((one) => [
          `<p>${escapeHtml(strategyHead(one))}</p>`,
          one.targets.length === 0 ? '' : tableHtml(HEAD, one.targets.map(cellsOf), NUMBERS),
        ]),
      ]),
    ),
  );
}

function totalText(rounds: readonly RoundReport[]): string {
  const moved = rounds
    .flatMap(({ strategies }) => strategies)
    .flatMap(({ targets }) => targets.filter(({ from, to }) => from !== to));
  return `Optimizer: ${plural(rounds.length, 'round')}, ${plural(moved.length, 'move')}.`;
}

function headText({ round, at, state, reason }: RoundReport): string {
  return `Round ${round}, ${at}: ${state}${reason === '' ? '' : `: ${reason}`}`;
}

function strategyHead({ address, state, reason }: StrategyRound): string {
  return `${address} ${state}${reason === '' ? '' : `: ${reason}`}`;
}

function cellsOf({ queue, from, to, aim, interacting, slots, waiting }: RoundTarget): string[] {
  const numbers = [from, to, aim, interacting, slots, waiting];
  return [queue, ...numbers.map((one) => (one === null ? '-' : String(one)))];
}
