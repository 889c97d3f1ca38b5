/**
 * `strategos optimize`: rounds of the optimizer, one or many. Every round is a run of its own, with
 * lock, records and summary; the rounds of a watch share one client and what it knows of the org.
 */
import {
  AppError,
  EXIT,
  Interrupted,
  PlatformError,
  Refused,
  WrongUsage,
  type ExitCode,
} from '../../core/errors.js';
import { succeeded } from '../../core/outcome.js';
import type { RoundReport } from '../../core/round.js';
import { findHomes, type Homes } from '../../engine/homes.js';
import { TableKeeper } from '../../engine/keeper.js';
import {
  Known,
  lookAndDecide,
  moveWeights,
  recordRound,
  roundEnded,
  type Round,
} from '../../engine/optimize.js';
import type { Reader, Writer } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import { reconciledKinds } from '../../kinds/index.js';
import { roundJson, roundText } from '../../render/round.js';
import { RunLock } from '../lock.js';
import type { CommonOptions, OptimizeOptions } from '../options.js';
import {
  backendOf,
  inSession,
  recordPlan,
  scopeOf,
  type Ending,
  type Session,
} from '../session.js';
import type { World } from '../world.js';

type Options = CommonOptions & OptimizeOptions;

/** A stop is noticed this soon while nothing is under way. */
const LONGEST_NAP_MS = 500;

export async function optimize(options: Options, world: World): Promise<ExitCode> {
  if (options.watch && options.rounds !== undefined) {
    throw new WrongUsage('--watch goes on until it is stopped; --rounds says how many: give one');
  }
  const rounds = options.watch ? Infinity : (options.rounds ?? 1);
  const stop = { asked: false };
  const stopped = (): boolean => stop.asked;
  const ignore = world.onInterrupt(() => {
    stop.asked = true;
  });
  const optimizer = new Optimizer(options, world);
  try {
    for (let round = 1; round <= rounds && !stopped(); round += 1) {
      if (round > 1) await pause(options.interval * 1000, world, stopped);
      if (!stopped()) await optimizer.round(round);
    }
  } catch (error) {
    // Stopping it is how a watch ends: nothing went wrong.
    if (!(error instanceof Interrupted) || !options.watch) throw error;
  } finally {
    ignore();
  }
  if (stopped() && !options.watch) throw new Interrupted('stopped before its last round');
  return stopped() ? EXIT.done : optimizer.exitCode();
}

async function pause(ms: number, { clock }: World, stopped: () => boolean): Promise<void> {
  const until = clock.now() + ms;
  for (let left = ms; left > 0 && !stopped(); left = Math.min(left, until - clock.now())) {
    await clock.sleep(Math.min(left, LONGEST_NAP_MS));
  }
}

/** What the rounds of one command have in common. */
class Optimizer {
  private readonly known = new Known();
  private client: Writer | Reader | null = null;
  private homes: Homes | null = null;
  private worst: ExitCode = EXIT.done;
  private carriedOut = false;
  private skipped = false;

  constructor(
    private readonly options: Options,
    private readonly world: World,
  ) {}

  /** Of a round that failed in part; a command whose rounds were all skipped was refused. */
  exitCode(): ExitCode {
    return this.skipped && !this.carriedOut ? EXIT.refused : this.worst;
  }

  async round(round: number): Promise<void> {
    const { options, world } = this;
    const at = new Date(world.clock.now()).toISOString();
    const about = { at, round, run: null, strategies: [], requests: 0 };
    try {
      const quiet = options.quiet === true || options.verbose !== true;
      const exitCode = await this.inRun(about, { ...options, quiet });
      if (exitCode !== EXIT.done) this.worst = exitCode;
    } catch (error) {
      // What was found may be what is no longer there.
      this.known.forget();
      this.homes = null;
      if (!options.watch || !passes(error)) throw error;
      this.tell({ ...about, state: 'failed', reason: error.message });
    }
  }

