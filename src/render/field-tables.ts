/** The fields of a change as tables, parted by whose doing they are. */
import type { Action, Cause, Change, FieldChange } from '../core/types.js';
import { folded } from './folding.js';
import { fieldTexts, moveTexts, isDrift, appliedText, placeText } from './wording.js';

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
