/** `strategos sync`: what waits in the outbox, then what is live, to workforce management. */
import { asTyped } from '../../core/as-typed.js';
import path from 'node:path';
import { EXIT, WrongUsage, type ExitCode } from '../../core/errors.js';
import { blockedLive, formerIn } from '../../core/former.js';
import type { Blocked, Live } from '../../core/types.js';
import type { Observation } from '../../engine/observe.js';
import { blockedText } from '../../render/text.js';
import type { StrategyState } from '../../wfm/message.js';
import { plural } from '../../core/plural.js';
import { visible } from '../../core/visible.js';
import type { Reader } from '../../engine/ports.js';
import { jsonText } from '../../render/json.js';
import { deliver, shownAddress, type Delivery, type Endpoint } from '../../wfm/deliver.js';
import type { Outbox } from '../../wfm/outbox.js';
import { postUntil } from '../../wfm/post.js';
import { loadBundle, missingFor } from '../bundle.js';
import type { CommonOptions, SyncOptions } from '../options.js';
import { ours } from '../ours.js';
import { inSession, type Session, type SessionRequest } from '../session.js';
import { leftIn, outboxIn, queueStandings, send, standingOf } from '../tell-wfm.js';
import { endpointOf, outboxOf } from '../wfm-endpoint.js';
import { stopOf } from '../stop.js';
import { usIn } from '../us.js';
import type { World } from '../world.js';

/** Times that a message is sent; with the pauses between them about 15 s. */
const TRIES = 5;

export async function sync(options: CommonOptions & SyncOptions, world: World): Promise<ExitCode> {
  if (options.pending && options.target !== undefined) {
    throw new WrongUsage('--target goes with what is live; --pending sends what is queued already');
  }
  const { environment } = await loadBundle(options, options.env, world);
  const before = options.pending ? [] : missingFor(environment, world);
  const endpoint = endpointOf(environment, world, before);
  if (options.pending) {
    const owner = await usIn(environment, path.resolve(world.cwd, options.dir), world);
    const outbox = outboxOf(environment, owner, path.resolve(world.cwd, options.runs));
    return pending(outbox, endpoint, options, world);
  }
  const request: SessionRequest<Reader> = {
    command: 'sync',
    environment: options.env,
    plans: true,
    open: (sdk, connection) => sdk.openReader(connection),
  };
  return inSession(request, options, world, async (session) => {
    const { shown, unclear, observation } = await ours(session, { ...options, facet: 'traffic' });
    session.deferInterrupt();
    const { standings, blocked } = standingsOf(shown, observation);
    const { delivery, queued } = await delivered(session, standings, endpoint, world);
    const { run } = session.run.context;
    const about = { run, queued, endpoint, stopped: session.stopping() };
    const left = [...unclear].map(([address, obstacles]) => ({ address, obstacles }));
    const exitCode = told(delivery, { ...about, blocked: [...blocked, ...left] }, options, world);
    return { exitCode, state: deliveryStateOf(delivery), plan: null, outcomes: [] };
  });
}

/**
 * What waits goes first. Where that is not taken, what is live would only wait behind it, once more
 * with each sync: the first that is taken sends it as it is then.
 */
async function delivered(
  session: Session,
  standings: readonly StrategyState[],
  endpoint: Endpoint,
  world: World,
): Promise<{ readonly delivery: Delivery; readonly queued: number }> {
  const outbox = outboxIn(session);
  const before = await send(session, outbox, endpoint, TRIES, world);
  if (before.failure !== null) return { delivery: before, queued: 0 };
  const { length: queued } = await queueStandings(session, standings, world);
  const now = await send(session, outbox, endpoint, TRIES, world);
  return { delivery: { ...now, delivered: [...before.delivered, ...now.delivered] }, queued };
}

/** An id that nobody knows is not sent: whoever gets it would take it for that of a queue. */
function standingsOf(
  shown: readonly Live[],
  { catalog, state }: Observation,
): { readonly standings: StrategyState[]; readonly blocked: Blocked[] } {
  const former = formerIn(state.records);
  const standings: StrategyState[] = [];
  const blocked: Blocked[] = [];
  for (const one of shown) {
    const standing = standingOf(one, catalog);
    if (!('why' in standing)) standings.push(standing);
    else blocked.push(blockedLive(one, catalog, former));
  }
  return { standings, blocked };
}

/** What is queued already, without a run: nothing is asked of the org. */
async function pending(
  outbox: Outbox,
  endpoint: Endpoint,
  options: CommonOptions,
  world: World,
): Promise<ExitCode> {
  const stop = stopOf(world);
  const ignore = stop.onSignal(() => undefined);
  const { random, host } = world;
  try {
    const delivery = await deliver(
      outbox,
      endpoint,
      {
        post: postUntil(stop),
        clock: stop.clock(),
        random,
        host,
        delivered: () => Promise.resolve(),
      },
      { tries: TRIES, interrupted: () => stop.asked() },
    );
    const about = { run: null, queued: 0, endpoint, stopped: stop.asked(), blocked: [] };
    return told(delivery, about, options, world);
  } finally {
    ignore();
  }
}

function deliveryStateOf({ failure }: Delivery): string {
  return failure === null ? 'synced' : 'not delivered';
}

interface About {
  readonly run: string | null;
  readonly queued: number;
  readonly endpoint: Endpoint;
  /** A signal has ended it. */
  readonly stopped: boolean;
  /** Of which nothing was sent. */
  readonly blocked: readonly Blocked[];
}

function told(
  delivery: Delivery,
  { run, queued, endpoint, stopped, blocked }: About,
  { format }: CommonOptions,
  world: World,
): ExitCode {
  const { delivered, failure, waiting } = delivery;
  const unfinished = stopped ? EXIT.interrupted : EXIT.unreachable;
  const sentAll = blocked.length === 0 ? EXIT.done : EXIT.incomplete;
  const exitCode = failure === null ? sentAll : unfinished;
  const address = shownAddress(endpoint.url);
  if (format === 'json') {
    const [sent, waits] = [delivered, delivery.left].map(leftIn);
    const why = failure === null ? null : { ...failure, message: failure.message?.id ?? null };
    const counts = { queued, delivered: sent ?? [], waiting, left: waits ?? [] };
    const unsent = blocked.length === 0 ? {} : { blocked };
    world.out(jsonText({ run, exitCode, endpoint: address, ...counts, ...unsent, failure: why }));
    return exitCode;
  }
  const style = world.outStyle;
  for (const { id, address: of } of delivered) {
    world.out(`${style.good(`✓ ${visible(of)} delivered`)}  ${style.faint(visible(id))}\n`);
  }
  if (failure !== null) {
    const what = failure.message === null ? 'nothing' : visible(failure.message.address);
    world.out(`${style.bad(`✗ ${what} not delivered`)}: ${visible(failure.text)}\n`);
    world.out(`    → ${visible(asTyped(failure.hint))}\n`);
  }
  for (const { id, address: of } of delivery.left) {
    if (id === failure?.message?.id) continue;
    world.out(`${style.warn(`! ${visible(of)} waits`)}  ${style.faint(visible(id))}\n`);
  }
  for (const one of blocked) world.out(`${blockedText(one, style, 'not sent')}\n`);
  const left = blocked.length === 0 ? '' : `, ${blocked.length} not sent`;
  const counts = `${plural(delivered.length, 'message')} delivered, ${waiting} waiting${left}`;
  world.out(`${style.strong(`Sync with ${visible(address)}: ${counts}.`)}\n`);
  return exitCode;
}
