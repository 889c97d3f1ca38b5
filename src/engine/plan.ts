/** Observe → compare → check → guard → a plan. Sends reads only. */
import type { Catalog } from '../core/catalog.js';
import { addressOf } from '../core/compare.js';
import { withConsumers } from '../core/consumers.js';
import { declaredIn, Learnt, withDeclared } from '../core/declared.js';
import { ofToday, type Rest } from '../core/entries-of-today.js';
import { formerIn } from '../core/former.js';
import { withAgents } from '../core/losses.js';
import { recordsMoved, withOldNames } from '../core/moved.js';
import { kindName } from '../core/outcome.js';
import { citationsOf } from '../core/references.js';
import { refuseUnknown } from '../core/scope.js';
import type { Address, Change, Elsewhere, Hash, Manifest } from '../core/types.js';
import { countText } from '../kinds/nouns.js';
import { kindsApart } from './apart.js';
import { assemble, ownedIn } from './assemble.js';
import type { Binding } from './bind.js';
import { choresOf } from './chore.js';
import { consumersOf, holdersOf, type Holding } from './consumers.js';
import { elsewhere } from './elsewhere.js';
import { estimateOf, type Spent } from './estimate.js';
import { GIVEN_UP, judge, judgedBefore, type Judgement, type Known } from './judgement.js';
import { withLateParts } from './late-parts.js';
import { holdToRecords } from './listed.js';
import { observe, type Observation } from './observe.js';
import { backOnRecord } from './on-record.js';
import { checkedFor } from './plan-checks.js';
import {
  addressIn,
  everyOf,
  scopedIn,
  type PlanInput,
  type Planned,
  type PlanPorts,
} from './planning.js';
import { steadyMs, type Reader } from './ports.js';
import { reachedBy } from './reached.js';
import { referrersOf, type Referring } from './referrers.js';
import { startsOf } from './starts.js';
import { whoWeAre } from './who-we-are.js';

/** A manifest that names what the org does not have is said in the plan, and stops nothing else. */
export async function makePlan(ports: PlanPorts, asked: PlanInput): Promise<Planned> {
  const { reader, hash } = ports;
  const atMs = steadyMs(ports.clock);
  const { learnt, apart, ...known } = await observedFor(ports, asked);
  const { input, observation, names } = known;
  const { binding, effects } = input;
  const { kindOf } = binding;
  const behind = await leftBehind(reader, hash, input, observation);
  const { judgement, referring } = await judgedWithReferrers(reader, known, hash);
  const { verdicts, drafts } = judgement;
  const isChecked = input.checked !== false;
  const users = isChecked ? await usersOf(reader, drafts, binding) : NOBODY_ASKED;
  const beforeChecks = reader.requests();
  const { checked, deserted, staff, recheck } = await checkedFor(ports, known, judgement);
  const changes = withUsers(checked, users, referring.unread);
  warnOfLost(ports, input, judgement);
  const past = { records: observation.state.records, binding, hash };
  const recorded = effects && backOnRecord(verdicts, { ...past, effects });
  const chores = choresOf(input, observation, { verdicts, changes, recorded });
  const spent = spentBy(reader, beforeChecks);
  const estimate = isChecked ? estimateOf(changes, { binding, observation, chores }, spent) : null;
  const records = chores.length;
  const found = { ...judgement, observation, changes, records, estimate, behind, deserted };
  return {
    plan: assemble(input, found, spent.requests, kindOf, hash),
    owner: input.owner,
    binding: input.binding,
    observation,
    recheck,
    owned: ownedIn(observation, input.owner, input),
    reached: reachedBy(changes, verdicts, observation, binding),
    chores,
    learnt,
    citations: citationsOf(everyOf(input), kindOf),
    ...(recorded === undefined ? {} : { recorded }),
    ...(input.disowned === undefined ? {} : { disowned: input.disowned }),
    ...(input.findings === undefined ? { starts: startsOf(verdicts, kindOf) } : {}),
    seen: { organization: observation.organization, catalog: names, staff, apart, atMs },
  };
}

/**
 * Of a rollback, what stays as the run has made it: a change has it among its remarks; where it was
 * all that was to go back, there is no change.
 */
function warnOfLost({ events }: PlanPorts, { findings }: PlanInput, { verdicts }: Judgement): void {
  if (findings === undefined) return;
  for (const verdict of verdicts) {
    if (verdict.is !== 'unchanged') continue;
    for (const one of verdict.desired.remarks ?? []) {
      if (one !== GIVEN_UP) {
        events.emit({ type: 'warning', text: `${addressOf(verdict)}: ${one}` });
      }
    }
  }
}

/** What the org has, who we are in it, and what manifests name beside it. */
async function observedFor(
  ports: PlanPorts,
  asked: PlanInput,
): Promise<Known & { readonly learnt: Learnt; readonly apart: ReadonlySet<string> }> {
  const { reader, events } = ports;
  const { binding, manifests } = asked;
  events.emit({ type: 'observing' });
  const { first, apart } = await observedWhole(ports, asked);
  // What is to be called otherwise is known by its record, too, when it is looked at again.
  const { live } = await withLateParts(ports, binding, withMoved(first, manifests));
  const observed = withMoved({ ...first, live }, manifests);
  const { catalog: names } = observed;
  const learnt = new Learnt();
  const observation = { ...observed, catalog: catalogOf(asked, observed, learnt) };
  await holdToRecords(reader, { binding, nowMs: reader.nowMs() }, observation);
  const owner = await whoWeAre(asked.owner, observation.state.records);
  const input = { ...asked, ...backToday(asked, observation), owner };
  const what = countText(observation.live.map(addressIn));
  events.emit({ type: 'observed', what, requests: reader.requests() });
  refuseUnknownNames(input, observation);
  return { input, observation, names, learnt, apart };
}

