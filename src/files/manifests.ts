/** Manifests in: which files of a folder are manifests, and their bytes. Nothing is parsed here. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { byText } from '../core/issue.js';
import type { Issue } from '../core/issue.js';
import { checkoutIssues, topAbove } from './checkout.js';
import { belowTop, IGNORE_FILE, leftOutBelow, topFor, type LeftOut } from './left-out.js';
import { MAX_FILE_BYTES } from '../core/source.js';
import type { SourceFile } from '../core/source.js';

export interface ManifestFiles {
  /** In code-unit order of their paths; files of rows after all manifests. */
  readonly sources: SourceFile[];
  readonly issues: Issue[];
}

/**
 * The bytes of every `*.yaml` and `*.yml` below the given folders, at any depth, and of the files
 * given by name; and of the CSV files that they name, below those folders. Folders whose name
 * begins with a dot and `node_modules` are skipped, and what `.strategosignore` leaves out. A link
 * is followed only to what lies below the folder given; every file is read once, whatever leads to
 * it. Never rejects: what cannot be read is an issue. Paths are shown relative to `cwd`, with
 * forward slashes. `isPart`: of a folder of manifests, in which their CSV files may stand higher.
 */
export async function readManifests(
  paths: string | readonly string[],
  cwd: string,
  isPart = false,
): Promise<ManifestFiles> {
  const search = new Search(cwd);
  for (const path of [paths].flat()) await search.given(resolve(cwd, path));
  const files = [...search.files].sort((a, b) => byText(a.shown, b.shown));
  const sources: SourceFile[] = [];
  for (const file of files) {
    const bytes = read(file);
    if ('code' in bytes) search.issues.push(bytes);
    else sources.push({ path: file.shown, bytes });
  }
  if (mayNameTables(sources)) {
    const shown = (path: string): string => search.shown(path);
    const { readTables } = await import('./tables-beside.js');
    const roots = isPart ? search.roots.map((one) => higher(one, sources, cwd)) : search.roots;
    sources.push(...(await readTables([...new Set(roots)], sources, shown, isSkipped)));
  }
  search.issues.sort((a, b) => byText(a.at?.file ?? '', b.at?.file ?? ''));
  return { sources, issues: search.issues };
}

/** Whether a manifest of these may have rows in a file of its own. */
function mayNameTables(manifests: readonly SourceFile[]): boolean {
  return manifests.some(({ bytes }) => Buffer.from(bytes).includes('.csv'));
}

/** As far up from the folder as a manifest names a file, and not out of the checkout, or `cwd`. */
function higher(folder: string, manifests: readonly SourceFile[], cwd: string): string {
  const ups = manifests.flatMap(({ bytes }) => Buffer.from(bytes).toString().match(UPWARDS) ?? []);
  const most = Math.max(0, ...ups.map((one) => one.length / '../'.length));
  if (most === 0) return folder;
  const outermost = topAbove(realpathSync.native(folder)) ?? realpathSync.native(cwd);
  let top = folder;
  for (let up = 0; up < most && isBelow(realpathSync.native(top), outermost); up += 1) {
    top = dirname(top);
  }
  return top;
}

const UPWARDS = /(?:\.\.\/)+/g;

function isBelow(folder: string, top: string): boolean {
  const from = relative(top, folder);
  return from !== '' && from !== '..' && !from.startsWith(`..${sep}`);
}

interface FoundFile {
  readonly path: string;
  readonly shown: string;
}

/** Of a path without links. */
type IsLeftOut = (real: string, isFolder: boolean) => boolean;

interface Rules {
  readonly top: string;
  readonly rules: LeftOut;
}

