/** A report of drift → one row a field, with both sides and who did it. */
import type { Attribution } from '../core/drift.js';
import {
  DRIFT_HEAD,
  driftRow,
  driftTotal,
  driftWord,
  linesOf,
  pendingText,
  whoText,
  type DriftReport,
  type NameOf,
} from '../render/drift.js';
import type { DriftRow, DriftView } from './model.js';

export function driftView(report: DriftReport): DriftView {
  const { nameOf } = report;
  return {
    summary: driftTotal(report),
    head: DRIFT_HEAD,
    objects: report.drifts.map((drift) => {
      const lines = linesOf(drift);
      const [first] = lines;
      const isGone = drift.how === 'deleted';
      return {
        address: drift.address,
        text: driftWord(drift),
        by: first === undefined || !isGone ? null : byOf(first.by, nameOf),
        rows: isGone
          ? []
          : lines.map((line) => ({ ...rowOf(driftRow(line)), ...byOf(line.by, nameOf) })),
      };
    }),
    pending: pendingText(report),
  };
}

/** The time apart, so that each reader sees it in a zone of theirs. */
function byOf(by: Attribution, nameOf?: NameOf): Pick<DriftRow, 'who' | 'at'> {
  if (!by.known) return { who: whoText(by), at: null };
  return { who: whoText(by, nameOf, false), at: by.at };
}

function rowOf(cells: readonly string[]): Omit<DriftRow, 'who' | 'at'> {
  const [field = '', git = '', org = '', applied = '', , line = ''] = cells;
  return { field, git, org, applied, line };
}
