/** Two looks at an org in which nothing has changed differ in their times alone. */
import type { Times, View } from './model.js';

export interface Still {
  /** The view without them: the same text where nothing else has changed. */
  readonly rest: string;
  readonly times: Times;
}

export function stillOf(view: View): Still {
  const { at, metrics } = view;
  const rest = JSON.stringify({ ...view, at: '', metrics: { ...metrics, to: '' } });
  return { rest, times: { at, to: metrics.to } };
}
