/**
 * The only file that knows the SDK. The SDK keeps a singleton, reads a configuration file in the
 * home directory, follows that file as it changes, prints, and hides headers: all of that is
 * switched off here. Its rejections can hold credentials, so none of them leaves this file.
 */
import platformClient from 'purecloud-platform-client-v2';
import type { NamedEntity } from '../core/catalog.js';
import { PlatformError } from '../core/errors.js';
import { isObject, textOf, type Json, type JsonObject } from '../core/json.js';
import type { AuditedEvent, Held, Paged, PartRequest } from '../core/resource.js';
import type { Figures } from '../core/metrics.js';
import type { PlatformEvent } from '../core/deeds.js';
import type { Consumer, RequestRecord } from '../core/types.js';
import type {
  Agent,
  Answer,
  AnyRequest,
  Attendant,
  AuditedAction,
  AuditSearch,
  Clock,
  Events,
  Examiner,
  Exchanged,
  FiguresSearch,
  Holders,
  Member,
  Organization,
  PartFigures,
  PartsSearch,
  QueueLoad,
  QueuePromise,
  Random,
  Staffed,
  Stopping,
  TrailSearch,
  Writer,
} from '../engine/ports.js';
import { steadyMs } from '../engine/ports.js';
import { withoutCredential } from './credentials.js';
import { actionsIn, attendanceIn, auditedEvent, platformEvent, servicesIn } from './entities.js';
import {
  agent,
  consumer,
  FIGURE_METRICS,
  figuresByPart,
  figuresOf,
  holdersIn,
  loadsOf,
  member,
  named,
  promisesIn,
  userIdOf,
} from './entities.js';
import {
  auditUnfinished,
  errorOf,
  noAnswer,
  notSent,
  unreachable,
  unreadable,
  uploadRefused,
  uploadUnanswered,
  type FailedAnswer,
} from './errors.js';
import { pagesFrom } from './pages.js';
import { staffOf, type UsersPage } from './staff.js';
import { LIMITS, networkExchange, type Limits } from './network.js';
import { NoAnswer, NotSent, transport, type Exchange, type Transport } from './transport.js';
import { uploadAddress } from './upload.js';
import {
  headOf,
  isFailure,
  isBody,
  saysPages,
  pageCountOf,
  cursorIn,
  idIn,
  resultsIn,
  entitiesIn,
  parsed,
} from './answers.js';
import { queryOf, wholeListing, type PageOptions } from './listing.js';
import { ofQueues, intervals, chunks } from './asked.js';

export interface Connection {
  /** A region such as `mypurecloud.ie`, or the URL of a simulator on this machine. */
  readonly host: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
  /** Share of the platform's rate limit that is left to others, from 0 to below 1. Default 0.3. */
  readonly leave?: number;
  /** The longest that figures of calls are waited for, where they are no more than an extra. */
  readonly figuresPatienceMs?: number;
  /** Of one request and its answer; default: `LIMITS`. */
  readonly limits?: Partial<Limits>;
  /** What is under way is given up by it. */
  readonly stopping?: Stopping;
  /** Replaces the network. Tests answer from memory. */
  readonly exchange?: Exchange;
}

/** Of a run that is about something else: figures of calls are waited for no longer than this. */
export const FIGURES_ARE_EXTRA = { figuresPatienceMs: 20_000 } as const;

/** A client whose transport lets only reads pass, whatever is called on it. */
export function openReader(connection: Connection): Examiner {
  return new GenesysCloud(connection, 'read');
}

export function openWriter(connection: Connection): Writer & Examiner {
  return new GenesysCloud(connection, 'write');
}

/** The largest pages that the platform serves. */
const PAGE = {
  queues: 500,
  skills: 500,
  users: 500,
  userIds: 100,
  members: 100,
  observedQueues: 100,
  audits: 500,
} as const;
/** Renewed this long before it expires, so that no request meets its end. */
const TOKEN_MARGIN_MS = 60_000;
const QUEUES_PATH = '/api/v2/routing/queues';
/** No listing of the platform is known to refuse a page of this size. */
const SAFE_PAGE = 100;
/** Members of a queue are counted by pages; a queue that has more than these has no end. */
const MOST_MEMBER_PAGES = 1000;
/** Who has a skill that goes is counted in so many requests; of more people nobody can tell. */
const MOST_DIRECTORY_PAGES = 20;

