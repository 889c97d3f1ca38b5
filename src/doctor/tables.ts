/** What strategos believes of data tables and their rows: only a table of our own can show it. */
import { TABLE_LIMITS } from '../core/table.js';
import type { OrgDelay, OrgLength, OrgObserved } from '../generated/types.js';
import { answerText, delayText, differs, holds, isDone, sameIs } from './assumption.js';
import { statusIs, wordIs, type Assumption, type Judgement, type Place } from './assumption.js';

const TRIED = { tried: 'write' } as const;

function delayJudgement(
  ms: OrgDelay | undefined,
  { listedWithinMs }: Place,
  { follows, otherwise }: { readonly follows: string; readonly otherwise: string },
): Judgement | null {
  if (ms === undefined) return null;
  if (ms === 0) return holds('at once');
  if (ms !== null && ms <= listedWithinMs) {
    return differs(delayText(ms), { follows, copes: true });
  }
  const waited = delayText(ms ?? listedWithinMs);
  return differs(ms === null ? `not ${waited}` : waited, { follows: otherwise, copes: false });
}

const TABLE: readonly Assumption[] = [
  {
    id: 'table.made',
    danger: 'high',
    ...TRIED,
    assumed: 'a data table is made without saying how long its texts may be',
    judge: ({ table }) =>
      statusIs(table?.made, isDone, {
        follows: 'the first apply cannot make its tables',
        copes: false,
        todo: 'the answer says what is wanted; where it is a permission, see above',
      }),
  },
  {
    id: 'table.listed',
    danger: 'medium',
    ...TRIED,
    assumed: 'a table that was made is in the next listing',
    judge: ({ table }, place) =>
      delayJudgement(table?.listedMs, place, {
        follows: 'the first apply waits for its tables before it goes on',
        otherwise: 'an apply does not find the tables that it made',
      }),
  },
  {
    id: 'table.taken',
    danger: 'medium',
    ...TRIED,
    assumed: 'a second table of one name is refused with 409',
    judge: ({ table }) =>
      statusIs(table?.taken, ({ status }) => status === 409, {
        follows: 'two first applies at once may end up with tables of their own',
        copes: false,
        todo: 'make the first apply of an org while no other runs',
      }),
  },
  {
    id: 'table.gone',
    danger: 'low',
    ...TRIED,
    assumed: 'a table that was deleted answers 404',
    judge: ({ table }) =>
      statusIs(table?.gone, ({ status }) => status === 404, {
        follows: 'a table may be seen for a while after somebody has deleted it',
        copes: true,
      }),
  },
];

const ROW: readonly Assumption[] = [
  {
    id: 'row.duplicate',
    danger: 'high',
    ...TRIED,
    assumed: 'a second row of one key is refused with 409: this is the lock of an apply',
    judge: ({ row }) =>
      statusIs(row?.duplicate, ({ status }) => status === 409, {
        follows:
          'the lock keeps nobody out, or is taken for another fault: applies undo each other',
        copes: false,
        todo: 'let one machine alone apply, one run at a time',
      }),
  },
  {
    id: 'row.race',
    danger: 'high',
    ...TRIED,
    assumed: 'of twenty insertions of one key at once, one is made and the others answer 409',
    judge: raceJudgement,
  },
  {
    id: 'row.read',
    danger: 'high',
    ...TRIED,
    assumed: 'a row that was made is found by its key at once',
    judge: ({ row }, place) =>
      delayJudgement(row?.readMs, place, {
        follows: 'what is looked at right after a write is looked at once more, later',
        otherwise: 'a write cannot be confirmed: an apply may take its own row for gone',
      }),
  },
  {
    id: 'row.listed',
    danger: 'high',
    ...TRIED,
    assumed: 'a row that was made is in the next listing',
    judge: ({ row }, place) =>
      delayJudgement(row?.listedMs, place, {
        follows:
          'an apply right after another may not see what that one made: it stops then, and ' +
          'overwrites nothing',
        otherwise: 'what an apply made may be taken for gone, and made again',
      }),
  },
  {
    id: 'row.changed',
    danger: 'high',
    ...TRIED,
    assumed: 'a change of a row is in the next listing',
    judge: ({ row }, place) =>
      delayJudgement(row?.changedMs, place, {
        follows: 'a plan right after an apply may show the change as drift; the next one does not',
        otherwise: 'plans compare with what was there before the last apply',
      }),
  },
  {
    id: 'row.cells',
    danger: 'high',
    ...TRIED,
    assumed: 'cells come back as they were written: blanks, line breaks, fractions, any letters',
    judge: ({ row }) =>
      sameIs(row?.cells, 'the same', {
        follows: 'a plan finds a change in such a cell for ever',
        copes: false,
      }),
  },
  {
    id: 'row.omitted',
    danger: 'medium',
    ...TRIED,
    assumed: 'a column that a PUT leaves out goes to its default',
    judge: ({ row }) =>
      wordIs(
        row?.omitted,
        'default',
        {
          default: 'it went to its default',
          empty: 'it was emptied',
          kept: 'it was kept',
          refused: 'the PUT was refused',
        },
        { follows: 'nothing: strategos writes every column of a row', copes: true },
      ),
  },
  {
    id: 'row.gone',
    danger: 'high',
    ...TRIED,
    assumed: 'a row that was deleted answers 404',
    judge: ({ row }) =>
      statusIs(row?.gone, ({ status }) => status === 404, {
        follows:
          'a lock that was given back, or a strategy that was deleted, still seems to be there',
        copes: false,
      }),
  },
  {
    id: 'row.longest-key',
    danger: 'low',
    ...TRIED,
    assumed: `a key may have ${TABLE_LIMITS.keyCharacters} characters`,
    judge: ({ row }) =>
      lengthJudgement(row?.longestKey, TABLE_LIMITS.keyCharacters, 'names near that length'),
  },
  {
    id: 'row.longest-cell',
    danger: 'medium',
    ...TRIED,
    assumed: `a text may have ${TABLE_LIMITS.cellCharacters} characters`,
    judge: ({ row }) =>
      lengthJudgement(row?.longestCell, TABLE_LIMITS.cellCharacters, 'large strategies'),
  },
];

