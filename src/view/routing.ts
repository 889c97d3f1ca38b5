/** Live strategies and the changes of a plan → which strategy sends calls where, now and then. */
import type { Catalog } from '../core/catalog.js';
import type { JsonObject, Json } from '../core/json.js';
import type { Destination, KindOf } from '../core/kind.js';
import { byText } from '../core/issue.js';
import { kindName, objectName } from '../core/outcome.js';
import type { Change, Live, Plan } from '../core/types.js';
import type { StrategyView, Way } from './model.js';

export interface RoutingScene {
  readonly live: readonly Live[];
  readonly plan: Pick<Plan, 'changes'>;
  readonly catalog: Catalog;
  readonly kindOf: KindOf;
  /** Whose an object is that is not ours, in words; `null` for ours. */
  readonly whose: (live: Live) => string | null;
}

export function strategiesOf(scene: RoutingScene): StrategyView[] {
  const { live, plan, kindOf } = scene;
  const changes = new Map<string, Change>(plan.changes.map((one) => [one.address, one]));
  const shown = live.flatMap((one): StrategyView[] => {
    const change = changes.get(one.address);
    changes.delete(one.address);
    if (kindOf(one.kind).traffic === undefined) return [];
    const whose = scene.whose(one);
    return [{ ...viewOf(one, change, scene), whose }];
  });
  const made = [...changes.values()].flatMap((change): StrategyView[] => {
    const { address, after, action } = change;
    if (after === null || kindOf(kindName(address)).traffic === undefined) return [];
    const planned = waysOf(kindName(address), after, scene);
    const name = objectName(address);
    return [{ address, name, status: 'not there yet', whose: null, ways: [], planned, action }];
  });
  return [...shown, ...made].sort((a, b) => byText(a.address, b.address));
}

function viewOf(live: Live, change: Change | undefined, scene: RoutingScene): StrategyView {
  const ways = waysOf(live.kind, live.fields, scene);
  const after = change === undefined ? null : change.after;
  const planned = after === null ? [] : waysOf(live.kind, after, scene);
  return {
    address: live.address,
    name: live.name,
    status: live.state,
    whose: null,
    ways,
    planned: change === undefined ? null : planned,
    action: change?.action ?? null,
  };
}

function waysOf(kind: string, fields: JsonObject, { catalog, kindOf }: RoutingScene): Way[] {
  const all = kindOf(kind).traffic?.destinations(fields) ?? [];
  const weights = new Map<number, number>();
  for (const { role, tier, weight } of all) {
    if (role === 'target') weights.set(tier, (weights.get(tier) ?? 0) + weight);
  }
  return all.map((one): Way => {
    const { id, label } = queueIn(one.queue, catalog);
    const { role, tier, weight, capacity } = one;
    const share = shareOf(one, weights.get(tier) ?? 0);
    return { queueId: id, queue: label, role, tier, weight, share, capacity };
  });
}

function shareOf({ role, weight }: Destination, ofTier: number): number {
  if (role === 'fallback') return 1;
  return ofTier > 0 ? weight / ofTier : 0;
}

/** A name that nothing bears any more is shown as it is written. */
function queueIn(
  queue: Json,
  catalog: Catalog,
): { readonly id: string | null; readonly label: string } {
  const resolution = catalog.resolve('queue', queue);
  if (resolution.found) return { id: resolution.id, label: catalog.nameOf('queue', resolution.id) };
  return { id: null, label: typeof queue === 'string' ? queue : JSON.stringify(queue) };
}

/** Every queue that calls are sent to, now or by the plan, each once. */
export function queueIdsOf(strategies: readonly StrategyView[]): string[] {
  const ids = strategies.flatMap(({ ways, planned }) =>
    [...ways, ...(planned ?? [])].flatMap(({ queueId }) => queueId ?? []),
  );
  return [...new Set(ids)].sort(byText);
}
