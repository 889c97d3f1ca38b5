/** `strategos export`: what the org has, as manifests that a plan finds nothing to change in. */
import path from 'node:path';
import { EXIT, WrongUsage, type ExitCode } from '../../core/errors.js';
import { hasErrors, type Issue } from '../../core/issue.js';
import type { Live } from '../../core/types.js';
import { visible } from '../../core/visible.js';
import { observe, type Observation } from '../../engine/observe.js';
import type { Reader } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import { writeFiles, type OutputFile } from '../../files/manifests-out.js';
import { reconciledKinds } from '../../kinds/index.js';
import { bundle, loadManifests } from '../../manifest/load.js';
import { resolve } from '../../manifest/resolve.js';
import { documentText, writeManifests } from '../../manifest/write.js';
import { jsonText } from '../../render/json.js';
import { plural } from '../../core/plural.js';
import type { CommonOptions, ExportOptions } from '../options.js';
import { printIssues } from '../report.js';
import {
  backendOf,
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
  if (options.format !== 'text' && options.format !== 'json') {
    throw new WrongUsage(`export writes text or json, not ${options.format}`);
  }
  const request: SessionRequest<Reader> = {
    ...{ command: 'export', environment: options.env },
    open: (sdk, connection) => sdk.openReader(connection),
  };
  return inSession(request, options, world, async (session) => {
    const backend = backendOf(session);
    session.events.emit({ type: 'doing', what: 'reading the org' });
    const observation = await observe(session.client, reconciledKinds, backend, sha256);
    const live = inScope(observation.live, scopeOf(options.target));
    const files = [environmentFile(session), ...writeManifests(live)];
    const folder = path.resolve(world.cwd, options.out);
    const written = await writeFiles(folder, files, options.overwrite ?? false);
    const issues = issuesOf(files, observation, options.out);
    printIssues(issues, world);
    const state = `${plural(live.length, 'strategy', 'strategies')} exported`;
    const result = { ...written, folder: options.out, strategies: live.length, issues };
    world.out(
      options.format === 'json'
        ? jsonText(result)
        : `${state} to ${visible(options.out)}: ` +
            `${plural(written.written, 'file')} written, ${written.unchanged} unchanged\n`,
    );
    const exitCode = hasErrors(issues) ? EXIT.invalid : EXIT.done;
    return { exitCode, state, plan: null, outcomes: [] };
  });
}

function inScope(live: readonly Live[], scope: readonly string[] | null): Live[] {
  for (const name of scope ?? []) {
    if (live.some((one) => one.name === name)) continue;
    throw new WrongUsage(`--target ${name}: the org has no strategy of that name`);
  }
  return live.filter((one) => scope?.includes(one.name) ?? true);
}

/** The environment comes along, so that a plan can be made of the folder as it is. */
function environmentFile({ environment }: Session): OutputFile {
  return { file: 'environment.yaml', text: documentText(environment.manifest.body) };
}

/** What keeps the exported manifests from being planned: states that no manifest can ask for. */
function issuesOf(files: readonly OutputFile[], { catalog }: Observation, folder: string): Issue[] {
  const sources = files.map(({ file, text }) => ({
    path: `${folder}/${file}`,
    bytes: new TextEncoder().encode(text),
  }));
  const { manifests, issues } = bundle(loadManifests(sources), undefined);
  return [...issues, ...resolve(manifests, catalog, kindOf).issues];
}
