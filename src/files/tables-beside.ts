/** CSV files that manifests take their rows from. What no manifest speaks of is not read. */
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { byText, type Issue } from '../core/issue.js';
import { MAX_TABULAR_BYTES, type SourceFile } from '../core/source.js';

export interface TabularFiles {
  readonly sources: SourceFile[];
  readonly issues: Issue[];
}

/** Whether a manifest of these may have rows in a file of its own. */
export function mayNameTables(manifests: readonly SourceFile[]): boolean {
  return manifests.some(({ bytes }) => Buffer.from(bytes).includes('.csv'));
}

/**
 * The files below `folders` whose names stand in a manifest; links are followed only to what lies
 * below the folder. Folders that `readManifests` skips are skipped here.
 */
export async function readTables(
  folders: readonly string[],
  manifests: readonly SourceFile[],
  shownAs: (path: string) => string,
  isSkipped: (name: string) => boolean,
): Promise<TabularFiles> {
  const texts = manifests.map(({ bytes }) => Buffer.from(bytes));
  const isNamed = (name: string): boolean => texts.some((text) => text.includes(name));
  const found = new Map<string, string>();
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => null);
    if (root !== null) await below(folder, { root, isNamed, isSkipped, found });
  }
  const sources: SourceFile[] = [];
  const issues: Issue[] = [];
  for (const path of [...found.values()].sort(byText)) {
    const shown = shownAs(path);
    const bytes = await bytesOf(path).catch((error: unknown) => String(error));
    if (typeof bytes !== 'string') sources.push({ path: shown, bytes });
    else issues.push(unreadable(shown, bytes));
  }
  return { sources, issues };
}

interface Looking {
  readonly root: string;
  readonly isNamed: (name: string) => boolean;
  readonly isSkipped: (name: string) => boolean;
  /** By the path that a file has without links. */
  readonly found: Map<string, string>;
}

async function below(folder: string, looking: Looking): Promise<void> {
  const { root, isNamed, isSkipped, found } = looking;
  // What cannot be read has been said of the manifests in it.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!isSkipped(entry.name)) await below(path, looking);
      continue;
    }
    if (!/\.csv$/.test(entry.name) || !isNamed(basename(entry.name))) continue;
    const real = await realpath(path).catch(() => null);
    if (real === null) continue;
    const from = relative(root, real);
    const isInside = from !== '' && !from.startsWith(`..${sep}`) && from !== '..';
    if (isInside && !found.has(real) && (await stat(real)).isFile()) found.set(real, path);
  }
}

async function bytesOf(path: string): Promise<Uint8Array | string> {
  const { size } = await stat(path);
  if (size <= MAX_TABULAR_BYTES) return readFile(path);
  return `the file has ${size} bytes; the limit is ${MAX_TABULAR_BYTES}`;
}

function unreadable(file: string, message: string): Issue {
  const at = { file, line: 1, column: 1 };
  const hint = 'make the file readable, or smaller';
  return { code: 'unreadable', severity: 'error', at, message, hint };
}
