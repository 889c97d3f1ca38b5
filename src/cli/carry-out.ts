/** A plan is shown, held against the guards, agreed to, and carried out. */
import { EXIT, Refused } from '../core/errors.js';
import { exitOf, failedGuards, succeeded } from '../core/outcome.js';
import { guardText, overruledBy } from '../core/guard.js';
import { plural } from '../core/plural.js';
import type { GuardName, GuardResult, Outcome, Plan } from '../core/types.js';
import { visible } from '../core/visible.js';
import type { Execution } from '../engine/execution.js';
import type { Planned } from '../engine/planning.js';
import type { Writer } from '../engine/ports.js';
import type { Run } from '../engine/run.js';
import { planHtml } from '../render/html.js';
import { jsonText } from '../render/json.js';
import { runMarkdown } from '../render/markdown.js';
import type { Style } from '../render/style.js';
import { outcomesText, planSeenText, planText } from '../render/text.js';
import { confirmedBy } from './confirmed.js';
import { agreedWithin } from './consent.js';
import type { CommonOptions, Consent } from './options.js';
import { headOf, type Ending, type Session } from './session.js';
import { tellWfm } from './tell-wfm.js';
import type { World } from './world.js';

/**
 * Shows the plan, holds it against the guards, asks, executes, and prints what became of it. One
 * that was `seen` came from a file.
 */
export async function carryOut(
  session: Session<Writer>,
  run: Run,
  planned: Planned,
  options: CommonOptions & Consent & { readonly seen?: boolean },
  world: World,
): Promise<Ending> {
  const { plan } = planned;
  const asks = plan.changes.length > 0 && !options.yes;
  const shown = agreedPlan(plan, options);
  const text = (style: Style): string => shownPlan(shown, { asks, seen: options.seen }, style);
  if (options.format === 'text') world.out(`${text(world.outStyle)}\n`);
  // Whoever is asked has to have seen what for, whatever form the result will have.
  else if (asks) world.err(`${text(world.errStyle)}\n`);
  refuseUnexpected(plan, options);
  await overrule(plan, session, options, world);
  if (asks && !(await confirmed(plan, run, world))) {
    world.err('Not carried out: the answer was not yes.\n');
    const declined = { exitCode: EXIT.refused, state: 'declined', plan: shown, outcomes: [] };
    if (options.format !== 'text') print(declined, session, options, world);
    return declined;
  }
  const done = await executed(session, run, planned, options, world);
  const ending = { ...done, plan: agreedPlan(done.plan, options) };
  print(ending, session, options, world);
  return ending;
}

/** A guard that gives way stands in nobody's way: it is shown as what was agreed to. */
function agreedPlan(plan: Plan, { force, adopt }: Consent): Plan {
  const given = { force: force === true, adopt: adopt === true };
  return { ...plan, guards: overruledBy(plan.guards, given) };
}

/** What was seen is not shown whole again; nobody agrees to what is not before their eyes. */
function shownPlan(
  plan: Plan,
  { asks, seen }: { readonly asks: boolean; readonly seen?: boolean | undefined },
  style: Style,
): string {
  if (seen !== true) return planText(plan, style);
  return asks ? planText(plan, style, 'to agree') : planSeenText(plan, style);
}

function refuseUnexpected(plan: Plan, { expectDigest }: Consent): void {
  if (expectDigest === undefined || expectDigest === plan.digest) return;
  throw new Refused(
    'unexpected-digest',
    `the plan is not the expected one: it has ${plan.digest}, expected ${visible(expectDigest)}`,
    { hint: 'look at the plan above; what was reviewed is not what would be done now' },
  );
}

/**
 * Goes on where every failed guard gives way to what the user has agreed to, and says so; of those
 * that have failed `before` it is said already.
 */
async function overrule(
  plan: Plan,
  session: Session,
  options: Consent,
  world: World,
  before: readonly GuardResult[] = [],
): Promise<void> {
  const said = new Set(failedGuards(before).map((one) => guardText(one)));
  const failed = failedGuards(plan.guards).filter((one) => !said.has(guardText(one)));
  const standing = failed.filter(({ guard }) => !givesWay(guard, options));
  if (standing.length > 0) {
    const parts = standing.map((one) => guardText(one));
    throw new Refused('guard', parts.join('; '), { parts });
  }
  for (const { guard, message } of failed) {
    const state = guard === 'adoption' ? 'adoption agreed to' : 'forced';
    world.err(`${world.errStyle.warn(state)}: ${visible(message)}\n`);
    await session.run.append({ type: 'forced', outcome: { state, message } });
  }
}

