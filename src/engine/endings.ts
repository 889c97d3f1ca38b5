/** How changes end, recorded in one place for every way of making them. */
import { HALFWAY_HINT, halfwayText } from '../core/halves.js';
import type { Address, Change, Outcome, OutcomeState } from '../core/types.js';
import { lost, type Halt } from './ending.js';
import type { AuditLog, Events } from './ports.js';

export interface Ending {
  readonly state: OutcomeState;
  /** Empty when it succeeded without remark. */
  readonly message: string;
  readonly hint?: string | undefined;
}

export class Endings {
  private readonly all = new Map<Address, Outcome>();

  constructor(private readonly ports: { readonly audit: AuditLog; readonly events: Events }) {}

  /** `undefined` for a change that has not ended yet. */
  of(address: Address): Outcome | undefined {
    return this.all.get(address);
  }

  /** `request`: the last one of the change, told where something is to be said of it. */
  async record(change: Change, ending: Ending, request?: Outcome['request']): Promise<void> {
    const { address, before, after } = change;
    const { state, message } = ending;
    const outcome = { state, message };
    const detail = { step: 'change' };
    await this.ports.audit.append({ type: 'outcome', address, before, after, outcome, detail });
    this.tell(change, ending, request);
  }

  /** It was not tried, or, `isHalfway`, its second half was not. */
  async block(change: Change, why: string, isHalfway = false): Promise<void> {
    const { address } = change;
    const ending: Ending = isHalfway
      ? { state: 'failed', message: `${halfwayText(change)}: ${why}`, hint: HALFWAY_HINT }
      : { state: 'blocked', message: `not tried: ${why}` };
    const { state, message } = ending;
    const record = {
      type: 'outcome',
      address,
      outcome: { state, message },
      detail: { step: 'change' },
    } as const;
    // Nothing was sent for it: a log that cannot be written hides nothing here.
    await this.ports.audit.append(record).catch(() => undefined);
    this.tell(change, ending);
  }

  /** It ended where nobody could say how; the log may be what failed, so it is not written to. */
  lose(change: Change, error: unknown, done: readonly string[] = []): Halt {
    const { outcome, halt } = lost(change, error, done);
    this.put(outcome);
    return halt;
  }

  private tell(
    { address, action }: Change,
    { state, message, hint }: Ending,
    request?: Outcome['request'],
  ): void {
    this.put({
      address,
      action,
      state,
      message,
      ...(hint ? { hint } : {}),
      ...(request && message ? { request } : {}),
    });
  }

  private put(outcome: Outcome): void {
    this.all.set(outcome.address, outcome);
    this.ports.events.emit({ type: 'change-ended', outcome });
  }
}
