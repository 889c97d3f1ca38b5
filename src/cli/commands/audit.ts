/** `strategos audit show | verify`: what runs did, and whether their records are as written. */
import path from 'node:path';
import { ALL_SETTLED, endStateIn, type AuditRecord } from '../../core/audit.js';
import { EXIT, InvalidInput, WrongUsage, type ExitCode } from '../../core/errors.js';
import type { Head, HeadRecord, HeadStanding } from '../../core/head.js';
import { byText } from '../../core/issue.js';
import { textOf } from '../../core/json.js';
import { suggestion } from '../../core/nearest.js';
import { ownerText, sameOwner, type Owner } from '../../core/owner.js';
import {
  chainFindings,
  isNumbered,
  verdictOn,
  verdictWith,
  type Finding,
} from '../../core/verdict.js';
import { visible } from '../../core/visible.js';
import { headSeen } from '../../engine/anchor.js';
import { findHomes } from '../../engine/homes.js';
import { lookUntil } from '../../engine/looks.js';
import { recordsIn } from '../../engine/observe.js';
import type { Reader } from '../../engine/ports.js';
import { headIn, type FoundHead } from '../../core/state.js';
import { sha256 } from '../../files/digest.js';
import { endsIn, lastLeftIn } from '../../files/open-runs.js';
import { readManifests } from '../../files/manifests.js';
import { loadManifests } from '../../manifest/load.js';
import { idsInOrder } from '../../files/folder-chain.js';
import { AUDIT_FILE, readRun, runIds, type StoredRun } from '../../files/runs.js';
import { trackedIn, trackedText, untoldText } from '../../files/tracked.js';
import type * as sdkModule from '../../genesys/sdk.js';
import type { Connection } from '../../genesys/sdk.js';
import { tableLines } from '../../render/columns.js';
import { jsonText } from '../../render/json.js';
import {
  recordsHtml,
  recordsMarkdown,
  runsHtml,
  runsMarkdown,
  type RunRecords,
  type RunSummary,
} from '../../render/records.js';
import type { Style } from '../../render/style.js';
import { recordText } from '../../render/text.js';
import { plural } from '../../core/plural.js';
import { someOf } from '../../core/some.js';
import { planFindings } from '../held-plan.js';
import { runMeant } from '../latest.js';
import type { CommonOptions, Format, VerifyOptions } from '../options.js';
import { bindingOf, connect } from '../session.js';
import type { World } from '../world.js';

export async function show(
  id: string | undefined,
  options: CommonOptions,
  world: World,
): Promise<ExitCode> {
  const runs = path.resolve(world.cwd, options.runs);
  if (id === undefined) return list(runs, options, world);
  const run = await readRun(runs, await runMeant(runs, id, options.env), sha256);
  const { records } = run.chain;
  refuseElsewhere(run, options);
  const problems = chainFindings(run);
  const remarks = problems.map(({ line, message }) =>
    line === null ? message : `record ${line} ${message}`,
  );
  const broken = problems.length === 0 ? {} : { problems };
  world.out(recordsAs(options.format, { run: run.id, records, remarks }, broken, world));
  const file = path.join(options.runs, run.id, AUDIT_FILE);
  if (run.chain.cut) {
    world.err(`${world.errStyle.warn('warning')}: ${visible(`${file}: ${endedHow(run.chain)}`)}\n`);
  }
  for (const { line, message } of problems) {
    const text = `${file}:${line ?? 1}: ${message}; what is shown cannot be relied on`;
    world.err(`${world.errStyle.bad('broken')}: ${visible(text)}
`);
  }
  return problems.length === 0 ? EXIT.done : EXIT.invalid;
}

function recordsAs(
  format: Format,
  of: RunRecords,
  broken: { readonly problems?: readonly Finding[] },
  { outStyle }: World,
): string {
  switch (format) {
    case 'json':
      return jsonText({ run: of.run, records: of.records, ...broken });
    case 'markdown':
      return recordsMarkdown(of);
    case 'html':
      return recordsHtml(of);
    case 'text':
      return of.records.map((record) => `${recordText(record, outStyle)}\n`).join('');
  }
}

/** One that nobody can read may be of any environment. */
function refuseElsewhere({ id, chain }: StoredRun, { env }: CommonOptions): void {
  const environment = chain.records[0]?.environment;
  if (env === undefined || environment === undefined || environment === env) return;
  throw new InvalidInput(`${id} is a run of the environment ${environment}, not of ${env}`, [], {
    hint: `leave --env out, or name a run of ${env}: audit show --env ${env} lists them`,
  });
}

