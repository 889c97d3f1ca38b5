/** How a change ends, in the words and with the consequences that every way of making it shares. */
import { AppError, EXIT, PlatformError, type ExitCode } from '../core/errors.js';
import type { Action, Address, Outcome, OutcomeState } from '../core/types.js';

/** What keeps the run from trying anything more. */
export interface Halt {
  readonly exitCode: ExitCode;
  readonly why: string;
  readonly fault?: Error;
}

export const DONE: Record<Action, OutcomeState> = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  adopt: 'adopted',
  replace: 'replaced',
};

const MOVED = {
  deleted: 'was deleted in the org',
  unlisted: 'is in the org already, or may be, and its listing does not show it yet',
  taken: 'was created in the org by somebody else',
  owned: 'has got an owner in the org, which its listing of records did not show yet',
  homeless: 'has no place any more: its data table is gone, or the one of our records',
  changed: 'was changed in the org',
  used: 'was put to use in the org, or changed there,',
  unfounded: 'names something that the org has no more, or does not show this client',
} as const;

/** What happened to an object since the plan, where that is in the way of its change. */
export function movedText(how: keyof typeof MOVED): string {
  const isOfAnyTime = how === 'unlisted' || how === 'owned' || how === 'unfounded';
  const when = isOfAnyTime ? '' : ' after the plan was made';
  return `${MOVED[how]}${when}; nothing was overwritten`;
}

export const UNLISTED_HINT = 'apply again in a minute: an earlier run has made it, or has tried to';
export const MOVED_HINT = 'plan again and look at what moved';

/** The object is as planned, the org's own record of it is not. */
export function unrecordedText(action: Action, why: string): string {
  const what = action === 'delete' ? 'its record is still there' : 'not recorded as ours';
  return `${DONE[action]}, but ${what}: ${why}`;
}

export const UNRECORDED_HINT = 'apply again: it takes up where this run ended';

/** What a change that ended half-way had written before. */
export function afterText(done: readonly string[]): string {
  return done.length === 0 ? '' : ` (after: ${done.join(', ')})`;
}

/** What a write that is refused by 409 or the like says of its object, which may be new. */
export function howMoved(
  { code }: PlatformError,
  { action, isNew }: { readonly action: Action; readonly isNew: boolean },
): keyof typeof MOVED {
  if (isNew) return 'taken';
  return action === 'delete' && !code.includes('version') ? 'used' : 'changed';
}

/** What a 404 says of an object that is not there yet, or is: `itemPath`, where it is. */
export function howAbsent(
  { request }: PlatformError,
  itemPath: string | null,
): 'homeless' | 'unfounded' {
  const path = request?.path ?? '';
  const isOfIt = itemPath !== null && isAbout(path, itemPath);
  return !isOfIt && /\/flows\/datatables\/[^/]+\/rows/.test(path) ? 'homeless' : 'unfounded';
}

/** A path of the object itself, or of something below it. */
export function isAbout(path: string, itemPath: string): boolean {
  const [asked = '', own = ''] = [path, itemPath].map((one) => one.split('?', 1)[0]);
  return asked === own || asked.startsWith(`${own}/`);
}

/** Faults that every further change would meet as well. */
export function haltFor(error: unknown, address: string): Halt | null {
  if (!(error instanceof PlatformError)) return null;
  if (error.fault !== 'denied' && error.fault !== 'unavailable') return null;
  return { exitCode: error.exitCode, why: `the run stopped at ${address}` };
}

export interface Lost {
  readonly outcome: Outcome;
  readonly halt: Halt;
  readonly wrote: true;
}

/** The change ended where nobody could say how: what is known is kept, and the run stops. */
export function lost(
  { address, action }: { readonly address: Address; readonly action: Action },
  error: unknown,
  /** What was written by then. */
  done: readonly string[] = [],
): Lost {
  const fault = error instanceof Error ? error : new Error(String(error));
  const exitCode = fault instanceof AppError ? fault.exitCode : EXIT.unexpected;
  const hint = fault instanceof AppError && fault.hint !== undefined ? { hint: fault.hint } : {};
  return {
    outcome: {
      address,
      action,
      state: 'failed',
      message: fault.message + afterText(done),
      ...hint,
    },
    halt: { exitCode, why: `the run stopped at ${address}`, fault },
    wrote: true,
  };
}

/** Ends a change early: thrown by a step, turned into an outcome by whoever runs the change. */
export class Ended extends Error {
  constructor(
    readonly state: 'failed' | 'stale',
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** What is known of something that is still under way. */
export function openText(
  open: { readonly error: PlatformError | null } | null,
  why: string,
): string {
  if (open === null) return why;
  if (open.error === null) return `still being imported (${why})`;
  return `whether it was imported is not known (${why}): ${open.error.message}`;
}

export const OPEN_HINT = 'plan again in a while: it shows what the import has done by then';
