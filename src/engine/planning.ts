/** What a planning is given, and what it gives. */
import type { Learnt } from '../core/declared.js';
import type { GuardPolicy } from '../core/guard.js';
import type { JsonObject } from '../core/json.js';
import type { Us } from '../core/owner.js';
import type { Reached } from '../core/plan.js';
import type { Citations } from '../core/references.js';
import { isInScope, type Scope } from '../core/scope.js';
import type { Start } from '../core/start.js';
import type { Ids } from '../core/state.js';
import type { Address, Change, CheckResult, Hash, Live, Manifest, Plan } from '../core/types.js';
import type { Uncommitted } from '../core/uncommitted.js';
import type { RunEffect } from '../core/undone.js';
import type { Binding } from './bind.js';
import type { Chore } from './chore.js';
import type { Findings } from './exact.js';
import type { Observation, Seen } from './observe.js';
import type { Clock, Events, Reader } from './ports.js';
import type { UsHere } from './who-we-are.js';

export interface PlanInput {
  readonly manifests: readonly Manifest[];
  /** What git says of the environment, where `manifests` are others. */
  readonly inGit?: readonly Manifest[] | undefined;
  readonly binding: Binding;
  readonly environment: { readonly name: string; readonly backend: string; readonly host: string };
  readonly seen?: Seen | undefined;
  /** False: nobody will carry it out, so no agent is asked about. Its digest is the same. */
  readonly checked?: boolean | undefined;
  readonly owner: UsHere;
  readonly prune: boolean;
  /** Also take over what is as the manifests say and nobody's. */
  readonly adopt: boolean;
  readonly guards: GuardPolicy;
  /** Names of the environments that are declared beside this one; default: none. */
  readonly environments?: readonly string[] | undefined;
  readonly scope: Scope;
  /** What is to be as a run found it: manifests of these say it only in part. */
  readonly findings?: Findings | undefined;
  /** What that run made of parts of them: no more than that is taken back. */
  readonly effects?: ReadonlyMap<Address, RunEffect<JsonObject>> | undefined;
  /** For people, what of that is gone by now and does not go back. */
  readonly lost?: ReadonlyMap<Address, readonly string[]> | undefined;
  /** Ids of what that run wrote, by what it was called. */
  readonly objects?: ReadonlyMap<Address, string> | undefined;
  /** By which later run, as logs say, something of these names was deleted. */
  readonly deletedSince?: ReadonlyMap<Address, string> | undefined;
  /** What that run took over, which was nobody's: it is given up. */
  readonly disowned?: ReadonlySet<Address> | undefined;
  /** With names as they were found, also where they stand for nothing any more. */
  readonly asFound?: boolean | undefined;
  /** Names in scope need not be anywhere: nobody typed them. */
  readonly namesMayBeGone?: boolean | undefined;
  /** What names once stood for, beside what the org's records say. */
  readonly ids?: Ids | undefined;
  readonly commit: string | null;
  /** What that commit does not have as it was read. */
  readonly uncommitted?: Uncommitted | null | undefined;
  readonly version: string;
}

export interface PlanPorts {
  readonly reader: Reader;
  readonly events: Events;
  readonly clock: Clock;
  readonly hash: Hash;
}

/** The plan, and what an apply in the same run needs beside it. */
export interface Planned {
  readonly plan: Plan;
  readonly owner: Us;
  /** That it was made with. */
  readonly binding: Binding;
  readonly observation: Observation;
  /** Asks the org again whether the change's checks hold now. */
  readonly recheck: (change: Change) => Promise<CheckResult[]>;
  /** How many objects of ours are live, within scope or not, by kind. */
  readonly owned: ReadonlyMap<string, number>;
  /** Of a plan that was made before. */
  readonly reached: Reached;
  readonly chores: readonly Chore[];
  /** Ids of what the run makes, for whatever names it: `observation.catalog` goes by it. */
  readonly learnt: Learnt;
  /** Absent of a round: what it changes has no texts that name something. */
  readonly citations?: Citations;
  /** Where optimizers are to start from now on; absent where a run says nothing of that. */
  readonly starts?: ReadonlyMap<Address, Start | null>;
  /** Of a round: what the next ones have to know once the change is made. */
  readonly memories?: ReadonlyMap<Address, JsonObject>;
  /** What records are to say was applied, where that is not all that is there after the change. */
  readonly recorded?: ReadonlyMap<Address, JsonObject>;
  /** What is nobody's once the plan is carried out. */
  readonly disowned?: ReadonlySet<Address>;
  /** For a second plan of the same run. */
  readonly seen: Seen;
}

/**
 * All that say what objects mean, whatever the plan is to bring about. What texts of an object name
 * git says alone: a log has the texts, and not what they mean.
 */
export function everyOf({ manifests, inGit = [], binding }: PlanInput): readonly Manifest[] {
  const own = new Set(manifests.map(({ kind, name }) => `${kind}/${name}`));
  const meant = meantIn(inGit, binding);
  return [
    ...manifests.map((one) => meant.get(`${one.kind}/${one.name}`) ?? one),
    ...inGit.filter(({ kind, name }) => !own.has(`${kind}/${name}`)),
  ];
}

/** Those that say what texts of their objects name, or that they name nothing. */
export function meantIn(
  manifests: readonly Manifest[],
  { kindOf }: Binding,
): ReadonlyMap<Address, Manifest> {
  const meant = manifests.filter(({ kind }) => kindOf(kind).citing !== undefined);
  return new Map(meant.map((one) => [`${one.kind}/${one.name}`, one]));
}

/** Those that the plan is to bring about. */
export function scopedIn({
  manifests,
  scope,
}: Pick<PlanInput, 'manifests' | 'scope'>): readonly Manifest[] {
  return manifests.filter(({ kind, name }) => isInScope(scope, `${kind}/${name}`));
}

/** Of a kind: its objects are rows, and name others where an endpoint has their ids. */
export function holding({ of }: Binding): (kind: string) => boolean {
  return (kind) => 'table' in of(kind).resource.home;
}

export function addressIn({ address }: Pick<Live, 'address'>): Address {
  return address;
}
