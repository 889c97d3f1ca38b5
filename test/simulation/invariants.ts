/** What must hold of every history, whatever goes wrong in it. */
import { verifyChain, type AuditRecord } from '../../src/core/audit.js';
import { LOCK_KEY } from '../../src/core/state.js';
import { headStandingOf } from '../../src/core/head.js';
import { verdictWith } from '../../src/core/verdict.js';
import { isObject, textOf, type JsonObject } from '../../src/core/json.js';
import { sha256 } from '../../src/files/digest.js';
import type { Owner } from '../../src/core/owner.js';
import { FOLDERS } from './folders.js';
import type { Folder } from './history.js';
import { asTold, onlyOnce, stalePart } from './kept.js';
import { isStranger, type Arrival, type SimulatedRun, type SimulatedWorld } from './world.js';

/** Looked at when a run has ended, whichever way. */
export function afterRun(world: SimulatedWorld, run: SimulatedRun, maxDeletes: number): void {
  const records = world.disk.records(run.id);
  const effective = run.arrivals.filter(({ tookEffect }) => tookEffect);
  witnessed(world, run, records, effective);
  for (const arrival of effective) {
    lockedWriter(world, arrival);
    untouched(world, arrival);
    apart(world, arrival);
    certain(world, arrival);
    referredTo(world, arrival);
    asTold(world, arrival);
    staleSafe(world, arrival);
  }
  onlyOnce(world, run);
  bounded(world, run, effective, maxDeletes);
  chainHolds(world, run);
}

/** Every write that reached the org has an intent on disk that says exactly that. */
function witnessed(
  world: SimulatedWorld,
  run: SimulatedRun,
  records: readonly AuditRecord[],
  effective: readonly Arrival[],
): void {
  const intents = records.filter(({ type }) => type === 'intent');
  for (const { request, place } of effective) {
    // The lock is given back although there is no log any more, lest it stay for good.
    const isRelease = place.is === 'lock' && request.method === 'DELETE';
    if (isRelease && run.fortune.hasFoundDiskFull()) continue;
    const path = request.path.split('?')[0] ?? '';
    const isSame = ({ request: planned, detail }: AuditRecord): boolean => {
      if (place.is === 'upload') return isForUpload(world, detail, path);
      if (planned?.method !== request.method || planned.path.split('?')[0] !== path) return false;
      const body = request.body === '' ? null : (JSON.parse(request.body) as JsonObject);
      return JSON.stringify(detail?.['body'] ?? null) === JSON.stringify(body);
    };
    const wanted = place.is === 'upload' ? lines(request.body) - 1 : 1;
    const rows = intents.filter(isSame).map(({ detail }) => rowsIn(detail));
    if (rows.reduce((all, one) => all + one, 0) < wanted) {
      world.violated('witnessed', `${run.id}: ${request.method} ${path} took effect unrecorded`);
    }
  }
}

/** Rows of one object have an intent together. */
function rowsIn(detail: JsonObject | null): number {
  const body = detail?.['body'];
  return Array.isArray(body) && detail?.['job'] !== undefined ? body.length : 1;
}

function isForUpload(world: SimulatedWorld, detail: JsonObject | null, path: string): boolean {
  const job = world.org.imports.get(textOf(detail?.['job']));
  return job !== undefined && path.endsWith(job.uploadSecret);
}

function lines(text: string): number {
  return text.split('\n').filter((line) => line !== '').length;
}

/** Objects and records are written by whoever holds the lock. */
function lockedWriter(world: SimulatedWorld, { run, request, place, lockedBy }: Arrival): void {
  if (!['object', 'part', 'record', 'head'].includes(place.is)) return;
  if (lockedBy === run.id) return;
  const holder = lockedBy ?? 'nobody';
  world.violated(
    'alone',
    `${run.id}: ${request.method} ${place.name} while ${holder} had the lock`,
  );
}

