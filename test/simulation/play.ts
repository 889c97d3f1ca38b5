/** Plays a history through the real engine and the real SDK, and says what did not hold. */
import type { Manifest } from '../../src/core/types.js';
import type { Binding } from '../../src/engine/bind.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import { bindingFor } from '../support/binding.js';
import { AppError, Interrupted } from '../../src/core/errors.js';
import { formerIn, idsEver } from '../../src/core/former.js';
import { failedGuards, kindName, objectName } from '../../src/core/outcome.js';
import { foundBy, manifestsOf } from '../../src/core/rollback.js';
import { scopeOfAll } from '../../src/core/scope.js';
import type { Ids } from '../../src/core/state.js';
import type { JsonObject } from '../../src/core/json.js';
import type { Seen } from '../../src/engine/observe.js';
import { makePlan } from '../../src/engine/plan.js';
import type { Planned, PlanInput } from '../../src/engine/planning.js';
import type { Event, Reader } from '../../src/engine/ports.js';
import { Run } from '../../src/engine/run.js';
import { sha256 } from '../../src/files/digest.js';
import { openReader, openWriter, type Connection } from '../../src/genesys/sdk.js';
import { seededRandom } from '../../src/simulator/chance.js';
import type { Hit } from '../../src/simulator/faults.js';
import { personDeletes, personEdits } from '../../src/simulator/person.js';
import { load } from '../support/manifests.js';
import { sameOwner } from '../../src/core/owner.js';
import { SimulatedLog } from './disk.js';
import { Fortune } from './fortune.js';
import { FOLDERS } from './folders.js';
import type { Folder, History, Runner, Step } from './history.js';
import {
  afterRun,
  anchored,
  blamesNobody,
  settledTruly,
  silent,
  strangersAreWhatTheyWere,
} from './invariants.js';
import { keptTrackOf } from './kept.js';
import { tamperEvident } from './tampered.js';
import { SECRET, SimulatedWorld, type SimulatedRun, type Violation } from './world.js';

/** What a run writes that has nothing to do. */
const EVERY_RUN: ReadonlySet<string> = new Set(['lock', 'head']);

export interface Played {
  readonly violations: readonly Violation[];
  /** Every fault that hit, to be played back without dice. */
  readonly hits: readonly Hit[];
  readonly requests: number;
  readonly runs: number;
  /** What there was beside faults: neighbours, queues that were renamed, heads that were lost. */
  readonly around: readonly string[];
  /** How each run ended, for whoever reads a failure. */
  readonly endings: readonly string[];
  /** All that the org and the runs have been through: the same history gives the same text. */
  readonly digest: string;
}

const CALM: Runner = { misfortune: {}, patienceMs: 0, force: true, machine: 'A' };
const LONG_MS = 3_600_000;
const GITHUB = {
  server: 'https://github.com',
  repository: 'acme/routing',
  attempt: 1,
  job: 'apply',
};

export async function play(history: History): Promise<Played> {
  const player = new Player(history);
  try {
    await player.begin();
    for (const step of history.steps) {
      if (player.world.violations.length > 0) break;
      await player.step(step);
    }
    if (player.world.violations.length === 0) await player.converge();
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    player.world.violated('no bug', text);
  }
  const { world, endings } = player;
  const log = [...world.disk.logs.values()].join('\n');
  const digest = sha256(log + JSON.stringify([...world.objects()]) + JSON.stringify(endings));
  return {
    violations: world.violations,
    hits: world.hits,
    requests: world.requests,
    runs: world.disk.logs.size,
    endings,
    digest,
    around: [...world.around],
  };
}

type Specs = Readonly<Record<string, JsonObject>>;

class Player {
  readonly world: SimulatedWorld;
  readonly endings: string[] = [];
  private specs: Record<Folder, Specs> = { ours: {}, neighbours: {} };
  private runs = 0;
  /** Processes that are gone, and where they were at work. */
  private readonly over = new Map<string, string>();
  /** What strangers do not let go of. */
  private readonly held = new Set<string>();
  /** The backend of the environment in each run. */
  private readonly backends = new Map<string, string>();
  /** Runs that GitHub knows. */
  private readonly workflows = new Set<string>();

