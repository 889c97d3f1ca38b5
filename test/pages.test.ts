/**
 * Every text that sends a reader somewhere: pages of the package, files that `init` writes, and what
 * the command line says or writes into an org. Where it sends to is there, its heading as well.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { starterFiles } from '../src/starter/files.js';
import { STARTER } from './support/starting.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

function filesIn(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)));
}

/** What `npm pack` takes, but for what the build makes of the sources. */
const { files } = JSON.parse(read('package.json')) as { files: string[] };
const packed = new Set(
  ['README.md', 'LICENSE', 'package.json', ...files]
    .filter((one) => !one.startsWith('!') && !one.startsWith('dist'))
    .map((one) => one.replace(/\/\*\.json$/, ''))
    .flatMap((one) => (path.extname(one) === '' && one !== 'LICENSE' ? filesIn(one) : [one])),
);

/** Without what is shown as code. */
const prose = (text: string): string => text.replace(/^ *```[^]*?^ *```/gm, '');

/** As GitHub names them: letters, digits, `_` and `-`, spaces as `-`, repetitions counted. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of prose(page).matchAll(/^#+ +(.*)$/gm)) {
    const plain = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .trim()
      .toLowerCase();
    const anchor = plain.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
    let name = anchor;
    for (let count = 1; anchors.has(name); count += 1) name = `${anchor}-${count}`;
    anchors.add(name);
  }
  return anchors;
}

/** `null` where it leads to something that is there. */
function objection(to: string, from: string, there: ReadonlyMap<string, string>): string | null {
  const [file = '', anchor] = to.split('#');
  const target = file === '' ? from : path.posix.join(path.posix.dirname(from), file);
  const isFolder = [...there.keys()].some((one) => one.startsWith(`${target}/`));
  const page = there.get(target);
  if (page === undefined && !isFolder) return `${from}: ${to} is not there`;
  if (anchor === undefined || page === undefined) return null;
  return anchorsOf(page).has(anchor) ? null : `${from}: ${to} has no such heading`;
}

const LINK = /\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)|^\[[^\]]+\]: +(\S+)|\b(?:href|src)="([^"]+)"/gm;

function deadLinks(there: ReadonlyMap<string, string>): string[] {
  return [...there].flatMap(([file, text]) => {
    if (!file.endsWith('.md')) return [];
    const links = [...prose(text).matchAll(LINK)].map(([, a, b, c]) => a ?? b ?? c ?? '');
    return links
      .filter((to) => !/^[a-z]+:/.test(to))
      .flatMap((to) => objection(to, file, there) ?? []);
  });
}

const shipped = new Map([...packed].map((file) => [file, /\.png$/.test(file) ? '' : read(file)]));
const written = new Map(starterFiles(STARTER).map(({ file, text }) => [file, text]));
const sources = new Map(
  filesIn('src')
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('src/generated/'))
    .map((file) => [file, read(file)]),
);

/** Every `docs/page.md`, with its heading where one is named; a relative link is judged as one. */
function deadPages(texts: ReadonlyMap<string, string>): string[] {
  return [...texts].flatMap(([file, text]) =>
    [...text.matchAll(/(?<![\w./-])docs\/([\w-]+\.\w+(?:#[\w-]+)?)/g)].flatMap(
      ([, page = '']) =>
        objection(page, 'docs/architecture.md', shipped)?.replace(/^[^:]+/, file) ?? [],
    ),
  );
}

describe('pointers', () => {
  it('of the package lead to what is in it', () => {
    expect([...packed].filter((file) => file.endsWith('.md')).length).toBeGreaterThan(20);
    expect(deadLinks(shipped)).toEqual([]);
  });

  it('of what init writes lead to what it writes', () => {
    expect(deadLinks(written)).toEqual([]);
  });

  it('to pages by name lead to pages of the package', () => {
    const own = new Map(
      [...shipped].map(([file, text]) => [file, text.replace(/https?:\S+/g, '')]),
    );
    expect(deadPages(own)).toEqual([]);
    expect(deadPages(written)).toEqual([]);
    expect(deadPages(sources)).toEqual([]);
  });

  it('to pages that somebody reads elsewhere say whose they are', () => {
    const named = [...written].flatMap(([file, text]) =>
      [...text.matchAll(/docs\/[\w-]+\.md(?! of strategos)/g)].map(([page]) => `${file}: ${page}`),
    );
    expect(named).toEqual([]);
    const said = [...sources].flatMap(([file, text]) =>
      // A comment is read beside the page.
      [
        ...text
          .replace(/\/\*[^]*?\*\/|^ *\/\/.*/gm, '')
          .matchAll(/docs\/[\w-]+\.md(?! of strategos)/g),
      ].map(([page]) => `${file}: ${page}`),
    );
    expect(said).toEqual([]);
  });

  it('to a heading in words lead to one', () => {
    const all = [...sources, ...written].flatMap(([file, text]) =>
      [...text.matchAll(/docs\/([\w-]+\.md) of strategos[^"\n]*\("([^"]+)"\)/g)].map(
        ([, page = '', heading = '']) => ({ file, page, heading }),
      ),
    );
    // There may be none: whoever names a heading names one that is there.
    for (const { file, page, heading } of all) {
      expect(shipped.get(`docs/${page}`), file).toMatch(new RegExp(`^#+ ${heading}$`, 'm'));
    }
  });

  it('of each help lead to a page', () => {
    const pages = [...(sources.get('src/cli/help.ts') ?? '').matchAll(/page: '([^']+)'/g)];
    expect(pages.length).toBeGreaterThan(20);
    const dead = pages.filter(([, page = '']) => !packed.has(path.posix.join('docs', page)));
    expect(dead.map(([, page]) => page)).toEqual([]);
  });

  it('to files of the repository alone say that they are there', () => {
    const alone = [...shipped].flatMap(([file, text]) =>
      [...prose(text).matchAll(/`((?:test|src)\/[\w./-]+\.(?:md|yaml))`((?:\s+\S+){0,3})/g)]
        .filter(([, to = '']) => !packed.has(to))
        .filter(
          ([, to = '', after = '']) =>
            !existsSync(path.join(ROOT, to)) || !/repository/.test(after),
        )
        .map(([, to]) => `${file}: ${to}`),
    );
    expect(alone).toEqual([]);
  });
});

describe('the files that are named', () => {
  it('in the README that init writes are files that it writes', () => {
    const readme = written.get('README.md') ?? '';
    const named = [...prose(readme).matchAll(/`([\w.-]+\/[\w./-]+|[\w-]+\.(?:ya?ml|md|json))`/g)];
    expect(named.length).toBeGreaterThan(3);
    // npm and the runs make these.
    const made = new Set(['package-lock.json', '.strategos/runs']);
    const absent = named
      .map(([, file = '']) => file.replace(/\/$/, ''))
      .filter((file) => !made.has(file))
      .filter(
        (file) => ![...written.keys()].some((one) => one === file || one.startsWith(`${file}/`)),
      );
    expect(absent).toEqual([]);
  });
});

it('npx is never let to fetch a package of that name from elsewhere', () => {
  const all = [...shipped, ...written, ...sources].filter(([file]) => file !== 'CHANGELOG.md');
  const loose = all.filter(([, text]) => /npx strategos/.test(text)).map(([file]) => file);
  expect(loose).toEqual([]);
});