/** Looks at once and not in the background: nothing else is under way. */
class Search {
  readonly files: FoundFile[] = [];
  readonly issues: Issue[] = [];
  /** Folders that were given, and those of the files that were. */
  readonly roots: string[] = [];
  readonly #cwd: string;
  /** Real paths of folders and files that were reached: a loop of links ends here. */
  readonly #seen = new Set<string>();
  /** Manifests that were come upon, those reached before included. */
  #met = 0;
  /** What is left out, by the outermost folder whose rules count. */
  readonly #leftOut = new Map<string, LeftOut>();
  /** How much was left out of the folder that is looked through. */
  #skipped = 0;

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** A path that somebody named: a folder, or a file whatever its ending. */
  async given(path: string): Promise<void> {
    try {
      const real = realpathSync.native(path);
      const found = statSync(real);
      this.roots.push(found.isDirectory() ? path : dirname(path));
      if (found.isDirectory()) {
        const top = topFor(real, realpathSync.native(this.#cwd));
        const rules = this.#rulesBelow(top);
        this.#folder(path, real, { top, rules });
        const isLeftOut = (at: string): boolean => rules.has(belowTop(top, join(real, at)));
        this.issues.push(...(await checkoutIssues(real, this.shown(path), isLeftOut)));
      } else if (found.isFile()) this.#file(path, real);
      else
        this.#issue('not-a-file', path, 'neither a file nor a folder', 'give a file or a folder');
    } catch (error) {
      this.#unreadable(path, error, this.#above(path) ?? GIVEN_HINT);
    }
  }

  /** Whoever stands in a folder below is told where what he means is. */
  #above(path: string): string | null {
    const name = relative(this.#cwd, path);
    if (name === '' || name.startsWith('..')) return null;
    for (let up = 1; up <= MOST_ABOVE; up += 1) {
      const folder = join(...Array<string>(up).fill('..'));
      const at = join(folder, name);
      const isThere = existsSync(join(this.#cwd, at));
      if (isThere) return `${shownPath(at)} is there: cd ${shownPath(folder)} first`;
    }
    return null;
  }

  /** Manifests and what is wrong, so far: a folder without either is empty. */
  #said(): number {
    return this.#met + this.issues.filter(({ severity }) => severity === 'error').length;
  }

  #rulesBelow(top: string): LeftOut {
    const known = this.#leftOut.get(top);
    if (known !== undefined) return known;
    const rules = leftOutBelow(top, (file) => this.shown(file));
    this.#leftOut.set(top, rules);
    return rules;
  }

  #folder(path: string, root: string, { top, rules }: Rules): void {
    const before = this.#said();
    this.#skipped = 0;
    const links: string[] = [];
    const isLeftOut = (real: string, isFolder: boolean): boolean => {
      const at = belowTop(top, real);
      const isOut = isFolder ? rules.hasFolder(at) : rules.has(at);
      if (isOut) this.#skipped += 1;
      return isOut;
    };
    this.#below(path, links, isLeftOut);
    // What is reached without a link keeps the name that it has without one.
    for (let link = links.shift(); link !== undefined; link = links.shift()) {
      this.#link(link, root, links, isLeftOut);
    }
    this.issues.push(...rules.issues.splice(0));
    if (this.#said() > before) return;
    const message =
      this.#skipped === 0
        ? 'no manifest in this folder'
        : `no manifest in this folder: ${IGNORE_FILE} leaves out all that is there`;
    const hint = 'strategos init writes the first ones; or write *.yaml or *.yml files there';
    this.#issue('no-manifests', path, message, hint);
  }

  #below(folder: string, links: string[], isLeftOut: IsLeftOut): void {
    try {
      const real = realpathSync.native(folder);
      if (this.#seen.has(real)) {
        this.#met += 1;
        return;
      }
      this.#seen.add(real);
      if (isLeftOut(real, true)) return;
      const entries = readdirSync(folder, { withFileTypes: true });
      const [before, beforeReal] = [beforeNames(folder), beforeNames(real)];
      const beforeShown = this.shown(`${before}x`).slice(0, -1);
      for (const entry of entries.sort((a, b) => byText(a.name, b.name))) {
        const path = before + entry.name;
        if (entry.isSymbolicLink()) {
          if (!isSkipped(entry.name)) links.push(path);
        } else if (entry.isDirectory()) {
          if (!isSkipped(entry.name)) this.#below(path, links, isLeftOut);
        } else if (isManifest(entry.name)) {
          const file = beforeReal + entry.name;
          if (isLeftOut(file, false)) continue;
          if (entry.isFile()) this.#file(path, file, beforeShown + printable(entry.name));
          else this.#notAFile(path);
        } else if (entry.isFile() && isNearlyManifest(entry.name)) {
          if (!isLeftOut(beforeReal + entry.name, false)) this.#passedOver(path);
        }
      }
    } catch (error) {
      this.#unreadable(folder, error, 'make the folder readable');
    }
  }

  #link(path: string, root: string, links: string[], isLeftOut: IsLeftOut): void {
    try {
      if (isLeftOut(join(realpathSync.native(dirname(path)), basename(path)), false)) return;
      const real = realpathSync.native(path);
      const isInside = real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
      const found = statSync(real);
      if (!found.isDirectory() && !isManifest(path)) return;
      if (!isInside) {
        const message = 'the link leads out of the folder and is not followed';
        this.#issue('link-outside', path, message, 'put a copy in its place, or remove the link');
      } else if (found.isDirectory()) {
        this.#below(path, links, isLeftOut);
      } else if (!isLeftOut(real, false)) {
        if (found.isFile()) this.#file(path, real);
        else this.#notAFile(path);
      }
    } catch (error) {
      this.#unreadable(path, error, 'mend the link, or remove it');
    }
  }

