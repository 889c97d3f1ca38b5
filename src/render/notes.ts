/** What is to be known beside the changes of a plan: what stands in its way, and what does not. */
import { countText } from '../kinds/nouns.js';
import { guardText } from '../core/guard.js';
import { blocks, failedGuards } from '../core/outcome.js';
import type { Address, Elsewhere, Plan } from '../core/types.js';
import { uncommittedText } from '../core/uncommitted.js';
import { visible } from '../core/visible.js';
import { commonRefusals } from './prediction.js';
import { plural } from '../core/plural.js';
import { addressText, namesText } from './wording.js';

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

/** The same, with weights behind each. */
const MOST_TUNED = 3;
