/** Three strategies, and what was sent of them. */
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import type { bench } from '../support/org.js';
import { live, ORG, strategy, weighing } from '../support/reconcile.js';

export const ITEM = /\/routing\/strategies\/[^/]+$/;
export const ROOT = /\/routing\/strategies$/;

/** Three live strategies, and manifests that change all of them. */
export const THREE: OrgFile = {
  ...ORG,
  strategies: [live('a', 'Alpha'), live('b', 'Beta'), live('c', 'Gamma')],
};
export const HALVED = {
  'a.yaml': weighing('a', 'Alpha', 0.5),
  'b.yaml': weighing('b', 'Beta', 0.5),
  'c.yaml': weighing('c', 'Gamma', 0.5),
};

export function weights(on: ReturnType<typeof bench>): Record<string, number | undefined> {
  const names = [...on.org.strategyNames.keys()].sort();
  return Object.fromEntries(
    names.map((name) => [name, strategy(on, name).content.targets[0]?.weight]),
  );
}

/** Methods of the requests that write, the org's records of what is ours included. */
export const everyWrite = (sent: readonly { method: string; path: string }[]): string[] =>
  sent
    .filter(({ method, path }) => method !== 'GET' && !/oauth|query$/.test(path))
    .map(({ method }) => method);

/** Those that write strategies. */
export const writes = (sent: readonly { method: string; path: string }[]): string[] =>
  everyWrite(sent.filter(({ path }) => path.includes('/routing/strategies')));
