/** Observe → compare → check → guard → a plan. Sends reads only. */
import { countText } from '../kinds/nouns.js';
import { digestOf } from '../core/canonical.js';
import type { Catalog } from '../core/catalog.js';
import { addressOf, compare, type ComparePolicy, type Verdict } from '../core/compare.js';
import { formerIn } from '../core/former.js';
import {
  guard,
  partGuard,
  partTalliesOf,
  ownershipGuard,
  talliesOf,
  type OwnershipConflicts,
  type GuardPolicy,
} from '../core/guard.js';
import { byText } from '../core/issue.js';
import { textOf, type JsonObject } from '../core/json.js';
import type { CheckRequest, KindOf } from '../core/kind.js';
import type { Part, ResourceProblem } from '../core/resource.js';
import { asksForAdoption } from '../core/manifest.js';
import { recordsMoved, unmovable } from '../core/moved.js';
import { readingOrder } from '../core/order.js';
import { kindName } from '../core/outcome.js';
import { ownershipOf } from '../core/ownership.js';
import type { Us } from '../core/owner.js';
import { partedFields } from '../core/part.js';
import { blockedIn, changesOf, countsOf, referencesOf, sealed, withheld } from '../core/plan.js';
import { crewMoves, NOBODY_MOVES, waitForCrews, type CrewMoves } from '../core/crew.js';
import {
  desertedBy,
  leadsIn,
  NOBODY_DESERTED,
  type Deserted,
  type Lead,
  type Scene,
} from '../core/deserted.js';
import { consumersGuard, withConsumers } from '../core/consumers.js';
import { danglingIn } from '../core/dangling.js';
import { declaredIn, Learnt, withDeclared } from '../core/declared.js';
import { uncircled } from '../core/circles.js';
import {
  besideOf,
  citedBy,
  heldByReferences,
  waitForReferences,
  type Referrer,
  type Surroundings,
} from '../core/references.js';
import { following, replacing } from '../core/replacing.js';
import { objectsFilled, recordsFilled, roomGuard, rowsFilled, type Filled } from '../core/room.js';
import { runningGuard } from '../core/running.js';
import { isInScope, refuseUnknown, scopeTexts, type Scope } from '../core/scope.js';
import { withAgents, withLosses, withRemarks } from '../core/losses.js';
import { isShortened, lengthened } from '../core/shortened.js';
import type { Start } from '../core/start.js';
import type { Ids, State } from '../core/state.js';
import { renamedIn } from '../core/renamed.js';
import { twinsOf } from '../core/twins.js';
import { leftRemarks, takenBack, type RunEffect } from '../core/undone.js';
import type { Uncommitted } from '../core/uncommitted.js';
import type {
  Address,
  Change,
  CheckResult,
  Desired,
  Digest,
  Elsewhere,
  Estimate,
  Hash,
  LeftAlone,
  Live,
  Manifest,
  Obstacle,
  Plan,
} from '../core/types.js';
import { resolve } from '../manifest/resolve.js';
import { choresOf, type Chore } from './chore.js';
import { answering, leaving, Staff, unasked, type Staffing } from './checks.js';
import { consumersOf, holdersOf, type Holding } from './consumers.js';
import { referrersOf, type Referring } from './referrers.js';
import { elsewhere } from './elsewhere.js';
import { estimateOf, type Spent } from './estimate.js';
import {
  exactDesired,
  orAsFound,
  toTheCell,
  withFound,
  withNewId,
  type Findings,
} from './exact.js';
import { holdToRecords } from './listed.js';
import type { Binding } from './bind.js';
import { withLateParts } from './late-parts.js';
import { idsIn, liveOf, observe, type Observation, type Seen } from './observe.js';
import { backOnRecord } from './on-record.js';
import { steadyMs, type Clock, type Events, type Reader } from './ports.js';
import { startsOf, tunedIn, withAnew } from './starts.js';
import { whoWeAre, type UsHere } from './who-we-are.js';

