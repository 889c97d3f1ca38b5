/**
 * Plan → outcomes: the only code that changes an org.
 *
 * Promises. (1) The intent of every write is on disk before its request is sent, its outcome
 * after. (2) A write goes out only while its object is what the plan saw; otherwise the change is
 * `stale` and nothing is overwritten. (3) A change that fails does not stop independent ones; what
 * waits for it is `blocked`. (4) A fault that would meet every further change (credentials, an
 * unreachable platform, an audit log that cannot be written) stops the run before its next write.
 *
 * Changes go one after the other: the limit of a real org is requests a minute, not latency, and
 * the first change to fail is then also the last one that was tried against a broken org. What can
 * go as rows of one file goes before them, when that takes fewer requests: see `bulk.ts`.
 */
import { EXIT, PlatformError, saysGone, type ExitCode } from '../core/errors.js';
import { textOf, type JsonObject } from '../core/json.js';
import type { Kind } from '../core/kind.js';
import type {
  PartRequest,
  Read,
  Standing,
  Step,
  Resource,
  WriteRequest,
} from '../core/resource.js';
import { formerAddress } from '../core/moved.js';
import { addressOfTurn, makingOrder, topological, turnsOf, type Turn } from '../core/order.js';
import { blocks, kindName, objectName, succeeded } from '../core/outcome.js';
import { isMadeOf, isWrittenAs } from '../core/ownership.js';
import { partedFields, withoutParts } from '../core/part.js';
import { preconditionOf } from '../core/plan.js';
import { HALFWAY_HINT, halfwayText, halvesOf, type Half } from '../core/halves.js';
import { same } from '../core/canonical.js';
import type { StateRecord } from '../core/state.js';
import type { Address, Change, Exact, Outcome, RequestRecord } from '../core/types.js';
import { inBulk } from './bulk.js';
import {
  afterText,
  DONE,
  Ended,
  haltFor,
  howAbsent,
  howMoved,
  MOVED_HINT,
  movedText,
  UNLISTED_HINT,
  UNRECORDED_HINT,
  unrecordedText,
  type Halt,
} from './ending.js';
import { Endings, type Ending } from './endings.js';
import { exactOf } from './exact.js';
import {
  anyIdIn,
  idOfIn,
  recordedOf,
  type ExecuteInput,
  type ExecutePorts,
  type Execution,
} from './execution.js';
import { Ledger, type ObservedEffect, type WriteContext } from './ledger.js';
import { entitySeen } from './looks.js';
import type { Bound } from './bind.js';
import { isGone } from './listings.js';
import {
  listedAs,
  mayBeOfName,
  nameRefused,
  type Named,
  type NameRefused,
  type Naming,
} from './name-refused.js';
import { idOnRecord, isNew, entityAt, liveOf } from './observe.js';
import {
  itemsOf,
  ownChange,
  parted,
  partsOf,
  partWrites,
  readParts,
  sameOwn,
  type FiledRows,
  type PartWrite,
} from './parts.js';
import { LATE_LOOKS } from './late-parts.js';
import { steadyMs, type Answer } from './ports.js';
import { RowFiling } from './row-filing.js';
import { WritePaces, type WritePace } from './write-pace.js';

