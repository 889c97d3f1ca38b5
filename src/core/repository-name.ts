/**
 * One name for one repository, however the address of a remote spells it.
 *
 * `host/path`: the name by which people know the repository, not the way to reach it. User,
 * password, scheme, `www.`, a port that goes without saying, `.git` and slashes at the end are the
 * way. Hosts are compared without letter case everywhere, paths only on services that are known to
 * do so themselves: an unknown host may keep `A` and `a` apart, and two repositories taken for one
 * would prune each other's objects, while one taken for two is told so and loses nothing.
 */

/** The address of a remote, taken apart. */
interface Place {
  readonly scheme: string;
  readonly user: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
}

/** Other names of the hosts of a service: for ssh on port 443, mostly. */
const SAME_HOST: Readonly<Record<string, string>> = {
  'ssh.github.com': 'github.com',
  'altssh.gitlab.com': 'gitlab.com',
  'altssh.bitbucket.org': 'bitbucket.org',
  'ssh.dev.azure.com': 'dev.azure.com',
  'vs-ssh.visualstudio.com': 'dev.azure.com',
};

/** Services that take `Acme/Routing` and `acme/routing` for the same. */
const CASELESS = new RegExp(
  String.raw`^(github\.com|([\w-]+\.)+ghe\.com|gitlab\.com|bitbucket\.org|dev\.azure\.com|` +
    String.raw`codeberg\.org|gitea\.com)$`,
);

const USUAL_PORTS: Readonly<Record<string, string>> = {
  ssh: '22',
  https: '443',
  http: '80',
  git: '9418',
};

/**
 * The name of the repository behind the address of a remote; `null` where it names none: a path on
 * this machine, a transport of which we know nothing, a query. `hostOf` says which host an alias
 * of ssh stands for.
 */
export function repositoryName(
  remote: string,
  hostOf: (alias: string) => string | null = () => null,
): string | null {
  const place = remotePlaceOf(remote);
  return place === null ? null : nameOf(place, hostOf);
}

/** A name that somebody wrote, as an address or plainly, spelled the one way. Idempotent. */
export function spelledOnce(name: string): string {
  const plain = /^(\[[\da-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d+))?\/(.+)$/i.exec(name);
  const [, host = '', port = '', path = ''] = plain ?? [];
  if (plain !== null && (isHostName(host) || port !== '')) {
    return nameOf({ scheme: '', user: '', host, port, path }, () => null) ?? name;
  }
  return (/^\w[\w+.-]*:\/\/|^[\w.-]+@[\w.-]+:/.test(name) ? repositoryName(name) : null) ?? name;
}

/** The host of a remote that ssh connects to and that may be an alias of its configuration. */
export function aliasIn(remote: string): string | null {
  const place = remotePlaceOf(remote);
  if (place?.scheme !== 'ssh') return null;
  const host = plainHost(place.host);
  return Object.hasOwn(SAME_HOST, host) || CASELESS.test(host) ? null : place.host;
}

/** True for a name of the whole internet, or an address: not for one of this machine or network. */
export function isHostName(host: string): boolean {
  return (
    /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:[a-z]{2,}|xn--[a-z0-9-]+)\.?$/i.test(host) ||
    /^\d+(?:\.\d+){3}$/.test(host) ||
    host.startsWith('[')
  );
}

/**
 * The service that an alias is called after, where its name leaves no doubt: `github-work`,
 * `github.com-acme`, `gitlab.com-acme`. A server of one's own is called `gitlab-two` or
 * `github-enterprise`, so neither is one of them.
 */
export function serviceIn(alias: string): string | null {
  const name = alias.toLowerCase();
  if (isHostName(name) || /enterprise|ghe|server|intern|corp|prem/.test(name)) return null;
  const [, service] = /^(github\.com|gitlab\.com|bitbucket\.org)[-_.]\S+$/.exec(name) ?? [];
  return service ?? (/^github[-_]\S+$/.test(name) ? 'github.com' : null);
}

