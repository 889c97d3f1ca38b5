/**
 * What an org did → a verdict on each assumption, the most dangerous first. Pure: the same
 * observations give the same verdicts, whoever made them and however.
 */
import type { DoctorReport, OrgCheck, OrgObserved } from '../generated/types.js';
import type { Assumption, Danger, Place } from './assumption.js';
import { IMPORTS } from './imports.js';
import { isNeeded } from './needs.js';
import { permissionsFor } from './permissions.js';
import { READING } from './reading.js';
import { TABLES } from './tables.js';

/** Why something was not observed. */
export interface Untold {
  readonly because: NonNullable<OrgCheck['because']>;
  readonly why: string;
}

/** By the id of an assumption, or by the part of it before a dot. */
export type Gaps = ReadonlyMap<string, Untold>;

/** Every assumption that matters to this backend. */
export function assumptionsFor(backend: string): Assumption[] {
  const [login, ...reading] = READING;
  const all = [
    ...(login === undefined ? [] : [login]),
    ...permissionsFor(backend),
    ...TABLES,
    ...reading,
    ...IMPORTS,
  ].filter((one) => one.backend === undefined || one.backend === backend);
  const order: readonly Danger[] = ['high', 'medium', 'low'];
  return order.flatMap((danger) => all.filter((one) => one.danger === danger));
}

export function checksOf(
  observed: OrgObserved,
  gaps: Gaps,
  { mode, ...place }: Place & Pick<DoctorReport, 'mode'>,
): OrgCheck[] {
  const { uses } = place;
  const mattering = assumptionsFor(place.backend).filter(
    ({ need }) => need === undefined || uses === undefined || isNeeded(need, uses),
  );
  return mattering.map((assumption) => {
    const { id, assumed, danger, tried } = assumption;
    const head = { id, assumed, danger, tried };
    const judgement = assumption.judge(observed, place);
    if (judgement !== null) return { ...head, ...judgement };
    const untried = tried === 'write' && mode === 'read' ? NEEDS_WRITE : NOT_TRIED;
    const { because, why } = gapOf(id, gaps) ?? untried;
    return { ...head, verdict: 'cannot tell', found: why, because };
  });
}

const NEEDS_WRITE: Untold = { because: 'not tried', why: 'it takes --write to find out' };
const NOT_TRIED: Untold = { because: 'not tried', why: 'it was not tried' };

/** The one that says most exactly what it is about. */
function gapOf(id: string, gaps: Gaps): Untold | undefined {
  const about = [...gaps].filter(([part]) => part === '' || `${id}.`.startsWith(`${part}.`));
  about.sort(([a], [b]) => b.length - a.length);
  return about[0]?.[1];
}
