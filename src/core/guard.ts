/** Plan × limits → results: nothing is deleted or changed in bulk that nobody counted. */
import { byText, type Location } from './issue.js';
import { isObject } from './json.js';
import type { KindOf, Noun } from './kind.js';
import { kindName } from './outcome.js';
import { mapMoves } from './part.js';
import type { Part } from './resource.js';
import { usText, type Us } from './owner.js';
import { someOf } from './some.js';
import type { Change, Counts, GuardName, GuardResult } from './types.js';

/** Things that stand in the way whatever the counts are. */
export interface OwnershipConflicts {
  /** Names of objects that would be adopted although their manifest does not ask for it. */
  readonly adopted: readonly string[];
  /** Objects that manifests declare and that belong to others. */
  readonly foreign: readonly Foreign[];
  readonly us: Us;
}

export interface Foreign {
  readonly address: string;
  readonly owner: string;
  /** What a reader should know of that owner; may be empty. */
  readonly remark: string;
}

/** A bound on how many objects a run may touch: a number of them, or a share of those there are. */
export type Limit =
  | { readonly kind: 'count'; readonly value: number }
  /** 0 to 100. */
  | { readonly kind: 'percent'; readonly value: number };

export interface Limits {
  readonly maxDeletes: Limit;
  readonly maxChanges: Limit;
}

export interface GuardPolicy extends Limits {
  /** What is said for one kind alone, by its name. */
  readonly kinds?: Readonly<Record<string, Partial<Limits>>>;
  /** The line to change, for the message: of the limit of a kind where it has its own. */
  readonly at: (guard: Bound, kind: string | null) => Location;
}

/** What one run does to objects of one kind. */
export interface Tally extends Pick<Counts, 'update' | 'delete' | 'adopt'> {
  readonly kind: string;
  readonly noun: Noun;
  /** How many of ours are live, whatever the scope. */
  readonly owned: number;
}

type Bound = 'maxDeletes' | 'maxChanges';

/** Below this many live objects a percentage says nothing: one of three is a third. */
const PERCENT_FROM = 10;

/**
 * `maxDeletes` bounds deletes, and half of what is live bounds them always, unless the limit says
 * a greater share; `maxChanges` updates, deletes and adoptions that change something, together.
 * Both count as a share of what is ours or becomes it, whatever the scope; creates harm nobody and
 * are free. Kind by kind: two hundred skills say nothing of twenty strategies.
 */
export function guard(tally: Tally, policy: GuardPolicy): GuardResult[] {
  const changed = tally.update + tally.delete + tally.adopt;
  return [
    judge('maxDeletes', 'deleted', tally.delete, tally, policy),
    judge('maxChanges', 'changed', changed, tally, policy),
  ];
}

/** One tally for every kind that has changes, or objects of ours; in the order of their names. */
export function talliesOf(
  changes: readonly Pick<Change, 'action' | 'address' | 'fields'>[],
  owned: ReadonlyMap<string, number>,
  kindOf: KindOf,
): Tally[] {
  const touched = changes.map(({ address }) => kindName(address));
  const kinds = [...new Set([...owned.keys(), ...touched])].sort(byText);
  return kinds.map((kind): Tally => {
    const own = changes.filter(({ address }) => kindName(address) === kind);
    const count = (action: Change['action']): number =>
      own.filter((one) => one.action === action).length;
    // Adopting what is as its manifest says changes nothing.
    const rewritten = own.filter(({ action, fields }) => action === 'adopt' && fields.length > 0);
    return {
      kind,
      noun: kindOf(kind).noun,
      owned: owned.get(kind) ?? 0,
      update: count('update'),
      // What is made again is deleted first.
      delete: count('delete') + count('replace'),
      adopt: rewritten.length,
    };
  });
}

