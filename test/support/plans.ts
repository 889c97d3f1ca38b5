/** Manifests as text × an org as data → a plan, by the pure code alone. */
import { scopeOf } from '../../src/core/scope.js';
import { digestOf } from '../../src/core/canonical.js';
import { catalogOf, type Catalog } from '../../src/core/catalog.js';
import { addressOf, compare, type Verdict } from '../../src/core/compare.js';
import { guard, talliesOf, ownershipGuard, type GuardPolicy } from '../../src/core/guard.js';
import { formerIn } from '../../src/core/former.js';
import type { Issue } from '../../src/core/issue.js';
import type { JsonObject } from '../../src/core/json.js';
import { asksForAdoption } from '../../src/core/manifest.js';
import { complete, normalise } from '../../src/core/normalise.js';
import {
  blockedIn,
  changesOf,
  countsOf,
  referencesOf,
  sealed,
  withheld,
  type PlanBody,
} from '../../src/core/plan.js';
import { sameOwner } from '../../src/core/owner.js';
import { type StateRecord } from '../../src/core/state.js';
import type {
  Change,
  Desired,
  Elsewhere,
  Live,
  LiveState,
  Manifest,
  Plan,
} from '../../src/core/types.js';
import { answer, type Staffing } from '../../src/engine/checks.js';
import { kindsByName } from '../../src/core/kind.js';
import { sha256 } from '../../src/files/digest.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import { routingStrategy } from '../../src/kinds/routing-strategy/index.js';
import { resolve } from '../../src/manifest/resolve.js';
import { load } from './manifests.js';
import { BACKEND, OWNER, policyFor, recordOf } from './owned.js';
import { plainStyle } from '../../src/render/style.js';
import { planText } from '../../src/render/text.js';

export const kindOf = kindsByName(reconciledKinds);

const named = (prefix: string, names: readonly string[]): { id: string; name: string }[] =>
  names.map((name, index) => ({ id: `${prefix}${index + 1}`, name }));

export const QUEUES = ['Tier 1', 'Tier 2', 'Tier 3', 'Overflow', 'Billing', 'Sales'];
export const SKILLS = ['Support', 'Billing', 'Sales'];

/** Queues `q1`… and skills `s1`…; two queues are both called Twin: `t1` and `t2`. */
export const catalog: Catalog = catalogOf({
  queue: [
    ...named('q', QUEUES),
    { id: 't1', name: 'Twin' },
    { id: 't2', name: 'Twin' },
    { id: 'f1', name: 'Fallback' },
    { id: 'p1', name: '__proto__' },
    { id: 'p2', name: 'toString' },
  ],
  skill: named('s', SKILLS),
});

const ENVIRONMENT = `apiVersion: strategos/v1
kind: Environment
metadata: { name: prod }
spec:
  host: mypurecloud.com
  backend: strategies-api
`;

/** A RoutingStrategy document; its `spec` begins in line 5 of the document. */
export function strategy(name: string, spec: string): string {
  const indented = spec.trimEnd().replace(/^(?=.)/gm, '  ');
  return [
    'apiVersion: strategos/v1',
    'kind: RoutingStrategy',
    `metadata: { name: ${JSON.stringify(name)} }`,
    'spec:',
    `${indented}\n`,
  ].join('\n');
}

/** What the documents of one file, `a.yaml`, ask for. Throws when one is wrong. */
export function resolved(
  documents: readonly string[],
  from: Catalog = catalog,
): { desired: readonly Desired[]; issues: readonly Issue[] } {
  return resolve(manifestsOf(documents), from, kindOf);
}

function manifestsOf(documents: readonly string[]): readonly Manifest[] {
  const files = { 'env.yaml': ENVIRONMENT, 'a.yaml': documents.join('---\n') };
  const { manifests, issues } = load(files);
  const errors = issues.filter((issue) => issue.severity === 'error');
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return manifests;
}

export interface OrgStrategy {
  readonly name: string;
  readonly version?: number;
  readonly state?: LiveState;
  /** In the shape of a manifest's `spec`, names for references. */
  readonly raw: JsonObject;
  /** What the org's record of it says; `null` where there is none. Default: it is ours. */
  readonly record?: Partial<StateRecord> | null;
}

export function liveFrom(one: OrgStrategy, index = 0, from: Catalog = catalog): Live {
  const raw = { status: 'active', ...one.raw };
  const { fields } = normalise(routingStrategy.fields, complete(routingStrategy.fields, raw), from);
  return {
    address: `RoutingStrategy/${one.name}`,
    kind: 'RoutingStrategy',
    name: one.name,
    id: `live-${index + 1}`,
    state: one.state ?? 'active',
    errorMessage: null,
    version: one.version ?? 1,
    fields,
    entity: {},
  };
}

export interface Scene {
  readonly manifests: readonly string[];
  readonly org: readonly OrgStrategy[];
  readonly prune?: boolean;
  /** As with --adopt. */
  readonly adopt?: boolean;
  readonly scope?: readonly string[];
  readonly guards?: Pick<GuardPolicy, 'maxDeletes' | 'maxChanges'>;
  /** Absent: no check is asked. */
  readonly staffing?: Staffing;
  /** Records of objects that the org does not have. */
  readonly records?: readonly StateRecord[];
  /** How many records of ours do not say what is so. */
  readonly stale?: number;
  /** Requests a minute that the rate limit leaves; 210 unless said. */
  readonly perMinute?: number;
  /** Data tables that an apply would make first. */
  readonly tables?: readonly string[];
  readonly elsewhere?: readonly Elsewhere[];
}

