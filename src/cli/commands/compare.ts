/** `strategos compare`: two environments side by side, by name. */
import { countText } from '../../kinds/nouns.js';
import { isInScope, refuseUnknown, type Scope } from '../../core/scope.js';
import { across, leftOut } from '../../core/across.js';
import { EXIT, InvalidInput, WrongUsage, type ExitCode } from '../../core/errors.js';
import { blockedLive, formerIn } from '../../core/former.js';
import type { Change } from '../../core/types.js';
import { observe, type Observation } from '../../engine/observe.js';
import type { Reader } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import type { Environment } from '../../manifest/settings.js';
import { blockedSides, type ComparedSide, type Comparison } from '../../render/comparison.js';
import { comparisonHtml } from '../../render/html.js';
import { comparisonJson } from '../../render/json.js';
import { comparisonMarkdown } from '../../render/markdown.js';
import { comparisonText } from '../../render/text.js';
import { loadBundle, missingFor, notSet } from '../bundle.js';
import type { CommonOptions, CompareOptions } from '../options.js';
import {
  bindingOf,
  connect,
  inSession,
  kindOf,
  scopeOf,
  type Session,
  type SessionRequest,
} from '../session.js';
import { shownAs, type Forms } from '../shown-as.js';
import type { World } from '../world.js';

const FORMS: Forms<Comparison> = {
  text: comparisonText,
  json: comparisonJson,
  markdown: comparisonMarkdown,
  html: comparisonHtml,
};

export async function compare(
  options: CommonOptions & CompareOptions,
  world: World,
): Promise<ExitCode> {
  if (options.env !== undefined) {
    throw new WrongUsage('compare takes two environments, with --from and --to, and no --env');
  }
  await refuseUnset(options, world);
  const request: SessionRequest<Reader> = {
    command: 'compare',
    environment: options.to,
    open: (sdk, connection) => sdk.openReader(connection),
  };
  return inSession(request, options, world, async (session) => {
    const other = await connect(
      { ...request, environment: options.from, events: session.events },
      options,
      world,
    );
    session.events.emit({ type: 'doing', what: 'reading both orgs' });
    const [from, to] = await bothSides(other, session);
    const scope = scopeIn(options, from, to);
    const changes = across(from, to, scope, kindOf, sha256, session.manifests);
    const [there, here] = [
      { ...from, declared: other.manifests },
      { ...to, declared: session.manifests },
    ];
    const left = leftOut(there, here, scope, kindOf);
    const comparison: Comparison = {
      sides: [sideOf(other.environment, from, scope), sideOf(session.environment, to, scope)],
      counts: [countIn(from, scope), countIn(to, scope)],
      changes,
      ...(left.length === 0 ? {} : { leftOut: left }),
      equal: equalCount(from, to, scope, changes),
    };
    world.out(shownAs(FORMS, comparison, options.format, world.outStyle));
    const differ = changes.length > 0;
    const blocked = blockedSides(comparison);
    const otherwise = differ && options.detailedExitcode ? EXIT.changes : EXIT.done;
    return {
      exitCode: blocked.length > 0 ? EXIT.incomplete : otherwise,
      state: differ ? 'they differ' : 'no difference',
      plan: null,
      outcomes: [],
    };
  });
}

/** Where both lack variables, whoever sets those of one is not to come back for the other's. */
async function refuseUnset(options: CommonOptions & CompareOptions, world: World): Promise<void> {
  const silent = { ...world, err: () => undefined };
  const messages: string[] = [];
  for (const name of new Set([options.from, options.to])) {
    const { environment } = await loadBundle(options, name, silent, 'environment');
    const missing = missingFor(environment, world);
    if (missing.length > 0) messages.push(notSet(environment, missing));
  }
  if (messages.length < 2) return;
  const hint = 'set the variables of their OAuth clients (grant type: client credentials)';
  throw new InvalidInput(messages.join('; '), [], { hint });
}

type Looking = Pick<Session, 'client' | 'environment' | 'manifests'>;

/**
 * Which kinds are looked at follows from manifests and records, and the other org may have others
 * on record: what only one side was asked about would seem to be missing on the other.
 */
async function bothSides(one: Looking, other: Looking): Promise<[Observation, Observation]> {
  const look = async (side: Looking, uses?: ReadonlySet<string>): Promise<Observation> => {
    const { manifests } = side;
    // What is listed briefly differs from itself read in full.
    const inFull = new Set<string>();
    const asked = { manifests, inFull, ...(uses === undefined ? {} : { uses }) };
    const binding = bindingOf(side, asked);
    return observe(side.client, binding, sha256, { apart: binding.uses });
  };
  const [first, second] = await Promise.all([look(one), look(other)]);
  const kinds = new Set([first, second].flatMap((side) => [...(side.kinds ?? [])]));
  const again = async (side: Looking, seen: Observation): Promise<Observation> =>
    seen.kinds?.size === kinds.size ? seen : look(side, kinds);
  return Promise.all([again(one, first), again(other, second)]);
}

function scopeIn({ target }: CompareOptions, from: Observation, to: Observation): Scope {
  const scope = scopeOf(target);
  const known = [from, to].flatMap(({ live, unclear }) => [
    ...live.map(({ address }) => address),
    ...unclear.keys(),
  ]);
  refuseUnknown(scope, known, 'neither environment has anything of that name');
  return scope;
}

function countIn({ live }: Observation, scope: Scope): string {
  const all = live.map(({ address }) => address);
  return countText(all.filter((address) => isInScope(scope, address)));
}

function sideOf(
  { name, backend }: Environment,
  { organization, live, catalog, state, unclear }: Observation,
  scope: Scope,
): ComparedSide {
  const shown = live.filter(({ address }) => isInScope(scope, address));
  const former = formerIn(state.records);
  const dangling = shown.filter((one) => one.dangling !== undefined);
  const left = [...unclear].filter(([address]) => isInScope(scope, address));
  return {
    environment: name,
    organization: organization.name,
    backend,
    objects: shown.length,
    strategies: shown.filter(({ kind }) => kindOf(kind).traffic !== undefined).length,
    ...(dangling.length === 0
      ? {}
      : { dangling: dangling.map((one) => blockedLive(one, catalog, former)) }),
    ...(left.length === 0
      ? {}
      : { unclear: left.map(([address, obstacles]) => ({ address, obstacles })) }),
  };
}

function equalCount(
  from: Observation,
  to: Observation,
  scope: Scope,
  changes: readonly Change[],
): number {
  const compared = from.live.filter(
    ({ address }) => isInScope(scope, address) && !to.unclear.has(address),
  );
  return compared.length - changes.filter(({ action }) => action !== 'delete').length;
}
