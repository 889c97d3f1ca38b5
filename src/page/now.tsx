/** What every queue holds now, whatever needs somebody first. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Levels, QueueView, View } from '../view/model.js';
import { fillOf } from './drawing.js';
import { count, percent, plural, seconds } from './format.js';
import {
  Badge,
  Controls,
  Empty,
  isIn,
  Section,
  Table,
  useSome,
  type Column,
  type Row,
} from './parts.js';

const COLUMNS: readonly Column[] = [
  { name: 'Queue' },
  { name: 'What is the matter' },
  { name: 'On queue', isNumber: true },
  { name: 'Interacting', isNumber: true },
  { name: 'Waiting', isNumber: true },
  { name: 'Longest wait now', isNumber: true },
  { name: 'Occupancy', isNumber: true },
  { name: 'Service level, last hour', isNumber: true },
  { name: 'Target', isNumber: true },
  { name: 'Average wait, last hour', isNumber: true },
  { name: 'Abandoned, last hour', isNumber: true },
];

type Filter = 'all' | 'trouble' | 'waiting';

const FILTERS: readonly (readonly [Filter, string])[] = [
  ['all', 'All queues'],
  ['trouble', 'In trouble'],
  ['waiting', 'With calls that wait'],
];

/** So many are shown at once: those in trouble come first. */
const MOST = 100;

export function Now({ view: { queues, levels } }: { readonly view: View }): JSX.Element {
  const [search, setSearch] = useState('');
  const [filter, setFilter] = useState<Filter>('all');
  const worst = queues[0]?.id;
  const found = queues.filter((one) => isIn([one.name], search) && passes(one, filter));
  const [shown, more] = useSome(found, MOST);
  return (
    <Section id="now" title="Now">
      {queues.length === 0 ? (
        <Empty>No strategy sends calls to a queue.</Empty>
      ) : (
        <>
          <Controls
            by="by queue"
            search={search}
            onSearch={setSearch}
            filter={filter}
            filters={FILTERS}
            onFilter={setFilter}
            found={`${plural(found.length, 'queue')} of ${queues.length}`}
          />
          {shown.length === 0 ? (
            <Empty>No queue is like that.</Empty>
          ) : (
            <Table
              label="Queues now"
              columns={COLUMNS}
              rows={shown.map((one) => rowOf(one, one.id === worst, levels))}
            />
          )}
          {more}
        </>
      )}
    </Section>
  );
}

function passes({ severity, waiting }: QueueView, filter: Filter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'trouble':
      return severity > 0;
    case 'waiting':
      return (waiting ?? 0) > 0;
  }
}

function rowOf(queue: QueueView, isFirst: boolean, levels: Levels): Row {
  const { severity, trouble, withinSeconds, targetPart } = queue;
  const state = severity === 2 ? 'bad' : 'warn';
  const isWorst = isFirst && severity > 0;
  return {
    key: queue.id,
    class: `severity-${severity}`,
    cells: [
      queue.name,
      trouble === '' ? (
        ''
      ) : (
        <Badge state={state}>
          {isWorst ? 'worst: ' : ''}
          {trouble}
        </Badge>
      ),
      count(queue.onQueue),
      count(queue.interacting),
      count(queue.waiting),
      queue.waiting !== null && queue.waiting > 0 && queue.longestWaitSeconds === null
        ? 'not told'
        : seconds(queue.longestWaitSeconds),
      <>
        <Meter part={queue.occupancy} levels={levels} /> {percent(queue.occupancy)}
      </>,
      percent(queue.inTime),
      withinSeconds === null ? '–' : `${percent(targetPart)} within ${withinSeconds} s`,
      seconds(queue.averageWaitSeconds),
      count(queue.abandoned),
    ],
  };
}

function Meter(props: {
  readonly part: number | null;
  readonly levels: Levels;
}): JSX.Element | null {
  const { part, levels } = props;
  if (part === null) return null;
  const width = Math.min(1, part) * 48;
  return (
    <svg class="meter" viewBox="0 0 48 8" width={48} height={8} aria-hidden="true">
      <rect class="track" width={48} height={8} rx={2} />
      <rect class={`filled ${fillOf(part, levels)}`} width={width} height={8} rx={2} />
    </svg>
  );
}