  constructor(private readonly history: History) {
    this.world = new SimulatedWorld(history);
  }

  async begin(): Promise<void> {
    const { setting, steps, rules } = this.history;
    const [first] = steps;
    if (setting.settled && first?.do === 'commit') {
      this.specs.ours = first.specs;
      await this.apply(CALM, null);
    }
    this.world.addStrangers();
    this.world.arm(rules);
  }

  async step(step: Step): Promise<void> {
    const { world } = this;
    const at = world.time.now();
    switch (step.do) {
      case 'commit':
        this.specs[step.folder ?? 'ours'] = step.specs;
        return;
      case 'rename': {
        world.renameQueue(step.queue, step.to);
        return;
      }
      case 'lose head': {
        // Nobody is there within the seconds for which a read may lag behind a run's write.
        world.time.pass(5000);
        world.loseHeads(step.how);
        return;
      }
      case 'edit': {
        world.person(() => personEdits(world.org, '', step.value, at));
        return;
      }
      case 'remove': {
        world.person(() => personDeletes(world.org, '', step.value, at));
        return;
      }
      case 'hand': {
        world.hand(step.hand);
        return;
      }
      case 'wait': {
        world.time.pass(step.ms);
        return;
      }
      case 'unlock': {
        world.unlock();
        return;
      }
      case 'backend': {
        world.changeBackend();
        return;
      }
      case 'rollback': {
        // Whoever takes a run back has looked at it; for so long a listing may lag.
        world.time.pass(20_000);
        return this.rollBack(step.runner, step.back);
      }
      case 'apply':
        return this.apply(step.runner, step.rival);
    }
  }

  /** Nothing goes wrong any more: one apply brings about what git says, and the next has no work. */
  async converge(): Promise<void> {
    const { world } = this;
    world.faults = null;
    world.time.pass(LONG_MS);
    const holder = world.lockHolder();
    // What was killed on another machine nobody can know of here: a person has to say so.
    const inTheWay = holder === null ? [] : [holder, world.disk.heirOf(holder) ?? holder];
    const isUnknown = (run: string): boolean =>
      this.over.get(run) !== 'A' && !this.hasEnded(run) && !this.workflows.has(run);
    if ([...inTheWay, ...world.heirsOf(holder ?? '')].some(isUnknown)) world.unlock();
    world.nameThingsAsBefore();
    this.mendConflicts();
    if (world.renamed.size > 0) await this.bringAboutTheRest();
    world.nameQueuesAsBefore();
    for (const folder of this.folders()) await this.convergeIn(folder);
    const declared = this.folders().flatMap((folder) => Object.keys(this.specs[folder]));
    keptTrackOf(world, [...declared, ...this.held]);
    if (world.lockHolder() !== null) world.violated('converges', 'the lock was left behind');
    strangersAreWhatTheyWere(world);
    settledTruly(world);
    for (const folder of this.folders()) {
      anchored(world, folder);
      tamperEvident(world, folder);
    }
  }

  private folders(): Folder[] {
    const isThere = this.history.steps.some((step) => step.do === 'commit' && step.folder);
    return isThere ? ['ours', 'neighbours'] : ['ours'];
  }

  /** Of what two folders declare, the one keeps it that the org has on record. */
  private mendConflicts(): void {
    const { ours, neighbours } = this.specs;
    const theirs = this.world.recordedFor('neighbours');
    const own = this.world.recordedFor('ours');
    const without = (specs: Specs, names: ReadonlySet<string>): Specs =>
      Object.fromEntries(Object.entries(specs).filter(([name]) => !names.has(name)));
    this.specs.ours = without(ours, theirs);
    const kept = new Set([...own, ...Object.keys(this.specs.ours)]);
    this.specs.neighbours = without(neighbours, kept);
  }

