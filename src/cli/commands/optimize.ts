/**
 * `strategos optimize`: rounds of the optimizer, one or many. Every round is a run of its own, with
 * lock, records and summary; the rounds of a watch share one client and what it knows of the org.
 */
import path from 'node:path';
import {
  AppError,
  EXIT,
  Interrupted,
  InvalidInput,
  PlatformError,
  Refused,
  WrongUsage,
  type ExitCode,
} from '../../core/errors.js';
import { succeeded } from '../../core/outcome.js';
import type { LoggedUpdate } from '../../core/audit.js';
import type { RoundReport } from '../../core/round.js';
import { findHomes } from '../../engine/homes.js';
import type { Seen } from '../../engine/observe.js';
import {
  Known,
  lookAndDecide,
  recordRound,
  roundsEnded,
  type Round,
} from '../../engine/optimize.js';
import type { Reader, Writer } from '../../engine/ports.js';
import type { Run } from '../../engine/run.js';
import { sha256 } from '../../files/digest.js';
import { lateUpdates } from '../../files/open-runs.js';
import { roundJson, roundsHtml, roundsMarkdown, roundText } from '../../render/round.js';
import type { CommonOptions, Format, OptimizeOptions } from '../options.js';
import { printIssues, reasonOf } from '../report.js';
import {
  bindingOf,
  inSession,
  recordPlan,
  scopeAmong,
  type Ending,
  type Session,
  type SessionRequest,
  readingAlso,
  writingAlso,
} from '../session.js';
import { tellWfm } from '../tell-wfm.js';
import { SaidAgain } from '../said-again.js';
import { stopOf } from '../stop.js';
import type { World } from '../world.js';
import { isOwnerIn, writingRun } from '../writing.js';

type Options = CommonOptions & OptimizeOptions;

/** A stop is noticed this soon while nothing is under way. */
const LONGEST_NAP_MS = 500;

export async function optimize(options: Options, world: World): Promise<ExitCode> {
  if (options.watch && options.rounds !== undefined) {
    throw new WrongUsage('--watch goes on until it is stopped; --rounds says how many: give one');
  }
  scopeAmong('tuning', options.target, 'optimize');
  if (options.watch && isPage(options.format)) {
    throw new WrongUsage(`--watch has no end, and --format ${options.format} is one page`);
  }
  const rounds = options.watch ? Infinity : (options.rounds ?? 1);
  const stop = stopOf(world);
  const stopped = (): boolean => stop.asked();
  const ignore = stop.onSignal(() => undefined);
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
    optimizer.end();
  }
  if (stopped() && !options.watch) throw new Interrupted('stopped before its last round');
  return stopped() ? EXIT.done : optimizer.exitCode();
}

function isPage(format: Format): boolean {
  return format === 'markdown' || format === 'html';
}

async function pause(ms: number, { clock }: World, stopped: () => boolean): Promise<void> {
  const until = clock.now() + ms;
  // A clock that is set back makes no pause longer.
  for (let left = ms; left > 0 && !stopped(); left = Math.min(left, until - clock.now())) {
    await clock.sleep(Math.min(left, LONGEST_NAP_MS));
  }
}

type About = Pick<RoundReport, 'at' | 'round'>;
type Told = Pick<RoundReport, 'state'> & Partial<RoundReport>;

/** What the rounds of one command have in common. */
class Optimizer {
  private readonly known = new Known();
  private readonly readers = new Clients<Reader>(() => this.known.forget());
  private readonly writers = new Clients<Writer>(() => this.known.forget());
  private readonly reports: RoundReport[] = [];
  private readonly said: SaidAgain;
  private worst: ExitCode = EXIT.done;
  private carriedOut = false;
  private skipped = false;

  constructor(
    private readonly options: Options,
    private readonly world: World,
  ) {
    this.said = new SaidAgain(world.err);
  }

  /** Of a round that failed in part; a command whose rounds were all skipped was refused. */
  exitCode(): ExitCode {
    return this.skipped && !this.carriedOut ? EXIT.refused : this.worst;
  }

