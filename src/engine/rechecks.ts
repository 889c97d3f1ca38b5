/** What the checks of changes come to: for the plan, and once more before a write. */
import type { Catalog } from '../core/catalog.js';
import type { CrewMoves } from '../core/crew.js';
import type { CheckRequest } from '../core/kind.js';
import type { Change, CheckResult } from '../core/types.js';
import { answering, type Staff, type Staffing } from './checks.js';
import type { Planned } from './planning.js';

/** Of a change, by staffing that is the same for many changes. */
export function answersBy(
  requests: ReadonlyMap<string, readonly CheckRequest[]>,
  catalog: Catalog,
  moves: CrewMoves,
): (change: Change, by: Staffing) => CheckResult[] {
  let last: { readonly by: Staffing; readonly say: ReturnType<typeof answering> } | null = null;
  return ({ address }, by) => {
    if (last?.by !== by) last = { by, say: answering(by, catalog, moves) };
    return (requests.get(address) ?? []).map(last.say);
  };
}

interface Rechecking {
  readonly staff: Staff;
  readonly staffing: () => Promise<Staffing>;
  readonly requests: ReadonlyMap<string, readonly CheckRequest[]>;
  readonly answers: ReturnType<typeof answersBy>;
  readonly moves: CrewMoves;
}

export function recheckedBy({
  staff,
  staffing,
  requests,
  answers,
  moves,
}: Rechecking): Planned['recheck'] {
  return async (change) => {
    const by = await staffing();
    const asked = requests.get(change.address) ?? [];
    // A plan can say that a check could not be made; whoever writes has to know.
    for (const { check } of asked) {
      const denied = by.unread?.[check];
      if (denied !== undefined) throw denied;
    }
    const planned = answers(change, by);
    return Promise.all(
      planned.map(async (result, index) => {
        const request = asked[index];
        const isOpen = request !== undefined && moves.of(request.queue)?.mayCome === true;
        return isOpen ? staff.now(request) : result;
      }),
    );
  };
}
