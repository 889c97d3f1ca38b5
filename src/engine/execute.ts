/**
 * Plan → outcomes: the only code that changes an org.
 *
 * Promises. (1) The intent of every write is on disk before its request is sent, its outcome
 * after. (2) A write goes out only while its object is what the plan saw; otherwise the change is
 * `stale` and nothing is overwritten. (3) A change that fails does not stop independent ones; what
 * waits for it is `blocked`. (4) A fault that would meet every further change (credentials, an
 * unreachable platform, an audit log that cannot be written) stops the run before its next write.
 *
 * Changes go one after the other: the limit of a real org is requests a minute, not latency, and
 * the first change to fail is then also the last one that was tried against a broken org. What can
 * go as rows of one file goes before them, when that takes fewer requests: see `bulk.ts`.
 */
import { EXIT, type ExitCode } from '../core/errors.js';
import { HALFWAY_HINT, halfwayText, halvesOf, type Half } from '../core/halves.js';
import { addressOfTurn, makingOrder, topological, turnsOf, type Turn } from '../core/order.js';
import { kindName, succeeded } from '../core/outcome.js';
import { partedFields } from '../core/part.js';
import { preconditionOf } from '../core/plan.js';
import type { Standing } from '../core/resource.js';
import type { Address, Change, Outcome } from '../core/types.js';
import { inBulk } from './bulk.js';
import { ChangeRun, type Doing, type Finished } from './change-run.js';
import { DONE } from './ending.js';
import { Endings } from './endings.js';
import type { ExecuteInput, ExecutePorts, Execution } from './execution.js';
import { liveOf } from './observe.js';
import { WritePaces } from './write-pace.js';

export async function execute(ports: ExecutePorts, input: ExecuteInput): Promise<Execution> {
  const { ordered, cycle } = makingOrder(input.plan.changes);
  if (cycle.length > 0) throw new Error(`changes wait for each other: ${cycle.join(', ')}`);
  const endings = new Endings(ports);
  const bulk = await inBulk(ports, input, ordered, endings);
  let { halt, wrote } = bulk;
  const doing = { ports, input, paces: new WritePaces(ports) };
  const halfway = new Map<string, Standing>();
  for (const turn of topological(turnsOf(input.plan.changes)).ordered) {
    const { change } = turn;
    const { address, action } = change;
    if (endings.of(address) !== undefined) continue;
    if (halt === null && input.interrupted()) halt = { exitCode: EXIT.interrupted, why: 'stopped' };
    const obstacle: string | null = halt?.why ?? obstacleFor(turn, endings, halfway);
    const left = halfway.get(address) ?? null;
    if (obstacle !== null) {
      await endings.block(change, obstacle, left !== null);
      continue;
    }
    ports.events.emit({ type: 'change-started', address, action });
    const done: string[] = [];
    try {
      const finished = await carriedOut({ ...doing, done }, turn, left);
      if (turn.part === 'first' && finished.left !== null) halfway.set(address, finished.left);
      else await endings.record(change, finished.ending, finished.request);
      ({ halt } = finished);
      wrote ||= done.length > 0;
    } catch (error) {
      halt = endings.lose(change, error, done);
      wrote = true;
    }
  }
  const outcomes = ordered.flatMap(({ address }) => endings.of(address) ?? []);
  return {
    outcomes,
    exitCode: halt?.exitCode ?? exitCodeOf(outcomes, wrote),
    fault: halt?.fault ?? null,
  };
}

/** `left`: by the first half, where this is the turn of the second. */
async function carriedOut(
  doing: Doing,
  { change, part }: Turn<Change>,
  left: Standing | null,
): Promise<Finished> {
  const [first, second] = halvesOf(change, doing.input.binding.of(kindName(change.address)));
  if (part === 'first' || second === undefined) return new ChangeRun(doing, first, 'whole').run();
  if (left !== null) return secondHalf(doing, change, second, left);
  // Nothing comes between these two halves: what is gone is made again, told to stop or not.
  const deleted = await new ChangeRun(doing, first, 'to be made again').run();
  if (deleted.ending.state !== DONE.delete) return deleted;
  const made = await new ChangeRun({ ...doing, deleted: change.id }, second, 'made again').run();
  const { ending } = made;
  return ending.state === DONE.create
    ? { ...made, ending: { ...ending, state: DONE.replace } }
    : made;
}

/** Others came between: it goes on only from what the first half has left. */
async function secondHalf(
  doing: Doing,
  change: Change,
  half: Half,
  left: Standing,
): Promise<Finished> {
  const run = new ChangeRun(doing, goingOn(doing, half, left), 'whole', change.after);
  const finished = await run.run();
  const { ending } = finished;
  if (ending.state === DONE[half.action]) {
    return { ...finished, ending: { ...ending, state: DONE[change.action] } };
  }
  const message = `${halfwayText(change)}: ${ending.message}`;
  // What has moved in the org is to be looked at first.
  const hints = ending.state === 'failed' ? [ending.hint ?? [], HALFWAY_HINT].flat() : ending.hint;
  return { ...finished, ending: { ...ending, message, hint: [hints ?? []].flat().join('; ') } };
}

/** The change for what the first half has left of the object, and of its parts as they were. */
function goingOn({ ports, input }: Doing, change: Half, { id, version, entity }: Standing): Half {
  const bound = input.binding.of(kindName(change.address));
  const { ofParts } = partedFields(bound.resource, change.before ?? {});
  const fields = { ...liveOf(bound, entity ?? {}, input.catalog).fields, ...ofParts };
  return { ...change, id, precondition: preconditionOf({ version, fields }, ports.hash) };
}

function obstacleFor(
  { waitsFor }: Turn<Change>,
  endings: Endings,
  halfway: ReadonlyMap<string, Standing>,
): string | null {
  const failed = waitsFor.filter((one) => {
    const address = addressOfTurn(one as Address);
    if (address !== one && halfway.has(address)) return false;
    const outcome = endings.of(address);
    return outcome === undefined || !succeeded(outcome);
  });
  if (failed.length === 0) return null;
  return `it waits for ${failed.map(addressOfTurn).join(', ')}, which did not succeed`;
}

/** 0 all done; 4 nothing was done because the org had moved; 5 some changes failed. */
function exitCodeOf(outcomes: readonly Outcome[], wrote: boolean): ExitCode {
  const unfinished = outcomes.filter((outcome) => !succeeded(outcome));
  if (unfinished.length === 0) return EXIT.done;
  const onlyMoved = unfinished.every((one) => one.state === 'stale' || one.state === 'blocked');
  return !wrote && onlyMoved ? EXIT.refused : EXIT.incomplete;
}