function givesWay(guard: GuardName, { force, adopt }: Consent): boolean {
  if (guard === 'ownership') return false;
  return (guard === 'adoption' ? adopt : force) ?? false;
}

async function confirmed(plan: Plan, run: Run, world: World): Promise<boolean> {
  const where = `${plan.environment.name} ("${plan.organization.name}")`;
  const question = `Make ${plural(plan.changes.length, 'change')} in ${where}?`;
  return (await agreedWithin(question, run, world)).yes;
}

type Executed = Ending & { readonly plan: Plan };

async function executed(
  session: Session<Writer>,
  run: Run,
  planned: Planned,
  options: Consent,
  world: World,
): Promise<Executed> {
  // Planned again, under a lock of its own: what holds the plan by now holds it as well.
  const confirm = async (again: Planned): Promise<Plan> => {
    const plan = confirmedBy(again, planned.plan, session);
    await overrule(plan, session, options, world, planned.plan.guards);
    return plan;
  };
  const interrupted = session.deferInterrupt();
  const carriedOut = await run.carryOut({ planned, confirm, interrupted });
  const { plan, outcomes, fault } = carriedOut;
  const { exitCode: done } = carriedOut;
  const exitCode = done === EXIT.done ? exitOf(plan, done) : done;
  await tellWfm(session, { changes: plan.changes, outcomes }, world);
  if (fault !== null) world.err(`${world.errStyle.bad('error')}: ${visible(fault.message)}\n`);
  return { exitCode, state: executionStateOf(carriedOut, plan), plan, outcomes };
}

function executionStateOf({ exitCode, outcomes }: Execution, { blocked }: Plan): string {
  if (outcomes.length === 0) {
    return blocked === undefined ? 'nothing to do' : 'nothing to do in what could be compared';
  }
  if (exitCode === EXIT.interrupted) return 'interrupted';
  if (exitCode === EXIT.done && blocked === undefined) return 'applied';
  return outcomes.some(succeeded) ? 'applied in part' : 'not applied';
}

type Shown = CommonOptions & { readonly seen?: boolean };

function print(ending: Executed, session: Session, options: Shown, world: World): void {
  const { plan, outcomes, exitCode, state } = ending;
  const head = headOf(session.run, session.command);
  switch (options.format) {
    case 'json':
      return world.out(
        jsonText({
          run: head.id,
          state,
          exitCode,
          digest: plan.digest,
          outcomes,
          ...(plan.blocked === undefined ? {} : { blocked: plan.blocked }),
        }),
      );
    case 'markdown':
      return world.out(runMarkdown(head, plan, outcomes, state));
    case 'html':
      return world.out(planHtml(plan, outcomes));
    case 'text':
      return world.out(`\n${endingText(ending, session, options, world)}\n`);
  }
}

function endingText(
  { outcomes, plan }: Executed,
  { command }: Session,
  { seen = false }: Shown,
  world: World,
): string {
  const left = plan.blocked?.length ?? 0;
  if (outcomes.length === 0) {
    if (left === 0) return `Nothing to do: ${idleText(plan, command, seen)}.`;
    return `Nothing else to do: ${plural(left, 'object')} could not be compared (see above).`;
  }
  const count = (state: Outcome['state']): number =>
    outcomes.filter((outcome) => outcome.state === state).length;
  const lost = count('failed') + count('stale') + count('blocked');
  const again = count('replaced') === 0 ? '' : `, ${count('replaced')} replaced`;
  const total =
    `Applied: ${count('created')} created, ${count('updated')} changed, ` +
    `${count('deleted')} deleted, ${count('adopted')} adopted${again}; ${lost} not made` +
    (left === 0 ? '.' : `, ${left} could not be compared.`);
  return `${outcomesText(outcomes, world.outStyle)}\n\n${world.outStyle.strong(total)}`;
}

/** No more than was looked at: of a file the changes that it has, of a run what it did. */
function idleText({ scope }: Plan, command: string, seen: boolean): string {
  if (command === 'rollback') return 'there is nothing of that run to take back';
  if (seen) return 'all that this plan asks for is in place';
  return `${scope === null ? 'the org' : 'what is in scope'} is as the manifests say`;
}
