/**
 * The key of a record's row. It is a part of a path, and not every hop on the way to an org leaves
 * an escaped slash as it is; so it holds none of the characters that a path has to escape.
 *
 * `Kind~name`, where a character of the name that is not one of A–Z a–z 0–9 - . _ is written as the
 * bytes of its UTF-8, each as `~HH`. A key that would be longer than the platform takes is cut to
 * `Kind.cut~beginning~digest`, with a digest of the address, which the row then says itself.
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
export function recordKey(address: Address, hash: Hash): string {
  const kind = kindName(address);
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

/** `null` for a key that is no record's. `said` is the address that the row of a cut one names. */
export function addressAt(key: string, said: string | null, hash: Hash): Address | null {
  const address = isCut(key) ? said : addressIn(key);
  // Whoever else wrote the row has not written it as we would.
  return address !== null && isOldKey(address) && recordKey(address, hash) === key ? address : null;
}

function addressIn(key: string): string | null {
  const at = key.indexOf(MARK);
  if (at <= 0) return null;
  try {
    return `${key.slice(0, at)}/${unescaped(key.slice(at + 1))}`;
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