const NO_LIMIT = { kind: 'percent', value: 100 } as const;

export function verdictsOf(scene: Scene): Verdict[] {
  const live = scene.org.map((one, index) => liveFrom(one, index));
  const scope = scopeOf(
    scene.scope ?? null,
    reconciledKinds.map(({ name }) => name),
  );
  const { prune = true, adopt = false } = scene;
  const records = recordsIn(scene);
  const former = formerIn(records);
  const asked = resolve(manifestsOf(scene.manifests), catalog, kindOf, former);
  const { desired, obstacles, meant } = asked;
  const policy = policyFor([], { prune, adopt, scope, records, obstacles });
  return withheld(compare(desired, live, policy, kindOf), meant, kindOf);
}

/** The org's records of what is in the scene. */
export function recordsIn({ org, records = [] }: Scene): ReadonlyMap<string, StateRecord> {
  const kept = org.flatMap((one, index): StateRecord[] => {
    const { address, id } = liveFrom(one, index);
    return one.record === null ? [] : [recordOf(address, { id, ...one.record })];
  });
  return new Map([...records, ...kept].map((record) => [record.address, record]));
}

function ownedIn(scene: Scene): number {
  const records = recordsIn(scene);
  return scene.org.filter((one, index) => {
    const record = records.get(liveFrom(one, index).address);
    return record !== undefined && sameOwner(record.owner, OWNER);
  }).length;
}

/** What is not ours and would be touched. */
function ownershipOf(verdicts: readonly Verdict[]): Parameters<typeof ownershipGuard>[0] {
  return {
    adopted: verdicts.flatMap((one) =>
      one.is === 'adopt' && !asksForAdoption(one.desired.manifest) ? [one.desired.address] : [],
    ),
    foreign: verdicts.flatMap((one) =>
      one.is === 'foreign'
        ? [{ address: one.desired.address, owner: one.owner, remark: one.remark }]
        : [],
    ),
    us: OWNER,
  };
}

function checked(change: Change, verdicts: readonly Verdict[], staffing: Staffing): Change {
  const verdict = verdicts.find((one) => addressOf(one) === change.address);
  if (verdict === undefined || !('after' in verdict) || change.after === null) return change;
  const requests = routingStrategy.readiness.checks(
    verdict.desired.manifest,
    change.after,
    change.before,
  );
  return { ...change, checks: requests.map((one) => answer(one, staffing, catalog)) };
}

/** What an apply will need: a number that a person can check, not what `estimate.ts` says. */
function estimateFor({ stale = 0, perMinute = 210 }: Scene, count: number): Partial<PlanBody> {
  const writes = count + stale;
  return writes === 0 ? {} : { estimate: { requests: 7 + 3 + 4 * writes, perMinute } };
}

/** A plan as `makePlan` would make it, without asking anybody. */
export function planFor(scene: Scene): Plan {
  const verdicts = verdictsOf(scene);
  const { staffing } = scene;
  const changes = changesOf(verdicts, kindOf, sha256).map((change) =>
    staffing === undefined ? change : checked(change, verdicts, staffing),
  );
  const counts = countsOf(verdicts);
  const policy: GuardPolicy = {
    ...(scene.guards ?? { maxDeletes: NO_LIMIT, maxChanges: NO_LIMIT }),
    at: (name) => ({
      file: 'strategies/prod.yaml',
      line: name === 'maxDeletes' ? 7 : 8,
      column: 3,
    }),
  };
  const body: PlanBody = {
    format: 1,
    tool: { name: 'strategos', version: '1.2.3' },
    commit: '0123456789abcdef0123456789abcdef01234567',
    environment: {
      name: 'prod',
      backend: 'strategies-api',
      host: 'mypurecloud.com',
      tables: BACKEND.tables,
    },
    organization: { id: 'org-1', name: 'Acme' },
    scope: scene.scope === undefined ? null : [...scene.scope].sort(),
    manifests: digestOf(sha256, [...scene.manifests]),
    observed: digestOf(sha256, scene.org.length),
    references: referencesOf(changes, kindOf, catalog),
    tables: scene.tables ?? [],
    changes,
    counts,
    records: scene.stale ?? 0,
    requests: 7,
    ...(counts.blocked === undefined ? {} : { blocked: blockedIn(verdicts) }),
    ...(scene.elsewhere === undefined ? {} : { elsewhere: scene.elsewhere }),
    guards: [
      ...talliesOf(changes, new Map([['RoutingStrategy', ownedIn(scene)]]), kindOf).flatMap(
        (tally) => guard(tally, policy),
      ),
      ...ownershipGuard(ownershipOf(verdicts)),
    ],
    ...estimateFor(scene, changes.length),
  };
  return sealed(body, sha256);
}

/** The plan's text between its heading and its digest: what a case expects. */
export function changesText(scene: Scene): string {
  const lines = planText(planFor(scene), plainStyle).split('\n');
  return lines.slice(lines.indexOf('') + 1, -1).join('\n');
}
