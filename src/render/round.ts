/** A round of the optimizer → one line, for a person at a terminal or for a program. */
import { objectName } from '../core/outcome.js';
import { plural } from '../core/plural.js';
import type { RoundReport, RoundTarget, StrategyRound } from '../core/round.js';
import { visible } from '../core/visible.js';
import type { Style } from './style.js';

/** `09:31:00Z round 3: billing Tier 1 1 → 0.9 (3 of 3 busy, 2 waiting); 2 steady` */
export function roundText(report: RoundReport, style: Style): string {
  const time = style.faint(`${report.at.slice(11, 19)}Z`);
  return `${time} ${style.strong(`round ${report.round}`)}: ${said(report, style)}\n`;
}

function said({ state, reason, strategies }: RoundReport, style: Style): string {
  if (state === 'skipped') return style.warn(`skipped: ${visible(reason)}`);
  if (state === 'failed') return style.bad(`failed: ${visible(reason)}`);
  if (strategies.length === 0) return 'no manifest has an optimizer';
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
  return `${JSON.stringify({ format: 1, ...report })}\n`;
}
