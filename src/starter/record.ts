/**
 * What `init` and `upgrade` have written, kept in git beside it: with which settings, and which
 * bytes. What still has these bytes is nobody's, and may be written anew.
 */
import { isObject, textOf, type Json, type JsonObject } from '../core/json.js';
import type { RepositorySettings } from './repository.js';
import { toTop, type WorkflowSettings } from './workflows.js';

export const RECORD_FILE = '.strategos-init.json';

export interface StarterSettings extends RepositorySettings, WorkflowSettings {
  readonly patience: boolean;
}

export interface StarterRecord {
  readonly settings: StarterSettings;
  /** By file, from the folder of manifests: the name that git gives to the bytes. */
  readonly files: ReadonlyMap<string, string>;
}

export function recordText({ settings, files }: StarterRecord): string {
  // The same record has the same bytes, whoever made it.
  const sorted = (entries: readonly [string, unknown][]): object =>
    Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  const content = {
    note: 'Written by strategos init and strategos upgrade, which compares by it. Commit it.',
    format: 1,
    settings: sorted(Object.entries(settings)),
    files: sorted([...files]),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** `null` for no record of a form that is known, and for one that names what is elsewhere. */
export function recordIn(text: string): StarterRecord | null {
  const content = parsed(text);
  const { settings, files, format } = content;
  if (format !== 1 || !isObject(settings) || !isObject(files)) return null;
  const { host = null } = settings;
  const below = textOf(settings['below']);
  const isOwn = Object.keys(files).every((file) => isBelow(file, toTop(below)));
  // Whoever can push can write it: what it names elsewhere is not for us to write or remove.
  if (!isOwn || (below !== '' && !isBelow(below, ''))) return null;
  if (/[/\\]/.test(textOf(settings['workflowPrefix']))) return null;
  return {
    settings: {
      environment: textOf(settings['environment']),
      host: typeof host === 'string' ? host : null,
      packageSpec: textOf(settings['packageSpec']),
      branch: textOf(settings['branch']),
      below,
      codeowners: settings['codeowners'] === true,
      workflowPrefix: textOf(settings['workflowPrefix']),
      patience: settings['patience'] === true,
    },
    files: new Map(Object.entries(files).map(([file, id]) => [file, textOf(id)])),
  };
}

/** A plain path with forward slashes, after `start` at most. */
function isBelow(file: string, start: string): boolean {
  const rest = file.startsWith(start) ? file.slice(start.length) : file;
  return !/[\\\0]/.test(rest) && rest.split('/').every((part) => !/^\.{0,2}$/.test(part));
}

function parsed(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** The manifests are a team's from the first, and so is what names its own package. */
export function isTeams(file: string): boolean {
  return file.startsWith('strategies/') || file === 'package.json' || file === RECORD_FILE;
}

/** What becomes of a file. `left`: a team's, and this version has something else. */
export type Step =
  | { readonly is: 'same' | 'gone'; readonly file: string }
  | { readonly is: 'new' | 'replaced' | 'merged'; readonly file: string; readonly text: string }
  | { readonly is: 'removed'; readonly file: string }
  | { readonly is: 'left'; readonly file: string; readonly text: string };

export interface FileSides {
  readonly file: string;
  /** What there is; `null` for nothing. */
  readonly there: string | null;
  /** What this version writes; `null` where it writes no such file any more. */
  readonly next: string | null;
  /** Whether what there is has the bytes that were written; `null` where nobody knows. */
  readonly isAsWritten: boolean | null;
  /** Both changes in one text; `null` where they meet in one place, or cannot be told. */
  readonly merged: string | null;
}

/** Three ways: what was written, what a team has made of it, and what this version writes. */
export function stepOf({ file, there, next, isAsWritten, merged }: FileSides): Step {
  if (there === next) return { is: 'same', file };
  if (next === null) return { is: isAsWritten === true ? 'removed' : 'same', file };
  if (there === null) {
    // What was written and is not there was taken out by somebody.
    return isAsWritten === null ? { is: 'new', file, text: next } : { is: 'gone', file };
  }
  if (isAsWritten === true) return { is: 'replaced', file, text: next };
  if (merged === null) return { is: 'left', file, text: next };
  return merged === there ? { is: 'same', file } : { is: 'merged', file, text: merged };
}
