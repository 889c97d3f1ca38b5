/**
 * `strategos upgrade`: what `init` wrote, as this version writes it. Three ways: a file that is as
 * it was written is written anew, changes of a team and of this version are put together where
 * they do not meet, and everything else is shown and left. Offline.
 */
import path from 'node:path';
import { EXIT, InvalidInput, type ExitCode } from '../../core/errors.js';
import { plural } from '../../core/plural.js';
import { visible, visibleLines } from '../../core/visible.js';
import { writeFiles } from '../../files/manifests-out.js';
import { textIfThere } from '../../files/there.js';
import {
  blobName,
  differenceText,
  mergedText,
  textNamed,
  type Change,
} from '../../files/three-way.js';
import { jsonText } from '../../render/json.js';
import { isTeams, recordText, RECORD_FILE, stepOf, type Step } from '../../starter/record.js';
import type { StarterRecord, StarterSettings } from '../../starter/record.js';
import { isVersion } from '../../starter/repository.js';
import { agreed, refuseUnasked } from '../consent.js';
import type { UpgradeOptions } from '../options.js';
import { whereItIs } from '../starting-place.js';
import {
  manifestsThere,
  PACKAGE,
  packageThere,
  recordAt,
  startingFiles,
} from '../starting-files.js';
import type { World } from '../world.js';

export async function upgrade(
  dir: string,
  options: UpgradeOptions,
  world: World,
): Promise<ExitCode> {
  const folder = path.resolve(world.cwd, dir);
  const found = await upgradeOf(folder, world);
  const { steps, there, record } = found;
  const changes = steps.flatMap((step) => changeOf(step, there));
  // What there is nothing to agree to asks nobody.
  if (changes.length > 0 && !options.dryRun) refuseUnasked('upgrade', options, world);
  const difference = await differenceText(changes);
  const left = steps.filter((step) => step.is === 'left');
  const leftover = await differenceText(
    left.map(({ file, text }) => ({ file, before: there.get(file) ?? null, after: text })),
  );
  const isJson = options.format === 'json';
  if (!isJson) world.out(visibleLines(textOf(steps, difference, leftover, world)));
  const isAsked = changes.length > 0 && options.dryRun !== true;
  const isAgreed = isAsked && (options.yes === true || (await agreed('Write this?', world)));
  if (isAgreed || (changes.length === 0 && !options.dryRun)) {
    const files = changes.map(({ file, after }) => ({ file, text: after ?? '' }));
    writeFiles(folder, [...files, { file: RECORD_FILE, text: record }], true);
  }
  const next = isAgreed ? NEXT : [];
  const told = steps.map(({ file, is }) => ({ file, is }));
  const result = { folder: dir, files: told, difference, leftover, written: isAgreed, next };
  if (isJson) world.out(jsonText(result));
  else if (isAgreed) world.out(`Written. Next: ${next.join('; ')}\n`);
  return isAsked && !isAgreed ? EXIT.refused : EXIT.done;
}

const NEXT = ['npm install', 'git diff', 'git commit --all --message "Upgrade strategos"'];

interface Found {
  readonly steps: readonly Step[];
  readonly there: ReadonlyMap<string, string>;
  /** The record that there is to be afterwards. */
  readonly record: string;
}

async function upgradeOf(folder: string, world: World): Promise<Found> {
  const known = await recordAt(folder);
  const { settings, change } = await settingsIn(folder, known, world);
  const manifests = await manifestsThere(folder);
  const starting = await startingFiles(folder, settings, '', manifests);
  const next = new Map(
    starting.filter(({ file }) => !isTeams(file)).map(({ file, text }) => [file, text]),
  );
  const there = new Map<string, string>();
  const steps: Step[] = [];
  const files = new Map(known?.files ?? []);
  for (const file of [...new Set([...next.keys(), ...files.keys()])].sort()) {
    const own = await textIfThere(path.join(folder, file));
    const text = own?.replaceAll('\r\n', '\n') ?? null;
    if (text !== null) there.set(file, text);
    const base = known?.files.get(file) ?? null;
    const wanted = next.get(file) ?? null;
    const isAsWritten = base === null ? null : text !== null && blobName(text) === base;
    const merged =
      isAsWritten === false ? await together(folder, { base, own: text, next: wanted }) : null;
    const step = stepOf({ file, there: text, next: wanted, isAsWritten, merged });
    steps.push(step);
    if (wanted === null) files.delete(file);
    else if (step.is !== 'left' && step.is !== 'gone') files.set(file, blobName(wanted));
  }
  if (change !== null) {
    there.set(PACKAGE, change.before);
    steps.push({ is: 'replaced', file: PACKAGE, text: change.after });
  }
  return { steps, there, record: recordText({ settings, files }) };
}

