/** `strategos audit show | verify`: what runs did, and whether their records are as written. */
import path from 'node:path';
import { ALL_SETTLED, type AuditRecord } from '../../core/audit.js';
import { EXIT, InvalidInput, type ExitCode } from '../../core/errors.js';
import { isObject, textOf } from '../../core/json.js';
import { visible } from '../../core/visible.js';
import { sha256 } from '../../files/digest.js';
import { AUDIT_FILE, readRun, runIds, type StoredRun } from '../../files/runs.js';
import { jsonText } from '../../render/json.js';
import { recordText } from '../../render/text.js';
import { plural } from '../../core/plural.js';
import { textOrJson, type CommonOptions } from '../options.js';
import type { World } from '../world.js';

export async function show(
  id: string | undefined,
  options: CommonOptions,
  world: World,
): Promise<ExitCode> {
  textOrJson('audit', options);
  const runs = path.resolve(world.cwd, options.runs);
  if (id === undefined) return list(runs, options, world);
  const run = await readRun(runs, id, sha256);
  const { records } = run.chain;
  if (options.format === 'json') {
    world.out(jsonText({ run: id, records }));
  } else {
    for (const record of records) world.out(`${recordText(record, world.outStyle)}\n`);
  }
  return EXIT.done;
}

async function list(runs: string, options: CommonOptions, world: World): Promise<ExitCode> {
  const summaries: ReturnType<typeof summaryOf>[] = [];
  for (const id of await runIds(runs)) {
    // One lost run must not hide the others; `audit verify` says what is wrong with it.
    const nothing = { records: [], problems: [], unfinished: [], ended: false, cut: false };
    const lost = { id, dir: path.join(runs, id), chain: nothing };
    summaries.push(summaryOf(await readRun(runs, id, sha256).catch(() => lost)));
  }
  if (options.format === 'json') {
    world.out(jsonText({ runs: summaries }));
    return EXIT.done;
  }
  for (const one of summaries) {
    const line = [one.run, one.environment, one.actor, one.state, plural(one.records, 'record')];
    world.out(`${line.map(visible).join('  ')}\n`);
  }
  if (summaries.length === 0) world.out(`No runs in ${visible(options.runs)}.\n`);
  return EXIT.done;
}

function summaryOf({ id, chain }: StoredRun): {
  run: string;
  environment: string;
  actor: string;
  state: string;
  records: number;
} {
  const first: AuditRecord | undefined = chain.records[0];
  const last = chain.records.at(-1);
  return {
    run: id,
    environment: first?.environment ?? 'unknown',
    actor: first?.actor ?? 'unknown',
    state: chain.ended ? (last?.outcome?.state ?? 'ended') : 'did not end',
    records: chain.records.length,
  };
}

interface Finding {
  readonly run: string;
  readonly line: number | null;
  readonly message: string;
}

export async function verify(
  id: string | undefined,
  options: CommonOptions,
  world: World,
): Promise<ExitCode> {
  textOrJson('audit', options);
  const folder = path.resolve(world.cwd, options.runs);
  const ids = id === undefined ? await runIds(folder) : [id];
  if (ids.length === 0) {
    throw new InvalidInput(`${options.runs}: there are no runs to verify`, [], {
      hint: 'name the folder of run records with --runs',
    });
  }
  const runs: StoredRun[] = [];
  const problems: Finding[] = [];
  for (const one of ids) {
    try {
      runs.push(await readRun(folder, one, sha256));
    } catch (error) {
      // One lost run must not hide what is wrong with the others.
      if (id !== undefined) throw error;
      problems.push({ run: one, line: null, message: (error as Error).message });
    }
  }
  problems.push(...runs.flatMap(chainFindings), ...linkFindings(runs, id === undefined));
  // Alone, a run without a record cannot be told from one whose records were removed.
  const isEmpty = id !== undefined && runs.every(({ chain }) => chain.records.length === 0);
  if (isEmpty && problems.length === 0) {
    const message = 'has no record, and nothing here tells whether it ever had one';
    problems.push({ run: id, line: null, message });
  }
  const settled = settledBy(runs);
  const notes = runs.flatMap((run) => endingNotes(run, settled));
  print({ runs, problems, notes }, options, world);
  return problems.length === 0 ? EXIT.done : EXIT.invalid;
}

function chainFindings({ id, chain }: StoredRun): Finding[] {
  const found = chain.problems.map(({ line, message }) => ({ run: id, line, message }));
  const foreign = chain.records.find((record) => record.run !== id);
  if (foreign !== undefined) {
    const line = chain.records.indexOf(foreign) + 1;
    found.push({ run: id, line, message: `holds a record of run ${foreign.run}` });
  }
  return found;
}

/** The first record of a run names the last digest of the run before it. */
function linkFindings(runs: readonly StoredRun[], whole: boolean): Finding[] {
  const byId = new Map(runs.map((run) => [run.id, run]));
  return runs.flatMap((run): Finding[] => {
    const link = run.chain.records[0]?.detail?.['previousRun'];
    if (!isObject(link)) return [];
    const id = textOf(link['run']);
    const before = byId.get(id);
    if (before === undefined) {
      // Old runs may be cleared away, oldest first; one from the middle may not.
      const cleared = !whole || runs.every((other) => other.id > id);
      if (cleared) return [];
      return [{ run: id, line: null, message: `is missing: run ${run.id} was chained to it` }];
    }
    const seq = Number(link['seq']);
    if (before.chain.records[seq - 1]?.digest === link['digest']) return [];
    const message = `record ${seq} is missing or changed: run ${run.id} was chained to it`;
    return [{ run: id, line: null, message }];
  });
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
  const shown = names.slice(0, MOST_SHOWN).join(', ');
  const more = names.length > MOST_SHOWN ? ` and ${names.length - MOST_SHOWN} more` : '';
  // Had its records been removed, the run after it would be chained to one that is missing.
  if (chain.records.length === 0) {
    const message = 'has no record: it was killed before the first, or could not write it';
    return chain.problems.length > 0 ? [] : [{ run: id, line: null, message }];
  }
  const parts = [
    ended ? 'ended with writes open' : 'did not end: it was killed or is still going',
    ...(chain.cut ? ['its last record is cut off: it was killed while it wrote that'] : []),
    ...(names.length === 0 ? [] : [`under way then: ${shown}${more}`]),
    ...(settled.has(id) ? [`settled ${settled.get(id) ?? ''}`] : []),
  ];
  return [{ run: id, line: null, message: parts.join('; ') }];
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

function print(
  found: { runs: readonly StoredRun[]; problems: readonly Finding[]; notes: readonly Finding[] },
  options: CommonOptions,
  world: World,
): void {
  const { runs, problems, notes } = found;
  const records = runs.reduce((sum, run) => sum + run.chain.records.length, 0);
  if (options.format === 'json') {
    const intact = problems.length === 0;
    world.out(jsonText({ intact, runs: runs.length, records, problems, notes }));
    return;
  }
  const style = world.outStyle;
  for (const { run, line, message } of problems) {
    const place = line === null ? '' : `/${AUDIT_FILE}:${line}`;
    world.out(`${visible(run)}${place}: ${style.bad('broken')}: ${visible(message)}\n`);
  }
  for (const { run, message } of notes) world.out(`${visible(run)}: ${visible(message)}\n`);
  const what = `${plural(runs.length, 'run')}, ${plural(records, 'record')}`;
  world.out(
    problems.length === 0
      ? `${style.good('intact')}: ${what}\n`
      : `${style.bad('not intact')}: ${plural(problems.length, 'problem')} in ${what}\n`,
  );
}
