/** `strategos export`: what the org has, as manifests that a plan finds nothing to change in. */
import { kindName } from '../../core/outcome.js';
import { reconciledKinds } from '../../kinds/index.js';
import { existsSync } from 'node:fs';
import { countText } from '../../kinds/nouns.js';
import { isInScope, refuseUnknown, type Scope } from '../../core/scope.js';
import path from 'node:path';
import { EXIT, InvalidInput, type ExitCode } from '../../core/errors.js';
import { hasErrors, type Issue } from '../../core/issue.js';
import { blockedLive, formerIn } from '../../core/former.js';
import { isObject } from '../../core/json.js';
import type { Blocked, Live } from '../../core/types.js';
import { visible } from '../../core/visible.js';
import { observe, type Observation } from '../../engine/observe.js';
import type { Reader } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import { writeFiles, type OutputFile } from '../../files/manifests-out.js';
import { judgeWritten } from '../../manifest/load.js';
import {
  documentText,
  writeManifests,
  type Written,
  type WrittenManifest,
} from '../../manifest/write.js';
import { jsonText } from '../../render/json.js';
import { blockedText } from '../../render/text.js';
import { holdToRecords } from '../../engine/listed.js';
import { plural } from '../../core/plural.js';
import { isOfVariables } from '../bundle.js';
import type { CommonOptions, ExportOptions } from '../options.js';
import { printIssues } from '../report.js';
import { bindingOf, inSession, scopeOf, type Session, type SessionRequest } from '../session.js';
import { usIn } from '../us.js';
import type { World } from '../world.js';

export async function exportManifests(
  options: CommonOptions & ExportOptions,
  world: World,
): Promise<ExitCode> {
  const request: SessionRequest<Reader> = {
    command: 'export',
    environment: options.env,
    needs: 'place',
    open: (sdk, connection) => sdk.openReader(connection),
  };
  return inSession(request, options, world, async (session) => {
    const binding = bindingOf(session, { manifests: [], uses: exported(options) });
    session.events.emit({ type: 'doing', what: 'reading the org' });
    const observation = await observe(session.client, binding, sha256);
    const place = { binding, nowMs: session.client.nowMs() };
    await holdToRecords(session.client, place, observation);
    const live = inScope(observation, scopeOf(options.target)).filter(
      // Of what nobody asks for, what somebody manages.
      ({ kind, address }) => binding.uses.has(kind) || observation.state.records.has(address),
    );
    const { manifests, odd } = writeManifests(live, session.environment.backend);
    const folder = path.resolve(world.cwd, options.out);
    const files = [...(await environmentFile(session, folder, world)), ...manifests];
    const written = await writeFiles(folder, files, options.overwrite ?? false);
    const issues = issuesOf(manifests, session, options.out);
    const blocked = blockedOf(live, observation, scopeOf(options.target));
    printIssues(issues, world);
    for (const one of odd) world.err(`${oddText(one, world)}\n`);
    for (const one of blocked) world.err(`${blockedText(one, world.errStyle)}\n`);
    const state = `${countText(live.map(({ address }) => address))} exported`;
    const result = {
      ...written,
      folder: options.out,
      strategies: live.length,
      issues,
      ...(odd.length === 0 ? {} : { odd }),
      ...(blocked.length === 0 ? {} : { blocked }),
    };
    world.out(
      options.format === 'json'
        ? jsonText(result)
        : `${state} to ${visible(options.out)}: ` +
            `${plural(written.written, 'file')} written, ${written.unchanged} unchanged\n`,
    );
    const isWhole = blocked.length === 0 && odd.every((one) => one.written);
    const exitCode = hasErrors(issues) ? EXIT.invalid : isWhole ? EXIT.done : EXIT.incomplete;
    return { exitCode, state, plan: null, outcomes: [] };
  });
}

/** Kinds that are asked for; else what calls go by, and what is on record as anybody's. */
function exported({ target }: ExportOptions): readonly string[] {
  const asked = (scopeOf(target) ?? []).flatMap((one) =>
    one.is === 'kind' ? [one.kind] : one.is === 'object' ? [kindName(one.address)] : [],
  );
  const routing = reconciledKinds.filter(({ traffic }) => traffic !== undefined);
  return [...asked, ...routing.map(({ name }) => name)];
}

/** What was edited by hand, and what a manifest makes of it. */
function oddText({ address, how, written }: Written['odd'][number], world: World): string {
  const what = written
    ? 'the manifest is the nearest that can be said; an apply of it puts the row in order'
    : 'not exported: no manifest comes near it';
  return `${world.errStyle.warn('warning')}: ${visible(address)}: ${visible(how)}; ${what}`;
}

function inScope({ live, unclear }: Observation, scope: Scope): Live[] {
  const known = [...live.map(({ address }) => address), ...unclear.keys()];
  refuseUnknown(scope, known, 'the org has nothing of that name');
  return live.filter(({ address }) => isInScope(scope, address));
}

/**
 * The environment comes along, so that a plan can be made of the folder as it is. It says whose
 * the strategies are, folder and all: where the export is written is another folder. One that was
 * written there when only the variables said it has a name that cannot be found again.
 */
async function environmentFile(
  { environment, dir }: Session,
  folder: string,
  world: World,
): Promise<OutputFile[]> {
  const file = 'environment.yaml';
  if (isOfVariables(environment) && existsSync(path.join(folder, file))) return [];
  const { body } = environment.manifest;
  const spec = isObject(body['spec']) ? body['spec'] : {};
  const us = await usIn(environment, dir, world).catch((error: unknown) => {
    if (error instanceof InvalidInput) return null;
    throw error;
  });
  const named = us === null ? body : { ...body, spec: { ...spec, owner: us.name } };
  return [{ file, text: documentText(named) }];
}

/** What keeps the exported manifests from being planned: states that no manifest can ask for. */
function issuesOf(
  written: readonly WrittenManifest[],
  { environment }: Session,
  folder: string,
): Issue[] {
  const sources = written.map(({ file, ...rest }) => ({ ...rest, path: `${folder}/${file}` }));
  return [...judgeWritten(sources, environment).issues];
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