/** What a team and this version have made of one text, where git still has that. */
async function together(
  folder: string,
  { base, own, next }: { base: string | null; own: string | null; next: string | null },
): Promise<string | null> {
  if (base === null || own === null || next === null) return null;
  // This version has changed nothing of it.
  if (blobName(next) === base) return own;
  const text = await textNamed(folder, base);
  return text === null ? null : mergedText(own, text, next);
}

/** With the version of this package in the place of the one that is asked of npm. */
async function settingsIn(
  folder: string,
  record: StarterRecord | null,
  world: World,
): Promise<{ settings: StarterSettings; change: { before: string; after: string } | null }> {
  const { content = null, spec = null } = (await packageThere(folder)) ?? {};
  const before = record?.settings ?? (await settingsWithout(folder, spec, world));
  if (content === null || spec === null || !isVersion(spec) || spec === world.version) {
    return { settings: { ...before, packageSpec: spec ?? before.packageSpec }, change: null };
  }
  if (isNewer(spec, world.version)) {
    const message = `package.json asks for strategos ${spec}, and this is ${world.version}`;
    throw new InvalidInput(message, [], {
      hint: 'npm install, then: npx --no -- strategos upgrade',
    });
  }
  const line = new RegExp(`("strategos"\\s*:\\s*")${spec.replaceAll('.', '\\.')}(")`, 'g');
  const after = content.replace(line, (_all, a: string, b: string) => a + world.version + b);
  return {
    settings: { ...before, packageSpec: world.version },
    change: { before: content, after },
  };
}

/** Of a repository from before there was a record, or that lost it. */
async function settingsWithout(
  folder: string,
  spec: string | null,
  world: World,
): Promise<StarterSettings> {
  const { environment } = await manifestsThere(folder);
  if (environment === null) {
    throw new InvalidInput(`${folder}: not a repository that init has made`, [], {
      hint: 'strategos init starts one, and goes on with what is missing',
    });
  }
  const where = await whereItIs(folder, undefined);
  return {
    environment: environment.name,
    host: environment.host,
    workflowPrefix: where.prefix,
    below: where.below,
    branch: where.branch.name,
    codeowners: where.codeowners,
    packageSpec: spec ?? world.version,
    patience: false,
  };
}

function isNewer(a: string, b: string): boolean {
  const [one, two] = [a, b].map((text) => text.split(/[.-]/).slice(0, 3).map(Number));
  for (const [index, number] of (one ?? []).entries()) {
    const other = two?.[index] ?? 0;
    if (number !== other) return number > other;
  }
  return false;
}

function changeOf(step: Step, there: ReadonlyMap<string, string>): Change[] {
  const { file } = step;
  const before = there.get(file) ?? null;
  switch (step.is) {
    case 'new':
    case 'replaced':
    case 'merged':
      return [{ file, before, after: step.text }];
    case 'removed':
      return [{ file, before, after: null }];
    case 'same':
    case 'gone':
    case 'left':
      return [];
  }
}

const SAID = {
  new: 'new',
  replaced: 'as this version writes it; nobody had changed it',
  merged: 'your changes, and those of this version',
  removed: 'not written any more; nobody had changed it',
  left: 'left: you changed it, and so did this version; below is what it would be',
  gone: 'left out: you removed it',
} as const;

function textOf(
  steps: readonly Step[],
  difference: string,
  leftover: string,
  world: World,
): string {
  const counted = steps.filter(({ is }) => is !== 'same' && is !== 'gone');
  if (counted.length === 0) {
    const all = plural(steps.length, 'file');
    return `Nothing to do: all ${all} are as strategos ${world.version} writes them, or yours.\n`;
  }
  const lines = steps.flatMap(({ file, is }) =>
    is === 'same' ? [] : [`  ${visible(file)}: ${SAID[is]}\n`],
  );
  const head = `strategos ${world.version} writes ${plural(counted.length, 'file')} otherwise:\n`;
  const apart = leftover === '' ? '' : `\nNot written, to be read:\n\n${leftover}`;
  return `${head}${lines.join('')}${difference === '' ? '' : `\n${difference}`}${apart}`;
}
