/** Weights that an optimizer owns, in a pull request: shown, and applied once. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/core/types.js';
import { Workplace } from '../support/cli.js';
import { validatorOf } from '../support/schemas.js';

let place: Workplace;

afterEach(() => place.close());

const FILE = 'strategies/support.yaml';
const ADDRESS = 'RoutingStrategy/optimized-support';
const STARTS = 'written weights are where it starts; live now: ';
const ANEW = 'the optimizer starts anew, from the weights as they are written';

/** Applied, and then moved: both weights from 1 to 0.95. */
async function moved(backend: 'datatable' | 'strategies-api'): Promise<void> {
  place = await Workplace.open(undefined, { backend });
  await place.edit(
    FILE,
    'policy: inverse-occupancy',
    'policy: inverse-occupancy\n    coolDownSeconds: 0',
  );
  await done('apply', '--yes', '--quiet');
  await done('optimize');
}

async function done(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await place.strategos(args);
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  return stdout;
}

async function planned(): Promise<Plan> {
  const plan = JSON.parse(await done('plan', '--format', 'json')) as Plan;
  const validate = validatorOf('plan');
  expect(validate(plan), JSON.stringify(validate.errors)).toBe(true);
  return plan;
}

/** `targets["A"].weight 0.95 → 1 git` */
function fieldsIn({ changes }: Plan): string[] {
  return changes.flatMap(({ fields }) =>
    fields.map(
      ({ path, before, after, cause }) =>
        `${path} ${JSON.stringify(before)} → ${JSON.stringify(after)} ${cause}`,
    ),
  );
}

describe.each(['datatable', 'strategies-api'] as const)('on %s', (backend) => {
  it('an edited weight is shown, applied once, and the optimizer goes on from it', async () => {
    await moved(backend);
    const before = await planned();
    expect([before.changes, before.records]).toEqual([[], 0]);
    expect(before.tuned).toEqual([
      {
        address: ADDRESS,
        targets: [
          { queue: 'Support Tier 1', written: 1, live: 0.95 },
          { queue: 'Support Tier 2', written: 1, live: 0.95 },
        ],
      },
    ]);
    expect(await done('plan')).toContain(
      `! optimizer: ${STARTS}${ADDRESS}: Support Tier 1 0.95 (written 1), ` +
        'Support Tier 2 0.95 (written 1)\n',
    );
    await place.edit(FILE, 'priority: 1, weight: 1.0', 'priority: 1, weight: 0.7');
    const after = await planned();
    expect(fieldsIn(after)).toEqual([
      'targets["Support Tier 1"].weight 0.95 → 0.7 git',
      'targets["Support Tier 2"].weight 0.95 → 1 git',
    ]);
    expect([after.changes[0]?.remarks, after.tuned]).toEqual([[ANEW], undefined]);
    // Git has moved, and nobody in the org.
    const drift = await place.strategos(['drift']);
    expect(drift.code).toBe(0);
    await done('apply', '--yes', '--quiet');
    expect((await planned()).changes).toEqual([]);
    await done('optimize');
    const then = await planned();
    expect([then.changes, then.records]).toEqual([[], 0]);
    expect(then.tuned?.[0]?.targets.map(({ live }) => live)).not.toEqual([0.7, 1]);
  });

  it('restart: true sets the weights once, and can be removed and said again', async () => {
    await moved(backend);
    const restart = '  optimizer:\n    restart: true';
    await place.edit(FILE, '  optimizer:', restart);
    expect(fieldsIn(await planned())).toHaveLength(2);
    await done('apply', '--yes', '--quiet');
    await done('optimize');
    expect((await planned()).changes).toEqual([]);
    await place.edit(FILE, restart, '  optimizer:');
    expect([(await planned()).changes, (await planned()).records]).toEqual([[], 1]);
    await done('apply', '--yes', '--quiet');
    await place.edit(FILE, '  optimizer:', restart);
    expect(fieldsIn(await planned())).toHaveLength(2);
  });
});

it('a restart with a changed start, asked for by two at once, counts once; rolled back, not again', async () => {
  await moved('datatable');
  await done('plan', '--out', 'before.json');
  const restart = '  optimizer:\n    restart: true';
  await place.edit(FILE, '  optimizer:', restart);
  await place.edit(FILE, 'priority: 1, weight: 1.0', 'priority: 1, weight: 0.7');
  const stale = await place.strategos(['apply', 'before.json', '--yes', '--quiet']);
  expect([stale.code, stale.stderr]).toEqual([4, expect.stringContaining('is stale')]);
  const both = await Promise.all([0, 1].map(async () => place.strategos(['apply', '--yes'])));
  expect(both.filter(({ stdout }) => stdout.includes('1 changed'))).toHaveLength(1);
  const run = (await place.runs()).filter((one) => one.includes('-apply-'));
  await done('optimize');
  const owned = await planned();
  expect([owned.changes, owned.records]).toEqual([[], 0]);
  expect(owned.tuned?.[0]?.targets.map(({ live }) => live)).not.toEqual([0.7, 1]);
  for (const one of run.slice(-2)) await place.strategos(['rollback', one, '--yes', '--quiet']);
  const back = await planned();
  expect([back.changes, back.records]).toEqual([[], 0]);
  expect(back.tuned?.[0]?.targets.map((one) => one.live)).toEqual([0.95, 0.95]);
});
