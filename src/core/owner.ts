/**
 * Who may change an object: the manifests of one environment in one folder of one repository.
 *
 * An owner's name is `repository//folder`, with the folder as seen from the top of the repository.
 * Versions before this one knew no folder and wrote the repository alone, or what `spec.owner`
 * said. Such a name is ours where nobody else can have been meant by it.
 */
import { spelledOnce } from './repository-name.js';

export interface Owner {
  /** `github.com/acme/routing//strategies` */
  readonly name: string;
  readonly environment: string;
}

/** Whoever a run is for. What is optional is known where it was read from a checkout. */
export interface Us extends Owner {
  /** `spec.owner in strategies/prod.yaml:4, folder "strategies"` */
  readonly how?: string;
  /** What an older version called us, and nobody else as far as we know. */
  readonly before?: string;
  /** What an older version called us and may have called others, and why. */
  readonly shared?: { readonly name: string; readonly why: string };
}

/** Parts the repository from the folder, as the address of a Terraform module does. */
const PART = '//';

export function ownerName(repository: string, folder: string): string {
  return repository + PART + folderOnce(folder);
}

/** `folder` is `null` in a name that an older version wrote, or a person. */
export function partsOfName(name: string): {
  readonly repository: string;
  readonly folder: string | null;
} {
  const scheme = /^[a-z][\w+.-]*:\/\//i.exec(name)?.[0].length ?? 0;
  const at = name.indexOf(PART, scheme);
  if (at === -1) return { repository: name, folder: null };
  return { repository: name.slice(0, at), folder: name.slice(at + PART.length) };
}

/** The same name for every spelling of it; idempotent. */
export function nameOnce(name: string): string {
  const { repository, folder } = partsOfName(name);
  const spelled = spelledOnce(repository);
  return folder === null ? spelled : ownerName(spelled, folder);
}

/** `strategies` of `./strategies/`; `.` is the top. */
export function folderOnce(folder: string): string {
  const kept: string[] = [];
  for (const one of folder.normalize('NFC').split(/[\\/]+/)) {
    if (one === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (one !== '' && one !== '.') kept.push(one);
  }
  return kept.join('/') || '.';
}

/**
 * A name that many a repository may have given itself: a word, such as the name of a folder. One
 * with a slash says where it is, and a UUID is nobody else's.
 */
export function isBareName(name: string): boolean {
  return !name.includes('/') && !UUID.test(name);
}

const UUID = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/i;

/** The repository that `spec.owner` and the checkout name together; `null` where neither does. */
export function repositoryOf(explicit: string | null, remote: string | null): string | null {
  if (explicit === null) return remote;
  return isBareName(explicit) && remote !== null
    ? `${explicit} of ${remote}`
    : spelledOnce(explicit);
}

/** `written` is a record's, in whatever spelling, of whatever version. */
export function sameOwner(written: Owner, us: Us): boolean {
  if (written.environment !== us.environment) return false;
  // As nearly every record has it.
  if (written.name === us.name) return true;
  const name = nameOnce(written.name);
  return name === us.name || name === us.before;
}

/** The record names us as an older version did. */
export function isNamedBefore(written: Owner, us: Us): boolean {
  if (written.name === us.name) return false;
  return sameOwner(written, us) && nameOnce(written.name) !== us.name;
}

/** What a reader should know of an owner that is not us; empty where it speaks for itself. */
export function remarkOn(written: Owner, us: Us): string {
  const name = nameOnce(written.name);
  if (written.environment !== us.environment) return '';
  if (name === us.shared?.name) return `written by an older version; ${us.shared.why}`;
  const [theirs, ours] = [partsOfName(name), partsOfName(us.name)];
  if (theirs.repository !== ours.repository || theirs.folder === null) return '';
  return 'another folder of the same repository';
}

/** Shown where the cell of a record is empty. */
const NOBODY = '(nobody named)';

/** `github.com/acme/routing//strategies (environment prod)` */
export function ownerText({ name, environment }: Owner): string {
  return `${name || NOBODY} (environment ${environment})`;
}

/** `we are github.com/acme/routing//strategies (environment prod), by the git remote "origin"` */
export function usText(us: Us): string {
  return `we are ${ownerText(us)}${us.how === undefined ? '' : `, by ${us.how}`}`;
}

/** Who is meant by what `ownerText` shows, or by a name alone: then in this environment. */
export function ownerIn(text: string, environment: string): Owner {
  const [, name = text, named = environment] = /^(.+) \(environment ([^()]*)\)$/.exec(text) ?? [];
  const trimmed = name.trim();
  return { name: trimmed === NOBODY ? '' : nameOnce(trimmed), environment: named };
}