  /** While a queue has another name, what does not name it is done, and what does is left alone. */
  private async bringAboutTheRest(): Promise<void> {
    const { world } = this;
    const isBad = (spec: JsonObject): boolean => {
      const text = JSON.stringify(spec);
      return [...world.renamed.keys()].some((queue) => text.includes(`"queue":"${queue}"`));
    };
    const bad = Object.entries(this.specs.ours).flatMap(([name, spec]) =>
      isBad(spec) ? name : [],
    );
    const told = (): string =>
      JSON.stringify([...world.objects()].filter(([key]) => bad.includes(world.nameAt(key))));
    const before = told();
    await this.apply(CALM, null);
    const last = this.endings.at(-1) ?? '';
    if (told() !== before) world.violated('certain', `${bad.join()} changed without their queue`);
    world.time.pass(LONG_MS);
    const { plan } = await world.time.until(this.planAgain('ours'));
    const blocked = (plan.blocked ?? []).map(({ address }) => objectName(address));
    if (!bad.every((name) => blocked.includes(name))) {
      world.violated('certain', `${bad.join()} name what is not there, and ${blocked.join()} wait`);
    }
    for (const { action, address } of plan.changes) {
      world.violated('converges', `beside a renamed queue there is ${action} ${address}: ${last}`);
    }
  }

  private isNamed(folder: Folder, by: string, name: string): boolean {
    return JSON.stringify(this.specs[folder][by] ?? {}).includes(JSON.stringify(name));
  }

  private async convergeIn(folder: Folder): Promise<void> {
    const { world } = this;
    const calm = { ...CALM, folder };
    await this.apply(calm, null);
    const last = this.endings.at(-1) ?? '';
    if (!last.endsWith('0')) world.violated('converges', `without faults: ${last}`);
    world.time.pass(LONG_MS);
    const planned = await world.time.until(this.planAgain(folder));
    const { plan, chores } = planned;
    for (const { action, address, fields } of plan.changes) {
      const what = fields.map((one) => JSON.stringify(one)).join(' ');
      world.violated(
        'converges',
        `after an apply without faults there is ${action} ${address} ${what}`,
      );
    }
    const blocked = new Set<string>((plan.blocked ?? []).map(({ address }) => address));
    for (const { address, obstacles } of plan.blocked ?? []) {
      // What is nobody's may refer to what is ours, and then holds it.
      const isHeld = obstacles.every(({ message }) => {
        const [, who = ''] = /: (\S+\/.+) \(in the .+\) still refers/.exec(message) ?? [];
        const [, ours = ''] = /: (\S+\/.+) \(.+\.yaml:\d+\) still refers/.exec(message) ?? [];
        // What a person has added, and a manifest neither names nor takes away, holds as well.
        const isLeft = ours !== '' && !this.isNamed(folder, ours, objectName(address));
        return isLeft || (who !== '' && (!world.isOurs(who) || blocked.has(who)));
      });
      if (isHeld) this.held.add(address);
      if (isHeld) continue;
      const why = obstacles.map(({ message }) => message).join('; ');
      world.violated('converges', `without faults ${address} is blocked: ${why}`);
    }
    if (chores.length > 0) world.violated('converges', `${chores.length} records are not settled`);
    const before = JSON.stringify([...world.objects()]);
    const sent = world.arrivals.length;
    await this.apply(calm, null);
    const more = world.arrivals.slice(sent).filter(({ place }) => !EVERY_RUN.has(place.is));
    for (const { request } of more) {
      world.violated('idempotent', `a second apply sent ${request.method} ${request.path}`);
    }
    if (JSON.stringify([...world.objects()]) !== before) {
      world.violated('idempotent', 'a second apply changed the org');
    }
  }

  /** To what the last but so many of our runs found that changed something, under this backend. */
  private async rollBack(runner: Runner, back: number): Promise<void> {
    const { world } = this;
    const runs = [...world.disk.logs.keys()].filter(
      (id) =>
        world.folderOf.get(id) === 'ours' &&
        this.backends.get(id) === world.backendName &&
        foundBy(world.disk.records(id)).length > 0,
    );
    const id = runs.at(-back);
    if (id === undefined) return;
    world.around.add('rollback');
    await this.apply(runner, null, wayBack(world, id, runner.force));
  }

  private hasEnded(run: string): boolean {
    return this.world.disk.records(run).at(-1)?.type === 'run-ended';
  }

