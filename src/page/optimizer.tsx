/** What the optimizer did with weights, and what it saw. */
import type { JSX } from 'preact';
import type { TunedRound, TunedView, View } from '../view/model.js';
import { Chart, type Line } from './chart.js';
import { percent, plain } from './format.js';
import { courseOf } from './lines.js';
import { Empty, Section, Table, Time, useSome, type Column } from './parts.js';

const MOST = 100;

export function Optimizer({ view }: { readonly view: View }): JSX.Element {
  return (
    <Section id="optimizer" title="Optimizer">
      {view.tuned.length === 0 ? (
        <Empty>
          No run here has a round of the optimizer on record: strategos optimize makes one.
        </Empty>
      ) : null}
      {view.tuned.map((one) => (
        <Tuned key={one.address} tuned={one} />
      ))}
    </Section>
  );
}

function Tuned({ tuned }: { readonly tuned: TunedView }): JSX.Element {
  const { name, queues, rounds, bounds } = tuned;
  const times = rounds.map(({ at }) => at);
  const lines = (pick: (round: TunedRound) => readonly (number | null)[]): Line[] =>
    queues.map((queue, index) => ({
      name: queue,
      values: rounds.map((round) => pick(round)[index] ?? null),
    }));
  const course = courseOf(rounds);
  const moves = movesIn(tuned);
  const band = bounds === null ? '' : `; band: the bounds ${bounds.min} to ${bounds.max}`;
  return (
    <article class="card wide" aria-label={name}>
      <header>
        <h3>{name}</h3>
      </header>
      <div class="pair">
        <Chart
          label={`Weights${band}`}
          times={course.map(({ at }) => at)}
          lines={queues.map((queue, index) => ({
            name: queue,
            values: course.map(({ weights }) => weights[index] ?? null),
          }))}
          unit={plain}
          band={bounds}
          stepped
        />
        <Chart
          label="Occupancy that it saw"
          times={times}
          lines={lines(({ occupancy }) => occupancy)}
          unit={percent}
          most={1}
        />
      </div>
      <h4>Moves</h4>
      {moves.length === 0 ? <Empty>No weight has moved.</Empty> : <Moves moves={moves} />}
    </article>
  );
}

interface Move {
  readonly at: string;
  readonly run: string;
  readonly queue: string;
  readonly from: number | null;
  readonly to: number | null;
  readonly reason: string;
}

/** Newest first. */
function movesIn({ queues, rounds }: TunedView): Move[] {
  const moves = rounds.flatMap((round) =>
    queues.flatMap((queue, at): Move[] => {
      const [from, to] = [round.before[at] ?? null, round.weights[at] ?? null];
      if (from === to) return [];
      const occupancy = round.occupancy[at] ?? null;
      const aim = round.aims[at] ?? null;
      const reason = [
        `${percent(occupancy)} occupied`,
        aim === null ? '' : `aims at ${plain(aim)}`,
        round.reason,
      ];
      const why = reason.filter((text) => text !== '').join('; ');
      return [{ at: round.at, run: round.run, queue, from, to, reason: why }];
    }),
  );
  return moves.reverse();
}

const COLUMNS: readonly Column[] = [
  { name: 'Queue' },
  { name: 'When' },
  { name: 'From', isNumber: true },
  { name: 'To', isNumber: true },
  { name: 'Why' },
  { name: 'Run' },
];

function Moves({ moves }: { readonly moves: readonly Move[] }): JSX.Element {
  const [shown, more] = useSome(moves, MOST);
  const rows = shown.map(({ at, run, queue, from, to, reason }) => ({
    key: `${at} ${queue}`,
    cells: [
      queue,
      <Time key="at" at={at} />,
      plain(from),
      plain(to),
      reason,
      <span key="run" class="id">
        {run}
      </span>,
    ],
  }));
  return (
    <>
      <Table label="Moves of weights" columns={COLUMNS} rows={rows} />
      {more}
    </>
  );
}
