/** What an export leaves out, because no manifest can say it: told with the reason and a way. */
import path from 'node:path';
import { resourceOf } from '../core/kind.js';
import { groupedBy } from '../core/grouped.js';
import { kindName, objectName } from '../core/outcome.js';
import { someOf } from '../core/some.js';
import type { State } from '../core/state.js';
import { visible } from '../core/visible.js';
import { missingFiles, writeFiles } from '../files/manifests-out.js';
import { kinds } from '../kinds/index.js';
import { countText } from '../kinds/nouns.js';
import type { Exported, LeftOut } from '../manifest/exported.js';
import { isOfName, SIMILAR_NAME } from '../manifest/sayable.js';
import type { Unsaid } from './export-reach.js';
import type { World } from './world.js';

/**
 * Writes what somebody is to complete beside the manifests, under a name that makes no manifest of
 * it; what is there already is somebody's, and stays.
 */
export function writeUnfinished(out: readonly LeftOut[], folder: string, world: World): void {
  const files = out.flatMap(({ unfinished }) =>
    unfinished === undefined
      ? []
      : [
          {
            file: path.relative(folder, path.resolve(world.cwd, unfinished.path)),
            text: unfinished.text,
          },
        ],
  );
  const missing = new Set(missingFiles(folder, files));
  const wanted = files.filter(({ file }) => missing.has(file));
  if (wanted.length > 0) writeFiles(folder, wanted, false);
}

export function tellLeftOut(
  out: readonly LeftOut[],
  { records }: Pick<State, 'records'>,
  backend: string,
  world: World,
): void {
  // What a plan would delete is told by its name, however many there are.
  const nobodys = out.filter((one) => isBegun(one) && !records.has(one.address));
  const begun = groupedBy(nobodys, ({ why }) => why.message);
  const many = [...begun].filter(([, { length }]) => length > MOST_SINGLY);
  for (const [why, all] of many) tellMany(all, why, world);
  const isTold = new Set(many.flatMap(([, all]) => all));
  for (const one of out) {
    if (isTold.has(one)) continue;
    const isOurs = records.has(one.address);
    const gone = isOurs ? '; it is on record as managed: where prune is on, a plan deletes it' : '';
    const what = `${visible(one.address)}: not exported: ${visible(one.why.message)}${gone}`;
    const { errStyle } = world;
    world.err(`${errStyle.warn('warning')}: ${what}\n    → ${visible(hintOf(one, backend))}\n`);
  }
}

/** More than these are told in one message where the same is missing of all of them. */
const MOST_SINGLY = 5;
/** In one line. */
const MOST_NAMES = 10;

function isBegun({ unfinished }: LeftOut): boolean {
  return unfinished !== undefined;
}

/** An org that moves here has a row for each of its strategies, and none says its capacity. */
function tellMany(all: readonly LeftOut[], why: string, world: World): void {
  const addresses = all.map(({ address }) => address);
  const what = `${countText(addresses)} not exported: ${visible(why)}`;
  const names = visible(someOf(addresses.map(objectName), MOST_NAMES));
  world.err(
    `${world.errStyle.warn('warning')}: ${what}: ${names}\n` +
      '    → the org does not say it: add what is missing in NAME.yaml.unfinished of each, and ' +
      'call the file NAME.yaml\n',
  );
}

function hintOf({ address, why, unfinished }: LeftOut, backend: string): string {
  if (unfinished !== undefined) {
    const { path: file } = unfinished;
    const name = path.posix.basename(file).replace(/\.unfinished$/, '');
    return `the org does not say it: add what is missing in ${file}, and call the file ${name}`;
  }
  if (isOfName(why)) {
    const rule = why.hint === undefined ? '' : ` (${why.hint})`;
    const kind = kinds[kindName(address)];
    const isRenamed = kind !== undefined && resourceOf(kind, backend).renames === true;
    const isOfTwo = why.code === SIMILAR_NAME;
    const which = isOfTwo ? 'one of the two' : 'it';
    const anew = isOfTwo
      ? 'make one of the two again under another name'
      : 'make one of another name in its place';
    const way = isRenamed ? `give ${which} another name` : anew;
    return `${way} in the org${rule}, and export again`;
  }
  return 'change that in the org and export again, or write its manifest by hand';
}

export interface LeftOutJson {
  readonly address: string;
  readonly how: string;
  readonly written: false;
  readonly hint: string;
  readonly unfinished?: string;
}

export function leftOutJson(one: LeftOut, backend: string): LeftOutJson {
  const { address, why, unfinished } = one;
  return {
    address,
    how: why.message,
    written: false,
    hint: hintOf(one, backend),
    ...(unfinished === undefined ? {} : { unfinished: unfinished.path }),
  };
}

/** Values that are left to the org, by kind, place and reason. */
export function unsaidOfCuts(cuts: Exported['cuts']): Unsaid[] {
  const found = new Map<string, Unsaid & { objects: string[] }>();
  for (const { address, place, why } of cuts) {
    const [kind, name] = [kindName(address), objectName(address)];
    const key = [kind, place, why].join('\n');
    const known = found.get(key);
    if (known === undefined) found.set(key, { kind, place, objects: [name], why });
    else known.objects.push(name);
  }
  return [...found.values()];
}
