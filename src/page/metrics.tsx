/** What became of the calls, by interval. */
import type { JSX } from 'preact';
import { useContext, useState } from 'preact/hooks';
import type { MetricsPart, View } from '../view/model.js';
import { Chart, type Line } from './chart.js';
import { count, percent, seconds } from './format.js';
import { Empty, Printing, Section, Table, Time, type Column } from './parts.js';

const MOST_PRINTED = 20;

type Queue = View['metrics']['queues'][number];

export function Metrics({ view: { metrics } }: { readonly view: View }): JSX.Element {
  const withCalls = metrics.queues.filter(({ total }) => total.offered > 0);
  const [chosen, choose] = useState('');
  const queue = withCalls.find(({ id }) => id === chosen) ?? busiestOf(withCalls);
  return (
    <Section id="metrics" title="Metrics">
      <p class="faint">
        Voice calls from <Time at={metrics.from} /> to <Time at={metrics.to} />, by{' '}
        {metrics.partMinutes} minutes; the last part is still running.
      </p>
      {queue === undefined ? (
        <Empty>
          {metrics.isKnown ? 'No queue had a call in this time.' : 'The figures could not be read.'}
        </Empty>
      ) : (
        <>
          <Totals queues={withCalls} />
          <form class="controls" onSubmit={(event) => event.preventDefault()}>
            <label>
              Queue
              <select value={queue.id} onChange={(event) => choose(event.currentTarget.value)}>
                {withCalls.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
          </form>
          <Printed queues={withCalls} chosen={queue} />
        </>
      )}
    </Section>
  );
}

/** Of each on paper, where nobody can choose; of very many the busiest. */
function Printed(props: {
  readonly queues: readonly Queue[];
  readonly chosen: Queue;
}): JSX.Element {
  const { queues, chosen } = props;
  if (!useContext(Printing)) return <OverTime queue={chosen} />;
  const busiest = [...queues].sort((a, b) => b.total.offered - a.total.offered);
  const shown = new Set(busiest.slice(0, MOST_PRINTED));
  return (
    <>
      {queues.length > MOST_PRINTED ? (
        <p>
          Charts of the {MOST_PRINTED} queues with the most calls, of {queues.length}.
        </p>
      ) : null}
      {queues
        .filter((one) => shown.has(one))
        .map((one) => (
          <OverTime key={one.id} queue={one} />
        ))}
    </>
  );
}

function busiestOf(queues: readonly Queue[]): Queue | undefined {
  return queues.reduce<Queue | undefined>(
    (most, one) => (most === undefined || one.total.offered > most.total.offered ? one : most),
    undefined,
  );
}

const COLUMNS: readonly Column[] = [
  { name: 'Queue' },
  { name: 'Offered', isNumber: true },
  { name: 'Answered', isNumber: true },
  { name: 'Abandoned', isNumber: true },
  { name: 'Average wait', isNumber: true },
  { name: 'Service level', isNumber: true },
];

function Totals({ queues }: { readonly queues: readonly Queue[] }): JSX.Element {
  const rows = queues.map(({ id, name, total }) => ({
    key: id,
    cells: [
      name,
      count(total.offered),
      count(total.answered),
      count(total.abandoned),
      seconds(total.waitSeconds),
      percent(total.inTime),
    ],
  }));
  return <Table label="Calls by queue" columns={COLUMNS} rows={rows} />;
}

function OverTime({ queue: { name, parts } }: { readonly queue: Queue }): JSX.Element {
  const times = parts.map(({ at }) => at);
  const line = (text: string, pick: (part: MetricsPart) => number | null): Line => ({
    name: text,
    values: parts.map(pick),
  });
  return (
    <div class="pair">
      <Chart
        label={`${name}: calls`}
        times={times}
        lines={[
          line('offered', (one) => one.offered),
          line('answered', (one) => one.answered),
          line('abandoned', (one) => one.abandoned),
        ]}
        unit={count}
      />
      <Chart
        label={`${name}: average wait`}
        times={times}
        lines={[line('average wait', (one) => one.waitSeconds)]}
        unit={seconds}
      />
      <Chart
        label={`${name}: service level`}
        times={times}
        lines={[line('service level', (one) => one.inTime)]}
        unit={percent}
        most={1}
      />
    </div>
  );
}
