/**
 * Writes `dist/`, which is what `strategos` runs: the command line in a few files (`parts.mjs`), since
 * opening hundreds of modules would be most of what a short command takes; a few lines that load
 * them; and the code that this version of Node compiles of them. Beside them the functions for
 * programs, in one file with their types.
 *
 *   node src/build.mjs            builds what is not built yet
 *   node src/build.mjs --force    builds
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { build, transform } from 'esbuild';
import ts from 'typescript';
import { writeValidators } from '../schemas/generate.mjs';
import { PACKAGES, PARTS } from './parts.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = path.join(ROOT, 'dist');
const CLI = path.join(DIST, 'cli');
/** The oldest Node that the package runs on. */
const TARGET = 'node20.19';

/** Of what `dist/` is made from, in place of file times, which a checkout does not keep. */
function digestOfSources() {
  const hash = createHash('sha256').update(process.version);
  const files = ['package-lock.json', ...filesBelow('src'), ...filesBelow('schemas')];
  for (const file of files) hash.update(`${file}\0`).update(readFileSync(path.join(ROOT, file)));
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .sort();
}

/**
 * The map without what leads into packages: that would be most of it, and a trace into them shows
 * their name and function as it is.
 */
function ownMap(text) {
  const { mappings, sources, ...rest } = JSON.parse(text);
  const isOwn = sources.map(
    (source) => !source.includes('node_modules/') && source.startsWith('.'),
  );
  const index = new Map(
    sources.flatMap((_, at) => (isOwn[at] ? [at] : [])).map((at, to) => [at, to]),
  );
  const lines = decode(mappings).map((segments) =>
    segments
      .map(([column, source, ...place]) =>
        index.has(source) ? [column, index.get(source), ...place] : [column],
      )
      // One segment says that what follows is of no source, up to the next that has one.
      .filter((segment, at, all) => segment.length > 1 || at === 0 || all[at - 1].length > 1),
  );
  const kept = sources.filter((_, at) => isOwn[at]);
  return JSON.stringify({ ...rest, sources: kept, mappings: encode(lines) });
}

const COMMON = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: TARGET,
  format: 'cjs',
  write: false,
  metafile: true,
  logLevel: 'warning',
};

/** Of what is made from ES modules of ours. */
const ONE_FILE = {
  ...COMMON,
  // As the package has it for browsers: without a look at the environment for each word of a file.
  alias: { yaml: path.join(ROOT, 'node_modules/yaml/browser/index.js') },
  // What is loaded late is in the same file; a script has nothing to import anything with.
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'importMetaUrl' },
};
const IMPORT_META_URL = "const importMetaUrl=require('node:url').pathToFileURL(__filename).href;";
/** The function around each file that the launcher loads, as Node has it around a module. */
const WRAPPER = ['(function(exports,require,module,__filename,__dirname){', '\n})'];

/** A file of the command line, with its digest in its name. */
async function partOf(options) {
  const { outputFiles, metafile } = await build({
    ...ONE_FILE,
    ...options,
    outfile: path.join(CLI, 'strategos.js'),
    banner: { js: `${WRAPPER[0]}${IMPORT_META_URL}` },
    footer: { js: WRAPPER[1] },
    // Names stay, for the sake of stack traces.
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'external',
  });
  const text = (ending) => outputFiles.find((file) => file.path.endsWith(ending))?.text ?? '';
  const code = asciiAlone(text('.js'));
  return {
    name: `strategos-${createHash('sha256').update(code).digest('hex').slice(0, 16)}`,
    code,
    map: ownMap(text('.js.map')),
    legal: text('.LEGAL.txt'),
    inputs: Object.keys(metafile.inputs),
  };
}

/** The launcher reads it as Latin-1. Of a pattern esbuild leaves every character as it stands. */
function asciiAlone(code) {
  const [found] = /.{0,60}[^\0-\x7f]/.exec(code) ?? [];
  if (found === undefined) return code;
  throw new Error(`the command line is to be ASCII alone, write it as \\u…: ${found}`);
}