/** One for every object of which entries with an endpoint of their own go: rows of a table. */
export function partTalliesOf(
  changes: readonly Pick<Change, 'action' | 'address' | 'before' | 'after'>[],
  partsOf: (kind: string) => readonly Part[],
): Tally[] {
  return changes.flatMap(({ action, address, before, after }) => {
    // What goes with its object is counted as that.
    if (action === 'delete' || before === null || after === null) return [];
    const kind = kindName(address);
    return partsOf(kind).flatMap(({ field, entries: noun }): Tally[] => {
      const [was, is] = [before[field], after[field]];
      if (noun === undefined || !isObject(was) || !isObject(is)) return [];
      const { go } = mapMoves(was, is);
      if (go.length === 0) return [];
      const many = `${noun.many} of ${address}`;
      const owned = Object.keys(was).length;
      const counts = { update: 0, delete: go.length, adopt: 0 };
      return [{ kind, noun: { one: noun.one, many }, owned, ...counts }];
    });
  });
}

/** `maxDeletes` of entries of an object: how many of them change is not bounded. */
export function partGuard(tally: Tally, policy: GuardPolicy): GuardResult {
  return judge('maxDeletes', 'deleted', tally.delete, tally, policy);
}

/** Nothing is changed that is not ours; no result where nothing of that kind would be. */
export function ownershipGuard({ adopted, foreign, us }: OwnershipConflicts): GuardResult[] {
  const results: GuardResult[] = [];
  if (adopted.length > 0) {
    const are = adopted.length === 1 ? 'is' : 'are';
    const message =
      `${listed(adopted)} ${are} in the org already, owned by nobody: adopting changes what ` +
      'somebody made by hand';
    const hint = 'write metadata.adopt: true in the manifest';
    results.push({ guard: 'adoption', passed: false, message, hint });
  }
  if (foreign.length > 0) {
    const owners = [...new Set(foreign.map(({ owner }) => owner))];
    const whose = owners.map((owner) => {
      const theirs = foreign.filter((one) => one.owner === owner).map(({ address }) => address);
      return `${listed(theirs)} ${theirs.length === 1 ? 'belongs' : 'belong'} to ${owner}`;
    });
    const remarks = [...new Set(foreign.map(({ remark }) => remark))].filter((one) => one !== '');
    const said = remarks.length === 0 ? '' : ` (${remarks.join('; ')})`;
    const message = `${listed(whose)}${said}; ${usText(us)}`;
    const hint = `rename the manifest, or have it handed over: ${transferText(foreign, us)}`;
    results.push({ guard: 'ownership', passed: false, message, hint });
  }
  return results;
}

/** The command, ready to be typed where one owner holds all of them. */
function transferText(foreign: readonly Foreign[], us: Us): string {
  const here = ` (environment ${us.environment})`;
  const owners = [...new Set(foreign.map(({ owner }) => owner))];
  const [only = ''] = owners;
  const from = only.endsWith(here) ? only.slice(0, -here.length) : only;
  const isPlain = owners.length === 1 && SAFE_TO_TYPE.test(from);
  const to = SAFE_TO_TYPE.test(us.name) ? `"${us.name}"` : 'US';
  const command = 'npx --no -- strategos owner transfer';
  // Beside other environments nobody would know which of them is meant.
  const env = SAFE_TO_TYPE.test(us.environment) ? `"${us.environment}"` : 'NAME';
  return `${command} --from ${isPlain ? `"${from}"` : 'OWNER'} --to ${to} --env ${env}`;
}