  private async inRun(
    about: Pick<RoundReport, 'at' | 'round' | 'run' | 'strategies' | 'requests'>,
    options: Options,
  ): Promise<ExitCode> {
    const asked = { command: 'optimize', environment: options.env, plans: true } as const;
    if (options.dryRun) {
      const open = (sdk: Sdk, connection: Connection): Reader =>
        (this.client ??= sdk.openReader(connection));
      return inSession({ ...asked, open }, options, this.world, async (session) => {
        const before = session.client.requests();
        this.homes ??= await findHomes(session.client, reconciledKinds, backendOf(session));
        const seen = await this.look(session, this.homes);
        const requests = session.client.requests() - before;
        const { run } = session.run.context;
        this.carriedOut = true;
        this.tell({
          ...{ ...about, run, state: 'dry-run', reason: '' },
          ...{ strategies: seen.strategies, requests },
        });
        return { exitCode: EXIT.done, state: 'dry run', plan: seen.plan, outcomes: [] };
      });
    }
    const open = (sdk: Sdk, connection: Connection): Writer => {
      const client = (this.client as Writer | null) ?? sdk.openWriter(connection);
      this.client = client;
      return client;
    };
    return inSession({ ...asked, open }, options, this.world, async (session) => {
      const { run } = session.run.context;
      const before = session.client.requests();
      const lock = new RunLock(session, 0, this.world);
      const homes = await this.locked(lock);
      if (typeof homes === 'string') {
        this.skipped = true;
        const requests = session.client.requests() - before;
        this.tell({ ...about, run, state: 'skipped', reason: homes, requests });
        return { exitCode: EXIT.done, state: 'skipped', plan: null, outcomes: [] };
      }
      const seen = await this.look(session, homes);
      const ending = await this.write(session, lock, homes, seen);
      this.carriedOut = true;
      const strategies = seen.strategies.map((one) => roundEnded(one, ending.outcomes));
      const requests = session.client.requests() - before;
      this.tell({ ...about, run, state: 'done', reason: '', strategies, requests });
      return ending;
    });
  }

  /** Where everything is, once the lock is ours; why not, where another run has it. */
  private async locked(lock: RunLock): Promise<Homes | string> {
    try {
      if (this.homes?.state == null) this.homes = await lock.takeEarly();
      else await lock.take(this.homes.state);
      return this.homes;
    } catch (error) {
      if (error instanceof Refused && error.code === 'lock-held') return error.message;
      throw error;
    }
  }

  private async look(session: Session, homes: Homes): Promise<Round> {
    const { environment, manifests, owner, client, commit } = session;
    if (owner === null) throw new Error('a round has an owner');
    const { name, backend, tables } = environment;
    const { clock, version } = this.world;
    const seen = await lookAndDecide(
      { reader: client, clock, hash: sha256 },
      {
        ...{ manifests, kinds: reconciledKinds, tables, homes, owner, commit, version },
        environment: { name, backend, host: session.host },
        scope: scopeOf(this.options.target),
      },
      this.known,
    );
    await recordRound(session.run, seen);
    return seen;
  }

  private async write(
    session: Session<Writer>,
    lock: RunLock,
    homes: Homes,
    seen: Round,
  ): Promise<Ending> {
    const { plan, observation } = seen;
    if (plan.changes.length === 0) {
      return { exitCode: EXIT.done, state: 'nothing moved', plan: null, outcomes: [] };
    }
    if (homes.state === null || session.owner === null) throw new Error('ours without a record');
    const interrupted = session.deferInterrupt();
    await recordPlan(session, plan);
    const { records } = observation.state;
    const { run } = session.run.context;
    const context = { ...homes.state, records, owner: session.owner, run };
    const { clock } = this.world;
    const keeper = new TableKeeper(lock.ledger, context, clock, sha256);
    const { client: writer, run: audit, events } = session;
    const ports = { writer, audit, keeper, events, clock, hash: sha256 };
    const activationTimeoutMs = session.environment.activation.timeoutMs;
    const input = { kinds: reconciledKinds, activationTimeoutMs, interrupted };
    const execution = await moveWeights(ports, seen, input);
    if (execution.fault !== null) throw execution.fault;
    const { exitCode, outcomes } = execution;
    const all = outcomes.every(succeeded);
    return { exitCode, state: all ? 'weights moved' : 'moved in part', plan, outcomes };
  }

  private tell(report: RoundReport): void {
    const { world, options } = this;
    world.out(options.format === 'json' ? roundJson(report) : roundText(report, world.outStyle));
  }
}

type Opening = Parameters<typeof inSession>[0]['open'];
type Sdk = Parameters<Opening>[0];
type Connection = Parameters<Opening>[1];

/** What the next round may find better; refused credentials and bugs it will not. */
function passes(error: unknown): error is AppError {
  if (!(error instanceof AppError) || error instanceof Interrupted) return false;
  return !(error instanceof PlatformError && error.fault === 'denied');
}
