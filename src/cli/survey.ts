/**
 * One look at an org and at the runs on record here → everything that the page shows. It reads and
 * does nothing else: its client can do nothing else. What cannot be read is said, and the rest is
 * shown.
 */
import path from 'node:path';
import { driftIn, type Attributed, type Drift } from '../core/drift.js';
import { lastRunOf } from './commands/drift.js';
import { byText } from '../core/issue.js';
import { NO_FIGURES, type Figures } from '../core/metrics.js';
import { ownershipOf } from '../core/ownership.js';
import { timelineOf, type TimelineEntry } from '../core/trail.js';
import type { Address, Live, Plan } from '../core/types.js';
import { chainFindings, verdictOn, type Finding } from '../core/verdict.js';
import { attributed } from '../engine/attribute.js';
import { withPrediction } from '../engine/measure.js';
import { idsOrNames } from '../engine/observe.js';
import type { Planned } from '../engine/planning.js';
import type { PartFigures, QueueLoad } from '../engine/ports.js';
import { trailOf } from '../engine/trail.js';
import { sha256 } from '../files/digest.js';
import { lifeOf } from '../files/process-mark.js';
import { idsInOrder } from '../files/folder-chain.js';
import { readRun, type StoredRun } from '../files/runs.js';
import { driftView } from '../view/drift.js';
import { metricsView } from '../view/metrics.js';
import type { Missing, View } from '../view/model.js';
import { planView } from '../view/plan.js';
import { LEVELS, queuesOf } from '../view/queues.js';
import { queueIdsOf, strategiesOf } from '../view/routing.js';
import { eventsView, runsView } from '../view/runs.js';
import { tunedOf, type Bounds } from '../view/tuned.js';
import { Patience } from './patience.js';
import { predicting } from './predicting.js';
import { bindingOf, kindOf, planIn, scopeOf, type Session } from './session.js';
import { spanOf, type Span, type When } from './span.js';
import type { World } from './world.js';

export interface SurveyOptions {
  /** Folder of the runs. */
  readonly runs: string;
  /** From when on figures and the platform's audit are shown. */
  readonly since: When;
  /** Seconds to the next look; `null` where there is none. */
  readonly interval: number | null;
  /** How long what is not needed is waited for; `null` for as long as the client takes. */
  readonly patienceMs: number | null;
}

/** More runs than these are a matter of `audit show`. */
const MOST_RUNS = 200;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Lengths that the platform has for parts of an interval. */
const PART_MINUTES = [15, 30, 60, 24 * 60];
const MOST_PARTS = 48;
/** The platform takes seconds to gather its audit, and nobody's deeds change by the minute. */
const AUDIT_FRESH_MS = 300_000;
const AUDIT_PATIENCE_MS = 60_000;
const AUDIT_DAYS = 30;

interface Looked {
  readonly view: View;
  readonly plan: Plan;
}

interface Told {
  readonly entries: readonly TimelineEntry[];
  readonly missing: readonly Missing[];
}

const TRAIL = "the platform's audit";

/** Looks again and again keep what hardly ever changes. */
export class Survey {
  private agents: number | null | undefined;
  private told: { readonly atMs: number; readonly told: Told } | null = null;
  private drifted: { readonly key: string; readonly drifts: readonly Attributed[] } | null = null;
  private readonly patience: Patience;

  constructor(
    private session: Session,
    private readonly options: SurveyOptions,
    private readonly world: World,
  ) {
    this.patience = new Patience(world.every, options.patienceMs);
  }

  /** With the manifests as they are by now. */
  readAgain(manifests: Pick<Session, 'manifests' | 'environment' | 'environments'>): void {
    this.session = { ...this.session, ...manifests };
  }

  /** Rejects with a `PlatformError` where the org cannot be planned for. */
  async look(): Promise<Looked> {
    const { session, world } = this;
    const missing: Missing[] = [];
    const made = await planIn(session, { scope: scopeOf(null) }, world);
    const { observation } = made;
    const strategies = strategiesOf({
      live: observation.live,
      plan: made.plan,
      catalog: observation.catalog,
      kindOf,
      whose: (live) => whose(live, made),
    });
    const ids = queueIdsOf(strategies);
    const now = session.client.nowMs();
    // An instant that is not over by that clock is refused, and not told as something missing.
    const span = this.span(now);
    const runs = await this.runs();
    const [plan, loads, figures, drift, told] = await Promise.all([
      this.predicted(made, missing),
      this.noting(missing, 'what queues hold now', async () => this.loads(ids, made)),
      this.noting(missing, 'what became of the calls', async () => this.figures(ids, span)),
      this.drift(made),
      this.trail(made, runs.stored, now),
    ]);
    const nameOf = (id: string): string => observation.catalog.nameOf('queue', id);
    const { environment, host } = session;
    const { name, backend } = environment;
    const { organization } = observation;
    const view: View = {
      at: new Date(now).toISOString(),
      version: world.version,
      environment: { name, organization: organization.name, host, backend },
      interval: this.options.interval,
      strategies,
      queues: this.queues(ids, loads, figures, nameOf),
      levels: LEVELS,
      tuned: tunedOf(
        runs.stored.flatMap(({ chain }) => chain.records),
        (address) => this.boundsOf(address),
      ),
      plan: planView(plan),
      drift,
      runs: runsView(runs.stored, runs.findings, ({ chain }) =>
        lifeOf(chain.records[0]?.detail?.['process']),
      ),
      events: eventsView(told.entries, nameOf),
      hasAllEvents: told.missing.length === 0,
      metrics: metricsView(
        figures === null
          ? null
          : ids.map((id) => ({ id, name: nameOf(id), parts: figures.byQueue.get(id) ?? [] })),
        { ...(figures?.span ?? span), timeOf: (ms) => new Date(ms).toISOString() },
      ),
      missing: [
        ...missing.sort((a, b) => byText(a.what, b.what)),
        ...told.missing,
        ...runs.missing,
      ],
    };
    return { view, plan };
  }

