/**
 * What `strategos` starts: loads the command line, which is a few files beside it, with the code
 * that V8 compiled before. Compiling it anew would be most of what a short command takes.
 *
 * Compiled code is run as it is, so it is taken from where the command line itself is, or from the
 * user's own cache, where nobody else can write. Its name has the digest of the source, and V8
 * refuses what another version of it made; without any, everything is compiled as ever. Each
 * command has its own there: what the first one used is little of what another does, and nothing
 * is added.
 */
import { constants, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Script } from 'node:vm';

/** Names of the files without their endings, with a digest in each. The build puts them here. */
declare const PARTS: Readonly<Record<string, string>>;

/** What Node gives every file of its kind, by a name that the build gives it. */
declare const requireHere: (id: string) => unknown;

const argv = process.argv.slice(2);

/** Whoever asks for help first would else leave a command what help uses. */
const COMMAND = argv.some((word) => word === '--help' || word === '-h')
  ? 'help'
  : /^[a-z]+$/.test(argv[0] ?? '')
    ? argv[0]
    : 'other';

/** Exit codes of a command that did all of what it does: 3 is of a check that found something. */
const DID_ALL: ReadonlySet<number> = new Set([0, 2, 5, ...(COMMAND === 'validate' ? [3] : [])]);

if (argv.length === 1 && argv[0] === '--version') {
  // A version is no reason to load a command line: scripts ask for it before everything they do.
  process.stdout.write(`${packageVersion()}\n`);
} else {
  // To read the rest of the command line takes longer than the check of a file.
  load(argv[0] === 'validate' ? 'check' : 'all');
}

function packageVersion(): string {
  const text = readFileSync(path.join(__dirname, '..', '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** What a file of the command line exports, as `require` has it of a module. */
function load(part: string): unknown {
  const name = PARTS[part] ?? '';
  const filename = path.join(__dirname, `${name}.js`);
  // The build writes ASCII alone: read as Latin-1 it is the same text at a fraction of the cost.
  const source = readFileSync(filename, 'latin1');
  const own = read(path.join(__dirname, `${name}.${process.version}.cache`));
  const kept = own === null ? ownFolder() : null;
  const cache = `${name}.${process.version}-${process.arch}.${COMMAND}.cache`;
  const file = kept === null ? null : path.join(kept, cache);
  const cachedData = own ?? (file === null ? null : read(file));
  const script = new Script(source, {
    filename,
    ...(cachedData === null ? {} : { cachedData }),
  });
  if (file !== null && (cachedData === null || script.cachedDataRejected === true)) {
    // At the end, when what this command has used is compiled too.
    process.once('exit', (code) => {
      if (DID_ALL.has(code)) keep(file, script);
    });
  }
  const module = { exports: {} as unknown };
  const run = script.runInThisContext() as (...values: unknown[]) => void;
  run(module.exports, requireOf, module, filename, __dirname);
  return module.exports;
}

const loaded = new Map<string, unknown>();

/** Of Node's own modules, and of the files beside; each is loaded once. */
function requireOf(id: string): unknown {
  if (!Object.hasOwn(PARTS, id)) return requireHere(id);
  if (!loaded.has(id)) loaded.set(id, load(id));
  return loaded.get(id);
}

function read(file: string): Buffer | null {
  try {
    return readFileSync(file);
  } catch {
    // Not there, or not for us to read: compiled code is never needed.
    return null;
  }
}

/** Below the user's home; `null` where that is not for certain the user's own. */
function ownFolder(): string | null {
  const home = process.env['HOME'] ?? process.env['USERPROFILE'];
  if (home === undefined || !path.isAbsolute(home) || !existsSync(home)) return null;
  const folder = path.join(home, '.cache', 'strategos', 'compiled');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return isOurs(folder) ? folder : null;
  } catch {
    return null;
  }
}

/** Whether this user alone can write there. Windows keeps homes apart by other means. */
function isOurs(folder: string): boolean {
  const { uid, mode } = lstatSync(folder);
  const others = constants.S_IWGRP | constants.S_IWOTH;
  return process.getuid === undefined || (uid === process.getuid() && (mode & others) === 0);
}

/** A crash leaves no half of a file: it gets its name when it is whole. */
function keep(file: string, script: Script): void {
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, script.createCachedData(), { mode: 0o600, flag: 'wx' });
    renameSync(draft, file);
    forgetOld(path.dirname(file), lstatSync(file).mtimeMs);
  } catch {
    rmSync(draft, { force: true });
  }
}

/** Names of ours, whole or half written, of whatever version. */
const OURS = /^strategos-[0-9a-f]{16}\.[\w.-]+\.cache(\.\d+)?$/;
const MOST_AGE_MS = 90 * 86_400_000;

/** A version that is still at work makes what it misses anew. */
function forgetOld(folder: string, nowMs: number): void {
  for (const name of readdirSync(folder).filter((one) => OURS.test(one))) {
    const file = path.join(folder, name);
    if (nowMs - lstatSync(file).mtimeMs > MOST_AGE_MS) rmSync(file, { force: true });
  }
}