/** The platform takes longer intervals apart badly or not at all; the real maximum is unknown. */
const LONGEST_AUDIT_MS = 29 * 86_400_000;
/** Longer spans are asked for in parts; 31 days is what people report as the maximum. */
const LONGEST_AGGREGATE_MS = 30 * 86_400_000;
/** The longest that we wait for the platform to gather the records of one query. */
const AUDIT_PATIENCE_MS = 120_000;

type AuditQueryRequest = platformClient.Models.AuditQueryRequest;
type ApiClient = InstanceType<typeof platformClient.ApiClientClass>;
type Extended = { status: number; headers: unknown; body: unknown };

class GenesysCloud implements Writer, Examiner {
  private readonly client: ApiClient;
  private readonly transport: Transport;
  private readonly seam: Seam;
  private login: Promise<void> | null = null;
  /** By listing: what this org has shown to be too large is not asked for again. */
  private readonly largestPages = new Map<string, number>();
  /** By queue, as the listing of queues had them. */
  private readonly memberCounts = new Map<string, number>();
  private readonly promises = new Map<string, ReadonlyMap<string, QueuePromise>>();

  constructor(
    private readonly connection: Connection,
    access: 'read' | 'write',
  ) {
    const { host, clock, random, events, userAgent } = connection;
    this.client = new platformClient.ApiClientClass();
    this.client.config.live_reload_config = false;
    this.client.config.setConfigPath('');
    // It copies the headers of every request for a line that its level then keeps from print.
    Object.assign(this.client.config.logger, { log: () => undefined });
    this.client.setEnvironment('mypurecloud.com');
    this.client.setReturnExtendedResponses(true);
    this.client.setDefaultHeaders({ 'User-Agent': userAgent });
    if (host.includes('://')) {
      const { protocol, hostname, port } = new URL(host);
      const scheme = protocol.slice(0, -1);
      const number = Number(port) || (scheme === 'https' ? 443 : 80);
      this.client.setGateway({ host: hostname, port: number, protocol: scheme });
    } else {
      // A gateway may have come from a file in the home directory, which the SDK reads on import.
      this.client.setGateway(undefined as never);
      this.client.setEnvironment(host);
    }
    const { leave, figuresPatienceMs, stopping } = connection;
    const limits = { ...LIMITS, ...connection.limits };
    const exchange = connection.exchange ?? networkExchange(host, limits, stopping);
    this.transport = transport({
      exchange,
      clock,
      random,
      events,
      access,
      figuresPatienceMs,
      stopping,
      ...(leave === undefined ? {} : { leave }),
    });
    this.seam = new Seam(this.transport.send);
    this.client.setHttpClient(this.seam);
  }

  requests(): number {
    return this.transport.count();
  }

  perMinute(): number | null {
    return this.transport.perMinute();
  }

  nowMs(): number {
    return this.transport.nowMs();
  }

  async organization(): Promise<Organization> {
    const api = new platformClient.OrganizationApi(this.client);
    const answer = await this.call('GET', '/api/v2/organizations/me', () =>
      api.getOrganizationsMe(),
    );
    return { id: idIn(answer), name: textOf(answer.body?.['name']) };
  }

  async list(path: string, largestPage: number, paged?: Paged): Promise<JsonObject[]> {
    const found = await this.listed(path, largestPage, async (page) =>
      this.call('GET', path, () => this.callApi('GET', path, queryOf(page, paged))),
    );
    if (path === QUEUES_PATH) this.noteQueues(found);
    return found;
  }

  /** Which pages are too large is not published in full: a refused one is made smaller. */
  private async listed(
    path: string,
    largestPage: number,
    page: (options: PageOptions) => Promise<Answer>,
  ): Promise<JsonObject[]> {
    return this.inPages(path, largestPage, async (pageSize) =>
      wholeListing(
        async (pageNumber, after) =>
          page(after === undefined ? { pageSize, pageNumber } : { pageSize, after }),
        pageSize,
      ),
    );
  }

