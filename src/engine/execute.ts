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
 * the first change to fail is then also the last one that was tried against a broken org.
 */
import type { Catalog } from '../core/catalog.js';
import { AppError, EXIT, PlatformError, type ExitCode } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import type { IdOf, Kind, KindOf, Read, Standing, Step, Wire } from '../core/kind.js';
import { topological } from '../core/order.js';
import { blocks, kindName, succeeded } from '../core/outcome.js';
import { idIn, preconditionOf } from '../core/plan.js';
import { same } from '../core/canonical.js';
import type {
  Action,
  Change,
  CheckResult,
  Hash,
  Outcome,
  OutcomeState,
  Plan,
  RequestRecord,
} from '../core/types.js';
import { liveOf, wireOf } from './observe.js';
import type { AuditLog, Clock, Events, Writer } from './ports.js';

export interface ExecuteInput {
  readonly plan: Plan;
  readonly kindOf: KindOf;
  readonly catalog: Catalog;
  readonly recheck: (change: Change) => Promise<CheckResult[]>;
  readonly activationTimeoutMs: number;
  /** Asked before every change: true once the user wants the run to end. */
  readonly interrupted: () => boolean;
}

export interface ExecutePorts {
  readonly writer: Writer;
  readonly audit: AuditLog;
  readonly events: Events;
  readonly clock: Clock;
  readonly hash: Hash;
}

export interface Execution {
  readonly outcomes: readonly Outcome[];
  readonly exitCode: ExitCode;
  /** What ended the run although it is no answer of the platform: a full disk, a bug of ours. */
  readonly fault: Error | null;
}

const DONE: Record<Action, OutcomeState> = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  adopt: 'adopted',
};

/** Creates and updates before deletes: callers always have somewhere to go. */
const WORKING_ORDER: readonly Action[] = ['create', 'adopt', 'update', 'delete'];

export async function execute(ports: ExecutePorts, input: ExecuteInput): Promise<Execution> {
  const byWork = [...input.plan.changes].sort(
    (a, b) => WORKING_ORDER.indexOf(a.action) - WORKING_ORDER.indexOf(b.action),
  );
  const { ordered, cycle } = topological(byWork);
  if (cycle.length > 0) throw new Error(`changes wait for each other: ${cycle.join(', ')}`);
  const outcomes = new Map<string, Outcome>();
  let halt: Halt | null = null;
  let wrote = false;
  for (const change of ordered) {
    if (halt === null && input.interrupted()) halt = { exitCode: EXIT.interrupted, why: 'stopped' };
    const obstacle: string | null = halt?.why ?? obstacleFor(change, outcomes);
    if (obstacle !== null) {
      outcomes.set(change.address, await block(ports, change, obstacle));
      continue;
    }
    ports.events.emit({
      type: 'change-started',
      address: change.address,
      action: change.action,
    });
    const ended = await new ChangeRun(ports, input, change).run().catch((error: unknown) => {
      return lost(change, error);
    });
    halt = ended.halt;
    wrote ||= ended.wrote;
    outcomes.set(change.address, ended.outcome);
    ports.events.emit({ type: 'change-ended', outcome: ended.outcome });
  }
  const list = [...outcomes.values()];
  return {
    outcomes: list,
    exitCode: halt?.exitCode ?? exitCodeOf(list, wrote),
    fault: halt?.fault ?? null,
  };
}

interface Halt {
  readonly exitCode: ExitCode;
  readonly why: string;
  readonly fault?: Error;
}

/** The change ended where nobody could say how: what is known is kept, and the run stops. */
function lost(change: Change, error: unknown): { outcome: Outcome; halt: Halt; wrote: boolean } {
  const fault = error instanceof Error ? error : new Error(String(error));
  const { address, action } = change;
  const exitCode = fault instanceof AppError ? fault.exitCode : EXIT.unexpected;
  return {
    outcome: { address, action, state: 'failed', message: fault.message },
    halt: { exitCode, why: `the run stopped at ${address}`, fault },
    wrote: true,
  };
}

