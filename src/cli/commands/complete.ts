/** `strategos complete`: what a shell asks for while somebody types. */
import path from 'node:path';
import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../../core/errors.js';
import { readManifests } from '../../files/manifests.js';
import { runIds } from '../../files/runs.js';
import { loadManifests } from '../../manifest/load.js';
import { candidates, type Names } from '../completion.js';
import type { World } from '../world.js';

export async function complete(
  program: Command,
  words: readonly string[],
  world: World,
): Promise<ExitCode> {
  const found = await candidates(program, words, (before) => namesIn(before, world));
  // A control character in a name would be carried out by the shell that draws it.
  const safe = found.filter((one) => !/\p{Cc}/u.test(one));
  world.out(safe.map((one) => `${one}\n`).join(''));
  return EXIT.done;
}

/** Names in the folders that the words before say, or in the usual ones; nothing is fetched. */
function namesIn(before: readonly string[], world: World): Names {
  const named = (option: string, usual: string): string => {
    const at = before.lastIndexOf(option);
    return (at === -1 ? undefined : before[at + 1]) ?? usual;
  };
  const documents = async (): Promise<{ kind: string; name: string }[]> => {
    const { sources } = await readManifests(named('--dir', 'strategies'), world.cwd);
    return loadManifests(sources).documents.filter(({ name }) => name !== '');
  };
  const isMeta = (kind: string): boolean => kind === 'Environment' || kind === 'Overlay';
  return {
    environments: async () =>
      (await documents()).filter(({ kind }) => kind === 'Environment').map(({ name }) => name),
    targets: async () =>
      (await documents())
        .filter(({ kind }) => !isMeta(kind))
        .flatMap(({ kind, name }) => [kind, `${kind}/${name}`])
        .filter((one, at, all) => all.indexOf(one) === at),
    runs: async () =>
      (await runIds(path.resolve(world.cwd, named('--runs', '.strategos/runs')))).reverse(),
  };
}
