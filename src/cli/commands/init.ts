/** `strategos init`: the files that a repository of manifests starts with. Asks nobody anything. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EXIT, InvalidInput, WrongUsage, type ExitCode } from '../../core/errors.js';
import { hasErrors } from '../../core/issue.js';
import { isObject } from '../../core/json.js';
import { plural } from '../../core/plural.js';
import { visible } from '../../core/visible.js';
import { nameOnce } from '../../core/owner.js';
import { missingFiles, writeFiles } from '../../files/manifests-out.js';
import { loadManifests, validateAll } from '../../manifest/load.js';
import { jsonText } from '../../render/json.js';
import { starterFiles } from '../../starter/files.js';
import { isVersion } from '../../starter/repository.js';
import type { StarterFile } from '../../starter/starter-file.js';
import { WORKFLOW_NAME, WORKFLOW_NAME_HINT } from '../../starter/workflows.js';
import { ENVIRONMENT_FILE, ownerFor } from '../new-owner.js';
import type { InitOptions } from '../options.js';
import { schemaFiles } from '../schema-files.js';
import { branchNote, placeNote, whereItIs, type Where } from '../starting-place.js';
import type { World } from '../world.js';

export async function init(dir: string, options: InitOptions, world: World): Promise<ExitCode> {
  const folder = path.resolve(world.cwd, dir);
  const owner =
    options.owner === undefined ? await ownerFor(folder, world) : plainOwner(options.owner);
  const where = await whereItIs(folder, options.branch);
  const there = await packageThere(folder);
  const given = options.package === undefined ? null : packageSpec(options.package);
  const spec = given ?? there?.spec ?? world.version;
  const files = starterFiles({
    owner,
    environment: environmentName(options.environment),
    host: options.host ?? null,
    workflowPrefix: where.prefix,
    below: where.below,
    branch: where.branch.name,
    codeowners: where.codeowners,
    packageSpec: spec,
    patience: options.patience === true,
    schemas: await schemaFiles(),
  });
  refuseInvalid(files);
  const written = await missingFiles(folder, files);
  // A package.json of somebody else is left as it is: it has more in it than where strategos is.
  const isKept = there !== null && (there.spec ?? spec) === spec;
  const wanted = files.filter(({ file }) => file !== PACKAGE || !isKept);
  await writeFiles(folder, wanted, false, WAY_HINT);
  const unchanged = files.map(({ file }) => file).filter((file) => !written.includes(file));
  const next = isKept && there.spec === null ? [...added(spec), ...NEXT] : ['npm install', ...NEXT];
  const result = { folder: dir, owner, branch: where.branch.name, written, unchanged, next };
  world.out(options.format === 'json' ? jsonText(result) : text(result, spec, where));
  return EXIT.done;
}

const PACKAGE = 'package.json';

/** What the package.json there says of strategos: `null` where it says nothing, or is not there. */
async function packageThere(folder: string): Promise<{ readonly spec: string | null } | null> {
  let content: string;
  try {
    content = await readFile(path.join(folder, PACKAGE), 'utf8');
  } catch {
    return null;
  }
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new InvalidInput(`${path.join(folder, PACKAGE)}: not JSON; nothing was written`, [], {
      hint: 'mend it, or move it away: init writes one of its own',
    });
  }
  const lists = ['devDependencies', 'dependencies'].map((key) =>
    isObject(value) ? value[key] : 0,
  );
  const specs = lists.map((list) => (isObject(list) ? list['strategos'] : null));
  return { spec: specs.find((spec) => typeof spec === 'string') ?? null };
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
  readonly next: readonly string[];
}

function text(
  { folder, owner, written, unchanged, next }: Result,
  spec: string,
  where: Where,
): string {
  const place = visible(folder);
  const all = plural(unchanged.length, 'file');
  if (written.length === 0) {
    const nothing = `${place}: nothing to write: all ${all} are there already.`;
    return [nothing, ...branchNote(where), ''].join('\n');
  }
  const kept = unchanged.length === 0 ? '' : `, ${unchanged.length} unchanged`;
  const from = `package.json asks npm for strategos ${spec}.`;
  const rest = 'README.md has the rest';
  return [
    `${place}: ${plural(written.length, 'file')} written${kept}.`,
    ...written.map((file) => `  ${file}`),
    `Owner: ${visible(owner)} (${ENVIRONMENT_FILE}).`,
    `Default branch: ${visible(where.branch.name)} (${where.branch.how}).`,
    ...branchNote(where),
    ...placeNote(where),
    isVersion(spec) ? `${from} ${rest}, and what to do where npm does not have it.` : `${rest}.`,
    `Next, in ${place}:`,
    ...next.map((command) => `  ${command}`),
    '',
  ].join('\n');
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
