/**
 * Writes `dist/`, which is what `strategos` runs: the whole command line in one file, since opening
 * hundreds of modules would be most of what a short command takes; a few lines that load it; and the
 * code that this version of Node compiles of it. Beside it the functions for programs, in one file
 * with their types.
 *
 *   node src/build.mjs            builds what is not built yet
 *   node src/build.mjs --force    builds
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { build, transform } from 'esbuild';
import ts from 'typescript';
import { writeValidators } from '../schemas/generate.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = path.join(ROOT, 'dist');
const CLI = path.join(DIST, 'cli');
const SDK = 'purecloud-platform-client-v2';
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
 * The SDK has a class for every part of the platform and loads all of them. What `genesys/sdk.ts`
 * names is taken from the SDK's own modules; a test says that the package exports each of them.
 */
const classesInUse = {
  name: 'sdk-classes-in-use',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^${SDK}$`) }, () => ({ path: SDK, namespace: SDK }));
    onLoad({ filter: /.*/, namespace: SDK }, () => {
      const names = sdkClasses();
      const imports = names.map((name) => `import ${name} from './${moduleOf(name)}';`);
      return {
        contents: `${imports.join('\n')}\nexport default { ${names.join(', ')} };\n`,
        resolveDir: path.join(ROOT, 'node_modules', SDK, 'src', SDK),
      };
    });
  },
};

/** Of functions that few commands call, and whose modules take long to load: not before a call. */
const loadedWhenCalled = {
  name: 'loaded-when-called',
  setup({ onResolve, onLoad }) {
    const namespace = 'when-called';
    onResolve({ filter: /^(string-width|wrap-ansi)$/ }, ({ path: name, kind }) =>
      kind === 'import-statement' ? { path: name, namespace } : undefined,
    );
    onLoad({ filter: /.*/, namespace }, ({ path: name }) => ({
      contents: `export default (...given) => require('${name}').default(...given);\n`,
      resolveDir: ROOT,
    }));
  },
};

function moduleOf(name) {
  if (name === 'ApiClientClass') return 'ApiClient.js';
  return name.endsWith('Api') ? `api/${name}.js` : `${name}.js`;
}

/** The exports of the SDK that the one file which knows it names. */
export function sdkClasses() {
  const text = readFileSync(path.join(ROOT, 'src', 'genesys', 'sdk.ts'), 'utf8');
  const names = [...text.matchAll(/\bplatformClient\.(\w+)/g)].map(([, name]) => name);
  // Types alone: nothing of them is left at run time.
  return [...new Set(names)].filter((name) => name !== 'Models').sort();
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
  banner: { js: "const importMetaUrl=require('node:url').pathToFileURL(__filename).href;" },
  define: { 'import.meta.url': 'importMetaUrl' },
};

async function commandLine() {
  const { outputFiles, metafile } = await build({
    ...ONE_FILE,
    entryPoints: ['src/cli/main.ts'],
    outfile: path.join(CLI, 'strategos.js'),
    plugins: [classesInUse, loadedWhenCalled],
    // Names stay, for the sake of stack traces.
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'external',
  });
  const text = (ending) => outputFiles.find((file) => file.path.endsWith(ending)).text;
  return {
    code: asciiAlone(text('.js')),
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

async function launcher(name) {
  const { outputFiles } = await build({
    ...COMMON,
    entryPoints: ['src/cli/launch.ts'],
    outfile: path.join(CLI, 'main.js'),
    minifySyntax: true,
    define: { COMMAND_LINE: JSON.stringify(name) },
    banner: { js: '#!/usr/bin/env node' },
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
    plugins: [classesInUse],
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

/** What V8 compiles of the command line for a check and for a plan: each in a process of its own. */
async function compiled(name) {
  const place = mkdtempSync(path.join(tmpdir(), 'strategos-build-'));
  const main = path.join(CLI, 'main.js');
  const simulator = spawn(process.execPath, [main, 'simulator', '--port', '0'], {
    cwd: place,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const url = await firstUrl(simulator.stdout);
    for (const command of COMPILED) {
      const child = spawn(
        process.execPath,
        [fileURLToPath(import.meta.url), '--compile', name, command],
        {
          cwd: ROOT,
          stdio: ['ignore', 'ignore', 'inherit'],
          env: {
            PATH: process.env.PATH,
            HOME: place,
            GENESYS_DOMAIN: url,
            GENESYS_CLIENT_ID: 'demo',
            GENESYS_CLIENT_SECRET: 'demo',
            STRATEGOS_BUILD_RUNS: path.join(place, 'runs'),
          },
        },
      );
      const code = await new Promise((resolve) => child.once('exit', resolve));
      if (code !== 0) throw new Error(`${command} of the worked example ended with ${code}`);
    }
  } finally {
    simulator.kill();
    rmSync(place, { recursive: true, force: true });
  }
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

/** As `launch.ts` tells them apart. */
const COMPILED = ['validate', 'plan'];

/** In a process of its own: runs the command, and keeps what was compiled for it. */
function compile(name, command) {
  const filename = path.join(CLI, `${name}.js`);
  const source = readFileSync(filename, 'latin1');
  const script = new Script(`${WRAPPER[0]}${source}${WRAPPER[1]}`, { filename, lineOffset: -1 });
  process.once('exit', (code) => {
    if (code !== 0) return;
    const cache = path.join(CLI, `${name}.${process.version}.${command}.cache`);
    writeFileSync(cache, script.createCachedData());
  });
  const runs = command === 'plan' ? ['--quiet', '--runs', process.env.STRATEGOS_BUILD_RUNS] : [];
  process.argv = [process.argv[0], filename, command, ...runs];
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(filename), module, filename, CLI);
}

/** As `launch.ts` has it: V8 takes compiled code only for the same text. */
const WRAPPER = ['(function (exports, require, module, __filename, __dirname) {\n', '\n})'];

async function main(force) {
  const stamp = path.join(DIST, 'built-from');
  const digest = digestOfSources();
  if (!force && read(stamp) === digest) return;
  await writeValidators();
  const { code, map, legal, inputs } = await commandLine();
  const shown = await page();
  const name = `strategos-${createHash('sha256').update(code).digest('hex').slice(0, 16)}`;
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(CLI, { recursive: true });
  // The rest of the package is made of ES modules.
  writeFileSync(path.join(DIST, 'package.json'), '{ "type": "commonjs" }\n');
  const all = licences([...inputs, ...shown.inputs]);
  writeFileSync(path.join(DIST, 'licences.txt'), `${all}\n${'-'.repeat(80)}\n\n${legal}`);
  writeFileSync(path.join(CLI, `${name}.js`), code);
  writeFileSync(path.join(CLI, `${name}.js.map`), map);
  writeFileSync(path.join(CLI, 'main.js'), await launcher(name), { mode: 0o755 });
  write('page/page.json', JSON.stringify(shown.asset));
  write('api/index.js', await forPrograms());
  for (const { file, text } of declarations()) write(file, text);
  await compiled(name);
  writeFileSync(stamp, digest);
}

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

if (process.argv[2] === '--compile') compile(process.argv[3], process.argv[4]);
else if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(process.argv.includes('--force'));
}
