/** Gives records to another owner, one after the other: the row of each, and in it that alone. */
import { AppError, EXIT, PlatformError, type ExitCode } from '../core/errors.js';
import { textOf, type JsonObject } from '../core/json.js';
import { ownerText, type Owner } from '../core/owner.js';
import type { StateRecord } from '../core/state.js';
import { rowPath } from '../core/table.js';
import { isOwner, type Handover } from '../core/transfer.js';
import type { Ledger, Sighting } from './ledger.js';
import { rowAt } from './observe.js';

export const TRANSFER_STEP = 'transfer';

export interface HandoverRequest {
  /** Path of the rows of the state table. */
  readonly rows: string;
  readonly records: readonly StateRecord[];
  readonly to: Owner;
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
  { rows, to }: HandoverRequest,
  record: StateRecord,
): Promise<Handover> {
  const { address } = record;
  // As it is now, to the last cell: a person may have been at it since the listing.
  const row = await rowAt(ledger.writer, rows, address);
  if (row === null) return { record, state: 'stale', message: 'its record is gone' };
  const owner = ownerIn(row);
  if (!isOwner(owner, record.owner)) {
    return { record, state: 'stale', message: `it belongs to ${ownerText(owner)} by now` };
  }
  const body = { ...row, owner: to.name, environment: to.environment };
  const look = async (): Promise<Sighting> => {
    const now = await rowAt(ledger.writer, rows, address);
    const isTheirs = now !== null && isOwner(ownerIn(now), to);
    return isTheirs ? { effect: 'took effect', body: now } : { effect: 'did not' };
  };
  try {
    await ledger.send(
      { method: 'PUT', path: rowPath(rows, address), body },
      { address, step: TRANSFER_STEP, before: cells(owner), after: cells(to), look },
    );
  } catch (error) {
    if (!(error instanceof PlatformError && error.fault === 'gone')) throw error;
    return { record, state: 'stale', message: 'its record is gone' };
  }
  return { record, state: 'transferred', message: '' };
}

function ownerIn(row: JsonObject): Owner {
  return { name: textOf(row['owner']), environment: textOf(row['environment']) };
}

function cells({ name, environment }: Owner): JsonObject {
  return { owner: name, environment };
}
