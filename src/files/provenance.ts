/**
 * Which commit the manifests are of, and whether it has them as they were read. By the bytes and
 * not by `git status`: that does not see what is ignored or marked as unchanged, nor what a
 * submodule has checked out.
 */
import { createHash } from 'node:crypto';
import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SourceFile } from '../core/source.js';
import { apartFrom, uncommittedOf } from '../core/uncommitted.js';
import type { Apart, ReadFile, Uncommitted } from '../core/uncommitted.js';
import { headOf } from './git.js';
import { belowTop, IGNORE_FILE, leftOutBelow, topFor } from './left-out.js';
import { folderPlaceOf } from './repository.js';
import { run } from './run.js';

const MAX_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

export interface Provenance {
  /** `null` outside of a repository, and where git does not name one. */
  readonly commit: string | null;
  readonly uncommitted: Uncommitted | null;
}

/** `given`: the folder of manifests or the one file; `sources`: what was read of it, from `cwd`. */
export async function provenanceOf(
  given: string,
  sources: readonly SourceFile[],
  cwd: string,
): Promise<Provenance> {
  const isFolder = statSync(given, { throwIfNoEntry: false })?.isDirectory() ?? true;
  const folder = isFolder ? given : path.dirname(given);
  const { dir, top, isCheckout } = await folderPlaceOf(folder, folder);
  // Outside of a repository there is no commit that could be taken for what was applied.
  if (!isCheckout) return { commit: null, uncommitted: null };
  let commit: string | null = null;
  try {
    commit = await headOf(folder);
    const held = commit === null ? await nothingHeld(dir) : await heldBy(commit, dir, '');
    const algorithm = (commit?.length ?? 40) > 40 ? 'sha256' : 'sha1';
    const place = { folder, dir, cwd, algorithm };
    const read = readAs(sources, place, held);
    const isLeftOut = isFolder
      ? await heldToRules(held, read, { ...place, top, commit })
      : undefined;
    const shownAt = (at: string): string =>
      path.relative(cwd, path.join(folder, at)).split(path.sep).join('/');
    const files = isFolder ? held.blobs : only(held.blobs, read);
    const apart = apartFrom(files, read, shownAt, isLeftOut);
    for (const at of apart.keys()) {
      if (held.untold.some((one) => at.startsWith(`${one}/`))) apart.delete(at);
    }
    const unfiltered: string[] = [];
    for (const at of [...held.submodules, null]) {
      const repository = at === null ? top : path.join(dir, at);
      unfiltered.push(...(await withoutFiltered(apart, held, { dir, repository, below: at })));
    }
    const unknown = [...held.unknown, ...unfiltered];
    return { commit, uncommitted: uncommittedOf(apart.values(), unknown) };
  } catch (error) {
    return { commit, uncommitted: uncommittedOf([], [reasonOf(error)]) };
  }
}

interface Held {
  /** Of files, by their path below the folder. */
  readonly blobs: Map<string, string>;
  /** The same of links. */
  readonly links: Map<string, string>;
  /** Innermost first. */
  readonly submodules: string[];
  /** Submodules of which nobody knows what the commit has. */
  readonly untold: string[];
  readonly unknown: string[];
}

/** Of a repository without a commit. Throws where it is not that: git refuses to read it. */
async function nothingHeld(dir: string): Promise<Held> {
  await git(dir, 'symbolic-ref', '--quiet', 'HEAD');
  const code = await git(dir, 'rev-parse', '--verify', '--quiet', 'HEAD').then(
    () => 0,
    (error: unknown) => (error as { readonly code?: unknown }).code,
  );
  if (code !== 1) throw new Error('there is a commit after all');
  return nothing();
}

function nothing(): Held {
  const lists = { submodules: [], untold: [], unknown: [] };
  return { blobs: new Map(), links: new Map(), ...lists };
}

/** Submodules as the commit names them, whatever is checked out in them. */
async function heldBy(commit: string, dir: string, below: string): Promise<Held> {
  const held = nothing();
  const listing = await git(path.join(dir, below), 'ls-tree', '-r', '-z', commit);
  for (const line of listing.split('\0')) {
    const [, mode, id = '', name = ''] = /^(\d+) \S+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    const at = keyOf(path.posix.join(below, name));
    if (mode === '120000') held.links.set(at, id);
    else if (mode === '160000') await addSubmodule(held, { dir, at, id });
    else if (mode !== undefined) held.blobs.set(at, id);
  }
  return held;
}

async function addSubmodule(
  held: Held,
  { dir, at, id }: { readonly dir: string; readonly at: string; readonly id: string },
): Promise<void> {
  try {
    // Without a repository of its own there, git would answer for the one around it.
    lstatSync(path.join(dir, at, '.git'));
    const inside = await heldBy(id, dir, at);
    for (const [file, blob] of inside.blobs) held.blobs.set(file, blob);
    for (const [file, blob] of inside.links) held.links.set(file, blob);
    held.submodules.push(...inside.submodules, at);
    held.untold.push(...inside.untold);
    held.unknown.push(...inside.unknown);
  } catch (error) {
    held.untold.push(at);
    held.unknown.push(`submodule ${at}: ${reasonOf(error)}`);
  }
}

interface Where {
  /** As it was named, and as it is without links. */
  readonly folder: string;
  readonly dir: string;
  readonly cwd: string;
  readonly algorithm: string;
}

