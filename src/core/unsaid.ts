/**
 * What the platform shows of an object and no manifest can say: it stays as the org has it, and who
 * takes an export for all of it should know.
 */
import { isObject, type Json, type JsonObject } from './json.js';

/** What the platform keeps of its own accord, of whatever it shows. */
const ITS_OWN: ReadonlySet<string> = new Set([
  ...['id', 'selfUri', 'state', 'status', 'version'],
  ...['dateCreated', 'dateModified', 'createdBy', 'modifiedBy', 'createdByApp', 'modifiedByApp'],
  ...['memberCount', 'userMemberCount', 'joinedMemberCount'],
]);

/** Places in `shown` that `said`, the same made of what a manifest says, has not; in order. */
export function unsaidIn(
  shown: JsonObject,
  said: JsonObject,
  /** Places that are said otherwise, or are nobody's. */
  except: readonly string[] = [],
): string[] {
  const found = new Set<string>();
  collect(shown, said, '', found);
  return [...found].filter((place) => !except.includes(place));
}

function collect(shown: Json, said: Json | undefined, at: string, found: Set<string>): void {
  if (isNothing(shown)) return;
  if (said === undefined) {
    found.add(at);
    return;
  }
  if (Array.isArray(shown) && Array.isArray(said)) {
    shown.forEach((one, index) => collect(one, counterpart(one, said, index), `${at}[]`, found));
    return;
  }
  if (!isObject(shown) || !isObject(said)) return;
  // Of what an object refers to the name comes along, and more.
  if (at !== '' && typeof said['id'] === 'string') return;
  for (const [key, one] of Object.entries(shown)) {
    if (ITS_OWN.has(key) || key.startsWith('$')) continue;
    collect(one, Object.hasOwn(said, key) ? said[key] : undefined, below(at, key), found);
  }
}

function below(at: string, key: string): string {
  return at === '' ? key : `${at}.${key}`;
}

/** What refers to something is in no order. */
function counterpart(one: Json, said: readonly Json[], index: number): Json | undefined {
  const id = isObject(one) ? one['id'] : undefined;
  if (typeof id !== 'string') return said[index];
  return said.find((other) => isObject(other) && other['id'] === id);
}

function isNothing(value: Json): boolean {
  if (value === null || value === '' || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.values(value).every(isNothing);
}
