/** Observe → compare → check → guard → a plan. Sends reads only. */
import { digestOf } from '../core/canonical.js';
import type { Catalog } from '../core/catalog.js';
import { addressOf, compare, type Verdict } from '../core/compare.js';
import { InvalidInput, WrongUsage } from '../core/errors.js';
import { guard, type GuardPolicy } from '../core/guard.js';
import { byText, hasErrors } from '../core/issue.js';
import { textOf, type JsonObject } from '../core/json.js';
import type { CheckRequest, Kind, KindOf } from '../core/kind.js';
import { nearest } from '../core/nearest.js';
import { plural } from '../core/plural.js';
import { changesOf, countsOf, referencesOf, sealed } from '../core/plan.js';
import type { Change, CheckResult, Desired, Digest, Hash, Manifest, Plan } from '../core/types.js';
import { resolve } from '../manifest/resolve.js';
import { answer, Staff } from './checks.js';
import { observe, type Observation } from './observe.js';
import type { Clock, Events, Reader } from './ports.js';

export interface PlanInput {
  readonly manifests: readonly Manifest[];
  readonly kinds: readonly Kind[];
  readonly environment: { readonly name: string; readonly backend: string; readonly host: string };
  readonly prune: boolean;
  readonly guards: GuardPolicy;
  readonly scope: readonly string[] | null;
  readonly commit: string | null;
  readonly version: string;
}

export interface PlanPorts {
  readonly reader: Reader;
  readonly events: Events;
  readonly clock: Clock;
  readonly hash: Hash;
}

/** The plan, and what an apply in the same run needs beside it. */
export interface Planned {
  readonly plan: Plan;
  readonly catalog: Catalog;
  /** Asks the org again whether the change's checks hold now. */
  readonly recheck: (change: Change) => Promise<CheckResult[]>;
  /** Live objects that no manifest declares and that stay, because prune is off. */
  readonly unmanaged: readonly string[];
  /** How many objects are live, within scope or not. */
  readonly live: number;
}

/** Throws `InvalidInput` when manifests name what the org does not have. */
export async function makePlan(ports: PlanPorts, input: PlanInput): Promise<Planned> {
  const { reader, events, hash } = ports;
  events.emit({ type: 'observing' });
  const kindOf = kindsByName(input.kinds);
  const observation = await observe(reader, input.kinds, input.environment.backend);
  events.emit({
    type: 'observed',
    live: observation.live.length,
    requests: reader.requests(),
  });
  refuseUnknownNames(input, observation);
  const desired = desire(input, observation.catalog, kindOf);
  const policy = {
    prune: input.prune,
    scope: input.scope === null ? null : new Set(input.scope),
  };
  const verdicts = compare(desired, observation.live, policy, kindOf);
  const { catalog } = observation;
  const drafts = changesOf(verdicts, kindOf, hash);
  const requests = checksOf(drafts, input.manifests, kindOf);
  const everything = [...requests.values()].flat();
  const staff = new Staff(reader, catalog, ports.clock);
  const recheck = async ({ address }: Change): Promise<CheckResult[]> => {
    const staffing = await staff.for(everything);
    return (requests.get(address) ?? []).map((request) => answer(request, staffing, catalog));
  };
  const changes: Change[] = [];
  for (const draft of drafts) changes.push({ ...draft, checks: await recheck(draft) });
  const plan = assemble(input, observation, verdicts, changes, reader.requests(), kindOf, hash);
  const unmanaged = verdicts.flatMap((one) => (one.is === 'unmanaged' ? [addressOf(one)] : []));
  return { plan, catalog, recheck, unmanaged, live: observation.live.length };
}

function assemble(
  input: PlanInput,
  observation: Observation,
  verdicts: readonly Verdict[],
  changes: readonly Change[],
  requests: number,
  kindOf: KindOf,
  hash: Hash,
): Plan {
  const counts = countsOf(verdicts);
  return sealed(
    {
      format: 1,
      tool: { name: 'strategos', version: input.version },
      commit: input.commit,
      environment: input.environment,
      organization: observation.organization,
      scope: input.scope === null ? null : [...input.scope].sort(),
      manifests: manifestsDigest(input.manifests, hash),
      observed: observedDigest(observation, hash),
      references: referencesOf(changes, kindOf, observation.catalog),
      changes,
      counts,
      guards: guard(counts, observation.live.length, input.guards),
      requests,
    },
    hash,
  );
}

function desire(input: PlanInput, catalog: Catalog, kindOf: KindOf): readonly Desired[] {
  const scoped = input.manifests.filter((one) => input.scope?.includes(one.name) ?? true);
  const { desired, issues } = resolve(scoped, catalog, kindOf);
  if (hasErrors(issues)) {
    const count = plural(issues.length, 'problem');
    throw new InvalidInput(`the manifests do not fit the org: ${count}`, issues);
  }
  return desired;
}

/** A name that neither git nor the org has is a typing error. */
function refuseUnknownNames(input: PlanInput, observation: Observation): void {
  const known = [...input.manifests, ...observation.live].map((one) => one.name);
  for (const name of input.scope ?? []) {
    if (known.includes(name)) continue;
    const close = nearest(name, known);
    throw new WrongUsage(`--target ${name}: neither a manifest nor the org has that name`, {
      ...(close === undefined ? {} : { hint: `did you mean ${close}?` }),
    });
  }
}

/** Over what the manifests say, not how: comments, order of keys and file names do not count. */
function manifestsDigest(manifests: readonly Manifest[], hash: Hash): Digest {
  return digestOf(
    hash,
    manifests.map((manifest) => manifest.body),
  );
}

function observedDigest(observation: Observation, hash: Hash): Digest {
  const objects = observation.live
    .map((live): JsonObject => ({ id: live.id, version: live.version, fields: live.fields }))
    .sort((a, b) => byText(textOf(a['id']), textOf(b['id'])));
  return digestOf(hash, objects);
}

/** The checks that each of `changes` asks for, by address. */
function checksOf(
  changes: readonly Change[],
  manifests: readonly Manifest[],
  kindOf: KindOf,
): Map<string, CheckRequest[]> {
  const byAddress = new Map(manifests.map((one) => [`${one.kind}/${one.name}`, one]));
  return new Map(
    changes.map((change) => {
      const manifest = byAddress.get(change.address);
      if (manifest === undefined || change.after === null) return [change.address, []];
      return [change.address, kindOf(manifest.kind).checks(manifest, change.after, change.before)];
    }),
  );
}

export function kindsByName(kinds: readonly Kind[]): KindOf {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  return (name) => {
    const kind = byName.get(name);
    if (kind === undefined) throw new Error(`no kind is named ${name}`);
    return kind;
  };
}
