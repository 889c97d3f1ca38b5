/** Words and signs that every form of output shares. */
import { blocks, failedGuards, objectName } from '../core/outcome.js';
import type { Action, Change, CheckResult, Counts, FieldChange, Plan } from '../core/types.js';
import { visible } from '../core/visible.js';
import { plural } from '../core/plural.js';
import { valueText } from './value.js';

export const SIGN: Record<Action, string> = { create: '+', update: '~', delete: '-', adopt: '±' };

/** `RoutingStrategy/billing`, safe to show. */
export function addressText(address: string): string {
  return visible(address);
}

export function countsLine(counts: Counts): string {
  return (
    `Plan: ${counts.create} to create, ${counts.update} to change, ${counts.delete} to delete, ` +
    `${counts.adopt} to adopt; ${counts.unchanged} unchanged.`
  );
}

/** `prod (organization "Demo", backend strategies-api)` */
export function whereText(plan: Plan): string {
  const { environment, organization } = plan;
  return (
    `${visible(environment.name)} ` +
    `(organization "${visible(organization.name)}", backend ${environment.backend})`
  );
}

export function scopeText(plan: Plan): string | null {
  if (plan.scope === null) return null;
  return `Only ${plan.scope.map(visible).join(', ')}; everything else is out of scope.`;
}

/** Text of what a field was and will be; a field that was not there has no text. */
export function fieldTexts(field: FieldChange): { before: string | null; after: string | null } {
  return {
    before: field.before === undefined ? null : valueText(field.before),
    after: field.after === undefined ? null : valueText(field.after),
  };
}

/** Both sides of an update in words, also where the field is on one side only. */
export function moveTexts(field: FieldChange): { before: string; after: string } {
  const { before, after } = fieldTexts(field);
  return { before: before ?? '(absent)', after: after ?? '(removed)' };
}

/** What stands after the address in a report of drift. */
export function driftWord(change: Change): string {
  if (change.action === 'create') return 'is in git, not in the org';
  return change.action === 'delete' ? 'is in the org, not in git' : 'differs';
}

export function driftTotal(plan: Plan): string {
  const count = plan.changes.length;
  if (count === 0) return `No drift: the org is as git says; ${plan.counts.unchanged} unchanged.`;
  const verb = count === 1 ? 'differs' : 'differ';
  const who = plural(count, 'strategy', 'strategies');
  return `Drift: ${who} ${verb} between git and the org; ${plan.counts.unchanged} unchanged.`;
}

export function placeText(field: FieldChange): string {
  return field.at === null ? '' : `${visible(field.at.file)}:${field.at.line}`;
}

/** What stands in the way of the plan, for a place where nobody can miss it. */
export interface Alarm {
  readonly of: string;
  readonly text: string;
}

export function alarmsOf(plan: Plan): Alarm[] {
  const guards = failedGuards(plan.guards).map(({ guard, message }) => ({
    ...{ of: guard, text: visible(message) },
  }));
  const checks = plan.changes.flatMap((change) => {
    const count = change.checks.filter(blocks).length;
    if (count === 0) return [];
    const fails = `${plural(count, 'check')} ${count === 1 ? 'fails' : 'fail'}`;
    const text = `${visible(change.address)}: ${fails}, this ${change.action} would not complete`;
    return [{ of: 'checks', text }];
  });
  return [...guards, ...checks];
}

/** What fails first, then what warns, then what is as it should be. */
export function checksInOrder(change: Change): CheckResult[] {
  const rank = (check: CheckResult): number => (blocks(check) ? 0 : check.passed ? 2 : 1);
  return [...change.checks].sort((a, b) => rank(a) - rank(b));
}

/** `capacity: Support Tier 1: 3 of 30 slots free` */
export function checkText(check: CheckResult): string {
  const allowed = !check.passed && check.level === 'warn' ? ' (warning only)' : '';
  return `${check.check}: ${visible(check.subject)}: ${visible(check.message)}${allowed}`;
}

export function waitText(change: Change): string | null {
  if (change.waitsFor.length === 0) return null;
  const names = change.waitsFor.map((one) => visible(objectName(one))).join(', ');
  return `only after ${names} ${change.waitsFor.length === 1 ? 'has' : 'have'} succeeded`;
}
