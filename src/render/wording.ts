/** Words and signs that every form of output shares. */
import { nounOfMany } from '../kinds/nouns.js';
import { consumersText } from '../core/consumers.js';
import { blocks, kindName, objectName } from '../core/outcome.js';
import type {
  Action,
  Blocked,
  Cause,
  Change,
  CheckResult,
  Counts,
  Estimate,
  FieldChange,
  Plan,
} from '../core/types.js';
import { visible } from '../core/visible.js';
import { plural } from '../core/plural.js';
import { minutesFor } from '../core/rate-limit.js';
import { someOf } from '../core/some.js';
import { valueText } from './value.js';

export const SIGN: Record<Action, string> = {
  create: '+',
  update: '~',
  delete: '-',
  adopt: '±',
  replace: '∓',
};

/** `RoutingStrategy/billing`, safe to show. */
export function addressText(address: string): string {
  return visible(address);
}

export function countsLine(counts: Counts): string {
  return (
    `Plan: ${counts.create} to create, ${counts.update} to change, ${counts.delete} to delete, ` +
    `${counts.adopt} to adopt${toReplace(counts)}; ${counts.unchanged} unchanged` +
    `${notCompared(counts)}${notOurs(counts)}.`
  );
}

/** `, 1 to replace`: deleted and made again. Empty where there are none. */
function toReplace({ replace = 0 }: Pick<Counts, 'replace'>): string {
  return replace === 0 ? '' : `, ${replace} to replace`;
}

/** `; 2 not ours`: declared here, and not compared. Empty where there are none. */
export function notOurs({ foreign = 0 }: Pick<Counts, 'foreign'>): string {
  return foreign === 0 ? '' : `; ${foreign} not ours`;
}

/** `, 1 could not be compared`, empty where everything was. */
export function notCompared({ blocked = 0 }: Pick<Counts, 'blocked'>): string {
  return blocked === 0 ? '' : `, ${blocked} ${NOT_COMPARED}`;
}

/** Said of an object that a plan leaves as it is. */
export const NOT_COMPARED = 'could not be compared';

/** Why it is left so, in a word: what is still in use was compared, and would go. */
export function leftAs(held: Blocked['held']): string {
  return held === 'delete' ? 'is not deleted' : NOT_COMPARED;
}