/** Once more, with what the listings leave out, where something is named that they do not show. */
async function observedWhole(
  { reader, hash }: PlanPorts,
  { binding, manifests, seen }: PlanInput,
): Promise<{ readonly first: Observation; readonly apart: ReadonlySet<string> }> {
  const first = await observe(reader, binding, hash, seen, 'every');
  if (seen?.apart !== undefined) return { first, apart: seen.apart };
  const apart = await kindsApart(reader, binding, manifests, first);
  if (apart.size === 0) return { first, apart };
  return { first: await observe(reader, binding, hash, { ...seen, apart }, 'every'), apart };
}

/** Of a rollback: what its run found in parts, as the org can have it by now. */
function backToday(
  { manifests, effects, findings, ids, binding, asFound = false }: PlanInput,
  { catalog, state, live }: Observation,
): Pick<PlanInput, 'manifests' | 'effects' | 'lost'> {
  if (findings === undefined || effects === undefined) return { manifests, effects };
  const former = formerIn(state.records, ids);
  const there = new Set(live.map(addressIn));
  // A row is written as it was found, whatever it names.
  const restOf = (address: Address): Rest => {
    if (!asFound || 'table' in binding.of(kindName(address)).resource.home) return null;
    return there.has(address) ? 'stays' : 'is left out';
  };
  return ofToday({ manifests, effects }, binding.kindOf, catalog, former, restOf);
}

/** With what was on record of an object under the name that it had before. */
function withMoved(seen: Observation, manifests: readonly Manifest[]): Observation {
  const { live, state } = seen;
  return { ...seen, state: { ...state, records: recordsMoved(state.records, live, manifests) } };
}

/** Flows that use what goes, and people who have it. */
interface Users {
  readonly consumers: Awaited<ReturnType<typeof consumersOf>>;
  readonly holding: Holding;
}

const NOBODY_ASKED: Users = {
  consumers: new Map(),
  holding: { agents: new Map(), unread: new Map() },
};

async function usersOf(
  reader: Reader,
  drafts: readonly Change[],
  binding: Binding,
): Promise<Users> {
  const [consumers, holding] = await Promise.all([
    consumersOf(reader, drafts, binding),
    holdersOf(reader, drafts, binding),
  ]);
  return { consumers, holding };
}

function withUsers(
  changes: readonly Change[],
  { consumers, holding }: Users,
  referring: Referring['unread'],
): Change[] {
  const unread = new Map(referring);
  for (const [address, why] of holding.unread) {
    const before = unread.get(address);
    unread.set(address, before === undefined ? why : `${before}; ${why}`);
  }
  return withConsumers(changes, consumers, unread).map((change): Change => {
    const { agents, unread: unknown } = holding;
    const least = unknown.has(change.address) ? null : 0;
    return withAgents(change, agents.get(change.address) ?? least);
  });
}

async function leftBehind(
  reader: Reader,
  hash: Hash,
  { binding, owner: us, environments = [] }: PlanInput,
  observation: Observation,
): Promise<readonly Elsewhere[]> {
  const { hasFolder } = us;
  return elsewhere({ reader, hash, binding, us, hasFolder, environments }, observation);
}

/** Once more, where something would go that others refer to whom nobody has looked at so far. */
async function judgedWithReferrers(
  reader: Reader,
  known: Known,
  hash: Hash,
): Promise<{ readonly judgement: Judgement; readonly referring: Referring }> {
  const judgement = judgedBefore(known) ?? judge(known, hash);
  const { input, observation } = known;
  const looking = { reader, binding: input.binding, observation, manifests: everyOf(input) };
  const referring = await referrersOf(looking, judgement.drafts);
  const { referrers } = referring;
  if (referrers.length === 0) return { judgement, referring };
  return { judgement: judge({ ...known, referrers }, hash), referring };
}

/** The org's, and what manifests in scope declare beside it. */
function catalogOf(input: PlanInput, { catalog, live }: Observation, learnt: Learnt): Catalog {
  const { manifests, binding } = input;
  const { kindOf } = binding;
  const scoped = scopedIn(input);
  const isIn = new Set(scoped);
  const leftOut = manifests.filter((one) => !isIn.has(one));
  const declared = declaredIn(scoped, kindOf);
  const known = withOldNames(catalog, live, kindOf);
  return withDeclared(known, declared, learnt, declaredIn(leftOut, kindOf));
}

function spentBy(reader: Reader, beforeChecks: number): Spent {
  const requests = reader.requests();
  return { requests, checks: requests - beforeChecks, perMinute: reader.perMinute() };
}

/** A name that neither git nor the org has is a typing error. */
function refuseUnknownNames(
  { manifests, scope, namesMayBeGone }: PlanInput,
  { live }: Observation,
): void {
  if (namesMayBeGone) return;
  const known = [
    ...manifests.map(({ kind, name }): Address => `${kind}/${name}`),
    ...live.map(addressIn),
  ];
  refuseUnknown(scope, known, 'neither a manifest nor what was read of the org has that name');
}
