/** Writes with a record of each: the intent on disk before it is sent, the outcome after. */
import type { AuditEntry } from '../core/audit.js';
import { PlatformError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import type { WriteRequest } from '../core/kind.js';
import type { Answer, AuditLog, Writer } from './ports.js';

export interface Errand extends Pick<AuditEntry, 'address' | 'before' | 'after'> {
  /** Tells the records of one write from those of another of the same address. */
  readonly step: string;
  readonly detail?: JsonObject;
}

export class Ledger {
  constructor(
    readonly writer: Writer,
    readonly audit: AuditLog,
  ) {}

  /** Rejects with what the writer rejects with, once that is on record. */
  async send(request: WriteRequest, { step, detail, ...about }: Errand): Promise<Answer> {
    const planned = { method: request.method, path: request.path };
    const unsent = { ...planned, status: null, correlationId: null };
    await this.audit.append({
      ...about,
      type: 'intent',
      request: unsent,
      detail: { step, ...detail, body: request.body ?? null },
    });
    const entry = { ...about, type: 'outcome' as const, detail: { step, ...detail } };
    try {
      const answer = await this.writer.send(request);
      const outcome = { state: 'sent', message: '' };
      await this.audit.append({ ...entry, request: answer.request, outcome });
      return answer;
    } catch (error) {
      if (error instanceof PlatformError) {
        const outcome = { state: 'failed', message: error.message };
        await this.audit.append({ ...entry, request: error.request ?? unsent, outcome });
      }
      throw error;
    }
  }
}
