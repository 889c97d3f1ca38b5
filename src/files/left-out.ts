/**
 * Which files of a folder are no manifests because somebody says so: `.strategosignore`, in that
 * folder, below it, and above it up to the top of the repository, as git reads `.gitignore`.
 */
import { isUtf8 } from 'node:buffer';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import type { Issue } from '../core/issue.js';
import { MAX_FILE_BYTES } from '../core/source.js';
import { topAbove } from './checkout.js';

export const IGNORE_FILE = '.strategosignore';

/** The rules of one file; `null` for a folder without. Throws where they cannot be read. */
type RulesIn = (folder: string) => string | null;

export class LeftOut {
  readonly #rules = new Map<string, Ignore | null>();
  /** Files that could not be read, and patterns that are refused. */
  readonly issues: Issue[] = [];

  /** Paths are below the outermost folder, with forward slashes; so are those of `rulesIn`. */
  constructor(
    private readonly rulesIn: RulesIn,
    private readonly shownAt: (file: string) => string,
  ) {}

  /** Whether a file, or a folder above it, is left out. */
  has(at: string): boolean {
    const names = at.split('/');
    return names.some((_name, index) => {
      const isFolder = index < names.length - 1;
      return this.#isLeftOut(names.slice(0, index + 1).join('/'), isFolder);
    });
  }

  /** Whether a folder, or one above it, is left out. */
  hasFolder(at: string): boolean {
    return at !== '' && this.has(`${at}/.`);
  }

  /** The innermost file that has a rule for it decides. */
  #isLeftOut(at: string, isFolder: boolean): boolean {
    const names = at.split('/');
    for (let depth = names.length - 1; depth >= 0; depth -= 1) {
      const rules = this.#of(names.slice(0, depth).join('/'));
      if (rules === null) continue;
      const below = names.slice(depth).join('/');
      if (below === '.' || below === '') continue;
      const { ignored, unignored } = rules.test(isFolder ? `${below}/` : below);
      if (ignored || unignored) return ignored;
    }
    return false;
  }

  #of(folder: string): Ignore | null {
    const known = this.#rules.get(folder);
    if (known !== undefined) return known;
    const rules = this.#read(folder);
    this.#rules.set(folder, rules);
    return rules;
  }

  #read(folder: string): Ignore | null {
    const file = path.posix.join(folder, IGNORE_FILE);
    try {
      const text = this.rulesIn(folder);
      if (text === null) return null;
      const lines = text.split(/\r?\n/);
      const conflict = lines.findIndex((line) => line.startsWith('<<<<<<< '));
      if (conflict !== -1) {
        const mend = 'keep one side, and remove the lines with <<<<<<<, ======= and >>>>>>>';
        this.#issue(file, conflict + 1, 'git has left a merge conflict here', mend);
        return null;
      }
      const costly = lines.findIndex((line) => (line.match(/\*+/g)?.length ?? 0) > MOST_STARS);
      if (costly === -1) return ignore({ ignorecase: false }).add(lines);
      const hint = 'write it as several patterns';
      this.#issue(file, costly + 1, `more than ${MOST_STARS} times * in one pattern`, hint);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const hint = 'save it as a file in UTF-8 that can be read';
      this.#issue(file, 1, `cannot be read (${code ?? String(error)})`, hint);
    }
    return null;
  }

  #issue(file: string, line: number, message: string, hint: string): void {
    const at = { file: this.shownAt(file), line, column: 1 };
    this.issues.push({ code: 'left-out-unclear', severity: 'error', at, message, hint });
  }
}

/** A name that is made for it takes as many steps as its length to the power of the stars. */
const MOST_STARS = 4;

/** Of files on disk: `top` is the outermost folder whose rules count. */
export function leftOutBelow(top: string, shownAt: (file: string) => string): LeftOut {
  return new LeftOut(
    (folder) => rulesAt(path.join(top, folder, IGNORE_FILE)),
    (file) => shownAt(path.join(top, file)),
  );
}

/** The outermost folder whose rules count for the manifests of `folder`, both without links. */
export function topFor(folder: string, cwd: string): string {
  const top = topAbove(folder);
  if (top !== null) return top;
  const way = path.relative(cwd, folder);
  if (way !== '' && !way.startsWith('..') && !path.isAbsolute(way)) return cwd;
  // Called from elsewhere, or from within: what stands beside the folder counts all the same.
  const above = path.dirname(folder);
  return existsSync(path.join(above, IGNORE_FILE)) ? above : folder;
}

/** As paths of rules are. */
export function belowTop(top: string, file: string): string {
  const before = top.endsWith(path.sep) ? top : top + path.sep;
  // Neither has links or dots: mostly one is the beginning of the other.
  const below = file.startsWith(before) ? file.slice(before.length) : path.relative(top, file);
  return path.sep === '/' ? below : below.split(path.sep).join('/');
}

function rulesAt(file: string): string | null {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return null;
  // A pipe would be waited for as long as nobody writes.
  if (!found.isFile() && !found.isDirectory()) throw unread('it is no file');
  if (found.size > MAX_FILE_BYTES) throw unread(`the file has ${found.size} bytes`);
  const bytes = readFileSync(file);
  // Read as something else, no pattern would fit: what is left out would be applied.
  if (!isUtf8(bytes) || bytes.includes(0)) throw unread('it is not UTF-8');
  return bytes.toString('utf8');
}

function unread(code: string): Error {
  return Object.assign(new Error(code), { code });
}
