/** Manifests of a folder, for programs: offline, without credentials. */
import { validated } from '../cli/commands/validate.js';
import { hasErrors, sortIssues, type Issue } from '../core/issue.js';
import type { Manifest } from '../core/types.js';
import { readManifests } from '../files/manifests.js';
import { allowedBy } from '../manifest/allowed.js';
import { bundle, loadManifests as load } from '../manifest/load.js';

export interface LoadOptions {
  /** Where relative paths begin, and what the paths in issues are relative to. */
  readonly cwd?: string;
  /** As they hold in this environment, its overlays applied, in place of as they are written. */
  readonly environment?: string;
  /** `STRATEGOS_ALLOW_ENV` and `STRATEGOS_ALLOW_HOSTS` of it widen what manifests may name. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface Manifests {
  /** Where `issues` has an error, one that is missing here is not one that nobody has written. */
  readonly manifests: readonly Manifest[];
  /** What is wrong with them, sorted by place. */
  readonly issues: readonly Issue[];
}

export interface Validation {
  readonly valid: boolean;
  /** Sorted by place. Of a valid folder these are warnings. */
  readonly issues: readonly Issue[];
}

/**
 * The manifests in the given files and folders. Without an environment these are documents of all
 * kinds, in the order of the files; of an environment those that are reconciled, by kind and name.
 */
export async function loadManifests(
  paths: string | readonly string[] = 'strategies',
  { cwd = process.cwd(), environment, env = {} }: LoadOptions = {},
): Promise<Manifests> {
  const { sources, issues: unread } = await readManifests(paths, cwd);
  const loaded = load(sources, allowedBy(env));
  const { manifests, issues } =
    environment === undefined
      ? { manifests: loaded.documents, issues: loaded.issues }
      : bundle(loaded, environment);
  return { manifests, issues: sortIssues([...unread, ...issues]) };
}

/** Everything that is wrong with the manifests there, in any environment, as `validate` has it. */
export async function validate(
  paths: string | readonly string[] = 'strategies',
  { cwd = process.cwd(), env = {} }: Pick<LoadOptions, 'cwd' | 'env'> = {},
): Promise<Validation> {
  const { issues } = await validated(paths, { cwd, env });
  return { valid: !hasErrors(issues), issues };
}
