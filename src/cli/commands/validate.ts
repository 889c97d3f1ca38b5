/** `strategos validate`: everything that can be said without an org. */
import { EXIT, type ExitCode } from '../../core/errors.js';
import { hasErrors, sortIssues, type Issue } from '../../core/issue.js';
import { visible } from '../../core/visible.js';
import { readManifests } from '../../files/manifests.js';
import { allowedBy } from '../../manifest/allowed.js';
import {
  loadManifests,
  strangeEnvironment,
  unenforcedIn,
  validateAll,
  type Loaded,
} from '../../manifest/load.js';
import { escapeHtml, page } from '../../render/html.js';
import { jsonText } from '../../render/json.js';
import { escapeMarkdown } from '../../render/markdown.js';
import type { Style } from '../../render/style.js';
import { issueText } from '../../render/text.js';
import { plural } from '../../core/plural.js';
import type { CommonOptions, Format } from '../options.js';
import { issueCounts } from '../report.js';
import type { World } from '../world.js';

export async function validate(
  paths: readonly string[],
  options: CommonOptions,
  world: World,
): Promise<ExitCode> {
  const isPart = paths.length > 0;
  const among = isPart ? await wholeOf(options, world) : undefined;
  const asked = { isPart, environment: options.env, ...(among === undefined ? {} : { among }) };
  const found = await validated(isPart ? paths : options.dir, world, asked);
  const { issues, total } = found;
  world.out(as(options.format, issues, total, world.outStyle));
  // Nothing is wrong with the manifests: it is no issue of theirs.
  const notes = options.quiet || hasErrors(issues) ? [] : unenforcedIn(found.loaded);
  for (const note of notes) world.err(`${world.errStyle.faint('note')}: ${visible(note)}\n`);
  return hasErrors(issues) ? EXIT.invalid : EXIT.done;
}

/** A part need not have the Environment that is asked for: the folder that it is of has. */
async function wholeOf({ dir, env }: CommonOptions, { cwd }: World): Promise<Loaded | undefined> {
  if (env === undefined) return undefined;
  const whole = loadManifests((await readManifests(dir, cwd)).sources);
  return whole.documents.length === 0 ? undefined : whole;
}

export interface Validated {
  readonly loaded: Loaded;
  /** Sorted. */
  readonly issues: readonly Issue[];
  /** `5 manifests in 4 files: valid.` */
  readonly total: string;
}

interface Asked {
  /** Of a folder. */
  readonly isPart?: boolean;
  /** One of this name has to be among them. */
  readonly environment?: string | undefined;
  /** All manifests, where those that are validated are a part. */
  readonly among?: Loaded;
}

/** Everything that is wrong with the manifests there, in any environment. */
export async function validated(
  paths: string | readonly string[],
  { cwd, env = {} }: Pick<World, 'cwd'> & Partial<Pick<World, 'env'>>,
  { isPart = false, environment, among }: Asked = {},
): Promise<Validated> {
  const read = await readManifests(paths, cwd, isPart);
  const loaded = loadManifests(read.sources, allowedBy(env));
  const isThere = strangeEnvironment(loaded, environment).length === 0;
  const strange = isThere ? [] : strangeEnvironment(among ?? loaded, environment);
  const issues = sortIssues([...strange, ...read.issues, ...validateAll(loaded)]);
  return { loaded, issues, total: totalLine(loaded, read.sources.length, issues) };
}

function totalLine(loaded: Loaded, files: number, issues: readonly Issue[]): string {
  const count = plural(loaded.documents.length, 'manifest');
  const where = `${count} in ${plural(files, 'file')}`;
  if (hasErrors(issues)) return `${issueCounts(issues)} in ${plural(files, 'file')}.`;
  return `${where}: valid${issues.length === 0 ? '' : `, ${issueCounts(issues)}`}.`;
}

function as(format: Format, issues: readonly Issue[], total: string, style: Style): string {
  switch (format) {
    case 'json':
      return jsonText({ valid: !hasErrors(issues), issues });
    case 'text':
      return `${[...issues.map((issue) => issueText(issue, style)), total].join('\n')}\n`;
    case 'markdown':
      return [`## ${total}`, '', ...issues.map(markdownItem), ''].join('\n');
    case 'html':
      return page(total, [
        '<ul class="lines">',
        ...issues.map(
          (issue) => `<li class="${itemClass(issue)}">${escapeHtml(plain(issue))}</li>`,
        ),
        '</ul>',
      ]);
  }
}

function itemClass({ severity }: Issue): string {
  return severity === 'error' ? 'bad' : 'warn';
}

function markdownItem(issue: Issue): string {
  return `- ${escapeMarkdown(plain(issue))}`;
}

function plain(issue: Issue): string {
  const { at, severity, message, hint } = issue;
  const place = at === null ? '' : `${visible(at.file)}:${at.line}:${at.column}: `;
  return `${place}${severity}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