  async round(round: number): Promise<void> {
    const about = { at: new Date(this.world.clock.now()).toISOString(), round };
    try {
      const exitCode = await (this.options.dryRun ? this.look(about) : this.act(about));
      if (exitCode !== EXIT.done) this.worst = exitCode;
    } catch (error) {
      // What was known may be what is no longer so.
      this.known.forget();
      if (!this.options.watch || !passes(error)) throw error;
      // A line has the first of them.
      if (error instanceof InvalidInput) {
        printIssues(error.issues, { ...this.world, err: this.said.tell });
      }
      this.tell(about, { state: 'failed', reason: reasonOf(error) });
    } finally {
      this.said.ended();
    }
  }

  /** Says what would move. */
  private async look(about: About): Promise<ExitCode> {
    const open: SessionRequest<Reader>['open'] = (sdk, connection) =>
      this.readers.get(connection, () => readingAlso(sdk, connection));
    return this.inRun({ open }, async (session) => {
      const before = session.client.requests();
      const { strategies, plan } = await this.decide(session);
      await recordRound(session.run, strategies);
      this.carriedOut = true;
      const { run } = session.run.context;
      const requests = session.client.requests() - before;
      this.tell(about, { state: 'dry-run', run, strategies, requests });
      return { exitCode: codeOf(strategies), state: 'dry run', plan, outcomes: [] };
    });
  }

  /** Moves what has to move, under the lock; says so where another run has it. */
  private async act(about: About): Promise<ExitCode> {
    const open: SessionRequest<Writer>['open'] = (sdk, connection) =>
      this.writers.get(connection, () => writingAlso(sdk, connection));
    return this.inRun({ open, tells: true }, async (session) => {
      const before = session.client.requests();
      const seen: { round: Round | null } = { round: null };
      const plan = async (already: Seen): Promise<Round> =>
        (seen.round = await this.decide(session, already));
      const writing = writingRun(
        session,
        { plan, lockTimeoutSeconds: 0 },
        this.options,
        this.world,
      );
      const held = await planned(writing);
      const ending = held === null ? await this.carryOut(session, writing, seen.round) : SKIPPED;
      this.skipped ||= held !== null;
      this.carriedOut ||= held === null;
      const { run } = session.run.context;
      const requests = session.client.requests() - before;
      const strategies = roundsEnded(seen.round?.strategies ?? [], ending.outcomes);
      const told = held === null ? { state: 'done' as const } : SKIPPING;
      this.tell(about, { ...told, reason: held ?? '', run, strategies, requests });
      return ending;
    });
  }

  private async inRun<C extends Reader>(
    { open, tells }: Pick<SessionRequest<C>, 'open' | 'tells'>,
    body: (session: Session<C>) => Promise<Ending>,
  ): Promise<ExitCode> {
    const { options, world } = this;
    const { tell: warn } = this.said;
    const of = { command: 'optimize', environment: options.env, plans: true };
    const request = { ...of, open, warn, ...(tells === undefined ? {} : { tells }) };
    // A round is one line; how it came about is for those who ask.
    const quiet = options.quiet === true || options.verbose !== true;
    // A log that a watch writes for days has no line for a round that is slow.
    const brief = quiet && options.quiet !== true && !(options.watch && world.status === null);
    return inSession({ ...request, brief }, { ...options, quiet }, world, body);
  }

  private async decide(session: Session, { homes }: Seen = {}): Promise<Round> {
    const { environment, manifests, owner, client, commit, uncommitted } = session;
    if (owner === null) throw new Error('a round has an owner');
    const { name, backend } = environment;
    const { clock, version } = this.world;
    return lookAndDecide(
      { reader: client, clock, hash: sha256 },
      {
        manifests,
        binding: bindingOf(session),
        owner,
        commit,
        uncommitted,
        version,
        homes: homes ?? (await findHomes(client, bindingOf(session))),
        environment: { name, backend, host: session.host },
        scope: scopeAmong('tuning', this.options.target, 'optimize'),
        updates: async () => this.earlierUpdates(session),
      },
      this.known,
    );
  }

