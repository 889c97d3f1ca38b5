/** `strategos export`: what the org has, as manifests that a plan finds nothing to change in. */
import path from 'node:path';
import { EXIT, type ExitCode } from '../../core/errors.js';
import { blockedLive, formerIn } from '../../core/former.js';
import { hasErrors, type Issue } from '../../core/issue.js';
import { plural } from '../../core/plural.js';
import { isInScope, refuseUnknown, type Scope } from '../../core/scope.js';
import type { Address, Blocked, Live } from '../../core/types.js';
import { visible } from '../../core/visible.js';
import { goneFrom, type Gone, type Untold } from '../../engine/gone.js';
import { withLateParts } from '../../engine/late-parts.js';
import { holdToRecords } from '../../engine/listed.js';
import { observe, type Observation } from '../../engine/observe.js';
import type { Reader } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import type { Written } from '../../files/manifests-out.js';
import { countText } from '../../kinds/nouns.js';
import {
  exported,
  type Exported,
  type ExportedFile,
  type Folder,
  type Left,
} from '../../manifest/exported.js';
import { judgeWritten, type LoadedDocument } from '../../manifest/load.js';
import { sayAll, type Odd } from '../../manifest/write.js';
import { jsonText } from '../../render/json.js';
import { blockedText } from '../../render/text.js';
import { agreed, refuseUnasked } from '../consent.js';
import {
  declaredIn,
  documentsOf,
  elsewhere,
  environmentFile,
  folderAt,
  issuesAfter,
  writeExport,
} from '../export-folder.js';
import { leftOutJson, tellLeftOut, unsaidOfCuts, writeUnfinished } from '../export-left-out.js';
import { folderOf, reachOf, refuseReach, tellUnsaid } from '../export-reach.js';
import type { CommonOptions, ExportOptions } from '../options.js';
import { printIssues } from '../report.js';
import { schemaComment, schemasFor } from '../schema-files.js';
import {
  bindingOf,
  inSession,
  kindOf,
  scopeOf,
  type Session,
  type SessionRequest,
} from '../session.js';
import type { World } from '../world.js';

export async function exportManifests(
  options: CommonOptions & ExportOptions,
  world: World,
): Promise<ExitCode> {
  if (options.prune) refuseUnasked('export --prune', options, world);
  refuseReach(options);
  const request: SessionRequest<Reader> = {
    command: 'export',
    environment: options.env,
    needs: 'place',
    all: options.all,
    open: (sdk, connection) => sdk.openReader(connection),
  };
  return inSession(request, options, world, async (session) => {
    const there = await folderAt(options.out, world);
    const binding = bindingOf(session, reachOf(options, there));
    session.events.emit({ type: 'doing', what: 'reading the org' });
    const observation = await seenBy(session.client, binding, world);
    const place = { binding, nowMs: session.client.nowMs() };
    await holdToRecords(session.client, place, observation);
    const scope = scopeOf(options.target);
    const declared = declaredIn(there, binding.uses, scope);
    const live = inScope(observation, scope, declared).filter(
      // Of what nobody asks for, what somebody manages.
      ({ kind, address }) => binding.uses.has(kind) || observation.state.records.has(address),
    );
    const found = await goneFrom(session.client, place, observation, declared);
    const gone = documentsOf(there, found.gone);
    tellGone({ ...found, gone }, found.gone, options, world);
    const isAgreed =
      options.prune === true && gone.length > 0 && (options.yes || (await agreed(QUESTION, world)));
    const exporting = { session, observation, live, there, gone: isAgreed ? gone : [] };
    const result = await written(exporting, options, world);
    const blocked = blockedOf(live, observation, scope);
    for (const one of blocked) world.err(`${blockedText(one, world.errStyle)}\n`);
    const { backend } = session.environment;
    tellLeftOut(result.out, observation.state, backend, world);
    const out = new Set(result.out.map(({ address }) => address));
    const said = live.filter(({ address }) => !out.has(address));
    if (live.length === 0) tellEmpty(options, world);
    const unsaid = tellUnsaid(said, binding, unsaidOfCuts(result.cuts), world);
    const state = `${countText(said.map(({ address }) => address))} exported`;
    const odd = [...result.odd.map(oddJson), ...result.out.map((one) => leftOutJson(one, backend))];
    const told = {
      ...result.counts,
      folder: options.out,
      objects: said.length,
      strategies: said.filter(({ kind }) => kindOf(kind).traffic !== undefined).length,
      issues: result.issues,
      ...(gone.length === 0 ? {} : { gone: gone.map(goneJson), pruned: isAgreed }),
      ...(result.left.length === 0 ? {} : { left: [...result.left] }),
      ...(odd.length === 0 ? {} : { odd }),
      ...(blocked.length === 0 ? {} : { blocked }),
      ...(unsaid.length === 0 ? {} : { unsaid }),
    };
    world.out(
      options.format === 'json'
        ? jsonText(told)
        : `${state} to ${visible(options.out)}: ${countsText(result)}\n`,
    );
    const isWhole =
      blocked.length + result.left.length + out.size + found.untold.length === 0 &&
      result.odd.every(({ mends }) => mends !== null);
    const isRefused = options.prune === true && gone.length > 0 && !isAgreed;
    const done = isRefused ? EXIT.refused : isWhole ? EXIT.done : EXIT.incomplete;
    const exitCode = hasErrors(result.issues) ? EXIT.invalid : done;
    return { exitCode, state, plan: null, outcomes: [] };
  });
}

