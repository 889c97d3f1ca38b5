/** Which strategy sends calls where, and what a pending plan would change of it. */
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { StrategyView, View } from '../view/model.js';
import { Drawing, type Seen } from './drawing.js';
import { percent, plural } from './format.js';
import { Badge, Controls, Empty, isIn, Section, useSome } from './parts.js';

type Filter = 'all' | 'planned' | 'trouble' | 'others';

const FILTERS: readonly (readonly [Filter, string])[] = [
  ['all', 'All strategies'],
  ['planned', 'With a pending change'],
  ['trouble', 'With a queue in trouble'],
  ['others', 'Not ours'],
];

/** So many are drawn at once: nobody reads more, and a page of hundreds takes seconds. */
const MOST = 60;

export function Routing({ view }: { readonly view: View }): JSX.Element {
  const [search, setSearch] = useState('');
  const [filter, setFilter] = useState<Filter>('all');
  const { queues, levels } = view;
  const seen = useMemo(
    () => ({ byId: new Map(queues.map((one) => [one.id, one])), levels }),
    [queues, levels],
  );
  const found = view.strategies.filter((one) => isFound(one, search) && passes(one, filter, seen));
  const [shown, more] = useSome(found, MOST);
  return (
    <Section id="routing" title="Routing">
      <Controls
        by="by strategy or queue"
        search={search}
        onSearch={setSearch}
        filter={filter}
        filters={FILTERS}
        onFilter={setFilter}
        found={`${plural(found.length, 'strategy', 'strategies')} of ${view.strategies.length}`}
      />
      <Legend levels={levels} />
      {shown.length === 0 ? <Empty>No strategy is like that.</Empty> : null}
      <div class="cards">
        {shown.map((one) => (
          <Card key={one.address} strategy={one} seen={seen} />
        ))}
      </div>
      {more}
    </Section>
  );
}

function Legend({ levels: { busy, full } }: Pick<View, 'levels'>): JSX.Element {
  return (
    <ul class="legend" aria-label="Legend">
      <li>
        <span class="key free" /> below {percent(busy)} occupied
      </li>
      <li>
        <span class="key busy" /> from {percent(busy)}
      </li>
      <li>
        <span class="key full" /> from {percent(full)}
      </li>
      <li>
        <span class="key unknown" /> not known
      </li>
      <li>
        the wider, the greater its share; paler: only what the tier before cannot take; dashed:
        fallback
      </li>
    </ul>
  );
}

function Card(props: { readonly strategy: StrategyView; readonly seen: Seen }): JSX.Element {
  const { strategy, seen } = props;
  const { name, ways, planned, action, whose, status } = strategy;
  return (
    <article class="card" aria-label={name}>
      <header>
        <h3>{name}</h3>
        <Badge state={status === 'active' ? 'good' : 'quiet'}>{status}</Badge>
        {whose === null ? null : <Badge state="quiet">{whose}</Badge>}
        {action === null ? null : <Badge state="warn">plan: {action}</Badge>}
      </header>
      {ways.length === 0 ? null : <Drawing name={name} ways={ways} seen={seen} />}
      {planned === null ? null : <After strategy={strategy} seen={seen} />}
    </article>
  );
}

function After({
  strategy: { name, planned, action },
  seen,
}: {
  readonly strategy: StrategyView;
  readonly seen: Seen;
}): JSX.Element {
  if (action === 'delete') return <p>The plan deletes it.</p>;
  return (
    <details open>
      <summary>After the plan, as full as its queues are now</summary>
      <Drawing name={`${name} after the plan`} ways={planned ?? []} seen={seen} />
    </details>
  );
}

function isFound({ name, ways, planned }: StrategyView, search: string): boolean {
  return isIn([name, ...[...ways, ...(planned ?? [])].map(({ queue }) => queue)], search);
}

function passes(strategy: StrategyView, filter: Filter, { byId }: Seen): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'planned':
      return strategy.action !== null;
    case 'others':
      return strategy.whose !== null;
    case 'trouble':
      return strategy.ways.some(
        ({ queueId }) => queueId !== null && (byId.get(queueId)?.severity ?? 0) > 0,
      );
  }
}
