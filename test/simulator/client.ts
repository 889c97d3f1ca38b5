/** A client of the simulated org for tests: no socket, a clock that only the test moves. */
import type { JsonObject } from '../../src/core/json.js';
import { answer, createOrg, type Org, type OrgOptions } from '../../src/simulator/org.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { watchExchange } from '../support/fidelity.js';

export const START = Date.UTC(2026, 10, 2, 9, 0, 0);

/**
 * Everything that some body holds, as tests read it. No body has all of it; what is not there is
 * `undefined` and fails the assertion that reads it.
 */
export interface Body {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly selfUri: string;
  readonly entities: readonly Body[];
  readonly nextUri: string | undefined;
  readonly cursor: string | undefined;
  readonly total: number;
  readonly pageSize: number;
  readonly pageNumber: number;
  readonly code: string;
  readonly message: string;
  readonly contextId: string;
  readonly details: readonly { readonly fieldName: string; readonly errorCode: string }[];
  readonly error: string;
  readonly description: string;
  readonly error_description: string;
  readonly access_token: string;
  readonly organization: unknown;
  readonly OAuthClient: Body;
  readonly grants: readonly { readonly role: { readonly policies: unknown } }[];
  readonly targets: readonly JsonObject[];
  readonly errorMessage: string;
  readonly action: string;
  readonly user: Body;
  readonly propertyChanges: unknown;
  readonly state: string;
  readonly services: readonly Body[];
  readonly skills: readonly Body[];
  readonly routingStatus: Body;
  readonly results: unknown;
  readonly utilization: Record<string, { readonly maximumCapacity: number }>;
  readonly schema: object;
  readonly owner: unknown;
  readonly uploadURI: string;
  readonly uploadHeaders: Record<string, string>;
  readonly dateCompleted: string;
  readonly countRecordsUpdated: number;
  readonly countRecordsDeleted: number;
  readonly countRecordsFailed: number;
  readonly errorInformation: Body;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

export interface World {
  readonly org: Org;
  at: number;
  /**
   * Sends a request with the token of a client (`demo` unless said), minted on first use. A GET has
   * no body, whatever is given.
   */
  send(method: string, path: string, body?: unknown, as?: string): Answered;
  /** Sends exactly this, without a token of its own. */
  raw(method: string, path: string, headers: Record<string, string>, body?: string): Answered;
  queue(name: string): string;
  skill(name: string): string;
}

/** An org with a client on it. Every client's secret must be its id. */
export function worldOf(file: OrgFile, options: OrgOptions = {}): World {
  const org = createOrg(file, options);
  const tokens = new Map<string, string>();
  const world: World = {
    org,
    at: START,
    raw(method, path, headers, body = '') {
      const request = { method, path, headers, body };
      const response = answer(org, request, world.at);
      watchExchange(request, response);
      return {
        ...response,
        body: JSON.parse(response.body === '' ? 'null' : response.body) as Body,
      };
    },
    send(method, path, body, as = 'demo') {
      const token = tokens.get(as) ?? login(world, as, as).body.access_token;
      tokens.set(as, token);
      const sent = method === 'GET' ? undefined : body;
      const text = sent === undefined ? '' : typeof sent === 'string' ? sent : JSON.stringify(sent);
      return world.raw(method, path, { authorization: `Bearer ${token}` }, text);
    },
    queue: (name) => idNamed(org.queues, name),
    skill: (name) => idNamed(org.skills, name),
  };
  return world;
}

/** `POST /oauth/token` with these credentials. */
export function login(world: World, id: string, secret: string): Answered {
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  return world.raw('POST', '/oauth/token', { authorization }, 'grant_type=client_credentials');
}

function idNamed(items: ReadonlyMap<string, { id: string; name: string }>, name: string): string {
  for (const item of items.values()) if (item.name === name) return item.id;
  throw new Error(`nothing is named ${name}`);
}

/** Support with two tiers, an overflow and a disabled queue. */
export const SMALL: OrgFile = {
  organization: { name: 'Small' },
  clients: [
    { id: 'demo', secret: 'demo' },
    { id: 'reader', secret: 'reader', permissions: ['routing:strategy:view'] },
    { id: 'ui', secret: 'ui', user: 'Ada' },
  ],
  skills: ['Customer Support', 'Billing'],
  users: [
    { name: 'Ada', skills: ['Customer Support'] },
    { name: 'Ben', skills: ['Customer Support', 'Billing'], status: 'interacting' },
    { name: 'Chi', status: 'offQueue' },
  ],
  queues: [
    { name: 'Tier 1', members: ['Ada', 'Ben', 'Chi'], interacting: 1, waiting: 2 },
    { name: 'Tier 2', members: ['Ben'] },
    { name: 'Overflow' },
    { name: 'Closed', disabled: true },
  ],
};

/** A strategy body for `SMALL`; what is given replaces what is there. */
export function strategyBody(world: World, over: JsonObject = {}): JsonObject {
  return {
    name: 'support',
    status: 'draft',
    selectionCriteria: { skills: [{ skillId: world.skill('Customer Support'), required: true }] },
    targets: [
      { id: world.queue('Tier 1'), priority: 1, weight: 1, capacity: 10 },
      { id: world.queue('Tier 2'), priority: 2, weight: 0.5, capacity: 10 },
    ],
    fallback: { queue: { id: world.queue('Overflow'), priority: 99, weight: 0.1 } },
    ...over,
  };
}

export const STRATEGIES = '/api/v2/routing/strategies';