/**
 * A manifest that lacks what was applied a moment ago would take it away: that is waited for. Who
 * is seen later may have been named nowhere yet, so all is read once more then.
 */
async function seenBy(
  reader: Reader,
  binding: ReturnType<typeof bindingOf>,
  { clock }: World,
): Promise<Observation> {
  const look = async (): Promise<Observation> =>
    observe(reader, binding, sha256, { apart: binding.uses });
  const seen = await look();
  const late = await withLateParts({ reader, clock, hash: sha256 }, binding, seen);
  return late === seen ? seen : look();
}

interface Exporting {
  readonly session: Session;
  readonly observation: Observation;
  readonly live: readonly Live[];
  readonly there: Folder;
  /** Documents that are to go. */
  readonly gone: readonly LoadedDocument[];
}

interface Result extends Pick<Exported, 'left' | 'out' | 'cuts'> {
  readonly counts: Written;
  readonly issues: readonly Issue[];
  readonly odd: readonly Odd[];
}

/** Writes the folder, and says what is wrong with it then. */
async function written(
  { session, observation, live, there, gone }: Exporting,
  options: CommonOptions & ExportOptions,
  world: World,
): Promise<Result> {
  const folder = path.resolve(world.cwd, options.out);
  const { said, odd } = sayAll(live, session.environment.backend);
  const schemas = await schemasFor(folder, world.cwd);
  const others = elsewhere(session, { dir: session.dir, folder }, world);
  const own = await environmentFile(session, { folder, there, schemas }, world);
  const made = exported({
    said,
    there,
    elsewhere: { sources: others.sources, ...others.loaded },
    environment: session.environment,
    ...(options.all === true ? { folderOf } : {}),
    reserved: own.map((one) => path.posix.basename(one.path)),
    catalog: observation.catalog,
    gone: new Set(gone),
    place: (kind, name) => {
      const file = path.join(folder, name);
      const shown = path.relative(world.cwd, file).split(path.sep).join('/');
      return { path: shown, comment: schemaComment(schemas, file, kind) };
    },
  });
  const { files: manifests, left, out, cuts } = made;
  // A file may hold the environment and what was exported.
  const files = [
    ...own.filter((one) => manifests.every(({ path: file }) => file !== one.path)),
    ...manifests,
  ];
  const overwrite = options.overwrite ?? false;
  const counts = await writeExport(folder, files, { overwrite, schemas }, world);
  writeUnfinished(out, folder, world);
  const isAllNew = there.sources.length === 0;
  const issues = isAllNew ? issuesOf(manifests, session) : issuesAfter(there, files, world);
  printIssues(issues, world);
  for (const one of odd) world.err(`${oddText(one, world)}\n`);
  for (const one of left) world.err(`${leftText(one, world)}\n`);
  return { counts, issues, left, odd, out, cuts };
}

