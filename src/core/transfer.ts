/**
 * Records that go from one owner to another. The objects stay as they are: what changes is whose
 * they are, and so which manifests change and prune them from then on.
 */
import { Refused, WrongUsage } from './errors.js';
import {
  nameOnce,
  ownerText,
  partsOfName,
  sameOwner,
  usText,
  type Owner,
  type Us,
} from './owner.js';
import { isInScope, refuseUnknown, type Scope } from './scope.js';
import { someOf } from './some.js';
import type { State, StateRecord } from './state.js';

export interface TransferRequest {
  readonly from: Owner;
  readonly to: Owner;
  readonly scope: Scope;
  readonly us: Us;
  /** Also between two owners neither of which we are. */
  readonly force: boolean;
}

/** What is to be handed over. Throws `Refused` where that may not be, or is nothing at all. */
export function transferred(
  records: State['records'],
  { from, to, scope, us, force }: TransferRequest,
): StateRecord[] {
  const whole = `${ownerText(from)} to ${ownerText(to)}`;
  if (isOwner(to, from)) throw new Refused('same-owner', `${whole}: both are one and the same`);
  if (!force && ![from, to].some((one) => sameOwner(one, us))) {
    const message = `${whole}: these manifests are of neither; ${usText(us)}`;
    const hint = 'run it in the folder of one of the two, with its --env, or pass --force';
    throw new Refused('not-ours-to-give', message, { hint });
  }
  const held = [...records.values()].filter(({ owner }) => isOwner(owner, from));
  if (held.length === 0) throw holdsNothing(from, records);
  const known = held.map(({ address }) => address);
  refuseUnknown(scope, known, `${ownerText(from)} has no record of that name`);
  return held.filter(({ address }) => isInScope(scope, address));
}

/** `one` is written in whatever spelling. */
export function isOwner(one: Owner, other: Owner): boolean {
  return one.environment === other.environment && nameOnce(one.name) === nameOnce(other.name);
}

/** A typing error would give everything to somebody who does not exist. */
export function refuseOddName(to: Owner): void {
  const { repository, folder } = partsOfName(to.name);
  const isSound = repository.trim() !== '' && folder !== null && /^\P{Cc}{1,1000}$/u.test(to.name);
  if (isSound) return;
  throw new WrongUsage(
    `--to ${to.name}: that is not the name of an owner: repository//folder, such as ` +
      'github.com/acme/routing//strategies',
    { hint: 'a plan that is refused says the name of whoever it was made for' },
  );
}

function holdsNothing(from: Owner, records: State['records']): Refused {
  const owners = [...new Set([...records.values()].map(({ owner }) => ownerText(owner)))].sort();
  const shown = someOf(owners, MOST_SHOWN);
  const known = owners.length === 0 ? 'nobody holds anything' : `there are ${shown}`;
  return new Refused('nothing-held', `${ownerText(from)} holds nothing in the org: ${known}`, {
    hint: 'take the name from the message of the plan that was refused',
  });
}

const MOST_SHOWN = 10;

export type TransferState =
  /** Only shown. */
  | 'planned'
  | 'transferred'
  /** Its record is no longer what was looked at. */
  | 'stale'
  | 'failed'
  /** Something before it has ended the run. */
  | 'not tried';

/** What became of one record. */
export interface Handover {
  readonly record: StateRecord;
  readonly state: TransferState;
  readonly message: string;
}