  private async apply(
    runner: Runner,
    rival: Runner | null,
    back: WayBack | null = null,
  ): Promise<void> {
    const { world } = this;
    const runners = rival === null ? [runner] : [runner, rival];
    const begun = runners.map((one) => this.begun(one, back));
    const ends = await world.time.until(Promise.all(begun.map(async ({ end }) => end)));
    const { maxDeletes } = this.history.setting;
    begun.forEach(({ run, said }, index) => {
      run.fortune.over();
      const { force, machine } = runners[index]!;
      this.over.set(run.id, machine);
      this.endings.push(`${run.id}: ${ends[index] ?? ''}`);
      afterRun(world, run, force ? Infinity : maxDeletes);
      silent(world, run, said.join('\n'));
      blamesNobody(world, run, said.join('\n'));
    });
  }

  private begun(
    runner: Runner,
    back: WayBack | null,
  ): {
    readonly run: SimulatedRun;
    readonly said: string[];
    readonly end: Promise<string>;
  } {
    this.runs += 1;
    const folder = runner.folder ?? 'ours';
    const specs = this.specs[folder];
    const run: SimulatedRun = {
      folder,
      declared: new Set(back === null ? Object.keys(specs) : back.manifests.map(nameOf)),
      specs: back === null ? specs : null,
      id: `run-${this.runs}`,
      fortune: new Fortune(runner.misfortune),
      base: new Map<string, string>(),
      listed: new Map<string, string>(),
      planned: new Map<string, string>(),
      planning: false,
      executing: false,
      heldUntilMs: new Map(),
      arrivals: [],
      hand: runner.hand ?? null,
      begun: new Set(),
    };
    this.backends.set(run.id, this.world.backendName);
    this.world.folderOf.set(run.id, folder);
    if (folder === 'neighbours') this.world.around.add(folder);
    if (runner.workflow === true) this.workflows.add(run.id);
    const said: string[] = [];
    const process = new Process(this.world, run, runner, said, {
      specs,
      back,
      isDead: (id) => this.over.get(id) === runner.machine,
      hasEnded: (id) => this.over.has(id),
    });
    const end = Promise.race([process.end(), run.fortune.killed]);
    return { run, said, end };
  }

  private async planAgain(folder: Folder): Promise<Planned> {
    const { world } = this;
    const fortune = new Fortune({});
    const run: SimulatedRun = {
      folder,
      declared: new Set<string>(),
      specs: null,
      id: 'plan',
      fortune,
      base: new Map<string, string>(),
      planned: new Map(),
      listed: new Map<string, string>(),
      planning: false,
      executing: false,
      heldUntilMs: new Map(),
      arrivals: [],
      hand: null,
      begun: new Set(),
    };
    const connection = connectionOf(world, run, []);
    return planWith(world, openReader(connection), connection, {
      folder,
      specs: this.specs[folder],
      back: null,
    });
  }
}

/** What a rollback asks for, as `cli/commands/rollback.ts` does. */
interface WayBack {
  readonly manifests: readonly Manifest[];
  readonly more: Partial<PlanInput>;
}

function wayBack(world: SimulatedWorld, id: string, isForced: boolean): WayBack {
  const records = world.disk.records(id);
  const found = foundBy(records);
  const ids = records.find(({ type }) => type === 'planned')?.detail?.['ids'];
  const { kindOf } = bindingFor(world.backend(), reconciledKinds);
  return {
    manifests: manifestsOf(found, `${id}.jsonl`, 'strategos/v1', kindOf),
    more: {
      scope: scopeOfAll(found.map(({ address }) => address)),
      findings: new Map(found.map(({ address, exact }) => [address, exact])),
      asFound: isForced,
      namesMayBeGone: true,
      ids: ids === undefined ? undefined : (ids as Ids),
    },
  };
}

/** As the specs of a folder are told apart. */
function nameOf({ kind, name }: Manifest): string {
  return kind === 'RoutingStrategy' ? name : `${kind}/${name}`;
}

interface Given {
  readonly specs: Readonly<Record<string, JsonObject>>;
  readonly back: WayBack | null;
  readonly isDead: (run: string) => boolean;
  /** As GitHub knows it, wherever it was. */
  readonly hasEnded: (run: string) => boolean;
}

