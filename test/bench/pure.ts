/** What is computed between texts and a plan, in this process: no disk, no network, no start. */
import { catalogOf, type Catalog } from '../../src/core/catalog.js';
import { compare, type ComparePolicy, type Verdict } from '../../src/core/compare.js';
import { byText } from '../../src/core/issue.js';
import type { JsonObject } from '../../src/core/json.js';
import { changesOf } from '../../src/core/plan.js';
import type { SourceFile } from '../../src/core/source.js';
import type { StateRecord } from '../../src/core/state.js';
import type { Address, Desired, Live, Manifest } from '../../src/core/types.js';
import { kindsByName } from '../../src/core/kind.js';
import { bindingFor } from '../support/binding.js';
import { idsIn, liveOf } from '../../src/engine/observe.js';
import { sha256 } from '../../src/files/digest.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import { loadManifests, validateAll } from '../../src/manifest/load.js';
import { resolve } from '../../src/manifest/resolve.js';
import { manifestText, QUEUE_NAMES, SKILL_NAMES } from './manifests.js';
import { spreadOf, type Spread } from './processes.js';

const BACKEND = 'datatable';
const OWNER = { name: 'bench', environment: 'bench' };
const kindOf = kindsByName(reconciledKinds);

const named = (names: readonly string[]): { id: string; name: string }[] =>
  names.map((name) => ({ id: `id of ${name}`, name }));
const catalog: Catalog = catalogOf({ queue: named(QUEUE_NAMES), skill: named(SKILL_NAMES) });

const tables = { objects: '', state: '' };
const bound = bindingFor({ name: BACKEND, tables }).of('RoutingStrategy');

export function sources(count: number, weight?: number): SourceFile[] {
  const encoder = new TextEncoder();
  return Array.from({ length: count }, (_, index) => ({
    path: `strategies/strategy-${index}.yaml`,
    bytes: encoder.encode(manifestText(index, weight)),
  }));
}

/** What `validate` does with files once they are read; throws where anything is wrong. */
export function validated(files: readonly SourceFile[]): readonly Manifest[] {
  const loaded = loadManifests(files);
  const [issue] = validateAll(loaded);
  if (issue !== undefined) throw new Error(issue.message);
  return loaded.documents;
}

/** Both sides of a comparison, ours and on record. */
export interface Sides {
  readonly desired: readonly Desired[];
  readonly live: readonly Live[];
  readonly policy: ComparePolicy;
}

/** The rows of `count` strategies as they would be sent, and the fields that are in them. */
export function rowsOf(
  count: number,
): { readonly address: Address; readonly row: JsonObject; readonly fields: JsonObject }[] {
  const { desired } = resolve(inOrder(validated(sources(count))), catalog, kindOf);
  return desired.map(({ address, name, fields }) => ({
    address,
    fields,
    row: bound.resource.entity(name, fields, idsIn(catalog)),
  }));
}

/** An org that has `count` strategies; what the manifests say of each is so, or is not. */
export function sidesOf(count: number, differ: boolean): Sides {
  const { desired } = resolve(inOrder(validated(sources(count))), catalog, kindOf);
  const there = differ
    ? resolve(inOrder(validated(sources(count, 0.25))), catalog, kindOf).desired
    : desired;
  const live = there.map(({ name, fields }) => {
    const row = bound.resource.entity(name, fields, idsIn(catalog));
    return liveOf(bound, row, catalog);
  });
  const records = new Map<string, StateRecord>(
    live.map(({ address, id, fields }) => [
      address,
      { address, id, owner: OWNER, applied: fields, run: 'bench', at: '2026-01-01T00:00:00.000Z' },
    ]),
  );
  const policy = { prune: true, scope: null, adopt: false, owner: OWNER, records };
  return { desired, live, policy };
}

/** As `bundle` has them, which refuses more than a state table has rows. */
function inOrder(manifests: readonly Manifest[]): Manifest[] {
  return [...manifests].sort((a, b) => byText(a.name, b.name));
}

/** Verdicts, and the changes that they call for. */
export function compared({ desired, live, policy }: Sides): readonly Verdict[] {
  const verdicts = compare(desired, live, policy, kindOf);
  changesOf(verdicts, kindOf, sha256);
  return verdicts;
}

/** The same objects as JSON, one text an object as a manifest and an answer have them. */
export function textsOf({ desired, live }: Sides): string[] {
  const all: { readonly fields: JsonObject }[] = [...desired, ...live];
  return all.map(({ fields }) => JSON.stringify(fields));
}

/** Milliseconds of `work`, after a run that warms up. */
export function timed(work: () => unknown, runs: number): Spread {
  work();
  const taken = Array.from({ length: runs }, () => {
    const started = process.hrtime.bigint();
    work();
    return Number(process.hrtime.bigint() - started) / 1e6;
  });
  return spreadOf(taken);
}

/** By which power of n the time grows: the slope of log time on log n, by least squares. */
export function exponentOf(points: readonly (readonly [n: number, ms: number])[]): number {
  const logs = points.map(([n, ms]) => [Math.log(n), Math.log(ms)] as const);
  const mean = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0) / of.length;
  const x = mean(logs.map(([n]) => n));
  const y = mean(logs.map(([, ms]) => ms));
  const over = logs.reduce((sum, [n, ms]) => sum + (n - x) * (ms - y), 0);
  return over / logs.reduce((sum, [n]) => sum + (n - x) ** 2, 0);
}
