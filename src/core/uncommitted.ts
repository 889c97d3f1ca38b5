/**
 * What was read and the commit does not have: whoever looks up the commit that a record names must
 * not take for what was applied what is there.
 */
import { byText } from './issue.js';
import type { JsonObject } from './json.js';
import { plural } from './plural.js';

export interface Apart {
  /** As the files of manifests are shown. */
  readonly file: string;
  /** `untracked`: the commit has no such file; `removed`: it has one, and it was not there. */
  readonly how: 'changed' | 'untracked' | 'removed';
}

export interface Uncommitted {
  /** By name; the first hundred. */
  readonly files: readonly Apart[];
  /** Of all of them. */
  readonly count: number;
  /** Why git could not tell, of some or of all; `null` where it told. */
  readonly unknown: string | null;
}

/** A file as it was read. */
export interface ReadFile {
  readonly shown: string;
  /** Of its bytes, as git would name them. */
  readonly blob: string;
}

/**
 * Both by the path below the folder of manifests, without links. What `held` has of other names
 * than manifests matters only where it was read; `isLeftOut` for what is no manifest either.
 */
export function apartFrom(
  held: ReadonlyMap<string, string>,
  read: ReadonlyMap<string, ReadFile>,
  shownAt: (at: string) => string,
  isLeftOut: (at: string) => boolean = () => false,
): Map<string, Apart> {
  const apart = new Map<string, Apart>();
  for (const [at, { shown: file, blob }] of read) {
    const committed = held.get(at);
    if (committed === undefined) apart.set(at, { file, how: 'untracked' });
    else if (committed !== blob) apart.set(at, { file, how: 'changed' });
  }
  for (const at of held.keys()) {
    if (read.has(at) || !isRead(at) || isLeftOut(at)) continue;
    apart.set(at, { file: shownAt(at), how: 'removed' });
  }
  return apart;
}

/** As `readManifests` finds them, and what it goes by when it leaves some out. */
function isRead(at: string): boolean {
  const names = at.split('/');
  const isRules = names.at(-1) === '.strategosignore';
  const way = isRules ? names.slice(0, -1).filter((one) => one !== '..') : names;
  return (isRules || /\.ya?ml$/.test(at)) && !way.some((one) => /^\.|^node_modules$/.test(one));
}

const MOST_FILES = 100;

/** `null` where the commit has everything, and git has said so. */
export function uncommittedOf(
  apart: Iterable<Apart>,
  unknown: readonly string[],
): Uncommitted | null {
  const all = [...apart].sort((a, b) => byText(a.file, b.file));
  if (all.length === 0 && unknown.length === 0) return null;
  const why = unknown.length === 0 ? null : [...new Set(unknown)].join('; ');
  return { files: all.slice(0, MOST_FILES), count: all.length, unknown: why };
}

/** For records; nothing where the commit says it all. */
export function uncommittedDetail(uncommitted: Uncommitted | null | undefined): JsonObject {
  if (!uncommitted) return {};
  const { files, count, unknown } = uncommitted;
  return { uncommitted: { files: files.map((one) => ({ ...one })), count, unknown } };
}

/** ` + changes`, ` (+ changes: git cannot tell)`, or nothing: what stands behind a commit. */
export function commitSuffix(uncommitted: Uncommitted | null | undefined): string {
  if (!uncommitted) return '';
  return uncommitted.count > 0 ? ' + changes' : ' (changes unknown)';
}

const SHOWN = 3;
const WORDS = { changed: 'changed', untracked: 'not in it', removed: 'removed' } as const;

/** `commit 0123456789ab + changes: strategies/one.yaml (changed) and 4 more` */
export function uncommittedText(
  commit: string | null,
  { files, count, unknown }: Uncommitted,
): string {
  const name = commit === null ? 'a commit' : `commit ${commit.slice(0, 12)}`;
  const some = files.slice(0, SHOWN).map(({ file, how }) => `${file} (${WORDS[how]})`);
  const more = count > some.length ? ` and ${count - some.length} more` : '';
  const apart =
    count === 0
      ? ''
      : `${commit === null ? 'no commit' : `${name} + changes`}: ${some.join(', ')}${more}; ` +
        `${plural(count, 'file')} ${count === 1 ? 'is' : 'are'} not committed as ` +
        `${count === 1 ? 'it was' : 'they were'} read`;
  const untold =
    unknown === null ? '' : `git cannot tell whether ${name} has what was read: ${unknown}`;
  return [apart, untold].filter((part) => part !== '').join('; ');
}
