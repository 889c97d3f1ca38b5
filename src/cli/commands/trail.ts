/** `strategos audit trail`: who did what where, by the platform's record and by our own. */
import type { Address, Live } from '../../core/types.js';
import { isInScope } from '../../core/scope.js';
import path from 'node:path';
import { EXIT, type ExitCode } from '../../core/errors.js';
import { visible } from '../../core/visible.js';
import { timelineOf, type OwnRecord, type TimelineFilter } from '../../core/trail.js';
import { trailOf, type Gap } from '../../engine/trail.js';
import type { Reader } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import { readRun, runId, runIds } from '../../files/runs.js';
import {
  trailCloudEvents,
  trailJson,
  trailLines,
  trailText,
  type TrailReport,
} from '../../render/trail.js';
import type { CommonOptions, TrailOptions } from '../options.js';
import { ours } from '../ours.js';
import { bindingOf, inSession, scopeOf, type Session, type SessionRequest } from '../session.js';
import { spanOf } from '../span.js';
import type { World } from '../world.js';

/** Clocks differ: what the platform dates a little after our now has happened all the same. */
const SKEW_MS = 300_000;

export async function trail(
  { format, ...options }: Omit<CommonOptions, 'format'> & TrailOptions,
  world: World,
): Promise<ExitCode> {
  const span = spanOf(options, world);
  const open: SessionRequest<Reader>['open'] = (sdk, connection) => sdk.openReader(connection);
  const request = { command: 'trail', environment: options.env, plans: true, open };
  return inSession(request, { ...options, format: 'text' }, world, async (session) => {
    const { shown, observation } = await ours(session, { ...options, declared: true });
    const { catalog, homes, organization } = observation;
    const runs = await runsOf(session, options, span.fromMs, world);
    const isNow = options.until === undefined;
    const { user = null, action = null } = options;
    session.events.emit({ type: 'doing', what: "searching the platform's audit" });
    const { events, gaps } = await trailOf(session.client, {
      ...{ fromMs: span.fromMs, toMs: isNow ? span.toMs + SKEW_MS : span.toMs, action },
      patienceMs: options.timeout * 1000,
      ...{ binding: bindingOf(session), homes, catalog, shown },
      addresses: addressesIn(session, shown, runs, options),
    });
    const filter: TimelineFilter = {
      ...{ fromMs: span.fromMs, toMs: isNow ? Infinity : span.toMs, user, action },
    };
    const report: TrailReport = {
      ...{ environment: session.environment.name, organization },
      from: new Date(span.fromMs).toISOString(),
      to: new Date(span.toMs).toISOString(),
      ...timelineOf(events, runs, session.clientId, filter),
      gaps: gaps.map(({ what, why }) => ({ what, why })),
    };
    world.out(trailAs(report, format, (id) => catalog.nameOf('queue', id), world));
    tellGaps(gaps, format, world);
    const failed = gaps.find(({ error }) => error !== null);
    const state = gaps.length === 0 ? 'told' : 'told in part';
    return { exitCode: failed?.error?.exitCode ?? EXIT.done, state, plan: null, outcomes: [] };
  });
}

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
): Promise<OwnRecord[][]> {
  const folder = path.resolve(world.cwd, options.runs);
  const runs: OwnRecord[][] = [];
  const first = runId('', fromMs - LONGEST_RUN_MS, 0);
  for (const id of await runIds(folder)) {
    if (id === now.context.run || id < first) continue;
    const run = await readRun(folder, id, sha256).catch(() => null);
    const { records = [] } = run?.chain ?? {};
    if (records[0]?.environment !== environment.name) continue;
    runs.push(records.map((record) => ({ record, atMs: Date.parse(record.at) })));
  }
  return runs;
}

/** Live, declared, or written by one of our runs: so also what is deleted by now. */
function addressesIn(
  { manifests }: Session,
  shown: readonly Pick<Live, 'address'>[],
  runs: readonly (readonly OwnRecord[])[],
  { target }: Pick<TrailOptions, 'target'>,
): ReadonlySet<string> {
  const scope = scopeOf(target);
  const addresses = [
    ...shown.map(({ address }) => address),
    ...manifests.map(({ kind, name }): Address => `${kind}/${name}`),
    ...runs.flat().flatMap(({ record }) => record.address ?? []),
  ];
  return new Set(addresses.filter((address) => isInScope(scope, address as Address)));
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
    case 'json':
      return trailJson(report);
    case 'jsonl':
      return trailLines(report);
    case 'cloudevents':
      return trailCloudEvents(report);
  }
}

/** Lines of events have no place for what is missing. */
function tellGaps(gaps: readonly Gap[], format: TrailOptions['format'], world: World): void {
  for (const { what, why, error } of gaps) {
    if (format !== 'text') {
      world.err(`${world.errStyle.warn('warning')}: not in it, ${what}: ${visible(why)}\n`);
    }
    if (error?.hint !== undefined) world.err(`    → ${visible(error.hint)}\n`);
  }
}
