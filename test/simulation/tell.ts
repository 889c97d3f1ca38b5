/** A failure as text: what was violated, and the history that leads there. */
import type { History } from './history.js';
import type { Played } from './play.js';

export function tell(history: History, played: Played): string {
  const { seed, setting, steps, rules } = history;
  return [
    `seed ${seed}`,
    ...played.violations.map(({ invariant, what }) => `  ${invariant}: ${what}`),
    `  setting ${JSON.stringify(setting)}`,
    ...steps.map((step) => `  ${JSON.stringify(step)}`),
    ...rules.map((rule) => `  fault ${JSON.stringify(rule)}`),
    ...played.endings.map((ending) => `  ended ${ending}`),
  ].join('\n');
}