export function blockedIn({ blocked = [] }: Pick<Plan, 'blocked'>): readonly Blocked[] {
  return blocked;
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
  return `Only ${namesText(plan.scope)}; everything else is out of scope.`;
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

/** What is said of a change beside its action and address; empty when there is nothing. */
export function remarkOf(change: Change): string {
  const wait = waitText(change);
  const notes = [
    wasDeleted(change) ? 'it was deleted in the org' : null,
    change.action === 'adopt' ? 'it is in the org already, owned by nobody' : null,
    wait,
    agentsText(change),
    usersText(change),
    ...(change.remarks ?? []).map(visible),
  ];
  return notes.filter((note) => note !== null).join('; ');
}

function agentsText({ agents = 0 }: Change): string | null {
  return agents === 0 ? null : `${plural(agents, 'agent')} ${agents === 1 ? 'has' : 'have'} it`;
}

function usersText({ consumers }: Change): string | null {
  if (consumers === undefined) return null;
  if ('found' in consumers) return `used by ${visible(consumersText(consumers.found))}`;
  return 'whether anything uses it is not known';
}

/** Said in the place of fields where there are none. */
export function emptyText(change: Change): string {
  return change.fields.length === 0 && change.action === 'adopt'
    ? 'it is as the manifest says: only whose it is will be recorded'
    : '';
}

/** The change overwrites what somebody has done in the org. */
export function isDrift(cause: Cause | null): boolean {
  return cause === 'drift' || cause === 'both';
}

export function appliedText({ applied }: FieldChange): string {
  return applied === undefined ? '' : valueText(applied);
}

/**
 * `An apply first makes the data tables "…" and "…", which the org lacks.` Null when it makes
 * none, also where there is nothing to put into them.
 */
export function tablesText({ tables, changes, records, environment }: Plan): string | null {
  if (tables.length === 0 || (changes.length === 0 && records === 0)) return null;
  const names = tables.map((name) => `"${visible(name)}"`).join(' and ');
  const what = tables.length === 1 ? 'the data table' : 'the data tables';
  const lost = tables.includes(environment.tables.objects) && changes.some(wasDeleted);
  const advice = lost
    ? ' It was there at the last apply: if somebody has renamed it, rename it back instead.'
    : '';
  return `An apply first makes ${what} ${names}, which the org lacks.${advice}`;
}

function wasDeleted({ action, fields }: Change): boolean {
  return action === 'create' && fields.some(({ cause }) => isDrift(cause));
}

/** What an apply does beside the changes; null when that is nothing. */
export function recordsText({ records }: Plan): string | null {
  if (records === 0) return null;
  return `An apply also brings ${plural(records, 'record')} of what is ours up to date.`;
}

/** What the plan took. */
export function usedText({ requests }: Pick<Plan, 'requests'>): string {
  return `${plural(requests, 'request')} used`;
}

/** `12 requests used; an apply will need about 19`, and its minutes where one is too short. */
export function requestsText(plan: Plan): string {
  const { estimate, changes, records } = plan;
  // A plan that was found to be in place already keeps the estimate that was made for it.
  if (estimate === undefined || changes.length + records === 0) return usedText(plan);
  const minutes = minutesFor(estimate.requests, estimate.perMinute);
  const paced = slowestIn(estimate);
  const under =
    paced !== null && paced.minutes > (minutes ?? 0)
      ? ` (about ${plural(paced.minutes, 'minute')}: ${paced.text})`
      : minutes === null
        ? ''
        : ` (about ${plural(minutes, 'minute')} under the rate limit)`;
  return `${usedText(plan)}; an apply will need about ${estimate.requests}${under}`;
}

/** What keeps an apply longest, where something is written more slowly than the limit lets it. */
function slowestIn({ paced = [] }: Estimate): { minutes: number; text: string } | null {
  const all = paced.map(({ kind, writes, perMinute }) => {
    const text = `${plural(writes, 'write')} of ${nounOfMany(kind)}, ${perMinute} a minute at most`;
    return { minutes: minutesFor(writes, perMinute) ?? 0, text };
  });
  return all.sort((a, b) => b.minutes - a.minutes)[0] ?? null;
}

export function placeText({ at }: Pick<FieldChange, 'at'>): string {
  return at === null ? '' : `${visible(at.file)}:${at.line}`;
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

/** More names than this in one line are counted instead. */
const MOST_NAMES = 10;

/** How the list of changes is to be read; `null` where it stands in the order of making them. */
export function orderText({ changes }: Pick<Plan, 'changes'>): string | null {
  const deletes = changes.filter(({ action }) => action === 'delete').length;
  if (deletes === 0 || deletes === changes.length) return null;
  return 'Deletes stand first and are made last; all else is made in this order.';
}

/** What makes a thing, or lets go of it, by its address; who takes over calls, by name. */
function waitText({ address, waitsFor }: Change): string | null {
  const kind = kindName(address);
  const others = waitsFor.filter((one) => kindName(one) !== kind);
  const own = waitsFor.filter((one) => kindName(one) === kind).map(objectName);
  const texts = [
    ...(others.length === 0 ? [] : [`after ${namesText(others)}`]),
    ...(own.length === 0
      ? []
      : [`only after ${namesText(own)} ${own.length === 1 ? 'has' : 'have'} succeeded`]),
  ];
  return texts.length === 0 ? null : texts.join('; ');
}

/** The first of them, and how many more: a rollback may be of thousands. */
export function namesText(names: readonly string[]): string {
  return someOf(names.map(visible), MOST_NAMES);
}

/** `targets/<id of a queue>/weight` with the name of the queue. */
export function namedPath(property: string, nameOf: (id: string) => string): string {
  return property.split('/').map(nameOf).join('/');
}