/** One `strategos apply`: what the command line does around the engine's run. */
class Process {
  private readonly connection: Connection;
  private readonly log: SimulatedLog;

  constructor(
    private readonly world: SimulatedWorld,
    private readonly run: SimulatedRun,
    private readonly runner: Runner,
    private readonly said: string[],
    private readonly given: Given,
  ) {
    this.connection = connectionOf(world, run, said, runner.clock);
    this.log = new SimulatedLog(world.disk, run.id, this.connection.clock, run.fortune);
  }

  /** The exit code, with its reason where it is none of the good ones. */
  async end(): Promise<string> {
    try {
      return await this.work();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.said.push(error.message, error.hint ?? '');
      return `${error.message} ${error.exitCode}`;
    }
  }

  private async work(): Promise<string> {
    const { run, log } = this;
    await log.append({ type: 'run-started' });
    const engine = this.engine();
    // As in cli/session.ts: a signal ends what has not begun to write at once.
    const atOnce = run.fortune.stopped.then(() => {
      if (run.executing) return new Promise<never>(() => undefined);
      throw new Interrupted('stopped; nothing was changed');
    });
    atOnce.catch(() => undefined);
    let state = 'failed';
    try {
      state = await Promise.race([this.reconcile(engine), atOnce]);
    } finally {
      await engine.end();
      await log.end(state).catch((error: unknown) => {
        if (!(error instanceof AppError)) throw error;
      });
    }
    return state;
  }

  private async reconcile(engine: Run): Promise<string> {
    const { run, log, runner, said } = this;
    const planned = await engine.plan();
    const { organization, digest } = planned.plan;
    said.push(JSON.stringify(planned.plan));
    const ids = this.world.history.setting.furnished === true ? { ids: this.idsOf(planned) } : {};
    const detail = { organization: organization.id, digest, ...ids };
    await log.append({ type: 'planned', detail });
    const adopted = planned.plan.changes.filter(({ action }) => action === 'adopt');
    // Ours until a person changed it before we could say so: it takes somebody who says so now.
    const isKnown = adopted.every(({ address }) => this.world.isTouched(address));
    const failed = failedGuards(planned.plan.guards).filter(({ guard }) =>
      guard === 'adoption' ? !isKnown : guard === 'ownership' || !runner.force,
    );
    if (failed.length > 0) return `refused: ${failed.map(({ message }) => message).join()} 4`;
    if (run.fortune.isStopped()) return 'stopped before it began 130';
    run.executing = true;
    const { exitCode, outcomes, fault } = await engine.carryOut({
      planned,
      confirm: ({ plan }) => plan,
      interrupted: () => run.fortune.isStopped(),
    });
    if (fault !== null && !(fault instanceof AppError)) throw fault;
    said.push(JSON.stringify(outcomes), fault?.message ?? '');
    const notes = outcomes.flatMap(({ address, state, message }) =>
      message === '' ? [] : [`${address} ${state}: ${message}`],
    );
    return `${notes.join('; ')} ${exitCode}`;
  }

  /** As `recordPlan` of `cli/session.ts`: a name that is found may stand for nothing by then. */
  private idsOf({ plan, observation: { catalog, state } }: Planned): Ids {
    const { kindOf } = bindingFor(this.world.backend(), reconciledKinds);
    const touched = plan.changes.flatMap(({ address, before, after }) =>
      [before, after].flatMap((fields) =>
        fields === null ? [] : [{ address, table: kindOf(kindName(address)).fields, fields }],
      ),
    );
    return idsEver(touched, catalog, formerIn(state.records));
  }