export async function execute(ports: ExecutePorts, input: ExecuteInput): Promise<Execution> {
  const { ordered, cycle } = makingOrder(input.plan.changes);
  if (cycle.length > 0) throw new Error(`changes wait for each other: ${cycle.join(', ')}`);
  const endings = new Endings(ports);
  const bulk = await inBulk(ports, input, ordered, endings);
  let { halt, wrote } = bulk;
  const doing = { ports, input, paces: new WritePaces(ports) };
  const halfway = new Map<string, Standing>();
  for (const turn of topological(turnsOf(input.plan.changes)).ordered) {
    const { change } = turn;
    const { address, action } = change;
    if (endings.of(address) !== undefined) continue;
    if (halt === null && input.interrupted()) halt = { exitCode: EXIT.interrupted, why: 'stopped' };
    const obstacle: string | null = halt?.why ?? obstacleFor(turn, endings, halfway);
    const left = halfway.get(address) ?? null;
    if (obstacle !== null) {
      await endings.block(change, obstacle, left !== null);
      continue;
    }
    ports.events.emit({ type: 'change-started', address, action });
    const done: string[] = [];
    try {
      const finished = await carriedOut({ ...doing, done }, turn, left);
      if (turn.part === 'first' && finished.left !== null) halfway.set(address, finished.left);
      else await endings.record(change, finished.ending, finished.request);
      ({ halt } = finished);
      wrote ||= done.length > 0;
    } catch (error) {
      halt = endings.lose(change, error, done);
      wrote = true;
    }
  }
  const outcomes = ordered.flatMap(({ address }) => endings.of(address) ?? []);
  return {
    outcomes,
    exitCode: halt?.exitCode ?? exitCodeOf(outcomes, wrote),
    fault: halt?.fault ?? null,
  };
}

interface Doing {
  readonly ports: ExecutePorts;
  readonly input: ExecuteInput;
  readonly paces: WritePaces;
  /** What has already been written of the change, for the message of a failure half-way. */
  readonly done: string[];
  /** Id of what was deleted to be made again: a listing may go on showing it for a while. */
  readonly deleted?: string | null;
}

/** How a change, or half of one, came out; `halt` keeps the run from going on. */
interface Finished {
  readonly ending: Ending;
  readonly halt: Halt | null;
  readonly request: RequestRecord | undefined;
  /** What the first of two halves has left for the second; `null` where it did not come so far. */
  readonly left: Standing | null;
}

/** `left`: by the first half, where this is the turn of the second. */
async function carriedOut(
  doing: Doing,
  { change, part }: Turn<Change>,
  left: Standing | null,
): Promise<Finished> {
  const [first, second] = halvesOf(change, doing.input.binding.of(kindName(change.address)));
  if (part === 'first' || second === undefined) return new ChangeRun(doing, first, 'whole').run();
  if (left !== null) return secondHalf(doing, change, second, left);
  // Nothing comes between these two halves: what is gone is made again, told to stop or not.
  const deleted = await new ChangeRun(doing, first, 'to be made again').run();
  if (deleted.ending.state !== DONE.delete) return deleted;
  const made = await new ChangeRun({ ...doing, deleted: change.id }, second, 'made again').run();
  const { ending } = made;
  return ending.state === DONE.create
    ? { ...made, ending: { ...ending, state: DONE.replace } }
    : made;
}

/** Others came between: it goes on only from what the first half has left. */
async function secondHalf(
  doing: Doing,
  change: Change,
  half: Half,
  left: Standing,
): Promise<Finished> {
  const run = new ChangeRun(doing, half, 'whole', { left, recorded: change.after });
  const finished = await run.run();
  const { ending } = finished;
  if (ending.state === DONE[half.action]) {
    return { ...finished, ending: { ...ending, state: DONE[change.action] } };
  }
  const message = `${halfwayText(change)}: ${ending.message}`;
  // What has moved in the org is to be looked at first.
  const hints = ending.state === 'failed' ? [ending.hint ?? [], HALFWAY_HINT].flat() : ending.hint;
  return { ...finished, ending: { ...ending, message, hint: [hints ?? []].flat().join('; ') } };
}

function obstacleFor(
  { waitsFor }: Turn<Change>,
  endings: Endings,
  halfway: ReadonlyMap<string, Standing>,
): string | null {
  const failed = waitsFor.filter((one) => {
    const address = addressOfTurn(one as Address);
    if (address !== one && halfway.has(address)) return false;
    const outcome = endings.of(address);
    return outcome === undefined || !succeeded(outcome);
  });
  if (failed.length === 0) return null;
  return `it waits for ${failed.map(addressOfTurn).join(', ')}, which did not succeed`;
}

