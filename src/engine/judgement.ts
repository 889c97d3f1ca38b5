/** What becomes of every object, by what was read: no request is sent from here. */
import type { Catalog } from '../core/catalog.js';
import { uncircled } from '../core/circles.js';
import { addressOf, compare, type ComparePolicy, type Verdict } from '../core/compare.js';
import { same } from '../core/canonical.js';
import { crewMoves, waitForCrews, type CrewMoves } from '../core/crew.js';
import { manifestsDigest } from '../core/digests.js';
import { operationalIn } from '../core/fields.js';
import { formerIn } from '../core/former.js';
import { without, type JsonObject } from '../core/json.js';
import type { CheckRequest, KindOf } from '../core/kind.js';
import { withLosses } from '../core/losses.js';
import { unmovable } from '../core/moved.js';
import { readingOrder } from '../core/order.js';
import { kindName } from '../core/outcome.js';
import { changesOf, withheld } from '../core/plan.js';
import {
  besideOf,
  citedBy,
  heldByReferences,
  waitForReferences,
  withTexts,
  type Beside,
  type Referrer,
  type Surroundings,
} from '../core/references.js';
import { madeSince, renamedIn, renamedSince } from '../core/renamed.js';
import { following, replacing } from '../core/replacing.js';
import { partsOf } from '../core/rollback.js';
import { isShortened, lengthened } from '../core/shortened.js';
import type { State } from '../core/state.js';
import { twinsOf } from '../core/twins.js';
import type {
  Address,
  Change,
  Desired,
  Digest,
  Hash,
  Live,
  Manifest,
  Obstacle,
} from '../core/types.js';
import { leftRemarks, takenBack, takenOut } from '../core/undone.js';
import { resolve } from '../manifest/resolve.js';
import { asSent, possible, sendable } from './as-sent.js';
import { exactDesired, orAsFound, renamedFrom, toTheCell, withFound, withNewId } from './exact.js';
import type { Observation } from './observe.js';
import { addressIn, everyOf, holding, meantIn, scopedIn, type PlanInput } from './planning.js';
import { withAnew } from './starts.js';

/** What becomes of every object, the changes of that, and the digest of all manifests. */
export interface Judgement {
  readonly verdicts: readonly Verdict[];
  readonly drafts: readonly Change[];
  /** The checks that the changes ask for, by address. */
  readonly requests: ReadonlyMap<string, readonly CheckRequest[]>;
  /** Who comes to queues and goes by these changes. */
  readonly moves: CrewMoves;
  readonly manifests: Digest;
}

/** `names`: the catalog as the org gave it, which a second plan of the run goes by as well. */
export interface Known {
  readonly input: PlanInput;
  readonly observation: Observation;
  readonly names: Catalog;
  /** What was looked at for what it refers to alone. */
  readonly referrers?: readonly Referrer[];
}

