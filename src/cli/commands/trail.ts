/** `strategos audit trail`: who did what where, by the platform's record and by our own. */
import { asTyped } from '../../core/as-typed.js';
import type { Address, Live } from '../../core/types.js';
import { byText } from '../../core/issue.js';
import { isInScope } from '../../core/scope.js';
import { someOf } from '../../core/some.js';
import path from 'node:path';
import type { AuditRecord } from '../../core/audit.js';
import { AppError, EXIT, type ExitCode } from '../../core/errors.js';
import { visible } from '../../core/visible.js';
import type { OwnRecord } from '../../core/deeds.js';
import { timelineOf, type Timeline, type TimelineFilter } from '../../core/trail.js';
import { queueAddresses, trailOf, type Gap } from '../../engine/trail.js';
import type { Reader } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import { readRun, runId, runIds } from '../../files/runs.js';
import {
  trailCloudEvents,
  trailHtml,
  trailJson,
  trailLines,
  trailMarkdown,
  trailText,
  type TrailReport,
} from '../../render/trail.js';
import type { CommonOptions, TrailOptions } from '../options.js';
import { ours } from '../ours.js';
import { bindingOf, inSession, scopeOf, type Session, type SessionRequest } from '../session.js';
import { refuseSpan, spanOf, timesOf } from '../span.js';
import type { World } from '../world.js';

/** Clocks differ: what the platform dates a little after our now has happened all the same. */
const SKEW_MS = 300_000;

export async function trail(
  { format, ...options }: Omit<CommonOptions, 'format'> & TrailOptions,
  world: World,
): Promise<ExitCode> {
  refuseSpan(options, world.clock.now());
  const here = timesOf(options, world.clock.now());
  const open: SessionRequest<Reader>['open'] = (sdk, connection) => sdk.openReader(connection);
  const request = { command: 'trail', environment: options.env, plans: true, open };
  return inSession(request, { ...options, format: 'text' }, world, async (session) => {
    const { runs, broken } = await runsOf(session, options, here.fromMs, world);
    const gone = writtenIn(runs);
    const { shown, observation } = await ours(session, { ...options, declared: true, gone });
    const { catalog, homes, organization } = observation;
    const { records } = observation.state;
    const span = spanOf(options, session.client.nowMs());
    const isNow = options.until === undefined;
    const { user = null, action = null } = options;
    session.events.emit({ type: 'doing', what: "searching the platform's audit" });
    const binding = bindingOf(session);
    const addresses = addressesIn(session, shown, gone, options);
    const found = await trailOf(session.client, {
      fromMs: span.fromMs,
      toMs: isNow ? span.toMs + SKEW_MS : span.toMs,
      action,
      patienceMs: options.timeout * 1000,
      binding,
      homes,
      catalog,
      records,
      shown,
      addresses,
    });
    const { events } = found;
    const named = { shown, binding, catalog, records };
    const gaps = [...found.gaps, ...broken];
    // Our own records are dated by this machine, whose clock may be wrong: none is to be lost.
    const filter: TimelineFilter = {
      fromMs: Math.min(span.fromMs, here.fromMs),
      toMs: isNow ? Infinity : Math.max(span.toMs, here.toMs),
      user,
      action,
      ...(options.target === undefined
        ? {}
        : { addresses: new Set([...addresses, ...queueAddresses(named)]) }),
    };
    const report: TrailReport = {
      environment: session.environment.name,
      organization,
      from: new Date(span.fromMs).toISOString(),
      to: new Date(span.toMs).toISOString(),
      ...timelineOf(events, runs, session.clientId, filter, broken.length === 0),
      gaps: gaps.map(({ what, why }) => ({ what, why })),
    };
    const byAnybody = { ...filter, user: null };
    tellNobody(report, filter, () => timelineOf(events, runs, session.clientId, byAnybody), world);
    const ofAny = { ...filter, action: null };
    const byRuns = timelineOf([], runs, session.clientId, ofAny).entries;
    const there = [...found.actions, ...byRuns.map((one) => one.action)];
    if (report.entries.length === 0 && gaps.length === 0) tellNoAction(action, there, world);
    world.out(trailAs(report, format, (id) => catalog.nameOf('queue', id), world));
    tellGaps(gaps, format, world);
    const failed = gaps.find(({ error }) => error !== null);
    const state = gaps.length === 0 ? 'told' : 'told in part';
    return { exitCode: failed?.error?.exitCode ?? EXIT.done, state, plan: null, outcomes: [] };
  });
}

/** Whoever is spelt otherwise would be taken for one who did nothing. */
function tellNobody(
  { entries, gaps }: TrailReport,
  { user }: TimelineFilter,
  unfiltered: () => Timeline,
  world: World,
): void {
  if (user === null || entries.length > 0) return;
  const others = [...new Set(unfiltered().entries.map(({ who }) => who))].sort(byText);
  const there = others.length === 0 ? [] : [`, by others: ${someOf(others, MOST_OTHERS)}`];
  // Of what could not be read nobody can say whose it is.
  const unread = gaps.length === 0 ? [] : ['; not all of it could be read'];
  const rest = [...there, ...unread].join('') || ', nor by anybody else';
  world.err(`note: nothing here is by ${visible(user)}${visible(rest)}\n`);
}

