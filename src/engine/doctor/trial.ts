/** A whole trial in a table of the doctor's own, which is removed again by its end. */
import { covers } from '../../core/permission.js';
import { needsOf } from '../../doctor/needs.js';
import type { Untold } from '../../doctor/checks.js';
import { tryImports } from './imports.js';
import type { OwnTable } from './own-table.js';
import { tryAudit, tryRows, tryTable, tryTableGone } from './rows.js';

/** What nothing is found out about without a table. */
const ALL = ['table', 'row', 'key', 'import', 'audit.of-rows'] as const;

export async function tryOut(own: OwnTable, backend: string): Promise<void> {
  const { bench } = own;
  const missing = unremovable(own, backend);
  if (missing !== null) {
    bench.gap(ALL, missing);
    return;
  }
  const sinceMs = bench.ports.clock.now();
  if (!(await tryTable(own))) {
    const untold = bench.gaps.get('table') ?? NO_TABLE;
    await own.remove();
    bench.gap(ALL, untold);
    return;
  }
  await tryRows(own);
  await tryAudit(own, sinceMs);
  await tryImports(own);
  const { id } = own;
  if (await own.remove()) await tryTableGone(own, id);
}

const NO_TABLE: Untold = { because: 'refused', why: 'no table could be made' };

/** A table that cannot be removed again is not made in the first place. */
function unremovable({ bench: { observed } }: OwnTable, backend: string): Untold | null {
  const { roles } = observed;
  const need = needsOf(backend).find((one) => one.for === 'doctor');
  if (roles === undefined || need === undefined) return null;
  const isHeld = roles.some(({ permissions }) =>
    permissions.some((held) => need.anyOf.some((needed) => covers(held, needed))),
  );
  const why = `no table was made, as it could not be removed without ${need.anyOf[0]}`;
  return isHeld ? null : { because: 'not allowed', why };
}
