/** Rows of data tables in manifests and in files beside them: what is wrong is told by its place. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readManifests } from '../../src/files/manifests.js';
import { bundle, loadManifests, validateAll } from '../../src/manifest/load.js';
import { specOf } from '../../src/core/manifest.js';

const ENVIRONMENT = `apiVersion: strategos/v1
kind: Environment
metadata: { name: prod }
spec: { host: http://127.0.0.1:9, backend: datatable, owner: example/routing }
`;

const table = (rows: string): string => `apiVersion: strategos/v1
kind: DataTable
metadata: { name: Sites }
spec:
  columns:
    - { name: site, type: string }
    - { name: agents, type: integer, maximum: 90 }
    - { name: open, type: boolean }
    - { name: note, type: string, default: none }
  rows:
${rows}
`;

type Files = Readonly<Record<string, string>>;

function issuesIn(files: Files): string[] {
  const sources = Object.entries({ 'env.yaml': ENVIRONMENT, ...files });
  const loaded = loadManifests(
    sources.map(([file, text]) => ({ path: file, bytes: new TextEncoder().encode(text) })),
  );
  return validateAll(loaded).map(
    ({ at, message, hint = '' }) => `${at?.file}:${at?.line}:${at?.column}: ${message} | ${hint}`,
  );
}

function itemsIn(files: Files): unknown {
  const sources = Object.entries({ 'env.yaml': ENVIRONMENT, ...files });
  const loaded = loadManifests(
    sources.map(([file, text]) => ({ path: file, bytes: new TextEncoder().encode(text) })),
  );
  const { manifests, issues } = bundle(loaded, 'prod');
  expect(issues).toEqual([]);
  return manifests.map((one) => specOf(one)['rows']);
}

describe('rows in a manifest', () => {
  const rows = (...items: string[]): Files => ({
    't.yaml': table(
      ['    mode: owned', '    items:', ...items.map((one) => `      - ${one}`)].join('\n'),
    ),
  });

  it.each([
    [
      '{ site: Bonn, agnets: 4 }',
      '13:23: spec.rows: the table has no column "agnets" | did you mean agents?',
    ],
    [
      '{ site: Bonn, agents: "4" }',
      '13:23: spec.rows: "agents" is of type integer; found "4" | write a whole number without quotes',
    ],
    [
      '{ site: Bonn, agents: 4.5 }',
      '13:23: spec.rows: "agents" is of type integer; found 4.5 | write a number without a fraction',
    ],
    [
      '{ site: Bonn, agents: 091 }',
      '13:23: spec.rows: "agents" is at most 90; found 091 | write a smaller number',
    ],
    [
      '{ site: Bonn, note: 1.10 }',
      '13:23: spec.rows: "note" is of type string; found 1.10 | put it in quotes: "1.10"',
    ],
    [
      '{ site: Bonn, agents: 91 }',
      '13:23: spec.rows: "agents" is at most 90; found 91 | write a smaller number',
    ],
    [
      '{ site: Bonn, open: "yes" }',
      '13:23: spec.rows: "open" is of type boolean; found "yes" | write true or false',
    ],
    ['{ agents: 4 }', '13:9: spec.rows: a row without its key, "site" | give it a site'],
    ['{ site: 4 }', '13:11: spec.rows: the key 4 is no text | put it in quotes: "4"'],
    ...['1.10', '010', '0x10', '0o17', '1e3', '+49', '-0', '.5', 'True', 'false'].map((key) => [
      `{ site: ${key} }`,
      `13:11: spec.rows: the key ${key} is no text | put it in quotes: "${key}"`,
    ]),
    ['{ site: "" }', '13:11: spec.rows: a row without its key, "site" | give it a site'],
    [
      '{ site: ".." }',
      '13:11: spec.rows: the key ".." cannot be part of a path, as that of a row is | choose another',
    ],
    ['{ site: . }', '13:11: spec.rows: the key "." cannot be part of a path'],
  ])('%s', (item, issue) => {
    expect(issuesIn(rows(item))).toEqual([expect.stringMatching(/^t\.yaml:/)]);
    expect(issuesIn(rows(item))[0]).toContain(issue);
  });

  it('a key that an overlay puts there, or moves, is told as it is written', () => {
    const overlay = (patch: string): string => `apiVersion: strategos/v1
kind: Overlay
metadata: { name: prod-sites }
spec:
  environment: prod
  target: { kind: DataTable, name: Sites }
  patch: [${patch}]
`;
    const files = rows('{ site: Bonn }', '{ site: Ulm }');
    const path = '/spec/rows/items/0/site';
    const patch = overlay(`{ value: 1.10, op: replace, path: ${path} }`);
    expect(issuesIn({ ...files, 'o.yaml': patch })[0]).toContain('put it in quotes: "1.10"');
    const item = overlay(`{ op: add, path: /spec/rows/items/-, value: { site: 010 } }`);
    expect(issuesIn({ ...files, 'o.yaml': item })[0]).toContain('put it in quotes: "010"');
    const limited = files['t.yaml']?.replace('maximum: 90', 'maximum: 0090') ?? '';
    const from = '/spec/columns/1/maximum';
    const moved = overlay(`{ op: move, from: ${from}, path: ${path} }`);
    const [found] = issuesIn({ 't.yaml': limited, 'o.yaml': moved });
    expect(found).toContain('the key 0090 is no text | put it in quotes: "0090"');
  });

  it('rows of a column that has no name are not judged by it', () => {
    const text = rows('{ site: Bonn }')['t.yaml']?.replace('name: site', 'nam: site') ?? '';
    expect(issuesIn({ 't.yaml': text })).toEqual([
      expect.stringContaining('nam: unknown key | did you mean name?'),
    ]);
  });

  it('a default that is not of its type is told as it is written', () => {
    const text = table('    mode: ignore').replace('default: none', 'default: 007');
    expect(issuesIn({ 't.yaml': text })).toEqual([
      expect.stringContaining('of type string; found 007 | put it in quotes: "007"'),
    ]);
  });

  it('a key twice is told with the line of the first', () => {
    expect(issuesIn(rows('{ site: Bonn }', '{ site: Bonn, agents: 2 }'))).toEqual([
      't.yaml:14:11: spec.rows: the key "Bonn" is used already, in t.yaml:13 | ' +
        'remove one of the two rows, or give it another key',
    ]);
  });

  it.each([
    ['    mode: owned', 'spec.rows.mode: owned needs the rows'],
    ['    mode: ignore\n    items: []', 'spec.rows: mode ignore touches no row'],
    [
      '    mode: seed\n    items: []\n    from: a.csv',
      'spec.rows: items and from both say the rows',
    ],
  ])('%j', (text, message) => {
    expect(issuesIn({ 't.yaml': table(text) })).toEqual([expect.stringContaining(message)]);
  });

  it('more than a table has room for are refused', () => {
    const items = Array.from({ length: 5001 }, (_, n) => `{ site: s${n} }`);
    expect(issuesIn(rows(...items))).toEqual([
      expect.stringContaining('spec.rows: 5001 rows, and a data table has room for 5000'),
    ]);
  });

  it('many that are wrong are counted', () => {
    const found = issuesIn(rows(...Array.from({ length: 40 }, (_, n) => `{ site: s${n}, x: 1 }`)));
    expect(found).toHaveLength(21);
    expect(found.at(-1) ?? found[0]).toBeDefined();
    expect(found.join('\n')).toContain('20 further problems in these rows are not shown');
  });
});

describe('rows in a file', () => {
  const from = (file: string, csv: Files = {}): Files => ({
    'sites/t.yaml': table(`    mode: owned\n    from: ${file}`),
    ...csv,
  });

  it('are those of its lines, by the types of their columns', () => {
    const csv = 'site,agents,open,note\r\nBonn,4,true,"a, ""b"""\r\n\r\n"Köln",,false,\r\n';
    expect(itemsIn(from('rows/sites.csv', { 'sites/rows/sites.csv': csv }))).toEqual([
      {
        mode: 'owned',
        items: [
          { site: 'Bonn', agents: 4, open: true, note: 'a, "b"' },
          { site: 'Köln', open: false, note: '' },
        ],
      },
    ]);
  });

  it.each([
    ['site,agnets\nBonn,4\n', '1:6: the manifest has no column "agnets" | did you mean agents?'],
    [
      'site,agents\nBonn,4\nKoeln,four\n',
      '3:7: spec.rows: "agents" is of type integer; found "four"',
    ],
    [
      'site,agents\nBonn,4\nBonn,5\n',
      '3:1: spec.rows: the key "Bonn" is used already, in sites/s.csv:2',
    ],
    ['site,agents\nBonn\n', '2:1: a line of 1 cells, where the first line names 2'],
    ['agents\n4\n', '1:1: the first line lacks the column "site"'],
    ['site,site\nBonn,x\n', '1:6: the column "site" is there twice'],
    ['site\n"Bonn\n', '2:1: the quote is not closed'],
    ['site\nBo"nn\n', '2:3: a quote inside a bare text'],
    ['site,agents\nBonn,9007199254740993\n', '2:6: spec.rows: "agents" is of type integer'],
    ['', '1:1: the first line lacks the column "site"'],
    ...[
      ['site;agents\nBonn;4\n', '1:5', 'a semicolon'],
      ['\ufeffsite;agents;open\r\nBonn;4,5;true\r\n', '1:5', 'a semicolon'],
      ['"site";"agents"\n"Bonn";"4"\n', '1:7', 'a semicolon'],
      ['site;"agents"\n"Bonn";4\n', '1:5', 'a semicolon'],
      ['"a, b";agents\n', '1:7', 'a semicolon'],
      ['sep=;\nsite;agents\n', '1:5', 'a semicolon'],
      ['site\tagents\nBonn\t4\n', '1:5', 'a tab'],
      ['site|agents\nBonn|4\n', '1:5', 'a bar'],
    ].map(([csv = '', at = '', what = '']) => [
      csv,
      `${at}: cells are parted by commas; the first line has ${what} and no comma | ` +
        'save the file as CSV with commas; a text that holds a comma stands in quotes',
    ]),
    ['site,a;b\nBonn,4\n', '1:6: the manifest has no column "a;b" | the columns are: '],
    [
      'site,agents\nBonn,010\n',
      'found "010" | write a whole number in digits alone, without zeros before it',
    ],
    ['site,agents\nBonn,9007199254740993\n', 'found 9007199254740993 | write one from -90071992'],
    ['site,agents\nBonn,1.50\n', 'found 1.50 | write a number without a fraction'],
    ['site,agents\nBonn,1e400\n', 'found 1e400 | write one from -90071992'],
    ['site,agents\nBonn,9.1e1\n', '"agents" is at most 90; found 9.1e1 | write a smaller number'],
    ['site,open\nBonn,yes\n', '"open" is of type boolean; found "yes" | write true or false'],
  ])('%j', (csv, issue) => {
    const found = issuesIn(from('s.csv', { 'sites/s.csv': csv }));
    expect(found).toEqual([expect.stringMatching(/^sites\/s\.csv:/)]);
    expect(found[0]).toContain(issue);
  });

  it('have every line told that is wrong, whatever is wrong with it', () => {
    const lines = ['Bonn', 'Kiel,four', 'Ulm,1,2', 'Hof,5', 'Hof,6'];
    const found = issuesIn(from('s.csv', { 'sites/s.csv': `site,agents\n${lines.join('\n')}\n` }));
    expect(found.map((one) => one.split(' | ')[0])).toEqual([
      'sites/s.csv:2:1: a line of 1 cells, where the first line names 2',
      expect.stringMatching(/^sites\/s\.csv:3:6: .*found "four"/),
      'sites/s.csv:4:1: a line of 3 cells, where the first line names 2',
      expect.stringMatching(/^sites\/s\.csv:6:1: .*"Hof" is used already, in sites\/s\.csv:5/),
    ]);
  });

  it('whose lines all lack a cell are counted', () => {
    const lines = Array.from({ length: 40 }, (_, n) => `s${n}\n`).join('');
    const found = issuesIn(from('s.csv', { 'sites/s.csv': `site,agents\n${lines}` }));
    expect(found).toHaveLength(21);
    expect(found.at(-1)).toBe(
      'sites/s.csv:22:1: 20 further lines of too few or too many cells are not shown | ',
    );
  });

  it('hold no secret, as in the manifest itself', () => {
    const one = table('    mode: owned\n    from: s.csv').replace('name: note', 'name: password');
    const csv = 'site,password\nBonn,hunter2\nhttps://a.example/x?sig=hunter2,\n';
    const found = issuesIn({ 't.yaml': one, 's.csv': csv });
    expect(found).toEqual([
      expect.stringMatching(/^s\.csv:2:6: spec\.rows\.items\[0\]\.password: a secret does not/),
      expect.stringMatching(/^s\.csv:3:1: spec\.rows\.items\[1\]\.site: the address carries/),
    ]);
    expect(found.join()).not.toContain('hunter2');
  });

  it.each(['1e400', '-1e400'])('have no number as far from 0 as %s', (csv) => {
    const one = table('    mode: owned\n    from: s.csv').replace('integer, maximum: 90', 'number');
    expect(issuesIn({ 't.yaml': one, 's.csv': `site,agents\nBonn,${csv}\n` })).toEqual([
      expect.stringContaining(`found ${csv} | write a number nearer to 0`),
    ]);
  });

  it('may have one column alone, whatever is in its name', () => {
    const one = table('    mode: owned\n    from: s.csv')
      .replace(/ {4}- \{ name: (?!site).*\n/g, '')
      .replace('name: site', 'name: "a;b"');
    expect(itemsIn({ 't.yaml': one, 's.csv': 'a;b\n1;2\n' })).toEqual([
      { mode: 'owned', items: [{ 'a;b': '1;2' }] },
    ]);
  });

  it.each(['s.CSV', 's.txt', 's'])('have the ending .csv, and not that of %s', (file) => {
    const found = issuesIn(from(file));
    expect(found).toEqual([expect.stringContaining(`"${file}" is not accepted here | A CSV file`)]);
    expect(found[0]).toContain('ending in .csv in small letters');
  });

  it.each([
    ['missing.csv', 'no file sites/missing.csv was read in the folder of manifests'],
    ['/etc/passwd.csv', '"/etc/passwd.csv" is no path from the folder of this manifest'],
    ['../../s.csv', '"../../s.csv" is no path from the folder of this manifest'],
    ['C:\\s.csv', 'is no path from the folder of this manifest'],
  ])('%s is told at the line that names it', (file, message) => {
    const found = issuesIn(from(file));
    expect(found).toEqual([expect.stringContaining(`sites/t.yaml:12:5: spec.rows.from: `)]);
    expect(found[0]).toContain(message);
  });

  it('may differ from environment to environment', () => {
    const overlay = `apiVersion: strategos/v1
kind: Overlay
metadata: { name: prod-sites }
spec:
  environment: prod
  target: { kind: DataTable, name: Sites }
  patch: [{ op: replace, path: /spec/rows/from, value: prod.csv }]
`;
    const csv = { 'sites/dev.csv': 'site\nTest\n', 'sites/prod.csv': 'site\nBonn\n' };
    expect(itemsIn({ ...from('dev.csv', csv), 'overlay.yaml': overlay })).toEqual([
      { mode: 'owned', items: [{ site: 'Bonn' }] },
    ]);
  });
});

describe('the files of a folder', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'rows-'));
    await mkdir(path.join(dir, 'strategies'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  const put = async (file: string, text: string): Promise<void> =>
    writeFile(path.join(dir, 'strategies', file), text);
  const csvRead = async (given = 'strategies'): Promise<string[]> => {
    const { sources, issues } = await readManifests(given, dir);
    expect(issues).toEqual([]);
    return sources.map(({ path: at }) => at).filter((at) => at.endsWith('.csv'));
  };

  it('are read where a manifest names them, and else left alone', async () => {
    await put('t.yaml', table('    mode: owned\n    from: s.csv'));
    await put('s.csv', 'site\nBonn\n');
    await put('other.csv', 'no\nbusiness of ours\n');
    expect(await csvRead()).toEqual(['strategies/s.csv']);
    expect(await csvRead('strategies/t.yaml')).toEqual(['strategies/s.csv']);
  });

  it('are not looked for where no manifest speaks of one', async () => {
    await put('t.yaml', ENVIRONMENT);
    await put('s.csv', 'site\nBonn\n');
    expect(await csvRead()).toEqual([]);
  });

  it('do not lead out of it by a link', async () => {
    await writeFile(path.join(dir, 'secret.csv'), 'site\nsecret\n');
    await put('t.yaml', table('    mode: owned\n    from: s.csv'));
    await symlink(path.join(dir, 'secret.csv'), path.join(dir, 'strategies', 's.csv'));
    const { sources } = await readManifests('strategies', dir);
    expect(sources.map(({ bytes }) => Buffer.from(bytes).toString()).join()).not.toContain(
      'secret',
    );
    const why = sources.find((one) => one.path.endsWith('s.csv'))?.unread;
    expect(why).toContain('leads out of');
  });
});