  /** A manifest by its name, and something else: passed over, it would be gone from git. */
  #notAFile(path: string): void {
    this.#issue('not-a-file', path, 'a pipe, a socket or a device', 'put a file in its place');
  }

  #passedOver(path: string): void {
    const at = { file: this.shown(path), line: 1, column: 1 };
    const message = `not read: its name ends with ${extname(path)}, in other letters`;
    const hint = `rename it: manifests end with ${extname(path).toLowerCase()}`;
    this.issues.push({ code: 'odd-file-name', severity: 'warning', at, message, hint });
  }

  #file(path: string, real: string, shown = this.shown(path)): void {
    this.#met += 1;
    if (this.#seen.has(real)) return;
    this.#seen.add(real);
    // Such a name would write to the terminal of whoever reads the issue.
    if (/[\u0000-\u001f\u007f-\u009f]/.test(path)) {
      this.#issue('odd-file-name', path, 'a control character in the name', 'rename the file');
      return;
    }
    this.files.push({ path, shown });
  }

  #unreadable(path: string, error: unknown, hint: string): void {
    const reason = reasonOf(error);
    const code = reason === MISSING ? 'missing-path' : 'unreadable';
    this.#issue(code, path, reason, hint);
  }

  #issue(code: string, path: string, message: string, hint: string): void {
    const at = { file: this.shown(path), line: 1, column: 1 };
    this.issues.push({ code, severity: 'error', at, message, hint });
  }

  shown(path: string): string {
    const text = printable(relative(this.#cwd, path).split(sep).join('/'));
    return text === '' ? '.' : text;
  }
}

/** What a path has before each name in a folder: thousands of them are not taken apart again. */
function beforeNames(folder: string): string {
  return join(folder, 'x').slice(0, -1);
}

function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}

/** So many folders up somebody may have come down. */
const MOST_ABOVE = 3;

function shownPath(path: string): string {
  return path.split(sep).join('/');
}

const GIVEN_HINT = 'check the path, or name the folder with --dir; strategos init starts one';

function isManifest(name: string): boolean {
  return /\.ya?ml$/.test(name);
}

/** In capitals: what some systems make of a name, and others read as the same. */
function isNearlyManifest(name: string): boolean {
  return /\.ya?ml$/i.test(name);
}

/** Version control, packages, editors' and tools' own folders. */
function isSkipped(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules';
}

/** For files of this size a round through the thread pool costs several times the read. */
function read({ path, shown }: FoundFile): Uint8Array | Issue {
  const issue = (code: string, message: string, hint: string): Issue => ({
    code,
    severity: 'error',
    at: { file: shown, line: 1, column: 1 },
    message,
    hint,
  });
  let handle: number | null = null;
  try {
    handle = openSync(path, 'r');
    const bytes = bytesIn(handle);
    if (bytes === null) {
      const { size } = fstatSync(handle);
      const message = `the file has ${size} bytes; the limit is ${MAX_FILE_BYTES}`;
      return issue('file-too-large', message, 'split it into several files');
    }
    if (!bytes.subarray(0, LFS.length).equals(LFS)) return bytes;
    const message = 'a pointer of Git LFS: the manifest itself was not fetched';
    return issue('lfs-pointer', message, 'git lfs pull; on GitHub: lfs: true at actions/checkout');
  } catch (error) {
    return issue('unreadable', reasonOf(error), 'make the file readable');
  } finally {
    if (handle !== null) closeSync(handle);
  }
}

/** Room for one file, made once: most are small, and asking for the size of each takes as long. */
let room: Buffer | null = null;

/** `null` for a file that is too large. */
function bytesIn(handle: number): Buffer | null {
  room ??= Buffer.allocUnsafe(MAX_FILE_BYTES + 1);
  let length = 0;
  for (let read = -1; read !== 0 && length < room.length; length += read) {
    read = readSync(handle, room, length, room.length - length, null);
  }
  return length > MAX_FILE_BYTES ? null : Buffer.from(room.subarray(0, length));
}

/** What a file begins with in whose place Git LFS keeps another. */
const LFS = Buffer.from('version https://git-lfs.github.com/spec/');

const MISSING = 'there is no such file or folder';

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return MISSING;
    case 'EACCES':
    case 'EPERM':
      return 'reading it is not permitted';
    case 'ELOOP':
      return 'a link that leads to itself';
    default:
      return `it cannot be read${code === '' ? '' : ` (${code})`}`;
  }
}
