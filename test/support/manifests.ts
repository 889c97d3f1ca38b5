/** Manifests from text, as the command line would load them. */
import type { Issue } from '../../src/core/issue.js';
import type { Manifest } from '../../src/core/types.js';
import { bundle, loadManifests } from '../../src/manifest/load.js';
import type { Environment } from '../../src/manifest/settings.js';

export interface LoadedText {
  readonly environment: Environment;
  readonly manifests: readonly Manifest[];
  readonly issues: readonly Issue[];
}

/** File name → text. There has to be one Environment. */
export function load(files: Readonly<Record<string, string>>): LoadedText {
  const sources = Object.entries(files).map(([file, text]) => ({
    path: file,
    bytes: new TextEncoder().encode(text),
  }));
  const { environment, manifests, issues } = bundle(loadManifests(sources), undefined);
  if (environment === null) throw new Error(`no environment: ${JSON.stringify(issues)}`);
  return { environment, manifests, issues };
}