function remotePlaceOf(remote: string): Place | null {
  const text = remote.trim();
  const [, scheme, authority = '', rest = ''] =
    /^([a-z][\w+.-]*):\/\/([^/?#]*)([^]*)$/i.exec(text) ?? [];
  if (scheme === undefined) return scpPlaceOf(text);
  const known = scheme.toLowerCase().replace(/^git\+|\+git$/g, '');
  // A query may be what tells one repository from another, and it may be a secret.
  if (!Object.hasOwn(USUAL_PORTS, known) || /[?#]/.test(rest)) return null;
  const at = authority.lastIndexOf('@');
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(
    authority.slice(at + 1),
  ) ?? ['', ''];
  const user = authority.slice(0, Math.max(0, at)).split(':')[0] ?? '';
  return host === '' ? null : { scheme: known, user, host, port, path: rest };
}

/** `git@host:path`: no slash before the colon, or it would be a path on this machine. */
function scpPlaceOf(text: string): Place | null {
  const parts = /^(?:([^/@:]+)@)?(\[[^\]]+\]|[^/@:[\]]+):(?!:)([^]+)$/.exec(text);
  const [, user = '', host = '', path = ''] = parts ?? [];
  // One letter is a drive.
  if (parts === null || /^[a-z]$/i.test(host) || path.startsWith('\\')) return null;
  return { scheme: 'ssh', user, host, port: '', path };
}

function nameOf(place: Place, hostOf: (alias: string) => string | null): string | null {
  const written = plainHost(place.host);
  const meant = place.scheme === 'ssh' ? hostOf(place.host) : null;
  // A host by its own name stays that, wherever ssh finds it; a service is known by its own.
  const found = meant === null ? written : serviceHost(plainHost(meant));
  const service = serviceHost(isHostName(written) && !CASELESS.test(found) ? written : found);
  const isKnown = CASELESS.test(service);
  const segments = segmentsOf(place);
  if (segments.length === 0) return null;
  const azure = service === 'dev.azure.com' || service.endsWith('.visualstudio.com');
  const [at, path] = azure ? azureOf(service, segments) : [service, segments.join('/')];
  const usual = isKnown || azure || place.port === USUAL_PORTS[place.scheme];
  const port = usual || place.port === '' ? '' : `:${Number(place.port)}`;
  return `${at}${port}/${isKnown || azure ? caseless(path) : path}`;
}

function plainHost(host: string): string {
  const name = host.toLowerCase().replace(/\.+$/, '');
  return name.replace(/^(?:www\.)+(?=[^.]+\.)/, '');
}

function serviceHost(host: string): string {
  return (Object.hasOwn(SAME_HOST, host) ? SAME_HOST[host] : undefined) ?? host;
}

const GIT_END = /(?:\.git)+$/i;

/** Without empty ones, dots, `.git` at the end; `~` is the home of whoever logs in. */
function segmentsOf({ path, user }: Place): string[] {
  const segments: string[] = [];
  for (const one of path.split('/').map(decoded)) {
    if (one === '..') segments.pop();
    else if (one !== '' && one !== '.') segments.push(one);
  }
  if (segments[0] === '~') segments[0] = `~${user}`;
  for (let last = segments.pop(); last !== undefined; last = segments.pop()) {
    const plain = last.replace(GIT_END, '');
    if (plain === '') continue;
    segments.push(plain);
    break;
  }
  return segments;
}

/** What was escaped without need; what stands for a character of the address itself stays so. */
function decoded(segment: string): string {
  try {
    const text = decodeURIComponent(segment).normalize('NFC');
    return /[%/?#\\\p{C}]/u.test(text) ? segment : text;
  } catch {
    return segment;
  }
}

/** `dev.azure.com/org/project/_git/repo` and what else the service has called it. */
function azureOf(host: string, segments: readonly string[]): [string, string] {
  const org = /^(.+)\.visualstudio\.com$/.exec(host)?.[1];
  const words = segments
    .map((one) => one.replace(GIT_END, ''))
    .filter((one) => one !== '' && !/^(_git|_ssh|_optimized|_full)$/i.test(one));
  if (/^v3$/i.test(words[0] ?? '') && words.length === 4) words.shift();
  if (org !== undefined) {
    if (/^DefaultCollection$/i.test(words[0] ?? '')) words.shift();
    words.unshift(org);
  }
  // A repository that is called as its project is goes by one name.
  if (words.length === 2) words.push(words[1] ?? '');
  return ['dev.azure.com', words.join('/')];
}

function caseless(path: string): string {
  return path.toLowerCase().normalize('NFC');
}
