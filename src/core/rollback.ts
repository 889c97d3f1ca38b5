/** The records of a run → what it found before it wrote, as manifests for a plan back to that. */
import type { AuditRecord } from './audit.js';
import { same } from './canonical.js';
import { decoded } from './decoded.js';
import { operationalIn } from './fields.js';
import { isObject, textOf, type Json, type JsonObject } from './json.js';
import type { Kind, KindOf } from './kind.js';
import { lasting } from './normalise.js';
import { kindName, objectName } from './outcome.js';
import { partOfStep } from './part.js';
import { commandIn } from './run-id.js';
import type { Address, Exact, Manifest } from './types.js';
import type { RunEffect } from './undone.js';

/** What a run found under an address before its first write there; `null` where nothing was. */
export interface FormerState {
  readonly address: Address;
  readonly before: JsonObject | null;
  /** What it was to become; `null` where it was to go. */
  readonly after: JsonObject | null;
  /** The same to the last cell; `null` where `before` says all of it. */
  readonly exact: Exact | null;
  /** By which the platform knows it; absent where the log does not say. */
  readonly id?: string;
  /** What it is called since, where the run gave it another name. */
  readonly now?: string;
  /** It was deleted to be made again: so it may be on the way back. */
  readonly isReplaced?: true;
  /** Line of the record in the audit log, from 1. */
  readonly line: number;
}

/** By its id, which names the command: `20261126T090000000Z-rollback-1f2e3d4c`. */
export function isRollback(run: string): boolean {
  return commandIn(run) === 'rollback';
}

/** Commands that change no object of an org, whatever became of them. */
const LOOKS = new Set([
  ...['plan', 'drift', 'export', 'compare', 'predict', 'report', 'console', 'metrics', 'trail'],
  ...['doctor', 'sync', 'unlock', 'owner-transfer'],
]);

/** By its id; of a command that nobody here knows it cannot be told, and so it may. */
export function mayHaveChanged(run: string): boolean {
  return !LOOKS.has(commandIn(run));
}

/** Steps that write objects; the others write what is kept beside them. */
const OBJECT_STEPS = new Set(['create', 'update', 'activate', 'delete']);

/**
 * Every object that the run wrote, or may have written, in the order of the log. A write that the
 * platform refused has changed nothing, and nothing of it is to be taken back.
 */
export function foundBy(records: readonly AuditRecord[]): FormerState[] {
  const found = new Map<string, FormerState>();
  const former = new Map<string, string>();
  const open = new Map<string, number>();
  const written = new Map<string, JsonObject | null>();
  const ids = new Map<string, string>();
  const count = (address: string, by: number): unknown =>
    open.set(address, (open.get(address) ?? 0) + by);
  records.forEach((record, index) => {
    const { type, address, before, after, detail } = record;
    const step = textOf(detail?.['step']);
    const isOfObject = OBJECT_STEPS.has(step) || partOfStep(step) !== null;
    if (address === null) return;
    const id = type === 'intent' ? idIn(record, step) : '';
    if (id !== '') ids.set(address, id);
    if (!isOfObject) return;
    const known = found.get(address);
    if (hasChangedNothing(record)) {
      count(address, -1);
      const left = written.get(address);
      if (step === 'delete' && known !== undefined && left !== undefined)
        found.set(address, { ...known, after: left });
    }
    if (type !== 'intent') return;
    count(address, 1);
    if (known !== undefined) {
      // It let go of what it named, and then it went itself.
      if (step === 'delete') {
        written.set(address, known.after);
        found.set(address, { ...known, after: null });
      }
      if (known.before !== null && step === 'create')
        found.set(address, { ...known, isReplaced: true });
      return;
    }
    const exact = exactIn(detail?.['found'] ?? null);
    const of = { address: address as Address, before, after, exact };
    found.set(address, { ...of, line: index + 1 });
    const old = textOf(detail?.['previously']);
    if (old !== '') former.set(address, old);
  });
  return [...found.values()]
    .filter(({ address }) => (open.get(address) ?? 0) > 0)
    .map((was) => {
      const { address } = was;
      const id = ids.get(address);
      const one = id === undefined ? was : { ...was, id };
      const old = former.get(address);
      if (old === undefined) return one;
      return { ...one, address: `${kindName(address)}/${old}`, now: objectName(address) };
    });
}