/** By the path that a file has without links; by that of its link where git has not that link. */
function readAs(
  sources: readonly SourceFile[],
  { folder, dir, cwd, algorithm }: Where,
  { links }: Held,
): Map<string, ReadFile> {
  const read = new Map<string, ReadFile>();
  const isCommitted = (link: string): boolean =>
    links.get(keyOf(path.relative(dir, link))) ===
    blobOf(Buffer.from(readlinkSync(link)), algorithm);
  for (const { path: shown, bytes } of sources) {
    const named = path.join(dir, path.relative(folder, path.resolve(cwd, shown)));
    const real = realpathSync(named);
    const link = real === named ? null : linkAbove(named, dir);
    const at = link === null || isCommitted(link) ? real : named;
    read.set(keyOf(path.relative(dir, at)), { shown, blob: blobOf(bytes, algorithm) });
  }
  return read;
}

function blobOf(bytes: Uint8Array, algorithm: string): string {
  return createHash(algorithm).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/**
 * Adds to both sides the files by which manifests are left out: whoever changes one changes what is
 * applied. Returns what they leave out.
 */
async function heldToRules(
  held: Held,
  read: Map<string, ReadFile>,
  { folder, dir, cwd, top, commit, algorithm }: Where & { top: string; commit: string | null },
): Promise<(at: string) => boolean> {
  const outermost = topFor(dir, dir);
  const way = path.relative(outermost, dir).split(path.sep);
  const above = path.relative(outermost, dir) === '' ? [] : way.map(() => '..');
  const folders = new Set(above.map((_up, index) => above.slice(index).join('/')));
  for (const at of [...read.keys(), ...held.blobs.keys()]) {
    for (let one = path.posix.dirname(at); !folders.has(one); one = path.posix.dirname(one)) {
      folders.add(one);
    }
  }
  for (const one of folders) {
    const at = path.posix.join(one, IGNORE_FILE);
    const bytes = await readFile(path.join(dir, at)).catch(() => null);
    if (bytes === null) continue;
    const shown = path.relative(cwd, path.join(folder, at)).split(path.sep).join('/');
    read.set(at, { shown, blob: blobOf(bytes, algorithm) });
  }
  const names = above.map((_up, index) => path.join(dir, ...above.slice(index), IGNORE_FILE));
  if (commit !== null && names.length > 0) {
    const listing = await git(top, 'ls-tree', '-z', commit, '--', ...names);
    for (const line of listing.split('\0')) {
      const [, id = '', name = ''] = /^\d+ blob ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
      if (name !== '') held.blobs.set(keyOf(path.relative(dir, path.join(top, name))), id);
    }
  }
  const rules = leftOutBelow(outermost, (file) => file);
  return (at) => rules.has(belowTop(outermost, path.join(dir, at)));
}

/** The outermost link on the way from `dir` to `file`; `null` where there is none. */
function linkAbove(file: string, dir: string): string | null {
  const names = path.relative(dir, file).split(path.sep);
  for (const end of names.keys()) {
    const at = path.join(dir, ...names.slice(0, end + 1));
    if (lstatSync(at).isSymbolicLink()) return at;
  }
  return null;
}

/** Some file systems spell a name otherwise than git does. */
function keyOf(at: string): string {
  return at.split(path.sep).join('/').normalize('NFC');
}

function only(
  blobs: ReadonlyMap<string, string>,
  read: ReadonlyMap<string, unknown>,
): Map<string, string> {
  return new Map([...blobs].filter(([at]) => read.has(at)));
}

interface Repository {
  readonly dir: string;
  /** Its top, and where that is below `dir`; `null` for the one that `dir` is in. */
  readonly repository: string;
  readonly below: string | null;
}

/**
 * Takes out what is only spelled otherwise on disk: line ends, or what a filter has made of it.
 * Returns why git could not tell.
 */
async function withoutFiltered(
  apart: Map<string, Apart>,
  { blobs, submodules }: Held,
  { dir, repository, below }: Repository,
): Promise<string[]> {
  const homeOf = (at: string): string | null =>
    submodules.find((one) => at.startsWith(`${one}/`)) ?? null;
  const changed = [...apart].flatMap(([at, { how }]) =>
    how === 'changed' && homeOf(at) === below ? [at] : [],
  );
  if (changed.length === 0) return [];
  try {
    const names = changed.map((at) => path.relative(repository, path.join(dir, at)));
    const ids = await filtered(names, repository);
    for (const [index, at] of changed.entries()) {
      if (ids[index] === blobs.get(at)) apart.delete(at);
    }
    return [];
  } catch (error) {
    return [`its filters do not say what it would keep (${reasonOf(error)})`];
  }
}

/** Paths are from the top of the repository: git takes them so. */
async function filtered(files: readonly string[], top: string): Promise<string[]> {
  const { spawn } = await import('node:child_process');
  const child = spawn('git', ['hash-object', '--stdin-paths'], {
    cwd: top,
    timeout: TIMEOUT_MS,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
  child.stdin.on('error', () => undefined);
  const code = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  child.stdin.end(files.map((file) => `${file}\n`).join(''));
  const stderr = (): string => Buffer.concat(err).toString();
  if ((await code) !== 0) throw Object.assign(new Error('git failed'), { stderr: stderr() });
  return Buffer.concat(out).toString().split('\n');
}

async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  return (await run('git', args, { cwd, timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES })).stdout;
}

/** What git said, or that there is none to ask. */
function reasonOf(error: unknown): string {
  const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: unknown };
  if (code === 'ENOENT') return 'there is no git, or nothing is checked out';
  const [line = ''] = typeof stderr === 'string' ? stderr.trim().split('\n') : [];
  if (line === '' && error instanceof Error && stderr === undefined) return error.message;
  return line === '' ? 'git gave no answer' : line.replace(/^fatal: /, '');
}
