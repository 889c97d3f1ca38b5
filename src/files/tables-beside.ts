/** CSV files that manifests take their rows from. What no manifest speaks of is not read. */
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { systemCode } from '../core/errors.js';
import { byText } from '../core/issue.js';
import { MAX_TABULAR_BYTES, type SourceFile } from '../core/source.js';

/**
 * The files below `folders` whose names stand in a manifest; links are followed only to what lies
 * below the folder. Folders that `readManifests` skips are skipped here. What is there and cannot
 * be read says why: whoever takes rows from it has to know.
 */
export async function readTables(
  folders: readonly string[],
  manifests: readonly SourceFile[],
  shownAs: (path: string) => string,
  isSkipped: (name: string) => boolean,
): Promise<SourceFile[]> {
  const texts = manifests.map(({ bytes }) => Buffer.from(bytes));
  const isNamed = (name: string): boolean => texts.some((text) => text.includes(name));
  const found = new Map<string, string>();
  const unread = new Map<string, string>();
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => null);
    if (root !== null) await below(folder, { root, isNamed, isSkipped, found, unread });
  }
  const sources: SourceFile[] = [];
  for (const path of [...found.values()]) {
    const bytes = await bytesOf(path).catch((error: unknown) => systemCode(error));
    if (typeof bytes === 'string') unread.set(path, bytes);
    else sources.push({ path: shownAs(path), bytes });
  }
  for (const [path, why] of unread) {
    sources.push({ path: shownAs(path), bytes: new Uint8Array(), unread: why });
  }
  return sources.sort((a, b) => byText(a.path, b.path));
}

interface Looking {
  readonly root: string;
  readonly isNamed: (name: string) => boolean;
  readonly isSkipped: (name: string) => boolean;
  /** By the path that a file has without links. */
  readonly found: Map<string, string>;
  /** What has such a name and is no file to read, by its path, and why. */
  readonly unread: Map<string, string>;
}

async function below(folder: string, looking: Looking): Promise<void> {
  const { root, isNamed, isSkipped, found, unread } = looking;
  // What cannot be read has been said of the manifests in it.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const isTable = /\.csv$/.test(entry.name) && isNamed(basename(entry.name));
    if (entry.isDirectory()) {
      if (isTable) unread.set(path, 'it is a folder');
      if (!isSkipped(entry.name)) await below(path, looking);
      continue;
    }
    if (!isTable) continue;
    const real = await realpath(path).catch(() => null);
    if (real === null) {
      unread.set(path, 'it is a link that leads nowhere');
      continue;
    }
    const from = relative(root, real);
    const isInside = from !== '' && !from.startsWith(`..${sep}`) && from !== '..';
    if (!isInside) unread.set(path, 'it is a link that leads out of the folder of manifests');
    else if (!(await stat(real)).isFile()) unread.set(path, 'it is no file');
    else if (!found.has(real)) found.set(real, path);
  }
}

async function bytesOf(path: string): Promise<Uint8Array | string> {
  const { size } = await stat(path);
  if (size <= MAX_TABULAR_BYTES) return readFile(path);
  return `the file has ${size} bytes; the limit is ${MAX_TABULAR_BYTES}`;
}