/** What a shell leaves as it is: the name of another comes from the org, and may be anything. */
const SAFE_TO_TYPE = /^[\p{L}\p{N}_(][\p{L}\p{M}\p{N}_.:/@~+ ()-]*$/u;

function listed(items: readonly string[]): string {
  return someOf(items, 10);
}

function judge(
  name: Bound,
  verb: string,
  count: number,
  { kind, noun, owned, adopt }: Tally,
  policy: GuardPolicy,
): GuardResult {
  const live = owned + adopt;
  const own = policy.kinds?.[kind]?.[name];
  const limit = own ?? policy[name];
  const within = withinLimit(count, live, limit);
  const isMost =
    name === 'maxDeletes' && isMoreThanHalf(count, live) && !isMeant(limit, count, live);
  const passed = within && !isMost;
  const share = live === 0 ? '' : ` (${shareText(count, live, within ? null : limit)})`;
  const sum = `${count} of our ${live} ${noun.many} would be ${verb}${share}`;
  const is = `${name} is ${limitText(limit)}`;
  const about = { guard: name, kind, passed };
  if (passed) {
    if (allows(limit, count, live)) return { ...about, message: `${sum}; ${is}` };
    const message = `${sum}; ${is}, which counts from ten of ours up`;
    return { ...about, waived: true, message };
  }
  const key = own === undefined ? name : `kinds.${kind}.${name}`;
  const at = policy.at(name, own === undefined ? null : kind);
  const over = within ? `more than half; ${is}` : `more than ${name} ${limitText(limit)}`;
  const hint = `raise guards.${key}${within ? ' in percent' : ''} in ${at.file}:${at.line}`;
  return { ...about, message: `${sum}, ${over}`, hint };
}

/** The flag that the guard gives way to. */
const FLAGS: Readonly<Record<GuardName, string | null>> = {
  maxDeletes: '--force',
  maxChanges: '--force',
  room: '--force',
  consumers: '--force',
  agents: '--force',
  running: '--force',
  adoption: '--adopt',
  ownership: null,
};

/** The results with what was agreed to, for whoever shows them. */
export function overruledBy(
  guards: readonly GuardResult[],
  { force = false, adopt = false }: { readonly force?: boolean; readonly adopt?: boolean },
): GuardResult[] {
  const given = new Set([...(force ? ['--force'] : []), ...(adopt ? ['--adopt'] : [])]);
  return guards.map((one) => {
    const flag = one.passed ? null : FLAGS[one.guard];
    return flag !== null && given.has(flag) ? { ...one, overruled: flag } : one;
  });
}

/** What stands in the way and what can be done; `flags`: whoever reads it may pass some. */
export function guardText({ guard, message, hint }: GuardResult, flags = true): string {
  if (hint === undefined) return message;
  const flag = flags ? FLAGS[guard] : null;
  return `${message}; ${flag === null ? '' : `pass ${flag} or `}${hint}`;
}

function withinLimit(count: number, live: number, limit: Limit): boolean {
  if (limit.kind === 'percent' && limit.value > 0 && live < PERCENT_FROM) return true;
  return allows(limit, count, live);
}

/** By its own number, however few there are. */
function allows(limit: Limit, count: number, live: number): boolean {
  if (limit.kind === 'count') return count <= limit.value;
  return count * 100 <= limit.value * live + ROUNDING;
}

/** A mass deletion however few they are: half a checkout, or none, looks like this. */
function isMoreThanHalf(count: number, live: number): boolean {
  return count * 2 > live;
}

/** Only a share says of a share that it may go: a number was written when there were others. */
function isMeant(limit: Limit, count: number, live: number): boolean {
  return limit.kind === 'percent' && allows(limit, count, live);
}

/** 323 of 500 is not more than 64.6 %, though 64.6 × 500 is a little below 32 300 in binary. */
const ROUNDING = 1e-6;

export function limitText(limit: Limit): string {
  return limit.kind === 'count' ? String(limit.value) : `${limit.value} %`;
}

/** One decimal, or as many as it takes to show that the share is above the limit that it broke. */
function shareText(count: number, live: number, broken: Limit | null): string {
  const share = (count / live) * 100;
  const above = broken?.kind === 'percent' ? broken.value : -1;
  const digits = [1, 2, 3, 4, 5].find((one) => Number(share.toFixed(one)) > above) ?? 6;
  return `${Number(share.toFixed(digits))} %`;
}
