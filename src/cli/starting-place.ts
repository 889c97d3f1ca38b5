/** Where `init` writes, as GitHub sees it: which folder of which repository, and its branch. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { WrongUsage } from '../core/errors.js';
import { visible } from '../core/visible.js';
import { defaultBranchAt, type DefaultBranch } from '../files/default-branch.js';
import { folderPlaceOf, gitsOwnFolder } from '../files/repository.js';
import { textIfThere } from '../files/there.js';
import { codeownersFile } from '../starter/repository.js';
import { toTop } from '../starter/workflows.js';
import { writtenWorkflow, type WrittenWorkflow } from '../starter/written-workflow.js';

export interface Where {
  readonly branch: DefaultBranch;
  /** What git knows, where the workflows that are there name another. */
  readonly elsewise: DefaultBranch | null;
  /** Below the folder of the repository, with forward slashes; empty where it is that folder. */
  readonly below: string;
  readonly isCheckout: boolean;
  /** Of the names of workflows. */
  readonly prefix: string;
  readonly codeowners: boolean;
}

/** `given`: the branch that the user named. */
export async function whereItIs(folder: string, given: string | undefined): Promise<Where> {
  const there = nearestThere(folder);
  await refuseGitsOwn(there);
  const { isCheckout, top, dir } = await folderPlaceOf(there, there);
  const inside = path.join(dir, path.relative(there, folder));
  const below = isCheckout ? path.relative(top, inside).split(path.sep).join('/') : '';
  // It stands in workflows, where GitHub would put a value in its place.
  if (/\$\{\{|[\r\n]/.test(below)) {
    throw new WrongUsage(`${visible(below)}: workflows cannot be for a folder of that name`, {
      hint: 'choose a folder without ${{ and line ends in its name',
    });
  }
  const workflows = path.join(folder, toTop(below), '.github', 'workflows');
  const prefix = await prefixFor(workflows, below);
  const codeowners = await wantsOwners(folder, below);
  const known = { below, isCheckout, prefix, codeowners };
  if (given !== undefined) return { ...known, branch: named(given), elsewise: null };
  const [written, found] = [await writtenIn(workflows, prefix), await defaultBranchAt(there)];
  if (written === null) return { ...known, branch: found, elsewise: null };
  const elsewise = isCheckout && found.name !== written.name ? found : null;
  return { ...known, branch: written, elsewise };
}

/** A bare repository, or the `.git` of a checkout: what is written there is in no commit. */
async function refuseGitsOwn(there: string): Promise<void> {
  const own = await gitsOwnFolder(there);
  if (own === null) return;
  throw new WrongUsage(`${visible(own)}: that is git’s own folder, and holds no files of yours`, {
    hint: 'clone the repository, and run it in the clone; of a checkout, the folder above .git',
  });
}

function named(branch: string): DefaultBranch {
  if (/^[^\s~^:?*[\\]+$/.test(branch) && !/^[-/]|\.\.|@\{|\/$/.test(branch)) {
    return { name: branch, how: '--branch' };
  }
  throw new WrongUsage(`--branch ${visible(branch)}: not a name that git takes for a branch`, {
    hint: 'give the name alone, such as main',
  });
}

/** The one that an earlier run of init has written. */
async function writtenIn(workflows: string, prefix: string): Promise<DefaultBranch | null> {
  const name = `${prefix}apply.yml`;
  const branch = (await workflowAt(path.join(workflows, name)))?.branch ?? null;
  return branch === null ? null : { name: branch, how: name };
}

/** Where two say which is the default branch, and differ. */
export function branchNote({ branch, elsewise, prefix }: Where): string[] {
  if (elsewise === null) return [];
  return [
    `${prefix}apply.yml applies pushes to ${visible(branch.name)}, and the default branch seems`,
    `to be ${visible(elsewise.name)} (${elsewise.how}): if so, change its "branches:" line.`,
  ];
}

export function placeNote({ below, branch, isCheckout }: Where): string[] {
  if (below !== '') {
    const top = toTop(below);
    return [
      `GitHub reads workflows at the root of the repository alone: they are in ${top}.github/, ` +
        `and work in ${visible(below)}/.`,
    ];
  }
  if (isCheckout) return [];
  return [
    'No git repository is here yet. GitHub reads .github/ only at the root of one: make this ' +
      `folder that (git init -b ${visible(branch.name)}), or run init inside of the repository.`,
  ];
}

/** Without a repository, what comes after would have nowhere to commit to. */
export function repositoryNext({ isCheckout, branch }: Where): string[] {
  return isCheckout ? [] : [`git init -b ${visible(branch.name)}`];
}

/** Workflows of another folder of the same repository keep their names. */
async function prefixFor(workflows: string, below: string): Promise<string> {
  const there = await workflowAt(path.join(workflows, 'strategos-plan.yml'));
  if (there === null || there.folder === below) return 'strategos-';
  const slug = below.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '');
  return `strategos-${slug === '' ? 'root' : slug}-`;
}

async function workflowAt(file: string): Promise<WrittenWorkflow | null> {
  const text = await textIfThere(file);
  return text === null ? null : writtenWorkflow(text);
}

/** Where a repository says already who owns what, a folder of it has nothing to add. */
async function wantsOwners(folder: string, below: string): Promise<boolean> {
  if (below === '') return true;
  const { file, text: example } = codeownersFile(below);
  const there = await textIfThere(path.join(folder, file));
  if (there !== null) return there === example;
  const others = ['CODEOWNERS', 'docs/CODEOWNERS'];
  return !others.some((other) => existsSync(path.join(folder, toTop(below), other)));
}

/** A folder that is not there yet will be a part of what is around it. */
export function nearestThere(folder: string): string {
  let there = folder;
  while (!existsSync(there) && path.dirname(there) !== there) there = path.dirname(there);
  return there;
}
