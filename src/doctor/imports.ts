/** What strategos believes of the import of rows from CSV files: rule by rule. */
import type { OrgObserved } from '../generated/types.js';
import { isDone, sameIs, statusIs, wordIs } from './assumption.js';
import type { Assumption, Differs, Judgement } from './assumption.js';

type Imports = NonNullable<OrgObserved['imports']>;

const ONE_BY_ONE = 'rows go one by one, which takes more requests';
const LOOKED_AT = 'none that is harmful: after an import every row is looked at';
const NEVER = 'nothing: strategos sends no such file';

function assumption(
  id: string,
  assumed: string,
  judge: (imports: Imports) => Judgement | null,
  danger: Assumption['danger'] = 'low',
): Assumption {
  return {
    id: `import.${id}`,
    danger,
    tried: 'write',
    assumed,
    judge: ({ imports }) => (imports === undefined ? null : judge(imports)),
  };
}

const coped = (follows: string): Omit<Differs, 'verdict' | 'found'> => ({ follows, copes: true });

/** What strategos rests on when it sends many rows at once. */
const USED: readonly Assumption[] = [
  assumption('begun', 'a job can be asked for', ({ begun }) =>
    statusIs(begun, isDone, coped(ONE_BY_ONE)),
  ),
  assumption('upload', 'the address that a job names takes its file', ({ upload }) =>
    statusIs(upload, isDone, coped(ONE_BY_ONE)),
  ),
  assumption('ended', 'a file without fault is imported', ({ ended }) =>
    wordIs(
      ended,
      'Succeeded',
      { Succeeded: 'the job has Succeeded', Failed: 'the job has Failed' },
      coped(ONE_BY_ONE),
    ),
  ),
  assumption(
    'cells',
    'quotes, commas, line breaks and any letters of a file arrive as they are',
    ({ cells }) =>
      sameIs(cells, 'the same', {
        follows: 'rows of an apply of many strategies are not as they were sent',
        copes: false,
        todo: 'apply few strategies at a time: those go one by one',
      }),
    'medium',
  ),
  assumption(
    'others',
    'rows that are not in a file that is appended stay',
    ({ others }) =>
      wordIs(
        others,
        'kept',
        { kept: 'they stay', gone: 'they are deleted' },
        {
          follows: 'an apply of many rows deletes all others of the table',
          copes: false,
          todo: 'do not apply many strategies at once',
        },
      ),
    'high',
  ),
  assumption(
    'replaced',
    'a row that is in the file and was there is replaced',
    ({ replaced }) =>
      wordIs(
        replaced,
        'replaced',
        { replaced: 'it is replaced', kept: 'it stays as it was' },
        coped(LOOKED_AT),
      ),
    'medium',
  ),
  assumption('omitted', 'a column that the file leaves out goes to its default', ({ omitted }) =>
    wordIs(
      omitted,
      'default',
      { default: 'it does', kept: 'it is kept', empty: 'it is emptied' },
      coped('nothing: strategos sends every column'),
    ),
  ),
  assumption(
    'empty-text',
    'an empty cell of a text column empties it, whatever its default',
    ({ emptyText }) =>
      wordIs(
        emptyText,
        'empty',
        {
          empty: 'it does',
          default: 'it brings the default',
          'left out': 'the record is left out',
        },
        coped(`${LOOKED_AT}; a column with a default that somebody added may get it`),
      ),
    'medium',
  ),
  assumption('empty-number', 'an empty cell of a number column brings its default', (imports) =>
    wordIs(
      imports.emptyNumber,
      'default',
      { default: 'it does', 'left out': 'the record is left out' },
      coped(NEVER),
    ),
  ),
  assumption(
    'spaces',
    'blanks at the ends of a text stay',
    ({ spaces }) =>
      wordIs(
        spaces,
        'kept',
        { kept: 'they stay', trimmed: 'they are cut off' },
        coped(`${LOOKED_AT}; names of queues have none`),
      ),
    'medium',
  ),
  assumption('counts', 'a job counts the rows that it wrote and those that failed', ({ counts }) =>
    wordIs(
      counts,
      'right',
      { right: 'it does', wrong: 'its counts are others', absent: 'it has no counts' },
      coped('after an import every row is looked at, which takes more requests'),
    ),
  ),
];

const taken = { taken: 'it is taken', refused: 'the job fails' } as const;
const leftOut = { 'left out': 'it is left out', taken: 'it is taken' } as const;

/** Rules that no file of ours tries, and the simulator has. */
const UNUSED: readonly Assumption[] = [
  assumption('line-feed', 'lines may end in a line feed alone', ({ lineFeed }) =>
    wordIs(lineFeed, 'taken', taken, coped(NEVER)),
  ),
  assumption('title', 'a column may be named by its title', ({ title }) =>
    wordIs(title, 'taken', taken, coped(NEVER)),
  ),
  assumption('mark', 'a byte order mark spoils a file', ({ mark }) =>
    wordIs(mark, 'refused', taken, coped(NEVER)),
  ),
  assumption('bad-record', 'a record that is wrong is left out, the others go on', (imports) =>
    wordIs(
      imports.badRecord,
      'left out',
      { 'left out': 'it is', 'fails the job': 'the job fails' },
      coped('where one row is refused, all go one by one'),
    ),
  ),
  assumption('duplicate', 'of two records with one key the first counts', ({ duplicate }) =>
    wordIs(
      duplicate,
      'first',
      { first: 'the first', last: 'the last', neither: 'neither' },
      coped(NEVER),
    ),
  ),
  assumption('wrong-type', 'a text in a number column is left out', ({ wrongType }) =>
    wordIs(wrongType, 'left out', leftOut, coped(NEVER)),
  ),
  assumption('short', 'a record with too few cells is left out', ({ short }) =>
    wordIs(short, 'left out', leftOut, coped(NEVER)),
  ),
  assumption('empty-line', 'an empty line counts as a record that failed', ({ emptyLine }) =>
    wordIs(
      emptyLine,
      'left out',
      { 'left out': 'it does', ignored: 'it counts as nothing' },
      coped(NEVER),
    ),
  ),
  assumption('unknown-column', 'a column that the table does not have fails the job', (imports) =>
    wordIs(imports.unknownColumn, 'refused', taken, coped(NEVER)),
  ),
  assumption('double-column', 'a column that is there twice fails the job', (imports) =>
    wordIs(imports.doubleColumn, 'refused', taken, coped(NEVER)),
  ),
  assumption('no-key', 'a file without the key column fails the job', ({ noKey }) =>
    wordIs(noKey, 'refused', taken, coped(NEVER)),
  ),
  assumption('second-file', 'a second file for one job is refused', ({ secondFile }) =>
    statusIs(secondFile, ({ status }) => status >= 400 && status < 500, coped(LOOKED_AT)),
  ),
  assumption('replace-all', 'the mode ReplaceAll deletes what is not in the file', (imports) =>
    wordIs(
      imports.replaceAll,
      'gone',
      { gone: 'it does', kept: 'other rows stay' },
      coped('nothing: strategos never uses it'),
    ),
  ),
  assumption('header-alone', 'a header alone empties the table in that mode', (imports) =>
    wordIs(
      imports.headerAlone,
      'empties',
      { empties: 'it does', refused: 'the job fails', keeps: 'the rows stay' },
      coped('nothing: strategos never uses it'),
    ),
  ),
];

export const IMPORTS: readonly Assumption[] = [...USED, ...UNUSED];
