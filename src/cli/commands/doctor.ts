/** `strategos doctor`: holds an org against what strategos believes of the platform. */
import path from 'node:path';
import { EXIT, type ExitCode } from '../../core/errors.js';
import { plural } from '../../core/plural.js';
import { visible } from '../../core/visible.js';
import { checksOf } from '../../doctor/checks.js';
import { unneeded } from '../../doctor/permissions.js';
import { doctorMarkdown, doctorText, exitCodeOf } from '../../doctor/report.js';
import { Bench } from '../../engine/doctor/bench.js';
import { leftIn, OwnTable, removeTable, type Left } from '../../engine/doctor/own-table.js';
import { lookAt, type Looked } from '../../engine/doctor/reading.js';
import { tryOut } from '../../engine/doctor/trial.js';
import { LISTED_WITHIN_MS } from '../../engine/observe.js';
import type { Examiner, Writer } from '../../engine/ports.js';
import { isOver } from '../../files/open-runs.js';
import { refuseUnwritable, writeWholeFile } from '../../files/whole-file.js';
import type { DoctorReport } from '../../generated/types.js';
import { jsonText } from '../../render/json.js';
import { agreed, refuseUnasked } from '../consent.js';
import type { CommonOptions, DoctorOptions } from '../options.js';
import { inSession, type Ending, type Session, type SessionRequest } from '../session.js';
import { stopOf } from '../stop.js';
import { usesOf } from '../uses.js';
import type { World } from '../world.js';

type Options = CommonOptions & DoctorOptions;
type Rest = Pick<DoctorReport, 'mode' | 'table' | 'left'>;

const WHAT = 'the report';

export async function doctor(options: Options, world: World): Promise<ExitCode> {
  if (options.write) refuseUnasked('doctor --write', options, world);
  const { out } = options;
  if (out !== undefined) await refuseUnwritable(path.resolve(world.cwd, out), WHAT);
  return options.write ? writing(options, world) : reading(options, world);
}

function request<C extends Examiner>(
  { env }: Options,
  open: SessionRequest<C>['open'],
): SessionRequest<C> {
  return { command: 'doctor', environment: env, needs: 'environment', open };
}

/** Its client can do nothing but read. */
async function reading(options: Options, world: World): Promise<ExitCode> {
  const open: SessionRequest<Examiner>['open'] = (sdk, connection) => sdk.openReader(connection);
  return inSession(request(options, open), options, world, async (session) => {
    const bench = benchOf(session, world);
    const looked = await look(session, bench, world);
    const left = leftIn(looked.tables ?? []).map(({ name, id }) => ({ name, id, state: 'there' }));
    const rest = { mode: 'read', table: null, left } as Rest;
    return concluded(session, { bench, looked, rest }, options, world);
  });
}

async function writing(options: Options, world: World): Promise<ExitCode> {
  const open: SessionRequest<Writer & Examiner>['open'] = (sdk, connection) =>
    sdk.openWriter(connection);
  return inSession(request(options, open), options, world, async (session) => {
    let stopped = (): boolean => false;
    const bench = benchOf(session, world, () => stopped());
    const looked = await look(session, bench, world);
    const mayWrite = bench.observed.login?.status === 200 && bench.givenUp === null;
    const found = leftIn(looked.tables ?? []);
    const idle = await idleAmong(found, options, world);
    const own = new OwnTable(bench, session.run, session.run.context.run);
    const question = questionOf(looked, own.name, idle);
    if (mayWrite && !options.yes && !(await agreed(question, world))) {
      world.err('Nothing was written: the answer was not yes.\n');
      const left = found.map(({ name, id }) => ({ name, id, state: 'there' as const }));
      const rest: Rest = { mode: 'read', table: null, left };
      const exitCode = EXIT.refused;
      const ending = await concluded(session, { bench, looked, rest, exitCode }, options, world);
      return { ...ending, state: 'declined' };
    }
    stopped = session.deferInterrupt();
    session.atEnd(async () => givenBack(own, world));
    const left = mayWrite ? await removed(found, idle, session) : [];
    session.events.emit({ type: 'doing', what: `trying ${own.name}` });
    if (mayWrite) await tryOut(own, session.environment.backend);
    const table = own.isMade ? { name: own.name, removed: own.removed } : null;
    const rest: Rest = { mode: 'write', table, left };
    return concluded(session, { bench, looked, rest }, options, world);
  });
}

function benchOf<C extends Examiner>(
  { client, events }: Session<C>,
  world: World,
  isStopped?: () => boolean,
): Bench<C> {
  return new Bench({ examiner: client, clock: stopOf(world).clock(), events }, isStopped);
}