export interface PlanInput {
  readonly manifests: readonly Manifest[];
  /** What git says of the environment, where `manifests` are others. */
  readonly inGit?: readonly Manifest[] | undefined;
  readonly binding: Binding;
  readonly environment: { readonly name: string; readonly backend: string; readonly host: string };
  readonly seen?: Seen | undefined;
  /** False: nobody will carry it out, so no agent is asked about. Its digest is the same. */
  readonly checked?: boolean | undefined;
  readonly owner: UsHere;
  readonly prune: boolean;
  /** Also take over what is as the manifests say and nobody's. */
  readonly adopt: boolean;
  readonly guards: GuardPolicy;
  /** Names of the environments that are declared beside this one; default: none. */
  readonly environments?: readonly string[] | undefined;
  readonly scope: Scope;
  /** What is to be as a run found it: manifests of these say it only in part. */
  readonly findings?: Findings | undefined;
  /** What that run made of parts of them: no more than that is taken back. */
  readonly effects?: ReadonlyMap<Address, RunEffect<JsonObject>> | undefined;
  /** What that run took over, which was nobody's: it is given up. */
  readonly disowned?: ReadonlySet<Address> | undefined;
  /** With names as they were found, also where they stand for nothing any more. */
  readonly asFound?: boolean | undefined;
  /** Names in scope need not be anywhere: nobody typed them. */
  readonly namesMayBeGone?: boolean | undefined;
  /** What names once stood for, beside what the org's records say. */
  readonly ids?: Ids | undefined;
  readonly commit: string | null;
  /** What that commit does not have as it was read. */
  readonly uncommitted?: Uncommitted | null | undefined;
  readonly version: string;
}

export interface PlanPorts {
  readonly reader: Reader;
  readonly events: Events;
  readonly clock: Clock;
  readonly hash: Hash;
}

/** The plan, and what an apply in the same run needs beside it. */
export interface Planned {
  readonly plan: Plan;
  readonly owner: Us;
  readonly observation: Observation;
  /** Asks the org again whether the change's checks hold now. */
  readonly recheck: (change: Change) => Promise<CheckResult[]>;
  /** How many objects of ours are live, within scope or not, by kind. */
  readonly owned: ReadonlyMap<string, number>;
  /** What the change would bring about is so already, and ours. */
  readonly isInPlace: (change: Change) => boolean;
  readonly chores: readonly Chore[];
  /** Ids of what the run makes, for whatever names it: `observation.catalog` goes by it. */
  readonly learnt: Learnt;
  /** Where optimizers are to start from now on; absent where a run says nothing of that. */
  readonly starts?: ReadonlyMap<Address, Start | null>;
  /** Of a round: what the next ones have to know once the change is made. */
  readonly memories?: ReadonlyMap<Address, JsonObject>;
  /** What records are to say was applied, where that is not all that is there after the change. */
  readonly recorded?: ReadonlyMap<Address, JsonObject>;
  /** What is nobody's once the plan is carried out. */
  readonly disowned?: ReadonlySet<Address>;
  /** For a second plan of the same run. */
  readonly seen: Seen;
}

