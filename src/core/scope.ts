/**
 * What a run is about: objects by address, all of a kind, or whatever has a name. In texts and in
 * plans a scope is what was written after `--target`.
 */
import { WrongUsage } from './errors.js';
import { byText } from './issue.js';
import type { Kind } from './kind.js';
import { suggestion } from './nearest.js';
import { kindName, objectName } from './outcome.js';
import { someOf } from './some.js';
import type { Address } from './types.js';

export type Target =
  | { readonly is: 'object'; readonly address: Address }
  | { readonly is: 'kind'; readonly kind: string }
  /** Of any kind. */
  | { readonly is: 'name'; readonly name: string };

/** `null` is everything. */
export type Scope = readonly Target[] | null;

/**
 * `Kind/name`, `Kind`, or a name. A name with a slash whose first part is no kind is a name; what
 * is called like a kind, or like an address, has to be given by its own address.
 */
export function scopeOf(texts: readonly string[] | null, kinds: readonly string[]): Scope {
  if (texts === null) return null;
  return [...new Set(texts)].sort(byText).map((text): Target => {
    if (kinds.includes(text)) return { is: 'kind', kind: text };
    const isAddress = kinds.some((kind) => text.startsWith(`${kind}/`) && text !== `${kind}/`);
    return isAddress ? { is: 'object', address: text as Address } : { is: 'name', name: text };
  });
}

/** These objects and no others. */
export function scopeOfAll(addresses: Iterable<Address>): Scope {
  return [...new Set(addresses)].sort(byText).map((address) => ({ is: 'object', address }));
}

export function isInScope(scope: Scope, address: Address): boolean {
  return scope === null || scope.some((target) => holds(target, address));
}

function holds(target: Target, address: Address): boolean {
  switch (target.is) {
    case 'object':
      return target.address === address;
    case 'kind':
      return target.kind === kindName(address);
    case 'name':
      return target.name === objectName(address);
  }
}

/** As `scopeOf` takes it. */
export function scopeTexts(scope: Scope): string[] | null {
  return scope === null ? null : scope.map(textOf);
}

function textOf(target: Target): string {
  switch (target.is) {
    case 'object':
      return target.address;
    case 'kind':
      return target.kind;
    case 'name':
      return target.name;
  }
}

/**
 * Throws for a target of a kind that the command has nothing to do with. `among`: the kinds that it
 * is about; `command` by its name.
 */
export function refuseOtherKinds(scope: Scope, among: readonly Kind[], command: string): void {
  for (const target of scope ?? []) {
    if (target.is === 'name') continue;
    const kind = target.is === 'kind' ? target.kind : kindName(target.address);
    if (among.some(({ name }) => name === kind)) continue;
    const about = among.map(({ name, noun }) => `${noun.many} (${name})`).join(' and ');
    throw new WrongUsage(`--target ${textOf(target)}: ${command} is about ${about} alone`, {
      hint: `give names of ${about}, or leave --target out`,
    });
  }
}

/** All that may be written for one of them: what is written like no kind is taken for a name. */
function wordsOf(known: readonly Address[]): string[] {
  return [...known.map(objectName), ...known.map(kindName), ...known];
}

/** Throws for a target that is none of `known`: a typing error. `why`: what is not there. */
export function refuseUnknown(
  scope: Scope,
  known: readonly Address[],
  why: string,
  otherwise?: string,
): void {
  for (const target of scope ?? []) {
    if (known.some((address) => holds(target, address))) continue;
    const text = textOf(target);
    const names = target.is === 'object' ? known : wordsOf(known);
    const close = target.is === 'kind' ? undefined : suggestion(text, [...new Set<string>(names)]);
    throw new WrongUsage(`--target ${text}: ${why}`, {
      hint: close ?? otherwise ?? thereIs(known),
    });
  }
}

const SHOWN = 5;

function thereIs(known: readonly Address[]): string {
  if (known.length === 0) return 'leave --target out: there is nothing yet that it could name';
  const all = [...new Set(known)].sort(byText);
  return `there are: ${someOf(all, SHOWN)}`;
}
