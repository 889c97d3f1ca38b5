/** A plan is shown, held against the guards, agreed to, and carried out. */
import { EXIT, PlatformError, Refused } from '../core/errors.js';
import type { Kind } from '../core/kind.js';
import { failedGuards, succeeded } from '../core/outcome.js';
import { plural } from '../core/plural.js';
import type { GuardName, Outcome, Plan } from '../core/types.js';
import { visible } from '../core/visible.js';
import { execute, type Execution } from '../engine/execute.js';
import { buildHomes, rootOf, type Homes } from '../engine/homes.js';
import { TableKeeper, type Keeper } from '../engine/keeper.js';
import type { Chore, Planned } from '../engine/plan.js';
import type { Writer } from '../engine/ports.js';
import { sha256 } from '../files/digest.js';
import { reconciledKinds } from '../kinds/index.js';
import { planHtml } from '../render/html.js';
import { jsonText } from '../render/json.js';
import { runMarkdown } from '../render/markdown.js';
import { outcomesText, planText } from '../render/text.js';
import { confirmedBy } from './confirmed.js';
import { agreed } from './consent.js';
import type { RunLock } from './lock.js';
import type { CommonOptions, Consent } from './options.js';
import {
  backendOf,
  headOf,
  kindOf,
  type Ending,
  type Repeatable,
  type Session,
} from './session.js';
import { tellWfm } from './tell-wfm.js';
import type { World } from './world.js';

/** Shows the plan, holds it against the guards, asks, executes, and prints what became of it. */
export async function carryOut(
  session: Session<Writer>,
  lock: RunLock,
  planned: Repeatable,
  options: CommonOptions & Consent,
  world: World,
): Promise<Ending> {
  const { plan } = planned;
  const asks = plan.changes.length > 0 && !options.yes;
  if (options.format === 'text') world.out(`${planText(plan, world.outStyle)}\n`);
  // Whoever is asked has to have seen what for, whatever form the result will have.
  else if (asks) world.err(`${planText(plan, world.errStyle)}\n`);
  refuseUnexpected(plan, options);
  await overrule(plan, session, options, world);
  if (asks && !(await confirmed(plan, world))) {
    world.err('Not carried out: the answer was not yes.\n');
    const declined = { exitCode: EXIT.refused, state: 'declined', plan, outcomes: [] };
    if (options.format !== 'text') print(declined, session, options, world);
    return declined;
  }
  const ending = await executed(session, lock, planned, world);
  print(ending, session, options, world);
  return ending;
}

function refuseUnexpected(plan: Plan, { expectDigest }: Consent): void {
  if (expectDigest === undefined || expectDigest === plan.digest) return;
  throw new Refused(
    'unexpected-digest',
    `the plan is not the expected one: it has ${plan.digest}, expected ${visible(expectDigest)}`,
    { hint: 'look at the plan above; what was reviewed is not what would be done now' },
  );
}

/** Goes on where every failed guard gives way to what the user has agreed to, and says so. */
async function overrule(
  plan: Plan,
  session: Session,
  options: Consent,
  world: World,
): Promise<void> {
  const failed = failedGuards(plan.guards);
  const standing = failed.filter(({ guard }) => !givesWay(guard, options));
  if (standing.length > 0) {
    throw new Refused('guard', standing.map((one) => one.message).join('; '));
  }
  for (const { guard, message } of failed) {
    const state = guard === 'adoption' ? 'adoption agreed to' : 'forced';
    // The advice at its end has been followed.
    const [said = message] = message.split('; pass --');
    world.err(`${world.errStyle.warn(state)}: ${visible(said)}\n`);
    await session.run.append({ type: 'forced', outcome: { state, message } });
  }
}

function givesWay(guard: GuardName, { force, adopt }: Consent): boolean {
  if (guard === 'ownership') return false;
  return (guard === 'adoption' ? adopt : force) ?? false;
}

