/** What every queue holds now, whatever needs somebody first. */
import type { JSX } from 'preact';
import type { QueueView, View } from '../view/model.js';
import { count, percent, seconds } from './format.js';
import { Badge, Empty, Section, Table, type Column, type Row } from './parts.js';

const COLUMNS: readonly Column[] = [
  { name: 'Queue' },
  { name: 'On queue', isNumber: true },
  { name: 'Interacting', isNumber: true },
  { name: 'Waiting', isNumber: true },
  { name: 'Occupancy', isNumber: true },
  { name: 'In time, last hour', isNumber: true },
  { name: 'Target', isNumber: true },
  { name: 'Average wait, last hour', isNumber: true },
  { name: 'Gave up, last hour', isNumber: true },
  { name: 'What is the matter' },
];

export function Now({ view }: { readonly view: View }): JSX.Element {
  return (
    <Section id="now" title="Now">
      {view.queues.length === 0 ? (
        <Empty>No strategy sends calls to a queue.</Empty>
      ) : (
        <Table label="Queues now" columns={COLUMNS} rows={view.queues.map(rowOf)} />
      )}
    </Section>
  );
}

function rowOf(queue: QueueView, index: number): Row {
  const { severity, trouble, withinSeconds, targetPart } = queue;
  const state = severity === 2 ? 'bad' : 'warn';
  const isWorst = index === 0 && severity > 0;
  return {
    key: queue.id,
    class: `severity-${severity}`,
    cells: [
      queue.name,
      count(queue.onQueue),
      count(queue.interacting),
      count(queue.waiting),
      <>
        <Meter part={queue.occupancy} /> {percent(queue.occupancy)}
      </>,
      percent(queue.inTime),
      withinSeconds === null ? '–' : `${percent(targetPart)} within ${withinSeconds} s`,
      seconds(queue.averageWaitSeconds),
      count(queue.abandoned),
      trouble === '' ? (
        ''
      ) : (
        <Badge state={state}>
          {isWorst ? 'worst: ' : ''}
          {trouble}
        </Badge>
      ),
    ],
  };
}

function Meter({ part }: { readonly part: number | null }): JSX.Element | null {
  if (part === null) return null;
  const width = Math.min(1, part) * 48;
  return (
    <svg class="meter" viewBox="0 0 48 8" width={48} height={8} aria-hidden="true">
      <rect class="track" width={48} height={8} rx={2} />
      <rect class="filled" width={width} height={8} rx={2} />
    </svg>
  );
}
