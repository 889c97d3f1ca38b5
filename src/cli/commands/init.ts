/** `strategos init`: the files that a repository of manifests starts with. Asks nobody anything. */
import path from 'node:path';
import { EXIT, InvalidInput, Refused, WrongUsage, type ExitCode } from '../../core/errors.js';
import { hasErrors } from '../../core/issue.js';
import { nameOnce } from '../../core/owner.js';
import { plural } from '../../core/plural.js';
import { visible } from '../../core/visible.js';
import { missingFiles, otherFiles, writeFiles } from '../../files/manifests-out.js';
import { blobName } from '../../files/three-way.js';
import { textIfThere } from '../../files/there.js';
import { loadManifests, validateAll } from '../../manifest/load.js';
import { jsonText } from '../../render/json.js';
import { isTeams, recordText, RECORD_FILE } from '../../starter/record.js';
import type { StarterRecord, StarterSettings } from '../../starter/record.js';
import { isVersion } from '../../starter/repository.js';
import type { StarterFile } from '../../starter/starter-file.js';
import { WORKFLOW_NAME, WORKFLOW_NAME_HINT } from '../../starter/workflows.js';
import { ENVIRONMENT_FILE, ownerFor } from '../new-owner.js';
import type { InitOptions } from '../options.js';
import { branchNote, placeNote, repositoryNext, whereItIs, type Where } from '../starting-place.js';
import {
  manifestsThere,
  PACKAGE,
  packageThere,
  recordAt,
  startingFiles,
} from '../starting-files.js';
import type { ManifestsThere } from '../starting-files.js';
import type { World } from '../world.js';

export async function init(dir: string, options: InitOptions, world: World): Promise<ExitCode> {
  const folder = path.resolve(world.cwd, dir);
  const owner =
    options.owner === undefined ? await ownerFor(folder, world) : plainOwner(options.owner);
  const where = await whereItIs(folder, options.branch);
  const spec = (await packageThere(folder))?.spec ?? null;
  const record = await recordAt(folder);
  const manifests = await manifestsThere(folder);
  const settings = settingsOf(options, { where, spec, record, manifests }, world);
  const files = await startingFiles(folder, settings, owner, manifests);
  refuseInvalid(files);
  const written = missingFiles(folder, files);
  const others = otherFiles(folder, files);
  // A package.json that says where strategos is, and more, is as it should be.
  const kept = others.filter((file) => file !== PACKAGE || spec === null);
  refuseOtherPackage(options, spec, folder);
  const wanted = files.filter(({ file }) => !others.includes(file));
  const recorded = recordedText({ settings, record, written: wanted });
  const isRecorded = (await textIfThere(path.join(folder, RECORD_FILE))) === recorded;
  if (!isRecorded) written.unshift(RECORD_FILE);
  writeFiles(folder, wanted, false, WAY_HINT);
  writeFiles(folder, [{ file: RECORD_FILE, text: recorded }], true);
  const unchanged = [...files.map(({ file }) => file), RECORD_FILE]
    .filter((file) => !written.includes(file) && !kept.includes(file))
    .sort();
  const installing = kept.includes(PACKAGE) ? added(settings.packageSpec) : ['npm install'];
  const next = [...repositoryNext(where), ...installing, ...NEXT];
  const lists = { written: written.sort(), unchanged, kept, next };
  const result = { folder: dir, owner, branch: where.branch.name, ...lists };
  world.out(
    options.format === 'json' ? jsonText(result) : text(result, settings.packageSpec, where),
  );
  return EXIT.done;
}

interface There {
  readonly where: Where;
  readonly spec: string | null;
  readonly record: StarterRecord | null;
  readonly manifests: ManifestsThere;
}

/** What the user says, else what was said the last time, else what the folder has. */
function settingsOf(options: InitOptions, there: There, world: World): StarterSettings {
  const { where, record, manifests } = there;
  const given = options.package === undefined ? null : packageSpec(options.package);
  const known = manifests.environment ?? record?.settings;
  const named = options.environment ?? record?.settings.environment;
  return {
    environment: environmentName(named ?? manifests.environment?.name ?? 'prod'),
    host: options.host ?? known?.host ?? null,
    workflowPrefix: where.prefix,
    below: where.below,
    branch: where.branch.name,
    codeowners: where.codeowners,
    packageSpec: given ?? there.spec ?? record?.settings.packageSpec ?? world.version,
    patience: options.patience ?? record?.settings.patience ?? false,
  };
}

function recordedText(of: {
  readonly settings: StarterSettings;
  readonly record: StarterRecord | null;
  readonly written: readonly StarterFile[];
}): string {
  const own = of.written.filter(({ file }) => !isTeams(file));
  const files = new Map(of.record?.files ?? []);
  for (const { file, text: content } of own) files.set(file, blobName(content));
  return recordText({ settings: of.settings, files });
}

/** A package.json of somebody else is left as it is, unless the user wants another there. */
function refuseOtherPackage(options: InitOptions, spec: string | null, folder: string): void {
  if (options.package === undefined || spec === null || spec === options.package) return;
  const message = `${folder}: not written over: ${PACKAGE}, which asks for strategos ${spec}`;
  throw new Refused('would-overwrite', message, { hint: WAY_HINT });
}

