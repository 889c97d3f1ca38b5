/** Plans back to what a run has found, from its log in memory. */
import { adoptedBy, effectsOf, foundBy, manifestsOf } from '../../src/core/rollback.js';
import { scopeOfAll } from '../../src/core/scope.js';
import { bind } from '../../src/engine/bind.js';
import { makePlan } from '../../src/engine/plan.js';
import type { Planned } from '../../src/engine/planning.js';
import { sha256 } from '../../src/files/digest.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import type { Ids } from '../../src/core/state.js';
import type { Manifest } from '../../src/core/types.js';
import type { Many } from './many.js';
import { OWNER } from './owned.js';
import type { MemoryLog } from './reconcile.js';

const TABLES = { objects: 'Routing Strategies', state: 'Routing Strategies (strategos)' };

/**
 * What `rollback` would plan of the run behind this log. `inGit`: what git says by now; `ids`: what
 * the log has of what names stood for; `asFound`: with `--force`.
 */
export function planBack(
  { bench: place }: Many,
  log: MemoryLog,
  inGit: readonly Manifest[] = [],
  ids: Ids = {},
  backend: 'datatable' | 'strategies-api' = 'datatable',
  asFound = false,
): Promise<Planned> {
  const found = foundBy(log.records);
  const kindOf = (name: string) =>
    reconciledKinds.find((one) => one.name === name) ?? missing(name);
  const manifests = manifestsOf(found, 'audit.jsonl', 'strategos/v1', kindOf);
  const all = { kind: 'percent', value: 100 } as const;
  return makePlan(
    { reader: place.reader(), events: place.events, clock: place.clock, hash: sha256 },
    {
      manifests,
      inGit,
      ids,
      asFound,
      findings: new Map(found.map(({ address, exact }) => [address, exact])),
      effects: effectsOf(found),
      objects: new Map(found.map(({ address, id = '' }) => [address, id])),
      disowned: adoptedBy(log.records),
      binding: bind(reconciledKinds, { backend, tables: TABLES }, { manifests }),
      owner: OWNER,
      environment: { name: 'test', backend, host: 'http://127.0.0.1:9' },
      prune: true,
      adopt: true,
      namesMayBeGone: true,
      guards: { maxDeletes: all, maxChanges: all, at: () => ({ file: '', line: 1, column: 1 }) },
      scope: scopeOfAll([...found.map(({ address }) => address), ...adoptedBy(log.records)]),
      commit: null,
      version: '0.0.0',
    },
  );
}

function missing(name: string): never {
  throw new Error(`no kind is named ${name}`);
}