function obstacleFor(change: Change, outcomes: ReadonlyMap<string, Outcome>): string | null {
  const failed = change.waitsFor.filter((address) => !succeeded(outcomes.get(address)));
  return failed.length === 0 ? null : `it waits for ${failed.join(', ')}, which did not succeed`;
}

async function block(ports: ExecutePorts, change: Change, why: string): Promise<Outcome> {
  const { address, action } = change;
  const outcome: Outcome = { address, action, state: 'blocked', message: `not tried: ${why}` };
  const record = {
    ...{ type: 'outcome' as const, address, detail: { step: 'change' } },
    outcome: { state: outcome.state, message: outcome.message },
  };
  // Nothing was sent for it: a log that cannot be written hides nothing here.
  await ports.audit.append(record).catch(() => undefined);
  ports.events.emit({ type: 'change-ended', outcome });
  return outcome;
}

/** 0 all done; 4 nothing was done because the org had moved; 5 some changes failed. */
function exitCodeOf(outcomes: readonly Outcome[], wrote: boolean): ExitCode {
  const unfinished = outcomes.filter((outcome) => !succeeded(outcome));
  if (unfinished.length === 0) return EXIT.done;
  const onlyMoved = unfinished.every((one) => one.state === 'stale' || one.state === 'blocked');
  return !wrote && onlyMoved ? EXIT.refused : EXIT.incomplete;
}

/** Ends a change early: thrown by a step, turned into an outcome by `run`. */
class Ended extends Error {
  constructor(
    readonly state: 'failed' | 'stale',
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** One change on its way through its steps. */
class ChangeRun {
  private readonly kind: Kind;
  private readonly wire: Wire;
  private standing: Standing | null;
  private lastRequest: RequestRecord | undefined;
  /** What has already been written, for the message of a failure half-way. */
  private done: string[] = [];
  private verified = false;

  constructor(
    private readonly ports: ExecutePorts,
    private readonly input: ExecuteInput,
    private readonly change: Change,
  ) {
    this.kind = input.kindOf(kindName(change.address));
    this.wire = wireOf(this.kind, input.plan.environment.backend);
    this.standing =
      change.id === null ? null : { id: change.id, version: change.precondition?.version ?? null };
  }

  async run(): Promise<{ outcome: Outcome; halt: Halt | null; wrote: boolean }> {
    const { address, action } = this.change;
    let halt: Halt | null = null;
    let state: OutcomeState = DONE[action];
    let message = '';
    let hint: string | undefined;
    try {
      for (const step of this.wire.steps(this.change)) await this.step(step);
    } catch (error) {
      const ended = this.endedBy(error);
      ({ state, message, hint } = ended);
      halt = haltFor(error, address);
    }
    await this.ports.audit.append({
      type: 'outcome',
      address,
      before: this.change.before,
      after: this.change.after,
      outcome: { state, message },
      detail: { step: 'change' },
    });
    const request = this.lastRequest;
    const extra = { ...(hint ? { hint } : {}), ...(request && message ? { request } : {}) };
    const wrote = this.done.length > 0;
    return { outcome: { address, action, state, message, ...extra }, halt, wrote };
  }

  private endedBy(error: unknown): Ended {
    if (error instanceof Ended) return error;
    if (!(error instanceof PlatformError)) throw error;
    this.lastRequest = error.request;
    const half = this.done.length === 0 ? '' : ` (after: ${this.done.join(', ')})`;
    if (error.fault === 'conflict' || error.fault === 'gone') {
      const what =
        error.fault === 'gone'
          ? 'was deleted in the org'
          : this.change.id === null && this.done.length === 0
            ? 'was created in the org by somebody else'
            : 'was changed in the org';
      const message = `${what} after the plan was made; nothing was overwritten${half}`;
      return new Ended('stale', `${message}: ${error.message}`, MOVED_HINT);
    }
    return new Ended('failed', `${error.message}${half}`, error.hint);
  }

  private async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'write':
        if (this.mayBeStale()) await this.verify();
        return this.write(step);
      case 'verify':
        return this.verify();
      case 'check':
        return this.check();
      case 'await-active':
        return this.awaitActive();
    }
  }

