/**
 * One run that writes: lock → observe and plan → say what became of what earlier runs left open →
 * (whoever is asked agrees) → tables → records beside the plan → execute → release. Every way of
 * applying goes through here: the command line, the tests and the simulation.
 */
import { ALL_SETTLED, type OpenRun } from '../core/audit.js';
import { AppError, EXIT, PlatformError, Refused } from '../core/errors.js';
import type { Kind } from '../core/kind.js';
import { idsFor } from '../core/former.js';
import { plural } from '../core/plural.js';
import type { Us } from '../core/owner.js';
import type { LockRecord } from '../core/state.js';
import type { Hash, Plan } from '../core/types.js';
import { Anchor, type LastLeft } from './anchor.js';
import { FRESH_MS } from './staffing.js';
import { ChoreRun } from './chore-run.js';
import { requestsToCarryOut } from './estimate.js';
import { execute } from './execute.js';
import type { Execution } from './execution.js';
import { handOver, type HandedOver, type HandoverRequest } from './hand-over.js';
import { buildHomes, findHomes, rootOf, type Homes, type Table } from './homes.js';
import { OwnershipTable } from './ownership-table.js';
import { Ledger } from './ledger.js';
import { acquire, release, releaseUnrecorded, removeHeir, UNLOCK_STEP } from './lock.js';
import type { LockRequest } from './lock.js';
import type { Binding, Bound } from './bind.js';
import { observe } from './observe.js';
import type { Observation, Seen } from './observe.js';
import type { Planned } from './planning.js';
import { tuningFor } from './starts.js';
import { steadyMs, type AuditLog, type Clock } from './ports.js';
import type { Events, Random, Writer } from './ports.js';
import { closable, IntentCloser } from './open-intents.js';
import { whoWeAre, type UsHere } from './who-we-are.js';

export interface RunPorts {
  readonly writer: Writer;
  readonly audit: AuditLog;
  readonly events: Events;
  readonly clock: Clock;
  readonly random: Random;
  readonly hash: Hash;
}

export interface RunInput {
  readonly binding: Binding;
  /** What the lock will say. `run` tells it from every other. */
  readonly me: LockRecord;
  /** How long to wait for another holder of the lock; 0 to not wait at all. */
  readonly patienceMs: number;
  readonly activationTimeoutMs: number;
  readonly plan: (seen: Seen) => Promise<Planned>;
  /** Runs of this environment that have left writes open; asked once the lock is ours. */
  readonly leftOpen: () => Promise<readonly OpenRun[]>;
  /** Asked where the org has no head of the owner's log. Default: nobody knows of one. */
  readonly lastLeft?: LastLeft;
  /** See `LockRequest`. */
  readonly isGone: (holder: LockRecord) => Promise<boolean>;
  /** See `LockRequest`. */
  readonly stateOf?: LockRequest['stateOf'];
  /** False: every row goes by itself. Default: many at once where that takes fewer requests. */
  readonly imports?: boolean;
}

export interface Agreed {
  /** What was shown and agreed to. */
  readonly planned: Planned;
  /** Holds a plan that was made again against the one agreed to; throws when it is another. */
  readonly confirm: (again: Planned) => Plan | Promise<Plan>;
  /** Asked before every write: true once the user wants the run to end. */
  readonly interrupted: () => boolean;
}

/** The plan that was carried out; it is not always the one that was given. */
export interface CarriedOut extends Execution {
  readonly plan: Plan;
}

export interface Looked {
  readonly observation: Observation;
  readonly us: Us;
}

/** A platform that has just failed is given this long to recover before the lock is given up. */
const RELEASE_PAUSE_MS = 31_000;
/** What `Retry-After` may ask for until the last try to release the lock. */
const LONGEST_PAUSE_MS = 600_000;

export class Run {
  private readonly ledger: Ledger;
  private readonly anchor: Anchor;
  /** Where our lock is, or is being taken. */
  private table: Table | null = null;
  private pending: Promise<readonly string[]> | null = null;
  /** The lock is being given back, for a while or for good. */
  private pausing: Promise<void> = Promise.resolve();
  private cancelled = false;
  private intentsClosed = false;

