/**
 * `/api/v2/routing/strategies`: the calls and their life cycle. What a body may say is in
 * `strategy-content.ts`. Activation takes `org.activationMs` of simulated time:
 * `advanceActivations` ends what is due before each request is answered, so nothing here waits.
 */
import type platformClient from 'purecloud-platform-client-v2';
import { pointer, type JsonObject } from '../core/json.js';
import { witness } from './audits.js';
import { bodyOf, field, NO_CONTENT, nextId, ok, param, type Call, type Reply } from './call.js';
import { countedPage, isListed, type CountedPage } from './listing.js';
import { instant, type Org, type Strategy, type StrategyStatus } from './model.js';
import { invalidFields, notFound, Refusal } from './refusal.js';
import { readContent } from './strategy-content.js';

type PropertyChange = platformClient.Models.PropertyChange;

const MAX_PAGE = 100;

/** A strategy on the wire: `strategies-api.md` is its description. */
interface StrategyBody {
  readonly id: string;
  readonly name: string;
  readonly status: StrategyStatus;
  readonly errorMessage?: string;
  readonly version: number;
  readonly selectionCriteria: {
    readonly skills: readonly { readonly skillId: string; readonly required: boolean }[];
  };
  readonly targets: readonly {
    readonly id: string;
    readonly priority: number;
    readonly weight: number;
    readonly capacity: number;
  }[];
  readonly fallback?: {
    readonly queue: { readonly id: string; readonly priority: number; readonly weight: number };
  };
  readonly dateCreated: string;
  readonly dateModified: string;
  readonly selfUri: string;
}

/** `GET /api/v2/routing/strategies`: in order of creation, pages of at most 100. */
export function listStrategies(call: Call): Reply {
  const all = [...call.org.strategies.values()].filter(({ id }) => isListed(call, id));
  const body: CountedPage<StrategyBody> = countedPage(call, all, MAX_PAGE, showStrategy);
  return ok(body);
}

/** `GET /api/v2/routing/strategies/{strategyId}` */
export function showOneStrategy(call: Call): Reply {
  return ok(showStrategy(strategyOf(call)));
}

/** `POST /api/v2/routing/strategies`: always as a draft. 409 `conflict` when the name is taken. */
export function createStrategy(call: Call): Reply {
  const { org, at } = call;
  const body = bodyOf(call);
  const status = field(body, 'status');
  const problems =
    status === 'draft'
      ? []
      : [{ errorCode: 'invalid.status', fieldName: 'status', text: "status must be 'draft'" }];
  const content = readContent(org, body, null, problems);
  refuseTakenName(org, content.name, null);
  const strategy: Strategy = {
    id: nextId(org, 'strategy'),
    content,
    status: 'draft',
    errorMessage: null,
    version: 1,
    dateCreated: instant(at),
    dateModified: instant(at),
  };
  store(org, strategy);
  witnessStrategy(call, 'Create', null, strategy);
  return ok(showStrategy(strategy));
}

/**
 * `PUT /api/v2/routing/strategies/{strategyId}`: what the body leaves out stays as it is. 409
 * `version.conflict` when it names another version than the current one.
 */
export function updateStrategy(call: Call): Reply {
  const { org, at } = call;
  const before = strategyOf(call);
  const body = bodyOf(call);
  refuseStaleVersion(body, before);
  const [status, problems] = readStatus(body, before.status);
  const content = readContent(org, body, before.content, problems);
  refuseTakenName(org, content.name, before.id);
  if (status === 'draft') org.activations.delete(before.id);
  const starts = status === 'activating' && before.status !== 'activating';
  if (starts) activate(org, before.id, at + org.activationMs);
  const after: Strategy = {
    ...before,
    content,
    status,
    errorMessage: status === 'failed' ? before.errorMessage : null,
    version: before.version + 1,
    dateModified: instant(at),
  };
  org.strategyNames.delete(before.content.name);
  store(org, after);
  witnessStrategy(call, starts ? 'Activate' : 'Update', before, after);
  return ok(showStrategy(after));
}

/** `DELETE /api/v2/routing/strategies/{strategyId}`, whatever its state. */
export function deleteStrategy(call: Call): Reply {
  const { org } = call;
  const strategy = strategyOf(call);
  org.strategies.delete(strategy.id);
  org.strategyNames.delete(strategy.content.name);
  org.activations.delete(strategy.id);
  witnessStrategy(call, 'Delete', strategy, null);
  return NO_CONTENT;
}

/** Starts an activation; `advanceActivations` ends it. */
function activate(org: Org, id: string, dueAt: number): void {
  org.activations.set(id, { dueAt, error: null });
  org.nextDueAt = Math.min(org.nextDueAt, dueAt);
}

/** Ends the activations that are due at `at`, in place. */
export function advanceActivations(org: Org, at: number): void {
  if (at < org.nextDueAt) return;
  let nextDueAt = Infinity;
  for (const [id, { dueAt, error }] of org.activations) {
    if (dueAt > at) {
      nextDueAt = Math.min(nextDueAt, dueAt);
      continue;
    }
    org.activations.delete(id);
    const strategy = org.strategies.get(id);
    if (strategy === undefined) continue;
    const errorMessage = error ?? brokenDependency(org, strategy);
    const status = errorMessage === null ? 'active' : 'failed';
    org.strategies.set(id, { ...strategy, status, errorMessage });
  }
  org.nextDueAt = nextDueAt;
}