/** 0 all done; 4 nothing was done because the org had moved; 5 some changes failed. */
function exitCodeOf(outcomes: readonly Outcome[], wrote: boolean): ExitCode {
  const unfinished = outcomes.filter((outcome) => !succeeded(outcome));
  if (unfinished.length === 0) return EXIT.done;
  const onlyMoved = unfinished.every((one) => one.state === 'stale' || one.state === 'blocked');
  return !wrote && onlyMoved ? EXIT.refused : EXIT.incomplete;
}

type WriteStep = Extract<Step, { do: 'write' }>;

/** One change on its way through its steps. */
class ChangeRun {
  private readonly bound: Bound;
  private readonly kind: Kind;
  private readonly resource: Resource;
  private readonly root: string;
  private readonly ledger: Ledger;
  private readonly pace: WritePace | undefined;
  private readonly change: Half;
  /** What the record is to say was applied: also what another half has written. */
  private readonly recorded: JsonObject | null;
  private standing: Standing | null;
  private lastRequest: RequestRecord | undefined;
  private readonly named: Named;
  /** What is on its way, where it is a name. */
  private naming: Naming | null = null;
  private readonly ports: ExecutePorts;
  private readonly input: ExecuteInput;
  private readonly done: string[];
  private verified = false;
  /** What is there may be ours: a create whose effect nobody told, or what is on record already. */
  private unclear = false;
  /** The object is as planned, the org's record of it is not. */
  private unrecorded = false;
  /** It was nobody's, and is on record as what we set out to make of it. */
  private claimed = false;

  constructor(
    { ports, input, paces, done, deleted = null }: Doing,
    change: Half,
    /** Of a replacement: it is deleted, its record stays, and then it is made again. */
    private readonly half: 'whole' | 'to be made again' | 'made again',
    after?: { readonly left: Standing; readonly recorded: JsonObject | null },
  ) {
    [this.ports, this.input, this.done] = [ports, input, done];
    this.bound = input.binding.of(kindName(change.address));
    ({ kind: this.kind, resource: this.resource } = this.bound);
    this.root = input.rootOf(this.bound);
    const [{ resource, root }, { address }] = [this, change];
    this.named = { reader: ports.writer, resource, root, address, deleted };
    this.pace = paces.of(this.bound);
    this.ledger = new Ledger(ports.writer, ports.audit, ports, this.pace);
    this.change = after === undefined ? change : this.goingOn(change, after.left);
    this.recorded = after === undefined ? recordedOf(input, change) : after.recorded;
    const { id, precondition } = this.change;
    const version = precondition?.version ?? null;
    this.standing = id === null ? null : { id, version, entity: null };
  }

  /** The change for what the first half has left of the object, and of its parts as they were. */
  private goingOn(change: Half, { id, version, entity }: Standing): Half {
    const { ofParts } = partedFields(this.resource, change.before ?? {});
    const fields = { ...this.liveFields(entity ?? {}), ...ofParts };
    return { ...change, id, precondition: preconditionOf({ version, fields }, this.ports.hash) };
  }

  async run(): Promise<Finished> {
    const { address, action } = this.change;
    let halt: Halt | null = null;
    let ending: Ending = { state: DONE[action], message: '' };
    try {
      if (action === 'create') await this.reserve();
      const own = ownChange(this.resource, this.change);
      for (const step of this.resource.steps(own, this.root)) await this.step(step);
      await this.writeParts();
      if (this.half !== 'to be made again') await this.keep();
    } catch (error) {
      const refused = await this.refusedName(error);
      ending = refused?.ending ?? (await this.endedBy(error));
      halt = haltFor(refused?.failed ?? error, address);
      if (action === 'create' || this.claimed || this.done.length > 0) await this.keepHalf(error);
    }
    const left = ending.state === DONE[action] ? this.standing : null;
    return { ending, halt, request: this.lastRequest, left };
  }

