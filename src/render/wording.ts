/** Words and signs that every form of output shares. */
import { countText, nounOfMany } from '../kinds/nouns.js';
import { consumersText } from '../core/consumers.js';
import { guardText } from '../core/guard.js';
import { blocks, failedGuards, kindName, objectName } from '../core/outcome.js';
import type {
  Address,
  Action,
  Blocked,
  Cause,
  Change,
  CheckResult,
  Counts,
  Elsewhere,
  Estimate,
  FieldChange,
  Plan,
} from '../core/types.js';
import { uncommittedText } from '../core/uncommitted.js';
import { visible } from '../core/visible.js';
import { commonRefusals } from './prediction.js';
import { folded } from './folding.js';
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

/** Fields of a change that belong together, as a table; `title` is null where it is alone. */
export interface FieldGroup {
  readonly title: string | null;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What is not among them, field by field; absent where all is. */
  readonly more?: readonly string[];
}

const GROUPS: readonly { readonly title: string; readonly of: readonly (Cause | null)[] }[] = [
  { title: 'git changes', of: ['git', null] },
  { title: 'drift that would be overwritten', of: ['drift'] },
  { title: 'changed in git and in the org', of: ['both'] },
];

/** Whose the changes are that git asks for. */
export interface Askers {
  /** `git changes`, `this pull request` */
  readonly git: string;
  /** Where somebody has changed the org as well; default: as git is meant. */
  readonly both?: string;
  /** Paths of what others had asked for before; a title of their own says so. */
  readonly before: ReadonlySet<string>;
}

const NOBODY_BEFORE: Askers = { git: 'git changes', before: new Set() };

/** Of a rollback git says nothing: what is asked for stands in the log of a run. */
const OF_RUN: Askers = {
  git: 'what the run found',
  both: 'what the run found, changed in the org since',
  before: new Set(),
};
const LOG = /(^|[\\/])audit\.jsonl$/;

function askersOf({ fields }: Change): Askers {
  return fields.some(({ at }) => at !== null && LOG.test(at.file)) ? OF_RUN : NOBODY_BEFORE;
}

/** What git changes and drift that would be overwritten stand apart. */
export function groupsOf(change: Change, askers: Askers = askersOf(change)): FieldGroup[] {
  const { action } = change;
  const { before } = askers;
  const isOld = ({ path, cause }: FieldChange): boolean => !isDrift(cause) && before.has(path);
  const old = change.fields.filter(isOld);
  const fields = change.fields.filter((field) => !isOld(field));
  const merged = old.length === 0 ? [] : [{ title: ASKED_BEFORE, ...tableOf(action, old) }];
  return [...groupsOfCause(action, fields, merged.length > 0, askers), ...merged];
}

const ASKED_BEFORE = 'asked for before this pull request';

function groupsOfCause(
  action: Action,
  fields: readonly FieldChange[],
  isPart: boolean,
  { git, both }: Askers,
): FieldGroup[] {
  const apart =
    (action === 'update' || action === 'replace') && fields.some(({ cause }) => isDrift(cause));
  if (!apart) {
    return fields.length === 0 ? [] : [{ title: isPart ? git : null, ...tableOf(action, fields) }];
  }
  return GROUPS.flatMap(({ title, of }) => {
    const own = fields.filter(({ cause }) => of.includes(cause));
    if (own.length === 0) return [];
    const said = of.includes('git') ? git : of.includes('both') ? (both ?? title) : title;
    return [{ title: said, ...tableOf(action, own) }];
  });
}

/** The change overwrites what somebody has done in the org. */
export function isDrift(cause: Cause | null): boolean {
  return cause === 'drift' || cause === 'both';
}

type Table = Pick<FieldGroup, 'head' | 'rows' | 'more'>;

/** Of very many rows or members the first few; the others are counted. */
function tableOf(action: Action, fields: readonly FieldChange[]): Table {
  const { shown, more } = folded(fields);
  return more.length === 0 ? TABLES[action](fields) : { ...TABLES[action](shown), more };
}

