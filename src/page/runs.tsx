/** What our runs did, whether their records are as written, and what the platform says of it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { EventView, RunView, View } from '../view/model.js';
import { lasting, plural } from './format.js';
import { Badge, columnsOf, Empty, Section, Table, TextTable, Time } from './parts.js';

const MOST = 30;

export function Runs({ view }: { readonly view: View }): JSX.Element {
  const [most, setMost] = useState(MOST);
  const { runs, events } = view;
  const left = runs.length - most;
  return (
    <Section id="runs" title="Runs">
      {runs.length === 0 ? <Empty>No run of this environment is on record here.</Empty> : null}
      <ol class="timeline">
        {runs.slice(0, most).map((run) => (
          <Run key={run.id} run={run} />
        ))}
      </ol>
      {left > 0 ? (
        <button type="button" onClick={() => setMost(most + MOST)}>
          Show {Math.min(MOST, left)} more of {left}
        </button>
      ) : null}
      <h3>By the platform’s own audit</h3>
      {events.length === 0 ? (
        <Empty>
          {view.hasAllEvents
            ? 'It has nothing of our objects in this time.'
            : 'It could not be read.'}
        </Empty>
      ) : (
        <Events events={events} />
      )}
    </Section>
  );
}

function Run({ run }: { readonly run: RunView }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { id, at, until, state, problems, command, actor, count, records } = run;
  const isWell = problems.length === 0;
  const took = until === null ? '' : `, took ${lasting(Date.parse(until) - Date.parse(at))}`;
  return (
    <li>
      <p>
        <Time at={at} /> <strong>{command}</strong> by {actor}
        {took}: <Badge state={stateOf(run)}>{state}</Badge>{' '}
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
          <TextTable
            label={`Records of ${id}`}
            head={['No.', 'When (UTC)', 'What', 'Object', 'Request', 'Outcome']}
            rows={records.map((one) => [
              String(one.seq),
              one.at,
              one.what,
              one.address,
              one.request,
              one.outcome,
            ])}
          />
        ) : null}
      </details>
    </li>
  );
}

/** A run that has not ended may be at work. */
function stateOf({ until, state }: RunView): 'good' | 'warn' | 'bad' {
  if (until === null || state === 'interrupted') return 'warn';
  return /fail|refus/.test(state) ? 'bad' : 'good';
}

function Events({ events }: { readonly events: readonly EventView[] }): JSX.Element {
  const newest = [...events].reverse().slice(0, 200);
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
  return <Table label="Events of the platform’s audit" columns={columns} rows={rows} />;
}
