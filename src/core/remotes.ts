/** Which of a checkout's remotes says whose it is, from what git has written down about them. */
import { isHostName, aliasIn } from './repository-name.js';

export interface Remote {
  readonly name: string;
  /** The address that names the repository: as written, or what a shorthand stands for. */
  readonly url: string;
}

/** Settings as `git config` lists them: keys in git's spelling, in the order of precedence. */
export type Settings = readonly (readonly [key: string, value: string])[];

/** Those with an address, by name. */
export function remotesIn(settings: Settings): Remote[] {
  const found = new Map<string, string>();
  for (const kind of ['url', 'pushurl']) {
    for (const [key, value] of settings) {
      const name = new RegExp(`^remote\\.([^]+)\\.${kind}$`).exec(key)?.[1];
      if (name !== undefined && value !== '' && !found.has(name)) found.set(name, value);
    }
  }
  return [...found]
    .map(([name, url]) => ({ name, url: meant(url, settings) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * `origin`, else the one that the branch follows, else the only one. `null` where that leaves
 * several: which of them is meant is not for us to guess.
 */
export function chosenRemote(
  remotes: readonly Remote[],
  settings: Settings,
  branch: string | null,
): Remote | null {
  const followed = settings.find(([key]) => key === `branch.${branch ?? ''}.remote`)?.[1];
  const named = (name: string | undefined): Remote | undefined =>
    remotes.find((one) => one.name === name);
  return named('origin') ?? named(followed) ?? (remotes.length === 1 ? (remotes[0] ?? null) : null);
}

/**
 * An address that names a host of the internet is the repository's, wherever `insteadOf` leads it:
 * a proxy or a mirror is a way. Anything else is a shorthand for what git makes of it.
 */
function meant(url: string, settings: Settings): string {
  const host = /^[a-z][\w+.-]*:\/\/(?:[^/@]*@)?([^/:]*)/i.exec(url)?.[1] ?? aliasIn(url) ?? '';
  const scp = /^(?:[^/@:]+@)?([^/@:]+):/.exec(url)?.[1] ?? '';
  if (isHostName(host) || (host === '' && isHostName(scp))) return url;
  return rewritten(url, settings, 'insteadof') ?? rewritten(url, settings, 'pushinsteadof') ?? url;
}

/** As git does: the longest prefix wins, once. */
function rewritten(url: string, settings: Settings, kind: string): string | null {
  let best: { readonly prefix: string; readonly with: string } | null = null;
  for (const [key, prefix] of settings) {
    const target = new RegExp(`^url\\.([^]+)\\.${kind}$`).exec(key)?.[1];
    if (target === undefined || prefix === '' || !url.startsWith(prefix)) continue;
    if (best === null || prefix.length > best.prefix.length) best = { prefix, with: target };
  }
  return best === null ? null : best.with + url.slice(best.prefix.length);
}
