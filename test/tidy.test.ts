/** The house rules, as far as a machine can hold them. docs/architecture.md says why. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('..', import.meta.url).pathname;
const SRC = path.join(ROOT, 'src');

interface Room {
  /** Folders of src/ that may be imported, besides the room itself. */
  readonly rooms: readonly string[];
  /** Packages, by room or by file. */
  readonly packages: readonly string[];
  readonly node: boolean;
}

const PURE = { node: false } as const;
/** Who may import whom: docs/architecture.md holds the same table for people. */
const TABLE: Record<string, Room> = {
  core: { ...PURE, rooms: [], packages: [] },
  generated: { ...PURE, rooms: [], packages: ['ajv'] },
  kinds: { ...PURE, rooms: ['core'], packages: [] },
  manifest: { ...PURE, rooms: ['core', 'generated', 'kinds'], packages: ['yaml'] },
  doctor: { ...PURE, rooms: ['core', 'generated', 'render'], packages: [] },
  optimizer: { ...PURE, rooms: ['core'], packages: [] },
  prediction: { ...PURE, rooms: ['core'], packages: [] },
  render: { ...PURE, rooms: ['core', 'kinds'], packages: [] },
  starter: { ...PURE, rooms: ['core'], packages: ['yaml'] },
  view: { ...PURE, rooms: ['core', 'kinds', 'render'], packages: [] },
  // It runs in a browser.
  page: { node: false, rooms: ['view'], packages: ['preact', 'uplot'] },
  console: { node: true, rooms: ['core'], packages: [] },
  engine: {
    ...PURE,
    rooms: [
      ...['core', 'doctor', 'generated', 'kinds', 'manifest', 'optimizer', 'prediction', 'render'],
    ],
    packages: [],
  },
  genesys: { node: true, rooms: ['core', 'engine/ports'], packages: ['axios'] },
  files: { node: true, rooms: ['core', 'engine/ports', 'generated'], packages: [] },
  github: { node: true, rooms: ['core', 'engine/ports'], packages: [] },
  wfm: {
    node: true,
    rooms: ['core', 'engine/ports'],
    packages: ['axios', 'standardwebhooks'],
  },
  simulator: {
    node: true,
    rooms: ['core', 'engine/ports', 'generated', 'manifest'],
    packages: ['standardwebhooks'],
  },
  cli: {
    node: true,
    rooms: [
      ...['console', 'core', 'doctor', 'engine', 'files', 'generated', 'genesys', 'github'],
      ...['kinds', 'manifest', 'render', 'simulator', 'starter', 'view', 'wfm'],
    ],
    packages: ['commander'],
  },
  api: {
    node: false,
    packages: [],
    rooms: ['cli', 'core', 'files', 'manifest', 'render'],
  },
};

/** Packages that one file alone may import. */
const SINGLE: Record<string, string> = {
  'fast-json-patch': 'core/edits.ts',
  rrule: 'core/recurrence.ts',
  'purecloud-platform-client-v2': 'genesys/sdk.ts',
  '@actions/core': 'github/runner.ts',
  '@octokit/rest': 'github/api.ts',
  '@octokit/plugin-retry': 'github/api.ts',
  fflate: 'github/artifact.ts',
  ignore: 'files/left-out.ts',
  'wrap-ansi': 'render/fit.ts',
  'string-width': 'render/width.ts',
};

/** Names of nothing in particular: whatever is put there belongs somewhere else. */
const EMPTY_NAMES = /^(utils?|helpers?|common|managers?|handlers?|base|data|misc)$/;

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

