/**
 * What manifests can say of an object, where the platform takes more than they do: a folder that
 * was exported is always valid. A value that no manifest can say is left to the org, as whatever a
 * manifest leaves out is; an object that cannot do without it, or that nobody can name, is left out
 * as a whole.
 */
import { areTwins, folded, twinText } from '../core/alike.js';
import type { Catalog } from '../core/catalog.js';
import type { Field, RecordField } from '../core/fields.js';
import { groupedBy } from '../core/grouped.js';
import { hasErrors } from '../core/issue.js';
import { isObject, pointerKeys, pointerToken, type Json, type JsonObject } from '../core/json.js';
import { specOf } from '../core/manifest.js';
import { withReferences } from '../core/normalise.js';
import type { Address } from '../core/types.js';
import { kinds } from '../kinds/index.js';
import { misleadingCharacter } from './decode.js';
import { problemsOf, type Problem } from './load.js';
import { parseSource } from './parse.js';
import { MAX_DEPTH, PROTOTYPE_KEYS } from './walk.js';
import { pathText } from './wording.js';
import { documentText, manifestOf, type Said } from './write.js';

/** A value of an object that is left to the org. */
export interface Cut {
  readonly address: Address;
  /** `mediaSettings.call.alertingTimeoutSeconds` */
  readonly place: string;
  readonly why: string;
}

/** What keeps every manifest from saying the object. */
export interface Unsayable {
  readonly why: Problem;
  /** Its manifest lacks something, which a person may know. */
  readonly isUnfinished: boolean;
}

/** What an id is to stand for, though the org has a name for it. */
export type IsUnnamed = (to: string, name: string) => boolean;

const NOTHING: IsUnnamed = () => false;

/** The body that a manifest of the object can have. */
export function sayable(
  said: Said,
  backend: string,
  catalog: Catalog,
  isUnnamed = NOTHING,
): { readonly body: JsonObject; readonly cuts: readonly Cut[] } | Unsayable {
  const { live, body } = said;
  const kind = kinds[live.kind];
  const cuts: Cut[] = [];
  const isLong: IsUnnamed = (to, name) => name.length > LONGEST_NAME || isUnnamed(to, name);
  let problems = everyProblemOf(body, backend);
  let current = problems.length === 0 ? body : (bodyWithIds(said, catalog, isLong) ?? body);
  if (current !== body) problems = everyProblemOf(current, backend);
  const why = problems.find(isOfName) ?? problems[0];
  const isUnfinished = problems.every(({ code }) => code === 'missing-key');
  let [problem] = problems;
  while (problem !== undefined && why !== undefined) {
    const keys = kind === undefined ? null : keysToCut(kind.fields, current, problem.pointer);
    if (keys === null) return { why, isUnfinished };
    cuts.push({ address: live.address, place: keys.join('.'), why: problem.message });
    current = { ...current, spec: withoutKey(specOf({ body: current }), keys) };
    [problem] = everyProblemOf(current, backend);
  }
  return { body: current, cuts };
}

/** The schemas take no longer name of what a manifest refers to. */
const LONGEST_NAME = 256;

/** The same with ids in the place of some names; `null` where none is replaced. */
export function bodyWithIds(
  { live }: Said,
  catalog: Catalog,
  isUnnamed: IsUnnamed,
): JsonObject | null {
  const kind = kinds[live.kind];
  if (kind === undefined) return null;
  const replaced: string[] = [];
  const fields = withReferences(kind.fields, live.fields, (to, reference) => {
    if (typeof reference !== 'string' || !isUnnamed(to, reference)) return reference;
    const found = catalog.types.includes(to) ? catalog.resolve(to, reference) : null;
    if (found?.found !== true) return reference;
    replaced.push(reference);
    return { id: found.id };
  });
  return replaced.length === 0 ? null : manifestOf({ ...live, fields });
}

/** What a parser would refuse is said of what is about to be written as well. */
export function everyProblemOf(body: JsonObject, backend: string): Problem[] {
  const problems = problemsOf(body, backend);
  const unreadable = unreadableIn(body, '', 0);
  const size = unreadable === null ? tooMuchIn(body) : null;
  return [...problems, ...(unreadable ?? size ?? [])];
}