  constructor(
    private readonly ports: RunPorts,
    private readonly input: RunInput,
  ) {
    this.ledger = new Ledger(ports.writer, ports.audit, ports);
    const nobody: LastLeft = () => Promise.resolve(null);
    const { me, lastLeft = nobody } = input;
    this.anchor = new Anchor({ ...ports, ledger: this.ledger }, me.run, lastLeft);
  }

  /**
   * Takes the lock before anything is looked at, then plans. In an org that has no table for a lock
   * there is nothing of ours to protect either: then it is taken once there is one.
   */
  async plan(): Promise<Planned> {
    const homes = await findHomes(this.ports.writer, this.input.binding);
    if (homes.state !== null) await this.lock(homes.state);
    const planned = await this.input.plan({ homes });
    await this.closeOpenIntents(planned);
    return planned;
  }

  /**
   * For a run that changes records alone: what the org has, seen under the lock. Nothing is made;
   * without a state table there is no record and no lock.
   */
  async look(owner: UsHere): Promise<Looked> {
    const { binding } = this.input;
    const { writer, hash } = this.ports;
    const homes = await findHomes(writer, binding);
    if (homes.state !== null) await this.lock(homes.state);
    const observation = await observe(
      writer,
      binding,
      hash,
      { homes },
      homes.state === null ? 'own' : 'every',
    );
    const us = await whoWeAre(owner, observation.state.records);
    await this.closeOpenIntents({ observation, owner: us });
    return { observation, us };
  }

  /** Only after a look that found records. */
  async handOver(request: Omit<HandoverRequest, 'rows' | 'hash' | 'markOf'>): Promise<HandedOver> {
    if (this.table === null) throw new Error('there is no state table, and so no record');
    const { hash } = this.ports;
    const { markOf } = this.input.binding;
    return handOver(this.ledger, { ...request, hash, markOf, rows: this.table.rows });
  }

  /** Rejects when the lock or a table could not be had: then nothing of the plan was done. */
  async carryOut({ planned, confirm, interrupted }: Agreed): Promise<CarriedOut> {
    if (isNothing(planned)) return nothing(planned.plan);
    const { ports, input } = this;
    const current = await this.locked(planned, confirm, interrupted);
    const { plan, chores, owner, observation, recheck } = current;
    await this.closeOpenIntents(current);
    if (isNothing(current)) return nothing(plan);
    const { homes, state, live, catalog } = observation;
    if (homes.state === null) throw new Error('the lock is held in a table that is not there');
    const { binding } = input;
    const idsOf = idsFor(binding.kindOf, catalog, current.citations);
    const { run, command } = input.me;
    const context = {
      ...homes.state,
      records: state.records,
      owner,
      run,
      command,
      idsOf,
      markOf: binding.markOf,
      interrupted,
      warn: (text: string) => this.warn(text),
      tuningOf: tuningFor(current),
    };
    const ownership = new OwnershipTable(this.ledger, context, ports.hash);
    const scene = { binding, observation, chores };
    const perMinute = ports.writer.perMinute();
    ports.events.emit({
      type: 'doing',
      what: 'making changes',
      changes: plan.changes.length,
      requests: Math.round(requestsToCarryOut(plan.changes, scene, { checks: 0, perMinute })),
    });
    const at = { binding, observation, interrupted };
    await new ChoreRun(ports, ownership, at, (text) => this.warn(text)).run(chores);
    const imports = {
      tableOf: (kind: Kind) => homes.tables.get(kind.name) ?? null,
      rowCount: ({ name }: Kind) => live.filter((one) => one.kind === name).length,
    };
    const execution = await execute(
      { ...ports, ownership },
      {
        plan,
        binding,
        catalog,
        recheck,
        interrupted,
        learnt: current.learnt,
        ...(current.recorded === undefined ? {} : { recorded: current.recorded }),
        ...(current.disowned === undefined ? {} : { disowned: current.disowned }),
        rootOf: (bound) => rootIn(homes, bound),
        ...(input.imports === false ? {} : { imports }),
        activationTimeoutMs: input.activationTimeoutMs,
      },
    );
    return { ...execution, plan };
  }