async function launcher(names) {
  const { outputFiles } = await build({
    ...COMMON,
    entryPoints: ['src/cli/launch.ts'],
    outfile: path.join(CLI, 'main.js'),
    minifySyntax: true,
    define: { PARTS: JSON.stringify(names) },
    banner: { js: '#!/usr/bin/env node\nconst requireHere = require;' },
  });
  return outputFiles[0].text;
}

/**
 * The page of `report` and `console`: one script and one style, each with the hash that its content
 * security policy names it by.
 */
async function page() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/page/main.tsx'],
    outfile: path.join(DIST, 'page', 'page.js'),
    bundle: true,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    charset: 'utf8',
    write: false,
    metafile: true,
    minify: true,
    tsconfig: 'src/page/tsconfig.json',
    logLevel: 'warning',
  });
  const text = (ending) => outputFiles.find((file) => file.path.endsWith(ending)).text.trim();
  const hashOf = (part) => `'sha256-${createHash('sha256').update(part).digest('base64')}'`;
  const script = text('.js');
  const style = `${text('.css')}${await look()}`;
  const asset = { script, style, scriptHash: hashOf(script), styleHash: hashOf(style) };
  return { asset, inputs: Object.keys(metafile.inputs) };
}

/** The style that every page shares. */
async function look() {
  const { outputFiles } = await build({
    ...COMMON,
    entryPoints: ['src/render/look.ts'],
    format: 'esm',
  });
  const url = `data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`;
  const { LOOK } = await import(url);
  const { code } = await transform(LOOK, { loader: 'css', minify: true });
  return code.trim();
}

/** The functions for programs. Their lines stay: nobody translates a stack trace of theirs. */
async function forPrograms() {
  const { outputFiles } = await build({
    ...ONE_FILE,
    entryPoints: ['src/api/index.ts'],
    outfile: path.join(DIST, 'api', 'index.js'),
    banner: { js: IMPORT_META_URL },
    plugins: PACKAGES,
    minifySyntax: true,
  });
  return outputFiles[0].text;
}

/** The types of these functions: `index.d.ts` and whatever it needs, with its path below `src/`. */
export function declarations() {
  const found = new Map();
  const waiting = ['api/index.ts'];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    const text = declarationOf(file);
    found.set(file, text);
    for (const [, target] of text.matchAll(/\bfrom '(\.[^']+)\.js'/g)) {
      waiting.push(path.posix.join(path.posix.dirname(file), `${target}.ts`));
    }
  }
  return [...found].map(([file, text]) => ({ file: file.replace(/\.ts$/, '.d.ts'), text }));
}

function declarationOf(file) {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(
    readFileSync(path.join(ROOT, 'src', file), 'utf8'),
    { fileName: file, reportDiagnostics: true, compilerOptions: { isolatedDeclarations: true } },
  );
  const [first] = diagnostics;
  if (first === undefined) return outputText;
  const why = ts.flattenDiagnosticMessageText(first.messageText, ' ');
  throw new Error(`src/${file}: its types cannot be told from this file alone: ${why}`);
}

/** The licences of the packages whose code is in the command line: all of them ask for that. */
function licences(inputs) {
  const folders = inputs.flatMap((input) => {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
    return found === undefined ? [] : [found];
  });
  // The classes of the SDK come by way of a module that is no file.
  const all = [...new Set(folders)].sort();
  return all.map(licenceOf).join(`\n${'-'.repeat(80)}\n\n`);
}

function licenceOf(folder) {
  const full = path.join(ROOT, folder);
  const { name, version, license } = JSON.parse(
    readFileSync(path.join(full, 'package.json'), 'utf8'),
  );
  const file = readdirSync(full).find((entry) => /^licen[cs]e/i.test(entry));
  const text =
    file === undefined ? '' : `\n${readFileSync(path.join(full, file), 'utf8').trim()}\n`;
  return `${name} ${version} (${String(license ?? 'see below')})\n${text}`;
}