async function list(runs: string, options: CommonOptions, world: World): Promise<ExitCode> {
  const all: RunSummary[] = [];
  for (const id of await idsInOrder(runs)) all.push(await summaryIn(runs, id));
  const summaries = await inEnvironment(all, options, world);
  world.out(runsAs(summaries, options, world.outStyle));
  return EXIT.done;
}

/** Of that environment, and those of which nobody can say whose they are. */
async function inEnvironment(
  all: readonly RunSummary[],
  { env, runs, dir }: CommonOptions,
  { cwd }: World,
): Promise<readonly RunSummary[]> {
  if (env === undefined || all.length === 0) return all;
  if (all.some(({ environment }) => environment === env)) {
    return all.filter(({ environment }) => environment === env || environment === UNKNOWN);
  }
  if (await isDeclared(env, dir, cwd)) return [];
  const known = [...new Set(all.map(({ environment }) => environment))].sort(byText);
  throw new InvalidInput(`there is no run of the environment "${env}" in ${runs}`, [], {
    hint: suggestion(env, known) ?? `there are runs of: ${someOf(known, MOST_ENVIRONMENTS)}`,
  });
}

/** An environment that nobody has run anything in yet, and no slip of the pen. */
async function isDeclared(environment: string, dir: string, cwd: string): Promise<boolean> {
  try {
    const { documents } = loadManifests((await readManifests(dir, cwd)).sources);
    return documents.some(({ kind, name }) => kind === 'Environment' && name === environment);
  } catch (error) {
    // Runs are looked at also where no manifests are.
    if (error instanceof InvalidInput) return false;
    throw error;
  }
}

const MOST_ENVIRONMENTS = 10;
const UNKNOWN = 'unknown';

function runsAs(
  summaries: readonly RunSummary[],
  { format, runs, env }: Pick<CommonOptions, 'format' | 'runs' | 'env'>,
  style: Style,
): string {
  switch (format) {
    case 'json':
      return jsonText({ runs: summaries });
    case 'markdown':
      return runsMarkdown(summaries);
    case 'html':
      return runsHtml(summaries);
    case 'text': {
      const of = env === undefined ? '' : ` of the environment ${visible(env)}`;
      if (summaries.length === 0) return `No runs${of} in ${visible(runs)}.\n`;
      const rows = summaries.map((one) =>
        [one.run, one.environment, one.actor, one.state, plural(one.records, 'record')].map(
          visible,
        ),
      );
      return `${tableLines({ rows }, style).join('\n')}\n`;
    }
  }
}

/** One lost run must not hide the others; `audit verify` says what is wrong with it. */
async function summaryIn(runs: string, id: string): Promise<RunSummary> {
  try {
    return summaryOf(await readRun(runs, id, sha256, 'what stands'));
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const [environment, actor] = [UNKNOWN, UNKNOWN];
    return { run: id, environment, actor, state: 'cannot be read', records: 0 };
  }
}

function summaryOf({ id, chain }: StoredRun): RunSummary {
  const first: AuditRecord | undefined = chain.records[0];
  return {
    run: id,
    environment: first?.environment ?? UNKNOWN,
    actor: first?.actor ?? UNKNOWN,
    state: chain.problems.length > 0 ? 'broken' : endStateIn(chain),
    records: chain.records.length,
  };
}

