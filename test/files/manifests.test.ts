import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readManifests } from '../../src/files/manifests.js';
import { loadManifests, validateAll } from '../../src/manifest/load.js';
import { issueText } from '../manifest/issue-text.js';
import { GONE } from '../support/gone.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'manifests-'));
});
afterEach(() => rmSync(cwd, GONE));

function write(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(join(cwd, path, '..'), { recursive: true });
    writeFileSync(join(cwd, path), path);
  }
}

async function read(paths: string | string[]) {
  const { sources, issues } = await readManifests(paths, cwd);
  return { paths: sources.map(({ path }) => path), issues: issues.map(issueText), sources };
}

describe('readManifests', () => {
  it('finds every manifest at any depth, in code-unit order', async () => {
    write(
      's/b.yaml',
      's/a/z.yml',
      's/B.yaml',
      's/a.yaml',
      's/ä.yaml',
      's/x.json',
      's/y.yaml.bak',
      's/README.md',
    );
    write('s/.git/c.yaml', 's/.hidden/c.yaml', 's/node_modules/c.yaml', 'other/c.yaml');
    const { paths, issues, sources } = await read('s');
    expect(paths).toEqual(['s/B.yaml', 's/a.yaml', 's/a/z.yml', 's/b.yaml', 's/ä.yaml']);
    expect(issues).toEqual([]);
    expect(new TextDecoder().decode(sources[2]?.bytes)).toBe('s/a/z.yml');
  });

  it('takes files by name, and each once', async () => {
    write('s/a.yaml', 'one.txt');
    expect(await read(['s/a.yaml', 's', 'one.txt', join(cwd, 's')])).toMatchObject({
      paths: ['one.txt', 's/a.yaml'],
      issues: [],
    });
  });

  it('finds the CSV file of a part above the folder that one stands in, in the checkout', async () => {
    write('s/rows.csv');
    writeFileSync(join(cwd, 'rows.csv'), 'site\nKiel\n');
    mkdirSync(join(cwd, 's/tables'), { recursive: true });
    const table = (from: string): string =>
      'apiVersion: strategos/v1\nkind: DataTable\nmetadata: { name: Sites }\n' +
      `spec: { columns: [{ name: site, type: string }], rows: { mode: owned, from: ${from} } }\n`;
    writeFileSync(join(cwd, 's/tables/t.yaml'), table('../rows.csv'));
    writeFileSync(join(cwd, 's/rows.csv'), 'site\nBonn\n');
    const inside = async (): Promise<readonly [string[], string[]]> => {
      const found = await readManifests(['t.yaml'], join(cwd, 's/tables'), true);
      const issues = [...found.issues, ...validateAll(loadManifests(found.sources))];
      return [found.sources.map(({ path }) => path), issues.map(({ message }) => message)];
    };
    // Where no checkout says how far up is ours, nothing above is read.
    expect(await inside()).toEqual([
      ['t.yaml'],
      ['spec.rows.from: "../rows.csv" is no path from the folder of this manifest'],
    ]);
    execFileSync('git', ['init', '-q'], { cwd });
    expect(await inside()).toEqual([['t.yaml', '../rows.csv'], []]);
    writeFileSync(join(cwd, 's/tables/t.yaml'), table('../../rows.csv'));
    expect((await inside())[1]).toEqual([]);
    writeFileSync(join(cwd, 's/tables/t.yaml'), table('../../../rows.csv'));
    expect((await inside())[1]).toHaveLength(1);
  });

  it('shows paths from elsewhere', async () => {
    write('s/a.yaml', 'deep/x');
    const { sources } = await readManifests('../s', join(cwd, 'deep'));
    expect(sources.map(({ path }) => path)).toEqual(['../s/a.yaml']);
  });

  it('reads many', async () => {
    write(...Array.from({ length: 500 }, (_, i) => `s/${i % 7}/${i}.yaml`));
    const { paths } = await read('s');
    expect(paths).toHaveLength(500);
    expect(paths).toEqual([...paths].sort());
  });

  it('says what is not there', async () => {
    expect((await read(['nowhere', 'nor/here.yaml'])).issues).toEqual([
      'nor/here.yaml:1:1 missing-path there is no such file or folder (check the path, or name the folder with --dir; strategos init starts one)',
      'nowhere:1:1 missing-path there is no such file or folder (check the path, or name the folder with --dir; strategos init starts one)',
    ]);
  });

  it('says where it is to whoever stands below', async () => {
    write('s/a.yaml', 's/deep/er/b.yaml');
    const from = async (folder: string, given: string): Promise<string | undefined> => {
      const { issues } = await readManifests(given, join(cwd, folder));
      return issues[0]?.hint;
    };
    expect(await from('s', 's')).toBe('../s is there: cd .. first');
    expect(await from('s/deep/er', 's')).toBe('../../../s is there: cd ../../.. first');
    expect(await from('s', 's/a.yaml')).toBe('../s/a.yaml is there: cd .. first');
    expect(await from('s', 't')).toContain('check the path');
    expect(await from('s', '../t')).toContain('check the path');
  });

  it('refuses a folder without manifests', async () => {
    write('s/README.md');
    expect((await read('s')).issues).toEqual([
      's:1:1 no-manifests no manifest in this folder (strategos init writes the first ones; or write *.yaml or *.yml files there)',
    ]);
  });

  it('says what has the name of a manifest and is none, and waits for nobody', async () => {
    write('s/a.yaml');
    execFileSync('mkfifo', [join(cwd, 's/pipe.yaml'), join(cwd, 's/pipe')]);
    symlinkSync('pipe', join(cwd, 's/link.yml'));
    const none = 'not-a-file a pipe, a socket or a device (put a file in its place)';
    expect(await read('s')).toMatchObject({
      paths: ['s/a.yaml'],
      issues: [`s/link.yml:1:1 ${none}`, `s/pipe.yaml:1:1 ${none}`],
    });
    write('s/.strategosignore');
    writeFileSync(join(cwd, 's/.strategosignore'), '*pipe*\nlink.yml\n');
    expect((await read('s')).issues).toEqual([]);
  });

  it('says which files it does not read for the letters of their ending', async () => {
    write('s/a.yaml', 's/b.YAML', 's/c.Yml', 's/d.YAML.bak');
    const { paths, issues } = await read('s');
    expect(paths).toEqual(['s/a.yaml']);
    expect(issues).toEqual([
      's/b.YAML:1:1 warning odd-file-name not read: its name ends with .YAML, in other letters ' +
        '(rename it: manifests end with .yaml)',
      's/c.Yml:1:1 warning odd-file-name not read: its name ends with .Yml, in other letters ' +
        '(rename it: manifests end with .yml)',
    ]);
    rmSync(join(cwd, 's/a.yaml'));
    expect((await read('s')).issues.join()).toContain('s:1:1 no-manifests');
  });

  it('does not read a large file', async () => {
    write('s/a.yaml');
    writeFileSync(join(cwd, 's/big.yaml'), Buffer.alloc(1024 * 1024 + 1, '#'));
    writeFileSync(join(cwd, 's/full.yaml'), Buffer.alloc(1024 * 1024, '#'));
    expect(await read('s')).toMatchObject({
      paths: ['s/a.yaml', 's/full.yaml'],
      issues: [
        's/big.yaml:1:1 file-too-large the file has 1048577 bytes; the limit is 1048576 (split it into several files)',
      ],
    });
  });

  it.skipIf(process.getuid?.() === 0)('says what it may not read', async () => {
    write('s/a.yaml', 's/b.yaml');
    chmodSync(join(cwd, 's/b.yaml'), 0);
    expect(await read('s')).toMatchObject({
      paths: ['s/a.yaml'],
      issues: ['s/b.yaml:1:1 unreadable reading it is not permitted (make the file readable)'],
    });
  });

  it('follows links inside the folder, once, and loops end', async () => {
    write('s/a/one.yaml', 's/..data/two.yaml');
    symlinkSync('..', join(cwd, 's/a/up'));
    symlinkSync('a', join(cwd, 's/again'));
    symlinkSync('a/one.yaml', join(cwd, 's/0.yaml'));
    symlinkSync('..data/two.yaml', join(cwd, 's/two.yaml'));
    expect(await read('s')).toMatchObject({ paths: ['s/a/one.yaml', 's/two.yaml'], issues: [] });
  });

  it('does not follow links out of the folder', async () => {
    write('s/a.yaml', 'secret/b.yaml', 'sibling.yaml');
    symlinkSync('../secret', join(cwd, 's/dir'));
    symlinkSync('../secret/b.yaml', join(cwd, 's/file.yaml'));
    symlinkSync('../sibling.yaml', join(cwd, 's/note.txt'));
    const hint = '(put a copy in its place, or remove the link)';
    expect(await read('s')).toMatchObject({
      paths: ['s/a.yaml'],
      issues: ['s/dir', 's/file.yaml'].map(
        (path) =>
          `${path}:1:1 link-outside the link leads out of the folder and is not followed ${hint}`,
      ),
    });
  });

  it.each<[string, string, () => void]>([
    ['a folder', 'it is a folder', () => mkdirSync(join(cwd, 's/t.csv'))],
    ['a link to nowhere', 'leads nowhere', () => symlinkSync('gone.csv', join(cwd, 's/t.csv'))],
    ['a link out', 'leads out of', () => symlinkSync('../other.csv', join(cwd, 's/t.csv'))],
  ])('says of rows that are %s why they are not read, once', async (_, why, make) => {
    const table = [
      'apiVersion: strategos/v1',
      'kind: Environment',
      'metadata: { name: prod }',
      'spec: { backend: datatable, owner: us }',
      '---',
      'apiVersion: strategos/v1',
      'kind: DataTable',
      'metadata: { name: T }',
      'spec: { columns: [{ name: site, type: string }], rows: { mode: owned, from: t.csv } }',
      '',
    ];
    write('s/a.yaml', 'other.csv');
    writeFileSync(join(cwd, 's/a.yaml'), table.join('\n'));
    make();
    const { sources, issues } = await readManifests('s', cwd);
    // A link to nowhere is said of every file, whatever it is for.
    const own = issues.filter(({ code }) => code !== 'missing-path');
    const all = [...own, ...validateAll(loadManifests(sources))];
    expect(all.map(({ code, message, at }) => [code, message.includes(why), at?.line])).toEqual([
      ['unreadable', true, 9],
    ]);
  });

  it('hears of what is left out from beside the folder, wherever it is called from', async () => {
    write('w/s/a.yaml', 'w/s/b.yaml', 'x/c.yaml');
    writeFileSync(join(cwd, 'w/.strategosignore'), 's/b.yaml\n');
    const names = async (from: string, folder: string): Promise<string[]> => {
      const { sources } = await readManifests(folder, join(cwd, from));
      return sources.map(({ path }) => basename(path));
    };
    for (const [from, folder] of [
      ['w', 's'],
      ['w/s', '.'],
      ['x', '../w/s'],
      ['.', 'w/s'],
    ] as const) {
      expect([from, await names(from, folder)]).toEqual([from, ['a.yaml']]);
    }
  });

  it('says which links are broken', async () => {
    write('s/a.yaml');
    symlinkSync('gone.yaml', join(cwd, 's/b.yaml'));
    symlinkSync('c.yaml', join(cwd, 's/c.yaml'));
    expect((await read('s')).issues).toEqual([
      's/b.yaml:1:1 missing-path there is no such file or folder (mend the link, or remove it)',
      's/c.yaml:1:1 unreadable a link that leads to itself (mend the link, or remove it)',
    ]);
  });

  it('a folder given may itself be a link', async () => {
    write('real/a.yaml');
    symlinkSync('real', join(cwd, 's'));
    expect(await read('s')).toMatchObject({ paths: ['s/a.yaml'], issues: [] });
  });

  it('refuses what is neither file nor folder, and names that write to a terminal', async () => {
    write('s/a\u001b[31m.yaml');
    expect((await read(['/dev/null', 's'])).issues).toEqual([
      expect.stringContaining(
        'null:1:1 not-a-file neither a file nor a folder (give a file or a folder)',
      ),
      's/a\ufffd[31m.yaml:1:1 odd-file-name a control character in the name (rename the file)',
    ]);
  });
});

