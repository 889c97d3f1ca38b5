/** A simulated org in this process: the real SDK in front, no socket behind, time under control. */
import type { Clock, Event, Events, Random, Writer } from '../../src/engine/ports.js';
import { LIMITS } from '../../src/genesys/network.js';
import { openReader, openWriter, type Connection } from '../../src/genesys/sdk.js';
import { NoAnswer, type Exchange, type HttpRequest } from '../../src/genesys/transport.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { answerUnder, isOfPlatform } from '../../src/simulator/faults.js';
import type { Fate, FaultSource } from '../../src/simulator/faults.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { answer, createOrg, type Org, type SimRequest } from '../../src/simulator/org.js';
import { watchExchange } from './fidelity.js';

export const START_MS = Date.parse('2026-03-02T09:00:00Z');

/** Time that passes only while somebody sleeps. */
export class VirtualClock implements Clock {
  constructor(private ms = START_MS) {}

  now(): number {
    return this.ms;
  }

  sleep(ms: number): Promise<void> {
    this.ms += ms;
    return Promise.resolve();
  }
}

/** Always the middle: backoff without chance. */
export const half: Random = { next: () => 0.5 };

export class Recorder implements Events {
  readonly events: Event[] = [];

  emit(event: Event): void {
    this.events.push(event);
  }
}

/** Answers from the org's memory. */
export function inMemory(org: Org, clock: Clock): Exchange {
  return (sent) => {
    const request = arriving(sent);
    const response = answer(org, request, clock.now());
    watchExchange(request, response);
    return Promise.resolve(response);
  };
}

/**
 * The same with faults: each takes the time that its fate says, and fails with `ECONNRESET` where
 * there is no answer. `fates` gets what was decided, request by request.
 */
export function underFaults(
  org: Org,
  clock: Clock,
  faults: FaultSource,
  fates: Fate[] = [],
): Exchange {
  return async (sent) => {
    const request = arriving(sent);
    const fate = faults.decide(request);
    fates.push(fate);
    const { delayMs, response, trickleMs } = answerUnder(org, request, fate, clock.now());
    await clock.sleep(delayMs);
    if (trickleMs !== undefined) {
      await clock.sleep(LIMITS.totalMs);
      throw new NoAnswer('ETIMEDOUT');
    }
    if (response === null) throw new NoAnswer('ECONNRESET');
    if (isOfPlatform(response)) watchExchange(request, response);
    return response;
  };
}

/** A request of a client as the simulator sees it. */
export function arriving({ method, url, headers, body = '' }: HttpRequest): SimRequest {
  const { pathname, search } = new URL(url);
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method,
    path: pathname + search,
    body,
    headers: Object.fromEntries(lower) as Record<string, string>,
  };
}

export interface Bench {
  readonly org: Org;
  readonly clock: VirtualClock;
  readonly events: Recorder;
  readonly exchange: Exchange;
  connection(client?: string, exchange?: Exchange): Connection;
  reader(client?: string): ReturnType<typeof openReader>;
  writer(client?: string): Writer;
}

/** An org and everything that a client of it needs. No rate limit unless one is asked for. */
export function bench(file: OrgFile = DEMO_ORG, rateLimitPerMinute = 0): Bench {
  const org = createOrg(file, { rateLimitPerMinute });
  const clock = new VirtualClock();
  const events = new Recorder();
  const exchange = inMemory(org, clock);
  const connection = (client = 'demo', through = exchange): Connection => ({
    host: 'http://127.0.0.1:9',
    clientId: client,
    clientSecret: client,
    userAgent: 'strategos/test',
    clock,
    random: half,
    events,
    exchange: through,
  });
  return {
    org,
    clock,
    events,
    exchange,
    connection,
    reader: (client) => openReader(connection(client)),
    writer: (client) => openWriter(connection(client)),
  };
}
