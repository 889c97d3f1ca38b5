/**
 * The chain of the runs in one folder. Each run names the last record of the run before it, and has
 * a number one above it: the clock of a machine may be wrong, and a name is only a name. Runs that
 * were at work at once have the same number; the next one names them all.
 */
import path from 'node:path';
import {
  linksOf,
  parseRecord,
  chainPlaceOf,
  type AuditRecord,
  type FolderLink,
  type FolderPlace,
} from '../core/audit.js';
import { InvalidInput } from '../core/errors.js';
import { byText } from '../core/issue.js';
import type { JsonObject } from '../core/json.js';
import { endOfLog, logText } from './ends.js';
import { AUDIT_FILE, isNoFolder, runIds } from './runs.js';

/** Where a new run stands: `detail` of its first record. */
export interface NewPlace extends FolderPlace {
  /** The run with the greatest number. */
  readonly previousRun: FolderLink | null;
  /** Others whose last record nobody has named yet. */
  readonly besides: readonly FolderLink[];
}

/** A folder that artifacts were collected in has as many runs that nobody has named. */
const MOST_BESIDES = 100;
/** Files are opened side by side: one after the other, a thousand runs would be noticed. */
const AT_ONCE = 32;

/** A run of which the first record can be read. */
export interface Known {
  readonly id: string;
  readonly place: FolderPlace;
  readonly first: AuditRecord;
}

/**
 * The place of the run `self` behind all that are in the folder. Reads the ends of the files alone:
 * whether they are intact is the business of `readRun`.
 */
export async function placeIn(runsDir: string, self: string): Promise<NewPlace> {
  // What is no folder has no runs, and whoever makes one there is told. What has some, and is not
  // to be listed or read, is another matter: a chain that is begun anew leaves those before out.
  const ids = await runIds(runsDir).catch((error: unknown) => {
    if (error instanceof InvalidInput && isNoFolder(error)) return [];
    throw error;
  });
  const known = await knownAmong(runsDir, ids);
  const named = new Map<string, FolderLink>();
  for (const { first } of known) {
    for (const link of linksOf(first)) {
      if (link.seq >= (named.get(link.run)?.seq ?? 0)) named.set(link.run, link);
    }
  }
  // What a run said after it was named, nobody has named yet; one that had ended says no more.
  const open = known.filter(({ id }) => named.get(id)?.ended !== true).sort(byNumber);
  const links = await sideBySide(open, async (one) => linkTo(runsDir, one));
  const tips = links.flatMap((link) =>
    link === null || link.seq <= (named.get(link.run)?.seq ?? 0) ? [] : [link],
  );
  const [previousRun = null, ...besides] = tips;
  return {
    chain: previousRun?.chain ?? self,
    number: Math.max(0, ...known.map(({ place }) => place.number)) + 1,
    previousRun,
    besides: besides.slice(0, MOST_BESIDES),
  };
}

/** As a part of the first record. */
export function placeDetail({ chain, number, previousRun, besides }: NewPlace): JsonObject {
  const folder = { chain, number };
  const others = besides.length === 0 ? {} : { besides: besides.map((link) => ({ ...link })) };
  return { folder, previousRun: previousRun === null ? null : { ...previousRun }, ...others };
}

/** The greatest number first; among those of one number, the one that began last by its name. */
function byNumber(a: Known, b: Known): number {
  return b.place.number - a.place.number || (a.id < b.id ? 1 : -1);
}

/** What is known of the runs in a folder by their first records, in the order of their names. */
export async function runsIn(runsDir: string): Promise<Known[]> {
  return knownAmong(runsDir, await runIds(runsDir));
}

/**
 * The ids of all runs in a folder, oldest first: by their names, as long as no run of a chain would
 * come before one that it follows. A clock that was set back makes no run older.
 */
export async function idsInOrder(runsDir: string): Promise<string[]> {
  const ids = await runIds(runsDir);
  const places = new Map((await knownAmong(runsDir, ids)).map(({ id, place }) => [id, place]));
  // What has no place that can be read has its name alone.
  return inOrder(ids.map((id) => ({ id, place: places.get(id) ?? { chain: id, number: 0 } })));
}

/** By their names; a run whose chain has a later name before it stands behind that one. */
export function inOrder(runs: readonly Pick<Known, 'id' | 'place'>[]): string[] {
  const latest = new Map<string, string>();
  return [...runs]
    .sort((a, b) => a.place.number - b.place.number || byText(a.id, b.id))
    .map(({ id, place }) => {
      const before = latest.get(place.chain) ?? '';
      const from = before > id ? before : id;
      latest.set(place.chain, from);
      return { id, from, number: place.number };
    })
    .sort((a, b) => byText(a.from, b.from) || a.number - b.number || byText(a.id, b.id))
    .map(({ id }) => id);
}

async function knownAmong(runsDir: string, ids: readonly string[]): Promise<Known[]> {
  const known = await sideBySide(ids, async (id) => knownIn(runsDir, id));
  return known.flatMap((one) => one ?? []);
}

async function knownIn(runsDir: string, id: string): Promise<Known | null> {
  const file = path.join(runsDir, id, AUDIT_FILE);
  const begin = await endOfLog(file, 'first');
  const first = recordIn(begin) ?? (begin === '' ? null : recordIn(await logText(file)));
  return first === null
    ? null
    : { id, first, place: chainPlaceOf(first) ?? { chain: id, number: 0 } };
}

function recordIn(text: string): AuditRecord | null {
  const end = text.indexOf('\n');
  return end === -1 ? null : parseRecord(text.slice(0, end));
}

async function linkTo(runsDir: string, { id, place }: Known): Promise<FolderLink | null> {
  const file = path.join(runsDir, id, AUDIT_FILE);
  const text = await endOfLog(file, 'last');
  const record = lastIn(text) ?? lastIn(await logText(file));
  if (record === null) return null;
  const { seq, digest, type } = record;
  return { run: id, seq, digest, ...place, ended: type === 'run-ended' };
}

function lastIn(text: string): AuditRecord | null {
  const end = text.lastIndexOf('\n');
  if (end === -1) return null;
  return parseRecord(text.slice(text.lastIndexOf('\n', end - 1) + 1, end));
}

async function sideBySide<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(act))));
  }
  return results;
}