  private async inPages<T>(
    path: string,
    largestPage: number,
    read: (pageSize: number) => Promise<T>,
  ): Promise<T> {
    const pageSize = Math.min(largestPage, this.largestPages.get(path) ?? largestPage);
    try {
      return await read(pageSize);
    } catch (error) {
      const isRefused = error instanceof PlatformError && error.request?.status === 400;
      if (!isRefused || pageSize <= SAFE_PAGE) throw error;
      this.largestPages.set(path, SAFE_PAGE);
      return this.inPages(path, largestPage, read);
    }
  }

  async queues(): Promise<NamedEntity[]> {
    const api = new platformClient.RoutingApi(this.client);
    const path = QUEUES_PATH;
    const found = await this.listed(path, PAGE.queues, async (page) =>
      this.call('GET', path, () => api.getRoutingQueues(page)),
    );
    this.noteQueues(found);
    return found.map(named);
  }

  /** What a listing tells of queues beside their names, for whoever asks about their agents. */
  private noteQueues(found: readonly JsonObject[]): void {
    for (const queue of found) {
      const { memberCount: count } = queue;
      if (typeof count === 'number') this.memberCounts.set(textOf(queue['id']), count);
      const promises = promisesIn(queue);
      if (promises.size > 0) this.promises.set(textOf(queue['id']), promises);
    }
  }

  promise(queueId: string, mediaType: string): QueuePromise | null {
    // Analytics and the settings of a queue have two words for calls, and one for the rest.
    const medium = mediaType === 'voice' ? 'call' : mediaType;
    return this.promises.get(queueId)?.get(medium) ?? null;
  }

  async skills(): Promise<NamedEntity[]> {
    const api = new platformClient.RoutingApi(this.client);
    const path = '/api/v2/routing/skills';
    const found = await this.listed(path, PAGE.skills, async (page) =>
      this.call('GET', path, () => api.getRoutingSkills(page)),
    );
    // A deleted skill stays in the listing for a while.
    return found.filter((one) => one['state'] !== 'deleted').map(named);
  }

  async consumers(id: string, type: string): Promise<Consumer[]> {
    const api = new platformClient.ArchitectApi(this.client);
    const path = '/api/v2/architect/dependencytracking/consumingresources';
    const found = await this.listed(path, SAFE_PAGE, async (page) =>
      this.call('GET', path, () =>
        api.getArchitectDependencytrackingConsumingresources(id, type, page),
      ),
    );
    return found.filter((one) => one['deleted'] !== true).map(consumer);
  }

  async members(queueId: string): Promise<Member[]> {
    const api = new platformClient.RoutingApi(this.client);
    const path = `/api/v2/routing/queues/${encodeURIComponent(queueId)}/members`;
    const page = async (pageNumber: number): Promise<JsonObject[]> => {
      const options = { pageSize: PAGE.members, pageNumber, expand: ['skills'] };
      const answer = await this.call('GET', path, () =>
        api.getRoutingQueueMembers(queueId, options),
      );
      const entities = entitiesIn(answer);
      if (entities.every((one) => member(one).userId !== '')) return entities;
      // Somebody, but who: whether a check counts the same agent twice could not be told.
      const body = { message: 'a member of the queue has no id' };
      throw unreadable({ request: answer.request, body });
    };
    // This listing has no total. That of the queues had one, which may be old by now: so many
    // pages are fetched side by side, and then on until one is not full.
    const sideBySide = Math.min(this.memberPages(queueId), MOST_MEMBER_PAGES);
    const pages = await pagesFrom(1, sideBySide, page);
    while (pages.at(-1)?.length === PAGE.members) {
      if (pages.length >= MOST_MEMBER_PAGES) {
        throw new Error(`${path} has an absurd number of pages: over ${MOST_MEMBER_PAGES}`);
      }
      pages.push(await page(pages.length + 1));
    }
    return pages.flat().map(member);
  }

  /** A last page that is full is followed by an empty one, which says so. */
  private memberPages(queueId: string): number {
    const members = Math.max(0, this.memberCounts.get(queueId) ?? 0);
    return Math.floor(members / PAGE.members) + 1;
  }

  async staff(queueIds: readonly string[]): Promise<Staffed> {
    return staffOf(
      {
        memberPages: (id) => this.memberPages(id),
        members: async (id) => this.members(id),
        attendanceQueries: (queues) => Math.ceil(queues / PAGE.observedQueues),
        attendance: async (ids) => this.attendance(ids),
        users: async (pageNumber) => this.users(pageNumber, ['skills']),
      },
      queueIds,
    );
  }

