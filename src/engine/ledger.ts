/**
 * Writes with a record of each: the intent on disk before it is sent, the outcome after.
 *
 * A write that got no clear answer (a 5xx, silence, half a body) may have taken effect or not. It
 * is not sent again before somebody has looked: what is found is put on record as `settled`, the
 * word that a later run uses for what a killed run has left open. Only a write whose errand says
 * how to look is repeated at all.
 */
import type { AuditEntry } from '../core/audit.js';
import { fullJitterMs } from '../core/backoff.js';
import { PlatformError } from '../core/errors.js';
import { isObject, type Json, type JsonObject } from '../core/json.js';
import type { PartRequest } from '../core/resource.js';
import type { Exact, RequestRecord } from '../core/types.js';
import type { Answer, AuditLog, Clock, Random, Writer } from './ports.js';
import type { WritePace } from './write-pace.js';

/** What a look at the org says of a write. */
export type ObservedEffect =
  /** `body`: the object as the platform shows it now. */
  | { readonly effect: 'took effect'; readonly body: JsonObject | null }
  /** The org is still as the write expects it. */
  | { readonly effect: 'did not' };

export interface WriteContext extends Pick<AuditEntry, 'address' | 'before' | 'after'> {
  /** Tells the records of one write from those of another of the same address. */
  readonly step: string;
  readonly detail?: JsonObject;
  /** What the write ends, where `before` does not say all of it. */
  readonly found?: Exact | null;
  /**
   * Looks what became of the write; absent where it is not to be repeated. Rejects when the org is
   * as neither the write nor whoever sent it expects.
   */
  readonly look?: () => Promise<ObservedEffect>;
}

/** Time and chance, for what has to wait before it is sent again. */
export interface Patience {
  readonly clock: Clock;
  readonly random: Random;
}

const MOST_TRIES = 5;
const BACKOFF = { firstMs: 1000, mostMs: 20_000 };

export class Ledger {
  constructor(
    readonly writer: Writer,
    readonly audit: AuditLog,
    readonly patience: Patience,
    private readonly pace?: WritePace,
  ) {}

  /** When it is, by the platform's clock, as everything on record is dated. RFC 3339. */
  now(): string {
    return new Date(this.writer.nowMs()).toISOString();
  }

  /** Rejects with what the writer or the look rejects with, once that is on record. */
  async send(request: PartRequest, errand: WriteContext): Promise<Answer> {
    const { clock, random } = this.patience;
    const { look } = errand;
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.once(request, errand);
      } catch (error) {
        if (!(error instanceof PlatformError) || look === undefined) throw error;
        // Answered clearly, but perhaps to a write that an earlier try has made already.
        const isEcho = tries > 1 && (error.fault === 'conflict' || error.fault === 'gone');
        if (!isEcho && !error.unclear) throw error;
        await clock.sleep(fullJitterMs(BACKOFF, tries, random.next()));
        const sighting = await this.lookUpEffect(request, errand, look).catch(
          (problem: unknown) => {
            throw problem instanceof PlatformError ? unseen(error, problem) : problem;
          },
        );
        if (sighting.effect === 'took effect') {
          return { request: error.request ?? unsent(request), body: sighting.body };
        }
        // A look may miss what is new: a listing lags. The next try finds it taken again.
        if (tries >= MOST_TRIES) throw error;
      }
    }
  }

  private async once(request: PartRequest, errand: WriteContext): Promise<Answer> {
    const { step, detail, found, address = null, before = null, after = null } = errand;
    const about = { address, before, after };
    await this.pace?.turn();
    await this.audit.append({
      ...about,
      type: 'intent',
      request: unsent(request),
      detail: { step, ...detail, ...foundDetail(found), body: bodyIn(request) },
    });
    const entry = { ...about, type: 'outcome' as const, detail: { step, ...detail } };
    this.pace?.sent();
    try {
      const answer = await this.writer.send(request);
      const outcome = { state: 'sent', message: '' };
      await this.audit.append({ ...entry, request: answer.request, outcome });
      return answer;
    } catch (error) {
      if (error instanceof PlatformError) {
        // What may have taken effect is no more than open: a later look settles it.
        const outcome = { state: error.unclear ? 'open' : 'failed', message: error.message };
        await this.audit.append({ ...entry, request: error.request ?? unsent(request), outcome });
      }
      throw error;
    }
  }

  private async lookUpEffect(
    request: PartRequest,
    { step, detail, address = null }: WriteContext,
    look: NonNullable<WriteContext['look']>,
  ): Promise<ObservedEffect> {
    const sighting = await look();
    await this.audit.append({
      type: 'settled',
      address,
      request: unsent(request),
      outcome: { state: sighting.effect, message: '' },
      detail: { step, ...detail },
    });
    return sighting;
  }
}

/** What kept us from looking decides how the run goes on; what it is about is the write. */
function unseen(error: PlatformError, problem: PlatformError): PlatformError {
  const { fault, code, hint } = problem;
  const message = `${error.message}; a look at the org failed as well: ${problem.message}`;
  const request = error.request ?? problem.request;
  if (request === undefined) return problem;
  return new PlatformError(fault, code, message, {
    request,
    unclear: true,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** As the intent of a write has it, for a rollback: see `core/rollback.ts`. */
export function foundDetail(found: Exact | null | undefined): JsonObject {
  if (found == null) return {};
  return { found: { entity: found.entity, unknown: [...found.unknown] } };
}

function unsent({ method, path }: PartRequest): RequestRecord {
  return { method, path, status: null, correlationId: null };
}

function bodyIn({ body, ids }: PartRequest): Json {
  if (ids !== undefined) return [...ids];
  if (body === undefined) return null;
  return isObject(body) ? body : [...body];
}
