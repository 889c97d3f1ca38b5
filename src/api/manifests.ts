/** Manifests of a folder, for programs: offline, without credentials. */
import { validated } from '../cli/commands/validate.js';
import { hasErrors, sortIssues, type Issue } from '../core/issue.js';
import type { Manifest } from '../core/types.js';
import { readManifests } from '../files/manifests.js';
import { bundle, loadManifests as load } from '../manifest/load.js';

export interface LoadOptions {
  /** Where relative paths begin, and what the paths in issues are relative to. */
  readonly cwd?: string;
  /** As they hold in this environment, its overlays applied, in place of as they are written. */
  readonly environment?: string;
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
  { cwd = process.cwd(), environment }: LoadOptions = {},
): Promise<Manifests> {
  const { sources, issues: unread } = await readManifests(paths, cwd);
  const loaded = load(sources);
  const { manifests, issues } =
    environment === undefined
      ? { manifests: loaded.documents, issues: loaded.issues }
      : bundle(loaded, environment);
  return { manifests, issues: sortIssues([...unread, ...issues]) };
}

/** Everything that is wrong with the manifests there, in any environment, as `validate` has it. */
export async function validate(
  paths: string | readonly string[] = 'strategies',
  { cwd = process.cwd() }: Pick<LoadOptions, 'cwd'> = {},
): Promise<Validation> {
  const { issues } = await validated(paths, { cwd });
  return { valid: !hasErrors(issues), issues };
}
