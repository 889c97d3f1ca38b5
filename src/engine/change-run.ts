/** One change on its way through its steps. */
import { PlatformError } from '../core/errors.js';
import type { Half } from '../core/halves.js';
import { textOf, type JsonObject } from '../core/json.js';
import { blocks, objectName } from '../core/outcome.js';
import { withoutParts } from '../core/part.js';
import type { Standing, Step, WriteRequest, WriteStep } from '../core/resource.js';
import type { RequestRecord } from '../core/types.js';
import { ChangedObject, standingOf } from './changed-object.js';
import { Claim } from './claim.js';
import {
  afterText,
  DONE,
  Ended,
  haltFor,
  howAbsent,
  howMoved,
  isAbout,
  MOVED_HINT,
  movedText,
  UNRECORDED_HINT,
  unrecordedText,
  type Halt,
} from './ending.js';
import type { Ending } from './endings.js';
import { idOfIn, recordedOf, type ExecuteInput, type ExecutePorts } from './execution.js';
import { Ledger, type ObservedEffect } from './ledger.js';
import { effectOf } from './lost-answer.js';
import { mayBeOfName, nameRefused, type NameRefused, type Naming } from './name-refused.js';
import { ownChange } from './parts.js';
import { PartWriting } from './part-writing.js';
import { steadyMs } from './ports.js';
import type { WritePace, WritePaces } from './write-pace.js';

export interface Doing {
  readonly ports: ExecutePorts;
  readonly input: ExecuteInput;
  readonly paces: WritePaces;
  /** What has already been written of the change, for the message of a failure half-way. */
  readonly done: string[];
  /** Id of what was deleted to be made again: a listing may go on showing it for a while. */
  readonly deleted?: string | null;
}

/** How a change, or half of one, came out; `halt` keeps the run from going on. */
export interface Finished {
  readonly ending: Ending;
  readonly halt: Halt | null;
  readonly request: RequestRecord | undefined;
  /** What the first of two halves has left for the second; `null` where it did not come so far. */
  readonly left: Standing | null;
}

/** What a write has done, for the message of a failure half-way. */
const PAST = {
  create: 'created',
  update: 'updated',
  activate: 'activation started',
  delete: 'deleted',
} as const;

const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 5000;

export class ChangeRun {
  private readonly object: ChangedObject;
  private readonly claim: Claim;
  private readonly ledger: Ledger;
  private readonly pace: WritePace | undefined;
  /** What is on its way, where it is a name. */
  private naming: Naming | null = null;
  private readonly ports: ExecutePorts;
  private readonly input: ExecuteInput;
  private verified = false;

  constructor(
    { ports, input, paces, done, deleted = null }: Doing,
    change: Half,
    /** Of a replacement: it is deleted, its record stays, and then it is made again. */
    private readonly half: 'whole' | 'to be made again' | 'made again',
    /** What the record is to say was applied: also what another half has written. */
    recorded = recordedOf(input, change),
  ) {
    [this.ports, this.input] = [ports, input];
    this.object = new ChangedObject(ports, input, change, { done, deleted });
    this.claim = new Claim(this.object, recorded);
    this.pace = paces.of(this.object.bound);
    this.ledger = new Ledger(ports.writer, ports.audit, ports, this.pace);
  }

  async run(): Promise<Finished> {
    const { object, claim } = this;
    const { address, action } = object.change;
    let halt: Halt | null = null;
    let ending: Ending = { state: DONE[action], message: '' };
    try {
      if (action === 'create') await claim.reserve();
      const own = ownChange(object.resource, object.change);
      for (const step of object.resource.steps(own, object.root)) await this.step(step);
      await new PartWriting(object, this.ledger).run(async () => claim.takeOver());
      if (this.half !== 'to be made again') await claim.keep();
    } catch (error) {
      const refused = await this.refusedName(error);
      ending = refused?.ending ?? (await this.endedBy(error));
      halt = haltFor(refused?.failed ?? error, address);
      const mayBeOurs = action === 'create' || claim.isClaimed || object.done.length > 0;
      if (mayBeOurs) await claim.keepHalf(error);
    }
    const left = ending.state === DONE[action] ? object.standing : null;
    return { ending, halt, request: object.lastRequest, left };
  }

  private async refusedName(error: unknown): Promise<NameRefused | null> {
    const { naming, object } = this;
    if (naming === null || !(error instanceof PlatformError) || !mayBeOfName(error)) return null;
    object.lastRequest = error.request;
    return nameRefused(object.named, error, {
      naming,
      own: object.change.id,
      half: afterText(object.done),
    });
  }