/** An action that is spelt otherwise would be taken for one that nobody did. */
function tellNoAction(action: string | null, there: readonly string[], world: World): void {
  const isThere = (one: string): boolean => one.toLowerCase() === action?.toLowerCase();
  if (action === null || there.some(isThere)) return;
  const known = someOf([...new Set(there)].sort(byText), MOST_OTHERS);
  const others = known === '' ? '' : `; there are: ${known}`;
  world.err(`note: nothing here is called ${visible(action)}${visible(others)}\n`);
}

const MOST_OTHERS = 10;

/** A run that began so long before the time asked for has ended by then. */
const LONGEST_RUN_MS = 86_400_000;

/**
 * Runs of this environment that may have something of the time from `fromMs` on, without the one
 * that is asking. One that is lost hides no other.
 */
async function runsOf(
  { environment, run: now }: Session,
  options: Pick<CommonOptions, 'runs'>,
  fromMs: number,
  world: World,
): Promise<{ readonly runs: OwnRecord[][]; readonly broken: Missing[] }> {
  const folder = path.resolve(world.cwd, options.runs);
  const runs: OwnRecord[][] = [];
  const broken: Missing[] = [];
  const first = runId('', fromMs - LONGEST_RUN_MS, 0);
  for (const id of await runIds(folder)) {
    if (id === now.context.run || id < first) continue;
    const chain = await chainOf(folder, id);
    const { records, problems } = chain;
    // Whose it was cannot be told of one that nobody can read.
    if (records.length > 0 && records[0]?.environment !== environment.name) continue;
    if (problems.length > 0) broken.push(missing(id, problems));
    runs.push(records.map((record) => ({ record, atMs: Date.parse(record.at) })));
  }
  return { runs, broken };
}

type Told = Gap | Missing;
type Missing = Omit<Gap, 'error'> & { readonly error: AppError };
type Problems = readonly { readonly line: number | null; readonly message: string }[];

/** What can be read of a log, and why the rest cannot. */
async function chainOf(
  folder: string,
  id: string,
): Promise<{ readonly records: readonly AuditRecord[]; readonly problems: Problems }> {
  try {
    return (await readRun(folder, id, sha256)).chain;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { records: [], problems: [{ line: null, message: error.message }] };
  }
}

function missing(run: string, [first, ...more]: Problems): Missing {
  const line = first?.line == null ? '' : `record ${first.line} `;
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  const why = `${line}${first?.message ?? ''}${others}: what it says is not what was recorded`;
  const what = `run ${run} as it was`;
  const hint = `strategos audit verify ${run} says what is wrong with its log`;
  const error = new AppError('log-broken', EXIT.invalid, 'user', `${what}: ${why}`, { hint });
  return { what, why, error };
}

function writtenIn(runs: readonly (readonly OwnRecord[])[]): Address[] {
  const written = runs.flat().flatMap(({ record }) => record.address ?? []);
  return [...new Set(written)] as Address[];
}

/** Live, declared, or written by one of our runs: so also what is deleted by now. */
function addressesIn(
  { manifests }: Session,
  shown: readonly Pick<Live, 'address'>[],
  gone: readonly Address[],
  { target }: Pick<TrailOptions, 'target'>,
): ReadonlySet<string> {
  const scope = scopeOf(target);
  const addresses = [
    ...shown.map(({ address }) => address),
    ...manifests.map(({ kind, name }): Address => `${kind}/${name}`),
    ...gone,
  ];
  return new Set(addresses.filter((address) => isInScope(scope, address)));
}

function trailAs(
  report: TrailReport,
  format: TrailOptions['format'],
  nameOf: (id: string) => string,
  world: World,
): string {
  switch (format) {
    case 'text':
      return `${trailText(report, nameOf, world.outStyle)}\n`;
    case 'markdown':
      return trailMarkdown(report, nameOf);
    case 'html':
      return trailHtml(report, nameOf);
    case 'json':
      return trailJson(report);
    case 'jsonl':
      return trailLines(report);
    case 'cloudevents':
      return trailCloudEvents(report);
  }
}

/** The others have no place for what is missing. */
const SHOWS_GAPS: ReadonlySet<string> = new Set(['text', 'markdown', 'html']);

/** Lines of events have no place for what is missing. */
function tellGaps(gaps: readonly Told[], format: TrailOptions['format'], world: World): void {
  for (const { what, why, error } of gaps) {
    if (!SHOWS_GAPS.has(format)) {
      world.err(`${world.errStyle.warn('warning')}: not in it, ${what}: ${visible(why)}\n`);
    }
    if (error?.hint !== undefined) world.err(`    → ${visible(asTyped(error.hint))}\n`);
  }
}