  async agents(userIds: readonly string[]): Promise<Map<string, Agent>> {
    const api = new platformClient.UsersApi(this.client);
    const path = '/api/v2/users';
    const expand = ['skills', 'routingStatus'];
    const pages = await Promise.all(
      chunks(userIds, PAGE.userIds).map(async (id) => {
        const options = { id, expand, pageSize: PAGE.userIds };
        return entitiesIn(await this.call('GET', path, () => api.getUsers(options)));
      }),
    );
    return new Map(pages.flat().map((user) => [userIdOf(user), agent(user)]));
  }

  async holders(of: readonly Held[]): Promise<Holders> {
    const first = await this.users(1, of);
    // More pages than are read would decide nothing, and cost what they cost.
    if (!first.isCounted || first.pageCount > MOST_DIRECTORY_PAGES)
      return holdersIn(first.users, of, false);
    const rest = await pagesFrom(2, first.pageCount, async (page) => this.users(page, of));
    return holdersIn(
      [first, ...rest].flatMap((page) => page.users),
      of,
      true,
    );
  }

  /** `isCounted`: how many pages there are is known. */
  private async users(
    pageNumber: number,
    expand: readonly Held[],
  ): Promise<UsersPage & { readonly isCounted: boolean }> {
    const api = new platformClient.UsersApi(this.client);
    const path = '/api/v2/users';
    return this.inPages(path, PAGE.users, async (pageSize) => {
      const options = { pageSize, pageNumber, expand: [...expand] };
      const page = await this.call('GET', path, () => api.getUsers(options));
      const users = entitiesIn(page);
      const isCounted = saysPages(page) || users.length < pageSize;
      return { users, pageCount: pageCountOf(page), isCounted };
    });
  }

  async attendance(queueIds: readonly string[]): Promise<Map<string, Attendant[]>> {
    const api = new platformClient.AnalyticsApi(this.client);
    const path = '/api/v2/analytics/routing/activity/query';
    const metrics = [{ metric: 'oMemberUsers', details: true }];
    const page = { pageSize: PAGE.observedQueues, pageNumber: 1 };
    const queries = chunks(queueIds, PAGE.observedQueues).map((ids) => ({
      filter: ofQueues(ids),
      groupBy: ['queueId'],
      metrics,
    }));
    const results = await this.resultsOf(path, queries, async (query) =>
      api.postAnalyticsRoutingActivityQuery(query, page),
    );
    return attendanceIn(results);
  }

  async loads(queueIds: readonly string[]): Promise<Map<string, QueueLoad>> {
    const api = new platformClient.AnalyticsApi(this.client);
    const path = '/api/v2/analytics/queues/observations/query';
    // Members are asked for so that a queue that everybody has left is not an unknown one.
    const metrics = [
      'oOnQueueUsers',
      'oMemberUsers',
      'oInteracting',
      'oWaiting',
      'oLongestWaiting',
    ];
    const queries = chunks(queueIds, PAGE.observedQueues).map((ids) => ({
      filter: ofQueues(ids),
      metrics,
    }));
    const results = await this.resultsOf(path, queries, async (query) =>
      api.postAnalyticsQueuesObservationsQuery(query),
    );
    return loadsOf(results, this.nowMs());
  }

  /** The results of all these queries, sent side by side. */
  private async resultsOf<Q>(
    path: string,
    queries: readonly Q[],
    ask: (query: Q) => Promise<unknown>,
  ): Promise<JsonObject[]> {
    const answers = await Promise.all(
      queries.map(async (query) => this.call('POST', path, () => ask(query))),
    );
    return answers.flatMap(resultsIn);
  }

  async callsPerAgent(): Promise<number | null> {
    const api = new platformClient.RoutingApi(this.client);
    const { body } = await this.call('GET', '/api/v2/routing/utilization', () =>
      api.getRoutingUtilization(),
    );
    const media = isObject(body?.['utilization']) ? body['utilization']['call'] : null;
    const capacity = isObject(media) ? media['maximumCapacity'] : null;
    return typeof capacity === 'number' ? capacity : null;
  }

  async auditServices(): Promise<Map<string, readonly string[]>> {
    return servicesIn(await this.serviceMapping());
  }

