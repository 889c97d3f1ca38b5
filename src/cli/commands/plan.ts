/** `strategos plan`: what an apply would do. */
import path from 'node:path';
import { EXIT, type ExitCode } from '../../core/errors.js';
import { exitOf, refusedOr } from '../../core/outcome.js';
import type { Plan } from '../../core/types.js';
import type { Planned } from '../../engine/planning.js';
import type { Reader } from '../../engine/ports.js';
import { visible } from '../../core/visible.js';
import { writePlanFile } from '../../files/plan-file.js';
import { refuseUnwritable } from '../../files/whole-file.js';
import { planHtml } from '../../render/html.js';
import { planJson } from '../../render/json.js';
import { planMarkdown } from '../../render/markdown.js';
import type { Style } from '../../render/style.js';
import { planText } from '../../render/text.js';
import { refusePast } from '../at-time.js';
import type { CommonOptions, Format, PlanOptions } from '../options.js';
import { predicting } from '../predicting.js';
import { inSession, planIn, readingAlso, recordPlan, scopeOf } from '../session.js';
import type { Session, SessionRequest } from '../session.js';
import { shownAs, type Forms } from '../shown-as.js';
import type { World } from '../world.js';

export async function plan(options: CommonOptions & PlanOptions, world: World): Promise<ExitCode> {
  refusePast(options.predictAt, world.clock.now());
  if (options.out !== undefined) {
    await refuseUnwritable(path.resolve(world.cwd, options.out), 'the plan');
  }
  return inSession(planSession(options), options, world, async (session) => {
    const { adopt } = options;
    const made = await planIn(session, { scope: scopeOf(options.target), adopt }, world);
    const planned = await predicting(session, made, options);
    // Tens of megabytes where thousands change: made once.
    const json = options.format === 'json' ? planJson(planned.plan) : undefined;
    await recordPlan(session, planned, json);
    // The file first: what is printed must not be followed by an error.
    if (options.out !== undefined) {
      await writePlanFile(path.resolve(world.cwd, options.out), planned.plan);
      if (!options.quiet) world.err(`wrote ${visible(options.out)}\n`);
    }
    world.out(json ?? planAs(planned.plan, options.format, world.outStyle));
    const changes = planned.plan.changes.length > 0;
    return {
      exitCode: options.detailedExitcode
        ? refusedOr(planned.plan, exitOf(planned.plan, changes ? EXIT.changes : EXIT.done))
        : exitOf(planned.plan, EXIT.done),
      state: 'planned',
      plan: planned.plan,
      outcomes: [],
    };
  });
}

/** A session whose client can do nothing but read. */
export function planSession({ env }: Pick<CommonOptions, 'env'>): SessionRequest<Reader> {
  return {
    command: 'plan',
    environment: env,
    plans: true,
    open: readingAlso,
  };
}

/** Makes the plan and puts it on record. */
export async function planning(
  session: Session,
  { target, adopt }: Pick<PlanOptions, 'target' | 'adopt'>,
  world: World,
): Promise<Planned> {
  const planned = await planIn(session, { scope: scopeOf(target), adopt }, world);
  await recordPlan(session, planned);
  return planned;
}

export function planAs(plan: Plan, format: Format, style: Style): string {
  return shownAs(FORMS, plan, format, style);
}

const FORMS: Forms<Plan> = {
  text: planText,
  json: planJson,
  markdown: planMarkdown,
  // Nothing has come of it.
  html: (plan) => planHtml(plan),
};
