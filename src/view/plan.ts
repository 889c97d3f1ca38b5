/** A plan → what it would change, why it may not, and what callers will feel. */
import type { Compared, Predicted } from '../core/prediction.js';
import type { Change, CheckResult, Plan } from '../core/types.js';
import { predictedIn, predictionRows } from '../render/prediction.js';
import {
  blockedIn,
  leftAs,
  checksInOrder,
  checkText,
  countsLine,
  remarkOf,
  SIGN,
} from '../render/wording.js';
import { groupsOf } from '../render/field-tables.js';
import { alarmsOf, notesIn } from '../render/notes.js';
import type { ChangeView, PlanView, PredictedBar, PredictionView } from './model.js';

export function planView(plan: Plan): PlanView {
  return {
    summary: countsLine(plan.counts),
    digest: plan.digest,
    alarms: alarmsOf(plan).map(({ of, text }) => `${of}: ${text}`),
    notes: notesIn(plan).map(({ of, text }) => `${of}: ${text}`),
    changes: plan.changes.map((change) => changeView(change, plan)),
    blocked: blockedIn(plan).map(({ address, obstacles, held }) => ({
      address,
      how: leftAs(held),
      texts: obstacles.map(({ message, hint }) =>
        hint === undefined ? message : `${message} → ${hint}`,
      ),
    })),
  };
}

function changeView(change: Change, plan: Plan): ChangeView {
  return {
    sign: SIGN[change.action],
    action: change.action,
    address: change.address,
    remark: remarkOf(change),
    tables: groupsOf(change).map(({ title, head, rows, more = [] }) => {
      const rests = more.map((text) => head.map((_, index) => (index === 0 ? text : '')));
      return { title, head, rows: [...rows, ...rests] };
    }),
    checks: checksInOrder(change).map((check) => ({
      state: stateOfCheck(check),
      text: checkText(check),
    })),
    prediction: predictionView(plan, change.address),
  };
}

function stateOfCheck({ passed, level }: CheckResult): 'good' | 'warn' | 'bad' {
  if (passed) return 'good';
  return level === 'warn' ? 'warn' : 'bad';
}

function predictionView(plan: Plan, address: string): PredictionView | null {
  const found = predictedIn(plan, address);
  if (found === null) return null;
  const { prediction, predicted } = found;
  const { lines } = predictionRows(prediction, predicted);
  return { lines, queues: predicted.refused === null ? predicted.queues.map(barOf) : [] };
}

function barOf({
  queue,
  withinSeconds,
  served,
  ...one
}: Predicted['queues'][number]): PredictedBar {
  return {
    queue,
    withinSeconds,
    ...sidesOf(served),
    waitBefore: one.waitSeconds.before,
    waitAfter: one.waitSeconds.after,
  };
}

type Sides = Pick<PredictedBar, 'before' | 'after' | 'low' | 'high' | 'hourLow' | 'hourHigh'>;

function sidesOf(part: Compared): Sides {
  const { before, after, differenceLow: low, differenceHigh: high, hourLow, hourHigh } = part;
  return { before, after, low, high, hourLow, hourHigh };
}
