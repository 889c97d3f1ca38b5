/** What an execution is given, and what it gives: for every way of making changes. */
import { addressOfDeclared, type Learnt } from '../core/declared.js';
import { idIn } from '../core/plan.js';
import type { IdOf } from '../core/resource.js';
import type { Catalog } from '../core/catalog.js';
import type { ExitCode } from '../core/errors.js';
import type { Kind } from '../core/kind.js';
import type { JsonObject } from '../core/json.js';
import type { Address, Change, CheckResult, Hash, Outcome, Plan } from '../core/types.js';
import type { Binding, Bound } from './bind.js';
import type { Table } from './homes.js';
import { idsIn } from './observe.js';
import type { OwnershipStore } from './ownership-table.js';
import type { AuditLog, Clock, Events, Random, Writer } from './ports.js';

/** What rows may be imported into. */
export interface ImportTargets {
  /** The table that objects of the kind are rows of; `null` where they are none. */
  readonly tableOf: (kind: Kind) => Table | null;
  /** How many rows it had when it was last looked at. */
  readonly rowCount: (kind: Kind) => number;
}

export interface ExecuteInput {
  readonly plan: Plan;
  readonly binding: Binding;
  readonly catalog: Catalog;
  /** Takes up the ids of what is made. */
  readonly learnt: Learnt;
  /** The path below which the objects of a kind live. */
  readonly rootOf: (bound: Bound) => string;
  /** What rows may be imported into; where it is absent, every row goes by itself. */
  readonly imports?: ImportTargets;
  readonly recheck: (change: Change) => Promise<CheckResult[]>;
  /** What their records are to say was applied, of changes that leave something of others'. */
  readonly recorded?: ReadonlyMap<Address, JsonObject>;
  /** What is nobody's once its change is made. */
  readonly disowned?: ReadonlySet<Address>;
  readonly activationTimeoutMs: number;
  /** Asked before every change: true once the user wants the run to end. */
  readonly interrupted: () => boolean;
}

/** What the record of what is changed is to say was applied; `null` where it is to go. */
export function recordedOf(
  { recorded }: Pick<ExecuteInput, 'recorded'>,
  { address, after = null }: { readonly address: Address; readonly after?: JsonObject | null },
): JsonObject | null {
  return recorded?.get(address) ?? after;
}

export interface ExecutePorts {
  readonly writer: Writer;
  readonly audit: AuditLog;
  readonly ownership: OwnershipStore;
  readonly events: Events;
  readonly clock: Clock;
  readonly random: Random;
  readonly hash: Hash;
}

export interface Execution {
  readonly outcomes: readonly Outcome[];
  readonly exitCode: ExitCode;
  /** What ended the run although it is no answer of the platform: a full disk, a bug of ours. */
  readonly fault: Error | null;
}

/** The same; of what a change lets go, which no plan pins, as it was when the plan was made. */
export function anyIdIn(input: Pick<ExecuteInput, 'plan' | 'learnt' | 'catalog'>): IdOf {
  const [pinned, known] = [idOfIn(input), idsIn(input.catalog)];
  return (to, reference) => {
    const ids = input.plan.references[to] ?? {};
    const isPinned = typeof reference === 'string' && Object.hasOwn(ids, reference);
    return (isPinned ? pinned : known)(to, reference);
  };
}

/** The id behind a reference: as the plan pinned it, and of what was only declared as it is now. */
export function idOfIn({ plan, learnt }: Pick<ExecuteInput, 'plan' | 'learnt'>): IdOf {
  return (to, reference) => {
    const id = idIn(plan, to, reference);
    const address = addressOfDeclared(id);
    if (address === null) return id;
    const made = learnt.idOf(address);
    if (made === null) throw new Error(`${address} has no id yet, and something names it`);
    return made;
  };
}
