/**
 * Who uses what a plan deletes, as the platform's dependency tracking knows it: call flows name
 * skills, codes and queues, and nothing keeps the platform from deleting what one of them needs.
 * What the plan itself changes does not count: its references say it (`references.ts`).
 */
import type { Address, Change, Consumer, Consumers, GuardResult } from './types.js';

/** The same deletes with what is known of their consumers, those left out that it changes. */
export function withConsumers(
  changes: readonly Change[],
  known: ReadonlyMap<Address, Consumers>,
): Change[] {
  if (known.size === 0) return [...changes];
  const own = new Set(changes.map(({ id }) => id));
  return changes.map((change): Change => {
    const consumers = known.get(change.address);
    if (consumers === undefined) return change;
    if (!('found' in consumers)) return { ...change, consumers };
    const found = consumers.found.filter(({ id }) => !own.has(id));
    return found.length === 0 ? change : { ...change, consumers: { found } };
  });
}

/** No result where nothing that goes is known to be used. */
export function consumersGuard(
  changes: readonly Pick<Change, 'address' | 'consumers'>[],
): GuardResult[] {
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
