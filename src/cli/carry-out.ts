/** A plan is shown, held against the guards, agreed to, and carried out. */
import { EXIT, Refused } from '../core/errors.js';
import { failedGuards, succeeded } from '../core/outcome.js';
import type { Outcome, Plan } from '../core/types.js';
import { visible } from '../core/visible.js';
import { execute, type Execution } from '../engine/execute.js';
import type { Planned } from '../engine/plan.js';
import type { Writer } from '../engine/ports.js';
import { sha256 } from '../files/digest.js';
import { planHtml } from '../render/html.js';
import { jsonText } from '../render/json.js';
import { runMarkdown } from '../render/markdown.js';
import { outcomesText, planText } from '../render/text.js';
import { plural } from '../core/plural.js';
import type { CommonOptions, Consent } from './options.js';
import { headOf, kindOf, type Ending, type Session } from './session.js';
import type { World } from './world.js';

/** Shows the plan, holds it against the guards, asks, executes, and prints what became of it. */
export async function carryOut(
  session: Session<Writer>,
  planned: Planned,
  options: CommonOptions & Consent,
  world: World,
): Promise<Ending> {
  const { plan } = planned;
  const asks = plan.changes.length > 0 && !options.yes;
  if (options.format === 'text') world.out(`${planText(plan, world.outStyle)}\n`);
  // Whoever is asked has to have seen what for, whatever form the result will have.
  else if (asks) world.err(`${planText(plan, world.errStyle)}\n`);
  const stop = objection(plan, options);
  if (stop !== null && !(stop.code === 'guard' && options.force)) throw stop;
  if (stop !== null) {
    world.err(`${world.errStyle.warn('forced')}: ${visible(stop.message)}\n`);
    await session.run.append({
      type: 'forced',
      outcome: { state: 'forced', message: stop.message },
    });
  }
  if (asks && !(await confirmed(plan, world))) {
    world.err('Not carried out: the answer was not yes.\n');
    const declined = { exitCode: EXIT.refused, state: 'declined', plan, outcomes: [] };
    if (options.format !== 'text') print(declined, session, options, world);
    return declined;
  }
  const ending = await executed(session, planned, world);
  print(ending, session, options, world);
  return ending;
}

/** What speaks against the plan, if anything does. */
function objection(plan: Plan, options: Consent): Refused | null {
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
  return new Refused('guard', failed.map((one) => one.message).join('; '));
}

async function confirmed(plan: Plan, world: World): Promise<boolean> {
  const where = `${plan.environment.name} ("${plan.organization.name}")`;
  const what = plural(plan.changes.length, 'change');
  const answer = await world.ask(
    `\nMake ${what} in ${visible(where)}? Only "yes" is taken as a yes: `,
  );
  return answer.trim() === 'yes';
}

type Executed = Ending & { readonly plan: Plan };

async function executed(
  session: Session<Writer>,
  planned: Planned,
  world: World,
): Promise<Executed> {
  const { plan, catalog, recheck } = planned;
  const ports = {
    ...{ writer: session.client, audit: session.run, events: session.events },
    ...{ clock: world.clock, hash: sha256 },
  };
  const execution = await execute(ports, {
    ...{ plan, kindOf, catalog, recheck, interrupted: session.deferInterrupt() },
    activationTimeoutMs: session.environment.activation.timeoutMs,
  });
  const { exitCode, outcomes, fault } = execution;
  if (fault !== null) world.err(`${world.errStyle.bad('error')}: ${visible(fault.message)}\n`);
  return { exitCode, state: stateOf(execution), plan, outcomes };
}

function stateOf({ exitCode, outcomes }: Execution): string {
  if (outcomes.length === 0) return 'nothing to do';
  if (exitCode === EXIT.interrupted) return 'interrupted';
  if (exitCode === EXIT.done) return 'applied';
  return outcomes.some(succeeded) ? 'applied in part' : 'not applied';
}

function print(ending: Executed, session: Session, options: CommonOptions, world: World): void {
  const { plan, outcomes, exitCode, state } = ending;
  const head = headOf(session.run, session.command);
  switch (options.format) {
    case 'json':
      return world.out(jsonText({ run: head.id, state, exitCode, digest: plan.digest, outcomes }));
    case 'markdown':
      return world.out(runMarkdown(head, plan, outcomes, state));
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