  private async refusedName(error: unknown): Promise<NameRefused | null> {
    const { naming, change, done } = this;
    if (naming === null || !(error instanceof PlatformError) || !mayBeOfName(error)) return null;
    this.lastRequest = error.request;
    return nameRefused(this.named, error, { naming, own: change.id, half: afterText(done) });
  }

  private async endedBy(error: unknown): Promise<Ended> {
    if (error instanceof Ended) return error;
    if (!(error instanceof PlatformError)) throw error;
    this.lastRequest = error.request;
    if (this.unrecorded) {
      const message = unrecordedText(this.change.action, error.message);
      return new Ended('failed', message, UNRECORDED_HINT);
    }
    const half = afterText(this.done);
    if (error.fault === 'conflict' || error.fault === 'gone') {
      const isNew = this.standing === null;
      const how =
        error.fault === 'gone'
          ? await this.howGone(error)
          : howMoved(error, { action: this.change.action, isNew });
      const hint = error.hint ?? MOVED_HINT;
      if (how === null) return new Ended('failed', `${error.message}${half}`, hint);
      return new Ended('stale', `${movedText(how)}${half}: ${error.message}`, hint);
    }
    return new Ended('failed', `${error.message}${half}`, error.hint);
  }

  /**
   * The object is gone only where it is not there: what a write names may be gone as well. `null`
   * where nobody can look.
   */
  private async howGone(
    error: PlatformError,
  ): Promise<'deleted' | ReturnType<typeof howAbsent> | null> {
    if (this.standing === null) return howAbsent(error, null);
    const { id } = this.standing;
    if (error.request?.method === 'GET' || this.change.action === 'delete') return 'deleted';
    try {
      const entity = await this.itemAt(id);
      return entity === null ? 'deleted' : howAbsent(error, this.resource.itemPath(this.root, id));
    } catch (failed) {
      if (!(failed instanceof PlatformError)) throw failed;
      return null;
    }
  }