export function judge({ input, observation, names, referrers = [] }: Known, hash: Hash): Judgement {
  const { binding } = input;
  const { kindOf } = binding;
  const { live, catalog } = observation;
  const cited = citedBy(input.manifests, kindOf, binding.behind);
  const surroundings = surroundingsOf(input, observation, referrers);
  const beside = besideOf(surroundings);
  const meant = meantIn(input.inGit ?? [], binding);
  // A run that made or took away a table, and git, may both be silent of what its cells mean.
  const besideAmong = (changes: readonly Change[]): Beside =>
    input.findings === undefined
      ? beside
      : withTexts(beside, changes, kindOf, (of) => meant.has(of));
  const crews = { live, kindOf, behind: binding.behind, catalog };
  const { verdicts: apart, changes: referring } = uncircled(
    judged(input, observation, surroundings, hash),
    surroundings,
    (of) => {
      const changes = changesOf(following(of, binding), kindOf, hash);
      return waitForReferences(changes, surroundings, cited, besideAmong(changes));
    },
  );
  const crewed = waitForCrews(referring, crewMoves(referring, crews), kindOf);
  const ordered = readingOrder(crewed);
  const verdicts = following(apart, binding);
  const entities = new Map(live.map((one) => [one.address, one.entity]));
  const byAddress = new Map(verdicts.map((one) => [addressOf(one), one]));
  const renamed = renamedFrom(live, kindOf);
  const drafts = ordered.map((change) => {
    const entity = entities.get(change.address) ?? null;
    const bound = binding.of(kindName(change.address));
    const shown = withAnew(change, byAddress.get(change.address), kindOf);
    const known = withFound(shown, entity, bound, catalog, renamed);
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
export function judgedBefore({ input, observation, names }: Known): Judgement | null {
  const before = OF_NOTHING.get(names);
  if (before === undefined || !isEmpty(observation)) return null;
  const asked = [
    'manifests',
    'binding',
    'findings',
    'effects',
    'objects',
    'deletedSince',
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
  const scoped = scopedIn(input);
  const former = formerIn(state.records, input.ids);
  const { findings = new Map(), asFound = false } = input;
  const back = { findings, former, asFound };
  const isOfRun = input.findings !== undefined;
  const exact = exactDesired(scoped, back, binding, catalog);
  const holdsNames = holding(binding);
  // What a run found in an object it names by an id; its log has the name that this had then.
  const isById = (kind: string): boolean => isOfRun && !holdsNames(kind);
  // What it found stands in its log, where nobody writes anything.
  const where = isOfRun ? '' : 'the manifest';
  const resolved = resolve(exact.others, catalog, kindOf, former, isById, where);
  const { desired, obstacles, meant } = resolved;
  const all = [...exact.desired, ...desired].map((one) => withRenamed(one, observation, kindOf));
  const wanted = withoutOthers(all, input, observation).map((one) => withLost(one, input));
  const renamed = renamedIn(scoped, live, state.records, input.owner, isOfRun);
  const objects = input.objects ?? new Map<Address, string>();
  const elsewhere = renamedSince(objects, live);
  const { manifests, deletedSince = new Map<Address, string>() } = input;
  const ofRun = { objects, deletedSince, manifests, elsewhere };
  const policy = {
    ...policyOf(input, observation),
    records: recordsInFull(state.records, [live, wanted], hash),
    sought: elsewhere,
    obstacles: joined([
      orAsFound(obstacles, back, binding),
      unclear,
      reserved,
      // Out of scope as well: what a manifest there means is not to be deleted by its old name.
      twinsOf(input.manifests, [...live.map(addressIn), ...unclear.keys()]),
      renamed,
      new Map([...elsewhere].filter(([address]) => !renamed.has(address))),
      madeSince(ofRun, live, state.records),
      unmovable(input.manifests, live, binding.of, state.records, isOfRun),
    ]),
  };
  const verdicts = compare(wanted, live, policy, kindOf).map((found) => {
    const verdict = withTakenOut(found, input);
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
  const declared = new Set(everyOf(input).map(({ kind, name }): Address => `${kind}/${name}`));
  return heldByReferences(withheld(verdicts, meant, kindOf, declared), surroundings);
}

/** Of a rollback: what its run has given an object that had none of it is in it no more. */
function withTakenOut(verdict: Verdict, { effects, binding }: PlanInput): Verdict {
  const effect = effects?.get(addressOf(verdict));
  if (effect === undefined) return verdict;
  if (verdict.is !== 'update' && verdict.is !== 'unchanged' && verdict.is !== 'adopt')
    return verdict;
  const { desired, live } = verdict;
  const { kind } = binding.of(desired.kind);
  const except = new Set([...partsOf(kind), ...operationalIn(kind.fields)]);
  const from = verdict.is === 'unchanged' ? live.fields : verdict.after;
  const after = takenOut(kind.fields, from, effect, except);
  if (same(after, from)) return verdict;
  if (verdict.is !== 'unchanged') return { ...verdict, after };
  return { is: verdict.owned ? 'update' : 'adopt', desired, live, after, applied: null };
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
    const lasting = resource.lasting?.(now.fields, fields) ?? null;
    const remarks = [...given, ...(lasting?.stays ?? []), ...leftRemarks({ left })];
    // To the last cell it is not as it was any more.
    const kept = lasting === null ? one : without(one, 'exactly');
    const as = { ...kept, fields: lasting?.fields ?? fields };
    return { ...as, ...(remarks.length === 0 ? {} : { remarks }) };
  });
}

function withLost(desired: Desired, { lost }: PlanInput): Desired {
  const gone = lost?.get(desired.address) ?? [];
  if (gone.length === 0) return desired;
  return { ...desired, remarks: [...(desired.remarks ?? []), ...gone] };
}

/** Which its record says, and nothing of the object. */
export const GIVEN_UP = "it was nobody's before that run, and is nobody's again";

function surroundingsOf(
  input: PlanInput,
  { live, namesakes = [], catalog }: Observation,
  referrers: readonly Referrer[],
): Surroundings {
  const { binding } = input;
  const { kindOf, behind } = binding;
  const everyManifest = everyOf(input);
  const holdsNames = holding(binding);
  const known = { catalog, kindOf, behind, referrers, holdsNames };
  // What cannot be told apart refers to things all the same.
  return { live: [...live, ...namesakes], manifests: scopedIn(input), everyManifest, ...known };
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

function joined(
  all: readonly ReadonlyMap<Address, readonly Obstacle[]>[],
): ReadonlyMap<Address, readonly Obstacle[]> {
  const out = new Map<Address, readonly Obstacle[]>();
  for (const [address, obstacles] of all.flatMap((one) => [...one])) {
    out.set(address, [...(out.get(address) ?? []), ...obstacles]);
  }
  return out;
}

function policyOf(
  { prune, adopt, scope, owner }: PlanInput,
  { state }: Observation,
): ComparePolicy {
  const { records } = state;
  return { prune, adopt, scope, owner, records };
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
