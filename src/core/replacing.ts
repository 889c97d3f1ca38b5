/**
 * Fields that the platform gives an object when it is made and changes in none that is there
 * (`forceNew`): a change of one means to delete the object and make it again, under another id.
 * Nothing is made again to change it unless its manifest says so by name, and not where something
 * would be lost by it that nobody has named. What refers to the object, and is ours, follows the
 * new id in the same run: names stay what they were, so such a change has no fields of its own.
 */
import { differences, type Verdict } from './compare.js';
import { declaredId } from './declared.js';
import type { Field, RecordField } from './fields.js';
import { byText } from './issue.js';
import type { JsonObject } from './json.js';
import type { Kind, KindOf } from './kind.js';
import { asksForReplacement } from './manifest.js';
import { fieldsIn, innerOf } from './normalise.js';
import { kindName, objectName } from './outcome.js';
import { placeText, type Place } from './place.js';
import { addressesIn, type KindBehind } from './references.js';
import type { Resource } from './resource.js';
import type { Address, Change, Obstacle, Plan } from './types.js';

/** Places in which the objects differ and that no write changes; empty where any may be written. */
export function forcedIn(
  table: RecordField,
  before: JsonObject,
  after: JsonObject,
): readonly { readonly place: Place; readonly pointer: string }[] {
  if (![...fieldsIn(table)].some(({ forceNew }) => forceNew === true)) return [];
  return differences(table, before, after).filter(({ place }) => isForced(table, place));
}

function isForced(table: RecordField, place: Place): boolean {
  let field: Field | undefined = table;
  for (const step of place) {
    if (field === undefined || field.forceNew === true) break;
    if (typeof step === 'string') field = field.type === 'record' ? field.fields[step] : undefined;
    else [field] = innerOf(field);
  }
  return field?.forceNew === true;
}

/**
 * An update that would change such a field: a replacement where the manifest asks for one, else
 * blocked, with what can be done. The same verdict where it changes none.
 */
export function replacing(
  verdict: Verdict,
  { fields: table }: Pick<Kind, 'fields'>,
  { parts = [] }: Pick<Resource, 'parts'>,
): Verdict {
  if (verdict.is !== 'update' && verdict.is !== 'adopt') return verdict;
  const { desired, live, after } = verdict;
  const forced = forcedIn(table, live.fields, after);
  if (forced.length === 0) return verdict;
  const unnamed = parts.map(({ field }) => field).filter((field) => !Object.hasOwn(after, field));
  const why =
    live.previously !== undefined
      ? {
          because: 'it is to get another name as well',
          way: 'rename it first, in an apply of its own',
        }
      : verdict.is === 'adopt'
        ? { because: 'it is nobody’s to delete', way: 'adopt it as it is first' }
        : !asksForReplacement(desired.manifest)
          ? { because: '', way: REPLACE }
          : unnamed.length > 0
            ? {
                because: `${unnamed.join(' and ')} would be lost`,
                way: `name ${unnamed.join(', ')}`,
              }
            : null;
  const [first, ...others] = forced;
  if (why === null || first === undefined) {
    return { ...verdict, is: 'replace', forced: forced.map(({ place }) => place) };
  }
  const { file, line } = desired.at(first.pointer);
  const named = [first, ...others].map(({ place }) => placeText(place)).join(' and ');
  const message =
    `${named} cannot be changed: the platform takes it when the object is made` +
    (why.because === '' ? '' : `, and ${why.because}`);
  const hint = `write what the org has, or ${why.way}`;
  const obstacles: Obstacle[] = [{ message, hint, at: { file, line } }];
  return { is: 'blocked', address: desired.address, desired, live, obstacles };
}

const REPLACE =
  'write metadata.replace: true in the manifest: it is then deleted and made again, under ' +
  'another id';

/** What is known of what objects refer to. */
export interface Referring {
  readonly kindOf: KindOf;
  readonly behind: KindBehind;
}

/**
 * The same verdicts, in which what is as it should be and refers to something that is made again
 * is written all the same: it has the old id.
 */
export function following(
  verdicts: readonly Verdict[],
  { kindOf, behind }: Referring,
): readonly Verdict[] {
  const replaced = new Set(verdicts.flatMap((one) => (isReplacement(one) ? [addressIn(one)] : [])));
  if (replaced.size === 0) return verdicts;
  return verdicts.map((verdict): Verdict => {
    const isWritten = verdict.is === 'update' || verdict.is === 'adopt';
    if (!isWritten && !(verdict.is === 'unchanged' && verdict.owned)) return verdict;
    const { desired, live } = verdict;
    const after = isWritten ? verdict.after : live.fields;
    const named = [...addressesIn(live.kind, after, kindOf, behind)];
    const follows = named.filter((one) => replaced.has(one)).sort(byText);
    if (follows.length === 0) return verdict;
    if (isWritten) return { ...verdict, follows };
    return { is: 'update', desired, live, after, applied: live.fields, follows };
  });
}

function isReplacement(verdict: Verdict): verdict is Extract<Verdict, { is: 'replace' }> {
  return verdict.is === 'replace';
}

function addressIn({ desired }: Extract<Verdict, { is: 'replace' }>): Address {
  return desired.address;
}

/** What is to be known of such a change beside its fields. */
export function replacementRemark(forced: readonly Place[]): string {
  const named = forced.map(placeText).join(' and ');
  return `it is deleted and made again under another id, as ${named} cannot be changed`;
}

/** The same of what follows it. */
export function followingRemark(follows: readonly Address[]): string {
  return `it follows ${follows.join(' and ')}, made again under another id`;
}

/** References of a plan: what is made again has no id before that. */
export function withReplaced(
  references: Plan['references'],
  changes: readonly Change[],
  kindOf: KindOf,
): Plan['references'] {
  const replaced = changes.filter(({ action }) => action === 'replace');
  if (replaced.length === 0) return references;
  const all = new Map(
    Object.entries(references).map(([to, ids]) => [to, new Map(Object.entries(ids))]),
  );
  for (const { address } of replaced) {
    const ids = all.get(kindOf(kindName(address)).refType ?? '');
    const name = objectName(address);
    if (ids?.has(name) === true) ids.set(name, declaredId(address));
  }
  return Object.fromEntries([...all].map(([to, ids]) => [to, Object.fromEntries(ids)]));
}