  /** `null` where the platform refuses it or does not answer: the page says so in its place. */
  private async noting<T>(
    missing: Missing[],
    what: string,
    ask: () => Promise<T>,
  ): Promise<T | null> {
    const { found, why } = await this.patience.with(what, ask);
    if (why === null) return found;
    missing.push({ what, why });
    return null;
  }

  /** A plan is shown without what callers would feel where that takes too long to find out. */
  private async predicted(made: Planned, missing: Missing[]): Promise<Plan> {
    const what = `what callers would feel of ${made.plan.digest}`;
    const { found, why } = await this.patience.with(what, async () =>
      predicting(this.session, made, {}),
    );
    if (why !== null) {
      missing.push({ what: 'what callers would feel', why });
      return made.plan;
    }
    const { prediction = null } = found.plan;
    return withPrediction(made.plan, prediction, this.session.client.requests());
  }

  private async loads(ids: readonly string[], { seen }: Planned): Promise<Loads> {
    const { client } = this.session;
    const known = seen.staff?.last()?.loadByQueue ?? new Map<string, QueueLoad>();
    const more = ids.filter((id) => !known.has(id));
    this.agents ??= await client.callsPerAgent();
    const found = more.length === 0 ? new Map<string, QueueLoad>() : await client.loads(more);
    return { byQueue: new Map([...known, ...found]), callsPerAgent: this.agents };
  }

  private span(now: number): Parts {
    const { fromMs, toMs } = spanOf(this.options, now);
    const spanMs = toMs - fromMs;
    const fits = PART_MINUTES.find((minutes) => spanMs / (minutes * MINUTE_MS) <= MOST_PARTS);
    const partMinutes = fits ?? 24 * 60;
    const partMs = partMinutes * MINUTE_MS;
    return { fromMs: Math.floor(fromMs / partMs) * partMs, toMs, partMinutes };
  }

  private async figures(queueIds: readonly string[], span: Parts): Promise<FoundFigures> {
    const { fromMs, toMs, partMinutes } = span;
    const search = { fromMs, toMs, partMinutes, queueIds, mediaType: 'voice' };
    const none = new Map<string, readonly PartFigures[]>();
    if (queueIds.length === 0) return { span, byQueue: none, lastHour: new Map() };
    const hour = { fromMs: toMs - HOUR_MS, toMs, queueIds, mediaType: 'voice' };
    const [byQueue, lastHour] = await Promise.all([
      this.session.client.figuresByPart(search),
      this.session.client.figures(hour),
    ]);
    return { span, byQueue, lastHour };
  }

  private queues(
    ids: readonly string[],
    loads: Loads | null,
    figures: FoundFigures | null,
    nameOf: (id: string) => string,
  ): View['queues'] {
    return queuesOf(
      ids.map((id) => {
        const promise = this.session.client.promise(id, 'voice');
        return {
          id,
          name: nameOf(id),
          load: loads?.byQueue.get(id) ?? null,
          callsPerAgent: loads?.callsPerAgent ?? null,
          withinSeconds: promise === null ? null : promise.withinMs / 1000,
          targetPart: promise?.part ?? null,
          lastHour: figures === null ? null : [figures.lastHour.get(id) ?? NO_FIGURES],
        };
      }),
    );
  }

