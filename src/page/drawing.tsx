/** A strategy as a drawing: from entry to queues to fallback, by share and occupancy. */
import type { JSX } from 'preact';
import type { Levels, QueueView, Way } from '../view/model.js';
import { percent, plain } from './format.js';

const SIZE = { entry: 26, width: 128, row: 64, widest: 22 } as const;

/** What the queues of drawings hold, and what is much. */
export interface Seen {
  readonly byId: ReadonlyMap<string, QueueView>;
  readonly levels: Levels;
}

export function fillOf(
  occupancy: number | null,
  { busy, full }: Levels,
): 'free' | 'busy' | 'full' | 'unknown' {
  if (occupancy === null) return 'unknown';
  if (occupancy >= full) return 'full';
  return occupancy >= busy ? 'busy' : 'free';
}

export function Drawing(props: {
  readonly name: string;
  readonly ways: readonly Way[];
  readonly seen: Seen;
}): JSX.Element {
  const { name, ways, seen } = props;
  const height = Math.max(1, ways.length) * SIZE.row;
  const middle = height / 2;
  const targets = ways.filter(({ role }) => role === 'target');
  const first = Math.min(...targets.map(({ tier }) => tier));
  return (
    <div class="drawing">
      <svg
        width={SIZE.width}
        height={height}
        viewBox={`0 0 ${SIZE.width} ${height}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {ways.map((way, index) => (
          <Path
            key={`${way.queue} ${way.role} ${index}`}
            way={way}
            isLater={way.role === 'target' && way.tier > first}
            fill={fillOf(occupancyOf(way, seen), seen.levels)}
            from={middle}
            to={SIZE.row * (index + 0.5)}
          />
        ))}
        <rect class="entry" y={middle - 16} width={SIZE.entry} height={32} rx={4} />
        <text class="entry-text" x={SIZE.entry / 2} y={middle + 4} text-anchor="middle">
          ▶
        </text>
      </svg>
      <ol aria-label={`Where ${name} sends calls`}>
        {ways.map((way, index) => (
          <li key={`${way.queue} ${way.role} ${index}`}>
            <Said way={way} occupancy={occupancyOf(way, seen)} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function Path(props: {
  readonly way: Way;
  readonly fill: string;
  /** What the tiers before it could not take. */
  readonly isLater: boolean;
  readonly from: number;
  readonly to: number;
}): JSX.Element {
  const { way, fill, isLater, from, to } = props;
  const [start, end] = [SIZE.entry, SIZE.width];
  const middle = (start + end) / 2;
  const isFallback = way.role === 'fallback';
  const thickness = isFallback ? 3 : Math.max(1.5, way.share * SIZE.widest);
  const line = `M${start} ${from} C${middle} ${from} ${middle} ${to} ${end} ${to}`;
  const kind = `way ${fill}${isFallback ? ' fallback' : ''}${isLater ? ' later' : ''}`;
  return <path class={kind} d={line} stroke-width={thickness} />;
}

/** What is said last is cut off last: how full it is stands before what is written in git. */
function Said(props: { readonly way: Way; readonly occupancy: number | null }): JSX.Element {
  const { way, occupancy } = props;
  const facts = factsOf(way);
  const known = occupancy === null ? '' : `${percent(occupancy)} occupied`;
  return (
    <>
      <strong title={way.queue}>{way.queue}</strong>
      {known === '' ? null : <b>{known}</b>}
      <span class="faint" title={facts}>
        {facts}
      </span>
    </>
  );
}

function factsOf({ role, share, weight, tier, capacity }: Way): string {
  if (role === 'fallback') return 'fallback: what no target can take';
  const room = capacity === null ? '' : ` · ≤ ${plain(capacity)} calls`;
  return `${percent(share)} of tier ${tier} · weight ${plain(weight)}${room}`;
}

function occupancyOf({ queueId }: Way, { byId }: Seen): number | null {
  return queueId === null ? null : (byId.get(queueId)?.occupancy ?? null);
}
