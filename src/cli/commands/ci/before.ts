/** What main had asked for before a pull request: it is merged, and not applied yet. */
import path from 'node:path';
import { AS_WRITTEN, askedBefore } from '../../../core/asked-before.js';
import type { JsonObject } from '../../../core/json.js';
import { kindName } from '../../../core/outcome.js';
import type { Address, Manifest } from '../../../core/types.js';
import { visible } from '../../../core/visible.js';
import { sourcesBeforeMerge } from '../../../files/git.js';
import { readManifests } from '../../../files/manifests.js';
import { allowedBy } from '../../../manifest/allowed.js';
import { bundle, loadManifests, type Loaded } from '../../../manifest/load.js';
import { resolve } from '../../../manifest/resolve.js';
import type { Planning, Review } from '../../../render/review.js';
import { kindOf } from '../../session.js';
import type { World } from '../../world.js';

/** Nothing where the checkout is not GitHub's merge of a pull request, or its parent is unknown. */
export async function askedBeforeBranch(
  folder: string,
  plannings: readonly Planning[],
  world: World,
): Promise<Review['before']> {
  const nothing: ReadonlySet<string> = new Set();
  if (world.workflow?.event !== 'pull_request') return () => nothing;
  const before = await sourcesBeforeMerge(path.resolve(world.cwd, folder));
  if (before.is === 'none') return () => nothing;
  if (before.is === 'unknown') {
    const text =
      `what main asked for before this pull request is not known: ${before.why}; all of it is ` +
      'shown as asked for by the pull request → fetch-depth: 2 at actions/checkout';
    world.err(`${world.errStyle.warn('warning')}: ${visible(text)}\n`);
    return () => nothing;
  }
  const { sources } = before;
  const allowed = allowedBy(world.env);
  const main = loadManifests(sources, allowed);
  const branch = loadManifests((await readManifests(folder, world.cwd)).sources, allowed);
  const fields = new Map(
    plannings.map(({ environment }) => [
      environment,
      { main: fieldsIn(main, environment), branch: fieldsIn(branch, environment) },
    ]),
  );
  return (environment, change) => {
    const known = fields.get(environment);
    // Without an environment on main nobody had asked for anything.
    if (known?.main == null || known.branch === null) return nothing;
    const { address } = change;
    const [was, is] = [known.main.get(address) ?? null, known.branch.get(address) ?? null];
    return askedBefore(change, was, is, kindOf(kindName(address)).fields);
  };
}

/** What the manifests of an environment ask for, names as written; `null` where they are wrong. */
function fieldsIn(loaded: Loaded, environment: string): ReadonlyMap<Address, JsonObject> | null {
  const found = bundle(loaded, environment);
  if (found.environment === null) return null;
  const manifests: readonly Manifest[] = found.manifests;
  const { desired } = resolve(manifests, AS_WRITTEN, kindOf);
  return new Map(desired.map(({ address, fields }) => [address, fields]));
}
