/**
 * What became of writes that an earlier run has left open, because it was killed or never got an
 * answer: read from what was just observed, so that it takes no request.
 *
 * Only a run that holds the lock may say so: whoever else wrote under this environment has ended.
 */
import type { OpenIntent, OpenRun } from '../core/audit.js';
import { same } from '../core/canonical.js';
import { isObject, textOf, type JsonObject } from '../core/json.js';
import type { KindOf } from '../core/kind.js';
import { kindName } from '../core/outcome.js';
import type { Live } from '../core/types.js';
import type { Observation } from './observe.js';

export interface Settlement {
  readonly state: 'took effect' | 'did not' | 'unknown';
  readonly message: string;
}

/** Steps that a run takes before it has the lock, or while it gives it back. */
const WITHOUT_LOCK: ReadonlySet<string> = new Set(['lock', 'unlock', 'table']);

/**
 * The runs among `open` that whoever holds the lock may settle. A run of which nobody knows whether
 * it is over may still be waiting for the lock, unless it has written what only its holder writes.
 */
export function settleable(open: readonly OpenRun[], organization: string): OpenRun[] {
  return open.filter(
    (one) =>
      (one.organization ?? organization) === organization &&
      (one.isOver || one.intents.some(({ step }) => !WITHOUT_LOCK.has(step))),
  );
}

/** What the org shows of one write of `run`. */
export function settlementOf(
  intent: OpenIntent,
  run: string,
  { homes, state, live }: Observation,
  kindOf: KindOf,
): Settlement {
  const { address, step, body } = intent;
  switch (step) {
    case 'lock':
      return { state: 'unknown', message: 'its lock was never taken, or released in between' };
    case 'unlock':
      return { state: 'took effect', message: '' };
    case 'table': {
      const name = textOf(body?.['name']);
      return yes(!homes.missing.some((spec) => spec.name === name));
    }
    case 'claim':
    case 'record': {
      const record = state.records.get(address ?? '');
      const isIt = record?.run === run && (record.id ?? '') === textOf(body?.['object']);
      return yes(isIt);
    }
    case 'release':
      return yes(!state.records.has(address ?? ''));
    default: {
      // The request for an import: without its file it changes nothing.
      if (address === null) return { state: 'unknown', message: 'it changes nothing by itself' };
      const found = live.find((one) => one.address === address) ?? null;
      return objectSettlement(intent, found, kindOf);
    }
  }
}

function yes(took: boolean): Settlement {
  return { state: took ? 'took effect' : 'did not', message: '' };
}

function objectSettlement(
  { address, step, before, after, body }: OpenIntent,
  live: Live | null,
  kindOf: KindOf,
): Settlement {
  if (step === 'delete') return yes(live === null);
  if (live === null) {
    if (step === 'create') return yes(false);
    return { state: 'unknown', message: 'it was deleted since' };
  }
  const { content } = kindOf(kindName(address ?? live.address));
  const is = (fields: JsonObject | null): boolean =>
    isObject(fields) &&
    content
      .filter((key) => Object.hasOwn(fields, key))
      .every((key) => same(live.fields[key], fields[key]));
  const status = textOf(body?.['status']);
  const hasStatus =
    status === '' || live.state === status || (status === 'active' && live.state !== 'draft');
  if (is(after) && hasStatus) return yes(true);
  if (step !== 'create' && is(before)) return yes(false);
  if (is(after)) return yes(false);
  return { state: 'unknown', message: 'it was changed since, by this write or by somebody else' };
}