const TABLES: Record<Action, (fields: readonly FieldChange[]) => Table> = {
  create: (fields) => ({
    head: ['Field', 'Value', 'Line'],
    rows: fields.map((field) => [field.path, fieldTexts(field).after ?? 'none', placeText(field)]),
  }),
  update: movedTable,
  adopt: movedTable,
  replace: movedTable,
  delete: (fields) => {
    const known = fields.some(({ applied }) => applied !== undefined);
    return {
      head: ['Field', 'Value that goes', ...(known ? ['Last applied'] : [])],
      rows: fields.map((field) => [
        ...[field.path, fieldTexts(field).before ?? 'none'],
        ...(known ? [appliedText(field)] : []),
      ]),
    };
  },
};

function movedTable(fields: readonly FieldChange[]): Table {
  const known = fields.some(({ applied }) => applied !== undefined);
  return {
    head: ['Field', 'Old', 'New', ...(known ? ['Last applied'] : []), 'Line'],
    rows: fields.map((field) => {
      const { before, after } = moveTexts(field);
      return [field.path, before, after, ...(known ? [appliedText(field)] : []), placeText(field)];
    }),
  };
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

/** What stands in the way of the plan, for a place where nobody can miss it. */
export interface Alarm {
  readonly of: string;
  readonly text: string;
}

/** Guards that stand in the way; `flags`: whoever reads it may overrule them with a flag. */
export function guardAlarms({ guards }: Pick<Plan, 'guards'>, flags = true): Alarm[] {
  return failedGuards(guards).map((one) => ({
    of: one.guard,
    text: visible(guardText(one, flags)),
  }));
}

/** Guards that would, if more objects were live. */
export function waivedIn({ guards }: Pick<Plan, 'guards'>): Alarm[] {
  const waived = guards.filter((one) => one.waived === true);
  return waived.map(({ guard, message }) => ({ of: guard, text: visible(message) }));
}

/** Guards that somebody has overruled, in what they have agreed to. */
function overruledIn({ guards }: Pick<Plan, 'guards'>): Alarm[] {
  return guards.flatMap(({ guard, message, overruled }) =>
    overruled === undefined
      ? []
      : [{ of: guard, text: `${visible(message)}; agreed to with ${overruled}` }],
  );
}

function uncommittedIn({ commit, uncommitted }: Plan): Alarm[] {
  if (uncommitted === undefined) return [];
  return [{ of: 'uncommitted', text: visible(uncommittedText(commit, uncommitted)) }];
}

/** What stands in the way of nothing, and that a person should know. */
export function notesIn(plan: Plan): Alarm[] {
  return [
    ...waivedIn(plan),
    ...overruledIn(plan),
    ...unaskedIn(plan),
    ...uncommittedIn(plan),
    ...elsewhereIn(plan),
    ...leftAloneIn(plan),
    ...unenforcedIn(plan),
    ...danglingIn(plan),
    ...tunedIn(plan),
    ...unpredictedIn(plan),
  ];
}

/** Before why nobody can say what callers would feel. */
export const UNPREDICTED = 'no prediction';

/** A first plan has nothing but strategies that are new. */
function unpredictedIn({ prediction }: Pick<Plan, 'prediction'>): Alarm[] {
  if (prediction === undefined) return [];
  return [...commonRefusals(prediction)].map(([reason, addresses]) => ({
    of: UNPREDICTED,
    text: `${namesText(addresses)}: ${visible(reason)}`,
  }));
}

/** Deletes of which nobody could say who uses what goes. */
function unaskedIn({ changes }: Pick<Plan, 'changes'>): Alarm[] {
  const unread = changes.flatMap(({ address, consumers }) =>
    consumers !== undefined && 'unread' in consumers
      ? [{ address, message: consumers.unread.message }]
      : [],
  );
  const [first] = unread;
  if (first === undefined) return [];
  const what = namesText(unread.map(({ address }) => address));
  const text = `whether anything uses ${what} is not known: ${visible(first.message)}`;
  return [{ of: 'consumers', text }];
}

/** Weights that an optimizer owns: what git writes is where it starts, and no longer what is so. */
function tunedIn({ tuned = [] }: Pick<Plan, 'tuned'>): Alarm[] {
  if (tuned.length === 0) return [];
  const shown = tuned.slice(0, MOST_TUNED).map(({ address, targets }) => {
    const weights = targets.map(({ queue, written, live }) => {
      const start = written === live ? '' : ` (written ${written})`;
      return `${visible(queue)} ${live}${start}`;
    });
    return `${addressText(address)}: ${weights.join(', ')}`;
  });
  const more = tuned.length > MOST_TUNED ? `; and ${tuned.length - MOST_TUNED} more` : '';
  const text = `written weights are where it starts; live now: ${shown.join('; ')}${more}`;
  return [{ of: 'optimizer', text }];
}

function danglingIn({ dangling = [] }: Pick<Plan, 'dangling'>): Alarm[] {
  return dangling.map((text) => ({ of: 'names nothing', text: visible(text) }));
}

function unenforcedIn({ unenforced = [] }: Pick<Plan, 'unenforced'>): Alarm[] {
  return unenforced.map((text) => ({ of: 'not enforced', text: visible(text) }));
}

/** Of these notes, what those who ask for drift should know as well. */
export function besideDrift(plan: Plan): Alarm[] {
  return [...elsewhereIn(plan), ...leftAloneIn(plan), ...danglingIn(plan)];
}

/** Said, not hidden: these stay in the org although no manifest declares them. */
export function leftAloneIn({ leftAlone }: Pick<Plan, 'leftAlone'>): Alarm[] {
  const { unmanaged = [], unowned = [], strangers = [] } = leftAlone ?? {};
  const told = (names: readonly Address[], one: string, many: string): Alarm[] => {
    if (names.length === 0) return [];
    const what = `${countText(names)} ${names.length === 1 ? one : many}`;
    return [{ of: 'left alone', text: `${what}: ${namesText(names)}` }];
  };
  const off = 'of ours without a manifest, because prune is off';
  const adoption = '--adopt, or metadata.adopt: true, makes';
  return [
    ...told(unmanaged, off, off),
    ...told(
      unowned,
      `as git says but nobody's, ${adoption} it ours`,
      `as git says but nobody's, ${adoption} them ours`,
    ),
    ...told(
      strangers,
      'that no manifest declares and that is not ours',
      'that no manifest declares and that are not ours',
    ),
  ];
}

/** Objects of ours in places of another name, and what to do about them. */
export function elsewhereIn({ elsewhere = [] }: Pick<Plan, 'elsewhere'>): Alarm[] {
  return elsewhere.map((one) => ({ of: 'elsewhere', text: visible(elsewhereText(one)) }));
}

function elsewhereText({ place, records, whose, recorded, live, what }: Elsewhere): string {
  const named = `records in "${records}"`;
  if (recorded === null) {
    return (
      `${place} is like a table of records of ours, and this client may not read it: whether ` +
      'strategies of ours stay behind is not known; give its role the division of that table'
    );
  }
  const untouched = 'nothing here changes or deletes them, and what uses them goes on doing so';
  if (whose !== '') {
    const many = live === null ? `about ${recorded}` : String(live);
    return (
      `${what ?? `${many} live strategies`} in ${place} (${named}) belong to ${whose}, ` +
      `and no Environment here is called so; ${untouched}: if the Environment was renamed, ` +
      'call it so again'
    );
  }
  if (live === null) {
    return (
      `${plural(recorded, 'strategy', 'strategies')} of ours may stay behind in ${place} ` +
      `(${named}), which could not be seen; ${untouched}: ${WAY_BACK}`
    );
  }
  const of = live === recorded ? '' : ` of ${recorded} on record`;
  const stay = live === 1 ? 'stays' : 'stay';
  return (
    `${plural(live, 'live strategy', 'live strategies')} of ours${of} ${stay} behind in ${place} ` +
    `(${named}); ${untouched}: ${WAY_BACK}`
  );
}

const WAY_BACK =
  'if they were not to move, write the backend and table of before into the Environment, or ' +
  'give the table its name back in the org; else delete that place once nothing uses it';

export function alarmsOf(plan: Plan, flags = true): Alarm[] {
  const guards = guardAlarms(plan, flags);
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

/** More names than this in one line are counted instead. */
const MOST_NAMES = 10;

/** The same, with weights behind each. */
const MOST_TUNED = 3;

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
function namesText(names: readonly string[]): string {
  return someOf(names.map(visible), MOST_NAMES);
}

/** `targets/<id of a queue>/weight` with the name of the queue. */
export function namedPath(property: string, nameOf: (id: string) => string): string {
  return property.split('/').map(nameOf).join('/');
}