/** Of the object that a request writes, or that a record is about; empty where it says none. */
function idIn({ request, detail }: AuditRecord, step: string): string {
  const body = detail?.['body'];
  if (step === 'record') return isObject(body) ? textOf(body['object']) : '';
  if (!OBJECT_STEPS.has(step) || request === null || request.method === 'POST') return '';
  const [path = ''] = request.path.split('?');
  return decoded(path.slice(path.lastIndexOf('/') + 1)) ?? '';
}

function exactIn(found: Json): Exact | null {
  if (!isObject(found) || !isObject(found['entity'])) return null;
  const unknown = Array.isArray(found['unknown']) ? found['unknown'].map(textOf) : [];
  return { entity: found['entity'], unknown };
}

/** A write that was refused, or that a later look found not made. */
function hasChangedNothing({ type, outcome, detail, request }: AuditRecord): boolean {
  if (type === 'settled') return outcome?.state === 'did not' && detail?.['run'] === undefined;
  const status = request?.status ?? null;
  // Logs of 0.1.0 call it a failure, too, when an answer was lost or a 5xx.
  const isClear = status !== null && status < 500;
  return type === 'outcome' && outcome?.state === 'failed' && isClear;
}

/** Fields behind endpoints of their own: what no manifest names of them is left as it is. */
export function partsOf({ resources }: Kind): string[] {
  return Object.values(resources).flatMap(({ parts = [] }) => parts.map(({ field }) => field));
}

/**
 * What the run took over: it was nobody's, and is to be nobody's again. On record as ours it would
 * be deleted by the first plan of manifests that no longer name it. By the name that it had before.
 */
export function adoptedBy(records: readonly AuditRecord[]): ReadonlySet<Address> {
  const adopted = new Set<Address>();
  const claimed = new Set<Address>();
  const written = new Set<Address>();
  // In a file with others nothing is claimed first.
  const filed = new Set<Address>();
  const former = new Map<Address, Address>();
  for (const record of records) {
    const { type, address: at, before, outcome, detail } = record;
    if (at === null) continue;
    if (hasChangedNothing(record)) filed.delete(at as Address);
    const [address, step] = [at as Address, textOf(detail?.['step'])];
    if (type === 'outcome' && step === 'change' && outcome?.state === 'adopted') {
      adopted.add(address);
    }
    if (type !== 'intent') continue;
    if (step === 'claim') claimed.add(address);
    if (!OBJECT_STEPS.has(step) && partOfStep(step) === null) continue;
    // One that came to an end half-way has claimed what was there, and is on record as ours.
    if (claimed.has(address) && !written.has(address) && before !== null) adopted.add(address);
    if (detail?.['adopts'] === true) filed.add(address);
    written.add(address);
    const old = textOf(detail?.['previously']);
    if (old !== '') former.set(address, `${kindName(address)}/${old}`);
  }
  return new Set([...adopted, ...filed].map((address) => former.get(address) ?? address));
}

/** By address, what the run found of an object that it left there, and what it made of it. */
export function effectsOf(
  found: readonly FormerState[],
): ReadonlyMap<Address, RunEffect<JsonObject>> {
  return new Map(
    found.flatMap(({ address, before, after }) =>
      before === null || after === null ? [] : [[address, { before, after }] as const],
    ),
  );
}

/**
 * The manifests that say what was found; objects that were not there have none. Checks warn and do
 * not hold back: what was active is to be active again, also while its queues are full.
 */
export function manifestsOf(
  found: readonly FormerState[],
  file: string,
  apiVersion: string,
  kindOf: KindOf,
): Manifest[] {
  return found.flatMap(({ address, before, after, isReplaced, line, now }): Manifest[] => {
    if (before === null) return [];
    const kind = kindName(address);
    const name = objectName(address);
    const of = kindOf(kind);
    // What people switch, the run has left alone unless its manifests said it.
    const moved = [...operationalIn(of.fields)].filter((key) => !same(before[key], after?.[key]));
    const kept = moved.map((key) => [key, before[key] ?? null] as const);
    const lasted = { ...lasting(of.fields, before), ...Object.fromEntries(kept) };
    // Members and rows that the run did not change may have been given by others since.
    for (const part of partsOf(of)) {
      if (after !== null && same(before[part], after[part])) Reflect.deleteProperty(lasted, part);
    }
    const spec = of.toSpec(lasted, { checks: 'warn' });
    const metadata = {
      name,
      ...(now === undefined ? {} : { previously: now }),
      ...(isReplaced === undefined ? {} : { replace: isReplaced }),
    };
    const body = { apiVersion, kind, metadata, spec };
    const at = { file, line, column: 1 };
    return [{ kind, name, body, positions: { at: () => at } }];
  });
}