function raceJudgement({ row }: OrgObserved): Judgement | null {
  if (row?.race === undefined) return null;
  const { accepted, conflicts, others } = row.race;
  const found =
    `${accepted} made, ${conflicts} answered 409` +
    (others === 0 ? '' : `, ${others} ended otherwise`);
  if (accepted === 1 && others === 0) return holds(found);
  if (accepted <= 1) {
    return differs(found, {
      follows: 'an apply that finds the lock held may stop with another fault than that',
      copes: true,
    });
  }
  return differs(found, {
    follows: 'two applies at once can both hold the lock, and undo each other',
    copes: false,
    todo: 'let one machine alone apply, one run at a time',
  });
}

function lengthJudgement(
  length: OrgLength | undefined,
  least: number,
  what: string,
): Judgement | null {
  if (length === undefined) return null;
  const { longest, above } = length;
  const how = above === 'cut' ? '; a longer one is cut off without a word' : '';
  const found = `${longest.toLocaleString('en')}${above === 'not tried' ? ' or more' : ''}${how}`;
  if (longest >= least) return holds(found);
  return differs(found, {
    follows: `${what} are ${above === 'cut' ? 'damaged' : 'refused'} by the platform`,
    copes: false,
    todo: 'keep below that length',
  });
}

type KeyName = keyof NonNullable<OrgObserved['keys']>;

interface KeyTrial {
  readonly name: KeyName;
  readonly what: string;
  /** As a row of such a key is called. */
  readonly key: string;
  readonly danger: Assumption['danger'];
  readonly follows: string;
  readonly copes: boolean;
}

const NAMES = 'strategies with such names cannot be read, changed or deleted; validate says so';

/** What is tried: the key is one part of a path, percent-encoded. */
export const KEY_TRIALS: readonly KeyTrial[] = [
  {
    name: 'unreserved',
    what: '- . _ ~',
    key: 'a-b.c_d~e',
    danger: 'high',
    follows: 'no record of what is ours can be kept',
    copes: false,
  },
  { name: 'slash', what: '/', key: 'a/b', danger: 'high', follows: NAMES, copes: true },
  { name: 'percent', what: '%', key: 'a%2Fb', danger: 'medium', follows: NAMES, copes: true },
  { name: 'hash', what: '#', key: 'a#b', danger: 'medium', follows: NAMES, copes: true },
  { name: 'question', what: '?', key: 'a?b', danger: 'medium', follows: NAMES, copes: true },
  { name: 'semicolon', what: ';', key: 'a;b', danger: 'medium', follows: NAMES, copes: true },
  { name: 'backslash', what: '\\', key: 'a\\b', danger: 'medium', follows: NAMES, copes: true },
  {
    name: 'blank',
    what: 'a blank',
    key: 'a b',
    danger: 'high',
    follows: 'strategies with such names cannot be read, changed or deleted',
    copes: false,
  },
  {
    name: 'plus',
    what: '+',
    key: 'a+b',
    danger: 'medium',
    follows: 'strategies with such names cannot be read, changed or deleted',
    copes: false,
  },
  {
    name: 'unicode',
    what: 'letters beyond ASCII',
    key: 'Zürich東京🙂',
    danger: 'medium',
    follows: 'strategies with such names cannot be read, changed or deleted',
    copes: false,
  },
];

const STEPS = {
  create: 'such a row cannot be made',
  read: 'such a row is made, and not found',
  replace: 'such a row is made, and cannot be changed',
  delete: 'such a row is made, and cannot be deleted',
} as const;

function keyAssumption({ name, what, danger, follows, copes }: KeyTrial): Assumption {
  return {
    id: `key.${name}`,
    danger,
    tried: 'write',
    assumed: `a key may have ${what}`,
    judge: ({ keys }) => {
      const key = keys?.[name];
      if (key === undefined) return null;
      if (key === 'works') return holds('made, read, changed and deleted');
      const found = `${STEPS[key.step]}: it answered ${answerText(key)}`;
      const todo = copes ? `name strategies without ${what}` : undefined;
      return differs(found, { follows, copes, ...(todo === undefined ? {} : { todo }) });
    },
  };
}

const AUDIT: Assumption = {
  id: 'audit.of-rows',
  danger: 'medium',
  tried: 'write',
  backend: 'datatable',
  assumed: 'a change of a row is audited with its columns and the key of the row',
  judge: ({ auditOfRows }) => {
    if (auditOfRows === undefined) return null;
    const { events, key } = auditOfRows;
    if (events === 'none') {
      return differs('no record of it came', {
        follows: 'who changed one in the org is unknown: drift and audit trail say so',
        copes: true,
      });
    }
    const found = `${events}, the key ${key === 'nowhere' ? key : `in its ${key}`}`;
    if (events === 'with columns' && key !== 'nowhere') return holds(found);
    return differs(found, {
      follows:
        key === 'nowhere'
          ? 'who changed a strategy is unknown: no record says which row it is about'
          : 'drift says who probably changed a field, as no record says which',
      copes: true,
    });
  },
};

export const TABLES: readonly Assumption[] = [
  ...TABLE,
  ...ROW,
  ...KEY_TRIALS.map(keyAssumption),
  AUDIT,
];
