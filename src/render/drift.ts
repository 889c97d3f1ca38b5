/** What a report of drift says, whatever its form. */
import { isWhole } from '../core/outcome.js';
import { countText } from '../kinds/nouns.js';
import type { Address } from '../core/types.js';
import type { Attributed, Attribution } from '../core/drift.js';
import { someOf } from '../core/some.js';
import type { FieldChange, Plan } from '../core/types.js';
import { visible } from '../core/visible.js';
import { appliedText, fieldTexts, namedPath, notCompared, notOurs, placeText } from './wording.js';

/** `plan` is the plan of the same moment: its heading, counts and digest are the report's. */
export interface DriftReport {
  readonly plan: Plan;
  readonly drifts: readonly Attributed[];
  /** Addresses that differ because git moved, not the org. */
  readonly pending: readonly Address[];
  /** Those of them that differ because a rollback took back what git says, by its run. */
  readonly takenBack?: ReadonlyMap<string, string>;
  /** Those that are new, or that a rollback deleted, by its run: their records went with them. */
  readonly perhaps?: ReadonlyMap<string, string>;
  /** The name behind an id that a property has in its path, or the id again. */
  readonly nameOf?: NameOf;
}

export type NameOf = (id: string) => string;

/** Where no id is to be told by its name. */
const asItIs: NameOf = (id) => id;

export function driftTotal({ plan, drifts }: DriftReport): string {
  const { unchanged } = plan.counts;
  const rest = `${unchanged} unchanged${notCompared(plan.counts)}${notOurs(plan.counts)}.`;
  if (drifts.length === 0) {
    return `No drift${isWhole(plan) ? '' : ' in what could be compared'}; ${rest}`;
  }
  const who = countText(drifts.map(({ address }) => address));
  const was = drifts.length === 1 ? 'was' : 'were';
  return `Drift: ${who} ${was} changed in the org since the last apply; ${rest}`;
}

/** Told beside the drift, so that nobody takes silence for agreement. */
export function pendingText({
  pending,
  takenBack = new Map(),
  perhaps = new Map(),
}: DriftReport): string | null {
  const runs = [...new Set(pending.flatMap((address) => takenBack.get(address) ?? []))].sort();
  const texts = [
    differText(
      pending.filter((address) => !takenBack.has(address) && !perhaps.has(address)),
      'git says something new',
    ),
    ...[...new Set(perhaps.values())].map((run) =>
      differText(
        pending.filter((address) => perhaps.get(address) === run),
        `git says something new, or rollback ${visible(run)}, the last run, took it back`,
      ),
    ),
    ...runs.map((run) =>
      differText(
        pending.filter((address) => takenBack.get(address) === run),
        `rollback ${visible(run)} took back what git still says`,
      ),
    ),
  ];
  const told = texts.filter((text) => text !== null);
  return told.length === 0 ? null : told.join('; ');
}

function differText(addresses: readonly Address[], why: string): string | null {
  if (addresses.length === 0) return null;
  const differ = addresses.length === 1 ? 'differs' : 'differ';
  const who = countText(addresses);
  const names = someOf(addresses.map(visible), 10);
  return `${who} ${differ} because ${why}; plan shows it: ${names}`;
}

export function driftWord(drift: Attributed): string {
  const { remarks = [] } = drift;
  return [howText(drift), ...remarks.map(visible)].join('; ');
}

function howText({ how, record }: Attributed): string {
  if (how === 'deleted') return 'was deleted in the org';
  if (record === null) return 'differs from git and is owned by nobody (plan offers to adopt it)';
  return record.applied === null
    ? 'differs from git (what was last applied is not known)'
    : 'was changed in the org';
}

/**
 * `by Ada, 2026-11-23T07:31:02.000Z, from 203.0.113.7 (status)`, or why it is unknown; without the
 * time for whoever shows that in another form.
 */
export function whoText(by: Attribution, nameOf: NameOf = asItIs, isTimed = true): string {
  if (!by.known) return `by whom is unknown: ${visible(by.why)}`;
  const from = by.from.length === 0 ? '' : `, from ${by.from.map(visible).join(' ')}`;
  const nameless = by.certain ? '' : ' (the audit names no columns)';
  const property =
    by.property === null ? nameless : ` (${visible(namedPath(by.property, nameOf))})`;
  const sure = by.certain ? 'by' : 'probably by';
  const when = isTimed ? `, ${visible(by.at)}` : '';
  return `${sure} ${visible(by.who)}${when}${from}${property}`;
}

/** A deleted object has one who did it, not one for each of its fields. */
export function linesOf(drift: Attributed): readonly { field: FieldChange; by: Attribution }[] {
  return drift.fields.flatMap((field, index) => {
    const by = drift.by[index];
    return by === undefined ? [] : [{ field, by }];
  });
}

export const DRIFT_HEAD = ['Field', 'In git', 'In the org', 'Last applied', 'Who', 'Line'] as const;

function lastApplied(field: FieldChange): string {
  if (field.cause === 'drift') return fieldTexts(field).after ?? '(absent)';
  if (field.cause === null) return 'not known';
  return field.applied === undefined ? '(absent)' : appliedText(field);
}

export function driftRow(
  { field, by }: { field: FieldChange; by: Attribution },
  nameOf?: NameOf,
): string[] {
  const { before, after } = fieldTexts(field);
  const applied = lastApplied(field);
  const who = whoText(by, nameOf);
  return [field.path, after ?? '(absent)', before ?? '(absent)', applied, who, placeText(field)];
}
