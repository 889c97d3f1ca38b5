/** `strategos init`: the files that a repository of manifests starts with. Asks nobody anything. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EXIT, InvalidInput, WrongUsage, type ExitCode } from '../../core/errors.js';
import { hasErrors } from '../../core/issue.js';
import { plural } from '../../core/plural.js';
import { visible } from '../../core/visible.js';
import { originOf, repositoryName } from '../../files/git.js';
import { missingFiles, writeFiles } from '../../files/manifests-out.js';
import { loadManifests, validateAll } from '../../manifest/load.js';
import { jsonText } from '../../render/json.js';
import { starterFiles, STARTER_SCHEMAS, type StarterFile } from '../../starter/files.js';
import { WORKFLOW_NAME, WORKFLOW_NAME_HINT } from '../../starter/workflows.js';
import type { InitOptions } from '../options.js';
import { packageFile } from '../package-files.js';
import type { World } from '../world.js';

export async function init(dir: string, options: InitOptions, world: World): Promise<ExitCode> {
  const folder = path.resolve(world.cwd, dir);
  const owner = options.owner === undefined ? await ownerOf(folder) : plainOwner(options.owner);
  const files = starterFiles({
    owner,
    environment: environmentName(options.environment),
    host: options.host ?? null,
    workflowPrefix: 'strategos-',
    packageSpec: packageSpec(options.package ?? world.version),
    isDefaultPackage: options.package === undefined,
    patience: options.patience === true,
    schemas: await schemas(),
  });
  refuseInvalid(files);
  const written = await missingFiles(folder, files);
  await writeFiles(folder, files, false, WAY_HINT);
  const unchanged = files.map(({ file }) => file).filter((file) => !written.includes(file));
  const result = { folder: dir, owner, written, unchanged, next: NEXT };
  world.out(
    options.format === 'json' ? jsonText(result) : text(result, options.package === undefined),
  );
  return EXIT.done;
}

const WAY_HINT =
  'nothing was written: move them away, run init again, then bring what they said back in';

const NEXT: readonly string[] = [
  'npm install',
  'npx --no -- strategos validate',
  'git add --all && git commit --message "Start with strategos"',
];

interface Result {
  readonly folder: string;
  readonly owner: string;
  readonly written: readonly string[];
  readonly unchanged: readonly string[];
  readonly next: readonly string[];
}

function text({ folder, owner, written, unchanged, next }: Result, asksWhere: boolean): string {
  const place = visible(folder);
  const all = plural(unchanged.length, 'file');
  if (written.length === 0) return `${place}: nothing to write: all ${all} are there already.\n`;
  const kept = unchanged.length === 0 ? '' : `, ${unchanged.length} unchanged`;
  const where = 'strategos is not on the npm registry: say in package.json where to get it.';
  return [
    `${place}: ${plural(written.length, 'file')} written${kept}.`,
    ...written.map((file) => `  ${file}`),
    `Owner: ${visible(owner)} (strategies/environment.yaml).`,
    ...(asksWhere ? [`First step: ${where} README.md has the rest.`] : ['README.md has the rest.']),
    `Next, in ${place}:`,
    ...next.map((command) => `  ${command}`),
    '',
  ].join('\n');
}

/**
 * Whose repository the folder is in, or else its name. A folder that is not there yet will be a
 * part of the repository around it.
 */
async function ownerOf(folder: string): Promise<string> {
  let there = folder;
  while (!existsSync(there) && path.dirname(there) !== there) there = path.dirname(there);
  return (await originOf(there)) ?? (path.basename(folder) || 'routing');
}

/** The address of a repository is given without user, password and `.git`, as from `origin`. */
function plainOwner(given: string): string {
  const isAddress = given.includes('://') || /^[^@\s]+@[^:/\s]+:/.test(given);
  const hasPassword = /^[^@\s]*:[^@\s]*@/.test(given);
  if (!isAddress && !hasPassword) return given;
  const name = isAddress ? repositoryName(given) : null;
  if (name !== null) return name;
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

/** The package's own, byte for byte. */
function schemas(): Promise<StarterFile[]> {
  return Promise.all(
    STARTER_SCHEMAS.map(async (file) => ({
      file,
      text: await readFile(packageFile(`schemas/${file}`), 'utf8'),
    })),
  );
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
