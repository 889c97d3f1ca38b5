/**
 * How many requests an apply of a plan will need, from its planning to the release of its lock. An
 * estimate: what fails, what a person edits in between and how long activations take nobody knows.
 *
 * Counted by walking the same steps that `execute.ts` takes; what goes in files is decided and
 * counted by `bulk.ts`. All that is a number of this file's own stands at its top.
 */
import { halvesOf, type Half } from '../core/halves.js';
import type { Step } from '../core/resource.js';
import { blocks, kindName } from '../core/outcome.js';
import { same } from '../core/canonical.js';
import type { Change, Estimate, Paced } from '../core/types.js';
import { pagesOf, requestsToWrite } from '../core/row-traffic.js';
import { writeInBulk } from './bulk.js';
import { jobsFor, loadOf, pays, requestsFor } from './bulk-load.js';
import type { Chore } from './chore.js';
import type { Binding } from './bind.js';
import { idOnRecord, type Observation } from './observe.js';
import { ownChange, parted, partWrites } from './parts.js';

/** A strategy is looked at 0, 0.25 and 0.75 s after its activation began: twice, or thrice. */
const LOOKS_PER_ACTIVATION = 2.5;
/** A job is reckoned with three looks at it, and is over at the first, the second or the third. */
const SPARED_PER_JOB = 1;
/** The row of the lock, the head of the log twice, a look whether the lock is ours, its removal. */
const PER_LOCK = 5;
/** The records of what is ours, where there are none yet. */
const PER_LISTING = 1;
/** The record of an object: one row, written or removed. */
const PER_RECORD = 1;
/** A row of it that an older version wrote, or in another table, removed. */
const PER_OLD_ROW = 1;

/** What the changes will be made in. */
export interface Scene {
  readonly binding: Binding;
  readonly observation: Pick<Observation, 'homes' | 'live' | 'state'>;
  readonly chores: readonly Chore[];
}

/** What the plan took, and what the platform allows. */
export interface Spent {
  readonly requests: number;
  /** Those of them that answered checks. */
  readonly checks: number;
  readonly perMinute: number | null;
}

/** `null` where there is nothing to do. */
export function estimateOf(
  changes: readonly Change[],
  scene: Scene,
  spent: Spent,
): Estimate | null {
  if (changes.length === 0 && scene.chores.length === 0) return null;
  const work = requestsToCarryOut(changes, scene, spent);
  const { perMinute } = spent;
  const paced = pacedIn(changes, scene);
  return {
    requests: Math.round(spent.requests + PER_LOCK + tables(scene) + work),
    perMinute,
    ...(paced.length === 0 ? {} : { paced }),
  };
}

/** Writes that take longer than the rate limit would have it, by kinds that have more to write. */
function pacedIn(changes: readonly Change[], scene: Scene): Paced[] {
  return scene.binding.all.flatMap(({ kind, writesPerMinute: perMinute }): Paced[] => {
    if (perMinute === undefined) return [];
    const own = changes.filter(({ address }) => kindName(address) === kind.name);
    const writes = sum(own.map((change) => writesOf(change, scene)));
    return writes <= perMinute ? [] : [{ kind: kind.name, writes: Math.round(writes), perMinute }];
  });
}

/** Of the object itself, and of its parts. */
function writesOf(change: Change, scene: Scene): number {
  return sum(
    halvesIn(change, scene).map((half) => {
      const own = stepsOf(half, scene).filter((step) => step.do === 'write').length;
      return own + requestsOfParts(half, scene, false);
    }),
  );
}

/** Of changes and chores alone: planning, lock and tables left out. */
export function requestsToCarryOut(
  changes: readonly Change[],
  scene: Scene,
  { checks, perMinute }: Pick<Spent, 'checks' | 'perMinute'>,
): number {
  const { bulk, single } = byWay(changes, scene);
  const own = sum(single.map((change) => requestsSingly(change, scene)));
  const beside = sum(scene.chores.map((chore) => requestsOfChore(chore, scene)));
  const halves = single.flatMap((change) => halvesIn(change, scene));
  const asked = halves.some((half) => stepsOf(half, scene).some((step) => step.do === 'check'));
  return bulk + beside + (asked ? withChecks(own, checks, perMinute) : own);
}

/** Tables that have to be made; without one for the lock, what it protects is listed again. */
function tables({ observation: { homes, live } }: Scene): number {
  if (homes.missing.length === 0) return 0;
  const made = homes.missing.length + 1;
  return homes.state === null ? made + PER_LISTING + pagesOf(live.length) : made;
}

/** Requests of what goes in files, and what is left to go one by one. */
function byWay(
  changes: readonly Change[],
  scene: Scene,
): { readonly bulk: number; readonly single: readonly Change[] } {
  const single: Change[] = [];
  let bulk = 0;
  for (const name of new Set(changes.map(({ address }) => kindName(address)))) {
    const ofKind = changes.filter(({ address }) => kindName(address) === name);
    const candidates = ofKind.filter((change) => mayGoInBulk(change, scene));
    const passing = candidates.filter(({ checks }) => !checks.some(blocks));
    const there = scene.observation.live.filter((one) => one.kind === name).length;
    const load = loadOf(passing, there);
    const inBulk = pays(loadOf(candidates, there)) && pays(load);
    if (inBulk) {
      bulk += requestsFor(load).inBulk - SPARED_PER_JOB * jobsFor(load);
      bulk += sum(passing.map((change) => besideRecord(change, scene, false)));
    }
    const inFiles = new Set(inBulk ? passing : []);
    single.push(...ofKind.filter((change) => !inFiles.has(change)));
  }
  return { bulk, single };
}

