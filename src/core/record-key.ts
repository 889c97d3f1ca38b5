/**
 * The key of a record's row. It is a part of a path, and not every hop on the way to an org leaves
 * an escaped slash as it is; so it holds none of the characters that a path has to escape.
 *
 * `Kind~name`, where a character of the name that is not one of A–Z a–z 0–9 - . _ is written as the
 * bytes of its UTF-8, each as `~HH`. A key that would be longer than the platform takes is cut to
 * `Kind.cut~beginning~digest`, with a digest of the address, which the row then says itself.
 *
 * Of a kind whose objects may live in several places the table has the records of all of them: a
 * strategy that has an endpoint is another than the row of its name. Rows have the plain key, and
 * the others a *mark* behind the kind: `Kind.mark~name`. Versions that know no marks see a kind
 * that they do not know, and leave its records alone.
 */
import { digestOf } from './canonical.js';
import { kindName, objectName } from './outcome.js';
import { TABLE_LIMITS } from './table.js';
import type { Address, Hash } from './types.js';

const MARK = '~';
/** Behind the name of a kind, which has no dot. */
const CUT = '.cut';
const DIGITS = 32;

/** Of text without lone surrogates, which neither a manifest nor an org has. */
export function recordKey(address: Address, hash: Hash, mark = ''): string {
  const kind = kindName(address) + (mark === '' ? '' : `.${mark}`);
  const name = escaped(objectName(address));
  const whole = kind + MARK + name;
  const most = TABLE_LIMITS.keyCharacters;
  if (whole.length <= most) return whole;
  const [, digest = ''] = digestOf(hash, address).split(':');
  const end = MARK + digest.slice(0, DIGITS);
  const start = kind + CUT + MARK;
  // Half of an escape is no use to whoever reads it.
  const beginning = name.slice(0, most - start.length - end.length).replace(/~[\dA-F]?$/, '');
  return start + beginning + end;
}

/** Versions before this one had the address itself as the key. */
export function isOldKey(key: string): key is Address {
  return key.includes('/');
}

/** The key does not say all of the address. */
export function isCut(key: string): boolean {
  return key.split(MARK, 1)[0]?.endsWith(CUT) === true;
}

export interface Marked {
  readonly address: Address;
  /** Empty where the key has none. */
  readonly mark: string;
}

/** `null` for a key that is no record's. `said` is the address that the row of a cut one names. */
export function addressAt(key: string, said: string | null, hash: Hash): Marked | null {
  const mark = markIn(key);
  const address = isCut(key) ? said : addressIn(key);
  if (address === null || !isOldKey(address)) return null;
  // Whoever else wrote the row has not written it as we would.
  return recordKey(address, hash, mark) === key ? { address, mark } : null;
}

function markIn(key: string): string {
  const [head = ''] = key.split(MARK, 1);
  const [, ...rest] = (isCut(key) ? head.slice(0, -CUT.length) : head).split('.');
  return rest.join('.');
}

function addressIn(key: string): string | null {
  const at = key.indexOf(MARK);
  if (at <= 0) return null;
  try {
    const [kind = ''] = key.slice(0, at).split('.', 1);
    return `${kind}/${unescaped(key.slice(at + 1))}`;
  } catch {
    return null;
  }
}

function escaped(text: string): string {
  return encodeURIComponent(text)
    .replaceAll(/[!'()*~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%', MARK);
}

/** Throws an URIError for what is no UTF-8. */
function unescaped(text: string): string {
  return decodeURIComponent(text.replaceAll('%', '%25').replaceAll(MARK, '%'));
}
