/** What these manifests' owner has made or adopted in the org, as it is live now. */
import { WrongUsage } from '../core/errors.js';
import { holdOf } from '../core/ownership.js';
import type { Live } from '../core/types.js';
import { observe, type Observation } from '../engine/observe.js';
import { sha256 } from '../files/digest.js';
import { reconciledKinds } from '../kinds/index.js';
import { backendOf, kindOf, scopeOf, type Session } from './session.js';

export interface Ours {
  /** Those of ours within scope. */
  readonly shown: readonly Live[];
  readonly observation: Observation;
}

/**
 * `declared`: also what has a manifest here and is nobody's or another's, for those who only look.
 * Throws `WrongUsage` for a `--target` that is not among them.
 */
export async function ours(
  session: Session,
  { target, declared = false }: { readonly target?: string[]; readonly declared?: boolean },
): Promise<Ours> {
  const { client, owner, events, command } = session;
  if (owner === null) throw new Error(`${command} has not said that it needs an owner`);
  events.emit({ type: 'observing' });
  const observation = await observe(client, reconciledKinds, backendOf(session), sha256);
  const { live, state } = observation;
  events.emit({ type: 'observed', live: live.length, requests: client.requests() });
  const names = new Set(session.manifests.map(({ kind, name }) => `${kind}/${name}`));
  const own = live.filter(
    (one) =>
      (declared && names.has(one.address)) ||
      holdOf(state.records.get(one.address), one, owner, kindOf(one.kind)).by === 'us',
  );
  const scope = scopeOf(target);
  for (const name of scope ?? []) {
    if (own.some((one) => one.name === name)) continue;
    throw new WrongUsage(`--target ${name}: there is no strategy of ours of that name in the org`);
  }
  return { shown: own.filter((one) => scope?.includes(one.name) ?? true), observation };
}
