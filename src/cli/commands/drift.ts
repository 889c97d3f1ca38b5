/** `strategos drift`: what changed in the org while git stood still, and who changed it. */
import { driftIn } from '../../core/drift.js';
import { EXIT, type ExitCode } from '../../core/errors.js';
import { exitOf, isWhole, refusedOr } from '../../core/outcome.js';
import { headIn } from '../../core/state.js';
import { attributed } from '../../engine/attribute.js';
import { idsOrNames } from '../../engine/observe.js';
import type { Planned } from '../../engine/planning.js';
import type { Reader } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import { driftHtml } from '../../render/html.js';
import type { DriftReport } from '../../render/drift.js';
import { driftJson } from '../../render/json.js';
import { driftMarkdown } from '../../render/markdown.js';
import { driftText } from '../../render/text.js';
import type { CommonOptions, DriftOptions } from '../options.js';
import {
  inSession,
  bindingOf,
  planIn,
  recordPlan,
  scopeOf,
  type Session,
  type SessionRequest,
} from '../session.js';
import { shownAs, type Forms } from '../shown-as.js';
import type { World } from '../world.js';

const SEARCHING = "searching the platform's audit";
const DAY_MS = 86_400_000;

const FORMS: Forms<DriftReport> = {
  text: driftText,
  json: driftJson,
  markdown: driftMarkdown,
  html: driftHtml,
};

export async function drift(
  options: CommonOptions & DriftOptions,
  world: World,
): Promise<ExitCode> {
  const request: SessionRequest<Reader> = {
    command: 'drift',
    environment: options.env,
    plans: true,
    open: (sdk, connection) => sdk.openReader(connection),
  };
  return inSession(request, options, world, async (session) => {
    const report = await driftReport(session, options, world);
    world.out(shownAs(FORMS, report, options.format, world.outStyle));
    const any = report.drifts.length > 0;
    return {
      // Drift that is there is what was asked for; without any, what was not seen is not silence.
      exitCode: refusedOr(report.plan, any ? EXIT.changes : exitOf(report.plan, EXIT.done)),
      state: driftState(report),
      plan: report.plan,
      outcomes: [],
    };
  });
}

/** What drifted and who did it; the plan of the moment is put on record. */
export async function driftReport(
  session: Session,
  { target, auditDays }: DriftOptions,
  world: World,
): Promise<DriftReport> {
  const scope = scopeOf(target);
  const planned = await planIn(session, { scope, checked: false }, world);
  const { plan, observation } = planned;
  await recordPlan(session, planned);
  const found = driftIn(plan, observation.state.records, lastRunOf(planned));
  if (found.drifts.length > 0) session.events.emit({ type: 'doing', what: SEARCHING });
  const drifts = await attributed(session.client, {
    drifts: found.drifts,
    binding: bindingOf(session),
    homes: observation.homes,
    idOf: idsOrNames(observation.catalog),
    ownClient: session.clientId,
    windowMs: auditDays * DAY_MS,
  });
  const { pending, takenBack, perhaps } = found;
  const nameOf = (id: string): string => observation.catalog.nameOf('queue', id);
  return { plan, drifts, pending, takenBack, perhaps, nameOf };
}

/** Of ours, by the head that the org has; empty where it has none. */
export function lastRunOf({ owner, observation }: Pick<Planned, 'owner' | 'observation'>): string {
  return headIn(observation.state, owner, sha256)?.head?.run ?? '';
}

/** How a run that looked for drift ended. */
export function driftState({ plan, drifts }: DriftReport): string {
  if (drifts.length > 0) return 'drift found';
  return isWhole(plan) ? 'no drift' : 'no drift in what could be compared';
}
