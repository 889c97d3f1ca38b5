/**
 * Plays the cases of a test file against sources in which one line is another: the file and what
 * it imports are put into one module with the changed line, and its cases run in this process. So a
 * check that is taken out costs milliseconds, and the tests that are there for it have to notice.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { expect, vi } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Below the packages, so that a module there finds them. */
const PLACE = path.join(ROOT, 'node_modules', '.cache', 'mutants');
/** A check without which something never ends is noticed as well. */
const LONGEST_MS = 2000;

export interface Edit {
  /** From the top of the repository. */
  readonly file: string;
  /** Once in the file. */
  readonly was: string;
  readonly is: string;
}

/** Of a test file, those whose name with that of their group holds a text. */
export interface Cases {
  readonly test: string;
  readonly only: string;
}

export interface Result {
  readonly played: number;
  /** The name of the first case that failed; `null`: all hold. */
  readonly failed: string | null;
}

type Act = (...given: unknown[]) => unknown;

interface Case {
  readonly name: string;
  readonly run: () => unknown;
  readonly before: readonly Act[];
  readonly after: readonly Act[];
}

let count = 0;

/** `null`: with the sources as they are. */
export async function played({ test, only }: Cases, edit: Edit | null): Promise<Result> {
  const asIs = edit === null ? sound.get(test) : undefined;
  const all = asIs ?? (await casesOf(test, edit));
  if (edit === null) sound.set(test, all);
  const chosen = all.filter(({ name }) => name.includes(only));
  for (const one of chosen) {
    if (!(await holds(one))) return { played: chosen.length, failed: one.name };
  }
  return { played: chosen.length, failed: null };
}

/** The cases of files without a change: several mutants have the same. */
const sound = new Map<string, readonly Case[]>();

async function casesOf(test: string, edit: Edit | null): Promise<readonly Case[]> {
  count += 1;
  const outfile = path.join(PLACE, `${process.pid}-${count}.mjs`);
  await mkdir(PLACE, { recursive: true });
  await build({
    entryPoints: [path.join(ROOT, test)],
    outfile,
    bundle: true,
    logLevel: 'silent',
    platform: 'node',
    format: 'esm',
    packages: 'external',
    plugins: [changing(edit)],
  });
  const collected: Case[] = [];
  Object.assign(globalThis, { casesOfMutant: harness(collected) });
  try {
    await import(/* @vite-ignore */ pathToFileURL(outfile).href);
  } finally {
    await rm(outfile, { force: true });
  }
  return collected;
}

function changing(edit: Edit | null): Plugin {
  const names = 'afterEach, beforeEach, describe, expect, it, vi';
  return {
    name: 'changing',
    setup(bundle) {
      bundle.onResolve({ filter: /^vitest$/ }, () => ({ path: 'vitest', namespace: 'cases' }));
      bundle.onLoad({ filter: /.*/, namespace: 'cases' }, () => ({
        contents: `export const { ${names} } = globalThis.casesOfMutant;`,
      }));
      bundle.onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
        const text = await readFile(file, 'utf8');
        // A module is still where it was written.
        const here = JSON.stringify(pathToFileURL(file).href);
        const contents = changed(text, path.relative(ROOT, file), edit);
        return { contents: contents.replaceAll('import.meta.url', here), loader: 'ts' };
      });
    },
  };
}

function changed(text: string, file: string, edit: Edit | null): string {
  if (edit === null || file !== edit.file) return text;
  const pieces = text.split(edit.was);
  if (pieces.length !== 2)
    throw new Error(`${file} has it ${pieces.length - 1} times: ${edit.was}`);
  return pieces.join(edit.is);
}

/** As much of what tests import as these use. */
function harness(collected: Case[]): object {
  let scope = { name: '', before: [] as Act[], after: [] as Act[] };
  const group = (name: string, fill: Act, given: readonly unknown[] = []): void => {
    const outer = scope;
    const { before, after } = outer;
    scope = { name: `${outer.name}${name} `, before: [...before], after: [...after] };
    fill(...given);
    scope = outer;
  };
  const add = (name: string, act: Act, given: readonly unknown[] = []): void => {
    const { before, after } = scope;
    const run = (): unknown => act(...given);
    collected.push({ name: `${scope.name}${name}`, run, before, after });
  };
  const each =
    (one: typeof add) =>
    (table: readonly unknown[]) =>
    (name: string, act: Act): void => {
      for (const row of table) {
        const given = Array.isArray(row) ? (row as unknown[]) : [row];
        one(titleOf(name, given), act, given);
      }
    };
  const withEach = (one: typeof add): object =>
    Object.assign((name: string, act: Act) => one(name, act), {
      each: each(one),
      skipIf: (is: boolean) => (is ? () => undefined : withEach(one)),
    });
  return {
    describe: withEach(group),
    it: withEach(add),
    expect,
    vi,
    beforeEach: (act: Act) => scope.before.push(act),
    afterEach: (act: Act) => scope.after.unshift(act),
  };
}

function titleOf(name: string, given: readonly unknown[]): string {
  const [first] = given;
  const named = name.replace(/\$(\w+)/g, (all, key: string) =>
    isObject(first) && key in first ? String(first[key]) : all,
  );
  return format(named, ...given.slice(0, named.match(/%[sdj]/g)?.length ?? 0));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

async function holds({ run, before, after }: Case): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('it never ends')), LONGEST_MS);
  });
  try {
    for (const act of before) await act();
    await Promise.race([run(), late]);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    for (const act of after) await act();
  }
}
