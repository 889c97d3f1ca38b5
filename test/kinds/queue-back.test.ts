/** A rollback takes out of a queue what its run has given it and it had none of. */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/json.js';
import { planBack } from '../support/back.js';
import { faulty } from '../support/faults.js';
import { many, manifestOf, type Many } from '../support/many.js';
import { bench } from '../support/org.js';
import { MemoryLog, ORG } from '../support/reconcile.js';

const files = (spec: object): Record<string, string> => ({
  'q.yaml': manifestOf('Queue', 'Bills', spec),
});

async function run(before: object, after: object): Promise<{ place: Many; log: MemoryLog }> {
  const place = many(bench(ORG), 'datatable');
  await place.apply(files(before));
  const log = new MemoryLog();
  const { outcomes } = await place.carryOut(await place.plan(files(after)), { audit: log });
  expect(outcomes.map(({ state }) => state)).toEqual(['updated']);
  return { place, log };
}

function settings({ bench: { org } }: Many): JsonObject {
  const queue = [...org.queues.values()].find(({ name }) => name === 'Bills');
  return queue?.settings ?? {};
}

const WRAP_UP = { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutSeconds: 26 };

describe('a rollback of a queue', () => {
  it.each<[string, object, object, string[]]>([
    ['a setting', {}, { autoAnswerOnly: true }, ['autoAnswerOnly']],
    [
      'a part of a setting',
      { acwSettings: { wrapupPrompt: 'OPTIONAL' } },
      { acwSettings: WRAP_UP },
      ['acwSettings.wrapupPrompt', 'acwSettings.timeoutSeconds'],
    ],
    [
      'a medium',
      {},
      { mediaSettings: { callback: { alertingTimeoutSeconds: 18 } } },
      ['mediaSettings.callback'],
    ],
    [
      'an entry by its key',
      { mediaSettings: { message: { alertingTimeoutSeconds: 9 } } },
      { mediaSettings: { message: { subTypeSettings: { whatsapp: { enableAutoAnswer: true } } } } },
      ['mediaSettings.message.subTypeSettings["whatsapp"]'],
    ],
  ])('takes out %s', async (_what, before, after, fields) => {
    const { place, log } = await run(before, after);
    const back = await planBack(place, log);
    expect(back.plan.changes.flatMap((one) => one.fields.map(({ path }) => path))).toEqual(fields);
    const lost = { method: 'PUT', path: /\/queues\/[^/]+$/, does: { lost: 'before' } } as const;
    const { exchange } = faulty(place.bench.exchange, [lost]);
    const { outcomes } = await place.carryOut(back, { exchange });
    expect(outcomes.map(({ state, message }) => [state, message])).toEqual([['updated', '']]);
    expect(JSON.stringify(settings(place))).not.toMatch(
      /autoAnswerOnly|timeoutMs|callback|whatsapp/,
    );
    const again = await planBack(place, log);
    expect([again.plan.changes, again.chores]).toEqual([[], []]);
    expect((await place.plan(files(before))).plan.changes).toEqual([]);
  });

  it('leaves what somebody else has set since', async () => {
    const { place, log } = await run({}, { autoAnswerOnly: true });
    const [id = ''] = [...place.bench.org.queues.values()]
      .filter(({ name }) => name === 'Bills')
      .map((queue) => queue.id);
    const path = `/api/v2/routing/queues/${id}`;
    const { body } = await place.bench.reader().get(path);
    await place.send('PUT', path, { ...body, enableTranscription: true });
    await place.carryOut(await planBack(place, log));
    expect(settings(place)).toMatchObject({ enableTranscription: true });
    expect(settings(place)).not.toHaveProperty('autoAnswerOnly');
    const again = await planBack(place, log);
    expect([again.plan.changes, again.chores]).toEqual([[], []]);
  });
});