function mayGoInBulk(change: Change, scene: Scene): boolean {
  const { resource } = scene.binding.of(kindName(change.address));
  const known = scene.observation.state.records.get(change.address) ?? null;
  return writeInBulk(change, resource, '', known) !== null;
}

function requestsSingly(change: Change, scene: Scene): number {
  return sum(halvesIn(change, scene).map((half) => requestsOfHalf(half, change, scene)));
}

function halvesIn(change: Change, { binding }: Scene): readonly Half[] {
  return halvesOf(change, binding.of(kindName(change.address)));
}

function requestsOfHalf(change: Half, { action }: Change, scene: Scene): number {
  const { precondition } = change;
  const steps = stepsOf(change, scene);
  const writes = steps.filter((step) => step.do === 'write').length;
  const looks = steps.filter((step) => step.do === 'verify').length;
  const activations = steps.filter((step) => step.do === 'await-active').length;
  // Without a version the platform cannot tell that an object moved: it is looked at first.
  const isCounted = change.action === 'create' || typeof precondition?.version === 'number';
  const unseen = !isCounted && looks === 0 && writes > 0 ? 1 : 0;
  const looked = activations * LOOKS_PER_ACTIVATION;
  // Of what is made again the record stays until there is a new one.
  const isKept = action === 'replace' && change.action === 'delete';
  const records = isKept ? 0 : recordsOf(change, scene);
  const own = writes + looks + unseen + looked + records;
  return own + requestsOfParts(change, scene, looks + unseen > 0);
}

/** What is below an object is looked at as often as the object itself, and written after it. */
function requestsOfParts(change: Change, { binding }: Scene, isLookedAt: boolean): number {
  const { resource } = binding.of(kindName(change.address));
  const { inFiles, singly } = parted(
    partWrites(resource, change, '', () => ''),
    true,
  );
  const ofFiles = inFiles.map(({ rows }) => requestsToWrite(rows).inFile - SPARED_PER_JOB);
  const writes = singly.length + sum(ofFiles);
  if (!isLookedAt) return writes;
  const pages = (resource.parts ?? []).map((part) => {
    const before = change.before?.[part.field];
    if (before === undefined && change.after?.[part.field] === undefined) return 0;
    const items = typeof before === 'object' && before !== null ? Object.keys(before).length : 0;
    return Math.max(1, Math.ceil(items / part.page('', '').pageSize));
  });
  return writes + sum(pages);
}

/** Its claim where it is new or nobody's, what is asked about an earlier one, and its record. */
function recordsOf(change: Change, { observation, ...scene }: Scene): number {
  const { action, address } = change;
  const known = observation.state.records.get(address);
  const beside = besideRecord(change, { observation }, action === 'delete');
  if (action === 'delete') return known === undefined ? 0 : PER_RECORD + beside;
  const claims = action === 'adopt' && !same(change.before, change.after) ? PER_RECORD : 0;
  if (action !== 'create') return PER_RECORD + claims + beside;
  const { resource } = scene.binding.of(kindName(address));
  const isAskedFor = known !== undefined && idOnRecord(resource, known) !== null;
  return 2 * PER_RECORD + beside + (isAskedFor ? 1 : 0);
}

/** What an older version wrote goes with the record, or after it has been written anew. */
function besideRecord(
  { address }: Pick<Change, 'address'>,
  { observation }: Pick<Scene, 'observation'>,
  isReleased: boolean,
): number {
  const { oldRow, moves } = observation.state.records.get(address) ?? {};
  const rows = (oldRow === undefined ? 0 : 1) + (moves?.places.length ?? 0);
  // The one that is all there is goes as the record itself would.
  const isRecord = isReleased && (oldRow === 'only' || moves?.only === true);
  return PER_OLD_ROW * (isRecord ? rows - 1 : rows);
}

function requestsOfChore(chore: Chore, { observation, ...scene }: Scene): number {
  const beside = besideRecord(chore, { observation }, chore.do === 'release');
  if (chore.do === 'tidy') return beside;
  if (chore.do === 'refresh' || chore.do === 'move') return PER_RECORD + beside;
  const record = observation.state.records.get(chore.address);
  const { resource } = scene.binding.of(kindName(chore.address));
  // An object that a listing does not show may be there all the same.
  const isAskedFor = record !== undefined && idOnRecord(resource, record) !== null;
  return PER_RECORD + beside + (isAskedFor ? 1 : 0);
}

function stepsOf(change: Half, { binding }: Scene): readonly Step[] {
  const { resource } = binding.of(kindName(change.address));
  return resource.steps(ownChange(resource, change), '');
}

/** What the checks are answered from is asked for again every minute. */
function withChecks(requests: number, checks: number, perMinute: number | null): number {
  if (perMinute === null || checks === 0) return requests;
  let all = requests;
  // Asking takes minutes as well; more than all of them there is no time for.
  for (let round = 0; round < ROUNDS; round += 1) {
    const minutes = Math.floor(Math.max(0, all - 1) / perMinute);
    all = requests + minutes * checks;
  }
  return all;
}

/** After so many the number stays, or would never. */
const ROUNDS = 5;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