  private async serviceMapping(): Promise<JsonObject | null> {
    const api = new platformClient.AuditApi(this.client);
    const { body } = await this.call('GET', '/api/v2/audits/query/servicemapping', () =>
      api.getAuditsQueryServicemapping(),
    );
    return body;
  }

  async audits({ fromMs, toMs, service, entityType }: AuditSearch): Promise<AuditedEvent[]> {
    const events: AuditedEvent[] = [];
    for (const interval of intervals(fromMs, toMs, LONGEST_AUDIT_MS)) {
      const filters = [{ property: 'EntityType', value: entityType }];
      const sort = [{ name: 'Timestamp', sortOrder: 'ascending' }];
      const query = { interval, serviceName: service, filters, sort };
      const found = await this.auditQuery(query, AUDIT_PATIENCE_MS);
      // More than a call takes as arguments, perhaps.
      for (const one of found) events.push(auditedEvent(one));
    }
    return events;
  }

  /** The platform gathers the records in its own time: asked, awaited, then read page by page. */
  private async auditQuery(query: AuditQueryRequest, patienceMs: number): Promise<JsonObject[]> {
    const api = new platformClient.AuditApi(this.client);
    const path = '/api/v2/audits/query';
    const { clock } = this.connection;
    const submitted = await this.call('POST', path, () => api.postAuditsQuery(query));
    const id = idIn(submitted);
    const at = `${path}/${encodeURIComponent(id)}`;
    const deadline = steadyMs(clock) + patienceMs;
    let status = submitted;
    for (let pauseMs = 250; textOf(status.body?.['state']) !== 'Succeeded'; pauseMs *= 2) {
      const isOver = ['Failed', 'Cancelled'].includes(textOf(status.body?.['state']));
      if (isOver || steadyMs(clock) >= deadline) throw auditUnfinished(status, patienceMs);
      await clock.sleep(Math.min(pauseMs, 5000, Math.max(1, deadline - steadyMs(clock))));
      status = await this.call('GET', at, () => api.getAuditsQueryTransactionId(id));
    }
    const found: JsonObject[] = [];
    const seen = new Set<string>();
    let cursor: string | undefined;
    do {
      const options = { pageSize: PAGE.audits, expand: ['user'], ...(cursor ? { cursor } : {}) };
      const page = await this.call('GET', `${at}/results`, () =>
        api.getAuditsQueryTransactionIdResults(id, options),
      );
      found.push(...entitiesIn(page));
      cursor = cursorIn(page.body);
      if (cursor !== undefined && seen.has(cursor)) {
        const body = { message: 'its pages go on from where one of them began' };
        throw unreadable({ request: page.request, body });
      }
      if (cursor !== undefined) seen.add(cursor);
    } while (cursor !== undefined);
    return found;
  }

  async get(path: string): Promise<Answer> {
    const answer = await this.call('GET', path, () => this.callApi('GET', path, {}));
    // Nothing at all does not say that nothing is there: that is a 404.
    if (answer.body === null) throw unreadable(answer);
    return answer;
  }

  async send({ method, path, body, ids }: PartRequest): Promise<Answer> {
    // The typings ask for objects where the SDK serialises any value.
    const sent = (ids ?? body) as JsonObject | undefined;
    return this.call(method, path, () => this.callApi(method, path, {}, sent));
  }

  async exchange({ method, path, body }: AnyRequest): Promise<Exchanged> {
    await this.authorised();
    const { login } = this;
    const first = await this.answerTo(method, path, body);
    if (first.request.status !== 401) return first;
    if (this.login === login) this.login = null;
    await this.authorised();
    return this.answerTo(method, path, body);
  }

  /** The answer as it came, whatever its status. */
  private async answerTo(method: string, path: string, body?: JsonObject): Promise<Exchanged> {
    const sent = { method, path, status: null, correlationId: null };
    const answer = await this.callApi(method, path, {}, body).catch((error: unknown) => {
      const failed = (error as { response?: unknown }).response ?? error;
      if (isExtended(failed)) return failed;
      throw translated(error, sent, this.connection.host);
    });
    const { status, headers, ...of } = answer as Extended & { readonly data?: unknown };
    return {
      request: { ...sent, ...headOf(status, headers) },
      headers: headers as Exchanged['headers'],
      body: (of.body ?? of.data ?? null) as Json,
    };
  }

