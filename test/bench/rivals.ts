/**
 * What a user would pick instead, replayed as requests against the same simulator in virtual time.
 *
 * (a) The reference procedure of the document that this project began with: target by target, one
 * metrics call, one page of agents, and for every agent one call for their skills; one after the
 * other. (b) The request pattern of the Genesys Terraform provider as its code has it (v1.84.1):
 * every resource is read by itself, ten at a time, with a pool of ten tokens. What the simulator
 * does not serve (wrap-up codes, products) is replayed as another GET of the same client.
 */
import type { Clock } from '../../src/engine/ports.js';
import { answer, type Org, type SimResponse } from '../../src/simulator/org.js';

/** A client that knows nothing of limits but what a 429 tells it. */
export class Client {
  sent = 0;
  private token = '';

  constructor(
    private readonly org: Org,
    private readonly clock: Clock,
    private readonly latencyMs: number,
  ) {}

  async logIn(): Promise<void> {
    const authorization = `Basic ${Buffer.from('demo:demo').toString('base64')}`;
    const sent = await this.exchange('POST', '/oauth/token', 'grant_type=client_credentials', {
      authorization,
      'content-type': 'application/x-www-form-urlencoded',
    });
    this.token = (JSON.parse(sent.body) as { access_token: string }).access_token;
  }

  async get<T>(path: string): Promise<T> {
    return this.send<T>('GET', path, '');
  }

  async post<T>(path: string, body: object): Promise<T> {
    return this.send<T>('POST', path, JSON.stringify(body));
  }

  private async send<T>(method: string, path: string, body: string): Promise<T> {
    for (;;) {
      const headers = { authorization: `Bearer ${this.token}` };
      const {
        status,
        body: text,
        headers: told,
      } = await this.exchange(method, path, body, headers);
      if (status === 200) return JSON.parse(text) as T;
      if (status !== 429) throw new Error(`${method} ${path} answered ${status}: ${text}`);
      await this.clock.sleep(Number(told['retry-after']) * 1000);
    }
  }

  private async exchange(
    method: string,
    path: string,
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<SimResponse> {
    this.sent += 1;
    const response = answer(this.org, { method, path, headers, body }, this.clock.now());
    await this.clock.sleep(this.latencyMs);
    return response;
  }
}

interface Page {
  readonly entities: readonly { readonly id: string }[];
}

/** `queueIds`: of every target of every strategy, a queue as often as it is named. */
export async function referenceProcedure(
  client: Client,
  queueIds: readonly string[],
): Promise<void> {
  await client.logIn();
  for (const id of queueIds) {
    const predicates = [{ dimension: 'queueId', value: id }];
    await client.post('/api/v2/analytics/queues/observations/query', {
      filter: { type: 'or', predicates },
      metrics: ['oOnQueueUsers', 'oInteracting', 'oWaiting'],
    });
    const members = `/api/v2/routing/queues/${id}/members?pageSize=100&pageNumber=1`;
    const { entities } = await client.get<Page>(members);
    for (const agent of entities) await client.get(`/api/v2/users/${agent.id}/routingskills`);
  }
}

/** What a Terraform configuration has of the same centre. */
export interface Configuration {
  /** Queues as resources with their members, or none where they are only referred to by name. */
  readonly queueIds: readonly string[];
  readonly membersEach: number;
  readonly skillIds: readonly string[];
  readonly tables: number;
  readonly rows: number;
}

const TOKENS = 10;
const PARALLEL = 10;

/** Reads of a plan: `R_init`, `R_queue`, one a skill, `R_tables`; formulae in docs/performance.md. */
export async function terraformRefresh(
  clients: readonly Client[],
  { queueIds, membersEach, skillIds, tables, rows }: Configuration,
): Promise<void> {
  const [first] = clients;
  if (first === undefined) throw new Error('a pool has at least one token');
  // One token to begin with, then the pool.
  await first.logIn();
  for (const client of clients) await client.logIn();
  const me = '/api/v2/organizations/me';
  await first.get(me);
  await first.get(me);
  const queueReads = (id: string): string[] => {
    const queue = `/api/v2/routing/queues/${id}`;
    const pages = Math.ceil(membersEach / 100) + 1;
    const members = Array.from(
      { length: pages },
      (_, index) => `${queue}/members?pageSize=100&pageNumber=${index + 1}`,
    );
    // The queue, its wrap-up codes, and the queue once more for the count of its members.
    return [queue, queue, queue, ...members];
  };
  const single = (count: number): string[][] => Array.from({ length: count }, () => [me]);
  const byName = '/api/v2/routing/queues?pageSize=500&pageNumber=1';
  const resources = [
    ...(queueIds.length === 0 ? [[byName, byName]] : queueIds.map(queueReads)),
    ...skillIds.map((id) => [`/api/v2/routing/skills/${id}`]),
    // A table, its schema once more for the plan, and every row by itself.
    ...single(2 * tables + rows),
  ];
  const waiting = resources.values();
  await Promise.all(
    Array.from({ length: PARALLEL }, async (_, worker) => {
      const client = clients[worker % clients.length] ?? first;
      for (const paths of waiting) for (const path of paths) await client.get(path);
    }),
  );
}

export function pool(make: () => Client): readonly Client[] {
  return Array.from({ length: TOKENS }, make);
}