  /**
   * Gives the lock back while a person thinks: others need not wait for them. What is agreed to is
   * planned again under a lock of its own, and confirmed, as where there was none to take.
   */
  async pause(): Promise<void> {
    const { table } = this;
    if (table === null || this.cancelled) return;
    this.table = null;
    this.intentsClosed = false;
    this.anchor.forget();
    this.pausing = release(this.ledger, table.rows, this.input.me.run).then(() => undefined);
    try {
      await this.pausing;
    } catch (error) {
      // Whether it is still there is not known: the end of the run looks after it.
      this.table = table;
      throw error;
    }
  }

  /** Gives the lock back, whatever has become of the run. Nothing is sent afterwards. */
  async end(): Promise<void> {
    this.cancelled = true;
    await this.pausing.catch(() => undefined);
    if (this.table === null || this.pending === null) return;
    this.ports.events.emit({ type: 'doing', what: 'releasing the lock' });
    // Still being taken: what comes of it has to be known before it can be given back.
    const failed: unknown = await this.pending.then(
      () => null,
      (error: unknown) => error,
    );
    // Refused: another's. Any other error leaves open whether the row was written.
    if (failed instanceof Refused) return;
    try {
      const { run } = this.input.me;
      const isReleased = await this.release(this.table.rows, run);
      await this.removeHeirs(this.table.rows);
      if (isReleased || failed !== null) return;
      this.warn('the lock of this run was released by somebody else while it was at work');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const next = 'the next run with this runs folder takes it over, or strategos unlock does';
      this.warn(`the lock could not be released: ${why}; ${next}`);
    }
  }

  private async release(rows: string, run: string): Promise<boolean> {
    const { clock, events } = this.ports;
    for (let leftMs = LONGEST_PAUSE_MS; ;) {
      try {
        return await release(this.ledger, rows, run, async () => this.anchor.leave(rows));
      } catch (error) {
        if (error instanceof AppError && error.code === 'audit-unwritable') {
          return this.releaseUnrecorded(rows, run);
        }
        const ms = pauseBeforeRelease(error);
        if (ms === null || ms > leftMs) throw error;
        // An answer that says to wait, and what is then not sent for it, are one and the same; more
        // than that nobody waits for a run.
        leftMs = leftMs === LONGEST_PAUSE_MS && ms === RELEASE_PAUSE_MS ? leftMs - ms : 0;
        events.emit({ type: 'waiting', reason: 'once more to release the lock', ms });
        await clock.sleep(ms);
      }
    }
  }

  private async releaseUnrecorded(rows: string, run: string): Promise<boolean> {
    const last = this.ports.audit.last();
    // Its release is on record, what came of it is not: where the lock is gone, that was the one.
    const isSent = last?.type === 'intent' && last.detail?.['step'] === UNLOCK_STEP;
    const isReleased = (await releaseUnrecorded(this.ledger, rows, run)) || isSent;
    if (isReleased) this.warn('the lock is released; that could not be recorded');
    return isReleased;
  }

  /** They decide nothing once our own run is over. */
  private async removeHeirs(rows: string): Promise<void> {
    const keys = (await this.pending?.catch(() => [])) ?? [];
    for (const key of keys) {
      await removeHeir(this.ledger, rows, key).catch((error: unknown) => {
        if (!(error instanceof AppError)) throw error;
      });
    }
  }

  /** Does nothing when the lock is ours already. */
  private async lock(table: Table, interrupted: () => boolean = () => false): Promise<void> {
    if (this.table !== null) return;
    if (this.cancelled) throw new Error('the run has ended: it takes no lock any more');
    this.table = table;
    this.ports.events.emit({ type: 'doing', what: 'taking the lock' });
    const { ledger, input } = this;
    const { clock, events } = this.ports;
    this.pending = acquire(
      { ledger, clock, events },
      {
        rows: table.rows,
        me: { ...input.me, at: ledger.now() },
        patienceMs: input.patienceMs,
        cancelled: () => this.cancelled || interrupted(),
        isGone: input.isGone,
        ...(input.stateOf === undefined ? {} : { stateOf: input.stateOf }),
      },
    );
    await this.pending;
  }

