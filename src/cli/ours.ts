/** What these manifests' owner has made or adopted in the org, as it is live now. */
import { countText } from '../kinds/nouns.js';
import { isInScope, refuseUnknown } from '../core/scope.js';
import { kindName } from '../core/outcome.js';
import { ownershipOf } from '../core/ownership.js';
import { sameOwner } from '../core/owner.js';
import type { Address, Live, Obstacle } from '../core/types.js';
import { observe, type Observation } from '../engine/observe.js';
import { whoWeAre } from '../engine/who-we-are.js';
import { sha256 } from '../files/digest.js';
import { bindingOf, kindOf, scopeAmong, scopeOf, type Facet, type Session } from './session.js';

export interface Ours {
  /** Those of ours within scope. */
  readonly shown: readonly Live[];
  /** Those within scope that are ours or declared, and cannot be told apart in the org. */
  readonly unclear: ReadonlyMap<Address, readonly Obstacle[]>;
  readonly observation: Observation;
}

interface Wanted {
  readonly target?: string[];
  readonly declared?: boolean;
  /** Of kinds that have it alone. */
  readonly facet?: Facet;
  /** What may be named although it is not there any more. */
  readonly gone?: readonly Address[];
}

/**
 * `declared`: also what has a manifest here and is nobody's or another's, for those who only look.
 * Throws `WrongUsage` for a `--target` that is not among them.
 */
export async function ours(
  session: Session,
  { target, declared = false, facet, gone = [] }: Wanted,
): Promise<Ours> {
  const { client, owner, events, command } = session;
  const scope = facet === undefined ? scopeOf(target) : scopeAmong(facet, target, command);
  const isMeant = (address: Address): boolean =>
    facet === undefined || kindOf(kindName(address))[facet] !== undefined;
  if (owner === null) throw new Error(`${command} has not said that it needs an owner`);
  events.emit({ type: 'observing' });
  const observation = await observe(client, bindingOf(session), sha256, {}, 'every');
  const { live, state } = observation;
  events.emit({
    type: 'observed',
    what: countText(live.map(({ address }) => address)),
    requests: client.requests(),
  });
  const us = await whoWeAre(owner, state.records);
  const names = new Set(session.manifests.map(({ kind, name }) => `${kind}/${name}`));
  const own = live.filter(
    (one) =>
      isMeant(one.address) &&
      ((declared && names.has(one.address)) ||
        ownershipOf(state.records.get(one.address), one, us, kindOf(one.kind)).by === 'us'),
  );
  const unclear = new Map(
    [...observation.unclear].filter(([address]) => {
      const record = state.records.get(address);
      const isOurs = record !== undefined && sameOwner(record.owner, us);
      const isShown = isMeant(address) && isInScope(scope, address);
      return isShown && (isOurs || (declared && names.has(address)));
    }),
  );
  for (const [address, obstacles] of unclear) {
    const text = `${address}: left out: ${obstacles.map(({ message }) => message).join('; ')}`;
    events.emit({ type: 'warning', text });
  }
  const known = [...own.map(({ address }) => address), ...unclear.keys(), ...gone];
  refuseUnknown(scope, known, 'there is nothing of ours of that name in the org');
  const shown = own.filter(({ address }) => isInScope(scope, address));
  return { shown, unclear, observation };
}
