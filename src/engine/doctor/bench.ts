/**
 * Where an org is tried: what it did goes into `observed`, what could not be found out into `gaps`,
 * and nothing that goes wrong with one trial keeps the next from being made. Only an org that is
 * not to be reached any more, or wants to be left alone, ends them all.
 */
import type { Untold } from '../../doctor/checks.js';
import { Interrupted, PlatformError } from '../../core/errors.js';
import { isObject, textOf, type Json, type JsonObject } from '../../core/json.js';
import type { OrgAnswer, OrgObserved } from '../../generated/types.js';
import { steadyMs } from '../ports.js';
import type { AnyRequest, Clock, Events, Examiner, Exchanged } from '../ports.js';

export interface BenchPorts<E extends Examiner = Examiner> {
  readonly examiner: E;
  readonly clock: Clock;
  readonly events: Events;
}

/**
 * When something that was written is looked for, in milliseconds after the write. What is found is
 * told by these, so that an org of the same manners is told the same.
 */
const LOOKS_MS = [0, 250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000] as const;

export class Bench<E extends Examiner = Examiner> {
  readonly observed: OrgObserved = {};
  readonly gaps = new Map<string, Untold>();
  /** Why nothing more is asked of the org. */
  givenUp: PlatformError | null = null;
  private readonly forbidden = new Set<string>();

  constructor(
    readonly ports: BenchPorts<E>,
    /** The user wants it to end. */
    private readonly isStopped: () => boolean = () => false,
  ) {}

  /** Makes one trial; `ids` are the assumptions that it is about, or what theirs begin with. */
  async trial(ids: readonly string[], act: () => Promise<void>): Promise<void> {
    if (this.givenUp !== null) {
      this.gap(ids, untoldBy(this.givenUp, 'not asked: '));
      return;
    }
    try {
      await act();
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      if (isLast(error)) this.givenUp = error;
      this.gap(ids, untoldBy(error, ''));
    }
  }

  gap(ids: readonly string[], untold: Untold): void {
    for (const id of ids) if (!this.gaps.has(id)) this.gaps.set(id, untold);
  }

  /** Any answer that says something; rejects with a `PlatformError` for those that do not. */
  async ask(request: AnyRequest): Promise<Exchanged> {
    this.goOn();
    const answer = await this.ports.examiner.exchange(request);
    const { status } = answer.request;
    if (status === 429 || status === 408 || status >= 500) throw unclear(answer);
    if (status === 403) {
      this.forbidden.add(endpointOf(request));
      this.observed.forbidden = [...this.forbidden].sort();
    }
    return answer;
  }

  /** The body of an answer that has one to read; rejects for every other. */
  async read(path: string): Promise<JsonObject> {
    const answer = await this.ask({ method: 'GET', path });
    if (!isFine(answer) || !isObject(answer.body)) throw refusal(answer);
    return answer.body;
  }

  /** Rejects with `Interrupted` where nothing more is to be done. */
  goOn(): void {
    if (this.isStopped()) throw new Interrupted('stopped');
  }

  /** After how long `look` was true, by the instants of this bench; `null`: never. */
  async delay(sinceMs: number, look: () => Promise<boolean>): Promise<number | null> {
    const { clock } = this.ports;
    for (const [index, atMs] of LOOKS_MS.entries()) {
      const nextMs = LOOKS_MS[index + 1] ?? Infinity;
      // The first look is the answer to "at once", however long a request takes here.
      if (index > 0 && steadyMs(clock) >= sinceMs + nextMs) continue;
      const waitMs = sinceMs + atMs - steadyMs(clock);
      if (waitMs > 0) await clock.sleep(waitMs);
      if (await look()) return atMs;
    }
    return null;
  }
}

export function isFine({ request: { status } }: Exchanged): boolean {
  return status >= 200 && status <= 299;
}

/** What counts of an answer. The code of a success is none. */
export function answerOf(answer: Exchanged): OrgAnswer {
  return { status: answer.request.status, code: isFine(answer) ? '' : codeIn(answer.body) };
}

/** Of an error body; what a proxy says in its place has none. */
function codeIn(body: Json): string {
  return isObject(body) ? textOf(body['code'] ?? body['error']).slice(0, LONGEST_CODE) : '';
}

const LONGEST_CODE = 200;

/** What an id comes after in a path. */
const BEFORE_ID = /\/(datatables|rows|routing\/queues|namespaces|jobs)\/[^/]+/g;

/** Method and path, ids as braces, without a query: as `doctor/needs.ts` has it. */
export function endpointOf({ method, path }: Pick<AnyRequest, 'method' | 'path'>): string {
  const [bare = ''] = path.split('?');
  return `${method} ${bare.replace(BEFORE_ID, '/$1/{}')}`;
}

export function refusal(answer: Exchanged): PlatformError {
  const { request } = answer;
  const { status } = request;
  const code = codeIn(answer.body);
  const message = `${request.method} ${request.path} answered ${status}${code && ` ${code}`}`;
  const fault = status === 401 || status === 403 ? 'denied' : 'rejected';
  return new PlatformError(fault, code || `http-${status}`, message, { request });
}

function unclear({ request }: Exchanged): PlatformError {
  const { method, path, status } = request;
  const message = `${method} ${path} answered ${status}`;
  return new PlatformError('unavailable', `http-${status}`, message, { request });
}

/** Nothing that is asked next would be answered either. */
function isLast({ code }: PlatformError): boolean {
  return ['circuit-open', 'asked-to-wait', 'no-answer', 'http-429'].includes(code);
}

function untoldBy({ fault, message }: PlatformError, before: string): Untold {
  const because =
    fault === 'denied' ? 'not allowed' : fault === 'unavailable' ? 'not answered' : 'refused';
  return { because, why: `${before}${message}` };
}