describe('.strategosignore', () => {
  const rules = (folder: string, ...lines: string[]): void => {
    mkdirSync(join(cwd, folder), { recursive: true });
    writeFileSync(join(cwd, folder, '.strategosignore'), `${lines.join('\n')}\n`);
  };

  it('leaves out files and folders, as git reads .gitignore', async () => {
    write('s/a.yaml', 's/wip/b.yaml', 's/x/wip/c.yaml', 's/x/d-draft.yaml', 's/x/keep-draft.yaml');
    rules('s', '# of nobody', 'wip/', '*-draft.yaml', '!keep-*.yaml');
    const { paths, issues } = await read('s');
    expect(paths).toEqual(['s/a.yaml', 's/x/keep-draft.yaml']);
    expect(issues).toEqual([]);
  });

  it('holds in its folder, of inner rules the innermost', async () => {
    write('s/a/one.yaml', 's/b/one.yaml', 's/b/two.yaml');
    rules('s', 'one.yaml');
    rules('s/b', '!one.yaml', '/two.yaml');
    expect((await read('s')).paths).toEqual(['s/b/one.yaml']);
  });

  it('holds from above the folder as well', async () => {
    write('s/a.yaml', 's/b.yaml');
    rules('.', 's/a.yaml', 'b');
    expect((await read('s')).paths).toEqual(['s/b.yaml']);
  });

  it('tells apart letters of either case, whatever the machine', async () => {
    write('s/a.yaml', 's/B.yaml');
    rules('s', 'A.yaml', 'b.yaml');
    expect((await read('s')).paths).toEqual(['s/B.yaml', 's/a.yaml']);
  });

  it('leaves out what a link leads to, and the link', async () => {
    write('s/a.yaml', 's/out/b.yaml');
    symlinkSync('out', join(cwd, 's/way'));
    symlinkSync('a.yaml', join(cwd, 's/c.yaml'));
    rules('s', 'out/');
    expect((await read('s')).paths).toEqual(['s/a.yaml']);
  });

  it('does not hold for a file that is named', async () => {
    write('s/a.yaml');
    rules('s', '*.yaml');
    expect((await read('s/a.yaml')).paths).toEqual(['s/a.yaml']);
  });

  it('that leaves nothing is an error, and so is one that nobody understands', async () => {
    write('s/a.yaml');
    rules('s', '*');
    expect((await read('s')).issues.join()).toContain('leaves out all that is there');
    rules('s', 'x.yaml', '*a*a*a*a*a*b');
    expect((await read('s')).issues.join()).toContain('s/.strategosignore:2');
    rules('s', '<<<<<<< ours', 'x.yaml');
    expect((await read('s')).issues.join()).toContain('merge conflict');
    rmSync(join(cwd, 's/.strategosignore'));
    mkdirSync(join(cwd, 's/.strategosignore'));
    expect((await read('s')).issues.join()).toContain('cannot be read (EISDIR)');
    rmSync(join(cwd, 's/.strategosignore'), { recursive: true });
    execFileSync('mkfifo', [join(cwd, 's/.strategosignore')]);
    expect((await read('s')).issues.join()).toContain('cannot be read (it is no file)');
    rmSync(join(cwd, 's/.strategosignore'));
    for (const [bytes, isRead] of [
      [Buffer.from('\ufeffa.yaml\r\n', 'utf16le'), false],
      [Buffer.from('a.yaml\r\n', 'utf16le'), false],
      [Buffer.from('\ufeffa.yaml\r\n'), true],
      [Buffer.from('ä.yaml\n', 'latin1'), false],
    ] as const) {
      writeFileSync(join(cwd, 's/.strategosignore'), bytes);
      const said = (await read('s')).issues.join();
      expect([bytes, said.includes('cannot be read (it is not UTF-8)')]).toEqual([bytes, !isRead]);
    }
  });

  it('costs no time, whatever a name is made for', async () => {
    const name = `${'a'.repeat(200)}.yaml`;
    write(`s/${name}`);
    rules('s', '*a*a*a*b');
    expect((await read('s')).paths).toEqual([`s/${name}`]);
  });
});