const sources = filesBelow(SRC)
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => ({ file: path.relative(SRC, file), text: readFileSync(file, 'utf8') }));

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string, text: string): Import[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const { moduleSpecifier } = node;
      const typeOnly = ts.isImportDeclaration(node)
        ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
        : node.isTypeOnly;
      if (moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier)) {
        found.push({ from: file, to: moduleSpecifier.text, typeOnly });
      }
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument !== undefined && ts.isStringLiteral(argument)) {
        found.push({ from: file, to: argument.text, typeOnly: false });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const roomOf = (file: string): string => file.split('/')[0] ?? '';

function refusal({ from, to, typeOnly }: Import): string | null {
  const room = TABLE[roomOf(from)];
  if (room === undefined) return `${from}: ${roomOf(from)} is not a room of the house`;
  if (to.startsWith('.')) {
    const target = path.join(path.dirname(from), to).replace(/\.js$/, '');
    const free = roomOf(target) === roomOf(from);
    const allowed = room.rooms.some((one) => target === one || target.startsWith(`${one}/`));
    return free || allowed ? null : `${from} imports ${target}`;
  }
  if (to.startsWith('node:')) return room.node ? null : `${from} imports ${to}`;
  const name = /^(@[^/]+\/)?[^/]+/.exec(to)?.[0] ?? '';
  const owner = SINGLE[name];
  // Types cost nothing at run time: the simulator's bodies are typed with the SDK's models.
  if (owner !== undefined) return owner === from || typeOnly ? null : `${from} imports ${to}`;
  return room.packages.includes(name) ? null : `${from} imports ${to}`;
}

describe('the house', () => {
  it('has only the imports that the table allows', () => {
    const refused = sources.flatMap(({ file, text }) =>
      importsOf(file, text).flatMap((one) => refusal(one) ?? []),
    );
    expect(refused).toEqual([]);
  });

  it('would notice a forbidden import', () => {
    const text = "import { x } from '../engine/ports.js';\nimport fs from 'node:fs';";
    const refused = importsOf('core/compare.ts', text).map(refusal);
    expect(refused).toEqual([
      'core/compare.ts imports engine/ports',
      'core/compare.ts imports node:fs',
    ]);
  });

  it('has no circles of imports', () => {
    const graph = new Map(
      sources.map(({ file, text }) => [
        file,
        importsOf(file, text)
          .filter(({ to }) => to.startsWith('.'))
          .flatMap(({ to }) => {
            const target = path.join(path.dirname(file), to);
            return ['.ts', '.tsx'].map((ending) => target.replace(/\.js$/, ending));
          }),
      ]),
    );
    expect(circlesIn(graph)).toEqual([]);
  });

  it('would notice a circle, of types alone as well', () => {
    const graph = new Map([
      ['a.ts', ['b.ts', 'd.ts']],
      ['b.ts', ['c.ts']],
      ['c.ts', ['a.ts']],
      ['d.ts', ['c.ts']],
      ['e.ts', ['a.ts']],
    ]);
    expect(circlesIn(graph)).toEqual(['a.ts, b.ts, c.ts, d.ts']);
  });

  it('reads no meaning out of a text that is made for people', () => {
    const found = sources
      .filter(({ file }) => !file.startsWith('generated/'))
      .filter(({ text }) => /\b(message|run|id)\.(split|includes|startsWith|match)\(/.test(text))
      .map(({ file }) => file);
    // The YAML parser has one code for several mistakes, and tells them apart in its text alone.
    expect(found).toEqual(['manifest/syntax.ts']);
  });

  it('is not imported from its rim: nobody imports cli/ but api/, and nobody that', () => {
    const importers = sources
      .flatMap(({ file, text }) => importsOf(file, text))
      .filter(({ from, to }) => /^(cli|api)\//.test(path.join(path.dirname(from), to)))
      .filter(({ from }) => roomOf(from) !== 'cli' && roomOf(from) !== 'api');
    expect(importers).toEqual([]);
  });

  it('keeps promises, time, chance and output out of the pure rooms', () => {
    const banned =
      /\b(async|await|Promise|Date|process|console|setTimeout|fetch)\b(?!['"`:])|Math\.random/;
    const pure = sources.filter(({ file }) =>
      [
        'core',
        'doctor',
        'kinds',
        'manifest',
        'optimizer',
        'prediction',
        'render',
        'starter',
        'view',
      ].includes(roomOf(file)),
    );
    const found = pure.flatMap(({ file, text }) => {
      const code = text
        .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
        .replace(/(['`])(?:\\.|(?!\1).)*\1/g, "''");
      const match = banned.exec(code);
      return match === null ? [] : [`${file}: ${match[0]}`];
    });
    expect(found).toEqual([]);
  });

  it('has one place that reads process.env and one that ends the process', () => {
    const uses = (pattern: RegExp): string[] =>
      sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file);
    // The launcher reads the home directory, before there is a world.
    expect(uses(/process\.env\b|env\b.*= process\b/)).toEqual(['cli/launch.ts', 'cli/world.ts']);
    expect(uses(/process\.exit\(/)).toEqual(['cli/main.ts']);
  });

  it('speaks of no kind by name where all kinds are meant', () => {
    const shared = sources.filter(({ file }) =>
      ['core', 'engine', 'render'].includes(roomOf(file)),
    );
    const named = shared
      .filter(({ text }) =>
        /['"`]RoutingStrategy/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')),
      )
      .map(({ file }) => file);
    expect(named).toEqual([]);
  });

  it('names its files after what is in them', () => {
    const nameless = filesBelow(SRC)
      .map((file) => path.basename(file).split('.')[0] ?? '')
      .filter((name) => EMPTY_NAMES.test(name));
    expect(nameless).toEqual([]);
  });

  it('opens every source with what it is for', () => {
    const silent = sources
      .filter(({ file }) => !file.startsWith('generated/'))
      .filter(({ text }) => !/^(#!.*\n)?\/\*\*/.test(text))
      .map(({ file }) => file);
    expect(silent).toEqual([]);
  });

  it('keeps lines within 100 columns', () => {
    const wide = sources
      .filter(({ file }) => !file.startsWith('generated/'))
      .flatMap(({ file, text }) =>
        text
          .split('\n')
          .map((line, index) => ({ at: `${file}:${index + 1}`, width: [...line].length }))
          .filter(({ width }) => width > 100),
      );
    expect(wide).toEqual([]);
  });

  it('keeps functions within 70 lines', () => {
    const long = sources
      .filter(({ file }) => !file.startsWith('generated/'))
      .flatMap(({ file, text }) => longFunctions(file, text));
    expect(long).toEqual([]);
  });

  it('spreads no literal into a literal, which reads as logic, and throws no name away', () => {
    const texts = ['src', 'test', 'schemas']
      .flatMap((folder) => filesBelow(path.join(ROOT, folder)))
      .filter((file) => /\.(tsx?|mjs)$/.test(file) && !file.includes('/generated/'));
    const found = texts.flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          /\.\.\.\{|^\s*void [\w.]+;$/.test(line)
            ? [`${path.relative(ROOT, file)}:${index + 1}`]
            : [],
        ),
    );
    expect(found).toEqual([]);
  });

  it('has nothing at the top level but what the contract names', () => {
    const allowed = [
      ...['strategies', 'schemas', 'src', 'test', '.github', 'docs', '.ci', 'package.json'],
      ...['package-lock.json', 'tsconfig.json', 'README.md', 'LICENSE', 'CHANGELOG.md'],
      ...['.gitignore', '.npmrc', '.git', 'node_modules', 'dist', '.strategos'],
    ];
    expect(readdirSync(ROOT).filter((name) => !allowed.includes(name))).toEqual([]);
  });
});

/** Files that import each other in a circle, one text for all that hang together. */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const reach = (from: string): Set<string> => {
    const seen = new Set<string>();
    const open = [...(graph.get(from) ?? [])];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...(graph.get(next) ?? []));
    }
    return seen;
  };
  const reached = new Map([...graph.keys()].map((file) => [file, reach(file)]));
  const circles = [...reached].flatMap(([file, own]) => {
    if (!own.has(file)) return [];
    return [
      [...own]
        .filter((other) => reached.get(other)?.has(file))
        .sort()
        .join(', '),
    ];
  });
  return [...new Set(circles)].sort();
}

function longFunctions(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) {
      const from = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
      const to = source.getLineAndCharacterOfPosition(node.getEnd()).line;
      if (to - from + 1 > 70) found.push(`${file}:${from + 1} has ${to - from + 1} lines`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
