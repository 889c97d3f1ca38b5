/**
 * What a run has changed is told to workforce management: queued while the run holds its lock, and
 * sent when the lock is free again. An endpoint that fails never fails the run.
 */
import { asTyped } from '../core/as-typed.js';
import path from 'node:path';
import { catalogOf, type Catalog } from '../core/catalog.js';
import { AppError, UnknownName } from '../core/errors.js';
import { kindName, objectName, succeeded } from '../core/outcome.js';
import { plural } from '../core/plural.js';
import type { Change, Live, Outcome } from '../core/types.js';
import { visible } from '../core/visible.js';
import type { Binding } from '../engine/bind.js';
import { findHomes, rootOf, type Homes } from '../engine/homes.js';
import { entitiesAt } from '../engine/listings.js';
import { entitySeen, MOST_SINGLY } from '../engine/looks.js';
import { idsIn, liveOf } from '../engine/observe.js';
import type { Clock, Reader } from '../engine/ports.js';
import {
  deliver,
  shownAddress,
  SYNC_DELIVERS,
  type Delivery,
  type Endpoint,
} from '../wfm/deliver.js';
import { messagesOf, type Message, type StrategyState } from '../wfm/message.js';
import type { Outbox } from '../wfm/outbox.js';
import { postUntil } from '../wfm/post.js';
import { bindingOf, kindOf, type Session } from './session.js';
import { outboxOf, wfmOf, type Wfm } from './wfm-endpoint.js';
import { stopOf } from './stop.js';
import type { World } from './world.js';

const SYNC_LATER = 'strategos sync sends it once its queue has a name in the org again';

/** What a run has carried out, and where. */
export interface CarriedOut {
  readonly changes: readonly Pick<Change, 'address' | 'id'>[];
  readonly outcomes: readonly Outcome[];
}

/**
 * To be called once the writes of a run are made, before its lock is given back. Reads what is
 * live now, but for what the run has deleted, so that every message says what is so; does nothing
 * where no endpoint is asked for.
 */
export async function tellWfm(session: Session, done: CarriedOut, world: World): Promise<void> {
  const wfm = wfmOf(session.environment, world);
  if (wfm === null) return;
  const outcomes = new Map(done.outcomes.map((one) => [one.address, one]));
  const touched = done.changes.filter(
    // Calls go by what has traffic, and by nothing else.
    ({ address }) =>
      kindOf(kindName(address)).traffic !== undefined && wasTouched(outcomes.get(address)),
  );
  if (touched.length === 0) return;
  const told = (count: number): string =>
    `workforce management was not told of ${plural(count, 'change')}`;
  // What is gone needs no look, and no later one would find it: nobody else would tell of it.
  const isGone = (one: Pick<Change, 'address'>): boolean =>
    outcomes.get(one.address)?.state === 'deleted';
  const left = touched.filter((one) => !isGone(one));
  const standings = touched.filter(isGone).flatMap(goneOf);
  await unlessUnrecorded(told(left.length), world, async () => {
    if (left.length > 0) standings.push(...(await standingsOf(session, left, outcomes, world)));
  });
  await unlessUnrecorded(told(standings.length), world, async () => {
    await queueStandings(session, standings, world);
  });
  session.atLast(async () => {
    const later = 'messages for workforce management were not delivered';
    await unlessUnrecorded(later, world, async () => sendAfterRun(session, wfm, world));
  });
}

/** What goes wrong is said and fails nothing; only a run that cannot be recorded must not go on. */
async function unlessUnrecorded(
  what: string,
  world: World,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'audit-unwritable' || error.code === 'run-ended') throw error;
    tell(world, `${what}: ${error.message}`, 'strategos sync sends everything that is live');
  }
}

/** What failed half-way may have been written in part; its message says what is so. */
function wasTouched(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && outcome.state !== 'blocked' && outcome.state !== 'stale';
}

/** Three listings: tables, objects of these kinds, and queues, whose ids are told. */
async function standingsOf(
  session: Session,
  changes: CarriedOut['changes'],
  outcomes: ReadonlyMap<string, Outcome>,
  world: World,
): Promise<StrategyState[]> {
  const { client } = session;
  const binding = bindingOf(session);
  const [homes, queues] = await Promise.all([findHomes(client, binding), client.queues()]);
  const catalog = catalogOf({ queue: queues, skill: [] });
  const live = new Map<string, Live>();
  for (const name of new Set(changes.map(({ address }) => kindName(address)))) {
    const bound = binding.of(name);
    const root = rootOf(bound, homes);
    if (root === null) continue;
    for (const entity of await entitiesAt(client, bound.resource, root)) {
      const one = liveOf(bound, entity, catalog);
      live.set(one.address, one);
    }
  }
  const isThere = ({ address }: Touched): boolean => {
    const outcome = outcomes.get(address);
    return outcome !== undefined && succeeded(outcome);
  };
  const lacking = changes.filter((one) => !live.has(one.address) && isThere(one));
  const looking = { client, clock: world.clock, binding, homes, catalog };
  const seen = await seenSingly(looking, lacking.slice(0, MOST_SINGLY));
  const unseen = lacking.filter((one) => seen.get(one.address) === undefined);
  if (unseen.length > 0) {
    const what = `workforce management was not told of ${plural(unseen.length, 'change')}`;
    tell(world, `${what}: no listing shows it yet`, 'strategos sync sends everything that is live');
  }
  const isUnseen = new Set(unseen.map(({ address }) => address));
  return changes.flatMap(({ address, id }) => {
    if (isUnseen.has(address)) return [];
    const now = live.get(address) ?? seen.get(address) ?? null;
    if (now === null) return goneOf({ address, id });
    const standing = standingOf(now, catalog);
    if ('why' in standing) tell(world, `${address}: not told: ${standing.why}`, SYNC_LATER);
    return 'why' in standing ? [] : [standing];
  });
}