  private engine(): Run {
    const { world, run, log, runner, connection, given } = this;
    const writer = openWriter(connection);
    const { clock, random, events } = connection;
    const of = { folder: run.folder, specs: given.specs, back: given.back };
    const manifests = given.back?.manifests ?? loadedFrom(world, given.specs).manifests;
    const us = FOLDERS[run.folder];
    const holder = { holder: 'sim', host: 'sim', command: 'apply', run: run.id, at: '' };
    const attempt = { ...GITHUB, id: run.id.replace('run-', '') };
    const isOwners = (id: string): boolean => world.folderOf.get(id) === run.folder;
    const me = runner.workflow === true ? { ...holder, attempt } : holder;
    return new Run(
      { writer, audit: log, events, clock, random, hash: sha256 },
      {
        binding: bindingOf(world, manifests),
        me,
        patienceMs: runner.patienceMs,
        activationTimeoutMs: 30_000,
        imports: world.history.setting.imports,
        plan: async (seen) => {
          run.planning = true;
          const planned = await planWith(world, writer, connection, of, seen);
          run.planning = false;
          run.base = new Map(run.listed);
          run.planned = new Map(run.listed);
          return planned;
        },
        leftOpen: () => Promise.resolve(world.disk.leftOpen(run.id, given.isDead, isOwners)),
        lastLeft: () => Promise.resolve(world.disk.lastLeft((one) => sameOwner(one, us))),
        isGone: ({ run: id }) => Promise.resolve(world.disk.mayTakeOver(id, run.id, given.isDead)),
        stateOf: ({ id }) =>
          Promise.resolve({ is: given.hasEnded(`run-${id}`) ? 'ended' : 'running' }),
      },
    );
  }
}

function connectionOf(
  world: SimulatedWorld,
  run: SimulatedRun,
  said: string[],
  { atMoment, byMs }: NonNullable<Runner['clock']> = { atMoment: 0, byMs: 0 },
): Connection {
  const { time } = world;
  const clock = {
    now: () => time.now() + (run.fortune.moments >= atMoment ? byMs : 0),
    steady: () => time.now(),
    sleep: async (ms: number) => time.sleep(ms),
  };
  return {
    host: 'http://127.0.0.1:9',
    clientId: 'sim',
    clientSecret: SECRET,
    userAgent: 'strategos/simulation',
    clock,
    random: seededRandom(`${world.history.seed}/${run.id}`),
    events: { emit: (event: Event) => said.push(JSON.stringify(event)) },
    exchange: world.exchange(run),
  };
}

async function planWith(
  world: SimulatedWorld,
  reader: Reader,
  { clock, events }: Connection,
  { folder, specs, back }: Pick<Given, 'specs' | 'back'> & { readonly folder: Folder },
  seen: Seen = {},
): Promise<Planned> {
  const { setting } = world.history;
  const { backendName: backend } = world;
  const loaded = loadedFrom(world, specs);
  const manifests = back?.manifests ?? loaded.manifests;
  return makePlan(
    { reader, events, clock, hash: sha256 },
    {
      manifests,
      owner: FOLDERS[folder],
      seen,
      binding: bindingOf(world, manifests),
      prune: true,
      adopt: false,
      scope: null,
      environment: { name: 'test', backend, host: 'http://127.0.0.1:9' },
      guards: {
        maxDeletes: { kind: 'count', value: setting.maxDeletes },
        maxChanges: { kind: 'percent', value: 100 },
        at: () => loaded.environment.at('/spec'),
      },
      commit: null,
      version: '0.0.0',
      ...back?.more,
    },
  );
}

function loadedFrom(world: SimulatedWorld, specs: Specs): ReturnType<typeof load> {
  const { backendName: backend } = world;
  const apiVersion = 'strategos/v1';
  const files = Object.entries(specs).map(([key, spec]) => {
    // A strategy is told by its name, everything else by its address.
    const [first = '', ...rest] = key.split('/');
    const [kind, name] = rest.length === 0 ? ['RoutingStrategy', first] : [first, rest.join('/')];
    const file = `${key.replace('/', '-')}.yaml`;
    return [file, JSON.stringify({ apiVersion, kind, metadata: { name }, spec })];
  });
  const environment = JSON.stringify({
    apiVersion,
    kind: 'Environment',
    metadata: { name: 'test' },
    spec: { host: 'http://127.0.0.1:9', backend },
  });
  const text = Object.fromEntries(files) as Record<string, string>;
  return load({ ...text, 'environment.yaml': environment });
}

/** Strategies alone, but in a history that has more. */
function bindingOf(world: SimulatedWorld, manifests: readonly Manifest[]): Binding {
  if (world.history.setting.references !== true) return bindingFor(world.backend());
  return bindingFor(world.backend(), reconciledKinds, { manifests });
}
