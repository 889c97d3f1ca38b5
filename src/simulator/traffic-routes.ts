/**
 * Which queue an interaction goes to: by a strategy of `/api/v2/routing/strategies`, or by the row
 * of a data table, read as the call flow of docs/call-flow.md reads it.
 */
import { seededRandom } from './chance.js';
import type { CellValue, Org, Row, Strategy } from './model.js';

export interface Route {
  readonly queueId: string;
  /** What an agent must have. */
  readonly skillIds: readonly string[];
}

/** How many interactions of the strategy a queue holds. */
type Held = (queueId: string) => number;

/**
 * Where the strategy of this name sends the next interaction, `draw` being uniform in [0, 1).
 * `null` where it sends it nowhere: no such strategy is active, or nothing takes the interaction.
 */
export function routeOf(org: Org, name: string, draw: number, held: Held): Route | null {
  const strategy = org.strategies.get(org.strategyNames.get(name) ?? '');
  if (strategy?.status === 'active') return byStrategy(org, strategy, draw, held);
  for (const { rows, columns } of org.tables.values()) {
    const row = columns.has('target_01_share') ? rows.get(name) : undefined;
    if (row?.get('status') === 'active') return byRow(org, row, draw);
  }
  return null;
}

/** Targets with room, tier after tier by weight; then the fallback. */
function byStrategy(org: Org, { content }: Strategy, draw: number, held: Held): Route | null {
  const skillIds = content.skills.filter(({ required }) => required).map(({ skillId }) => skillId);
  const open = content.targets.filter(
    ({ id, weight, capacity }) => weight > 0 && org.queues.has(id) && held(id) < capacity,
  );
  const first = Math.min(...open.map(({ priority }) => priority));
  const tier = open.filter(({ priority }) => priority === first);
  const sum = tier.reduce((total, { weight }) => total + weight, 0);
  let left = draw * sum;
  for (const { id, weight } of tier) {
    left -= weight;
    if (left < 0) return { queueId: id, skillIds };
  }
  const last = tier.at(-1)?.id ?? content.fallback?.id;
  return last !== undefined && org.queues.has(last) ? { queueId: last, skillIds } : null;
}

/**
 * A flow knows no capacity: the first queue that it transfers to takes the call. Each tier has one
 * turn; where its queue is gone, the next tier has its own, with a draw of its own. Those draws
 * come from the first one, so that an interaction takes as much chance whatever the tiers are.
 */
function byRow(org: Org, row: Row, draw: number): Route | null {
  const names = text(row.get('skills')).split('|');
  const skillIds = [...org.skills.values()]
    .filter(({ name }) => names.includes(name))
    .map(({ id }) => id);
  const slots = Math.min(Number(row.get('targets') ?? 0), 10);
  let triedTier: CellValue | undefined;
  let current = draw;
  for (let slot = 1; slot <= slots; slot += 1) {
    const column = `target_${String(slot).padStart(2, '0')}`;
    const tier = row.get(`${column}_priority`);
    if (tier === triedTier || current >= Number(row.get(`${column}_share`) ?? 0)) continue;
    triedTier = tier;
    current = seededRandom(`tier ${slot} after ${current}`).next();
    const queueId = queueNamed(org, text(row.get(`${column}_queue`)));
    if (queueId !== null) return { queueId, skillIds };
  }
  const fallback = queueNamed(org, text(row.get('fallback_queue')));
  return fallback === null ? null : { queueId: fallback, skillIds };
}

function queueNamed(org: Org, name: string): string | null {
  for (const { id, name: other } of org.queues.values()) if (other === name) return id;
  return null;
}

function text(value: CellValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