export async function verify(
  given: string | undefined,
  options: CommonOptions & VerifyOptions,
  world: World,
): Promise<ExitCode> {
  if (given !== undefined && options.org === true) {
    throw new WrongUsage('--org is about all runs of an owner: leave out the run');
  }
  if (options.env !== undefined && options.org !== true) {
    throw new WrongUsage('--env goes with --org: the logs of a folder are one chain', {
      hint: 'leave --env out: all runs of the folder are verified, whatever their environment',
    });
  }
  const folder = path.resolve(world.cwd, options.runs);
  const id = given === undefined ? undefined : await runMeant(folder, given);
  const ids = id === undefined ? await runIds(folder) : [id];
  const anchor = options.org === true ? await anchorOf(options, world, folder) : null;
  if (ids.length === 0 && anchor?.head == null) {
    throw new InvalidInput(`${options.runs}: there are no runs to verify`, [], {
      hint: 'name the folder of run records with --runs',
    });
  }
  const runs: StoredRun[] = [];
  const problems: Finding[] = [];
  const tracked = await trackedIn(folder, world.env);
  const aboutFolder = (message: string): Finding => ({ run: options.runs, line: null, message });
  if (tracked.is === 'tracked') problems.push(aboutFolder(trackedText(tracked.file)));
  for (const one of ids) {
    try {
      runs.push(await readRun(folder, one, sha256, 'what stands'));
    } catch (error) {
      // One lost run must not hide what is wrong with the others.
      if (id !== undefined) throw error;
      problems.push({ run: one, line: null, message: (error as Error).message });
    }
  }
  const verdict =
    anchor === null
      ? verdictOn(runs, id === undefined)
      : verdictWith(runs, anchor.head, anchor.isOfOwner);
  problems.push(...runs.flatMap(chainFindings), ...verdict.findings);
  for (const run of runs) problems.push(...(await planFindings(run, world.version)));
  // Alone, a run without a record cannot be told from one whose records were removed.
  const isEmpty = id !== undefined && runs.every(({ chain }) => chain.records.length === 0);
  if (isEmpty && problems.length === 0) {
    const message = 'has no record, and nothing here tells whether it ever had one';
    problems.push({ run: id, line: null, message });
  }
  const settled = settledBy(runs);
  const untold = tracked.is === 'unknown' ? [aboutFolder(untoldText(tracked.why))] : [];
  const endings = runs.flatMap((run) => endingNotes(run, settled));
  const notes = [...untold, ...endings, ...verdict.notes];
  const rests = restsOn({ runs, anchor, id });
  print({ runs, problems, notes, rests }, options, world);
  return problems.length === 0 ? EXIT.done : EXIT.invalid;
}

interface Anchored {
  readonly owner: Owner;
  /** `null`: the org has none. */
  readonly head: Head | null;
  readonly isOfOwner: (standing: HeadStanding) => boolean;
}

/** The head that the org has for the owner of these manifests; no run of its own is recorded. */
async function anchorOf(options: CommonOptions, world: World, folder: string): Promise<Anchored> {
  const open = (sdk: typeof sdkModule, connection: Connection): Reader =>
    sdk.openReader(connection);
  const request = { environment: options.env, plans: true, open };
  const { client, owner, environment, events } = await connect(request, options, world);
  try {
    if (owner === null) throw new Error('a chain has an owner');
    const binding = bindingOf({ environment, manifests: [] });
    const homes = await findHomes(client, binding);
    const { state } = await recordsIn(client, homes, binding, sha256, 'former');
    const rows = homes.state?.rows;
    const left = await leftHere(folder, owner);
    const look = async (): Promise<FoundHead | undefined> =>
      rows === undefined
        ? headIn(state, owner, sha256)
        : headSeen({ reader: client, hash: sha256 }, rows, state, owner);
    // What the newest run here has left a moment ago a read need not show yet.
    const found = await lookUntil(world.clock, look, (seen) => isAsLate(seen?.head ?? null, left));
    if (found?.head === null) {
      const whose = `the head of ${ownerText(owner)} in the org (row "${found.key}")`;
      const message = `${whose} is not as strategos writes it`;
      throw new InvalidInput(message, [], {
        hint: 'somebody has edited it: delete the row, and the next run leaves it again',
      });
    }
    return {
      owner,
      head: found?.head ?? null,
      isOfOwner: ({ chained }) => chained !== null && sameOwner(chained.owner, owner),
    };
  } finally {
    events.end();
  }
}

/** As the logs say; `null` where they say nothing, or cannot be read: the verdict says that. */
async function leftHere(folder: string, owner: Owner): Promise<HeadRecord | null> {
  try {
    return await lastLeftIn(await endsIn(folder), (other) => sameOwner(other, owner));
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return null;
  }
}

function isAsLate(head: Head | null, left: HeadRecord | null): boolean {
  if (left === null) return true;
  return head !== null && (head.chain !== left.chain || head.number >= left.number);
}

/** What the verdict rests on, and what it cannot find. */
function restsOn(of: {
  readonly runs: readonly StoredRun[];
  readonly anchor: Anchored | null;
  readonly id: string | undefined;
}): string[] {
  const { runs, anchor, id } = of;
  const old = runs.filter((run) => !isNumbered(run)).length;
  const lines: string[] = [];
  if (anchor === null) {
    lines.push(
      'rests on these files alone. Not found: logs that were computed anew by somebody who can ' +
        `write the folder, ${id === undefined ? 'the removal of its last runs' : 'other runs'}, ` +
        'a whole run put in; audit verify --org compares with what the org has',
    );
  } else {
    const { head, owner } = anchor;
    lines.push(
      head === null
        ? `the org has no head of ${ownerText(owner)}: no run that leaves one has written there`
        : `rests on the head in the org: ${ownerText(owner)}, number ${head.number}, run ` +
            `${head.run}, record ${head.seq}, ${head.digest}. ` +
            'Not found: what was computed anew in ' +
            'the last records of a run, after it had left its head, and in runs that wrote ' +
            'nothing, unless a later run is chained to them; whoever can write the org as well',
    );
  }
  lines.push(
    'plan.json is held against the digest that its run has on record; what that does not cover, ' +
      'its removal, and summary.md are not: what was edited there is not found',
  );
  if (old > 0) {
    lines.push(
      `${plural(old, 'run')} of an earlier version ${old === 1 ? 'has' : 'have'} no number ` +
        'and left no head: chained by digests alone',
    );
  }
  return lines;
}

