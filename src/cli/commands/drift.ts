/** `strategos drift`: the plan with git held still, told from the side of the org. */
import { EXIT, type ExitCode } from '../../core/errors.js';
import type { Plan } from '../../core/types.js';
import type { Reader } from '../../engine/ports.js';
import { driftHtml } from '../../render/html.js';
import { planJson } from '../../render/json.js';
import { driftMarkdown } from '../../render/markdown.js';
import type { Style } from '../../render/style.js';
import { driftText } from '../../render/text.js';
import type { CommonOptions, Format, PlanOptions } from '../options.js';
import { inSession, planIn, recordPlan, scopeOf, type SessionRequest } from '../session.js';
import type { World } from '../world.js';
import { tellUnmanaged } from './plan.js';

export async function drift(options: CommonOptions & PlanOptions, world: World): Promise<ExitCode> {
  const request: SessionRequest<Reader> = {
    ...{ command: 'drift', environment: options.env },
    open: (sdk, connection) => sdk.openReader(connection),
  };
  return inSession(request, options, world, async (session) => {
    const scope = scopeOf(options.target);
    const { plan, unmanaged } = await planIn(session, scope, world);
    await recordPlan(session, plan);
    world.out(driftAs(plan, options.format, world.outStyle));
    tellUnmanaged(unmanaged, options, world);
    const found = plan.changes.length > 0;
    return {
      exitCode: found ? EXIT.changes : EXIT.done,
      ...{ state: found ? 'drift found' : 'no drift', plan, outcomes: [] },
    };
  });
}

function driftAs(plan: Plan, format: Format, style: Style): string {
  switch (format) {
    case 'text':
      return `${driftText(plan, style)}\n`;
    case 'json':
      return planJson(plan);
    case 'markdown':
      return driftMarkdown(plan);
    case 'html':
      return driftHtml(plan);
  }
}
