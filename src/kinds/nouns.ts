/** What people call objects of each kind: for every text that counts them. */
import { kindName } from '../core/outcome.js';
import { plural } from '../core/plural.js';
import type { Address } from '../core/types.js';
import { kinds, reconciledKinds } from './index.js';

/** `2 strategies and 1 skill`, kinds in the order of their registration. */
export function countText(addresses: readonly Address[]): string {
  const counts = new Map<string, number>();
  for (const address of addresses) {
    const kind = kindName(address);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const parts = reconciledKinds.flatMap(({ name, noun }) => {
    const count = counts.get(name) ?? 0;
    return count === 0 ? [] : [plural(count, noun.one, noun.many)];
  });
  const strangers = addresses.filter((address) => !Object.hasOwn(kinds, kindName(address)));
  if (strangers.length > 0) parts.push(plural(strangers.length, 'object'));
  if (parts.length === 0) parts.push(noneText());
  const last = parts.pop() ?? '';
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
}

/** What many of a kind are called. */
export function nounOfMany(kind: string): string {
  return reconciledKinds.find(({ name }) => name === kind)?.noun.many ?? 'objects';
}

/** None of the kind that is named first. */
function noneText(): string {
  const [first] = reconciledKinds;
  return plural(0, first?.noun.one ?? 'object', first?.noun.many);
}