  private async drift(planned: Planned): Promise<View['drift']> {
    const { plan, observation } = planned;
    const { session } = this;
    const last = lastRunOf(planned);
    const { drifts, ...others } = driftIn(plan, observation.state.records, last);
    const nameOf = (id: string): string => observation.catalog.nameOf('queue', id);
    const key = JSON.stringify(drifts);
    const isKnown = this.drifted?.drifts.every(({ by }) => by.every((one) => one.known)) ?? false;
    if (this.drifted?.key !== key || !isKnown) {
      const request = {
        drifts,
        binding: bindingOf(session),
        homes: observation.homes,
        idOf: idsOrNames(observation.catalog),
        ownClient: session.clientId,
        windowMs: AUDIT_DAYS * DAY_MS,
      };
      const given = await this.patience.with(`who changed ${key}`, async () =>
        attributed(session.client, request),
      );
      const { found, why } = given;
      this.drifted = { key, drifts: found ?? drifts.map((one) => byNobody(one, why)) };
    }
    return driftView({ plan, drifts: this.drifted.drifts, ...others, nameOf });
  }

  private async runs(): Promise<StoredRuns> {
    const { environment, run: now } = this.session;
    const folder = path.resolve(this.world.cwd, this.options.runs);
    const stored: StoredRun[] = [];
    const missing: Missing[] = [];
    const ids = (await idsInOrder(folder)).filter((id) => id !== now.context.run);
    for (const id of ids.reverse()) {
      if (stored.length === MOST_RUNS) break;
      try {
        const run = await readRun(folder, id, sha256);
        const [first] = run.chain.records;
        if (first === undefined || first.environment === environment.name) stored.push(run);
      } catch (error) {
        missing.push({ what: `run ${id}`, why: (error as Error).message });
      }
    }
    stored.reverse();
    const problems = stored.flatMap(chainFindings);
    return { stored, missing, findings: [...problems, ...verdictOn(stored, false).findings] };
  }

  /** What was told a while ago is shown while it is asked for anew. */
  private async trail(planned: Planned, runs: readonly StoredRun[], now: number): Promise<Told> {
    const { told } = this;
    if (told !== null && now - told.atMs < AUDIT_FRESH_MS) return told.told;
    const asked = this.patience.with(TRAIL, async () => this.toldNow(planned, runs, now));
    if (told !== null && this.options.patienceMs !== null) {
      asked.catch(() => undefined);
      return told.told;
    }
    const { found, why } = await asked;
    return found ?? { entries: [], missing: [{ what: TRAIL, why }] };
  }

  private async toldNow(
    { observation }: Planned,
    runs: readonly StoredRun[],
    now: number,
  ): Promise<Told> {
    const { session, options } = this;
    const { live, catalog, homes } = observation;
    const own = runs.map(({ chain }) =>
      chain.records.map((record) => ({ record, atMs: Date.parse(record.at) })),
    );
    const addresses = own.flat().flatMap(({ record }) => record.address ?? []);
    const fromMs = Math.min(spanOf(options, now).fromMs, now - DAY_MS);
    const found = await trailOf(session.client, {
      fromMs,
      toMs: now,
      action: null,
      patienceMs: AUDIT_PATIENCE_MS,
      binding: bindingOf(session),
      homes,
      catalog,
      records: observation.state.records,
      shown: live,
      addresses: new Set([...live.map(({ address }): string => address), ...addresses]),
    });
    const filter = { fromMs, toMs: Infinity, user: null, action: null };
    const isWhole = runs.every(({ chain }) => chain.problems.length === 0);
    const { entries } = timelineOf(found.events, own, session.clientId, filter, isWhole);
    const told = { entries, missing: found.gaps.map(({ what, why }) => ({ what, why })) };
    // What could not be read this time may be there the next.
    this.told = told.missing.length === 0 ? { atMs: now, told } : null;
    return told;
  }

  private boundsOf(address: Address): Bounds | null {
    const manifest = this.session.manifests.find(({ kind, name }) => `${kind}/${name}` === address);
    if (manifest === undefined) return null;
    const tunable = kindOf(manifest.kind).tuning?.tunable(manifest, {}, {}) ?? null;
    return tunable?.tuning.bounds ?? null;
  }
}

interface Loads {
  readonly byQueue: ReadonlyMap<string, QueueLoad>;
  readonly callsPerAgent: number | null;
}

type Parts = Span & { readonly partMinutes: number };

interface FoundFigures {
  /** Of the look that asked for them, which may have been an earlier one. */
  readonly span: Parts;
  readonly byQueue: ReadonlyMap<string, readonly PartFigures[]>;
  readonly lastHour: ReadonlyMap<string, Figures>;
}

interface StoredRuns {
  readonly stored: readonly StoredRun[];
  readonly missing: readonly Missing[];
  readonly findings: readonly Finding[];
}

function byNobody(drift: Drift, why: string): Attributed {
  return { ...drift, by: drift.fields.map(() => ({ known: false, why })) };
}

function whose(live: Live, { observation, owner }: Planned): string | null {
  const record = observation.state.records.get(live.address);
  const held = ownershipOf(record, live, owner, kindOf(live.kind));
  switch (held.by) {
    case 'us':
      return null;
    case 'nobody':
      return 'nobody manages it';
    case 'other':
      return `belongs to ${held.owner}`;
  }
}