/** Why this strategy cannot be active; `null` when it can. */
function brokenDependency(org: Org, { content }: Strategy): string | null {
  const leadsTo = [...content.targets, ...(content.fallback === null ? [] : [content.fallback])];
  for (const { id } of leadsTo) {
    const queue = org.queues.get(id);
    if (queue === undefined) return `Queue ${id} does not exist`;
    if (queue.disabled) return `Queue '${queue.name}' is disabled`;
  }
  const gone = content.skills.find(({ skillId }) => !org.skills.has(skillId));
  return gone === undefined ? null : `Broken skill mapping: skill ${gone.skillId} does not exist`;
}

function strategyOf(call: Call): Strategy {
  const id = param(call, 'strategyId');
  const strategy = call.org.strategies.get(id);
  if (strategy === undefined) throw notFound('Routing strategy', id);
  return strategy;
}

/** Puts a strategy into the org, under its id and its name. */
export function store(org: Org, strategy: Strategy): void {
  org.strategies.set(strategy.id, strategy);
  org.strategyNames.set(strategy.content.name, strategy.id);
}

function refuseTakenName(org: Org, name: string, ownId: string | null): void {
  const holder = org.strategyNames.get(name);
  if (holder === undefined || holder === ownId) return;
  throw new Refusal(409, 'conflict', `A routing strategy named '${name}' exists already`);
}

function refuseStaleVersion(body: JsonObject, current: Strategy): void {
  const version = field(body, 'version');
  if (version === undefined || version === null || version === current.version) return;
  if (typeof version !== 'number' || !Number.isSafeInteger(version)) {
    const text = 'version must be a whole number';
    throw invalidFields([{ errorCode: 'invalid.value', fieldName: 'version', text }]);
  }
  const message = `Version ${version} does not match the current version ${current.version}`;
  throw new Refusal(409, 'version.conflict', message);
}

type Problems = Parameters<typeof readContent>[3];

/**
 * The state after a PUT. Only `draft` and `active` can be asked for; repeating the present state
 * asks for nothing, so that a body which was read before can be sent back.
 */
function readStatus(body: JsonObject, current: StrategyStatus): [StrategyStatus, Problems] {
  const asked = field(body, 'status');
  if (asked === undefined || asked === null || asked === current) return [current, []];
  if (asked === 'draft') return ['draft', []];
  if (asked === 'active') return ['activating', []];
  const text = "status must be 'draft' or 'active'";
  return [current, [{ errorCode: 'invalid.status', fieldName: 'status', text }]];
}

function showStrategy(strategy: Strategy): StrategyBody {
  const { id, content, errorMessage } = strategy;
  return {
    id,
    name: content.name,
    status: strategy.status,
    ...(errorMessage === null ? {} : { errorMessage }),
    version: strategy.version,
    selectionCriteria: { skills: content.skills },
    targets: content.targets,
    ...(content.fallback === null ? {} : { fallback: { queue: content.fallback } }),
    dateCreated: strategy.dateCreated,
    dateModified: strategy.dateModified,
    selfUri: strategyUri(id),
  };
}

function strategyUri(id: string): string {
  return `/api/v2/routing/strategies/${id}`;
}

function witnessStrategy(
  call: Call,
  action: 'Create' | 'Update' | 'Activate' | 'Delete',
  before: Strategy | null,
  after: Strategy | null,
): void {
  const { id, content } = after ?? before ?? unreachable();
  witness(call, {
    serviceName: 'Routing',
    entityType: 'RoutingStrategy',
    action,
    entity: { id, name: content.name, selfUri: strategyUri(id) },
    propertyChanges: propertyChanges(before, after),
  });
}

function unreachable(): never {
  throw new Error('an audit event needs a strategy');
}

/** One entry a property that differs; `targets/<queue id>/weight` and the like for targets. */
function propertyChanges(before: Strategy | null, after: Strategy | null): PropertyChange[] {
  const old = properties(before);
  const now = properties(after);
  const list = (value: string | undefined): string[] => (value === undefined ? [] : [value]);
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((property) => old.get(property) !== now.get(property))
    .map((property) => ({
      property,
      oldValues: list(old.get(property)),
      newValues: list(now.get(property)),
    }));
}

function properties(strategy: Strategy | null): Map<string, string> {
  const found = new Map<string, string>();
  if (strategy === null) return found;
  const { name, skills, targets, fallback } = strategy.content;
  const put = (keys: readonly string[], value: string | number | boolean): void => {
    found.set(pointer(keys).slice(1), String(value));
  };
  put(['name'], name);
  put(['status'], strategy.status);
  for (const { skillId, required } of skills) {
    put(['selectionCriteria', 'skills', skillId, 'required'], required);
  }
  for (const { id, ...rest } of targets) {
    for (const [key, value] of Object.entries(rest)) put(['targets', id, key], value);
  }
  if (fallback !== null) {
    put(['fallback', 'queue', 'id'], fallback.id);
    put(['fallback', 'queue', 'priority'], fallback.priority);
    put(['fallback', 'queue', 'weight'], fallback.weight);
  }
  return found;
}