  private async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'write':
        if (this.mayBeStale()) await this.verify();
        await this.claimAdopted();
        return this.write(step);
      case 'verify':
        return this.verify();
      case 'check':
        return this.check(step.otherwise);
      case 'await-active':
        return this.awaitActive();
    }
  }

  private async write(step: WriteStep): Promise<void> {
    const { address, before, after } = this.change;
    const idOf = idOfIn(this.input);
    const request = step.request(this.standing, idOf);
    this.ports.events.emit({ type: 'step', address, step: step.name });
    const look = async (): Promise<ObservedEffect> => this.look(step.name, request);
    const { previously } = this.change;
    const detail = previously === undefined ? {} : { detail: { previously } };
    const found = this.found();
    const errand = { address, before, after, found, step: step.name, look, ...detail };
    this.naming = this.namingOf(step, request);
    const answer = await this.ledger.send(request, errand);
    this.naming = null;
    this.lastRequest = answer.request;
    if (answer.body !== null)
      this.standing = standingOf(this.resource.read(answer.body), answer.body);
    if (!this.standing?.id) throw withoutId(answer.request);
    if (step.name === 'create') this.input.learnt.learn(address, this.standing.id);
    this.done.push(PAST[step.name]);
  }

  /** A row has the key that we ask for: where that is refused, it is there. */
  private namingOf(step: WriteStep, { body }: WriteRequest): Naming | null {
    if (step.name === 'update' && this.change.previously !== undefined) return 'anew';
    return step.name === 'create' && this.resource.read(body ?? {}).id === '' ? 'new' : null;
  }

  /**
   * Before the first write of what is nobody's. The listing of records may lag behind an owner who
   * came a moment ago: a row that is there is refused, and then nothing of theirs was touched.
   */
  private async claimAdopted(): Promise<void> {
    const { address, action, after } = this.change;
    if (action !== 'adopt' || this.claimed || this.done.length > 0) return;
    try {
      await this.ports.ownership.reserve(address, after ?? {}, this.change.id ?? '');
    } catch (error) {
      if (!(error instanceof PlatformError && error.fault === 'conflict')) throw error;
      throw new Ended('stale', `${movedText('owned')}: ${error.message}`, MOVED_HINT);
    }
    this.claimed = true;
  }

  /** One request after the other: what is below an object is as it was until its turn comes. */
  private async writeParts(): Promise<void> {
    if (this.standing === null || this.change.after === null) return;
    const { id } = this.standing;
    const at = this.resource.itemPath(this.root, id);
    const all = partWrites(this.resource, this.change, at, anyIdIn(this.input));
    if (all.length > 0) await this.claimAdopted();
    const { inFiles, singly } = parted(all, this.input.imports !== undefined);
    const left: PartWrite[] = [];
    for (const rows of inFiles) left.push(...(await this.importRows(rows, at)));
    await this.writeSingly([...left, ...singly], inFiles.length > 0);
  }

  private async writeSingly(writes: readonly PartWrite[], isLeft: boolean): Promise<void> {
    const { address } = this.change;
    let count = 0;
    for (const { part, step, request } of writes) {
      if (count > 0 || isLeft) this.stopIfTold();
      this.ports.events.emit({ type: 'step', address, step: 'update' });
      const id = this.standing?.id ?? '';
      const look = async (): Promise<ObservedEffect> => {
        const items = await itemsOf(this.ports.writer, part, this.root, id);
        return part.isDone(request, items)
          ? { effect: 'took effect', body: null }
          : { effect: 'did not' };
      };
      const errand = { address, ...this.whole(), step, look };
      const send = async (): Promise<Answer> => this.ledger.send(request, errand);
      const answer = part.isSeenLate === true ? await this.onceSeen(request, send) : await send();
      this.lastRequest = answer.request;
      count += 1;
      const said = `${part.field}: ${count} of ${writes.length} requests`;
      if (count > 1) this.done.pop();
      this.done.push(said);
    }
  }

  /** What this change has just put there may take a while to be there for its next request. */
  private async onceSeen(request: PartRequest, send: () => Promise<Answer>): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await send();
      } catch (error) {
        const isAbsent = saysGone(error);
        const mayCome = this.done.length > 0 && !Array.isArray(request.body);
        if (!isAbsent || !mayCome || tries >= LATE_LOOKS) throw error;
        await this.ports.clock.sleep(FIRST_POLL_MS * 2 ** tries);
      }
    }
  }

  /** In one file; the writes that are left to go one by one. */
  private async importRows(rows: FiledRows, at: string): Promise<readonly PartWrite[]> {
    const { address } = this.change;
    this.stopIfTold();
    this.ports.events.emit({ type: 'step', address, step: 'update' });
    const { activationTimeoutMs } = this.input;
    const of = { address, root: this.root, id: this.standing?.id ?? '', at, ...this.whole() };
    const filing = new RowFiling(this.ports, this.ledger, activationTimeoutMs);
    const { left, said, request } = await filing.run(rows, of);
    if (request !== null) this.lastRequest = request;
    if (said !== '') this.done.push(said);
    return left;
  }

  private stopIfTold(): void {
    if (this.done.length === 0 || !this.input.interrupted()) return;
    throw new Ended('failed', 'the run was told to stop', UNRECORDED_HINT);
  }

  /** What was there as a whole is said once: it may be thousands of rows. */
  private whole(): Pick<WriteContext, 'before' | 'after' | 'found'> {
    const { before, after } = this.change;
    return this.done.length === 0 ? { before, after, found: this.found() } : {};
  }

  /** What this write ends, as last looked at; a later one of the same change ends our own. */
  private found(): Exact | null {
    const { before, address, action, found = null } = this.change;
    if (before === null || this.done.length > 0) return null;
    const entity = this.standing?.entity ?? null;
    if (entity === null) return found;
    const of = { entity, fields: before, name: objectName(address) };
    return exactOf(this.bound, of, this.input.catalog, action === 'delete');
  }

  /**
   * Before a create: whatever becomes of the run, the object is ours. What we have a record of and
   * no listing shows is gone, or new and the listing lags; then it must not be taken for another's,
   * and the claim that knows it must not be lost.
   */
  private async reserve(): Promise<void> {
    const { address } = this.change;
    const after = this.change.after ?? {};
    const known = this.ports.ownership.known(address);
    // What has just been deleted is on record still.
    const isKnown = known !== null && this.half !== 'made again';
    if (isKnown && (await this.mayBeUnlisted(known, after))) {
      this.unclear = true;
      throw new Ended('stale', movedText('unlisted'), UNLISTED_HINT);
    }
    await this.ports.ownership.reserve(address, after);
  }

  private async mayBeUnlisted(known: StateRecord, after: JsonObject): Promise<boolean> {
    const id = idOnRecord(this.resource, known);
    if (id !== null) {
      const { writer: reader, clock } = this.ports;
      const entity = await (isNew(known.at, reader.nowMs())
        ? entitySeen({ reader, clock }, this.resource, this.root, id)
        : this.itemAt(id));
      return entity !== null && this.resource.read(entity).name === objectName(known.address);
    }
    const isSame = this.kind.identity.every((key) => same(known.applied?.[key], after[key]));
    return !isSame && isNew(known.at, this.ports.writer.nowMs());
  }

  /** What has become of a write whose answer was lost. `Ended` when somebody else was at work. */
  private async look(
    name: WriteStep['name'],
    { body = {} }: WriteRequest,
  ): Promise<ObservedEffect> {
    const asked = this.resource.read(body);
    if (name === 'create') {
      this.unclear = true;
      const entity = await this.findNew(asked.id);
      // What is there and is not as we asked is another's: the platform will say so.
      const isOurs =
        entity !== null && this.isWritten(name, this.resource.read(entity), entity, asked);
      return isOurs ? { effect: 'took effect', body: entity } : { effect: 'did not' };
    }
    const found = await this.fetch().catch((error: unknown) => {
      if (saysGone(error)) return null;
      throw error;
    });
    if (name === 'delete' && found === null) return { effect: 'took effect', body: null };
    if (found === null) throw new Ended('stale', movedText('deleted'), MOVED_HINT);
    const version = this.standing?.version ?? null;
    // A write raises it, whatever the object looks like: what had failed before may fail again.
    if (version !== null && found.read.version === version) return { effect: 'did not' };
    if (name !== 'delete' && this.isWritten(name, found.read, found.entity, asked)) {
      return { effect: 'took effect', body: found.entity };
    }
    if (!this.isUntouched(found)) throw new Ended('stale', movedText('changed'), MOVED_HINT);
    return { effect: 'did not' };
  }

  /** What there is of an object that we have just tried to make. */
  private async findNew(id: string): Promise<JsonObject | null> {
    // Where the platform gives it its id, only a listing knows it by its name.
    return id === '' ? listedAs(this.named) : this.itemAt(id);
  }

  /** `null` where there is no object of this id. */
  private async itemAt(id: string): Promise<JsonObject | null> {
    return entityAt(this.ports.writer, this.resource, this.root, id);
  }

  /** The content is the planned one, and the status the one of the request, where it has one. */
  private isWritten(step: WriteStep['name'], read: Read, entity: JsonObject, asked: Read): boolean {
    const { after, exactly, previously, address } = this.change;
    if (previously !== undefined && read.name !== objectName(address)) return false;
    if (exactly !== undefined) {
      const status = entity['status'] ?? null;
      const [now, then] = [entity, { ...exactly, status }].map((one) => this.resource.own(one));
      if (!same(now, then)) return false;
    }
    const [now, then] = [this.liveFields(entity), after ?? {}];
    const isThat =
      step === 'create'
        ? isMadeOf(this.kind, now, then, objectName(address))
        : isWrittenAs(this.kind, now, partedFields(this.resource, then).own);
    if (!isThat) return false;
    const status = textOf(asked.raw['status']);
    // An activation that is under way, or has failed since, was begun all the same.
    const isBegun = status === 'active' && read.state !== 'draft';
    return status === '' || isBegun || read.raw['status'] === status;
  }

  /** Still what it was before the write, by its version where it has one. */
  private isUntouched({ entity, read }: { entity: JsonObject; read: Read }): boolean {
    const { standing } = this;
    if (standing !== null && standing.version !== null) return read.version === standing.version;
    // To the last cell: an edit that reads like what was there before is an edit all the same.
    if (standing?.entity) return sameOwn(standing.entity, entity);
    return this.isAsPlanned(entity);
  }

  /** Puts on the org's own record what the change has made of the object. */
  private async keep(): Promise<void> {
    const { address, action } = this.change;
    try {
      const { id = '' } = this.standing ?? {};
      const isGivenUp = this.input.disowned?.has(address) === true;
      if (action === 'delete' || isGivenUp) await this.ports.ownership.release(address);
      else await this.ports.ownership.recordOwnership(address, id, this.recorded ?? {});
      const former = formerAddress(this.change);
      if (former !== null) await this.ports.ownership.release(former);
    } catch (error) {
      if (error instanceof PlatformError) this.unrecorded = true;
      throw error;
    }
  }

  /** A change that failed: what it wrote is on record, and a create that left nothing has none. */
  private async keepHalf(error: unknown): Promise<void> {
    const { ownership, audit } = this.ports;
    const { address } = this.change;
    const open = error instanceof PlatformError && error.fault === 'unavailable';
    // Whether the object is there nobody knows: the claim stays until the next run has looked.
    if (open || this.unrecorded || this.change.action === 'delete') return;
    // We may have made what is there, and our claim says what it was to be.
    if (this.standing === null && this.unclear) return;
    try {
      const { standing } = this;
      const wrote = standing !== null && (!this.claimed || this.done.length > 0);
      if (!wrote) await ownership.unreserve(address);
      else await ownership.recordOwnership(address, standing.id, this.halfOf(standing));
    } catch (problem) {
      if (!(problem instanceof PlatformError)) throw problem;
      const outcome = { state: 'claim left as it was', message: problem.message };
      await audit.append({ type: 'outcome', address, outcome, detail: { step: 'record' } });
    }
  }

  /** Still as we wrote it, its state apart: nobody has edited it since. */
  private isOurs(entity: JsonObject): boolean {
    const wrote = this.standing?.entity ?? null;
    if (wrote === null) return false;
    const [then, now] = [wrote, entity].map((one) => this.liveFields(one));
    return this.kind.identity.every((key) => same(then?.[key], now?.[key]));
  }

  /** Of parts, and where the object itself was not written, what was on record is still. */
  private halfOf({ entity }: Standing): JsonObject {
    const written = entity === null ? null : this.liveFields(entity);
    const { address, action, before } = this.change;
    if (action !== 'update') return written ?? this.liveFields({});
    const known = this.ports.ownership.known(address)?.applied ?? null;
    if (known === null) return written ?? before ?? {};
    return { ...known, ...written };
  }

  private liveFields(entity: JsonObject): JsonObject {
    return liveOf(this.bound, entity, this.input.catalog).fields;
  }

  /** Without a version in the request the platform cannot refuse it: we have to look ourselves. */
  private mayBeStale(): boolean {
    const { precondition } = this.change;
    const unseen = !this.verified && this.done.length === 0;
    return unseen && precondition !== null && precondition.version === null;
  }

  private async verify(): Promise<void> {
    this.verified = true;
    await this.pace?.turn();
    const { entity, read } = await this.fetch();
    this.standing = standingOf(read, withoutParts(entity));
    const { previously = objectName(this.change.address) } = this.change;
    if (!this.isAsPlanned(entity) || read.name !== previously) {
      throw new Ended('stale', movedText('changed'), MOVED_HINT);
    }
  }

  private isAsPlanned(entity: JsonObject): boolean {
    const { precondition } = this.change;
    const live = liveOf(this.bound, entity, this.input.catalog);
    return same({ ...preconditionOf(live, this.ports.hash) }, { ...precondition });
  }

  private async check(otherwise: Step | undefined): Promise<void> {
    const { address } = this.change;
    const results = await this.input.recheck(this.change);
    this.ports.events.emit({ type: 'checked', address, results });
    const failed = results.filter(blocks);
    await this.ports.audit.append({
      type: 'checked',
      address,
      outcome: { state: failed.length === 0 ? 'passed' : 'failed', message: '' },
      detail: { checks: results as unknown as JsonObject[] },
    });
    if (failed.length === 0) return;
    if (otherwise !== undefined) await this.step(otherwise);
    const reasons = failed.map((one) => `${one.check}: ${one.subject}: ${one.message}`).join('; ');
    const left = this.done.length === 0 ? 'not changed' : `${this.done.join(', ')}, not activated`;
    throw new Ended(
      'failed',
      `${left}: ${reasons}`,
      'staff the queue, or set the check to warn in the manifest',
    );
  }

  private async awaitActive(): Promise<void> {
    const { clock, events } = this.ports;
    const { address } = this.change;
    const deadline = steadyMs(clock) + this.input.activationTimeoutMs;
    for (let delayMs = FIRST_POLL_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_POLL_MS)) {
      const { entity, read } = await this.fetch();
      if (this.isOurs(entity)) this.standing = standingOf(read, entity);
      if (read.state === 'active') return;
      if (read.state === 'failed') {
        const why = read.errorMessage ?? 'the platform gave no reason';
        throw new Ended('failed', `activation failed: ${why}`, 'mend the cause and apply again');
      }
      const left = deadline - steadyMs(clock);
      if (left <= 0) {
        const seconds = this.input.activationTimeoutMs / 1000;
        throw new Ended(
          'failed',
          `still ${read.raw['status'] as string} after ${seconds} s`,
          'run plan again later, or raise activation.timeoutSeconds',
        );
      }
      const pauseMs = Math.min(delayMs, left);
      events.emit({ type: 'waiting', reason: `${address} is activating`, ms: pauseMs });
      await clock.sleep(pauseMs);
    }
  }

  private async fetch(): Promise<{ entity: JsonObject; read: Read }> {
    if (this.standing === null) throw new Error(`${this.change.address} does not exist yet`);
    const { id } = this.standing;
    const answer = await this.ports.writer.get(this.resource.itemPath(this.root, id));
    this.lastRequest = answer.request;
    const found = answer.body ?? {};
    if (isGone(this.resource, found)) {
      const { request } = answer;
      const message = `${request.method} ${request.path}: it was deleted`;
      throw new PlatformError('gone', 'deleted', message, { request });
    }
    const of = { resource: this.resource, root: this.root, id };
    const entity = await readParts(this.ports.writer, of, found, partsOf(this.change));
    return { entity, read: this.resource.read(entity) };
  }
}

const PAST = {
  create: 'created as draft',
  update: 'updated',
  activate: 'activation started',
  delete: 'deleted',
} as const;

const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 5000;

/** The object may well be there, but what it is called the platform did not say. */
function withoutId(request: RequestRecord): PlatformError {
  return new PlatformError(
    'unavailable',
    'unreadable-answer',
    `${request.method} ${request.path} was answered without an id; ` +
      'whether it took effect is unknown',
    { request, hint: 'plan again: it shows what the org has now' },
  );
}

function standingOf(read: Read, entity: JsonObject): Standing {
  return { id: read.id, version: read.version, entity };
}
