/** `strategos apply`: the given plan or a fresh one, after the guards and the user have agreed. */
import path from 'node:path';
import { EXIT, InvalidInput, Refused, WrongUsage, type ExitCode } from '../../core/errors.js';
import { failedGuards, movedSince } from '../../core/plan.js';
import type { Outcome, Plan } from '../../core/types.js';
import { visible } from '../../core/visible.js';
import { execute, type Execution } from '../../engine/execute.js';
import type { Planned } from '../../engine/plan.js';
import type { Writer } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import { readPlanFile } from '../../files/plan-file.js';
import { planHtml } from '../../render/html.js';
import { jsonText } from '../../render/json.js';
import { runMarkdown } from '../../render/markdown.js';
import { outcomesText, planText } from '../../render/text.js';
import { plural } from '../../render/value.js';
import type { ApplyOptions, CommonOptions } from '../options.js';
import {
  inSession,
  kindOf,
  planIn,
  scopeOf,
  type Ending,
  type Session,
  type SessionRequest,
} from '../session.js';
import type { World } from '../world.js';

export async function apply(
  file: string | undefined,
  options: CommonOptions & ApplyOptions,
  world: World,
): Promise<ExitCode> {
  if (!options.yes && !world.interactive) {
    throw new WrongUsage('apply cannot ask here, because there is no terminal', {
      hint: 'review a plan first, then pass --yes',
    });
  }
  if (file !== undefined && options.target !== undefined) {
    throw new WrongUsage('--target goes with a fresh plan; a plan file has its own scope');
  }
  const given =
    file === undefined ? null : await readPlanFile(path.resolve(world.cwd, file), sha256);
  if (given !== null && options.env !== undefined && options.env !== given.environment.name) {
    throw new InvalidInput(
      `${file ?? ''} is a plan for ${given.environment.name}, not for ${options.env}`,
    );
  }
  const environment = given?.environment.name ?? options.env;
  const request: SessionRequest<Writer> = {
    ...{ command: 'apply', environment },
    open: (sdk, connection) => sdk.openWriter(connection),
  };
  return inSession(request, options, world, async (session) => {
    const scope = given === null ? scopeOf(options.target) : given.scope;
    const fresh = await planIn(session, options, scope, world);
    if (given !== null) refuseIfMoved(given, fresh.plan);
    // Guards and checks are of now: they are not what was reviewed, they are what holds.
    const plan = given === null ? fresh.plan : { ...given, guards: fresh.plan.guards };
    if (options.format === 'text') world.out(`${planText(plan, world.outStyle)}\n`);
    const stop = objection(plan, options, world);
    if (stop !== null) {
      await session.run.append({
        type: 'refused',
        outcome: { state: 'refused', message: stop.message },
      });
      throw stop;
    }
    if (plan.changes.length > 0 && !options.yes && !(await confirmed(plan, world))) {
      world.err('Not applied: the answer was not yes.\n');
      return { exitCode: EXIT.refused, state: 'declined', plan, outcomes: [] };
    }
    return carryOut(session, { ...fresh, plan }, options, world);
  });
}

/** A plan is carried out as it was reviewed or not at all. */
function refuseIfMoved(given: Plan, fresh: Plan): void {
  if (given.organization.id !== fresh.organization.id) {
    throw new Refused(
      'other-organization',
      `the plan was made for organization "${given.organization.name}", ` +
        `these credentials belong to "${fresh.organization.name}"`,
    );
  }
  const hint = 'plan again and review what is new';
  if (given.manifests !== fresh.manifests) {
    throw new Refused('stale-plan', 'the plan is stale: the manifests changed after it was made', {
      hint,
    });
  }
  const moved = movedSince(given, fresh, kindOf);
  if (moved.length === 0) return;
  throw new Refused(
    'stale-plan',
    `the plan is stale: changed in the org after it was made: ${moved.join(', ')}`,
    { hint },
  );
}

/** What speaks against the plan, if anything does. */
function objection(plan: Plan, options: ApplyOptions, world: World): Refused | null {
  const { expectDigest } = options;
  if (expectDigest !== undefined && expectDigest !== plan.digest) {
    return new Refused(
      'unexpected-digest',
      `the plan is not the expected one: it has ${plan.digest}, expected ${visible(expectDigest)}`,
      { hint: 'look at the plan above; what was reviewed is not what would be done now' },
    );
  }
  const failed = failedGuards(plan.guards);
  if (failed.length === 0) return null;
  const message = failed.map((one) => one.message).join('; ');
  if (options.force) {
    world.err(`${world.errStyle.warn('forced')}: ${visible(message)}\n`);
    return null;
  }
  return new Refused('guard', `not applied: ${message}`);
}

async function confirmed(plan: Plan, world: World): Promise<boolean> {
  const where = `${plan.environment.name} ("${plan.organization.name}")`;
  const what = plural(plan.changes.length, 'change');
  const answer = await world.ask(
    `\nMake ${what} in ${visible(where)}? Only "yes" is taken as a yes: `,
  );
  return answer.trim() === 'yes';
}

async function carryOut(
  session: Session<Writer>,
  planned: Planned,
  options: CommonOptions,
  world: World,
): Promise<Ending> {
  const { plan, catalog, recheck } = planned;
  const ports = {
    ...{ writer: session.client, audit: session.run, events: session.events },
    ...{ clock: world.clock, hash: sha256 },
  };
  const execution = await execute(ports, {
    ...{ plan, kindOf, catalog, recheck, interrupted: session.deferInterrupt() },
    activationTimeoutMs: session.environment.activation.timeoutMs,
  });
  const ending = {
    exitCode: execution.exitCode,
    state: stateOf(execution),
    ...{ plan, outcomes: execution.outcomes },
  };
  print(ending, session, options, world);
  return ending;
}

function stateOf({ exitCode, outcomes }: Execution): string {
  if (outcomes.length === 0) return 'nothing to do';
  return exitCode === EXIT.done ? 'applied' : 'applied in part';
}

function print(
  ending: Ending & { plan: Plan },
  session: Session,
  options: CommonOptions,
  world: World,
): void {
  const { plan, outcomes, exitCode, state } = ending;
  const { run, ...context } = session.run.context;
  switch (options.format) {
    case 'json':
      return world.out(jsonText({ run, state, exitCode, digest: plan.digest, outcomes }));
    case 'markdown':
      return world.out(
        runMarkdown({ id: run, command: 'apply', ...context }, plan, outcomes, state),
      );
    case 'html':
      return world.out(planHtml(plan, outcomes));
    case 'text':
      return world.out(`\n${endingText(outcomes, world)}\n`);
  }
}

function endingText(outcomes: readonly Outcome[], world: World): string {
  if (outcomes.length === 0) return 'Nothing to do: the org is as the manifests say.';
  const count = (state: Outcome['state']): number =>
    outcomes.filter((outcome) => outcome.state === state).length;
  const lost = count('failed') + count('stale') + count('blocked');
  const total =
    `Applied: ${count('created')} created, ${count('updated')} changed, ` +
    `${count('deleted')} deleted, ${count('adopted')} adopted; ${lost} not made.`;
  return `${outcomesText(outcomes, world.outStyle)}\n\n${world.outStyle.strong(total)}`;
}