/** What runs have left open, and what has become of it. */
function endingNotes({ id, chain }: StoredRun, settled: ReadonlyMap<string, string>): Finding[] {
  const { ended, unfinished } = chain;
  if (ended && unfinished.length === 0) return [];
  const names = unfinished.map(({ address, detail, seq }) => {
    const what = [textOf(detail?.['step']), address ?? '']
      .filter((part) => part !== '')
      .join(' of ');
    return `${what} (record ${seq})`;
  });
  const shown = someOf(names, MOST_SHOWN);
  // Had its records been removed, the run after it would be chained to one that is missing.
  if (chain.records.length === 0) {
    const message = 'has no record: it was killed before the first, or could not write it';
    return chain.problems.length > 0 ? [] : [{ run: id, line: null, message }];
  }
  const parts = [
    ended ? 'ended with writes open' : endedHow(chain),
    ...(names.length === 0 ? [] : [`under way then: ${shown}`]),
    ...(settled.has(id) ? [`settled ${settled.get(id) ?? ''}`] : []),
  ];
  return [{ run: id, line: null, message: parts.join('; ') }];
}

/** A record that is half there may be the one that says how it ended. */
function endedHow({ cut }: StoredRun['chain']): string {
  return cut
    ? 'its last record is cut off, and how it ended is not known: it was killed while it wrote ' +
        'that, or somebody has cut the log'
    : 'did not end: it was killed or is still going';
}

const MOST_SHOWN = 10;

/** Run → `by run …: 3 writes …: 2 took effect, 1 did not`. */
function settledBy(runs: readonly StoredRun[]): Map<string, string> {
  const all = runs.flatMap(({ id, chain }) =>
    chain.records.flatMap(({ type, outcome, detail }): [string, string][] => {
      if (type !== 'settled' || outcome?.state !== ALL_SETTLED) return [];
      return [[textOf(detail?.['run']), `by run ${id}: ${outcome.message}`]];
    }),
  );
  return new Map(all);
}

/** Who has cut it, a run that was killed while it wrote or somebody, nobody can tell. */
function cutText(cut: number): string {
  return `intact, but for ${plural(cut, 'last record', 'last records')} cut off`;
}

function print(
  found: {
    readonly runs: readonly StoredRun[];
    readonly problems: readonly Finding[];
    readonly notes: readonly Finding[];
    readonly rests: readonly string[];
  },
  options: CommonOptions,
  world: World,
): void {
  const { runs, problems, notes, rests } = found;
  const records = runs.reduce((sum, run) => sum + run.chain.records.length, 0);
  if (options.format === 'json') {
    const intact = problems.length === 0;
    world.out(jsonText({ intact, runs: runs.length, records, problems, notes, rests }));
    return;
  }
  const style = world.outStyle;
  for (const { run, line, message, missing } of problems) {
    const place = line === null ? '' : `/${AUDIT_FILE}:${line}`;
    const word = missing === 'beginning' ? style.warn('incomplete') : style.bad('broken');
    world.out(`${visible(run)}${place}: ${word}: ${visible(message)}\n`);
  }
  for (const { run, message } of notes) world.out(`${visible(run)}: ${visible(message)}\n`);
  const what = `${plural(runs.length, 'run')}, ${plural(records, 'record')}`;
  const cut = runs.filter(({ chain }) => chain.cut).length;
  const [good, warn, bad] = [style.good('intact'), style.warn, style.bad('not intact')];
  const verdict = (): string => {
    if (problems.length === 0) return `${cut === 0 ? good : warn(cutText(cut))}: ${what}`;
    const isRest = problems.every(({ missing }) => missing === 'beginning');
    if (isRest)
      return `${warn('incomplete')}: the beginning is not here, the rest is intact: ${what}`;
    return `${bad}: ${plural(problems.length, 'problem')} in ${what}`;
  };
  world.out(`${verdict()}\n`);
  for (const line of rests) world.out(`${style.faint(visible(line))}\n`);
}