type Touched = CarriedOut['changes'][number];

interface Looking {
  readonly client: Reader;
  readonly clock: Clock;
  readonly binding: Binding;
  readonly homes: Homes;
  readonly catalog: Catalog;
}

/**
 * What a listing does not show yet, asked for one by one: `null` where several looks find nothing;
 * what is known by its name alone is left out.
 */
async function seenSingly(
  { client: reader, clock, binding, homes, catalog }: Looking,
  changes: readonly Touched[],
): Promise<ReadonlyMap<string, Live | null>> {
  const looks = changes.map(async ({ address, id }): Promise<[string, Live | null][]> => {
    const bound = binding.of(kindName(address));
    const { resource } = bound;
    const root = rootOf(bound, homes);
    const asked = id ?? ('table' in resource.home ? objectName(address) : null);
    if (root === null || asked === null) return [];
    const entity = await entitySeen({ reader, clock }, resource, root, asked);
    return [[address, entity === null ? null : liveOf(bound, entity, catalog)]];
  });
  return new Map((await Promise.all(looks)).flat());
}

/** What could not be made was never there. */
function goneOf({ address, id }: Pick<Change, 'address' | 'id'>): StrategyState[] {
  if (id === null) return [];
  return [{ address, id, name: objectName(address), status: 'deleted', targets: [] }];
}

/** What is said of an object; `why` not, where a queue of it has no id to be told by. */
export function standingOf(
  { address, id, name, kind, fields }: Live,
  catalog: Catalog,
): StrategyState | { readonly why: string } {
  try {
    const told = kindOf(kind).traffic?.metadata(fields, idsIn(catalog));
    const { status, targets } = told ?? { status: '', targets: [] };
    return { address, id, name, status, targets };
  } catch (error) {
    if (error instanceof UnknownName) return { why: error.message };
    throw error;
  }
}

/** On disk when this resolves. */
export async function queueStandings(
  session: Session,
  standings: readonly StrategyState[],
  world: World,
): Promise<readonly Message[]> {
  const messages = messagesOf(session.run.context.run, standings, world.clock.now());
  await outboxIn(session).add(messages);
  return messages;
}

export function outboxIn({ environment, owner, run, command }: Session): Outbox {
  if (owner === null) throw new Error(`${command} has not said that it needs an owner`);
  return outboxOf(environment, owner, path.dirname(run.dir));
}

/** One try: whoever waits for an apply does not wait for an endpoint that is down. */
async function sendAfterRun(session: Session, wfm: Wfm, world: World): Promise<void> {
  const outbox = outboxIn(session);
  if ('problem' in wfm) {
    const { message, hint = '' } = wfm.problem;
    const left = await outbox.left();
    tell(world, `${message}; in the outbox: ${plural(left.length, 'message')}`, hint, left);
    return;
  }
  const { delivered, failure, waiting, left } = await send(session, outbox, wfm.endpoint, 1, world);
  if (delivered.length > 0) {
    const endpoint = shownAddress(wfm.endpoint.url);
    session.events.emit({ type: 'told', endpoint, messages: delivered.length });
  }
  if (failure === null) return;
  const what = `${plural(waiting, 'message')} for workforce management not delivered`;
  const later = 'strategos sync delivers what waits';
  const hint = failure.hint === SYNC_DELIVERS ? later : `${failure.hint}; ${later}`;
  tell(world, `${what}: ${failure.text}`, hint, left);
}

/** Delivers with a record of every message that was taken, and of the one that was not. */
export async function send(
  session: Session,
  outbox: Outbox,
  endpoint: Endpoint,
  tries: number,
  world: World,
): Promise<Delivery> {
  const { run } = session;
  const stop = stopOf(world);
  const at = shownAddress(endpoint.url);
  const delivery = await deliver(
    outbox,
    endpoint,
    {
      post: postUntil(stop),
      clock: stop.clock(),
      random: world.random,
      host: world.host,
      delivered: async ({ id, address }, { status }) => {
        const outcome = { state: 'delivered', message: '' };
        await run.append({
          type: 'notified',
          address,
          outcome,
          detail: { endpoint: at, message: id, status },
        });
      },
    },
    { tries, interrupted: session.stopping },
  );
  const { failure, waiting, left } = delivery;
  if (failure !== null) {
    const { message, status, attempts, text } = failure;
    await run.append({
      type: 'notified',
      address: message?.address ?? null,
      outcome: { state: 'waiting', message: text },
      detail: {
        endpoint: at,
        message: message?.id ?? null,
        status,
        attempts,
        waiting,
        left: leftIn(left),
      },
    });
  }
  return delivery;
}

/** What waits, as records and results have it. */
export function leftIn(left: readonly Message[]): { message: string; address: string }[] {
  return left.map(({ id, address }) => ({ message: id, address }));
}

function tell(world: World, text: string, hint: string, left: readonly Message[] = []): void {
  const { warn, faint } = world.errStyle;
  const lines = [
    `${warn('warning')}: ${visible(text)}`,
    ...left.map(({ id, address }) => `    ${visible(address)}  ${faint(visible(id))}`),
    `    → ${visible(asTyped(hint))}`,
  ];
  world.err(`${lines.join('\n')}\n`);
}
