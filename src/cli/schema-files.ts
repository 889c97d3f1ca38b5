/** Schemas for editors: the package's own files, and where those of a repository are. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { folderPlaceOf } from '../files/repository.js';
import { KNOWN_KINDS } from '../manifest/check.js';
import type { StarterFile } from '../starter/starter-file.js';
import { packageFile } from './package-files.js';
import { nearestThere } from './starting-place.js';

/** The package's own, byte for byte. */
export function schemaFiles(): Promise<StarterFile[]> {
  return Promise.all(
    ['definitions.json', ...KNOWN_KINDS.map(schemaOf)].map(async (file) => ({
      file,
      text: await readFile(packageFile(`schemas/${file}`), 'utf8'),
    })),
  );
}

/** `routing-strategy.schema.json` of `RoutingStrategy`. */
export function schemaOf(kind: string): string {
  const words = kind.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
  return `${words.join('-')}.schema.json`;
}

/** The first line of a manifest in `file` by which editors find its schema in `folder`. */
export function schemaComment(folder: string, file: string, kind: string): string {
  const way = path.relative(path.dirname(file), path.join(folder, schemaOf(kind)));
  const shown = way.split(path.sep).join('/');
  return `# yaml-language-server: $schema=${shown.startsWith('.') ? shown : `./${shown}`}\n`;
}

/**
 * The folder of schemas for manifests in `folder`: the nearest on the way up to the top of the
 * repository, or else where `init` would put them.
 */
export async function schemasFor(folder: string, cwd: string): Promise<string> {
  const there = nearestThere(folder);
  const { isCheckout, top } = await folderPlaceOf(there, there);
  const end = path.resolve(isCheckout ? top : cwd);
  const way: string[] = [];
  const isInside = !path.relative(end, folder).startsWith('..');
  for (let at = folder; ; at = path.dirname(at)) {
    way.push(at);
    if (!isInside || at === end || path.dirname(at) === at) break;
  }
  const known = way.map((at) => path.join(at, 'schemas'));
  const found = known.find((one) => existsSync(path.join(one, schemaOf('RoutingStrategy'))));
  return found ?? known[1] ?? known[0] ?? path.join(folder, 'schemas');
}