function countsText({ counts: { written, unchanged, removed }, out }: Result): string {
  const begun = out.filter(({ unfinished }) => unfinished !== undefined).length;
  return [
    `${plural(written, 'file')} written`,
    `${unchanged} unchanged`,
    removed === 0 ? '' : `${plural(removed, 'file')} removed`,
    begun === 0 ? '' : `${begun} to complete (.unfinished)`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** Whoever has begun with the first command of a page would take the org for empty. */
function tellEmpty({ all, target }: ExportOptions, world: World): void {
  if (all === true || target !== undefined) return;
  world.err(
    'Strategies alone are looked for: export --all has queues, skills and all the others.\n',
  );
}

const QUESTION = 'Remove these manifests?';

/** Manifests of what the org does not have, and of what nobody can say. */
function tellGone(
  { gone, untold }: { gone: readonly LoadedDocument[]; untold: readonly Untold[] },
  objects: readonly Gone[],
  { prune }: ExportOptions,
  world: World,
): void {
  const warn = world.errStyle.warn('warning');
  for (const { address, why } of untold) {
    world.err(`${warn}: ${visible(address)} is not listed and not taken for gone: ${why}\n`);
  }
  if (gone.length === 0) return;
  const hint = prune ? '' : '; --prune removes them';
  world.err(
    `${warn}: the org does not have ${plural(objects.length, 'object')} of these${hint}:\n`,
  );
  const was = new Map<string, boolean>(objects.map(({ address, wasThere }) => [address, wasThere]));
  for (const { kind, name, positions } of gone) {
    const { file, line } = positions.at('');
    const note =
      was.get(`${kind}/${name}`) === false ? ', never applied as far as the org knows' : '';
    world.err(`  ${visible(`${kind}/${name}`)} (${file}:${line}${note})\n`);
  }
}

function goneJson({ kind, name, positions }: LoadedDocument): object {
  const { file, line } = positions.at('');
  return { address: `${kind}/${name}`, at: { file, line } };
}

function leftText({ address, at: { file, line }, why }: Left, world: World): string {
  const what = `${visible(address)} (${file}:${line}) says something else than the org has`;
  return `${world.errStyle.warn('warning')}: ${what}, and was left: ${visible(why)}`;
}

function oddJson({ address, how, mends }: Odd): object {
  return { address, how, written: mends !== null };
}

/** What was edited by hand, and what a manifest makes of it. */
function oddText({ address, how, mends }: Odd, world: World): string {
  const what = mends ?? 'not exported: no manifest comes near it';
  return `${world.errStyle.warn('warning')}: ${visible(address)}: ${visible(how)}; ${what}`;
}

function inScope(
  { live, unclear }: Observation,
  scope: Scope,
  declared: readonly Address[],
): Live[] {
  const known = [...live.map(({ address }) => address), ...unclear.keys(), ...declared];
  refuseUnknown(scope, known, 'the org has nothing of that name');
  return live.filter(({ address }) => isInScope(scope, address));
}

/** What keeps new manifests from being planned: states that no manifest can ask for. */
function issuesOf(files: readonly ExportedFile[], { environment }: Session): readonly Issue[] {
  const sources = files.flatMap(({ path: file, text, body }) =>
    body === undefined ? [] : [{ path: file, text, body }],
  );
  return judgeWritten(sources, environment).issues;
}

/** What names something that the org lacks and is written all the same; what cannot be written. */
function blockedOf(
  live: readonly Live[],
  { catalog, state, unclear }: Observation,
  scope: Scope,
): Blocked[] {
  const former = formerIn(state.records);
  const left = [...unclear].filter(([address]) => isInScope(scope, address));
  return [
    ...live
      .filter(({ dangling }) => dangling !== undefined)
      .map((one) => blockedLive(one, catalog, former)),
    ...left.map(([address, obstacles]) => ({ address, obstacles })),
  ];
}
