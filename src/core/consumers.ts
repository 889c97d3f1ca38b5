/**
 * Who uses what a plan deletes, as the platform's dependency tracking knows it: call flows name
 * skills, codes and queues, and nothing keeps the platform from deleting what one of them needs.
 * What the plan itself changes does not count: its references say it (`references.ts`).
 */
import { formerAddress } from './moved.js';
import { someOf } from './some.js';
import type { Address, Change, Consumer, Consumers, GuardResult } from './types.js';

/**
 * The same changes with what is known of their consumers, those left out that the plan changes, and
 * with why it is not known whether something refers to what goes (`unread`, by address).
 */
export function withConsumers(
  changes: readonly Change[],
  known: ReadonlyMap<Address, Consumers>,
  unread: ReadonlyMap<Address, string> = new Map(),
): Change[] {
  if (known.size + unread.size === 0) return [...changes];
  const own = new Set(changes.map(({ id }) => id));
  return changes.map((change): Change => {
    const consumers = known.get(change.address) ?? { found: [] };
    const found = 'found' in consumers ? consumers.found.filter(({ id }) => !own.has(id)) : [];
    const former = formerAddress(change) ?? change.address;
    const reasons = [
      ...(consumers.unread === undefined ? [] : [consumers.unread.message]),
      ...new Set([unread.get(change.address), unread.get(former)]),
    ].filter((one) => one !== undefined);
    if (found.length + reasons.length === 0) return change;
    const because = reasons.length === 0 ? {} : { unread: { message: reasons.join('; ') } };
    const all = found.length === 0 ? {} : { found };
    return { ...change, consumers: { ...all, ...because } as Consumers };
  });
}

/** No result where nothing that goes is used, and everything could be asked. */
export function consumersGuard(
  changes: readonly Pick<Change, 'address' | 'consumers' | 'agents'>[],
): GuardResult[] {
  return [...usedGuard(changes), ...heldGuard(changes), ...unaskedGuard(changes)];
}

function usedGuard(changes: Parameters<typeof consumersGuard>[0]): GuardResult[] {
  const used = changes.flatMap(({ address, consumers }) =>
    consumers !== undefined && 'found' in consumers ? [{ address, by: consumers.found }] : [],
  );
  if (used.length === 0) return [];
  const texts = used.map(({ address, by }) => `${address} is used by ${consumersText(by)}`);
  const shown = texts.slice(0, MOST).join('; ');
  const more = texts.length > MOST ? `; and ${texts.length - MOST} more objects are in use` : '';
  const hint = `take ${used.length === 1 ? 'it' : 'them'} out of what uses ${
    used.length === 1 ? 'it' : 'them'
  } and publish that first`;
  return [{ guard: 'consumers', passed: false, message: shown + more, hint }];
}

/** Whoever has what goes has it no more, and nothing gives it back. */
function heldGuard(changes: Parameters<typeof consumersGuard>[0]): GuardResult[] {
  const held = changes.flatMap(({ address, agents = 0 }) =>
    agents === 0 ? [] : [`${agents} ${agents === 1 ? 'agent has' : 'agents have'} ${address}`],
  );
  if (held.length === 0) return [];
  const more = held.length > MOST ? `, and so it is with ${held.length - MOST} more` : '';
  const lost = 'they lose it, and a rollback does not give it back';
  const message = `${held.slice(0, MOST).join('; ')}${more}: ${lost}`;
  const hint = 'take it from them in the org first, where it is seen who they are';
  return [{ guard: 'consumers', passed: false, message, hint }];
}

/** Nobody can tell is not: nobody does. */
function unaskedGuard(changes: Parameters<typeof consumersGuard>[0]): GuardResult[] {
  const unasked = changes.flatMap(({ address, consumers }) =>
    consumers?.unread === undefined ? [] : [{ address, why: consumers.unread.message }],
  );
  const [first] = unasked;
  if (first === undefined) return [];
  const names = unasked.map(({ address }) => address);
  const message = `what uses ${someOf(names, MOST)} cannot be told: ${first.why}`;
  const hint = 'give this client what it lacks and plan again, or look in the org who uses it';
  return [{ guard: 'consumers', passed: false, message, hint }];
}

/** Of so many everything is said. */
const MOST = 10;

/** `flow "Main" (version 12.0) and QUEUE "Sales"` */
export function consumersText(found: readonly Consumer[]): string {
  const texts = found.slice(0, MOST).map(({ name, version, type }) => {
    const of = version === '' ? '' : ` (version ${version})`;
    // A name of a flow need not be unique, but everybody knows what a flow is.
    return `${type.endsWith('FLOW') ? 'flow' : type} "${name}"${of}`;
  });
  if (found.length > MOST) texts.push(`${found.length - MOST} more`);
  const last = texts.pop() ?? '';
  return texts.length === 0 ? last : `${texts.join(', ')} and ${last}`;
}
