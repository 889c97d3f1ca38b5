/** What our runs did, whether their records are as written, and what the platform says of it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { EventView, RunView, View } from '../view/model.js';
import { lasting, plural } from './format.js';
import { Badge, columnsOf, Controls, Empty, isIn, Section, Table, Time, useSome } from './parts.js';

const MOST = 30;
const MOST_EVENTS = 100;

type Filter = 'all' | 'wrote' | 'trouble';

const FILTERS: readonly (readonly [Filter, string])[] = [
  ['all', 'All runs'],
  ['wrote', 'Those that wrote objects'],
  ['trouble', 'Those in which something went wrong'],
];

export function Runs({
  view: { runs, events, hasAllEvents },
}: {
  readonly view: View;
}): JSX.Element {
  const [search, setSearch] = useState('');
  const [filter, setFilter] = useState<Filter>('all');
  const found = runs.filter(
    (one) => isIn([one.id, one.command, one.actor], search) && passes(one, filter),
  );
  const [shown, more] = useSome(found, MOST);
  return (
    <Section id="runs" title="Runs">
      {runs.length === 0 ? (
        <Empty>No run of this environment is on record here.</Empty>
      ) : (
        <Controls
          by="by command, person or id"
          search={search}
          onSearch={setSearch}
          filter={filter}
          filters={FILTERS}
          onFilter={setFilter}
          found={`${plural(found.length, 'run')} of ${runs.length}`}
        />
      )}
      <ol class="timeline">
        {shown.map((run) => (
          <Run key={run.id} run={run} />
        ))}
      </ol>
      {more}
      <h3>By the platform’s own audit</h3>
      {events.length === 0 ? (
        <Empty>
          {hasAllEvents ? 'It has nothing of our objects in this time.' : 'It could not be read.'}
        </Empty>
      ) : (
        <Events events={events} />
      )}
    </Section>
  );
}

function passes(run: RunView, filter: Filter): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'wrote':
      return run.objects > 0;
    case 'trouble':
      return run.problems.length > 0 || run.mark === 'warn' || run.mark === 'bad';
  }
}

function Run({ run }: { readonly run: RunView }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { id, at, until, state, mark, problems, command, actor, count, objects, records } = run;
  const isWell = problems.length === 0;
  const took = until === null ? '' : `, took ${lasting(Date.parse(until) - Date.parse(at))}`;
  return (
    <li class={objects > 0 ? 'wrote' : undefined}>
      <p>
        <Time at={at} /> <strong>{command}</strong> by {actor}
        {took}: <Badge state={mark}>{state}</Badge> <Wrote run={run} />{' '}
        <Badge state={isWell ? 'good' : 'bad'}>{isWell ? 'chain whole' : 'chain broken'}</Badge>
      </p>
      {problems.map((text) => (
        <p key={text} class="bad">
          {text}
        </p>
      ))}
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          {plural(count, 'record')} <span class="id">{id}</span>
        </summary>
        {isOpen ? (
          <Table
            label={`Records of ${id}`}
            columns={RECORD_COLUMNS}
            rows={records.map((one) => ({
              key: String(one.seq),
              cells: [
                one.seq,
                <Time key="at" at={one.at} />,
                one.what,
                one.address,
                one.request,
                one.outcome,
              ],
            }))}
          />
        ) : null}
      </details>
    </li>
  );
}

function Wrote({ run: { writes, objects } }: { readonly run: RunView }): JSX.Element {
  if (objects > 0) return <strong>wrote {plural(objects, 'object')}</strong>;
  return (
    <Badge state="quiet">{writes === 0 ? 'only read' : 'wrote its own lock and log alone'}</Badge>
  );
}

const RECORD_COLUMNS = columnsOf(['No.', 'When', 'What', 'Object', 'Request', 'Outcome']);

function Events({ events }: { readonly events: readonly EventView[] }): JSX.Element {
  const [newest, more] = useSome([...events].reverse(), MOST_EVENTS);
  const rows = newest.map((event, index) => ({
    key: `${event.at} ${index}`,
    cells: [
      `${event.action} ${event.what}`,
      <Time key="at" at={event.at} />,
      event.from === '' ? event.who : `${event.who} from ${event.from}`,
      event.changes
        .slice(0, 5)
        .map(({ property, before, after }) => (
          <p key={property}>{`${property}: ${before} → ${after}`}</p>
        )),
      <span key="run" class="id">
        {event.run ?? ''}
      </span>,
    ],
  }));
  const columns = columnsOf(['What', 'When', 'Who', 'Changes', 'Run']);
  return (
    <>
      <Table label="Events of the platform’s audit" columns={columns} rows={rows} />
      {more}
    </>
  );
}
