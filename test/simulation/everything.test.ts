/** Histories in which queues, skill groups, emergency groups and data tables are managed as well. */
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { drawHistory } from './history.js';
import { play } from './play.js';
import { tell } from './tell.js';

const FIXED = 4;
const FRESH = 3;

const around = new Set<string>();
const kinds = new Set<string>();

async function failuresFrom(first: number, count: number): Promise<string[]> {
  const failures: string[] = [];
  for (let seed = first; seed < first + count; seed += 1) {
    const history = drawHistory(seed, 'everything');
    const played = await play(history);
    for (const what of played.around) around.add(what);
    for (const step of history.steps) {
      const names = step.do === 'commit' ? Object.keys(step.specs) : [];
      for (const name of names) if (name.includes('/')) kinds.add(name.split('/')[0] ?? '');
    }
    if (played.violations.length > 0) failures.push(tell(history, played));
  }
  return failures;
}

it('every promise holds in the first histories with every kind', async () => {
  expect(await failuresFrom(1, FIXED)).toEqual([]);
});

const begin = randomInt(1_000_000, 1_000_000_000);
it(`and in those from seed ${begin}, which nobody has seen before`, async () => {
  expect(await failuresFrom(begin, FRESH)).toEqual([]);
});

it('people edit and rename in them, runs are taken back, and every kind comes up', () => {
  const deeds = ['edit by hand', 'part by hand', 'rename by hand', 'rollback'];
  expect(deeds.filter((one) => around.has(one))).toEqual(deeds);
  expect([...kinds].sort()).toEqual([
    ...['DataTable', 'EmergencyGroup', 'Language', 'Queue', 'Schedule', 'ScheduleGroup', 'Skill'],
    ...['SkillGroup', 'WrapupCode'],
  ]);
});
