/** From an org file to an org. */
import { idFrom } from './ids.js';
import type { OrgObserved } from '../generated/types.js';
import { seedForeign } from './foreign-listings.js';
import type { OrgFile, OrgFileClient, OrgFileFlow, OrgFileStrategy } from './org-file-types.js';
import { promiseMsIn, settingsIn } from './queue-settings.js';
import { NO_IMPORT_FAULTS, SEED_DATE } from './model.js';
import type { Client, Division, Flow, Org, Queue, Skill, Strategy, User } from './model.js';
import { expandRule } from './org-rule.js';
import { store } from './strategies.js';

export interface OrgOptions {
  /** Requests a minute and token; 0 for no limit. Default 300. */
  readonly rateLimitPerMinute?: number;
  /** Simulated milliseconds that an activation takes. Default 400. */
  readonly activationMs?: number;
  /** Simulated milliseconds that an import of rows takes. Default 200. */
  readonly importMs?: number;
  /** What chance in traffic follows from. Default 1. */
  readonly seed?: number;
  /** As another org was seen to behave. Default: as BEHAVIOUR.md says. */
  readonly manners?: OrgObserved;
}

const DEFAULT_RATE_LIMIT = 300;
const DEFAULT_ACTIVATION_MS = 400;
const DEFAULT_IMPORT_MS = 200;
const DEFAULT_TOKEN_SECONDS = 86_400;
const HOME = 'Home';

/** Who may come in when the org file has no `clients`. */
const DEFAULT_CLIENTS: readonly OrgFileClient[] = [{ id: 'demo', secret: 'demo' }];

/**
 * The org that a file describes, `generate` included. The same file gives the same ids. The file
 * must be sound (`loadOrgFile` checks it): a name that does not exist is an assertion here.
 */
export function createOrg(file: OrgFile, options: OrgOptions = {}): Org {
  const { skills: skillNames, users: userFiles, queues: queueFiles } = expandRule(file);
  const orgName = file.organization?.name ?? 'Demo';
  const id = file.organization?.id ?? idFrom(`organization/${orgName}`);
  const skills = byName(skillNames.map((name): Skill => ({ id: idFrom(`skill/${name}`), name })));
  const users = byName(
    userFiles.map((user): User => ({
      id: idFrom(`user/${user.name}`),
      name: user.name,
      skillIds: (user.skills ?? []).map((name) => named(skills, name).id),
      status: user.status ?? 'idle',
    })),
  );
  const queues = byName(
    queueFiles.map((queue): Queue => ({
      id: idFrom(`queue/${queue.name}`),
      name: queue.name,
      description: null,
      division: division(queue.division ?? HOME),
      memberIds: (queue.members ?? []).map((name) => named(users, name).id),
      ringOf: new Map(),
      wrapupCodeIds: new Set(),
      settings: settingsIn(queue.settings ?? {}),
      disabled: queue.disabled ?? false,
      answerWithinMs: promiseMsIn(queue.settings ?? {}) ?? (queue.answerWithinSeconds ?? 20) * 1000,
      interacting: queue.interacting ?? 0,
      waiting: queue.waiting ?? 0,
      dateCreated: SEED_DATE,
      dateModified: SEED_DATE,
      modifiedBy: null,
    })),
  );
  const manners = options.manners ?? {};
  const clients = (file.clients ?? DEFAULT_CLIENTS)
    .map((client) => seedClient(client, users))
    .map((client, index) => (index === 0 ? permittedAs(manners, client) : client));
  const org: Org = {
    id,
    name: orgName,
    rateLimitPerMinute:
      options.rateLimitPerMinute ?? manners.rateLimit?.allowedPerMinute ?? DEFAULT_RATE_LIMIT,
    activationMs: options.activationMs ?? DEFAULT_ACTIVATION_MS,
    importMs: options.importMs ?? DEFAULT_IMPORT_MS,
    clients: new Map(clients.map((client) => [client.id, client])),
    skills: byId(skills),
    users: byId(users),
    queues: byId(queues),
    flows: (file.flows ?? []).map(seedFlow),
    foreign: seedForeign(file),
    utilization: utilizationOf(file, manners),
    traffic: file.traffic ?? [],
    seed: options.seed ?? 1,
    manners,
    ...nothingYet(),
  };
  for (const strategy of file.strategies ?? []) store(org, seedStrategy(strategy, skills, queues));
  return org;
}

