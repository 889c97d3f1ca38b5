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

/** Most tests plan the same manifests again and again, and reading them is a third of a plan. */
const LOADED = new Map<string, LoadedText>();
const MOST_LOADED = 8;

/** File name → text. There has to be one Environment. */
export function load(files: Readonly<Record<string, string>>): LoadedText {
  const key = JSON.stringify(files);
  const known = LOADED.get(key) ?? loadedFrom(files);
  LOADED.delete(key);
  LOADED.set(key, known);
  const [oldest = key] = LOADED.keys();
  if (LOADED.size > MOST_LOADED) LOADED.delete(oldest);
  return known;
}

function loadedFrom(files: Readonly<Record<string, string>>): LoadedText {
  const sources = Object.entries(files).map(([file, text]) => ({
    path: file,
    bytes: new TextEncoder().encode(text),
  }));
  const { environment, manifests, issues } = bundle(loadManifests(sources), undefined);
  if (environment === null) throw new Error(`no environment: ${JSON.stringify(issues)}`);
  return { environment, manifests, issues };
}
