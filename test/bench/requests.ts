/** What commands ask of the platform, counted by the simulator, against the fewest there can be. */
import { Scene, TARGETS, type Ran } from '../support/scene.js';
import { checks, LOCK, observation, round, TABLES_MADE, writes } from './bounds.js';
import type { Figure } from './figures.js';

const PART = 'Requests, 200 queues, 2,000 agents, 3 targets a strategy, datatable';
/** The fourth is what 5,000 rows hold beside the row of the lock. */
const SIZES = [10, 100, 1000, 4998];
const ORG = { queues: 200, users: 2000, skills: 20, membersPerQueue: 30 };
/** An import job of the simulator has ended when it is first looked at. */
const LOOKS = 1;
/** Of the 200, for the round of an optimizer that has something to move. */
const BUSY_QUEUES = 20;
/** Changes of a later apply. */
const CHANGES = [1, 3, 10, 100];

export async function requestFigures(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const strategies of SIZES) figures.push(...(await figuresFor(strategies)));
  return figures;
}

async function figuresFor(strategies: number): Promise<Figure[]> {
  const scene = await Scene.open({ ...ORG, strategies });
  const count = strategies.toLocaleString('en');
  const run = async (name: string, bound: number, ...args: string[]): Promise<Figure> => {
    const ran = await scene.strategos(...args);
    return listed(`${name}, ${count} strategies`, ran, bound);
  };
  const distinct = Math.min(strategies * TARGETS, ORG.queues);
  const checked = {
    skillQueues: distinct,
    membersEach: ORG.membersPerQueue,
    loadQueues: distinct,
  };
  const empty = { ...ORG, strategies: 0, tables: false };
  const full = { ...ORG, strategies, tables: true };
  try {
    const figures = [
      await run('plan, all new', observation(empty) + checks(checked, empty), 'plan'),
      written(
        await run(
          'apply, all new',
          observation({ ...empty, tables: true }, true) +
            checks(checked, empty) +
            TABLES_MADE +
            LOCK +
            writes(strategies, 0, 0, LOOKS),
          ...['apply', '--yes'],
        ),
        strategies,
        observation(empty) + checks(checked, empty),
      ),
      await run('plan, unchanged', observation(full), 'plan'),
      await run('drift, none', observation(full), 'drift'),
      await run('export', observation(full), 'export', '--out', `${scene.dir}/out`),
      await run('optimize, a round', round(full, distinct), 'optimize', '--rounds', '1'),
    ];
    for (const changes of CHANGES.filter((one) => one <= strategies)) {
      await scene.change(changes, 10 + changes);
      const touched = Math.min(changes * TARGETS, ORG.queues);
      const plan =
        observation(full, true) +
        checks({ ...checked, skillQueues: touched, loadQueues: touched }, full);
      const bound = plan + LOCK + writes(0, changes, strategies, LOOKS);
      const figure = await run(`apply, ${changes} changed`, bound, 'apply', '--yes');
      figures.push(written(figure, changes, plan));
    }
    scene.busy(BUSY_QUEUES);
    const ran = await scene.strategos('optimize', '--rounds', '1', '--format', 'json');
    const moved = movedIn(ran.out);
    const bound = round(full, distinct) + writes(0, moved, strategies, LOOKS);
    const figure = listed(`optimize, a round that writes, ${count} strategies`, ran, bound);
    return [...figures, { ...figure, note: `${moved} strategies moved` }];
  } finally {
    await scene.close();
  }
}

/** Strategies of which a round has moved a weight, by what it printed. */
function movedIn(out: string): number {
  const { strategies } = JSON.parse(out) as {
    strategies: { targets: { from: number; to: number }[] }[];
  };
  return strategies.filter(({ targets }) => targets.some(({ from, to }) => from !== to)).length;
}

/** At most a twentieth over the bound, and two. */
function listed(name: string, { code, sent, err }: Ran, bound: number): Figure {
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${err}`);
  const value = sent.length;
  return {
    part: PART,
    name,
    value,
    unit: 'requests',
    against: { name: 'bound', value: bound },
    goal: '≤ 1.05 × + 2',
    met: value <= 1.05 * bound + 2,
  };
}

/** Beside the bound, the plan and one request a change, with two writes and two reads. */
function written(figure: Figure, changes: number, plan: number): Figure {
  const simple = plan + changes + 4;
  const over = figure.value - simple;
  const held = over > 0 ? `${over} over` : `${-over} under`;
  return { ...figure, note: `${held} plan + changes + 4 = ${simple}` };
}