  private async earlierUpdates(session: Session): Promise<LoggedUpdate[]> {
    const { environment, run } = session;
    const runs = path.resolve(this.world.cwd, this.options.runs);
    return lateUpdates(runs, session.command, {
      environment: environment.name,
      self: run.context.run,
      isOwner: isOwnerIn(session),
    });
  }

  private async carryOut(
    session: Session<Writer>,
    writing: Run,
    round: Round | null,
  ): Promise<Ending> {
    if (round === null) throw new Error('a round was planned and is not there');
    await recordRound(session.run, round.strategies);
    const isStill = round.plan.changes.length === 0;
    if (isStill && round.chores.length === 0) {
      const exitCode = codeOf(round.strategies);
      return { exitCode, state: 'nothing moved', plan: null, outcomes: [] };
    }
    const interrupted = session.deferInterrupt();
    await recordPlan(session, round);
    const confirm = (): never => {
      throw new Error('a round writes only what has a record, and so under a lock');
    };
    const done = await writing.carryOut({ planned: round, confirm, interrupted });
    const { outcomes, plan, fault } = done;
    const exitCode = done.exitCode === EXIT.done ? codeOf(round.strategies) : done.exitCode;
    if (!isStill) await tellWfm(session, { changes: plan.changes, outcomes }, this.world);
    if (fault !== null) throw fault;
    if (isStill) return { exitCode, state: 'nothing moved', plan: null, outcomes };
    const state = outcomes.every(succeeded) ? 'weights moved' : 'moved in part';
    return { exitCode, state, plan, outcomes };
  }

  private tell(about: About, told: Told): void {
    const { options, world } = this;
    const whole = { run: null, reason: '', strategies: [], requests: 0, ...about, ...told };
    const isIdle = whole.strategies.length === 0 && whole.reason === '';
    const report = isIdle ? { ...whole, reason: idleText(options) } : whole;
    if (isPage(options.format)) return void this.reports.push(report);
    if (options.format === 'json') return world.out(roundJson(report));
    world.out(roundText(report, world.outStyle));
  }

  /** A page has all rounds that there were. */
  end(): void {
    const { options, world, reports } = this;
    if (reports.length === 0) return;
    if (options.format === 'markdown') world.out(roundsMarkdown(reports));
    if (options.format === 'html') world.out(roundsHtml(reports));
  }
}

function idleText({ target }: Pick<Options, 'target'>): string {
  if (target === undefined) return 'no manifest has an optimizer';
  return 'none of what --target takes in has an optimizer in its manifest';
}

/** What could not be looked at is said with 5 at the end, whatever became of the rest. */
function codeOf(strategies: RoundReport['strategies']): ExitCode {
  return strategies.some(({ state }) => state === 'unknown') ? EXIT.incomplete : EXIT.done;
}

/** One client for all rounds, as long as the manifests and the environment name the same org. */
class Clients<C> {
  private kept: { readonly of: string; readonly client: C } | null = null;

  constructor(private readonly changed: () => void) {}

  get({ host, clientId }: Pick<Connection, 'host' | 'clientId'>, open: () => C): C {
    const of = `${clientId} ${host}`;
    if (this.kept?.of === of) return this.kept.client;
    this.changed();
    this.kept = { of, client: open() };
    return this.kept.client;
  }
}

type Connection = Parameters<SessionRequest<Reader>['open']>[1];

const SKIPPING = { state: 'skipped' } as const;
const SKIPPED: Ending = { exitCode: EXIT.done, state: 'skipped', plan: null, outcomes: [] };

/** `null` once the lock is ours and the plan is made; else who has the lock. */
async function planned(writing: Run): Promise<string | null> {
  try {
    await writing.plan();
    return null;
  } catch (error) {
    if (error instanceof Refused && error.code === 'lock-held') return error.message;
    throw error;
  }
}

/** What the next round may find better; refused credentials and bugs it will not. */
function passes(error: unknown): error is AppError {
  if (!(error instanceof AppError) || error instanceof Interrupted) return false;
  if (error instanceof WrongUsage) return false;
  return !(error instanceof PlatformError && error.fault === 'denied');
}
