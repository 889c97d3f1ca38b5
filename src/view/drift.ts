/** A report of drift → one row a field, with both sides and who did it. */
import {
  driftRow,
  driftTotal,
  driftWord,
  linesOf,
  pendingText,
  whoText,
  type DriftReport,
} from '../render/drift.js';
import type { DriftRow, DriftView } from './model.js';

export function driftView(report: DriftReport): DriftView {
  return {
    summary: driftTotal(report),
    objects: report.drifts.map((drift) => {
      const lines = linesOf(drift);
      const [first] = lines;
      const isGone = drift.how === 'deleted';
      return {
        address: drift.address,
        text: driftWord(drift),
        by: first === undefined || !isGone ? null : whoText(first.by),
        rows: isGone ? [] : lines.map((line) => rowOf(driftRow(line))),
      };
    }),
    pending: pendingText(report),
  };
}

function rowOf(cells: readonly string[]): DriftRow {
  const [field = '', git = '', org = '', applied = '', who = '', line = ''] = cells;
  return { field, git, org, applied, who, line };
}