  async upload(
    url: string,
    headers: Readonly<Record<string, string>>,
    text: string,
  ): Promise<Answer> {
    const to = uploadAddress(url, this.connection.host);
    const { request: sent, host } = to;
    try {
      const request = { method: sent.method, url: to.url, headers, body: text, shown: sent.path };
      // Past the SDK, which would send our token along.
      const { status, body } = await this.transport.send(request);
      const answered = { ...sent, status };
      if (!isFailure(status)) return { request: answered, body: null };
      throw uploadRefused({ request: answered, body: (parsed(body) ?? '') as Json }, host);
    } catch (error) {
      if (error instanceof NotSent) throw notSent(sent, error);
      throw error instanceof NoAnswer ? uploadUnanswered(sent, error.code, host) : error;
    }
  }

  private callApi(
    method: string,
    path: string,
    query: Record<string, number | string>,
    body?: JsonObject,
  ): Promise<unknown> {
    const json = ['application/json'];
    // The typings ask for objects where the SDK serialises any value.
    const params = query as unknown as Record<string, object>;
    const auth = ['PureCloud OAuth'];
    return this.client.callApi(path, method, {}, params, {}, {}, body, auth, json, json);
  }

  /** One API call with a valid token; a token that was refused is renewed once. */
  private async call(method: string, path: string, fn: () => Promise<unknown>): Promise<Answer> {
    await this.authorised();
    const { login } = this;
    try {
      return await this.attempt(method, path, fn);
    } catch (error) {
      const refused = error instanceof PlatformError && error.request?.status === 401;
      if (!refused) throw error;
      // Another call whose token was refused may have renewed it already.
      if (this.login === login) this.login = null;
      await this.authorised();
      return this.attempt(method, path, fn);
    }
  }

  private async authorised(): Promise<void> {
    if (this.seam.token !== null) {
      const { atMs, lifetimeMs } = this.seam.token;
      const marginMs = Math.min(TOKEN_MARGIN_MS, lifetimeMs / 2);
      if (steadyMs(this.connection.clock) > atMs + lifetimeMs - marginMs) this.login = null;
    }
    this.login ??= this.logIn().catch((error: unknown) => {
      // Whoever asks next may have more luck.
      this.login = null;
      throw error;
    });
    return this.login;
  }

  private async logIn(): Promise<void> {
    const { clientId, clientSecret, clock } = this.connection;
    this.seam.beforeLogin(steadyMs(clock));
    await this.attempt('POST', '/oauth/token', () =>
      this.client.loginClientCredentialsGrant(clientId, clientSecret),
    );
  }

  /** Turns whatever the SDK resolves or rejects with into an answer or a `PlatformError`. */
  private async attempt(method: string, path: string, fn: () => Promise<unknown>): Promise<Answer> {
    const sent = { method, path, status: null, correlationId: null };
    try {
      const answer = (await fn()) as Partial<Extended>;
      const request = { ...sent, ...headOf(answer.status ?? 200, answer.headers) };
      return { request, body: isObject(answer.body) ? answer.body : null };
    } catch (error) {
      throw translated(error, sent, this.connection.host);
    }
  }

  async figures(search: FiguresSearch): Promise<Map<string, Figures>> {
    return figuresOf(await this.aggregates(search, {}));
  }

  async figuresByPart({
    partMinutes,
    ...search
  }: PartsSearch): Promise<Map<string, PartFigures[]>> {
    return figuresByPart(await this.aggregates(search, { granularity: `PT${partMinutes}M` }));
  }

  /** As many requests as hundreds of queues and months of time, side by side. */
  private async aggregates(
    { queueIds, mediaType, ...span }: FiguresSearch,
    parts: { readonly granularity?: string },
  ): Promise<JsonObject[]> {
    const api = new platformClient.AnalyticsApi(this.client);
    const path = '/api/v2/analytics/conversations/aggregates/query';
    const media = mediaType === null ? [] : [{ dimension: 'mediaType', value: mediaType }];
    const queries = chunks(queueIds, PAGE.observedQueues).flatMap((ids) => {
      const filter = { type: 'and', predicates: media, clauses: [ofQueues(ids)] };
      return intervals(span.fromMs, span.toMs, LONGEST_AGGREGATE_MS).map((interval) => ({
        interval,
        filter,
        groupBy: ['queueId'],
        metrics: [...FIGURE_METRICS],
        ...parts,
      }));
    });
    return this.resultsOf(path, queries, async (query) =>
      api.postAnalyticsConversationsAggregatesQuery(query),
    );
  }