  private async write(step: Extract<Step, { do: 'write' }>): Promise<void> {
    const { address, before, after } = this.change;
    const idOf: IdOf = (to, reference) => idIn(this.input.plan, to, reference);
    const request = step.request(this.standing, idOf);
    const planned = { method: request.method, path: request.path };
    const entry = { address, before, after, detail: { step: step.name } };
    await this.ports.audit.append({
      ...entry,
      type: 'intent',
      request: { ...planned, status: null, correlationId: null },
      detail: { step: step.name, body: request.body ?? null },
    });
    this.ports.events.emit({ type: 'step', address, step: step.name });
    try {
      const answer = await this.ports.writer.send(request);
      this.lastRequest = answer.request;
      const outcome = { state: 'sent', message: '' };
      await this.ports.audit.append({
        ...entry,
        type: 'outcome',
        request: answer.request,
        outcome,
      });
      if (answer.body !== null) this.standing = standingOf(this.wire.read(answer.body));
      if (!this.standing?.id) throw withoutId(answer.request);
      this.done.push(PAST[step.name]);
    } catch (error) {
      if (error instanceof PlatformError) {
        const outcome = { state: 'failed', message: error.message };
        const { request: sent = { ...planned, status: null, correlationId: null } } = error;
        await this.ports.audit.append({ ...entry, type: 'outcome', request: sent, outcome });
      }
      throw error;
    }
  }

  /** Without a version in the request the platform cannot refuse it: we have to look ourselves. */
  private mayBeStale(): boolean {
    const { precondition } = this.change;
    const unseen = !this.verified && this.done.length === 0;
    return unseen && precondition !== null && precondition.version === null;
  }

  private async verify(): Promise<void> {
    const { precondition } = this.change;
    this.verified = true;
    const found = await this.fetch();
    const backend = this.input.plan.environment.backend;
    const live = liveOf(this.kind, backend, found.entity, this.input.catalog);
    if (!same({ ...preconditionOf(live, this.ports.hash) }, { ...precondition })) {
      throw new Ended(
        'stale',
        'was changed in the org after the plan was made; nothing was overwritten',
        MOVED_HINT,
      );
    }
  }

  private async check(): Promise<void> {
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
    const deadline = clock.now() + this.input.activationTimeoutMs;
    for (let delayMs = FIRST_POLL_MS; ; delayMs = Math.min(delayMs * 2, LONGEST_POLL_MS)) {
      const { read } = await this.fetch();
      if (read.state === 'active') return;
      if (read.state === 'failed') {
        const why = read.errorMessage ?? 'the platform gave no reason';
        throw new Ended('failed', `activation failed: ${why}`, 'mend the cause and apply again');
      }
      const left = deadline - clock.now();
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
    const answer = await this.ports.writer.get(this.wire.itemPath(this.standing.id));
    this.lastRequest = answer.request;
    const entity = answer.body ?? {};
    return { entity, read: this.wire.read(entity) };
  }
}

const PAST = {
  create: 'created as draft',
  update: 'updated',
  activate: 'activation started',
  delete: 'deleted',
} as const;

const MOVED_HINT = 'plan again and look at what moved';
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

function standingOf(read: Read): Standing {
  return { id: read.id, version: read.version };
}

/** Faults that every further change would meet as well. */
function haltFor(error: unknown, address: string): Halt | null {
  if (!(error instanceof PlatformError)) return null;
  if (error.fault !== 'denied' && error.fault !== 'unavailable') return null;
  return { exitCode: error.exitCode, why: `the run stopped at ${address}` };
}