function unreadableIn(value: Json, at: string, depth: number): Problem[] | null {
  if (typeof value === 'string') return misleading(value, at);
  if (typeof value === 'number') {
    if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return null;
    return problemAt(at, 'number-too-large', 'larger than 2^53, so it cannot be kept exactly');
  }
  if (typeof value !== 'object' || value === null) return null;
  if (depth >= MAX_DEPTH)
    return problemAt(at, 'nested-too-deep', `nested more than ${MAX_DEPTH} levels`);
  for (const [key, one] of Object.entries(value)) {
    const below = `${at}/${pointerToken(key)}`;
    const isForbidden = !Array.isArray(value) && PROTOTYPE_KEYS.has(key);
    const found =
      (isForbidden ? problemAt(below, 'forbidden-key', 'this key has no place here') : null) ??
      misleading(key, below) ??
      unreadableIn(one, below, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

function misleading(text: string, at: string): Problem[] | null {
  const found = misleadingCharacter(text);
  return found === null ? null : problemAt(at, 'control-character', `a text holds ${found}`);
}

function problemAt(pointer: string, code: string, message: string): Problem[] {
  return [{ pointer, code, message: `${pathText(pointer)}: ${message}` }];
}

/** The greatest part of what a file has no room for. */
function tooMuchIn(body: JsonObject): Problem[] | null {
  // Most objects are far below what a file may hold, and are not written to find that out.
  if (sizeOf(body, MUCH) < MUCH) return null;
  const bytes = new TextEncoder().encode(documentText(body) + ' '.repeat(ROOM_FOR_COMMENTS));
  const { issues } = parseSource({ path: '', bytes });
  if (!hasErrors(issues)) return null;
  const sizes = Object.entries(specOf({ body })).map(([key, value]) => ({
    key,
    size: sizeOf(value, Infinity),
  }));
  const [greatest] = sizes.sort((a, b) => b.size - a.size);
  if (greatest === undefined) return null;
  const at = `/spec/${pointerToken(greatest.key)}`;
  return problemAt(at, 'too-large', 'more than a file of a manifest may hold');
}

const MUCH = 100_000;
const ROOM_FOR_COMMENTS = 1024;
/** What a value takes beside its characters. */
const OF_A_VALUE = 4;

function sizeOf(value: Json, most: number): number {
  if (typeof value === 'string') return value.length + OF_A_VALUE;
  if (typeof value !== 'object' || value === null) return OF_A_VALUE;
  let size = OF_A_VALUE;
  for (const [key, one] of Object.entries(value)) {
    size += key.length + sizeOf(one, most - size);
    if (size >= most) break;
  }
  return size;
}

/**
 * Keys below the spec that can be left out so that nothing is said of what is at the pointer, and
 * as little as possible beside it; `null` where there are none. A list is whole, and what is left
 * out of a record must not stand for a default.
 */
function keysToCut(table: RecordField, body: JsonObject, pointer: string): string[] | null {
  const [top, ...keys] = pointerKeys(pointer);
  if (top !== 'spec') return null;
  const found: string[] = [];
  let field: Field | undefined = table;
  let value: Json | undefined = specOf({ body });
  let whole = 0;
  for (const key of keys) {
    if (field?.type !== 'record' && (field?.type !== 'map' || field.entriesKeep !== true)) break;
    if (!isObject(value) || !Object.hasOwn(value, key)) return null;
    field = field.type === 'record' ? field.fields[key] : field.of;
    value = value[key];
    found.push(key);
    if (field?.type !== 'scalar' || field.default === undefined) whole = found.length;
  }
  return whole === 0 ? null : found.slice(0, whole);
}

function withoutKey(from: JsonObject, [key = '', ...below]: readonly string[]): JsonObject {
  const inside = from[key];
  const kept = Object.entries(from).filter(([one]) => one !== key || below.length > 0);
  return Object.fromEntries(
    kept.map(([one, value]) =>
      one === key && isObject(inside) ? [one, withoutKey(inside, below)] : [one, value],
    ),
  );
}

/** A name of an object, by what it is called. */
export interface Named {
  readonly kind: string;
  readonly name: string;
}

/** Of objects that nobody could tell from another by their names: why. */
export function twinsAmong(
  said: readonly Said[],
  beside: readonly Named[],
): ReadonlyMap<Address, Problem> {
  const groups = groupedBy<Named, string>([...said.map(({ live }) => live), ...beside], foldedName);
  const found = new Map<Address, Problem>();
  for (const { live } of said) {
    const { kind, name, address } = live;
    const twin = groups.get(foldedName(live))?.find((one) => areTwins(one.name, name));
    if (twin === undefined) continue;
    // Its blanks, where it has some at an end, are what this is about.
    const other = `${kind} ${JSON.stringify(twin.name)}`;
    const message = `its name and that of ${other} ${twinText(name, twin.name)}`;
    found.set(address, { pointer: NAME, code: SIMILAR_NAME, message });
  }
  return found;
}

function foldedName({ kind, name }: Named): string {
  return `${kind}/${folded(name)}`;
}

const NAME = '/metadata/name';

/** Two names that nobody could tell apart. */
export const SIMILAR_NAME = 'similar-name';

/** Whether it is the name that no manifest can say. */
export function isOfName({ pointer }: Problem): boolean {
  return pointer === NAME;
}