  async auditedActions(): Promise<AuditedAction[]> {
    return actionsIn(await this.serviceMapping());
  }

  async auditTrail(search: TrailSearch): Promise<PlatformEvent[]> {
    const { service, entityType, action, patienceMs } = search;
    const filters = [
      { property: 'EntityType', value: entityType },
      ...(action === null ? [] : [{ property: 'Action', value: action }]),
    ];
    const sort = [{ name: 'Timestamp', sortOrder: 'ascending' }];
    const parts = await Promise.all(
      intervals(search.fromMs, search.toMs, LONGEST_AUDIT_MS).map(async (interval) =>
        this.auditQuery({ interval, serviceName: service, filters, sort }, patienceMs),
      ),
    );
    // The platform counts both ends of an interval to it.
    const events = parts.flat().map(platformEvent);
    const ids = new Map(events.map((event, index) => [event.id || String(index), event]));
    return [...ids.values()];
  }
}

/** Our transport in the place of the SDK's HTTP client. */
class Seam extends platformClient.AbstractHttpClient {
  token: { atMs: number; lifetimeMs: number } | null = null;
  private loginAtMs = 0;

  constructor(private readonly send: Exchange) {
    super();
  }

  override enableHooks(): void {
    // The SDK's hooks print to the console; nothing here sets one.
  }

  beforeLogin(atMs: number): void {
    this.loginAtMs = atMs;
    this.token = null;
  }

  override async request(options: platformClient.HttpRequestOptions): Promise<unknown> {
    if (DOTS.test(options.url)) throw new Unreachable();
    const url = new URL(options.url);
    const params = (options.params ?? {}) as Record<string, unknown>;
    for (const [name, value] of Object.entries(params)) {
      url.searchParams.append(name, String(value));
    }
    const isForm = typeof options.data === 'string';
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const headers = { ...(options.headers as Record<string, string>), ...(isForm ? form : {}) };
    const body = isForm ? (options.data as string) : JSON.stringify(options.data);
    const answer = await this.send({
      method: options.method,
      url: url.href,
      headers,
      ...(options.data === undefined ? {} : { body }),
    });
    const { status, headers: answered } = answer;
    const failed = isFailure(status);
    const text = withoutCredential(answer.body, headers);
    const data = parsed(text);
    const response = { status, statusText: '', headers: answered, data, text };
    if (failed || !isBody(data, options.data)) {
      // The SDK never looks at the status: an error with a `response` is how it learns of one.
      throw Object.assign(new Error(`HTTP ${status}`), { response });
    }
    if (url.pathname.endsWith('/oauth/token') && isObject(data)) {
      const lifetimeMs = Number(data['expires_in'] ?? 86_400) * 1000;
      this.token = { atMs: this.loginAtMs, lifetimeMs };
    }
    return response;
  }
}

/** A part of a path that a URL takes for its own, also where it is escaped. */
const DOTS = /\/(?:\.|%2e){1,2}(?:[/?#]|$)/i;

/** Never sent: an address would leave such a part of a path out, and be that of something else. */
class Unreachable extends Error {}

function translated(error: unknown, sent: RequestRecord, host: string): Error {
  if (error instanceof Unreachable) return unreachable(sent);
  if (typeof error === 'string') return new TypeError(`the SDK refused the call: ${error}`);
  if (error instanceof NoAnswer) return noAnswer(sent, error.code, host);
  if (error instanceof NotSent) return notSent(sent, error);
  const failed = (error as { response?: unknown }).response ?? error;
  if (isExtended(failed)) {
    const { data } = failed as { data?: unknown };
    const body = (failed.body ?? data ?? '') as Json;
    const headers = failed.headers as FailedAnswer['headers'];
    const answer = { request: { ...sent, ...headOf(failed.status, headers) }, body, headers };
    return isFailure(failed.status) ? errorOf(answer) : unreadable(answer);
  }
  return error instanceof Error ? error : new Error('the SDK rejected without an error');
}

function isExtended(value: unknown): value is Extended {
  return typeof (value as { status?: unknown } | null)?.status === 'number';
}