/** A manifest that names what the org does not have is said in the plan, and stops nothing else. */
export async function makePlan(ports: PlanPorts, asked: PlanInput): Promise<Planned> {
  const { reader, events, hash } = ports;
  const atMs = steadyMs(ports.clock);
  events.emit({ type: 'observing' });
  const { binding } = asked;
  const { kindOf } = binding;
  const first = await observe(reader, binding, hash, asked.seen, 'every');
  const observed = withMoved(await withLateParts(ports, binding, first), asked.manifests);
  const learnt = new Learnt();
  const observation = { ...observed, catalog: catalogOf(asked, observed, learnt) };
  await holdToRecords(reader, { binding, nowMs: reader.nowMs() }, observation);
  const input = { ...asked, owner: await whoWeAre(asked.owner, observation.state.records) };
  const what = countText(observation.live.map(addressIn));
  events.emit({ type: 'observed', what, requests: reader.requests() });
  refuseUnknownNames(input, observation);
  const behind = await leftBehind(reader, hash, input, observation);
  const { catalog } = observation;
  const known = { input, observation, names: observed.catalog };
  const { judgement, referring } = await judgedWithReferrers(reader, known, hash);
  const { verdicts, drafts, requests, moves } = judgement;
  const scene = sceneOf(input, observation, judgement);
  const leads = input.checked === false ? [] : leadsIn(scene);
  const everything = [...[...requests.values()].flat(), ...leads.map(({ request }) => request)];
  const staff =
    input.seen?.staff?.of(catalog, moves) ?? new Staff(reader, catalog, ports.clock, moves);
  const staffing = async (): Promise<Staffing> => staff.for(everything);
  const answers = answersBy(requests, catalog, moves);
  const recheck = recheckedBy({ staff, staffing, requests, answers, moves });
  const isChecked = input.checked !== false;
  const users = isChecked ? await usersOf(reader, drafts, binding) : NOBODY_ASKED;
  const beforeChecks = reader.requests();
  if (everything.length > 0 && isChecked) {
    events.emit({ type: 'doing', what: 'checking queues and agents' });
  }
  const by = isChecked ? await staffing() : null;
  const checkedDrafts = drafts.map((draft): Change => {
    const asked = requests.get(draft.address) ?? [];
    const checks = by === null ? asked.map((one) => unasked(one, catalog)) : answers(draft, by);
    return { ...draft, checks };
  });
  const deserted = by === null ? NOBODY_DESERTED : desertedIn(leads, { by, catalog, moves });
  const remarked = checkedDrafts.map((one) =>
    withRemarks(one, deserted.remarks.get(one.address) ?? []),
  );
  const changes = withUsers(remarked, users, referring.unread);
  const { effects } = input;
  const past = { records: observation.state.records, kindOf, hash };
  const recorded = effects && backOnRecord(verdicts, { ...past, effects });
  const chores = choresOf(input, observation, { verdicts, changes, recorded });
  const spent = spentBy(reader, beforeChecks);
  const estimate = isChecked ? estimateOf(changes, { binding, observation, chores }, spent) : null;
  const records = chores.length;
  const found = { ...judgement, observation, changes, records, estimate, behind, deserted };
  const plan = assemble(input, found, spent.requests, kindOf, hash);
  return {
    plan,
    owner: input.owner,
    observation,
    recheck,
    owned: ownedIn(observation, input.owner, input),
    isInPlace: inPlace(observation, verdicts),
    chores,
    learnt,
    ...(recorded === undefined ? {} : { recorded }),
    ...(input.disowned === undefined ? {} : { disowned: input.disowned }),
    ...(input.findings === undefined ? { starts: startsOf(verdicts, kindOf) } : {}),
    seen: { organization: observation.organization, catalog: observed.catalog, staff, atMs },
  };
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

/** What becomes of every object, the changes of that, and the digest of all manifests. */
interface Judgement {
  readonly verdicts: readonly Verdict[];
  readonly drafts: readonly Change[];
  /** The checks that the changes ask for, by address. */
  readonly requests: ReadonlyMap<string, readonly CheckRequest[]>;
  /** Who comes to queues and goes by these changes. */
  readonly moves: CrewMoves;
  readonly manifests: Digest;
}

/** `names`: the catalog as the org gave it, which a second plan of the run goes by as well. */
interface Known {
  readonly input: PlanInput;
  readonly observation: Observation;
  readonly names: Catalog;
  /** What was looked at for what it refers to alone. */
  readonly referrers?: readonly Referrer[];
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

function judge({ input, observation, names, referrers = [] }: Known, hash: Hash): Judgement {
  const { binding } = input;
  const { kindOf } = binding;
  const { live, catalog } = observation;
  const cited = citedBy(input.manifests, kindOf, binding.behind);
  const surroundings = surroundingsOf(input, observation, referrers);
  const beside = besideOf(surroundings);
  const crews = { live, kindOf, behind: binding.behind, catalog };
  const { verdicts: apart, changes: referring } = uncircled(
    judged(input, observation, surroundings, hash),
    surroundings,
    (of) => {
      const changes = changesOf(following(of, binding), kindOf, hash);
      return waitForReferences(changes, surroundings, cited, beside);
    },
  );
  const crewed = waitForCrews(referring, crewMoves(referring, crews), kindOf);
  const ordered = readingOrder(crewed);
  const verdicts = following(apart, binding);
  const entities = new Map(live.map((one) => [one.address, one.entity]));
  const byAddress = new Map(verdicts.map((one) => [addressOf(one), one]));
  const drafts = ordered.map((change) => {
    const entity = entities.get(change.address) ?? null;
    const bound = binding.of(kindName(change.address));
    const shown = withAnew(change, byAddress.get(change.address), kindOf);
    const known = withFound(shown, entity, bound, catalog);
    return withNewId(withLosses(known, entity, bound.resource), input.findings, bound);
  });
  const manifests = manifestsDigest(input.manifests, hash);
  const requests = checksOf(drafts, input.manifests, kindOf);
  const moves = crewMoves(drafts, crews);
  const judgement = { verdicts, drafts, requests, moves, manifests };
  if (isEmpty(observation)) OF_NOTHING.set(names, { input, judgement });
  return judgement;
}

/** Of orgs that had nothing to compare with, by what is known of their names. */
const OF_NOTHING = new WeakMap<Catalog, { input: PlanInput; judgement: Judgement }>();

/**
 * The first apply plans twice: without a table there is no lock, and under the lock everything has
 * to be looked at again. Where there is still nothing, what was judged of nothing holds.
 */
function judgedBefore({ input, observation, names }: Known): Judgement | null {
  const before = OF_NOTHING.get(names);
  if (before === undefined || !isEmpty(observation)) return null;
  const asked = [
    'manifests',
    'binding',
    'findings',
    'effects',
    'disowned',
    'asFound',
    'scope',
    'ids',
    'prune',
    'adopt',
  ] as const;
  return asked.every((name) => before.input[name] === input[name]) ? before.judgement : null;
}

function isEmpty({ live, unclear, state }: Observation): boolean {
  return live.length === 0 && unclear.size === 0 && state.records.size === 0;
}

/** What becomes of every object: one that cannot be compared keeps no other from it. */
function judged(
  input: PlanInput,
  observation: Observation,
  surroundings: Surroundings,
  hash: Hash,
): Verdict[] {
  const { binding } = input;
  const { kindOf } = binding;
  const { live, unclear, reserved = new Map(), catalog, state } = observation;
  const scoped = input.manifests.filter(({ kind, name }) =>
    isInScope(input.scope, `${kind}/${name}`),
  );
  const former = formerIn(state.records, input.ids);
  const { findings = new Map(), asFound = false } = input;
  const back = { findings, former, asFound };
  const isOfRun = input.findings !== undefined;
  const exact = exactDesired(scoped, back, binding, catalog);
  const { desired, obstacles, meant } = resolve(exact.others, catalog, kindOf, former);
  const all = [...exact.desired, ...desired].map((one) => withRenamed(one, observation, kindOf));
  const wanted = withoutOthers(all, input, observation);
  const policy = {
    ...policyOf(input, observation),
    records: recordsInFull(state.records, [live, wanted], hash),
    obstacles: joined([
      orAsFound(obstacles, back, binding),
      unclear,
      reserved,
      twinsOf(scoped, [...live.map(addressIn), ...unclear.keys()]),
      renamedIn(scoped, live, state.records, input.owner, isOfRun),
      unmovable(scoped, live, binding.of, state.records, isOfRun),
    ]),
  };
  const verdicts = compare(wanted, live, policy, kindOf).map((verdict) => {
    // Nothing of it was changed, so that nothing says what it is to be: it is only given up.
    const isGivenUp = verdict.is === 'delete' && input.disowned?.has(verdict.live.address);
    if (isGivenUp === true) return { is: 'stranger' as const, live: verdict.live };
    if ('desired' in verdict && verdict.desired?.exactly !== undefined) {
      const bound = binding.of(verdict.desired.kind);
      return possible(replacing(toTheCell(verdict, bound), bound.kind, bound.resource), binding);
    }
    const sent = sendable(asSent(verdict, binding, catalog), binding);
    const { kind, resource } = binding.of(kindName(addressOf(sent)));
    return possible(replacing(sent, kind, resource), binding);
  });
  return heldByReferences(withheld(verdicts, meant, kindOf), surroundings);
}

/** What texts of it name may be called otherwise in the same plan. */
function withRenamed(desired: Desired, { live }: Observation, kindOf: KindOf): Desired {
  if (kindOf(desired.kind).citing === undefined) return desired;
  const names = new Map(
    live.flatMap(({ kind, previously, name }) =>
      previously === undefined ? [] : [[`${kindOf(kind).refType} ${previously}`, name] as const],
    ),
  );
  if (names.size === 0) return desired;
  return { ...desired, renamed: (to, name) => names.get(`${to} ${name}`) ?? null };
}

/** Of a rollback, what its run did and nothing more: entries of parts are others' as well. */
function withoutOthers(
  desired: readonly Desired[],
  { effects, disowned, binding }: PlanInput,
  { live }: Observation,
): readonly Desired[] {
  if (effects === undefined || effects.size === 0) return desired;
  const there = new Map<Address, Live>(live.map((one) => [one.address, one]));
  return desired.map((one) => {
    const [effect, now] = [effects.get(one.address), there.get(one.address)];
    if (effect === undefined || now === undefined) return one;
    const { kind, resource } = binding.of(one.kind);
    const { parts } = resource;
    const { fields, left } = takenBack(kind.fields, one.fields, now.fields, effect, parts);
    const given = disowned?.has(one.address) === true ? [GIVEN_UP] : [];
    const remarks = [...given, ...leftRemarks({ left })];
    return { ...one, fields, ...(remarks.length === 0 ? {} : { remarks }) };
  });
}

const GIVEN_UP = "it was nobody's before that run, and is nobody's again";

/** All that say what objects mean, whatever the plan is to bring about. */
function everyOf({ manifests, inGit = [] }: PlanInput): readonly Manifest[] {
  const own = new Set(manifests.map(({ kind, name }) => `${kind}/${name}`));
  return [...manifests, ...inGit.filter(({ kind, name }) => !own.has(`${kind}/${name}`))];
}

/** Of a kind: its objects are rows, and name others where an endpoint has their ids. */
function holding({ of }: Binding): (kind: string) => boolean {
  return (kind) => 'table' in of(kind).resource.home;
}

function surroundingsOf(
  input: PlanInput,
  { live, namesakes = [], catalog }: Observation,
  referrers: readonly Referrer[],
): Surroundings {
  const { manifests, scope, binding } = input;
  const { kindOf, behind } = binding;
  const scoped = manifests.filter(({ kind, name }) => isInScope(scope, `${kind}/${name}`));
  const everyManifest = everyOf(input);
  const holdsNames = holding(binding);
  const known = { catalog, kindOf, behind, referrers, holdsNames };
  // What cannot be told apart refers to things all the same.
  return { live: [...live, ...namesakes], manifests: scoped, everyManifest, ...known };
}

/** What was applied of fields that are on record by digest, where either side still has it. */
function recordsInFull(
  records: State['records'],
  sides: readonly (readonly Pick<Live, 'address' | 'fields'>[])[],
  hash: Hash,
): State['records'] {
  const short = [...records].filter(([, { applied }]) => isShortened(applied));
  if (short.length === 0) return records;
  const byAddress = sides.map(
    (side) => new Map<string, JsonObject>(side.map((one) => [one.address, one.fields])),
  );
  const full = new Map(records);
  for (const [address, record] of short) {
    const from = byAddress.map((side) => side.get(address));
    full.set(address, { ...record, applied: lengthened(record.applied ?? {}, from, hash) });
  }
  return full;
}

/** The org's, and what manifests in scope declare beside it. */
function catalogOf(
  { manifests, scope, binding }: PlanInput,
  { catalog }: Observation,
  learnt: Learnt,
): Catalog {
  const { kindOf } = binding;
  const scoped = manifests.filter(({ kind, name }) => isInScope(scope, `${kind}/${name}`));
  const isIn = new Set(scoped);
  const leftOut = manifests.filter((one) => !isIn.has(one));
  const declared = declaredIn(scoped, kindOf);
  return withDeclared(catalog, declared, learnt, declaredIn(leftOut, kindOf));
}

function addressIn({ address }: Pick<Live, 'address'>): Address {
  return address;
}

function joined(
  all: readonly ReadonlyMap<Address, readonly Obstacle[]>[],
): ReadonlyMap<Address, readonly Obstacle[]> {
  const out = new Map<Address, readonly Obstacle[]>();
  for (const [address, obstacles] of all.flatMap((one) => [...one])) {
    out.set(address, [...(out.get(address) ?? []), ...obstacles]);
  }
  return out;
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

function spentBy(reader: Reader, beforeChecks: number): Spent {
  const requests = reader.requests();
  return { requests, checks: requests - beforeChecks, perMinute: reader.perMinute() };
}

function policyOf(
  { prune, adopt, scope, owner }: PlanInput,
  { state }: Observation,
): ComparePolicy {
  const { records } = state;
  return { prune, adopt, scope, owner, records };
}

/**
 * `null` where there is nothing to say. Of a kind that was looked at only for what it refers to,
 * strangers are no news.
 */
function leftAloneBy(
  verdicts: readonly Verdict[],
  { binding }: PlanInput,
  { state }: Observation,
): LeftAlone | null {
  const recorded = [...state.records.values()].map(({ address }) => kindName(address));
  const named = new Set([...binding.uses, ...recorded]);
  const those = (is: Verdict['is']): Address[] =>
    verdicts.filter((verdict) => verdict.is === is).map(addressOf);
  const unowned = verdicts.filter((verdict) => verdict.is === 'unchanged' && !verdict.owned);
  const strangers = those('stranger').filter((address) => named.has(kindName(address)));
  const found = { unmanaged: those('unmanaged'), strangers };
  if (found.unmanaged.length + found.strangers.length + unowned.length === 0) return null;
  return { ...found, unowned: unowned.map(addressOf) };
}

interface PlanContent extends Judgement {
  readonly observation: Observation;
  readonly changes: readonly Change[];
  readonly records: number;
  readonly estimate: Estimate | null;
  readonly behind: readonly Elsewhere[];
  readonly deserted: Deserted;
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

function assemble(
  input: PlanInput,
  { observation, verdicts, changes, manifests, records, estimate, behind, deserted }: PlanContent,
  requests: number,
  kindOf: KindOf,
  hash: Hash,
): Plan {
  const counts = countsOf(verdicts);
  const partsOf = (kind: string): readonly Part[] => input.binding.of(kind).resource.parts ?? [];
  const blocked = blockedIn(verdicts);
  const owned = ownedIn(observation, input.owner, input);
  const leftAlone = leftAloneBy(verdicts, input, observation);
  const unenforced = unenforcedIn(changes, input.binding);
  const tuned = tunedIn(verdicts, kindOf);
  const { live, catalog } = observation;
  const { manifests: all, binding } = input;
  const holdsNames = holding(binding);
  const dangling = danglingIn({ manifests: all, live, catalog, kindOf, holdsNames }, verdicts);
  return sealed(
    {
      format: 1,
      tool: { name: 'strategos', version: input.version },
      commit: input.commit,
      ...(input.uncommitted ? { uncommitted: input.uncommitted } : {}),
      environment: { ...input.environment, tables: input.binding.tables },
      organization: observation.organization,
      scope: scopeTexts(input.scope),
      manifests,
      observed: observedDigest(observation, hash),
      references: referencesOf(changes, kindOf, observation.catalog),
      tables: observation.homes.missing.map((spec) => spec.name),
      changes,
      counts,
      ...(blocked.length === 0 ? {} : { blocked }),
      ...(behind.length === 0 ? {} : { elsewhere: behind }),
      ...(leftAlone === null ? {} : { leftAlone }),
      ...(unenforced.length === 0 ? {} : { unenforced }),
      ...(tuned.length === 0 ? {} : { tuned }),
      ...(dangling.length === 0 ? {} : { dangling }),
      guards: [
        ...talliesOf(changes, owned, kindOf).flatMap((tally) => guard(tally, input.guards)),
        ...partTalliesOf(changes, partsOf).map((tally) => partGuard(tally, input.guards)),
        ...roomGuard(filledBy(changes, observation, input.binding)),
        ...consumersGuard(changes),
        ...deserted.guards,
        ...runningGuard(changes, kindOf),
        ...ownershipGuard(conflictsOf(verdicts, input.owner)),
      ],
      records,
      requests,
      ...(estimate === null ? {} : { estimate }),
    },
    hash,
  );
}

/** What the changes add to data tables. */
function filledBy(
  changes: readonly Change[],
  { state, live, namesakes = [] }: Observation,
  { all, tables, of }: Binding,
): Filled[] {
  const inTables = all.filter(({ resource }) => !('path' in resource.home));
  const parts = new Set(
    changes.flatMap(({ address }) =>
      (of(kindName(address)).resource.parts ?? []).flatMap(({ field, rows }) =>
        rows === undefined ? [] : field,
      ),
    ),
  );
  return [
    recordsFilled(changes, state, tables.state),
    ...inTables.map(({ kind }) =>
      // What cannot be told apart takes room all the same.
      objectsFilled(changes, [...live, ...namesakes], { kind: kind.name, table: tables.objects }),
    ),
    ...[...parts].flatMap((field) => rowsFilled(changes, field)),
  ];
}

function unenforcedIn(changes: readonly Change[], { all }: Binding): string[] {
  return all.flatMap(({ kind, resource }) => {
    const made = changes.flatMap(({ address, after }) =>
      kindName(address) === kind.name && after !== null ? [after] : [],
    );
    return resource.unenforced?.(made) ?? [];
  });
}

function conflictsOf(verdicts: readonly Verdict[], us: Us): OwnershipConflicts {
  const adopted = verdicts.filter(
    (verdict) => verdict.is === 'adopt' && !asksForAdoption(verdict.desired.manifest),
  );
  const foreign = verdicts.flatMap((verdict) => {
    if (verdict.is !== 'foreign') return [];
    const { owner, remark } = verdict;
    return [{ address: addressOf(verdict), owner, remark }];
  });
  return { adopted: adopted.map(addressOf), foreign, us };
}

function ownedIn(
  { live, state }: Observation,
  owner: Us,
  { manifests, binding: { kindOf } }: Pick<PlanInput, 'manifests' | 'binding'>,
): ReadonlyMap<string, number> {
  const owned = new Map(manifests.map(({ kind }): [string, number] => [kind, 0]));
  for (const one of live) {
    const record = state.records.get(one.address);
    if (ownershipOf(record, one, owner, kindOf(one.kind)).by !== 'us') continue;
    owned.set(one.kind, (owned.get(one.kind) ?? 0) + 1);
  }
  return owned;
}

function inPlace({ live }: Observation, verdicts: readonly Verdict[]): Planned['isInPlace'] {
  const there = new Set<string>(live.map(({ address }) => address));
  const right = new Set(
    verdicts.filter((verdict) => verdict.is === 'unchanged' && verdict.owned).map(addressOf),
  );
  return ({ action, address }) => (action === 'delete' ? !there.has(address) : right.has(address));
}

/** What will be there is read from what will be sent, so that no plan shows anything else. */
export function asSent(verdict: Verdict, binding: Binding, catalog: Catalog): Verdict {
  if (!('after' in verdict)) return verdict;
  const { desired, after } = verdict;
  const bound = binding.of(desired.kind);
  const entity = bound.resource.entity(desired.name, after, idsIn(catalog));
  const sent = liveOf(bound, entity, catalog).fields;
  // What the manifest leaves out is not asked for, whatever a new object has there.
  const asked = Object.entries(sent).filter(([key]) => Object.hasOwn(after, key));
  // What has an endpoint of its own is sent there as it is asked for.
  const { ofParts } = partedFields(bound.resource, after);
  return { ...verdict, after: { ...Object.fromEntries(asked), ...ofParts } };
}

/** What the backend cannot hold is not sent; the same verdict where it can. */
function sendable(verdict: Verdict, binding: Binding): Verdict {
  if (!('after' in verdict)) return verdict;
  const { desired, after } = verdict;
  return blockedBy(verdict, binding.of(desired.kind).resource.problems?.(after) ?? []);
}

/** What cannot be made of the object that is there is not tried; the same verdict where it can. */
function possible(verdict: Verdict, binding: Binding): Verdict {
  // What is made again is a new object.
  if (!('after' in verdict) || !('live' in verdict) || verdict.is === 'replace') return verdict;
  const { desired, live, after } = verdict;
  return blockedBy(verdict, binding.of(desired.kind).resource.refused?.(live.fields, after) ?? []);
}

function blockedBy(
  verdict: Extract<Verdict, { after: JsonObject }>,
  problems: readonly ResourceProblem[],
): Verdict {
  if (problems.length === 0) return verdict;
  const { desired } = verdict;
  const { address } = desired;
  const obstacles = problems.map(({ pointer, message, hint }): Obstacle => {
    const { file, line } = desired.at(pointer);
    return { message, hint, at: { file, line } };
  });
  const live = 'live' in verdict ? verdict.live : null;
  return { is: 'blocked', address, desired, live, obstacles };
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

/** Over what the manifests say, not how: comments, order of keys and file names do not count. */
export function manifestsDigest(manifests: readonly Manifest[], hash: Hash): Digest {
  return digestOf(
    hash,
    manifests.map((manifest) => manifest.body),
  );
}

export function observedDigest(observation: Pick<Observation, 'live'>, hash: Hash): Digest {
  const objects = observation.live
    .map((live): JsonObject => ({ id: live.id, version: live.version, fields: live.fields }))
    .sort((a, b) => byText(textOf(a['id']), textOf(b['id'])));
  return digestOf(hash, objects);
}

/** The checks that each of `changes` asks for, by address. */
function checksOf(
  changes: readonly Change[],
  manifests: readonly Manifest[],
  kindOf: KindOf,
): Map<string, CheckRequest[]> {
  const byAddress = new Map(manifests.map((one) => [`${one.kind}/${one.name}`, one]));
  return new Map(
    changes.map((change) => {
      const manifest = byAddress.get(change.address);
      if (manifest === undefined || change.after === null) return [change.address, []];
      const { readiness } = kindOf(manifest.kind);
      return [change.address, readiness?.checks(manifest, change.after, change.before) ?? []];
    }),
  );
}