  /**
   * The tables are there and the lock is ours: from here on the run may write. An org that had no
   * place for a lock was planned without one; another run may have been first there.
   */
  private async locked(
    planned: Planned,
    confirm: Agreed['confirm'],
    interrupted: () => boolean,
  ): Promise<Planned> {
    const { observation } = planned;
    const { binding } = this.input;
    if (observation.homes.missing.length > 0) {
      this.ports.events.emit({ type: 'doing', what: 'making the data tables' });
    }
    const homes = await buildHomes(this.ledger, observation.homes, binding);
    if (this.table !== null) return { ...planned, observation: { ...observation, homes } };
    if (homes.state === null) throw new Error('the state table is missing after it was made');
    await this.lock(homes.state, interrupted);
    const again = await this.input.plan({ ...this.fresh(planned.seen), homes });
    // Before it is held against what was agreed to: a run that is refused has its place as well.
    await this.closeOpenIntents(again);
    return { ...again, plan: await confirm(again) };
  }

  /** What need not be read again, unless whoever was asked has taken their time. */
  private fresh(seen: Seen): Seen {
    const { atMs = -Infinity } = seen;
    return steadyMs(this.ports.clock) - atMs <= FRESH_MS ? seen : {};
  }

  /** Once a run, as soon as it holds the lock and has seen the org. */
  private async closeOpenIntents({
    observation,
    owner,
  }: Pick<Planned, 'observation' | 'owner'>): Promise<void> {
    if (this.intentsClosed || this.table === null) return;
    this.intentsClosed = true;
    await this.anchor.find(observation.state, owner, this.table.rows);
    const open = closable(await this.input.leftOpen(), observation.organization.id);
    for (const one of open) await this.closeIntentsOf(one, observation);
  }

  private async closeIntentsOf({ run, intents }: OpenRun, observation: Observation): Promise<void> {
    const { audit, writer } = this.ports;
    const { binding } = this.input;
    const closer = new IntentCloser(writer, observation, binding, writer.nowMs());
    const counts = { 'took effect': 0, 'did not': 0, unknown: 0 };
    for (const intent of intents) {
      const { seq, address, step, request, before, after } = intent;
      const outcome = await closer.effectOf(intent, run);
      counts[outcome.state] += 1;
      await audit.append({
        type: 'settled',
        address,
        before,
        after,
        outcome,
        request: { ...request, status: null, correlationId: null },
        detail: { step, run, seq },
      });
    }
    const how = `${counts['took effect']} took effect, ${counts['did not']} did not`;
    const rest = counts.unknown === 0 ? '' : `, ${counts.unknown} cannot be told`;
    const message = `${plural(intents.length, 'open write')}: ${how}${rest}`;
    const outcome = { state: ALL_SETTLED, message };
    await audit.append({ type: 'settled', outcome, detail: { run } });
    this.warn(`run ${run} has left writes open. ${message}`);
  }

  private warn(text: string): void {
    this.ports.events.emit({ type: 'warning', text });
  }
}

/**
 * The lock is worth one more try when the platform has been left alone for as long as it wants to
 * be; `null` where that would be no use, or would take longer than anybody waits for a run.
 */
function pauseBeforeRelease(error: unknown): number | null {
  if (!(error instanceof PlatformError)) return null;
  if (error.code === 'asked-to-wait') return error.waitMs;
  const isLimited = error.request?.status === 429;
  return isLimited || error.code === 'circuit-open' ? RELEASE_PAUSE_MS : null;
}

function isNothing({ plan, chores }: Pick<Planned, 'plan' | 'chores'>): boolean {
  return plan.changes.length === 0 && chores.length === 0;
}

function nothing(plan: Plan): CarriedOut {
  return { plan, outcomes: [], exitCode: EXIT.done, fault: null };
}

function rootIn(homes: Homes, bound: Bound): string {
  const root = rootOf(bound, homes);
  if (root === null) throw new Error(`there is no place for objects of kind ${bound.kind.name}`);
  return root;
}