/** What V8 compiles of the command line for these commands: the launcher keeps it in a home. */
async function compiled(names) {
  const home = mkdtempSync(path.join(tmpdir(), 'strategos-build-'));
  const started = (args, stdio) =>
    spawn(process.execPath, [path.join(CLI, 'main.js'), ...args], {
      cwd: ROOT,
      stdio,
      env: { PATH: process.env.PATH, HOME: home, ...clientOf(url) },
    });
  let url;
  const simulator = started(['simulator', '--port', '0'], ['ignore', 'pipe', 'ignore']);
  try {
    url = await firstUrl(simulator.stdout);
    for (const args of COMPILED) {
      const runs = args[0] === 'plan' ? ['--runs', path.join(home, 'runs')] : [];
      const child = started([...args, ...runs], ['ignore', 'ignore', 'inherit']);
      const code = await new Promise((resolve) => child.once('exit', resolve));
      if (code !== 0) throw new Error(`${args[0]} of the worked example ended with ${code}`);
    }
    for (const name of names) keepCompiled(name, home);
  } finally {
    simulator.kill();
    rmSync(home, { recursive: true, force: true });
  }
}

const COMPILED = [
  ['validate', '--quiet'],
  ['plan', '--quiet'],
];

function clientOf(url) {
  if (url === undefined) return {};
  return { GENESYS_DOMAIN: url, GENESYS_CLIENT_ID: 'demo', GENESYS_CLIENT_SECRET: 'demo' };
}

/** Beside the file, in the place of the home where the launcher put it: for whatever command. */
function keepCompiled(name, home) {
  const folder = path.join(home, '.cache', 'strategos', 'compiled');
  const kept = readdirSync(folder).find((file) => file.startsWith(`${name}.`));
  if (kept === undefined) return;
  // A copy would be for this user alone, as it is in a home.
  write(`cli/${name}.${process.version}.cache`, readFileSync(path.join(folder, kept)));
}

function firstUrl(stream) {
  return new Promise((resolve, reject) => {
    let seen = '';
    stream.setEncoding('utf8').on('data', (text) => {
      seen += text;
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(seen)?.[0];
      if (url !== undefined) resolve(url);
    });
    stream.once('end', () => reject(new Error(`the simulator has not started: ${seen}`)));
  });
}

async function main(force) {
  const stamp = path.join(DIST, 'built-from');
  // Of what is made here as well, so that a second build finds nothing to do.
  await writeValidators();
  const digest = digestOfSources();
  if (!force && read(stamp) === digest) return;
  const parts = await Promise.all(Object.values(PARTS).map(partOf));
  const shown = await page();
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(CLI, { recursive: true });
  // The rest of the package is made of ES modules.
  writeFileSync(path.join(DIST, 'package.json'), '{ "type": "commonjs" }\n');
  const all = licences([...parts, shown].flatMap(({ inputs }) => inputs));
  const notices = [...new Set(parts.map(({ legal }) => legal))];
  write('licences.txt', [all, ...notices].join(`\n${'-'.repeat(80)}\n\n`));
  for (const { name, code, map } of parts) {
    write(`cli/${name}.js`, code);
    if (JSON.parse(map).sources.some(isWritten)) write(`cli/${name}.js.map`, map);
  }
  const names = parts.map(({ name }) => name);
  const named = Object.fromEntries(Object.keys(PARTS).map((part, at) => [part, names[at]]));
  writeFileSync(path.join(CLI, 'main.js'), await launcher(named), { mode: 0o755 });
  write('page/page.json', JSON.stringify(shown.asset));
  write('api/index.js', await forPrograms());
  for (const { file, text } of declarations()) write(file, text);
  await compiled(names);
  writeFileSync(stamp, digest);
}

/** By people: nobody follows a trace into what was generated. */
const isWritten = (source) => source.endsWith('.ts');

/** Below `dist/`. */
function write(file, text) {
  const full = path.join(DIST, file);
  mkdirSync(path.dirname(full), { recursive: true });
  writeFileSync(full, text);
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(process.argv.includes('--force'));
}
