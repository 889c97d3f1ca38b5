/** The folder that an export goes to: what is in it, and what it is to hold afterwards. */
import path from 'node:path';
import { InvalidInput } from '../core/errors.js';
import { hasErrors, type Issue } from '../core/issue.js';
import { plural } from '../core/plural.js';
import { isInScope, type Scope } from '../core/scope.js';
import type { Address } from '../core/types.js';
import type { Gone } from '../engine/gone.js';
import { missingFiles, writeFiles, type Written } from '../files/manifests-out.js';
import { readManifests } from '../files/manifests.js';
import { allowedBy } from '../manifest/allowed.js';
import { environmentText, type ExportedFile, type Folder } from '../manifest/exported.js';
import { loadManifests, validateAll, type LoadedDocument } from '../manifest/load.js';
import { overlaySpec } from '../manifest/overlay.js';
import { documentText, fileName } from '../manifest/write.js';
import { isOfVariables, type Bundle } from './bundle.js';
import { schemaComment, schemaFiles } from './schema-files.js';
import { usIn } from './us.js';
import type { World } from './world.js';

/** What is there already; throws `InvalidInput` where it cannot be said which manifests are. */
export async function folderAt(out: string, world: World): Promise<Folder> {
  const { sources, issues } = await readManifests(out, world.cwd);
  const loaded = loadManifests(sources, allowedBy(world.env));
  const unread = issues.filter(({ code }) => code !== 'missing-path' && code !== 'no-manifests');
  const unclear = loaded.complete ? unread : [...unread, ...loaded.issues];
  if (!hasErrors(unclear)) return { sources, loaded };
  const message = `the manifests in ${out} cannot be read; nothing was written`;
  throw new InvalidInput(message, unclear, {
    hint: 'mend what is listed above, or choose another folder with --out',
  });
}

/** Manifests of the folder of the session, which say more of an object than the org does. */
export function elsewhere(
  { sources }: Bundle,
  { dir, folder }: { readonly dir: string; readonly folder: string },
  world: World,
): Folder {
  const used = path.resolve(dir) === folder ? [] : sources;
  return { sources: used, loaded: loadManifests(used, allowedBy(world.env)) };
}

/** Documents of objects that are gone, and of overlays that would patch nothing then. */
export function documentsOf({ loaded }: Folder, gone: readonly Gone[]): LoadedDocument[] {
  const addresses = new Set<string>(gone.map(({ address }) => address));
  return loaded.documents.filter((document) => {
    if (document.kind !== 'Overlay') return addresses.has(`${document.kind}/${document.name}`);
    if (!document.sound) return false;
    const { target } = overlaySpec(document);
    return addresses.has(`${target.kind}/${target.name}`);
  });
}

function textOfBytes(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** What the folder declares of these kinds, within scope. */
export function declaredIn(
  { loaded }: Folder,
  kinds: ReadonlySet<string>,
  scope: Scope,
): Address[] {
  const own = loaded.documents.filter(({ kind, name }) => kinds.has(kind) && name !== '');
  const addresses = own.map(({ kind, name }): Address => `${kind}/${name}`);
  return [...new Set(addresses)].filter((address) => isInScope(scope, address));
}

/**
 * The environment comes along, so that a plan can be made of the folder as it is. It says whose
 * the strategies are, folder and all: where the export is written is another folder. One that is
 * there stays, and so does one that was written when only the variables said it: its name cannot
 * be found again.
 */
export async function environmentFile(
  { environment, dir, sources }: Bundle & { readonly dir: string },
  { folder, there, schemas }: { folder: string; there: Folder; schemas: string },
  world: World,
): Promise<ExportedFile[]> {
  const known = there.loaded.documents.filter(({ kind }) => kind === 'Environment');
  const own = known.find(({ name }) => name === environment.name);
  if (own !== undefined) return unchangedFile(there, own);
  if (known.length > 0 && isOfVariables(environment)) return [];
  const us = await usIn(environment, dir, world).catch((error: unknown) => {
    if (error instanceof InvalidInput) return null;
    throw error;
  });
  const plain = path.join(folder, 'environment.yaml');
  const shown = (file: string): string => path.relative(world.cwd, file).split(path.sep).join('/');
  const beside = path.posix.dirname(shown(plain));
  const taken = new Set(
    there.sources.flatMap((one) =>
      path.posix.dirname(one.path) === beside ? [path.posix.basename(one.path).toLowerCase()] : [],
    ),
  );
  const file = taken.has('environment.yaml')
    ? path.join(folder, fileName(`environment ${environment.name}`, taken))
    : plain;
  const text = textOfEnvironment({ environment, sources }, us?.name ?? null);
  const comment = schemaComment(schemas, file, 'Environment');
  return [{ path: shown(file), text: comment + text, isNew: true }];
}

function unchangedFile({ sources }: Folder, { positions }: LoadedDocument): ExportedFile[] {
  const source = sources.find((one) => one.path === positions.lines.file);
  if (source === undefined) return [];
  const text = textOfBytes(source.bytes);
  return [{ path: source.path, text, isNew: false }];
}

function textOfEnvironment(
  { environment, sources }: Pick<Bundle, 'environment' | 'sources'>,
  owner: string | null,
): string {
  const { manifest } = environment;
  const { file } = manifest.positions.at('');
  const own = sources.filter((one) => one.path === file);
  const document = loadManifests(own).documents.find(
    ({ kind, name }) => kind === 'Environment' && name === environment.name,
  );
  const made = { body: manifest.body, positions: null };
  return document === undefined
    ? documentText(withOwner(made.body, owner))
    : environmentText({ sources: own }, document, owner);
}

function withOwner(body: LoadedDocument['body'], owner: string | null): LoadedDocument['body'] {
  const { spec } = body;
  if (owner === null || typeof spec !== 'object' || spec === null || Array.isArray(spec)) {
    return body;
  }
  return { ...body, spec: { ...spec, owner } };
}

/** What is wrong with the folder once these files are in it. */
export function issuesAfter(
  { sources }: Folder,
  files: readonly ExportedFile[],
  world: World,
): readonly Issue[] {
  const texts = new Map(files.map((one) => [one.path, one.text]));
  const kept = sources.filter((one) => !texts.has(one.path));
  const written = files
    .filter(({ text }) => text !== '')
    .map((one) => ({ path: one.path, bytes: new TextEncoder().encode(one.text) }));
  const after = [...kept, ...written].sort((a, b) => (a.path < b.path ? -1 : 1));
  return validateAll(loadManifests(after, allowedBy(world.env)));
}

/** Writes them all, or none; and the schemas that they name, where these are not there. */
export async function writeExport(
  folder: string,
  files: readonly ExportedFile[],
  { overwrite, schemas }: { readonly overwrite: boolean; readonly schemas: string },
  world: World,
): Promise<Written> {
  const placed = files.map(({ path: file, text }) => ({
    file: path.relative(folder, path.resolve(world.cwd, file)).split(path.sep).join('/'),
    text,
  }));
  const written = writeFiles(folder, placed, overwrite);
  const known = await schemaFiles();
  const missing = new Set(missingFiles(schemas, known));
  if (missing.size === 0 || !placed.some(({ text }) => text.startsWith('# yaml-language-server:')))
    return written;
  writeFiles(
    schemas,
    known.filter(({ file }) => missing.has(file)),
    false,
  );
  const where = path.relative(world.cwd, schemas) || schemas;
  world.err(`schemas for editors: ${plural(missing.size, 'file')} in ${where}\n`);
  return written;
}