function added(spec: string): string[] {
  const what = `strategos@${spec}`;
  const word = /^[\w@.,/:+#^~-]+$/.test(what) ? what : `'${what.replaceAll("'", "'\\''")}'`;
  return [`npm install --save-dev --save-exact ${word}`];
}

const WAY_HINT =
  'nothing was written: move them away, run init again, then bring what they said back in';

const NEXT: readonly string[] = [
  'npx --no -- strategos validate',
  'git add --all && git commit --message "Start with strategos"',
];

interface Result {
  readonly folder: string;
  readonly owner: string;
  readonly branch: string;
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  readonly kept: readonly string[];
  readonly next: readonly string[];
}

function text(
  { folder, owner, written, unchanged, kept: others, next }: Result,
  spec: string,
  where: Where,
): string {
  const place = visible(folder);
  const all = plural(unchanged.length, 'file');
  if (written.length === 0) {
    const nothing = `${place}: nothing to write: all ${all} are there already.`;
    return [nothing, ...keptNote(others), ...branchNote(where), ''].join('\n');
  }
  const kept = unchanged.length === 0 ? '' : `, ${unchanged.length} unchanged`;
  const from = `package.json asks npm for strategos ${spec}.`;
  const rest = 'README.md has the rest';
  return [
    `${place}: ${plural(written.length, 'file')} written${kept}.`,
    ...written.map((file) => `  ${file}`),
    ...keptNote(others),
    `Owner: ${visible(owner)} (${ENVIRONMENT_FILE}).`,
    `Default branch: ${visible(where.branch.name)} (${where.branch.how}).`,
    ...branchNote(where),
    ...placeNote(where),
    ...outsideNote(spec),
    isVersion(spec) ? `${from} ${rest}, and what to do where npm does not have it.` : `${rest}.`,
    `Next, in ${place}:`,
    ...next.map((command) => `  ${command}`),
    '',
  ].join('\n');
}

/** A tarball that no checkout has: `npm ci` of a workflow, or of a colleague, would not find it. */
function outsideNote(spec: string): string[] {
  if (!/^(?:file:)?(?:\.\.[/\\]|[/~]|[a-z]:[/\\])/i.test(spec)) return [];
  return [
    `package.json takes strategos from ${visible(spec)}, outside of this folder: no other ` +
      'checkout has it. Put the tarball in this folder, npm install --save-dev it, and commit it.',
  ];
}

/** Files of somebody else under names that init would write. */
function keptNote(kept: readonly string[]): string[] {
  const teams = kept.filter(isTeams);
  const others = kept.filter((file) => !isTeams(file));
  return [
    ...listed('Yours, and left as they are:', teams),
    ...listed(
      `Left as they are, with other content than init writes (${COMMAND} upgrade shows it):`,
      others,
    ),
    ...(kept.includes('.gitignore')
      ? ['.gitignore has to have node_modules/, .strategos/ and plan.json.']
      : []),
  ];
}

const COMMAND = 'npx --no -- strategos';

function listed(head: string, files: readonly string[]): string[] {
  return files.length === 0 ? [] : [head, ...files.map((file) => `  ${visible(file)}`)];
}

/** The address of a repository is given without user, password and `.git`, as from a remote. */
function plainOwner(given: string): string {
  const isAddress = given.includes('://') || /^[^@\s]+@[^:/\s]+:/.test(given);
  const hasPassword = /^[^@\s]*:[^@\s]*@/.test(given);
  const name = nameOnce(given);
  if (isAddress ? name !== given : !hasPassword) return name;
  throw new WrongUsage('--owner: an address that names no repository', {
    hint: 'give host and path of the repository, such as github.com/acme/routing',
  });
}

/** The name stands in scripts of the workflows. */
function environmentName(given: string): string {
  if (WORKFLOW_NAME.test(given)) return given;
  throw new WrongUsage(`--environment ${given}: not a name that a workflow can use`, {
    hint: WORKFLOW_NAME_HINT,
  });
}

/** What is committed is read by many: a password in a URL is not repeated, not even here. */
function packageSpec(given: string): string {
  const address = /\b[a-z+]+:\/\/([^/?#]*)@/i.exec(given);
  const user = address?.[1] ?? '';
  const isLogin = /^git\+ssh:|^ssh:/i.test(given) && !user.includes(':');
  if (address === null || isLogin) return given;
  throw new WrongUsage('--package: the address has a user or a password in it', {
    hint: 'give it without; npm takes credentials from git or from .npmrc',
  });
}

/** What was asked for may not fit a manifest, such as a host that is no region. */
function refuseInvalid(files: readonly StarterFile[]): void {
  const sources = files
    .filter(({ file }) => file.startsWith('strategies/'))
    .map(({ file, text: content }) => ({ path: file, bytes: new TextEncoder().encode(content) }));
  const issues = validateAll(loadManifests(sources));
  if (!hasErrors(issues)) return;
  throw new InvalidInput('nothing was written: the manifests would not be valid', issues, {
    hint: 'see --owner, --environment and --host',
  });
}