async function look(session: Session<Examiner>, bench: Bench, world: World): Promise<Looked> {
  const { environment, events } = session;
  events.emit({ type: 'doing', what: 'reading the org' });
  const { tables } = environment;
  const names = [tables.objects, tables.state];
  return lookAt(bench, { tables: names, nowMs: world.clock.now() });
}

function questionOf({ organization }: Looked, name: string, idle: readonly Left[]): string {
  const org = organization === null ? 'this org' : `"${organization.name}"`;
  const more =
    idle.length === 0
      ? ''
      : ` ${plural(idle.length, 'table')} of doctors that did not come to their end ` +
        `${idle.length === 1 ? 'goes' : 'go'} as well: ${idle.map((one) => one.name).join(', ')}.`;
  return (
    `Make the data table "${name}" in ${org}, write rows to it and import into it, and remove it ` +
    `again? Nothing else in the org is written to.${more}`
  );
}

/** A doctor takes minutes: what began this long ago is over. */
const LONGEST_RUN_MS = 3_600_000;

/** Those whose doctor has ended, as its log here says, or as the time does that has passed. */
async function idleAmong(found: readonly Left[], options: Options, world: World): Promise<Left[]> {
  const runs = path.resolve(world.cwd, options.runs);
  const idle: Left[] = [];
  for (const one of found) {
    const ageMs = world.clock.now() - beganMs(one.run);
    if (ageMs > LONGEST_RUN_MS || (await isOver(runs, one.run))) idle.push(one);
  }
  return idle;
}

/** Ids of runs begin with their time: `20261126T115032123Z-doctor-…`. */
function beganMs(run: string): number {
  const part = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-/.exec(run);
  if (part === null) return 0;
  const [, year, month, day, hour, minute, second, ms] = part;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
}

async function removed(
  found: readonly Left[],
  idle: readonly Left[],
  { client, run }: Session<Writer & Examiner>,
): Promise<DoctorReport['left']> {
  const states: DoctorReport['left'] = [];
  for (const one of found) {
    const { name, id } = one;
    if (!idle.includes(one)) states.push({ name, id, state: 'perhaps in use' });
    else {
      const isGone = await removeTable(client, run, id);
      states.push({ name, id, state: isGone ? 'removed' : 'not removed' });
    }
  }
  return states;
}

/** Also after a failure and a signal. */
async function givenBack(own: OwnTable, world: World): Promise<void> {
  if (own.removed || (await own.remove().catch(() => false))) return;
  const text =
    `the data table "${own.name}" was not removed; delete it by hand, or with the next ` +
    'strategos doctor --write';
  world.err(`${world.errStyle.bad('error')}: ${visible(text)}\n`);
}

interface Examination {
  readonly bench: Bench;
  readonly looked: Looked;
  readonly rest: Rest;
  /** Whatever was found. */
  readonly exitCode?: ExitCode;
}

async function concluded(
  session: Session,
  { bench, looked, rest, exitCode: given }: Examination,
  options: Options,
  world: World,
): Promise<Ending> {
  const { environment, host, client } = session;
  const { name, backend } = environment;
  const uses = usesOf(session, { writes: options.write === true }, world);
  const known = uses === null ? {} : { uses };
  const place = { backend, listedWithinMs: LISTED_WITHIN_MS, mode: rest.mode, ...known };
  const report = {
    version: world.version,
    at: new Date(world.clock.now()).toISOString(),
    environment: name,
    host,
    backend,
    organization: looked.organization,
    requests: client.requests(),
    ...rest,
    checks: checksOf(bench.observed, bench.gaps, place),
    notNeeded: unneeded(backend, known.uses),
    observed: bench.observed,
  };
  const own = exitCodeOf({ format: 1, ...report });
  const judged = bench.givenUp === null || own === EXIT.denied ? own : EXIT.unreachable;
  const exitCode = given ?? judged;
  const whole: DoctorReport = { format: 1, ...report, exitCode };
  print(whole, options, world);
  if (options.out !== undefined) {
    await writeWholeFile(path.resolve(world.cwd, options.out), json(whole), WHAT);
    if (!options.quiet) world.err(`wrote ${visible(options.out)}\n`);
  }
  return { exitCode, state: 'looked at', plan: null, outcomes: [] };
}

function print(report: DoctorReport, { format }: Options, world: World): void {
  if (format === 'json') world.out(json(report));
  else if (format === 'markdown') world.out(doctorMarkdown(report));
  else world.out(`${doctorText(report, world.outStyle)}\n`);
}

function json({ format, ...report }: DoctorReport): string {
  return jsonText({ ...report, format });
}