type Begun = 'tokens' | 'things' | 'strategies' | 'strategyNames' | 'activations' | 'nextDueAt';
type Filled = 'memberLagMs' | 'tables' | 'tableNames' | 'imports' | 'importFiles' | 'importFaults';
type Made =
  | 'lately'
  | 'unlisted'
  | 'audits'
  | 'auditQueries'
  | 'auditsStall'
  | 'flow'
  | 'conversations'
  | 'made';

/** What only requests bring into being. */
function nothingYet(): Pick<Org, Begun | Filled | Made> {
  return {
    tokens: new Map(),
    things: new Map(),
    strategies: new Map(),
    strategyNames: new Map(),
    activations: new Map(),
    nextDueAt: Infinity,
    memberLagMs: 0,
    tables: new Map(),
    tableNames: new Map(),
    imports: new Map(),
    importFiles: new Map(),
    importFaults: NO_IMPORT_FAULTS,
    unlisted: new Map(),
    lately: {
      unread: new Map(),
      stale: new Map(),
      inserted: new Map(),
      deleted: new Set(),
      members: new Map(),
    },
    audits: [],
    auditQueries: new Map(),
    flow: null,
    auditsStall: false,
    conversations: [],
    made: 0,
  };
}

/** The client that doctor was has the permissions that it was seen to have. */
function permittedAs({ roles }: OrgObserved, client: Client): Client {
  if (roles === undefined) return client;
  return { ...client, permissions: roles.flatMap(({ permissions }) => permissions) };
}

function utilizationOf(
  { utilization = { call: 1 } }: OrgFile,
  seen: OrgObserved,
): Org['utilization'] {
  const { callsPerAgent: calls } = seen;
  const found = new Map(Object.entries(utilization));
  if (calls === null) found.delete('call');
  else if (calls !== undefined) found.set('call', calls);
  return found;
}

function seedClient(client: OrgFileClient, users: ReadonlyMap<string, User>): Client {
  return {
    id: client.id,
    secret: client.secret,
    permissions: client.permissions ?? ['*'],
    tokenSeconds: client.tokenSeconds ?? DEFAULT_TOKEN_SECONDS,
    userId: client.user === undefined ? null : named(users, client.user).id,
  };
}

function seedFlow({
  name,
  version = '1.0',
  type = 'INBOUNDCALLFLOW',
  uses = {},
}: OrgFileFlow): Flow {
  const { skills = [], languages = [], wrapupCodes = [], queues = [], tables = [] } = uses;
  const { schedules = [], scheduleGroups = [], emergencyGroups = [] } = uses;
  const routing = { skills, languages, wrapupCodes, queues, tables };
  const opening = { schedules, scheduleGroups, emergencyGroups };
  const id = idFrom(`flow/${name}`);
  return { id, name, version, type, uses: { ...routing, ...opening } };
}

function seedStrategy(
  file: OrgFileStrategy,
  skills: ReadonlyMap<string, Skill>,
  queues: ReadonlyMap<string, Queue>,
): Strategy {
  const status = file.status ?? 'active';
  const fallback = file.fallback?.queue ?? null;
  return {
    id: idFrom(`strategy/${file.name}`),
    content: {
      name: file.name,
      skills: (file.selectionCriteria?.skills ?? []).map(({ skill, required = true }) => ({
        skillId: named(skills, skill).id,
        required,
      })),
      targets: file.targets.map(({ queue, priority, weight, capacity }) => ({
        id: named(queues, queue).id,
        priority,
        weight,
        capacity,
      })),
      fallback:
        fallback === null
          ? null
          : {
              id: named(queues, fallback.queue).id,
              priority: fallback.priority,
              weight: fallback.weight,
            },
    },
    status,
    errorMessage: status === 'failed' ? (file.errorMessage ?? 'Activation failed') : null,
    version: 1,
    dateCreated: SEED_DATE,
    dateModified: SEED_DATE,
  };
}

function division(name: string): Division {
  return { id: idFrom(`division/${name}`), name };
}

function byName<T extends { readonly name: string }>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}

function byId<T extends { readonly id: string }>(items: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...items.values()].map((item) => [item.id, item]));
}

function named<T>(items: ReadonlyMap<string, T>, name: string): T {
  const item = items.get(name);
  if (item === undefined) throw new Error(`the org file names '${name}', which it does not have`);
  return item;
}