async function confirmed(plan: Plan, world: World): Promise<boolean> {
  const where = `${plan.environment.name} ("${plan.organization.name}")`;
  return agreed(`Make ${plural(plan.changes.length, 'change')} in ${where}?`, world);
}

type Executed = Ending & { readonly plan: Plan };

async function executed(
  session: Session<Writer>,
  lock: RunLock,
  planned: Repeatable,
  world: World,
): Promise<Executed> {
  if (isNothing(planned)) return idle(planned.plan);
  const interrupted = session.deferInterrupt();
  const { observation, recheck, ...current } = await locked(session, lock, planned, interrupted);
  const { plan, chores, owner } = current;
  if (isNothing(current)) return idle(plan);
  const { homes, state, live, catalog } = observation;
  if (homes.state === null) throw new Error('the lock is held in a table that is not there');
  const context = { ...homes.state, records: state.records, owner, run: session.run.context.run };
  const keeper = new TableKeeper(lock.ledger, context, world.clock, sha256);
  await doChores(chores, keeper, interrupted, world);
  const ports = {
    ...{ writer: session.client, audit: session.run, keeper, events: session.events },
    ...{ clock: world.clock, hash: sha256 },
  };
  const execution = await execute(ports, {
    ...{ plan, kindOf, catalog, recheck, interrupted },
    rootOf: (kind) => rootIn(homes, kind, plan),
    imports: {
      tableOf: (kind) => homes.tables.get(kind.name) ?? null,
      rowCount: ({ name }) => live.filter((one) => one.kind === name).length,
    },
    activationTimeoutMs: session.environment.activation.timeoutMs,
  });
  const { exitCode, outcomes, fault } = execution;
  await tellWfm(session, { changes: plan.changes, outcomes, homes, catalog }, world);
  if (fault !== null) world.err(`${world.errStyle.bad('error')}: ${visible(fault.message)}\n`);
  return { exitCode, state: stateOf(execution), plan, outcomes };
}

function isNothing({ plan, chores }: Pick<Planned, 'plan' | 'chores'>): boolean {
  return plan.changes.length === 0 && chores.length === 0;
}

function idle(plan: Plan): Executed {
  return { exitCode: EXIT.done, state: 'nothing to do', plan, outcomes: [] };
}

/**
 * The tables are there and the lock is ours: from here on the run may write. An org that had no
 * place for a lock was planned without one; another run may have been first there.
 */
async function locked(
  session: Session<Writer>,
  lock: RunLock,
  planned: Repeatable,
  interrupted: () => boolean,
): Promise<Planned> {
  const { observation } = planned;
  const backend = backendOf(session);
  const homes = await buildHomes(lock.ledger, observation.homes, reconciledKinds, backend);
  if (lock.held) return { ...planned, observation: { ...observation, homes } };
  if (homes.state === null) throw new Error('the state table is missing after it was made');
  await lock.take(homes.state, interrupted);
  const again = await planned.again();
  return { ...again, plan: confirmedBy(again, planned.plan, session) };
}

/** Records beside the plan: one that cannot be written now is written by a later apply. */
async function doChores(
  chores: readonly Chore[],
  keeper: Keeper,
  interrupted: () => boolean,
  world: World,
): Promise<void> {
  for (const chore of chores) {
    if (interrupted()) return;
    try {
      if (chore.do === 'release') await keeper.release(chore.address);
      else await keeper.settle(chore.address, chore.id, chore.fields);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      if (error.fault === 'denied' || error.fault === 'unavailable') throw error;
      const what = `the record of ${chore.address} was not brought up to date: ${error.message}`;
      world.err(`${world.errStyle.warn('warning')}: ${visible(what)}\n`);
    }
  }
}

function rootIn(homes: Homes, kind: Kind, plan: Plan): string {
  const root = rootOf(kind, plan.environment.backend, homes);
  if (root === null) throw new Error(`there is no place for objects of kind ${kind.name}`);
  return root;
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
