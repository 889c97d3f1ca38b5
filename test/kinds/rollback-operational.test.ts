/** What people switch is left to them by a rollback too, unless its run had switched it. */
import { expect, it } from 'vitest';
import { planBack } from '../support/back.js';
import { many, manifestOf } from '../support/many.js';
import { bench } from '../support/org.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

const PATH = '/api/v2/architect/emergencygroups';
const group = (spec: object): Record<string, string> => ({
  'e.yaml': manifestOf('EmergencyGroup', 'Storm', spec),
});

/** `of`: what the run makes of it. An emergency is on, or not, at the run and at its rollback. */
async function rolledBack(of: object, then: boolean, now: boolean): Promise<unknown> {
  const place = many(bench(ORG), 'datatable');
  await place.apply(group({ description: 'one' }));
  const there = (): Record<string, unknown> =>
    ([...(place.bench.org.things.get(PATH)?.values() ?? [])] as never)[0];
  const at = `${PATH}/${String(there()['id'])}`;
  const switched = async (enabled: boolean): Promise<void> => {
    const { body } = await place.bench.reader().get(at);
    await place.send('PUT', at, { ...body, enabled });
  };
  await switched(then);
  const log = new MemoryLog();
  await place.carryOut(await place.plan(group(of)), { audit: log });
  await switched(now);
  const back = await planBack(place, log);
  const fields = back.plan.changes.flatMap((change) => change.fields.map(({ path }) => path));
  await place.carryOut(back);
  const again = await planBack(place, log);
  const { body } = await place.bench.reader().get(at);
  return {
    fields,
    enabled: body?.['enabled'],
    said: body?.['description'],
    again: again.plan.changes,
  };
}

it.each([
  [true, true],
  [false, true],
  [true, false],
])('an emergency that was %s then and is %s now stays so', async (then, now) => {
  expect(await rolledBack({ description: 'two' }, then, now)).toEqual({
    fields: ['description'],
    enabled: now,
    said: 'one',
    again: [],
  });
});

it('one that the run itself has ended runs again', async () => {
  expect(await rolledBack({ description: 'two', enabled: false }, true, false)).toEqual({
    fields: ['description', 'enabled'],
    enabled: true,
    said: 'one',
    again: [],
  });
});