/** Nobody's and others' objects, and the records of others, are left alone. */
function untouched(world: SimulatedWorld, { run, request, place }: Arrival): void {
  const name = place.name.replace(/^RoutingStrategy\//, '');
  if (!isStranger(name)) return;
  world.violated('untouched', `${run.id}: ${request.method} ${place.is} ${place.name}`);
}

/** What another owner has on record, and the record itself, is not written. */
function apart(world: SimulatedWorld, { run, request, place, recorded }: Arrival): void {
  if (!['object', 'part', 'record', 'upload'].includes(place.is)) return;
  for (const { owner } of recorded) {
    // By the letter: how the tool tells owners apart is what is tried here.
    if (isSame(owner, FOLDERS[run.folder])) continue;
    const what = `${request.method} ${place.is} ${place.name}`;
    world.violated('apart', `${run.id} of ${run.folder}: ${what} of ${owner.name}`);
  }
}

function isSame(a: Owner, b: Owner): boolean {
  return a.name === b.name && a.environment === b.environment;
}

/** What nobody can tell never becomes a delete, a record given up, or a name without an id. */
function certain(world: SimulatedWorld, { run, request, place, recorded }: Arrival): void {
  const isDelete = request.method === 'DELETE';
  if (isDelete && place.is === 'object' && run.declared.has(place.name)) {
    world.violated('certain', `${run.id}: ${place.name} is declared, and was deleted`);
  }
  if (isDelete && place.is === 'record' && recorded.some(({ isThere }) => isThere)) {
    world.violated('certain', `${run.id}: ${place.name} is there, and its record was given up`);
  }
  if (place.is === 'object' && /"(?:id|queueId|skillId|queue)":""/.test(request.body)) {
    world.violated('certain', `${run.id}: ${place.name} was written with an empty id`);
  }
}

/** What something refers to is deleted once it has let go, and not before. */
function referredTo(world: SimulatedWorld, { run, request, place, requiredBy }: Arrival): void {
  if (request.method !== 'DELETE' || place.is !== 'object' || requiredBy.length === 0) return;
  const who = requiredBy.join(', ');
  world.violated('referred to', `${run.id}: ${place.name} was deleted, and ${who} require it`);
}

/** What is overwritten or deleted is what the plan saw, or what this run has made of it since. */
function staleSafe(world: SimulatedWorld, arrival: Arrival): void {
  const { run, request, place, before, after } = arrival;
  if (place.is === 'part') stalePart(world, arrival);
  if (place.is !== 'object') return;
  const known = run.base.get(place.key) ?? null;
  if (before !== null && before !== known && before !== run.planned.get(place.key)) {
    const what = `${run.id}: ${request.method} ${place.name} overwrote an edit`;
    world.violated('stale-safe', `${what}: ${before} was not ${known ?? 'known'}`);
  }
  if (after === null) run.base.delete(place.key);
  else run.base.set(place.key, after);
}

function bounded(
  world: SimulatedWorld,
  run: SimulatedRun,
  effective: readonly Arrival[],
  maxDeletes: number,
): void {
  const isDelete = ({ request, place }: Arrival): boolean =>
    request.method === 'DELETE' && place.is === 'object';
  // Kind by kind, as the guard counts.
  const kinds = new Map<string, number>();
  for (const { place } of effective.filter(isDelete)) {
    const kind = /^(\w+)\//.exec(place.name)?.[1] ?? '';
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  for (const [kind, deletes] of kinds) {
    if (deletes <= maxDeletes) continue;
    const what = `${deletes} deletes of ${kind === '' ? 'strategies' : kind}`;
    world.violated('bounded', `${run.id}: ${what}, ${maxDeletes} are allowed`);
  }
}

/** After a crash as well; only the last line may be half a line then. */
function chainHolds(world: SimulatedWorld, run: SimulatedRun): void {
  const text = world.disk.logs.get(run.id) ?? '';
  const { problems, cut } = verifyChain(text, sha256);
  if (cut !== (run.fortune.killedAt === 'half a record')) {
    world.violated('witnessed', `${run.id}: the last record is ${cut ? '' : 'not '}cut off`);
  }
  for (const { line, message } of problems) {
    world.violated('witnessed', `${run.id}: record ${line} ${message}`);
  }
}

/** Nothing that a run wrote or said holds a secret. */
export function silent(world: SimulatedWorld, run: SimulatedRun, said: string): void {
  const all = `${world.disk.logs.get(run.id) ?? ''}\n${said}`;
  for (const secret of world.secrets) {
    if (all.includes(secret)) world.violated('silent', `${run.id} has let out a secret`);
  }
}

/** That its lock was released by somebody else a run says only when that is so. */
export function blamesNobody(world: SimulatedWorld, run: SimulatedRun, said: string): void {
  if (!said.includes('was released by somebody else')) return;
  const others = world.arrivals.filter(
    (one) => one.run !== run && one.place.name === LOCK_KEY && one.request.method === 'DELETE',
  );
  if (others.some(({ tookEffect }) => tookEffect)) return;
  world.violated('blameless', `${run.id} says that somebody else has released its lock`);
}

/**
 * The head in the org is what the last run has left, and the logs of all runs, killed ones among
 * them, are one chain that leads to it.
 */
export function anchored(world: SimulatedWorld, folder: Folder): void {
  const head = world.head(folder);
  // Nothing was ever to be done, and there is no place for a head.
  if (world.stateTable() === undefined && head === null) return;
  const ids = [...world.disk.logs.keys()].filter((id) => world.folderOf.get(id) === folder);
  const last = ids.at(-1) ?? '';
  if (head?.run !== last) {
    world.violated('anchored', `the head in the org is of ${head?.run ?? 'nobody'}, not ${last}`);
  }
  const { left } = headStandingOf(world.disk.records(last));
  if (left?.digest !== head?.digest) world.violated('anchored', `${last} has left another head`);
  const runs = ids.map((id) => ({ id, chain: verifyChain(world.disk.logs.get(id) ?? '', sha256) }));
  for (const { run, message } of verdictWith(runs, head, () => true).findings) {
    world.violated('anchored', `${run} ${message}`);
  }
}

export function strangersAreWhatTheyWere(world: SimulatedWorld): void {
  for (const [key, content] of world.strangers) {
    if (world.contentAt(key) === content) continue;
    world.violated('untouched', `${key} is ${world.contentAt(key) ?? 'gone'}, was ${content}`);
  }
}

/**
 * What a later run says of a write that was left open is true: held against what really happened,
 * where nobody else has touched the object since.
 */
export function settledTruly(world: SimulatedWorld): void {
  for (const run of world.disk.logs.keys()) {
    for (const record of world.disk.records(run)) {
      const { detail, outcome } = record;
      const other = textOf(detail?.['run']);
      const seq = Number(detail?.['seq']);
      if (record.type !== 'settled' || other === '' || !Number.isFinite(seq)) continue;
      const intent = world.disk.records(other)[seq - 1];
      if (intent === undefined || !isObject(intent.detail)) continue;
      judge(world, other, intent, outcome?.state ?? '');
    }
  }
}

function judge(world: SimulatedWorld, run: string, intent: AuditRecord, said: string): void {
  const { request, address, detail } = intent;
  const step = textOf(detail?.['step']);
  if (address === null || request === null || detail?.['job'] !== undefined) return;
  const name = address.replace(/^RoutingStrategy\//, '');
  const since = world.arrivals.filter(
    (one) => one.run.id === run && one.tookEffect && one.place.is !== 'upload',
  );
  const truly = since.some(({ request: sent, place }) => {
    const path = sent.path.split('?')[0];
    const body = sent.body === '' ? null : (JSON.parse(sent.body) as JsonObject);
    const isThat = sent.method === request.method && path === request.path.split('?')[0];
    const isSame = JSON.stringify(detail?.['body'] ?? null) === JSON.stringify(body);
    return isThat && isSame && place.is !== 'other';
  });
  if (world.touched.has(name) || said === 'unknown') return;
  // By name a strategy is found in a listing alone, and that may lag.
  const mayLag = world.hits.some(({ fault }) => fault === 'listing-lag');
  if (step === 'create' && said === 'did not' && mayLag && detail?.['body'] !== null) {
    if (textOf((detail?.['body'] as JsonObject)['key']) === '') return;
  }
  if ((said === 'took effect') === truly) return;
  const what = `${run}: ${step} of ${address} is settled as "${said}"`;
  world.violated('settled', `${what}, and it ${truly ? 'took effect' : 'did not take effect'}`);
}
