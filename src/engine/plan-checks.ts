/** What the checks of changes come to: for the plan, and once more before a write. */
import type { Catalog } from '../core/catalog.js';
import { NOBODY_MOVES, type CrewMoves } from '../core/crew.js';
import {
  desertedBy,
  leadsIn,
  NOBODY_DESERTED,
  type Deserted,
  type Lead,
  type Scene,
} from '../core/deserted.js';
import type { CheckRequest } from '../core/kind.js';
import { withRemarks } from '../core/losses.js';
import type { Change, CheckResult } from '../core/types.js';
import { answering, leaving, unasked, type Staffing } from './checks.js';
import { Staff } from './staffing.js';
import type { Judgement, Known } from './judgement.js';
import type { Observation } from './observe.js';
import { everyOf, type PlanInput, type Planned, type PlanPorts } from './planning.js';

/** The changes with the answers to their checks, and what it takes to ask again. */
export interface Checked {
  readonly checked: readonly Change[];
  readonly deserted: Deserted;
  readonly staff: Staff;
  readonly recheck: Planned['recheck'];
}

/** Where the plan is not to be checked, nobody is asked, and every check says so. */
export async function checkedFor(
  { reader, clock, events }: PlanPorts,
  { input, observation }: Pick<Known, 'input' | 'observation'>,
  judgement: Judgement,
): Promise<Checked> {
  const { catalog } = observation;
  const { drafts, requests, moves } = judgement;
  const isChecked = input.checked !== false;
  const leads = isChecked ? leadsIn(sceneOf(input, observation, judgement)) : [];
  const everything = [...[...requests.values()].flat(), ...leads.map(({ request }) => request)];
  const staff = input.seen?.staff?.of(catalog, moves) ?? new Staff(reader, catalog, clock, moves);
  const staffing = async (): Promise<Staffing> => staff.for(everything);
  const answers = answersBy(requests, catalog, moves);
  const recheck = recheckedBy({ staff, staffing, requests, answers, moves });
  if (everything.length > 0 && isChecked) {
    events.emit({ type: 'doing', what: 'checking queues and agents' });
  }
  const by = isChecked ? await staffing() : null;
  const deserted = by === null ? NOBODY_DESERTED : desertedIn(leads, { by, catalog, moves });
  const checked = drafts.map((draft): Change => {
    const asked = requests.get(draft.address) ?? [];
    const checks = by === null ? asked.map((one) => unasked(one, catalog)) : answers(draft, by);
    return withRemarks({ ...draft, checks }, deserted.remarks.get(draft.address) ?? []);
  });
  return { checked, deserted, staff, recheck };
}

function sceneOf(
  input: PlanInput,
  { live, namesakes = [] }: Observation,
  { drafts, moves }: Judgement,
): Scene {
  const { kindOf } = input.binding;
  const manifests = everyOf(input);
  return { live: [...live, ...namesakes], changes: drafts, manifests, moves, kindOf };
}

function desertedIn(
  leads: readonly Lead[],
  { by, catalog, moves }: { by: Staffing; catalog: Catalog; moves: CrewMoves },
): Deserted {
  const left = {
    before: leaving(by, catalog, NOBODY_MOVES),
    after: leaving(by, catalog, moves),
  };
  return desertedBy(leads, moves, ({ request }, when) => left[when](request));
}

/** Of a change, by staffing that is the same for many changes. */
function answersBy(
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

function recheckedBy({
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
