/** The lock of a run that writes: taken as early as there is a place for it, always given back. */
import { Refused } from '../core/errors.js';
import { visible } from '../core/visible.js';
import { findHomes, type Homes, type Table } from '../engine/homes.js';
import { Ledger } from '../engine/ledger.js';
import { acquire, release } from '../engine/lock.js';
import type { Writer } from '../engine/ports.js';
import { reconciledKinds } from '../kinds/index.js';
import { backendOf, type Session } from './session.js';
import type { World } from './world.js';

/** Where this run would keep its lock, and whether it has it. */
export class RunLock {
  readonly ledger: Ledger;
  private table: Table | null = null;
  private pending: Promise<void> | null = null;
  private cancelled = false;

  constructor(
    private readonly session: Session<Writer>,
    private readonly patienceSeconds: number,
    private readonly world: World,
  ) {
    this.ledger = new Ledger(session.client, session.run);
    session.atEnd(async () => this.release());
  }

  /**
   * Takes the lock before anything is looked at. In an org that has no table for it yet there is
   * nothing of ours to protect either: then it is taken once there is one, with `take`.
   */
  async takeEarly(): Promise<Homes> {
    const { client } = this.session;
    const homes = await findHomes(client, reconciledKinds, backendOf(this.session));
    if (homes.state !== null) await this.take(homes.state);
    return homes;
  }

  get held(): boolean {
    return this.table !== null;
  }

  /** Does nothing when the lock is ours already. */
  async take(table: Table, interrupted: () => boolean = () => false): Promise<void> {
    if (this.table !== null) return;
    if (this.cancelled) throw new Error('the run has ended: it takes no lock any more');
    this.table = table;
    const { session, world } = this;
    const { context } = session.run;
    const { clock } = world;
    const at = new Date(clock.now()).toISOString();
    const me = { holder: context.actor, host: world.host, command: session.command };
    this.pending = acquire(
      { ledger: this.ledger, clock, events: session.events },
      {
        rows: table.rows,
        me: { ...me, run: context.run, at },
        patienceMs: this.patienceSeconds * 1000,
        cancelled: () => this.cancelled || interrupted(),
      },
    );
    await this.pending;
  }

  private async release(): Promise<void> {
    this.cancelled = true;
    if (this.table === null || this.pending === null) return;
    // Still being taken: what comes of it has to be known before it can be given back.
    const failed: unknown = await this.pending.then(
      () => null,
      (error: unknown) => error,
    );
    // Refused: another's. Any other error leaves open whether the row was written.
    if (failed instanceof Refused) return;
    try {
      const { run } = this.session.run.context;
      if ((await release(this.ledger, this.table.rows, run)) || failed !== null) return;
      this.tell('the lock of this run was released by somebody else while it was at work');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.tell(`the lock could not be released: ${why}; strategos unlock releases it`);
    }
  }

  private tell(text: string): void {
    this.world.err(`${this.world.errStyle.warn('warning')}: ${visible(text)}\n`);
  }
}
