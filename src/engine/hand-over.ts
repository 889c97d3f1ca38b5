/** Gives records to another owner, one after the other: the row of each, and in it that alone. */
import { AppError, EXIT, PlatformError, saysGone, type ExitCode } from '../core/errors.js';
import { textOf, type JsonObject } from '../core/json.js';
import { kindName } from '../core/outcome.js';
import { ownerText, type Owner } from '../core/owner.js';
import { recordKey } from '../core/record-key.js';
import { rowOfToday, type MarkOf, type StateRecord } from '../core/state.js';
import { rowPath } from '../core/table.js';
import { isOwner, type Handover } from '../core/transfer.js';
import type { Address, Hash } from '../core/types.js';
import { MOVE_STEP } from './ownership-table.js';
import type { Ledger, ObservedEffect } from './ledger.js';
import { rowAt } from './observe.js';

export const TRANSFER_STEP = 'transfer';

export interface HandoverRequest {
  /** Path of the rows of the state table. */
  readonly rows: string;
  readonly records: readonly StateRecord[];
  readonly to: Owner;
  readonly hash: Hash;
  readonly markOf: MarkOf;
  /** Asked before every write: true once the user wants the run to end. */
  readonly interrupted: () => boolean;
}

export interface HandedOver {
  readonly handovers: readonly Handover[];
  readonly exitCode: ExitCode;
}

/** What the platform refuses for one record stops no other; that it refuses everything does. */
export async function handOver(ledger: Ledger, request: HandoverRequest): Promise<HandedOver> {
  const handovers: Handover[] = [];
  let halt: { readonly exitCode: ExitCode; readonly why: string } | null = null;
  for (const record of request.records) {
    if (halt === null && request.interrupted()) {
      halt = { exitCode: EXIT.interrupted, why: 'stopped' };
    }
    if (halt !== null) {
      handovers.push({ record, state: 'not tried', message: halt.why });
      continue;
    }
    try {
      handovers.push(await one(ledger, request, record));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      handovers.push({ record, state: 'failed', message: error.message });
      const isAll =
        !(error instanceof PlatformError) ||
        error.fault === 'denied' ||
        error.fault === 'unavailable';
      if (isAll) halt = { exitCode: error.exitCode, why: 'the run had ended before it' };
    }
  }
  const done = handovers.filter(({ state }) => state === 'transferred').length;
  const short = done === 0 && halt !== null ? halt.exitCode : EXIT.incomplete;
  if (halt?.exitCode === EXIT.interrupted) return { handovers, exitCode: EXIT.interrupted };
  return { handovers, exitCode: done === handovers.length ? EXIT.done : short };
}

async function one(
  ledger: Ledger,
  request: HandoverRequest,
  record: StateRecord,
): Promise<Handover> {
  const { to, hash, markOf } = request;
  const { address, oldRow, moves } = record;
  // In another table than ours it stays where it is: whoever gets it has it there as well.
  const place = moves?.only === true ? moves.places[0] : undefined;
  const own = recordKey(address, hash, markOf(kindName(address)));
  const { rows, key } = place ?? { rows: request.rows, key: own };
  // As it is now, to the last cell: a person may have been at it since the listing.
  const old = oldRow === 'only' ? await rowAt(ledger.writer, rows, address) : null;
  const row = old ?? (await rowAt(ledger.writer, rows, key));
  if (row === null) return { record, state: 'stale', message: 'its record is gone' };
  const owner = ownerIn(row);
  if (!isOwner(owner, record.owner)) {
    return { record, state: 'stale', message: `it belongs to ${ownerText(owner)} by now` };
  }
  const whole = place === undefined ? rowOfToday(row, address, hash, markOf) : row;
  const body = { ...whole, owner: to.name, environment: to.environment };
  const look = async (): Promise<ObservedEffect> => {
    const now = await rowAt(ledger.writer, rows, key);
    const isTheirs = now !== null && isOwner(ownerIn(now), to);
    return isTheirs ? { effect: 'took effect', body: now } : { effect: 'did not' };
  };
  const insert = { method: 'POST', path: rows, body } as const;
  const replace = { method: 'PUT', path: rowPath(rows, key), body } as const;
  try {
    await ledger.send(old === null ? replace : insert, {
      address,
      step: TRANSFER_STEP,
      before: cells(owner),
      after: cells(to),
      look,
    });
  } catch (error) {
    if (!saysGone(error)) throw error;
    return { record, state: 'stale', message: 'its record is gone' };
  }
  if (oldRow !== undefined) await removeOld(ledger, rows, address);
  return { record, state: 'transferred', message: '' };
}

/** It is read no more: where it cannot be removed now, an apply of its new owner does. */
async function removeOld(ledger: Ledger, rows: string, address: Address): Promise<void> {
  const request = { method: 'DELETE', path: rowPath(rows, address) } as const;
  await ledger.send(request, { address, step: MOVE_STEP }).catch((error: unknown) => {
    if (!(error instanceof PlatformError)) throw error;
  });
}

function ownerIn(row: JsonObject): Owner {
  return { name: textOf(row['owner']), environment: textOf(row['environment']) };
}

function cells({ name, environment }: Owner): JsonObject {
  return { owner: name, environment };
}
