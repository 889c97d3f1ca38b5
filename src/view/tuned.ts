/** Records of rounds of the optimizer, and bounds from manifests → weights over time. */
import type { AuditRecord } from '../core/audit.js';
import { byText } from '../core/issue.js';
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../core/json.js';
import { isSuccess, objectName } from '../core/outcome.js';
import type { Address } from '../core/types.js';
import type { TunedRound, TunedView } from './model.js';

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** More of them than a chart can tell apart. */
const MOST_ROUNDS = 500;

/** `records`: of all runs, oldest first. */
export function tunedOf(
  records: readonly AuditRecord[],
  boundsOf: (address: Address) => Bounds | null,
): TunedView[] {
  const rounds = new Map<Address, AuditRecord[]>();
  const made = new Set<string>();
  for (const record of records) {
    if (isMade(record)) made.add(keyOf(record));
    if (record.type !== 'checked' || record.detail?.['step'] !== 'optimize') continue;
    if (record.address === null) continue;
    const address = record.address as Address;
    const known = rounds.get(address);
    if (known === undefined) rounds.set(address, [record]);
    else known.push(record);
  }
  return [...rounds]
    .map(([address, all]) => {
      const wasMade = (record: AuditRecord): boolean => made.has(keyOf(record));
      return viewOf({ address, records: all.slice(-MOST_ROUNDS), wasMade }, boundsOf(address));
    })
    .sort((a, b) => byText(a.address, b.address));
}

/** A round is put on record before its weights are written: whether they were is another record. */
function isMade({ type, outcome, detail }: AuditRecord): boolean {
  return type === 'outcome' && detail?.['step'] === 'change' && isSuccess(outcome?.state ?? '');
}

function keyOf({ run, address }: AuditRecord): string {
  return `${run} ${address ?? ''}`;
}

interface Rounds {
  readonly address: Address;
  readonly records: readonly AuditRecord[];
  /** False of a dry run, of a change that failed and of one whose end nobody knows. */
  readonly wasMade: (record: AuditRecord) => boolean;
}

function viewOf({ address, records, wasMade }: Rounds, bounds: Bounds | null): TunedView {
  const queues = [...new Set(records.flatMap((one) => targetsIn(one).map(queueIn)))].sort(byText);
  return {
    address,
    name: objectName(address),
    bounds,
    queues,
    rounds: records.map((one) => roundOf(one, queues, wasMade(one))),
  };
}

function targetsIn({ detail }: AuditRecord): JsonObject[] {
  return objectsIn(detail?.['targets']);
}

function queueIn(target: JsonObject): string {
  const { queue } = target;
  return isObject(queue) ? textOf(queue['id']) : textOf(queue);
}

function roundOf(record: AuditRecord, queues: readonly string[], wasMade: boolean): TunedRound {
  const byQueue = new Map(targetsIn(record).map((one) => [queueIn(one), one]));
  const each = (pick: (one: JsonObject) => number | null): (number | null)[] =>
    queues.map((queue) => {
      const target = byQueue.get(queue);
      return target === undefined ? null : pick(target);
    });
  return {
    at: record.at,
    run: record.run,
    state: record.outcome?.state ?? '',
    reason: record.outcome?.message ?? '',
    before: each((one) => numberIn(one['from'])),
    weights: each((one) => numberIn(one[wasMade ? 'to' : 'from'])),
    aims: each((one) => numberIn(one['aim'])),
    occupancy: each((one) => {
      const [interacting, slots] = [numberIn(one['interacting']), numberIn(one['slots'])];
      return interacting === null || slots === null || slots === 0 ? null : interacting / slots;
    }),
  };
}

function numberIn(value: Json | undefined): number | null {
  return typeof value === 'number' ? value : null;
}