  private async endedBy(error: unknown): Promise<Ended> {
    const { object } = this;
    if (error instanceof Ended) return error;
    if (!(error instanceof PlatformError)) throw error;
    object.lastRequest = error.request;
    if (this.claim.isUnrecorded) {
      const message = unrecordedText(object.change.action, error.message);
      return new Ended('failed', message, UNRECORDED_HINT);
    }
    const half = afterText(object.done);
    if (error.fault === 'conflict' || error.fault === 'gone') {
      const isNew = object.standing === null;
      const how =
        error.fault === 'gone'
          ? await this.howGone(error)
          : howMoved(error, { action: object.change.action, isNew });
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
    const { object } = this;
    if (object.standing === null) return howAbsent(error, null);
    const { id } = object.standing;
    const path = object.resource.itemPath(object.root, id);
    const { request } = error;
    const isLook = request?.method === 'GET' && isAbout(request.path, path);
    if (isLook || object.change.action === 'delete') return 'deleted';
    try {
      const entity = await object.itemAt(id);
      return entity === null ? 'deleted' : howAbsent(error, path);
    } catch (failed) {
      if (!(failed instanceof PlatformError)) throw failed;
      return null;
    }
  }

  private async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'write':
        if (this.mayBeStale()) await this.verify();
        await this.claim.takeOver();
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
    const { object } = this;
    const { address, before, after } = object.change;
    const idOf = idOfIn(this.input);
    const request = step.request(object.standing, idOf);
    this.ports.events.emit({ type: 'step', address, step: step.name });
    const look = async (): Promise<ObservedEffect> => this.look(step.name, request);
    const { previously } = object.change;
    const detail = previously === undefined ? {} : { detail: { previously } };
    const found = object.found();
    const errand = { address, before, after, found, step: step.name, look, ...detail };
    this.naming = this.namingOf(step, request);
    const answer = await this.ledger.send(request, errand);
    this.naming = null;
    object.lastRequest = answer.request;
    if (answer.body !== null)
      object.standing = standingOf(object.resource.read(answer.body), answer.body);
    if (!object.standing?.id) throw withoutId(answer.request);
    if (step.name === 'create') this.input.learnt.learn(address, object.standing.id);
    const isDraft = step.name === 'create' && statusIn(object, request) === 'draft';
    object.done.push(`${PAST[step.name]}${isDraft ? ' as draft' : ''}`);
  }

  /** What became of the write, whose answer was lost. */
  private async look(name: WriteStep['name'], request: WriteRequest): Promise<ObservedEffect> {
    if (name === 'create') this.claim.isUnclear = true;
    return effectOf(this.object, name, request);
  }

  /** A row has the key that we ask for: where that is refused, it is there. */
  private namingOf(step: WriteStep, { body }: WriteRequest): Naming | null {
    const { object } = this;
    if (step.name === 'update' && object.change.previously !== undefined) return 'anew';
    return step.name === 'create' && object.resource.read(body ?? {}).id === '' ? 'new' : null;
  }

  /** Without a version in the request the platform cannot refuse it: we have to look ourselves. */
  private mayBeStale(): boolean {
    const { precondition } = this.object.change;
    const unseen = !this.verified && this.object.done.length === 0;
    return unseen && precondition !== null && precondition.version === null;
  }

  private async verify(): Promise<void> {
    const { object } = this;
    this.verified = true;
    await this.pace?.turn();
    const { entity, read } = await object.fetch();
    object.standing = standingOf(read, withoutParts(entity));
    const { previously = objectName(object.address) } = object.change;
    if (!object.isAsPlanned(entity) || read.name !== previously) {
      throw new Ended('stale', movedText('changed'), MOVED_HINT);
    }
  }

  private async check(otherwise: Step | undefined): Promise<void> {
    const { object } = this;
    const { address, done } = object;
    const results = await this.input.recheck(object.change);
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
    const left = done.length === 0 ? 'not changed' : `${done.join(', ')}, not activated`;
    throw new Ended(
      'failed',
      `${left}: ${reasons}`,
      'staff the queue, or set the check to warn in the manifest',
    );
  }

  private async awaitActive(): Promise<void> {
    const { object } = this;
    const { clock, events } = this.ports;
    const { address } = object;
    const deadline = steadyMs(clock) + this.input.activationTimeoutMs;
    for (let delayMs = FIRST_POLL_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_POLL_MS)) {
      const { entity, read } = await object.fetch();
      if (object.isOurs(entity)) object.standing = standingOf(read, entity);
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
}

/** That the request gives; empty where objects of the kind have none. */
function statusIn({ resource }: ChangedObject, { body }: WriteRequest): string {
  return textOf(resource.read(body ?? {}).raw['status']);
}

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
