/** `strategos compare`: two environments side by side, by name. */
import { across } from '../../core/across.js';
import { EXIT, WrongUsage, type ExitCode } from '../../core/errors.js';
import { observe, type Observation } from '../../engine/observe.js';
import type { Reader } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import { reconciledKinds } from '../../kinds/index.js';
import type { Environment } from '../../manifest/settings.js';
import type { ComparedSide, Comparison } from '../../render/comparison.js';
import { comparisonHtml } from '../../render/html.js';
import { comparisonJson } from '../../render/json.js';
import { comparisonMarkdown } from '../../render/markdown.js';
import { comparisonText } from '../../render/text.js';
import type { CommonOptions, CompareOptions, Format } from '../options.js';
import { backendOf, connect, inSession, kindOf, scopeOf, type SessionRequest } from '../session.js';
import type { World } from '../world.js';

export async function compare(
  options: CommonOptions & CompareOptions,
  world: World,
): Promise<ExitCode> {
  if (options.env !== undefined) {
    throw new WrongUsage('compare takes two environments, with --from and --to, and no --env');
  }
  const request: SessionRequest<Reader> = {
    ...{ command: 'compare', environment: options.to },
    open: (sdk, connection) => sdk.openReader(connection),
  };
  return inSession(request, options, world, async (session) => {
    const other = await connect(
      { ...request, environment: options.from, events: session.events },
      options,
      world,
    );
    session.events.emit({ type: 'doing', what: 'reading both orgs' });
    const [from, to] = await Promise.all(
      [other, session].map(async (one) =>
        observe(one.client, reconciledKinds, backendOf(one), sha256),
      ),
    );
    if (from === undefined || to === undefined) throw new Error('two sides were asked for');
    const scope = scopeIn(options, from, to);
    const changes = across(from, to, scope, kindOf, sha256, session.manifests);
    const comparison: Comparison = {
      sides: [sideOf(other.environment, from, scope), sideOf(session.environment, to, scope)],
      changes,
      equal: equalCount(from, scope, changes.filter(({ action }) => action !== 'delete').length),
    };
    world.out(comparedAs(comparison, options.format, world));
    const differ = changes.length > 0;
    return {
      exitCode: differ && options.detailedExitcode ? EXIT.changes : EXIT.done,
      ...{ state: differ ? 'they differ' : 'no difference', plan: null, outcomes: [] },
    };
  });
}

function scopeIn(
  { target }: CompareOptions,
  from: Observation,
  to: Observation,
): ReadonlySet<string> | null {
  const names = scopeOf(target);
  for (const name of names ?? []) {
    if ([...from.live, ...to.live].some((one) => one.name === name)) continue;
    throw new WrongUsage(`--target ${name}: neither environment has a strategy of that name`);
  }
  return names === null ? null : new Set(names);
}

function sideOf(
  { name, backend }: Environment,
  { organization, live }: Observation,
  scope: ReadonlySet<string> | null,
): ComparedSide {
  const strategies = live.filter((one) => scope?.has(one.name) ?? true).length;
  return { environment: name, organization: organization.name, backend, strategies };
}

function equalCount(
  { live }: Observation,
  scope: ReadonlySet<string> | null,
  others: number,
): number {
  return live.filter((one) => scope?.has(one.name) ?? true).length - others;
}

function comparedAs(comparison: Comparison, format: Format, world: World): string {
  switch (format) {
    case 'text':
      return `${comparisonText(comparison, world.outStyle)}\n`;
    case 'json':
      return comparisonJson(comparison);
    case 'markdown':
      return comparisonMarkdown(comparison);
    case 'html':
      return comparisonHtml(comparison);
  }
}
