/** The files that `init` and `upgrade` write, of what a folder, its repository and a user say. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { InvalidInput } from '../core/errors.js';
import { isObject } from '../core/json.js';
import { permittedOn } from '../doctor/needs.js';
import { readManifests } from '../files/manifests.js';
import { textIfThere } from '../files/there.js';
import { hostOf, readEnvironment } from '../manifest/settings.js';
import { loadManifests, type LoadedDocument } from '../manifest/load.js';
import { starterFiles } from '../starter/files.js';
import { recordIn, RECORD_FILE, type StarterRecord } from '../starter/record.js';
import type { StarterSettings } from '../starter/record.js';
import { EXAMPLE_FILE } from '../starter/manifests.js';
import type { StarterFile } from '../starter/starter-file.js';
import { schemaFiles } from './schema-files.js';

export const PACKAGE = 'package.json';

/** Of the Environment that `init` writes. */
const BACKEND = 'datatable';

/** `null` where there is none, or none that is understood. */
export async function recordAt(folder: string): Promise<StarterRecord | null> {
  const text = await textIfThere(path.join(folder, RECORD_FILE));
  return text === null ? null : recordIn(text);
}

export interface ManifestsThere {
  /** The first Environment of the folder. */
  readonly environment: {
    readonly name: string;
    readonly host: string | null;
    readonly backend: string;
  } | null;
  /** Something else than an Environment, and than the example that init writes. */
  readonly hasOwn: boolean;
}

/** What `strategies/` of the folder has already. */
export async function manifestsThere(folder: string): Promise<ManifestsThere> {
  const { sources } = await readManifests('strategies', folder);
  const { documents } = loadManifests(sources);
  const found = documents.find(({ kind, name }) => kind === 'Environment' && name !== '');
  const hasOwn = documents.some(({ kind }) => kind !== 'Environment');
  return { environment: found === undefined ? null : environmentIn(found), hasOwn };
}

function environmentIn(document: LoadedDocument): ManifestsThere['environment'] {
  // What is wrong with it is for validate to say: it is one all the same.
  if (!document.sound) return { name: document.name, host: null, backend: BACKEND };
  const { name, host, backend } = readEnvironment(document);
  return { name, host: host === null ? null : hostOf(host), backend };
}

/** Manifests that a folder has are not put beside others with names to replace. */
export async function startingFiles(
  folder: string,
  settings: StarterSettings,
  owner: string,
  there: ManifestsThere,
): Promise<StarterFile[]> {
  const permissions = permittedOn(there.environment?.backend ?? BACKEND);
  const schemas = await schemaFiles();
  const files = starterFiles({ ...settings, owner, permissions, schemas });
  return files.filter(({ file }) => {
    if (existsSync(path.join(folder, file))) return true;
    if (file === 'strategies/environment.yaml') return there.environment === null;
    return file !== EXAMPLE_FILE || !there.hasOwn;
  });
}

export interface PackageThere {
  readonly content: string;
  /** What it asks npm for as strategos; `null` where it asks for none. */
  readonly spec: string | null;
}

/** The package.json of a folder; `null` where there is none. */
export async function packageThere(folder: string): Promise<PackageThere | null> {
  const file = path.join(folder, PACKAGE);
  const content = await textIfThere(file);
  if (content === null) return null;
  try {
    return { content, spec: specIn(content) };
  } catch {
    throw new InvalidInput(`${file}: not JSON; nothing was written`, [], {
      hint: 'mend it, or move it away: init writes one of its own',
    });
  }
}

/** npm takes a byte order mark before it, which some editors write. */
function specIn(content: string): string | null {
  const value: unknown = JSON.parse(content.replace(/^\ufeff/, ''));
  const lists = ['devDependencies', 'dependencies'].map((key) =>
    isObject(value) ? value[key] : null,
  );
  const specs = lists.map((list) => (isObject(list) ? list['strategos'] : null));
  return specs.find((spec) => typeof spec === 'string') ?? null;
}
